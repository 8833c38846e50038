//! Which redirect URIs may be registered (RFC 6749 §3.1.2, RFC 8252 §7, RFC 9700 §4.1).
//!
//! Works on characters: a URI is stored and compared exactly as it was written, so there is
//! nothing to gain from normalising it, and the browser is spared a URL parser.

use crate::rules::{self, Rule};

/// Longest redirect URI that is taken, in bytes.
pub const MAX_LENGTH: usize = 2048;

/// Schemes that run or show content in the browser and so must never receive a code.
const NEVER: [&str; 12] = [
    "about",
    "blob",
    "data",
    "file",
    "filesystem",
    "ftp",
    "javascript",
    "mailto",
    "vbscript",
    "view-source",
    "ws",
    "wss",
];

/// On which hosts plain `http` may be registered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PlainHttp {
    /// Only where nothing leaves the machine.
    #[default]
    Loopback,
    /// Anywhere: the server was started with `--insecure-http`.
    AnyHost,
}

/// What a URI is made of; `authority` is absent in `com.example.app:/callback`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts<'a> {
    pub scheme: &'a str,
    pub authority: Option<&'a str>,
    /// Path and query, as written.
    pub rest: &'a str,
}

impl<'a> Parts<'a> {
    /// Host without port, as written (brackets kept); empty without an authority.
    pub fn host(&self) -> &'a str {
        split_port(self.authority.unwrap_or_default()).0
    }

    /// The port's digits.
    pub fn port(&self) -> Option<&'a str> {
        split_port(self.authority.unwrap_or_default()).1
    }

    /// Whether the host is a loopback address by number (RFC 8252 §7.3). `localhost` is a name.
    pub fn is_loopback_ip(&self) -> bool {
        matches!(self.host(), "127.0.0.1" | "[::1]")
    }

    /// Whether only this machine can be meant, by number or by name (RFC 6761 §6.3).
    pub fn is_loopback(&self) -> bool {
        let host = self.host().to_ascii_lowercase();
        self.is_loopback_ip() || host == "localhost" || host.ends_with(".localhost")
    }

    pub fn is_http(&self) -> bool {
        self.scheme.eq_ignore_ascii_case("http")
    }

    pub fn is_https(&self) -> bool {
        self.scheme.eq_ignore_ascii_case("https")
    }
}

fn split_port(authority: &str) -> (&str, Option<&str>) {
    let after_bracket = authority.rfind(']').map_or(0, |at| at + 1);
    match authority[after_bracket..].find(':') {
        Some(at) => (
            &authority[..after_bracket + at],
            Some(&authority[after_bracket + at + 1..]),
        ),
        None => (authority, None),
    }
}

/// Splits an absolute URI (RFC 3986 §3) without judging it; `None` when it has no scheme.
pub fn split(uri: &str) -> Option<Parts<'_>> {
    let (scheme, rest) = uri.split_once(':')?;
    let mut bytes = scheme.bytes();
    let starts = bytes.next().is_some_and(|b| b.is_ascii_alphabetic());
    if !starts || !bytes.all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.')) {
        return None;
    }
    Some(match rest.strip_prefix("//") {
        Some(rest) => {
            let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
            Parts {
                scheme,
                authority: Some(&rest[..end]),
                rest: &rest[end..],
            }
        }
        None => Parts {
            scheme,
            authority: None,
            rest,
        },
    })
}

/// The URI as it is kept: scheme and host of a web address in lower case, since browsers send
/// them so (RFC 3986 §6.2.2.1). The host of an app's own scheme stays as it is written.
pub fn kept(uri: &str) -> String {
    match split(uri) {
        Some(Parts {
            scheme,
            authority: Some(authority),
            rest,
        }) if scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https") => {
            let start = format!("{scheme}://{authority}").to_ascii_lowercase();
            format!("{start}{rest}")
        }
        _ => uri.to_owned(),
    }
}

/// Whether a browser can leave this URI to the server: only the server knows on which hosts it
/// takes plain `http`.
pub fn check_form(uri: &str) -> Result<(), &'static Rule> {
    check_with(uri, PlainHttp::AnyHost)
}

/// [`check_with`] of a server that takes plain `http` on loopback only.
pub fn check(uri: &str) -> Result<(), &'static Rule> {
    check_with(uri, PlainHttp::Loopback)
}

/// Whether this URI may be registered; else the first rule that it breaks.
pub fn check_with(uri: &str, http: PlainHttp) -> Result<(), &'static Rule> {
    if uri.len() > MAX_LENGTH {
        return Err(&rules::FIELD_TOO_LONG);
    }
    // RFC 3986 §2: anything else must be percent-encoded.
    if !uri.bytes().all(|b| b.is_ascii_graphic())
        || uri.contains(['"', '<', '>', '\\', '^', '`', '{', '|', '}'])
    {
        return Err(&rules::REDIRECT_URI_CHARACTERS);
    }
    if uri.contains('#') {
        return Err(&rules::REDIRECT_URI_FRAGMENT);
    }
    let parts = split(uri).ok_or(&rules::REDIRECT_URI_MALFORMED)?;
    let host = parts.host();
    if parts.authority.is_some_and(|a| a.contains('@')) {
        return Err(&rules::REDIRECT_URI_USERINFO);
    }
    if uri.contains('*') {
        return Err(&rules::REDIRECT_URI_WILDCARD);
    }
    if parts
        .port()
        .is_some_and(|p| p.is_empty() || p.parse::<u16>().is_err())
    {
        return Err(&rules::REDIRECT_URI_MALFORMED);
    }
    if parts.rest.split(['/', '?']).any(|part| part == "..") {
        return Err(&rules::REDIRECT_URI_MALFORMED);
    }
    if parts.is_https() || parts.is_http() {
        if host.is_empty() || !valid_host(host) {
            return Err(&rules::REDIRECT_URI_MALFORMED);
        }
        return if parts.is_https() || parts.is_loopback() || http == PlainHttp::AnyHost {
            Ok(())
        } else {
            Err(&rules::REDIRECT_URI_SCHEME)
        };
    }
    let scheme = parts.scheme.to_ascii_lowercase();
    if is_of_the_browser(&scheme) {
        return Err(&rules::REDIRECT_URI_SCHEME);
    }
    // RFC 8252 §7.1: a private-use scheme is a domain name in reverse. One without a dot is taken
    // too, since it is matched exactly, but it must at least look like a URI of an app.
    if parts.authority.is_some_and(str::is_empty) && !scheme.contains('.') {
        return Err(&rules::REDIRECT_URI_MALFORMED);
    }
    if parts.authority.is_none() && !parts.rest.starts_with('/') {
        return Err(&rules::REDIRECT_URI_MALFORMED);
    }
    if parts.authority.is_none() && parts.rest.len() < 2 && !scheme.contains('.') {
        return Err(&rules::REDIRECT_URI_MALFORMED);
    }
    Ok(())
}

