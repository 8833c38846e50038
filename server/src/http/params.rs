//! Form-encoded parameters, from a query or a body: read once, in one place.
//!
//! An empty value counts as absent and a repeated name is an error (RFC 6749 §3.1, §3.2), so
//! both are decided here and no handler can forget them.

use std::collections::HashSet;

use axum::body::{Body, to_bytes};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use contract::rules;
use percent_encoding::percent_decode;

use super::media_type;
use crate::domain::redirect_uri::encode;
use crate::domain::refusal::Refusal;

/// The longest query or form body that the protocol endpoints read, in bytes.
pub const MAX_BYTES: usize = 16 * 1024;

/// The same for our own pages and forms, in bytes: they carry tickets, and a request of
/// [`MAX_BYTES`] makes a ticket almost three times as long.
pub const MAX_PAGE_BYTES: usize = 60 * 1024;

/// Parameters of one request, and of one of our own forms (a box for each scope).
pub const MAX_PARAMETERS: usize = 100;
const MAX_PAGE_PARAMETERS: usize = 300;

/// May occur several times (RFC 8707 §2).
const REPEATABLE: [&str; 1] = ["resource"];

/// So few names are compared with each other; more go into a set.
const FEW: usize = 16;

/// Parameters in the order in which they came.
#[derive(Clone, Debug, Default)]
pub struct Params(Vec<(String, String)>);

impl Params {
    /// # Errors
    /// `request-too-large`, `parameters-too-many`, `request-not-utf8`.
    pub fn parse(encoded: &[u8]) -> Result<Self, Refusal> {
        Self::parse_up_to(encoded, MAX_BYTES, MAX_PARAMETERS)
    }

    /// The query of a page of ours.
    ///
    /// # Errors
    /// As [`Params::parse`].
    pub fn of_page(encoded: &[u8]) -> Result<Self, Refusal> {
        Self::parse_up_to(encoded, MAX_PAGE_BYTES, MAX_PAGE_PARAMETERS)
    }

    fn parse_up_to(encoded: &[u8], bytes: usize, count: usize) -> Result<Self, Refusal> {
        if encoded.len() > bytes {
            return Err(Refusal::new(&rules::REQUEST_TOO_LARGE));
        }
        let mut params = Vec::new();
        for pair in encoded.split(|b| *b == b'&').filter(|p| !p.is_empty()) {
            // Counted here: every later look at a parameter walks the list.
            if params.len() == count {
                return Err(Refusal::new(&rules::PARAMETERS_TOO_MANY));
            }
            let (name, value) = match pair.iter().position(|b| *b == b'=') {
                Some(at) => (&pair[..at], &pair[at + 1..]),
                None => (pair, &[][..]),
            };
            params.push((decode(name)?, decode(value)?));
        }
        Ok(Self(params))
    }

    /// The value of a parameter; empty counts as absent.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// Every value of a parameter that may be repeated.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(n, value)| n == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }

    /// Names and values as they came.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(n, v)| (n.as_str(), v.as_str()))
    }

    /// # Errors
    /// `parameter-repeated`, for this name only.
    pub fn once(&self, name: &str) -> Result<Option<&str>, Refusal> {
        if self.0.iter().filter(|(n, _)| n == name).count() > 1 {
            return Err(repeated(name));
        }
        Ok(self.get(name))
    }

    /// # Errors
    /// `parameter-repeated`, naming the first.
    pub fn no_repeats(&self) -> Result<(), Refusal> {
        let mut names = self.0.iter().map(|(name, _)| name.as_str());
        let repeatable = |name: &str| REPEATABLE.contains(&name);
        let twice = if self.0.len() <= FEW {
            let earlier = |at: usize, name: &str| self.0.iter().take(at).any(|(n, _)| n == name);
            let mut names = names.enumerate();
            let twice = names.find(|&(at, name)| !repeatable(name) && earlier(at, name));
            twice.map(|(_, name)| name)
        } else {
            let mut seen = HashSet::with_capacity(self.0.len());
            names.find(|&name| !repeatable(name) && !seen.insert(name))
        };
        match twice {
            Some(name) => Err(repeated(name)),
            None => Ok(()),
        }
    }
}

