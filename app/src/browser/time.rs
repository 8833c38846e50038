//! Times in words. Clock and time zone are the browser's: never while the server renders.

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// A moment as a calendar and a clock on the wall show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Wall {
    year: u32,
    /// From 0.
    month: u32,
    day: u32,
    hour: u32,
    minute: u32,
}

impl Wall {
    /// In the person's time zone.
    #[cfg(feature = "hydrate")]
    fn local(millis: i64) -> Self {
        let date = js_sys::Date::new(&wasm_bindgen::JsValue::from_f64(millis as f64));
        Self {
            year: date.get_full_year(),
            month: date.get_month(),
            day: date.get_date(),
            hour: date.get_hours(),
            minute: date.get_minutes(),
        }
    }

    #[cfg(not(feature = "hydrate"))]
    fn local(_millis: i64) -> Self {
        Self {
            year: 1970,
            month: 0,
            day: 1,
            hour: 0,
            minute: 0,
        }
    }

    /// `12 Nov`, with the year when it is not this one.
    fn day(self, this_year: u32) -> String {
        let month = MONTHS.get(self.month as usize).copied().unwrap_or_default();
        if self.year == this_year {
            format!("{} {month}", self.day)
        } else {
            format!("{} {month} {}", self.day, self.year)
        }
    }

    /// `12 Nov, 09:05`.
    fn words(self, this_year: u32) -> String {
        format!(
            "{}, {:02}:{:02}",
            self.day(this_year),
            self.hour,
            self.minute
        )
    }
}

/// Nearer than that a distance says more.
const NEAR: i64 = 3_600_000;

/// `2 minutes ago`, or `12 Nov, 09:05` by the person's own clock, from RFC 3339.
pub fn when(time: &str) -> String {
    let now = now();
    match millis(time) {
        Some(then) if (now - then).abs() < NEAR => relative(then, now),
        Some(then) => Wall::local(then).words(Wall::local(now).year),
        None => time.to_owned(),
    }
}

/// `2026-11-27 20:26:15 UTC` from RFC 3339 in UTC; what does not look like it as it is.
pub fn utc(time: &str) -> String {
    match (time.get(..19), time.ends_with('Z')) {
        (Some(start), true) => format!("{} UTC", start.replace('T', " ")),
        _ => time.to_owned(),
    }
}

/// Unix milliseconds now.
pub fn now() -> i64 {
    #[cfg(feature = "hydrate")]
    return js_sys::Date::now() as i64;
    #[cfg(not(feature = "hydrate"))]
    return 0;
}

/// The time of day, `14:05:23`, of Unix milliseconds, where the browser is.
pub fn clock(millis: i64) -> String {
    #[cfg(feature = "hydrate")]
    let local = {
        let date = js_sys::Date::new(&(millis as f64).into());
        millis - date.get_timezone_offset() as i64 * 60_000
    };
    #[cfg(not(feature = "hydrate"))]
    let local = millis;
    let seconds = local.div_euclid(1000).rem_euclid(86_400);
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    format!("{hours:02}:{minutes:02}:{:02}", seconds % 60)
}

/// RFC 3339 as Unix milliseconds.
pub fn millis(time: &str) -> Option<i64> {
    #[cfg(feature = "hydrate")]
    {
        let parsed = js_sys::Date::parse(time);
        (!parsed.is_nan()).then_some(parsed as i64)
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = time;
        None
    }
}

/// `2 minutes ago`, `in 3 days`, from RFC 3339.
pub fn ago(time: &str) -> String {
    match millis(time) {
        Some(then) => relative(then, now()),
        None => date(time),
    }
}

/// The distance between two moments in words, both in Unix milliseconds.
pub fn relative(then: i64, now: i64) -> String {
    let distance = (now - then).abs() / 1000;
    let (count, unit) = match distance {
        0..45 => return "just now".to_owned(),
        45..3600 => ((distance + 30) / 60, "minute"),
        3600..86_400 => (distance / 3600, "hour"),
        86_400..2_592_000 => (distance / 86_400, "day"),
        2_592_000..31_536_000 => (distance / 2_592_000, "month"),
        _ => (distance / 31_536_000, "year"),
    };
    let plural = if count == 1 { "" } else { "s" };
    if then > now {
        format!("in {count} {unit}{plural}")
    } else {
        format!("{count} {unit}{plural} ago")
    }
}

/// `12 Nov`, with the year when it is not this one, from RFC 3339; by the person's own clock.
pub fn date(time: &str) -> String {
    match millis(time) {
        Some(then) => Wall::local(then).day(Wall::local(now()).year),
        None => time.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_in_words() {
        let minute = 60_000;
        for (then, words) in [
            (0, "just now"),
            (-minute, "1 minute ago"),
            (-59 * minute, "59 minutes ago"),
            (-60 * minute, "1 hour ago"),
            (-48 * 60 * minute, "2 days ago"),
            (3 * 60 * minute, "in 3 hours"),
        ] {
            assert_eq!(relative(then, 0), words);
        }
    }

    #[test]
    fn the_time_of_day() {
        for (millis, time) in [
            (0, "00:00:00"),
            (86_399_999, "23:59:59"),
            (86_400_000 + 3_661_000, "01:01:01"),
            (-1000, "23:59:59"),
        ] {
            assert_eq!(clock(millis), time);
        }
    }

    #[test]
    fn moments_in_words() {
        let wall = Wall {
            year: 2026,
            month: 10,
            day: 2,
            hour: 9,
            minute: 5,
        };
        assert_eq!(wall.day(2026), "2 Nov");
        assert_eq!(wall.words(2027), "2 Nov 2026, 09:05");
        assert_eq!(utc("2026-11-02T10:00:00Z"), "2026-11-02 10:00:00 UTC");
        assert_eq!(utc("2026-11-02T10:00:00.5Z"), "2026-11-02 10:00:00 UTC");
        assert_eq!(utc("soon"), "soon");
        assert_eq!(date("soon"), "soon");
    }
}
