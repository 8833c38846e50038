//! From which network a self-registered application came, so that none fills the room of all.

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
                // `192.0.2.0/24` or `2001:db8::/48`, never a whole address; absent for those that
                // people made or an initial access token let in.
                "ALTER TABLE applications ADD COLUMN registered_from TEXT",
                "CREATE INDEX applications_registered_from ON applications (registered_from)",
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(
            manager,
            &[
                "DROP INDEX applications_registered_from",
                "ALTER TABLE applications DROP COLUMN registered_from",
            ],
        )
        .await
    }
}
