//! What an application does with tokens. Every action is a request that any client could send, and
//! ends as an entry on the wire.
//!
//! To add one: a function that builds the [`Exchange`], and a button in [`actions`].

use crate::ui::reactive;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value;

use super::encode;
use super::entry::entry;
use super::exchange::{Exchange, Pairs};
use super::walk::{Tokens, Walk};
use crate::api::{RawAnswer, RawRequest, raw};
use crate::browser;
use crate::ui::{Button, Card, Empty, Select};
use contract::routes;

/// The title of the entries that stand with the tokens.
pub(super) const EXCHANGE: &str = "Exchange the code";

/// Sends it as a client would, without the person's cookies, and writes it down.
fn send(walk: Walk, mut exchange: Exchange, then: impl FnOnce(&mut Exchange) + 'static) {
    if walk.busy.get_untracked() {
        return;
    }
    walk.busy.set(true);
    spawn_local(async move {
        let request = RawRequest {
            method: if exchange.method == "POST" {
                "POST"
            } else {
                "GET"
            },
            url: exchange.path.clone(),
            headers: exchange.headers.clone(),
            body: (!exchange.form.is_empty()).then(|| encode::pairs(&exchange.form)),
            anonymous: true,
        };
        match raw(request).await {
            Ok(RawAnswer {
                status,
                headers,
                body,
            }) => {
                exchange.status = status;
                exchange.answer_headers = headers;
                exchange.answer = body;
            }
            Err(problem) => exchange.answer = problem.title,
        }
        // The page may be gone by now.
        let Some(id) = walk.log.try_with_untracked(Vec::len) else {
            return;
        };
        exchange.id = id;
        then(&mut exchange);
        walk.said
            .set(format!("{}: {}", exchange.title, exchange.status_line()));
        walk.log.update(|log| log.push(exchange));
        walk.busy.set(false);
    });
}

/// How the client says who it is: a confidential one by `Basic`, a public one by its id alone
/// (RFC 6749 §2.3.1, §3.2.1).
fn authenticated(walk: Walk, exchange: Exchange) -> Exchange {
    let client_id = walk.client_id();
    if walk.is_public() {
        return exchange.field("client_id", &client_id);
    }
    let secret = walk.secret.get_untracked();
    exchange.header("Authorization", &encode::basic(&client_id, &secret))
}

pub(super) fn exchange(walk: Walk) {
    let verifier = walk.proof.with_untracked(|proof| proof.verifier.clone());
    let request = Exchange::post(EXCHANGE, routes::TOKEN)
        .field("grant_type", "authorization_code")
        .field("code", &walk.answered("code").unwrap_or_default())
        .field("redirect_uri", &walk.redirect_uri())
        .field("code_verifier", &verifier);
    send(walk, authenticated(walk, request), move |done| {
        if done.ok() {
            walk.tokens.set(Some(received(&done.answer, None)));
        }
        // The button gives way to another one.
        browser::focus_soon("#tokens");
    });
}

fn refresh(walk: Walk) {
    let Some(before) = walk.tokens.get_untracked() else {
        return;
    };
    let request = Exchange::post("Refresh", routes::TOKEN)
        .field("grant_type", "refresh_token")
        .field("refresh_token", &before.refresh);
    send(walk, authenticated(walk, request), move |done| {
        if done.ok() {
            let after = received(&done.answer, Some(&before));
            done.changes = changes(&before, &after);
            walk.tokens.set(Some(after));
        }
    });
}

fn bearer(walk: Walk, title: &'static str, path: &'static str) {
    let token = walk
        .tokens
        .with_untracked(|it| it.as_ref().map(|it| it.access.clone()));
    let authorization = format!("Bearer {}", token.unwrap_or_default());
    send(
        walk,
        Exchange::get(title, path).header("Authorization", &authorization),
        |_| (),
    );
}

/// Introspection and revocation ask about a token in the same way.
fn about(walk: Walk, title: &'static str, path: &'static str, hint: &str) {
    let token = walk.tokens.with_untracked(|it| match it {
        Some(it) if hint == "refresh_token" => it.refresh.clone(),
        Some(it) => it.access.clone(),
        None => String::new(),
    });
    let request = Exchange::post(title, path)
        .field("token", &token)
        .field("token_type_hint", hint);
    send(walk, authenticated(walk, request), |_| ());
}

/// What an answer of the token endpoint holds; what it leaves out stays as it was
/// (RFC 6749 §6, OIDC Core §12.2).
fn received(answer: &str, before: Option<&Tokens>) -> Tokens {
    let body: Value = serde_json::from_str(answer).unwrap_or_default();
    let text = |name: &str, before: Option<&String>| {
        let new = body[name].as_str().map(str::to_owned);
        new.or_else(|| before.cloned()).unwrap_or_default()
    };
    Tokens {
        access: text("access_token", None),
        refresh: text("refresh_token", before.map(|it| &it.refresh)),
        id: text("id_token", before.map(|it| &it.id)),
        scope: text("scope", before.map(|it| &it.scope)),
        expires_in: body["expires_in"].as_f64().unwrap_or_default() as u32,
        received_at: browser::now() as f64,
        refreshed: before.is_some(),
        id_kept: body["id_token"].is_null(),
    }
}

