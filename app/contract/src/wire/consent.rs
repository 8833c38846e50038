//! The consent page's question and answer.

use serde::{Deserialize, Serialize};

use super::session::User;

/// `GET /api/consent?flow=TICKET`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "texts", derive(utoipa::ToSchema))]
pub struct ConsentRequest {
    pub application: ConsentApplication,
    pub user: User,
    pub scopes: Vec<ConsentScope>,
    /// The resource servers that the tokens are for; empty when none is named.
    pub resources: Vec<ConsentResource>,
}

/// An API that takes our tokens (RFC 8707).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "texts", derive(utoipa::ToSchema))]
pub struct ConsentResource {
    pub uri: String,
    pub name: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "texts", derive(utoipa::ToSchema))]
pub struct ConsentApplication {
    pub name: String,
    pub client_id: String,
    /// Where the browser goes next: a host, or a custom scheme with its colon.
    pub redirect_host: String,
    /// Of an application whose client id is an address: the host that answers for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id_host: Option<String>,
    /// Whether people here entered it. Any other says of itself who it is.
    pub checked: bool,
    /// When one that is not checked came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registered_at: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "texts", derive(utoipa::ToSchema))]
pub struct ConsentScope {
    pub name: String,
    /// What it lets the application do, in plain words: a short sentence.
    pub description: String,
    /// A second, quieter sentence; may be empty.
    pub detail: String,
    /// Given before, to this application as it is shown now.
    pub granted: bool,
    /// When it was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub granted_at: Option<String>,
    /// Whether the person may untick it.
    pub optional: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "texts", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    Allow,
    Deny,
}

/// `POST /api/consent`. Without `scopes` everything that was asked for is allowed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "texts", derive(utoipa::ToSchema))]
pub struct ConsentDecision {
    pub flow: String,
    pub decision: Decision,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
}
