//! `claviger keys …`: the keys that sign id_tokens.
//!
//! A new key is published before it signs, and a replaced one stays published after: programs that
//! check signatures need not notice. A server that runs does the same by itself when a key is old. See `domain::key` for the times.

use clap::{Args, Subcommand};
use contract::wire::audit::AuditKind;
use serde_json::{Value, json};

use super::error::CliError;
use super::open;
use super::output::{Output, table};
use crate::config::Config;
use crate::crypto::keyring;
use crate::domain::client::SigningAlg;
use crate::domain::key::{self, KeyRecord, PUBLISH_AHEAD};
use crate::domain::time::Timestamp;
use crate::store::{AuditEvent, Revoked};

#[derive(Subcommand, Debug)]
pub(super) enum Command {
    /// Show every key
    List,
    /// Make new keys; they sign once clients have had time to fetch them
    Rotate(Rotate),
    /// Stop trusting a key at once, as when it has leaked: what it signed is refused
    Revoke(Revoke),
}

#[derive(Args, Debug)]
pub(super) struct Revoke {
    /// The key's id, as `keys list` shows it
    kid: String,
}

#[derive(Args, Debug)]
pub(super) struct Rotate {
    /// Only this algorithm's key
    #[arg(long, value_parser = SigningAlg::ALL.map(SigningAlg::name))]
    alg: Option<String>,
}

pub(super) async fn run(command: Command, config: &Config, output: Output) -> Result<(), CliError> {
    match command {
        Command::List => list(config, output).await,
        Command::Rotate(command) => rotate(command, config, output).await,
        Command::Revoke(command) => revoke(&command.kid, config, output).await,
    }
}

async fn list(config: &Config, output: Output) -> Result<(), CliError> {
    let opened = open::database(config).await?;
    let keys = opened.store.keys().await?;
    let now = opened.now();
    opened.store.close().await;
    let text = if keys.is_empty() {
        "There are no keys yet: the first start of the server makes them.".to_owned()
    } else {
        let rows: Vec<Vec<String>> = keys.iter().map(|key| row(key, &keys, now)).collect();
        table(
            &["KEY", "ALGORITHM", "STATE", "SIGNS FROM", "PUBLISHED UNTIL"],
            &rows,
        )
    };
    let json = keys.iter().map(|key| to_json(key, &keys, now)).collect();
    output.print(&text, &Value::Array(json));
    Ok(())
}

async fn rotate(command: Rotate, config: &Config, output: Output) -> Result<(), CliError> {
    let opened = open::database(config).await?;
    let secret_key = open::secret_key(config, &opened).await?;
    let wanted = command.alg.as_deref().and_then(SigningAlg::parse);
    let now = opened.now();
    let there = opened.store.keys().await?;
    let mut keys = Vec::new();
    for alg in SigningAlg::ALL {
        if wanted.is_some_and(|wanted| wanted != alg) {
            continue;
        }
        // Where no key signs yet, there is nothing to wait for.
        let first = !there.iter().any(|key| key.alg == alg);
        let activates_at = if first { now } else { now + PUBLISH_AHEAD };
        let random = opened.random.clone();
        let key = keyring::generate(alg, &secret_key, &random, now, activates_at)?;
        keys.push(key);
    }
    let kids: Vec<String> = keys.iter().map(|key| key.kid.clone()).collect();
    let audit = opened.audit_entry(AuditEvent {
        kind: AuditKind::SigningKeysRotated,
        actor_id: None,
        user_id: None,
        client_id: None,
        detail: kids.join(" "),
    });
    opened.store.rotate_keys(keys, audit).await?;
    let keys = opened.store.keys().await?;
    opened.store.close().await;
    let new: Vec<&KeyRecord> = keys.iter().filter(|k| kids.contains(&k.kid)).collect();
    let text: Vec<String> = new
        .iter()
        .map(|key| {
            format!(
                "{} {} is published now and signs from {}.",
                key.alg.name(),
                key.kid,
                key.activates_at.rfc3339()
            )
        })
        .collect();
    let json = new.iter().map(|key| to_json(key, &keys, now)).collect();
    output.print(&text.join("\n"), &Value::Array(json));
    Ok(())
}

async fn revoke(kid: &str, config: &Config, output: Output) -> Result<(), CliError> {
    let opened = open::database(config).await?;
    let secret_key = open::secret_key(config, &opened).await?;
    let now = opened.now();
    let unknown = || CliError::new(format!("there is no key {kid:?} that could be revoked"));
    let there = opened.store.keys().await?;
    let alg = there
        .iter()
        .find(|key| key.kid == kid)
        .map(|key| key.alg)
        .ok_or_else(unknown)?;
    let successor = keyring::generate(alg, &secret_key, &opened.random, now, now)?;
    let audit = opened.audit_entry(AuditEvent {
        kind: AuditKind::SigningKeyRevoked,
        actor_id: None,
        user_id: None,
        client_id: None,
        detail: kid.to_owned(),
    });
    let revoked = opened
        .store
        .revoke_key(kid.to_owned(), successor, now, audit)
        .await?
        .ok_or_else(unknown)?;
    opened.store.close().await;
    let (text, successor) = match revoked {
        Revoked::Replaced(successor) => (
            format!("{kid} is revoked. {successor} signs from now on."),
            Some(successor),
        ),
        Revoked::NotNeeded => (format!("{kid} is revoked."), None),
    };
    output.print(
        &text,
        &json!({ "revoked": kid, "alg": alg.name(), "successor": successor }),
    );
    Ok(())
}

fn row(key: &KeyRecord, keys: &[KeyRecord], now: Timestamp) -> Vec<String> {
    vec![
        key.kid.clone(),
        key.alg.name().to_owned(),
        key::state(key, keys, now).name().to_owned(),
        key.activates_at.rfc3339(),
        key.retires_at
            .map_or_else(|| "-".to_owned(), Timestamp::rfc3339),
    ]
}

fn to_json(key: &KeyRecord, keys: &[KeyRecord], now: Timestamp) -> Value {
    json!({
        "kid": key.kid,
        "alg": key.alg.name(),
        "state": key::state(key, keys, now).name(),
        "created_at": key.created_at.rfc3339(),
        "activates_at": key.activates_at.rfc3339(),
        "retires_at": key.retires_at.map(Timestamp::rfc3339),
    })
}
