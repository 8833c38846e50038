//! Headers that every answer carries, and the nonce of this answer's scripts.

use std::sync::{Arc, OnceLock};

use axum::extract::{Request, State};
use axum::http::header::{
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, RETRY_AFTER, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::crypto::random::Random;
use crate::state::AppState;

/// The nonce that this answer's scripts carry. Drawn when a page asks for it: most answers are
/// data.
#[derive(Clone, Debug)]
pub struct CspNonce {
    drawn: Arc<OnceLock<Arc<str>>>,
    random: Random,
}

impl CspNonce {
    pub fn new(random: Random) -> Self {
        Self {
            drawn: Arc::default(),
            random,
        }
    }

    /// In base64; the same each time.
    pub fn get(&self) -> Arc<str> {
        let draw = || STANDARD.encode(self.random.bytes::<16>()).into();
        self.drawn.get_or_init(draw).clone()
    }
}

/// A form on this page may end at an application. Set in the answer's extensions: the policy has no
/// `form-action` then. Chromium checks every redirect that follows a form against that list, and
/// the server does not know where the application sends the browser next: perhaps to an app of its
/// own, by any scheme.
#[derive(Clone, Copy, Debug)]
pub struct FormLeadsAway;

pub async fn layer(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let nonce = CspNonce::new(state.random.clone());
    request.extensions_mut().insert(nonce.clone());
    let mut response = next.run(request).await;
    let html = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"text/html"));
    let policy = if html {
        HeaderValue::from_str(&page_policy(
            &nonce.get(),
            response.extensions().get().copied(),
        ))
        .ok()
    } else {
        None
    };
    let unavailable = response.status() == StatusCode::SERVICE_UNAVAILABLE;
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_SECURITY_POLICY,
        policy.unwrap_or(HeaderValue::from_static(DATA_POLICY)),
    );
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    // A ticket or a code in our URLs must not travel on in a Referer. Within the site it may:
    // with no referrer at all a form of ours would be sent with `Origin: null`.
    // A page from which no form comes back to us may say nothing at all.
    if !headers.contains_key(REFERRER_POLICY) {
        headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    }
    // A request that took too long was given up by a layer that knows no more than the status.
    if unavailable && !headers.contains_key(RETRY_AFTER) {
        headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    if state.url.is_https() {
        headers.insert(
            STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=31536000"),
        );
    }
    response
}

/// Data is no document: opened as one it may load and do nothing.
const DATA_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";

fn page_policy(nonce: &str, away: Option<FormLeadsAway>) -> String {
    let forms = match away {
        Some(FormLeadsAway) => "",
        None => "form-action 'self'; ",
    };
    format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'none'; \
         {forms}frame-ancestors 'none'"
    )
}
