//! Reads what an application should be: the same for the API, the command line and client metadata.
//!
//! Names every field that breaks a rule, all at once. To add a setting: see `settings`.

mod fields;

use contract::rules::{self, Rule};
use contract::validate::redirect_uri::PlainHttp;
use contract::wire::application::{ApplicationSettings, NewApplication};
use uuid::Uuid;

pub use self::fields::Reader;
use super::{AuthMethod, ClientType, GrantType, Settings};
use crate::domain::field_errors::FieldErrors;
use crate::domain::resource::ResourceServer;
use crate::domain::scope;

/// Characters of a client id that a user chooses.
const CLIENT_ID_LENGTH: usize = 100;

/// What the form compares with, of this installation.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known<'a> {
    /// Whose scopes an application may hold.
    pub servers: &'a [ResourceServer],
    pub plain_http: PlainHttp,
}

impl Known<'_> {
    pub fn has_scope(&self, name: &str) -> bool {
        let mut servers = self.servers.iter();
        scope::find(name).is_some() || servers.any(|server| server.scopes.contains(name))
    }
}

/// The settings of a new application, with the client id that it asks for checked too.
///
/// # Errors
/// Every field that breaks a rule, by its name in the API.
pub fn build_new(new: &NewApplication, known: Known<'_>) -> Result<Settings, FieldErrors> {
    let (built, errors) = read_new_form(new, known);
    errors.or(built)
}

/// As [`build_new`], for who finds more errors: what was read, and every field that breaks a rule.
pub fn read_new_form(new: &NewApplication, known: Known<'_>) -> (Settings, FieldErrors) {
    let (built, mut errors) = read_form(Some(&new.name), &new.settings, None, known);
    if let Some(Err((rule, detail))) = new.client_id.as_deref().map(check_client_id) {
        errors.add_detail("client_id", rule, detail);
    }
    (built, errors)
}

/// The settings of a new application, or of `existing` with what `settings` changes of it, and
/// every field that breaks a rule, by its name in the API.
pub fn read_form(
    name: Option<&str>,
    settings: &ApplicationSettings,
    existing: Option<&Settings>,
    known: Known<'_>,
) -> (Settings, FieldErrors) {
    let kept = existing.cloned().unwrap_or_default();
    let mut reader = Reader::new(known, existing.is_none());
    let built = Settings::read(name, settings, kept, &mut reader);
    let mut errors = reader.errors;
    together(&built, &mut errors);
    (built, errors)
}

/// What holds between fields.
fn together(settings: &Settings, errors: &mut FieldErrors) {
    let holds = |grant| settings.grant_types.contains(&grant);
    if holds(GrantType::AuthorizationCode)
        && settings.redirect_uris.is_empty()
        && !errors
            .0
            .keys()
            .any(|field| field.starts_with("redirect_uris."))
    {
        errors.add("redirect_uris", &rules::REDIRECT_URI_REQUIRED);
    }
    if settings.client_type == ClientType::Public {
        if holds(GrantType::ClientCredentials) {
            errors.add("grant_types", &rules::CLIENT_CREDENTIALS_PUBLIC);
        }
        if matches!(
            settings.token_endpoint_auth_method,
            Some(method) if method != AuthMethod::None
        ) {
            errors.add("token_endpoint_auth_method", &rules::AUTH_METHOD_PUBLIC);
        }
        // RFC 9700 §2.1.1: nothing else protects the code of a client without a secret.
        if !settings.require_pkce {
            errors.add("require_pkce", &rules::PKCE_REQUIRED);
        }
    } else if settings.token_endpoint_auth_method == Some(AuthMethod::None) {
        errors.add(
            "token_endpoint_auth_method",
            &rules::AUTH_METHOD_CONFIDENTIAL,
        );
    }
    // RFC 7591 §2.
    if settings.jwks.is_some() && settings.jwks_uri.is_some() {
        errors.add("jwks_uri", &rules::JWKS_TWICE);
    }
    if settings.token_endpoint_auth_method == Some(AuthMethod::PrivateKeyJwt)
        && settings.jwks.is_none()
        && settings.jwks_uri.is_none()
        && !errors.0.contains_key("jwks")
    {
        errors.add("jwks", &rules::JWKS_REQUIRED);
    }
}

/// Checks a client id that a user chose: letters, digits, `.`, `_` and `-`. It is a part of paths
/// and an argument of commands, so it starts with neither a dot nor a hyphen. The error is the
/// broken rule, with a hint.
fn check_client_id(client_id: &str) -> Result<(), (&'static Rule, &'static str)> {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    if client_id.is_empty() {
        Err((&rules::FIELD_REQUIRED, "Leave it out to get one made."))
    } else if client_id.len() > CLIENT_ID_LENGTH {
        Err((&rules::FIELD_TOO_LONG, "At most 100 characters."))
    } else if !client_id.bytes().all(allowed) || client_id.starts_with(['.', '-']) {
        let form = "Letters, digits, dots, hyphens and underscores, no dot or hyphen first.";
        Err((&rules::FIELD_MALFORMED, form))
    } else if Uuid::try_parse(client_id).is_ok() {
        // RFC 9700 §4.15: the `sub` of a user has this form, and the `sub` of an application is its
        // client id. An application must not pass for a user.
        Err((
            &rules::FIELD_MALFORMED,
            "It looks like the name of a person in tokens.",
        ))
    } else if client_id == "new" {
        // `/apps/new` is the page on which applications are made.
        Err((&rules::FIELD_MALFORMED, "This word means something else."))
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