/// Whether what has this scheme runs or shows content in the browser itself.
pub(super) fn is_of_the_browser(scheme: &str) -> bool {
    NEVER.contains(&scheme)
}

fn valid_host(host: &str) -> bool {
    if let Some(inner) = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')) {
        return inner.parse::<std::net::Ipv6Addr>().is_ok();
    }
    !host.contains(['[', ']'])
        && host
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'))
        && !host.starts_with('.')
        && !host.contains("..")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_registered() {
        for uri in [
            "https://example.com/cb",
            "https://example.com",
            "https://example.com/cb?a=1",
            "https://example.com/cb?",
            "https://example.com/cb;a=1",
            "https://example.com/%23cb",
            "https://example.com:8443/cb",
            "http://127.0.0.1/cb",
            "http://127.0.0.1:8080/cb",
            "http://[::1]/cb",
            "http://localhost:3000/cb",
            "http://app.localhost:3000/cb",
            "com.example.app:/cb",
            "com.example.app://cb",
            "myapp://callback",
        ] {
            assert!(
                check(uri).is_ok(),
                "{uri}: {:?}",
                check(uri).map_err(|r| r.id)
            );
        }
    }

    #[test]
    fn what_may_not_and_by_which_rule() {
        for (uri, rule) in [
            ("", "redirect-uri-malformed"),
            ("/cb", "redirect-uri-malformed"),
            ("//example.com/cb", "redirect-uri-malformed"),
            ("example.com/cb", "redirect-uri-malformed"),
            ("https:/x", "redirect-uri-malformed"),
            ("https:///cb", "redirect-uri-malformed"),
            ("https://exa mple.com/cb", "redirect-uri-characters"),
            ("https://example.com/c\u{e9}", "redirect-uri-characters"),
            (
                "https://example.com\\@evil.com/cb",
                "redirect-uri-characters",
            ),
            ("https://example.com/cb#", "redirect-uri-fragment"),
            ("https://example.com/cb#x", "redirect-uri-fragment"),
            ("https://user@example.com/cb", "redirect-uri-userinfo"),
            ("https://*.example.com/cb", "redirect-uri-wildcard"),
            ("https://example.com:/cb", "redirect-uri-malformed"),
            ("https://example.com:99999/cb", "redirect-uri-malformed"),
            ("https://example.com/../cb", "redirect-uri-malformed"),
            ("http://example.com/cb", "redirect-uri-scheme"),
            ("http://127.0.0.2/cb", "redirect-uri-scheme"),
            ("http://192.168.1.20/cb", "redirect-uri-scheme"),
            ("http://localhost.example/cb", "redirect-uri-scheme"),
            ("http://applocalhost/cb", "redirect-uri-scheme"),
            ("http://.localhost/cb", "redirect-uri-malformed"),
            ("javascript:alert(1)", "redirect-uri-scheme"),
            ("data:text/html,x", "redirect-uri-scheme"),
            ("scheme:path", "redirect-uri-malformed"),
            ("x:///y", "redirect-uri-malformed"),
        ] {
            assert_eq!(check(uri).map_err(|r| r.id), Err(rule), "{uri}");
        }
    }

    #[test]
    fn plain_http_on_other_hosts_is_for_servers_that_were_told_so() {
        for uri in ["http://192.168.1.20/cb", "http://intranet:8080/cb"] {
            assert!(check(uri).is_err(), "{uri}");
            assert!(check_with(uri, PlainHttp::AnyHost).is_ok(), "{uri}");
        }
        for uri in ["javascript:alert(1)", "http://user@intranet/cb", "ws://a/b"] {
            assert!(check_with(uri, PlainHttp::AnyHost).is_err(), "{uri}");
        }
    }

    /// RFC 3986 §6.2.2.1: scheme and host mean the same in capitals.
    #[test]
    fn scheme_and_host_are_kept_in_lower_case_and_nothing_else() {
        for (uri, as_kept) in [
            (
                "HTTPS://App.Example:8443/Cb?A=B",
                "https://app.example:8443/Cb?A=B",
            ),
            ("https://APP.example", "https://app.example"),
            ("com.example.App://Host/cb", "com.example.App://Host/cb"),
            ("com.Example:/cb", "com.Example:/cb"),
            ("nothing", "nothing"),
        ] {
            assert_eq!(kept(uri), as_kept);
        }
    }
}
