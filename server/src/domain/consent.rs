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

/// What a person has answered just now.
#[derive(Clone, Debug)]
pub struct ConsentAnswer {
    pub user_id: Uuid,
    pub client_id: String,
    pub requested: Scopes,
    /// Of those; the others are declined.
    pub granted: Scopes,
    pub at: Timestamp,
}

impl Consent {
    /// The consent as it stands after this answer: earlier ones are kept, the newest word counts.
    pub fn after(before: Option<Self>, answer: ConsentAnswer) -> Self {
        let granted = answer.granted;
        let declined = answer.requested.filter(|name| !granted.contains(name));
        let (scopes_before, declined_before, created_at) = before.map_or_else(
            || (Scopes::default(), Scopes::default(), answer.at),
            |c| (c.scopes, c.declined, c.created_at),
        );
        Self {
            user_id: answer.user_id,
            client_id: answer.client_id,
            scopes: scopes_before
                .filter(|name| !declined.contains(name))
                .union(&granted),
            declined: declined_before
                .filter(|name| !granted.contains(name))
                .union(&declined),
            created_at,
            updated_at: answer.at,
        }
    }

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
