//! What can be decided of a client: each setting once, in one row.
//!
//! A row says what a setting is, what it is of a new client, who decides it, how it is read from a
//! form and, if client metadata may say it, by which member (RFC 7591 §2). To add one: a row here,
//! a row of the same name in `contract::wire::application`, its column in `store::entities`.

use contract::validate;
use contract::wire::application::{Application as WireApplication, ApplicationSettings};
use serde_json::Value;

use super::change::DecidedBy;
use super::form::Reader;
use super::{AuthMethod, Client, ClientType, GrantType, SigningAlg, TokenFormat};
use crate::domain::key::LONGEST_SIGNED;
use crate::domain::scope::{self, Scopes};
use crate::domain::time::{Timestamp, seconds};

/// Defines [`Settings`] and all that goes through every setting.
macro_rules! settings {
    ($(
        $(#[$about:meta])*
        $field:ident: $type:ty = $default:expr,
        $decided_by:ident $(when $changed:expr)?,
        $read:expr $(, metadata $member:literal)?;
    )*) => {
        #[derive(Clone, Debug, PartialEq)]
        pub struct Settings {
            pub name: String,
            $($(#[$about])* pub $field: $type,)*
        }

        /// What a new client is when nothing else is said.
        impl Default for Settings {
            fn default() -> Self {
                Self {
                    name: String::new(),
                    $($field: $default,)*
                }
            }
        }

        impl Settings {
            /// The fields, with the members of client metadata that say them.
            const MEMBERS: &[(&str, Option<&str>)] = &[
                ("name", Some("client_name")),
                $((stringify!($field), settings!(@member $($member)?)),)*
            ];

            /// What was sent, and of what was not, what there is.
            pub(super) fn read(
                name: Option<&str>,
                sent: &ApplicationSettings,
                kept: Self,
                reader: &mut Reader<'_>,
            ) -> Self {
                Self {
                    name: reader.name(name, kept.name),
                    $($field: ($read)(
                        reader,
                        stringify!($field),
                        sent.$field.as_ref(),
                        kept.$field,
                    ),)*
                }
            }

            /// What becomes different, and who decides it.
            pub(super) fn changes(&self, after: &Self) -> Vec<(&'static str, DecidedBy)> {
                let mut changes = Vec::new();
                if after.name != self.name {
                    changes.push(("name", DecidedBy::OwnerUntrusted));
                }
                $(if settings!(@changed ($($changed)?) (&self.$field, &after.$field)) {
                    changes.push((stringify!($field), DecidedBy::$decided_by));
                })*
                changes
            }

            /// As they are before an administrator has decided anything.
            pub(super) fn undecided(&self) -> Self {
                Self {
                    name: self.name.clone(),
                    $($field: match DecidedBy::$decided_by {
                        DecidedBy::Administrator => $default,
                        DecidedBy::OwnerUntrusted | DecidedBy::Owner => self.$field.clone(),
                    },)*
                }
            }

            /// What the metadata say, and of what no client metadata can say, what was there
            /// `before`.
            pub fn over(self, before: &Self) -> Self {
                Self {
                    name: self.name,
                    $($field: match settings!(@member $($member)?) {
                        Some::<&str>(_) => self.$field,
                        None => before.$field.clone(),
                    },)*
                }
            }
        }

        impl Client {
            /// As the API shows it.
            pub fn to_wire(&self, now: Timestamp) -> WireApplication {
                let settings = &self.settings;
                WireApplication {
                    client_id: self.client_id.clone(),
                    name: settings.name.clone(),
                    $($field: settings.$field.to_wire(),)*
                    origin: self.origin.name().to_owned(),
                    disabled: self.disabled_at.is_some(),
                    last_used_at: self.last_used_at.map(Timestamp::rfc3339),
                    created_at: self.created_at.rfc3339(),
                    updated_at: self.updated_at.rfc3339(),
                    owner: self.owner.clone(),
                    secrets: self.live_secrets(now),
                }
            }
        }
    };
    (@changed () ($before:expr, $after:expr)) => { $before != $after };
    (@changed ($changed:expr) ($before:expr, $after:expr)) => { ($changed)($before, $after) };
    (@member) => { None };
    (@member $member:literal) => { Some($member) };
}

settings! {
    client_type: ClientType = ClientType::Confidential,
        OwnerUntrusted, Reader::client_type, metadata "token_endpoint_auth_method";
    grant_types: Vec<GrantType> = vec![GrantType::AuthorizationCode, GrantType::RefreshToken],
        OwnerUntrusted when gained, Reader::grant_types, metadata "grant_types";
    redirect_uris: Vec<String> = Vec::new(),
        OwnerUntrusted, Reader::addresses, metadata "redirect_uris";
    post_logout_redirect_uris: Vec<String> = Vec::new(),
        Owner, Reader::addresses, metadata "post_logout_redirect_uris";
    allowed_origins: Vec<String> = Vec::new(),
        Owner, Reader::origins;
    scopes: Scopes = scope::KNOWN.iter().map(|known| known.name).collect(),
        OwnerUntrusted, Reader::scopes, metadata "scope";
    /// Of the scopes that it asks for, people may decline these.
    optional_scopes: Scopes = scope::OPTIONAL.into_iter().collect(),
        Owner, Reader::scopes;
    require_pkce: bool = true,
        Owner, Reader::flag;
    // Giving it up is free.
    skip_consent: bool = false,
        Administrator when |before: &bool, after: &bool| *after && !before, Reader::flag;
    access_token_format: TokenFormat = TokenFormat::Opaque,
        Owner, Reader::choice;
    /// Seconds: one minute to one day.
    access_token_lifetime: i64 = 3600,
        Owner, Reader::seconds(60, seconds(LONGEST_SIGNED));
    /// Seconds: five minutes to one year.
    refresh_token_lifetime: i64 = 30 * 86_400,
        Owner, Reader::seconds(300, 365 * 86_400);
    /// Seconds: within these a refresh token that comes again gets the same answer.
    refresh_reuse_window: i64 = 30,
        Owner, Reader::seconds(0, 60);
    id_token_alg: SigningAlg = SigningAlg::Rs256,
        Owner, Reader::choice, metadata "id_token_signed_response_alg";
    /// The one way in which it authenticates; without one, Basic and body are both taken.
    token_endpoint_auth_method: Option<AuthMethod> = None,
        OwnerUntrusted when signs_or_not, Reader::auth_method,
        metadata "token_endpoint_auth_method";
    /// Its public keys: a JWK Set in JSON (RFC 7517 §5). Never beside `jwks_uri`.
    jwks: Option<String> = None,
        OwnerUntrusted, Reader::jwks, metadata "jwks";
    jwks_uri: Option<String> = None,
        OwnerUntrusted, Reader::address(validate::https_uri::check), metadata "jwks_uri";
    backchannel_logout_uri: Option<String> = None,
        Owner, Reader::address(validate::logout_uri::check), metadata "backchannel_logout_uri";
    /// Whether a logout token has to name the session.
    backchannel_logout_session_required: bool = false,
        Owner, Reader::flag, metadata "backchannel_logout_session_required";
    /// RFC 9126 §6.
    require_pushed_authorization_requests: bool = false,
        Owner, Reader::flag, metadata "require_pushed_authorization_requests";
    /// The resource servers that it may ask for; absent: any.
    resources: Option<Vec<String>> = None,
        Administrator, Reader::resources;
}

fn gained(before: &[GrantType], after: &[GrantType]) -> bool {
    after.iter().any(|grant| !before.contains(grant))
}

/// Its keys are of no use to a client that signs no longer.
fn signs_or_not(before: &Option<AuthMethod>, after: &Option<AuthMethod>) -> bool {
    let signs = |method: &Option<AuthMethod>| *method == Some(AuthMethod::PrivateKeyJwt);
    signs(before) != signs(after)
}

impl Settings {
    /// Whether it authenticates with a secret: a public one has none, and one that signs needs
    /// none (RFC 7523 §2.2).
    pub fn uses_secret(&self) -> bool {
        self.client_type == ClientType::Confidential
            && self.token_endpoint_auth_method != Some(AuthMethod::PrivateKeyJwt)
    }

    /// The member of client metadata that says this field.
    pub fn member_of(field: &str) -> Option<&'static str> {
        let mut members = Self::MEMBERS.iter();
        members.find(|(name, _)| *name == field)?.1
    }
}

/// A setting as the API shows it.
trait ToWire<W> {
    fn to_wire(&self) -> W;
}

impl<T: Clone> ToWire<T> for T {
    fn to_wire(&self) -> T {
        self.clone()
    }
}

impl ToWire<String> for TokenFormat {
    fn to_wire(&self) -> String {
        self.name().to_owned()
    }
}

impl ToWire<String> for SigningAlg {
    fn to_wire(&self) -> String {
        self.name().to_owned()
    }
}

impl ToWire<Option<String>> for Option<AuthMethod> {
    fn to_wire(&self) -> Option<String> {
        self.map(|method| method.name().to_owned())
    }
}

impl ToWire<Vec<String>> for Vec<GrantType> {
    fn to_wire(&self) -> Vec<String> {
        self.iter().map(|grant| grant.name().to_owned()).collect()
    }
}

impl ToWire<Vec<String>> for Scopes {
    fn to_wire(&self) -> Vec<String> {
        self.to_vec()
    }
}

/// A JWK Set.
impl ToWire<Option<Value>> for Option<String> {
    fn to_wire(&self) -> Option<Value> {
        let text = self.as_deref()?;
        serde_json::from_str(text).ok()
    }
}
