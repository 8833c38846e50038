//! `/o/register/{client_id}`: an application reads, changes and deletes its registration
//! (RFC 7592), with the registration access token that it got at the last change.

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderMap, HeaderValue, Method, Request, StatusCode};
use axum::response::{IntoResponse, Response};
use contract::rules;

use super::{STEP, bearer, body, metadata, not_allowed, record, refused};
use crate::config::Registration;
use crate::domain::credential::{Credential, CredentialKind};
use crate::domain::refusal::Refusal;
use crate::error::Error;
use crate::http::cors;
use crate::http::response::oauth_error;
use crate::http::{PeerAddress, RequestId};
use crate::services::clients;
use crate::services::flow::Trace;
use crate::services::registration::{self, RegistrationResponse};
use crate::state::AppState;

pub(in crate::oauth) async fn manage(
    State(state): State<AppState>,
    client_id: Result<Path<String>, PathRejection>,
    peer: PeerAddress,
    request: Request<Body>,
) -> Response {
    // An id that is not UTF-8 belongs to no application.
    let client_id = client_id.map(|path| path.0).unwrap_or_default();
    if state.options.registration == Registration::Closed {
        return oauth_error(&Refusal::new(&rules::REGISTRATION_CLOSED), &state.url);
    }
    let method = request.method().clone();
    match method {
        Method::OPTIONS => return cors::open_preflight("GET, PUT, DELETE"),
        Method::GET | Method::PUT | Method::DELETE => {}
        _ => return cors::open(not_allowed(&state, "GET, PUT, DELETE")),
    }
    cors::open(answer(&state, &client_id, &method, peer, request).await)
}

async fn answer(
    state: &AppState,
    client_id: &str,
    method: &Method,
    peer: PeerAddress,
    request: Request<Body>,
) -> Response {
    let id = request.extensions().get::<RequestId>().copied();
    match managed(state, client_id, method, peer, request).await {
        Ok(response) => {
            if *method == Method::PUT {
                record(
                    state,
                    id,
                    client_id,
                    &format!("PUT /o/register/{client_id}"),
                );
            }
            response
        }
        Err(failure) => {
            let refusal = failure.refusal();
            if let Some(id) = id {
                record_refused(state, id, client_id, method, &refusal).await;
            }
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
        let mut response = StatusCode::NO_CONTENT.into_response();
        // RFC 7592 §2.3.
        response
            .headers_mut()
            .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        return Ok(response);
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
    let text = bearer(headers)?.ok_or_else(|| Refusal::new(&rules::REGISTRATION_ACCESS_MISSING))?;
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
