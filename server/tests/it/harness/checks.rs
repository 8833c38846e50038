//! Assertions on refusals: each says by which rule, in the form of the place.

use super::authorization::STATE;
use super::server::PUBLIC_URL;
use super::{Answer, param};

/// What the protocol's standards ask of every `error_description` (RFC 6749 §5.2).
#[track_caller]
fn is_description(text: &str) {
    let allowed = |c: char| matches!(c, ' '..='~') && c != '"' && c != '\\';
    assert!(!text.is_empty() && text.chars().all(allowed), "{text:?}");
}

#[track_caller]
fn has_common_headers(answer: &Answer) {
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert!(!answer.header("x-request-id").is_empty());
}

/// An error of the protocol (RFC 6749 §5.2).
#[track_caller]
pub(crate) fn refused(answer: &Answer, status: u16, error: &str, rule: &str) {
    assert_eq!(
        answer.header("content-type"),
        "application/json",
        "{}",
        answer.text()
    );
    let json = answer.json();
    let got = (
        answer.status,
        json["error"].as_str(),
        json["error_uri"].as_str(),
    );
    let uri = format!("{PUBLIC_URL}/rules/{rule}");
    assert_eq!(got, (status, Some(error), Some(uri.as_str())), "{json}");
    is_description(json["error_description"].as_str().unwrap());
    has_common_headers(answer);
}

/// An error that travels back to the application (RFC 6749 §4.1.2.1, RFC 9207 §2).
#[track_caller]
pub(crate) fn refused_by_redirect(location: &str, error: &str, rule: &str) {
    assert!(
        location.starts_with("https://client.example/cb?"),
        "{location}"
    );
    let got = (param(location, "error"), param(location, "error_uri"));
    let uri = format!("{PUBLIC_URL}/rules/{rule}");
    assert_eq!(got, (Some(error.to_owned()), Some(uri)), "{location}");
    is_description(&param(location, "error_description").unwrap());
    assert_eq!(param(location, "code"), None);
    comes_from_us(location);
}

/// Every way back carries `iss` once and `state` as it came.
#[track_caller]
pub(crate) fn comes_from_us(location: &str) {
    assert_eq!(
        param(location, "iss"),
        Some(format!("{PUBLIC_URL}/o")),
        "{location}"
    );
    assert_eq!(
        param(location, "state").as_deref(),
        Some(STATE),
        "{location}"
    );
}

/// A refusal on a page, without a redirect.
#[track_caller]
pub(crate) fn refused_on_page(answer: &Answer, status: u16, rule: &str) {
    let text = answer.text();
    assert_eq!(answer.status, status, "{text}");
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    assert!(text.contains(&format!("/rules/{rule}")), "{rule}: {text}");
    assert!(!answer.headers.contains_key("location"));
    assert!(!answer.header("content-security-policy").is_empty());
    has_common_headers(answer);
}

/// A problem of the API (RFC 9457).
#[track_caller]
pub(crate) fn problem(answer: &Answer, status: u16, rule: &str) {
    assert_eq!(
        answer.header("content-type"),
        "application/problem+json",
        "{}",
        answer.text()
    );
    let json = answer.json();
    let kind = format!("{PUBLIC_URL}/rules/{rule}");
    let got = (
        answer.status,
        json["type"].as_str(),
        json["status"].as_u64(),
    );
    assert_eq!(
        got,
        (status, Some(kind.as_str()), Some(u64::from(status))),
        "{json}"
    );
    assert!(json["title"].is_string() && json["detail"].is_string());
    has_common_headers(answer);
}
