//! Addresses that the server fetches by itself: `https` only.

use super::redirect_uri::split;
use crate::rules::{self, Rule};

/// # Errors
/// `https-uri-required`.
pub fn check(text: &str) -> Result<(), &'static Rule> {
    let wrong = Err(&rules::HTTPS_URI_REQUIRED);
    if text.len() > 2000 || !text.bytes().all(|b| b.is_ascii_graphic()) {
        return wrong;
    }
    match split(text) {
        Some(parts)
            if parts.scheme == "https"
                && !parts.host().is_empty()
                && !parts.authority.unwrap_or_default().contains('@')
                && !text.contains('#') =>
        {
            Ok(())
        }
        _ => wrong,
    }
}
