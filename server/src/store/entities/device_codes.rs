//! Device codes: what a device waits with while its user signs in elsewhere.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "device_codes")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub secret_hash: Vec<u8>,
    pub user_code_hash: Vec<u8>,
    pub client_id: String,
    pub scopes: String,
    pub resources: String,
    pub status: String,
    pub poll_interval: i64,
    pub polled_at: Option<i64>,
    pub user_id: Option<Uuid>,
    pub session_id: Option<Uuid>,
    pub auth_time: Option<i64>,
    pub amr: Option<String>,
    pub created_at: i64,
    pub expires_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
