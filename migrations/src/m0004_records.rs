//! Signing keys, the traces of flows, and the audit log.

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
                // A key signs from `activates_at` until a newer one does, and is published from
                // its creation until `retires_at`.
                "CREATE TABLE signing_keys (
                    kid TEXT NOT NULL PRIMARY KEY,
                    alg TEXT NOT NULL,
                    public_jwk TEXT NOT NULL,
                    private_sealed {bytes} NOT NULL,
                    created_at {time} NOT NULL,
                    activates_at {time} NOT NULL,
                    retires_at {time}
                )",
                // `steps` is a list of JSON objects, one a line, so that a later step is appended
                // by one UPDATE that reads nothing.
                "CREATE TABLE flows (
                    id {uuid} NOT NULL PRIMARY KEY,
                    client_id TEXT,
                    user_id {uuid},
                    created_at {time} NOT NULL,
                    updated_at {time} NOT NULL,
                    outcome TEXT NOT NULL,
                    rule TEXT,
                    steps TEXT NOT NULL
                ) {clustered}",
                "CREATE INDEX flows_client_id_id ON flows (client_id, id)",
                "CREATE TABLE audit_events (
                    id {uuid} NOT NULL PRIMARY KEY,
                    kind TEXT NOT NULL,
                    actor_id {uuid},
                    user_id {uuid},
                    client_id TEXT,
                    detail TEXT NOT NULL,
                    created_at {time} NOT NULL
                ) {clustered}",
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(
            manager,
            &[
                "DROP TABLE audit_events",
                "DROP TABLE flows",
                "DROP TABLE signing_keys",
            ],
        )
        .await
    }
}
