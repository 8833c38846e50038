//! The device page's question and answer.

use serde::{Deserialize, Serialize};

use super::consent::{ConsentResource, ConsentScope, Decision};
use super::session::User;

/// `GET /api/device?user_code=`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "texts", derive(utoipa::ToSchema))]
pub struct DeviceRequest {
    pub application: DeviceApplication,
    pub user: User,
    pub scopes: Vec<ConsentScope>,
    /// The resource servers that the tokens are for; empty when none is named.
    pub resources: Vec<ConsentResource>,
    /// As the device shows it: `BCDF-GHJK`.
    pub user_code: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "texts", derive(utoipa::ToSchema))]
pub struct DeviceApplication {
    pub name: String,
    pub client_id: String,
    /// The host that answers for it, if one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// Whether people here entered it. Any other says of itself who it is.
    pub checked: bool,
    /// When one that is not checked came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registered_at: Option<String>,
}

/// `POST /api/device`. Without `scopes` everything that was asked for is allowed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "texts", derive(utoipa::ToSchema))]
pub struct DeviceDecision {
    /// In any case, with or without the hyphen.
    pub user_code: String,
    pub decision: Decision,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
}

/// The answer to `POST /api/device`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "texts", derive(utoipa::ToSchema))]
pub struct DeviceDecided {
    pub status: DeviceStatus,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "texts", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum DeviceStatus {
    Approved,
    Denied,
}
