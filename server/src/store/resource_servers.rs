//! Resource servers. Few, and read by every request that names one: `App` keeps them in memory,
//! so every change bumps the generation.

use sea_orm::IntoActiveModel;
use sea_orm::QueryOrder;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;

use super::audit_events::{AuditEntry, audit_tx};
use super::entities::{list, named, resource_servers, to_json};
use super::instance::bump_generation;
use super::{Store, StoreError};
use crate::domain::resource::ResourceServer;
use crate::domain::time::Timestamp;

impl TryFrom<resource_servers::Model> for ResourceServer {
    type Error = StoreError;

    fn try_from(row: resource_servers::Model) -> Result<Self, StoreError> {
        let format = |name: &str| named("resource_servers.access_token_format", name);
        Ok(Self {
            scopes: list("resource_servers.scopes", &row.scopes)?
                .iter()
                .map(String::as_str)
                .collect(),
            access_token_format: row.access_token_format.as_deref().map(format).transpose()?,
            access_token_lifetime: row.access_token_lifetime,
            introspect_by: list("resource_servers.introspect_by", &row.introspect_by)?,
            created_at: Timestamp(row.created_at),
            uri: row.uri,
            name: row.name,
            open: row.open,
            built_in: false,
        })
    }
}

impl Store {
    /// Every resource server that was registered, by its URI.
    ///
    /// # Errors
    /// [`StoreError::Db`], [`StoreError::Corrupt`].
    pub async fn resource_servers(&self) -> Result<Vec<ResourceServer>, StoreError> {
        let rows = resource_servers::Entity::find()
            .order_by_asc(resource_servers::Column::Uri)
            .all(self.read())
            .await?;
        rows.into_iter().map(ResourceServer::try_from).collect()
    }

    /// Registers a resource server.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when its URI is taken.
    pub async fn insert_resource_server(
        &self,
        server: &ResourceServer,
        audit: AuditEntry,
    ) -> Result<(), StoreError> {
        let row = resource_servers::Model {
            uri: server.uri.clone(),
            name: server.name.clone(),
            scopes: to_json(server.scopes.to_vec()),
            access_token_format: server.access_token_format.map(|f| f.name().to_owned()),
            access_token_lifetime: server.access_token_lifetime,
            introspect_by: to_json(server.introspect_by.clone()),
            created_at: server.created_at.millis(),
            open: server.open,
        };
        self.write(move |txn| {
            Box::pin(async move {
                let taken = OnConflict::column(resource_servers::Column::Uri)
                    .do_nothing()
                    .to_owned();
                let inserted = resource_servers::Entity::insert(row.into_active_model())
                    .on_conflict(taken)
                    .exec_without_returning(txn)
                    .await?;
                if inserted == 0 {
                    return Err(StoreError::Conflict("uri"));
                }
                audit_tx(txn, audit).await?;
                bump_generation(txn).await
            })
        })
        .await
    }
}
