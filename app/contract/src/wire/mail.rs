//! Mails: those that wait, were sent, or are kept because nothing sends them.

use serde::{Deserialize, Serialize};

use crate::named;

named! {
    /// What a mail is about.
    #[cfg_attr(feature = "texts", derive(utoipa::ToSchema))]
    pub enum MailTemplate {
        /// Shows an administrator that mail works.
        Test = "test",
        /// Holds the link by which a person sets a new password.
        PasswordReset = "password_reset",
        /// Tells a person that their password was changed.
        PasswordChanged = "password_changed",
    }
}

named! {
    /// What has become of a mail.
    #[cfg_attr(feature = "texts", derive(utoipa::ToSchema))]
    pub enum MailState {
        /// It waits for its next attempt.
        Queued = "queued",
        /// The mail server took it.
        Sent = "sent",
        /// It was tried for the last time.
        Failed = "failed",
        /// No mail server was set up when it was written.
        Kept = "kept",
    }
}

/// One of `GET /api/mail`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "texts", derive(utoipa::ToSchema))]
pub struct MailItem {
    pub id: String,
    /// When it was written.
    pub at: String,
    pub to: String,
    pub template: MailTemplate,
    pub state: MailState,
    /// How often it was tried.
    pub attempts: i64,
    /// When it is tried next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_attempt_at: Option<String>,
    /// When the mail server took it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<String>,
    /// What went wrong last, in the mail server's words.
    pub error: Option<String>,
    /// The link in it; only while nothing sends mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

/// `GET /api/mail`, newest first.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "texts", derive(utoipa::ToSchema))]
pub struct MailList {
    pub items: Vec<MailItem>,
    /// The `cursor` of the next page; absent on the last one.
    pub next: Option<String>,
    /// Whether a mail server is set up.
    pub sends: bool,
}
