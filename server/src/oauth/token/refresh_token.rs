//! `refresh_token` (RFC 6749 §6, RFC 9700 §4.14): every refresh rotates, no race logs out.
//!
//! A token that comes again has been stolen, or its answer was lost, or two tabs were equally
//! fast. These cases are told apart so:
//! - within the window, from the same client, with the same parameters, before its successor
//!   was used: the same answer, byte for byte;
//! - later, while neither token of that answer was ever used (unknown for a JWT): a fresh
//!   pair replaces it;
//! - in every other case it is a replay, and the whole family ends.

use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use contract::rules;
use uuid::Uuid;

use super::access_token::AccessTokenSpec;
use super::response::TokenPair;
use super::source::{self, Spent};
use crate::crypto::hash::{equal, sha256};
use crate::crypto::seal::Seal;
use crate::domain::credential::Credential;
use crate::domain::grant::{Grant, RefreshToken, Replay};
use crate::domain::refusal::Refusal;
use crate::domain::scope;
use crate::domain::user::User;
use crate::error::Error;
use crate::http::params::Params;
use crate::oauth::endpoint::ClientRequest;
use crate::services::resource;
use crate::state::App;
use crate::store::Successor;

pub(super) async fn refresh(state: &App, request: &ClientRequest) -> Result<Response, Error> {
    let presented = present(state, request).await?;
    if presented.token.consumed_at.is_some() {
        return Box::pin(again(state, request, presented)).await;
    }
    if presented.token.expires_at <= state.now() {
        return Err(Refusal::new(&rules::REFRESH_TOKEN_EXPIRED)
            .in_flow(presented.grant.id)
            .into());
    }
    let (successor, body) = succeed(state, request, &presented).await?;
    let now = state.now();
    if state
        .store
        .rotate_refresh_token(&presented.token, successor, now)
        .await?
    {
        let grant = &presented.grant;
        // Who stays connected does so without the person: that is no use of their session.
        if !grant.scopes.contains("offline_access") {
            state.session_used(grant.session_id, grant.created_at, now);
        }
        return Ok(answer(body));
    }
    // Another request used the same token first: its answer counts.
    let presented = present(state, request).await?;
    Box::pin(again(state, request, presented)).await
}

/// A refresh token that exists, is this client's, and belongs to a living grant and user.
struct Presented {
    credential: Credential,
    token: RefreshToken,
    grant: Grant,
    user: User,
}

async fn present(state: &App, request: &ClientRequest) -> Result<Presented, Error> {
    let (credential, (token, grant)) =
        source::load::<(RefreshToken, Grant)>(state, request).await?;
    // What was revoked on purpose is never honoured again, in the window or out of it.
    if grant.revoked_at.is_some() {
        return Err(Refusal::new(&rules::REFRESH_TOKEN_REVOKED)
            .in_flow(grant.id)
            .into());
    }
    let user = source::live(state.store.user_by_id(grant.user_id).await?)?;
    Ok(Presented {
        credential,
        token,
        grant,
        user,
    })
}

/// Makes the next pair and the answer that hands it out; nothing is stored yet.
async fn succeed(
    state: &App,
    request: &ClientRequest,
    presented: &Presented,
) -> Result<(Successor, Vec<u8>), Error> {
    let ClientRequest { client, params, .. } = request;
    let now = state.now();
    // Narrowing holds for this access token only: the grant keeps its scopes (RFC 6749 §6).
    let scopes = scope::narrowed(
        params.get("scope").filter(|text| !text.trim().is_empty()),
        &presented.grant.scopes,
        |name| resource::knows_scope(state, name),
    )?;
    let granted = &presented.grant.resources;
    let target = AccessTokenSpec::of_grant(state, client, params, scopes, granted).await?;
    let pair = TokenPair::new(state, client, &presented.grant, target, now)?;
    // OpenID Connect Core 1.0 §12.2: the id_token of a refresh carries no nonce.
    let body = pair.answer(state, client, &presented.grant, &presented.user, None, now)?;
    let body = serde_json::to_vec(&body).map_err(|_| Error::Internal)?;
    let Some((refresh, _)) = pair.refresh else {
        // The grant type was checked before: an application that may refresh gets its token.
        return Err(Error::Internal);
    };
    let sealed = replay_seal(&presented.credential)?.seal(
        &body,
        presented.token.id.as_bytes(),
        &state.random,
    )?;
    let replay = Replay {
        successor_id: refresh.id,
        until: now.plus_seconds(client.settings.refresh_reuse_window),
        request_hash: request_hash(params),
        sealed,
    };
    let successor = Successor {
        access: pair.access,
        refresh,
        replay,
    };
    Ok((successor, body))
}

