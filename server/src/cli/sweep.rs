//! `claviger sweep`: what a server does all the time, once and without pauses.

use serde_json::json;

use super::error::CliError;
use super::open;
use super::output::Output;
use crate::config::Config;
use crate::jobs::clock_watch::{MOST_AHEAD, ahead};

pub(super) async fn run(config: &Config, output: Output) -> Result<(), CliError> {
    let opened = open::database(config).await?;
    // What is deleted by a wrong clock never comes back.
    if let Some(database) = opened.store.database_clock().await?
        && ahead(opened.now(), database) > MOST_AHEAD
    {
        return Err(CliError::new(
            "the clock is ahead of the database's by more than a minute: set it right, with NTP",
        ));
    }
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
