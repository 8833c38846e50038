//! Which answers a script of another origin may read (Fetch §3.2). Never with credentials.

use std::collections::HashSet;

use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ORIGIN, VARY,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::domain::client::Client;

/// What a script may send along. DPoP (RFC 9449) is not looked at, and clients that could do it
/// send it anyway; MCP clients name their version everywhere.
const REQUEST_HEADERS: &str = "Authorization, Content-Type, DPoP, MCP-Protocol-Version";

/// The origin that a request names.
pub fn origin(headers: &HeaderMap) -> Option<&str> {
    headers.get(ORIGIN).and_then(|value| value.to_str().ok())
}

/// Any origin may read: metadata, keys, and what a bearer token in the request already authorizes.
pub fn open(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    expose(headers);
    response
}

/// The answer to a preflight for [`open`].
pub fn open_preflight(methods: &'static str) -> Response {
    open(preflight(methods))
}

/// The client's own origins may read, errors too.
pub fn for_client(mut response: Response, origin: Option<&str>, client: &Client) -> Response {
    if let Some(origin) = origin.filter(|origin| client.allows_origin(origin)) {
        allow(&mut response, origin);
    }
    vary(response)
}

/// A preflight names no client: an origin that any application registered passes.
pub fn registered_preflight(origin: Option<&str>, registered: &HashSet<String>) -> Response {
    for_registered(preflight("POST"), origin, registered)
}

/// An origin that any application registered may read: what was refused before anything said
/// which client it is.
pub fn for_registered(
    mut response: Response,
    origin: Option<&str>,
    registered: &HashSet<String>,
) -> Response {
    if let Some(origin) = origin.filter(|origin| registered.contains(*origin)) {
        allow(&mut response, origin);
    }
    vary(response)
}

fn preflight(methods: &'static str) -> Response {
    let headers: [(HeaderName, &str); 3] = [
        (ACCESS_CONTROL_ALLOW_METHODS, methods),
        (ACCESS_CONTROL_ALLOW_HEADERS, REQUEST_HEADERS),
        (ACCESS_CONTROL_MAX_AGE, "600"),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

fn allow(response: &mut Response, origin: &str) {
    if let Ok(value) = HeaderValue::from_str(origin) {
        response
            .headers_mut()
            .insert(ACCESS_CONTROL_ALLOW_ORIGIN, value);
        expose(response.headers_mut());
    }
}

fn expose(headers: &mut HeaderMap) {
    headers.insert(
        ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static("WWW-Authenticate, X-Request-Id"),
    );
}

/// What a cache keeps for one origin it must not give to another.
fn vary(mut response: Response) -> Response {
    response
        .headers_mut()
        .append(VARY, HeaderValue::from_static("Origin"));
    response
}
