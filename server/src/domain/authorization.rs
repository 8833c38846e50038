//! An authorization request that has passed every check that needs no person.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::grant::SecretHash;
use super::redirect_uri::{is_web, with_fragment, with_query};
use super::time::Timestamp;

/// How long a person may take to sign in and decide.
pub const TICKET_LIFETIME: Duration = Duration::from_mins(10);

/// How long a flow may take in all: to arrive when it was pushed, to sign in, and to
/// decide. Revoking access must also delete codes still in flight; this is how far back to look for
/// them.
pub const LONGEST_FLOW: Duration =
    PUSHED_LIFETIME.saturating_add(TICKET_LIFETIME.saturating_mul(2));

/// How long a pushed request may be used: as long as the journey of a browser from
/// the application to us takes (RFC 9126 §2.2 suggests 5 to 600).
pub const PUSHED_LIFETIME: Duration = Duration::from_secs(60);

/// A request whose ticket has ended begins anew when its person signs in within this time
/// (since it began). Later the application has forgotten what it asked for.
pub const RESTART_WITHIN: Duration = Duration::from_hours(1);

/// How long an answer that a form has to post waits for its page.
pub const ANSWER_LIFETIME: Duration = Duration::from_secs(60);

/// The request as it is kept while the person signs in and decides: sealed into the ticket, so
/// that an anonymous request writes nothing. The ticket stands in a URL, so names are short there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AuthorizationRequest {
    /// The id of the flow's trace, of its code and of its grant.
    #[serde(rename = "f")]
    pub flow_id: Uuid,
    #[serde(rename = "c")]
    pub client_id: String,
    #[serde(rename = "u")]
    pub redirect_uri: String,
    #[serde(rename = "us")]
    pub redirect_uri_sent: bool,
    #[serde(rename = "m")]
    pub response_mode: ResponseMode,
    #[serde(rename = "s", default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
    /// URIs of the resource servers that are asked for (RFC 8707 §2).
    #[serde(rename = "r", default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<String>,
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    #[serde(rename = "n", default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    #[serde(rename = "h", default, skip_serializing_if = "Option::is_none")]
    pub code_challenge: Option<String>,
    #[serde(rename = "p")]
    pub prompt: Prompt,
    /// Seconds (OpenID Connect Core 1.0 §3.1.2.1).
    #[serde(rename = "x", default, skip_serializing_if = "Option::is_none")]
    pub max_age: Option<i64>,
    /// In the order of preference (OpenID Connect Core 1.0 §3.1.2.1).
    #[serde(rename = "a", default, skip_serializing_if = "Vec::is_empty")]
    pub acr_values: Vec<String>,
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    pub login_hint: Option<String>,
    /// The `sub` of a valid `id_token_hint`: the person that has to be signed in.
    #[serde(rename = "i", default, skip_serializing_if = "Option::is_none")]
    pub hinted_user: Option<Uuid>,
    /// Unix milliseconds.
    #[serde(rename = "b")]
    pub started_at: i64,
}

impl AuthorizationRequest {
    pub fn started_at(&self) -> Timestamp {
        Timestamp(self.started_at)
    }

    /// The same request, as if it came now. It has an id of its own: a code is looked for among
    /// the newest.
    #[must_use]
    pub fn begun_again(self, flow_id: Uuid, now: Timestamp) -> Self {
        Self {
            flow_id,
            started_at: now.millis(),
            ..self
        }
    }

    pub fn response_target(&self) -> ResponseTarget {
        ResponseTarget {
            redirect_uri: self.redirect_uri.clone(),
            mode: self.response_mode,
            state: self.state.clone(),
        }
    }
}

/// How the answer travels to the redirect URI (OAuth 2.0 Multiple Response Type Encoding
/// Practices §2.1, OAuth 2.0 Form Post Response Mode §2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ResponseMode {
    #[default]
    #[serde(rename = "q")]
    Query,
    #[serde(rename = "f")]
    Fragment,
    #[serde(rename = "p")]
    FormPost,
}

impl ResponseMode {
    pub const ALL: [Self; 3] = [Self::Query, Self::Fragment, Self::FormPost];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Fragment => "fragment",
            Self::FormPost => "form_post",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.name() == name)
    }
}

