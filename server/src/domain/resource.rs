//! Resource servers and resource indicators (RFC 8707): which there are, which of them a request
//! may name, and what that means for the token.
//!
//! To give resource servers one more property: its column, its field here, its flag in
//! `cli::resource`, and the function below that decides what it means when a token names several.

use contract::rules;
use contract::validate::redirect_uri::split;

use super::client::{Client, TokenFormat};
use super::refusal::Refusal;
use super::scope::{self, Foreign, GrantSubject, Requested, Scopes};
use super::time::Timestamp;

/// Characters of a URI at most.
const URI_LENGTH: usize = 2000;

/// An API that takes our tokens.
#[derive(Clone, Debug, PartialEq)]
pub struct ResourceServer {
    /// Its resource indicator, compared as [`same`] does.
    pub uri: String,
    /// What people see at consent.
    pub name: String,
    /// Scopes of its own, beside those that the server knows from the start.
    pub scopes: Scopes,
    /// Absent: as the application has it.
    pub access_token_format: Option<TokenFormat>,
    /// Seconds; absent: as the application has it.
    pub access_token_lifetime: Option<i64>,
    /// Client ids that may introspect tokens for it.
    pub introspect_by: Vec<String>,
    pub created_at: Timestamp,
    /// Clients that registered themselves may ask for it too.
    pub open: bool,
    /// A part of this server, never in the database.
    pub built_in: bool,
}

impl ResourceServer {
    /// Whether this client may ask for tokens for it: a part of this server always, one of the
    /// client's own list, and without a list any. A client that registered itself reaches open
    /// ones only: no administrator has decided that it may speak to the others.
    pub fn is_open_to(&self, client: &Client) -> bool {
        let listed = client.settings.resources.as_ref();
        self.built_in
            || (listed.is_none_or(|uris| uris.iter().any(|uri| same(uri, &self.uri)))
                && (client.is_checked() || self.open))
    }

    /// Whether this application speaks for the resource server.
    pub fn is_spoken_for_by(&self, client: &Client) -> bool {
        self.introspect_by.contains(&client.client_id)
    }
}

/// What a request asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestedAccess {
    pub scopes: Scopes,
    /// Unknown names in `scope`.
    pub ignored: Vec<String>,
    /// URIs of resource servers as they are registered, in the order in which they were named.
    pub resources: Vec<String>,
}

/// Scope and resources of a request, the scope first.
///
/// A scope that the server knows from the start has to be the application's. One that belongs to
/// resource servers may also be asked for by naming such a resource server.
///
/// # Errors
/// `scope-unknown`, `scope-not-allowed`, `scope-nothing-left`, and those of [`requested`].
pub fn requested_access(
    scope: Option<&Scopes>,
    sent: &[&str],
    known: &[ResourceServer],
    client: &Client,
    who: GrantSubject,
) -> Result<RequestedAccess, Refusal> {
    let asked = scope::requested(scope.cloned(), &client.settings.scopes, who, |name| {
        let owners = || known.iter().filter(|server| server.scopes.contains(name));
        let named = |server: &ResourceServer| {
            server.is_open_to(client) && sent.iter().any(|uri| same(uri, &server.uri))
        };
        if owners().any(named) {
            Foreign::Named
        } else if owners().next().is_some() {
            Foreign::Known
        } else {
            Foreign::Unknown
        }
    })?;
    let Requested { scopes, ignored } = asked;
    let resources = requested(sent, known, client)?;
    // The default scopes leave out what no token could hold: the user is not asked for it.
    let scopes = match scope {
        Some(_) => scopes,
        None => {
            let had_any = !scopes.is_empty();
            let scopes = scopes_for(scopes, &resources, known);
            if had_any && scopes.is_empty() {
                return Err(Refusal::new(&rules::SCOPE_NOTHING_LEFT));
            }
            scopes
        }
    };
    Ok(RequestedAccess {
        scopes,
        ignored,
        resources,
    })
}

