//! What an endpoint for programs answers to the methods that it does not take: 405 with `Allow`,
//! and the preflight of an endpoint that scripts call.

use std::collections::HashSet;
use std::sync::Arc;

use axum::extract::State;
use axum::http::header::ALLOW;
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method};
use axum::response::Response;
use axum::routing::{MethodRouter, any};
use contract::rules;
use contract::wire::page::RefusedPage;

use crate::domain::client::Client;
use crate::domain::refusal::Refusal;
use crate::http::RequestId;
use crate::http::accept::prefers_html;
use crate::http::cors;
use crate::http::response::{oauth_error, page};
use crate::state::{App, AppState};

/// Which scripts may read what an endpoint answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cors {
    Anyone,
    /// Those of an origin that the client registered.
    ClientOrigins,
    Never,
}

/// Every method that the endpoint has no handler for. `get` takes HEAD too.
pub(super) fn others(allow: &'static str, cors: Cors) -> MethodRouter<AppState> {
    any(async move |State(state): State<AppState>, request: Parts| {
        refuse(&state, &request, allow, cors).await
    })
}

/// The same for an endpoint whose GET takes no HEAD.
pub(super) fn others_and_head(allow: &'static str, cors: Cors) -> MethodRouter<AppState> {
    others(allow, cors).head(async move |State(state): State<AppState>, request: Parts| {
        refuse(&state, &request, allow, cors).await
    })
}

async fn refuse(state: &AppState, request: &Parts, allow: &'static str, cors: Cors) -> Response {
    let origin = cors::origin(&request.headers);
    if request.method == Method::OPTIONS {
        let methods = allow.trim_end_matches(", OPTIONS");
        match cors {
            Cors::Anyone => return cors::open_preflight(methods),
            Cors::ClientOrigins => {
                let registered = registered_origins(state).await;
                return cors::registered_preflight(origin, &registered);
            }
            Cors::Never => {}
        }
    }
    let refusal = Refusal::new(&rules::METHOD_NOT_ALLOWED);
    let mut response = if request.method == Method::GET && prefers_html(&request.headers) {
        page(&refusal, opened(state, request))
    } else {
        oauth_error(&refusal, &state.url)
    };
    let headers = response.headers_mut();
    headers.insert(ALLOW, HeaderValue::from_static(allow));
    match cors {
        Cors::Anyone => cors::open(response),
        Cors::ClientOrigins => readable(state, response, origin, None).await,
        Cors::Never => response,
    }
}

/// For a person who opened the endpoint in a browser.
fn opened(state: &App, request: &Parts) -> RefusedPage {
    let id = RequestId::of(state, &request.extensions);
    RefusedPage {
        explanation: "It is for programs. If an app sent you here, go back and start there again."
            .to_owned(),
        request_id: id.0.to_string(),
        ..RefusedPage::default()
    }
}

/// Lets a script read the answer, an error too: one of the origins of the client that the
/// request names; when it names none, as in a preflight, one that any client registered.
pub(super) async fn readable(
    state: &AppState,
    response: Response,
    origin: Option<&str>,
    client: Option<&Client>,
) -> Response {
    match (origin, client) {
        (None, _) => response,
        (Some(_), Some(client)) => cors::for_client(response, origin, client),
        (Some(_), None) => {
            let registered = registered_origins(state).await;
            cors::for_registered(response, origin, &registered)
        }
    }
}

async fn registered_origins(state: &AppState) -> Arc<HashSet<String>> {
    let registered = Box::pin(state.store.allowed_origins()).await;
    registered.unwrap_or_default()
}
