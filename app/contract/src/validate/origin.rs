//! Which origins may be registered for CORS (RFC 6454 §6.1).

use super::redirect_uri::{PlainHttp, is_of_the_browser, split};
use crate::rules::{self, Rule};

/// [`check_with`] for a browser, which leaves to the server on which hosts it takes plain `http`.
pub fn check_form(origin: &str) -> Result<(), &'static Rule> {
    check_with(origin, PlainHttp::AnyHost)
}

/// Whether this is a serialized origin, `https://example.com`, in the form in which browsers
/// send it: lower case, no default port, no path. `http` is for loopback, unless the server
/// takes it elsewhere. Apps that show pages of their own send a scheme of their own,
/// `capacitor://localhost`.
pub fn check_with(origin: &str, http: PlainHttp) -> Result<(), &'static Rule> {
    let bad = Err(&rules::ORIGIN_MALFORMED);
    let Some(parts) = split(origin) else {
        return bad;
    };
    let host = parts.host();
    let port_ok = parts.port().is_none_or(|p| {
        default_port(parts.scheme) != Some(p) && !p.starts_with('0') && p.parse::<u16>().is_ok()
    });
    let host_ok = !host.is_empty()
        && host
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-._:[]".contains(&b));
    let scheme_ok = match parts.scheme {
        "https" => true,
        "http" => parts.is_loopback() || http == PlainHttp::AnyHost,
        scheme => !scheme.bytes().any(|b| b.is_ascii_uppercase()) && !is_of_the_browser(scheme),
    };
    if scheme_ok && host_ok && port_ok && parts.rest.is_empty() && origin.len() <= 255 {
        Ok(())
    } else {
        bad
    }
}

/// The origin of a web address that a script may come from: `https`, or `http` on this machine.
pub fn of(uri: &str) -> Option<String> {
    let parts = split(uri)?;
    if !(parts.is_https() || parts.is_http() && parts.is_loopback()) {
        return None;
    }
    let scheme = parts.scheme.to_ascii_lowercase();
    let port = parts
        .port()
        .filter(|port| default_port(&scheme) != Some(port));
    let port = port.map(|port| format!(":{port}")).unwrap_or_default();
    let origin = format!("{scheme}://{}{port}", parts.host().to_ascii_lowercase());
    check_with(&origin, PlainHttp::Loopback)
        .ok()
        .map(|()| origin)
}

fn default_port(scheme: &str) -> Option<&'static str> {
    match scheme {
        "https" => Some("443"),
        "http" => Some("80"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(origin: &str) -> bool {
        check_with(origin, PlainHttp::Loopback).is_ok()
    }

    #[test]
    fn origins_as_browsers_send_them() {
        for origin in [
            "https://example.com",
            "https://example.com:8443",
            "https://localhost",
            "http://localhost:3000",
            "http://tauri.localhost",
            "http://127.0.0.1",
            "http://[::1]:3000",
        ] {
            assert!(check(origin), "{origin}");
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
            assert!(!check(origin), "{origin}");
        }
    }

    #[test]
    fn origins_as_hybrid_apps_send_them() {
        for origin in [
            "capacitor://localhost",
            "ionic://localhost",
            "tauri://localhost",
            "app://obsidian.md",
            "app://-",
            "com.example.app://localhost",
            "chrome-extension://cfhdojbkjhnklbpkdaibdccddilifddb",
            "moz-extension://5b1a5c3e-1a2b-4c3d-8e9f-0123456789ab",
        ] {
            assert!(check(origin), "{origin}");
        }
        for origin in [
            "capacitor://",
            "capacitor:localhost",
            "capacitor://localhost/",
            "Capacitor://localhost",
            "tauri://Localhost",
            "file://localhost",
            "javascript://localhost",
            "ws://example.com",
            "wss://example.com",
        ] {
            assert!(!check(origin), "{origin}");
        }
    }

    #[test]
    fn plain_http_elsewhere_is_for_servers_that_were_told_so() {
        assert!(check_with("http://192.168.1.20:3000", PlainHttp::AnyHost).is_ok());
        assert!(!check("http://192.168.1.20:3000"));
    }

    #[test]
    fn the_origin_of_an_address() {
        for (uri, origin) in [
            ("https://App.example/cb?a", Some("https://app.example")),
            ("https://app.example:443/cb", Some("https://app.example")),
            ("https://app.example:8443", Some("https://app.example:8443")),
            ("http://localhost:6274/cb", Some("http://localhost:6274")),
            ("http://localhost:80/cb", Some("http://localhost")),
            ("http://[::1]:6274/cb", Some("http://[::1]:6274")),
            ("http://app.example/cb", None),
            ("com.example.app://host/cb", None),
            ("com.example.app:/cb", None),
            ("nothing", None),
        ] {
            assert_eq!(of(uri).as_deref(), origin, "{uri}");
        }
    }
}