/// A request that its client pushed (RFC 9126), as it is kept until the browser brings its
/// address.
#[derive(Clone, Debug, PartialEq)]
pub struct PushedRequest {
    /// Also the id of the flow.
    pub id: Uuid,
    pub secret_hash: SecretHash,
    pub client_id: String,
    /// Form-encoded, without what authenticates the client.
    pub parameters: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

/// Where the answer to a request goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResponseTarget {
    /// Known to be the client's.
    pub redirect_uri: String,
    pub mode: ResponseMode,
    /// Comes back as it was sent.
    pub state: Option<String>,
}

/// What goes back to the application: a code or an error (RFC 6749 §4.1.2, §4.1.2.1).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizationResponse {
    pub redirect_uri: String,
    mode: ResponseMode,
    parameters: Vec<(String, String)>,
}

impl AuthorizationResponse {
    /// These parameters, then `state` if it was sent, and `iss` (RFC 9207 §2).
    pub fn new(to: ResponseTarget, parameters: &[(&str, &str)], issuer: &str) -> Self {
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        let mut all: Vec<_> = parameters.iter().copied().map(owned).collect();
        all.extend(to.state.map(|state| ("state".to_owned(), state)));
        all.push(owned(("iss", issuer)));
        Self {
            redirect_uri: to.redirect_uri,
            mode: to.mode,
            parameters: all,
        }
    }

    /// Names and values, each name once.
    pub fn parameters(&self) -> impl Iterator<Item = (&str, &str)> {
        self.parameters
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether it goes to an app by a scheme of its own (RFC 8252 §7.1): no page follows then.
    pub fn leaves_the_web(&self) -> bool {
        !is_web(&self.redirect_uri)
    }

    /// Where a redirect leads; `None` when a form has to be posted instead. A browser hands an
    /// address to the app of its scheme without what a form holds, so there it goes by query.
    pub fn location(&self) -> Option<String> {
        let parameters: Vec<_> = self.parameters().collect();
        match self.mode {
            ResponseMode::FormPost if self.leaves_the_web() => {
                Some(with_query(&self.redirect_uri, &parameters))
            }
            ResponseMode::Query => Some(with_query(&self.redirect_uri, &parameters)),
            ResponseMode::Fragment => Some(with_fragment(&self.redirect_uri, &parameters)),
            ResponseMode::FormPost => None,
        }
    }
}

/// Without the values: one of them may be a code.
impl fmt::Debug for AuthorizationResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthorizationResponse")
            .field("redirect_uri", &self.redirect_uri)
            .field("mode", &self.mode)
            .finish_non_exhaustive()
    }
}

/// `prompt` (OpenID Connect Core 1.0 §3.1.2.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Prompt {
    #[serde(rename = "n", skip_serializing_if = "is_false")]
    pub none: bool,
    #[serde(rename = "l", skip_serializing_if = "is_false")]
    pub login: bool,
    #[serde(rename = "c", skip_serializing_if = "is_false")]
    pub consent: bool,
    #[serde(rename = "s", skip_serializing_if = "is_false")]
    pub select_account: bool,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
const fn is_false(value: &bool) -> bool {
    !*value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_mode_carries_the_same_parameters() {
        let response = |mode| {
            let to = ResponseTarget {
                redirect_uri: "https://c.example/cb?a=1".to_owned(),
                mode,
                state: Some("x y".to_owned()),
            };
            AuthorizationResponse::new(to, &[("code", "c")], "https://id.example/o")
        };
        let tail = "code=c&state=x%20y&iss=https%3A%2F%2Fid.example%2Fo";
        assert_eq!(
            response(ResponseMode::Query).location(),
            Some(format!("https://c.example/cb?a=1&{tail}"))
        );
        assert_eq!(
            response(ResponseMode::Fragment).location(),
            Some(format!("https://c.example/cb?a=1#{tail}"))
        );
        let posted = response(ResponseMode::FormPost);
        assert_eq!(posted.location(), None);
        let pairs: Vec<_> = posted.parameters().collect();
        assert_eq!(
            pairs,
            [
                ("code", "c"),
                ("state", "x y"),
                ("iss", "https://id.example/o")
            ]
        );
        assert!(!format!("{posted:?}").contains("x y"));
    }

    /// RFC 8252 §7.1: an app gets its answer in the address that its scheme opens.
    #[test]
    fn no_form_is_posted_to_a_scheme_of_an_app() {
        let to = ResponseTarget {
            redirect_uri: "com.example.app:/cb".to_owned(),
            mode: ResponseMode::FormPost,
            state: None,
        };
        let response = AuthorizationResponse::new(to, &[("code", "c")], "i");
        let location = response.location();
        assert_eq!(
            location.as_deref(),
            Some("com.example.app:/cb?code=c&iss=i")
        );
    }
}
