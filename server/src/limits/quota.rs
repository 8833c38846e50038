//! How often an address may do something that costs us and needs no credentials.

use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use moka::sync::Cache;

use crate::domain::time::Timestamp;

/// Addresses that are remembered; past these, those that came longest ago are forgotten.
const ADDRESSES: u64 = 100_000;

#[derive(Clone, Copy, Debug)]
struct Taken {
    count: u32,
    since: Timestamp,
}

/// At most `limit` times in `seconds`, counted from an address's first.
#[derive(Debug)]
pub struct Quota {
    taken: Cache<IpAddr, Taken>,
    limit: u32,
    seconds: i64,
}

impl Quota {
    pub fn new(limit: u32, seconds: i64) -> Self {
        Self {
            taken: Cache::builder()
                .max_capacity(ADDRESSES)
                .time_to_live(Duration::from_secs(seconds.unsigned_abs()))
                .build(),
            limit,
            seconds,
        }
    }

    /// Takes one.
    ///
    /// # Errors
    /// The seconds to wait, when there is none left.
    pub fn take(&self, from: IpAddr, now: Timestamp) -> Result<(), i64> {
        let entry = self.taken.entry(network(from)).and_upsert_with(|entry| {
            match entry.map(moka::Entry::into_value) {
                Some(taken) if now < taken.since.plus_seconds(self.seconds) => Taken {
                    count: taken.count.saturating_add(1),
                    ..taken
                },
                _ => Taken {
                    count: 1,
                    since: now,
                },
            }
        });
        let taken = entry.into_value();
        if taken.count <= self.limit {
            return Ok(());
        }
        let until = taken.since.plus_seconds(self.seconds);
        Err((until.seconds() - now.seconds()).max(1))
    }
}

/// Whoever has one IPv6 address has the 2⁶⁴ of its network.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => {
            let bits = address.to_bits() & !u128::from(u64::MAX);
            IpAddr::V6(Ipv6Addr::from_bits(bits))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_so_many_in_a_time() {
        let quota = Quota::new(2, 60);
        let at = |text: &str| -> IpAddr { text.parse().unwrap() };
        let now = Timestamp(0);
        assert_eq!(quota.take(at("192.0.2.1"), now), Ok(()));
        assert_eq!(quota.take(at("192.0.2.1"), now.plus_seconds(59)), Ok(()));
        assert_eq!(quota.take(at("192.0.2.1"), now.plus_seconds(59)), Err(1));
        assert_eq!(quota.take(at("192.0.2.2"), now), Ok(()));
        assert_eq!(quota.take(at("192.0.2.1"), now.plus_seconds(60)), Ok(()));
        for (address, left) in [("2001:db8::1", true), ("2001:db8::2", true)] {
            assert_eq!(quota.take(at(address), now).is_ok(), left);
        }
        assert_eq!(quota.take(at("2001:db8::3"), now), Err(60));
        assert_eq!(quota.take(at("2001:db8:0:1::3"), now), Ok(()));
    }
}
