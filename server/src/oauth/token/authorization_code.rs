//! `authorization_code` (RFC 6749 §4.1.3, RFC 7636 §4.6).
//!
//! A failed client authentication and another client's attempt leave the code alone. What its
//! own client gets wrong (`code_verifier`, `redirect_uri`) burns it, and a second redemption
//! ends everything that came of the first (RFC 6749 §4.1.2, RFC 9700 §4.5).

use axum::response::Response;
use contract::rules;

use super::access_token::AccessTokenSpec;
use super::response::{Redemption, redeemed};
use super::source::{self, CodeAndUser, Spent};
use crate::crypto::hash::{equal, pkce_s256};
use crate::domain::client::{Client, GrantType};
use crate::domain::grant::{AuthorizationCode, Grant};
use crate::domain::pkce;
use crate::domain::redirect_uri;
use crate::domain::refusal::Refusal;
use crate::error::Error;
use crate::http::params::Params;
use crate::oauth::endpoint::ClientRequest;
use crate::state::App;

pub(super) async fn exchange(state: &App, request: &ClientRequest) -> Result<Response, Error> {
    let ClientRequest { client, params, .. } = request;
    let now = state.now();
    let (_, (code, user)) = source::load::<CodeAndUser>(state, request).await?;
    if code.consumed_at.is_some() {
        return Err(replayed(state, &code).await);
    }
    if code.expires_at <= now {
        return Err(Refusal::new(&rules::CODE_EXPIRED).in_flow(code.id).into());
    }
    if let Err(refusal) = own_client_proves(params, client, &code) {
        state.store.burn_code(code.id, now).await?;
        return Err(refusal.in_flow(code.id).into());
    }
    let target =
        AccessTokenSpec::of_grant(state, client, params, code.scopes.clone(), &code.resources)
            .await?;
    let user = source::live(user)?;
    let grant = Grant::from_code(&code, now);
    let made = Redemption::new(state, client, grant, &user, target, now)?;
    if !state
        .store
        .redeem_code(now, made.grant, made.access, made.refresh)
        .await?
    {
        return Err(replayed(state, &code).await);
    }
    let grant_type = GrantType::AuthorizationCode;
    Ok(redeemed(
        state,
        code.id,
        grant_type,
        &user,
        made.response,
        now,
    ))
}

/// The redirect URI that was sent to `/o/authorize`, and the verifier of the challenge.
fn own_client_proves(
    params: &Params,
    client: &Client,
    code: &AuthorizationCode,
) -> Result<(), Refusal> {
    match params.get("redirect_uri") {
        None if code.redirect_uri_sent => {
            return Err(Refusal::new(&rules::CODE_REDIRECT_URI_MISSING));
        }
        Some(sent) if sent != code.redirect_uri => {
            return Err(Refusal::new(&rules::CODE_REDIRECT_URI_MISMATCH)
                .expected(&code.redirect_uri)
                .received(sent));
        }
        _ => {}
    }
    // The redirect URI that received the code is no longer registered: the holder of the code may
    // be the wrong party (RFC 9700 §2.1).
    let registered = &client.settings.redirect_uris;
    let client_type = client.settings.client_type;
    if !registered
        .iter()
        .any(|uri| redirect_uri::matches(&code.redirect_uri, uri, client_type))
    {
        return Err(Refusal::new(&rules::CODE_REDIRECT_URI_MISMATCH)
            .detail("The redirect URI of this code is no longer registered.")
            .expected_all(registered.iter().cloned())
            .received(&code.redirect_uri));
    }
    match (&code.code_challenge, params.get("code_verifier")) {
        (None, None) => Ok(()),
        // RFC 9700 §2.1.1: a verifier without a challenge is a downgrade.
        (None, Some(_)) => Err(Refusal::new(&rules::PKCE_VERIFIER_UNEXPECTED)),
        (Some(_), None) => Err(Refusal::new(&rules::PKCE_VERIFIER_MISSING)),
        (Some(challenge), Some(sent)) => {
            let verifier = pkce::verifier(sent)?;
            if equal(
                pkce_s256(verifier).as_bytes(),
                challenge.as_str().as_bytes(),
            ) {
                Ok(())
            } else {
                Err(Refusal::new(&rules::PKCE_VERIFIER_MISMATCH))
            }
        }
    }
}

async fn replayed(state: &App, code: &AuthorizationCode) -> Error {
    source::replayed(state, Spent::Code, code.id, code.user_id, &code.client_id).await
}
