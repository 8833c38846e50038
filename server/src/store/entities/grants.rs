//! Grants: the families of tokens.

use sea_orm::entity::prelude::*;

use crate::domain::grant::Grant;
use crate::domain::time::Timestamp;
use crate::store::columns::{scopes_of, split_words};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "grants")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub client_id: String,
    pub user_id: Uuid,
    pub session_id: Uuid,
    pub scopes: String,
    pub nonce: Option<String>,
    pub auth_time: i64,
    pub created_at: i64,
    pub expires_at: i64,
    pub revoked_at: Option<i64>,
    pub revoked_for: Option<String>,
    pub resources: String,
    pub amr: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "super::applications::Entity",
        from = "Column::ClientId",
        to = "super::applications::Column::ClientId"
    )]
    Client,
}

impl ActiveModelBehavior for ActiveModel {}

pub(in crate::store) fn grant_of(row: Model) -> Grant {
    Grant {
        id: row.id,
        client_id: row.client_id,
        user_id: row.user_id,
        session_id: row.session_id,
        scopes: scopes_of(&row.scopes),
        nonce: row.nonce,
        auth_time: Timestamp(row.auth_time),
        created_at: Timestamp(row.created_at),
        expires_at: Timestamp(row.expires_at),
        revoked_at: row.revoked_at.map(Timestamp),
        resources: split_words(&row.resources),
        amr: row.amr,
    }
}
