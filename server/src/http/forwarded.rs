//! What proxies say of where a request comes from: `Forwarded` (RFC 7239) and `X-Forwarded-For`.
//!
//! Any client can send these headers, and each proxy appends to them at the right. So they are read
//! from the right, and only while each hop is a trusted proxy. Anything further left is never read:
//! the client may have written it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Once;

use axum::http::HeaderMap;
use axum::http::header::{FORWARDED, HeaderName};

use crate::config::TrustedProxies;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// One step of the way; `None` when it is hidden, unknown or malformed.
type Hop = Option<IpAddr>;

/// The address of the client whose request this peer sent: the right-most one that is no trusted
/// proxy. Where the way can't be followed further, the last trusted proxy stands for it.
pub(super) fn client_address(
    peer: IpAddr,
    headers: &HeaderMap,
    trusted: &TrustedProxies,
) -> IpAddr {
    if !trusted.contains(peer) {
        return peer;
    }
    let by_standard = walk(peer, forwarded(headers), trusted);
    let by_custom = walk(peer, x_forwarded_for(headers), trusted);
    match (by_standard, by_custom) {
        // The proxy wrote one of them, and the client may have sent the other. Which is which
        // can't be told, so neither counts: a client must not choose its own address.
        (Some(one), Some(other)) if one != other => {
            say_that_they_disagree();
            peer
        }
        (Some(address), _) | (None, Some(address)) => address,
        (None, None) => peer,
    }
}

/// Once: what the client sends must not fill the log.
fn say_that_they_disagree() {
    static SAID: Once = Once::new();
    SAID.call_once(|| {
        tracing::warn!(
            "a trusted proxy passed on Forwarded and X-Forwarded-For, and they disagree: such \
             requests count as the proxy's own. Have it set one of them and drop the other"
        );
    });
}

/// Follows the hops, the nearest first. `None` when there are none.
fn walk(peer: IpAddr, hops: impl Iterator<Item = Hop>, trusted: &TrustedProxies) -> Option<IpAddr> {
    let mut found = None;
    for hop in hops {
        let Some(address) = hop else {
            return found.or(Some(peer));
        };
        found = Some(address);
        if !trusted.contains(address) {
            break;
        }
    }
    found
}

/// The hops of all lines, the last one first. An empty element is none (RFC 9110 §5.6.1.2).
fn x_forwarded_for(headers: &HeaderMap) -> impl Iterator<Item = Hop> {
    let lines: Vec<&[u8]> = lines(headers, &X_FORWARDED_FOR);
    lines.into_iter().rev().flat_map(|line| {
        line.rsplit(|byte| *byte == b',')
            .map(<[u8]>::trim_ascii)
            .filter(|hop| !hop.is_empty())
            .map(node)
    })
}

fn forwarded(headers: &HeaderMap) -> impl Iterator<Item = Hop> {
    lines(headers, &FORWARDED)
        .into_iter()
        .rev()
        // A line that is not what the standard says is one hop that is not known: a quote that
        // the client left open could hide what the proxy has added to it.
        .flat_map(|line| {
            elements(line)
                .unwrap_or_else(|| vec![None])
                .into_iter()
                .rev()
        })
}

fn lines<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Vec<&'a [u8]> {
    let values = headers.get_all(name).iter();
    values.map(|value| value.as_bytes()).collect()
}

/// The elements of a `Forwarded` line (RFC 7239 §4), from the left. `None` when it is malformed.
fn elements(line: &[u8]) -> Option<Vec<Hop>> {
    let mut rest = line;
    let mut hops = Vec::new();
    loop {
        // An element: pairs with `;` between them. One without `for` is a hop all the same.
        let (mut pairs, mut sender) = (false, None);
        loop {
            rest = rest.trim_ascii_start();
            match rest.first() {
                None | Some(b',') => break,
                Some(b';') => rest = &rest[1..],
                Some(_) => {
                    let (name, value) = pair(&mut rest)?;
                    pairs = true;
                    // RFC 7239 §4: each parameter stands once in an element.
                    if name.eq_ignore_ascii_case(b"for") && sender.replace(node(&value)).is_some() {
                        return None;
                    }
                    rest = rest.trim_ascii_start();
                    if !matches!(rest.first(), None | Some(b',' | b';')) {
                        return None;
                    }
                }
            }
        }
        if pairs {
            hops.push(sender.flatten());
        }
        match rest.split_first() {
            Some((_, after)) => rest = after,
            None => return Some(hops),
        }
    }
}

/// `name=value` at the start of what is left; the value without its quotes.
fn pair<'a>(rest: &mut &'a [u8]) -> Option<(&'a [u8], Vec<u8>)> {
    let at = rest.iter().position(|byte| *byte == b'=')?;
    let (name, after) = rest.split_at(at);
    let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    if name.is_empty() || !name.iter().all(is_token) {
        return None;
    }
    *rest = &after[1..];
    let value = match rest.strip_prefix(b"\"") {
        Some(quoted) => {
            *rest = quoted;
            unquoted(rest)?
        }
        None => {
            // Colons and brackets should be quoted; many proxies leave the quotes out.
            let ends = |byte: &u8| b",;\" \t".contains(byte);
            let end = rest.iter().position(ends).unwrap_or(rest.len());
            let (value, after) = rest.split_at(end);
            *rest = after;
            value.to_vec()
        }
    };
    Some((name, value))
}

/// The rest of a quoted string (RFC 9110 §5.6.4), whose first quote is behind us.
fn unquoted(rest: &mut &[u8]) -> Option<Vec<u8>> {
    let mut value = Vec::new();
    loop {
        let (byte, after) = rest.split_first()?;
        *rest = after;
        match byte {
            b'"' => return Some(value),
            b'\\' => {
                let (escaped, after) = rest.split_first()?;
                *rest = after;
                value.push(*escaped);
            }
            byte => value.push(*byte),
        }
    }
}

/// The address of a node (RFC 7239 §6): with a port or without, IPv6 in brackets or, as
/// `X-Forwarded-For` has it, without.
fn node(text: &[u8]) -> Hop {
    let text = std::str::from_utf8(text).ok()?;
    let address = if let Some(rest) = text.strip_prefix('[') {
        let (address, port) = rest.split_once(']')?;
        let address: Ipv6Addr = address.parse().ok()?;
        if !port.is_empty() && !is_port(port.strip_prefix(':')?) {
            return None;
        }
        IpAddr::V6(address)
    } else if let Ok(address) = text.parse() {
        address
    } else {
        let (address, port) = text.split_once(':')?;
        let address: Ipv4Addr = address.parse().ok()?;
        if !is_port(port) {
            return None;
        }
        IpAddr::V4(address)
    };
    Some(address.to_canonical())
}

/// A number, or an obfuscated one (`_x`).
fn is_port(text: &str) -> bool {
    match text.strip_prefix('_') {
        Some(hidden) => {
            let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
            !hidden.is_empty() && hidden.bytes().all(fits)
        }
        None => (1..=5).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()),
    }
}

#[cfg(test)]
mod tests;
