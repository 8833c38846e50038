//! `/o/userinfo` (OpenID Connect Core 1.0 §5.3).

use axum::body::Body;
use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{Method, Request};
use axum::response::Response;
use contract::rules;
use serde::Serialize;

use super::bearer;
use crate::domain::claims::{PersonClaims, claims_for};
use crate::domain::grant::FoundAccessToken;
use crate::domain::refusal::Refusal;
use crate::error::Error;
use crate::http::cors;
use crate::http::media_type;
use crate::http::params;
use crate::http::response::{bearer_error, private_json};
use crate::state::AppState;

/// What it takes.
const SCOPE: &str = "openid";

/// The claims of the granted scopes (OpenID Connect Core 1.0 §5.4).
#[derive(Serialize)]
struct UserInfo {
    sub: String,
    #[serde(flatten)]
    person: PersonClaims,
}

pub(super) async fn handle(State(state): State<AppState>, request: Request<Body>) -> Response {
    let answer = match found(&state, request).await {
        Ok(bearer) => claims(bearer).map(private_json),
        Err(failure) => Err(failure),
    };
    cors::open(answer.unwrap_or_else(|failure| bearer_error(&failure.refusal(), &state.url)))
}

/// The token in the header or, by POST, in the form (RFC 6750 §2.1, §2.2); never in the query.
async fn found(state: &AppState, request: Request<Body>) -> Result<FoundAccessToken, Error> {
    let (
        Parts {
            method, headers, ..
        },
        body,
    ) = request.into_parts();
    if method == Method::POST && media_type::is(&headers, media_type::FORM) {
        let form = params::form(&headers, body).await?;
        return bearer::authenticate_form(state, &headers, &form, SCOPE).await;
    }
    bearer::authenticate(state, &headers, SCOPE).await
}

fn claims(bearer: FoundAccessToken) -> Result<UserInfo, Error> {
    // Without a user there are no claims to return.
    let user = bearer
        .user
        .ok_or_else(|| Refusal::new(&rules::SCOPE_INSUFFICIENT).expected(SCOPE))?;
    Ok(UserInfo {
        sub: user.id.to_string(),
        person: claims_for(&user, &bearer.token.scopes),
    })
}
