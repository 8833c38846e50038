//! `client_credentials` (RFC 6749 §4.4): the application acts for itself. No refresh token
//! (§4.4.3), no user, no id_token.

use axum::response::Response;

use super::answer::TokenAnswer;
use crate::crypto::hash::credential_hash;
use crate::domain::bearer::Kind;
use crate::domain::grant::AccessToken;
use crate::domain::scope::{self, For};
use crate::http::answer::{Failure, private_json};
use crate::oauth::authorize::no_resource;
use crate::oauth::endpoint::ClientRequest;
use crate::state::State;

pub(super) async fn issue(state: &State, request: &ClientRequest) -> Result<Response, Failure> {
    let ClientRequest { client, params } = request;
    let scopes = scope::requested(
        params.get("scope").filter(|text| !text.trim().is_empty()),
        &client.settings.scopes,
        For::Application,
    )?;
    no_resource(params)?;
    let now = state.now();
    let credential = state.random.credential(Kind::AccessToken, now);
    let token = AccessToken {
        id: credential.id,
        secret_hash: credential_hash(&credential),
        client_id: client.client_id.clone(),
        user_id: None,
        grant_id: None,
        created_at: now,
        expires_at: now.plus_seconds(client.settings.access_token_lifetime),
        first_used_at: None,
        revoked_at: None,
        audience: Vec::new(),
        is_jwt: false,
        scopes,
    };
    state.store.insert_access_token(&token).await?;
    Ok(private_json(TokenAnswer {
        access_token: credential.reveal(),
        token_type: "Bearer",
        expires_in: client.settings.access_token_lifetime,
        scope: token.scopes.to_string(),
        refresh_token: None,
        id_token: None,
    }))
}
