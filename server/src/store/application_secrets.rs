//! Client secrets: several at a time, so that one can be replaced without a gap.
//!
//! A secret that is live stays until another one is: an application can't lock itself out.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Condition, Expr};
use sea_orm::{DatabaseTransaction, IntoActiveModel, QuerySelect};

use super::audit_events::{AuditEntry, audit_tx};
use super::entities::{application_secrets, applications, storable};
use super::instance::bump_generation;
use super::{Store, StoreError, transaction};
use crate::domain::client::Secret;
use crate::domain::time::Timestamp;

/// Live secrets that an application has at most: a wrong one is compared with each.
const LIVE_SECRETS: usize = 10;

/// What became of a secret that was to be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddSecret {
    Done,
    NotFound,
    /// There are as many live ones as there may be.
    Full,
}

/// What became of a secret that was to be retired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetireSecret {
    Done,
    NotFound,
    /// It is the only live one, and stays.
    Last,
}

impl Store {
    /// Adds a secret. With `others_expire_at` the ones there were end then, if they did not end
    /// before.
    ///
    /// # Errors
    /// [`StoreError::Db`].
    pub async fn insert_secret(
        &self,
        client_id: &str,
        secret: Secret,
        others_expire_at: Option<Timestamp>,
        audit: AuditEntry,
    ) -> Result<AddSecret, StoreError> {
        use application_secrets::Column;

        if !storable(client_id) {
            return Ok(AddSecret::NotFound);
        }
        let client_id = client_id.to_owned();
        transaction!(self, |txn| {
            if !lock_application(txn, &client_id).await? {
                return Ok(AddSecret::NotFound);
            }
            let now = secret.created_at;
            let ending = others_expire_at.is_some_and(|at| at <= now);
            let live = secrets_of(txn, &client_id).await?;
            let live = live.iter().filter(|known| known.is_live(now)).count();
            if !ending && live >= LIVE_SECRETS {
                return Ok(AddSecret::Full);
            }
            if let Some(at) = others_expire_at {
                application_secrets::Entity::update_many()
                    .col_expr(Column::ExpiresAt, Expr::value(at.millis()))
                    .filter(Column::ClientId.eq(client_id.as_str()))
                    .filter(none_or(
                        Column::ExpiresAt,
                        Column::ExpiresAt.gt(at.millis()),
                    ))
                    .exec(txn)
                    .await?;
            }
            insert_secret(txn, client_id, secret).await?;
            audit_tx(txn, audit).await?;
            bump_generation(txn).await?;
            Ok(AddSecret::Done)
        })
        .await
    }

    /// Takes a secret back at once.
    ///
    /// # Errors
    /// [`StoreError::Db`].
    pub async fn retire_secret(
        &self,
        client_id: &str,
        id: Uuid,
        now: Timestamp,
        audit: AuditEntry,
    ) -> Result<RetireSecret, StoreError> {
        if !storable(client_id) {
            return Ok(RetireSecret::NotFound);
        }
        let client_id = client_id.to_owned();
        transaction!(self, |txn| {
            if !lock_application(txn, &client_id).await? {
                return Ok(RetireSecret::NotFound);
            }
            let secrets = secrets_of(txn, &client_id).await?;
            let Some(secret) = secrets.iter().find(|secret| secret.id == id) else {
                return Ok(RetireSecret::NotFound);
            };
            let live = secrets.iter().filter(|secret| secret.is_live(now)).count();
            if secret.is_live(now) && live == 1 {
                return Ok(RetireSecret::Last);
            }
            application_secrets::Entity::delete_by_id(id)
                .exec(txn)
                .await?;
            audit_tx(txn, audit).await?;
            bump_generation(txn).await?;
            Ok(RetireSecret::Done)
        })
        .await
    }

    /// Remembers that a secret was used; no request waits for it.
    pub fn touch_secret(&self, id: Uuid, now: Timestamp) {
        use application_secrets::Column;

        self.hint_touch(move |txn| {
            Box::pin(async move {
                application_secrets::Entity::update_many()
                    .col_expr(Column::LastUsedAt, Expr::value(now.millis()))
                    .filter(Column::Id.eq(id))
                    .filter(none_or(
                        Column::LastUsedAt,
                        Column::LastUsedAt.lt(now.millis()),
                    ))
                    .exec(txn)
                    .await?;
                Ok(())
            })
        });
    }
}

/// Keeps a secret of an application that exists.
pub(super) async fn insert_secret(
    txn: &DatabaseTransaction,
    client_id: String,
    secret: Secret,
) -> Result<(), StoreError> {
    let row = application_secrets::Model::new(client_id, secret);
    application_secrets::Entity::insert(row.into_active_model())
        .exec_without_returning(txn)
        .await?;
    Ok(())
}

async fn secrets_of(txn: &DatabaseTransaction, client_id: &str) -> Result<Vec<Secret>, StoreError> {
    let rows = application_secrets::Entity::find()
        .filter(application_secrets::Column::ClientId.eq(client_id))
        .all(txn)
        .await?;
    Ok(rows.into_iter().map(Secret::from).collect())
}

/// Whether the application exists. If it does, no other transaction changes its secrets until this
/// one ends. SQLite runs one writing transaction at a time, so it needs no lock and takes none.
async fn lock_application(txn: &DatabaseTransaction, client_id: &str) -> Result<bool, StoreError> {
    let found = applications::Entity::find_by_id(client_id)
        .lock_exclusive()
        .one(txn)
        .await?;
    Ok(found.is_some())
}

fn none_or(column: application_secrets::Column, other: Expr) -> Condition {
    Condition::any().add(column.is_null()).add(other)
}
