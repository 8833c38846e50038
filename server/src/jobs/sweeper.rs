//! Deletes what has expired, a little at a time.
//!
//! Between two batches it waits, so that requests find the database free; and after a round it
//! rests for longer than the round took, so that a big database is not read without end.

use std::time::Duration;

use tokio::time::Instant;

use super::Stop;
use super::clock_watch::{ClockWatch, MOST_AHEAD, ahead};
use crate::state::AppState;
use crate::store::{StoreError, SweepCursor};

/// From the end of a round to the next, at least.
const REST: Duration = Duration::from_secs(60);
/// A round takes at most a fifth of the time.
const RESTS_PER_ROUND: u32 = 4;
const BETWEEN_BATCHES: Duration = Duration::from_millis(20);
/// After a batch that failed.
const AFTER_ERROR: Duration = Duration::from_secs(5);

pub(super) async fn run(state: AppState, mut stop: Stop) {
    // Servers that start together sweep one after the other.
    let mut rest = REST;
    let mut clock = ClockWatch::new(state.now());
    loop {
        let [jitter] = state.random.bytes::<1>();
        let rest_now = rest.mul_f64(0.75 + f64::from(jitter) / 512.0);
        if !stop.sleep(rest_now).await {
            return;
        }
        if !may_sweep(&state, &mut clock).await {
            continue;
        }
        let begin = Instant::now();
        let Some(deleted) = round(&state, &mut stop).await else {
            return;
        };
        metrics::counter!("claviger_swept_rows_total").increment(deleted);
        if deleted > 0 {
            tracing::debug!(deleted, "swept what has expired");
        }
        rest = REST.max(begin.elapsed() * RESTS_PER_ROUND);
    }
}

/// Whether the clock is right enough to delete by it.
async fn may_sweep(state: &AppState, clock: &mut ClockWatch) -> bool {
    if !clock.is_steady(state.now()) {
        return false;
    }
    let database = match state.store.database_clock().await {
        Ok(Some(database)) => database,
        Ok(None) => return true,
        Err(error) => {
            tracing::warn!(%error, "the database does not tell its time: nothing is swept");
            return false;
        }
    };
    let ahead = ahead(state.now(), database);
    if ahead > MOST_AHEAD {
        tracing::error!(
            seconds = ahead.as_secs(),
            "the clock is ahead of the database's: nothing is swept. Set it right, with NTP"
        );
    }
    ahead <= MOST_AHEAD
}

/// Walks every table once. `None` when it is time to end.
async fn round(state: &AppState, stop: &mut Stop) -> Option<u64> {
    let mut cursor = SweepCursor::default();
    let mut deleted = 0;
    loop {
        let pause = match state.store.sweep_step(state.now(), &mut cursor).await {
            Ok(step) => {
                deleted += step.deleted;
                if step.done {
                    return Some(deleted);
                }
                BETWEEN_BATCHES
            }
            // Requests come first.
            Err(StoreError::Busy) => AFTER_ERROR,
            Err(error) => {
                tracing::warn!(%error, "the sweep failed and is tried again");
                AFTER_ERROR
            }
        };
        if !stop.sleep(pause).await {
            return None;
        }
    }
}
