//! A signed-in browser.

use std::time::Duration;

use uuid::Uuid;

use super::time::Timestamp;
use super::user::User;

/// A session unused for this long ends.
pub const IDLE_LIFETIME: Duration = Duration::from_hours(14 * 24);
/// A session ends after this long whatever happens.
pub const ABSOLUTE_LIFETIME: Duration = Duration::from_hours(90 * 24);
/// `last_seen_at` is written at most this often.
pub const TOUCH_EVERY: Duration = Duration::from_mins(5);

/// A password (RFC 8176 §2).
pub const AMR_PASSWORD: &str = "pwd";

/// The authentication context of a sign-in with one factor (OpenID Connect Core 1.0 §2): the
/// only one so far.
pub const ACR_ONE_FACTOR: &str = "1";

/// Every `acr` that a sign-in can have.
pub const ACR_VALUES: [&str; 1] = [ACR_ONE_FACTOR];

/// The authentication context that these methods amount to.
pub const fn acr(_amr: &str) -> &'static str {
    ACR_ONE_FACTOR
}

#[derive(Clone, Debug)]
pub struct Session {
    /// Names the cookie's row: new with every sign-in.
    pub id: Uuid,
    /// Names the session to applications: stays when the same person signs in again.
    pub sid: Uuid,
    pub user: User,
    /// When the person last proved who they are.
    pub auth_time: Timestamp,
    /// How they did: names of RFC 8176, with a space between.
    pub amr: String,
    pub created_at: Timestamp,
    pub last_seen_at: Timestamp,
    /// The absolute end.
    pub expires_at: Timestamp,
}

impl Session {
    pub fn is_live(&self, now: Timestamp) -> bool {
        now < self.expires_at
            && now < self.last_seen_at + IDLE_LIFETIME
            && self.user.disabled_at.is_none()
    }

    pub fn wants_touch(&self, now: Timestamp) -> bool {
        now >= self.last_seen_at + TOUCH_EVERY
    }
}
