//! Signing out: the same for an application's request, for the page's form and for the JSON API.
//!
//! An application may ask for it without being asked back only when it shows an id_token of this
//! very session, and an address for afterwards that is registered. In every other case the person
//! decides on `/logout`: the request waits in a ticket, sealed by the server and bound to the
//! session.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use contract::wire::audit::AuditKind;
use contract::wire::flow::{FlowOutcome, StepName, StepOutcome};
use contract::wire::logout::{LogoutDelivery, LogoutPage, SignOut};
use contract::{routes, rules};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::applications::{self, By};
use super::clients;
use super::flow::Trace;
use crate::crypto::CryptoError;
use crate::crypto::hash::sid;
use crate::domain::authorization::TICKET_LIFETIME;
use crate::domain::client::Client;
use crate::domain::logout::{self, HintedSession, LogoutRequest, Reach};
use crate::domain::redirect_uri::host_for_people;
use crate::domain::refusal::Refusal;
use crate::domain::session::Session;
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::error::Error;
use crate::state::App;
use crate::store::{AuditEntry, AuditEvent, LoggedDelivery, SessionSelector};

const CONTEXT: &[u8] = b"logout";
/// So many deliveries are listed.
const LIMIT: u64 = 100;

#[derive(Serialize, Deserialize)]
struct Ticket {
    request: LogoutRequest,
    /// The `sid` of the session that is asked.
    session: Uuid,
    /// Unix milliseconds.
    issued_at: i64,
}

/// What becomes of an application's request.
#[derive(Debug)]
pub enum LogoutStep {
    /// The person has to be asked, at this path.
    Ask(String),
    /// No user is signed in (any more): the browser goes here.
    SignedOut(String),
}

/// Goes as far as it can without asking.
///
/// # Errors
/// The database fails.
pub async fn begin(
    state: &App,
    request: &LogoutRequest,
    hint: Option<HintedSession<'_>>,
    session: Option<&Session>,
    trace: &mut Trace,
) -> Result<LogoutStep, Error> {
    let now = state.now();
    let Some(session) = session else {
        trace.step(StepName::Logout, "", StepOutcome::Ok, now);
        if request.refused.is_none() {
            trace.outcome(FlowOutcome::SignedOut);
        }
        return Ok(LogoutStep::SignedOut(location(request)));
    };
    let user = &session.user;
    trace.user(user.id);
    let certain = hint.is_some_and(|hint| hint.is(&user.id.to_string(), &sid(session.sid)));
    if !certain || request.refused.is_some() {
        trace.step(StepName::Logout, "", StepOutcome::Waiting, now);
        let ticket = seal(state, session, request)?;
        return Ok(LogoutStep::Ask(format!("{}?flow={ticket}", routes::LOGOUT)));
    }
    sign_out(state, session, Reach::ThisSession).await?;
    trace.step(StepName::Logout, "", StepOutcome::Ok, now);
    trace.outcome(FlowOutcome::SignedOut);
    Ok(LogoutStep::SignedOut(location(request)))
}

/// Ends this session, or all of this person's.
///
/// # Errors
/// The database fails.
pub async fn sign_out(state: &App, session: &Session, reach: Reach) -> Result<(), Error> {
    let user = &session.user;
    match reach {
        Reach::ThisSession => end(state, user, SessionSelector::One(session.sid), None).await,
        Reach::Everywhere => sign_out_everywhere(state, user).await,
    }
}

/// Ends every session of this person.
///
/// # Errors
/// The database fails.
pub async fn sign_out_everywhere(state: &App, user: &User) -> Result<(), Error> {
    let audit = state.audit_entry(AuditEvent {
        kind: AuditKind::SessionsEnded,
        actor_id: Some(user.id),
        user_id: Some(user.id),
        client_id: None,
        detail: String::new(),
    });
    end(state, user, SessionSelector::All, Some(audit)).await
}

async fn end(
    state: &App,
    user: &User,
    ending: SessionSelector,
    audit: Option<AuditEntry>,
) -> Result<(), Error> {
    let ended = state
        .store
        .end_sessions(user.id, ending, state.now(), audit)
        .await?;
    state.sessions_ended(ended);
    Ok(())
}

/// Where the browser goes: to the application's address, else to our own page.
fn location(request: &LogoutRequest) -> String {
    request
        .location()
        .unwrap_or_else(|| routes::LOGOUT.to_owned())
}

fn seal(state: &App, session: &Session, request: &LogoutRequest) -> Result<String, CryptoError> {
    let ticket = Ticket {
        request: request.clone(),
        session: session.sid,
        issued_at: state.now().millis(),
    };
    let plain = serde_json::to_vec(&ticket).map_err(|_| CryptoError::Seal)?;
    let sealed = state.tickets.seal(&plain, CONTEXT, &state.random)?;
    Ok(URL_SAFE_NO_PAD.encode(sealed))
}

