//! One request and its answer, as they went over the wire: for reading, for keeping over a
//! reload, and for repeating in a terminal.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::encode;

/// Names and values in their order.
pub(super) type Pairs = Vec<(String, String)>;

/// The headers of an answer that mean something to an OAuth client.
const TELLING: [&str; 8] = [
    "content-type",
    "cache-control",
    "www-authenticate",
    "allow",
    "retry-after",
    "location",
    "request-id",
    "x-request-id",
];

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Exchange {
    pub(super) id: usize,
    /// The words of the button that caused it.
    pub(super) title: String,
    pub(super) method: String,
    /// Path without origin.
    pub(super) path: String,
    pub(super) headers: Pairs,
    /// The form's fields; empty for a request without a body.
    pub(super) form: Pairs,
    /// 0: no answer came.
    pub(super) status: u16,
    pub(super) answer_headers: Pairs,
    /// The body; when no answer came, the browser's words on why.
    pub(super) answer: String,
    /// For a refresh: which token, and what became of it.
    pub(super) changes: Pairs,
}

impl Exchange {
    pub(super) fn get(title: &str, path: &str) -> Self {
        Self {
            title: title.to_owned(),
            method: "GET".to_owned(),
            path: path.to_owned(),
            ..Self::default()
        }
        .header("Accept", "application/json")
    }

    pub(super) fn post(title: &str, path: &str) -> Self {
        Self {
            method: "POST".to_owned(),
            ..Self::get(title, path)
        }
        .header("Content-Type", "application/x-www-form-urlencoded")
    }

    pub(super) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(super) fn field(mut self, name: &str, value: &str) -> Self {
        self.form.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(super) fn ok(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// `200 OK`.
    pub(super) fn status_line(&self) -> String {
        let reason = match self.status {
            0 => return "No answer".to_owned(),
            200 => "OK",
            204 => "No Content",
            400 => "Bad Request",
            401 => "Unauthorized",
            403 => "Forbidden",
            404 => "Not Found",
            405 => "Method Not Allowed",
            429 => "Too Many Requests",
            503 => "Service Unavailable",
            _ => "",
        };
        format!("{} {reason}", self.status).trim_end().to_owned()
    }

    /// Whether it carries the application's secret.
    pub(super) fn is_secret(&self) -> bool {
        self.headers.iter().any(|(_, value)| is_basic(value))
    }

    /// The request as HTTP/1.1 would write it; a long form breaks before each `&`.
    pub(super) fn request_text(&self, host: &str, reveal: bool) -> String {
        let mut text = format!("{} {} HTTP/1.1\nHost: {host}", self.method, self.path);
        for (name, value) in &self.headers {
            let shown = if is_basic(value) && !reveal {
                "Basic ••••••••"
            } else {
                value
            };
            text.push_str(&format!("\n{name}: {shown}"));
        }
        if !self.form.is_empty() {
            text.push_str("\n\n");
            text.push_str(&encode::pairs(&self.form).replace('&', "\n&"));
        }
        text
    }

    /// The answer's status and the headers that say something.
    pub(super) fn answer_text(&self) -> String {
        let mut text = format!("HTTP/1.1 {}", self.status_line());
        for (name, value) in &self.answer_headers {
            if TELLING.contains(&name.to_ascii_lowercase().as_str()) {
                text.push_str(&format!("\n{name}: {value}"));
            }
        }
        text
    }

    /// The same request for a terminal, secrets and all.
    pub(super) fn curl(&self, origin: &str) -> String {
        let mut text = format!("curl -i -X {}", self.method);
        for (name, value) in &self.headers {
            text.push_str(" \\\n  -H ");
            text.push_str(&encode::shell(&format!("{name}: {value}")));
        }
        if !self.form.is_empty() {
            text.push_str(" \\\n  --data ");
            text.push_str(&encode::shell(&encode::pairs(&self.form)));
        }
        text.push_str(" \\\n  ");
        text.push_str(&encode::shell(&format!("{origin}{}", self.path)));
        text
    }

    /// The rule that refused it: from `error_uri` (RFC 6749 §5.2), a problem's `type`
    /// (RFC 9457 §3.1.1), or the challenge.
    pub(super) fn rule(&self) -> Option<String> {
        if self.ok() {
            return None;
        }
        let body: Value = serde_json::from_str(&self.answer).unwrap_or_default();
        ["error_uri", "type"]
            .iter()
            .find_map(|name| rule_of(body[*name].as_str()?))
            .or_else(|| {
                let (_, challenge) = self
                    .answer_headers
                    .iter()
                    .find(|(name, _)| name.eq_ignore_ascii_case("www-authenticate"))?;
                let (_, uri) = challenge.split_once("error_uri=\"")?;
                rule_of(uri.split('"').next()?)
            })
    }
}

fn is_basic(value: &str) -> bool {
    value.starts_with("Basic ")
}

/// `redirect-uri-mismatch` from `{public_url}/rules/redirect-uri-mismatch`.
pub(super) fn rule_of(uri: &str) -> Option<String> {
    let (_, rule) = uri.rsplit_once("/rules/")?;
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (!rule.is_empty() && rule.bytes().all(plain)).then(|| rule.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Exchange {
        Exchange::post("Refresh", "/o/token")
            .header("Authorization", "Basic YTpi")
            .field("grant_type", "refresh_token")
            .field("refresh_token", "it's")
    }

    #[test]
    fn the_secret_shows_only_on_request() {
        let hidden = example().request_text("id.example", false);
        assert!(hidden.starts_with("POST /o/token HTTP/1.1\nHost: id.example\n"));
        assert!(hidden.contains("Authorization: Basic ••") && !hidden.contains("YTpi"));
        assert!(hidden.ends_with("\n\ngrant_type=refresh_token\n&refresh_token=it%27s"));
        assert!(
            example()
                .request_text("id.example", true)
                .contains("Basic YTpi")
        );
    }

    #[test]
    fn curl_repeats_the_request() {
        assert_eq!(
            example().curl("https://id.example"),
            "curl -i -X POST \\\n  -H 'Accept: application/json' \\\n  \
             -H 'Content-Type: application/x-www-form-urlencoded' \\\n  \
             -H 'Authorization: Basic YTpi' \\\n  \
             --data 'grant_type=refresh_token&refresh_token=it%27s' \\\n  \
             'https://id.example/o/token'"
        );
    }

    #[test]
    fn the_rule_is_found_wherever_it_stands() {
        let refused = |answer: &str, challenge: &str| Exchange {
            status: 401,
            answer: answer.to_owned(),
            answer_headers: vec![("www-authenticate".to_owned(), challenge.to_owned())],
            ..Exchange::default()
        };
        for (answer, challenge, rule) in [
            (r#"{"error_uri":"https://x/rules/a-b"}"#, "", Some("a-b")),
            (r#"{"type":"https://x/rules/c"}"#, "", Some("c")),
            (
                "",
                r#"Bearer error_uri="https://x/rules/d", realm="x""#,
                Some("d"),
            ),
            (r#"{"type":"about:blank"}"#, "Bearer", None),
            (r#"{"type":"https://x/rules/../apps"}"#, "", None),
        ] {
            assert_eq!(refused(answer, challenge).rule().as_deref(), rule);
        }
    }
}
