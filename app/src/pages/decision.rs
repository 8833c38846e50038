//! What the consent page and the device page have in common: who asks, who is asked, what for,
//! and the answer.

use leptos::{ev::SubmitEvent, prelude::*};

use crate::{
    browser,
    ui::{Avatar, Button, ButtonVariant, Chip, FormAction, ProblemNote, Tile},
};
use contract::{
    routes,
    wire::{
        consent::{ConsentScope, Decision},
        session::User,
    },
};

/// The answer in a form that was sent: the button that was pressed, and with `Allow` the scopes
/// that are ticked.
pub(super) fn answer(event: &SubmitEvent) -> (Decision, Option<Vec<String>>) {
    match browser::submitter_value(event).as_deref() {
        Some("allow") => {
            let scopes = browser::form_values(event).all("scope");
            (Decision::Allow, Some(scopes))
        }
        _ => (Decision::Deny, None),
    }
}

/// The application, by name; `more` stands below what it asks.
pub(super) fn application(name: String, asks: &'static str, more: Option<AnyView>) -> AnyView {
    view! {
        <div class="row top">
            <Tile name=name.clone()/>
            <div class="grow">
                <h1 class="wrap">{name}</h1>
                <p class="muted">{asks}</p>
                {more}
            </div>
        </div>
    }
    .into_any()
}

/// Who is signed in, with the way to sign in as someone else.
pub(super) fn person(user: User, not_you: String) -> AnyView {
    let person = if user.email.is_empty() {
        user.username.clone()
    } else {
        user.email
    };
    view! {
        <div class="who">
            <Avatar name=user.username/>
            <span class="grow clip" title=person.clone()>{person.clone()}</span>
            <a href=not_you rel="external">"Not you?"</a>
        </div>
    }
    .into_any()
}

/// The middle of the form: the scopes, what went wrong, the two buttons.
pub(super) fn question(scopes: Vec<ConsentScope>, submit: FormAction) -> AnyView {
    let known = scopes.iter().any(|scope| scope.granted);
    let scopes = scopes
        .into_iter()
        .map(|scope| item(scope, known))
        .collect_view();
    view! {
        <ul class="scopes" aria-label="What it may do">{scopes}</ul>
        <ProblemNote problem=submit.problem()/>
        <div class="two">
            <Button name="decision" value="deny" busy=submit.busy()>"Deny"</Button>
            <Button look=ButtonVariant::Primary name="decision" value="allow" busy=submit.busy()>"Allow"</Button>
        </div>
    }
    .into_any()
}

/// How it ends, should they change their mind; `before` says what else happens.
pub(super) fn take_back(before: Option<AnyView>) -> AnyView {
    view! {
        <p class="small muted">
            {before}
            "You can remove access at any time under "
            <a href=routes::CONNECTIONS rel="external">"Connections"</a>"."
        </p>
    }
    .into_any()
}

/// A fixed scope is said with a tick and sent hidden; an optional one is a checkbox. For an
/// application that is `known` already, what it asks for anew is marked.
fn item(scope: ConsentScope, known: bool) -> AnyView {
    let ConsentScope {
        name,
        description,
        detail,
        granted,
        optional,
    } = scope;
    let quiet = match (detail.is_empty(), granted, optional) {
        (_, true, _) => "You allowed this before.".to_owned(),
        (true, _, true) => "Optional".to_owned(),
        (false, _, true) => format!("Optional. {detail}"),
        _ => detail,
    };
    let quiet = (!quiet.is_empty()).then(|| view! { <span class="small muted">{quiet}</span> });
    let new = (known && !granted).then(|| view! { <Chip>"new"</Chip> });
    let what = view! { <span><b>{description}</b>" "{new}</span> };
    if optional {
        let id = format!("scope-{name}");
        view! {
            <li>
                <input id=id.clone() type="checkbox" name="scope" value=name checked=true/>
                <label for=id class="stack-0">
                    {what}
                    {quiet}
                </label>
            </li>
        }
        .into_any()
    } else {
        view! {
            <li>
                <span class="tick" aria-hidden="true">"✓"</span>
                <span class="stack-0">{what}{quiet}</span>
                <input type="hidden" name="scope" value=name/>
            </li>
        }
        .into_any()
    }
}
