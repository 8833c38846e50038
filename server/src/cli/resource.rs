//! `claviger resource …`: the APIs that take our tokens (RFC 8707).
//!
//! A server that runs knows a new one at once: it reads again before it refuses what it does not
//! know.

use clap::{Args, Subcommand};
use contract::wire::audit::AuditKind;
use serde_json::{Value, json};

use super::error::CliError;
use super::open;
use super::output::{Output, printable, table};
use crate::config::Config;
use crate::domain::client::TokenFormat;
use crate::domain::key::LONGEST_SIGNED;
use crate::domain::resource::{ResourceServer, is_indicator, same};
use crate::domain::scope::Scopes;
use crate::domain::time::{Timestamp, seconds};
use crate::store::{AuditEvent, StoreError};

/// Characters of a name.
const NAME_LENGTH: usize = 100;

#[derive(Subcommand, Debug)]
pub(super) enum Command {
    /// Register a resource server
    Add(Add),
    /// Show every resource server
    List,
}

#[derive(Args, Debug)]
pub(super) struct Add {
    /// Its resource indicator: an absolute URI without a fragment, compared as it stands but for
    /// the slash of an empty path
    uri: String,
    /// What users see on the consent page [default: the URI]
    #[arg(long)]
    name: Option<String>,
    /// A scope of its own; once for each
    #[arg(long, value_name = "SCOPE")]
    scope: Vec<String>,
    /// The form of access tokens for it [default: as the application has it]
    #[arg(long, value_name = "FORM", value_parser = TokenFormat::ALL.map(TokenFormat::name))]
    access_token: Option<String>,
    /// How long they live [default: as the application has it]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(i64).range(60..=seconds(LONGEST_SIGNED)))]
    lifetime: Option<i64>,
    /// Let applications that registered themselves ask for it too
    #[arg(long)]
    open: bool,
    /// An application that may introspect them; once for each
    #[arg(long, value_name = "CLIENT_ID")]
    introspect_by: Vec<String>,
}

impl Add {
    fn to_server(&self, now: Timestamp) -> Result<ResourceServer, CliError> {
        if !is_indicator(&self.uri) {
            return Err(CliError::new(format!(
                "{:?} is not an absolute URI without a fragment",
                self.uri
            )));
        }
        let name = self.name.as_deref().unwrap_or(&self.uri).trim();
        let length = name.chars().count();
        if name.is_empty()
            || (self.name.is_some() && length > NAME_LENGTH)
            || printable(name) != name
        {
            return Err(CliError::new(
                "--name: at most 100 characters, and no invisible ones",
            ));
        }
        for scope in &self.scope {
            let parsed = Scopes::parse(scope).map(|scopes| scopes.to_vec());
            if parsed.is_err() || parsed.is_ok_and(|scopes| scopes != [scope.clone()]) {
                return Err(CliError::new(format!(
                    "--scope: {scope:?} is not one scope"
                )));
            }
        }
        Ok(ResourceServer {
            uri: self.uri.clone(),
            name: name.to_owned(),
            scopes: self.scope.iter().map(String::as_str).collect(),
            access_token_format: self.access_token.as_deref().and_then(TokenFormat::parse),
            access_token_lifetime: self.lifetime,
            introspect_by: self.introspect_by.clone(),
            created_at: now,
            open: self.open,
            built_in: false,
        })
    }
}

pub(super) async fn run(command: Command, config: &Config, output: Output) -> Result<(), CliError> {
    match command {
        Command::Add(command) => add(&command, config, output).await,
        Command::List => list(config, output).await,
    }
}

async fn add(command: &Add, config: &Config, output: Output) -> Result<(), CliError> {
    let opened = open::database(config).await?;
    let now = opened.now();
    let server = command.to_server(now)?;
    for client_id in &server.introspect_by {
        // Another application that registers this id later would be able to ask.
        if opened.store.application(client_id).await?.is_none() {
            return Err(CliError::new(format!(
                "--introspect-by: there is no application {client_id:?}"
            )));
        }
    }
    let taken = |uri: &str| CliError::new(format!("the resource {uri:?} is registered"));
    let registered = opened.store.resource_servers().await?;
    if let Some(known) = registered
        .iter()
        .find(|known| same(&known.uri, &server.uri))
    {
        return Err(taken(&known.uri));
    }
    let audit = opened.audit_entry(AuditEvent {
        kind: AuditKind::ResourceServerCreated,
        actor_id: None,
        user_id: None,
        client_id: None,
        detail: server.uri.clone(),
    });
    opened
        .store
        .insert_resource_server(&server, audit)
        .await
        .map_err(|error| match error {
            StoreError::Conflict(_) => taken(&server.uri),
            error => error.into(),
        })?;
    opened.store.close().await;
    output.print(&format!("Registered {}.", server.uri), &to_json(&server));
    Ok(())
}

async fn list(config: &Config, output: Output) -> Result<(), CliError> {
    let opened = open::database(config).await?;
    let servers = opened.store.resource_servers().await?;
    opened.store.close().await;
    let text = if servers.is_empty() {
        "There are no resource servers yet.".to_owned()
    } else {
        let rows: Vec<Vec<String>> = servers.iter().map(row).collect();
        table(
            &["URI", "NAME", "SCOPES", "TOKENS", "INTROSPECTED BY", "OPEN"],
            &rows,
        )
    };
    output.print(&text, &servers.iter().map(to_json).collect());
    Ok(())
}

fn row(server: &ResourceServer) -> Vec<String> {
    let format = server.access_token_format.map_or("-", TokenFormat::name);
    vec![
        server.uri.clone(),
        server.name.clone(),
        server.scopes.to_string(),
        server
            .access_token_lifetime
            .map_or_else(|| format.to_owned(), |life| format!("{format} {life} s")),
        server.introspect_by.join(" "),
        if server.open { "yes" } else { "no" }.to_owned(),
    ]
}

fn to_json(server: &ResourceServer) -> Value {
    json!({
        "uri": server.uri,
        "name": server.name,
        "scopes": server.scopes.to_vec(),
        "access_token_format": server.access_token_format.map(TokenFormat::name),
        "access_token_lifetime": server.access_token_lifetime,
        "introspect_by": server.introspect_by,
        "open": server.open,
        "created_at": server.created_at.rfc3339(),
    })
}
