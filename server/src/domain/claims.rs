//! What a client learns about a person, by the scopes that were granted
//! (OpenID Connect Core 1.0 §5.4). Nothing that names a person leaves by another way.

use serde::{Deserialize, Serialize};

use super::scope::Scopes;
use super::user::User;

/// The claims beside `sub`, the same in id_token and UserInfo.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PersonClaims {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email_verified: Option<bool>,
    /// Names of the groups that the person is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<String>>,
}

/// What these scopes tell about a person.
pub fn claims_for(user: &User, scopes: &Scopes) -> PersonClaims {
    let profile = scopes.contains("profile");
    let email = scopes.contains("email");
    PersonClaims {
        name: profile.then(|| user.username.clone()),
        preferred_username: profile.then(|| user.username.clone()),
        email: email.then(|| user.email.clone()),
        email_verified: email.then_some(user.email_verified),
        // There are no groups yet.
        groups: scopes.contains("groups").then(Vec::new),
    }
}

#[cfg(test)]
mod tests {
    use contract::wire::session::Role;
    use serde_json::{Value, json};
    use uuid::Uuid;

    use super::*;
    use crate::domain::time::Timestamp;

    /// OpenID Connect Core 1.0 §5.4: each scope asks for its claims and for no others.
    #[test]
    fn each_scope_tells_its_own_claims() {
        let user = User {
            id: Uuid::nil(),
            username: "ada".to_owned(),
            email: "ada@example.com".to_owned(),
            role: Role::User,
            email_verified: false,
            created_at: Timestamp(0),
            disabled_at: None,
        };
        let told = |scopes: &str| -> Value {
            let scopes: Scopes = scopes.split(' ').collect();
            serde_json::to_value(claims_for(&user, &scopes)).unwrap_or_default()
        };
        assert_eq!(told("openid read"), json!({}));
        assert_eq!(
            told("profile"),
            json!({ "name": "ada", "preferred_username": "ada" })
        );
        assert_eq!(
            told("email"),
            json!({ "email": "ada@example.com", "email_verified": false })
        );
        assert_eq!(told("groups"), json!({ "groups": [] }));
    }
}
