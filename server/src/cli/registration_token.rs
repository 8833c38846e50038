//! `claviger registration-token …`: initial access tokens, with which applications register
//! themselves (RFC 7591 §1.2).

use contract::wire::audit::AuditKind;
use std::time::Duration;

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use uuid::Uuid;

use super::error::CliError;
use super::open;
use super::output::{Output, table};
use crate::config::{Config, Registration};
use crate::crypto::hash::credential_hash;
use crate::domain::credential::CredentialKind;
use crate::domain::registration::InitialToken;
use crate::domain::time::Timestamp;
use crate::state::Core;
use crate::store::{AuditEntry, AuditEvent};

/// A token that lives longer than this is not made.
const MAX_LIFETIME: Duration = Duration::from_secs(10 * 366 * 24 * 3600);

#[derive(Subcommand, Debug)]
pub(super) enum Command {
    /// Make an initial access token, shown only once
    Add(Add),
    /// Show every token; never the tokens themselves
    List,
    /// Revoke a token; what was registered with it stays
    Revoke(Revoke),
}

#[derive(Args, Debug)]
pub(super) struct Add {
    /// How many applications may be registered with it; any number if left out
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(1..))]
    uses: Option<i64>,
    /// For how long it is good, as in 12h or 30d; without an end if left out
    #[arg(long, value_name = "DURATION", value_parser = lifetime)]
    expires: Option<Duration>,
}

#[derive(Args, Debug)]
pub(super) struct Revoke {
    /// The id of the token, as the list shows it
    id: Uuid,
}

fn lifetime(text: &str) -> Result<Duration, String> {
    let time = humantime::parse_duration(text).map_err(|error| error.to_string())?;
    if time > MAX_LIFETIME {
        Err("longer than ten years".to_owned())
    } else if time < Duration::from_secs(1) {
        Err("it would never be good".to_owned())
    } else {
        Ok(time)
    }
}

pub(super) async fn run(command: Command, config: &Config, output: Output) -> Result<(), CliError> {
    match command {
        Command::Add(command) => add(command, config, output).await,
        Command::List => list(config, output).await,
        Command::Revoke(command) => revoke(command, config, output).await,
    }
}

async fn add(command: Add, config: &Config, output: Output) -> Result<(), CliError> {
    let opened = open::database(config).await?;
    let now = opened.now();
    let credential = opened.random.credential(CredentialKind::InitialAccess, now);
    let seconds = |time: Duration| i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    let token = InitialToken {
        id: credential.id,
        secret_hash: credential_hash(&credential),
        uses_left: command.uses,
        created_at: now,
        expires_at: command.expires.map(|time| now.plus_seconds(seconds(time))),
    };
    let audit = audit_entry(&opened, AuditKind::InitialAccessTokenCreated, token.id);
    opened
        .store
        .insert_initial_token(token.clone(), audit)
        .await?;
    opened.store.close().await;
    let plain = credential.reveal();
    let mut json = to_json(&token, now);
    json["token"] = json!(plain);
    json["registration_token"] = json!(plain);
    output.print(&as_text(&token, &plain, config.registration), &json);
    Ok(())
}

fn as_text(token: &InitialToken, plain: &str, registration: Registration) -> String {
    let uses = match token.uses_left {
        None => "any number of applications".to_owned(),
        Some(1) => "one application".to_owned(),
        Some(uses) => format!("{uses} applications"),
    };
    let until = token.expires_at.map_or_else(
        || "without an end".to_owned(),
        |at| format!("until {}", at.rfc3339()),
    );
    let mut text = format!(
        "The initial access token {}:\n  token  {plain}\n\
         Keep it now: it is not shown again. It registers {uses}, {until}.",
        token.id
    );
    if registration == Registration::Closed {
        text.push_str(
            "\nRegistration is closed: start the server with --registration token to let it count.",
        );
    }
    text
}

async fn list(config: &Config, output: Output) -> Result<(), CliError> {
    let opened = open::database(config).await?;
    let tokens = opened.store.initial_tokens().await?;
    let now = opened.now();
    opened.store.close().await;
    let text = if tokens.is_empty() {
        "There are no initial access tokens.".to_owned()
    } else {
        let rows: Vec<Vec<String>> = tokens.iter().map(|token| row(token, now)).collect();
        table(&["ID", "USES LEFT", "MADE", "EXPIRES", "STATE"], &rows)
    };
    let json = tokens.iter().map(|token| to_json(token, now)).collect();
    output.print(&text, &Value::Array(json));
    Ok(())
}

async fn revoke(command: Revoke, config: &Config, output: Output) -> Result<(), CliError> {
    let opened = open::database(config).await?;
    let id = command.id;
    let audit = audit_entry(&opened, AuditKind::InitialAccessTokenRevoked, id);
    if !opened.store.delete_initial_token(id, audit).await? {
        return Err(CliError::new(format!(
            "there is no initial access token {id}"
        )));
    }
    opened.store.close().await;
    output.print(
        &format!("The initial access token {id} no longer works."),
        &json!({ "id": id.to_string() }),
    );
    Ok(())
}

fn state_name(token: &InitialToken, now: Timestamp) -> &'static str {
    if token.is_live(now) { "live" } else { "spent" }
}

fn row(token: &InitialToken, now: Timestamp) -> Vec<String> {
    vec![
        token.id.to_string(),
        token
            .uses_left
            .map_or_else(|| "any".to_owned(), |uses| uses.to_string()),
        token.created_at.rfc3339(),
        token
            .expires_at
            .map_or_else(|| "-".to_owned(), Timestamp::rfc3339),
        state_name(token, now).to_owned(),
    ]
}

fn to_json(token: &InitialToken, now: Timestamp) -> Value {
    json!({
        "id": token.id.to_string(),
        "uses_left": token.uses_left,
        "created_at": token.created_at.rfc3339(),
        "expires_at": token.expires_at.map(Timestamp::rfc3339),
        "state": state_name(token, now),
    })
}

fn audit_entry(opened: &Core, kind: AuditKind, id: Uuid) -> AuditEntry {
    opened.audit_entry(AuditEvent {
        kind,
        actor_id: None,
        user_id: None,
        client_id: None,
        detail: id.to_string(),
    })
}
