//! What a person is shown before they let an application in: who asks, for what, at which APIs.
//! The same for the consent page and the device page.
//!
//! Whatever makes an application look like another belongs into [`fingerprint`] as well: a
//! consent counts only as long as the page would say the same.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use contract::wire::consent::{ConsentResource, ConsentScope};

use crate::crypto::hash::sha256;
use crate::domain::client::{Client, Origin};
use crate::domain::client_document;
use crate::domain::consent::Consent;
use crate::domain::redirect_uri::{host_for_people, is_https};
use crate::domain::resource::{self, ResourceServer};
use crate::domain::scope::{self, Scopes};
use crate::domain::time::Timestamp;

/// A hash of what the page says about the application: its name, the host that the answer goes
/// to, and where it came from.
pub(in crate::services) fn fingerprint(client: &Client, host: &str) -> String {
    let name = &client.settings.name;
    let text = format!("{name}\0{host}\0{}", client.origin.name());
    URL_SAFE_NO_PAD.encode(sha256(text.as_bytes()))
}

/// Whether a person who may answer for it has entered the application. Of any other only its
/// own word is known.
pub(in crate::services) fn is_checked(client: &Client) -> bool {
    client.origin == Origin::Dashboard
}

/// When an application came that was not checked.
pub(in crate::services) fn registered_at(client: &Client) -> Option<String> {
    (!is_checked(client)).then(|| client.created_at.rfc3339())
}

/// The host that answers for an application that came by its document: its name is only what the
/// document says.
pub(in crate::services) fn client_id_host(client: &Client) -> Option<String> {
    let host = client_document::host(&client.client_id)?;
    (client.origin == Origin::Document).then(|| host.to_owned())
}

/// The host of an application where no redirect shows it: the one of its document, or of its
/// first https redirect URI if it was checked. A registration may name any host, so its redirect
/// URIs prove nothing before a browser has been there.
pub(in crate::services) fn host_without_redirect(client: &Client) -> Option<String> {
    client_id_host(client).or_else(|| {
        let mut uris = client.settings.redirect_uris.iter();
        let uri = uris.find(|uri| is_https(uri));
        uri.filter(|_| is_checked(client))
            .map(|uri| host_for_people(uri))
    })
}

/// The resource servers of a request, in its order.
pub(in crate::services) fn resources(
    uris: &[String],
    known: &[ResourceServer],
) -> Vec<ConsentResource> {
    let named = |uri: &String| {
        let server = known.iter().find(|server| server.uri == *uri);
        ConsentResource {
            uri: uri.clone(),
            name: server.map_or_else(|| uri.clone(), |server| server.name.clone()),
        }
    };
    uris.iter().map(named).collect()
}

/// Scopes in words, with what the person has answered so far: `standing` are the consents that
/// count for this question. `known` are the resource servers; those that the request names say
/// what their scopes mean before others do.
pub(in crate::services) fn scopes<'a>(
    names: impl Iterator<Item = &'a str>,
    uris: &[String],
    known: &[ResourceServer],
    optional: &Scopes,
    standing: &[Consent],
) -> Vec<ConsentScope> {
    names
        .map(|name| {
            let granted = allowed_at(name, standing);
            let (description, detail) = words(name, uris, known);
            ConsentScope {
                name: name.to_owned(),
                description,
                detail,
                granted: granted.is_some(),
                granted_at: granted.map(Timestamp::rfc3339),
                optional: optional.contains(name),
            }
        })
        .collect()
}

/// When a scope was allowed last, if every one of the consents allows it.
fn allowed_at(name: &str, standing: &[Consent]) -> Option<Timestamp> {
    standing
        .iter()
        .map(|consent| consent.scopes.contains(name).then_some(consent.updated_at))
        .collect::<Option<Vec<_>>>()?
        .into_iter()
        .min()
}

/// What a scope lets an application do, and a quieter sentence about it.
pub(in crate::services) fn words(
    name: &str,
    uris: &[String],
    known: &[ResourceServer],
) -> (String, String) {
    if let Some(ours) = scope::find(name) {
        return (ours.description.to_owned(), ours.detail.to_owned());
    }
    let has = |server: &&ResourceServer| server.scopes.contains(name);
    let named = |server: &&ResourceServer| has(server) && uris.contains(&server.uri);
    let server = known.iter().find(named).or_else(|| known.iter().find(has));
    match server {
        Some(server) => (resource::describe(name, server), server.uri.clone()),
        None => (name.to_owned(), String::new()),
    }
}
