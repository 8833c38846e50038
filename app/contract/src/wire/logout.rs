//! Signing out, and the delivery log of logout tokens.

use serde::{Deserialize, Serialize};

/// `POST /api/logout`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "texts", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct SignOut {
    /// The ticket of the logout that an application asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flow: Option<String>,
    /// Ends every session of this person, not only the one in this browser.
    pub everywhere: bool,
}

/// What the confirmation page knows beforehand.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct LogoutPage {
    /// The sealed ticket, as it came in the URL.
    pub flow: String,
    /// The application that asks, if it said which it is.
    pub application: Option<String>,
    /// Where the browser goes afterwards: a host, or a custom scheme with its colon.
    pub redirect_host: Option<String>,
    /// The rule by which the address that was sent is not gone to.
    pub refused: Option<String>,
}

/// One of `GET /api/applications/{client_id}/logouts`, newest first: a logout token on its way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "texts", derive(utoipa::ToSchema))]
pub struct LogoutDelivery {
    pub id: String,
    /// Whose session has ended: the username; empty when the user is gone.
    pub user: String,
    /// The `sub` in the token.
    pub sub: String,
    /// The `sid` in the token; absent when every session of the user has ended.
    pub sid: Option<String>,
    /// `waiting`, `delivered` or `given up`.
    pub state: String,
    /// How often it was sent.
    pub attempts: i64,
    /// What went wrong the last time.
    pub error: Option<String>,
    pub created_at: String,
    pub delivered_at: Option<String>,
    /// When it is sent next.
    pub next_attempt_at: Option<String>,
}
