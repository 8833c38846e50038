//! The audit log: who did what to whom, kept for a year; what strangers change of what is theirs
//! alone, for a month.
//!
//! An event is written in the transaction of the change that it tells of ([`audit_tx`]): no change
//! is without its event, and no event tells of a change that was undone. It must hold no password;
//! of tokens and secrets in its detail only fingerprints are kept.
//!
//! To add a kind of event: a line in [`AuditKind`], and the change that it tells of calls [`audit_tx`].

use contract::wire::audit::AuditKind;
use sea_orm::entity::prelude::*;
use sea_orm::{DatabaseTransaction, IntoActiveModel};

use super::StoreError;
use super::entities::audit_events;
use crate::domain::redact::redact;
use crate::domain::time::Timestamp;

/// Something that happened.
#[derive(Clone, Debug)]
pub struct AuditEvent {
    pub kind: AuditKind,
    /// Who did it; absent for the server itself and the command line.
    pub actor_id: Option<Uuid>,
    /// Whom it concerns.
    pub user_id: Option<Uuid>,
    pub client_id: Option<String>,
    pub detail: String,
}

impl AuditEvent {
    /// The event as a row to be written; `id` is a UUIDv7.
    pub fn at(self, now: Timestamp, id: Uuid) -> AuditEntry {
        AuditEntry {
            event: self,
            now,
            id,
        }
    }
}

/// An event with its time, for the change that writes it.
#[derive(Clone, Debug)]
pub struct AuditEntry {
    event: AuditEvent,
    now: Timestamp,
    id: Uuid,
}

/// Writes an event as a part of the change that it tells of.
///
/// # Errors
/// [`StoreError::Db`].
pub(super) async fn audit_tx(
    txn: &DatabaseTransaction,
    entry: AuditEntry,
) -> Result<(), StoreError> {
    let AuditEntry { event, now, id } = entry;
    let row = audit_events::Model {
        id,
        kind: event.kind.name().to_owned(),
        actor_id: event.actor_id,
        user_id: event.user_id,
        client_id: event.client_id.map(without_nul),
        detail: without_nul(redact(&event.detail).into_owned()),
        created_at: now.millis(),
    };
    audit_events::Entity::insert(row.into_active_model())
        .exec_without_returning(txn)
        .await?;
    Ok(())
}

/// PostgreSQL has no NUL in texts; an event must not get lost because a request sent one.
fn without_nul(text: String) -> String {
    if text.contains('\0') {
        text.replace('\0', "\u{fffd}")
    } else {
        text
    }
}
