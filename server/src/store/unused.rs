//! Applications that came by themselves and that nobody uses any more.
//!
//! Whoever may register once may register again, so the table would fill with applications of
//! which nobody knows. One goes when nothing of it lives and nothing was done with it for
//! [`UNUSED_SECONDS`]. One with a live grant never goes: somebody relies on it. Nor does one that
//! an administrator has disabled: it could come back as if nothing had been.

use std::collections::HashSet;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, IntoCondition, Query, SelectStatement};
use sea_orm::{ConnectionTrait, QuerySelect};

use super::client_end::end_clients;
use super::columns::first_id_at;
use super::entities::{
    access_tokens, application_secrets, applications, authorization_codes, device_codes, flows,
    grants, registration_tokens,
};
use super::{Store, StoreError};
use crate::domain::client::Origin;
use crate::domain::time::Timestamp;

/// For how long an application waits to be used (seconds).
const UNUSED_SECONDS: i64 = 30 * 24 * 3600;
/// What began longer ago (seconds) than this is seen before a batch is deleted, and need not be
/// looked for again while it is: nothing waits so long for a person.
const RECENT_SECONDS: i64 = 3600;
/// Applications in one write.
const BATCH: usize = 100;

impl Store {
    /// Deletes the applications that registered themselves, or that a document of theirs
    /// describes, and that nobody uses; and initial access tokens that are good for nothing.
    /// Returns how many rows that were.
    ///
    /// # Errors
    /// [`StoreError::Db`], [`StoreError::Busy`].
    pub(super) async fn sweep_unused(&self, now: Timestamp) -> Result<u64, StoreError> {
        let mut deleted = self.sweep_initial_tokens(now).await?;
        let old = now.minus_seconds(UNUSED_SECONDS);
        let candidates: Vec<String> = applications::Entity::find()
            .select_only()
            .column(applications::Column::ClientId)
            .filter(looks_unused(old))
            .into_tuple()
            .all(self.read())
            .await?;
        if candidates.is_empty() {
            return Ok(deleted);
        }
        let used = used_since(self.read(), old, Some(now), || candidates_of(old)).await?;
        let unused: Vec<String> = candidates
            .into_iter()
            .filter(|client_id| !used.contains(client_id))
            .collect();
        for batch in unused.chunks(BATCH) {
            let batch = batch.to_vec();
            deleted += self
                .write(move |txn| {
                    Box::pin(async move {
                        // Somebody may have begun to use one while we looked.
                        let recent = now.minus_seconds(RECENT_SECONDS);
                        let these = || named(&batch);
                        let used = used_since(txn, recent, None, these).await?;
                        let unused = batch.iter().filter(|id| !used.contains(*id)).cloned();
                        end_clients(txn, unused.collect(), looks_unused(old), now).await
                    })
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
        self.write(move |txn| {
            Box::pin(async move {
                let deleted = registration_tokens::Entity::delete_many()
                    .filter(dead)
                    .exec(txn)
                    .await?;
                Ok(deleted.rows_affected)
            })
        })
        .await
    }
}

/// What can be told without a look at what applications were given.
fn looks_unused(old: Timestamp) -> Condition {
    use applications::Column;

    let used_secret = Query::select()
        .expr(Expr::value(1))
        .from(application_secrets::Entity)
        .and_where(
            Expr::col((
                application_secrets::Entity,
                application_secrets::Column::ClientId,
            ))
            .equals((applications::Entity, Column::ClientId)),
        )
        .and_where(application_secrets::Column::LastUsedAt.gt(old.millis()))
        .to_owned();
    Condition::all()
        .add(Column::Origin.is_in([Origin::Registration.name(), Origin::Document.name()]))
        .add(Column::DisabledAt.is_null())
        .add(Column::CreatedAt.lte(old.millis()))
        .add(Column::UpdatedAt.lte(old.millis()))
        .add(Expr::exists(used_secret).not())
}

fn candidates_of(old: Timestamp) -> SelectStatement {
    Query::select()
        .column((applications::Entity, applications::Column::ClientId))
        .from(applications::Entity)
        .cond_where(looks_unused(old))
        .to_owned()
}

fn named(client_ids: &[String]) -> SelectStatement {
    Query::select()
        .column((applications::Entity, applications::Column::ClientId))
        .from(applications::Entity)
        .and_where(applications::Column::ClientId.is_in(client_ids))
        .to_owned()
}

/// Which of these applications did something since `since`, or hold a grant that lives at
/// `alive_at`. Keys are UUIDv7, so what is recent is a range of them.
async fn used_since(
    db: &impl ConnectionTrait,
    since: Timestamp,
    alive_at: Option<Timestamp>,
    these: impl Fn() -> SelectStatement,
) -> Result<HashSet<String>, StoreError> {
    let first = first_id_at(since);
    let mut granted = Condition::any().add(grants::Column::Id.gte(first));
    if let Some(now) = alive_at {
        granted = granted.add(
            Condition::all()
                .add(grants::Column::RevokedAt.is_null())
                .add(grants::Column::ExpiresAt.gt(now.millis())),
        );
    }
    let mut used = HashSet::new();
    used.extend(clients(db, grants::Column::ClientId, granted, these()).await?);
    let recent = access_tokens::Column::Id.gte(first).into_condition();
    used.extend(clients(db, access_tokens::Column::ClientId, recent, these()).await?);
    let recent = authorization_codes::Column::Id.gte(first).into_condition();
    used.extend(clients(db, authorization_codes::Column::ClientId, recent, these()).await?);
    let recent = device_codes::Column::Id.gte(first).into_condition();
    used.extend(clients(db, device_codes::Column::ClientId, recent, these()).await?);
    let recent = flows::Column::Id.gte(first).into_condition();
    used.extend(clients(db, flows::Column::ClientId, recent, these()).await?);
    Ok(used)
}

/// The clients of the rows of one table that fulfil a condition, of `these` clients.
async fn clients<C>(
    db: &impl ConnectionTrait,
    client_id: C,
    condition: Condition,
    these: SelectStatement,
) -> Result<Vec<String>, StoreError>
where
    C: ColumnTrait,
    C::EntityName: EntityTrait<Column = C>,
{
    Ok(C::EntityName::find()
        .select_only()
        .column(client_id)
        .distinct()
        .filter(condition)
        .filter(client_id.in_subquery(these))
        .into_tuple()
        .all(db)
        .await?)
}
