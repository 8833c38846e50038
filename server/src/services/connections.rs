//! The applications that a person has let in, and taking that back.

use contract::rules;
use contract::wire::application::Scope;
use contract::wire::audit::AuditKind;
use contract::wire::connection::Connection;

use super::flow::shown;
use super::resource;
use crate::domain::refusal::Refusal;
use crate::domain::resource::ResourceServer;
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::error::Error;
use crate::state::App;
use crate::store::{AuditEvent, Connection as Stored};

/// By name.
///
/// # Errors
/// The database fails.
pub async fn list(state: &App, user: &User) -> Result<Vec<Connection>, Error> {
    let found = state.store.connections(user.id, state.now()).await?;
    let named: Vec<String> = found.iter().flat_map(|c| c.resources.clone()).collect();
    let known = resource::known(state, &named).await?;
    Ok(found.into_iter().map(|one| wire(one, &known)).collect())
}

fn wire(connection: Stored, known: &[ResourceServer]) -> Connection {
    let permissions = connection.scopes.iter().map(|name| {
        let (description, detail) = shown::words(name, &connection.resources, known);
        Scope {
            name: name.to_owned(),
            description,
            detail,
        }
    });
    Connection {
        permissions: permissions.collect(),
        resources: shown::resources(&connection.resources, known),
        scopes: connection.scopes.to_vec(),
        client_id: connection.client_id,
        name: connection.name,
        created_at: connection.created_at.rfc3339(),
        updated_at: connection.updated_at.rfc3339(),
        last_used_at: connection.last_used_at.map(Timestamp::rfc3339),
    }
}

/// Forgets the consent and ends every token that the application holds for this person.
///
/// # Errors
/// `not-found` when they have not let it in; the database fails.
pub async fn remove(state: &App, user: &User, client_id: &str) -> Result<(), Error> {
    let now = state.now();
    let audit = state.audit_entry(AuditEvent {
        kind: AuditKind::ConsentWithdrawn,
        actor_id: Some(user.id),
        user_id: Some(user.id),
        client_id: Some(client_id.to_owned()),
        detail: String::new(),
    });
    if !state
        .store
        .remove_connection(user.id, client_id, now, audit)
        .await?
    {
        return Err(Refusal::new(&rules::NOT_FOUND).into());
    }
    Ok(())
}
