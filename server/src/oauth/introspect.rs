//! `/o/introspect` (RFC 7662).

use app::{routes, rules};
use axum::body::Body;
use axum::extract::State;
use axum::http::Request;
use axum::response::Response;
use serde::Serialize;

use super::endpoint::{ClientRequest, Cors, run};
use crate::crypto::hash::{credential_hash, equal};
use crate::domain::application::Application;
use crate::domain::bearer::{Credential, Kind};
use crate::domain::refusal::Refusal;
use crate::http::answer::{Failure, private_json};
use crate::state::{AppState, State as Shared};

/// RFC 7662 §2.2. What is inactive says nothing but that.
#[derive(Default, Serialize)]
struct Introspection {
    active: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exp: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    iat: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    iss: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    jti: Option<String>,
}

pub(super) async fn handle(State(state): State<AppState>, request: Request<Body>) -> Response {
    let this = state.clone();
    run(
        &state,
        request,
        routes::INTROSPECT,
        Cors::Never,
        |request| async move { introspect(&this, request).await },
    )
    .await
}

async fn introspect(state: &AppState, request: ClientRequest) -> Result<Response, Failure> {
    // RFC 7662 §2.1: whoever asks has to be authorized; a public client proves nothing.
    if !request.client.is_confidential() {
        return Err(Refusal::new(&rules::INTROSPECTION_PUBLIC).into());
    }
    let text = request
        .params
        .get("token")
        .ok_or_else(|| Refusal::new(&rules::TOKEN_MISSING))?;
    let answer = if let Some(credential) = Credential::parse(Kind::AccessToken, text) {
        access_token(state, &request.client, &credential).await?
    } else if let Some(credential) = Credential::parse(Kind::RefreshToken, text) {
        refresh_token(state, &request.client, &credential).await?
    } else {
        None
    };
    Ok(private_json(answer.unwrap_or_default()))
}

/// An application may ask about its own tokens; any other is inactive to it.
async fn access_token(
    state: &Shared,
    client: &Application,
    credential: &Credential,
) -> Result<Option<Introspection>, Failure> {
    let now = state.now();
    let Some(found) = state.store.find_access_token(credential.id).await? else {
        return Ok(None);
    };
    let token = &found.token;
    if !equal(&credential_hash(credential), &token.secret_hash)
        || token.client_id != client.client_id
        // The id may have been another application's once.
        || token.created_at < client.created_at
        || found.check(now).is_err()
    {
        return Ok(None);
    }
    if token.first_used_at.is_none() && token.grant_id.is_some() {
        state.store.mark_used(token.id, now).await?;
    }
    Ok(Some(Introspection {
        active: true,
        scope: Some(token.scopes.to_string()),
        client_id: Some(token.client_id.clone()),
        username: found.user.as_ref().map(|user| user.username.clone()),
        token_type: Some("Bearer"),
        exp: Some(token.expires_at.seconds()),
        iat: Some(token.created_at.seconds()),
        sub: Some(
            token
                .user_id
                .map_or_else(|| token.client_id.clone(), |id| id.to_string()),
        ),
        iss: Some(state.url.issuer().to_owned()),
        jti: Some(token.id.to_string()),
    }))
}

async fn refresh_token(
    state: &Shared,
    client: &Application,
    credential: &Credential,
) -> Result<Option<Introspection>, Failure> {
    let Some((token, grant)) = state.store.find_refresh_token(credential.id).await? else {
        return Ok(None);
    };
    if !equal(&credential_hash(credential), &token.secret_hash)
        || token.client_id != client.client_id
        || token.consumed_at.is_some()
        || grant.revoked_at.is_some()
        || token.expires_at <= state.now()
    {
        return Ok(None);
    }
    let Some(username) = live_username(state, grant.user_id).await? else {
        return Ok(None);
    };
    Ok(Some(Introspection {
        active: true,
        scope: Some(grant.scopes.to_string()),
        client_id: Some(token.client_id),
        username: Some(username),
        exp: Some(token.expires_at.seconds()),
        iat: Some(token.created_at.seconds()),
        sub: Some(grant.user_id.to_string()),
        iss: Some(state.url.issuer().to_owned()),
        jti: Some(token.id.to_string()),
        ..Introspection::default()
    }))
}

async fn live_username(state: &Shared, id: uuid::Uuid) -> Result<Option<String>, Failure> {
    let user = state.store.user_by_id(id).await?;
    Ok(user
        .filter(|user| user.disabled_at.is_none())
        .map(|user| user.username))
}
