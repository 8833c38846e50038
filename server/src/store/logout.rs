//! The end of sessions: what ends with them, and who is told.
//!
//! Everything that ends a session goes through [`end_tx`] or [`end_expired_tx`], so that no way out
//! leaves tokens behind: the codes of the session, its grants unless the person let the
//! application stay connected (`offline_access`, OpenID Connect Back-Channel Logout 1.0 §2.7),
//! and a logout token for each application that has an address for it.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Condition, Expr, OnConflict};
use sea_orm::{
    DatabaseBackend, DatabaseTransaction, IntoActiveModel, JoinType, QueryOrder, QuerySelect,
    RelationTrait,
};

use super::audit_events::{AuditEntry, audit_tx};
use super::columns::first_id_at;
use super::device_codes::withdraw_with;
use super::entities::{
    applications, authorization_codes, device_codes, grants, logout_deliveries, sessions,
};
use super::grants::RevocationReason;
use super::session_rows::SessionSelector;
use super::{Store, StoreError, transaction};
use crate::crypto::hash::sha256;
use crate::domain::authorization::LONGEST_FLOW;
use crate::domain::grant::CODE_LIFETIME;
use crate::domain::time::Timestamp;

/// Values in one list of a statement: SQLite takes some 32000.
const LIST: usize = 1000;

/// What an end of sessions did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SessionsEnded {
    pub sessions: u64,
    /// Logout tokens that wait to be sent.
    pub deliveries: u64,
}

impl Store {
    /// Ends sessions of a user, with everything that ends with them.
    ///
    /// # Errors
    /// [`StoreError::Db`], [`StoreError::Busy`].
    pub async fn end_sessions(
        &self,
        user_id: Uuid,
        ending: SessionSelector,
        now: Timestamp,
        audit: Option<AuditEntry>,
    ) -> Result<SessionsEnded, StoreError> {
        transaction!(self, |txn| {
            if let Some(entry) = audit {
                audit_tx(txn, entry).await?;
            }
            end_tx(txn, user_id, ending, now).await
        })
        .await
    }
}

/// [`Store::end_sessions`] as a part of another write.
pub(super) async fn end_tx(
    txn: &DatabaseTransaction,
    user_id: Uuid,
    ending: SessionSelector,
    now: Timestamp,
) -> Result<SessionsEnded, StoreError> {
    use sessions::Column;

    // A person who signs in again at this moment replaces the row: the first look has waited for
    // that and finds the old one gone, the second one finds the new one. (On SQLite one write runs
    // at a time.)
    let looks = match txn.get_database_backend() {
        DatabaseBackend::Sqlite => 1,
        _ => 2,
    };
    let mut found = BTreeMap::new();
    for _ in 0..looks {
        let rows: Vec<(Uuid, Option<Uuid>)> = sessions::Entity::find()
            .select_only()
            .columns([Column::Id, Column::Sid])
            .filter(Column::UserId.eq(user_id))
            .filter(ending.ends_row())
            // Every transaction that ends several sessions locks them in this order: no deadlock.
            .order_by_asc(Column::Id)
            .lock_exclusive()
            .into_tuple()
            .all(txn)
            .await?;
        found.extend(rows.into_iter().map(|(id, sid)| (id, sid.unwrap_or(id))));
    }
    let ids: Vec<Uuid> = found.keys().copied().collect();
    let mut sessions = 0;
    for ids in ids.chunks(LIST) {
        let deleted = sessions::Entity::delete_many()
            .filter(Column::Id.is_in(ids.iter().copied()))
            .exec(txn)
            .await?;
        sessions += deleted.rows_affected;
    }
    // Of two who end the same session, the second one finds nothing to do.
    if sessions == 0 && matches!(ending, SessionSelector::One(_)) {
        return Ok(SessionsEnded::default());
    }
    let sids = found.into_values().collect();
    let deliveries = told_tx(txn, user_id, ending, sids, now).await?;
    Ok(SessionsEnded {
        sessions,
        deliveries,
    })
}

/// Ends those of these sessions that have still `expired`. How many there were.
pub(super) async fn end_expired_tx(
    txn: &DatabaseTransaction,
    ids: Vec<Uuid>,
    expired: Condition,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let rows = sessions::Entity::find()
        .filter(sessions::Column::Id.is_in(ids))
        .filter(expired.clone())
        .order_by_asc(sessions::Column::Id)
        .lock_exclusive()
        .all(txn)
        .await?;
    let mut ended = 0;
    for row in rows {
        // Another transaction may use or end it at the same moment.
        let deleted = sessions::Entity::delete_by_id(row.id)
            .filter(expired.clone())
            .exec(txn)
            .await?;
        if deleted.rows_affected == 0 {
            continue;
        }
        ended += 1;
        let sid = row.sid.unwrap_or(row.id);
        let goes_on = sessions::Entity::find()
            .filter(sessions::Column::Sid.eq(sid))
            .count(txn)
            .await?;
        if goes_on == 0 {
            let sids = BTreeSet::from([sid]);
            told_tx(txn, row.user_id, SessionSelector::One(sid), sids, now).await?;
        }
    }
    Ok(ended)
}

