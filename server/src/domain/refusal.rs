//! The one value that every failed check returns.

use std::borrow::Cow;

use contract::rules::Rule;
use uuid::Uuid;

use super::redact::redact;

/// A request broke a rule. Everything that is said of it comes from this value: the protocol's
/// error, the problem of the API, the page, the step in the flow's trace, the metric.
///
/// Texts from outside go in by [`Refusal::detail`], [`Refusal::expected`] and
/// [`Refusal::received`], which hide the secrets in them.
#[derive(Clone, Debug)]
pub struct Refusal {
    pub rule: &'static Rule,
    /// For the client: replaces the rule's title as `error_description`. Says nothing that the
    /// client did not send or may not know.
    pub detail: Option<Cow<'static, str>>,
    /// For the application's owner only: what would have passed.
    pub expected: Vec<String>,
    /// For the application's owner only: what came. Never a secret, a code or a token.
    pub received: Option<String>,
    /// Seconds after which the same request may pass: `Retry-After`.
    pub retry_after: Option<i64>,
    /// The flow that the request belongs to, when it is known: its trace tells of this.
    pub flow: Option<Uuid>,
}

impl Refusal {
    pub const fn new(rule: &'static Rule) -> Self {
        Self {
            rule,
            detail: None,
            expected: Vec::new(),
            received: None,
            retry_after: None,
            flow: None,
        }
    }

    /// Refused for now: says when to try again, in words and in `Retry-After`.
    pub fn wait(rule: &'static Rule, seconds: i64) -> Self {
        Self::new(rule)
            .detail(try_again(seconds))
            .retry_after(seconds)
    }

    /// Says more to the client than the rule's title.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        let detail = detail.into();
        let shown = match redact(&detail) {
            Cow::Owned(shown) => Some(shown),
            Cow::Borrowed(_) => None,
        };
        self.detail = Some(shown.map_or(detail, Cow::Owned));
        self
    }

    #[must_use]
    pub fn expected(mut self, expected: impl Into<String>) -> Self {
        self.expected.push(hidden(expected.into()));
        self
    }

    #[must_use]
    pub fn expected_all(mut self, expected: impl IntoIterator<Item = String>) -> Self {
        self.expected.extend(expected.into_iter().map(hidden));
        self
    }

    #[must_use]
    pub fn received(mut self, received: impl Into<String>) -> Self {
        self.received = Some(hidden(received.into()));
        self
    }

    #[must_use]
    pub const fn retry_after(mut self, seconds: i64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    #[must_use]
    pub const fn in_flow(mut self, id: Uuid) -> Self {
        self.flow = Some(id);
        self
    }

    /// `error_description`: the characters that RFC 6749 §5.2 allows, everything else as `?`.
    pub fn description(&self) -> String {
        self.detail
            .as_deref()
            .unwrap_or(self.rule.title)
            .chars()
            .map(|c| match c {
                '"' => '\'',
                '\\' => '/',
                ' '..='~' => c,
                _ => '?',
            })
            .collect()
    }
}

/// Rounded up, so that it is never too early.
fn try_again(seconds: i64) -> String {
    match seconds {
        ..=1 => "Try again in a second.".to_owned(),
        2..=90 => format!("Try again in {seconds} seconds."),
        91..=5400 => format!("Try again in {} minutes.", (seconds + 59) / 60),
        _ => format!("Try again in {} hours.", (seconds + 3599) / 3600),
    }
}

/// The text without its secrets.
fn hidden(text: String) -> String {
    match redact(&text) {
        Cow::Owned(shown) => shown,
        Cow::Borrowed(_) => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_is_said_in_words() {
        for (seconds, words) in [
            (0, "Try again in a second."),
            (1, "Try again in a second."),
            (2, "Try again in 2 seconds."),
            (91, "Try again in 2 minutes."),
            (121, "Try again in 3 minutes."),
            (5401, "Try again in 2 hours."),
        ] {
            assert_eq!(try_again(seconds), words);
        }
    }

    #[test]
    fn a_refusal_holds_no_secret_whatever_it_was_given() {
        let token = "clv_at_0123456789";
        let refusal = Refusal::new(&contract::rules::SCOPE_UNKNOWN)
            .detail(format!("{token} is no scope."))
            .expected(token)
            .expected_all([token.to_owned()])
            .received(format!("openid {token}"));
        assert!(!format!("{refusal:?} {}", refusal.description()).contains(token));
        assert!(refusal.description().starts_with("fingerprint "));
    }

    /// RFC 6749 §5.2: error_description holds printable ASCII without quotes and
    /// backslashes.
    #[test]
    fn a_description_holds_only_the_ascii_that_the_standard_allows() {
        let refusal =
            Refusal::new(&contract::rules::SCOPE_UNKNOWN).detail("a \"b\" \\ \u{e9}\r\n!");
        assert_eq!(refusal.description(), "a 'b' / ???!");
    }
}
