//! One id a request: in the answer's header, in every log line, and the id of its trace.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument;
use uuid::Uuid;

use crate::state::{App, AppState};

/// A UUIDv7. An id that the client sends is not taken over: ours names a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestId(pub Uuid);

impl RequestId {
    /// Of the request with these extensions.
    pub fn of(state: &App, extensions: &Extensions) -> Self {
        let known = extensions.get().copied();
        known.unwrap_or_else(|| Self(state.random.uuid(state.now())))
    }
}

impl FromRequestParts<AppState> for RequestId {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        Ok(Self::of(state, &parts.extensions))
    }
}

/// Which rule refused this answer. The code that refuses sets it; the log and the metrics read it.
#[derive(Clone, Copy, Debug)]
pub struct RefusedBy(pub &'static str);

pub const HEADER: &str = "x-request-id";

/// Gives the request its id, logs one line when it is answered, counts it.
///
/// The line holds the path without its query: a query may hold a code or a state.
pub async fn layer(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let started = state.now();
    let id = RequestId(state.random.uuid(started));
    request.extensions_mut().insert(id);
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("other", |path| path.as_str())
        .to_owned();
    let span = tracing::info_span!("request", request_id = %id.0, %method, route);
    let mut response = next.run(request).instrument(span.clone()).await;
    if let Ok(value) = HeaderValue::from_str(&id.0.to_string()) {
        response.headers_mut().insert(HEADER, value);
    }
    let status = response.status().as_u16();
    let millis = state.now().millis() - started.millis();
    let rule = response.extensions().get::<RefusedBy>().map(|r| r.0);
    span.in_scope(|| match rule {
        Some(rule) => tracing::info!(status, millis, rule, "refused"),
        None => tracing::debug!(status, millis, "answered"),
    });
    metrics::counter!(
        "claviger_http_requests_total",
        "route" => route.clone(),
        "status" => status_label(status)
    )
    .increment(1);
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of a request")]
    metrics::histogram!("claviger_http_request_seconds", "route" => route)
        .record(millis as f64 / 1000.0);
    if let Some(rule) = rule {
        metrics::counter!("claviger_refusals_total", "rule" => rule).increment(1);
    }
    response
}

fn status_label(status: u16) -> &'static str {
    match status {
        200..=299 => "2xx",
        300..=399 => "3xx",
        400..=499 => "4xx",
        _ => "5xx",
    }
}
