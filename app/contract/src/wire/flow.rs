//! The trace of one authorization, for the application's owner.

use serde::{Deserialize, Serialize};

/// How a flow stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "texts", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FlowOutcome {
    /// It waits for a person.
    #[default]
    Pending,
    /// A code was issued, or a device approved.
    Issued,
    /// There are tokens.
    Redeemed,
    /// The person said no.
    Denied,
    Refused,
    #[serde(rename = "signed out")]
    SignedOut,
    /// An application registered itself or changed its registration.
    Registered,
    /// What a newer or an older server wrote.
    #[serde(other)]
    Unknown,
}

impl FlowOutcome {
    pub const ALL: [Self; 7] = [
        Self::Pending,
        Self::Issued,
        Self::Redeemed,
        Self::Denied,
        Self::Refused,
        Self::SignedOut,
        Self::Registered,
    ];

    /// How it is written.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Issued => "issued",
            Self::Redeemed => "redeemed",
            Self::Denied => "denied",
            Self::Refused => "refused",
            Self::SignedOut => "signed out",
            Self::Registered => "registered",
            Self::Unknown => "unknown",
        }
    }

    pub fn parse(name: &str) -> Self {
        let known = Self::ALL.into_iter().find(|one| one.name() == name);
        known.unwrap_or(Self::Unknown)
    }
}

/// Defines [`StepName`]: each name once, with its text. A text is a `tt`: in a `literal` utoipa
/// does not see it.
macro_rules! steps {
    ($($(#[$attribute:meta])* $step:ident = $text:tt;)*) => {
        /// What a step was. Never a text of the client's.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "texts", derive(utoipa::ToSchema))]
        pub enum StepName {
            $($(#[$attribute])* #[serde(rename = $text)] $step,)*
            /// A request to an endpoint that has no name of its own here.
            #[default]
            #[serde(rename = "Request", other)]
            Request,
        }

        impl StepName {
            /// How it is written.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$step => $text,)*
                    Self::Request => "Request",
                }
            }
        }
    };
}

steps! {
    AuthorizationRequest = "Authorization request";
    /// RFC 9126.
    PushedRequest = "Pushed request";
    /// RFC 8628 §3.1.
    DeviceRequest = "Device request";
    SignIn = "Sign-in";
    Consent = "Consent";
    /// A refusal that took neither a sign-in nor a consent page.
    Decision = "Decision";
    Code = "Code";
    /// Whatever the token endpoint was asked for: the grant type is a fact of the step. It was
    /// the name once.
    #[serde(
        alias = "authorization_code",
        alias = "refresh_token",
        alias = "client_credentials",
        alias = "urn:ietf:params:oauth:grant-type:device_code"
    )]
    Token = "Token";
    PolledTooFast = "Polled too fast";
    Introspection = "Introspection";
    Revocation = "Revocation";
    LogoutRequest = "Logout request";
    Logout = "Logout";
    Registration = "Registration";
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "texts", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum StepOutcome {
    #[default]
    Ok,
    Refused,
    Waiting,
    #[serde(other)]
    Unknown,
}

/// What became of one parameter of a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "texts", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ParameterCheck {
    /// It was looked at, and passed.
    Ok,
    /// The rule is about it.
    Refused,
    /// It has to be there and is not.
    Missing,
    /// A check before it failed.
    #[serde(rename = "not reached")]
    NotReached,
    /// The endpoint knows no such parameter.
    Ignored,
    /// Nothing is known of it.
    #[default]
    #[serde(rename = "", other)]
    Unknown,
}

impl ParameterCheck {
    /// In a word or two; empty when nothing is known.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Ok => "passed",
            Self::Refused => "refused",
            Self::Missing => "missing",
            Self::NotReached => "not reached",
            Self::Ignored => "ignored",
            Self::Unknown => "",
        }
    }
}

/// What a step can tell beside its request: who, what was granted, what was issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "texts", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FactName {
    GrantType,
    /// `sub` of the person.
    Subject,
    Username,
    /// How they signed in (RFC 8176).
    Amr,
    Scope,
    Resource,
    Code,
    AccessToken,
    RefreshToken,
    IdToken,
    /// Seconds.
    ExpiresIn,
    #[serde(other)]
    Other,
}

impl FactName {
    pub const fn words(self) -> &'static str {
        match self {
            Self::GrantType => "Grant",
            Self::Subject => "Person (sub)",
            Self::Username => "User name",
            Self::Amr => "Signed in with",
            Self::Scope => "Scope",
            Self::Resource => "Resource",
            Self::Code => "Code",
            Self::AccessToken => "Access token",
            Self::RefreshToken => "Refresh token",
            Self::IdToken => "id_token",
            Self::ExpiresIn => "Expires in (seconds)",
            Self::Other => "Also",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "texts", derive(utoipa::ToSchema))]
