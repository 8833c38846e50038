//! Pushed authorization requests: written once, read until their flow has a code.

use sea_orm::{ActiveValue::Set, EntityTrait};
use uuid::Uuid;

use super::columns::hash_of;
use super::entities::pushed_requests;
use super::{Store, StoreError, fetch_optional, transaction};
use crate::domain::authorization::PushedRequest;
use crate::domain::time::Timestamp;

impl Store {
    /// # Errors
    /// The database fails.
    pub async fn insert_pushed_request(&self, request: PushedRequest) -> Result<(), StoreError> {
        transaction!(self, |txn| {
            pushed_requests::Entity::insert(pushed_requests::ActiveModel {
                id: Set(request.id),
                secret_hash: Set(request.secret_hash.to_vec()),
                client_id: Set(request.client_id),
                parameters: Set(request.parameters),
                created_at: Set(request.created_at.millis()),
                expires_at: Set(request.expires_at.millis()),
                consumed_at: Set(None),
            })
            .exec_without_returning(txn)
            .await?;
            Ok(())
        })
        .await
    }

    /// # Errors
    /// The database fails.
    pub async fn find_pushed_request(&self, id: Uuid) -> Result<Option<PushedRequest>, StoreError> {
        let found =
            fetch_optional(pushed_requests::Entity::find_by_id(id).all(self.read())).await?;
        found
            .map(|row| {
                Ok(PushedRequest {
                    id: row.id,
                    secret_hash: hash_of(row.secret_hash)?,
                    client_id: row.client_id,
                    parameters: row.parameters,
                    created_at: Timestamp(row.created_at),
                    expires_at: Timestamp(row.expires_at),
                })
            })
            .transpose()
    }
}
