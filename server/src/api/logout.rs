//! Signing out, and the log of the logout tokens that applications were sent.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use contract::wire::logout::{LogoutDelivery, SignOut};
use contract::wire::session::Redirect;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::body::JsonBody;
use super::error::{ApiError, NotFound, Refused};
use super::path::PathOf;
use crate::http::response::private_json;
use crate::http::session::{SignedIn, clear_cookie};
use crate::services::logout as services;
use crate::state::AppState;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(routes!(sign_out))
        .routes(routes!(deliveries))
}

/// Sign out
///
/// Ends the session of this browser, or all of this person's; the browser then goes to
/// `redirect_to`. Who is signed out already only goes on.
#[utoipa::path(
    post,
    path = "/api/logout",
    tag = "Account",
    request_body = SignOut,
    responses(
        (status = 200, description = "Signed out.", body = Redirect),
        (
            status = 400,
            description = "`logout-expired`, `logout-other-session`.",
            body = contract::wire::problem::Problem
        )
    )
)]
async fn sign_out(
    State(state): State<AppState>,
    session: Option<SignedIn>,
    JsonBody(answer): JsonBody<SignOut>,
) -> Result<Response, ApiError> {
    let session = session.map(|SignedIn(session)| session);
    let redirect_to = services::answer(&state, session.as_ref(), &answer).await?;
    let mut response = private_json(Redirect { redirect_to });
    clear_cookie(&state, &mut response);
    Ok(response)
}

/// List logout tokens
///
/// The last hundred that were sent to an application or wait for it, newest first.
#[utoipa::path(
    get,
    path = "/api/applications/{client_id}/logouts",
    tag = "Applications",
    params(("client_id" = String, Path, description = "The application's client id.")),
    responses(
        (status = 200, description = "The deliveries.", body = [LogoutDelivery]),
        Refused,
        NotFound
    )
)]
async fn deliveries(
    State(state): State<AppState>,
    SignedIn(session): SignedIn,
    PathOf(client_id): PathOf<String>,
) -> Result<Json<Vec<LogoutDelivery>>, ApiError> {
    Ok(Json(
        services::deliveries(&state, &session.user, &client_id).await?,
    ))
}
