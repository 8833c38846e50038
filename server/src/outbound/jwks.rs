//! Clients' key sets at the addresses that they publish them at (RFC 7517 §5).

use std::sync::Arc;
use std::time::Duration;

use moka::sync::Cache;
use serde_json::Value;
use tokio::sync::Mutex;

use super::{JWKS_LIMIT, Outbound};
use crate::domain::freshness::{Caching, Freshness};
use crate::domain::jwk;
use crate::domain::time::Timestamp;

/// How long a set counts.
const CACHING: Caching = Caching {
    least: Duration::from_mins(5),
    usual: Duration::from_mins(15),
    most: Duration::from_hours(1),
    stale: Duration::from_hours(24),
    first_retry: Duration::from_secs(10),
    longest_retry: Duration::from_hours(1),
};
/// Between two reads that an unknown key asked for: a client that invents names of keys can't make
/// the server read without end.
const FORCED: Duration = Duration::from_secs(10);
/// Sets in memory: of 30 KB each at most, since keys are kept without what stands beside them.
const SETS: u64 = 2_000;

/// The keys of a set.
pub type Keys = Arc<Vec<Value>>;

/// Whether what is in memory will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want {
    /// While it is fresh.
    Known,
    /// It named no key that was asked for.
    Newer,
}

/// A set, and whether it was read just now.
#[derive(Clone, Debug)]
pub struct Found {
    pub keys: Keys,
    pub just_read: bool,
}

pub(super) struct Sets(Cache<String, Arc<Mutex<Entry>>>);

impl Default for Sets {
    fn default() -> Self {
        let cache = Cache::builder()
            .max_capacity(SETS)
            .time_to_idle(CACHING.stale);
        Self(cache.build())
    }
}

#[derive(Default)]
struct Entry {
    keys: Option<Keys>,
    freshness: Freshness,
    forced_at: Timestamp,
}

impl Outbound {
    /// The keys at this address: from memory, or read now. One read at a time for each address;
    /// the last good set while the address can't be read.
    pub async fn keys(&self, uri: &str, want: Want, now: Timestamp) -> Option<Found> {
        let entry = self.inner.sets.0.get_with_by_ref(uri, Arc::default);
        let mut entry = entry.lock().await;
        let due = match want {
            Want::Known => now >= entry.freshness.fresh_until,
            Want::Newer => now >= entry.forced_at + FORCED,
        };
        let mut just_read = false;
        if due && entry.freshness.may_read(now) {
            if want == Want::Newer {
                entry.forced_at = now;
            }
            just_read = self.read_keys(uri, &mut entry, now).await;
        }
        let usable = entry.freshness.is_usable(&CACHING, now);
        let keys = entry.keys.clone().filter(|_| usable)?;
        Some(Found { keys, just_read })
    }

    /// Whether the set was read.
    async fn read_keys(&self, uri: &str, entry: &mut Entry, now: Timestamp) -> bool {
        let fetched = self.get(uri, JWKS_LIMIT).await;
        let read = fetched.map_err(|error| error.to_string()).and_then(|got| {
            let set: Value = serde_json::from_slice(&got.body).map_err(|e| e.to_string())?;
            let set = jwk::kept(&set)?;
            let keys = set.get("keys").and_then(Value::as_array).cloned();
            Ok((keys.unwrap_or_default(), got.max_age))
        });
        match read {
            Ok((keys, max_age)) => {
                entry.keys = Some(Arc::new(keys));
                entry.freshness = Freshness::read(&CACHING, max_age, now);
                true
            }
            Err(why) => {
                entry.freshness = entry.freshness.failed(&CACHING, now);
                let wait = entry.freshness.retry_at.seconds() - now.seconds();
                tracing::info!(uri, why, wait, "a client's keys can't be read");
                false
            }
        }
    }
}
