//! What the whole protocol needs beside the code flow: sessions that keep their name, device
//! codes, pushed requests, assertions, resource servers, registration and logout.

use sea_orm_migration::prelude::*;

use crate::dialect::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, PEOPLE).await?;
        run(manager, APPLICATIONS).await?;
        run(manager, GRANTS).await?;
        run(manager, REQUESTS).await?;
        run(manager, LOGOUT).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(
            manager,
            &[
                "DROP TABLE logout_deliveries",
                "DROP TABLE used_assertions",
                "DROP TABLE pushed_requests",
                "DROP TABLE device_codes",
                "ALTER TABLE access_tokens DROP COLUMN is_jwt",
                "ALTER TABLE access_tokens DROP COLUMN audience",
                "ALTER TABLE grants DROP COLUMN amr",
                "ALTER TABLE grants DROP COLUMN resources",
                "ALTER TABLE authorization_codes DROP COLUMN amr",
                "ALTER TABLE authorization_codes DROP COLUMN resources",
                "DROP TABLE client_documents",
                "DROP TABLE registration_tokens",
                "DROP TABLE resource_servers",
                "ALTER TABLE applications DROP COLUMN disabled_at",
                "ALTER TABLE applications DROP COLUMN registration_token_hash",
                "ALTER TABLE applications DROP COLUMN about",
                "ALTER TABLE applications DROP COLUMN origin",
                "ALTER TABLE applications DROP COLUMN resources",
                "ALTER TABLE applications DROP COLUMN require_pushed_requests",
                "ALTER TABLE applications DROP COLUMN backchannel_logout_session_required",
                "ALTER TABLE applications DROP COLUMN backchannel_logout_uri",
                "ALTER TABLE applications DROP COLUMN jwks_uri",
                "ALTER TABLE applications DROP COLUMN jwks",
                "ALTER TABLE applications DROP COLUMN token_endpoint_auth_method",
                "DELETE FROM applications WHERE owner_id IN
                    (SELECT id FROM users WHERE username_key = '@registration')",
                "DELETE FROM users WHERE username_key = '@registration'",
                "DROP INDEX sessions_sid",
                "ALTER TABLE sessions DROP COLUMN amr",
                "ALTER TABLE sessions DROP COLUMN sid",
            ],
        )
        .await
    }
}

const PEOPLE: &[&str] = &[
    // `sid` names the session to applications: it stays when the same person signs in again,
    // while the cookie gets a new `id`.
    "ALTER TABLE sessions ADD COLUMN sid {uuid}",
    "UPDATE sessions SET sid = id",
    "CREATE INDEX sessions_sid ON sessions (sid)",
    // Names of RFC 8176, with a space between.
    "ALTER TABLE sessions ADD COLUMN amr TEXT NOT NULL DEFAULT 'pwd'",
    // Owns the applications that register themselves. It can't sign in: it has no password, and its
    // name is not a valid user name.
    "INSERT INTO users (id, username, username_key, email, email_key, role, password_hash,
            created_at, updated_at, disabled_at)
        VALUES ({nil}, '@registration', '@registration', '@registration', '@registration',
            'user', '', 0, 0, 0)",
];

