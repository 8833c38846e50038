//! The first administrator, by the one-time link that the server prints on an empty database.

use std::collections::BTreeMap;

use leptos::{ev::SubmitEvent, prelude::*};
use leptos_meta::Title;

use super::account::PASSWORD_HINT;
use crate::{
    api, browser, page_data,
    ui::{Button, ButtonVariant, Field, FormAction, Panel, ProblemNote, Stage},
};
use contract::{
    routes,
    wire::{
        page::{PageContent, SetupPage},
        problem::Problem,
        session::{CreateAdministrator, SignedIn},
    },
};

#[component]
pub fn SetupView() -> impl IntoView {
    let page = match page_data().content {
        PageContent::Setup(page) => page,
        _ => SetupPage::default(),
    };
    let wrong = page.errors.keys().next().cloned();
    // The cursor begins where something is to be done.
    let begins = move |name: &str| wrong.as_deref().unwrap_or("username") == name;
    let submit = FormAction::new();
    submit.set_problem(sent_before(page.errors));
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        let form = browser::form_values(&event);
        let body = CreateAdministrator {
            token: form.get("token"),
            username: form.get("username"),
            email: form.get("email"),
            password: form.get("password"),
        };
        submit.run(
            async move { api::post(routes::API_SETUP, &body).await },
            |done: SignedIn| browser::assign(&done.redirect_to),
        );
    };
    view! {
        <Title text="Set up Claviger"/>
        <Stage foot="This link works once.">
            <Panel>
                <div class="stack tight">
                    <h1>"Set up Claviger"</h1>
                    <p class="muted">"You're the first one here. This account can manage everything."</p>
                </div>
                <ProblemNote problem=submit.problem_beside_fields()/>
                <form class="stack" method="post" action=routes::SETUP on:submit=send>
                    <input type="hidden" name="token" value=page.token/>
                    <Field label="Username" name="username" value=page.username autocomplete="username"
                        required=true autofocus=begins("username") errors=submit.errors("username")/>
                    <Field label="Email" name="email" kind="email" value=page.email autocomplete="email"
                        required=true autofocus=begins("email") errors=submit.errors("email")/>
                    <Field label="Password" name="password" kind="password" autocomplete="new-password"
                        hint=PASSWORD_HINT
                        required=true autofocus=begins("password") errors=submit.errors("password")/>
                    <Button look=ButtonVariant::Primary wide=true busy=submit.busy()>"Create administrator"</Button>
                </form>
            </Panel>
        </Stage>
    }
}

/// Errors of the plain form, shown like those of the API.
fn sent_before(errors: BTreeMap<String, Vec<String>>) -> Option<Problem> {
    (!errors.is_empty()).then(|| Problem {
        title: contract::rules::FORM_INVALID.said.to_owned(),
        status: 422,
        errors,
        ..Problem::default()
    })
}
