//! `/api/password`: a forgotten password, without a session.

use axum::extract::State;
use axum::http::StatusCode;
use contract::wire::problem::Problem;
use contract::wire::session::{ForgotPassword, ResetPassword};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::body::JsonBody;
use super::error::{ApiError, BadForm};
use crate::http::address::PeerAddress;
use crate::services::password_reset;
use crate::state::AppState;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(routes!(forgot))
        .routes(routes!(reset))
}

/// Ask for a link to set a new password
///
/// It goes to the address of the account. The answer is the same when there is none.
#[utoipa::path(
    post,
    path = "/api/password/forgot",
    tag = "Session",
    request_body = ForgotPassword,
    responses(
        (status = 202, description = "If there is such an account, a link is on its way."),
        (status = 429, description = "Too many from this network: `too-many-attempts`.", body = Problem),
        BadForm
    )
)]
async fn forgot(
    State(state): State<AppState>,
    address: PeerAddress,
    JsonBody(form): JsonBody<ForgotPassword>,
) -> Result<StatusCode, ApiError> {
    password_reset::forgot(&state, address, &form).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Set a new password by a link
///
/// Every session and every token of the person ends.
#[utoipa::path(
    post,
    path = "/api/password/reset",
    tag = "Session",
    request_body = ResetPassword,
    responses(
        (status = 204, description = "The new password is set."),
        (status = 403, description = "The link was used, or is too old: `link-used`.", body = Problem),
        BadForm
    )
)]
async fn reset(
    State(state): State<AppState>,
    JsonBody(form): JsonBody<ResetPassword>,
) -> Result<StatusCode, ApiError> {
    password_reset::reset(&state, &form).await?;
    Ok(StatusCode::NO_CONTENT)
}
