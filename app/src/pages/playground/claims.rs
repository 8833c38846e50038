//! A decoded JWT: its header, and its claims with times in words.

use leptos::prelude::*;
use serde_json::Value;

use super::crypto::{pretty, utc};
use super::jose::Jwt;
use super::line;

/// Claims that are seconds since 1970 (RFC 7519 §2, OIDC Core §2).
const TIMES: [&str; 5] = ["exp", "iat", "nbf", "auth_time", "updated_at"];

/// What a claim means, in a few words.
fn meaning(name: &str) -> &'static str {
    match name {
        "iss" => "issuer",
        "sub" => "the user: never changes, never reused",
        "aud" => "audience: the app it is for",
        "azp" => "the app that asked for it",
        "exp" => "valid until",
        "iat" => "issued at",
        "nbf" => "valid from",
        "auth_time" => "the user signed in at",
        "nonce" => "ties it to the request",
        "at_hash" => "ties it to the access token",
        "sid" => "the session",
        "acr" | "amr" => "how the user signed in",
        "jti" => "unique ID",
        _ => "",
    }
}

pub(super) fn decoded(jwt: Jwt) -> AnyView {
    let claims = jwt.claims.as_object().cloned().unwrap_or_default();
    let rows = claims
        .into_iter()
        .map(|(name, value)| {
            let text = match &value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            let time = value
                .as_f64()
                .filter(|_| TIMES.contains(&name.as_str()))
                .map(|seconds| format!(" {}", utc(seconds)));
            let why = format!("{}{}", meaning(&name), time.unwrap_or_default());
            line::plain(&name, line::value(text), &why)
        })
        .collect_view();
    view! {
        <div class="stack tight">
            <h4>"Header"</h4>
            <pre class="wire-text" tabindex="0">{pretty(&jwt.header.to_string())}</pre>
            <h4>"Claims"</h4>
            <dl class="parameters">{rows}</dl>
        </div>
    }
    .into_any()
}
