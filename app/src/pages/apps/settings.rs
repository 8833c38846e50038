//! Everything that the owner decides, in one form; only what was changed is sent.
//!
//! `?add_redirect_uri=…` proposes an address as a new row: the page of a refused flow links here.
//! It must never be saved unseen: anyone who controls it gets the users' codes.

use crate::ui::reactive;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::advanced::Advanced;
use super::delete::Delete;
use super::disable::{Disable, is_admin};
use super::fields::{
    AllowedOrigins, Grants, NameField, OnlyIfYours, PostLogoutRedirectUris, RedirectUris, Scopes,
    messages,
};
use super::form::{ApplicationForm, only_changes, span};
use crate::ui::{
    ApiResource, Button, ButtonVariant, Card, Check, Errors, Field, FormAction, Note, ProblemNote,
    Select, Tone,
};
use crate::{api, browser};
use contract::routes;
use contract::wire::application::{Application, ApplicationPatch, Scope};
use contract::wire::client::SigningAlg;
use contract::wire::problem::Problem;

#[component]
pub fn Settings(app: RwSignal<Application>) -> impl IntoView {
    let first = app.get_untracked();
    let client_type = first.client_type;
    let draft = ApplicationForm::of(&first);
    let submit = FormAction::new();
    let messages = messages(submit);
    let saved = RwSignal::new(false);
    let proposal = propose(draft, &first);
    let proposed = Memo::new(move |_| {
        let uri = proposal.clone()?;
        let listed = draft.redirect_uris.values().contains(&uri);
        let saved = app.with(|app| app.redirect_uris.contains(&uri));
        (listed && !saved).then_some(uri)
    });
    let scopes = ApiResource::new(|| api::get::<Vec<Scope>>(routes::API_SCOPES));
    let changes = Memo::new(move |_| {
        draft
            .values()
            .map(|all| app.with(|app| only_changes(all, app)))
    });
    let dirty = Memo::new(move |_| {
        changes.with(|changes| changes.as_ref() != Ok(&ApplicationPatch::default()))
    });
    Effect::new(move || {
        if dirty.get() {
            saved.set(false);
        }
    });
    browser::ask_before_leaving(move || dirty.try_get_untracked().unwrap_or_default());
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        let patch = match changes.get_untracked() {
            Ok(patch) => patch,
            Err(errors) => {
                submit.set_problem(Some(no_numbers(errors)));
                request_animation_frame(browser::focus_first_invalid);
                return;
            }
        };
        draft.send();
        let path = app.with_untracked(|app| routes::api_application(&app.client_id));
        submit.run(
            async move { api::patch(&path, &patch).await },
            move |new: Application| {
                app.set(new);
                saved.set(true);
            },
        );
    };
    view! {
        <form class="stack loose form" novalidate on:submit=send>
            <Card title="Basics"><NameField bind=draft.name submit/></Card>
            <Card title="Redirect URIs and origins">
                {reactive(move || { proposed.get().map(|uri| view! { <Proposed uri/> }) }.into_any())}
                <RedirectUris draft messages/>
                <PostLogoutRedirectUris draft messages/>
                <AllowedOrigins draft messages/>
            </Card>
            <Card title="Grants and scopes">
                <Grants client_type draft submit/>
                {scopes.view(move |known| view! { <Scopes known draft submit/> }.into_any())}
            </Card>
            <Card title="Sign-in"><SignIn draft submit/></Card>
            <Card title="Tokens"><Tokens draft submit/></Card>
            <Advanced app draft submit/>
            <ProblemNote problem=submit.problem()/>
            <div class="savebar row">
                <Button
                    look=ButtonVariant::Primary
                    busy=submit.busy()
                    disabled=Signal::derive(move || !dirty.get())
                >
                    "Save changes"
                </Button>
                <p class="small muted" role="status">
                    {reactive(move || { match (dirty.get(), saved.get()) {
                        (true, _) => "You have unsaved changes.",
                        (false, true) => "Saved.",
                        (false, false) => "",
                    } }.into_any())}
                </p>
            </div>
        </form>
        <div class="form stack loose">
            <Disable app/>
            <Delete app/>
        </div>
    }
    .into_any()
}

