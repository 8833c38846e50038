//! Step 3: what came back to the redirect URI, and whether it may be trusted.

use crate::ui::reactive;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::actions::exchange;
use super::encode;
use super::exchange::rule_of;
use super::line;
use super::secret::secret_field;
use super::walk::Walk;
use crate::ui::{Button, ButtonVariant, Card, LinkButton, Note, Tone};
use crate::{api, browser};
use contract::routes;
use contract::wire::flow::FlowSummary;

/// Takes the answer out of the address bar into the walk. After a reload the address holds none,
/// and the kept one stays.
pub(super) fn receive(walk: Walk) {
    let address = browser::path_and_query();
    let pairs = encode::query(address.split_once('?').map_or("", |(_, query)| query));
    if pairs
        .iter()
        .any(|(name, _)| matches!(name.as_str(), "code" | "error" | "state"))
    {
        walk.clear();
        walk.answer.set(pairs);
        browser::forget_query();
    }
    if !walk.answer.with_untracked(Vec::is_empty) && walk.flow.with_untracked(String::is_empty) {
        find_flow(walk);
    }
}

/// The answer names no flow, but the newest one of this application is it.
fn find_flow(walk: Walk) {
    let client_id = walk.client_id();
    if client_id.is_empty() {
        return;
    }
    spawn_local(async move {
        let path = format!("{}/{client_id}/flows", routes::API_APPLICATIONS);
        if let Ok(flows) = api::get::<Vec<FlowSummary>>(&path).await
            && let Some(newest) = flows.into_iter().next()
        {
            let _ = walk.flow.try_set(newest.id);
        }
    });
}

pub(super) fn answer(walk: Walk) -> AnyView {
    view! {
        <Card title="3. What came back">
            {reactive(move || { {
                if walk.answer.with(Vec::is_empty) {
                    nothing()
                } else {
                    view! {
                        <dl class="parameters">{parameters(walk)}</dl>
                        {reactive(move || { verdict(walk) }.into_any())}
                        {reactive(move || { trace(walk) }.into_any())}
                    }
                        .into_any()
                }
            } }.into_any())}
        </Card>
    }
    .into_any()
}

fn nothing() -> AnyView {
    view! {
        <p>"Nothing has come back to this tab yet."</p>
        <div><LinkButton href=routes::PLAYGROUND external=true>"Build a request"</LinkButton></div>
    }
    .into_any()
}

/// Each parameter with what a client must think of it.
fn parameters(walk: Walk) -> impl IntoView {
    let proof = walk.proof.get();
    let compared = |value: &str, wanted: &str, good: &'static str, bad: String| {
        if !wanted.is_empty() && value == wanted {
            (Tone::Good, "ok", good.to_owned())
        } else {
            (Tone::Bad, "mismatch", bad)
        }
    };
    walk.answer
        .get()
        .into_iter()
        .map(|(name, value)| {
            let (tone, word, why) = match name.as_str() {
                "code" => (
                    Tone::Plain,
                    "once",
                    "Good for one exchange within a minute. It went through the address bar, so on its own it is worth nothing.".to_owned(),
                ),
                "state" => compared(
                    &value,
                    &proof.state,
                    "Matches what this tab sent.",
                    "Doesn't match what this tab sent: the answer belongs to another request.".to_owned(),
                ),
                "iss" => compared(
                    &value,
                    &walk.issuer(),
                    "The answer came from the server we asked (RFC 9207).",
                    format!("We asked {}.", walk.issuer()),
                ),
                "error" => (Tone::Bad, "refused", error_in_words(&value).to_owned()),
                "error_description" => (Tone::Plain, "", "What exactly, for you as the developer.".to_owned()),
                "error_uri" => (Tone::Plain, "", "The rule behind it.".to_owned()),
                _ => (Tone::Plain, "", String::new()),
            };
            let link = (name == "error_uri").then(|| rule_of(&value)).flatten();
            let shown = match link {
                Some(rule) => view! { <a href=routes::rule(&rule) rel="external" class="value mono">{value}</a> }.into_any(),
                None => line::value(value),
            };
            line::line(name, (tone, word), shown, why)
        })
        .collect_view()
}

fn error_in_words(error: &str) -> &'static str {
    match error {
        "access_denied" => "The user declined. Your app should carry on without access.",
        "login_required" => "The user isn't signed in, and prompt=none forbids asking.",
        "consent_required" => "The user hasn't agreed yet, and prompt=none forbids asking.",
        "interaction_required" => "The user would have to be asked, and prompt=none forbids it.",
        "invalid_scope" => "The app asked for something that it isn't allowed to have.",
        "server_error" | "temporarily_unavailable" => "The server is in trouble. Try again later.",
        _ => "The request was refused.",
    }
}

fn verdict(walk: Walk) -> AnyView {
    let code = walk.answered("code");
    if !walk.is_genuine() {
        return view! {
            <Note tone=Tone::Bad>
                <p>
                    "A careful app stops here: it can't tell who started this. Start over, and sign in in the same tab."
                </p>
            </Note>
        }
        .into_any();
    }
    let Some(_) = code else {
        return view! {
            <div><LinkButton href=routes::PLAYGROUND external=true>"Change the request"</LinkButton></div>
        }
        .into_any();
    };
    let is_used = move || walk.log.with(|log| !log.is_empty());
    view! {
        <p class="muted">
            "Now the app asks for tokens, from server to server: with the code, with its secret if it has one, and with the verifier that only this tab knows."
        </p>
        {reactive(move || { (!is_used()).then(|| secret_field(walk)) }.into_any())}
        <div class="row wrap">
            {reactive(move || { if is_used() {
                view! {
                    <Button on_press=move |()| exchange(walk) busy=walk.busy>"Try the code once more"</Button>
                    <p class="small muted">
                        "A code works once. A second try is refused and revokes the tokens from the first."
                    </p>
                }.into_any()
            } else {
                view! {
                    <Button
                        look=ButtonVariant::Primary
                        on_press=move |()| exchange(walk)
                        busy=walk.busy
                        disabled=Signal::derive(move || !walk.is_public() && walk.secret.with(String::is_empty))
                    >
                        "Exchange the code"
                    </Button>
                }.into_any()
            } }.into_any())}
        </div>
    }
    .into_any()
}

/// The way to what the server wrote down about it.
fn trace(walk: Walk) -> Option<AnyView> {
    let flow = walk.flow.get();
    (!flow.is_empty()).then(|| {
        view! {
            <p class="small"><a href=routes::flow(&flow)>"How the server saw this flow, step by step"</a></p>
        }
        .into_any()
    })
}
