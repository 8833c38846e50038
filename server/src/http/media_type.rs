//! What kind of body a request says that it sends.

use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;

pub const FORM: &str = "application/x-www-form-urlencoded";
pub const JSON: &str = "application/json";

/// Whether `Content-Type` names this media type, with or without parameters (RFC 9110 §8.3.1).
pub fn is(headers: &HeaderMap, media_type: &str) -> bool {
    let sent = headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok());
    let name = sent.and_then(|value| value.split(';').next());
    name.is_some_and(|name| name.trim().eq_ignore_ascii_case(media_type))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_media_type_is_compared_without_its_parameters() {
        for (sent, json) in [
            ("application/json", true),
            ("Application/JSON ; charset=utf-8", true),
            ("application/json5", false),
            ("text/plain; application/json", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, sent.parse().unwrap());
            assert_eq!(is(&headers, JSON), json, "{sent}");
        }
        assert!(!is(&HeaderMap::new(), FORM));
    }
}
