//! Client ids that were given out once and whose client is gone: they are never given out again.

use sea_orm_migration::prelude::*;

use crate::dialect::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(
            manager,
            &["CREATE TABLE used_client_ids (
                client_id TEXT NOT NULL PRIMARY KEY,
                deleted_at {time} NOT NULL
            ) {clustered}"],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, &["DROP TABLE used_client_ids"]).await
    }
}
