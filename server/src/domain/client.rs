//! Applications: the protocol's clients.

use std::fmt;

use contract::rules;
use contract::wire::application::{
    Application as WireApplication, ClientType, Secret as WireSecret,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::grant::SecretHash;
use super::refusal::Refusal;
use super::scope::Scopes;
use super::time::Timestamp;
use super::user::User;

pub mod change;

/// A grant that an application may hold (RFC 6749 §1.3, §1.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GrantType {
    AuthorizationCode,
    RefreshToken,
    ClientCredentials,
    /// RFC 8628 §3.4.
    DeviceCode,
}

impl GrantType {
    pub const ALL: [Self; 4] = [
        Self::AuthorizationCode,
        Self::RefreshToken,
        Self::ClientCredentials,
        Self::DeviceCode,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
            Self::ClientCredentials => "client_credentials",
            Self::DeviceCode => "urn:ietf:params:oauth:grant-type:device_code",
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
    Ps256,
    Es256,
    EdDsa,
}

impl SigningAlg {
    pub const ALL: [Self; 4] = [Self::Rs256, Self::Ps256, Self::Es256, Self::EdDsa];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|alg| alg.name() == name)
    }
}

/// The form of access tokens: a reference that only we can read, or a signed statement that
/// resource servers can check by themselves (RFC 9068).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TokenFormat {
    #[default]
    Opaque,
    Jwt,
}

impl TokenFormat {
    pub const ALL: [Self; 2] = [Self::Opaque, Self::Jwt];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Opaque => "opaque",
            Self::Jwt => "jwt",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }
}

/// How a client authenticates (`token_endpoint_auth_method`, RFC 7591 §2,
/// OpenID Connect Core 1.0 §9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AuthMethod {
    ClientSecretBasic,
    ClientSecretPost,
    PrivateKeyJwt,
    None,
}

impl AuthMethod {
    pub const ALL: [Self; 4] = [
        Self::ClientSecretBasic,
        Self::ClientSecretPost,
        Self::PrivateKeyJwt,
        Self::None,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
            Self::PrivateKeyJwt => "private_key_jwt",
            Self::None => "none",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.name() == name)
    }
}

/// Where an application came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Origin {
    /// A user registered it: in the dashboard, by the API or on the command line.
    #[default]
    Dashboard,
    /// It registered itself (RFC 7591).
    Registration,
    /// Its client id is the address of its metadata.
    Document,
}

impl Origin {
    pub const ALL: [Self; 3] = [Self::Dashboard, Self::Registration, Self::Document];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Dashboard => "dashboard",
            Self::Registration => "registration",
            Self::Document => "document",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|origin| origin.name() == name)
    }

    /// Which grants a client of this origin may hold. `client_credentials` needs no person, so a
    /// client without an owner on this server may not hold it (RFC 6749 §4.4).
    pub const fn allows_grant(self, grant: GrantType) -> bool {
        match self {
            Self::Dashboard => true,
            Self::Registration | Self::Document => matches!(
                grant,
                GrantType::AuthorizationCode | GrantType::RefreshToken | GrantType::DeviceCode
            ),
        }
    }
}

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
