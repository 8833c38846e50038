//! `claviger migrate`: brings the schema up to date and stops.

use serde_json::json;

use super::error::CliError;
use super::output::Output;
use crate::config::Config;
use crate::store::Store;

pub(super) async fn run(config: &Config, output: Output) -> Result<(), CliError> {
    let store = Store::connect_with(&config.database_url, config.store_options()).await?;
    // An error says that the database was never migrated; a worse one comes again below.
    let was_current = matches!(store.pending_migrations().await, Ok(0));
    store.migrate().await?;
    store.close().await;
    let text = if was_current {
        "The database was up to date."
    } else {
        "The database is up to date now."
    };
    output.print(text, &json!({ "changed": !was_current }));
    Ok(())
}
