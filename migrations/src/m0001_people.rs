//! Users, their sessions, and the facts about this installation.

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
                // Small facts: instance id, setup done, generation of the configuration.
                "CREATE TABLE instance (
                    name TEXT NOT NULL PRIMARY KEY,
                    value TEXT NOT NULL
                )",
                // *_key columns hold what is compared: lower case.
                "CREATE TABLE users (
                    id {uuid} NOT NULL PRIMARY KEY,
                    username TEXT NOT NULL,
                    username_key TEXT NOT NULL,
                    email TEXT NOT NULL,
                    email_key TEXT NOT NULL,
                    role TEXT NOT NULL,
                    password_hash TEXT NOT NULL,
                    created_at {time} NOT NULL,
                    updated_at {time} NOT NULL,
                    disabled_at {time}
                )",
                "CREATE UNIQUE INDEX users_username_key ON users (username_key)",
                "CREATE UNIQUE INDEX users_email_key ON users (email_key)",
                "CREATE TABLE sessions (
                    id {uuid} NOT NULL PRIMARY KEY,
                    secret_hash {bytes} NOT NULL,
                    user_id {uuid} NOT NULL REFERENCES users (id) ON DELETE CASCADE,
                    auth_time {time} NOT NULL,
                    created_at {time} NOT NULL,
                    last_seen_at {time} NOT NULL,
                    expires_at {time} NOT NULL,
                    user_agent TEXT NOT NULL
                ) {clustered}",
                "CREATE INDEX sessions_user_id ON sessions (user_id)",
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(
            manager,
            &[
                "DROP TABLE sessions",
                "DROP TABLE users",
                "DROP TABLE instance",
            ],
        )
        .await
    }
}
