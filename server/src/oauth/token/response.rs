//! What the token endpoint answers, and the tokens in it.

use std::time::Duration;

use axum::response::Response;
use contract::wire::flow::{FactName, FlowOutcome, StepName, StepOutcome};
use serde::Serialize;
use uuid::Uuid;

use super::access_token::{self, AccessTokenSpec};
use crate::crypto::hash::{at_hash, credential_hash, sid};
use crate::crypto::jose::{ID_TOKEN, IdTokenClaims};
use crate::crypto::jws;
use crate::domain::claims::claims_for;
use crate::domain::client::{Client, GrantType, SigningAlg};
use crate::domain::credential::{Credential, CredentialKind};
use crate::domain::grant::{AccessToken, Grant, RefreshToken};
use crate::domain::redact::fingerprint;
use crate::domain::session::acr;
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::error::Error;
use crate::http::response::private_json;
use crate::services::flow::Trace;
use crate::state::App;

/// How long an id_token is good for: long enough to be looked at.
const ID_TOKEN_LIFETIME: Duration = Duration::from_hours(1);

/// RFC 6749 §5.1, with OpenID Connect Core 1.0 §3.1.3.3.
#[derive(Serialize)]
pub(super) struct TokenResponse {
    pub(super) access_token: String,
    pub(super) token_type: &'static str,
    /// Seconds.
    pub(super) expires_in: i64,
    pub(super) scope: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) refresh_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id_token: Option<String>,
}

/// A new grant with its first tokens, and the response that hands them out; nothing is stored yet.
pub(super) struct Redemption {
    pub(super) grant: Grant,
    pub(super) access: AccessToken,
    pub(super) refresh: Option<RefreshToken>,
    pub(super) response: TokenResponse,
}

impl Redemption {
    /// The grant ends with the last of its tokens.
    ///
    /// # Errors
    /// A token can't be signed.
    pub(super) fn new(
        state: &App,
        client: &Client,
        mut grant: Grant,
        user: &User,
        target: AccessTokenSpec,
        now: Timestamp,
    ) -> Result<Self, Error> {
        let pair = TokenPair::new(state, client, &grant, target, now)?;
        grant.expires_at = pair.expires_at();
        let response = pair.answer(state, client, &grant, user, grant.nonce.clone(), now)?;
        Ok(Self {
            grant,
            access: pair.access,
            refresh: pair.refresh.map(|(token, _)| token),
            response,
        })
    }
}

/// The line of a token request in a trace.
pub(super) const REQUEST: &str = "POST /o/token";

/// The response to what has been redeemed, and its step in the flow's trace. Tokens are told as
/// fingerprints, and who it is only to an application that may know.
pub(super) fn redeemed(
    state: &App,
    flow_id: Uuid,
    grant_type: GrantType,
    user: &User,
    response: TokenResponse,
    now: Timestamp,
) -> Response {
    let mut trace = Trace::resume(flow_id);
    trace.step(StepName::Token, REQUEST, StepOutcome::Ok, now);
    trace.fact(FactName::GrantType, grant_type.name());
    if response.scope.split(' ').any(|scope| scope == "profile") {
        trace.fact(FactName::Username, &*user.username);
    }
    trace.fact(FactName::Scope, &*response.scope);
    trace.fact(FactName::AccessToken, fingerprint(&response.access_token));
    trace.fact(FactName::ExpiresIn, response.expires_in.to_string());
    if let Some(token) = &response.refresh_token {
        trace.fact(FactName::RefreshToken, fingerprint(token));
    }
    if let Some(token) = &response.id_token {
        trace.fact(FactName::IdToken, fingerprint(token));
    }
    trace.outcome(FlowOutcome::Redeemed);
    trace.write(state, now);
    private_json(response)
}

/// An access token and, if the application may refresh, the refresh token beside it.
pub(super) struct TokenPair {
    pub(super) access: AccessToken,
    access_plain: String,
    /// Seconds.
    lifetime: i64,
    pub(super) refresh: Option<(RefreshToken, Credential)>,
}

impl TokenPair {
    /// Makes a pair of this grant; nothing is stored yet.
    ///
    /// # Errors
    /// The access token can't be signed.
    pub(super) fn new(
        state: &App,
        client: &Client,
        grant: &Grant,
        target: AccessTokenSpec,
        now: Timestamp,
    ) -> Result<Self, Error> {
        let lifetime = target.lifetime;
        let access = access_token::issue(state, client, Some(grant), target, now)?;
        let refresh = client.holds(GrantType::RefreshToken).then(|| {
            let plain = state.random.credential(CredentialKind::RefreshToken, now);
            let token = RefreshToken {
                id: plain.id,
                secret_hash: credential_hash(&plain),
                client_id: client.client_id.clone(),
                grant_id: grant.id,
                access_token_id: access.token.id,
                created_at: now,
                expires_at: now.plus_seconds(client.settings.refresh_token_lifetime),
                consumed_at: None,
                replay: None,
            };
            (token, plain)
        });
        Ok(Self {
            access: access.token,
            access_plain: access.plain,
            lifetime,
            refresh,
        })
    }

    /// When the last of the two ends.
    fn expires_at(&self) -> Timestamp {
        let refresh = self.refresh.as_ref().map(|(token, _)| token.expires_at);
        refresh.unwrap_or_default().max(self.access.expires_at)
    }

    /// The answer that hands the pair out, with an id_token when `openid` was granted.
    pub(super) fn answer(
        &self,
        state: &App,
        client: &Client,
        grant: &Grant,
        user: &User,
        nonce: Option<String>,
        now: Timestamp,
    ) -> Result<TokenResponse, Error> {
        let scopes = &self.access.scopes;
        let id_token = if scopes.contains("openid") {
            let alg = client.settings.id_token_alg;
            let claims = IdTokenClaims {
                iss: state.url.issuer().to_owned(),
                sub: user.id.to_string(),
                aud: client.client_id.clone(),
                exp: (now + ID_TOKEN_LIFETIME).seconds(),
                iat: now.seconds(),
                auth_time: grant.auth_time.seconds(),
                nonce,
                at_hash: at_hash(&self.access_plain, alg == SigningAlg::EdDsa),
                acr: acr(&grant.amr).to_owned(),
                amr: grant.methods(),
                sid: sid(grant.session_id),
                jti: state.random.uuid(now).to_string(),
                person: claims_for(user, scopes),
            };
            Some(jws::sign(&state.keys(), alg, ID_TOKEN, &claims, now)?)
        } else {
            None
        };
        Ok(TokenResponse {
            access_token: self.access_plain.clone(),
            token_type: "Bearer",
            expires_in: self.lifetime,
            scope: scopes.to_string(),
            refresh_token: self.refresh.as_ref().map(|(_, plain)| plain.reveal()),
            id_token,
        })
    }
}
