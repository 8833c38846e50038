//! Failed sign-ins, and wrong codes of devices, are slowed down, by account and by address, and
//! never for good.
//!
//! Only failures count, so whoever knows the password is not held up by their own success. A
//! browser that has signed in as this person before is not held up by what others try on the
//! account (it has a count of its own), so nobody can lock the owner out.

use std::time::Duration;

use moka::sync::Cache;

use crate::domain::time::Timestamp;

/// Whose failures are counted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ThrottleKey {
    Account(String),
    Address(String),
    /// An account as tried from a browser that has been in it before.
    KnownBrowser(String),
    /// Somebody who types in the codes that devices show (RFC 8628 §5.1).
    CodeTyper(String),
    /// An address from which such codes are typed in.
    CodeAddress(String),
}

impl ThrottleKey {
    /// Failures that cost nothing.
    const fn free(&self) -> u32 {
        match self {
            Self::Account(_) | Self::KnownBrowser(_) | Self::CodeTyper(_) => 5,
            // Many people may share an address.
            Self::Address(_) | Self::CodeAddress(_) => 50,
        }
    }
}

/// The longest wait between two attempts (seconds).
const MAX_WAIT: i64 = 60;
/// Failures are forgotten this long after the last (seconds).
const MEMORY: i64 = 900;

#[derive(Clone, Copy, Debug)]
struct Failures {
    count: u32,
    last: Timestamp,
}

/// Bounded: what was not tried for longest is forgotten first.
#[derive(Debug)]
pub struct Throttle(Cache<ThrottleKey, Failures>);

impl Default for Throttle {
    fn default() -> Self {
        Self(
            Cache::builder()
                .max_capacity(100_000)
                .time_to_idle(Duration::from_secs(MEMORY.unsigned_abs()))
                .build(),
        )
    }
}

impl Throttle {
    /// How many seconds this attempt has to wait; `None` when it may go on.
    pub fn wait(&self, counted: &[ThrottleKey], now: Timestamp) -> Option<i64> {
        counted
            .iter()
            .filter_map(|who| {
                let failures = self.0.get(who)?;
                let over = failures.count.checked_sub(who.free())?;
                let until = failures.last.plus_seconds(
                    1_i64
                        .checked_shl(over)
                        .unwrap_or(MAX_WAIT)
                        .clamp(1, MAX_WAIT),
                );
                let forgotten = now >= failures.last.plus_seconds(MEMORY);
                (!forgotten && now < until).then(|| until.seconds() - now.seconds())
            })
            .max()
            .map(|seconds| seconds.max(1))
    }

    pub fn failed(&self, counted: &[ThrottleKey], now: Timestamp) {
        for who in counted {
            let count = match self.0.get(who) {
                Some(f) if now < f.last.plus_seconds(MEMORY) => f.count.saturating_add(1),
                _ => 1,
            };
            self.0.insert(who.clone(), Failures { count, last: now });
        }
    }

    pub fn succeeded(&self, counted: &[ThrottleKey]) {
        for who in counted {
            match (who, self.0.get(who)) {
                // An address is shared: one person's success takes back one failure. And whoever
                // knows one code that is right must not get more guesses at others by it.
                (
                    ThrottleKey::Address(_)
                    | ThrottleKey::CodeTyper(_)
                    | ThrottleKey::CodeAddress(_),
                    Some(failures),
                ) => {
                    let count = failures.count.saturating_sub(1);
                    self.0.insert(who.clone(), Failures { count, ..failures });
                }
                _ => self.0.invalidate(who),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_slow_an_account_down_and_are_forgotten() {
        let throttle = Throttle::default();
        let ada = [ThrottleKey::Account("ada".to_owned())];
        let mut now = Timestamp(0);
        for _ in 0..5 {
            assert_eq!(throttle.wait(&ada, now), None);
            throttle.failed(&ada, now);
        }
        assert_eq!(throttle.wait(&ada, now), Some(1));
        now = now.plus_seconds(1);
        assert_eq!(throttle.wait(&ada, now), None);
        for _ in 0..40 {
            throttle.failed(&ada, now);
        }
        assert_eq!(throttle.wait(&ada, now), Some(MAX_WAIT));
        assert_eq!(throttle.wait(&ada, now.plus_seconds(MAX_WAIT)), None);
        let known = [ThrottleKey::KnownBrowser("ada".to_owned())];
        assert_eq!(throttle.wait(&known, now), None);
        throttle.succeeded(&ada);
        assert_eq!(throttle.wait(&ada, now), None);
    }

    #[test]
    fn a_right_code_takes_back_its_own_count_and_no_guess() {
        let throttle = Throttle::default();
        let ada = [ThrottleKey::CodeTyper("ada".to_owned())];
        for _ in 0..5 {
            throttle.failed(&ada, Timestamp(0));
            throttle.failed(&ada, Timestamp(0));
            throttle.succeeded(&ada);
        }
        assert_eq!(throttle.wait(&ada, Timestamp(0)), Some(1));
    }
}
