//! Reading what somebody wants an application to be: the same for the API and the command line.
//!
//! Pure: looks at no database and at nobody's rights. Every field that breaks a rule is named,
//! all at once. To add a setting: a field in `wire::application`, its reader here, its row in
//! the tests.

use app::check;
use app::rules::{self, Rule};
use app::wire::application::{ApplicationSettings, ClientType, NewApplication};
use uuid::Uuid;

pub use super::form::FieldErrors;
use crate::domain::application::{
    AuthMethod, GrantType, Settings, SigningAlg, TokenFormat, parse_client_type,
};
use crate::domain::jwk;
use crate::domain::key::LONGEST_SIGNED;
use crate::domain::resource::{self, ResourceServer};
use crate::domain::scope::{self, Scopes};

/// Characters of a name.
const NAME_LENGTH: usize = 100;
/// Characters of a client id that somebody chooses.
const CLIENT_ID_LENGTH: usize = 100;
/// Rows in a list.
const LIST_LENGTH: usize = 50;

/// Seconds: one minute to one day.
const ACCESS_TOKEN_LIFETIME: (i64, i64) = (60, LONGEST_SIGNED);
/// Seconds: five minutes to one year.
const REFRESH_TOKEN_LIFETIME: (i64, i64) = (300, 365 * 86_400);
/// Seconds.
const REFRESH_REUSE_WINDOW: (i64, i64) = (0, 60);

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

/// The settings of a new application, with the client id that it asks for checked too. `known`
/// are the resource servers, whose scopes it may hold.
///
/// # Errors
/// Every field that breaks a rule, by its name in the API.
pub fn build_new(new: &NewApplication, known: &[ResourceServer]) -> Result<Settings, FieldErrors> {
    let built = build(Some(&new.name), &new.settings, None, known);
    let Some(Err((rule, detail))) = new.client_id.as_deref().map(check_client_id) else {
        return built;
    };
    let mut errors = built.err().unwrap_or_default();
    errors.add_detail("client_id", rule, detail);
    Err(errors)
}

