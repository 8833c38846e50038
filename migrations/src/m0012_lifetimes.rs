//! When a client was last used, which resource servers are open to every client, and keys that are
//! no longer trusted.

use sea_orm_migration::prelude::*;

use crate::dialect::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(
            manager,
            &[
                "ALTER TABLE applications ADD COLUMN last_used_at {time}",
                // When the clients of before were used is not known: each counts as used now.
                "UPDATE applications SET last_used_at = {now}",
                // Clients that registered themselves reach open resource servers only.
                "ALTER TABLE resource_servers ADD COLUMN open BOOLEAN NOT NULL DEFAULT FALSE",
                "ALTER TABLE signing_keys ADD COLUMN revoked_at {time}",
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(
            manager,
            &[
                "ALTER TABLE signing_keys DROP COLUMN revoked_at",
                "ALTER TABLE resource_servers DROP COLUMN open",
                "ALTER TABLE applications DROP COLUMN last_used_at",
            ],
        )
        .await
    }
}
