//! An authorization request that has passed every check that needs no person.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::time::Timestamp;

/// How long a person may take to sign in and decide (seconds).
pub const TICKET_SECONDS: i64 = 600;

/// The request as it is kept while the person signs in and decides: sealed into the ticket, so
/// that an anonymous request writes nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AuthorizationRequest {
    /// The id of the flow's trace, of its code and of its grant.
    pub flow_id: Uuid,
    pub client_id: String,
    pub redirect_uri: String,
    pub redirect_uri_sent: bool,
    pub response_mode: ResponseMode,
    pub scopes: Vec<String>,
    /// URIs of the resource servers that are asked for (RFC 8707 §2).
    pub resources: Vec<String>,
    pub state: Option<String>,
    pub nonce: Option<String>,
    pub code_challenge: Option<String>,
    pub prompt: Prompt,
    /// Seconds (OpenID Connect Core 1.0 §3.1.2.1).
    pub max_age: Option<i64>,
    /// In the order of preference (OpenID Connect Core 1.0 §3.1.2.1).
    pub acr_values: Vec<String>,
    pub login_hint: Option<String>,
    /// The `sub` of a valid `id_token_hint`: the person that has to be signed in.
    pub hinted_user: Option<Uuid>,
    /// Unix milliseconds.
    pub started_at: i64,
}

impl AuthorizationRequest {
    pub fn started_at(&self) -> Timestamp {
        Timestamp(self.started_at)
    }
}

/// How the answer travels to the redirect URI (OAuth 2.0 Multiple Response Type Encoding
/// Practices §2.1, OAuth 2.0 Form Post Response Mode §2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ResponseMode {
    #[default]
    Query,
    Fragment,
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

/// `prompt` (OpenID Connect Core 1.0 §3.1.2.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prompt {
    pub none: bool,
    pub login: bool,
    pub consent: bool,
    pub select_account: bool,
}
