//! What became of each parameter of a request: the checks of every endpoint in the order in
//! which they run.
//!
//! To add a check: its place in the list of its endpoint, and its rule in [`judged`]. A place in
//! brackets belongs to a check that is about no parameter.

use contract::rules::Rule;
use contract::wire::flow::{FlowParameter, ParameterCheck};

use crate::domain::client::GrantType;
use crate::domain::redact;
use crate::domain::refusal::Refusal;
use crate::http::params::Params;

/// Which checks a request goes through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checks {
    Authorize,
    Pushed,
    /// By its grant type, if that is one of ours.
    Token(Option<GrantType>),
    DeviceAuthorization,
    /// Introspection and revocation.
    OfToken,
    Logout,
}

/// Who the client is: first of all at the endpoints that clients call themselves.
const CLIENT: &[&str] = &[
    "(repeats)",
    "(query)",
    "client_id",
    "client_secret",
    "client_assertion_type",
    "client_assertion",
    "(client)",
];

/// What an authorization request asks for, once it is known where its answer goes.
const ASKED: &[&str] = &[
    "(repeats)",
    "(pushed)",
    "request",
    "registration",
    "response_mode",
    "response_type",
    "(pkce)",
    "code_challenge_method",
    "code_challenge",
    "scope",
    "resource",
    "prompt",
    "max_age",
    "id_token_hint",
    "nonce",
    "state",
    "login_hint",
    "acr_values",
];

impl Checks {
    fn places(self) -> [&'static [&'static str]; 3] {
        match self {
            Self::Authorize => [&["client_id", "request_uri", "redirect_uri"], ASKED, &[]],
            Self::Pushed => [CLIENT, &["request_uri", "redirect_uri"], ASKED],
            Self::Token(grant) => [CLIENT, &["grant_type"], Self::grant(grant)],
            Self::DeviceAuthorization => [CLIENT, &["grant_type", "scope", "resource"], &[]],
            Self::OfToken => [CLIENT, &["token"], &[]],
            Self::Logout => [
                &["(repeats)", "id_token_hint", "client_id", "(client)"],
                &["post_logout_redirect_uri", "state"],
                &[],
            ],
        }
    }

    const fn grant(grant: Option<GrantType>) -> &'static [&'static str] {
        match grant {
            Some(GrantType::AuthorizationCode) => &[
                "code",
                "redirect_uri",
                "code_verifier",
                "resource",
                "(user)",
            ],
            Some(GrantType::RefreshToken) => &["refresh_token", "(user)", "scope", "resource"],
            Some(GrantType::ClientCredentials) => &["scope", "resource"],
            Some(GrantType::DeviceCode) => &["device_code", "resource", "(user)"],
            None => &[],
        }
    }

    fn place(self, name: &str) -> Option<usize> {
        self.places()
            .concat()
            .iter()
            .position(|place| *place == name)
    }

    /// Whether the list of its parameters is not known.
    const fn is_open(self) -> bool {
        matches!(self, Self::Token(None))
    }

    /// The parameters with what became of each.
    pub fn describe(self, params: &Params, refusal: Option<&Refusal>) -> Vec<FlowParameter> {
        let failed = refusal.map(|refusal| self.failed(params, refusal));
        let mut described: Vec<_> = params
            .iter()
            .map(|(name, value)| FlowParameter {
                name: redact::redact(name).into_owned(),
                value: redact::value(name, value).into_owned(),
                check: self.check(name, failed.as_ref()),
            })
            .collect();
        if let Some(Failed {
            name: Some(name),
            missing: true,
            ..
        }) = failed
        {
            described.retain(|parameter| parameter.name != name);
            described.push(FlowParameter {
                name: name.to_owned(),
                value: String::new(),
                check: ParameterCheck::Missing,
            });
        }
        described
    }

    fn check(self, name: &str, failed: Option<&Failed<'_>>) -> ParameterCheck {
        let Some(failed) = failed else {
            return match self.place(name) {
                Some(_) => ParameterCheck::Ok,
                None => ParameterCheck::Ignored,
            };
        };
        if failed.name == Some(name) {
            return ParameterCheck::Refused;
        }
        let Some(at) = failed.place else {
            return ParameterCheck::Unknown;
        };
        match self.place(name) {
            Some(place) if place < at => ParameterCheck::Ok,
            Some(_) => ParameterCheck::NotReached,
            None if self.is_open() => ParameterCheck::NotReached,
            None => ParameterCheck::Ignored,
        }
    }

    /// The check that failed. Nothing is said of the others when it is not known which it was.
    fn failed<'a>(self, params: &Params, refusal: &'a Refusal) -> Failed<'a> {
        let missing = refusal.rule.id.ends_with("-missing");
        if refusal.rule.id == "parameter-repeated" {
            let name = refusal.received.as_deref();
            // Those that decide where an answer goes are looked at before all others.
            let first = name.filter(|_| self == Self::Authorize);
            let first = first.and_then(|name| self.place(name)).filter(|at| *at < 3);
            return Failed {
                place: first.or_else(|| self.place("(repeats)")),
                name,
                missing: false,
            };
        }
        let (place, name) = judged(self, params, refusal.rule);
        Failed {
            place: self.place(place),
            name: (!name.is_empty()).then_some(name),
            missing,
        }
    }
}

