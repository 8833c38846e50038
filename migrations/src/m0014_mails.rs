//! Mails that wait, were sent, or can't be sent, and the links in them that work once.

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
                // `content` is sealed: it holds the link. A mail with `next_attempt_at` waits.
                "CREATE TABLE mails (
                    id {uuid} NOT NULL PRIMARY KEY,
                    user_id {uuid},
                    to_address TEXT NOT NULL,
                    template TEXT NOT NULL,
                    content {bytes} NOT NULL,
                    state TEXT NOT NULL,
                    attempts {int} NOT NULL,
                    next_attempt_at {time},
                    error TEXT,
                    created_at {time} NOT NULL,
                    sent_at {time}
                ) {clustered}",
                "CREATE INDEX mails_next_attempt_at ON mails (next_attempt_at)
                    WHERE next_attempt_at IS NOT NULL",
                "CREATE INDEX mails_to_address ON mails (to_address, id)",
                "CREATE TABLE mail_links (
                    id {uuid} NOT NULL PRIMARY KEY,
                    secret_hash {bytes} NOT NULL,
                    purpose TEXT NOT NULL,
                    user_id {uuid} NOT NULL REFERENCES users (id) ON DELETE CASCADE,
                    email_key TEXT NOT NULL,
                    created_at {time} NOT NULL,
                    expires_at {time} NOT NULL,
                    used_at {time}
                ) {clustered}",
                "CREATE INDEX mail_links_user_id ON mail_links (user_id)",
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, &["DROP TABLE mail_links", "DROP TABLE mails"]).await
    }
}
