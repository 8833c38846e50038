//! `/o/par`: a client pushes the parameters of an authorization request, and gets an address
//! that stands for them (RFC 9126 §2). A public client may push too: what it pushes can't be
//! changed on its way either.

use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse, Response};
use contract::wire::flow::{StepName, StepOutcome};
use contract::{routes, rules};
use serde_json::json;
use uuid::Uuid;

use super::authorize::{AuthorizeError, REQUEST_URI, Sent, check};
use super::endpoint::{ClientRequest, run};
use super::methods::Cors;
use crate::crypto::hash::credential_hash;
use crate::domain::authorization::{PUSHED_LIFETIME, PushedRequest};
use crate::domain::credential::CredentialKind;
use crate::domain::redirect_uri::encode;
use crate::domain::refusal::Refusal;
use crate::error::Error;
use crate::http::RequestId;
use crate::http::params::{MAX_BYTES, Params};
use crate::http::response::private_json;
use crate::services::flow::{Checks, Trace};
use crate::state::AppState;

/// What proves who the client is, and is of no use to the request itself.
const CLIENT_AUTHENTICATION: [&str; 3] =
    ["client_secret", "client_assertion", "client_assertion_type"];

pub(super) async fn handle(
    State(state): State<AppState>,
    RequestId(flow_id): RequestId,
    request: Request<Body>,
) -> Response {
    run(
        &state,
        request,
        routes::PAR,
        Cors::ClientOrigins,
        async |request| push(&state, request, flow_id).await,
    )
    .await
}

async fn push(state: &AppState, request: ClientRequest, flow_id: Uuid) -> Result<Response, Error> {
    let now = state.now();
    request.take(
        &state.limits.pushed_requests,
        &rules::PUSHED_REQUEST_QUOTA,
        now,
    )?;
    let ClientRequest { client, params, .. } = request;
    // RFC 9126 §2.1: no `request_uri`; and a `request` would be one more way to say the same.
    if let Some(name) = ["request_uri", "request"]
        .into_iter()
        .find(|name| params.get(name).is_some())
    {
        return Err(Refusal::new(&rules::PUSHED_REQUEST_NESTED)
            .received(name)
            .into());
    }
    let client_id = client.client_id.clone();
    let checked = check(state, &params, client, Sent::Pushed, flow_id)
        .await
        .map_err(|refused| match refused {
            AuthorizeError::OnPage { failure, .. } => failure,
            AuthorizeError::ByRedirect { refusal, .. } => refusal.into(),
        })?;
    let parameters = stored(&params, &client_id)?;
    let credential = state
        .random
        .credential_with_id(CredentialKind::PushedRequest, flow_id);
    state
        .store
        .insert_pushed_request(PushedRequest {
            id: flow_id,
            secret_hash: credential_hash(&credential),
            client_id: client_id.clone(),
            parameters,
            created_at: now,
            expires_at: now + PUSHED_LIFETIME,
        })
        .await?;
    let mut trace = Trace::begin(flow_id);
    trace.client(&client_id);
    let line = format!("POST {}", routes::PAR);
    trace.step(StepName::PushedRequest, &line, StepOutcome::Ok, now);
    trace.parameters(Checks::Pushed, &params, None);
    trace.ignored_scopes(&checked.ignored_scopes);
    trace.write(state, now);
    let body = private_json(json!({
        "request_uri": format!("{REQUEST_URI}{}", credential.reveal()),
        "expires_in": PUSHED_LIFETIME.as_secs(),
    }));
    Ok((StatusCode::CREATED, body).into_response())
}

/// The parameters as they are kept: `client_id` once, and nothing that authenticates.
fn stored(params: &Params, client_id: &str) -> Result<String, Refusal> {
    let mut kept = vec![("client_id", client_id)];
    kept.extend(params.iter().filter(|(name, value)| {
        *name != "client_id" && !value.is_empty() && !CLIENT_AUTHENTICATION.contains(name)
    }));
    let text = encode(&kept);
    // Encoded anew it may be longer than it was; it will be read with the same limit.
    if text.len() > MAX_BYTES {
        return Err(Refusal::new(&rules::REQUEST_TOO_LARGE));
    }
    Ok(text)
}
