//! `/api/device`: what a device asks for, found by the code that the user typed, and the user's
//! answer.

use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use contract::rules;
use contract::wire::device::{DeviceDecided, DeviceDecision, DeviceRequest};
use contract::wire::problem::Problem;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::body::JsonBody;
use crate::domain::refusal::Refusal;
use crate::error::Error;
use crate::http::address::PeerAddress;
use crate::http::params::Params;
use crate::http::response::{private_json, problem_with};
use crate::http::session::SignedIn;
use crate::services::device;
use crate::state::AppState;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(show, answer))
}

/// What the device page shows. Asking decides nothing.
#[utoipa::path(
    get,
    path = "/api/device",
    params(("user_code" = String, Query, description = "as the device shows it, in any case, with or without the hyphen")),
    responses(
        (status = 200, body = DeviceRequest),
        (status = 401, body = Problem),
        (status = 404, body = Problem, description = "user-code-unknown, user-code-expired, user-code-used"),
        (status = 429, body = Problem, description = "too-many-attempts"),
    )
)]
async fn show(
    State(state): State<AppState>,
    SignedIn(session): SignedIn,
    address: PeerAddress,
    uri: Uri,
) -> Response {
    let ask = async {
        let params = Params::parse(uri.query().unwrap_or_default().as_bytes())?;
        let typed = params
            .once("user_code")?
            .ok_or_else(|| Refusal::new(&rules::USER_CODE_UNKNOWN))?;
        device::ask(&state, &session, address, typed).await
    };
    match ask.await {
        Ok(request) => private_json(request),
        Err(failure) => fail(failure, &state),
    }
}

/// Takes the answer; the device learns of it when it polls next.
#[utoipa::path(
    post,
    path = "/api/device",
    request_body = DeviceDecision,
    responses(
        (status = 200, body = DeviceDecided),
        (status = 400, body = Problem, description = "json-malformed"),
        (status = 401, body = Problem),
        (status = 404, body = Problem, description = "user-code-unknown, user-code-expired, user-code-used"),
        (status = 429, body = Problem, description = "too-many-attempts"),
    )
)]
async fn answer(
    State(state): State<AppState>,
    SignedIn(session): SignedIn,
    address: PeerAddress,
    JsonBody(decision): JsonBody<DeviceDecision>,
) -> Response {
    match device::answer(&state, &session, address, &decision).await {
        Ok(status) => private_json(DeviceDecided { status }),
        Err(failure) => fail(failure, &state),
    }
}

fn fail(failure: Error, state: &AppState) -> Response {
    let refusal = failure.refusal();
    let errors = device::errors(&refusal);
    problem_with(&refusal, &state.url, errors)
}
