//! The trace of one authorization, for the application's owner.

use serde::{Deserialize, Serialize};

/// One of `GET /api/applications/{client_id}/flows`, newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "texts", derive(utoipa::ToSchema))]
pub struct FlowSummary {
    /// The request id that the error page and the answer show.
    pub id: String,
    /// `pending`, `issued`, `redeemed`, `denied` or `refused`.
    pub outcome: String,
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
    /// `Authorization request`, `Sign-in`, `Consent`, `Code`, `Token`, `Refresh`; of a device
    /// `Device request` and `Polled too fast` too.
    pub name: String,
    /// `GET /o/authorize`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub request: String,
    /// `ok`, `refused` or `waiting`.
    pub outcome: String,
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
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "texts", derive(utoipa::ToSchema))]
pub struct FlowParameter {
    pub name: String,
    /// The value, or `fingerprint 7c1e…` for what must not be kept.
    pub value: String,
    /// `ok`, `refused` or `not reached`.
    pub check: String,
}
