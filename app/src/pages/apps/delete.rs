//! Deleting an application: the person types its name.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use super::disable::is_admin;
use crate::api;
use crate::ui::{Button, ButtonVariant, Card, Dialog, Field, FormAction, ProblemNote, reactive};
use contract::routes;
use contract::wire::application::Application;

#[component]
pub fn Delete(app: RwSignal<Application>) -> impl IntoView {
    let open = RwSignal::new(false);
    let admin = is_admin();
    // What an administrator has stopped, its owner can't take away.
    let kept = Memo::new(move |_| !admin && app.with(|app| app.disabled));
    view! {
        <Card title="Delete this application">
            <div class="between wraps">
                {reactive(move || { if kept.get() {
                    view! {
                        <p class="muted">
                            "Disabled. Only an administrator can delete it."
                        </p>
                    }
                    .into_any()
                } else {
                    view! {
                        <p class="muted">
                            "Its tokens stop working at once, and its client ID is never used again. This can't be undone."
                        </p>
                        <Button look=ButtonVariant::Danger on_press=move |()| open.set(true)>
                            "Delete…"
                        </Button>
                    }
                    .into_any()
                } }.into_any())}
            </div>
        </Card>
        <Dialog
            open
            title="Delete this application?"
            children=move || view! { <TypeItsName app open/> }
        />
    }
    .into_any()
}

#[component]
fn TypeItsName(app: RwSignal<Application>, open: RwSignal<bool>) -> impl IntoView {
    let Application {
        name, client_id, ..
    } = app.get_untracked();
    let typed = RwSignal::new(String::new());
    let submit = FormAction::new();
    let navigate = use_navigate();
    let label = format!("Type {name} to confirm");
    let same = Memo::new(move |_| typed.with(|typed| typed.trim() == name.trim()));
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        if !same.get_untracked() {
            return;
        }
        let path = routes::api_application(&client_id);
        let navigate = navigate.clone();
        submit.run(async move { api::delete(&path).await }, move |()| {
            open.set(false);
            navigate(routes::APPS, NavigateOptions::default());
        });
    };
    view! {
        <form class="stack" on:submit=send>
            <p class="muted">"Its secrets, its tokens and its flows go with it."</p>
            <Field label name="confirm-name" bind=typed autocomplete="off" autofocus=true/>
            <ProblemNote problem=submit.problem()/>
            <div class="row end">
                <Button on_press=move |()| open.set(false)>"Cancel"</Button>
                <Button
                    look=ButtonVariant::Danger
                    busy=submit.busy()
                    disabled=Signal::derive(move || !same.get())
                >
                    "Delete application"
                </Button>
            </div>
        </form>
    }
    .into_any()
}
