//! `/o/register/{client_id}`: an application reads, changes and deletes its registration
//! (RFC 7592), with the registration access token that it got at the last change.

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use axum::response::{IntoResponse, Response};
use contract::rules;

use super::{STEP, body, metadata, record, refused};
use crate::domain::credential::{Credential, CredentialKind};
use crate::domain::refusal::Refusal;
use crate::error::Error;
use crate::http::authorization;
use crate::http::cors;
use crate::http::{PeerAddress, RequestId};
use crate::services::clients;
use crate::services::flow::Trace;
use crate::services::registration::{self, RegistrationResponse};
use crate::state::AppState;

pub(in crate::oauth) async fn manage(
    State(state): State<AppState>,
    client_id: Result<Path<String>, PathRejection>,
    id: RequestId,
    peer: PeerAddress,
    request: Request<Body>,
) -> Response {
    // An id that is not UTF-8 belongs to no application.
    let client_id = client_id.map(|path| path.0).unwrap_or_default();
    cors::open(answer(&state, id, &client_id, peer, request).await)
}

async fn answer(
    state: &AppState,
    id: RequestId,
    client_id: &str,
    peer: PeerAddress,
    request: Request<Body>,
) -> Response {
    let method = request.method().clone();
    match managed(state, client_id, &method, peer, request).await {
        Ok(response) => {
            if method == Method::PUT {
                let line = format!("PUT /o/register/{client_id}");
                record(state, id, client_id, &line);
            }
            response
        }
        Err(failure) => {
            let refusal = failure.refusal();
            record_refused(state, id, client_id, &method, &refusal).await;
            refused(state, &refusal)
        }
    }
}

async fn managed(
    state: &AppState,
    client_id: &str,
    method: &Method,
    peer: PeerAddress,
    request: Request<Body>,
) -> Result<Response, Error> {
    let credential = credential(request.headers())?;
    if method == Method::DELETE {
        registration::delete(state, client_id, &credential).await?;
        // RFC 7592 §2.3.
        return Ok((StatusCode::NO_CONTENT, [(CACHE_CONTROL, "no-store")]).into_response());
    }
    let application = registration::find(state, client_id, &credential).await?;
    let shown = if method == Method::PUT {
        let members = body(request).await?;
        // The application has proven who it is: no other can use its quota up.
        registration::take_update(state, client_id, peer)?;
        registration::replace(state, client_id, &credential, &members).await?
    } else {
        // The token stays as it is; the client that sent it may have it back (§3). Secrets are kept
        // as hashes, so there is none to show.
        RegistrationResponse {
            application,
            token: credential.reveal(),
            secret: None,
        }
    };
    Ok(metadata::answer(state, StatusCode::OK, &shown))
}

/// The registration access token of the request.
fn credential(headers: &HeaderMap) -> Result<Credential, Refusal> {
    let text = authorization::bearer(headers)?
        .ok_or_else(|| Refusal::new(&rules::REGISTRATION_ACCESS_MISSING))?;
    Credential::parse(CredentialKind::Registration, text)
        .ok_or_else(|| Refusal::new(&rules::REGISTRATION_ACCESS_DENIED))
}

/// Leaves a trace for the owner of the application.
async fn record_refused(
    state: &AppState,
    id: RequestId,
    client_id: &str,
    method: &Method,
    refusal: &Refusal,
) {
    let Ok(Some(client)) = clients::known(state, client_id).await else {
        return;
    };
    let now = state.now();
    let mut trace = Trace::begin(id.0);
    trace.client(&client.client_id);
    let request = format!("{method} /o/register/{}", client.client_id);
    trace.refused(STEP, &request, refusal, now);
    trace.write(state, now);
}
