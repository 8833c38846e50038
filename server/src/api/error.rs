//! Failures of the API, and what all its answers have in common.
//!
//! A handler returns an [`ApiError`] and does not know how it looks: [`finish`] writes the
//! problem, since only there the public URL is at hand.

use axum::extract::State;
use axum::http::header::{ALLOW, CACHE_CONTROL};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use contract::rules;
use contract::wire::problem::Problem;
use utoipa::IntoResponses;

use crate::domain::field_errors::FieldErrors;
use crate::domain::refusal::Refusal;
use crate::error::Error;
use crate::http::response::problem_with;
use crate::services::form::FormFailure;
use crate::state::AppState;

/// A refusal, and messages by field when it is that of a form.
#[derive(Clone, Debug)]
pub struct ApiError {
    refusal: Refusal,
    errors: FieldErrors,
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        Self {
            refusal,
            errors: FieldErrors::default(),
        }
    }
}

impl From<Error> for ApiError {
    fn from(failure: Error) -> Self {
        failure.refusal().into()
    }
}

impl From<FormFailure> for ApiError {
    fn from(failure: FormFailure) -> Self {
        let (refusal, errors) = failure.into_parts();
        Self { refusal, errors }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.refusal.rule.status);
        let mut response = status.unwrap_or(StatusCode::BAD_REQUEST).into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Completes every answer of the API: `no-store`, since each answer belongs to one user; problems
/// instead of errors (RFC 9457), also in place of the empty 405 of a path that takes other methods.
pub async fn finish(State(state): State<AppState>, mut response: Response) -> Response {
    if let Some(error) = response.extensions_mut().remove::<ApiError>() {
        response = problem_with(&error.refusal, &state.url, error.errors.into_map());
    } else if response.status() == StatusCode::METHOD_NOT_ALLOWED {
        let allow = response.headers_mut().remove(ALLOW);
        let refusal = Refusal::new(&rules::METHOD_NOT_ALLOWED);
        response = problem_with(&refusal, &state.url, FieldErrors::default().into_map());
        if let Some(allow) = allow {
            response.headers_mut().insert(ALLOW, allow);
        }
    }
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// There is nothing at this path.
pub async fn not_found() -> ApiError {
    Refusal::new(&rules::NOT_FOUND).into()
}

/// The failures that handlers share, for the OpenAPI document.
#[derive(IntoResponses)]
pub enum Refused {
    /// No user is signed in: `session-required`.
    #[response(status = 401)]
    SignedOut(Problem),
    /// The request comes from another site (`cross-site-request`), or the account needs another
    /// role (`role-required`).
    #[response(status = 403)]
    Forbidden(Problem),
}

/// What has an id of its own.
#[derive(IntoResponses)]
pub enum NotFound {
    /// It does not exist, or belongs to another user: `not-found`.
    #[response(status = 404)]
    Missing(Problem),
}

/// A body that can't be read, and fields that break rules.
#[derive(IntoResponses)]
pub enum BadForm {
    /// The body is not JSON of the expected shape: `json-malformed`.
    #[response(status = 400)]
    Malformed(Problem),
    /// Fields break rules; `errors` names each of them.
    #[response(status = 422)]
    Fields(Problem),
}
