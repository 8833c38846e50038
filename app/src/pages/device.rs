//! Connecting a device: the code that it shows, what it asks for, the answer. The first step is a
//! plain form with or without JavaScript; the answer is sent once, however often it is pressed.

use leptos::{ev::SubmitEvent, prelude::*};
use leptos_meta::Title;

use super::decision;
use crate::{
    api, page_data,
    ui::{
        Button, ButtonVariant, Field, FormAction, LinkButton, Note, Panel, Stage, Tone, reactive,
    },
};
use contract::{
    routes,
    wire::{
        device::{DeviceDecided, DeviceDecision, DeviceRequest, DeviceStatus},
        page::{DevicePage, PageContent},
    },
};

#[component]
pub fn DeviceView() -> impl IntoView {
    let DevicePage {
        user_code,
        request,
        decided,
        error,
    } = match page_data().content {
        PageContent::Device(page) => *page,
        _ => DevicePage::default(),
    };
    let decided = RwSignal::new(decided);
    view! {
        <Title text="Connect a device"/>
        <Stage>
            // A screen reader says that the page has changed.
            <div aria-live="polite">
                {reactive(move || match (decided.get(), &request) {
                    (Some(status), _) => over(status),
                    (None, Some(request)) => asked(request.clone(), decided),
                    (None, None) => typed(user_code.clone(), error.clone()),
                })}
            </div>
        </Stage>
    }
}

fn typed(user_code: String, error: Option<String>) -> AnyView {
    let errors: Vec<String> = error.into_iter().collect();
    view! {
        <Panel>
            <div class="stack tight">
                <h1>"Connect a device"</h1>
                <p class="muted">"Enter the code that your device shows."</p>
            </div>
            <form class="stack code-form" method="post" action=routes::DEVICE>
                <Field label="Code" name="user_code" value=user_code mono=true autocomplete="one-time-code"
                    autocapitalize="characters" inputmode="text" maxlength="20"
                    hint="Eight letters. Capitals and the hyphen don't matter."
                    required=true autofocus=true errors=Signal::stored(errors)/>
                <Button look=ButtonVariant::Primary wide=true>"Continue"</Button>
            </form>
        </Panel>
    }
    .into_any()
}

fn asked(request: DeviceRequest, decided: RwSignal<Option<DeviceStatus>>) -> AnyView {
    let DeviceRequest {
        application,
        user,
        scopes,
        resources,
        user_code,
    } = request;
    let submit = FormAction::new();
    let send = {
        let user_code = user_code.clone();
        move |event: SubmitEvent| {
            event.prevent_default();
            let (decision, scopes) = decision::answer(&event);
            let body = DeviceDecision {
                user_code: user_code.clone(),
                decision,
                scopes,
            };
            submit.run(
                async move { api::post(routes::API_DEVICE, &body).await },
                move |done: DeviceDecided| decided.set(Some(done.status)),
            );
        }
    };
    // Another person signs in and comes back to the same code: letters and a hyphen.
    let not_you = format!(
        "{}?prompt=login&next=%2Fdevice%3Fuser_code%3D{user_code}",
        routes::LOGIN
    );
    let checked = application.checked;
    let host = application
        .host
        .clone()
        .map(|host| view! { ", for "<b class="wrap">{host}</b> });
    let asks = view! { "asks for access to your account, on a device"{host} }.into_any();
    let strip = (!checked).then(|| decision::unchecked(application.registered_at, None));
    view! {
        <Panel>
            {strip}
            {decision::application(application.name, checked, asks)}
            {decision::person(user, not_you)}
            <p>"Check that your device shows " <b class="mono">{user_code.clone()}</b> "."</p>
            <Note tone=Tone::Warn>
                <p>
                    "Allow this only if you started it yourself, on a device in front of you. If someone sent you the code or a link, press Deny: their device would get into your account."
                </p>
            </Note>
            <form class="stack loose" method="post" action=routes::DEVICE on:submit=send>
                <input type="hidden" name="user_code" value=user_code/>
                {decision::question(scopes, resources, checked, submit)}
            </form>
            {decision::take_back(None)}
        </Panel>
    }
    .into_any()
}

fn over(status: DeviceStatus) -> AnyView {
    let (title, text) = match status {
        DeviceStatus::Approved => (
            "Your device is connected",
            "Your device will continue in a few seconds. You can close this page.",
        ),
        DeviceStatus::Denied => (
            "Access denied",
            "The device gets no access. You can close this page.",
        ),
    };
    view! {
        <Panel>
            <div class="stack tight">
                <h1>{title}</h1>
                <p class="muted">{text}</p>
            </div>
            <LinkButton href=routes::CONNECTIONS wide=true external=true>"See what has access"</LinkButton>
        </Panel>
    }
    .into_any()
}