/// The resource servers that a request names (RFC 8707 §2): each registered, and the
/// application's to ask for. A repeated one counts once.
///
/// # Errors
/// `resource-malformed`, `resource-unknown`, `resource-not-allowed`.
pub fn requested(
    sent: &[&str],
    known: &[ResourceServer],
    client: &Client,
) -> Result<Vec<String>, Refusal> {
    let mut resources: Vec<String> = Vec::new();
    for &uri in sent {
        if !is_indicator(uri) {
            return Err(Refusal::new(&rules::RESOURCE_MALFORMED).received(uri));
        }
        let registered = known.iter().map(|server| &server.uri);
        let found = meant(uri, registered).and_then(|uri| known.iter().find(|s| s.uri == *uri));
        let Some(server) = found else {
            return Err(Refusal::new(&rules::RESOURCE_UNKNOWN)
                .expected_all(known.iter().map(|server| server.uri.clone()))
                .received(uri));
        };
        if !server.is_open_to(client) {
            return Err(not_allowed(known, client).received(uri));
        }
        if !resources.contains(&server.uri) {
            resources.push(server.uri.clone());
        }
    }
    Ok(resources)
}

/// Whether two indicators name the same resource server: character by character, but that the
/// slash of an empty path makes no difference (RFC 3986 §6.2.3).
pub fn same(one: &str, other: &str) -> bool {
    one == other || without_empty_path(one) == without_empty_path(other)
}

/// The one of these that `uri` means: the very same before one that only looks different.
fn meant<'a>(uri: &str, among: impl Iterator<Item = &'a String> + Clone) -> Option<&'a String> {
    let exact = among.clone().find(|known| *known == uri);
    exact.or_else(|| among.into_iter().find(|known| same(known, uri)))
}

/// `https://host` of `https://host/`, and what comes behind; other URIs in one piece.
fn without_empty_path(uri: &str) -> (&str, &str) {
    let path = split(uri).filter(|parts| parts.authority.is_some());
    match path.map(|parts| parts.rest) {
        Some(rest) => {
            let start = &uri[..uri.len() - rest.len()];
            match rest.strip_prefix('/') {
                Some(query) if query.is_empty() || query.starts_with('?') => (start, query),
                _ => (start, rest),
            }
        }
        None => (uri, ""),
    }
}

/// The resource servers of one access token (RFC 8707 §2.2): all that were granted, or fewer.
///
/// # Errors
/// `resource-malformed`, `resource-not-granted`.
pub fn narrowed(sent: &[&str], granted: &[String]) -> Result<Vec<String>, Refusal> {
    if sent.is_empty() {
        return Ok(granted.to_vec());
    }
    let mut resources: Vec<String> = Vec::new();
    for &uri in sent {
        if !is_indicator(uri) {
            return Err(Refusal::new(&rules::RESOURCE_MALFORMED).received(uri));
        }
        let Some(meant) = meant(uri, granted.iter()) else {
            return Err(Refusal::new(&rules::RESOURCE_NOT_GRANTED)
                .expected_all(granted.iter().cloned())
                .received(uri));
        };
        if !resources.contains(meant) {
            resources.push(meant.clone());
        }
    }
    Ok(resources)
}

/// What is left of the resource servers of one access token, when those that the application may
/// ask for have changed since the grant. `sent`: whether the request named them; then it gets all
/// of them or an error.
///
/// # Errors
/// `resource-not-allowed`, also when none is left: a token without resource servers would be for
/// this server.
pub fn still_allowed(
    mut audience: Vec<String>,
    sent: bool,
    known: &[ResourceServer],
    client: &Client,
) -> Result<Vec<String>, Refusal> {
    // One that is gone is judged as one that is not open.
    let may = |uri: &String| match known.iter().find(|server| server.uri == *uri) {
        Some(server) => server.is_open_to(client),
        None => {
            let listed = client.settings.resources.as_ref();
            let lists = |uris: &Vec<String>| uris.iter().any(|listed| same(listed, uri));
            client.is_checked() && listed.is_none_or(lists)
        }
    };
    if let Some(lost) = audience.iter().find(|uri| !may(uri))
        && (sent || !audience.iter().any(may))
    {
        return Err(not_allowed(known, client).received(lost));
    }
    audience.retain(may);
    Ok(audience)
}