/// The request behind a ticket, and its application. Minutes may have passed: an address that is
/// not registered any more is forgotten.
///
/// # Errors
/// `logout-expired` for whatever is no live ticket of ours, `logout-other-session`; the database
/// fails.
async fn open(
    state: &App,
    session: Option<&Session>,
    flow: &str,
) -> Result<(LogoutRequest, Option<String>), Error> {
    let expired = || Refusal::new(&rules::LOGOUT_EXPIRED);
    let ticket: Ticket = URL_SAFE_NO_PAD
        .decode(flow)
        .ok()
        .and_then(|sealed| state.tickets.open(&sealed, CONTEXT).ok())
        .and_then(|plain| serde_json::from_slice(&plain).ok())
        .ok_or_else(expired)?;
    if state.now() >= Timestamp(ticket.issued_at) + TICKET_LIFETIME {
        return Err(expired().into());
    }
    // Who has signed out meanwhile, in another tab, just goes on.
    if session.is_some_and(|session| session.sid != ticket.session) {
        return Err(Refusal::new(&rules::LOGOUT_OTHER_SESSION).into());
    }
    let mut request = ticket.request;
    let client = match &request.client_id {
        Some(client_id) => clients::known(state, client_id).await?,
        None => None,
    };
    let client = client.filter(|client| client.is_enabled());
    let still = logout::redirect_uri(request.redirect_uri.as_deref(), client.as_deref());
    request.redirect_uri = still.unwrap_or_default();
    let name = client.map(|client| client.settings.name.clone());
    Ok((request, name))
}

/// What the confirmation page shows, and the address that its form may lead to.
///
/// # Errors
/// Those of [`open`].
pub async fn ask(
    state: &App,
    session: Option<&Session>,
    flow: &str,
) -> Result<(LogoutPage, Option<String>), Error> {
    let (request, application) = open(state, session, flow).await?;
    let page = LogoutPage {
        flow: flow.to_owned(),
        application,
        redirect_host: request.redirect_uri.as_deref().map(host_for_people),
        refused: request.refused,
    };
    Ok((page, request.redirect_uri))
}

/// The person signs out. Where the browser goes.
///
/// # Errors
/// Those of [`open`]; the database fails.
pub async fn answer(
    state: &App,
    session: Option<&Session>,
    answer: &SignOut,
) -> Result<String, Error> {
    let request = match answer.flow.as_deref().filter(|flow| !flow.is_empty()) {
        Some(flow) => Some(open(state, session, flow).await?.0),
        None => None,
    };
    if let Some(session) = session {
        let reach = if answer.everywhere {
            Reach::Everywhere
        } else {
            Reach::ThisSession
        };
        sign_out(state, session, reach).await?;
    }
    let Some(request) = request else {
        return Ok(routes::LOGOUT.to_owned());
    };
    if request.client_id.is_some() {
        let now = state.now();
        let mut trace = Trace::resume(request.flow_id);
        trace.step(StepName::Logout, "", StepOutcome::Ok, now);
        trace.outcome(FlowOutcome::SignedOut);
        trace.write(state, now);
    }
    Ok(location(&request))
}

/// The last logout tokens of an application, newest first.
///
/// # Errors
/// `not-found`, also when the application belongs to another user; the database fails.
pub async fn deliveries(
    state: &App,
    user: &User,
    client_id: &str,
) -> Result<Vec<LogoutDelivery>, Error> {
    let application = applications::get(state, By::Person(user), client_id).await?;
    let rows = state.store.logouts_of(client_id, LIMIT).await?;
    let people: BTreeSet<Uuid> = rows.iter().map(|row| row.user_id).collect();
    let named = named(state, &application, people).await?;
    let line = |row: LoggedDelivery| {
        let is_named = named.contains(&row.user_id);
        wire(row, is_named)
    };
    Ok(rows.into_iter().map(line).collect())
}

/// Those of the people whose name the application may know: they let it have `profile`, or it
/// needs to ask no one.
async fn named(
    state: &App,
    application: &Client,
    people: BTreeSet<Uuid>,
) -> Result<BTreeSet<Uuid>, Error> {
    const SCOPE: &str = "profile";
    let settings = &application.settings;
    if !settings.scopes.contains(SCOPE) {
        return Ok(BTreeSet::new());
    }
    if settings.skip_consent {
        return Ok(people);
    }
    let allowed = state
        .store
        .allowed_by(&application.client_id, SCOPE, people)
        .await?;
    Ok(allowed)
}

fn wire(row: LoggedDelivery, is_named: bool) -> LogoutDelivery {
    let state = match (row.delivered_at, row.next_attempt_at) {
        (Some(_), _) => "delivered",
        (None, Some(_)) => "waiting",
        (None, None) => "given up",
    };
    LogoutDelivery {
        id: row.id.to_string(),
        user: row.username.filter(|_| is_named).unwrap_or_default(),
        sub: row.user_id.to_string(),
        sid: row.sid.map(sid),
        state: state.to_owned(),
        attempts: row.attempts,
        error: row.error,
        created_at: row.created_at.rfc3339(),
        delivered_at: row.delivered_at.map(Timestamp::rfc3339),
        next_attempt_at: row.next_attempt_at.map(Timestamp::rfc3339),
    }
}
