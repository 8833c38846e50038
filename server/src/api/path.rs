//! The parts of a path that vary.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use contract::rules;
use serde::de::DeserializeOwned;

use super::error::ApiError;
use crate::domain::refusal::Refusal;

/// One part or several; what does not read names nothing that exists: `not-found`.
pub struct PathOf<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for PathOf<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        Path::from_request_parts(parts, state)
            .await
            .map(|Path(value)| Self(value))
            .map_err(|_| Refusal::new(&rules::NOT_FOUND).into())
    }
}