fn repeated(name: &str) -> Refusal {
    let name: String = name.chars().take(40).collect();
    Refusal::new(&rules::PARAMETER_REPEATED)
        .detail(format!("The parameter {name} may be sent only once."))
        .received(name)
}

/// `application/x-www-form-urlencoded`: plus is a space; a percent sign that starts no escape
/// stands for itself (WHATWG URL §5.1).
fn decode(bytes: &[u8]) -> Result<String, Refusal> {
    let decoded = if bytes.iter().any(|byte| matches!(byte, b'+' | b'%')) {
        let space = |byte: &u8| if *byte == b'+' { b' ' } else { *byte };
        let spaced: Vec<u8> = bytes.iter().map(space).collect();
        percent_decode(&spaced).collect()
    } else {
        bytes.to_vec()
    };
    String::from_utf8(decoded).map_err(|_| Refusal::new(&rules::REQUEST_NOT_UTF8))
}

/// Decodes one form-urlencoded value, as both halves of Basic credentials are
/// (RFC 6749 §2.3.1).
pub fn decode_value(text: &str) -> Option<String> {
    decode(text.as_bytes()).ok()
}

/// The parameters of a form body.
///
/// # Errors
/// `media-type-not-form`, `request-too-large`, `parameters-too-many`, `request-not-utf8`.
pub async fn form(headers: &HeaderMap, body: Body) -> Result<Params, Refusal> {
    form_up_to(headers, body, MAX_BYTES, MAX_PARAMETERS).await
}

/// The parameters of a form of ours.
///
/// # Errors
/// As [`form`].
pub async fn form_of_page(headers: &HeaderMap, body: Body) -> Result<Params, Refusal> {
    form_up_to(headers, body, MAX_PAGE_BYTES, MAX_PAGE_PARAMETERS).await
}

/// How a browser was sent here with parameters.
pub enum FromBrowser {
    Params(Params),
    /// The same request as a GET: the address to send the browser to.
    Again(String),
}

/// The parameters of a GET's query or a POST's form, at an endpoint for browsers.
///
/// # Errors
/// As [`form`].
pub async fn from_query_or_form(
    request: &Parts,
    body: Body,
    path: &str,
) -> Result<FromBrowser, Refusal> {
    if request.method != Method::POST {
        let query = request.uri.query().unwrap_or_default();
        return Params::parse(query.as_bytes()).map(FromBrowser::Params);
    }
    // A form of another site brings no session cookie (SameSite=Lax). The GET that follows a
    // redirect does, so the user is known who has signed in.
    let site = request.headers.get("sec-fetch-site");
    if !site.is_some_and(|site| site == "cross-site" || site == "same-site") {
        return form(&request.headers, body).await.map(FromBrowser::Params);
    }
    let body = to_bytes(body, MAX_BYTES)
        .await
        .map_err(|_| Refusal::new(&rules::REQUEST_TOO_LARGE))?;
    // Read and written again: what a form may hold as it is (`#`, a space, bytes past ASCII) may
    // mean something else in a URL.
    let params = Params::parse(&body)?;
    let query = encode(&params.iter().collect::<Vec<_>>());
    Ok(FromBrowser::Again(format!("{path}?{query}")))
}

