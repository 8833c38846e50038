//! Clients' key sets at the addresses that they publish them at (RFC 7517 §5).

use std::sync::Arc;
use std::time::Duration;

use moka::sync::Cache;
use serde_json::Value;
use tokio::sync::Mutex;

use super::{JWKS_LIMIT, Outbound};
use crate::domain::jwk;
use crate::domain::time::Timestamp;

/// Seconds for which a set is taken from memory, whatever its publisher says: at least, when
/// nothing is said, at most.
const FRESH: (i64, i64, i64) = (300, 900, 3600);
/// Seconds for which a set that can't be read anew is still used.
const STALE: i64 = 24 * 3600;
/// Seconds between two reads that an unknown key asked for: a client that invents names of keys
/// can't make the server read without end.
const FORCED: i64 = 10;
/// Seconds after the first failure and at most; doubled with each.
const RETRY: (i64, i64) = (10, 3600);
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
            .time_to_idle(Duration::from_secs(STALE.unsigned_abs()));
        Self(cache.build())
    }
}

#[derive(Default)]
struct Entry {
    keys: Option<Keys>,
    fetched_at: Timestamp,
    fresh_until: Timestamp,
    forced_at: Timestamp,
    failures: u32,
    retry_at: Timestamp,
}

impl Outbound {
    /// The keys at this address: from memory, or read now. One read at a time for each address;
    /// the last good set while the address can't be read.
    pub async fn keys(&self, uri: &str, want: Want, now: Timestamp) -> Option<Found> {
        let entry = self.inner.sets.0.get_with_by_ref(uri, Arc::default);
        let mut entry = entry.lock().await;
        let due = match want {
            Want::Known => now >= entry.fresh_until,
            Want::Newer => now >= entry.forced_at.plus_seconds(FORCED),
        };
        let mut just_read = false;
        if due && now >= entry.retry_at {
            if want == Want::Newer {
                entry.forced_at = now;
            }
            just_read = self.read_keys(uri, &mut entry, now).await;
        }
        let usable = now < entry.fetched_at.plus_seconds(STALE);
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
                let (least, usual, most) = FRESH;
                let age = max_age.unwrap_or(usual).clamp(least, most);
                entry.keys = Some(Arc::new(keys));
                entry.fetched_at = now;
                entry.fresh_until = now.plus_seconds(age);
                entry.failures = 0;
                entry.retry_at = now;
                true
            }
            Err(why) => {
                let (first, most) = RETRY;
                let wait = first.saturating_mul(1 << entry.failures.min(20)).min(most);
                entry.failures = entry.failures.saturating_add(1);
                entry.retry_at = now.plus_seconds(wait);
                tracing::info!(uri, why, wait, "a client's keys can't be read");
                false
            }
        }
    }
}
