//! Why a command failed: one line, and the exit status.

use std::io::Write;
use std::process::ExitCode;

use crate::config::ConfigError;
use crate::crypto::CryptoError;
use crate::error::Error;
use crate::services::form::FormFailure;
use crate::state::StateError;
use crate::store::StoreError;

const FAILED: u8 = 1;

#[derive(Debug)]
pub(super) struct CliError {
    message: String,
}

impl CliError {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
        }
    }

    /// Says so on standard error. An empty message was said already.
    pub(super) fn report(self) -> ExitCode {
        // A pipe that is closed is no reason to panic.
        if !self.message.is_empty() {
            let _ = writeln!(std::io::stderr(), "claviger: {}", one_line(&self.message));
        }
        ExitCode::from(FAILED)
    }
}

/// Libraries' messages have several lines now and then.
fn one_line(text: &str) -> String {
    let words: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|l| !l.is_empty())
        .collect();
    words.join(" ")
}

impl From<ConfigError> for CliError {
    fn from(error: ConfigError) -> Self {
        // A setting that does not parse stops the start the same way wherever it stands.
        Self::new(error.to_string())
    }
}

impl From<Error> for CliError {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(refusal) => match refusal.detail {
                Some(detail) => Self::new(detail),
                None => Self::new(refusal.rule.title),
            },
            Error::Internal => Self::new("the database failed: claviger doctor says more"),
            Error::Busy => Self::new("the database is busy: try again"),
        }
    }
}

impl From<FormFailure> for CliError {
    fn from(failure: FormFailure) -> Self {
        match failure {
            FormFailure::Fields(errors) => Self::new(errors.to_string()),
            FormFailure::Failed(error) => error.into(),
        }
    }
}

impl From<StoreError> for CliError {
    fn from(error: StoreError) -> Self {
        Self::new(error.to_string())
    }
}

impl From<CryptoError> for CliError {
    fn from(error: CryptoError) -> Self {
        Self::new(error.to_string())
    }
}

impl From<StateError> for CliError {
    fn from(error: StateError) -> Self {
        Self::new(error.to_string())
    }
}

impl std::fmt::Display for CliError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}
