//! Access tokens: what one is for, its form, and how it is made.

use contract::rules;

use crate::crypto::hash::credential_hash;
use crate::crypto::jose::{ACCESS_TOKEN, AccessTokenClaims, Audience};
use crate::crypto::jws;
use crate::domain::client::{Client, TokenFormat};
use crate::domain::credential::CredentialKind;
use crate::domain::grant::{AccessToken, Grant};
use crate::domain::refusal::Refusal;
use crate::domain::resource::{self, ResourceServer};
use crate::domain::scope::Scopes;
use crate::domain::session::acr;
use crate::domain::time::Timestamp;
use crate::error::Error;
use crate::http::params::Params;
use crate::oauth::access_token::jwt_hash;
use crate::services::resource as resources;
use crate::state::App;

/// What an access token is for.
pub(super) struct AccessTokenSpec {
    pub(super) scopes: Scopes,
    /// URIs of resource servers; empty: this server's own.
    audience: Vec<String>,
    format: TokenFormat,
    /// Seconds.
    pub(super) lifetime: i64,
}

impl AccessTokenSpec {
    /// These scopes at these resource servers.
    ///
    /// # Errors
    /// `scope-nothing-left`; the database fails.
    pub(super) async fn new(
        state: &App,
        client: &Client,
        scopes: Scopes,
        audience: Vec<String>,
    ) -> Result<Self, Error> {
        let known = resources::known(state, &audience).await?;
        Self::at(client, scopes, audience, &known)
    }

    /// These scopes at those of the granted resource servers that the request names, or at all
    /// of them (RFC 8707 §2.2); in either case without what the application has lost since it
    /// was granted.
    ///
    /// # Errors
    /// `resource-malformed`, `resource-not-granted`, `resource-not-allowed`,
    /// `scope-nothing-left`; the database fails.
    pub(super) async fn of_grant(
        state: &App,
        client: &Client,
        params: &Params,
        scopes: Scopes,
        granted: &[String],
    ) -> Result<Self, Error> {
        let sent: Vec<&str> = params.all("resource").collect();
        let audience = resource::narrowed(&sent, granted)?;
        let known = resources::known(state, &audience).await?;
        let audience = resource::still_allowed(audience, !sent.is_empty(), &known, client)?;
        let scopes = left(scopes, |scopes| {
            resource::still_held(scopes, &audience, &known, client)
        })?;
        Self::at(client, scopes, audience, &known)
    }

    fn at(
        client: &Client,
        scopes: Scopes,
        audience: Vec<String>,
        known: &[ResourceServer],
    ) -> Result<Self, Error> {
        let (format, lifetime) = resource::form(&audience, known, client);
        let scopes = left(scopes, |scopes| {
            resource::scopes_for(scopes, &audience, known)
        })?;
        Ok(Self {
            scopes,
            audience,
            format,
            lifetime,
        })
    }
}

/// A token that lost every scope is refused: its reader may take an empty `scope` for the default
/// (RFC 6749 §3.3).
fn left(scopes: Scopes, keep: impl FnOnce(Scopes) -> Scopes) -> Result<Scopes, Refusal> {
    if scopes.is_empty() {
        return Ok(scopes);
    }
    let kept = keep(scopes);
    if kept.is_empty() {
        return Err(Refusal::new(&rules::SCOPE_NOTHING_LEFT));
    }
    Ok(kept)
}

/// A new access token: what is stored of it, and the text for the answer.
pub(super) struct Issued {
    pub(super) token: AccessToken,
    pub(super) plain: String,
}

/// Makes an access token of a grant, or one with which the application acts for itself; nothing
/// is stored yet.
///
/// # Errors
/// It can't be signed.
pub(super) fn issue(
    state: &App,
    client: &Client,
    grant: Option<&Grant>,
    target: AccessTokenSpec,
    now: Timestamp,
) -> Result<Issued, Error> {
    let credential = state.random.credential(CredentialKind::AccessToken, now);
    let mut token = AccessToken {
        id: credential.id,
        secret_hash: credential_hash(&credential),
        client_id: client.client_id.clone(),
        user_id: grant.map(|grant| grant.user_id),
        grant_id: grant.map(|grant| grant.id),
        scopes: target.scopes,
        audience: target.audience,
        is_jwt: target.format == TokenFormat::Jwt,
        created_at: now,
        expires_at: now.plus_seconds(target.lifetime),
        first_used_at: None,
        revoked_at: None,
    };
    let plain = if token.is_jwt {
        let claims = claims(state, &token, grant);
        let alg = client.settings.id_token_alg;
        let plain = jws::sign(&state.keys(), alg, ACCESS_TOKEN, &claims, now)?;
        token.secret_hash = jwt_hash(&plain);
        plain
    } else {
        credential.reveal()
    };
    Ok(Issued { token, plain })
}

/// RFC 9068 §2.2. Only a token of a user says who signed in, when and how. It does not name the
/// session, since resource servers have no part in it.
fn claims(state: &App, token: &AccessToken, grant: Option<&Grant>) -> AccessTokenClaims {
    AccessTokenClaims {
        iss: state.url.issuer().to_owned(),
        exp: token.expires_at.seconds(),
        aud: Audience::of(&token.audience, state.url.issuer()),
        sub: token.subject(),
        client_id: token.client_id.clone(),
        iat: token.created_at.seconds(),
        jti: token.id.to_string(),
        scope: token.scopes.to_string(),
        auth_time: grant.map(|grant| grant.auth_time.seconds()),
        acr: grant.map(|grant| acr(&grant.amr).to_owned()),
        amr: grant.map(Grant::methods),
    }
}
