//! What the token endpoint reads and writes: codes, grants (families) and their tokens.

use std::time::Duration;

use uuid::Uuid;

use super::pkce::CodeChallenge;
use super::scope::Scopes;
use super::time::Timestamp;
use super::user::User;

/// A code is redeemed within this time (RFC 6749 §4.1.2 asks for at most ten minutes).
pub const CODE_LIFETIME: Duration = Duration::from_secs(60);
/// Consumed codes are kept this long, so that a replay is seen for what it is.
pub const CODE_MEMORY: Duration = Duration::from_hours(24);

/// SHA-256 of a credential's random part.
pub type SecretHash = [u8; 32];

/// An authorization code. Its id is also the id of the grant that it becomes, and of the flow's
/// trace.
#[derive(Clone, Debug, PartialEq)]
pub struct AuthorizationCode {
    pub id: Uuid,
    pub secret_hash: SecretHash,
    pub client_id: String,
    pub user_id: Uuid,
    /// The `sid` of the session in which it was granted.
    pub session_id: Uuid,
    pub redirect_uri: String,
    /// Whether the request named it; then the exchange has to name it too.
    pub redirect_uri_sent: bool,
    pub scopes: Scopes,
    /// URIs of the resource servers that were asked for (RFC 8707 §2).
    pub resources: Vec<String>,
    pub nonce: Option<String>,
    pub code_challenge: Option<CodeChallenge>,
    pub auth_time: Timestamp,
    /// Names of RFC 8176, with a space between.
    pub amr: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub consumed_at: Option<Timestamp>,
}

/// What a person granted an application once: the family of tokens that came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Grant {
    pub id: Uuid,
    pub client_id: String,
    pub user_id: Uuid,
    /// The `sid` of the session in which it was granted.
    pub session_id: Uuid,
    pub scopes: Scopes,
    /// URIs of the resource servers that its tokens may name.
    pub resources: Vec<String>,
    pub nonce: Option<String>,
    pub auth_time: Timestamp,
    /// Names of RFC 8176, with a space between.
    pub amr: String,
    pub created_at: Timestamp,
    /// When its last token ends; later it can be swept.
    pub expires_at: Timestamp,
    pub revoked_at: Option<Timestamp>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct AccessToken {
    pub id: Uuid,
    pub secret_hash: SecretHash,
    pub client_id: String,
    /// Absent when the application acts for itself.
    pub user_id: Option<Uuid>,
    pub grant_id: Option<Uuid>,
    pub scopes: Scopes,
    /// URIs of the resource servers that it is for; empty: this server's own.
    pub audience: Vec<String>,
    /// A JWT carries no random part: its `jti` is the id, its signature the proof.
    pub is_jwt: bool,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub first_used_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct RefreshToken {
    pub id: Uuid,
    pub secret_hash: SecretHash,
    pub client_id: String,
    pub grant_id: Uuid,
    /// The access token that was issued beside it.
    pub access_token_id: Uuid,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub consumed_at: Option<Timestamp>,
    pub replay: Option<Replay>,
}

/// The answer of the first refresh, kept for a client that presents the same token again in time.
#[derive(Clone, Debug, PartialEq)]
pub struct Replay {
    pub successor_id: Uuid,
    pub until: Timestamp,
    /// SHA-256 over the request's parameters: only the same question gets the same answer.
    pub request_hash: SecretHash,
    /// The answer, sealed with a key that only the presented token yields.
    pub sealed: Vec<u8>,
}

impl Grant {
    /// What a code becomes; it ends with its last token, which is yet to be made.
    pub fn from_code(code: &AuthorizationCode, now: Timestamp) -> Self {
        Self {
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
        }
    }

    /// How the person signed in: names of RFC 8176.
    pub fn methods(&self) -> Vec<String> {
        self.amr.split(' ').map(str::to_owned).collect()
    }
}

impl AccessToken {
    /// `sub`: the person, or the application that acts for itself (RFC 9068 §2.2).
    pub fn subject(&self) -> String {
        self.user_id
            .map_or_else(|| self.client_id.clone(), |id| id.to_string())
    }
}

/// An access token together with what decides whether it still counts.
#[derive(Clone, Debug)]
pub struct FoundAccessToken {
    pub token: AccessToken,
    pub grant: Option<Grant>,
    /// Whom the token speaks for; absent when it speaks for the application itself.
    pub user: Option<User>,
}

/// Why a token does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InactiveReason {
    Expired,
    Revoked,
}

impl FoundAccessToken {
    /// # Errors
    /// Why the token counts no more.
    pub fn check(&self, now: Timestamp) -> Result<(), InactiveReason> {
        let grant_ended = self.token.grant_id.is_some()
            && self
                .grant
                .as_ref()
                .is_none_or(|grant| grant.revoked_at.is_some());
        let user_gone = self.token.user_id.is_some()
            && self
                .user
                .as_ref()
                .is_none_or(|user| user.disabled_at.is_some());
        if self.token.revoked_at.is_some() || grant_ended || user_gone {
            Err(InactiveReason::Revoked)
        } else if self.token.expires_at <= now {
            Err(InactiveReason::Expired)
        } else {
            Ok(())
        }
    }
}
