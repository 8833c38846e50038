//! What the consent page and the device page have in common: who asks, who is asked, what for,
//! and the answer.

use std::time::Duration;

use leptos::{
    ev::{self, SubmitEvent},
    prelude::*,
};

use crate::{
    browser,
    ui::{Avatar, Button, ButtonVariant, Chip, FormAction, NoTile, Note, ProblemNote, Tile, Tone},
};
use contract::{
    date::day,
    routes,
    wire::{
        consent::{ConsentResource, ConsentScope, Decision},
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

/// The application, by name; `asks` says what it wants. One that was not checked has no picture:
/// it would be of its own choice.
pub(super) fn application(name: String, checked: bool, asks: AnyView) -> AnyView {
    let tile = if checked {
        view! { <Tile name=name.clone()/> }.into_any()
    } else {
        view! { <NoTile/> }.into_any()
    };
    view! {
        <div class="row top">
            {tile}
            <div class="grow">
                <h1 class="wrap">{name}</h1>
                <p class="muted">{asks}</p>
            </div>
        </div>
    }
    .into_any()
}

/// The strip above an application that no person here has entered: since when it is known, and at
/// which host its own word stands, if it has one.
pub(super) fn unchecked(registered_at: Option<String>, client_id_host: Option<String>) -> AnyView {
    let since = match registered_at {
        Some(at) => format!("Registered itself on {}. ", day(&at)),
        None => "Registered itself. ".to_owned(),
    };
    let says = client_id_host
        .map(|host| view! { " It says of itself who it is, at "<b class="wrap">{host}</b>"." });
    view! {
        <Note tone=Tone::Warn>
            <p>
                {since}<b>"Not checked by anyone here."</b>{says}
                " Allow it only if you started this yourself, in a program that you trust."
            </p>
        </Note>
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

/// The middle of the form: the scopes, the resource servers, what went wrong, the two buttons.
/// `checked`: whether to allow is the expected answer.
pub(super) fn question(
    scopes: Vec<ConsentScope>,
    resources: Vec<ConsentResource>,
    checked: bool,
    submit: FormAction,
) -> AnyView {
    let known = scopes.iter().any(|scope| scope.granted);
    let scopes = scopes
        .into_iter()
        .map(|scope| item(scope, known))
        .collect_view();
    let look = if checked {
        ButtonVariant::Primary
    } else {
        ButtonVariant::Plain
    };
    view! {
        <ul class="scopes" aria-label="What it may do">{scopes}</ul>
        {places(resources)}
        <ProblemNote problem=submit.problem()/>
        <div class="two guarded" class:unarmed=guard()>
            <Button name="decision" value="deny" busy=submit.busy()>"Deny"</Button>
            <Button look name="decision" value="allow" busy=submit.busy()>"Allow"</Button>
        </div>
    }
    .into_any()
}

/// The resource servers that it may do this at, one a line.
fn places(resources: Vec<ConsentResource>) -> Option<AnyView> {
    let line = |resource: ConsentResource| {
        let ConsentResource { uri, name } = resource;
        view! {
            <li>
                <span class="tick" aria-hidden="true">"→"</span>
                <span class="stack-0">
                    <span>"At "<b class="wrap">{name}</b></span>
                    <span class="small muted wrap">{uri}</span>
                </span>
            </li>
        }
    };
    (!resources.is_empty()).then(|| {
        let lines = resources.into_iter().map(line).collect_view();
        view! { <ul class="scopes" aria-label="Where it may do it">{lines}</ul> }.into_any()
    })
}

/// Whether a click would come too early to be meant. A page that appears under a pointer gets the
/// second of two clicks: after it has loaded (the style sheet sees to that) and whenever it comes
/// to the front, the buttons wait for half a second or a movement of the pointer.
fn guard() -> Signal<bool> {
    const PAUSE: Duration = Duration::from_millis(500);
    let early = RwSignal::new(false);
    browser::effect(move || {
        let front = window_event_listener(ev::focus, move |_| {
            early.set(true);
            set_timeout(move || early.set(false), PAUSE);
        });
        let moved = window_event_listener(ev::pointermove, move |_| early.set(false));
        on_cleanup(move || {
            front.remove();
            moved.remove();
        });
    });
    early.into()
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
        granted_at,
        optional,
    } = scope;
    let before = granted_at.map(|at| format!("You allowed this on {}.", day(&at)));
    let quiet: Vec<String> = [
        optional.then(|| "Optional.".to_owned()),
        (!detail.is_empty()).then(|| format!("{detail}.")),
        before,
    ]
    .into_iter()
    .flatten()
    .collect();
    let quiet = quiet.join(" ");
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
