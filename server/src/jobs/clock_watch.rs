//! Keeps the sweep from believing a clock that is wrong: what it deletes never comes back.
//!
//! - A clock that jumps ahead of the time that passed is believed when it has stood there for
//!   [`PROBATION`].
//! - On PostgreSQL, a server whose clock is ahead of the database's deletes what the other servers
//!   still honour, so it doesn't sweep.

use std::time::Duration;

use tokio::time::Instant;

use crate::domain::time::Timestamp;

/// As far ahead as this a clock may be: codes, the shortest-lived credentials, live that long.
pub const MOST_AHEAD: Duration = Duration::from_secs(60);
/// Further from the database's than this, a clock is wrong: a request takes less time.
const MOST_APART: Duration = Duration::from_secs(10);
/// A clock that gains more than this between two looks has jumped.
const JUMP: Duration = Duration::from_secs(3600);
/// How long a clock has to run steadily after a jump before it is believed.
const PROBATION: Duration = Duration::from_secs(3600);

/// What the clock showed at the last look.
pub(super) struct ClockWatch {
    wall: Timestamp,
    steady: Instant,
    doubted_since: Option<Instant>,
}

impl ClockWatch {
    pub(super) fn new(wall: Timestamp) -> Self {
        Self {
            wall,
            steady: Instant::now(),
            doubted_since: None,
        }
    }

    /// Whether the clock may be believed.
    pub(super) fn is_steady(&mut self, wall: Timestamp) -> bool {
        let steady = Instant::now();
        let shown = ahead(wall, self.wall);
        let jumped = shown > steady.duration_since(self.steady) + JUMP;
        // Set right again: the doubt ends.
        let back = ahead(self.wall, wall) > JUMP;
        (self.wall, self.steady) = (wall, steady);
        if jumped {
            tracing::warn!(
                seconds = shown.as_secs(),
                "the clock jumped ahead: nothing is swept before it has run steadily for an hour"
            );
            self.doubted_since = Some(steady);
        } else if back {
            self.doubted_since = None;
        }
        self.doubted_since
            .is_none_or(|since| steady.duration_since(since) >= PROBATION)
    }
}

/// What to say of a clock that is too far from the database's.
pub fn apart(ours: Timestamp, database: Timestamp) -> Option<String> {
    let (ahead, behind) = (ahead(ours, database), ahead(database, ours));
    let (by, way) = match ahead > behind {
        true => (ahead, "ahead of"),
        false => (behind, "behind"),
    };
    (by > MOST_APART).then(|| format!("{} s {way} the database's", by.as_secs()))
}

/// How far the first is later than the second.
pub fn ahead(later: Timestamp, earlier: Timestamp) -> Duration {
    let millis = later.millis().saturating_sub(earlier.millis());
    Duration::from_millis(u64::try_from(millis).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    /// Lets that much time pass and says what the clock shows then.
    async fn pass(time: Duration, wall: &mut Timestamp) -> Timestamp {
        advance(time).await;
        *wall = wall.plus_seconds(time.as_secs().cast_signed());
        *wall
    }

    #[test]
    fn a_clock_is_compared_with_the_databases() {
        let at = |seconds| Timestamp(0).plus_seconds(seconds);
        assert_eq!(apart(at(100), at(92)), None);
        for (ours, database, said) in [
            (100, 11, "89 s ahead of the database's"),
            (11, 100, "89 s behind the database's"),
        ] {
            assert_eq!(apart(at(ours), at(database)).as_deref(), Some(said));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_clock_that_runs_is_believed() {
        let mut wall = Timestamp(0);
        let mut watch = ClockWatch::new(wall);
        for minutes in [1, 5, 50] {
            assert!(watch.is_steady(pass(MINUTE * minutes, &mut wall).await));
        }
        // NTP sets it by a little.
        wall = wall.plus_seconds(600);
        assert!(watch.is_steady(pass(MINUTE, &mut wall).await));
    }

    #[tokio::test(start_paused = true)]
    async fn a_clock_that_jumps_for_a_moment_is_never_believed() {
        let mut wall = Timestamp(0);
        let mut watch = ClockWatch::new(wall);
        wall = wall.plus_seconds(10 * 365 * 86_400);
        for _ in 0..30 {
            assert!(!watch.is_steady(pass(MINUTE, &mut wall).await));
        }
        wall = wall - Duration::from_hours(10 * 365 * 24);
        assert!(watch.is_steady(pass(MINUTE, &mut wall).await));
    }

    #[tokio::test(start_paused = true)]
    async fn a_clock_that_was_behind_is_believed_after_an_hour() {
        let mut wall = Timestamp(0);
        let mut watch = ClockWatch::new(wall);
        wall = wall.plus_seconds(50 * 365 * 86_400);
        for _ in 0..60 {
            assert!(!watch.is_steady(pass(MINUTE, &mut wall).await));
        }
        assert!(watch.is_steady(pass(MINUTE, &mut wall).await));
    }
}
