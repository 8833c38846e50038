//! Random bytes, and the ids made from them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use uuid::Uuid;

use super::hash::sha256;
use crate::domain::credential::{Credential, CredentialKind};
use crate::domain::time::Timestamp;

#[derive(Clone, Debug, Default)]
pub enum Random {
    #[default]
    System,
    /// The same bytes in every run: SHA-256 over a counter. For tests.
    Counter(Arc<AtomicU64>),
}

impl Random {
    pub fn counter() -> Self {
        Self::Counter(Arc::default())
    }

    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        match self {
            Self::System => {
                // aws-lc seeds itself from the kernel at start and aborts the process if that
                // fails, so an error can't be met here; zeros must not leave this function.
                #[expect(clippy::expect_used, reason = "without randomness nothing may go on")]
                aws_lc_rs::rand::fill(&mut bytes).expect("the operating system gives randomness");
            }
            Self::Counter(counter) => {
                for chunk in bytes.chunks_mut(32) {
                    let block = sha256(&counter.fetch_add(1, Ordering::SeqCst).to_be_bytes());
                    chunk.copy_from_slice(&block[..chunk.len()]);
                }
            }
        }
        bytes
    }

    /// A UUIDv7: ordered by `now`, so that rows are appended at the right edge of their table.
    pub fn uuid(&self, now: Timestamp) -> Uuid {
        let millis = u64::try_from(now.millis()).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &self.bytes()).into_uuid()
    }

    pub fn credential(&self, kind: CredentialKind, now: Timestamp) -> Credential {
        self.credential_with_id(kind, self.uuid(now))
    }

    pub fn credential_with_id(&self, kind: CredentialKind, id: Uuid) -> Credential {
        Credential::new(kind, id, self.bytes())
    }
}
