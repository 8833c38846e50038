//! Clients that came by themselves and are not used any more.
//!
//! A program that may register once may register again, so the table would fill. A client goes
//! when it was not used for [`UNUSED_KEPT`]: `last_used_at` says when it was authenticated or
//! authorized last. One with a living grant or a consent never goes: a person relies on it. Nor
//! does one that an administrator has disabled: it could come back as if nothing had been.

use std::time::Duration;

use sea_orm::QuerySelect;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Condition, DynIden, Expr, ExprTrait, IntoIden, Query};

use super::client_end::end_clients;
use super::entities::{applications, consents, grants, registration_tokens};
use super::{Store, StoreError, transaction};
use crate::domain::client::Origin;
use crate::domain::time::Timestamp;

/// For how long a client waits to be used.
const UNUSED_KEPT: Duration = Duration::from_hours(30 * 24);
/// Clients in one write.
const BATCH: usize = 100;

impl Store {
    /// Deletes the clients that registered themselves, or that a document of theirs describes, and
    /// that are not used; and initial access tokens that are good for nothing. Returns how many
    /// rows that were.
    ///
    /// # Errors
    /// [`StoreError::Db`], [`StoreError::Busy`].
    pub(super) async fn sweep_unused(&self, now: Timestamp) -> Result<u64, StoreError> {
        let mut deleted = self.sweep_initial_tokens(now).await?;
        let unused: Vec<String> = applications::Entity::find()
            .select_only()
            .column(applications::Column::ClientId)
            .filter(is_unused(now))
            .into_tuple()
            .all(self.read())
            .await?;
        for batch in unused.chunks(BATCH) {
            let batch = batch.to_vec();
            deleted += transaction!(self, |txn| {
                // One of them may have been used meanwhile: the statement asks again.
                end_clients(txn, batch, is_unused(now), now).await
            })
            .await?;
        }
        Ok(deleted)
    }

    async fn sweep_initial_tokens(&self, now: Timestamp) -> Result<u64, StoreError> {
        use registration_tokens::Column;

        let dead = Condition::any()
            .add(Column::ExpiresAt.lte(now.millis()))
            .add(Column::UsesLeft.lte(0));
        let found = registration_tokens::Entity::find()
            .filter(dead.clone())
            .one(self.read())
            .await?;
        if found.is_none() {
            return Ok(0);
        }
        transaction!(self, |txn| {
            let deleted = registration_tokens::Entity::delete_many()
                .filter(dead)
                .exec(txn)
                .await?;
            Ok(deleted.rows_affected)
        })
        .await
    }
}

/// Asks nothing of a table that another predicate of the sweep empties while the client is in use:
/// a living grant, a consent and `last_used_at` all stay.
fn is_unused(now: Timestamp) -> Condition {
    use applications::Column;

    let old = (now - UNUSED_KEPT).millis();
    let of = |client_id: (DynIden, DynIden)| {
        Expr::col(client_id).equals((applications::Entity, Column::ClientId))
    };
    let consent = Query::select()
        .expr(Expr::value(1))
        .from(consents::Entity)
        .and_where(of((
            consents::Entity.into_iden(),
            consents::Column::ClientId.into_iden(),
        )))
        .to_owned();
    let grant = Query::select()
        .expr(Expr::value(1))
        .from(grants::Entity)
        .and_where(of((
            grants::Entity.into_iden(),
            grants::Column::ClientId.into_iden(),
        )))
        .and_where(grants::Column::RevokedAt.is_null())
        .and_where(grants::Column::ExpiresAt.gt(now.millis()))
        .to_owned();
    Condition::all()
        .add(Column::Origin.is_in([Origin::Registration.name(), Origin::Document.name()]))
        .add(Column::DisabledAt.is_null())
        .add(Column::CreatedAt.lte(old))
        .add(Column::UpdatedAt.lte(old))
        .add(
            Condition::any()
                .add(Column::LastUsedAt.is_null())
                .add(Column::LastUsedAt.lte(old)),
        )
        .add(Expr::exists(consent).not())
        .add(Expr::exists(grant).not())
}
