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
mod methods;
mod par;
mod register;
mod resource;
mod revoke;
mod token;
mod userinfo;

use axum::Router;
use axum::middleware::map_response;
use axum::routing::{MethodFilter, MethodRouter, any, on};
use contract::routes;

use self::methods::Cors::{Anyone, ClientOrigins, Never};
use self::methods::{others, others_and_head};
use crate::config::Registration;
use crate::state::AppState;

/// One registration (RFC 7592 §2).
const REGISTRATION: &str = "/o/register/{client_id}";

const GET_POST: MethodFilter = MethodFilter::GET.or(MethodFilter::POST);

/// Where applications send browsers. What these answer may be a page that is yet to be rendered.
pub fn for_browsers() -> Router<AppState> {
    let authorize = on(GET_POST, authorize::handle);
    let logout = on(GET_POST, logout::handle).head(logout::method_not_allowed);
    paths([
        (
            routes::AUTHORIZE,
            authorize.fallback(authorize::method_not_allowed),
        ),
        (
            routes::END_SESSION,
            logout.fallback(logout::method_not_allowed),
        ),
    ])
}

/// What programs call. These answer by data, but for a method that they do not take: `rendered`
/// makes a page of that answer for a person who opened the address. Its layer stands around the
/// refusal alone, since handlers are added after it.
pub fn for_programs(
    state: &AppState,
    rendered: impl Fn(MethodRouter<AppState>) -> MethodRouter<AppState>,
) -> Router<AppState> {
    let posted = |cors| rendered(others("POST", cors));
    let read = || rendered(others("GET, OPTIONS", Anyone));
    let token = posted(ClientOrigins).layer(map_response(token::no_cache));
    let userinfo = rendered(others_and_head("GET, POST, OPTIONS", Anyone));
    let hello = rendered(others("GET", Never));
    let (register, manage) = if state.options.registration == Registration::Closed {
        (any(register::closed), any(register::closed))
    } else {
        let methods = MethodFilter::GET
            .or(MethodFilter::PUT)
            .or(MethodFilter::DELETE);
        let manage = rendered(others_and_head("GET, PUT, DELETE", Anyone));
        (
            posted(Anyone).post(register::register),
            manage.on(methods, register::manage),
        )
    };
    paths([
        (routes::TOKEN, token.post(token::handle)),
        (routes::REVOKE, posted(ClientOrigins).post(revoke::handle)),
        (routes::INTROSPECT, posted(Never).post(introspect::handle)),
        (
            routes::DEVICE_AUTHORIZATION,
            posted(ClientOrigins).post(device_authorization::handle),
        ),
        (routes::PAR, posted(ClientOrigins).post(par::handle)),
        (routes::USERINFO, userinfo.on(GET_POST, userinfo::handle)),
        (routes::REGISTER, register),
        (REGISTRATION, manage),
        (routes::OPENID_CONFIGURATION, read().get(metadata::openid)),
        (routes::OAUTH_METADATA, read().get(metadata::oauth)),
        (routes::OAUTH_METADATA_ROOT, read().get(metadata::oauth)),
        (routes::JWKS, read().get(metadata::jwks)),
        // An issuer that was typed with a slash at its end leads here.
        (
            "/o//.well-known/openid-configuration",
            read().get(metadata::openid),
        ),
        (
            "/o//.well-known/oauth-authorization-server",
            read().get(metadata::oauth),
        ),
        ("/o//.well-known/jwks.json", read().get(metadata::jwks)),
        (routes::API_HELLO, hello.get(resource::hello)),
        (routes::RESOURCE_METADATA, read().get(resource::metadata)),
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
