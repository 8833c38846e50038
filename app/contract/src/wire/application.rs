//! Applications (OAuth clients) and their secrets.

use serde::{Deserialize, Serialize};

use super::client::ClientType;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "texts", derive(utoipa::ToSchema))]
pub struct Application {
    pub client_id: String,
    pub name: String,
    pub client_type: ClientType,
    pub grant_types: Vec<String>,
    pub redirect_uris: Vec<String>,
    pub post_logout_redirect_uris: Vec<String>,
    pub allowed_origins: Vec<String>,
    pub scopes: Vec<String>,
    /// Of the scopes that it asks for, people may decline these.
    #[serde(default)]
    pub optional_scopes: Vec<String>,
    pub require_pkce: bool,
    pub skip_consent: bool,
    /// `opaque` or `jwt`.
    pub access_token_format: String,
    /// Seconds.
    pub access_token_lifetime: i64,
    /// Seconds.
    pub refresh_token_lifetime: i64,
    /// Seconds within which a refresh token that is presented again gets the same answer: 0 to 60.
    pub refresh_reuse_window: i64,
    /// `RS256`, `PS256`, `ES256` or `EdDSA`.
    pub id_token_alg: String,
    /// `client_secret_basic`, `client_secret_post`, `private_key_jwt` or `none`; absent: Basic
    /// and body are both taken.
    #[serde(default)]
    pub token_endpoint_auth_method: Option<String>,
    /// Its public keys: a JWK Set (RFC 7517 §5).
    #[serde(default)]
    pub jwks: Option<serde_json::Value>,
    #[serde(default)]
    pub jwks_uri: Option<String>,
    #[serde(default)]
    pub backchannel_logout_uri: Option<String>,
    #[serde(default)]
    pub backchannel_logout_session_required: bool,
    #[serde(default)]
    pub require_pushed_authorization_requests: bool,
    /// URIs of the resource servers that it may ask for; absent: any.
    #[serde(default)]
    pub resources: Option<Vec<String>>,
    /// `dashboard`, `registration` or `document`.
    #[serde(default)]
    pub origin: String,
    #[serde(default)]
    pub disabled: bool,
    /// When it was authenticated or authorized last, to the hour.
    #[serde(default)]
    pub last_used_at: Option<String>,
    pub created_at: String,
    pub updated_at: String,
    /// The owner's username.
    pub owner: String,
    /// The live secrets, newest first; never the secrets themselves.
    #[serde(default)]
    pub secrets: Vec<Secret>,
}

/// What is known of a secret after it was shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "texts", derive(utoipa::ToSchema))]
pub struct Secret {
    pub id: String,
    /// Its last four characters.
    pub hint: String,
    pub created_at: String,
    pub last_used_at: Option<String>,
    /// When it stops working by itself.
    pub expires_at: Option<String>,
}

/// `POST /api/applications/{client_id}/secrets`: the only time that the secret is shown.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "texts", derive(utoipa::ToSchema))]
pub struct NewSecret {
    pub id: String,
    pub client_secret: String,
    pub created_at: String,
}

/// `POST /api/applications`. What is left out gets its default.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "texts", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct NewApplication {
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    #[serde(flatten)]
    pub settings: ApplicationSettings,
}

/// `PATCH /api/applications/{client_id}`: what is left out stays.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "texts", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct ApplicationPatch {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(flatten)]
    pub settings: ApplicationSettings,
}

/// The settings that both calls take.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "texts", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct ApplicationSettings {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grant_types: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redirect_uris: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub post_logout_redirect_uris: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed_origins: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
    /// Of the scopes that it asks for, people may decline these.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub optional_scopes: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub require_pkce: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skip_consent: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_token_format: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_token_lifetime: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token_lifetime: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_reuse_window: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token_alg: Option<String>,
    /// Empty: Basic and body are both taken again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_endpoint_auth_method: Option<String>,
    /// A JWK Set; `{}` takes it away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks: Option<serde_json::Value>,
    /// Empty takes it away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<String>,
    /// Empty takes it away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backchannel_logout_uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backchannel_logout_session_required: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub require_pushed_authorization_requests: Option<bool>,
    /// URIs of resource servers; `["*"]` is any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resources: Option<Vec<String>>,
    /// While it is disabled nothing of it counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disabled: Option<bool>,
}

/// The answer of `POST /api/applications`: the application, and its secret this one time.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "texts", derive(utoipa::ToSchema))]
pub struct CreatedApplication {
    #[serde(flatten)]
    pub application: Application,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<String>,
}

/// One of `GET /api/scopes`: a scope that an application may be registered for, in plain words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "texts", derive(utoipa::ToSchema))]
pub struct Scope {
    pub name: String,
    pub description: String,
    pub detail: String,
}
