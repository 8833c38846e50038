//! Signing keys; the private part comes and goes sealed.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{DatabaseTransaction, IntoActiveModel, QueryOrder};

use super::entities::signing_keys;
use super::instance::{FIRST_KEYS, bump_generation, lock};
use super::{Store, StoreError};
use crate::domain::key::{KeyRecord, PUBLISH_AFTER};

impl Store {
    /// Every key that is still kept, the oldest first.
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

    /// Adds a key. If it replaces the others of its algorithm, those stay published for
    /// [`PUBLISH_AFTER`] seconds after it signs.
    ///
    /// # Errors
    /// [`StoreError::Db`].
    pub async fn insert_key(&self, key: KeyRecord, replaces: bool) -> Result<(), StoreError> {
        use signing_keys::Column;

        self.write(move |txn| {
            Box::pin(async move {
                if replaces {
                    let retires_at = key.activates_at.plus_seconds(PUBLISH_AFTER);
                    signing_keys::Entity::update_many()
                        .col_expr(Column::RetiresAt, Expr::value(retires_at.millis()))
                        .filter(Column::Alg.eq(key.alg.name()))
                        .filter(Column::RetiresAt.is_null())
                        .exec(txn)
                        .await?;
                }
                insert(txn, key).await?;
                bump_generation(txn).await
            })
        })
        .await
    }

    /// Adds each of these keys whose algorithm has none yet, and returns how many those were.
    /// Of two servers that start at once, one inserts and the other finds.
    ///
    /// # Errors
    /// [`StoreError::Db`].
    pub async fn insert_first_keys(&self, keys: Vec<KeyRecord>) -> Result<usize, StoreError> {
        self.write(move |txn| {
            Box::pin(async move {
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
        })
        .await
    }
}

async fn insert(txn: &DatabaseTransaction, key: KeyRecord) -> Result<(), StoreError> {
    signing_keys::Entity::insert(signing_keys::Model::from(key).into_active_model())
        .exec_without_returning(txn)
        .await?;
    Ok(())
}
