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
mod tests;
