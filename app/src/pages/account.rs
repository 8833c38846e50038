//! A person's own account: password, sessions, the way out of all of them.

use crate::ui::reactive;
use leptos::{ev::SubmitEvent, prelude::*};

use crate::{
    api, browser, page_data,
    ui::{
        ApiResource, Button, ButtonVariant, Card, Chip, Confirm, Day, Field, FormAction, Note,
        PageHead, ProblemNote, Tone, When,
    },
};
use contract::{
    routes,
    wire::session::{ChangePassword, SessionInfo},
};

#[component]
pub fn AccountPage() -> impl IntoView {
    let user = page_data().user;
    let about = user.map(|user| format!("{} · {}", user.username, user.email));
    view! {
        <PageHead title="Account" about=about.unwrap_or_default()/>
        <Password/>
        <Sessions/>
    }
}

/// What a new password has to be, before one is tried.
pub(super) const PASSWORD_HINT: &str = "12 characters or more. A few unrelated words work well.";

#[component]
fn Password() -> impl IntoView {
    let username = page_data()
        .user
        .map(|user| user.username)
        .unwrap_or_default();
    let submit = FormAction::new();
    let done = RwSignal::new(false);
    let current = RwSignal::new(String::new());
    let new = RwSignal::new(String::new());
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        let form = browser::form_values(&event);
        let body = ChangePassword {
            current_password: form.get("current_password"),
            new_password: form.get("new_password"),
        };
        done.set(false);
        submit.run(
            async move { api::post(routes::API_PASSWORD, &body).await },
            move |()| {
                done.set(true);
                current.set(String::new());
                new.set(String::new());
            },
        );
    };
    view! {
        <Card title="Password">
            <form class="stack narrow" method="post" on:submit=send>
                // Tells a password manager whose password this is.
                <input type="text" name="username" class="visually-hidden" autocomplete="username"
                    tabindex="-1" aria-hidden="true" readonly=true value=username/>
                <ProblemNote problem=submit.problem_beside_fields()/>
                <div role="status" class="alert">
                    {reactive(move || { done.get().then(|| view! {
                        <Note tone=Tone::Good>"Your password has been changed. Your other browsers are signed out."</Note>
                    }) }.into_any())}
                </div>
                <Field label="Current password" name="current_password" kind="password" bind=current
                    autocomplete="current-password" required=true errors=submit.errors("current_password")/>
                <Field label="New password" name="new_password" kind="password" bind=new
                    autocomplete="new-password" required=true errors=submit.errors("new_password")
                    hint=PASSWORD_HINT/>
                <div><Button look=ButtonVariant::Primary busy=submit.busy()>"Change password"</Button></div>
            </form>
        </Card>
    }
}

#[component]
fn Sessions() -> impl IntoView {
    let sessions = ApiResource::new(|| api::get::<Vec<SessionInfo>>(routes::API_SESSIONS));
    let asking = RwSignal::new(false);
    let submit = FormAction::new();
    let end_all = move |()| {
        submit.run(async { api::delete(routes::API_SESSIONS).await }, |()| {
            browser::assign(routes::LOGIN)
        });
    };
    let sign_out = move || {
        view! { <Button small=true on_press=move |()| asking.set(true)>"Sign out everywhere"</Button> }
    };
    view! {
        <Card title="Where you are signed in" actions=sign_out flush=true>
            {sessions.view(|list| {
                let rows = list.into_iter().map(session).collect_view();
                view! { <ul class="rows">{rows}</ul> }.into_any()
            })}
        </Card>
        <Confirm open=asking title="Sign out everywhere?"
            text="All your browsers are signed out, this one too. Apps you've connected keep their access."
            action="Sign out everywhere" on_confirm=end_all busy=submit.busy() problem=submit.problem()/>
    }
}

fn session(session: SessionInfo) -> AnyView {
    let seen = if session.current {
        view! { <Chip tone=Tone::Good>"this browser"</Chip> }.into_any()
    } else {
        view! { <span class="small muted"><When at=session.last_seen_at.clone()/></span> }
            .into_any()
    };
    view! {
        <li>
            <div class="grow stack-0">
                <b class="wrap">{browser_name(&session.user_agent)}</b>
                <span class="small muted">"Signed in "<Day at=session.created_at/></span>
            </div>
            {seen}
        </li>
    }
    .into_any()
}

/// Browser and system by their names; what is not known comes back as it was sent.
fn browser_name(agent: &str) -> String {
    const BROWSERS: [(&str, &str); 6] = [
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
    ];
    const SYSTEMS: [(&str, &str); 6] = [
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ];
    let find = |names: &[(&str, &'static str)]| {
        names
            .iter()
            .find(|(mark, _)| agent.contains(mark))
            .map(|(_, name)| *name)
    };
    match (find(&BROWSERS), find(&SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(browser), None) => browser.to_owned(),
        _ if agent.is_empty() => "Unknown browser".to_owned(),
        _ => agent.chars().take(80).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_called_by_its_name() {
        for (agent, name) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36",
                "Chrome on Linux",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1",
                "Safari on iPhone",
            ),
            ("curl/8.0", "curl"),
            ("", "Unknown browser"),
        ] {
            assert_eq!(browser_name(agent), name);
        }
    }
}
