//! Failures of the API: RFC 9457.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// `application/problem+json`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "texts", derive(utoipa::ToSchema))]
pub struct Problem {
    /// `{public_url}/rules/{rule}`.
    #[serde(rename = "type")]
    pub kind: String,
    pub title: String,
    pub status: u16,
    pub detail: String,
    /// Messages by field, with status 422.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub errors: BTreeMap<String, Vec<String>>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub request_id: String,
}

impl Problem {
    /// Whether fields of a form are wrong, and say so themselves.
    pub fn is_about_fields(&self) -> bool {
        self.status == 422 && !self.errors.is_empty()
    }

    /// The rule's id: the last part of `type`.
    pub fn rule(&self) -> &str {
        self.kind.rsplit('/').next().unwrap_or_default()
    }
}
