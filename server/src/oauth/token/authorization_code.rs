//! `authorization_code` (RFC 6749 §4.1.3, RFC 7636 §4.6).
//!
//! A failed client authentication and another client's attempt leave the code alone. What its
//! own client gets wrong (`code_verifier`, `redirect_uri`) burns it, and a second redemption
//! ends everything that came of the first (RFC 6749 §4.1.2, RFC 9700 §4.5).

use axum::response::Response;
use contract::rules;
use contract::wire::audit::AuditKind;
use contract::wire::flow::{FlowOutcome, StepName, StepOutcome};

use super::access_token::AccessTokenSpec;
use super::response::{TokenPair, issued};
use crate::crypto::hash::{credential_hash, equal, pkce_s256};
use crate::domain::client::{Client, GrantType};
use crate::domain::credential::{Credential, CredentialKind};
use crate::domain::grant::{AuthorizationCode, Grant};
use crate::domain::pkce;
use crate::domain::redirect_uri;
use crate::domain::refusal::Refusal;
use crate::domain::user::User;
use crate::error::Error;
use crate::http::params::Params;
use crate::http::response::private_json;
use crate::oauth::endpoint::ClientRequest;
use crate::services::flow::Trace;
use crate::state::App;
use crate::store::{AuditEvent, RevocationReason};

pub(super) async fn exchange(state: &App, request: &ClientRequest) -> Result<Response, Error> {
    let ClientRequest { client, params, .. } = request;
    let now = state.now();
    let (code, user) = find(state, client, params).await?;
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
    let user = user
        .filter(|user| user.disabled_at.is_none())
        .ok_or_else(|| Refusal::new(&rules::USER_GONE))?;

    let mut grant = Grant {
        id: code.id,
        client_id: code.client_id.clone(),
        user_id: code.user_id,
        session_id: code.session_id,
        scopes: code.scopes.clone(),
        resources: code.resources.clone(),
        nonce: code.nonce.clone(),
        auth_time: code.auth_time,
        amr: code.amr.clone(),
        created_at: now,
        expires_at: now,
        revoked_at: None,
    };
    let pair = TokenPair::new(state, client, &grant, target, now)?;
    grant.expires_at = pair.expires_at();
    let answer = pair.answer(state, client, &grant, &user, code.nonce.clone(), now)?;
    let refresh = pair.refresh.map(|(token, _)| token);
    if !state
        .store
        .redeem_code(now, grant, pair.access, refresh)
        .await?
    {
        return Err(replayed(state, &code).await);
    }
    let mut trace = Trace::resume(code.id);
    trace.step(StepName::Token, "POST /o/token", StepOutcome::Ok, now);
    issued(&mut trace, GrantType::AuthorizationCode, &user, &answer);
    trace.outcome(FlowOutcome::Redeemed);
    trace.write(state, now);
    Ok(private_json(answer))
}

/// The code, if it is one and this client's, and whose it is. Nothing is changed by looking.
async fn find(
    state: &App,
    client: &Client,
    params: &Params,
) -> Result<(AuthorizationCode, Option<User>), Error> {
    let sent = params
        .get("code")
        .ok_or_else(|| Refusal::new(&rules::CODE_MISSING))?;
    let unknown = || Refusal::new(&rules::CODE_UNKNOWN);
    let credential =
        Credential::parse(CredentialKind::AuthorizationCode, sent).ok_or_else(unknown)?;
    let (code, user) = state
        .store
        .find_code(credential.id)
        .await?
        .filter(|(code, _)| equal(&credential_hash(&credential), &code.secret_hash))
        .ok_or_else(unknown)?;
    if code.client_id != client.client_id {
        return Err(Refusal::new(&rules::CODE_OTHER_CLIENT).into());
    }
    Ok((code, user))
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

/// Ends what the first redemption issued.
async fn replayed(state: &App, code: &AuthorizationCode) -> Error {
    let audit = state.audit_entry(AuditEvent {
        kind: AuditKind::CodeReplayed,
        actor_id: None,
        user_id: Some(code.user_id),
        client_id: Some(code.client_id.clone()),
        detail: format!("grant {} ended", code.id),
    });
    match state
        .store
        .revoke_grant(code.id, RevocationReason::CodeReplayed, state.now(), audit)
        .await
    {
        Ok(_) => Refusal::new(&rules::CODE_REPLAYED).in_flow(code.id).into(),
        Err(error) => error.into(),
    }
}
