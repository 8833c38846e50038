//! Mails: written with the change that they tell of, claimed by the server that sends them,
//! settled, and looked at afterwards.

use std::time::Duration;

use contract::wire::mail::MailState;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{DatabaseTransaction, IntoActiveModel, QueryOrder, QuerySelect};

use super::columns::first_id_at;
use super::entities::{mails, storable};
use super::{Store, StoreError, fetch_optional, transaction};
use crate::domain::mail::{LEASE, MOST_IN_AN_HOUR, Mail};
use crate::domain::time::Timestamp;

/// In which [`MOST_IN_AN_HOUR`] are counted.
const HOUR: Duration = Duration::from_secs(3600);

/// Which mails a list shows.
#[derive(Clone, Debug, Default)]
pub struct MailFilter {
    pub state: Option<MailState>,
    /// A part of the address.
    pub to: Option<String>,
    /// Older than this one.
    pub before: Option<Uuid>,
}

/// Writes a mail as a part of the change that it tells of. `false`, and nothing is written, when
/// this address got as many of its kind in the last hour as one may.
///
/// # Errors
/// [`StoreError::Db`].
pub(super) async fn mail_tx(txn: &DatabaseTransaction, mail: Mail) -> Result<bool, StoreError> {
    let hour_ago = first_id_at(mail.created_at - HOUR);
    let recent = mails::Entity::find()
        .filter(mails::Column::ToAddress.eq(&mail.to))
        .filter(mails::Column::Id.gt(hour_ago))
        .filter(mails::Column::Template.eq(mail.template.name()))
        .count(txn)
        .await?;
    if recent >= MOST_IN_AN_HOUR {
        return Ok(false);
    }
    mails::Entity::insert(mails::Model::from(mail).into_active_model())
        .exec_without_returning(txn)
        .await?;
    Ok(true)
}

impl Store {
    /// Writes a mail that tells of no change. `false` as [`mail_tx`] says.
    ///
    /// # Errors
    /// [`StoreError::Db`], [`StoreError::Busy`].
    pub async fn insert_mail(&self, mail: Mail) -> Result<bool, StoreError> {
        transaction!(self, |txn| { mail_tx(txn, mail).await }).await
    }

    /// Mails that are due, the one that waited longest first. No other server has claimed any of
    /// them.
    ///
    /// # Errors
    /// [`StoreError::Db`], [`StoreError::Corrupt`].
    pub async fn due_mails(&self, now: Timestamp, limit: u64) -> Result<Vec<Mail>, StoreError> {
        let rows = mails::Entity::find()
            .filter(mails::Column::NextAttemptAt.lte(now.millis()))
            .order_by_asc(mails::Column::NextAttemptAt)
            .limit(limit)
            .all(self.read())
            .await?;
        rows.into_iter().map(Mail::try_from).collect()
    }

    /// Takes a mail that is due, for [`LEASE`]: of several servers one gets it.
    ///
    /// # Errors
    /// [`StoreError::Db`], [`StoreError::Busy`].
    pub async fn claim_mail(&self, due: Mail, now: Timestamp) -> Result<Option<Mail>, StoreError> {
        use mails::Column;

        let until = now + LEASE;
        let claimed = Mail {
            attempts: due.attempts + 1,
            next_attempt_at: Some(until),
            ..due
        };
        let (id, attempts) = (claimed.id, claimed.attempts);
        let seen = due.next_attempt_at.map(Timestamp::millis);
        let won = transaction!(self, |txn| {
            let updated = mails::Entity::update_many()
                .col_expr(Column::Attempts, Expr::value(attempts))
                .col_expr(Column::NextAttemptAt, Expr::value(until.millis()))
                .filter(Column::Id.eq(id))
                .filter(Column::NextAttemptAt.eq(seen))
                .exec(txn)
                .await?;
            Ok(updated.rows_affected == 1)
        })
        .await?;
        Ok(won.then_some(claimed))
    }

    /// Writes down how an attempt ended: `Ok` when the mail server took the mail, else what went
    /// wrong and when to try again, if ever.
    ///
    /// # Errors
    /// [`StoreError::Db`], [`StoreError::Busy`].
    pub async fn settle_mail(
        &self,
        claimed: &Mail,
        outcome: Result<(), (String, Option<Timestamp>)>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        use mails::Column;

        let (id, until) = (claimed.id, claimed.next_attempt_at.map(Timestamp::millis));
        let (state, sent, error, next) = match outcome {
            Ok(()) => (MailState::Sent, Some(now.millis()), None, None),
            Err((error, Some(next))) => (MailState::Queued, None, Some(error), Some(next.millis())),
            Err((error, None)) => (MailState::Failed, None, Some(error), None),
        };
        transaction!(self, |txn| {
            mails::Entity::update_many()
                .col_expr(Column::State, Expr::value(state.name()))
                .col_expr(Column::SentAt, Expr::value(sent))
                .col_expr(Column::Error, Expr::value(error))
                .col_expr(Column::NextAttemptAt, Expr::value(next))
                .filter(Column::Id.eq(id))
                // A server that held it for too long has lost it to another server.
                .filter(Column::NextAttemptAt.eq(until))
                .exec(txn)
                .await?;
            Ok(())
        })
        .await
    }

    /// Mails, newest first.
    ///
    /// # Errors
    /// [`StoreError::Db`], [`StoreError::Corrupt`].
    pub async fn mails(&self, filter: &MailFilter, limit: u64) -> Result<Vec<Mail>, StoreError> {
        use mails::Column;

        let mut query = mails::Entity::find();
        if let Some(state) = filter.state {
            query = query.filter(Column::State.eq(state.name()));
        }
        if let Some(to) = filter.to.as_deref() {
            if !storable(to) {
                return Ok(Vec::new());
            }
            query = query.filter(Column::ToAddress.contains(to.to_lowercase()));
        }
        if let Some(before) = filter.before {
            query = query.filter(Column::Id.lt(before));
        }
        let rows = query.order_by_desc(Column::Id).limit(limit);
        let rows = rows.all(self.read()).await?;
        rows.into_iter().map(Mail::try_from).collect()
    }

    /// # Errors
    /// [`StoreError::Db`], [`StoreError::Corrupt`].
    pub async fn mail(&self, id: Uuid) -> Result<Option<Mail>, StoreError> {
        let row = fetch_optional(mails::Entity::find_by_id(id).all(self.read())).await?;
        row.map(Mail::try_from).transpose()
    }
}
