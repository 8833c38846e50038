//! Notices what another process has changed: keys, applications, secrets, passwords.

use std::time::Duration;

use super::Stop;
use crate::state::{AppState, StateError};

const EVERY: Duration = Duration::from_secs(1);

pub(super) async fn run(state: AppState, mut stop: Stop) {
    // Unknown, so that the first look reads again what changed while the server started.
    let mut seen = None;
    let mut failing = false;
    while stop.sleep(EVERY).await {
        match look(&state, seen).await {
            Ok(generation) => {
                if failing {
                    tracing::info!("the database answers again");
                }
                (seen, failing) = (Some(generation), false);
            }
            Err(error) => {
                // Log it once, not every second until it works again.
                if !failing {
                    tracing::error!(%error, "changes can't be read from the database");
                }
                failing = true;
            }
        }
    }
}

/// Reads again what is kept in memory if it changed since `seen`.
async fn look(state: &AppState, seen: Option<i64>) -> Result<i64, StateError> {
    // Read before the reload: what changes in between is seen in the next round.
    let generation = state.store.generation().await?;
    if seen != Some(generation) {
        state.reload().await?;
    }
    Ok(generation)
}
