//! Authorization codes, the grants that they become, and the tokens of a grant.
//!
//! Every key is a UUIDv7 and every table is kept in key order: inserts stay at the right edge
//! and a sweep is a walk from the left. The token tables carry no further index, since an index
//! over random values would cost more than the row; a family ends through its row in `grants`.

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
                // The code, the grant and the flow's trace share one id.
                "CREATE TABLE authorization_codes (
                    id {uuid} NOT NULL PRIMARY KEY,
                    secret_hash {bytes} NOT NULL,
                    client_id TEXT NOT NULL,
                    user_id {uuid} NOT NULL,
                    session_id {uuid} NOT NULL,
                    redirect_uri TEXT NOT NULL,
                    redirect_uri_sent BOOLEAN NOT NULL,
                    scopes TEXT NOT NULL,
                    nonce TEXT,
                    code_challenge TEXT,
                    auth_time {time} NOT NULL,
                    created_at {time} NOT NULL,
                    expires_at {time} NOT NULL,
                    consumed_at {time}
                ) {clustered}",
                // The family: revoking it ends every token that names it.
                "CREATE TABLE grants (
                    id {uuid} NOT NULL PRIMARY KEY,
                    client_id TEXT NOT NULL,
                    user_id {uuid} NOT NULL,
                    session_id {uuid} NOT NULL,
                    scopes TEXT NOT NULL,
                    nonce TEXT,
                    auth_time {time} NOT NULL,
                    created_at {time} NOT NULL,
                    expires_at {time} NOT NULL,
                    revoked_at {time},
                    revoked_for TEXT
                ) {clustered}",
                "CREATE INDEX grants_user_id_client_id ON grants (user_id, client_id)",
                "CREATE TABLE access_tokens (
                    id {uuid} NOT NULL PRIMARY KEY,
                    secret_hash {bytes} NOT NULL,
                    client_id TEXT NOT NULL,
                    user_id {uuid},
                    grant_id {uuid},
                    scopes TEXT NOT NULL,
                    created_at {time} NOT NULL,
                    expires_at {time} NOT NULL,
                    first_used_at {time},
                    revoked_at {time}
                ) {clustered}",
                // `replay_*`: the answer of the first refresh, sealed under the presented token.
                "CREATE TABLE refresh_tokens (
                    id {uuid} NOT NULL PRIMARY KEY,
                    secret_hash {bytes} NOT NULL,
                    client_id TEXT NOT NULL,
                    grant_id {uuid} NOT NULL,
                    access_token_id {uuid} NOT NULL,
                    created_at {time} NOT NULL,
                    expires_at {time} NOT NULL,
                    consumed_at {time},
                    successor_id {uuid},
                    replay_until {time},
                    replay_request_hash {bytes},
                    replay_sealed {bytes}
                ) {clustered}",
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(
            manager,
            &[
                "DROP TABLE refresh_tokens",
                "DROP TABLE access_tokens",
                "DROP TABLE grants",
                "DROP TABLE authorization_codes",
            ],
        )
        .await
    }
}
