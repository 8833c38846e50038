//! `/o/token` (RFC 6749 §3.2): one file a grant. To add one: its variant of
//! [`GrantType`], its file, its arm in [`grant`].

mod access_token;
mod authorization_code;
mod client_credentials;
mod device_code;
mod refresh_token;
mod response;
pub(super) mod source;

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, PRAGMA};
use axum::http::{HeaderValue, Request};
use axum::response::Response;
use contract::{routes, rules};

use super::endpoint::{ClientRequest, run};
use super::methods::Cors;
use crate::domain::client::GrantType;
use crate::domain::refusal::Refusal;
use crate::error::Error;
use crate::state::AppState;

pub(super) async fn handle(State(state): State<AppState>, request: Request<Body>) -> Response {
    let response = run(
        &state,
        request,
        routes::TOKEN,
        Cors::ClientOrigins,
        async |request| grant(&state, request).await,
    )
    .await;
    no_cache(response).await
}

/// RFC 6749 §5.1 asks for both headers, for caches that know HTTP/1.0 only.
pub(super) async fn no_cache(mut response: Response) -> Response {
    if response.headers().contains_key(CACHE_CONTROL) {
        let no_cache = HeaderValue::from_static("no-cache");
        response.headers_mut().insert(PRAGMA, no_cache);
    }
    response
}

async fn grant(state: &AppState, request: ClientRequest) -> Result<Response, Error> {
    let grant_type = match request.params.get("grant_type") {
        None => return Err(Refusal::new(&rules::GRANT_TYPE_MISSING).into()),
        Some(name) => GrantType::parse(name)
            .ok_or_else(|| Refusal::new(&rules::GRANT_TYPE_UNSUPPORTED).received(name))?,
    };
    if grant_type == GrantType::ClientCredentials && !request.client.is_confidential() {
        return Err(Refusal::new(&rules::CLIENT_CREDENTIALS_PUBLIC).into());
    }
    if !request.client.holds(grant_type) {
        return Err(Refusal::new(&rules::GRANT_TYPE_NOT_ALLOWED)
            .expected_all(
                request
                    .client
                    .settings
                    .grant_types
                    .iter()
                    .map(|grant| grant.name().to_owned()),
            )
            .received(grant_type.name())
            .into());
    }
    // Boxed but for the most frequent and smallest one, so that a request takes no more room than
    // its own grant needs.
    match grant_type {
        GrantType::AuthorizationCode => {
            Box::pin(authorization_code::exchange(state, &request)).await
        }
        GrantType::RefreshToken => Box::pin(refresh_token::refresh(state, &request)).await,
        GrantType::ClientCredentials => client_credentials::issue(state, &request).await,
        GrantType::DeviceCode => Box::pin(device_code::poll(state, &request)).await,
    }
}
