//! The applications that a user has let in.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "texts", derive(utoipa::ToSchema))]
pub struct Connection {
    pub client_id: String,
    pub name: String,
    pub scopes: Vec<String>,
    pub created_at: String,
    pub updated_at: String,
}
