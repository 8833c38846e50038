//! `claviger app …`: applications.

use clap::Subcommand;
use serde_json::Value;

use super::failure::Failure;
use super::open::{self, Opened};
use super::output::{Output, table};
use crate::config::Config;
use crate::domain::application::client_type_name;
use crate::store::AuditEvent;

mod add;
mod secret;

#[derive(Subcommand, Debug)]
pub(super) enum Command {
    /// Register an application; a confidential one's secret is shown this once
    Add(Box<add::Add>),
    /// Show every application
    List,
    /// Client secrets
    #[command(subcommand)]
    Secret(secret::Command),
}

pub(super) async fn run(command: Command, config: &Config, output: Output) -> Result<(), Failure> {
    match command {
        Command::Add(command) => add::run(*command, config, output).await,
        Command::List => list(config, output).await,
        Command::Secret(secret::Command::Rotate(command)) => {
            secret::rotate(command, config, output).await
        }
    }
}

async fn list(config: &Config, output: Output) -> Result<(), Failure> {
    let opened = open::database(config).await?;
    let applications = opened.store.applications_of(None).await?;
    let now = opened.now();
    opened.store.close().await;
    let text = if applications.is_empty() {
        "There are no applications yet.".to_owned()
    } else {
        let rows: Vec<Vec<String>> = applications
            .iter()
            .map(|application| {
                let settings = &application.settings;
                let grants: Vec<&str> = settings.grant_types.iter().map(|g| g.name()).collect();
                vec![
                    application.client_id.clone(),
                    settings.name.clone(),
                    client_type_name(settings.client_type).to_owned(),
                    grants.join(" "),
                    application.owner.clone(),
                ]
            })
            .collect();
        table(&["CLIENT ID", "NAME", "TYPE", "GRANTS", "OWNER"], &rows)
    };
    let json = applications
        .iter()
        .map(|application| serde_json::to_value(application.to_wire(now)).unwrap_or_default())
        .collect();
    output.print(&text, &Value::Array(json));
    Ok(())
}

/// Remembers what the command line did to an application.
fn audit(opened: &Opened, kind: &'static str, client_id: &str) {
    let now = opened.now();
    let event = AuditEvent {
        kind,
        actor_id: None,
        user_id: None,
        client_id: Some(client_id.to_owned()),
        detail: "command line".to_owned(),
    };
    opened.store.audit(event, now, opened.random.uuid(now));
}
