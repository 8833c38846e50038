//! The one door to a client: every lookup of a client by its id passes here.
//!
//! A client in memory may be up to a second old, so nothing is refused because of it before the
//! same was asked of a fresh copy: [`checked`] and [`with_client`] do so.

use std::sync::Arc;

use contract::rules;

use super::client_document;
use crate::domain::client::{Client, Origin};
use crate::domain::refusal::Refusal;
use crate::error::Error;
use crate::http::PeerAddress;
use crate::state::App;

/// The client with this id for a request that anyone can send: from the store or, where the id
/// is the address of its metadata, from what that document says.
///
/// # Errors
/// `client-document-unreadable`, `client-document-invalid`, `client-document-quota`; what client
/// metadata may not say; the database fails.
pub async fn resolve(
    app: &App,
    client_id: &str,
    from: PeerAddress,
) -> Result<Option<Arc<Client>>, Error> {
    let known = known(app, client_id).await?;
    let by_document = |client: &Arc<Client>| client.origin == Origin::Document;
    if !crate::domain::client_document::is_address(client_id)
        || known.as_ref().is_some_and(|client| !by_document(client))
    {
        return Ok(known);
    }
    Box::pin(client_document::of_document(app, client_id, known, from)).await
}

/// The client that something of ours names: a token, a ticket, a row. No document is read for it.
///
/// # Errors
/// The database fails.
pub async fn known(app: &App, client_id: &str) -> Result<Option<Arc<Client>>, Error> {
    Ok(app.store.client(client_id).await?)
}

/// The same as it stands in the database now.
///
/// # Errors
/// The database fails.
pub async fn fresh(app: &App, client_id: &str) -> Result<Option<Arc<Client>>, Error> {
    Ok(app.store.load_client(client_id).await?)
}

/// Runs `check` on the client in memory and, if that refuses, once more on a fresh copy. Answers
/// with the client that was looked at last, and what the check made of it.
///
/// # Errors
/// The database fails.
pub async fn checked<T>(
    app: &App,
    client_id: &str,
    check: impl Fn(&Client) -> Result<T, Refusal>,
) -> Result<Option<(Arc<Client>, Result<T, Refusal>)>, Error> {
    let Some(client) = known(app, client_id).await? else {
        return Ok(None);
    };
    if let Ok(value) = check(&client) {
        return Ok(Some((client, Ok(value))));
    }
    let Some(client) = fresh(app, client_id).await? else {
        return Ok(None);
    };
    let result = check(&client);
    Ok(Some((client, result)))
}

/// The client with this id, if it passes `check`.
///
/// # Errors
/// `client-unknown`; what the check refuses; the database fails.
pub async fn with_client<T>(
    app: &App,
    client_id: &str,
    check: impl Fn(&Client) -> Result<T, Refusal>,
) -> Result<(Arc<Client>, T), Error> {
    let (client, result) = checked(app, client_id, check)
        .await?
        .ok_or_else(|| Refusal::new(&rules::CLIENT_UNKNOWN))?;
    Ok((client, result?))
}