/// What follows when the rows of these sessions are gone. How many logout tokens are to be sent.
async fn told_tx(
    txn: &DatabaseTransaction,
    user_id: Uuid,
    ending: SessionSelector,
    sids: BTreeSet<Uuid>,
    now: Timestamp,
) -> Result<u64, StoreError> {
    delete_codes(txn, user_id, ending, now).await?;
    let devices = ending.ends(device_codes::Column::SessionId);
    withdraw_with(txn, user_id, devices, now).await?;
    grants::Entity::update_many()
        .col_expr(grants::Column::RevokedAt, Expr::value(now.millis()))
        .col_expr(
            grants::Column::RevokedFor,
            Expr::value(RevocationReason::SessionEnded.name()),
        )
        .filter(grants::Column::UserId.eq(user_id))
        .filter(ending.ends(grants::Column::SessionId))
        .filter(grants::Column::RevokedAt.is_null())
        .filter(Expr::cust(NOT_OFFLINE))
        .exec(txn)
        .await?;
    queue(txn, user_id, ending, sids, now).await
}

/// `offline_access` is none of the scopes: the names stand with spaces between. (`LIKE` knows no
/// case on SQLite.)
const NOT_OFFLINE: &str =
    "REPLACE(' ' || scopes || ' ', ' offline_access ', '') = ' ' || scopes || ' '";

/// Before the grants: a redemption that runs at the same moment is waited for here, and its
/// grant ends afterwards. A code has the id of its flow, which began with the request; so only
/// the newest rows are looked at.
async fn delete_codes(
    txn: &DatabaseTransaction,
    user_id: Uuid,
    ending: SessionSelector,
    now: Timestamp,
) -> Result<(), StoreError> {
    use authorization_codes::Column;

    let oldest = first_id_at(now - LONGEST_FLOW - CODE_LIFETIME * 2);
    authorization_codes::Entity::delete_many()
        .filter(Column::Id.gte(oldest))
        .filter(Column::UserId.eq(user_id))
        .filter(ending.ends(Column::SessionId))
        .filter(Column::ConsumedAt.is_null())
        .exec(txn)
        .await?;
    Ok(())
}

/// A token for each application that holds, or held, a grant of these sessions: for each session
/// one, or one for the user when all sessions have ended and the application needs no `sid`.
async fn queue(
    txn: &DatabaseTransaction,
    user_id: Uuid,
    ending: SessionSelector,
    sids: BTreeSet<Uuid>,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let sids: Vec<Uuid> = sids.into_iter().collect();
    let mut wanted = BTreeSet::new();
    for sids in sids.chunks(LIST) {
        let held: Vec<(String, Uuid, bool)> = grants::Entity::find()
            .select_only()
            .column(grants::Column::ClientId)
            .column(grants::Column::SessionId)
            .column(applications::Column::BackchannelLogoutSessionRequired)
            .distinct()
            .join(JoinType::InnerJoin, grants::Relation::Client.def())
            .filter(grants::Column::UserId.eq(user_id))
            .filter(grants::Column::SessionId.is_in(sids.iter().copied()))
            .filter(applications::Column::BackchannelLogoutUri.is_not_null())
            .into_tuple()
            .all(txn)
            .await?;
        wanted.extend(held.into_iter().map(|(client_id, sid, sid_required)| {
            let whole_user = ending == SessionSelector::All && !sid_required;
            (client_id, (!whole_user).then_some(sid))
        }));
    }
    let rows: Vec<_> = wanted
        .into_iter()
        .map(|(client_id, sid)| row(client_id, user_id, sid, now).into_active_model())
        .collect();
    let mut queued = 0;
    for rows in rows.chunks(LIST) {
        let key = OnConflict::column(logout_deliveries::Column::Id)
            .do_nothing()
            .to_owned();
        queued += logout_deliveries::Entity::insert_many(rows.iter().cloned())
            .on_conflict(key)
            .exec_without_returning(txn)
            .await?;
    }
    Ok(queued)
}

fn row(
    client_id: String,
    user_id: Uuid,
    sid: Option<Uuid>,
    now: Timestamp,
) -> logout_deliveries::Model {
    logout_deliveries::Model {
        id: delivery_id(&client_id, sid.unwrap_or(user_id), now),
        client_id,
        user_id,
        sid,
        attempts: 0,
        next_attempt_at: Some(now.millis()),
        delivered_at: None,
        error: None,
        created_at: now.millis(),
    }
}

/// A UUIDv7 that says what it is for: two transactions that end the same session at the same moment
/// write the same row.
fn delivery_id(client_id: &str, subject: Uuid, now: Timestamp) -> Uuid {
    let mut input = subject.as_bytes().to_vec();
    input.extend_from_slice(client_id.as_bytes());
    let mut bytes = [0; 10];
    bytes.copy_from_slice(&sha256(&input)[..10]);
    let millis = u64::try_from(now.millis()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid()
}
