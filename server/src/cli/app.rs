//! `claviger app …`: applications.

use clap::{Args, Subcommand};
use serde_json::Value;

use super::error::CliError;
use super::open::{self, Opened};
use super::output::{Output, printable, table};
use crate::config::Config;
use crate::domain::client::client_type_name;
use crate::domain::time::Timestamp;
use crate::services::applications::disabled_event;
use crate::store::AuditEvent;

mod add;
mod secret;

#[derive(Subcommand, Debug)]
pub(super) enum Command {
    /// Register an application; a confidential one's secret is shown this once
    Add(Box<add::Add>),
    /// Show every application
    List,
    /// Stop an application: it can't authenticate, and none of its tokens counts
    Disable(Named),
    /// Let an application go on; what it held and has not expired counts again
    Enable(Named),
    /// Client secrets
    #[command(subcommand)]
    Secret(secret::Command),
}

#[derive(Args, Debug)]
pub(super) struct Named {
    client_id: String,
}

pub(super) async fn run(command: Command, config: &Config, output: Output) -> Result<(), CliError> {
    match command {
        Command::Add(command) => add::run(*command, config, output).await,
        Command::List => list(config, output).await,
        Command::Disable(Named { client_id }) => {
            set_disabled(&client_id, true, config, output).await
        }
        Command::Enable(Named { client_id }) => {
            set_disabled(&client_id, false, config, output).await
        }
        Command::Secret(secret::Command::Rotate(command)) => {
            secret::rotate(command, config, output).await
        }
    }
}

async fn list(config: &Config, output: Output) -> Result<(), CliError> {
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
                    if application.is_enabled() {
                        ""
                    } else {
                        "disabled"
                    }
                    .to_owned(),
                ]
            })
            .collect();
        table(&["CLIENT ID", "NAME", "TYPE", "GRANTS", "OWNER", ""], &rows)
    };
    let json = applications
        .iter()
        .map(|application| serde_json::to_value(application.to_wire(now)).unwrap_or_default())
        .collect();
    output.print(&text, &Value::Array(json));
    Ok(())
}

async fn set_disabled(
    client_id: &str,
    disable: bool,
    config: &Config,
    output: Output,
) -> Result<(), CliError> {
    let opened = open::database(config).await?;
    let unknown = || CliError::new(format!("there is no application {client_id:?}"));
    let mut application = opened
        .store
        .application(client_id)
        .await?
        .ok_or_else(unknown)?;
    if application.is_enabled() == disable {
        let seen = application.updated_at;
        let now = opened.now().max(Timestamp(seen.millis() + 1));
        let at = disable.then_some(now);
        let settings = application.settings.clone();
        let done = opened
            .store
            .change_application(client_id, settings, Some(at), seen, now)
            .await?;
        if !done {
            return Err(CliError::new(
                "somebody else changed the application at the same moment: try again",
            ));
        }
        application.disabled_at = at;
        application.updated_at = now;
        audit(&opened, disabled_event(disable), client_id);
    }
    let now = opened.now();
    opened.store.close().await;
    let name = printable(&application.settings.name);
    let text = if disable {
        format!("{name} is disabled: it can't authenticate, and none of its tokens counts.")
    } else {
        format!("{name} is enabled; what it held and has not expired counts again.")
    };
    let json = serde_json::to_value(application.to_wire(now)).unwrap_or_default();
    output.print(&text, &json);
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
