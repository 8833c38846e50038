//! Device codes: one row from the device's request to the grant that it becomes.
//!
//! Every step is one statement that asks for the status before it: of two people who decide, and
//! of two polls that redeem, one wins.

use std::time::Duration;

use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, DatabaseTransaction, EntityTrait, QueryFilter,
    UpdateMany,
};
use uuid::Uuid;

use super::audit_events::{AuditEntry, audit_tx};
use super::columns::first_id_at;
use super::columns::{hash_of, scopes_of, split_words};
use super::consent_rows::remember_tx;
use super::entities::corrupt;
use super::entities::device_codes::{self, Column, Entity};
use super::grants::insert_family;
use super::session_rows::is_signed_in;
use super::{Store, StoreError, fetch_optional, transaction};
use crate::domain::consent::ConsentAnswer;
use crate::domain::device::{
    Approval, DEVICE_CODE_LIFETIME, DeviceCode, SLOW_DOWN_SECONDS, Status,
};
use crate::domain::grant::{AccessToken, CODE_MEMORY, Grant, RefreshToken, SecretHash};
use crate::domain::scope::Scopes;
use crate::domain::time::Timestamp;

const PENDING: &str = "pending";
const APPROVED: &str = "approved";
const DENIED: &str = "denied";
const REDEEMED: &str = "redeemed";
/// Redeemed, and asked for again since.
const REPLAYED: &str = "replayed";

/// A device code that was never redeemed is kept this long after its end, so that a
/// device that still polls learns why it gets nothing.
const ENDED_KEPT: Duration = Duration::from_hours(1);

/// What a poll of a device that waits has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Polled {
    InTime,
    TooFast,
    /// The user has decided meanwhile.
    NoLongerPending,
}

/// The result of an approval. Only `Yes` wrote something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Approved {
    Yes,
    /// A user has decided before, or the code has expired.
    TooLate,
    /// The session of the approving user has ended.
    SignedOut,
}

fn device_of(row: device_codes::Model) -> Result<DeviceCode, StoreError> {
    let status = match row.status.as_str() {
        PENDING => Status::Pending,
        DENIED => Status::Denied,
        REDEEMED | REPLAYED => Status::Redeemed,
        APPROVED => match (row.user_id, row.session_id, row.auth_time, row.amr) {
            (Some(user_id), Some(session_id), Some(auth_time), Some(amr)) => {
                Status::Approved(Approval {
                    user_id,
                    session_id,
                    auth_time: Timestamp(auth_time),
                    amr,
                })
            }
            _ => return Err(corrupt("device_codes.user_id", &row.id.to_string())),
        },
        other => return Err(corrupt("device_codes.status", other)),
    };
    Ok(DeviceCode {
        id: row.id,
        secret_hash: hash_of(row.secret_hash)?,
        user_code_hash: hash_of(row.user_code_hash)?,
        client_id: row.client_id,
        scopes: scopes_of(&row.scopes),
        resources: split_words(&row.resources),
        status,
        poll_interval: row.poll_interval,
        polled_at: row.polled_at.map(Timestamp),
        user_id: row.user_id,
        created_at: Timestamp(row.created_at),
        expires_at: Timestamp(row.expires_at),
    })
}

/// A step of the row with this id from one status to another.
fn step(id: Uuid, from: &str, to: &str) -> UpdateMany<Entity> {
    Entity::update_many()
        .col_expr(Column::Status, Expr::value(to))
        .filter(Column::Id.eq(id))
        .filter(Column::Status.eq(from))
}

async fn done(update: UpdateMany<Entity>, txn: &DatabaseTransaction) -> Result<bool, StoreError> {
    Ok(update.exec(txn).await?.rows_affected == 1)
}

