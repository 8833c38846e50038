//! `claviger app …`: applications.

use clap::{Args, Subcommand};
use contract::rules::NOT_FOUND;
use contract::wire::application::{ApplicationPatch, ApplicationSettings};
use serde_json::Value;

use super::error::CliError;
use super::open;
use super::output::{Output, printable, table};
use crate::config::Config;
use crate::error::Error;
use crate::services::applications::{self, By};
use crate::services::form::FormFailure;

mod add;
mod secret;

#[derive(Subcommand, Debug)]
pub(super) enum Command {
    /// Register an application; the secret of a confidential one is shown only once
    Add(Box<add::Add>),
    /// Show every application
    List,
    /// Disable an application: it can't authenticate, and its tokens stop working
    Disable(Named),
    /// Enable an application again; its tokens that have not expired work again
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
    let core = open::database(config).await?;
    let applications = applications::list(&core, By::Operator).await?;
    let now = core.now();
    core.store.close().await;
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
                    settings.client_type.name().to_owned(),
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
    let core = open::database(config).await?;
    let patch = ApplicationPatch {
        settings: ApplicationSettings {
            disabled: Some(disable),
            ..ApplicationSettings::default()
        },
        ..ApplicationPatch::default()
    };
    let application = applications::update(&core, By::Operator, client_id, &patch)
        .await
        .map_err(|failure| failed(failure, client_id))?;
    let now = core.now();
    core.store.close().await;
    let name = printable(&application.settings.name);
    let text = if disable {
        format!("{name} is disabled: it can't authenticate, and its tokens don't work.")
    } else {
        format!("{name} is enabled; its tokens that have not expired work again.")
    };
    let json = serde_json::to_value(application.to_wire(now)).unwrap_or_default();
    output.print(&text, &json);
    Ok(())
}

/// Why nothing was done with this application, in the words of the command line.
fn failed(failure: FormFailure, client_id: &str) -> CliError {
    match failure {
        FormFailure::Failed(Error::Refused(refusal)) if refusal.rule.id == NOT_FOUND.id => {
            CliError::new(format!("there is no application {client_id:?}"))
        }
        failure => failure.into(),
    }
}
