//! Days in words, from the RFC 3339 of the wire.

/// `12 November 2026`, in UTC, from RFC 3339: the same on the server and in the browser, where no
/// script may run.
pub fn day(time: &str) -> String {
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
    fn a_day_is_written_as_people_write_it() {
        for (time, written) in [
            ("2026-11-27T21:26:02Z", "27 November 2026"),
            ("2026-01-02T00:00:00Z", "2 January 2026"),
            ("2026-13-02T00:00:00Z", "2026-13-02T00:00:00Z"),
            ("2026-00-02", "2026-00-02"),
            ("soon", "soon"),
            ("", ""),
        ] {
            assert_eq!(day(time), written);
        }
    }
}
