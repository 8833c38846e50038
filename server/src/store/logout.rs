//! The end of sessions: what ends with them, and who is told.
//!
//! Everything that ends a session goes through [`end_in`] or [`end_expired_in`], so that no way out
//! leaves tokens behind: the codes of the session, its grants unless the person let the
//! application stay connected (`offline_access`, OpenID Connect Back-Channel Logout 1.0 §2.7),
//! and a logout token for each application that has an address for it.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Condition, Expr, OnConflict};
use sea_orm::{
    DatabaseTransaction, IntoActiveModel, JoinType, QueryOrder, QuerySelect, RelationTrait,
};

use super::devices::withdraw_with;
use super::entities::{
    applications, authorization_codes, device_codes, grants, logout_deliveries, sessions, storable,
    users,
};
use super::sweep::first_id_at;
use super::{Store, StoreError};
use crate::crypto::hash::sha256;
use crate::domain::authorization::TICKET_SECONDS;
use crate::domain::grant::CODE_SECONDS;
use crate::domain::logout::LEASE_SECONDS;
use crate::domain::time::Timestamp;

/// Values in one list of a statement: SQLite takes some 32000.
const LIST: usize = 1000;

/// Which sessions of a user end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The one with this `sid`.
    One(Uuid),
    All,
    /// All but the one with this `sid`.
    AllBut(Uuid),
}

impl Ending {
    /// Whether this column's `sid` is of a session that ends.
    fn ends(self, sid: impl ColumnTrait) -> Condition {
        match self {
            Self::One(one) => Condition::all().add(sid.eq(one)),
            Self::All => Condition::all(),
            Self::AllBut(kept) => Condition::all().add(sid.ne(kept)),
        }
    }

    /// Whether a row is of a session that ends. One without a `sid` was written by an older
    /// server: its id takes the place.
    fn ends_row(self) -> Condition {
        use sessions::Column;

        let by_id = self.ends(Column::Id).add(Column::Sid.is_null());
        Condition::any().add(self.ends(Column::Sid)).add(by_id)
    }
}

/// What an end of sessions did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SessionsEnded {
    pub sessions: u64,
    /// Logout tokens that wait to be sent.
    pub deliveries: u64,
}

/// A logout token that is to be sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    pub id: Uuid,
    pub client_id: String,
    pub user_id: Uuid,
    /// Absent when every session of the user has ended.
    pub sid: Option<Uuid>,
    /// How often it was tried, this time included once it is claimed.
    pub attempts: i64,
    /// When it is due; to whoever has claimed it, the end of the claim.
    pub next_attempt_at: Timestamp,
}

/// A line of the delivery log.
#[derive(Clone, Debug, PartialEq)]
pub struct LoggedDelivery {
    pub id: Uuid,
    pub user_id: Uuid,
    /// Absent when the user is gone.
    pub username: Option<String>,
    pub sid: Option<Uuid>,
    pub attempts: i64,
    pub next_attempt_at: Option<Timestamp>,
    pub delivered_at: Option<Timestamp>,
    pub error: Option<String>,
    pub created_at: Timestamp,
}

impl Store {
    /// Ends sessions of a user, with everything that ends with them.
    ///
    /// # Errors
    /// [`StoreError::Db`], [`StoreError::Busy`].
    pub async fn end_sessions(
        &self,
        user_id: Uuid,
        ending: Ending,
        now: Timestamp,
    ) -> Result<SessionsEnded, StoreError> {
        self.write(move |txn| Box::pin(end_in(txn, user_id, ending, now)))
            .await
    }

    /// The tokens that are due, the oldest first; nobody else's claim holds any of them.
    ///
    /// # Errors
    /// [`StoreError::Db`].
    pub async fn due_logouts(
        &self,
        now: Timestamp,
        limit: u64,
    ) -> Result<Vec<Delivery>, StoreError> {
        use logout_deliveries::Column;

        let rows = logout_deliveries::Entity::find()
            .filter(Column::NextAttemptAt.lte(now.millis()))
            .order_by_asc(Column::NextAttemptAt)
            .limit(limit)
            .all(self.read())
            .await?;
        let due = |row: logout_deliveries::Model| {
            Some(Delivery {
                id: row.id,
                client_id: row.client_id,
                user_id: row.user_id,
                sid: row.sid,
                attempts: row.attempts,
                next_attempt_at: Timestamp(row.next_attempt_at?),
            })
        };
        Ok(rows.into_iter().filter_map(due).collect())
    }

