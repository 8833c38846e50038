//! Step 4: the token endpoint's answer, token by token.

use crate::ui::reactive;
use leptos::prelude::*;

use super::actions::EXCHANGE;
use super::claims::decoded;
use super::crypto::utc;
use super::entry::entry;
use super::jose::Jwt;
use super::line;
use super::walk::{Tokens, Walk};
use crate::ui::{Card, Copy};

/// Nothing before the first exchange.
pub(super) fn tokens(walk: Walk) -> AnyView {
    let exchanges = Signal::derive(move || {
        walk.log.with(|log| {
            log.iter()
                .rev()
                .filter(|it| it.title == EXCHANGE)
                .cloned()
                .collect::<Vec<_>>()
        })
    });
    let newest = Memo::new(move |_| exchanges.with(|list| list.first().map(|it| it.id)));
    view! {
        <div hidden=move || exchanges.with(Vec::is_empty)>
            <Card title="4. Tokens" anchor="tokens">
                <For each=move || exchanges.get() key=|it| it.id let:exchange>
                    {entry(exchange, newest)}
                </For>
                {reactive(move || { walk.tokens.get().map(shown) }.into_any())}
            </Card>
        </div>
    }
    .into_any()
}

fn shown(tokens: Tokens) -> AnyView {
    let until = utc((tokens.received_at / 1000.0).floor() + f64::from(tokens.expires_in));
    let access = Jwt::parse(&tokens.access).map(|jwt| {
        view! {
            <details class="more">
                <summary>"The access token is a JWT (RFC 9068): what it says"</summary>
                {decoded(jwt)}
            </details>
        }
    });
    view! {
        <dl class="parameters">
            {token("access_token", "the access token", tokens.access, "What the app sends to the API. Anyone who has it can use it.")}
            {token("refresh_token", "the token for renewal", tokens.refresh, "Gets the app its next access token. It changes with every use.")}
            {line::plain("expires_in", line::value(tokens.expires_in.to_string()), &format!("Seconds: until {until}."))}
            {line::plain("scope", line::value(tokens.scope), "What the user actually granted.")}
        </dl>
        {access}
    }
    .into_any()
}

/// One token. `what` names it on its copy button, where the words of the action buttons must not
/// come up again: they are found by their words.
fn token(
    name: &'static str,
    what: &'static str,
    value: String,
    why: &'static str,
) -> Option<AnyView> {
    (!value.is_empty()).then(|| {
        let shown = view! {
            <div class="row">
                <code class="value grow">{value.clone()}</code>
                <Copy value what/>
            </div>
        };
        line::plain(name, shown.into_any(), why)
    })
}
