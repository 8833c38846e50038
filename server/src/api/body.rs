//! JSON bodies: small, and refused by one rule whatever is wrong with them.

use std::borrow::Cow;

use axum::body::to_bytes;
use axum::extract::{FromRequest, Request};
use contract::rules;
use serde::de::DeserializeOwned;

use super::error::ApiError;
use crate::domain::refusal::Refusal;
use crate::http::media_type;

/// In bytes: fifty addresses and more.
const MAX_BYTES: usize = 64 * 1024;

/// A JSON body of at most 64 KiB; else `json-malformed`.
pub struct JsonBody<T>(pub T);

impl<S: Sync, T: DeserializeOwned> FromRequest<S> for JsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        // A form of another site can't send this type unasked: one more lock on the same door.
        if !media_type::is(request.headers(), media_type::JSON) {
            return Err(malformed("The body must be sent as application/json."));
        }
        let body = to_bytes(request.into_body(), MAX_BYTES)
            .await
            .map_err(|_| malformed("The body must not be larger than 64 KiB."))?;
        // It may quote what was sent, so only the sender gets to read it.
        let said =
            |error: serde_json::Error| -> String { error.to_string().chars().take(200).collect() };
        serde_json::from_slice(&body)
            .map(Self)
            .map_err(|error| malformed(said(error)))
    }
}

fn malformed(detail: impl Into<Cow<'static, str>>) -> ApiError {
    Refusal::new(&rules::JSON_MALFORMED).detail(detail).into()
}
