//! Reads what an application should be: the same for the API and the command line.
//!
//! Pure: reads neither the database nor the rights of the caller. Names every field that breaks a
//! rule, all at once. To add a setting: a field in `wire::application`, its reader in `fields`, its
//! row in the tests.

mod fields;

use contract::rules::{self, Rule};
use contract::validate;
use contract::validate::redirect_uri::PlainHttp;
use contract::wire::application::{ApplicationSettings, NewApplication};
use uuid::Uuid;

pub use super::form::FieldErrors;
use crate::domain::client::{AuthMethod, ClientType, GrantType, Settings, SigningAlg, TokenFormat};
use crate::domain::key::LONGEST_SIGNED;
use crate::domain::resource::ResourceServer;
use crate::domain::scope;
use crate::domain::time::seconds;

/// Characters of a client id that a user chooses.
const CLIENT_ID_LENGTH: usize = 100;

/// Seconds: one minute to one day.
const ACCESS_TOKEN_LIFETIME: (i64, i64) = (60, seconds(LONGEST_SIGNED));
/// Seconds: five minutes to one year.
const REFRESH_TOKEN_LIFETIME: (i64, i64) = (300, 365 * 86_400);
/// Seconds.
const REFRESH_REUSE_WINDOW: (i64, i64) = (0, 60);

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

/// What a new application is when nothing else is said.
fn defaults() -> Settings {
    Settings {
        name: String::new(),
        client_type: ClientType::Confidential,
        grant_types: vec![GrantType::AuthorizationCode, GrantType::RefreshToken],
        redirect_uris: Vec::new(),
        post_logout_redirect_uris: Vec::new(),
        allowed_origins: Vec::new(),
        scopes: scope::KNOWN.iter().map(|known| known.name).collect(),
        optional_scopes: scope::OPTIONAL.into_iter().collect(),
        require_pkce: true,
        skip_consent: false,
        access_token_format: TokenFormat::Opaque,
        access_token_lifetime: 3600,
        refresh_token_lifetime: 30 * 86_400,
        refresh_reuse_window: 30,
        id_token_alg: SigningAlg::Rs256,
        token_endpoint_auth_method: None,
        jwks: None,
        jwks_uri: None,
        backchannel_logout_uri: None,
        backchannel_logout_session_required: false,
        require_pushed_requests: false,
        resources: None,
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
pub(super) fn read_new_form(new: &NewApplication, known: Known<'_>) -> (Settings, FieldErrors) {
    let (built, mut errors) = read_form(Some(&new.name), &new.settings, None, known);
    if let Some(Err((rule, detail))) = new.client_id.as_deref().map(check_client_id) {
        errors.add_detail("client_id", rule, detail);
    }
    (built, errors)
}

/// The settings of a new application, or of `existing` with what `settings` changes of it, and
/// every field that breaks a rule, by its name in the API.
pub(super) fn read_form(
    name: Option<&str>,
    settings: &ApplicationSettings,
    existing: Option<&Settings>,
    known: Known<'_>,
) -> (Settings, FieldErrors) {
    let mut errors = FieldErrors::default();
    let base = existing.cloned().unwrap_or_else(defaults);
    let client_type = fields::client_type(settings, existing, &mut errors);
    let address = |uri: &str| validate::redirect_uri::check_with(uri, known.plain_http);
    let origin = |origin: &str| validate::origin::check_with(origin, known.plain_http);
    let built = Settings {
        name: fields::name(name, base.name, &mut errors),
        client_type,
        grant_types: fields::grant_types(settings, base.grant_types, &mut errors),
        redirect_uris: fields::list(
            "redirect_uris",
            fields::addresses(settings.redirect_uris.as_deref()).as_deref(),
            base.redirect_uris,
            address,
            &mut errors,
        ),
        post_logout_redirect_uris: fields::list(
            "post_logout_redirect_uris",
            fields::addresses(settings.post_logout_redirect_uris.as_deref()).as_deref(),
            base.post_logout_redirect_uris,
            address,
            &mut errors,
        ),
        allowed_origins: fields::list(
            "allowed_origins",
            settings.allowed_origins.as_deref(),
            base.allowed_origins,
            origin,
            &mut errors,
        ),
        scopes: fields::scopes(
            "scopes",
            settings.scopes.as_deref(),
            base.scopes,
            known.servers,
            &mut errors,
        ),
        optional_scopes: fields::scopes(
            "optional_scopes",
            settings.optional_scopes.as_deref(),
            base.optional_scopes,
            known.servers,
            &mut errors,
        ),
        require_pkce: settings.require_pkce.unwrap_or(base.require_pkce),
        skip_consent: settings.skip_consent.unwrap_or(base.skip_consent),
        access_token_format: fields::named(
            "access_token_format",
            settings.access_token_format.as_deref(),
            base.access_token_format,
            TokenFormat::parse,
            &TokenFormat::ALL.map(TokenFormat::name),
            &mut errors,
        ),
        access_token_lifetime: fields::seconds(
            "access_token_lifetime",
            settings.access_token_lifetime,
            base.access_token_lifetime,
            ACCESS_TOKEN_LIFETIME,
            &mut errors,
        ),
        refresh_token_lifetime: fields::seconds(
            "refresh_token_lifetime",
            settings.refresh_token_lifetime,
            base.refresh_token_lifetime,
            REFRESH_TOKEN_LIFETIME,
            &mut errors,
        ),
        refresh_reuse_window: fields::seconds(
            "refresh_reuse_window",
            settings.refresh_reuse_window,
            base.refresh_reuse_window,
            REFRESH_REUSE_WINDOW,
            &mut errors,
        ),
        id_token_alg: fields::named(
            "id_token_alg",
            settings.id_token_alg.as_deref(),
            base.id_token_alg,
            SigningAlg::parse,
            &SigningAlg::ALL.map(SigningAlg::name),
            &mut errors,
        ),
        token_endpoint_auth_method: fields::auth_method(
            settings,
            base.token_endpoint_auth_method,
            &mut errors,
        ),
        jwks: fields::jwks(settings, base.jwks, &mut errors),
        jwks_uri: fields::address(
            "jwks_uri",
            settings.jwks_uri.as_deref(),
            base.jwks_uri,
            validate::https_uri::check,
            &mut errors,
        ),
        backchannel_logout_uri: fields::address(
            "backchannel_logout_uri",
            settings.backchannel_logout_uri.as_deref(),
            base.backchannel_logout_uri,
            validate::logout_uri::check,
            &mut errors,
        ),
        backchannel_logout_session_required: settings
            .backchannel_logout_session_required
            .unwrap_or(base.backchannel_logout_session_required),
        require_pushed_requests: settings
            .require_pushed_authorization_requests
            .unwrap_or(base.require_pushed_requests),
        resources: fields::resources(settings, base.resources, &mut errors),
    };
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
