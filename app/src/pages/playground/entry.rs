//! One exchange on the wire, folded to a line.

use leptos::prelude::*;

use super::crypto::pretty;
use super::exchange::Exchange;
use crate::browser;
use crate::ui::{Chip, Copy, Tone};
use contract::routes;

/// What to look for in it.
fn remark(exchange: &Exchange) -> &'static str {
    match (exchange.title.as_str(), exchange.status) {
        (_, 0) => "",
        ("Revoke", 200) => {
            "The answer is the same whether or not there was such a token (RFC 7009 §2.2). From now on it is refused: try it."
        }
        ("Introspect", 200) if !exchange.answer.contains("\"active\":true") => {
            "A token that is unknown, expired, revoked or another app's is just not active (RFC 7662 §2.2)."
        }
        ("Introspect", 200) => {
            "For APIs that can't read the token themselves: is it active, whose is it, what does it allow."
        }
        ("Userinfo", 200) => "The user's claims, as far as the scopes reach.",
        ("Call /api/hello", 200) => {
            "The resource looked at the token, at its scope read, and answered."
        }
        (_, 401) => {
            "The server doesn't accept these credentials. Refresh, or sign in again, to get new ones."
        }
        (_, 403) => "The token is valid, but lacks the scope.",
        _ => "",
    }
}

pub(super) fn entry(exchange: Exchange, newest: Memo<Option<usize>>) -> AnyView {
    let id = exchange.id;
    let reveal = RwSignal::new(false);
    let host = browser::origin();
    let host = host
        .split_once("://")
        .map_or("", |(_, host)| host)
        .to_owned();
    let curl = exchange.curl(&browser::origin());
    let tone = if exchange.ok() { Tone::Good } else { Tone::Bad };
    let rule = exchange.rule();
    let line = format!("{} {}", exchange.method, exchange.path);
    let shown = pretty(&exchange.answer);
    let answer = format!("{}\n\n{shown}", exchange.answer_text());
    let has_secret = exchange.is_secret();
    let hint = remark(&exchange);
    let changes = exchange.changes.clone();
    let title = exchange.title.clone();
    let chip = exchange.status_line();
    let request = move || exchange.request_text(&host, reveal.get());

    let toggle = has_secret.then(|| {
        view! {
            <button
                type="button"
                class="btn sm"
                aria-pressed=move || reveal.get().to_string()
                on:click=move |_| reveal.update(|it| *it = !*it)
            >
                "Show the secret"
            </button>
        }
    });
    let changes = (!changes.is_empty()).then(|| {
        let lines = changes
            .into_iter()
            .map(
                |(name, words)| view! { <dt><code>{name}</code></dt><dd class="mono">{words}</dd> },
            )
            .collect_view();
        view! { <h4>"What changed"</h4><dl class="changes">{lines}</dl> }
    });
    view! {
        <details class="exchange" open=move || newest.get() == Some(id)>
            <summary>
                <b>{title}</b>
                " "
                <code>{line}</code>
                " "
                <Chip tone=tone>{chip}</Chip>
            </summary>
            <div class="stack tight">
                {(!hint.is_empty()).then(|| view! { <p class="muted">{hint}</p> })}
                {rule.map(|rule| view! {
                    <p>"Refused by the rule " <a href=routes::rule(&rule) rel="external">{rule.clone()}</a></p>
                })}
                {changes}
                <div class="between">
                    <h4>"Request"</h4>
                    <div class="row">{toggle}<Copy value=curl what="" words="Copy as curl"/></div>
                </div>
                <pre class="wire-text" tabindex="0">{request}</pre>
                <h4>"Response"</h4>
                <pre class="wire-text" tabindex="0">{answer}</pre>
            </div>
        </details>
    }
    .into_any()
}
