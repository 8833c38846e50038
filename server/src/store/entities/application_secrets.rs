//! The secrets of confidential applications, as keyed hashes.

use sea_orm::entity::prelude::*;

use crate::domain::client::Secret;
use crate::domain::time::Timestamp;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "application_secrets")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub client_id: String,
    pub secret_hash: Vec<u8>,
    pub hint: String,
    pub created_at: i64,
    pub last_used_at: Option<i64>,
    pub expires_at: Option<i64>,
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

impl Related<super::applications::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Client.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// The row of one of an application's secrets.
    pub fn new(client_id: String, secret: Secret) -> Self {
        Self {
            id: secret.id,
            client_id,
            secret_hash: secret.hash,
            hint: secret.hint,
            created_at: secret.created_at.millis(),
            last_used_at: secret.last_used_at.map(Timestamp::millis),
            expires_at: secret.expires_at.map(Timestamp::millis),
        }
    }
}

impl From<Model> for Secret {
    fn from(row: Model) -> Self {
        Self {
            id: row.id,
            hash: row.secret_hash,
            hint: row.hint,
            created_at: Timestamp(row.created_at),
            last_used_at: row.last_used_at.map(Timestamp),
            expires_at: row.expires_at.map(Timestamp),
        }
    }
}
