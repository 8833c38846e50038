//! The audit log: who did what to whom, kept for a year.
//!
//! Events are written after what they tell of, and nobody waits for them; one that must not get
//! lost goes into the transaction of its change ([`audit_in`]). An event must hold no password,
//! secret or token.
//!
//! To add a kind of event: write it. Kinds are fixed texts in the past tense
//! (`refresh token replayed`).

use sea_orm::entity::prelude::*;
use sea_orm::{DatabaseTransaction, IntoActiveModel};

use super::entities::audit_events;
use super::{Store, StoreError};
use crate::domain::time::Timestamp;

/// Something that happened.
#[derive(Clone, Debug)]
pub struct AuditEvent {
    pub kind: &'static str,
    /// Who did it; absent for the server itself and the command line.
    pub actor_id: Option<Uuid>,
    /// Whom it concerns.
    pub user_id: Option<Uuid>,
    pub client_id: Option<String>,
    pub detail: String,
}

impl Store {
    /// Writes an event; nobody waits for it.
    pub fn audit(&self, event: AuditEvent, now: Timestamp, id: Uuid) {
        self.write_later(move |txn| Box::pin(audit_in(txn, event, now, id)));
    }
}

/// Writes an event as a part of the change that it tells of.
///
/// # Errors
/// [`StoreError::Db`].
pub(super) async fn audit_in(
    txn: &DatabaseTransaction,
    event: AuditEvent,
    now: Timestamp,
    id: Uuid,
) -> Result<(), StoreError> {
    let row = audit_events::Model {
        id,
        kind: event.kind.to_owned(),
        actor_id: event.actor_id,
        user_id: event.user_id,
        client_id: event.client_id.map(without_nul),
        detail: without_nul(event.detail),
        created_at: now.millis(),
    };
    audit_events::Entity::insert(row.into_active_model())
        .exec_without_returning(txn)
        .await?;
    Ok(())
}

/// PostgreSQL has no NUL in texts; an event must not get lost for one that somebody sent.
fn without_nul(text: String) -> String {
    if text.contains('\0') {
        text.replace('\0', "\u{fffd}")
    } else {
        text
    }
}
