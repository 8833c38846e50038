//! The redirect matcher. Input: what was sent and what is registered, a line each.
#![no_main]

use claviger::domain::redirect_uri::{matches, resolve, with_query};
use contract::validate::redirect_uri::check;
use contract::wire::client::ClientType;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Some((sent, registered)) = text.split_once('\n') else {
        return;
    };
    let _ = check(sent);
    if check(registered).is_err() {
        return;
    }
    let matched = matches(sent, registered, ClientType::Confidential);
    if matched && sent != registered {
        // RFC 8252 §7.3: the port of a loopback address is all that may differ.
        let loopback = |uri: &str| uri.starts_with("http://127.0.0.1") || uri.starts_with("http://[::1]");
        assert!(loopback(sent) && loopback(registered), "{sent} {registered}");
        assert!(!sent.contains('@') && !sent.contains('#') && !sent.contains('\\'));
        assert_eq!(without_port(sent), without_port(registered));
    }
    let list = [registered.to_owned()];
    let resolved = resolve(Some(sent), &list, ClientType::Confidential);
    assert_eq!(resolved.is_ok(), matched);
    if matches(sent, registered, ClientType::Public) && !matched {
        // RFC 9700 §4.1.3: a native application may use the name as well.
        assert!(sent.starts_with("http://localhost") && registered.starts_with("http://localhost"));
        assert_eq!(without_port(sent), without_port(registered));
    }
    // What is added never changes where it goes.
    let location = with_query(registered, &[("code", "a&b=c#d"), ("state", "\r\n\"<>")]);
    let (before, query) = registered.split_once('?').unwrap_or((registered, ""));
    assert!(location.starts_with(before));
    for own in query.split('&').filter(|own| !own.starts_with("code") && !own.starts_with("state")) {
        // An encoded name may stand for `code` or `state`, whose parameters are replaced.
        assert!(own.contains('%') || own.contains('+') || location.contains(own), "{location}");
    }
    assert!(!location.contains(['\r', '\n', '"', '<', '>']) || registered.contains(['"', '<', '>']));
});

fn without_port(uri: &str) -> String {
    let rest = uri.strip_prefix("http://").unwrap_or(uri);
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at(end);
    let host = match authority.rfind(':') {
        Some(at) if !authority[at..].contains(']') => &authority[..at],
        _ => authority,
    };
    format!("{host}{tail}")
}
