//! Access tokens: written in groups, ended one by one or through their grant.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::entities::access_tokens;
use super::entities::access_tokens::access_row;
use super::{Store, StoreError};
use crate::domain::grant::AccessToken;
use crate::domain::time::Timestamp;

pub(super) async fn revoke_in(
    txn: &DatabaseTransaction,
    id: Uuid,
    now: Timestamp,
) -> Result<(), StoreError> {
    access_tokens::Entity::update_many()
        .col_expr(access_tokens::Column::RevokedAt, Expr::value(now.millis()))
        .filter(access_tokens::Column::Id.eq(id))
        .filter(access_tokens::Column::RevokedAt.is_null())
        .exec(txn)
        .await?;
    Ok(())
}

impl Store {
    /// # Errors
    /// The database fails.
    pub async fn insert_access_token(&self, token: &AccessToken) -> Result<(), StoreError> {
        self.insert_grouped(access_row(token)).await
    }

    /// Ends a token that belongs to no grant.
    ///
    /// # Errors
    /// The database fails.
    pub async fn revoke_access_token(&self, id: Uuid, now: Timestamp) -> Result<(), StoreError> {
        self.write_statement(move |txn| Box::pin(revoke_in(txn, id, now)))
            .await
    }

    /// Notes that an access token was used: its refresh token can't be replaced any more.
    ///
    /// # Errors
    /// The database fails.
    pub async fn mark_used(&self, id: Uuid, now: Timestamp) -> Result<(), StoreError> {
        self.write_statement(move |txn| {
            Box::pin(async move {
                access_tokens::Entity::update_many()
                    .col_expr(
                        access_tokens::Column::FirstUsedAt,
                        Expr::value(now.millis()),
                    )
                    .filter(access_tokens::Column::Id.eq(id))
                    .filter(access_tokens::Column::FirstUsedAt.is_null())
                    .exec(txn)
                    .await?;
                Ok(())
            })
        })
        .await
    }
}
