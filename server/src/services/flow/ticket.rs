//! Tickets: a request that waits for a person, sealed by the server and bound to the browser.
//!
//! Nothing is stored: an anonymous request costs no row. A ticket is unreadable outside the server,
//! is worth nothing in another browser, and ends after ten minutes. The code that it leads to has
//! the flow's id, so a second answer to the same ticket finds the place taken.
//!
//! The tabs of a browser share its cookie, so a sign-in in one leaves the tickets of the others
//! as they are. What a session's own page decides counts for its person only.
//!
//! An answer that a form has to post waits for its page in the same way, for a minute.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use contract::{routes, rules};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::crypto::CryptoError;
use crate::crypto::hash::{equal, sha256};
use crate::crypto::pack::{pack, unpack};
use crate::domain::authorization::{
    ANSWER_LIFETIME, AuthorizationRequest, AuthorizationResponse, LONGEST_FLOW, RESTART_WITHIN,
    TICKET_LIFETIME,
};
use crate::domain::refusal::Refusal;
use crate::domain::session::Session;
use crate::domain::time::Timestamp;
use crate::http::cookies::{self, Cookie};
use crate::state::App;

const FLOW: &[u8] = b"flow";
const ANSWER: &[u8] = b"answer";

/// How long a browser is known by its cookie: longer than any of its flows.
const BROWSER_COOKIE: Duration = Duration::from_hours(24);

#[derive(Serialize, Deserialize)]
struct Ticket<T> {
    #[serde(rename = "c")]
    content: T,
    #[serde(rename = "o")]
    of: Owner,
    /// Unix milliseconds.
    #[serde(rename = "i")]
    issued_at: i64,
}

/// Whose ticket it is.
#[derive(Default, Serialize, Deserialize)]
struct Owner {
    /// SHA-256 of the browser's cookie.
    #[serde(rename = "b", default, skip_serializing_if = "Option::is_none")]
    browser: Option<String>,
    /// `sid` and user of the session that decides.
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    session: Option<(Uuid, Uuid)>,
}

impl Owner {
    fn new(browser: Option<&str>, session: Option<&Session>) -> Self {
        Self {
            browser: browser.map(hash),
            session: session.map(|session| (session.sid, session.user.id)),
        }
    }

    fn is_browser(&self, state: &App, headers: &HeaderMap) -> bool {
        self.browser.as_deref().is_some_and(|browser| {
            Cookie::Browser
                .read_all(headers, &state.url)
                .any(|value| equal(hash(value).as_bytes(), browser.as_bytes()))
        })
    }

    fn is_session(&self, session: &Session) -> bool {
        self.session.is_some_and(|(sid, _)| sid == session.sid)
    }

    /// The browser, or the session that it was.
    fn is(&self, state: &App, headers: &HeaderMap, session: Option<&Session>) -> bool {
        session.is_some_and(|session| self.is_session(session)) || self.is_browser(state, headers)
    }

    /// The session that decides, or another one of the same person in the same browser.
    fn decides(&self, state: &App, headers: &HeaderMap, session: &Session) -> bool {
        self.is_session(session)
            || self.is_browser(state, headers)
                && self.session.is_none_or(|(_, user)| user == session.user.id)
    }
}

fn hash(cookie: &str) -> String {
    URL_SAFE_NO_PAD.encode(sha256(cookie.as_bytes()))
}

/// A ticket, and the cookies that bind it.
pub struct Bound {
    pub ticket: String,
    pub cookies: Vec<HeaderValue>,
}

/// A ticket for this browser; `session` decides, if there is one. A browser without a cookie gets
/// one. It gets it twice: of two tabs that start at once, the second one's takes the place of
/// the first one's, but for the one that is named after itself.
///
/// # Errors
/// Sealing fails.
pub fn bind(
    state: &App,
    headers: &HeaderMap,
    session: Option<&Session>,
    request: &AuthorizationRequest,
) -> Result<Bound, CryptoError> {
    let present = browser(state, headers);
    let fresh = URL_SAFE_NO_PAD.encode(state.random.bytes::<32>());
    let value = present.unwrap_or(&fresh);
    let write = |name| cookies::write(name, value, BROWSER_COOKIE, &state.url);
    let name = Cookie::Browser.name(&state.url);
    let own = format!("{name}_{}", &hash(value)[..8]);
    let mut cookies: Vec<_> = write(&name).into_iter().collect();
    if present.is_none() {
        cookies.extend(cookies::write(&own, value, RESTART_WITHIN, &state.url));
    }
    let ticket = seal(state, FLOW, request, Owner::new(Some(value), session))?;
    Ok(Bound { ticket, cookies })
}

/// A ticket for the person of this session.
///
/// # Errors
/// Sealing fails.
pub fn for_session(
    state: &App,
    headers: &HeaderMap,
    session: &Session,
    request: &AuthorizationRequest,
) -> Result<String, CryptoError> {
    let of = Owner::new(browser(state, headers), Some(session));
    seal(state, FLOW, request, of)
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
    seal(state, ANSWER, answer, Owner::new(None, Some(session)))
}

