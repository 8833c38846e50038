//! The JSON API of the dashboard, one file a resource.
//!
//! A handler reads the request, calls a function of `services` and writes JSON; it decides
//! nothing. Everything but the session, the setup and the document itself needs a session. To
//! add a resource: its shapes in `contract::wire`, its actions, a file here whose `router` describes
//! each handler, and its line below.

pub mod account;
pub mod applications;
pub mod body;
pub mod connections;
pub mod consent;
pub mod device;
pub mod error;
pub mod flows;
pub mod logout;
pub mod mail;
pub mod openapi;
pub mod password;
pub mod path;
pub mod scopes;
pub mod secrets;
pub mod session;
pub mod setup;

use axum::Router;
use axum::middleware::map_response_with_state;
use axum::routing::any;
use contract::routes;
use utoipa_axum::router::OpenApiRouter;

use crate::state::AppState;

/// Every route below `/api`, with whole paths: to be merged, not nested. A path that is not
/// known here is a problem too; a more exact route beside these (`/api/hello`) goes first.
pub fn router(state: &AppState) -> Router<AppState> {
    let (router, document) = OpenApiRouter::default()
        .merge(session::router())
        .merge(setup::router())
        .merge(consent::router())
        .merge(device::router())
        .merge(applications::router())
        .merge(secrets::router())
        .merge(flows::router())
        .merge(scopes::router())
        .merge(connections::router())
        .merge(account::router())
        .merge(logout::router())
        .merge(mail::router())
        .merge(password::router())
        .split_for_parts();
    router
        .route(routes::API_OPENAPI, openapi::route(document, &state.url))
        .route("/api", any(error::not_found))
        .route("/api/", any(error::not_found))
        .route("/api/{*rest}", any(error::not_found))
        .layer(map_response_with_state(state.clone(), error::finish))
}
