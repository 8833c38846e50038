//! Matching a redirect URI that a request sends with those that are registered.

use contract::routes::percent_encode;
use contract::rules;
use contract::validate::redirect_uri::{Parts, split};
use contract::wire::client::ClientType;

use super::refusal::Refusal;

/// Whether `sent` is `registered`: character for character (RFC 9700 §4.1.3), except that
/// `http` on a loopback address may have any port (RFC 8252 §7.3). The name `localhost` counts
/// as one for a public client only: native applications use it, and no web server listens there
/// for others.
pub fn matches(sent: &str, registered: &str, client: ClientType) -> bool {
    if sent == registered {
        return !sent.contains('#');
    }
    let (Some(sent_parts), Some(registered_parts)) = (split(sent), split(registered)) else {
        return false;
    };
    sent_parts.scheme == "http"
        && registered_parts.scheme == "http"
        && any_port(&registered_parts, client)
        && sent_parts.host() == registered_parts.host()
        && valid_port(&sent_parts)
        && sent_parts.rest == registered_parts.rest
        && !sent.contains('#')
}

fn any_port(registered: &Parts<'_>, client: ClientType) -> bool {
    registered.is_loopback_ip()
        || (client == ClientType::Public && registered.host() == "localhost")
}

fn valid_port(parts: &Parts<'_>) -> bool {
    parts.port().is_none_or(|port| {
        !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok()
    })
}

/// The redirect URI of an authorization request.
///
/// # Errors
/// `redirect-uri-missing` when it is left out and not exactly one is registered
/// (RFC 6749 §3.1.2.3), `redirect-uri-mismatch` when it is not registered.
pub fn resolve<'a>(
    sent: Option<&'a str>,
    registered: &'a [String],
    client: ClientType,
) -> Result<&'a str, Refusal> {
    match (sent, registered) {
        (None, [only]) => Ok(only),
        (None, _) => {
            Err(Refusal::new(&rules::REDIRECT_URI_MISSING).expected_all(registered.iter().cloned()))
        }
        (Some(sent), _) if registered.iter().any(|uri| matches(sent, uri, client)) => Ok(sent),
        (Some(sent), _) => Err(Refusal::new(&rules::REDIRECT_URI_MISMATCH)
            .expected_all(registered.iter().cloned())
            .received(sent)),
    }
}

/// The URI with these parameters added to its query. Its own parameters are kept, except those with
/// the same names: the client must find each name once.
pub fn with_query(uri: &str, parameters: &[(&str, &str)]) -> String {
    let named = |pair: &str| {
        let name = pair.split_once('=').map_or(pair, |(name, _)| name);
        parameters.iter().any(|(ours, _)| *ours == name)
    };
    let mut location = match uri.split_once('?') {
        Some((base, query)) if query.split('&').any(named) => {
            let kept: Vec<&str> = query.split('&').filter(|pair| !named(pair)).collect();
            format!("{base}?{}", kept.join("&"))
        }
        _ => uri.to_owned(),
    };
    match location.find('?') {
        None => location.push('?'),
        Some(at) if at + 1 == location.len() || location.ends_with('&') => {}
        Some(_) => location.push('&'),
    }
    location.push_str(&encode(parameters));
    location
}

/// The URI with these parameters as its fragment; its query is kept. A registered URI has no
/// fragment of its own (RFC 6749 §3.1.2).
pub fn with_fragment(uri: &str, parameters: &[(&str, &str)]) -> String {
    format!("{uri}#{}", encode(parameters))
}

/// `application/x-www-form-urlencoded`.
pub fn encode(parameters: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for (name, value) in parameters {
        if !text.is_empty() {
            text.push('&');
        }
        text.extend(percent_encode(name));
        text.push('=');
        text.extend(percent_encode(value));
    }
    text
}

/// Where the browser goes next, for a person: the host, or the scheme of an app's own.
pub fn host_for_people(uri: &str) -> String {
    match split(uri) {
        Some(parts) if parts.is_http() || parts.is_https() => {
            parts.authority.unwrap_or_default().to_owned()
        }
        Some(parts) => format!("{}:", parts.scheme),
        None => String::new(),
    }
}

/// Whether a page may follow there; else the address is an app's own.
pub fn is_web(uri: &str) -> bool {
    split(uri).is_some_and(|parts| parts.is_http() || parts.is_https())
}

/// The site that a web address belongs to: its front page.
pub fn front_page(uri: &str) -> Option<String> {
    let parts = split(uri)?;
    let host = parts.authority.filter(|host| !host.is_empty())?;
    (parts.is_http() || parts.is_https()).then(|| format!("{}://{host}/", parts.scheme))
}