/// Names the resource servers that the client may ask for.
fn not_allowed(known: &[ResourceServer], client: &Client) -> Refusal {
    let open = known.iter().filter(|server| server.is_open_to(client));
    Refusal::new(&rules::RESOURCE_NOT_ALLOWED).expected_all(open.map(|server| server.uri.clone()))
}

/// What is left of granted scopes when the application's own have changed since: it keeps none
/// that it may not ask for any more. One that it asked for by naming a resource server was never
/// its own, and stays in tokens for that one.
#[must_use]
pub fn still_held(
    mut granted: Scopes,
    audience: &[String],
    known: &[ResourceServer],
    client: &Client,
) -> Scopes {
    let by_name = |name: &str| {
        let mut named = known.iter().filter(|s| audience.contains(&s.uri));
        scope::find(name).is_none() && named.any(|server| server.scopes.contains(name))
    };
    granted.retain(|name| client.settings.scopes.contains(name) || by_name(name));
    granted
}

/// The scopes that are left in a token for these resource servers. Scopes that belong only to other
/// resource servers mean nothing there (RFC 8707 §2.2). A token without resource servers keeps all
/// scopes.
#[must_use]
pub fn scopes_for(mut scopes: Scopes, audience: &[String], known: &[ResourceServer]) -> Scopes {
    if audience.is_empty() {
        return scopes;
    }
    scopes.retain(|name| {
        let mut owners = known.iter().filter(|server| server.scopes.contains(name));
        let mut owned = false;
        scope::find(name).is_some()
            || owners.any(|server| {
                owned = true;
                audience.contains(&server.uri)
            })
            || !owned
    });
    scopes
}

/// Every scope that resource servers add to those known from the start, with the first that has
/// it.
pub fn own_scopes(known: &[ResourceServer]) -> impl Iterator<Item = (&str, &ResourceServer)> {
    known.iter().enumerate().flat_map(move |(at, server)| {
        let before = &known[..at];
        let new = move |name: &&str| {
            scope::find(name).is_none() && !before.iter().any(|other| other.scopes.contains(name))
        };
        server
            .scopes
            .iter()
            .filter(new)
            .map(move |name| (name, server))
    })
}

/// What a scope of a resource server says to a person.
pub fn describe(scope: &str, server: &ResourceServer) -> String {
    format!("Use {scope} at {}", server.name)
}

/// The form and the lifetime (seconds) of an access token. What a resource server says wins over
/// the application; of several, one that reads JWTs makes it a JWT, and the shortest life holds.
pub fn form(audience: &[String], known: &[ResourceServer], client: &Client) -> (TokenFormat, i64) {
    let settings = &client.settings;
    let (format, lifetime) = (settings.access_token_format, settings.access_token_lifetime);
    if audience.is_empty() {
        return (format, lifetime);
    }
    let named = || known.iter().filter(|s| audience.contains(&s.uri));
    let is_jwt = named().any(|s| s.access_token_format.unwrap_or(format) == TokenFormat::Jwt);
    let shortest = named()
        .map(|s| s.access_token_lifetime.unwrap_or(lifetime))
        .min();
    let format = if is_jwt {
        TokenFormat::Jwt
    } else {
        TokenFormat::Opaque
    };
    (format, shortest.unwrap_or(lifetime))
}

/// Whether a text can name a resource server: an absolute URI without a fragment (RFC 8707 §2).
pub fn is_indicator(text: &str) -> bool {
    // RFC 3986 §2: reserved and unreserved characters, and `%`.
    let character = |b: u8| b.is_ascii_alphanumeric() || b"-._~:/?[]@!$&'()*+,;=%".contains(&b);
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    let scheme_like = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.');
    text.len() <= URI_LENGTH
        && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(scheme_like)
        && !rest.is_empty()
        // An empty authority names no host.
        && !rest.strip_prefix("//").is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        && rest.bytes().all(character)
}

#[cfg(test)]
#[path = "resource_tests.rs"]
mod tests;
