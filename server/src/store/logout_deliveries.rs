//! Logout tokens on their way: due, claimed, settled, and looked at afterwards. They are queued
//! where sessions end, in `logout`.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{QueryOrder, QuerySelect};

use super::entities::{logout_deliveries, storable, users};
use super::{Store, StoreError, transaction};
use crate::domain::logout::LEASE;
use crate::domain::time::Timestamp;

/// A logout token that is to be sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    pub id: Uuid,
    pub client_id: String,
    pub user_id: Uuid,
    /// Absent when every session of the user has ended.
    pub sid: Option<Uuid>,
    /// When the session ended.
    pub created_at: Timestamp,
    /// How often it was tried, this time included once it is claimed.
    pub attempts: i64,
    /// When it is due; for the server that has claimed it, the end of the claim.
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
    /// The tokens that are due for other applications than these, the oldest first. No other server
    /// has claimed any of them.
    ///
    /// # Errors
    /// [`StoreError::Db`].
    pub async fn due_logouts(
        &self,
        now: Timestamp,
        limit: u64,
        but: &BTreeSet<String>,
    ) -> Result<Vec<Delivery>, StoreError> {
        use logout_deliveries::Column;

        let rows = logout_deliveries::Entity::find()
            .filter(Column::NextAttemptAt.lte(now.millis()))
            .filter(Column::ClientId.is_not_in(but.iter().map(String::as_str)))
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
                created_at: Timestamp(row.created_at),
                attempts: row.attempts,
                next_attempt_at: Timestamp(row.next_attempt_at?),
            })
        };
        Ok(rows.into_iter().filter_map(due).collect())
    }

    /// Takes a token that is due, for [`LEASE`]: of several servers one gets it.
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
            next_attempt_at: now + LEASE,
            ..due
        };
        let (id, seen) = (claimed.id, due.next_attempt_at);
        let (attempts, until) = (claimed.attempts, claimed.next_attempt_at);
        let won = transaction!(self, |txn| {
            let updated = logout_deliveries::Entity::update_many()
                .col_expr(Column::Attempts, Expr::value(attempts))
                .col_expr(Column::NextAttemptAt, Expr::value(until.millis()))
                .filter(Column::Id.eq(id))
                .filter(Column::NextAttemptAt.eq(seen.millis()))
                .exec(txn)
                .await?;
            Ok(updated.rows_affected == 1)
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
        transaction!(self, |txn| {
            logout_deliveries::Entity::update_many()
                .col_expr(Column::DeliveredAt, Expr::value(delivered))
                .col_expr(Column::Error, Expr::value(error))
                .col_expr(Column::NextAttemptAt, Expr::value(next))
                .filter(Column::Id.eq(id))
                // A server that held it for too long has lost it to another server.
                .filter(Column::NextAttemptAt.eq(until.millis()))
                .exec(txn)
                .await?;
            Ok(())
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
