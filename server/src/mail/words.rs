//! What each mail says.

use contract::date::day;

use super::Sender;
use crate::domain::mail::MailContent;

/// A mail in words.
pub(super) struct Words {
    /// Also the subject.
    pub(super) heading: String,
    /// What mail programs show beside the subject.
    pub(super) preview: String,
    pub(super) paragraphs: Vec<String>,
    /// The label and the URL of what is to be done.
    pub(super) button: Option<(String, String)>,
    /// What else is good to know.
    pub(super) note: String,
}

pub(super) fn of(content: &MailContent, sender: &Sender) -> Words {
    let name = &sender.name;
    match content {
        MailContent::Test { username } => Words {
            heading: format!("Mail from {name} arrives"),
            preview: "A test. There is nothing to do.".to_owned(),
            paragraphs: vec![format!(
                "{username} asked for this test mail. It arrived, so mail works."
            )],
            button: None,
            note: "There is nothing to do.".to_owned(),
        },
        MailContent::PasswordReset { username, link } => Words {
            heading: "Set a new password".to_owned(),
            preview: format!(
                "A new password was requested for {username}. The link works for an hour."
            ),
            paragraphs: vec![format!(
                "A new password was requested for {username}. If that was you, set it here."
            )],
            button: Some(("Set password".to_owned(), link.clone())),
            note: "The link works once, for an hour. Your other devices are signed out when you \
                use it. It wasn't you? Then ignore this mail: your password stays as it is."
                .to_owned(),
        },
        MailContent::PasswordChanged { username, at } => Words {
            heading: "Your password was changed".to_owned(),
            preview: format!("The password of {username} was changed."),
            paragraphs: vec![format!(
                "The password of {username} was changed on {}.",
                readable(at)
            )],
            button: None,
            note: format!(
                "That was you? Then there is nothing to do. It wasn't you? Reset your password at \
                 {} now, and tell the people who run it.",
                sender.host
            ),
        },
    }
}

/// A time as people write it: `2026-11-27T21:26:02Z` is `27 November 2026, 21:26 UTC`.
fn readable(rfc3339: &str) -> String {
    match rfc3339.get(11..16) {
        Some(time) => format!("{}, {time} UTC", day(rfc3339)),
        None => rfc3339.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_as_people_write_it() {
        for (time, written) in [
            ("2026-11-27T21:26:02Z", "27 November 2026, 21:26 UTC"),
            ("2026-01-02T00:00:00Z", "2 January 2026, 00:00 UTC"),
            ("soon", "soon"),
        ] {
            assert_eq!(readable(time), written);
        }
    }
}
