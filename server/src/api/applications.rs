//! `/api/applications`: the caller's applications; an administrator gets all applications.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use contract::wire::application::{
    Application, ApplicationPatch, CreatedApplication, NewApplication,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::body::JsonBody;
use super::error::{ApiError, BadForm, NotFound, Refused};
use super::path::PathOf;
use crate::http::session::SignedIn;
use crate::services::applications::{self as services, By};
use crate::state::AppState;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(routes!(list, create))
        .routes(routes!(get, update, delete))
}

/// List applications
///
/// By name; without their secrets.
#[utoipa::path(
    get,
    path = "/api/applications",
    tag = "Applications",
    responses((status = 200, description = "The applications.", body = [Application]), Refused)
)]
async fn list(
    State(state): State<AppState>,
    SignedIn(session): SignedIn,
) -> Result<Json<Vec<Application>>, ApiError> {
    let now = state.now();
    let found = services::list(&state, By::Person(&session.user)).await?;
    Ok(Json(found.iter().map(|one| one.to_wire(now)).collect()))
}

/// Register an application
///
/// A confidential one gets a secret, which is shown in this answer and never again.
#[utoipa::path(
    post,
    path = "/api/applications",
    tag = "Applications",
    request_body = NewApplication,
    responses(
        (status = 201, description = "Registered.", body = CreatedApplication),
        Refused,
        BadForm
    )
)]
async fn create(
    State(state): State<AppState>,
    SignedIn(session): SignedIn,
    JsonBody(new): JsonBody<NewApplication>,
) -> Result<(StatusCode, Json<CreatedApplication>), ApiError> {
    let (application, client_secret) = services::create(
        &state,
        &state.client_secrets,
        By::Person(&session.user),
        &session.user,
        &new,
    )
    .await?;
    let created = CreatedApplication {
        application: application.to_wire(state.now()),
        client_secret,
    };
    Ok((StatusCode::CREATED, Json(created)))
}

/// Read an application
#[utoipa::path(
    get,
    path = "/api/applications/{client_id}",
    tag = "Applications",
    params(("client_id" = String, Path, description = "The application's client id.")),
    responses(
        (status = 200, description = "The application.", body = Application),
        Refused,
        NotFound
    )
)]
async fn get(
    State(state): State<AppState>,
    SignedIn(session): SignedIn,
    PathOf(client_id): PathOf<String>,
) -> Result<Json<Application>, ApiError> {
    let found = services::get(&state, By::Person(&session.user), &client_id).await?;
    Ok(Json(found.to_wire(state.now())))
}

/// Change an application
///
/// What is left out stays as it is.
#[utoipa::path(
    patch,
    path = "/api/applications/{client_id}",
    tag = "Applications",
    params(("client_id" = String, Path, description = "The application's client id.")),
    request_body = ApplicationPatch,
    responses(
        (status = 200, description = "The whole application as it is now.", body = Application),
        Refused,
        NotFound,
        BadForm
    )
)]
async fn update(
    State(state): State<AppState>,
    SignedIn(session): SignedIn,
    PathOf(client_id): PathOf<String>,
    JsonBody(patch): JsonBody<ApplicationPatch>,
) -> Result<Json<Application>, ApiError> {
    let changed = services::update(&state, By::Person(&session.user), &client_id, &patch).await?;
    Ok(Json(changed.to_wire(state.now())))
}

/// Delete an application
///
/// Its secrets, its tokens and what people consented to end with it.
#[utoipa::path(
    delete,
    path = "/api/applications/{client_id}",
    tag = "Applications",
    params(("client_id" = String, Path, description = "The application's client id.")),
    responses((status = 204, description = "Deleted."), Refused, NotFound)
)]
async fn delete(
    State(state): State<AppState>,
    SignedIn(session): SignedIn,
    PathOf(client_id): PathOf<String>,
) -> Result<StatusCode, ApiError> {
    services::delete(&state, By::Person(&session.user), &client_id).await?;
    Ok(StatusCode::NO_CONTENT)
}
