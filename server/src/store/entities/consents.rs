//! What people have let applications do.

use sea_orm::entity::prelude::*;

use crate::domain::consent::Consent;
use crate::domain::time::Timestamp;
use crate::store::columns::scopes_of;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "consents")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub client_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub resource: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub shown: String,
    pub scopes: String,
    pub declined: String,
    pub created_at: i64,
    pub updated_at: i64,
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

impl From<Consent> for Model {
    fn from(consent: Consent) -> Self {
        Self {
            user_id: consent.user_id,
            client_id: consent.client_id,
            resource: consent.resource,
            shown: consent.shown,
            scopes: consent.scopes.to_string(),
            declined: consent.declined.to_string(),
            created_at: consent.created_at.millis(),
            updated_at: consent.updated_at.millis(),
        }
    }
}

impl From<Model> for Consent {
    fn from(row: Model) -> Self {
        Self {
            user_id: row.user_id,
            client_id: row.client_id,
            resource: row.resource,
            shown: row.shown,
            scopes: scopes_of(&row.scopes),
            declined: scopes_of(&row.declined),
            created_at: Timestamp(row.created_at),
            updated_at: Timestamp(row.updated_at),
        }
    }
}
