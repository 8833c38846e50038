//! `client_credentials` (RFC 6749 §4.4): the application acts for itself. No refresh token
//! (§4.4.3), no user, no id_token. Nobody granted anything before, so `resource` is asked for
//! here (RFC 8707 §2).

use axum::response::Response;

use super::access::{self, Target};
use super::answer::TokenAnswer;
use crate::actions::resource;
use crate::domain::scope::For;
use crate::http::answer::{Failure, private_json};
use crate::oauth::endpoint::ClientRequest;
use crate::state::State;

pub(super) async fn issue(state: &State, request: &ClientRequest) -> Result<Response, Failure> {
    let ClientRequest { client, params } = request;
    let asked = resource::asked(state, params, client, For::Application).await?;
    let target = Target::new(state, client, asked.scopes, asked.resources).await?;
    let lifetime = target.lifetime;
    let access = access::issue(state, client, None, target, state.now())?;
    state.store.insert_access_token(&access.token).await?;
    Ok(private_json(TokenAnswer {
        access_token: access.plain,
        token_type: "Bearer",
        expires_in: lifetime,
        scope: access.token.scopes.to_string(),
        refresh_token: None,
        id_token: None,
    }))
}
