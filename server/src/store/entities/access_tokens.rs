//! Access tokens, opaque or JWT.

use sea_orm::entity::prelude::*;

use crate::domain::grant::AccessToken;
use crate::domain::time::Timestamp;
use crate::store::StoreError;
use crate::store::columns::{hash_of, scopes_of, split_words};
use sea_orm::ActiveValue::Set;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "access_tokens")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub secret_hash: Vec<u8>,
    pub client_id: String,
    pub user_id: Option<Uuid>,
    pub grant_id: Option<Uuid>,
    pub scopes: String,
    pub created_at: i64,
    pub expires_at: i64,
    pub first_used_at: Option<i64>,
    pub revoked_at: Option<i64>,
    pub audience: String,
    pub is_jwt: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

pub(in crate::store) fn access_row(token: &AccessToken) -> ActiveModel {
    ActiveModel {
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

pub(in crate::store) fn token_of(row: Model) -> Result<AccessToken, StoreError> {
    Ok(AccessToken {
        id: row.id,
        secret_hash: hash_of(row.secret_hash)?,
        client_id: row.client_id,
        user_id: row.user_id,
        grant_id: row.grant_id,
        scopes: scopes_of(&row.scopes),
        created_at: Timestamp(row.created_at),
        expires_at: Timestamp(row.expires_at),
        first_used_at: row.first_used_at.map(Timestamp),
        revoked_at: row.revoked_at.map(Timestamp),
        audience: split_words(&row.audience),
        is_jwt: row.is_jwt,
    })
}
