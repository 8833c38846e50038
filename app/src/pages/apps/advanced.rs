//! Settings that most applications never touch: folded up, until one of them was made.

use leptos::prelude::*;

use super::form::ApplicationForm;
use crate::ui::{Check, Field, FormAction, Select, TextArea, reactive};
use contract::wire::application::Application;
use contract::wire::client::{AuthMethod, ClientType, TokenFormat};

/// Their names in the API.
const FIELDS: [&str; 7] = [
    "access_token_format",
    "token_endpoint_auth_method",
    "jwks",
    "jwks_uri",
    "backchannel_logout_uri",
    "backchannel_logout_session_required",
    "require_pushed_authorization_requests",
];

/// Whether an application is anything but the default here.
fn is_made(app: &Application) -> bool {
    let method = app.token_endpoint_auth_method.as_deref();
    app.access_token_format != TokenFormat::default().name()
        || method.is_some_and(|method| method != AuthMethod::None.name())
        || app.jwks.is_some()
        || app.jwks_uri.is_some()
        || app.backchannel_logout_uri.is_some()
        || app.backchannel_logout_session_required
        || app.require_pushed_authorization_requests
}

#[component]
pub fn Advanced(
    app: RwSignal<Application>,
    draft: ApplicationForm,
    submit: FormAction,
) -> impl IntoView {
    let (made, client_type) = app.with_untracked(|app| (is_made(app), app.client_type));
    let problem = submit.problem();
    // A message behind a closed fold would not be read.
    let open = Memo::new(move |_| {
        made || problem.with(|problem| {
            let errors = problem.as_ref().map(|problem| &problem.errors);
            errors.is_some_and(|errors| FIELDS.iter().any(|field| errors.contains_key(*field)))
        })
    });
    view! {
        <details class="card fold" open=move || open.get()>
            <summary>
                <h2>"Advanced"</h2>
                <span class="small muted">"Token format, client authentication, logout, pushed requests"</span>
            </summary>
            <div class="body stack">
                <Format draft submit/>
                {(client_type == ClientType::Confidential).then(|| view! {
                    <Authentication draft submit/>
                })}
                <Logout draft submit/>
                <Check
                    label="Require pushed requests"
                    name="require_pushed_authorization_requests"
                    bind=draft.require_pushed_authorization_requests
                    hint="The app sends its request to the server first (PAR), so it can't be changed on the way."
                />
            </div>
        </details>
    }
    .into_any()
}

#[component]
fn Format(draft: ApplicationForm, submit: FormAction) -> impl IntoView {
    view! {
        <Select
            label="Access token format"
            name="access_token_format"
            bind=draft.access_token_format
            options=options(&[
                (TokenFormat::Opaque.name(), "Opaque (revoked at once)"),
                (TokenFormat::Jwt.name(), "JWT (your API checks it without asking)"),
            ])
            hint="After a revocation, an API that doesn't ask this server accepts a JWT until it expires."
            errors=submit.errors("access_token_format")
        />
    }
    .into_any()
}

#[component]
fn Authentication(draft: ApplicationForm, submit: FormAction) -> impl IntoView {
    let signs = Memo::new(move |_| {
        let chosen = draft
            .token_endpoint_auth_method
            .with(|name| name == AuthMethod::PrivateKeyJwt.name());
        chosen || !draft.jwks.with(String::is_empty) || !draft.jwks_uri.with(String::is_empty)
    });
    view! {
        <Select
            label="Client authentication"
            name="token_endpoint_auth_method"
            bind=draft.token_endpoint_auth_method
            options=options(&[
                ("", "Client secret, by header or body"),
                (AuthMethod::ClientSecretBasic.name(), "Client secret, by header only"),
                (AuthMethod::ClientSecretPost.name(), "Client secret, in the body only"),
                (AuthMethod::PrivateKeyJwt.name(), "Signed assertion (private_key_jwt)"),
            ])
            hint="With signed assertions the app's client secrets stop working."
            errors=submit.errors("token_endpoint_auth_method")
        />
        {reactive(move || { signs.get().then(|| view! { <Keys draft submit/> }) }.into_any())}
    }
    .into_any()
}

#[component]
fn Keys(draft: ApplicationForm, submit: FormAction) -> impl IntoView {
    view! {
        <Field
            label="Public keys URL"
            name="jwks_uri"
            bind=draft.jwks_uri
            hint="An https URL of a JWK Set (jwks_uri). You can replace the keys there at any time."
            placeholder="https://app.example.com/jwks.json"
            autocomplete="off"
            mono=true
            errors=submit.errors("jwks_uri")
        />
        <TextArea
            label="Or the public keys"
            name="jwks"
            bind=draft.jwks
            hint="A JWK Set in JSON, without private keys. Either this or the URL."
            placeholder="{\"keys\": [{\"kty\": \"EC\", …}]}"
            mono=true
            rows=4
            errors=submit.errors("jwks")
        />
    }
    .into_any()
}

#[component]
fn Logout(draft: ApplicationForm, submit: FormAction) -> impl IntoView {
    view! {
        <Field
            label="Back-channel logout URI"
            name="backchannel_logout_uri"
            bind=draft.backchannel_logout_uri
            hint="We call it when a user's session ends."
            placeholder="https://app.example.com/backchannel-logout"
            autocomplete="off"
            mono=true
            errors=submit.errors("backchannel_logout_uri")
        />
        <Check
            label="Name the session in logout tokens"
            name="backchannel_logout_session_required"
            bind=draft.backchannel_logout_session_required
            hint="For apps that end one session rather than all of a user's."
        />
    }
    .into_any()
}

fn options(all: &[(&str, &str)]) -> Vec<(String, String)> {
    all.iter()
        .map(|(value, words)| ((*value).to_owned(), (*words).to_owned()))
        .collect()
}
