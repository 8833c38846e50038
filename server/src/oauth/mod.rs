//! The protocol's endpoints: one file each, and for the token endpoint one file a grant.
//!
//! A handler reads its parameters, checks in the order that its function shows, does one store
//! transaction, and answers. To add an endpoint: its file, its line in [`router`], its member in
//! `metadata` (what is not built is not advertised), its rules in the catalogue.

mod authorize;
mod bearer;
mod client_assertion;
mod client_auth;
mod device_authorization;
mod endpoint;
mod introspect;
mod logout;
mod metadata;
mod par;
mod presented;
mod register;
mod resource;
mod revoke;
mod token;
mod userinfo;

use app::routes;
use axum::Router;
use axum::routing::{MethodRouter, any};

use crate::state::AppState;

/// One registration (RFC 7592 §2).
const REGISTRATION: &str = "/o/register/{client_id}";

/// Every path of the protocol, each with and without a slash at the end.
pub fn router() -> Router<AppState> {
    let table: [(&str, MethodRouter<AppState>); 16] = [
        (routes::AUTHORIZE, any(authorize::handle)),
        (routes::TOKEN, any(token::handle)),
        (routes::REVOKE, any(revoke::handle)),
        (routes::INTROSPECT, any(introspect::handle)),
        (
            routes::DEVICE_AUTHORIZATION,
            any(device_authorization::handle),
        ),
        (routes::USERINFO, any(userinfo::handle)),
        (routes::OPENID_CONFIGURATION, any(metadata::openid)),
        (routes::OAUTH_METADATA, any(metadata::oauth)),
        (routes::OAUTH_METADATA_ROOT, any(metadata::oauth)),
        (routes::PAR, any(par::handle)),
        (routes::REGISTER, any(register::register)),
        (REGISTRATION, any(register::manage)),
        (routes::END_SESSION, any(logout::handle)),
        (routes::JWKS, any(metadata::jwks)),
        (routes::API_HELLO, any(resource::hello)),
        (routes::RESOURCE_METADATA, any(resource::metadata)),
    ];
    table
        .into_iter()
        .fold(Router::new(), |router, (path, handler)| {
            router
                .route(path, handler.clone())
                .route(&format!("{path}/"), handler)
        })
}
