//! `/api/consent`: what an application asks for, and the person's answer.

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use contract::rules;
use contract::wire::consent::{ConsentDecision, ConsentRequest};
use contract::wire::problem::Problem;
use contract::wire::session::Redirect;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::body::JsonBody;
use crate::domain::refusal::Refusal;
use crate::error::Error;
use crate::http::params::Params;
use crate::http::response::{private_json, problem};
use crate::http::session::SignedIn;
use crate::services::flow::consent;
use crate::state::AppState;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(show, answer))
}

/// What the consent page shows.
#[utoipa::path(
    get,
    path = "/api/consent",
    params(("flow" = String, Query, description = "the ticket")),
    responses(
        (status = 200, body = ConsentRequest),
        (status = 400, body = Problem, description = "flow-expired, flow-other-browser"),
        (status = 401, body = Problem),
    )
)]
async fn show(
    State(state): State<AppState>,
    SignedIn(session): SignedIn,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let ask = async {
        let params = Params::parse(uri.query().unwrap_or_default().as_bytes())?;
        let flow = params
            .get("flow")
            .ok_or_else(|| Refusal::new(&rules::FLOW_EXPIRED))?;
        consent::ask(&state, &headers, &session, flow).await
    };
    match ask.await {
        Ok((request, _)) => private_json(request),
        Err(failure) => fail(failure, &state),
    }
}

/// Takes the answer; the browser then goes to `redirect_to`.
#[utoipa::path(
    post,
    path = "/api/consent",
    request_body = ConsentDecision,
    responses(
        (status = 200, body = Redirect),
        (status = 400, body = Problem, description = "flow-expired, flow-other-browser, flow-completed"),
        (status = 401, body = Problem),
    )
)]
async fn answer(
    State(state): State<AppState>,
    SignedIn(session): SignedIn,
    headers: HeaderMap,
    JsonBody(decision): JsonBody<ConsentDecision>,
) -> Response {
    let answer = async {
        let onward = consent::answer(&state, &headers, &session, &decision).await?;
        Ok::<_, Error>(onward.url(&state, &session)?)
    };
    match answer.await {
        Ok(redirect_to) => private_json(Redirect { redirect_to }),
        Err(failure) => fail(failure, &state),
    }
}

fn fail(failure: Error, state: &AppState) -> Response {
    problem(&failure.refusal(), &state.url)
}
