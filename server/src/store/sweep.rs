//! Deletes what has expired, in steps too small to delay requests.
//!
//! The big tables are kept in the order of their keys, and their keys are UUIDv7: a sweep walks
//! each from its oldest row, [`BATCH`] rows a step, up to where nothing can have expired. Rows
//! are looked at through the connections that read; only a batch that holds something to delete
//! becomes a write, and the `DELETE` asks again whether each row has expired.
//!
//! A row must be kept for as long as its absence would change an answer: a consumed code or refresh
//! token until its own end, so that a replay is recognized; an unused access token until its grant
//! ends, so that a lost answer is not taken for a replay.
//!
//! To add a table: a line in [`WALKS`], and what has expired of it in [`Store::sweep_step`].

use std::time::Duration;

use contract::wire::audit::AuditKind;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Condition, ExprTrait, IntoCondition};
use sea_orm::{QueryOrder, QuerySelect};

use super::access_tokens::no_longer_needed;
use super::columns::first_id_at;
use super::device_codes::forgotten;
use super::entities::{
    access_tokens, application_secrets, audit_events, authorization_codes, device_codes, flows,
    grants, logout_deliveries, mail_links, mails, pushed_requests, refresh_tokens, sessions,
    used_assertions,
};
use super::grants::told_of_logout;
use super::instance::bump_generation;
use super::logout::end_expired_tx;
use super::sweep_flows::{FlowLimits, TRACES_KEPT, newer_ones};
use super::{Store, StoreError, transaction};
use crate::domain::grant::CODE_MEMORY;
use crate::domain::logout::LOG_KEPT;
use crate::domain::mail::KEPT;
use crate::domain::session::IDLE_LIFETIME;
use crate::domain::time::Timestamp;

/// Rows in one step.
const BATCH: u64 = 500;
/// Sessions that end in one write.
const SESSIONS: usize = 20;
/// Nothing that is younger expires.
const YOUNG: Duration = Duration::from_secs(60);
/// How long audit events are kept, and those of changes that strangers make as often
/// as they like.
const AUDIT_KEPT: Duration = Duration::from_hours(365 * 24);
const SELF_SERVICE_KEPT: Duration = Duration::from_hours(30 * 24);

/// What is walked, a table or a part of one.
#[derive(Clone, Copy)]
enum Walk {
    AccessTokens,
    RefreshTokens,
    AuthorizationCodes,
    Grants,
    Sessions,
    Flows,
    AuditEvents,
    LogoutDeliveries,
    DeviceCodes,
    PushedRequests,
    Mails,
    MailLinks,
    FlowsOfOneClient,
    FlowsOfAll,
}

/// In the order of a sweep.
const WALKS: [Walk; 14] = [
    Walk::AccessTokens,
    Walk::RefreshTokens,
    Walk::AuthorizationCodes,
    Walk::Grants,
    Walk::Sessions,
    Walk::Flows,
    Walk::AuditEvents,
    Walk::LogoutDeliveries,
    Walk::DeviceCodes,
    Walk::PushedRequests,
    Walk::Mails,
    Walk::MailLinks,
    Walk::FlowsOfOneClient,
    Walk::FlowsOfAll,
];

/// Where a sweep stands: hand the same one to each step. A fresh one begins with the first table.
#[derive(Clone, Debug, Default)]
pub struct SweepCursor {
    /// Of [`WALKS`].
    table: usize,
    /// The last row of this table that was looked at.
    after: Uuid,
    /// Where to stop in this table, once that is known.
    until: Option<Uuid>,
    /// How many traces are kept.
    pub flows: FlowLimits,
}

/// What a step did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SweepStep {
    /// Rows.
    pub deleted: u64,
    /// Every table has been walked; the cursor stands at the beginning again.
    pub done: bool,
}

impl Store {
    /// Deletes everything that has expired, and returns how many rows that were.
    ///
    /// # Errors
    /// [`StoreError::Db`], [`StoreError::Busy`].
    pub async fn sweep_all(&self, now: Timestamp) -> Result<u64, StoreError> {
        let mut cursor = SweepCursor::default();
        let mut deleted = 0;
        loop {
            let step = self.sweep_step(now, &mut cursor).await?;
            deleted += step.deleted;
            if step.done {
                return Ok(deleted);
            }
        }
    }

