//! How often a network, or a client, may do something that costs us and needs no credentials.
//!
//! A count in a window of time, with `now` as an argument. (`governor` would count as well, but
//! it owns its clock: a limiter reads the clock that it was built with, so a clock that tests
//! move, and that goes back, would have to be hidden in it.)

use std::net::IpAddr;
use std::time::Duration;

use ipnet::IpNet;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;

use super::network::networks;
use crate::domain::time::Timestamp;

/// Networks and clients that are remembered; past these, those that came longest ago are
/// forgotten.
const REMEMBERED: u64 = 100_000;

/// How many there may be in `seconds`, counted from the first.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// From an IPv4 address or an IPv6 /64.
    pub network: u32,
    /// From an IPv6 /48.
    pub wide: u32,
    /// For a client, from everywhere.
    pub client: u32,
    pub seconds: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum QuotaKey {
    Network(IpNet),
    Client(String),
}

#[derive(Clone, Copy, Debug)]
struct Taken {
    count: u32,
    since: Timestamp,
}

#[derive(Debug)]
pub struct Quota {
    taken: Cache<QuotaKey, Taken>,
    limit: Limit,
}

impl Quota {
    pub fn new(limit: Limit) -> Self {
        Self {
            taken: Cache::builder()
                .max_capacity(REMEMBERED)
                .eviction_policy(EvictionPolicy::lru())
                .time_to_live(Duration::from_secs(limit.seconds.unsigned_abs()))
                .build(),
            limit,
        }
    }

    /// Takes one. A network that has none left takes none from those that are counted after it:
    /// it can't use up what its site, or the client, has for others.
    ///
    /// # Errors
    /// The seconds to wait, when there is none left.
    pub fn take(&self, from: IpAddr, client: Option<&str>, now: Timestamp) -> Result<(), i64> {
        let from = networks(from);
        self.take_of(QuotaKey::Network(from.narrow), self.limit.network, now)?;
        if let Some(wide) = from.wide {
            self.take_of(QuotaKey::Network(wide), self.limit.wide, now)?;
        }
        match client {
            Some(client) => {
                self.take_of(QuotaKey::Client(client.to_owned()), self.limit.client, now)
            }
            None => Ok(()),
        }
    }

    fn take_of(&self, key: QuotaKey, limit: u32, now: Timestamp) -> Result<(), i64> {
        let seconds = self.limit.seconds;
        let first = Taken {
            count: 1,
            since: now,
        };
        let entry = self.taken.entry(key).and_upsert_with(|entry| {
            match entry.map(moka::Entry::into_value) {
                // A window that begins later than now is one of a clock that has gone back.
                Some(taken) if taken.since <= now && now < taken.since.plus_seconds(seconds) => {
                    Taken {
                        count: taken.count.saturating_add(1),
                        ..taken
                    }
                }
                _ => first,
            }
        });
        let taken = entry.into_value();
        if taken.count <= limit {
            return Ok(());
        }
        let until = taken.since.plus_seconds(seconds);
        Err((until.seconds() - now.seconds()).clamp(1, seconds.max(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Limit = Limit {
        network: 2,
        wide: 4,
        client: 6,
        seconds: 60,
    };
    const NOW: Timestamp = Timestamp(0);

    fn at(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn an_address_has_so_many_in_a_time() {
        let quota = Quota::new(LIMIT);
        let take = |from, seconds| quota.take(at(from), None, NOW.plus_seconds(seconds));
        assert_eq!(take("192.0.2.1", 0), Ok(()));
        assert_eq!(take("192.0.2.1", 59), Ok(()));
        assert_eq!(take("192.0.2.1", 59), Err(1));
        assert_eq!(take("192.0.2.2", 0), Ok(()));
        assert_eq!(take("192.0.2.1", 60), Ok(()));
    }

    #[test]
    fn a_site_has_more_than_its_links_and_an_end_too() {
        let quota = Quota::new(LIMIT);
        let take = |from| quota.take(at(from), None, NOW);
        for address in ["2001:db8::1", "2001:db8::2", "2001:db8:0:1::1"] {
            assert_eq!(take(address), Ok(()));
        }
        // What a link is refused, its site keeps.
        for _ in 0..9 {
            assert_eq!(take("2001:db8::3"), Err(60));
        }
        assert_eq!(take("2001:db8:0:2::1"), Ok(()));
        assert_eq!(take("2001:db8:0:3::1"), Err(60));
        assert_eq!(take("2001:db8:1::1"), Ok(()));
    }

    #[test]
    fn one_network_can_not_take_all_that_a_client_has() {
        let quota = Quota::new(LIMIT);
        let take = |from: &str| quota.take(at(from), Some("app"), NOW).is_ok();
        let from = |address: &str| (0..9).filter(|_| take(address)).count();
        assert_eq!(
            [from("192.0.2.1"), from("192.0.2.2"), from("192.0.2.3")],
            [2; 3]
        );
        assert_eq!(from("192.0.2.4"), 0);
        assert_eq!(quota.take(at("192.0.2.5"), Some("other"), NOW), Ok(()));
    }

    #[test]
    fn a_clock_that_goes_back_starts_a_window_anew() {
        let quota = Quota::new(LIMIT);
        let take = |seconds| quota.take(at("192.0.2.1"), None, NOW.plus_seconds(seconds));
        for _ in 0..9 {
            let _ = take(3600);
        }
        assert_eq!([take(0), take(0), take(0)], [Ok(()), Ok(()), Err(60)]);
    }
}
