//! `client_credentials` (RFC 6749 §4.4): the application acts for itself. No refresh token
//! (§4.4.3), no user, no id_token. There is no earlier grant, so this request names `resource`
//! (RFC 8707 §2).

use axum::response::Response;

use super::access_token::{self, AccessTokenSpec};
use super::response::TokenResponse;
use crate::domain::scope::GrantSubject;
use crate::error::Error;
use crate::http::response::private_json;
use crate::oauth::endpoint::ClientRequest;
use crate::services::resource;
use crate::state::App;

pub(super) async fn issue(state: &App, request: &ClientRequest) -> Result<Response, Error> {
    let ClientRequest { client, params, .. } = request;
    let asked = resource::requested_access(state, params, client, GrantSubject::Client).await?;
    let target = AccessTokenSpec::new(state, client, asked.scopes, asked.resources).await?;
    let lifetime = target.lifetime;
    let access = access_token::issue(state, client, None, target, state.now())?;
    state.store.insert_access_token(&access.token).await?;
    Ok(private_json(TokenResponse {
        access_token: access.plain,
        token_type: "Bearer",
        expires_in: lifetime,
        scope: access.token.scopes.to_string(),
        refresh_token: None,
        id_token: None,
    }))
}
