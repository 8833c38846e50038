//! Grants: the families of tokens (RFC 9700 §4.14.2). A family is written at once and ends at once.

use sea_orm::sea_query::{Expr, ExprTrait, Query, SimpleExpr};
use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::audit_events::{AuditEntry, audit_tx};
use super::entities::access_tokens::access_row;
use super::entities::refresh_tokens::refresh_row;
use super::entities::{access_tokens, applications, grants, refresh_tokens, sessions};
use super::{Store, StoreError, transaction};
use crate::domain::grant::{AccessToken, Grant, RefreshToken};
use crate::domain::time::Timestamp;

/// Why a family of tokens ended; stands in its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevocationReason {
    CodeReplayed,
    RefreshTokenReplayed,
    Revoked,
    /// The person took the application's access away.
    AccessRemoved,
    SessionEnded,
    ApplicationDeleted,
    /// The person set a new password by a link.
    PasswordReset,
}

impl RevocationReason {
    pub const fn name(self) -> &'static str {
        match self {
            Self::CodeReplayed => "code replayed",
            Self::RefreshTokenReplayed => "refresh token replayed",
            Self::Revoked => "revoked",
            Self::AccessRemoved => "access removed",
            Self::SessionEnded => "session ended",
            Self::ApplicationDeleted => "application deleted",
            Self::PasswordReset => "password reset",
        }
    }
}

/// Writes a grant and its first tokens.
pub(super) async fn insert_family(
    txn: &DatabaseTransaction,
    grant: Grant,
    access: AccessToken,
    refresh: Option<RefreshToken>,
) -> Result<(), StoreError> {
    grants::Entity::insert(grants::ActiveModel {
        id: Set(grant.id),
        client_id: Set(grant.client_id),
        user_id: Set(grant.user_id),
        session_id: Set(grant.session_id),
        scopes: Set(grant.scopes.to_string()),
        nonce: Set(grant.nonce),
        auth_time: Set(grant.auth_time.millis()),
        created_at: Set(grant.created_at.millis()),
        expires_at: Set(grant.expires_at.millis()),
        revoked_at: Set(None),
        revoked_for: Set(None),
        resources: Set(grant.resources.join(" ")),
        amr: Set(grant.amr),
    })
    .exec_without_returning(txn)
    .await?;
    access_tokens::Entity::insert(access_row(&access))
        .exec_without_returning(txn)
        .await?;
    if let Some(refresh) = refresh {
        refresh_tokens::Entity::insert(refresh_row(&refresh))
            .exec_without_returning(txn)
            .await?;
    }
    Ok(())
}

/// Ends every grant of a person, those for offline access too.
pub(super) async fn end_grants_of_tx(
    txn: &DatabaseTransaction,
    user_id: Uuid,
    why: RevocationReason,
    now: Timestamp,
) -> Result<(), StoreError> {
    grants::Entity::update_many()
        .col_expr(grants::Column::RevokedAt, Expr::value(now.millis()))
        .col_expr(grants::Column::RevokedFor, Expr::value(why.name()))
        .filter(grants::Column::UserId.eq(user_id))
        .filter(grants::Column::RevokedAt.is_null())
        .exec(txn)
        .await?;
    Ok(())
}

impl Store {
    /// Ends a grant and with it every token of the family. `false`, and no event is written, when
    /// it had ended before.
    ///
    /// # Errors
    /// The database fails.
    pub async fn revoke_grant(
        &self,
        id: Uuid,
        why: RevocationReason,
        now: Timestamp,
        audit: AuditEntry,
    ) -> Result<bool, StoreError> {
        transaction!(self, |txn| {
            let done = grants::Entity::update_many()
                .col_expr(grants::Column::RevokedAt, Expr::value(now.millis()))
                .col_expr(grants::Column::RevokedFor, Expr::value(why.name()))
                .filter(grants::Column::Id.eq(id))
                .filter(grants::Column::RevokedAt.is_null())
                .exec(txn)
                .await?;
            if done.rows_affected == 0 {
                return Ok(false);
            }
            audit_tx(txn, audit).await?;
            Ok(true)
        })
        .await
    }
}

/// Grants whose application is told when their session ends: only the row says that it has to be
/// told.
pub(super) fn told_of_logout() -> SimpleExpr {
    let session = Query::select()
        .expr(Expr::value(1))
        .from(sessions::Entity)
        .inner_join(
            applications::Entity,
            Expr::col((applications::Entity, applications::Column::ClientId))
                .equals((grants::Entity, grants::Column::ClientId)),
        )
        .and_where(
            Expr::col((sessions::Entity, sessions::Column::Sid))
                .equals((grants::Entity, grants::Column::SessionId)),
        )
        .and_where(applications::Column::BackchannelLogoutUri.is_not_null())
        .to_owned();
    Expr::exists(session)
}
