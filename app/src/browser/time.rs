//! Times in words. The clock is the browser's: never while the server renders.

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Unix milliseconds now.
pub fn now() -> i64 {
    #[cfg(feature = "hydrate")]
    return js_sys::Date::now() as i64;
    #[cfg(not(feature = "hydrate"))]
    return 0;
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

/// `12 November 2026` from RFC 3339; what does not look like it comes back as it is.
pub fn date(time: &str) -> String {
    let mut parts = time.get(..10).unwrap_or_default().split('-');
    let (year, month, day) = (parts.next(), parts.next(), parts.next());
    let month = month
        .and_then(|m| m.parse::<usize>().ok())
        .and_then(|m| MONTHS.get(m.wrapping_sub(1)));
    match (year, month, day.and_then(|d| d.parse::<u8>().ok())) {
        (Some(year), Some(month), Some(day)) => format!("{day} {month} {year}"),
        _ => time.to_owned(),
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
    fn dates_in_words() {
        assert_eq!(date("2026-11-02T10:00:00Z"), "2 November 2026");
        assert_eq!(date("soon"), "soon");
    }
}
