//! Values of settings as a message may show them.

/// The text without what may be a password in a URL: between the user's name and the last `@`,
/// and in `password` parameters.
pub fn redact(text: &str) -> String {
    let start = text.find("://").map_or(0, |at| at + 3);
    let (scheme, rest) = text.split_at(start);
    // A password that was not encoded may hold any character, so the last `@` of the text ends it.
    let mut shown = match rest.rsplit_once('@') {
        Some((user, host)) if user.contains(':') => {
            let name = user.split(':').next().unwrap_or_default();
            format!("{scheme}{name}:***@{host}")
        }
        _ => text.to_owned(),
    };
    let mut from = 0;
    while let Some(found) = shown[from..].find("password=") {
        let start = from + found + "password=".len();
        let end = shown[start..]
            .find('&')
            .map_or(shown.len(), |at| start + at);
        shown.replace_range(start..end, "***");
        from = start;
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_shown() {
        for (text, shown) in [
            ("sqlite://data/claviger.db", "sqlite://data/claviger.db"),
            ("postgres://u@h/db", "postgres://u@h/db"),
            ("postgres://u:pw@h:5432/db", "postgres://u:***@h:5432/db"),
            ("postgres://u:p@:/w@h/db", "postgres://u:***@h/db"),
            ("mysql://u:pw@h/db", "mysql://u:***@h/db"),
            ("u:pw@h/db", "u:***@h/db"),
            (
                "postgres://h/db?user=u&password=pw&sslpassword=pw",
                "postgres://h/db?user=u&password=***&sslpassword=***",
            ),
        ] {
            assert_eq!(redact(text), shown);
        }
    }
}