    /// Goes one batch further. After an error the cursor stands where it stood.
    ///
    /// # Errors
    /// [`StoreError::Db`], [`StoreError::Busy`].
    pub async fn sweep_step(
        &self,
        now: Timestamp,
        cursor: &mut SweepCursor,
    ) -> Result<SweepStep, StoreError> {
        let (at, young) = (now.millis(), now - YOUNG);
        let Some(walk) = WALKS.get(cursor.table) else {
            let deleted = self.sweep_few(now).await? + self.sweep_unused(now).await?;
            *cursor = SweepCursor {
                flows: cursor.flows,
                ..SweepCursor::default()
            };
            return Ok(SweepStep {
                deleted,
                done: true,
            });
        };
        let deleted = match walk {
            Walk::AccessTokens => {
                let expired = Condition::all()
                    .add(access_tokens::Column::ExpiresAt.lte(at))
                    .add(no_longer_needed(now));
                self.walk(access_tokens::Column::Id, expired, young, cursor)
                    .await?
            }
            Walk::RefreshTokens => {
                let expired = refresh_tokens::Column::ExpiresAt.lte(at);
                self.walk(refresh_tokens::Column::Id, expired, young, cursor)
                    .await?
            }
            Walk::AuthorizationCodes => {
                let old = now - CODE_MEMORY;
                let expired = authorization_codes::Column::ExpiresAt.lte(old.millis());
                self.walk(authorization_codes::Column::Id, expired, old, cursor)
                    .await?
            }
            Walk::Grants => {
                let expired = Condition::all()
                    .add(grants::Column::ExpiresAt.lte(at))
                    .add(told_of_logout().not());
                self.walk(grants::Column::Id, expired, young, cursor)
                    .await?
            }
            Walk::Sessions => {
                let idle = now - IDLE_LIFETIME;
                let ended = Condition::any()
                    .add(sessions::Column::ExpiresAt.lte(at))
                    .add(sessions::Column::LastSeenAt.lte(idle.millis()));
                self.walk_sessions(ended, young, now, cursor).await?
            }
            Walk::Flows => {
                let old = now - TRACES_KEPT;
                self.walk(flows::Column::Id, Condition::all(), old, cursor)
                    .await?
            }
            Walk::AuditEvents => {
                let (old, short) = (now - AUDIT_KEPT, now - SELF_SERVICE_KEPT);
                let kinds = AuditKind::ALL.iter().filter(|kind| kind.is_self_service());
                let expired = Condition::any()
                    .add(audit_events::Column::Id.lt(first_id_at(old)))
                    .add(audit_events::Column::Kind.is_in(kinds.map(|kind| kind.name())));
                self.walk(audit_events::Column::Id, expired, short, cursor)
                    .await?
            }
            Walk::LogoutDeliveries => {
                let old = now - LOG_KEPT;
                self.walk(logout_deliveries::Column::Id, Condition::all(), old, cursor)
                    .await?
            }
            Walk::DeviceCodes => {
                let (young, expired) = forgotten(now);
                self.walk(device_codes::Column::Id, expired, young, cursor)
                    .await?
            }
            Walk::PushedRequests => {
                let expired = pushed_requests::Column::ExpiresAt.lte(at);
                self.walk(pushed_requests::Column::Id, expired, young, cursor)
                    .await?
            }
            Walk::Mails => {
                let old = now - KEPT;
                self.walk(mails::Column::Id, Condition::all(), old, cursor)
                    .await?
            }
            Walk::MailLinks => {
                let expired = mail_links::Column::ExpiresAt.lte(at);
                self.walk(mail_links::Column::Id, expired, young, cursor)
                    .await?
            }
            Walk::FlowsOfOneClient => {
                let deleted = self.sweep_flows_of_a_client(cursor.flows.of_client).await?;
                if deleted == 0 {
                    advance(cursor, None);
                }
                deleted
            }
            Walk::FlowsOfAll => {
                if cursor.until.is_none() {
                    cursor.until = self.first_flow_of_the_newest(cursor.flows.all).await?;
                }
                if cursor.until.is_some() {
                    let expired = newer_ones(cursor.flows.guaranteed);
                    self.walk(flows::Column::Id, expired, young, cursor).await?
                } else {
                    advance(cursor, None);
                    0
                }
            }
        };
        Ok(SweepStep {
            deleted,
            done: false,
        })
    }