struct Failed<'a> {
    place: Option<usize>,
    /// The parameter that it is about.
    name: Option<&'a str>,
    /// It is not there.
    missing: bool,
}

/// The check that a rule belongs to, and the parameter that it is about: empty for none.
fn judged(checks: Checks, params: &Params, rule: &Rule) -> (&'static str, &'static str) {
    let both = |name: &'static str| (name, name);
    match rule.id {
        "parameters-in-query" => ("(query)", ""),
        "client-disabled" if checks == Checks::Authorize => both("client_id"),
        "client-disabled" => ("(client)", "client_id"),
        "client-id-missing" | "client-unknown" => both("client_id"),
        "client-auth-twice"
        | "client-auth-failed"
        | "client-auth-missing"
        | "client-auth-malformed"
        | "client-auth-public"
        | "client-auth-method" => match params.get("client_assertion") {
            Some(_) => both("client_assertion"),
            None => both("client_secret"),
        },
        "assertion-type" => both("client_assertion_type"),
        id if id.starts_with("assertion-") => both("client_assertion"),
        "introspection-public" => ("(client)", ""),
        "client-credentials-public" => both("grant_type"),
        id if id.starts_with("grant-type-") => both("grant_type"),
        "pushed-request-required" => ("(pushed)", ""),
        "pushed-request-nested" => match params.get("request_uri") {
            Some(_) => both("request_uri"),
            None => ("request_uri", "request"),
        },
        id if id.starts_with("pushed-request-") => both("request_uri"),
        "request-uri-unsupported" => both("request_uri"),
        "request-object-unsupported" => both("request"),
        "registration-parameter-unsupported" => both("registration"),
        id if id.starts_with("redirect-uri-") => both("redirect_uri"),
        id if id.starts_with("response-mode-") => both("response_mode"),
        id if id.starts_with("response-type-") => both("response_type"),
        "pkce-required" => ("(pkce)", "code_challenge"),
        "pkce-challenge-missing" => ("(pkce)", "code_challenge"),
        "pkce-method-unsupported" => both("code_challenge_method"),
        "pkce-challenge-malformed" => both("code_challenge"),
        id if id.starts_with("pkce-verifier-") => both("code_verifier"),
        id if id.starts_with("scope-") => both("scope"),
        id if id.starts_with("resource-") => both("resource"),
        id if id.starts_with("prompt-") => both("prompt"),
        "max-age-malformed" => both("max_age"),
        "id-token-hint-invalid" | "logout-hint-invalid" => both("id_token_hint"),
        "logout-client-mismatch" | "logout-client-missing" => both("client_id"),
        "post-logout-redirect-uri-mismatch" => both("post_logout_redirect_uri"),
        "request-not-utf8" => both("nonce"),
        id if id.starts_with("code-redirect-uri-") => both("redirect_uri"),
        id if id.starts_with("code-") => both("code"),
        id if id.starts_with("refresh-token-") => both("refresh_token"),
        id if id.starts_with("device-code-") => both("device_code"),
        "token-missing" => both("token"),
        "user-gone" => ("(user)", ""),
        _ => ("", ""),
    }
}

#[cfg(test)]
mod tests {
    use contract::rules;

    use super::*;

    fn described(checks: Checks, query: &str, refusal: &Refusal) -> Vec<(String, ParameterCheck)> {
        let params = Params::parse(query.as_bytes()).unwrap();
        let described = checks.describe(&params, Some(refusal));
        described.into_iter().map(|p| (p.name, p.check)).collect()
    }

