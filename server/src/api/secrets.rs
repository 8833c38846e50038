//! `/api/applications/{client_id}/secrets`: a new one beside the old ones, and the end of one.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use contract::wire::application::NewSecret;
use contract::wire::problem::Problem;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::error::{ApiError, NotFound, Refused};
use super::path::PathOf;
use crate::http::session::SignedIn;
use crate::services::applications::{self as services, By};
use crate::state::AppState;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(routes!(create))
        .routes(routes!(retire))
}

/// Add a secret
///
/// The ones before stay as they are. This answer shows it, and none after.
#[utoipa::path(
    post,
    path = "/api/applications/{client_id}/secrets",
    tag = "Applications",
    params(("client_id" = String, Path, description = "The application's client id.")),
    responses(
        (status = 201, description = "Added.", body = NewSecret),
        Refused,
        NotFound,
        (
            status = 422,
            description = "A public application has no secret.",
            body = Problem
        )
    )
)]
async fn create(
    State(state): State<AppState>,
    SignedIn(session): SignedIn,
    PathOf(client_id): PathOf<String>,
) -> Result<(StatusCode, Json<NewSecret>), ApiError> {
    let made = services::new_secret(
        &state,
        &state.client_secrets,
        By::Person(&session.user),
        &client_id,
    )
    .await?;
    let answer = NewSecret {
        id: made.secret.id.to_string(),
        client_secret: made.plain,
        created_at: made.secret.created_at.rfc3339(),
    };
    Ok((StatusCode::CREATED, Json(answer)))
}

/// Retire a secret
///
/// It stops working at once. The only live one stays.
#[utoipa::path(
    delete,
    path = "/api/applications/{client_id}/secrets/{id}",
    tag = "Applications",
    params(
        ("client_id" = String, Path, description = "The application's client id."),
        ("id" = String, Path, description = "The secret's id.")
    ),
    responses(
        (status = 204, description = "Retired."),
        Refused,
        NotFound,
        (
            status = 409,
            description = "It is the only live one: `secret-last`.",
            body = Problem
        )
    )
)]
async fn retire(
    State(state): State<AppState>,
    SignedIn(session): SignedIn,
    PathOf((client_id, id)): PathOf<(String, Uuid)>,
) -> Result<StatusCode, ApiError> {
    services::retire_secret(&state, By::Person(&session.user), &client_id, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
