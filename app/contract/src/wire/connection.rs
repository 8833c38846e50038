//! The applications that a user has let in.

use serde::{Deserialize, Serialize};

use super::application::Scope;
use super::consent::ConsentResource;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "texts", derive(utoipa::ToSchema))]
pub struct Connection {
    pub client_id: String,
    pub name: String,
    pub scopes: Vec<String>,
    /// The same scopes in plain words.
    pub permissions: Vec<Scope>,
    /// The resource servers that it was let into.
    pub resources: Vec<ConsentResource>,
    pub created_at: String,
    pub updated_at: String,
    /// When it got access last while the person was there; absent when none of that lives.
    pub last_used_at: Option<String>,
}