    /// Takes a token that is due, for [`LEASE_SECONDS`]: of several servers one gets it.
    ///
    /// # Errors
    /// [`StoreError::Db`], [`StoreError::Busy`].
    pub async fn claim_logout(
        &self,
        due: Delivery,
        now: Timestamp,
    ) -> Result<Option<Delivery>, StoreError> {
        use logout_deliveries::Column;

        let claimed = Delivery {
            attempts: due.attempts + 1,
            next_attempt_at: now.plus_seconds(LEASE_SECONDS),
            ..due
        };
        let (id, seen) = (claimed.id, due.next_attempt_at);
        let (attempts, until) = (claimed.attempts, claimed.next_attempt_at);
        let won = self
            .write(move |txn| {
                Box::pin(async move {
                    let updated = logout_deliveries::Entity::update_many()
                        .col_expr(Column::Attempts, Expr::value(attempts))
                        .col_expr(Column::NextAttemptAt, Expr::value(until.millis()))
                        .filter(Column::Id.eq(id))
                        .filter(Column::NextAttemptAt.eq(seen.millis()))
                        .exec(txn)
                        .await?;
                    Ok(updated.rows_affected == 1)
                })
            })
            .await?;
        Ok(won.then_some(claimed))
    }

    /// Writes down how an attempt ended: `Ok` when the application took the token, else what
    /// went wrong and when to try again, if ever.
    ///
    /// # Errors
    /// [`StoreError::Db`], [`StoreError::Busy`].
    pub async fn settle_logout(
        &self,
        claimed: &Delivery,
        outcome: Result<(), (String, Option<Timestamp>)>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        use logout_deliveries::Column;

        let (id, until) = (claimed.id, claimed.next_attempt_at);
        let (delivered, error, next) = match outcome {
            Ok(()) => (Some(now.millis()), None, None),
            Err((error, next)) => (None, Some(error), next.map(Timestamp::millis)),
        };
        self.write(move |txn| {
            Box::pin(async move {
                logout_deliveries::Entity::update_many()
                    .col_expr(Column::DeliveredAt, Expr::value(delivered))
                    .col_expr(Column::Error, Expr::value(error))
                    .col_expr(Column::NextAttemptAt, Expr::value(next))
                    .filter(Column::Id.eq(id))
                    // Whoever held it for too long has lost it to another server.
                    .filter(Column::NextAttemptAt.eq(until.millis()))
                    .exec(txn)
                    .await?;
                Ok(())
            })
        })
        .await
    }

    /// The logout tokens of an application, newest first.
    ///
    /// # Errors
    /// [`StoreError::Db`].
    pub async fn logouts_of(
        &self,
        client_id: &str,
        limit: u64,
    ) -> Result<Vec<LoggedDelivery>, StoreError> {
        use logout_deliveries::Column;

        if !storable(client_id) {
            return Ok(Vec::new());
        }
        let rows = logout_deliveries::Entity::find()
            .filter(Column::ClientId.eq(client_id))
            .order_by_desc(Column::Id)
            .limit(limit)
            .all(self.read())
            .await?;
        let ids: BTreeSet<Uuid> = rows.iter().map(|row| row.user_id).collect();
        let names: Vec<(Uuid, String)> = users::Entity::find()
            .select_only()
            .columns([users::Column::Id, users::Column::Username])
            .filter(users::Column::Id.is_in(ids))
            .into_tuple()
            .all(self.read())
            .await?;
        let names: BTreeMap<Uuid, String> = names.into_iter().collect();
        Ok(rows
            .into_iter()
            .map(|row| LoggedDelivery {
                id: row.id,
                user_id: row.user_id,
                username: names.get(&row.user_id).cloned(),
                sid: row.sid,
                attempts: row.attempts,
                next_attempt_at: row.next_attempt_at.map(Timestamp),
                delivered_at: row.delivered_at.map(Timestamp),
                error: row.error,
                created_at: Timestamp(row.created_at),
            })
            .collect())
    }
}

