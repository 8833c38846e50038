//! `/apps`: every application that the person may see.

use leptos::prelude::*;
use leptos_router::components::A;

use super::form::{Kind, type_name};
use crate::browser::{ago, date};
use crate::ui::{ApiResource, ButtonVariant, Card, Empty, LinkButton, PageHead, Tile};
use crate::{api, page_data};
use contract::routes;
use contract::wire::application::Application;
use contract::wire::session::Role;

#[component]
pub fn AppsPage() -> impl IntoView {
    let admin = page_data()
        .user
        .is_some_and(|user| user.role == Role::Admin);
    let apps = ApiResource::new(|| api::get::<Vec<Application>>(routes::API_APPLICATIONS));
    view! {
        <PageHead
            title="Applications"
            about="Programs that may ask your users for access."
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
                title="No application yet"
                text="Register the program that should sign people in or call your APIs. You say where people come back to; you get a client ID, and a secret if it can keep one."
                actions=|| view! {
                    <LinkButton href=routes::APPS_NEW>"Register the first one"</LinkButton>
                }
            />
        </Card>
    }
    .into_any()
}

fn listed(apps: Vec<Application>, admin: bool) -> AnyView {
    let search = RwSignal::new(String::new());
    let found = Memo::new(move |_| {
        let words = search.with(|words| words.trim().to_lowercase());
        apps.iter()
            .filter(|app| matches(app, &words))
            .cloned()
            .collect::<Vec<_>>()
    });
    let count = move || match found.with(Vec::len) {
        0 => "No application fits.".to_owned(),
        1 => "1 application".to_owned(),
        many => format!("{many} applications"),
    };
    view! {
        <div class="search">
            <label class="visually-hidden" for="search">"Search applications"</label>
            <input
                id="search"
                type="search"
                placeholder="Search by name, client ID or address"
                autocomplete="off"
                on:input=move |event| search.set(event_target_value(&event))
            />
            <p class="small faint" role="status">{count}</p>
        </div>
        <Card flush=true>
            <table class="apps">
                <thead>
                    <tr>
                        <th scope="col">"Application"</th>
                        <th scope="col" class="hide-sm">"Kind"</th>
                        <th scope="col" class="hide-sm">"Grants"</th>
                        {admin.then(|| view! { <th scope="col" class="hide-sm">"Owner"</th> })}
                        <th scope="col">"Last used"</th>
                        <th scope="col" class="hide-sm">"Created"</th>
                    </tr>
                </thead>
                <tbody>
                    <For each=move || found.get() key=|app| app.client_id.clone() let:app>
                        {row(app, admin)}
                    </For>
                </tbody>
            </table>
        </Card>
    }
    .into_any()
}

fn row(app: Application, admin: bool) -> AnyView {
    let kind = Kind::of(&app).short();
    let client_type = type_name(app.client_type);
    let grants = app
        .grant_types
        .iter()
        .map(|grant| view! { <div>{short(grant)}</div> })
        .collect_view();
    let used = last_used(&app).map_or_else(|| "—".to_owned(), |time| ago(&time));
    view! {
        <tr>
            <td>
                <div class="row">
                    <Tile name=app.name.clone() small=true/>
                    <div class="grow">
                        <A href=routes::app(&app.client_id) attr:class="name">{app.name.clone()}</A>
                        <div class="mono faint clip">{app.client_id.clone()}</div>
                    </div>
                </div>
            </td>
            <td class="hide-sm line">{kind}<div class="small faint">{client_type}</div></td>
            <td class="hide-sm muted small line">{grants}</td>
            {admin.then(|| view! { <td class="hide-sm muted">{app.owner.clone()}</td> })}
            <td class="muted line">{used}</td>
            <td class="hide-sm muted line">{date(&app.created_at)}</td>
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
