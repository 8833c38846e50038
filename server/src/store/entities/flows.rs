//! Traces of authorizations; `steps` holds one JSON object a line.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "flows")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub client_id: Option<String>,
    pub user_id: Option<Uuid>,
    pub created_at: i64,
    pub updated_at: i64,
    pub outcome: String,
    pub rule: Option<String>,
    pub steps: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
