//! Fields that the form of a new application and the settings share, words included.

use leptos::prelude::*;

use super::form::ApplicationForm;
use crate::ui::rows::{Messages, Rows};
use crate::ui::{Errors, Field, FormAction};
use contract::validate;
use contract::wire::application::Scope;
use contract::wire::client::{ClientType, GrantType};

/// The server's messages by field.
pub fn messages(submit: FormAction) -> Signal<Messages> {
    let problem = submit.problem();
    Signal::derive(move || {
        problem.with(|problem| {
            problem
                .as_ref()
                .map(|p| p.errors.clone())
                .unwrap_or_default()
        })
    })
}

#[component]
pub fn NameField(bind: RwSignal<String>, submit: FormAction) -> impl IntoView {
    view! {
        <Field
            label="Name"
            name="name"
            bind
            hint="Users see it on the consent page."
            errors=submit.errors("name")
            autocomplete="off"
        />
    }
    .into_any()
}

#[component]
pub fn RedirectUris(draft: ApplicationForm, messages: Signal<Messages>) -> impl IntoView {
    view! {
        <Rows
            legend="Redirect URIs"
            item="Redirect URI"
            field="redirect_uris"
            hint="Where we send people after they sign in. Must match exactly."
            placeholder="https://app.example.com/callback"
            list=draft.redirect_uris
            check=validate::redirect_uri::check_form
            messages
        />
    }
    .into_any()
}

/// Stands wherever an address that came from outside may be registered.
#[component]
pub fn OnlyIfYours() -> impl IntoView {
    view! {
        <p>
            "Add it only if you recognise it: anyone who controls this address gets your users' codes."
        </p>
    }
}

#[component]
pub fn PostLogoutRedirectUris(draft: ApplicationForm, messages: Signal<Messages>) -> impl IntoView {
    view! {
        <Rows
            legend="Sign-out redirect URIs"
            item="Sign-out redirect URI"
            field="post_logout_redirect_uris"
            hint="Where people can be sent after they sign out (post_logout_redirect_uris)."
            placeholder="https://app.example.com/"
            list=draft.post_logout_redirect_uris
            check=validate::redirect_uri::check_form
            messages
        />
    }
    .into_any()
}

#[component]
pub fn AllowedOrigins(draft: ApplicationForm, messages: Signal<Messages>) -> impl IntoView {
    view! {
        <Rows
            legend="Allowed origins"
            item="Allowed origin"
            field="allowed_origins"
            hint="Only for apps that run in a browser: the sites that may call the token endpoint."
            placeholder="https://app.example.com"
            list=draft.allowed_origins
            check=validate::origin::check_form
            messages
        />
    }
    .into_any()
}

/// One box to tick.
#[derive(Clone)]
pub struct Choice {
    pub value: String,
    /// Its name in plain words; the value stands beside it. Empty: the value is the name.
    pub words: String,
    pub text: String,
    pub possible: bool,
}

/// Several of several. What is ticked and not among the options stays as it is.
#[component]
pub fn Choices(
    legend: &'static str,
    /// The field's name in the API.
    field: &'static str,
    #[prop(optional)] hint: &'static str,
    options: Vec<Choice>,
    bind: RwSignal<Vec<String>>,
    submit: FormAction,
) -> impl IntoView {
    let boxes = options
        .into_iter()
        .map(
            |Choice {
                 value,
                 words,
                 text,
                 possible,
             }| {
                let id = format!("{field}-{value}");
                let text_id = format!("{id}-text");
                let (ticked, changed) = (value.clone(), value.clone());
                let name = if words.is_empty() {
                    view! { <code>{value}</code> }.into_any()
                } else {
                    view! { {words} " " <code class="faint">{value}</code> }.into_any()
                };
                view! {
                    <div class="check">
                        <input
                            id=id.clone()
                            type="checkbox"
                            aria-describedby=text_id.clone()
                            disabled=!possible
                            prop:checked=move || bind.with(|all| all.contains(&ticked))
                            on:change=move |event| {
                                let on = event_target_checked(&event);
                                bind.update(|all| {
                                    all.retain(|one| *one != changed);
                                    if on {
                                        all.push(changed.clone());
                                    }
                                });
                            }
                        />
                        <div>
                            <label for=id>{name}</label>
                            <p class="hint" id=text_id>{text}</p>
                        </div>
                    </div>
                }
            },
        )
        .collect_view();
    view! {
        <fieldset class="choices" aria-describedby=format!("{field}-errors")>
            <legend>{legend}</legend>
            {(!hint.is_empty()).then(|| view! { <p class="hint">{hint}</p> })}
            {boxes}
            <Errors id=format!("{field}-errors") errors=submit.errors(field)/>
        </fieldset>
    }
    .into_any()
}

/// What a grant is called, and what it is good for.
fn in_words(grant: GrantType, public: bool) -> (&'static str, &'static str) {
    match grant {
        GrantType::AuthorizationCode => (
            "Authorization code",
            "Users sign in here and are sent back to the app.",
        ),
        GrantType::RefreshToken => (
            "Refresh token",
            "The app gets new access tokens without asking the user again.",
        ),
        GrantType::DeviceCode => (
            "Device",
            "Users enter a short code on another device: for TVs, consoles and command lines.",
        ),
        GrantType::ClientCredentials if public => (
            "Client credentials",
            "The app signs in as itself. That needs a secret, and this kind has none.",
        ),
        GrantType::ClientCredentials => (
            "Client credentials",
            "The app signs in as itself, with no user involved.",
        ),
    }
}

/// The grants that an application of this type can hold, and those that it holds already.
#[component]
pub fn Grants(
    client_type: ClientType,
    draft: ApplicationForm,
    submit: FormAction,
) -> impl IntoView {
    let public = client_type == ClientType::Public;
    let mut options: Vec<Choice> = [
        GrantType::AuthorizationCode,
        GrantType::RefreshToken,
        GrantType::DeviceCode,
        GrantType::ClientCredentials,
    ]
    .into_iter()
    .map(|grant| {
        let (words, text) = in_words(grant, public);
        Choice {
            value: grant.name().to_owned(),
            words: words.to_owned(),
            text: text.to_owned(),
            possible: !(public && grant == GrantType::ClientCredentials),
        }
    })
    .collect();
    for held in draft.grant_types.get_untracked() {
        if options.iter().all(|option| option.value != held) {
            options.push(Choice {
                value: held,
                words: String::new(),
                text: "Added on the command line.".to_owned(),
                possible: true,
            });
        }
    }
    view! {
        <Choices
            legend="Grants"
            field="grant_types"
            hint="How this app gets tokens."
            options
            bind=draft.grant_types
            submit
        />
    }
    .into_any()
}

#[component]
pub fn Scopes(known: Vec<Scope>, draft: ApplicationForm, submit: FormAction) -> impl IntoView {
    let options = known
        .into_iter()
        .map(|scope| Choice {
            value: scope.name,
            words: String::new(),
            text: if scope.detail.is_empty() {
                scope.description
            } else {
                format!("{}: {}", scope.description, scope.detail)
            },
            possible: true,
        })
        .collect();
    view! {
        <Choices
            legend="Scopes"
            field="scopes"
            hint="What this app may ask for. A request that names no scopes gets all of these."
            options
            bind=draft.scopes
            submit
        />
    }
    .into_any()
}
