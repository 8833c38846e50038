//! What a person has let an application do.

use uuid::Uuid;

use super::scope::Scopes;
use super::time::Timestamp;

#[derive(Clone, Debug, PartialEq)]
pub struct Consent {
    pub user_id: Uuid,
    pub client_id: String,
    pub scopes: Scopes,
    /// Optional scopes that were asked for and unticked.
    pub declined: Scopes,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Consent {
    /// Whether the person has already answered for every one of these scopes.
    pub fn answers(&self, requested: &Scopes) -> bool {
        requested
            .iter()
            .all(|scope| self.scopes.contains(scope) || self.declined.contains(scope))
    }

    /// Of the requested scopes, those that were allowed.
    pub fn granted(&self, requested: &Scopes) -> Scopes {
        requested.filter(|scope| self.scopes.contains(scope))
    }
}
