//! The `Authorization` header (RFC 9110 §11.6.2): the one place that reads it.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use contract::rules;

use super::params::decode_value;
use crate::domain::refusal::Refusal;

/// Why the header says nothing.
enum Defect {
    Twice,
    Unreadable,
}

/// Scheme and credentials, if there is such a header.
fn read(headers: &HeaderMap) -> Result<Option<(&str, &str)>, Defect> {
    let mut sent = headers.get_all(AUTHORIZATION).iter();
    let Some(header) = sent.next() else {
        return Ok(None);
    };
    if sent.next().is_some() {
        return Err(Defect::Twice);
    }
    let text = header.to_str().map_err(|_| Defect::Unreadable)?;
    text.split_once(' ').map(Some).ok_or(Defect::Unreadable)
}

/// The bearer token of a request (RFC 6750 §2.1). Credentials of another scheme are none.
///
/// # Errors
/// `bearer-twice`, `bearer-malformed`.
pub fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Refusal> {
    let malformed = || Refusal::new(&rules::BEARER_MALFORMED);
    let sent = read(headers).map_err(|defect| match defect {
        Defect::Twice => Refusal::new(&rules::BEARER_TWICE),
        Defect::Unreadable => malformed(),
    })?;
    let Some((_, token)) = sent.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")) else {
        return Ok(None);
    };
    let token = token.trim();
    if token.is_empty() || token.contains(' ') {
        return Err(malformed());
    }
    Ok(Some(token))
}

/// Client id and secret by `Basic`. A client authenticates by no other scheme.
///
/// # Errors
/// `client-auth-twice`, `client-auth-malformed`.
pub fn basic(headers: &HeaderMap) -> Result<Option<(String, String)>, Refusal> {
    let malformed = || Refusal::new(&rules::CLIENT_AUTH_MALFORMED);
    let sent = read(headers).map_err(|defect| match defect {
        Defect::Twice => Refusal::new(&rules::CLIENT_AUTH_TWICE),
        Defect::Unreadable => malformed(),
    })?;
    sent.map(|(scheme, encoded)| {
        let basic = scheme.eq_ignore_ascii_case("basic");
        basic.then(|| halves(encoded)).flatten()
    })
    .map(|halves| halves.ok_or_else(malformed))
    .transpose()
}

/// Form-urlencoded on either side of the colon, then base64 (RFC 6749 §2.3.1), so: decode, split,
/// decode.
fn halves(encoded: &str) -> Option<(String, String)> {
    let bytes = STANDARD.decode(encoded.trim()).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (id, secret) = text.split_once(':')?;
    let id = decode_value(id)?;
    (!id.is_empty()).then_some((id, decode_value(secret)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_defect_has_its_rule() {
        let good = format!("Basic {}", STANDARD.encode("a:b"));
        let (none, malformed) = (Ok(None), Err("bearer-malformed"));
        for (sent, expected) in [
            (&[][..], none),
            (&["Bearer x"], Ok(Some("x"))),
            (&["bearer  x "], Ok(Some("x"))),
            (&[&good], none),
            (&["Bearer"], malformed),
            (&["Bearer "], malformed),
            (&["Bearer a b"], malformed),
            (&["x"], malformed),
            (&["Bearer \u{fc}"], malformed),
            (&["Bearer x", "Bearer x"], Err("bearer-twice")),
        ] {
            let mut headers = HeaderMap::new();
            for value in sent {
                headers.append(AUTHORIZATION, value.parse().unwrap());
            }
            let found = bearer(&headers).map_err(|refusal| refusal.rule.id);
            assert_eq!(found, expected, "{sent:?}");
            let basic = basic(&headers).map_err(|refusal| refusal.rule.id);
            let expected = match sent.len() {
                0 => Ok(None),
                1 if sent[0] == good => Ok(Some(("a".to_owned(), "b".to_owned()))),
                1 => Err("client-auth-malformed"),
                _ => Err("client-auth-twice"),
            };
            assert_eq!(basic, expected, "{sent:?}");
        }
    }
}