impl Store {
    /// Writes a device code that waits. `false`, and nothing written, when its user code belongs to
    /// another one that waits: then the caller makes another user code. A device code that no
    /// longer waits gives its user code up.
    ///
    /// # Errors
    /// The database fails.
    pub async fn insert_device_code(
        &self,
        device: DeviceCode,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        transaction!(self, |txn| {
            let hash = device.user_code_hash.to_vec();
            let waits_no_more = Condition::any()
                .add(Column::ExpiresAt.lte(now.millis()))
                .add(Column::Status.ne(PENDING));
            let freed = Entity::find()
                .filter(Column::UserCodeHash.eq(hash.clone()))
                .filter(waits_no_more.clone())
                .one(txn)
                .await?;
            if let Some(freed) = freed {
                // Its own secret's hash: 32 bytes that no user code has.
                Entity::update_many()
                    .col_expr(Column::UserCodeHash, Expr::value(freed.secret_hash))
                    .filter(Column::Id.eq(freed.id))
                    .filter(waits_no_more)
                    .exec(txn)
                    .await?;
            }
            let row = device_codes::ActiveModel {
                id: Set(device.id),
                secret_hash: Set(device.secret_hash.to_vec()),
                user_code_hash: Set(hash),
                client_id: Set(device.client_id),
                scopes: Set(device.scopes.to_string()),
                resources: Set(device.resources.join(" ")),
                status: Set(PENDING.to_owned()),
                poll_interval: Set(device.poll_interval),
                polled_at: Set(None),
                user_id: Set(None),
                session_id: Set(None),
                auth_time: Set(None),
                amr: Set(None),
                created_at: Set(device.created_at.millis()),
                expires_at: Set(device.expires_at.millis()),
            };
            let inserted = Entity::insert(row)
                .on_conflict(
                    OnConflict::column(Column::UserCodeHash)
                        .do_nothing()
                        .to_owned(),
                )
                .exec_without_returning(txn)
                .await?;
            Ok(inserted == 1)
        })
        .await
    }

    /// # Errors
    /// The database fails.
    pub async fn find_device_code(&self, id: Uuid) -> Result<Option<DeviceCode>, StoreError> {
        let row = fetch_optional(Entity::find_by_id(id).all(self.read())).await?;
        row.map(device_of).transpose()
    }

    /// The device whose user types this code, whether it still waits or not.
    ///
    /// # Errors
    /// The database fails.
    pub async fn find_user_code(
        &self,
        user_code_hash: &SecretHash,
    ) -> Result<Option<DeviceCode>, StoreError> {
        let row = fetch_optional(
            Entity::find()
                .filter(Column::UserCodeHash.eq(user_code_hash.to_vec()))
                .all(self.read()),
        )
        .await?;
        row.map(device_of).transpose()
    }

    /// Counts a poll of a device that waits: in time, or too fast, and then its interval grows.
    ///
    /// # Errors
    /// The database fails.
    pub async fn poll_device_code(&self, id: Uuid, now: Timestamp) -> Result<Polled, StoreError> {
        transaction!(self, |txn| {
            let next = Expr::col(Column::PolledAt).add(Expr::col(Column::PollInterval).mul(1000));
            let in_time = Condition::any()
                .add(Column::PolledAt.is_null())
                .add(next.lte(now.millis()));
            let polled =
                step(id, PENDING, PENDING).col_expr(Column::PolledAt, Expr::value(now.millis()));
            if done(polled.clone().filter(in_time), txn).await? {
                return Ok(Polled::InTime);
            }
            let longer = Expr::col(Column::PollInterval).add(SLOW_DOWN_SECONDS);
            let slower = polled.col_expr(Column::PollInterval, longer);
            if done(slower, txn).await? {
                return Ok(Polled::TooFast);
            }
            Ok(Polled::NoLongerPending)
        })
        .await
    }

    /// Approves a device, with the consent that comes of it.
    ///
    /// # Errors
    /// The database fails.
    pub async fn approve_device(
        &self,
        id: Uuid,
        approval: Approval,
        scopes: Scopes,
        answer: ConsentAnswer,
        now: Timestamp,
    ) -> Result<Approved, StoreError> {
        transaction!(self, |txn| {
            if !is_signed_in(txn, approval.session_id).await? {
                return Ok(Approved::SignedOut);
            }
            let approved = step(id, PENDING, APPROVED)
                .col_expr(Column::Scopes, Expr::value(scopes.to_string()))
                .col_expr(Column::UserId, Expr::value(approval.user_id))
                .col_expr(Column::SessionId, Expr::value(approval.session_id))
                .col_expr(Column::AuthTime, Expr::value(approval.auth_time.millis()))
                .col_expr(Column::Amr, Expr::value(approval.amr))
                .filter(Column::ExpiresAt.gt(now.millis()));
            if !done(approved, txn).await? {
                return Ok(Approved::TooLate);
            }
            remember_tx(txn, &answer).await?;
            Ok(Approved::Yes)
        })
        .await
    }