pub struct FlowFact {
    pub name: FactName,
    /// Secrets only as fingerprints.
    pub value: String,
}

/// One of `GET /api/applications/{client_id}/flows`, newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "texts", derive(utoipa::ToSchema))]
pub struct FlowSummary {
    /// The request id that the error page and the answer show.
    pub id: String,
    pub outcome: FlowOutcome,
    /// The rule that refused it.
    pub rule: Option<String>,
    /// The first step's request line, `GET /o/authorize`.
    pub request: String,
    pub created_at: String,
    pub updated_at: String,
}

/// `GET /api/flows/{id}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "texts", derive(utoipa::ToSchema))]
pub struct Flow {
    #[serde(flatten)]
    pub summary: FlowSummary,
    /// Absent when the client was unknown: then only administrators see the trace.
    pub client_id: Option<String>,
    pub application_name: Option<String>,
    /// What the rules say that are named in the steps.
    #[serde(default)]
    pub rules: Vec<RuleText>,
    pub steps: Vec<FlowStep>,
}

/// A rule in words, as on its page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "texts", derive(utoipa::ToSchema))]
pub struct RuleText {
    pub id: String,
    pub title: String,
    /// The standard and its paragraph.
    pub source: String,
    /// Where it can be read; may be empty.
    pub source_url: String,
    pub why: String,
    pub fix: String,
}

/// One step of a trace, as it is stored: a JSON object in a line.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "texts", derive(utoipa::ToSchema))]
pub struct FlowStep {
    pub name: StepName,
    /// `GET /o/authorize`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub request: String,
    pub outcome: StepOutcome,
    /// Unix milliseconds.
    pub at: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// What would have passed. For a redirect URI: the registered ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expected: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received: Option<String>,
    /// The request's parameters by name; secrets and codes only as fingerprints.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<FlowParameter>,
    /// What came of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<FlowFact>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "texts", derive(utoipa::ToSchema))]
pub struct FlowParameter {
    pub name: String,
    /// The value, or `fingerprint 7c1e…` in place of what must not be kept.
    pub value: String,
    pub check: ParameterCheck,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written<T: Serialize>(value: T) -> String {
        serde_json::to_value(value)
            .unwrap()
            .as_str()
            .unwrap()
            .to_owned()
    }

    fn read<T: serde::de::DeserializeOwned>(text: &str) -> T {
        serde_json::from_value(text.into()).unwrap()
    }

    #[test]
    fn an_outcome_is_written_in_json_as_in_its_column() {
        for outcome in FlowOutcome::ALL {
            assert_eq!(written(outcome), outcome.name());
            assert_eq!(FlowOutcome::parse(outcome.name()), outcome);
            assert_eq!(read::<FlowOutcome>(outcome.name()), outcome);
        }
        assert_eq!(FlowOutcome::parse("new"), FlowOutcome::Unknown);
        assert_eq!(read::<FlowOutcome>("new"), FlowOutcome::Unknown);
    }

    /// What clients sent as `grant_type` was the name of the step once, and is still stored.
    #[test]
    fn a_step_that_was_stored_under_a_text_of_the_client_is_read_all_the_same() {
        for (text, name) in [
            ("Authorization request", StepName::AuthorizationRequest),
            ("Token", StepName::Token),
            ("authorization_code", StepName::Token),
            (
                "urn:ietf:params:oauth:grant-type:device_code",
                StepName::Token,
            ),
            ("\u{1}anything", StepName::Request),
            ("Request", StepName::Request),
        ] {
            assert_eq!(read::<StepName>(text), name, "{text}");
        }
        assert_eq!(written(StepName::SignIn), StepName::SignIn.name());
        assert_eq!(written(StepName::Request), "Request");
    }

    #[test]
    fn a_check_is_one_of_these() {
        for (check, text) in [
            (ParameterCheck::Ok, "ok"),
            (ParameterCheck::Refused, "refused"),
            (ParameterCheck::Missing, "missing"),
            (ParameterCheck::NotReached, "not reached"),
            (ParameterCheck::Ignored, "ignored"),
            (ParameterCheck::Unknown, ""),
        ] {
            assert_eq!(written(check), text);
            assert_eq!(read::<ParameterCheck>(text), check);
        }
        assert_eq!(read::<ParameterCheck>("new"), ParameterCheck::Unknown);
    }
}
