//! A consent is for one resource server, or for none, and for what the page showed.

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
                // `resource`: the URI, or empty for a request that names none. `shown`: a hash of
                // name and host on the page; empty in rows that are older than this step.
                "CREATE TABLE consents_by_resource (
                    user_id {uuid} NOT NULL REFERENCES users (id) ON DELETE CASCADE,
                    client_id TEXT NOT NULL
                        REFERENCES applications (client_id) ON DELETE CASCADE,
                    resource TEXT NOT NULL,
                    shown TEXT NOT NULL,
                    scopes TEXT NOT NULL,
                    declined TEXT NOT NULL,
                    created_at {time} NOT NULL,
                    updated_at {time} NOT NULL,
                    PRIMARY KEY (user_id, client_id, resource, shown)
                ) {clustered}",
                "INSERT INTO consents_by_resource (user_id, client_id, resource, shown, scopes,
                        declined, created_at, updated_at)
                    SELECT user_id, client_id, '', '', scopes, declined, created_at, updated_at
                    FROM consents",
                "DROP TABLE consents",
                "ALTER TABLE consents_by_resource RENAME TO consents",
                "CREATE INDEX consents_client_id ON consents (client_id)",
                // A JSON array of the scopes that people may decline.
                "ALTER TABLE applications ADD COLUMN optional_scopes TEXT NOT NULL
                    DEFAULT '[\"profile\",\"email\",\"groups\"]'",
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(
            manager,
            &[
                "ALTER TABLE applications DROP COLUMN optional_scopes",
                "CREATE TABLE consents_of_clients (
                    user_id {uuid} NOT NULL REFERENCES users (id) ON DELETE CASCADE,
                    client_id TEXT NOT NULL
                        REFERENCES applications (client_id) ON DELETE CASCADE,
                    scopes TEXT NOT NULL,
                    declined TEXT NOT NULL,
                    created_at {time} NOT NULL,
                    updated_at {time} NOT NULL,
                    PRIMARY KEY (user_id, client_id)
                ) {clustered}",
                // The newest answer for no resource server; the others need what is gone.
                "INSERT INTO consents_of_clients (user_id, client_id, scopes, declined,
                        created_at, updated_at)
                    SELECT user_id, client_id, scopes, declined, created_at, updated_at
                    FROM consents AS kept
                    WHERE resource = '' AND NOT EXISTS (
                        SELECT 1 FROM consents AS other
                        WHERE other.user_id = kept.user_id AND other.client_id = kept.client_id
                            AND other.resource = ''
                            AND (other.updated_at > kept.updated_at
                                OR (other.updated_at = kept.updated_at
                                    AND other.shown > kept.shown)))",
                "DROP TABLE consents",
                "ALTER TABLE consents_of_clients RENAME TO consents",
                "CREATE INDEX consents_client_id ON consents (client_id)",
            ],
        )
        .await
    }
}
