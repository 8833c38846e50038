//! For how long a copy of what another party publishes counts: its metadata document, its keys.

use std::time::Duration;

use super::time::Timestamp;

/// For how long, whatever its publisher says.
#[derive(Clone, Copy, Debug)]
pub struct Caching {
    /// A copy is fresh for so long at least,
    pub least: Duration,
    /// for so long when its publisher says nothing,
    pub usual: Duration,
    /// and for so long at most.
    pub most: Duration,
    /// The last good copy counts for so long while no newer one can be read.
    pub stale: Duration,
    /// Until the next try after a first failure; doubled with each.
    pub first_retry: Duration,
    pub longest_retry: Duration,
}

/// When a copy was read, and when it is read again. Without a read so far `fetched_at` is 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Freshness {
    pub fetched_at: Timestamp,
    pub fresh_until: Timestamp,
    pub failures: i64,
    pub retry_at: Timestamp,
}

impl Freshness {
    /// After a read that went well; `max_age` as the publisher says.
    pub fn read(caching: &Caching, max_age: Option<Duration>, now: Timestamp) -> Self {
        let age = max_age.unwrap_or(caching.usual);
        Self {
            fetched_at: now,
            fresh_until: now + age.clamp(caching.least, caching.most),
            failures: 0,
            retry_at: now,
        }
    }

    /// After one that did not.
    #[must_use]
    pub fn failed(self, caching: &Caching, now: Timestamp) -> Self {
        let doubled = caching.first_retry * (1 << self.failures.clamp(0, 20));
        Self {
            failures: self.failures.saturating_add(1),
            retry_at: now + doubled.min(caching.longest_retry),
            ..self
        }
    }

    /// Whether it has to be read before it is used, and may be.
    pub fn is_due(self, now: Timestamp) -> bool {
        now >= self.fresh_until && self.may_read(now)
    }

    /// Whether the last failure is long enough ago.
    pub fn may_read(self, now: Timestamp) -> bool {
        now >= self.retry_at
    }

    /// Whether the last good copy counts.
    pub fn is_usable(self, caching: &Caching, now: Timestamp) -> bool {
        now < self.fresh_until || now < self.fetched_at + caching.stale
    }
}
