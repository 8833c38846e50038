//! Failed sign-ins, and wrong codes of devices, are slowed down, by account and by network, and
//! never for good.
//!
//! An account has a count of its own, so guesses at it are few wherever they come from. A browser
//! that has signed in as this person before has another one, and no network counts for it: the
//! owner can't be locked out by what others try.
//!
//! A network counts the different accounts that failed from it ([`crowd`]). Many people may share
//! it, so the wait there is short, and a person who was told to wait passes afterwards whatever
//! the others do.

mod crowd;

use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use ipnet::IpNet;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;

use self::crowd::{Counting, Crowd};
use super::network::networks;
use crate::domain::time::Timestamp;

/// Whose failures are counted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ThrottleKey {
    Account(String),
    /// An account as tried from a browser that has been in it before.
    KnownBrowser(String),
    /// A signed-in person who proves again who they are.
    SignedIn(String),
    /// A person who types in the codes that devices show (RFC 8628 §5.1).
    CodeTyper(String),
}

/// What is tried from a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Tried {
    Passwords,
    Codes,
}

/// Failures of one account that cost nothing.
const FREE: u32 = 5;
/// Those of a network that cost nothing: many people may share it.
const FREE_NETWORK: u32 = 50;
/// Those of an IPv6 /48.
const FREE_WIDE: u32 = 200;
/// The longest wait between two attempts (seconds).
const MAX_WAIT: i64 = 60;
/// Failures are forgotten this long after the last.
const MEMORY: Duration = Duration::from_mins(15);
const ACCOUNTS: u64 = 100_000;
const NETWORKS: u64 = 10_000;

/// The wait after so many failures past the free ones: 1, 2, 4 … seconds, `longest` at most.
fn wait_after(over: u32, longest: i64) -> i64 {
    // Seconds past 2⁶ are over every limit here; a longer shift would turn negative.
    (1_i64 << over.min(6)).min(longest)
}

/// Whole seconds until then; 0 when it is past.
fn seconds_until(then: Timestamp, now: Timestamp) -> i64 {
    let millis = then.millis().saturating_sub(now.millis()).max(0);
    millis.saturating_add(999) / 1000
}

#[derive(Clone, Copy, Debug, Default)]
struct Failures {
    count: u32,
    last: Timestamp,
}

impl Failures {
    /// What of them counts now. A clock that has gone back makes nothing last longer.
    fn at(self, now: Timestamp) -> Self {
        if now >= self.last + MEMORY {
            return Self::default();
        }
        Self {
            last: self.last.min(now),
            ..self
        }
    }

    fn one_more(self, now: Timestamp) -> Self {
        Self {
            count: self.count.saturating_add(1),
            last: now,
        }
    }

    fn wait(self, now: Timestamp) -> i64 {
        self.count.checked_sub(FREE).map_or(0, |over| {
            seconds_until(self.last.plus_seconds(wait_after(over, MAX_WAIT)), now)
        })
    }
}

/// Bounded: what was not tried for longest is forgotten first.
#[derive(Debug)]
pub struct Throttle {
    accounts: Cache<ThrottleKey, Failures>,
    crowds: Cache<(Tried, IpNet), Crowd>,
    /// Many attempts at once are decided one after the other.
    deciding: Mutex<()>,
    /// A crowd keeps hashes of accounts; no stranger can find two that are alike.
    hasher: RandomState,
}

impl Default for Throttle {
    fn default() -> Self {
        Self {
            accounts: Cache::builder()
                .max_capacity(ACCOUNTS)
                .eviction_policy(EvictionPolicy::lru())
                .time_to_idle(MEMORY)
                .build(),
            crowds: Cache::builder()
                .max_capacity(NETWORKS)
                .eviction_policy(EvictionPolicy::lru())
                .time_to_idle(MEMORY)
                .build(),
            deciding: Mutex::new(()),
            hasher: RandomState::new(),
        }
    }
}

