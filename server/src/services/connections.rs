//! The applications that a person has let in, and taking that back.

use contract::rules;
use contract::wire::audit::AuditKind;

use crate::domain::refusal::Refusal;
use crate::domain::user::User;
use crate::error::Error;
use crate::state::App;
use crate::store::{AuditEvent, Connection};

/// By name.
///
/// # Errors
/// The database fails.
pub async fn list(state: &App, user: &User) -> Result<Vec<Connection>, Error> {
    Ok(state.store.connections(user.id, state.now()).await?)
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
