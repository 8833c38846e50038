//! Client assertions that were used: each counts once (RFC 7523 §3 item 7).

use sea_orm::entity::prelude::*;
use sea_orm::{Set, sea_query::OnConflict};

use super::entities::used_assertions;
use super::{Store, StoreError, transaction};
use crate::domain::time::Timestamp;

impl Store {
    /// Notes that an assertion was used. `false` when it was before: one statement decides, so
    /// that of two uses at once, on any server, one comes first.
    ///
    /// # Errors
    /// [`StoreError::Db`], [`StoreError::Busy`].
    pub async fn use_assertion(
        &self,
        hash: [u8; 32],
        expires_at: Timestamp,
    ) -> Result<bool, StoreError> {
        let row = used_assertions::ActiveModel {
            hash: Set(hash.to_vec()),
            expires_at: Set(expires_at.millis()),
        };
        transaction!(self, |txn| {
            let inserted = used_assertions::Entity::insert(row)
                .on_conflict(
                    OnConflict::column(used_assertions::Column::Hash)
                        .do_nothing()
                        .to_owned(),
                )
                .exec_without_returning(txn)
                .await?;
            Ok(inserted > 0)
        })
        .await
    }
}
