//! Applications: the protocol's clients.

use std::fmt;

use contract::rules;
use contract::wire::application::Secret as WireSecret;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::grant::SecretHash;
use super::refusal::Refusal;
use super::time::Timestamp;
use super::user::User;

pub mod change;
pub mod form;
mod settings;

pub use self::settings::Settings;
pub use contract::wire::client::{
    AuthMethod, ClientType, GrantType, Origin, SigningAlg, TokenFormat,
};

/// What a registration says about an application to people (RFC 7591 §2). None of it was checked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DisplayMetadata {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logo_uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tos_uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_uri: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub software_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub software_version: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Client {
    pub client_id: String,
    pub owner_id: Uuid,
    /// The owner's username.
    pub owner: String,
    pub settings: Settings,
    pub secrets: Vec<Secret>,
    pub origin: Origin,
    pub about: DisplayMetadata,
    /// SHA-256 of the random part of its registration access token (RFC 7592 §3).
    pub registration_token_hash: Option<SecretHash>,
    /// Since when nothing of it counts.
    pub disabled_at: Option<Timestamp>,
    /// When it was authenticated or authorized last, to the hour.
    pub last_used_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// A client secret as it is kept: a keyed hash and four characters to tell it apart.
#[derive(Clone, PartialEq)]
pub struct Secret {
    pub id: Uuid,
    pub hash: Vec<u8>,
    pub hint: String,
    pub created_at: Timestamp,
    pub last_used_at: Option<Timestamp>,
    pub expires_at: Option<Timestamp>,
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secret")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl Secret {
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|at| now < at)
    }
}

/// The origins that may call this server for an application that brought its own metadata. Metadata
/// can't name origins, and an origin that gets the codes may as well read the tokens.
pub fn origins_of_redirects(
    origin: Origin,
    redirect_uris: &[String],
) -> impl Iterator<Item = String> {
    let brought = matches!(origin, Origin::Registration | Origin::Document);
    let uris = redirect_uris.iter().filter(move |_| brought);
    uris.filter_map(|uri| contract::validate::origin::of(uri))
}

impl Client {
    /// One that is new, without secrets, registered by hand.
    pub fn new(client_id: String, owner: &User, settings: Settings, now: Timestamp) -> Self {
        Self {
            client_id,
            owner_id: owner.id,
            owner: owner.username.clone(),
            settings,
            secrets: Vec::new(),
            origin: Origin::Dashboard,
            about: DisplayMetadata::default(),
            registration_token_hash: None,
            disabled_at: None,
            last_used_at: None,
            created_at: now,
            updated_at: now,
        }
    }

    /// Whether a script of this origin may read what the protocol answers to this client.
    pub fn allows_origin(&self, origin: &str) -> bool {
        let settings = &self.settings;
        settings
            .allowed_origins
            .iter()
            .any(|allowed| allowed == origin)
            || origins_of_redirects(self.origin, &settings.redirect_uris)
                .any(|allowed| allowed == origin)
    }

    pub const fn is_enabled(&self) -> bool {
        self.disabled_at.is_none()
    }

    /// # Errors
    /// `client-disabled`.
    pub fn ensure_enabled(&self) -> Result<(), Refusal> {
        if self.is_enabled() {
            Ok(())
        } else {
            Err(Refusal::new(&rules::CLIENT_DISABLED))
        }
    }

    pub fn is_confidential(&self) -> bool {
        self.settings.client_type == ClientType::Confidential
    }

    pub fn uses_secret(&self) -> bool {
        self.settings.uses_secret()
    }

    /// A client that registered itself acts for people only, whatever its row says.
    pub fn holds(&self, grant: GrantType) -> bool {
        self.settings.grant_types.contains(&grant) && self.origin.allows_grant(grant)
    }

    /// Whether an administrator or a developer of this server has registered it.
    pub fn is_checked(&self) -> bool {
        self.origin == Origin::Dashboard
    }

    /// Newest first, without the secrets themselves.
    fn live_secrets(&self, now: Timestamp) -> Vec<WireSecret> {
        let mut live: Vec<_> = self.secrets.iter().filter(|s| s.is_live(now)).collect();
        live.sort_by_key(|secret| std::cmp::Reverse((secret.created_at, secret.id)));
        let shown = live.into_iter().map(|secret| WireSecret {
            id: secret.id.to_string(),
            hint: secret.hint.clone(),
            created_at: secret.created_at.rfc3339(),
            last_used_at: secret.last_used_at.map(Timestamp::rfc3339),
            expires_at: secret.expires_at.map(Timestamp::rfc3339),
        });
        shown.collect()
    }
}
