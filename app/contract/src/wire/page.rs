//! What the server hands to a page that it renders; the browser reads the same while it
//! hydrates. Nothing in here may be a secret, a code or a token.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::consent::ConsentRequest;
use super::device::{DeviceRequest, DeviceStatus};
use super::logout::LogoutPage;
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
    Device(Box<DevicePage>),
    Setup(SetupPage),
    Logout(LogoutPage),
    Forgot(ForgotPage),
    Reset(ResetPage),
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
    /// What has become of the request that this page came with.
    pub notice: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ConsentPage {
    pub flow: String,
    pub request: ConsentRequest,
}

/// A code is typed in, then the request behind it is answered, then it is over.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct DevicePage {
    /// What was typed before, or came in the URL.
    pub user_code: String,
    /// What the device asks for.
    pub request: Option<DeviceRequest>,
    /// What the person decided.
    pub decided: Option<DeviceStatus>,
    /// What is wrong with the code.
    pub error: Option<String>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct SetupPage {
    /// The one-time token stands in the URL and in a hidden field, not in the page's data.
    #[serde(skip)]
    pub token: String,
    pub username: String,
    pub email: String,
    pub errors: BTreeMap<String, Vec<String>>,
}

/// A link to set a new password is asked for.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ForgotPage {
    pub username: String,
    /// Whether a mail server is set up.
    pub sends: bool,
    pub error: Option<String>,
}

/// A new password is set by a link.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ResetPage {
    /// As it came in the URL; it stands in a hidden field, not in the page's data.
    #[serde(skip)]
    pub token: String,
    /// Whose password it sets.
    pub username: String,
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
    /// Ways on.
    pub links: Vec<PageLink>,
}

/// A way on from a page that stays still.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct PageLink {
    pub href: String,
    pub text: String,
}

impl PageLink {
    pub fn new(href: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            href: href.into(),
            text: text.into(),
        }
    }
}

/// An answer that the browser posts to the application. It holds a code, so it is rendered once
/// and stands in no data of the page.
#[derive(Clone, Default)]
pub struct FormPostPage {
    /// The redirect URI.
    pub action: String,
    /// Where that is, for a person.
    pub host: String,
    /// Names and values.
    pub parameters: Vec<(String, String)>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct MessagePage {
    pub title: String,
    pub text: String,
    /// The rule behind it.
    pub rule: Option<String>,
    /// Ways on; the first one is what most people want.
    pub links: Vec<PageLink>,
}