    /// Contract of the token endpoint's order: client, grant type, code, redirect URI, verifier.
    #[test]
    fn what_was_checked_before_the_one_that_failed_has_passed() {
        use ParameterCheck::{Ignored, Missing, NotReached, Ok, Refused, Unknown};
        let code = Checks::Token(Some(GrantType::AuthorizationCode));
        let refresh = Checks::Token(Some(GrantType::RefreshToken));
        let exchange = "grant_type=x&code=c&redirect_uri=r&code_verifier=v&client_id=i\
                        &client_secret=s&resource=a&foo=b";
        let table: [(Checks, &Rule, &str, &[ParameterCheck]); 12] = [
            (
                code,
                &rules::PKCE_VERIFIER_MISMATCH,
                exchange,
                &[Ok, Ok, Ok, Refused, Ok, Ok, NotReached, Ignored],
            ),
            (
                code,
                &rules::CODE_REDIRECT_URI_MISMATCH,
                exchange,
                &[Ok, Ok, Refused, NotReached, Ok, Ok, NotReached, Ignored],
            ),
            (
                code,
                &rules::CLIENT_AUTH_FAILED,
                exchange,
                &[
                    NotReached, NotReached, NotReached, NotReached, Ok, Refused, NotReached,
                    Ignored,
                ],
            ),
            (
                code,
                &rules::PKCE_VERIFIER_MISSING,
                "grant_type=x&code=c&client_id=i",
                &[Ok, Ok, Ok, Missing],
            ),
            (
                code,
                &rules::SERVER_BUSY,
                "grant_type=x&code=c",
                &[Unknown, Unknown],
            ),
            (
                refresh,
                &rules::SCOPE_WIDENED,
                "grant_type=x&refresh_token=t&scope=s&resource=r",
                &[Ok, Ok, Refused, NotReached],
            ),
            (
                Checks::Token(None),
                &rules::GRANT_TYPE_UNSUPPORTED,
                "grant_type=x&client_id=i&code=c",
                &[Refused, Ok, NotReached],
            ),
            (
                Checks::Authorize,
                &rules::REDIRECT_URI_MISMATCH,
                "client_id=i&redirect_uri=r&scope=s&ui_locales=de",
                &[Ok, Refused, NotReached, Ignored],
            ),
            (
                Checks::Authorize,
                &rules::PKCE_METHOD_UNSUPPORTED,
                "client_id=i&code_challenge=c&code_challenge_method=plain&response_type=code",
                &[Ok, NotReached, Refused, Ok],
            ),
            (
                Checks::Pushed,
                &rules::SCOPE_UNKNOWN,
                "client_id=i&client_secret=s&redirect_uri=r&scope=s&state=x",
                &[Ok, Ok, Ok, Refused, NotReached],
            ),
            (
                Checks::OfToken,
                &rules::TOKEN_MISSING,
                "client_id=i&token_type_hint=t",
                &[Ok, Ignored, Missing],
            ),
            (
                Checks::Logout,
                &rules::POST_LOGOUT_REDIRECT_URI_MISMATCH,
                "id_token_hint=h&post_logout_redirect_uri=r&state=s&ui_locales=de",
                &[Ok, Refused, NotReached, Ignored],
            ),
        ];
        for (checks, rule, query, expected) in table {
            let found = described(checks, query, &Refusal::new(rule));
            let found: Vec<_> = found.into_iter().map(|(_, check)| check).collect();
            assert_eq!(found, expected, "{} {query}", rule.id);
        }
    }

    #[test]
    fn a_repeated_parameter_is_found_before_or_after_the_address_of_the_answer() {
        let repeated =
            |name: &str| Refusal::new(&rules::PARAMETER_REPEATED).received(name.to_owned());
        let query = "client_id=i&redirect_uri=r&redirect_uri=r&scope=a&scope=b";
        for (name, address, scope) in [
            (
                "redirect_uri",
                ParameterCheck::Refused,
                ParameterCheck::NotReached,
            ),
            ("scope", ParameterCheck::Ok, ParameterCheck::Refused),
        ] {
            let found = described(Checks::Authorize, query, &repeated(name));
            assert_eq!(found[0].1, ParameterCheck::Ok);
            assert_eq!((found[1].1, found[3].1), (address, scope), "{name}");
        }
    }

    /// Whatever rule refuses a request that has a trace, it is known which check that was, or
    /// nothing is said of any.
    #[test]
    fn each_rule_that_is_about_a_parameter_names_one_that_its_endpoint_checks() {
        let all = [
            Checks::Authorize,
            Checks::Pushed,
            Checks::Token(Some(GrantType::AuthorizationCode)),
            Checks::Token(Some(GrantType::RefreshToken)),
            Checks::Token(Some(GrantType::DeviceCode)),
            Checks::DeviceAuthorization,
            Checks::OfToken,
            Checks::Logout,
        ];
        let params = Params::default();
        for rule in rules::all() {
            let places = all.map(|checks| (checks, judged(checks, &params, rule).0));
            if places.iter().all(|(_, place)| place.is_empty()) {
                continue;
            }
            let known = places
                .iter()
                .any(|(checks, place)| checks.place(place).is_some());
            assert!(known, "{}: {places:?}", rule.id);
        }
    }

    #[test]
    fn names_and_values_are_shown_without_their_secrets() {
        let token = "clv_at_0123456789";
        let query = format!("{token}=x&login_hint={token}&state=s&scope=openid");
        let params = Params::parse(query.as_bytes()).unwrap();
        let described = Checks::Authorize.describe(&params, None);
        assert!(!format!("{described:?}").contains(token));
        assert!(described[2].value.starts_with("fingerprint "));
        assert_eq!(described[3].value, "openid");
    }
}
