//! Signing in. A plain form that works before and without the WASM; with it, errors appear
//! without a load.

use crate::ui::reactive;
use leptos::{ev::SubmitEvent, prelude::*};
use leptos_meta::Title;

use crate::{
    api, browser, page_data,
    ui::{Button, ButtonVariant, Field, FormAction, Note, Panel, ProblemNote, Stage, Tone},
};
use contract::{
    routes,
    wire::{
        page::{LoginPage, PageContent},
        session::{SignIn, SignedIn},
    },
};

#[component]
pub fn LoginView() -> impl IntoView {
    let data = page_data();
    let page = match data.content {
        PageContent::Login(page) => page,
        _ => LoginPage::default(),
    };
    let LoginPage {
        flow,
        next,
        application,
        username,
        error,
        notice,
    } = page;
    let keeper = if data.host.is_empty() {
        "Claviger"
    } else {
        &data.host
    };
    let foot = match &application {
        Some(_) => format!("{keeper} keeps your password. The app never sees it."),
        None => format!("{keeper} keeps your password."),
    };
    let submit = FormAction::new();
    let first_error = RwSignal::new(error);
    let send = {
        let (flow, next) = (flow.clone(), next.clone());
        move |event: SubmitEvent| {
            event.prevent_default();
            let form = browser::form_values(&event);
            let body = SignIn {
                username: form.get("username"),
                password: form.get("password"),
                flow: flow.clone(),
                next: next.clone(),
            };
            first_error.set(None);
            submit.run(
                async move { api::post(routes::API_SESSION, &body).await },
                |done: SignedIn| browser::assign(&done.redirect_to),
            );
        }
    };
    // What is to be typed anew.
    browser::effect(move || {
        if submit.problem().with(Option::is_some) {
            browser::focus_soon("#password");
        }
    });
    let known = !username.is_empty();
    view! {
        <Title text="Sign in"/>
        <Stage foot>
            <Panel>
                <div class="stack tight">
                    <h1>"Sign in"</h1>
                    {application.map(|name| view! { <p class="muted wrap">"to continue to "<b>{name}</b></p> })}
                </div>
                {notice.map(|notice| view! { <Note>{notice}</Note> })}
                <div role="alert" class="alert">
                    {reactive(move || { first_error.get().map(|error| view! { <Note tone=Tone::Bad>{error}</Note> }) }.into_any())}
                </div>
                <ProblemNote problem=submit.problem()/>
                <form class="stack" method="post" action=routes::LOGIN on:submit=send>
                    {flow.map(|flow| view! { <input type="hidden" name="flow" value=flow/> })}
                    {next.map(|next| view! { <input type="hidden" name="next" value=next/> })}
                    <Field label="Username or email" name="username" value=username
                        autocomplete="username" required=true autofocus=!known
                        errors=submit.errors("username")/>
                    <Field label="Password" name="password" kind="password"
                        autocomplete="current-password" required=true autofocus=known
                        errors=submit.errors("password")/>
                    <Button look=ButtonVariant::Primary wide=true busy=submit.busy()>"Sign in"</Button>
                </form>
                <p class="small"><a href=routes::FORGOT rel="external">"Forgot your password?"</a></p>
            </Panel>
        </Stage>
    }
}
