//! The protocol's endpoints: one file each, and for the token endpoint one file a grant.
//!
//! A handler reads its parameters, checks in the order that its function shows, does one store
//! transaction, and answers. To add an endpoint: its file, its line in [`for_browsers`] or
//! [`for_programs`], its member in `metadata` (what is not built is not advertised), its rules in the catalogue.

mod access_token;
mod authorize;
mod bearer;
mod client_assertion;
mod client_auth;
mod device_authorization;
mod endpoint;
mod introspect;
mod joined;
mod logout;
mod metadata;
mod par;
mod register;
mod resource;
mod revoke;
mod token;
mod userinfo;

use axum::Router;
use axum::routing::{MethodRouter, any};
use contract::routes;

use crate::state::AppState;

/// One registration (RFC 7592 §2).
const REGISTRATION: &str = "/o/register/{client_id}";

/// Where applications send browsers. What these answer may be a page that is yet to be rendered.
pub fn for_browsers() -> Router<AppState> {
    paths([
        (routes::AUTHORIZE, any(authorize::handle)),
        (routes::END_SESSION, any(logout::handle)),
    ])
}

/// What programs call. These answer by data only.
pub fn for_programs() -> Router<AppState> {
    paths([
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
        (routes::JWKS, any(metadata::jwks)),
        // An issuer that was typed with a slash at its end leads here.
        (
            "/o//.well-known/openid-configuration",
            any(metadata::openid),
        ),
        (
            "/o//.well-known/oauth-authorization-server",
            any(metadata::oauth),
        ),
        ("/o//.well-known/jwks.json", any(metadata::jwks)),
        (routes::API_HELLO, any(resource::hello)),
        (routes::RESOURCE_METADATA, any(resource::metadata)),
    ])
}

/// Each path with and without a slash at the end.
fn paths<const N: usize>(table: [(&str, MethodRouter<AppState>); N]) -> Router<AppState> {
    table
        .into_iter()
        .fold(Router::new(), |router, (path, handler)| {
            router
                .route(path, handler.clone())
                .route(&format!("{path}/"), handler)
        })
}
