//! Applications: the protocol's clients.

use std::fmt;

use app::wire::application::{Application as WireApplication, ClientType, Secret as WireSecret};
use uuid::Uuid;

use super::scope::Scopes;
use super::time::Timestamp;

/// A grant that an application may hold (RFC 6749 §1.3, §1.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GrantType {
    AuthorizationCode,
    RefreshToken,
    ClientCredentials,
}

impl GrantType {
    pub const ALL: [Self; 3] = [
        Self::AuthorizationCode,
        Self::RefreshToken,
        Self::ClientCredentials,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
            Self::ClientCredentials => "client_credentials",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|grant| grant.name() == name)
    }
}

/// How an application's id_tokens are signed (RFC 7518 §3.1, RFC 8037 §3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SigningAlg {
    Rs256,
    Es256,
    EdDsa,
}

impl SigningAlg {
    pub const ALL: [Self; 3] = [Self::Rs256, Self::Es256, Self::EdDsa];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|alg| alg.name() == name)
    }
}

/// `confidential` or `public` (RFC 6749 §2.1).
pub const fn client_type_name(client_type: ClientType) -> &'static str {
    match client_type {
        ClientType::Confidential => "confidential",
        ClientType::Public => "public",
    }
}

pub fn parse_client_type(name: &str) -> Option<ClientType> {
    match name {
        "confidential" => Some(ClientType::Confidential),
        "public" => Some(ClientType::Public),
        _ => None,
    }
}

/// What the owner decides.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    pub name: String,
    pub client_type: ClientType,
    pub grant_types: Vec<GrantType>,
    pub redirect_uris: Vec<String>,
    pub post_logout_redirect_uris: Vec<String>,
    pub allowed_origins: Vec<String>,
    pub scopes: Scopes,
    pub require_pkce: bool,
    pub skip_consent: bool,
    /// Seconds.
    pub access_token_lifetime: i64,
    /// Seconds.
    pub refresh_token_lifetime: i64,
    /// Seconds: within these a refresh token that comes again gets the same answer.
    pub refresh_reuse_window: i64,
    pub id_token_alg: SigningAlg,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Application {
    pub client_id: String,
    pub owner_id: Uuid,
    /// The owner's user name.
    pub owner: String,
    pub settings: Settings,
    pub secrets: Vec<Secret>,
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

impl Application {
    pub fn is_confidential(&self) -> bool {
        self.settings.client_type == ClientType::Confidential
    }

    pub fn holds(&self, grant: GrantType) -> bool {
        self.settings.grant_types.contains(&grant)
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
            require_pkce: settings.require_pkce,
            skip_consent: settings.skip_consent,
            access_token_format: "opaque".to_owned(),
            access_token_lifetime: settings.access_token_lifetime,
            refresh_token_lifetime: settings.refresh_token_lifetime,
            refresh_reuse_window: settings.refresh_reuse_window,
            id_token_alg: settings.id_token_alg.name().to_owned(),
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