    /// Denies a device. `false` when a user has decided before or it is too late.
    ///
    /// # Errors
    /// The database fails.
    pub async fn deny_device(
        &self,
        id: Uuid,
        user_id: Uuid,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        transaction!(self, |txn| {
            let denied = step(id, PENDING, DENIED)
                .col_expr(Column::UserId, Expr::value(user_id))
                .filter(Column::ExpiresAt.gt(now.millis()));
            done(denied, txn).await
        })
        .await
    }

    /// Redeems an approved device code and writes what it becomes, in one transaction. `false`, and
    /// nothing written, when it is no longer approved or another request redeemed it first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn redeem_device_code(
        &self,
        now: Timestamp,
        grant: Grant,
        access: AccessToken,
        refresh: Option<RefreshToken>,
    ) -> Result<bool, StoreError> {
        transaction!(self, |txn| {
            let redeemed =
                step(grant.id, APPROVED, REDEEMED).filter(Column::ExpiresAt.gt(now.millis()));
            if !done(redeemed, txn).await? {
                return Ok(false);
            }
            insert_family(txn, grant, access, refresh).await?;
            Ok(true)
        })
        .await
    }
}

impl Store {
    /// Notes that a device asks again for what it has got. Whether this is the first time.
    ///
    /// # Errors
    /// The database fails.
    pub async fn note_device_replay(
        &self,
        id: Uuid,
        audit: AuditEntry,
    ) -> Result<bool, StoreError> {
        transaction!(self, |txn| {
            let first = done(step(id, REDEEMED, REPLAYED), txn).await?;
            if first {
                audit_tx(txn, audit).await?;
            }
            Ok(first)
        })
        .await
    }
}

/// Turns away what a person has approved for this application and no device has redeemed yet.
/// How many devices there were.
pub(super) async fn withdraw_from(
    txn: &DatabaseTransaction,
    user_id: Uuid,
    client_id: &str,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let theirs = Condition::all().add(Column::ClientId.eq(client_id));
    withdraw(txn, user_id, theirs, now).await
}

/// Turns away what a person has approved in `sessions` that end, as the grants end that have come
/// of others: whether the device has polled a moment before must make no difference.
pub(super) async fn withdraw_with(
    txn: &DatabaseTransaction,
    user_id: Uuid,
    sessions: Condition,
    now: Timestamp,
) -> Result<u64, StoreError> {
    withdraw(txn, user_id, sessions.add(Expr::cust(NOT_OFFLINE)), now).await
}

/// `offline_access` is none of the scopes: the names stand with spaces between. (`LIKE` knows no
/// case on SQLite.)
const NOT_OFFLINE: &str = "REPLACE(' ' || device_codes.scopes || ' ', ' offline_access ', '') \
     = ' ' || device_codes.scopes || ' '";

/// Only rows that may be live are looked at, so no index is needed.
async fn withdraw(
    txn: &DatabaseTransaction,
    user_id: Uuid,
    which: Condition,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let oldest = first_id_at(now - DEVICE_CODE_LIFETIME);
    let withdrawn = Entity::update_many()
        .col_expr(Column::Status, Expr::value(DENIED))
        .filter(Column::Id.gte(oldest))
        .filter(Column::UserId.eq(user_id))
        .filter(Column::Status.eq(APPROVED))
        .filter(which)
        .exec(txn)
        .await?;
    Ok(withdrawn.rows_affected)
}

/// The rows whose absence changes no answer, and the time since which there are none. A redeemed
/// code is kept as long as an authorization code, so that a replay is seen for what it is.
pub(super) fn forgotten(now: Timestamp) -> (Timestamp, Condition) {
    let redeemed = now - CODE_MEMORY;
    let others = now - ENDED_KEPT;
    let never_redeemed = Condition::all()
        .add(Column::ExpiresAt.lte(others.millis()))
        .add(Column::Status.is_not_in([REDEEMED, REPLAYED]));
    let expired = Condition::any()
        .add(Column::ExpiresAt.lte(redeemed.millis()))
        .add(never_redeemed);
    (others, expired)
}
