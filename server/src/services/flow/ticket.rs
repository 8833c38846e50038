//! Tickets: a request that waits for a person, sealed by the server and bound to the browser.
//!
//! Nothing is stored: an anonymous request costs no row. A ticket says nothing to whoever reads
//! it, opens in no other browser, and ends after ten minutes; the code that it leads to has the
//! flow's id, so a second answer to the same ticket finds the place taken.
//!
//! An answer that a form has to post waits for its page in the same way, for a minute.

use axum::http::{HeaderMap, HeaderValue};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use contract::{routes, rules};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::crypto::CryptoError;
use crate::crypto::hash::{equal, sha256};
use crate::domain::authorization::{
    ANSWER_SECONDS, AuthorizationRequest, AuthorizationResponse, FLOW_SECONDS, TICKET_SECONDS,
};
use crate::domain::refusal::Refusal;
use crate::domain::session::Session;
use crate::domain::time::Timestamp;
use crate::http::cookies::Cookie;
use crate::state::App;

const FLOW: &[u8] = b"flow";
const ANSWER: &[u8] = b"answer";

#[derive(Serialize, Deserialize)]
struct Ticket<T> {
    content: T,
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
    state: &App,
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
    let bound_to = Binding::Browser(sha256(value.as_bytes()));
    let ticket = seal(state, FLOW, request, bound_to)?;
    Ok((ticket, cookie))
}

/// A ticket for the person of this session.
///
/// # Errors
/// Sealing fails.
pub fn for_session(
    state: &App,
    session: &Session,
    request: &AuthorizationRequest,
) -> Result<String, CryptoError> {
    seal(state, FLOW, request, Binding::Session(session.id))
}

/// A ticket for an answer that this session's browser has to post.
///
/// # Errors
/// Sealing fails.
pub fn for_answer(
    state: &App,
    session: &Session,
    answer: &AuthorizationResponse,
) -> Result<String, CryptoError> {
    seal(state, ANSWER, answer, Binding::Session(session.id))
}

fn seal<T: Serialize>(
    state: &App,
    context: &[u8],
    content: &T,
    bound_to: Binding,
) -> Result<String, CryptoError> {
    let ticket = Ticket {
        content,
        bound_to,
        issued_at: state.now().millis(),
    };
    let plain = serde_json::to_vec(&ticket).map_err(|_| CryptoError::Seal)?;
    let sealed = state.tickets.seal(&plain, context, &state.random)?;
    Ok(URL_SAFE_NO_PAD.encode(sealed))
}

/// # Errors
/// `flow-expired` for whatever is no live ticket of ours, `flow-other-browser`.
pub fn open(
    state: &App,
    headers: &HeaderMap,
    session: Option<&Session>,
    text: &str,
) -> Result<AuthorizationRequest, Refusal> {
    let ticket = unseal::<AuthorizationRequest>(state, FLOW, text, TICKET_SECONDS)
        // Each page has a ticket of its own: together they last no longer than this.
        .filter(|ticket| state.now() < ticket.content.started_at().plus_seconds(FLOW_SECONDS))
        .ok_or_else(|| Refusal::new(&rules::FLOW_EXPIRED))?;
    bound(state, headers, session, &ticket.bound_to)?;
    Ok(ticket.content)
}

/// # Errors
/// `answer-expired` for whatever is no live ticket of ours, `flow-other-browser`.
pub fn open_answer(
    state: &App,
    headers: &HeaderMap,
    session: Option<&Session>,
    text: &str,
) -> Result<AuthorizationResponse, Refusal> {
    let ticket: Ticket<AuthorizationResponse> = unseal(state, ANSWER, text, ANSWER_SECONDS)
        .ok_or_else(|| Refusal::new(&rules::ANSWER_EXPIRED))?;
    bound(state, headers, session, &ticket.bound_to)?;
    Ok(ticket.content)
}

/// A ticket that was sealed for this use less than so many `seconds` ago.
fn unseal<T: DeserializeOwned>(
    state: &App,
    context: &[u8],
    text: &str,
    seconds: i64,
) -> Option<Ticket<T>> {
    let sealed = URL_SAFE_NO_PAD.decode(text).ok()?;
    let plain = state.tickets.open(&sealed, context).ok()?;
    let ticket: Ticket<T> = serde_json::from_slice(&plain).ok()?;
    (state.now() < Timestamp(ticket.issued_at).plus_seconds(seconds)).then_some(ticket)
}

fn bound(
    state: &App,
    headers: &HeaderMap,
    session: Option<&Session>,
    to: &Binding,
) -> Result<(), Refusal> {
    let bound = match to {
        Binding::Session(id) => session.is_some_and(|session| session.id == *id),
        Binding::Browser(hash) => Cookie::Browser
            .read(headers, &state.url)
            .is_some_and(|value| equal(&sha256(value.as_bytes()), hash)),
    };
    if bound {
        Ok(())
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

/// The page that posts an answer.
pub fn answer_path(ticket: &str) -> String {
    format!("{}?answer={ticket}", routes::FORM_POST)
}