/// The same as it is remembered with a consent: programs on this machine take another port each
/// time (RFC 8252 §7.3).
pub fn host_to_remember(uri: &str) -> String {
    match split(uri) {
        Some(parts) if parts.is_http() => parts.host().to_owned(),
        _ => host_for_people(uri),
    }
}

pub fn is_https(uri: &str) -> bool {
    split(uri).is_some_and(|parts| parts.is_https())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// RFC 8252 §7.3: the port of a loopback redirect URI does not count.
    #[test]
    fn what_matches() {
        for (sent, registered) in [
            ("https://example.com/cb", "https://example.com/cb"),
            ("https://example.com/cb?a=1", "https://example.com/cb?a=1"),
            ("https://example.com/cb?", "https://example.com/cb?"),
            ("https://example.com/cb;a=1", "https://example.com/cb;a=1"),
            ("https://example.com/%23", "https://example.com/%23"),
            ("http://127.0.0.1:49152/cb", "http://127.0.0.1/cb"),
            ("http://127.0.0.1/cb", "http://127.0.0.1:8080/cb"),
            ("http://[::1]:49152/cb", "http://[::1]/cb"),
            ("com.example.app:/cb", "com.example.app:/cb"),
        ] {
            for client in [ClientType::Public, ClientType::Confidential] {
                assert!(matches(sent, registered, client), "{sent} = {registered}");
            }
        }
    }

    /// RFC 9700 §2.1: any other difference of redirect URIs counts.
    #[test]
    fn what_does_not() {
        for (sent, registered) in [
            ("https://example.com/cb?evil=1", "https://example.com/cb"),
            (
                "https://example.com/cb?a=1&evil=1",
                "https://example.com/cb?a=1",
            ),
            (
                "https://example.com/cb?b=2&a=1",
                "https://example.com/cb?a=1&b=2",
            ),
            ("https://example.com/cb", "https://example.com/cb?a=1"),
            ("https://example.com/cb?", "https://example.com/cb"),
            ("https://example.com/cb", "https://example.com/cb?"),
            ("https://example.com/cb/", "https://example.com/cb"),
            ("https://example.com/cb#x", "https://example.com/cb"),
            ("https://example.com/cb#", "https://example.com/cb"),
            ("https://example.com/cb;evil=1", "https://example.com/cb"),
            ("https://user@example.com/cb", "https://example.com/cb"),
            ("https://EXAMPLE.com/cb", "https://example.com/cb"),
            ("https://example.com:443/cb", "https://example.com/cb"),
            ("https://example.com:8443/cb", "https://example.com/cb"),
            ("https://127.0.0.1:8443/cb", "https://127.0.0.1/cb"),
            ("http://localhost/cb", "http://127.0.0.1/cb"),
            ("http://127.0.0.1/cb", "http://localhost/cb"),
            ("http://127.0.0.1:49152/cb/x", "http://127.0.0.1/cb"),
            ("http://127.0.0.1:/cb", "http://127.0.0.1/cb"),
            ("http://127.0.0.1:99999/cb", "http://127.0.0.1/cb"),
            ("http://127.0.0.1:80@evil.com/cb", "http://127.0.0.1/cb"),
            ("http://127.0.0.1.evil.com/cb", "http://127.0.0.1/cb"),
            ("http://127.0.0.1:49152/cb?x", "http://127.0.0.1/cb"),
            ("com.example.app://cb", "com.example.app:/cb"),
            ("COM.example.app:/cb", "com.example.app:/cb"),
        ] {
            for client in [ClientType::Public, ClientType::Confidential] {
                assert!(!matches(sent, registered, client), "{sent} ≠ {registered}");
            }
        }
    }

    /// RFC 9700 §4.1.3: the port of `localhost` does not count either, for native applications.
    #[test]
    fn localhost_of_a_public_client_may_have_any_port() {
        for (sent, registered) in [
            ("http://localhost:49152/cb", "http://localhost/cb"),
            ("http://localhost/cb", "http://localhost:3000/cb"),
            ("http://localhost:3118/cb", "http://localhost:3000/cb"),
        ] {
            assert!(matches(sent, registered, ClientType::Public), "{sent}");
            assert!(
                !matches(sent, registered, ClientType::Confidential),
                "{sent}"
            );
        }
        for (sent, registered) in [
            ("https://localhost:3000/cb", "https://localhost/cb"),
            ("http://app.localhost:3000/cb", "http://app.localhost/cb"),
            ("http://app.localhost/cb", "http://localhost/cb"),
            ("http://LOCALHOST:3000/cb", "http://localhost/cb"),
            ("http://localhost:3000/other", "http://localhost/cb"),
            ("http://localhost:/cb", "http://localhost/cb"),
            (
                "http://localhost:3000@evil.example/cb",
                "http://localhost/cb",
            ),
        ] {
            assert!(!matches(sent, registered, ClientType::Public), "{sent}");
        }
    }

    #[test]
    fn parameters_are_added_and_the_uris_own_stay() {
        let add = |uri| with_query(uri, &[("code", "a b"), ("state", "x&y=ü")]);
        assert_eq!(
            add("https://c.example/cb"),
            "https://c.example/cb?code=a%20b&state=x%26y%3D%C3%BC"
        );
        assert_eq!(
            add("https://c.example/cb?foo=bar"),
            "https://c.example/cb?foo=bar&code=a%20b&state=x%26y%3D%C3%BC"
        );
        assert_eq!(
            add("https://c.example/cb?"),
            "https://c.example/cb?code=a%20b&state=x%26y%3D%C3%BC"
        );
    }

    #[test]
    fn each_parameter_of_an_answer_stands_there_once() {
        let add = |uri| with_query(uri, &[("code", "x"), ("iss", "y")]);
        for uri in [
            "https://c.example/cb?iss=evil",
            "https://c.example/cb?iss=evil&code",
        ] {
            assert_eq!(add(uri), "https://c.example/cb?code=x&iss=y");
        }
        assert_eq!(
            add("https://c.example/cb?a=1&iss=evil&isss=2"),
            "https://c.example/cb?a=1&isss=2&code=x&iss=y"
        );
    }

    #[test]
    fn a_fragment_leaves_the_query_as_it_is() {
        assert_eq!(
            with_fragment("https://c.example/cb?a=1", &[("state", "x y#")]),
            "https://c.example/cb?a=1#state=x%20y%23"
        );
    }

    #[test]
    fn a_missing_uri_is_the_only_registered_one_or_refused() {
        let one = ["https://a.example/cb".to_owned()];
        let two = [
            "https://a.example/cb".to_owned(),
            "https://b.example/cb".to_owned(),
        ];
        assert_eq!(
            resolve(None, &one, ClientType::Public).ok(),
            Some("https://a.example/cb")
        );
        for list in [&two[..], &[]] {
            assert_eq!(
                resolve(None, list, ClientType::Public).map_err(|r| r.rule.id),
                Err("redirect-uri-missing")
            );
        }
    }

    #[test]
    fn a_remembered_host_has_the_port_of_a_server_only() {
        for (uri, host) in [
            ("https://a.example:8443/cb", "a.example:8443"),
            ("http://127.0.0.1:49152/cb", "127.0.0.1"),
            ("com.example.app:/cb", "com.example.app:"),
        ] {
            assert_eq!(host_to_remember(uri), host);
        }
    }

    /// Scheme, authority and the rest of URIs that look alike, and the whole.
    fn uri() -> impl Strategy<Value = (String, String)> {
        let authority = prop_oneof![
            Just("127.0.0.1"),
            Just("[::1]"),
            Just("localhost"),
            Just("a@127.0.0.1"),
            Just("127.0.0.1.example"),
            Just("[::1"),
        ];
        let port = prop_oneof![
            Just(String::new()),
            (0..70_000_u32).prop_map(|port| format!(":{port}")),
            "[:@a0]{0,4}",
        ];
        ("https?", authority, port, "(/[a-c]{0,2})?([?#][a-c]?)?").prop_map(
            |(scheme, host, port, rest)| {
                (
                    format!("{scheme}://{host}{port}{rest}"),
                    format!("{scheme}://{host}{rest}"),
                )
            },
        )
    }

    proptest! {
        #[test]
        fn only_the_port_of_a_loopback_address_may_differ(a in uri(), b in uri(), public: bool) {
            let ((sent, sent_without), (registered, registered_without)) = (a, b);
            let client = if public { ClientType::Public } else { ClientType::Confidential };
            prop_assert_eq!(matches(&sent, &sent, client), !sent.contains('#'));
            if sent != registered && matches(&sent, &registered, client) {
                prop_assert_eq!(&sent_without, &registered_without);
                prop_assert!(
                    sent.starts_with("http://127.0.0.1")
                        || sent.starts_with("http://[::1]")
                        || (public && sent.starts_with("http://localhost"))
                );
                prop_assert!(!sent.contains('@') && !sent.contains('#'));
            }
        }

        #[test]
        fn no_input_panics(sent in ".{0,60}", registered in ".{0,60}") {
            let _ = matches(&sent, &registered, ClientType::Public);
            let _ = (host_for_people(&sent), front_page(&sent));
        }
    }
}
