//! Access tokens, opaque or JWT.

use sea_orm::entity::prelude::*;

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
