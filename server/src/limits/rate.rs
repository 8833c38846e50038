//! How much of something that is dropped without harm a key may cause in a minute.

use std::time::Duration;

use moka::sync::Cache;

use crate::domain::time::Timestamp;

/// Keys that are remembered; past these, those that came longest ago are forgotten.
const KEYS: u64 = 10_000;
const MINUTE: Duration = Duration::from_mins(1);

#[derive(Clone, Copy, Debug)]
struct Taken {
    count: u32,
    since: Timestamp,
}

/// At most `limit` in a minute, counted from a key's first.
#[derive(Debug)]
pub struct Rate {
    taken: Cache<String, Taken>,
    limit: u32,
}

impl Rate {
    pub fn new(limit: u32) -> Self {
        Self {
            taken: Cache::builder()
                .max_capacity(KEYS)
                .time_to_idle(MINUTE)
                .build(),
            limit,
        }
    }

    /// Takes one; `false` when there is none left.
    pub fn take(&self, key: &str, now: Timestamp) -> bool {
        let entry = self.taken.entry_by_ref(key).and_upsert_with(|entry| {
            match entry.map(moka::Entry::into_value) {
                Some(taken) if now < taken.since + MINUTE => Taken {
                    count: taken.count.saturating_add(1),
                    ..taken
                },
                _ => Taken {
                    count: 1,
                    since: now,
                },
            }
        });
        entry.into_value().count <= self.limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_so_many_in_a_minute_and_others_have_theirs() {
        let rate = Rate::new(2);
        let now = Timestamp(0);
        assert!(rate.take("a", now));
        assert!(rate.take("a", now.plus_seconds(59)));
        assert!(!rate.take("a", now.plus_seconds(59)));
        assert!(rate.take("b", now.plus_seconds(59)));
        assert!(rate.take("a", now.plus_seconds(60)));
    }
}
