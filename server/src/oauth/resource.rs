//! `/api/hello`: a protected resource, for tutorials and tests.

use app::rules;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::ALLOW;
use axum::http::{HeaderValue, Method, Request};
use axum::response::Response;
use serde_json::json;

use super::bearer;
use crate::domain::refusal::Refusal;
use crate::http::answer::{bearer_error, oauth_error, private_json};
use crate::state::AppState;

pub(super) async fn hello(State(state): State<AppState>, request: Request<Body>) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let mut response = oauth_error(&Refusal::new(&rules::METHOD_NOT_ALLOWED), &state.url);
        response
            .headers_mut()
            .insert(ALLOW, HeaderValue::from_static("GET"));
        return response;
    }
    match bearer::authenticate(&state, request.headers(), "read").await {
        Ok(bearer) => {
            let token = &bearer.token;
            private_json(json!({
                "message": "Hello, OAuth2!",
                "sub": bearer.user.as_ref().map_or_else(
                    || token.client_id.clone(),
                    |user| user.id.to_string(),
                ),
                "client_id": token.client_id,
                "scope": token.scopes.to_string(),
            }))
        }
        Err(failure) => bearer_error(&failure.refusal(), &state.url),
    }
}
