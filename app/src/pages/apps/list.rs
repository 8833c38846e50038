//! `/apps`: every application that the person may see.

use leptos::prelude::*;
use leptos_router::components::A;

use super::form::Kind;
use crate::ui::{
    ApiResource, Button, ButtonVariant, Card, Day, Empty, LinkButton, PageHead, Tile, When,
    reactive,
};
use crate::{api, browser, page_data};
use contract::routes;
use contract::wire::application::Application;
use contract::wire::session::Role;

/// What is listed here.
const ABOUT: &str = "Apps that can sign people in or call your APIs.";

/// Whether this person may register applications.
pub(super) fn may_register() -> bool {
    page_data()
        .user
        .is_some_and(|user| user.role >= Role::Developer)
}

/// What stands here for all others.
pub(super) fn only_developers() -> impl IntoView {
    view! {
        <PageHead title="Applications" about=ABOUT/>
        <Card><Empty title="You can't register apps yet" text="Ask an administrator for the developer role."/></Card>
    }
}

#[component]
pub fn AppsPage() -> impl IntoView {
    if !may_register() {
        return only_developers().into_any();
    }
    let admin = page_data()
        .user
        .is_some_and(|user| user.role == Role::Admin);
    let apps = ApiResource::new(|| api::get::<Vec<Application>>(routes::API_APPLICATIONS));
    view! {
        <PageHead
            title="Applications"
            about=ABOUT
            actions=|| view! { <NewApplication/> }
        />
        {apps.view(move |apps| {
            if apps.is_empty() { nothing_yet() } else { listed(apps, admin) }
        })}
    }
    .into_any()
}

#[component]
fn NewApplication() -> impl IntoView {
    view! { <LinkButton href=routes::APPS_NEW look=ButtonVariant::Primary>"New application"</LinkButton> }
}

fn nothing_yet() -> AnyView {
    view! {
        <Card>
            <Empty
                title="No applications yet"
                text="Register the app that should sign people in or call your APIs. You say where people are sent after signing in; you get a client ID and, if it runs on a server, a secret."
                actions=|| view! {
                    <LinkButton href=routes::APPS_NEW>"Create your first application"</LinkButton>
                }
            />
        </Card>
    }
    .into_any()
}

fn listed(apps: Vec<Application>, admin: bool) -> AnyView {
    // In the address, so that Back and a bookmark find the same list.
    let search = RwSignal::new(browser::query("q").unwrap_or_default());
    let look_for = move |words: String| {
        browser::replace_query("q", words.trim());
        search.set(words);
    };
    let found = Memo::new(move |_| {
        let words = search.with(|words| words.trim().to_lowercase());
        apps.iter()
            .filter(|app| matches(app, &words))
            .cloned()
            .collect::<Vec<_>>()
    });
    let count = move || match found.with(Vec::len) {
        0 => "No applications match.".to_owned(),
        1 => "1 application".to_owned(),
        many => format!("{many} applications"),
    };
    let none = Memo::new(move |_| found.with(Vec::is_empty));
    let clear = move |()| {
        look_for(String::new());
        browser::focus_soon("#search");
    };
    view! {
        <div class="search" role="search">
            <label class="visually-hidden" for="search">"Search applications"</label>
            <input
                id="search"
                type="search"
                placeholder="Search by name, client ID or URI"
                autocomplete="off"
                prop:value=move || search.get()
                on:input=move |event| look_for(event_target_value(&event))
            />
            <p class="small faint" role="status">{count}</p>
        </div>
        <Card flush=true>
            {reactive(move || if none.get() { nothing_fits(&search.get(), clear) } else { table(found, admin) })}
        </Card>
    }
    .into_any()
}

fn nothing_fits(words: &str, clear: impl Fn(()) + Copy + Send + Sync + 'static) -> AnyView {
    let title = format!("Nothing fits ‘{}’.", words.trim());
    view! {
        <Empty title actions=move || view! { <Button on_press=clear>"Clear"</Button> }/>
    }
    .into_any()
}

fn table(found: Memo<Vec<Application>>, admin: bool) -> AnyView {
    view! {
        <table class="cards apps">
            <thead>
                <tr>
                    <th scope="col">"Application"</th>
                    <th scope="col">"Kind"</th>
                    {admin.then(|| view! { <th scope="col">"Owner"</th> })}
                    <th scope="col">"Last used"</th>
                    <th scope="col">"Created"</th>
                </tr>
            </thead>
            <tbody>
                <For each=move || found.get() key=|app| app.client_id.clone() let:app>
                    {row(app, admin)}
                </For>
            </tbody>
        </table>
    }
    .into_any()
}

fn row(app: Application, admin: bool) -> AnyView {
    let kind = Kind::of(&app).short();
    let grants: Vec<_> = app.grant_types.iter().map(|grant| short(grant)).collect();
    let used = match last_used(&app) {
        Some(at) => view! { <When at/> }.into_any(),
        None => "—".into_any(),
    };
    view! {
        <tr>
            <td class="full">
                <div class="row">
                    <Tile name=app.name.clone() small=true/>
                    <div class="grow">
                        <A href=routes::app(&app.client_id) attr:class="name">{app.name.clone()}</A>
                        <div class="mono faint clip" title=app.client_id.clone()>{app.client_id.clone()}</div>
                    </div>
                </div>
            </td>
            <td data-l="Kind">{kind}" "<div class="small faint">{grants.join(", ")}</div></td>
            {admin.then(|| view! {
                <td class="muted wrap" data-l="Owner">{app.owner.clone()}</td>
            })}
            <td class="muted" data-l="Last used">{used}</td>
            <td class="muted" data-l="Created"><Day at=app.created_at.clone()/></td>
        </tr>
    }
    .into_any()
}

fn matches(app: &Application, words: &str) -> bool {
    [&app.name, &app.client_id, &app.owner]
        .into_iter()
        .chain(&app.redirect_uris)
        .any(|text| text.to_lowercase().contains(words))
}

fn last_used(app: &Application) -> Option<String> {
    // RFC 3339 in UTC: the later one is the greater one.
    app.secrets
        .iter()
        .filter_map(|secret| secret.last_used_at.clone())
        .chain(app.last_used_at.clone())
        .max()
}

/// `urn:ietf:params:oauth:grant-type:device_code` as `device code`.
fn short(grant: &str) -> String {
    grant
        .rsplit(':')
        .next()
        .unwrap_or_default()
        .replace(['_', '-'], " ")
}

#[cfg(test)]
mod tests {
    use super::super::form::sample;
    use super::*;

    #[test]
    fn the_search_looks_at_what_the_person_knows_of_an_application() {
        for words in ["", "acme", "photos", "acme-photos", "acme.example", "ada"] {
            assert!(matches(&sample(), words), "{words}");
        }
        assert!(!matches(&sample(), "till"));
    }

    #[test]
    fn grants_are_said_in_words() {
        assert_eq!(short("authorization_code"), "authorization code");
        assert_eq!(
            short("urn:ietf:params:oauth:grant-type:token-exchange"),
            "token exchange"
        );
    }
}
