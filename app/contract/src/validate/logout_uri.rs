//! Addresses that take logout tokens (OpenID Connect Back-Channel Logout 1.0 §2.2).

use super::https_uri;
use super::redirect_uri::split;
use crate::rules::{self, Rule};

/// `https`, or `http` on a loopback host in development.
///
/// # Errors
/// `logout-uri-malformed`.
pub fn check(text: &str) -> Result<(), &'static Rule> {
    let loopback = split(text).is_some_and(|parts| {
        parts.scheme == "http"
            && (parts.is_loopback_ip() || parts.host() == "localhost")
            && !parts.authority.unwrap_or_default().contains('@')
    });
    let plain = text.len() <= 2000 && text.bytes().all(|b| b.is_ascii_graphic() && b != b'#');
    if https_uri::check(text).is_ok() || (loopback && plain) {
        Ok(())
    } else {
        Err(&rules::LOGOUT_URI_MALFORMED)
    }
}
