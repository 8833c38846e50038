//! `claviger mail …`: mails that were sent, kept or failed.

use clap::{Args, Subcommand};
use contract::wire::mail::{MailItem, MailState};
use serde_json::{Value, json};
use uuid::Uuid;

use super::error::CliError;
use super::open;
use super::output::{Output, printable, table};
use crate::config::Config;
use crate::mail::{Delivery, Sender, render};
use crate::services::mail::{self, MailQuery};

#[derive(Subcommand, Debug)]
pub(super) enum Command {
    /// Show the newest mails
    List(List),
    /// Show one mail as it is read
    Show(Show),
}

#[derive(Args, Debug)]
pub(super) struct List {
    /// Only those in this state
    #[arg(long, value_parser = ["queued", "sent", "failed", "kept"])]
    state: Option<String>,
    /// Only those to addresses that hold this
    #[arg(long, value_name = "TEXT")]
    to: Option<String>,
    /// How many
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u64).range(1..=200))]
    limit: u64,
}

#[derive(Args, Debug)]
pub(super) struct Show {
    /// Its id, as the list shows it
    id: Uuid,
}

pub(super) async fn run(command: Command, config: &Config, output: Output) -> Result<(), CliError> {
    match command {
        Command::List(command) => list(command, config, output).await,
        Command::Show(command) => show(&command, config, output).await,
    }
}

const fn delivery(config: &Config) -> Delivery {
    match config.mail_server {
        Some(_) => Delivery::Sent,
        None => Delivery::Kept,
    }
}

async fn list(command: List, config: &Config, output: Output) -> Result<(), CliError> {
    let opened = open::database(config).await?;
    let asked = MailQuery {
        query: command.to,
        state: command.state.as_deref().and_then(MailState::parse),
        limit: Some(command.limit),
        cursor: None,
    };
    // A list is read in passing: links are shown one by one.
    let found = mail::page(&opened.store, &asked, delivery(config), None).await?;
    opened.store.close().await;
    let text = if found.items.is_empty() {
        "There are no mails yet.".to_owned()
    } else {
        let rows: Vec<Vec<String>> = found.items.iter().map(row).collect();
        table(
            &["ID", "AT", "TO", "WHAT", "STATE", "TRIES", "ERROR"],
            &rows,
        )
    };
    let items: Vec<Value> = found
        .items
        .iter()
        .filter_map(|item| serde_json::to_value(item).ok())
        .collect();
    output.print(&text, &items.into());
    Ok(())
}

fn row(item: &MailItem) -> Vec<String> {
    vec![
        item.id.clone(),
        item.at.clone(),
        item.to.clone(),
        item.template.name().to_owned(),
        item.state.name().to_owned(),
        item.attempts.to_string(),
        item.error.clone().unwrap_or_default(),
    ]
}

async fn show(command: &Show, config: &Config, output: Output) -> Result<(), CliError> {
    let opened = open::database(config).await?;
    let key = open::secret_key(config, &opened).await?;
    let found = opened.store.mail(command.id).await?;
    opened.store.close().await;
    let found = found.ok_or_else(|| CliError::new(format!("there is no mail {}", command.id)))?;
    let content = mail::open(&mail::seal(&key)?, &found)?;
    // What was handed to a mail server is its reader's alone.
    let hidden = content.link().is_some()
        && (delivery(config) == Delivery::Sent || found.state != MailState::Kept);
    let sender = Sender {
        name: "Claviger".to_owned(),
        host: config.public_url.host().to_owned(),
    };
    let mut text = render(&content, &sender);
    if hidden && let Some(link) = content.link() {
        let shown = link.split('?').next().unwrap_or_default();
        text.text = text.text.replace(link, &format!("{shown}?token=…"));
    }
    let body: Vec<String> = text.text.lines().map(printable).collect();
    let body = body.join("\n");
    let printed = format!(
        "To: {}\nSubject: {}\n\n{body}",
        printable(&found.to),
        text.subject
    );
    output.print(
        &printed,
        &json!({
            "id": found.id.to_string(),
            "at": found.created_at.rfc3339(),
            "to": found.to,
            "template": found.template,
            "state": found.state,
            "attempts": found.attempts,
            "error": found.error,
            "subject": text.subject,
            "text": body,
            "link": content.link().filter(|_| !hidden),
        }),
    );
    Ok(())
}
