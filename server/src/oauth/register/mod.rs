//! `/o/register`: applications register themselves (RFC 7591).
//!
//! The order: is it open at all → method → initial access token → media type, size, JSON → metadata
//! → quotas → one transaction that takes a use of the token and keeps the application. Members that
//! no client may decide for others are not read at all; see `domain::registration`.

mod manage;
mod metadata;

use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::header::WWW_AUTHENTICATE;
use axum::http::{HeaderValue, Request, StatusCode};
use axum::response::Response;
use contract::rules;
use contract::wire::flow::{FlowOutcome, StepName, StepOutcome};
use serde_json::{Map, Value};

pub(super) use manage::manage;

use crate::config::Registration;
use crate::domain::refusal::Refusal;
use crate::domain::registration::{MAX_BYTES, parse};
use crate::error::Error;
use crate::http::authorization;
use crate::http::cors;
use crate::http::media_type;
use crate::http::response::{bearer_error, oauth_error};
use crate::http::{PeerAddress, RequestId};
use crate::services::flow::Trace;
use crate::services::registration::{self, By};
use crate::state::AppState;

/// How a trace calls what happens here.
const STEP: StepName = StepName::Registration;

/// Where no application registers itself.
pub(super) async fn closed(State(state): State<AppState>) -> Response {
    oauth_error(&Refusal::new(&rules::REGISTRATION_CLOSED), &state.url)
}

pub(super) async fn register(
    State(state): State<AppState>,
    id: RequestId,
    peer: PeerAddress,
    request: Request<Body>,
) -> Response {
    // Clients that run in a browser register themselves too: nothing but what they send counts.
    cors::open(match registered(&state, id, peer, request).await {
        Ok(response) => response,
        Err(failure) => refused(&state, &failure.refusal()),
    })
}

async fn registered(
    state: &AppState,
    id: RequestId,
    peer: PeerAddress,
    request: Request<Body>,
) -> Result<Response, Error> {
    // Neither a session nor a client's secret permits a registration.
    let token = match authorization::bearer(request.headers())? {
        Some(text) => Some(registration::initial_token(state, text).await?),
        None if state.options.registration == Registration::Open => None,
        None => return Err(Refusal::new(&rules::REGISTRATION_TOKEN_MISSING).into()),
    };
    let members = body(request).await?;
    let by = token.map_or(By::Anonymous(peer), |token| By::Token(token.id));
    let shown = registration::register(state, &members, by).await?;
    record(state, id, &shown.application.client_id, "POST /o/register");
    Ok(metadata::answer(state, StatusCode::CREATED, &shown))
}

/// Writes the first trace that the owner of the application reads.
fn record(state: &AppState, id: RequestId, client_id: &str, request: &str) {
    let now = state.now();
    let mut trace = Trace::begin(id.0);
    trace.client(client_id);
    trace.step(STEP, request, StepOutcome::Ok, now);
    trace.outcome(FlowOutcome::Registered);
    trace.write(state, now);
}

/// The members of the body (RFC 7591 §3.1).
async fn body(request: Request<Body>) -> Result<Map<String, Value>, Refusal> {
    let malformed =
        |detail: &'static str| Refusal::new(&rules::CLIENT_METADATA_MALFORMED).detail(detail);
    if !media_type::is(request.headers(), media_type::JSON) {
        return Err(malformed("The Content-Type has to be application/json."));
    }
    let body = to_bytes(request.into_body(), MAX_BYTES)
        .await
        .map_err(|_| Refusal::new(&rules::REQUEST_TOO_LARGE))?;
    parse(&body)
}

/// A refusal. A request without a token is told that it needs one (RFC 6750 §3). Only a request
/// with a token is told what is wrong with it (§3.1).
fn refused(state: &AppState, refusal: &Refusal) -> Response {
    let sent_none = [
        rules::REGISTRATION_TOKEN_MISSING.id,
        rules::REGISTRATION_ACCESS_MISSING.id,
    ]
    .contains(&refusal.rule.id);
    if refusal.rule.status == 401 && !sent_none {
        return bearer_error(refusal, &state.url);
    }
    let mut response = oauth_error(refusal, &state.url);
    let challenge = format!("Bearer realm=\"{}\"", state.url.base());
    if refusal.rule.status == 401
        && let Ok(value) = HeaderValue::from_str(&challenge)
    {
        response.headers_mut().insert(WWW_AUTHENTICATE, value);
    }
    response
}
