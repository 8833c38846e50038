//! Points in time and lengths of it.

use std::ops::{Add, Sub};
use std::time::{Duration, UNIX_EPOCH};

/// A point in time: milliseconds since the Unix epoch. The database holds the same number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

impl Timestamp {
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds, as JWTs count (RFC 7519 §2, NumericDate).
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// For lengths that are kept as a number: settings, the database, a JWT.
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1000)))
    }

    /// RFC 3339 in UTC, to the second.
    pub fn rfc3339(self) -> String {
        let since = Duration::from_secs(u64::try_from(self.seconds()).unwrap_or(0));
        humantime::format_rfc3339_seconds(UNIX_EPOCH + since).to_string()
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, length: Duration) -> Self {
        Self(self.0.saturating_add(millis(length)))
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Self;

    fn sub(self, length: Duration) -> Self {
        Self(self.0.saturating_sub(millis(length)))
    }
}

fn millis(length: Duration) -> i64 {
    i64::try_from(length.as_millis()).unwrap_or(i64::MAX)
}

/// Whole seconds, as settings, the database and JSON have them.
pub const fn seconds(length: Duration) -> i64 {
    let seconds = length.as_secs();
    if seconds > i64::MAX.unsigned_abs() {
        i64::MAX
    } else {
        seconds.cast_signed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_ends_where_time_ends() {
        let now = Timestamp(1_700_000_000_999);
        assert_eq!(now + Duration::MAX, Timestamp(i64::MAX));
        assert_eq!(now + Duration::from_secs(60) - Duration::from_mins(1), now);
        assert_eq!(seconds(Duration::MAX), i64::MAX);
        assert_eq!(seconds(Duration::from_hours(1)), 3600);
    }

    #[test]
    fn a_timestamp_reads_as_rfc3339() {
        assert_eq!(Timestamp(0).rfc3339(), "1970-01-01T00:00:00Z");
        assert_eq!(
            Timestamp(1_700_000_000_999).rfc3339(),
            "2023-11-14T22:13:20Z"
        );
    }
}