/// [`Store::end_sessions`] as a part of another write.
pub(super) async fn end_in(
    txn: &DatabaseTransaction,
    user_id: Uuid,
    ending: Ending,
    now: Timestamp,
) -> Result<SessionsEnded, StoreError> {
    use sessions::Column;

    let rows: Vec<(Uuid, Option<Uuid>)> = sessions::Entity::find()
        .select_only()
        .columns([Column::Id, Column::Sid])
        .filter(Column::UserId.eq(user_id))
        .filter(ending.ends_row())
        .into_tuple()
        .all(txn)
        .await?;
    let deleted = sessions::Entity::delete_many()
        .filter(Column::UserId.eq(user_id))
        .filter(ending.ends_row())
        .exec(txn)
        .await?;
    // Of two who end the same session, the second one finds nothing to do.
    if deleted.rows_affected == 0 && matches!(ending, Ending::One(_)) {
        return Ok(SessionsEnded::default());
    }
    let sids = rows
        .into_iter()
        .map(|(id, sid)| sid.unwrap_or(id))
        .collect();
    let deliveries = told_in(txn, user_id, ending, sids, now).await?;
    Ok(SessionsEnded {
        sessions: deleted.rows_affected,
        deliveries,
    })
}

/// Ends those of these sessions that have still `expired`. How many there were.
pub(super) async fn end_expired_in(
    txn: &DatabaseTransaction,
    ids: Vec<Uuid>,
    expired: Condition,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let rows = sessions::Entity::find()
        .filter(sessions::Column::Id.is_in(ids))
        .filter(expired.clone())
        .all(txn)
        .await?;
    let mut ended = 0;
    for row in rows {
        // It may be used, or ended by somebody else, at the same moment.
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
            told_in(txn, row.user_id, Ending::One(sid), sids, now).await?;
        }
    }
    Ok(ended)
}

/// What follows when the rows of these sessions are gone. How many logout tokens are to be sent.
async fn told_in(
    txn: &DatabaseTransaction,
    user_id: Uuid,
    ending: Ending,
    sids: BTreeSet<Uuid>,
    now: Timestamp,
) -> Result<u64, StoreError> {
    delete_codes(txn, user_id, ending, now).await?;
    let devices = ending.ends(device_codes::Column::SessionId);
    withdraw_with(txn, user_id, devices, now).await?;
    grants::Entity::update_many()
        .col_expr(grants::Column::RevokedAt, Expr::value(now.millis()))
        .col_expr(grants::Column::RevokedFor, Expr::value("session ended"))
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
    ending: Ending,
    now: Timestamp,
) -> Result<(), StoreError> {
    use authorization_codes::Column;

    let oldest = first_id_at(now.minus_seconds(TICKET_SECONDS + 2 * CODE_SECONDS));
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
    ending: Ending,
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
            .join(JoinType::InnerJoin, grants::Relation::Application.def())
            .filter(grants::Column::UserId.eq(user_id))
            .filter(grants::Column::SessionId.is_in(sids.iter().copied()))
            .filter(applications::Column::BackchannelLogoutUri.is_not_null())
            .into_tuple()
            .all(txn)
            .await?;
        wanted.extend(held.into_iter().map(|(client_id, sid, sid_required)| {
            let whole_user = ending == Ending::All && !sid_required;
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

/// A UUIDv7 that says what it is for: whoever ends the same session in the same moment writes
/// the same row.
fn delivery_id(client_id: &str, subject: Uuid, now: Timestamp) -> Uuid {
    let mut input = subject.as_bytes().to_vec();
    input.extend_from_slice(client_id.as_bytes());
    let mut bytes = [0; 10];
    bytes.copy_from_slice(&sha256(&input)[..10]);
    let millis = u64::try_from(now.millis()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid()
}
