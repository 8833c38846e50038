//! The one error of services and handlers.
//!
//! `http::response` turns it into a response. It knows nothing of HTTP itself.

use contract::rules;

use crate::crypto::CryptoError;
use crate::domain::refusal::Refusal;
use crate::store::StoreError;

/// Why there is no result: the request broke a rule, or the server failed.
#[derive(Debug)]
pub enum Error {
    Refused(Box<Refusal>),
    /// Logged where it happened. The client learns only that it may try again.
    Internal,
    Busy,
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy => Self::Busy,
            error => {
                tracing::error!(%error, "the database failed");
                Self::Internal
            }
        }
    }
}

impl From<CryptoError> for Error {
    fn from(error: CryptoError) -> Self {
        match error {
            CryptoError::Busy => Self::Busy,
            error => {
                tracing::error!(%error, "a secret could not be handled");
                Self::Internal
            }
        }
    }
}

impl Error {
    /// The refusal that stands for this failure.
    pub fn refusal(self) -> Refusal {
        match self {
            Self::Refused(refusal) => *refusal,
            Self::Internal => Refusal::new(&rules::SERVER_ERROR),
            Self::Busy => Refusal::new(&rules::SERVER_BUSY),
        }
    }
}
