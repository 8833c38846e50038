//! Stopping an application without losing it.

use leptos::prelude::*;

use crate::ui::{Button, ButtonVariant, Card, FormAction, ProblemNote, reactive};
use crate::{api, page_data};
use contract::routes;
use contract::wire::application::{Application, ApplicationPatch, ApplicationSettings};
use contract::wire::session::Role;

#[component]
pub fn Disable(app: RwSignal<Application>) -> impl IntoView {
    let submit = FormAction::new();
    let admin = page_data()
        .user
        .is_some_and(|user| user.role == Role::Admin);
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
            move |new: Application| app.set(new),
        );
    };
    view! {
        <Card title="Disable this application">
            <div class="between wraps">
                <p class="muted" role="status">
                    {reactive(move || { match (disabled.get(), admin) {
                        (false, true) => {
                            "While it is disabled nobody can sign in to it, and none of its tokens counts."
                        }
                        (false, false) => {
                            "While it is disabled nobody can sign in to it, and none of its tokens counts. Only an administrator can enable it again."
                        }
                        (true, true) => "It is disabled: nothing of it counts.",
                        (true, false) => {
                            "It is disabled: nothing of it counts. Only an administrator can enable it again."
                        }
                    } }.into_any())}
                </p>
                {reactive(move || { match (disabled.get(), admin) {
                    (false, _) => view! {
                        <Button
                            look=ButtonVariant::Danger
                            busy=submit.busy()
                            on_press=move |()| turn(true)
                        >
                            "Disable"
                        </Button>
                    }
                    .into_any(),
                    (true, true) => view! {
                        <Button busy=submit.busy() on_press=move |()| turn(false)>"Enable"</Button>
                    }
                    .into_any(),
                    (true, false) => ().into_any(),
                } }.into_any())}
            </div>
            <ProblemNote problem=submit.problem()/>
        </Card>
    }
    .into_any()
}
