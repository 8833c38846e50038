//! `/api/account`: the caller's password and signed-in browsers.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use contract::wire::problem::Problem;
use contract::wire::session::{ChangePassword, SessionInfo};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::body::JsonBody;
use super::error::{ApiError, BadForm, Refused};
use crate::http::session::{SignedIn, clear_cookie};
use crate::services::account as services;
use crate::services::logout;
use crate::state::AppState;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(routes!(change_password))
        .routes(routes!(sessions, sign_out_everywhere))
}

/// Change the password
///
/// Every other browser is signed out.
#[utoipa::path(
    post,
    path = "/api/account/password",
    tag = "Account",
    request_body = ChangePassword,
    responses(
        (status = 204, description = "Changed."),
        Refused,
        BadForm,
        (
            status = 429,
            description = "Too many wrong passwords: `too-many-attempts`.",
            body = Problem
        )
    )
)]
async fn change_password(
    State(state): State<AppState>,
    SignedIn(session): SignedIn,
    JsonBody(form): JsonBody<ChangePassword>,
) -> Result<StatusCode, ApiError> {
    services::change_password(&state, &session, &form).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// List sessions
///
/// The browsers in which you are signed in.
#[utoipa::path(
    get,
    path = "/api/account/sessions",
    tag = "Account",
    responses((status = 200, description = "The sessions.", body = [SessionInfo]), Refused)
)]
async fn sessions(
    State(state): State<AppState>,
    SignedIn(session): SignedIn,
) -> Result<Json<Vec<SessionInfo>>, ApiError> {
    Ok(Json(services::sessions(&state, &session).await?))
}

/// Sign out everywhere
///
/// Ends every session, this one too.
#[utoipa::path(
    delete,
    path = "/api/account/sessions",
    tag = "Account",
    responses((status = 204, description = "Signed out."), Refused)
)]
async fn sign_out_everywhere(
    State(state): State<AppState>,
    SignedIn(session): SignedIn,
) -> Result<Response, ApiError> {
    logout::sign_out_everywhere(&state, &session.user).await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    clear_cookie(&state, &mut response);
    Ok(response)
}
