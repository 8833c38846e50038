//! `claviger app secret …`: client secrets.

use std::time::Duration;

use clap::{Args, Subcommand};
use serde_json::json;

use super::super::error::CliError;
use super::super::open;
use super::super::output::{Output, printable};
use super::failed;
use crate::config::Config;
use crate::crypto::client_secret::ClientSecrets;
use crate::domain::time::Timestamp;
use crate::services::applications::{self, By};

/// A secret that is replaced and lives on for longer than this is not replaced.
const MAX_OVERLAP: Duration = Duration::from_secs(366 * 24 * 3600);

#[derive(Subcommand, Debug)]
pub(in crate::cli) enum Command {
    /// Make a new secret, shown this once; the ones before end
    Rotate(Rotate),
}

#[derive(Args, Debug)]
pub(in crate::cli) struct Rotate {
    client_id: String,
    /// For how long the secrets before go on working, as in 30m or 7d
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = overlap)]
    overlap: Duration,
}

fn overlap(text: &str) -> Result<Duration, String> {
    let time = humantime::parse_duration(text).map_err(|error| error.to_string())?;
    if time > MAX_OVERLAP {
        return Err("longer than a year".to_owned());
    }
    Ok(time)
}

pub(super) async fn rotate(
    command: Rotate,
    config: &Config,
    output: Output,
) -> Result<(), CliError> {
    let client_id = command.client_id;
    let core = open::database(config).await?;
    let key = open::secret_key(config, &core).await?;
    let secrets = ClientSecrets::new(&key);
    let overlap = i64::try_from(command.overlap.as_secs()).unwrap_or(i64::MAX);
    let (application, made) =
        applications::rotate_secret(&core, &secrets, By::Operator, &client_id, overlap)
            .await
            .map_err(|failure| failed(failure, &client_id))?;
    core.store.close().await;
    let (id, created_at) = (made.secret.id, made.secret.created_at);
    let others_end = created_at.plus_seconds(overlap);
    output.print(
        &as_text(&application.settings.name, &made.plain, overlap, others_end),
        &json!({
            "client_id": client_id,
            "id": id.to_string(),
            "client_secret": made.plain,
            "created_at": created_at.rfc3339(),
            "others_expire_at": others_end.rfc3339(),
        }),
    );
    Ok(())
}

fn as_text(name: &str, secret: &str, overlap: i64, others_end: Timestamp) -> String {
    let others = if overlap == 0 {
        "The ones before have ended.".to_owned()
    } else {
        format!("The ones before end at {}.", others_end.rfc3339())
    };
    format!(
        "The new secret of {}:\n  client_secret  {secret}\n\
         Keep it now: it is not shown again. {others}",
        printable(name)
    )
}