/// What becomes of the failure that was counted in advance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Forgiven,
    Undone,
}

impl Throttle {
    /// Whether an attempt may go on. It counts as failed from here on, before the work, so that
    /// many attempts at once count each.
    ///
    /// # Errors
    /// The seconds to wait.
    pub fn begin(
        &self,
        key: &ThrottleKey,
        from: impl Into<Option<IpAddr>>,
        now: Timestamp,
    ) -> Result<(), i64> {
        let _deciding = self.deciding.lock().unwrap_or_else(PoisonError::into_inner);
        let who = self.hasher.hash_one(key);
        let failures = self.accounts.get(key).unwrap_or_default().at(now);
        let mut wait = failures.wait(now);
        let mut crowds = Vec::new();
        for (tried, network, counting) in counted(key, from.into()) {
            let mut crowd = self.crowds.get(&(tried, network)).unwrap_or_default();
            wait = wait.max(crowd.ask(who, counting, now));
            crowds.push(((tried, network), counting, crowd));
        }
        let passes = wait == 0;
        for (network, counting, mut crowd) in crowds {
            if passes {
                crowd.failed(who, counting, now);
            }
            self.crowds.insert(network, crowd);
        }
        if passes {
            self.accounts.insert(key.clone(), failures.one_more(now));
            Ok(())
        } else {
            if failures.count > 0 {
                self.accounts.insert(key.clone(), failures);
            }
            Err(wait)
        }
    }

    /// The attempt was right: the failures of this account are forgiven, and nothing of what
    /// others have failed.
    pub fn succeeded(&self, key: &ThrottleKey, from: impl Into<Option<IpAddr>>) {
        self.end(key, from.into(), Outcome::Forgiven);
    }

    /// The attempt does not count: it was no guess, or it was never looked at.
    pub fn undo(&self, key: &ThrottleKey, from: impl Into<Option<IpAddr>>) {
        self.end(key, from.into(), Outcome::Undone);
    }

    fn end(&self, key: &ThrottleKey, from: Option<IpAddr>, outcome: Outcome) {
        let _deciding = self.deciding.lock().unwrap_or_else(PoisonError::into_inner);
        let who = self.hasher.hash_one(key);
        match self.accounts.get(key) {
            Some(failures) if outcome == Outcome::Undone && failures.count > 1 => {
                let count = failures.count - 1;
                let fewer = Failures { count, ..failures };
                self.accounts.insert(key.clone(), fewer);
            }
            _ => self.accounts.invalidate(key),
        }
        for (tried, network, _) in counted(key, from) {
            if let Some(mut crowd) = self.crowds.get(&(tried, network)) {
                match outcome {
                    Outcome::Forgiven => crowd.forgive(who),
                    Outcome::Undone => crowd.undo(who),
                }
                self.crowds.insert((tried, network), crowd);
            }
        }
    }
}

/// The networks that count an attempt: none where we know the browser or the person.
fn counted(key: &ThrottleKey, from: Option<IpAddr>) -> Vec<(Tried, IpNet, Counting)> {
    let tried = match key {
        ThrottleKey::Account(_) => Tried::Passwords,
        ThrottleKey::CodeTyper(_) => Tried::Codes,
        ThrottleKey::KnownBrowser(_) | ThrottleKey::SignedIn(_) => return Vec::new(),
    };
    let each = |(network, free)| {
        let counting = match tried {
            Tried::Passwords => Counting::Accounts { free },
            Tried::Codes => Counting::Failures { free },
        };
        (tried, network, counting)
    };
    let sizes = from.map(networks).into_iter().flat_map(|of| {
        let wide = of.wide.map(|wide| (wide, FREE_WIDE));
        [Some((of.narrow, FREE_NETWORK)), wide]
            .into_iter()
            .flatten()
    });
    sizes.map(each).collect()
}

#[cfg(test)]
mod tests;
