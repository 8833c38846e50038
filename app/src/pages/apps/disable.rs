//! Stopping an application without losing it. What stops is said before, and that an owner can't
//! undo it.

use leptos::prelude::*;

use crate::ui::{Button, ButtonVariant, Card, Confirm, FormAction, ProblemNote, reactive};
use crate::{api, page_data};
use contract::routes;
use contract::wire::application::{Application, ApplicationPatch, ApplicationSettings};
use contract::wire::session::Role;

/// Whether the signed-in person is an administrator.
pub(super) fn is_admin() -> bool {
    page_data()
        .user
        .is_some_and(|user| user.role == Role::Admin)
}

#[component]
pub fn Disable(app: RwSignal<Application>) -> impl IntoView {
    let submit = FormAction::new();
    let asking = RwSignal::new(false);
    let admin = is_admin();
    let disabled = Memo::new(move |_| app.with(|app| app.disabled));
    let turn = move |disable: bool| {
        let path = app.with_untracked(|app| routes::api_application(&app.client_id));
        let patch = ApplicationPatch {
            settings: ApplicationSettings {
                disabled: Some(disable),
                ..ApplicationSettings::default()
            },
            ..ApplicationPatch::default()
        };
        submit.run(
            async move { api::patch(&path, &patch).await },
            move |new: Application| {
                asking.set(false);
                app.set(new);
            },
        );
    };
    let what_stops = Signal::derive(move || app.with(|app| what_stops(&app.name, admin)));
    view! {
        <Card title="Disable this application">
            <div class="between wraps">
                <p class="muted" role="status">
                    {reactive(move || { state(disabled.get(), admin) }.into_any())}
                </p>
                {reactive(move || { match (disabled.get(), admin) {
                    (false, _) => view! {
                        <Button look=ButtonVariant::Danger on_press=move |()| asking.set(true)>
                            "Disable…"
                        </Button>
                    }
                    .into_any(),
                    (true, true) => view! {
                        <Button busy=submit.busy() on_press=move |()| turn(false)>"Enable"</Button>
                        <ProblemNote problem=submit.problem()/>
                    }
                    .into_any(),
                    (true, false) => ().into_any(),
                } }.into_any())}
            </div>
        </Card>
        <Confirm
            open=asking
            title="Disable this application?"
            text=what_stops
            action="Disable application"
            on_confirm=move |()| turn(true)
            busy=submit.busy()
            problem=submit.problem()
        />
    }
    .into_any()
}

const fn state(disabled: bool, admin: bool) -> &'static str {
    match (disabled, admin) {
        (false, true) => "While it is disabled, its sign-ins and all of its tokens stop working.",
        (false, false) => {
            "While it is disabled, its sign-ins and all of its tokens stop working. Only an administrator can enable it again."
        }
        (true, true) => "Disabled. Its tokens don't work.",
        (true, false) => {
            "Disabled. Its tokens don't work. Only an administrator can enable it again."
        }
    }
}

/// What the person is asked before.
fn what_stops(name: &str, admin: bool) -> String {
    let stops = format!(
        "Signing in to {name} stops at once. The access tokens and refresh tokens that it holds no \
         longer work, and it can't get new ones."
    );
    if admin {
        format!("{stops} When you enable it again, what has not expired works again.")
    } else {
        format!("{stops} You can't undo this: only an administrator can enable it again.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_is_told_before_who_can_enable_it_again() {
        let asked = what_stops("Calendar", false);
        assert!(asked.contains("Calendar") && asked.contains("only an administrator"));
        assert!(!what_stops("Calendar", true).contains("administrator"));
    }
}
