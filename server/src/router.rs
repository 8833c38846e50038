//! The whole server on one screen: which routes there are, and what every request passes.

use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;

use crate::http::{csrf, health, request_id, response, security};
use crate::state::AppState;
use crate::{api, oauth, web};

/// A request that takes longer is given up.
const TIMEOUT: Duration = Duration::from_secs(30);

/// `/metrics` alone, for a listener of its own.
pub fn metrics<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/metrics", get(health::metrics))
        .route("/metrics/", get(health::metrics))
}

pub fn router(state: AppState) -> Router {
    // A cookie authorizes these, so they check where a request comes from.
    let pages = web::router()
        .layer(from_fn_with_state(state.clone(), csrf::layer))
        .layer(from_fn_with_state(state.clone(), web::render_refusals));
    let with_cookies = api::router(&state)
        .layer(from_fn_with_state(state.clone(), csrf::layer))
        .merge(pages);
    // These take credentials of their own, from any origin.
    let protocol = oauth::for_browsers()
        .layer(from_fn_with_state(state.clone(), web::render_refusals))
        .merge(oauth::for_programs(&state, |refusal| {
            refusal.layer(from_fn_with_state(state.clone(), web::render_refusals))
        }));
    let url = state.url.clone();
    Router::new()
        .merge(protocol)
        .merge(with_cookies)
        .merge(web::assets::router())
        .route("/healthz", get(health::alive))
        .route("/healthz/", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/readyz/", get(health::ready))
        .merge(if state.options.metrics_elsewhere {
            Router::new()
        } else {
            metrics()
        })
        .fallback(web::not_found)
        // From the outside in: a request has an id, an answer has headers, a panic is an answer.
        // One layer to axum, which boxes each anew.
        .layer(
            ServiceBuilder::new()
                .layer(from_fn_with_state(state.clone(), request_id::layer))
                .layer(from_fn_with_state(state.clone(), security::layer))
                .layer(CatchPanicLayer::custom(move |_| response::panicked(&url)))
                .layer(TimeoutLayer::with_status_code(
                    StatusCode::SERVICE_UNAVAILABLE,
                    TIMEOUT,
                )),
        )
        .with_state(state)
}
