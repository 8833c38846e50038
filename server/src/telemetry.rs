//! Logs on standard error, and metrics for `/metrics`.
//!
//! A log line never holds a password, a secret, a code or a token: what has to be recognisable
//! goes in as a fingerprint. Standard output belongs to what a command was asked for.

use std::io::{IsTerminal, stderr};
use std::sync::OnceLock;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;

use crate::config::{ConfigError, LogFormat, Place};

/// What a server says when `RUST_LOG` does not decide: its own news, and of the database only
/// what is wrong.
const SERVER: &str = "info,sqlx=warn,sea_orm=warn,sea_orm_migration=warn";
/// Other commands print what they did; the log adds what went wrong.
const COMMAND: &str = "warn";

/// Upper bounds in seconds. Most answers take less than a millisecond, a sign-in about 30.
const SECONDS: [f64; 14] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// Which events are logged when `RUST_LOG` does not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    Server,
    Command,
}

/// Starts logging, once in a process.
///
/// # Errors
/// `RUST_LOG` does not parse.
pub fn init(format: LogFormat, audience: Audience) -> Result<(), ConfigError> {
    let given = std::env::var("RUST_LOG")
        .ok()
        .filter(|text| !text.is_empty());
    let default = match audience {
        Audience::Server => SERVER,
        Audience::Command => COMMAND,
    };
    let filter = EnvFilter::builder()
        .parse(given.as_deref().unwrap_or(default))
        .map_err(|error| ConfigError::Value {
            key: "RUST_LOG".to_owned(),
            value: given.clone().unwrap_or_default(),
            place: Place::Environment,
            problem: error.to_string(),
        })?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(stderr);
    // A second call in one process is a test's: the first subscriber stays.
    let _ = match format {
        LogFormat::Json => log
            .json()
            .flatten_event(true)
            .with_span_list(false)
            .try_init(),
        LogFormat::Text => {
            let colours =
                stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty());
            log.with_ansi(colours).try_init()
        }
    };
    if audience == Audience::Server {
        log_panics();
    }
    Ok(())
}

/// A panic is an event like any other: one line, in the format that was asked for.
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let message = panic
            .payload()
            .downcast_ref::<&str>()
            .copied()
            .or_else(|| panic.payload().downcast_ref::<String>().map(String::as_str))
            .unwrap_or("no message");
        let place = panic
            .location()
            .map(ToString::to_string)
            .unwrap_or_default();
        tracing::error!(place, "panic: {message}");
    }));
}

/// What has been counted so far, for every state in this process.
///
/// The first call installs the recorder: call it before anything is counted.
pub fn metrics_handle() -> &'static PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE.get_or_init(|| {
        let builder = PrometheusBuilder::new();
        let recorder = builder
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)
            .unwrap_or_else(|_| PrometheusBuilder::new())
            .build_recorder();
        let handle = recorder.handle();
        // Fails only if another recorder is installed; then this handle shows nothing.
        let _ = metrics::set_global_recorder(recorder);
        handle
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_is_shown() {
        metrics_handle();
        metrics::counter!("claviger_telemetry_test_total").increment(2);
        metrics::histogram!("claviger_telemetry_test_seconds").record(0.002);
        let shown = metrics_handle().render();
        assert!(shown.contains("claviger_telemetry_test_total 2"), "{shown}");
        assert!(
            shown.contains("claviger_telemetry_test_seconds_bucket{le=\"0.0025\"} 1"),
            "{shown}"
        );
    }
}
