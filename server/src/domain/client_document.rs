//! Client id metadata documents: a client id that is the address of what the client says of
//! itself (draft-ietf-oauth-client-id-metadata-document). Pure: which client ids are such
//! addresses, what their document may say, and when it is read again.

use std::time::Duration;

use contract::rules;
use contract::validate::redirect_uri::split;
use serde_json::{Map, Value};

use super::client::{AuthMethod, GrantType};
use super::freshness::Caching;
use super::refusal::Refusal;
use super::registration;

/// Characters of a client id.
const LENGTH: usize = 255;
/// How long a document counts.
pub const CACHING: Caching = Caching {
    least: Duration::from_mins(5),
    usual: Duration::from_hours(1),
    most: Duration::from_hours(24),
    stale: Duration::from_hours(7 * 24),
    first_retry: Duration::from_secs(10),
    longest_retry: Duration::from_hours(1),
};

/// Whether a client id is one that is fetched (§3): `https`, a host, a path that is more than a
/// slash and holds no dot segments, no user, no fragment. It is compared character by
/// character, so it has to be in the form that programs turn addresses into.
pub fn is_address(client_id: &str) -> bool {
    let plain = client_id.len() <= LENGTH
        && client_id.bytes().all(|b| b.is_ascii_graphic())
        && !client_id.contains(['"', '<', '>', '\\', '^', '`', '{', '|', '}', '#']);
    let Some(parts) = client_id
        .strip_prefix("https://")
        .filter(|_| plain)
        .and_then(|_| split(client_id))
    else {
        return false;
    };
    let authority = parts.authority.unwrap_or_default();
    let (path, _) = parts.rest.split_once('?').unwrap_or((parts.rest, ""));
    let port = parts
        .port()
        .is_none_or(|port| port != "443" && !port.starts_with('0') && port.parse::<u16>().is_ok());
    let dots = |segment: &str| {
        matches!(
            segment.to_ascii_lowercase().replace("%2e", ".").as_str(),
            "." | ".."
        )
    };
    !parts.host().is_empty()
        && port
        && !authority.contains(['@', '%'])
        && !authority.bytes().any(|b| b.is_ascii_uppercase())
        && path.len() > 1
        && !path.split('/').any(dots)
}

/// The host of such a client id, for people.
pub fn host(client_id: &str) -> Option<&str> {
    let parts = split(client_id)?;
    parts.authority.filter(|authority| !authority.is_empty())
}

/// Whether an answer says that it is JSON (§4): `application/json`, or a kind of it. What people
/// may upload somewhere, a picture or a text, is not what its host says of a client.
pub fn is_json(content_type: Option<&str>) -> bool {
    let media = content_type.and_then(|text| text.split(';').next());
    let media = media.unwrap_or_default().trim().to_ascii_lowercase();
    media.strip_prefix("application/").is_some_and(|kind| {
        kind == "json"
            || kind
                .strip_suffix("+json")
                .is_some_and(|kind| !kind.is_empty())
    })
}

/// The members of a document that describe this client (§4). What the document offers to other
/// servers, scopes and grants that are not there here, is left out: it is written for many.
///
/// # Errors
/// `client-document-invalid`, `client-metadata-malformed`.
pub fn read(
    client_id: &str,
    body: &[u8],
    known_scope: impl Fn(&str) -> bool,
) -> Result<Map<String, Value>, Refusal> {
    let mut members = registration::parse(body)?;
    let text = |name: &str| members.get(name).and_then(Value::as_str);
    // §4: simple string comparison.
    if text("client_id") != Some(client_id) {
        return Err(invalid("Its client_id is not the address of the document.")
            .expected(client_id)
            .received(text("client_id").unwrap_or_default()));
    }
    // §4.1: a public document can't hold a secret.
    for secret in ["client_secret", "client_secret_expires_at"] {
        if members.contains_key(secret) {
            return Err(invalid(
                "It holds a client secret, but the document is public.",
            ));
        }
    }
    let method = text("token_endpoint_auth_method").unwrap_or(AuthMethod::None.name());
    if method != AuthMethod::None.name() && method != AuthMethod::PrivateKeyJwt.name() {
        return Err(
            invalid("Its token_endpoint_auth_method is neither none nor private_key_jwt.")
                .received(method),
        );
    }
    let redirects = members.get("redirect_uris").and_then(Value::as_array);
    if redirects.is_none_or(Vec::is_empty) {
        return Err(invalid("It has no redirect_uris."));
    }
    keep_known(&mut members, "grant_types", |grant| {
        grant == GrantType::AuthorizationCode.name() || grant == GrantType::RefreshToken.name()
    });
    keep_known(&mut members, "response_types", |name| name == "code");
    if let Some(scopes) = text_of(&members, "scope") {
        let known: Vec<_> = scopes.split(' ').filter(|name| known_scope(name)).collect();
        // An empty list would give it the default scopes of a client that names none.
        if known.is_empty() {
            return Err(invalid("It asks for no scope that there is here.").received(scopes));
        }
        members.insert("scope".to_owned(), Value::String(known.join(" ")));
    }
    let code = GrantType::AuthorizationCode.name();
    let grants = members.get("grant_types").and_then(Value::as_array);
    if grants.is_some_and(|grants| !grants.iter().any(|grant| grant == code)) {
        return Err(invalid("Its grant_types are without authorization_code."));
    }
    Ok(members)
}

fn text_of(members: &Map<String, Value>, name: &str) -> Option<String> {
    let text = members.get(name).and_then(Value::as_str);
    text.filter(|text| !text.is_empty()).map(str::to_owned)
}

/// Takes texts out of a list; anything else in it is left for the reader to refuse.
fn keep_known(members: &mut Map<String, Value>, name: &str, known: impl Fn(&str) -> bool) {
    if let Some(list) = members.get_mut(name).and_then(Value::as_array_mut) {
        list.retain(|value| value.as_str().is_none_or(&known));
    }
}

fn invalid(detail: &'static str) -> Refusal {
    Refusal::new(&rules::CLIENT_DOCUMENT_INVALID).detail(detail)
}

#[cfg(test)]
mod tests;
