//! The fields of the form of an application, one reader each: what was sent, or what was there
//! before; and what breaks a rule is named.

use contract::rules::{self, Rule};
use contract::validate;
use contract::wire::application::ApplicationSettings;

use super::FieldErrors;
use crate::domain::client::{AuthMethod, ClientType, GrantType, Settings};
use crate::domain::jwk;
use crate::domain::resource::{self, ResourceServer};
use crate::domain::scope::{self, Scopes};

/// Characters of a name.
const NAME_LENGTH: usize = 100;
/// Rows in a list.
const LIST_LENGTH: usize = 50;

pub(super) fn name(name: Option<&str>, kept: String, errors: &mut FieldErrors) -> String {
    let name = name.map_or(kept, |name| name.trim().to_owned());
    if name.is_empty() {
        errors.add("name", &rules::FIELD_REQUIRED);
    } else if name.chars().count() > NAME_LENGTH {
        errors.add_detail("name", &rules::FIELD_TOO_LONG, "At most 100 characters.");
    } else if name.chars().any(unprintable) || name.chars().all(blank) {
        let form = "It contains invisible characters.";
        errors.add_detail("name", &rules::FIELD_MALFORMED, form);
    }
    name
}

/// Control characters, line ends, marks that turn the direction of writing, and what takes no
/// room: on the consent page they would make a name look like another, or like none.
fn unprintable(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'
                | '\u{200e}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// What may stand within a name and shows nothing by itself: spaces, the joiners that some
/// scripts and pictures need, and letters that are empty.
fn blank(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '\u{200c}'
                | '\u{200d}'
                | '\u{115f}'
                | '\u{1160}'
                | '\u{2800}'
                | '\u{3164}'
                | '\u{ffa0}'
        )
}

pub(super) fn client_type(
    settings: &ApplicationSettings,
    existing: Option<&Settings>,
    errors: &mut FieldErrors,
) -> ClientType {
    let kept = existing.map_or(ClientType::Confidential, |settings| settings.client_type);
    let Some(text) = &settings.client_type else {
        return kept;
    };
    match ClientType::parse(text) {
        None => errors.add_detail(
            "client_type",
            &rules::VALUE_UNKNOWN,
            "Use confidential or public.",
        ),
        // An application whose secret is known to others, or whose codes needed none, stays what it was.
        Some(asked) if existing.is_some() && asked != kept => errors.say(
            "client_type",
            "The type of an application can't be changed. Register another one.",
        ),
        Some(asked) => return asked,
    }
    kept
}

pub(super) fn grant_types(
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
                let detail = format!("Use {known}.");
                errors.add_detail("grant_types", &rules::VALUE_UNKNOWN, &detail);
            }
        }
    }
    grants
}

pub(super) fn scopes(
    field: &str,
    names: Option<&[String]>,
    kept: Scopes,
    known: &[ResourceServer],
    errors: &mut FieldErrors,
) -> Scopes {
    let Some(names) = names else {
        return kept;
    };
    let ours = scope::KNOWN.iter().map(|known| known.name);
    let all: Scopes = ours
        .chain(known.iter().flat_map(|server| server.scopes.iter()))
        .collect();
    if names.iter().any(|name| !all.contains(name)) {
        let detail = format!("Use {}.", all.to_vec().join(", "));
        errors.add_detail(field, &rules::VALUE_UNKNOWN, &detail);
    }
    names.iter().map(String::as_str).collect()
}

/// Addresses as they are kept, row by row.
pub(super) fn addresses(rows: Option<&[String]>) -> Option<Vec<String>> {
    rows.map(|rows| {
        rows.iter()
            .map(|uri| validate::redirect_uri::kept(uri))
            .collect()
    })
}

/// A list of addresses: blank rows are none, a repeated one counts once, and each that breaks a
/// rule is named by its row as it was sent.
pub(super) fn list(
    field: &str,
    rows: Option<&[String]>,
    kept: Vec<String>,
    check: impl Fn(&str) -> Result<(), &'static Rule>,
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
                errors.add_detail(field, &rules::FIELD_TOO_LONG, "At most 50.");
                break;
            }
            Ok(()) => values.push(value.clone()),
            Err(rule) => errors.add(format!("{field}.{row}"), rule),
        }
    }
    values
}

pub(super) fn seconds(
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
pub(super) fn named<T: Copy>(
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
        let detail = format!("Use {}.", all.join(", "));
        errors.add_detail(field, &rules::VALUE_UNKNOWN, &detail);
        kept
    })
}

pub(super) fn auth_method(
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
pub(super) fn jwks(
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
    match jwk::kept(value) {
        Ok(set) => Some(set.to_string()),
        Err(why) => {
            errors.add_detail("jwks", &rules::JWKS_MALFORMED, &why);
            kept
        }
    }
}

/// One address; empty takes the one before away.
pub(super) fn address(
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
pub(super) fn resources(
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
