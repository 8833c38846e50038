//! `/api/connections`: the applications that the caller has let in.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use contract::wire::connection::Connection;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::error::{ApiError, NotFound, Refused};
use super::path::PathOf;
use crate::http::session::SignedIn;
use crate::services::connections as services;
use crate::state::AppState;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(routes!(list))
        .routes(routes!(remove))
}

/// List connections
#[utoipa::path(
    get,
    path = "/api/connections",
    tag = "Account",
    responses(
        (status = 200, description = "The applications that you let in.", body = [Connection]),
        Refused
    )
)]
async fn list(
    State(state): State<AppState>,
    SignedIn(session): SignedIn,
) -> Result<Json<Vec<Connection>>, ApiError> {
    let found = services::list(&state, &session.user).await?;
    Ok(Json(found))
}

/// Remove an application's access
///
/// Its tokens end at once, and it has to ask again.
#[utoipa::path(
    delete,
    path = "/api/connections/{client_id}",
    tag = "Account",
    params(("client_id" = String, Path, description = "The application's client id.")),
    responses((status = 204, description = "Removed."), Refused, NotFound)
)]
async fn remove(
    State(state): State<AppState>,
    SignedIn(session): SignedIn,
    PathOf(client_id): PathOf<String>,
) -> Result<StatusCode, ApiError> {
    services::remove(&state, &session.user, &client_id).await?;
    Ok(StatusCode::NO_CONTENT)
}