/// Puts the address of the query into a row, unless it is registered already.
fn propose(draft: ApplicationForm, app: &Application) -> Option<String> {
    let uri = use_query_map().with_untracked(|query| query.get("add_redirect_uri"))?;
    let new = !uri.is_empty() && !app.redirect_uris.contains(&uri);
    new.then(|| {
        draft.redirect_uris.propose(uri.clone());
        uri
    })
}

#[component]
fn Proposed(uri: String) -> impl IntoView {
    view! {
        <Note tone=Tone::Warn>
            <b>"A redirect URI was filled in below. It isn't saved yet."</b>
            <p class="mono wrap">{uri}</p>
            <OnlyIfYours/>
        </Note>
    }
    .into_any()
}

#[component]
fn SignIn(draft: ApplicationForm, submit: FormAction) -> impl IntoView {
    let admin = is_admin();
    view! {
        <Check
            label="Require PKCE"
            name="require_pkce"
            bind=draft.require_pkce
            hint="Binds each code to the request that asked for it. Keep on unless your library doesn't support it; public apps always need it."
        />
        <Errors id="require_pkce-errors" errors=submit.errors("require_pkce")/>
        <Check
            label="Skip consent"
            name="skip_consent"
            bind=draft.skip_consent
            disabled=!admin
            hint="Only for your own apps: users aren't asked before it gets their data. Only an administrator can turn this on; it turns off when the owner changes name, redirect URIs, scopes, grants or keys."
        />
        <Errors id="skip_consent-errors" errors=submit.errors("skip_consent")/>
    }
    .into_any()
}

#[component]
fn Tokens(draft: ApplicationForm, submit: FormAction) -> impl IntoView {
    view! {
        <Seconds
            label="Access token lifetime"
            name="access_token_lifetime"
            about="A stolen token works this long."
            bind=draft.access_token_lifetime
            submit
        />
        <Seconds
            label="Refresh token lifetime"
            name="refresh_token_lifetime"
            about="After this long without use, people sign in again."
            bind=draft.refresh_token_lifetime
            submit
        />
        <Seconds
            label="Refresh reuse window"
            name="refresh_reuse_window"
            about="0 to 60. Within this time a refresh token used twice, by two tabs or after a lost answer, gets the same answer."
            bind=draft.refresh_reuse_window
            submit
        />
        <Select
            label="ID token signature"
            name="id_token_alg"
            bind=draft.id_token_alg
            options=[
                (SigningAlg::Rs256, "RS256 (works everywhere)"),
                (SigningAlg::Ps256, "PS256 (RSA-PSS)"),
                (SigningAlg::Es256, "ES256 (small)"),
                (SigningAlg::EdDsa, "EdDSA (smallest, fastest)"),
            ]
                .map(|(alg, words)| (alg.name().to_owned(), words.to_owned()))
                .to_vec()
            errors=submit.errors("id_token_alg")
        />
    }
    .into_any()
}

/// A number of seconds, said in words while it is typed.
#[component]
fn Seconds(
    label: &'static str,
    name: &'static str,
    about: &'static str,
    bind: RwSignal<String>,
    submit: FormAction,
) -> impl IntoView {
    let words = move || {
        let seconds = bind.with(|typed| typed.trim().parse().ok());
        seconds.map(|seconds| format!("That is {}.", span(seconds)))
    };
    view! {
        <div class="seconds">
            <Field
                label=format!("{label}, in seconds")
                name
                bind
                hint=about
                inputmode="numeric"
                autocomplete="off"
                errors=submit.errors(name)
            />
            <p class="small muted" aria-live="polite">{words}</p>
        </div>
    }
    .into_any()
}

/// The form's own refusal, in the shape of the server's.
fn no_numbers(errors: crate::ui::rows::Messages) -> Problem {
    Problem {
        title: contract::rules::FORM_INVALID.said.to_owned(),
        status: 422,
        errors,
        ..Problem::default()
    }
}
