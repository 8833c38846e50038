//! Cookies: read by name, written with everything that protects them.

use std::time::Duration;

use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};

use crate::urls::PublicUrl;

/// Which cookie; on https its name starts with `__Host-`, which binds it to this host, to `/`
/// and to secure connections (RFC 6265bis §4.1.3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cookie {
    /// The session's credential.
    Session,
    /// Random: binds a flow to the browser that started it.
    Browser,
    /// Sealed: a user has signed in with this browser before.
    Known,
}

impl Cookie {
    pub fn name(self, url: &PublicUrl) -> String {
        let name = match self {
            Self::Session => "claviger_session",
            Self::Browser => "claviger_browser",
            Self::Known => "claviger_known",
        };
        if url.is_https() {
            format!("__Host-{name}")
        } else {
            name.to_owned()
        }
    }

    /// The value that the request sends.
    pub fn read<'a>(self, headers: &'a HeaderMap, url: &PublicUrl) -> Option<&'a str> {
        let name = self.name(url);
        pairs(headers)
            .find(|(n, _)| *n == name)
            .map(|(_, value)| value)
    }

    /// The values of all cookies of this kind: of its name, or of a name that begins with it.
    pub fn read_all<'a>(
        self,
        headers: &'a HeaderMap,
        url: &PublicUrl,
    ) -> impl Iterator<Item = &'a str> {
        let name = self.name(url);
        pairs(headers)
            .filter(move |(found, _)| {
                let rest = found.strip_prefix(&*name);
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
            })
            .map(|(_, value)| value)
    }

    /// A `Set-Cookie` that lasts for `max_age`; 0 takes the cookie away.
    pub fn write(self, value: &str, max_age: Duration, url: &PublicUrl) -> Option<HeaderValue> {
        write(&self.name(url), value, max_age, url)
    }
}

/// Names and values that the request sends.
fn pairs(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
}

/// A `Set-Cookie` of this whole name; see [`Cookie::write`].
pub fn write(name: &str, value: &str, max_age: Duration, url: &PublicUrl) -> Option<HeaderValue> {
    let secure = if url.is_https() { "; Secure" } else { "" };
    HeaderValue::from_str(&format!(
        "{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={}{secure}",
        max_age.as_secs()
    ))
    .ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::urls::InsecureHttp;

    #[test]
    fn on_https_a_cookie_is_bound_to_its_host() {
        let url = PublicUrl::parse("https://id.example.com", InsecureHttp::Refused).unwrap();
        let header = Cookie::Session
            .write("x", Duration::from_secs(60), &url)
            .unwrap();
        assert_eq!(
            header,
            "__Host-claviger_session=x; Path=/; HttpOnly; SameSite=Lax; Max-Age=60; Secure"
        );
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, "a=b; __Host-claviger_session=x".parse().unwrap());
        assert_eq!(Cookie::Session.read(&headers, &url), Some("x"));
        headers.insert(COOKIE, "claviger_session=x".parse().unwrap());
        assert_eq!(Cookie::Session.read(&headers, &url), None);
    }
}
