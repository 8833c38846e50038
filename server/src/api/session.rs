//! `/api/session`: sign in, who is signed in, sign out.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use contract::rules;
use contract::wire::problem::Problem;
use contract::wire::session::{SignIn, SignedIn as Answer};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::body::JsonBody;
use crate::domain::logout::Reach;
use crate::domain::refusal::Refusal;
use crate::error::Error;
use crate::http::address::PeerAddress;
use crate::http::response::{private_json, problem};
use crate::http::session::{self, SignedIn, set_cookie};
use crate::services::{logout, sign_in};
use crate::state::AppState;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(create, show, delete))
}

/// Signs in; sets the session cookie.
#[utoipa::path(
    post,
    path = "/api/session",
    request_body = SignIn,
    responses(
        (status = 200, body = Answer),
        (status = 401, body = Problem, description = "bad-credentials"),
        (status = 429, body = Problem, description = "too-many-attempts"),
    )
)]
async fn create(
    State(state): State<AppState>,
    address: PeerAddress,
    headers: HeaderMap,
    JsonBody(form): JsonBody<SignIn>,
) -> Response {
    let welcome = async {
        let welcome = sign_in::sign_in(&state, &headers, address, &form).await?;
        let answer = Answer {
            user: welcome.session.user.to_wire(),
            redirect_to: welcome.onward.url(&state, &welcome.session)?,
        };
        Ok::<_, Error>((answer, welcome.cookies))
    };
    match welcome.await {
        Ok((answer, cookies)) => {
            let mut response = private_json(answer);
            for cookie in cookies {
                set_cookie(&mut response, cookie);
            }
            response
        }
        Err(failure) => problem(&failure.refusal(), &state.url),
    }
}

/// Who is signed in.
#[utoipa::path(
    get,
    path = "/api/session",
    responses((status = 200, body = Answer), (status = 401, body = Problem))
)]
async fn show(SignedIn(session): SignedIn) -> Response {
    let user = session.user.to_wire();
    private_json(Answer {
        redirect_to: app::pages::home::start(&user).to_owned(),
        user,
    })
}

/// Signs out of this browser.
#[utoipa::path(
    delete,
    path = "/api/session",
    responses((status = 204), (status = 401, body = Problem))
)]
async fn delete(State(state): State<AppState>, headers: HeaderMap) -> Response {
    match try_delete(&state, &headers).await {
        Ok(()) => {
            let mut response = StatusCode::NO_CONTENT.into_response();
            session::clear_cookie(&state, &mut response);
            response
        }
        Err(failure) => problem(&failure.refusal(), &state.url),
    }
}

async fn try_delete(state: &AppState, headers: &HeaderMap) -> Result<(), Error> {
    let session = session::find(state, headers)
        .await?
        .ok_or_else(|| Refusal::new(&rules::SESSION_REQUIRED))?;
    logout::sign_out(state, &session, Reach::ThisSession).await
}
