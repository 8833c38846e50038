//! The SPA's files, embedded: what Trunk built, and the head of the document that loads it.
//!
//! Without a built SPA everything works but looks plain: pages are rendered without links to
//! files that do not exist. Must never serve anything from the disk of a release.

use std::sync::LazyLock;

use axum::{
    Router,
    body::Body,
    extract::Path,
    response::{IntoResponse, Response},
    routing::get,
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "../frontend/dist"]
struct Dist;

const FAVICON: &[u8] = include_bytes!("../../../style/favicon.svg");

/// Trunk writes this where the nonce of the response goes.
const NONCE_MARK: &str = "{{__TRUNK NONCE__}}";

/// Names below `/assets` carry a hash of the content.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// `/assets/…` and the icon that browsers ask for without being told.
pub fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/assets/{*path}", get(asset))
        .route("/favicon.ico", get(favicon))
        .route("/favicon.svg", get(favicon))
}

async fn favicon() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "image/svg+xml"),
        (header::CACHE_CONTROL, "public, max-age=86400"),
    ];
    (headers, FAVICON).into_response()
}

async fn asset(Path(path): Path<String>, headers: HeaderMap) -> Response {
    let Some(kind) = content_type(&path) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let accepted = Accepted::from(&headers);
    let candidates = [(".br", "br", accepted.br), (".gz", "gzip", accepted.gzip)];
    let packed = candidates
        .into_iter()
        .filter(|(_, _, accepted)| *accepted)
        .find_map(|(ending, coding, _)| Some((Dist::get(&format!("{path}{ending}"))?, coding)));
    let (file, coding) = match packed {
        Some((file, coding)) => (file, Some(coding)),
        None => match Dist::get(&path) {
            Some(file) => (file, None),
            None => return StatusCode::NOT_FOUND.into_response(),
        },
    };
    let body = match file.data {
        std::borrow::Cow::Borrowed(bytes) => Body::from(bytes),
        std::borrow::Cow::Owned(bytes) => Body::from(bytes),
    };
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(FOR_EVER));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(coding) = coding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    response
}

/// Only the kinds of file that Trunk writes; its document and the packed twins are none.
fn content_type(path: &str) -> Option<&'static str> {
    let (_, ending) = path.rsplit_once('.')?;
    Some(match ending {
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        _ => return None,
    })
}

/// The codings of `Accept-Encoding` (RFC 9110 §12.5.3) that files are packed in.
#[derive(Debug, Default, PartialEq)]
struct Accepted {
    br: bool,
    gzip: bool,
}

impl From<&HeaderMap> for Accepted {
    fn from(headers: &HeaderMap) -> Self {
        let mut accepted = Self::default();
        let values = headers.get_all(header::ACCEPT_ENCODING).into_iter();
        for item in values
            .filter_map(|v| v.to_str().ok())
            .flat_map(|v| v.split(','))
        {
            let (coding, parameters) = item.split_once(';').unwrap_or((item, ""));
            let weight = parameters.trim().strip_prefix("q=").unwrap_or("1");
            if weight.parse::<f32>().is_ok_and(|q| q <= 0.0) {
                continue;
            }
            match coding.trim() {
                coding if coding.eq_ignore_ascii_case("br") => accepted.br = true,
                coding if coding.eq_ignore_ascii_case("gzip") => accepted.gzip = true,
                _ => {}
            }
        }
        accepted
    }
}

/// What Trunk wants in the head of a page, in two forms.
struct Heads {
    /// Everything: the page is taken over by the SPA.
    alive: String,
    /// Style sheets and icon.
    still: String,
}

impl Heads {
    fn read() -> Self {
        let document = Dist::get("index.html")
            .map(|file| String::from_utf8_lossy(&file.data).into_owned())
            .unwrap_or_default();
        let alive = between(&document, "<head>", "</head>").to_owned();
        let still = still(&alive);
        Self { alive, still }
    }
}

/// Read once in a release, whose files can't change; each time in a debug build, whose can.
static HEADS: LazyLock<Heads> = LazyLock::new(Heads::read);

fn with_heads<T>(read: impl FnOnce(&Heads) -> T) -> T {
    if cfg!(debug_assertions) {
        read(&Heads::read())
    } else {
        read(&HEADS)
    }
}

/// The head of a page that the SPA takes over, with this response's nonce.
pub fn head(nonce: &str) -> String {
    with_heads(|heads| heads.alive.replace(NONCE_MARK, nonce))
}

/// The head of a page without scripts.
pub fn still_head(nonce: &str) -> String {
    with_heads(|heads| heads.still.replace(NONCE_MARK, nonce))
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    text.split_once(start)
        .and_then(|(_, rest)| rest.split_once(end))
        .map_or("", |(inner, _)| inner)
}

/// Keeps the links to style sheets and icons; drops scripts and what preloads them.
fn still(head: &str) -> String {
    head.split('<')
        .filter_map(|tag| tag.split_once('>').map(|(tag, _)| tag))
        .filter(|tag| tag.starts_with("link"))
        .filter(|tag| ["stylesheet", "icon"].iter().any(|rel| has_rel(tag, rel)))
        .map(|tag| format!("<{tag}>"))
        .collect()
}

fn has_rel(tag: &str, rel: &str) -> bool {
    tag.contains(&format!("rel=\"{rel}\"")) || tag.contains(&format!("rel={rel} "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_still_page_keeps_styles_and_icon_only() {
        let head = r#"
            <script type="module" nonce="{{__TRUNK NONCE__}}">import init from '/assets/a.js';</script>
            <link rel="icon" href="/assets/favicon-1.svg">
            <link rel="stylesheet" href="/assets/base-1.css" nonce="{{__TRUNK NONCE__}}"/>
            <link rel="modulepreload" href="/assets/a.js"><link rel="preload" href="/assets/a.wasm">"#;
        assert_eq!(
            still(head),
            r#"<link rel="icon" href="/assets/favicon-1.svg"><link rel="stylesheet" href="/assets/base-1.css" nonce="{{__TRUNK NONCE__}}"/>"#
        );
    }

    #[test]
    fn codings_are_read_with_their_weights() {
        for (value, br, gzip) in [
            ("gzip, deflate, br, zstd", true, true),
            ("br;q=0, gzip;q=0.5", false, true),
            ("identity", false, false),
            ("*", false, false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(value));
            assert_eq!(Accepted::from(&headers), Accepted { br, gzip }, "{value}");
        }
    }

    #[test]
    fn only_files_of_known_kinds_are_served() {
        assert!(content_type("app-1.wasm").is_some());
        for path in ["index.html", "app-1.wasm.br", "app", "../Cargo.toml"] {
            assert!(content_type(path).is_none(), "{path}");
        }
    }
}
