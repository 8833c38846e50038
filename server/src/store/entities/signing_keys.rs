//! Signing keys; the private part is sealed.

use sea_orm::entity::prelude::*;

use super::named;
use crate::domain::key::KeyRecord;
use crate::domain::time::Timestamp;
use crate::store::StoreError;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "signing_keys")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub kid: String,
    pub alg: String,
    pub public_jwk: String,
    pub private_sealed: Vec<u8>,
    pub created_at: i64,
    pub activates_at: i64,
    pub retires_at: Option<i64>,
    pub revoked_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<KeyRecord> for Model {
    fn from(key: KeyRecord) -> Self {
        Self {
            kid: key.kid,
            alg: key.alg.name().to_owned(),
            public_jwk: key.public_jwk,
            private_sealed: key.private_sealed,
            created_at: key.created_at.millis(),
            activates_at: key.activates_at.millis(),
            retires_at: key.retires_at.map(Timestamp::millis),
            revoked_at: key.revoked_at.map(Timestamp::millis),
        }
    }
}

impl TryFrom<Model> for KeyRecord {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        Ok(Self {
            kid: row.kid,
            alg: named("signing_keys.alg", &row.alg)?,
            public_jwk: row.public_jwk,
            private_sealed: row.private_sealed,
            created_at: Timestamp(row.created_at),
            activates_at: Timestamp(row.activates_at),
            retires_at: row.retires_at.map(Timestamp),
            revoked_at: row.revoked_at.map(Timestamp),
        })
    }
}