async fn form_up_to(
    headers: &HeaderMap,
    body: Body,
    bytes: usize,
    count: usize,
) -> Result<Params, Refusal> {
    let typed = headers.contains_key(CONTENT_TYPE);
    let form = media_type::is(headers, media_type::FORM);
    if typed && !form {
        return Err(Refusal::new(&rules::MEDIA_TYPE_NOT_FORM));
    }
    let body = to_bytes(body, bytes)
        .await
        .map_err(|_| Refusal::new(&rules::REQUEST_TOO_LARGE))?;
    // A form without a field is empty, and an empty body has no type (RFC 9110 §8.3): libraries
    // leave the header out. Such a request is told which parameter is missing.
    if !form && !body.is_empty() {
        return Err(Refusal::new(&rules::MEDIA_TYPE_NOT_FORM));
    }
    Params::parse_up_to(&body, bytes, count)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(text: &str) -> Params {
        Params::parse(text.as_bytes()).unwrap()
    }

    /// RFC 6749 §3.2: a parameter without a value counts as left out.
    #[test]
    fn parameters_are_decoded_and_empty_ones_absent() {
        let params = parse("a=1+2&b=%C3%BC&c=&d&e=%%7A&f=%zz&h=a%2Bb&i=ü%2");
        assert_eq!(params.get("a"), Some("1 2"));
        assert_eq!(params.get("b"), Some("ü"));
        assert_eq!(params.get("c"), None);
        assert_eq!(params.get("d"), None);
        assert_eq!(params.get("e"), Some("%z"));
        assert_eq!(params.get("f"), Some("%zz"));
        assert_eq!(params.get("g"), None);
        assert_eq!(params.get("h"), Some("a+b"));
        assert_eq!(params.get("i"), Some("ü%2"));
    }

    /// RFC 6749 §3.1: a parameter that comes twice is refused, an empty one too.
    #[test]
    fn a_repeated_parameter_is_refused_even_when_one_is_empty() {
        for text in ["a=1&a=1", "a=1&b=2&a=3", "a=&a=1", "a&a"] {
            let rule = parse(text).no_repeats().map_err(|r| r.rule.id);
            assert_eq!(rule, Err("parameter-repeated"), "{text}");
        }
        assert!(parse("resource=a&resource=b").no_repeats().is_ok());
        // As many as are compared with each other, and more.
        for count in [FEW, FEW + 1] {
            let names: String = (1..count).map(|n| format!("{n}&")).collect();
            let text = format!("resource&{names}");
            assert!(parse(&text).no_repeats().is_ok());
            let text = format!("resource&resource&{names}");
            assert!(parse(&text).no_repeats().is_ok());
            let refusal = parse(&format!("{names}2&1")).no_repeats().unwrap_err();
            assert_eq!(refusal.received.as_deref(), Some("2"));
        }
    }

    #[test]
    fn parameters_are_counted_before_they_are_compared() {
        let names = |count: usize| -> String { (0..count).map(|n| format!("{n:x}&")).collect() };
        assert!(parse(&names(MAX_PARAMETERS)).no_repeats().is_ok());
        for text in [names(MAX_PARAMETERS + 1), "a&".repeat(8000), names(3000)] {
            let rule = Params::parse(text.as_bytes())
                .map(|_| ())
                .map_err(|r| r.rule.id);
            assert_eq!(rule, Err("parameters-too-many"));
        }
        assert!(Params::of_page(names(300).as_bytes()).is_ok());
        assert!(Params::of_page(names(301).as_bytes()).is_err());
    }

    #[test]
    fn bytes_that_are_no_utf8_are_refused() {
        for text in [&b"a=%ff"[..], b"a=\xff", b"\xff=a", b"a=+%c3"] {
            let rule = Params::parse(text).map(|_| ()).map_err(|r| r.rule.id);
            assert_eq!(rule, Err("request-not-utf8"));
        }
    }

    #[tokio::test]
    async fn a_body_without_a_type_is_a_form_only_when_it_is_empty() {
        for (body, taken) in [("", true), ("a=1", false)] {
            let read = form(&HeaderMap::new(), Body::from(body)).await;
            assert_eq!(read.is_ok(), taken, "{body}");
        }
    }

    proptest! {
        #[test]
        fn no_input_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Params::parse(&bytes);
        }
    }
}
