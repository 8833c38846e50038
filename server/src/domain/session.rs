//! A signed-in browser.

use uuid::Uuid;

use super::time::Timestamp;
use super::user::User;

/// A session unused for this long ends (seconds).
pub const IDLE_SECONDS: i64 = 14 * 24 * 3600;
/// A session ends after this long whatever happens (seconds).
pub const ABSOLUTE_SECONDS: i64 = 90 * 24 * 3600;
/// `last_seen_at` is written at most this often (seconds).
pub const TOUCH_SECONDS: i64 = 300;

#[derive(Clone, Debug)]
pub struct Session {
    pub id: Uuid,
    pub user: User,
    /// When the person last proved who they are.
    pub auth_time: Timestamp,
    pub created_at: Timestamp,
    pub last_seen_at: Timestamp,
    /// The absolute end.
    pub expires_at: Timestamp,
}

impl Session {
    pub fn is_live(&self, now: Timestamp) -> bool {
        now < self.expires_at
            && now < self.last_seen_at.plus_seconds(IDLE_SECONDS)
            && self.user.disabled_at.is_none()
    }

    pub fn wants_touch(&self, now: Timestamp) -> bool {
        now >= self.last_seen_at.plus_seconds(TOUCH_SECONDS)
    }
}
