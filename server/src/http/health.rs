//! For monitoring: alive, ready, and in numbers.

use std::sync::atomic::Ordering;

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use axum::response::{IntoResponse, Response};

use crate::state::AppState;
use crate::telemetry;

/// The process answers.
pub async fn alive() -> Response {
    plain(StatusCode::OK, "alive\n")
}

/// The database can be read and written, and the server is not about to stop.
pub async fn ready(State(state): State<AppState>) -> Response {
    if state.draining.load(Ordering::Relaxed) {
        return plain(StatusCode::SERVICE_UNAVAILABLE, "stopping\n");
    }
    match state.store.ready(state.now()).await {
        Ok(()) => plain(StatusCode::OK, "ready\n"),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            let said = "the database does not answer\n";
            let response = plain(StatusCode::SERVICE_UNAVAILABLE, said);
            ([(RETRY_AFTER, "1")], response).into_response()
        }
    }
}

/// Prometheus text.
pub async fn metrics() -> Response {
    (
        [
            (CONTENT_TYPE, "text/plain; version=0.0.4"),
            (CACHE_CONTROL, "no-store"),
        ],
        telemetry::metrics_handle().render(),
    )
        .into_response()
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    (
        status,
        [
            (CONTENT_TYPE, "text/plain; charset=utf-8"),
            (CACHE_CONTROL, "no-store"),
        ],
        text,
    )
        .into_response()
}
