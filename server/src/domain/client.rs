//! Applications: the protocol's clients.

use std::fmt;

use contract::rules;
use contract::wire::application::{Application as WireApplication, Secret as WireSecret};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::grant::SecretHash;
use super::refusal::Refusal;
use super::scope::Scopes;
use super::time::Timestamp;
use super::user::User;

pub mod change;

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

/// What can be decided of a client; who decides what says [`change`].
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    pub name: String,
    pub client_type: ClientType,
    pub grant_types: Vec<GrantType>,
    pub redirect_uris: Vec<String>,
    pub post_logout_redirect_uris: Vec<String>,
    pub allowed_origins: Vec<String>,
    pub scopes: Scopes,
    /// Of the scopes that it asks for, people may decline these.
    pub optional_scopes: Scopes,
    pub require_pkce: bool,
    pub skip_consent: bool,
    pub access_token_format: TokenFormat,
    /// Seconds.
    pub access_token_lifetime: i64,
    /// Seconds.
    pub refresh_token_lifetime: i64,
    /// Seconds: within these a refresh token that comes again gets the same answer.
    pub refresh_reuse_window: i64,
    pub id_token_alg: SigningAlg,
    /// The one way in which it authenticates; without one, Basic and body are both taken.
    pub token_endpoint_auth_method: Option<AuthMethod>,
    /// Its public keys: a JWK Set in JSON (RFC 7517 §5). Never beside `jwks_uri`.
    pub jwks: Option<String>,
    pub jwks_uri: Option<String>,
    pub backchannel_logout_uri: Option<String>,
    /// Whether a logout token has to name the session.
    pub backchannel_logout_session_required: bool,
    /// RFC 9126 §6.
    pub require_pushed_requests: bool,
    /// The resource servers that it may ask for; absent: any.
    pub resources: Option<Vec<String>>,
}

impl Settings {
    /// Whether it authenticates with a secret: a public one has none, and one that signs needs
    /// none (RFC 7523 §2.2).
    pub fn uses_secret(&self) -> bool {
        self.client_type == ClientType::Confidential
            && self.token_endpoint_auth_method != Some(AuthMethod::PrivateKeyJwt)
    }
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

    pub fn to_wire(&self, now: Timestamp) -> WireApplication {
        let settings = &self.settings;
        let mut secrets: Vec<_> = self.secrets.iter().filter(|s| s.is_live(now)).collect();
        secrets.sort_by_key(|secret| std::cmp::Reverse((secret.created_at, secret.id)));
        WireApplication {
            client_id: self.client_id.clone(),
            name: settings.name.clone(),
            client_type: settings.client_type,
            grant_types: settings
                .grant_types
                .iter()
                .map(|grant| grant.name().to_owned())
                .collect(),
            redirect_uris: settings.redirect_uris.clone(),
            post_logout_redirect_uris: settings.post_logout_redirect_uris.clone(),
            allowed_origins: settings.allowed_origins.clone(),
            scopes: settings.scopes.to_vec(),
            optional_scopes: settings.optional_scopes.to_vec(),
            require_pkce: settings.require_pkce,
            skip_consent: settings.skip_consent,
            access_token_format: settings.access_token_format.name().to_owned(),
            access_token_lifetime: settings.access_token_lifetime,
            refresh_token_lifetime: settings.refresh_token_lifetime,
            refresh_reuse_window: settings.refresh_reuse_window,
            id_token_alg: settings.id_token_alg.name().to_owned(),
            token_endpoint_auth_method: settings
                .token_endpoint_auth_method
                .map(|method| method.name().to_owned()),
            jwks: settings
                .jwks
                .as_deref()
                .and_then(|text| serde_json::from_str(text).ok()),
            jwks_uri: settings.jwks_uri.clone(),
            backchannel_logout_uri: settings.backchannel_logout_uri.clone(),
            backchannel_logout_session_required: settings.backchannel_logout_session_required,
            require_pushed_authorization_requests: settings.require_pushed_requests,
            resources: settings.resources.clone(),
            origin: self.origin.name().to_owned(),
            disabled: self.disabled_at.is_some(),
            last_used_at: self.last_used_at.map(Timestamp::rfc3339),
            created_at: self.created_at.rfc3339(),
            updated_at: self.updated_at.rfc3339(),
            owner: self.owner.clone(),
            secrets: secrets
                .into_iter()
                .map(|secret| WireSecret {
                    id: secret.id.to_string(),
                    hint: secret.hint.clone(),
                    created_at: secret.created_at.rfc3339(),
                    last_used_at: secret.last_used_at.map(Timestamp::rfc3339),
                    expires_at: secret.expires_at.map(Timestamp::rfc3339),
                })
                .collect(),
        }
    }
}
