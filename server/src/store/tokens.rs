//! Access tokens: written in groups, ended one by one or through their grant.

use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::entities::{access_tokens, grants};
use super::{Store, StoreError};
use crate::domain::grant::AccessToken;
use crate::domain::time::Timestamp;

/// Why a family of tokens ended; stands in its row and in the audit log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndedFor {
    CodeReplayed,
    RefreshTokenReplayed,
    Revoked,
}

impl EndedFor {
    pub const fn name(self) -> &'static str {
        match self {
            Self::CodeReplayed => "code replayed",
            Self::RefreshTokenReplayed => "refresh token replayed",
            Self::Revoked => "revoked",
        }
    }
}

pub(super) fn row(token: &AccessToken) -> access_tokens::ActiveModel {
    access_tokens::ActiveModel {
        id: Set(token.id),
        secret_hash: Set(token.secret_hash.to_vec()),
        client_id: Set(token.client_id.clone()),
        user_id: Set(token.user_id),
        grant_id: Set(token.grant_id),
        scopes: Set(token.scopes.to_string()),
        created_at: Set(token.created_at.millis()),
        expires_at: Set(token.expires_at.millis()),
        first_used_at: Set(None),
        revoked_at: Set(None),
        audience: Set(token.audience.join(" ")),
        is_jwt: Set(token.is_jwt),
    }
}

pub(super) async fn revoke_in(
    transaction: &DatabaseTransaction,
    id: Uuid,
    now: Timestamp,
) -> Result<(), StoreError> {
    access_tokens::Entity::update_many()
        .col_expr(access_tokens::Column::RevokedAt, Expr::value(now.millis()))
        .filter(access_tokens::Column::Id.eq(id))
        .filter(access_tokens::Column::RevokedAt.is_null())
        .exec(transaction)
        .await?;
    Ok(())
}

impl Store {
    /// # Errors
    /// The database fails.
    pub async fn insert_access_token(&self, token: &AccessToken) -> Result<(), StoreError> {
        self.insert_grouped(row(token)).await
    }

    /// Ends a token that belongs to no grant.
    ///
    /// # Errors
    /// The database fails.
    pub async fn revoke_access_token(&self, id: Uuid, now: Timestamp) -> Result<(), StoreError> {
        self.write_statement(move |transaction| Box::pin(revoke_in(transaction, id, now)))
            .await
    }

    /// Notes that an access token was used: its refresh token can't be replaced any more.
    ///
    /// # Errors
    /// The database fails.
    pub async fn mark_used(&self, id: Uuid, now: Timestamp) -> Result<(), StoreError> {
        self.write_statement(move |transaction| {
            Box::pin(async move {
                access_tokens::Entity::update_many()
                    .col_expr(
                        access_tokens::Column::FirstUsedAt,
                        Expr::value(now.millis()),
                    )
                    .filter(access_tokens::Column::Id.eq(id))
                    .filter(access_tokens::Column::FirstUsedAt.is_null())
                    .exec(transaction)
                    .await?;
                Ok(())
            })
        })
        .await
    }

    /// Ends a grant and with it every token of the family. `false` when it had ended before.
    ///
    /// # Errors
    /// The database fails.
    pub async fn revoke_grant(
        &self,
        id: Uuid,
        why: EndedFor,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.write_statement(move |transaction| {
            Box::pin(async move {
                let done = grants::Entity::update_many()
                    .col_expr(grants::Column::RevokedAt, Expr::value(now.millis()))
                    .col_expr(grants::Column::RevokedFor, Expr::value(why.name()))
                    .filter(grants::Column::Id.eq(id))
                    .filter(grants::Column::RevokedAt.is_null())
                    .exec(transaction)
                    .await?;
                Ok(done.rows_affected == 1)
            })
        })
        .await
    }
}
