//! Which origins may be registered for CORS (RFC 6454 §6.1).

use super::redirect_uri::split;
use crate::rules::{self, Rule};

/// Whether this is a serialized origin, `https://example.com`, in the form in which browsers
/// send it: lower case, no default port, no path. `http` is for loopback only.
pub fn check(origin: &str) -> Result<(), &'static Rule> {
    let bad = Err(&rules::ORIGIN_MALFORMED);
    let Some(parts) = split(origin) else {
        return bad;
    };
    let host = parts.host();
    let loopback = parts.is_loopback_ip() || host == "localhost";
    let default_port = if parts.scheme == "https" { "443" } else { "80" };
    let port_ok = parts
        .port()
        .is_none_or(|p| p != default_port && !p.starts_with('0') && p.parse::<u16>().is_ok());
    let host_ok = !host.is_empty()
        && host
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-._:[]".contains(&b));
    let scheme_ok = parts.scheme == "https" || (parts.scheme == "http" && loopback);
    if scheme_ok && host_ok && port_ok && parts.rest.is_empty() && origin.len() <= 255 {
        Ok(())
    } else {
        bad
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_as_browsers_send_them() {
        for origin in [
            "https://example.com",
            "https://example.com:8443",
            "http://localhost:3000",
            "http://127.0.0.1",
            "http://[::1]:3000",
        ] {
            assert!(check(origin).is_ok(), "{origin}");
        }
        for origin in [
            "",
            "*",
            "null",
            "https://example.com/",
            "https://Example.com",
            "https://example.com:443",
            "http://example.com",
            "https://user@example.com",
            "example.com",
        ] {
            assert!(check(origin).is_err(), "{origin}");
        }
    }
}
