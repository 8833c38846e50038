//! Refresh tokens, with the sealed answer of the first refresh.

use sea_orm::entity::prelude::*;

use crate::domain::grant::{RefreshToken, Replay};
use crate::domain::time::Timestamp;
use crate::store::StoreError;
use crate::store::columns::hash_of;
use sea_orm::ActiveValue::Set;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "refresh_tokens")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub secret_hash: Vec<u8>,
    pub client_id: String,
    pub grant_id: Uuid,
    pub access_token_id: Uuid,
    pub created_at: i64,
    pub expires_at: i64,
    pub consumed_at: Option<i64>,
    pub successor_id: Option<Uuid>,
    pub replay_until: Option<i64>,
    pub replay_request_hash: Option<Vec<u8>>,
    pub replay_sealed: Option<Vec<u8>>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "super::grants::Entity",
        from = "Column::GrantId",
        to = "super::grants::Column::Id"
    )]
    Grant,
}

impl Related<super::grants::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Grant.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}

pub(in crate::store) fn refresh_row(token: &RefreshToken) -> ActiveModel {
    ActiveModel {
        id: Set(token.id),
        secret_hash: Set(token.secret_hash.to_vec()),
        client_id: Set(token.client_id.clone()),
        grant_id: Set(token.grant_id),
        access_token_id: Set(token.access_token_id),
        created_at: Set(token.created_at.millis()),
        expires_at: Set(token.expires_at.millis()),
        consumed_at: Set(None),
        successor_id: Set(None),
        replay_until: Set(None),
        replay_request_hash: Set(None),
        replay_sealed: Set(None),
    }
}

pub(in crate::store) fn token_of(row: Model) -> Result<RefreshToken, StoreError> {
    let replay = match (
        row.successor_id,
        row.replay_until,
        row.replay_request_hash,
        row.replay_sealed,
    ) {
        (Some(successor_id), Some(until), Some(request_hash), Some(sealed)) => Some(Replay {
            successor_id,
            until: Timestamp(until),
            request_hash: hash_of(request_hash)?,
            sealed,
        }),
        _ => None,
    };
    Ok(RefreshToken {
        id: row.id,
        secret_hash: hash_of(row.secret_hash)?,
        client_id: row.client_id,
        grant_id: row.grant_id,
        access_token_id: row.access_token_id,
        created_at: Timestamp(row.created_at),
        expires_at: Timestamp(row.expires_at),
        consumed_at: row.consumed_at.map(Timestamp),
        replay,
    })
}
