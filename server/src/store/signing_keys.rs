//! Signing keys; the private part comes and goes sealed.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{DatabaseTransaction, IntoActiveModel, PaginatorTrait, QueryOrder};

use super::audit_events::{AuditEntry, audit_tx};
use super::entities::signing_keys;
use super::instance::{FIRST_KEYS, ROTATION, bump_generation, lock};
use super::{Store, StoreError, transaction};
use crate::domain::key::{KeyRecord, KeyState, PUBLISH_AFTER, state, wants_rotation};
use crate::domain::time::Timestamp;

/// What a revocation has led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Revoked {
    /// The key of this `kid` signs now.
    Replaced(String),
    /// The key that signs is another one.
    NotNeeded,
}

impl Store {
    /// Every key that there ever was, the oldest first; those that retired without their
    /// private parts.
    ///
    /// # Errors
    /// [`StoreError::Db`], [`StoreError::Corrupt`].
    pub async fn keys(&self) -> Result<Vec<KeyRecord>, StoreError> {
        let rows = signing_keys::Entity::find()
            .order_by_asc(signing_keys::Column::CreatedAt)
            .order_by_asc(signing_keys::Column::Kid)
            .all(self.read())
            .await?;
        rows.into_iter().map(KeyRecord::try_from).collect()
    }

    /// Adds keys that replace the others of their algorithms; those stay published for
    /// [`PUBLISH_AFTER`] from when the new ones sign.
    ///
    /// # Errors
    /// [`StoreError::Db`].
    pub async fn rotate_keys(
        &self,
        keys: Vec<KeyRecord>,
        audit: AuditEntry,
    ) -> Result<(), StoreError> {
        transaction!(self, |txn| {
            for key in keys {
                retire_others(txn, &key).await?;
                insert(txn, key).await?;
            }
            audit_tx(txn, audit).await?;
            bump_generation(txn).await
        })
        .await
    }

    /// Adds the next key of its algorithm, if it is still time for one: of several servers that
    /// made one, the first adds it. Whether this was it.
    ///
    /// # Errors
    /// [`StoreError::Db`], [`StoreError::Corrupt`].
    pub async fn insert_key_when_due(
        &self,
        key: KeyRecord,
        now: Timestamp,
        audit: AuditEntry,
    ) -> Result<bool, StoreError> {
        transaction!(self, |txn| {
            lock(txn, ROTATION).await?;
            let rows = signing_keys::Entity::find().all(txn).await?;
            let keys = rows
                .into_iter()
                .map(KeyRecord::try_from)
                .collect::<Result<Vec<_>, _>>()?;
            if !wants_rotation(&keys, key.alg, now) {
                return Ok(false);
            }
            retire_others(txn, &key).await?;
            insert(txn, key).await?;
            audit_tx(txn, audit).await?;
            bump_generation(txn).await?;
            Ok(true)
        })
        .await
    }

    /// Ends the trust in a key: it signs no more, and leaves the JWKS. Its private part is erased.
    /// `successor` signs from now on, unless another key of the algorithm does already. Whether
    /// there was such a key that was not revoked yet.
    ///
    /// # Errors
    /// [`StoreError::Db`], [`StoreError::Corrupt`].
    pub async fn revoke_key(
        &self,
        kid: String,
        successor: KeyRecord,
        now: Timestamp,
        audit: AuditEntry,
    ) -> Result<Option<Revoked>, StoreError> {
        use signing_keys::Column;

        transaction!(self, |txn| {
            lock(txn, ROTATION).await?;
            let done = signing_keys::Entity::update_many()
                .col_expr(Column::RevokedAt, Expr::value(now.millis()))
                .col_expr(Column::PrivateSealed, Expr::value(Vec::<u8>::new()))
                .filter(Column::Kid.eq(kid))
                .filter(Column::RevokedAt.is_null())
                .exec(txn)
                .await?;
            if done.rows_affected == 0 {
                return Ok(None);
            }
            audit_tx(txn, audit).await?;
            // A key that is retiring or waits to sign would do, but clients may have let go of
            // the one and not seen the other yet: only the active one is good enough.
            let active = signing_keys::Entity::find()
                .filter(Column::Alg.eq(successor.alg.name()))
                .filter(Column::RevokedAt.is_null())
                .filter(Column::RetiresAt.is_null())
                .filter(Column::ActivatesAt.lte(now.millis()))
                .count(txn)
                .await?;
            let revoked = if active == 0 {
                let kid = successor.kid.clone();
                insert(txn, successor).await?;
                Revoked::Replaced(kid)
            } else {
                Revoked::NotNeeded
            };
            bump_generation(txn).await?;
            Ok(Some(revoked))
        })
        .await
    }

    /// Erases the private part of every key that has retired. How many those were. A key that
    /// signs has not, whatever stands in its row: without it nothing could be signed any more.
    ///
    /// # Errors
    /// [`StoreError::Db`], [`StoreError::Corrupt`].
    pub async fn erase_retired_keys(&self, now: Timestamp) -> Result<u64, StoreError> {
        use signing_keys::Column;

        let keys = self.keys().await?;
        let retired = |key: &&KeyRecord| {
            !key.private_sealed.is_empty() && state(key, &keys, now) == KeyState::Retired
        };
        let kids: Vec<String> = keys.iter().filter(retired).map(|k| k.kid.clone()).collect();
        if kids.is_empty() {
            return Ok(0);
        }
        transaction!(self, |txn| {
            let erased = signing_keys::Entity::update_many()
                .col_expr(Column::PrivateSealed, Expr::value(Vec::<u8>::new()))
                .filter(Column::Kid.is_in(kids))
                .filter(Column::PrivateSealed.ne(Vec::<u8>::new()))
                .exec(txn)
                .await?;
            if erased.rows_affected > 0 {
                bump_generation(txn).await?;
            }
            Ok(erased.rows_affected)
        })
        .await
    }

    /// Adds each of these keys whose algorithm has none yet, and returns how many those were.
    /// Of two servers that start at once, one inserts and the other finds.
    ///
    /// # Errors
    /// [`StoreError::Db`].
    pub async fn insert_first_keys(&self, keys: Vec<KeyRecord>) -> Result<usize, StoreError> {
        transaction!(self, |txn| {
            lock(txn, FIRST_KEYS).await?;
            let mut inserted = 0;
            for key in keys {
                let there = signing_keys::Entity::find()
                    .filter(signing_keys::Column::Alg.eq(key.alg.name()))
                    .one(txn)
                    .await?;
                if there.is_none() {
                    insert(txn, key).await?;
                    inserted += 1;
                }
            }
            if inserted > 0 {
                bump_generation(txn).await?;
            }
            Ok(inserted)
        })
        .await
    }
}

/// The keys that `key` replaces stay published until nothing that they signed counts.
async fn retire_others(txn: &DatabaseTransaction, key: &KeyRecord) -> Result<(), StoreError> {
    use signing_keys::Column;

    let retires_at = key.activates_at + PUBLISH_AFTER;
    signing_keys::Entity::update_many()
        .col_expr(Column::RetiresAt, Expr::value(retires_at.millis()))
        .filter(Column::Alg.eq(key.alg.name()))
        .filter(Column::RetiresAt.is_null())
        .exec(txn)
        .await?;
    Ok(())
}

async fn insert(txn: &DatabaseTransaction, key: KeyRecord) -> Result<(), StoreError> {
    signing_keys::Entity::insert(signing_keys::Model::from(key).into_active_model())
        .exec_without_returning(txn)
        .await?;
    Ok(())
}
