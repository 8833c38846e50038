//! The end of a client: its row, all that it holds, and its id for good.
//!
//! A client id is never given out again, so nothing that names one can come to mean another
//! client. The id of a client that came by its document is an address: it stays with its holder,
//! and a copy that was deleted may be read anew.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Condition, Expr, OnConflict};
use sea_orm::{DatabaseTransaction, QuerySelect, Set};

use super::entities::{
    access_tokens, applications, authorization_codes, device_codes, grants, logout_deliveries,
    pushed_requests, used_client_ids,
};
use super::grants::RevocationReason;
use super::instance::bump_generation;
use super::{StoreError, fetch_optional};
use crate::domain::client::Origin;
use crate::domain::time::Timestamp;

/// Deletes those of these clients that fulfil a condition, with their secrets, consents, codes
/// and requests, and ends their tokens. How many there were.
///
/// Every way to delete a client passes here.
pub(super) async fn end_clients(
    txn: &DatabaseTransaction,
    client_ids: Vec<String>,
    condition: Condition,
    now: Timestamp,
) -> Result<u64, StoreError> {
    use applications::Column;

    let mut ended = Vec::new();
    for (client_id, origin) in named(txn, client_ids, condition.clone()).await? {
        // One at a time, on the condition again: the row may have changed since it was read.
        let deleted = applications::Entity::delete_many()
            .filter(Column::ClientId.eq(client_id.as_str()))
            .filter(condition.clone())
            .exec(txn)
            .await?;
        if deleted.rows_affected == 0 {
            continue;
        }
        if origin != Origin::Document.name() {
            bury(txn, &client_id, now).await?;
        }
        ended.push(client_id);
    }
    if ended.is_empty() {
        return Ok(0);
    }
    let count = ended.len() as u64;
    end_what_they_hold(txn, &ended, now).await?;
    bump_generation(txn).await?;
    Ok(count)
}

async fn named(
    txn: &DatabaseTransaction,
    client_ids: Vec<String>,
    condition: Condition,
) -> Result<Vec<(String, String)>, StoreError> {
    Ok(applications::Entity::find()
        .select_only()
        .column(applications::Column::ClientId)
        .column(applications::Column::Origin)
        .filter(applications::Column::ClientId.is_in(client_ids))
        .filter(condition)
        .into_tuple()
        .all(txn)
        .await?)
}

async fn bury(
    txn: &DatabaseTransaction,
    client_id: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let row = used_client_ids::ActiveModel {
        client_id: Set(client_id.to_owned()),
        deleted_at: Set(now.millis()),
    };
    used_client_ids::Entity::insert(row)
        .on_conflict(
            OnConflict::column(used_client_ids::Column::ClientId)
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(txn)
        .await?;
    Ok(())
}

/// No index leads from a client to its codes and tokens: one would cost every sign-in, and a
/// deletion is rare. Codes go before grants: a redemption that has the row of its code is waited
/// for, and the grant that it makes is seen.
async fn end_what_they_hold(
    txn: &DatabaseTransaction,
    clients: &[String],
    now: Timestamp,
) -> Result<(), StoreError> {
    authorization_codes::Entity::delete_many()
        .filter(authorization_codes::Column::ClientId.is_in(clients))
        .exec(txn)
        .await?;
    device_codes::Entity::delete_many()
        .filter(device_codes::Column::ClientId.is_in(clients))
        .exec(txn)
        .await?;
    pushed_requests::Entity::delete_many()
        .filter(pushed_requests::Column::ClientId.is_in(clients))
        .exec(txn)
        .await?;
    logout_deliveries::Entity::delete_many()
        .filter(logout_deliveries::Column::ClientId.is_in(clients))
        .exec(txn)
        .await?;
    grants::Entity::update_many()
        .col_expr(grants::Column::RevokedAt, Expr::value(now.millis()))
        .col_expr(
            grants::Column::RevokedFor,
            Expr::value(RevocationReason::ApplicationDeleted.name()),
        )
        .filter(grants::Column::ClientId.is_in(clients))
        .filter(grants::Column::RevokedAt.is_null())
        .exec(txn)
        .await?;
    // A token of a grant ends with it.
    access_tokens::Entity::update_many()
        .col_expr(access_tokens::Column::RevokedAt, Expr::value(now.millis()))
        .filter(access_tokens::Column::ClientId.is_in(clients))
        .filter(access_tokens::Column::GrantId.is_null())
        .filter(access_tokens::Column::RevokedAt.is_null())
        .exec(txn)
        .await?;
    Ok(())
}

/// Whether a client had this id that is gone. Asked after the new row was inserted: a deletion
/// that had the old row has ended by then.
pub(super) async fn was_used(
    txn: &DatabaseTransaction,
    client_id: &str,
) -> Result<bool, StoreError> {
    let found = fetch_optional(used_client_ids::Entity::find_by_id(client_id).all(txn)).await?;
    Ok(found.is_some())
}
