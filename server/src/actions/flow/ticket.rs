//! Tickets: a request that waits for a person, sealed by the server and bound to the browser.
//!
//! Nothing is stored: an anonymous request costs no row. A ticket says nothing to whoever reads
//! it, opens in no other browser, and ends after ten minutes; the code that it leads to has the
//! flow's id, so a second answer to the same ticket finds the place taken.

use app::{routes, rules};
use axum::http::{HeaderMap, HeaderValue};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::crypto::CryptoError;
use crate::crypto::hash::{equal, sha256};
use crate::domain::authorization::{AuthorizationRequest, TICKET_SECONDS};
use crate::domain::refusal::Refusal;
use crate::domain::session::Session;
use crate::domain::time::Timestamp;
use crate::http::cookies::Cookie;
use crate::state::State;

const CONTEXT: &[u8] = b"flow";

#[derive(Serialize, Deserialize)]
struct Ticket {
    request: AuthorizationRequest,
    bound_to: Binding,
    /// Unix milliseconds.
    issued_at: i64,
}

#[derive(Serialize, Deserialize)]
enum Binding {
    /// Whoever is signed in with this session.
    Session(Uuid),
    /// SHA-256 of the browser cookie.
    Browser([u8; 32]),
}

/// A ticket for somebody who has yet to sign in, and the cookie that binds it, if the browser
/// has none.
///
/// # Errors
/// Sealing fails.
pub fn for_browser(
    state: &State,
    headers: &HeaderMap,
    request: &AuthorizationRequest,
) -> Result<(String, Option<HeaderValue>), CryptoError> {
    let present = Cookie::Browser
        .read(headers, &state.url)
        .filter(|value| value.len() == 43);
    let (value, cookie) = match present {
        Some(value) => (value.to_owned(), None),
        None => {
            let value = URL_SAFE_NO_PAD.encode(state.random.bytes::<32>());
            let cookie = Cookie::Browser.write(&value, 24 * 3600, &state.url);
            (value, cookie)
        }
    };
    let ticket = seal(state, request, Binding::Browser(sha256(value.as_bytes())))?;
    Ok((ticket, cookie))
}

/// A ticket for the person of this session.
///
/// # Errors
/// Sealing fails.
pub fn for_session(
    state: &State,
    session: &Session,
    request: &AuthorizationRequest,
) -> Result<String, CryptoError> {
    seal(state, request, Binding::Session(session.id))
}

fn seal(
    state: &State,
    request: &AuthorizationRequest,
    bound_to: Binding,
) -> Result<String, CryptoError> {
    let ticket = Ticket {
        request: request.clone(),
        bound_to,
        issued_at: state.now().millis(),
    };
    let plain = serde_json::to_vec(&ticket).map_err(|_| CryptoError::Seal)?;
    let sealed = state.tickets.seal(&plain, CONTEXT, &state.random)?;
    Ok(URL_SAFE_NO_PAD.encode(sealed))
}

/// # Errors
/// `flow-expired` for whatever is no live ticket of ours, `flow-other-browser`.
pub fn open(
    state: &State,
    headers: &HeaderMap,
    session: Option<&Session>,
    text: &str,
) -> Result<AuthorizationRequest, Refusal> {
    let expired = || Refusal::new(&rules::FLOW_EXPIRED);
    let ticket: Ticket = URL_SAFE_NO_PAD
        .decode(text)
        .ok()
        .and_then(|sealed| state.tickets.open(&sealed, CONTEXT).ok())
        .and_then(|plain| serde_json::from_slice(&plain).ok())
        .ok_or_else(expired)?;
    if state.now() >= Timestamp(ticket.issued_at).plus_seconds(TICKET_SECONDS) {
        return Err(expired());
    }
    let bound = match ticket.bound_to {
        Binding::Session(id) => session.is_some_and(|session| session.id == id),
        Binding::Browser(hash) => Cookie::Browser
            .read(headers, &state.url)
            .is_some_and(|value| equal(&sha256(value.as_bytes()), &hash)),
    };
    if bound {
        Ok(ticket.request)
    } else {
        Err(Refusal::new(&rules::FLOW_OTHER_BROWSER))
    }
}

/// The page that asks to sign in.
pub fn login_path(ticket: &str) -> String {
    format!("{}?flow={ticket}", routes::LOGIN)
}

/// The page that asks for consent.
pub fn consent_path(ticket: &str) -> String {
    format!("{}?flow={ticket}", routes::CONSENT)
}
