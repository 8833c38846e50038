//! Access tokens: written in groups, ended one by one or through their grant.

use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::entities::access_tokens::access_row;
use super::entities::{access_tokens, grants};
use super::{Store, StoreError};
use crate::domain::grant::AccessToken;
use crate::domain::time::Timestamp;

pub(super) async fn revoke_tx(
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
        self.write_statement(move |txn| Box::pin(revoke_tx(txn, id, now)))
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

/// Expired access tokens that may be deleted. A token that was never used stays while its refresh
/// token may still have to be replaced: only its row says that it was not used.
pub(super) fn no_longer_needed(now: Timestamp) -> Condition {
    let living_grant = Query::select()
        .expr(Expr::value(1))
        .from(grants::Entity)
        .and_where(
            Expr::col((grants::Entity, grants::Column::Id))
                .equals((access_tokens::Entity, access_tokens::Column::GrantId)),
        )
        .and_where(grants::Column::ExpiresAt.gt(now.millis()))
        .and_where(grants::Column::RevokedAt.is_null())
        .to_owned();
    Condition::any()
        .add(access_tokens::Column::FirstUsedAt.is_not_null())
        .add(access_tokens::Column::RevokedAt.is_not_null())
        .add(Expr::exists(living_grant).not())
}
