//! Scope and resources of a request, compared with what there is now.

use std::sync::Arc;

use contract::rules;

use crate::domain::client::Client;
use crate::domain::refusal::Refusal;
use crate::domain::resource::{self, RequestedAccess, ResourceServer};
use crate::domain::scope::{GrantSubject, Scopes};
use crate::error::Error;
use crate::http::params::Params;
use crate::state::App;
use crate::store::StoreError;

/// What a request asks for by `scope` and `resource`, in this order.
///
/// # Errors
/// `scope-malformed`, `scope-too-many`, `scope-unknown`, `scope-not-allowed`, `resource-malformed`,
/// `resource-unknown`, `resource-not-allowed`, `scope-nothing-left`; the database fails.
pub async fn requested_access(
    state: &App,
    params: &Params,
    client: &Client,
    who: GrantSubject,
) -> Result<RequestedAccess, Error> {
    let scope = params.get("scope").filter(|text| !text.trim().is_empty());
    // Read once, however often it is compared.
    let scope = scope.map(Scopes::parse).transpose()?;
    let scope = scope.as_ref();
    let sent: Vec<&str> = params.all("resource").collect();
    match resource::requested_access(scope, &sent, &state.resource_servers(), client, who) {
        // A resource server may have been registered by another process a moment ago.
        Err(refusal) if is_a_miss(&refusal) => {}
        Ok(asked) if !asked.ignored.is_empty() => {}
        asked => return Ok(asked?),
    }
    let known = state.fresh_resource_servers().await?;
    Ok(resource::requested_access(
        scope, &sent, &known, client, who,
    )?)
}

/// The resource servers, with each of these among them if it is registered at all.
///
/// # Errors
/// The database fails.
pub async fn known(state: &App, uris: &[String]) -> Result<Arc<[ResourceServer]>, StoreError> {
    let known = state.resource_servers();
    let there = |uri: &String| known.iter().any(|server| server.uri == *uri);
    if uris.iter().all(there) {
        return Ok(known);
    }
    state.fresh_resource_servers().await
}

/// Whether a resource server has this scope, as they were read last.
pub fn knows_scope(state: &App, name: &str) -> bool {
    let servers = state.resource_servers();
    servers.iter().any(|server| server.scopes.contains(name))
}

fn is_a_miss(refusal: &Refusal) -> bool {
    [
        &rules::SCOPE_UNKNOWN,
        &rules::SCOPE_NOT_ALLOWED,
        &rules::RESOURCE_UNKNOWN,
    ]
    .iter()
    .any(|rule| rule.id == refusal.rule.id)
}
