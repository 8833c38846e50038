//! What a person has let an application do.
//!
//! An answer is for one resource server, or for none, and for what the page showed: another API,
//! another host or another name is another question. No answer ever counts for more than that.

use uuid::Uuid;

use super::client::Client;
use super::redirect_uri::is_https;
use super::scope::Scopes;
use super::time::Timestamp;

#[derive(Clone, Debug, PartialEq)]
pub struct Consent {
    pub user_id: Uuid,
    pub client_id: String,
    /// The URI of a resource server; empty when the request named none.
    pub resource: String,
    /// What the page showed, as a hash; empty in answers from before it was kept.
    pub shown: String,
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
    /// URIs of the resource servers that were named.
    pub resources: Vec<String>,
    pub shown: String,
    pub requested: Scopes,
    /// Of those; the others are declined.
    pub granted: Scopes,
    pub at: Timestamp,
}

impl ConsentAnswer {
    /// The keys of the rows that remember it, in one order for all: of two answers at once none
    /// waits for the other in turn.
    pub fn resource_keys(&self) -> Vec<String> {
        let mut keys: Vec<String> = keys_of(&self.resources).map(str::to_owned).collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }
}

/// The resource servers of a request as keys: without any, the empty one.
fn keys_of(resources: &[String]) -> impl Iterator<Item = &str> {
    let none = resources.is_empty().then_some("");
    none.into_iter().chain(resources.iter().map(String::as_str))
}

impl Consent {
    /// What is remembered for one resource server after this answer: earlier answers for the same
    /// are kept, the newest word counts.
    pub fn after(before: Option<Self>, resource: &str, answer: &ConsentAnswer) -> Self {
        let granted = &answer.granted;
        let declined = answer.requested.filter(|name| !granted.contains(name));
        let (scopes_before, declined_before, created_at) = before.map_or_else(
            || (Scopes::default(), Scopes::default(), answer.at),
            |c| (c.scopes, c.declined, c.created_at),
        );
        Self {
            user_id: answer.user_id,
            client_id: answer.client_id.clone(),
            resource: resource.to_owned(),
            shown: answer.shown.clone(),
            scopes: scopes_before
                .filter(|name| !declined.contains(name))
                .union(granted),
            declined: declined_before
                .filter(|name| !granted.contains(name))
                .union(&declined),
            created_at,
            updated_at: answer.at,
        }
    }

    /// Whether the person has already answered for every one of these scopes.
    fn answers(&self, requested: &Scopes) -> bool {
        requested
            .iter()
            .all(|scope| self.scopes.contains(scope) || self.declined.contains(scope))
    }
}

/// What a request would be allowed for.
#[derive(Clone, Copy, Debug)]
pub struct ConsentQuestion<'a> {
    pub resources: &'a [String],
    pub shown: &'a str,
    /// Since when the application is as it is now.
    pub unchanged_since: Timestamp,
}

impl ConsentQuestion<'_> {
    /// What stands of all that a person has `answered` to the application: one consent for each
    /// resource server. `None` when one of them was never asked about.
    ///
    /// An answer from before the page's content was kept counts where no resource server is
    /// named, as long as the application has not changed since: then the page would show the same.
    pub fn standing(self, answered: &[Consent]) -> Option<Vec<Consent>> {
        keys_of(self.resources)
            .map(|key| {
                let same = |c: &&Consent| c.resource == key && c.shown == self.shown;
                let old = |c: &&Consent| {
                    key.is_empty()
                        && c.resource.is_empty()
                        && c.shown.is_empty()
                        && c.updated_at >= self.unchanged_since
                };
                let found = answered.iter().find(same);
                found.or_else(|| answered.iter().find(old)).cloned()
            })
            .collect()
    }
}

/// Whether consents together answer for every one of these scopes.
pub fn answer_for(consents: &[Consent], requested: &Scopes) -> bool {
    consents.iter().all(|consent| consent.answers(requested))
}

/// Of the requested scopes, those that every one of the consents allows.
pub fn granted_by(consents: &[Consent], requested: &Scopes) -> Scopes {
    requested.filter(|scope| consents.iter().all(|c| c.scopes.contains(scope)))
}

/// Whether nothing that was said before spares the question: any program on the device may pose
/// as a public client that is reached by a loopback address or a scheme of its own
/// (RFC 8252 §8.6).
pub fn is_always_asked(client: &Client, redirect_uri: &str) -> bool {
    !client.is_confidential() && !is_https(redirect_uri)
}

/// What was ticked, and whatever may not be declined.
pub fn allowed(requested: &Scopes, optional: &Scopes, ticked: Option<&[String]>) -> Scopes {
    let Some(ticked) = ticked else {
        return requested.clone();
    };
    requested.filter(|name| !optional.contains(name) || ticked.iter().any(|t| t == name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(text: &str) -> Scopes {
        text.split(' ').filter(|s| !s.is_empty()).collect()
    }

    fn consent(resource: &str, shown: &str, scopes: &str, at: i64) -> Consent {
        Consent {
            user_id: Uuid::nil(),
            client_id: "c".to_owned(),
            resource: resource.to_owned(),
            shown: shown.to_owned(),
            scopes: set(scopes),
            declined: Scopes::default(),
            created_at: Timestamp(at),
            updated_at: Timestamp(at),
        }
    }

    fn question<'a>(resources: &'a [String], shown: &'a str) -> ConsentQuestion<'a> {
        ConsentQuestion {
            resources,
            shown,
            unchanged_since: Timestamp(100),
        }
    }

    #[test]
    fn a_consent_stands_for_the_same_resource_and_the_same_page_only() {
        let api = ["https://api.example".to_owned()];
        let both = [api[0].clone(), "https://b.example".to_owned()];
        let answered = [
            consent("", "now", "openid read", 500),
            consent(&api[0], "now", "openid", 500),
        ];
        let stands = |resources: &[String], shown| {
            question(resources, shown)
                .standing(&answered)
                .map(|c| granted_by(&c, &set("openid read")).to_string())
        };
        assert_eq!(stands(&[], "now").as_deref(), Some("openid read"));
        assert_eq!(stands(&api, "now").as_deref(), Some("openid"));
        assert_eq!(stands(&both, "now"), None);
        assert_eq!(stands(&[], "renamed"), None);
        assert_eq!(stands(&api, "renamed"), None);
    }

    #[test]
    fn an_old_answer_stands_for_no_resource_while_the_application_is_the_same() {
        let api = ["https://api.example".to_owned()];
        let old = [consent("", "", "openid", 100)];
        assert!(question(&[], "now").standing(&old).is_some());
        assert!(question(&api, "now").standing(&old).is_none());
        let older = [consent("", "", "openid", 99)];
        assert!(question(&[], "now").standing(&older).is_none());
    }

    #[test]
    fn of_several_resources_each_has_to_allow_a_scope() {
        let two = [
            consent("a", "s", "openid read", 1),
            consent("b", "s", "openid", 1),
        ];
        assert!(!answer_for(&two, &set("openid read")));
        assert_eq!(granted_by(&two, &set("openid read")), set("openid"));
    }

    #[test]
    fn only_what_is_optional_can_be_declined() {
        let ticked = ["read".to_owned()];
        let requested = set("openid read email");
        let left = allowed(&requested, &set("read email"), Some(&ticked));
        assert_eq!(left, set("openid read"));
        assert_eq!(allowed(&requested, &set("email"), None), requested);
    }
}