/// The token has been used before: the same answer, a fresh pair, or the end of the family.
async fn again(
    state: &App,
    request: &ClientRequest,
    mut presented: Presented,
) -> Result<Response, Error> {
    loop {
        let Some(replay) = &presented.token.replay else {
            return Err(replayed(state, &presented).await);
        };
        if let Some(body) = same_or_fresh(state, request, &presented, replay).await? {
            return Ok(answer(body));
        }
        // Of two that come late at once, one replaces the pair that the other one has read: it
        // is a replay only if the token still stands as it was looked at.
        let seen = replay.successor_id;
        presented = present(state, request).await?;
        if presented
            .token
            .replay
            .as_ref()
            .is_none_or(|now| now.successor_id == seen)
        {
            return Err(replayed(state, &presented).await);
        }
    }
}

/// The answer that was given before, or a fresh one in its place; `None` when neither may be.
async fn same_or_fresh(
    state: &App,
    request: &ClientRequest,
    presented: &Presented,
    replay: &Replay,
) -> Result<Option<Vec<u8>>, Error> {
    let now = state.now();
    let Some(successor) = unused_successor(state, replay.successor_id).await? else {
        return Ok(None);
    };
    if now < replay.until {
        if !equal(&request_hash(&request.params), &replay.request_hash) {
            return Ok(None);
        }
        let seal = replay_seal(&presented.credential)?;
        return Ok(Some(
            seal.open(&replay.sealed, presented.token.id.as_bytes())?,
        ));
    }
    if access_token_was_used(state, successor.access_token_id).await? {
        return Ok(None);
    }
    // A lost answer does not make a token live longer than it would have.
    if presented.token.expires_at <= now {
        return Err(Refusal::new(&rules::REFRESH_TOKEN_EXPIRED)
            .in_flow(presented.grant.id)
            .into());
    }
    let (fresh, body) = succeed(state, request, presented).await?;
    let replaced = state
        .store
        .replace_lost_pair(&presented.token, &successor, fresh, now)
        .await?;
    Ok(replaced.then_some(body))
}

async fn unused_successor(state: &App, id: Uuid) -> Result<Option<RefreshToken>, Error> {
    let successor = state.store.refresh_token(id).await?;
    Ok(successor.filter(|token| token.consumed_at.is_none()))
}

async fn access_token_was_used(state: &App, id: Uuid) -> Result<bool, Error> {
    let found = state.store.find_access_token(id).await?;
    // The sweep keeps an unused token for as long as its grant lives.
    Ok(found.is_none_or(|found| {
        let token = &found.token;
        // A JWT is checked without this server, so it may have been used.
        token.is_jwt || token.first_used_at.is_some() || token.revoked_at.is_some()
    }))
}

async fn replayed(state: &App, presented: &Presented) -> Error {
    let grant = &presented.grant;
    let spent = Spent::RefreshToken;
    source::replayed(state, spent, grant.id, grant.user_id, &grant.client_id).await
}

/// Only the holder of the presented token can open the answer that is kept under it.
fn replay_seal(credential: &Credential) -> Result<Seal, Error> {
    let mut input = b"claviger refresh answer ".to_vec();
    input.extend_from_slice(credential.secret());
    Ok(Seal::new(&sha256(&input))?)
}

/// What makes two refreshes the same question: the scope and the resources that they ask for.
fn request_hash(params: &Params) -> [u8; 32] {
    let mut input = params.get("scope").unwrap_or_default().as_bytes().to_vec();
    for resource in params.all("resource") {
        input.push(0);
        input.extend_from_slice(resource.as_bytes());
    }
    sha256(&input)
}

fn answer(body: Vec<u8>) -> Response {
    (
        [
            (CONTENT_TYPE, HeaderValue::from_static("application/json")),
            (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        ],
        body,
    )
        .into_response()
}
