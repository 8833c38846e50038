//! Signing in and who is signed in.

use serde::{Deserialize, Serialize};

use crate::named;

named! {
    /// What a user may do: `User` signs in and consents, `Developer` registers applications,
    /// `Admin` sees everyone's.
    #[derive(PartialOrd, Ord)]
    #[cfg_attr(feature = "texts", derive(utoipa::ToSchema))]
    pub enum Role {
        User = "user",
        Developer = "developer",
        Admin = "admin",
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "texts", derive(utoipa::ToSchema))]
pub struct User {
    pub id: String,
    pub username: String,
    pub email: String,
    pub role: Role,
}

/// `POST /api/session`. `username` also takes the email address.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "texts", derive(utoipa::ToSchema))]
pub struct SignIn {
    pub username: String,
    pub password: String,
    /// The ticket of the authorization request that waits for this sign-in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flow: Option<String>,
    /// Where to go afterwards when there is no flow: a path of this site.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// `GET` and `POST /api/session`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "texts", derive(utoipa::ToSchema))]
pub struct SignedIn {
    pub user: User,
    pub redirect_to: String,
}

/// `POST /api/setup`: the first administrator.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "texts", derive(utoipa::ToSchema))]
pub struct CreateAdministrator {
    pub token: String,
    pub username: String,
    pub email: String,
    pub password: String,
}

/// `POST /api/account/password`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "texts", derive(utoipa::ToSchema))]
pub struct ChangePassword {
    pub current_password: String,
    pub new_password: String,
}

/// `POST /api/password/forgot`. `username` also takes the email address.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "texts", derive(utoipa::ToSchema))]
pub struct ForgotPassword {
    pub username: String,
}

/// `POST /api/password/reset`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "texts", derive(utoipa::ToSchema))]
pub struct ResetPassword {
    /// What the link carries.
    pub token: String,
    pub password: String,
}

/// One of `GET /api/account/sessions`; `DELETE /api/account/sessions` ends all of them.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "texts", derive(utoipa::ToSchema))]
pub struct SessionInfo {
    pub id: String,
    pub current: bool,
    pub user_agent: String,
    pub created_at: String,
    pub last_seen_at: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "texts", derive(utoipa::ToSchema))]
pub struct Redirect {
    pub redirect_to: String,
}
