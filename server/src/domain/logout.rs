//! Signing out as an application asks for it (OpenID Connect RP-Initiated Logout 1.0), and what
//! is said to applications about it (OpenID Connect Back-Channel Logout 1.0).

use std::time::Duration;

use contract::rules;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::client::Client;
use super::redirect_uri::with_query;
use super::refusal::Refusal;
use super::time::Timestamp;

/// The member of `events` that makes a JWT a logout token (Back-Channel Logout 1.0 §2.4).
pub const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// A logout token is good for this long: at most two minutes are recommended
/// (Back-Channel Logout 1.0 §4).
pub const LOGOUT_TOKEN_LIFETIME: Duration = Duration::from_mins(2);
/// After a failed attempt the next one waits this long; after the last it is given up.
pub const RETRY_AFTER: [Duration; 5] = [
    Duration::from_secs(5),
    Duration::from_secs(30),
    Duration::from_mins(2),
    Duration::from_mins(10),
    Duration::from_hours(1),
];
/// The server that sends a token holds it for this long, longer than sending may take.
/// After that another server may try.
pub const LEASE: Duration = Duration::from_secs(60);
/// A delivery is kept in the log for this long.
pub const LOG_KEPT: Duration = Duration::from_hours(14 * 24);

/// Who is signed out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    #[default]
    ThisSession,
    Everywhere,
}

/// A logout that has passed every check that needs no person. It is sealed into the ticket while
/// the person is asked.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LogoutRequest {
    /// The id of its trace.
    pub flow_id: Uuid,
    pub client_id: Option<String>,
    /// One that is registered for the client.
    pub redirect_uri: Option<String>,
    pub state: Option<String>,
    /// The rule that the address broke which was sent: the person is asked, and stays here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

impl LogoutRequest {
    /// Where the browser goes when it is signed out; `state` as it came
    /// (RP-Initiated Logout 1.0 §3).
    pub fn location(&self) -> Option<String> {
        let uri = self.redirect_uri.as_deref()?;
        Some(match &self.state {
            Some(state) => with_query(uri, &[("state", state)]),
            None => uri.to_owned(),
        })
    }
}

/// What an id_token that came as a hint says.
#[derive(Clone, Copy, Debug)]
pub struct HintedSession<'a> {
    pub sub: &'a str,
    pub sid: Option<&'a str>,
}

impl HintedSession<'_> {
    /// Whether the hint names this session of this user. Then the user need not confirm
    /// (RP-Initiated Logout 1.0 §2: a logout that another party may have caused is confirmed).
    pub fn is(self, sub: &str, sid: &str) -> bool {
        self.sub == sub && self.sid == Some(sid)
    }
}

/// The client that a logout names, by `client_id`, by the audience of its hint, or by both.
///
/// # Errors
/// `logout-client-mismatch` (RP-Initiated Logout 1.0 §2).
pub fn client_id<'a>(
    sent: Option<&'a str>,
    hinted: Option<&'a str>,
) -> Result<Option<&'a str>, Refusal> {
    match (sent, hinted) {
        (Some(sent), Some(hinted)) if sent != hinted => {
            Err(Refusal::new(&rules::LOGOUT_CLIENT_MISMATCH)
                .expected(hinted)
                .received(sent))
        }
        (sent, hinted) => Ok(sent.or(hinted)),
    }
}

/// The address that the browser goes to afterwards: one that is registered, character for
/// character; loopback ports too (RP-Initiated Logout 1.0 §3, simple string comparison).
///
/// # Errors
/// `logout-client-missing`, `post-logout-redirect-uri-mismatch`.
pub fn redirect_uri(
    sent: Option<&str>,
    client: Option<&Client>,
) -> Result<Option<String>, Refusal> {
    let Some(sent) = sent else {
        return Ok(None);
    };
    let client = client.ok_or_else(|| Refusal::new(&rules::LOGOUT_CLIENT_MISSING))?;
    let registered = &client.settings.post_logout_redirect_uris;
    if registered.iter().any(|uri| uri == sent) {
        return Ok(Some(sent.to_owned()));
    }
    Err(Refusal::new(&rules::POST_LOGOUT_REDIRECT_URI_MISMATCH)
        .expected_all(registered.iter().cloned())
        .received(sent))
}

/// What an application's answer to a logout token means (Back-Channel Logout 1.0 §2.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Delivered,
    /// 400: the application has read the token and can't do what it says. The same token again
    /// would get the same answer.
    Refused,
    Again,
}

pub const fn verdict(status: u16) -> Verdict {
    match status {
        200..=299 => Verdict::Delivered,
        400 => Verdict::Refused,
        _ => Verdict::Again,
    }
}

/// When to try again after this many attempts; `None` when enough was tried.
pub fn next_attempt(attempts: i64, now: Timestamp) -> Option<Timestamp> {
    let index = usize::try_from(attempts - 1).ok()?;
    RETRY_AFTER.get(index).map(|wait| now + *wait)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_client_is_the_one_that_both_name() {
        let rule = |sent, hinted| client_id(sent, hinted).map_err(|refusal| refusal.rule.id);
        assert_eq!(rule(None, None), Ok(None));
        assert_eq!(rule(Some("a"), None), Ok(Some("a")));
        assert_eq!(rule(None, Some("a")), Ok(Some("a")));
        assert_eq!(rule(Some("a"), Some("a")), Ok(Some("a")));
        assert_eq!(rule(Some("a"), Some("b")), Err("logout-client-mismatch"));
    }

    #[test]
    fn without_a_client_there_is_no_address() {
        let rule = redirect_uri(Some("https://a.example/"), None).map_err(|r| r.rule.id);
        assert_eq!(rule, Err("logout-client-missing"));
        assert!(matches!(redirect_uri(None, None), Ok(None)));
    }

    #[test]
    fn a_hint_names_one_session_of_one_person() {
        let hint = HintedSession {
            sub: "ada",
            sid: Some("s"),
        };
        assert!(hint.is("ada", "s"));
        assert!(!hint.is("bob", "s") && !hint.is("ada", "t"));
        assert!(!HintedSession { sid: None, ..hint }.is("ada", "s"));
    }

    #[test]
    fn the_state_is_added_to_what_the_address_has() {
        let request = LogoutRequest {
            redirect_uri: Some("https://a.example/bye?x=1".to_owned()),
            state: Some("a b".to_owned()),
            ..LogoutRequest::default()
        };
        let location = request.location();
        assert_eq!(
            location.as_deref(),
            Some("https://a.example/bye?x=1&state=a%20b")
        );
        assert_eq!(LogoutRequest::default().location(), None);
    }

    #[test]
    fn attempts_are_further_and_further_apart_and_then_end() {
        let waits: Vec<_> = (1..=6)
            .map(|n| next_attempt(n, Timestamp(0)).map(Timestamp::seconds))
            .collect();
        let expected = [5, 30, 120, 600, 3600].map(Some);
        assert_eq!(waits[..5], expected);
        assert_eq!(waits[5], None);
        assert_eq!(next_attempt(0, Timestamp(0)), None);
    }

    #[test]
    fn only_a_400_is_a_no() {
        assert_eq!(verdict(200), Verdict::Delivered);
        assert_eq!(verdict(204), Verdict::Delivered);
        assert_eq!(verdict(400), Verdict::Refused);
        for status in [302, 401, 404, 429, 500, 503] {
            assert_eq!(verdict(status), Verdict::Again, "{status}");
        }
    }
}
