//! Applications, their secrets, and what users have let them do.

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
                // Lists (grants, URIs, origins, scopes) are JSON arrays of strings; lifetimes
                // and the reuse window are seconds.
                "CREATE TABLE applications (
                    client_id TEXT NOT NULL PRIMARY KEY,
                    name TEXT NOT NULL,
                    client_type TEXT NOT NULL,
                    owner_id {uuid} NOT NULL REFERENCES users (id),
                    grant_types TEXT NOT NULL,
                    redirect_uris TEXT NOT NULL,
                    post_logout_redirect_uris TEXT NOT NULL,
                    allowed_origins TEXT NOT NULL,
                    scopes TEXT NOT NULL,
                    require_pkce BOOLEAN NOT NULL,
                    skip_consent BOOLEAN NOT NULL,
                    access_token_format TEXT NOT NULL,
                    access_token_lifetime {int} NOT NULL,
                    refresh_token_lifetime {int} NOT NULL,
                    refresh_reuse_window {int} NOT NULL,
                    id_token_alg TEXT NOT NULL,
                    created_at {time} NOT NULL,
                    updated_at {time} NOT NULL
                )",
                "CREATE INDEX applications_owner_id ON applications (owner_id)",
                // `hint` is the last four characters, so that people can tell secrets apart.
                "CREATE TABLE application_secrets (
                    id {uuid} NOT NULL PRIMARY KEY,
                    client_id TEXT NOT NULL
                        REFERENCES applications (client_id) ON DELETE CASCADE,
                    secret_hash {bytes} NOT NULL,
                    hint TEXT NOT NULL,
                    created_at {time} NOT NULL,
                    last_used_at {time},
                    expires_at {time}
                )",
                "CREATE INDEX application_secrets_client_id ON application_secrets (client_id)",
                // `declined` are optional scopes that the person unticked: asked and answered.
                "CREATE TABLE consents (
                    user_id {uuid} NOT NULL REFERENCES users (id) ON DELETE CASCADE,
                    client_id TEXT NOT NULL
                        REFERENCES applications (client_id) ON DELETE CASCADE,
                    scopes TEXT NOT NULL,
                    declined TEXT NOT NULL,
                    created_at {time} NOT NULL,
                    updated_at {time} NOT NULL,
                    PRIMARY KEY (user_id, client_id)
                ) {clustered}",
                "CREATE INDEX consents_client_id ON consents (client_id)",
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(
            manager,
            &[
                "DROP TABLE consents",
                "DROP TABLE application_secrets",
                "DROP TABLE applications",
            ],
        )
        .await
    }
}
