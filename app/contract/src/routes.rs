//! Every path, once. Client ids and flow ids are filled in by the functions.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};

pub const HOME: &str = "/";
pub const LOGIN: &str = "/login";
/// Says that a sign-in went well whose flow can't go on, and leads onward.
pub const SIGNED_IN: &str = "/signed-in";
pub const LOGOUT: &str = "/logout";
pub const CONSENT: &str = "/consent";
pub const SETUP: &str = "/setup";
pub const FORGOT: &str = "/forgot";
pub const RESET: &str = "/reset";
pub const DEVICE: &str = "/device";
pub const APPS: &str = "/apps";
pub const APPS_NEW: &str = "/apps/new";
pub const CONNECTIONS: &str = "/connections";
pub const ACCOUNT: &str = "/account";
pub const ACCOUNT_SECURITY: &str = "/account/security";
pub const PLAYGROUND: &str = "/playground";
pub const PLAYGROUND_CALLBACK: &str = "/playground/callback";
pub const RULES: &str = "/rules";
pub const FLOWS: &str = "/flows";

pub const API_SESSION: &str = "/api/session";
pub const API_SETUP: &str = "/api/setup";
pub const API_FORGOT: &str = "/api/password/forgot";
pub const API_RESET: &str = "/api/password/reset";
pub const API_MAIL: &str = "/api/mail";
pub const API_MAIL_TEST: &str = "/api/mail/test";
pub const API_CONSENT: &str = "/api/consent";
pub const API_APPLICATIONS: &str = "/api/applications";
pub const API_CONNECTIONS: &str = "/api/connections";
pub const API_SCOPES: &str = "/api/scopes";
pub const API_FLOWS: &str = "/api/flows";
pub const API_PASSWORD: &str = "/api/account/password";
pub const API_SESSIONS: &str = "/api/account/sessions";
pub const API_DEVICE: &str = "/api/device";
pub const API_LOGOUT: &str = "/api/logout";
pub const API_OPENAPI: &str = "/api/openapi.json";
pub const API_HELLO: &str = "/api/hello";

pub const AUTHORIZE: &str = "/o/authorize";
pub const TOKEN: &str = "/o/token";
pub const REVOKE: &str = "/o/revoke_token";
pub const INTROSPECT: &str = "/o/introspect";
pub const USERINFO: &str = "/o/userinfo";
pub const DEVICE_AUTHORIZATION: &str = "/o/device-authorization";
pub const PAR: &str = "/o/par";
pub const REGISTER: &str = "/o/register";
pub const END_SESSION: &str = "/o/logout";
/// Answers by form post travel over this page when a script asked for them.
pub const FORM_POST: &str = "/o/form_post";
/// RFC 9728 §3.1: where the metadata of `/api/hello` is.
pub const RESOURCE_METADATA: &str = "/.well-known/oauth-protected-resource/api/hello";
/// W3C, A Well-Known URL for Changing Passwords.
pub const CHANGE_PASSWORD: &str = "/.well-known/change-password";
pub const JWKS: &str = "/o/.well-known/jwks.json";
pub const OPENID_CONFIGURATION: &str = "/o/.well-known/openid-configuration";
pub const OAUTH_METADATA: &str = "/o/.well-known/oauth-authorization-server";
pub const OAUTH_METADATA_ROOT: &str = "/.well-known/oauth-authorization-server/o";

/// One application's page; tabs are `settings`, `credentials` and `flows` below it.
pub fn app(client_id: &str) -> String {
    format!("{APPS}/{}", encode(client_id))
}

/// The tabs of an application's page, beside the overview.
pub const APP_TABS: [&str; 4] = ["credentials", "settings", "quickstart", "flows"];

/// What one application was let in to, in the API.
pub fn api_connection(client_id: &str) -> String {
    format!("{API_CONNECTIONS}/{}", encode(client_id))
}

/// All but what a URL may hold as it is (RFC 3986 §2.3).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A value of a query or a segment of a path, percent-encoded (RFC 3986 §2.1).
pub fn percent_encode(value: &str) -> PercentEncode<'_> {
    utf8_percent_encode(value, RESERVED)
}

/// The same as a text.
pub fn encode(value: &str) -> String {
    percent_encode(value).to_string()
}

/// The trace of one flow.
pub fn flow(id: &str) -> String {
    format!("{FLOWS}/{id}")
}

/// The page of a rule.
pub fn rule(id: &str) -> String {
    format!("{RULES}/{id}")
}

/// One application in the API; `secrets` and `flows` are below it.
pub fn api_application(client_id: &str) -> String {
    format!("{API_APPLICATIONS}/{}", encode(client_id))
}

/// The trace of one flow in the API.
pub fn api_flow(id: &str) -> String {
    format!("{API_FLOWS}/{id}")
}
