//! Folds measured times into their buckets, which otherwise only a reader of `/metrics` does:
//! without one they would pile up.

use std::time::Duration;

use super::Stop;
use crate::telemetry::metrics_handle;

const EVERY: Duration = Duration::from_secs(5);

pub(super) async fn run(mut stop: Stop) {
    while stop.sleep(EVERY).await {
        metrics_handle().run_upkeep();
    }
}
