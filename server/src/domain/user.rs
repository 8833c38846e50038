//! People.

use contract::rules;
use contract::wire::session::{Role, User as WireUser};
use uuid::Uuid;

use super::refusal::Refusal;
use super::time::Timestamp;

#[derive(Clone, Debug, PartialEq)]
pub struct User {
    pub id: Uuid,
    pub username: String,
    pub email: String,
    /// Whether the address is verified to be the user's.
    pub email_verified: bool,
    pub role: Role,
    pub created_at: Timestamp,
    pub disabled_at: Option<Timestamp>,
}

impl User {
    pub fn to_wire(&self) -> WireUser {
        WireUser {
            id: self.id.to_string(),
            username: self.username.clone(),
            email: self.email.clone(),
            role: self.role,
        }
    }

    pub fn is_admin(&self) -> bool {
        self.role == Role::Admin
    }

    /// # Errors
    /// `role-required` for anyone but an administrator.
    pub fn require_admin(&self) -> Result<(), Refusal> {
        if self.is_admin() {
            return Ok(());
        }
        Err(Refusal::new(&rules::ROLE_REQUIRED).detail("This is for administrators."))
    }
}

/// The key that sign-in compares: user names and addresses ignore case.
pub fn login_key(name: &str) -> String {
    name.trim().to_lowercase()
}

/// Whether this may be a user name: 1 to 64 characters, no control characters, no `@` (an
/// address is the other way to sign in), no spaces at the ends.
pub fn valid_username(name: &str) -> bool {
    let length = name.chars().count();
    (1..=64).contains(&length)
        && name.trim() == name
        && !name.contains('@')
        && !name.chars().any(char::is_control)
}

/// Whether this looks like an address: one `@` with something on both sides, no spaces.
pub fn valid_email(email: &str) -> bool {
    email.len() <= 254
        && email
            .split_once('@')
            .is_some_and(|(local, host)| !local.is_empty() && !host.is_empty())
        && email.matches('@').count() == 1
        && !email
            .chars()
            .any(|c| c.is_whitespace() || c.is_control() || c == '<' || c == '>')
}
