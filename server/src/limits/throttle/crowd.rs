//! What failed from one network, of many people perhaps.

use super::{Failures, MEMORY, seconds_until, wait_after};
use crate::domain::time::Timestamp;

/// The longest wait because of others (seconds).
pub(super) const SHARED_WAIT: i64 = 10;
/// Accounts that were told to wait and may pass afterwards. A program that tries many accounts at
/// once gets this many attempts in [`SHARED_WAIT`] seconds and no more.
const PROMISES: usize = 64;
/// Failed accounts that are kept past the free ones: more would not make the wait longer.
const PAST_FREE: usize = 8;

/// What makes a network wait, and how much of it is free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counting {
    /// Passwords: how many accounts failed, however often each. Guesses at one account are the
    /// account's own count.
    Accounts { free: u32 },
    /// Codes of devices: how often all of them failed. Every wrong code is a guess at them all.
    Failures { free: u32 },
}

impl Counting {
    const fn free(self) -> u32 {
        match self {
            Self::Accounts { free } | Self::Failures { free } => free,
        }
    }
}

#[derive(Clone, Debug, Default)]
pub(super) struct Crowd {
    /// By the hash of the account. Each is forgotten a while after its own last failure.
    failed: Vec<(u64, Failures)>,
    /// When the accounts that were told to wait may pass; the oldest first.
    promised: Vec<(u64, Timestamp)>,
    /// When an attempt went on last.
    last: Option<Timestamp>,
}

impl Crowd {
    /// How many seconds this account has to wait here; 0 when it may go on. It passes when an
    /// attempt went on long enough ago, or when its own wait is over, whatever others did.
    pub(super) fn ask(&mut self, who: u64, counting: Counting, now: Timestamp) -> i64 {
        self.settle(now);
        let count = match counting {
            Counting::Accounts { .. } => u32::try_from(self.failed.len()).unwrap_or(u32::MAX),
            Counting::Failures { .. } => self.failed.iter().fold(0, |sum: u32, (_, failures)| {
                sum.saturating_add(failures.count)
            }),
        };
        let Some(over) = count.checked_sub(counting.free()) else {
            return 0;
        };
        let wait = wait_after(over, SHARED_WAIT);
        let turn = self.last.map_or(now, |last| last.plus_seconds(wait));
        if turn <= now {
            return 0;
        }
        let promised = self.promised.iter().find(|(account, _)| *account == who);
        let ready = match promised {
            Some((_, ready)) => *ready,
            None => self.promise(who, now.plus_seconds(wait)),
        };
        seconds_until(turn.min(ready), now)
    }

    fn promise(&mut self, who: u64, ready: Timestamp) -> Timestamp {
        if self.promised.len() >= PROMISES {
            self.promised.remove(0);
        }
        self.promised.push((who, ready));
        ready
    }

    /// An attempt goes on, and counts as failed.
    pub(super) fn failed(&mut self, who: u64, counting: Counting, now: Timestamp) {
        self.last = Some(now);
        self.promised.retain(|(account, _)| *account != who);
        if let Some((_, failures)) = self.failed.iter_mut().find(|(account, _)| *account == who) {
            *failures = failures.one_more(now);
            return;
        }
        let most = usize::try_from(counting.free()).map_or(PAST_FREE, |free| free + PAST_FREE);
        if self.failed.len() >= most {
            let oldest = self.failed.iter().enumerate();
            let oldest = oldest.min_by_key(|(_, (_, failures))| failures.last);
            if let Some((at, _)) = oldest {
                self.failed.swap_remove(at);
            }
        }
        self.failed.push((who, Failures::default().one_more(now)));
    }

    /// The account is in: none of its failures was a guess.
    pub(super) fn forgive(&mut self, who: u64) {
        self.failed.retain(|(account, _)| *account != who);
    }

    /// Takes back one failure of the account.
    pub(super) fn undo(&mut self, who: u64) {
        if let Some((_, failures)) = self.failed.iter_mut().find(|(account, _)| *account == who) {
            failures.count = failures.count.saturating_sub(1);
        }
        self.failed.retain(|(_, failures)| failures.count > 0);
    }

    /// Forgets what is old. Nothing lasts longer because the clock has gone back.
    fn settle(&mut self, now: Timestamp) {
        self.failed.retain_mut(|(_, failures)| {
            *failures = failures.at(now);
            failures.count > 0
        });
        let latest = now.plus_seconds(SHARED_WAIT);
        self.promised.retain_mut(|(_, ready)| {
            *ready = (*ready).min(latest);
            now < *ready + MEMORY
        });
        self.last = self.last.map(|last| last.min(now));
    }
}