/// A refresh in words.
fn changes(before: &Tokens, after: &Tokens) -> Pairs {
    [
        ("access_token", &before.access, &after.access),
        ("refresh_token", &before.refresh, &after.refresh),
        ("id_token", &before.id, &after.id),
        ("scope", &before.scope, &after.scope),
    ]
    .into_iter()
    .filter(|(_, old, new)| !(old.is_empty() && new.is_empty()))
    .map(|(name, old, new)| {
        let words = match (name, old == new) {
            (_, true) => "unchanged".to_owned(),
            ("scope", false) => format!("{old} → {new}"),
            (_, false) => format!("…{} → …{}", tail(old), tail(new)),
        };
        (name.to_owned(), words)
    })
    .collect()
}

fn tail(token: &str) -> &str {
    token
        .get(token.len().saturating_sub(6)..)
        .unwrap_or_default()
}

pub(super) fn actions(walk: Walk) -> AnyView {
    let kind = RwSignal::new("access_token".to_owned());
    let has_refresh = Signal::derive(move || {
        walk.tokens
            .with(|it| it.as_ref().is_some_and(|it| !it.refresh.is_empty()))
    });
    let no_refresh = Signal::derive(move || !has_refresh.get());
    let is_public = Signal::derive(move || walk.is_public());
    let options = [
        ("access_token", "the access token"),
        ("refresh_token", "the refresh token"),
    ]
    .map(|(value, words)| (value.to_owned(), words.to_owned()))
    .to_vec();
    let entries = Signal::derive(move || {
        walk.log.with(|log| {
            log.iter()
                .rev()
                .filter(|it| it.title != EXCHANGE)
                .cloned()
                .collect::<Vec<_>>()
        })
    });
    let newest = Memo::new(move |_| entries.with(|list| list.first().map(|it| it.id)));
    let buttons = view! {
        <div class="row wrap">
            <Button busy=walk.busy disabled=no_refresh on_press=move |()| refresh(walk)>"Refresh"</Button>
            <Button busy=walk.busy on_press=move |()| bearer(walk, "Call /api/hello", routes::API_HELLO)>
                "Call /api/hello"
            </Button>
            <Button busy=walk.busy on_press=move |()| bearer(walk, "Userinfo", routes::USERINFO)>"Userinfo"</Button>
        </div>
        <div class="row wrap about-token">
            <Select label="About" name="about-token" bind=kind options/>
            <Button
                busy=walk.busy
                disabled=is_public
                on_press=move |()| about(walk, "Introspect", routes::INTROSPECT, &kind.get_untracked())
            >
                "Introspect"
            </Button>
            <Button busy=walk.busy on_press=move |()| about(walk, "Revoke", routes::REVOKE, &kind.get_untracked())>
                "Revoke"
            </Button>
        </div>
    }
    .into_any();
    let words = view! {
        {move || no_refresh.get().then(|| view! {
            <p class="small muted">"There is no refresh token: the app lacks the grant refresh_token."</p>
        })}
        {reactive(move || { is_public.get().then(|| view! {
            <p class="small muted">"Introspection is for confidential apps: this one has no secret."</p>
        }) }.into_any())}
    }
    .into_any();
    let wire = view! {
        <h3>"On the wire"</h3>
        <p class="small muted">
            "Newest first. Each request can be repeated in a terminal: the copied command contains the real secret and tokens. Treat it like a password."
        </p>
        {reactive(move || { entries.with(Vec::is_empty).then(|| view! {
            <Empty title="Nothing sent yet" text="Press a button to see what goes over the wire."/>
        }) }.into_any())}
        <For each=move || entries.get() key=|it| it.id let:exchange>
            {entry(exchange, newest)}
        </For>
    }
    .into_any();
    view! {
        <div hidden=move || walk.tokens.with(Option::is_none)>
            <Card title="5. Use them">{buttons}{words}{wire}</Card>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refresh_keeps_what_the_answer_leaves_out() {
        let first = received(
            r#"{"access_token":"a1","refresh_token":"r1","id_token":"i1","scope":"x y","expires_in":60}"#,
            None,
        );
        assert_eq!((first.expires_in, first.refreshed), (60, false));
        let second = received(r#"{"access_token":"a2","scope":"x"}"#, Some(&first));
        assert_eq!((second.refresh.as_str(), second.id.as_str()), ("r1", "i1"));
        let words: Vec<String> = changes(&first, &second)
            .into_iter()
            .map(|(name, words)| format!("{name}: {words}"))
            .collect();
        assert_eq!(
            words,
            [
                "access_token: …a1 → …a2",
                "refresh_token: unchanged",
                "id_token: unchanged",
                "scope: x y → x"
            ]
        );
    }
}
