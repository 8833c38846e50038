//! Mails to people: what each holds, and when it is tried.

use std::time::Duration;

use contract::wire::mail::{MailState, MailTemplate};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::time::Timestamp;

/// The server that sends a mail holds it for this long, longer than sending may take.
/// After that another server may try: a mail that was sent by a server that died before it could
/// say so comes twice then, and never sooner.
pub const LEASE: Duration = Duration::from_secs(120);
/// A mail is kept for this long; its links have expired long before.
pub const KEPT: Duration = Duration::from_secs(30 * 24 * 3600);
/// So many mails of one template may go to one address in an hour: more would be of use to those
/// alone who want to fill a mailbox.
pub const MOST_IN_AN_HOUR: u64 = 5;

/// A link to set a new password is good for this long.
pub const RESET_LIFETIME: Duration = Duration::from_secs(3600);

/// What a link in a mail is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkPurpose {
    PasswordReset,
}

impl LinkPurpose {
    pub const fn name(self) -> &'static str {
        match self {
            Self::PasswordReset => "password_reset",
        }
    }
}

/// What a mail holds. It is stored sealed: a link is worth an account.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "template", rename_all = "snake_case")]
pub enum MailContent {
    Test {
        username: String,
    },
    PasswordReset {
        username: String,
        /// The whole URL.
        link: String,
    },
    PasswordChanged {
        username: String,
        /// When, as RFC 3339 in UTC.
        at: String,
    },
}

impl MailContent {
    pub const fn template(&self) -> MailTemplate {
        match self {
            Self::Test { .. } => MailTemplate::Test,
            Self::PasswordReset { .. } => MailTemplate::PasswordReset,
            Self::PasswordChanged { .. } => MailTemplate::PasswordChanged,
        }
    }

    /// The link that is worth an account.
    pub fn link(&self) -> Option<&str> {
        match self {
            Self::PasswordReset { link, .. } => Some(link),
            Self::Test { .. } | Self::PasswordChanged { .. } => None,
        }
    }
}

/// A mail as it is stored.
#[derive(Clone, Debug)]
pub struct Mail {
    pub id: Uuid,
    /// Whom it is for, when they have an account.
    pub user_id: Option<Uuid>,
    pub to: String,
    pub template: MailTemplate,
    /// [`MailContent`], sealed.
    pub content: Vec<u8>,
    pub state: MailState,
    /// How often it was tried, this time included once it is claimed.
    pub attempts: i64,
    /// When it is due; for the server that has claimed it, the end of the claim.
    pub next_attempt_at: Option<Timestamp>,
    pub error: Option<String>,
    pub created_at: Timestamp,
    pub sent_at: Option<Timestamp>,
}

/// When a mail is tried again after so many attempts: after 1, 5 and 30 minutes, then every hour
/// until it is a day old. `None` after that.
pub fn next_attempt(attempts: i64, created_at: Timestamp, now: Timestamp) -> Option<Timestamp> {
    const FIRST_MINUTES: [u64; 3] = [1, 5, 30];
    const DAY: Duration = Duration::from_secs(24 * 3600);
    let minutes = usize::try_from(attempts - 1)
        .ok()
        .and_then(|past| FIRST_MINUTES.get(past))
        .copied()
        .unwrap_or(60);
    let next = now + Duration::from_secs(minutes * 60);
    // The attempts bound it on a clock that goes back.
    (next <= created_at + DAY && attempts < 30).then_some(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_is_tried_for_a_day() {
        let created_at = Timestamp(0);
        let mut now = created_at;
        let mut waits = Vec::new();
        for attempts in 1.. {
            let Some(next) = next_attempt(attempts, created_at, now) else {
                break;
            };
            waits.push((next.seconds() - now.seconds()) / 60);
            now = next;
        }
        assert_eq!(waits[..5], [1, 5, 30, 60, 60]);
        assert_eq!(waits.iter().sum::<i64>() / 60, 23);
    }

    #[test]
    fn a_mail_is_given_up_on_a_clock_that_stands_still() {
        let tried = (1..100).take_while(|n| next_attempt(*n, Timestamp(0), Timestamp(0)).is_some());
        assert_eq!(tried.count(), 29);
    }

    #[test]
    fn content_reads_back_and_says_what_it_is() {
        let content = MailContent::PasswordReset {
            username: "ada".to_owned(),
            link: "https://id.example/reset?token=x".to_owned(),
        };
        let json = serde_json::to_value(&content).unwrap();
        assert_eq!(json["template"], content.template().name());
        let back: MailContent = serde_json::from_value(json).unwrap();
        assert!(back == content);
        for template in MailTemplate::ALL {
            assert_eq!(MailTemplate::parse(template.name()), Some(template));
        }
    }
}
