//! Applications (OAuth clients) and their secrets.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::client::ClientType;

/// Every setting of a client but its name, once: its member in the API as it is shown `=>` as it
/// is sent, and the field of the dashboard's form that holds it. Hands them to the macro `$then`.
///
/// To add one: a row here, then its row in the server's `domain::client::settings`, which does not
/// compile without it. A member that is new has `#[serde(default)]`: browsers keep a page for a
/// while.
#[macro_export]
macro_rules! client_settings {
    ($then:ident) => {
        $then! {
            client_type: ClientType => String, in NoField;
            grant_types: Vec<String> => Vec<String>, in Several;
            redirect_uris: Vec<String> => Vec<String>, in Rows;
            post_logout_redirect_uris: Vec<String> => Vec<String>, in Rows;
            allowed_origins: Vec<String> => Vec<String>, in Rows;
            scopes: Vec<String> => Vec<String>, in Several;
            /// Of the scopes that it asks for, people may decline these.
            #[serde(default)]
            optional_scopes: Vec<String> =>
                /// Of the scopes that it asks for, people may decline these.
                Vec<String>, in NoField;
            require_pkce: bool => bool, in Flag;
            skip_consent: bool => bool, in Flag;
            /// `opaque` or `jwt`.
            access_token_format: String => String, in Text;
            /// Seconds.
            access_token_lifetime: i64 => i64, in Text;
            /// Seconds.
            refresh_token_lifetime: i64 => i64, in Text;
            /// Seconds within which a refresh token that is presented again gets the same answer: 0 to 60.
            refresh_reuse_window: i64 => i64, in Text;
            /// `RS256`, `PS256`, `ES256` or `EdDSA`.
            id_token_alg: String => String, in Text;
            /// `client_secret_basic`, `client_secret_post`, `private_key_jwt` or `none`; absent: Basic
            /// and body are both taken.
            #[serde(default)]
            token_endpoint_auth_method: Option<String> =>
                /// Empty: Basic and body are both taken again.
                String, in Text;
            /// Its public keys: a JWK Set (RFC 7517 §5).
            #[serde(default)]
            jwks: Option<Value> =>
                /// A JWK Set; `{}` takes it away.
                Value, in Text;
            #[serde(default)]
            jwks_uri: Option<String> =>
                /// Empty takes it away.
                String, in Text;
            #[serde(default)]
            backchannel_logout_uri: Option<String> =>
                /// Empty takes it away.
                String, in Text;
            #[serde(default)]
            backchannel_logout_session_required: bool => bool, in Flag;
            #[serde(default)]
            require_pushed_authorization_requests: bool => bool, in Flag;
            /// URIs of the resource servers that it may ask for; absent: any.
            #[serde(default)]
            resources: Option<Vec<String>> =>
                /// URIs of resource servers; `["*"]` is any.
                Vec<String>, in NoField;
        }
    };
}

/// Defines what the API shows of an application and what it takes.
macro_rules! shapes {
    ($(
        $(#[$about_shown:meta])* $field:ident: $shown:ty =>
        $(#[$about_sent:meta])* $sent:ty, in $kind:ident;
    )*) => {
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[cfg_attr(feature = "texts", derive(utoipa::ToSchema))]
        pub struct Application {
            pub client_id: String,
            pub name: String,
            $($(#[$about_shown])* pub $field: $shown,)*
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

        /// The settings that both calls take.
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        #[cfg_attr(feature = "texts", derive(utoipa::ToSchema))]
        #[serde(default)]
        pub struct ApplicationSettings {
            $(
                $(#[$about_sent])*
                #[serde(skip_serializing_if = "Option::is_none")]
                pub $field: Option<$sent>,
            )*
            /// While it is disabled nothing of it counts.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub disabled: Option<bool>,
        }

        impl ApplicationSettings {
            /// Only what differs from the application as it is: two people who change different
            /// settings don't undo each other's work.
            pub fn changed_from(self, app: &Application) -> Self {
                Self {
                    $($field: self.$field.filter(|sent| shapes!(@differs $kind sent, app.$field)),)*
                    disabled: self.disabled.filter(|disabled| *disabled != app.disabled),
                }
            }
        }
    };
    (@differs Several $sent:ident, $shown:expr) => { !same_set($sent, &$shown) };
    (@differs $kind:ident $sent:ident, $shown:expr) => { $sent.differs(&$shown) };
}

client_settings!(shapes);

/// Whether a setting that is sent would change the one that is shown.
trait Differs<Shown> {
    fn differs(&self, shown: &Shown) -> bool;
}

impl<T: PartialEq> Differs<T> for T {
    fn differs(&self, shown: &T) -> bool {
        self != shown
    }
}

impl Differs<ClientType> for String {
    fn differs(&self, shown: &ClientType) -> bool {
        self != shown.name()
    }
}

/// Nothing is sent as an empty text.
impl Differs<Option<String>> for String {
    fn differs(&self, shown: &Option<String>) -> bool {
        self != shown.as_deref().unwrap_or_default()
    }
}

/// Nothing is sent as an empty object.
impl Differs<Option<Value>> for Value {
    fn differs(&self, shown: &Option<Value>) -> bool {
        match shown {
            Some(shown) => self != shown,
            None => !self.as_object().is_some_and(Map::is_empty),
        }
    }
}

/// Any is sent as `*`.
impl Differs<Option<Vec<String>>> for Vec<String> {
    fn differs(&self, shown: &Option<Vec<String>>) -> bool {
        match shown {
            Some(shown) => self != shown,
            None => self != &["*"],
        }
    }
}

fn same_set(a: &[String], b: &[String]) -> bool {
    a.len() == b.len() && a.iter().all(|one| b.contains(one))
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