const APPLICATIONS: &[&str] = &[
    // A JWK Set of public keys, in JSON.
    "ALTER TABLE applications ADD COLUMN token_endpoint_auth_method TEXT",
    "ALTER TABLE applications ADD COLUMN jwks TEXT",
    "ALTER TABLE applications ADD COLUMN jwks_uri TEXT",
    "ALTER TABLE applications ADD COLUMN backchannel_logout_uri TEXT",
    "ALTER TABLE applications
        ADD COLUMN backchannel_logout_session_required BOOLEAN NOT NULL DEFAULT FALSE",
    "ALTER TABLE applications ADD COLUMN require_pushed_requests BOOLEAN NOT NULL DEFAULT FALSE",
    // A JSON array of URIs; absent: any.
    "ALTER TABLE applications ADD COLUMN resources TEXT",
    // `dashboard`, `registration` or `document`.
    "ALTER TABLE applications ADD COLUMN origin TEXT NOT NULL DEFAULT 'dashboard'",
    // What a registration says about the application for people, in JSON.
    "ALTER TABLE applications ADD COLUMN about TEXT NOT NULL DEFAULT '{}'",
    "ALTER TABLE applications ADD COLUMN registration_token_hash {bytes}",
    "ALTER TABLE applications ADD COLUMN disabled_at {time}",
    // `scopes` and `introspect_by` are JSON arrays; without a format or a lifetime (seconds) the
    // application's own holds.
    "CREATE TABLE resource_servers (
        uri TEXT NOT NULL PRIMARY KEY,
        name TEXT NOT NULL,
        scopes TEXT NOT NULL,
        access_token_format TEXT,
        access_token_lifetime {int},
        introspect_by TEXT NOT NULL,
        created_at {time} NOT NULL
    )",
    // Initial access tokens (RFC 7591 §1.2). `uses_left`: absent means any number.
    "CREATE TABLE registration_tokens (
        id {uuid} NOT NULL PRIMARY KEY,
        secret_hash {bytes} NOT NULL,
        uses_left {int},
        created_at {time} NOT NULL,
        expires_at {time}
    )",
    // When the metadata document of an application was read last, and when it may be again.
    "CREATE TABLE client_documents (
        client_id TEXT NOT NULL PRIMARY KEY
            REFERENCES applications (client_id) ON DELETE CASCADE,
        fetched_at {time} NOT NULL,
        fresh_until {time} NOT NULL,
        failures {int} NOT NULL,
        retry_at {time} NOT NULL
    )",
];

const GRANTS: &[&str] = &[
    // URIs of resource servers, with a space between.
    "ALTER TABLE authorization_codes ADD COLUMN resources TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE authorization_codes ADD COLUMN amr TEXT NOT NULL DEFAULT 'pwd'",
    "ALTER TABLE grants ADD COLUMN resources TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE grants ADD COLUMN amr TEXT NOT NULL DEFAULT 'pwd'",
    "ALTER TABLE access_tokens ADD COLUMN audience TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE access_tokens ADD COLUMN is_jwt BOOLEAN NOT NULL DEFAULT FALSE",
];

const REQUESTS: &[&str] = &[
    // A device code becomes a grant with the same id. `interval` and `polled_at` tell who polls
    // too fast; `user_code_hash` is keyed, since a user code is short.
    "CREATE TABLE device_codes (
        id {uuid} NOT NULL PRIMARY KEY,
        secret_hash {bytes} NOT NULL,
        user_code_hash {bytes} NOT NULL,
        client_id TEXT NOT NULL,
        scopes TEXT NOT NULL,
        resources TEXT NOT NULL,
        status TEXT NOT NULL,
        poll_interval {int} NOT NULL,
        polled_at {time},
        user_id {uuid},
        session_id {uuid},
        auth_time {time},
        amr TEXT,
        created_at {time} NOT NULL,
        expires_at {time} NOT NULL
    ) {clustered}",
    "CREATE UNIQUE INDEX device_codes_user_code_hash ON device_codes (user_code_hash)",
    // `parameters` are form-encoded, without what authenticates the client.
    "CREATE TABLE pushed_requests (
        id {uuid} NOT NULL PRIMARY KEY,
        secret_hash {bytes} NOT NULL,
        client_id TEXT NOT NULL,
        parameters TEXT NOT NULL,
        created_at {time} NOT NULL,
        expires_at {time} NOT NULL,
        consumed_at {time}
    ) {clustered}",
    // SHA-256 over client id and `jti`.
    "CREATE TABLE used_assertions (
        hash {bytes} NOT NULL PRIMARY KEY,
        expires_at {time} NOT NULL
    ) {clustered}",
    "CREATE INDEX used_assertions_expires_at ON used_assertions (expires_at)",
];

const LOGOUT: &[&str] = &[
    // Logout tokens on their way. `sid` is absent when every session of the user has ended.
    "CREATE TABLE logout_deliveries (
        id {uuid} NOT NULL PRIMARY KEY,
        client_id TEXT NOT NULL,
        user_id {uuid} NOT NULL,
        sid {uuid},
        attempts {int} NOT NULL,
        next_attempt_at {time},
        delivered_at {time},
        error TEXT,
        created_at {time} NOT NULL
    ) {clustered}",
    "CREATE INDEX logout_deliveries_next_attempt_at ON logout_deliveries (next_attempt_at)",
    "CREATE INDEX logout_deliveries_client_id ON logout_deliveries (client_id, id)",
];
