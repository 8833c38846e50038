//! Which flows have had their answer: a yes is the flow's code, and a no stands in its place.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::entities::authorization_codes::{Column, Entity};
use super::{Store, StoreError, fetch_optional};

impl Store {
    /// Whether the person has answered this flow. Known for as long as codes are remembered,
    /// which is longer than any ticket is of use.
    ///
    /// # Errors
    /// The database fails.
    pub async fn is_flow_answered(&self, flow_id: Uuid) -> Result<bool, StoreError> {
        let found = Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::Id.eq(flow_id))
            .into_tuple::<Uuid>();
        Ok(fetch_optional(found.all(self.read())).await?.is_some())
    }
}
