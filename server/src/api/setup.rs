//! `POST /api/setup`: the first administrator, by the one-time link.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use contract::routes;
use contract::wire::problem::Problem;
use contract::wire::session::{CreateAdministrator, SignedIn};
use utoipa_axum::router::OpenApiRouter;

use super::body::JsonBody;
use super::error::{ApiError, BadForm};
use crate::http::session::{find, set_cookie};
use crate::services::setup::create_administrator;
use crate::services::sign_in::open_session;
use crate::state::AppState;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::default().routes(utoipa_axum::routes!(create))
}

/// Create the first administrator
///
/// Takes the token of the link that the server prints while it has no users. Signs in at once.
#[utoipa::path(
    post,
    path = "/api/setup",
    tag = "Session",
    request_body = CreateAdministrator,
    responses(
        (status = 200, description = "Created and signed in.", body = SignedIn),
        (status = 403, description = "The link is not good: `setup-done`.", body = Problem),
        BadForm
    )
)]
async fn create(
    State(state): State<AppState>,
    headers: HeaderMap,
    JsonBody(form): JsonBody<CreateAdministrator>,
) -> Result<Response, ApiError> {
    let user = create_administrator(&state, &form).await?;
    let before = find(&state, &headers).await?;
    let (session, cookies) = open_session(&state, &headers, before.as_ref(), user, None).await?;
    let answer = SignedIn {
        user: session.user.to_wire(),
        redirect_to: routes::APPS.to_owned(),
    };
    let mut response = Json(answer).into_response();
    for cookie in cookies {
        set_cookie(&mut response, cookie);
    }
    Ok(response)
}