/// The settings of a new application, or of `existing` with what `settings` changes of it.
///
/// # Errors
/// Every field that breaks a rule, by its name in the API.
pub fn build(
    name: Option<&str>,
    settings: &ApplicationSettings,
    existing: Option<&Settings>,
    known: &[ResourceServer],
) -> Result<Settings, FieldErrors> {
    let mut errors = FieldErrors::default();
    let base = existing.cloned().unwrap_or_else(defaults);
    let client_type = client_type(settings, existing, &mut errors);
    let built = Settings {
        name: self::name(name, base.name, &mut errors),
        client_type,
        grant_types: grant_types(settings, base.grant_types, &mut errors),
        redirect_uris: list(
            "redirect_uris",
            settings.redirect_uris.as_deref(),
            base.redirect_uris,
            check::redirect_uri::check,
            &mut errors,
        ),
        post_logout_redirect_uris: list(
            "post_logout_redirect_uris",
            settings.post_logout_redirect_uris.as_deref(),
            base.post_logout_redirect_uris,
            check::redirect_uri::check,
            &mut errors,
        ),
        allowed_origins: list(
            "allowed_origins",
            settings.allowed_origins.as_deref(),
            base.allowed_origins,
            check::origin::check,
            &mut errors,
        ),
        scopes: scopes(settings, base.scopes, known, &mut errors),
        require_pkce: settings.require_pkce.unwrap_or(base.require_pkce),
        skip_consent: settings.skip_consent.unwrap_or(base.skip_consent),
        access_token_format: named(
            "access_token_format",
            settings.access_token_format.as_deref(),
            base.access_token_format,
            TokenFormat::parse,
            &TokenFormat::ALL.map(TokenFormat::name),
            &mut errors,
        ),
        access_token_lifetime: seconds(
            "access_token_lifetime",
            settings.access_token_lifetime,
            base.access_token_lifetime,
            ACCESS_TOKEN_LIFETIME,
            &mut errors,
        ),
        refresh_token_lifetime: seconds(
            "refresh_token_lifetime",
            settings.refresh_token_lifetime,
            base.refresh_token_lifetime,
            REFRESH_TOKEN_LIFETIME,
            &mut errors,
        ),
        refresh_reuse_window: seconds(
            "refresh_reuse_window",
            settings.refresh_reuse_window,
            base.refresh_reuse_window,
            REFRESH_REUSE_WINDOW,
            &mut errors,
        ),
        id_token_alg: named(
            "id_token_alg",
            settings.id_token_alg.as_deref(),
            base.id_token_alg,
            SigningAlg::parse,
            &SigningAlg::ALL.map(SigningAlg::name),
            &mut errors,
        ),
        token_endpoint_auth_method: auth_method(
            settings,
            base.token_endpoint_auth_method,
            &mut errors,
        ),
        jwks: jwks(settings, base.jwks, &mut errors),
        jwks_uri: address(
            "jwks_uri",
            settings.jwks_uri.as_deref(),
            base.jwks_uri,
            check::https_uri::check,
            &mut errors,
        ),
        backchannel_logout_uri: address(
            "backchannel_logout_uri",
            settings.backchannel_logout_uri.as_deref(),
            base.backchannel_logout_uri,
            check::logout_uri::check,
            &mut errors,
        ),
        backchannel_logout_session_required: settings
            .backchannel_logout_session_required
            .unwrap_or(base.backchannel_logout_session_required),
        require_pushed_requests: settings
            .require_pushed_authorization_requests
            .unwrap_or(base.require_pushed_requests),
        resources: resources(settings, base.resources, &mut errors),
    };
    together(&built, &mut errors);
    errors.or(built)
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

/// A client id that somebody chooses: letters, digits, `.`, `_` and `-`. It is a part of paths
/// and an argument of commands, so it starts with neither a dot nor a hyphen. Else the rule that
/// it breaks, and what more can be said.
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
        // RFC 9700 §4.15: the `sub` of a person has this form, and that of an application is its
        // client id. Nobody may choose to be taken for somebody.
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

fn name(name: Option<&str>, kept: String, errors: &mut FieldErrors) -> String {
    let name = name.map_or(kept, |name| name.trim().to_owned());
    if name.is_empty() {
        errors.add("name", &rules::FIELD_REQUIRED);
    } else if name.chars().count() > NAME_LENGTH {
        errors.add_detail("name", &rules::FIELD_TOO_LONG, "At most 100 characters.");
    } else if name.chars().any(unprintable) {
        let form = "It holds characters that nobody sees.";
        errors.add_detail("name", &rules::FIELD_MALFORMED, form);
    }
    name
}

/// Control characters, line ends, and marks that turn the direction of writing: on the consent
/// page they would make a name look like another.
fn unprintable(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn client_type(
    settings: &ApplicationSettings,
    existing: Option<&Settings>,
    errors: &mut FieldErrors,
) -> ClientType {
    let kept = existing.map_or(ClientType::Confidential, |settings| settings.client_type);
    let Some(text) = &settings.client_type else {
        return kept;
    };
    match parse_client_type(text) {
        None => errors.add_detail(
            "client_type",
            &rules::VALUE_UNKNOWN,
            "It is confidential or public.",
        ),
        // Who held a secret that others know, or codes without one, stays what it was.
        Some(asked) if existing.is_some() && asked != kept => errors.add_detail(
            "client_type",
            &rules::VALUE_UNKNOWN,
            "The type of an application can't be changed: register another one.",
        ),
        Some(asked) => return asked,
    }
    kept
}

fn grant_types(
    settings: &ApplicationSettings,
    kept: Vec<GrantType>,
    errors: &mut FieldErrors,
) -> Vec<GrantType> {
    let Some(names) = &settings.grant_types else {
        return kept;
    };
    if names.is_empty() {
        errors.add("grant_types", &rules::FIELD_REQUIRED);
    }
    let mut grants = Vec::new();
    for name in names {
        match GrantType::parse(name) {
            Some(grant) if !grants.contains(&grant) => grants.push(grant),
            Some(_) => {}
            None => {
                let known = GrantType::ALL.map(GrantType::name).join(", ");
                let detail = format!("There are {known}.");
                errors.add_detail("grant_types", &rules::VALUE_UNKNOWN, &detail);
            }
        }
    }
    grants
}

fn scopes(
    settings: &ApplicationSettings,
    kept: Scopes,
    known: &[ResourceServer],
    errors: &mut FieldErrors,
) -> Scopes {
    let Some(names) = &settings.scopes else {
        return kept;
    };
    let ours = scope::KNOWN.iter().map(|known| known.name);
    let all: Scopes = ours
        .chain(known.iter().flat_map(|server| server.scopes.iter()))
        .collect();
    if names.iter().any(|name| !all.contains(name)) {
        let detail = format!("There are {}.", all.to_vec().join(", "));
        errors.add_detail("scopes", &rules::VALUE_UNKNOWN, &detail);
    }
    names.iter().map(String::as_str).collect()
}

/// A list of addresses: blank rows are none, a repeated one counts once, and each that breaks a
/// rule is named by its row as it was sent.
fn list(
    field: &str,
    rows: Option<&[String]>,
    kept: Vec<String>,
    check: fn(&str) -> Result<(), &'static Rule>,
    errors: &mut FieldErrors,
) -> Vec<String> {
    let Some(rows) = rows else {
        return kept;
    };
    let mut values = Vec::new();
    for (row, value) in rows.iter().enumerate() {
        if value.trim().is_empty() || values.contains(value) {
            continue;
        }
        match check(value) {
            Ok(()) if values.len() == LIST_LENGTH => {
                errors.add_detail(field, &rules::FIELD_TOO_LONG, "At most 50 addresses.");
                break;
            }
            Ok(()) => values.push(value.clone()),
            Err(rule) => errors.add(format!("{field}.{row}"), rule),
        }
    }
    values
}

fn seconds(
    field: &str,
    asked: Option<i64>,
    kept: i64,
    (least, most): (i64, i64),
    errors: &mut FieldErrors,
) -> i64 {
    let Some(asked) = asked else {
        return kept;
    };
    if !(least..=most).contains(&asked) {
        let bounds = format!("Between {least} and {most} seconds.");
        errors.add_detail(field, &rules::LIFETIME_OUT_OF_RANGE, &bounds);
    }
    asked
}

/// A value with a name.
fn named<T: Copy>(
    field: &str,
    name: Option<&str>,
    kept: T,
    parse: fn(&str) -> Option<T>,
    all: &[&str],
    errors: &mut FieldErrors,
) -> T {
    let Some(name) = name else {
        return kept;
    };
    parse(name).unwrap_or_else(|| {
        let detail = format!("There are {}.", all.join(", "));
        errors.add_detail(field, &rules::VALUE_UNKNOWN, &detail);
        kept
    })
}

fn auth_method(
    settings: &ApplicationSettings,
    kept: Option<AuthMethod>,
    errors: &mut FieldErrors,
) -> Option<AuthMethod> {
    match settings.token_endpoint_auth_method.as_deref() {
        None => kept,
        Some("") => None,
        Some(name) => named(
            "token_endpoint_auth_method",
            Some(name),
            kept,
            |name| AuthMethod::parse(name).map(Some),
            &AuthMethod::ALL.map(AuthMethod::name),
            errors,
        ),
    }
}

/// A JWK Set of public keys that can verify; an empty object takes the one before away.
fn jwks(
    settings: &ApplicationSettings,
    kept: Option<String>,
    errors: &mut FieldErrors,
) -> Option<String> {
    let Some(value) = &settings.jwks else {
        return kept;
    };
    if value.as_object().is_some_and(serde_json::Map::is_empty) {
        return None;
    }
    match jwk::check_set(value) {
        Ok(()) => Some(value.to_string()),
        Err(why) => {
            errors.add_detail("jwks", &rules::JWKS_MALFORMED, &why);
            kept
        }
    }
}

/// One address; empty takes the one before away.
fn address(
    field: &str,
    sent: Option<&str>,
    kept: Option<String>,
    check: fn(&str) -> Result<(), &'static Rule>,
    errors: &mut FieldErrors,
) -> Option<String> {
    let Some(sent) = sent else {
        return kept;
    };
    if sent.is_empty() {
        return None;
    }
    if let Err(rule) = check(sent) {
        errors.add(field, rule);
    }
    Some(sent.to_owned())
}

/// The resource servers that it may ask for (RFC 8707 §2), registered by now or later; `*` stands
/// for any.
fn resources(
    settings: &ApplicationSettings,
    kept: Option<Vec<String>>,
    errors: &mut FieldErrors,
) -> Option<Vec<String>> {
    let check = |uri: &str| {
        if resource::is_indicator(uri) {
            Ok(())
        } else {
            Err(&rules::RESOURCE_MALFORMED)
        }
    };
    match settings.resources.as_deref() {
        None => kept,
        Some(uris) if uris.iter().any(|uri| uri == "*") => None,
        uris => Some(list("resources", uris, Vec::new(), check, errors)),
    }
}

#[cfg(test)]
#[path = "application_form_tests.rs"]
mod tests;