/// The browser's cookie, if it is one of ours.
fn browser<'a>(state: &App, headers: &'a HeaderMap) -> Option<&'a str> {
    let value = Cookie::Browser.read(headers, &state.url)?;
    (value.len() == 43).then_some(value)
}

fn seal<T: Serialize>(
    state: &App,
    context: &[u8],
    content: &T,
    of: Owner,
) -> Result<String, CryptoError> {
    let ticket = Ticket {
        content,
        of,
        issued_at: state.now().millis(),
    };
    let plain = serde_json::to_vec(&ticket).map_err(|_| CryptoError::Seal)?;
    let sealed = state.tickets.seal(&pack(&plain), context, &state.random)?;
    Ok(URL_SAFE_NO_PAD.encode(sealed))
}

/// The request that waits in this browser.
///
/// # Errors
/// `flow-expired` for whatever is no live ticket of ours, `flow-other-browser`.
pub fn open(
    state: &App,
    headers: &HeaderMap,
    session: Option<&Session>,
    text: &str,
) -> Result<AuthorizationRequest, Refusal> {
    let ticket = live(state, text)?;
    if ticket.of.is(state, headers, session) {
        Ok(ticket.content)
    } else {
        Err(Refusal::new(&rules::FLOW_OTHER_BROWSER))
    }
}

/// The request that this session may decide.
///
/// # Errors
/// As [`open`].
pub fn open_for(
    state: &App,
    headers: &HeaderMap,
    session: &Session,
    text: &str,
) -> Result<AuthorizationRequest, Refusal> {
    let ticket = live(state, text)?;
    if ticket.of.decides(state, headers, session) {
        Ok(ticket.content)
    } else {
        Err(Refusal::new(&rules::FLOW_OTHER_BROWSER))
    }
}

/// The request of a ticket of this browser that has ended a while ago: it may begin again.
pub fn open_late(
    state: &App,
    headers: &HeaderMap,
    session: Option<&Session>,
    text: &str,
) -> Option<AuthorizationRequest> {
    let ticket: Ticket<AuthorizationRequest> = unseal(state, FLOW, text)?;
    let end = ticket.content.started_at() + RESTART_WITHIN;
    (state.now() < end && ticket.of.is(state, headers, session)).then_some(ticket.content)
}

/// The request of any ticket of ours, however old and wherever it is shown: only to say which
/// application it was about.
pub fn peek(state: &App, text: &str) -> Option<AuthorizationRequest> {
    let ticket: Ticket<AuthorizationRequest> = unseal(state, FLOW, text)?;
    Some(ticket.content)
}

/// # Errors
/// `answer-expired` for whatever is no live ticket of ours, `flow-other-browser`.
pub fn open_answer(
    state: &App,
    session: Option<&Session>,
    text: &str,
) -> Result<AuthorizationResponse, Refusal> {
    let ticket: Ticket<AuthorizationResponse> = unseal(state, ANSWER, text)
        .filter(|ticket| is_younger(state, ticket, ANSWER_LIFETIME))
        .ok_or_else(|| Refusal::new(&rules::ANSWER_EXPIRED))?;
    if session.is_some_and(|session| ticket.of.is_session(session)) {
        Ok(ticket.content)
    } else {
        Err(Refusal::new(&rules::FLOW_OTHER_BROWSER))
    }
}

fn live(state: &App, text: &str) -> Result<Ticket<AuthorizationRequest>, Refusal> {
    unseal::<AuthorizationRequest>(state, FLOW, text)
        .filter(|ticket| is_younger(state, ticket, TICKET_LIFETIME))
        // Each page has a ticket of its own: together they last no longer than this.
        .filter(|ticket| state.now() < ticket.content.started_at() + LONGEST_FLOW)
        .ok_or_else(|| Refusal::new(&rules::FLOW_EXPIRED))
}

/// A ticket that was sealed for this use, at any time.
fn unseal<T: DeserializeOwned>(state: &App, context: &[u8], text: &str) -> Option<Ticket<T>> {
    let sealed = URL_SAFE_NO_PAD.decode(text).ok()?;
    let packed = state.tickets.open(&sealed, context).ok()?;
    serde_json::from_slice(&unpack(&packed)?).ok()
}

fn is_younger<T>(state: &App, ticket: &Ticket<T>, lifetime: Duration) -> bool {
    state.now() < Timestamp(ticket.issued_at) + lifetime
}

/// The page that asks to sign in.
pub fn login_path(ticket: &str) -> String {
    format!("{}?flow={ticket}", routes::LOGIN)
}

/// The page that asks for consent.
pub fn consent_path(ticket: &str) -> String {
    format!("{}?flow={ticket}", routes::CONSENT)
}

/// The page that says that a flow is over, and leads on.
pub fn over_path(ticket: &str) -> String {
    format!("{}?flow={ticket}", routes::SIGNED_IN)
}

/// The page that posts an answer.
pub fn answer_path(ticket: &str) -> String {
    format!("{}?answer={ticket}", routes::FORM_POST)
}