    /// Looks at the next rows of one table and deletes those that have `expired`. Rows with ids
    /// of `young` or later are not looked at.
    async fn walk<C>(
        &self,
        id: C,
        expired: impl IntoCondition,
        young: Timestamp,
        cursor: &mut SweepCursor,
    ) -> Result<u64, StoreError>
    where
        C: ColumnTrait + 'static,
        C::EntityName: EntityTrait<Column = C>,
    {
        let (range, last) = self.window(id, expired, young, cursor).await?;
        let found: Option<Uuid> = C::EntityName::find()
            .select_only()
            .column(id)
            .filter(range.clone())
            .into_tuple()
            .one(self.read())
            .await?;
        let deleted = if found.is_some() {
            transaction!(self, |txn| {
                let deleted = C::EntityName::delete_many().filter(range).exec(txn).await?;
                Ok(deleted.rows_affected)
            })
            .await?
        } else {
            0
        };
        advance(cursor, last);
        Ok(deleted)
    }

    /// Those of the next rows of one table that have `expired`, and the last of all the rows, if
    /// more follow.
    async fn window<C>(
        &self,
        id: C,
        expired: impl IntoCondition,
        young: Timestamp,
        cursor: &SweepCursor,
    ) -> Result<(Condition, Option<Uuid>), StoreError>
    where
        C: ColumnTrait,
        C::EntityName: EntityTrait<Column = C>,
    {
        let until = cursor.until.unwrap_or_else(|| first_id_at(young));
        let rest = C::EntityName::find()
            .select_only()
            .column(id)
            .filter(id.gt(cursor.after))
            .filter(id.lt(until))
            .order_by_asc(id);
        let last: Option<Uuid> = rest.offset(BATCH - 1).into_tuple().one(self.read()).await?;
        // The last batch of a table is what is left of it.
        let range = Condition::all()
            .add(id.gt(cursor.after))
            .add(match last {
                Some(last) => id.lte(last),
                None => id.lt(until),
            })
            .add(expired.into_condition());
        Ok((range, last))
    }

    /// Ends the sessions that are no longer used, in small writes. What hangs on a session ends
    /// with it.
    async fn walk_sessions(
        &self,
        ended: Condition,
        young: Timestamp,
        now: Timestamp,
        cursor: &mut SweepCursor,
    ) -> Result<u64, StoreError> {
        let (range, last) = self
            .window(sessions::Column::Id, ended.clone(), young, cursor)
            .await?;
        let ids: Vec<Uuid> = sessions::Entity::find()
            .select_only()
            .column(sessions::Column::Id)
            .filter(range)
            .into_tuple()
            .all(self.read())
            .await?;
        let mut deleted = 0;
        for ids in ids.chunks(SESSIONS) {
            let (ids, ended) = (ids.to_vec(), ended.clone());
            deleted += self
                .write(move |txn| Box::pin(end_expired_tx(txn, ids, ended, now)))
                .await?;
        }
        advance(cursor, last);
        Ok(deleted)
    }

    /// The tables that never grow big: secrets that have expired go, keys that have retired lose
    /// their private parts.
    async fn sweep_few(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.erase_retired_keys(now).await?;
        transaction!(self, |txn| {
            let secrets = application_secrets::Entity::delete_many()
                .filter(application_secrets::Column::ExpiresAt.lte(now.millis()))
                .exec(txn)
                .await?;
            if secrets.rows_affected > 0 {
                bump_generation(txn).await?;
            }
            let assertions = used_assertions::Entity::delete_many()
                .filter(used_assertions::Column::ExpiresAt.lte(now.millis()))
                .exec(txn)
                .await?;
            Ok(secrets.rows_affected + assertions.rows_affected)
        })
        .await
    }
}

/// On to the next batch, or to the next table: the last batch of a table is what is left of it.
fn advance(cursor: &mut SweepCursor, last: Option<Uuid>) {
    match last {
        Some(last) => cursor.after = last,
        None => {
            *cursor = SweepCursor {
                table: cursor.table + 1,
                flows: cursor.flows,
                ..SweepCursor::default()
            }
        }
    }
}
