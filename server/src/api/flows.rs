//! The traces of authorizations, for the application's owner and for administrators.

use axum::Json;
use axum::extract::State;
use contract::wire::flow::{Flow, FlowSummary};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::error::{ApiError, NotFound, Refused};
use super::path::PathOf;
use crate::http::session::SignedIn;
use crate::services::flows as services;
use crate::state::AppState;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(routes!(list))
        .routes(routes!(get))
}

/// List flows
///
/// The last hundred authorizations of an application, newest first.
#[utoipa::path(
    get,
    path = "/api/applications/{client_id}/flows",
    tag = "Flows",
    params(("client_id" = String, Path, description = "The application's client id.")),
    responses(
        (status = 200, description = "The flows.", body = [FlowSummary]),
        Refused,
        NotFound
    )
)]
async fn list(
    State(state): State<AppState>,
    SignedIn(session): SignedIn,
    PathOf(client_id): PathOf<String>,
) -> Result<Json<Vec<FlowSummary>>, ApiError> {
    Ok(Json(
        services::list(&state, &session.user, &client_id).await?,
    ))
}

/// Read a flow
///
/// Step by step: what came, what would have passed, and the rule that refused it.
#[utoipa::path(
    get,
    path = "/api/flows/{id}",
    tag = "Flows",
    params(("id" = String, Path, description = "The request id that the error page shows.")),
    responses((status = 200, description = "The flow.", body = Flow), Refused, NotFound)
)]
async fn get(
    State(state): State<AppState>,
    SignedIn(session): SignedIn,
    PathOf(id): PathOf<Uuid>,
) -> Result<Json<Flow>, ApiError> {
    Ok(Json(services::get(&state, &session.user, id).await?))
}
