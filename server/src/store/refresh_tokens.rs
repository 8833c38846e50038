//! Refresh tokens: rotation, replay within the window, replacement of a lost pair.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::access_tokens::revoke_tx;
use super::entities::access_tokens::access_row;
use super::entities::grants::grant_of;
use super::entities::refresh_tokens::{refresh_row, token_of};
use super::entities::{access_tokens, grants, refresh_tokens};
use super::{Store, StoreError, fetch_optional, transaction};
use crate::domain::grant::{AccessToken, Grant, RefreshToken, Replay};
use crate::domain::time::Timestamp;

/// What takes the place of a presented refresh token.
#[derive(Clone, Debug)]
pub struct Successor {
    pub access: AccessToken,
    pub refresh: RefreshToken,
    /// The answer, kept under the presented token.
    pub replay: Replay,
}

/// Undoes the write that returns it: another request was first.
#[derive(Debug)]
struct Lost;

/// Extends the grant to the new tokens' end; a grant that has been revoked meanwhile gets none.
async fn write_successor(
    txn: &DatabaseTransaction,
    successor: &Successor,
) -> Result<Result<(), Lost>, StoreError> {
    let until = successor
        .refresh
        .expires_at
        .max(successor.access.expires_at);
    let extended = grants::Entity::update_many()
        .col_expr(grants::Column::ExpiresAt, Expr::value(until.millis()))
        .filter(grants::Column::Id.eq(successor.refresh.grant_id))
        .filter(grants::Column::RevokedAt.is_null())
        .exec(txn)
        .await?;
    if extended.rows_affected != 1 {
        return Ok(Err(Lost));
    }
    access_tokens::Entity::insert(access_row(&successor.access))
        .exec_without_returning(txn)
        .await?;
    refresh_tokens::Entity::insert(refresh_row(&successor.refresh))
        .exec_without_returning(txn)
        .await?;
    Ok(Ok(()))
}

/// Turns "another request was first" into `false`; the write has been undone by then.
fn unless_lost(result: Result<(), StoreError>) -> Result<bool, StoreError> {
    match result {
        Ok(()) => Ok(true),
        Err(StoreError::Conflict(LOST)) => Ok(false),
        Err(error) => Err(error),
    }
}

const LOST: &str = "refresh token";

impl Store {
    /// # Errors
    /// The database fails.
    pub async fn find_refresh_token(
        &self,
        id: Uuid,
    ) -> Result<Option<(RefreshToken, Grant)>, StoreError> {
        let found = fetch_optional(
            refresh_tokens::Entity::find_by_id(id)
                .find_also_related(grants::Entity)
                .all(self.read()),
        )
        .await?;
        let Some((token, Some(grant))) = found else {
            return Ok(None);
        };
        Ok(Some((token_of(token)?, grant_of(grant))))
    }

    /// # Errors
    /// The database fails.
    pub async fn refresh_token(&self, id: Uuid) -> Result<Option<RefreshToken>, StoreError> {
        fetch_optional(refresh_tokens::Entity::find_by_id(id).all(self.read()))
            .await?
            .map(token_of)
            .transpose()
    }

    /// Consumes `old` and writes its successor, in one transaction; the access token that came with
    /// `old` ends. `false`, and nothing written, when another request was first or the grant has
    /// ended.
    ///
    /// # Errors
    /// The database fails.
    pub async fn rotate_refresh_token(
        &self,
        old: &RefreshToken,
        successor: Successor,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let (id, old_access) = (old.id, old.access_token_id);
        let written = transaction!(self, |txn| {
            let consumed = keep_answer(&successor)
                .col_expr(
                    refresh_tokens::Column::ConsumedAt,
                    Expr::value(now.millis()),
                )
                .filter(refresh_tokens::Column::Id.eq(id))
                .filter(refresh_tokens::Column::ConsumedAt.is_null())
                .exec(txn)
                .await?;
            if consumed.rows_affected != 1 {
                return Err(StoreError::Conflict(LOST));
            }
            write_successor(txn, &successor)
                .await?
                .map_err(|Lost| StoreError::Conflict(LOST))?;
            revoke_tx(txn, old_access, now).await
        })
        .await;
        unless_lost(written)
    }

    /// Replaces the unused pair `lost` (the successor of `old`) by a fresh one: its answer never
    /// arrived. `false`, and nothing written, when either of its tokens was used meanwhile.
    ///
    /// # Errors
    /// The database fails.
    pub async fn replace_lost_pair(
        &self,
        old: &RefreshToken,
        lost: &RefreshToken,
        successor: Successor,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let (id, lost_id, lost_access) = (old.id, lost.id, lost.access_token_id);
        let written = transaction!(self, |txn| {
            let spent = refresh_tokens::Entity::update_many()
                .col_expr(
                    refresh_tokens::Column::ConsumedAt,
                    Expr::value(now.millis()),
                )
                .filter(refresh_tokens::Column::Id.eq(lost_id))
                .filter(refresh_tokens::Column::ConsumedAt.is_null())
                .exec(txn)
                .await?;
            let ended = access_tokens::Entity::update_many()
                .col_expr(access_tokens::Column::RevokedAt, Expr::value(now.millis()))
                .filter(access_tokens::Column::Id.eq(lost_access))
                .filter(access_tokens::Column::FirstUsedAt.is_null())
                .filter(access_tokens::Column::RevokedAt.is_null())
                .exec(txn)
                .await?;
            let kept = keep_answer(&successor)
                .filter(refresh_tokens::Column::Id.eq(id))
                .filter(refresh_tokens::Column::SuccessorId.eq(lost_id))
                .exec(txn)
                .await?;
            if (spent.rows_affected, ended.rows_affected, kept.rows_affected) != (1, 1, 1) {
                return Err(StoreError::Conflict(LOST));
            }
            write_successor(txn, &successor)
                .await?
                .map_err(|Lost| StoreError::Conflict(LOST))
        })
        .await;
        unless_lost(written)
    }
}

fn keep_answer(successor: &Successor) -> sea_orm::UpdateMany<refresh_tokens::Entity> {
    let replay = &successor.replay;
    refresh_tokens::Entity::update_many()
        .col_expr(
            refresh_tokens::Column::SuccessorId,
            Expr::value(replay.successor_id),
        )
        .col_expr(
            refresh_tokens::Column::ReplayUntil,
            Expr::value(replay.until.millis()),
        )
        .col_expr(
            refresh_tokens::Column::ReplayRequestHash,
            Expr::value(replay.request_hash.to_vec()),
        )
        .col_expr(
            refresh_tokens::Column::ReplaySealed,
            Expr::value(replay.sealed.clone()),
        )
}
