//! The kinds of audit events get one form: the object, a dot, what became of it.

use sea_orm_migration::prelude::*;

use crate::dialect::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// As it was written before, and since.
const KINDS: [(&str, &str); 26] = [
    ("access removed", "consent.withdrawn"),
    ("application added", "application.created"),
    (
        "application came by its document",
        "application.document_read",
    ),
    ("application changed", "application.changed"),
    ("application deleted", "application.deleted"),
    ("application disabled", "application.disabled"),
    (
        "application document changed",
        "application.document_changed",
    ),
    ("application enabled", "application.enabled"),
    ("application registered", "application.registered"),
    (
        "application registration changed",
        "application.registration_changed",
    ),
    ("application unregistered", "application.unregistered"),
    ("client secret added", "client_secret.created"),
    ("client secret retired", "client_secret.retired"),
    ("client secret rotated", "client_secret.rotated"),
    ("first administrator created", "user.first_created"),
    ("initial access token added", "initial_access_token.created"),
    (
        "initial access token revoked",
        "initial_access_token.revoked",
    ),
    ("password changed", "user.password_changed"),
    ("password set", "user.password_set"),
    ("resource server added", "resource_server.created"),
    ("signed out everywhere", "sessions.ended"),
    ("signing key revoked", "signing_key.revoked"),
    ("signing keys rotated", "signing_keys.rotated"),
    ("user added", "user.created"),
    ("user disabled", "user.disabled"),
    ("user enabled", "user.enabled"),
];

/// One pass over the table, whatever its size.
fn rename(forth: bool) -> String {
    let pairs = KINDS.map(|(old, new)| if forth { (old, new) } else { (new, old) });
    let cases: String = pairs
        .iter()
        .map(|(from, to)| format!(" WHEN '{from}' THEN '{to}'"))
        .collect();
    let known: Vec<String> = pairs.iter().map(|(from, _)| format!("'{from}'")).collect();
    format!(
        "UPDATE audit_events SET kind = CASE kind{cases} ELSE kind END WHERE kind IN ({})",
        known.join(", ")
    )
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, &[&rename(true)]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, &[&rename(false)]).await
    }
}
