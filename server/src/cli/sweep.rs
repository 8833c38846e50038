//! `claviger sweep`: what a server does all the time, once and without pauses.

use serde_json::json;

use super::error::CliError;
use super::open;
use super::output::Output;
use crate::config::Config;

pub(super) async fn run(config: &Config, output: Output) -> Result<(), CliError> {
    let opened = open::database(config).await?;
    let deleted = opened.store.sweep_all(opened.now()).await?;
    opened.store.close().await;
    let text = match deleted {
        0 => "Nothing has expired.".to_owned(),
        1 => "Deleted 1 row.".to_owned(),
        _ => format!("Deleted {deleted} rows."),
    };
    output.print(&text, &json!({ "deleted": deleted }));
    Ok(())
}
