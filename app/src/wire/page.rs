//! What the server hands to a page that it renders; the browser reads the same while it
//! hydrates. Nothing in here may be a secret, a code or a token.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::consent::ConsentRequest;
use super::session::User;

/// Everything that a page may know beforehand.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct PageData {
    pub user: Option<User>,
    /// The host in the public URL: who keeps the password.
    pub host: String,
    /// Scheme, host and port, without a slash at the end.
    pub public_url: String,
    pub content: PageContent,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub enum PageContent {
    /// The page fetches what it shows.
    #[default]
    Plain,
    Login(LoginPage),
    Consent(ConsentPage),
    Setup(SetupPage),
    Refused(RefusedPage),
    /// A page about one thing that is done or can't be done: title and sentence.
    Message(MessagePage),
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct LoginPage {
    /// The sealed ticket, as it came in the URL.
    pub flow: Option<String>,
    pub next: Option<String>,
    /// The application that asks.
    pub application: Option<String>,
    /// What was typed before, or `login_hint`.
    pub username: String,
    pub error: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ConsentPage {
    pub flow: String,
    pub request: ConsentRequest,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct SetupPage {
    /// The one-time token stays in the URL and in a hidden field, and ends with its use.
    pub token: String,
    pub username: String,
    pub email: String,
    pub errors: BTreeMap<String, Vec<String>>,
}

/// A refusal that may not travel by redirect.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct RefusedPage {
    pub status: u16,
    pub rule: String,
    pub title: String,
    /// What to say to the person in front of the page.
    pub explanation: String,
    /// The application's name, when it is known.
    pub application: Option<String>,
    pub received: Option<String>,
    pub request_id: String,
    /// Whether a trace was kept that the owner can open.
    pub traced: bool,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct MessagePage {
    pub title: String,
    pub text: String,
}
