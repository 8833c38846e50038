//! Pages: rendered by the server, taken over by the browser.
//!
//! `pages` answers GETs, `forms` the plain POSTs that work without JavaScript; both call the
//! same actions as the JSON API. `refusals` turns what the protocol refuses into a page.

pub mod assets;
mod device;
mod flow_pages;
mod forms;
mod over;
mod pages;
mod password;
mod refusals;
pub mod render;

use axum::Router;
use axum::extract::State;
use axum::http::Uri;
use axum::http::request::Parts;
use axum::response::Response;
use axum::routing::get;
use contract::routes;

pub use refusals::layer as render_refusals;

use crate::http::accept::prefers_html;
use crate::http::response::{problem, see_other};
use crate::state::AppState;

/// Every page. Those that need a session lead to `/login` without one.
pub fn router() -> Router<AppState> {
    let app = format!("{}/{{client_id}}", routes::APPS);
    let tab = format!("{app}/{{tab}}");
    let flow = format!("{}/{{id}}", routes::FLOWS);
    let rule = format!("{}/{{id}}", routes::RULES);
    let dashboard = [
        routes::APPS,
        routes::APPS_NEW,
        routes::PLAYGROUND,
        routes::PLAYGROUND_CALLBACK,
        routes::CONNECTIONS,
        routes::ACCOUNT,
    ]
    .into_iter()
    .fold(Router::new(), |router, path| {
        router.route(path, get(pages::dashboard))
    });
    dashboard
        .route(&app, get(pages::application))
        .route(&tab, get(pages::application))
        .route(&flow, get(pages::flow))
        .route(routes::HOME, get(pages::home))
        .route(routes::RULES, get(pages::rules))
        .route(&rule, get(pages::rule))
        .route(routes::LOGIN, get(flow_pages::login).post(forms::login))
        .route(routes::SIGNED_IN, get(over::signed_in))
        .route(routes::LOGOUT, get(flow_pages::logout).post(forms::logout))
        .route(
            routes::CONSENT,
            get(flow_pages::consent).post(forms::consent),
        )
        .route(routes::SETUP, get(pages::setup).post(forms::setup))
        .route(
            routes::FORGOT,
            get(password::show_forgot).post(password::forgot),
        )
        .route(
            routes::RESET,
            get(password::show_reset).post(password::reset),
        )
        .route(routes::FORM_POST, get(flow_pages::form_post))
        .route(
            &format!("{}/", routes::FORM_POST),
            get(flow_pages::form_post),
        )
        .route(routes::DEVICE, get(device::show).post(device::submit))
        .route("/device/", get(device::elsewhere))
        // Where password managers look.
        .route(routes::CHANGE_PASSWORD, get(to_security))
        .route(routes::ACCOUNT_SECURITY, get(to_account))
        // Where people of other providers look first.
        .route("/o/device", get(device::elsewhere))
        .route("/o/device/", get(device::elsewhere))
        .route("/o/device/{*rest}", get(device::elsewhere))
        .route("/o/applications", get(to_apps))
        .route("/o/applications/", get(to_apps))
        .route("/o/applications/{*rest}", get(to_apps))
        .route("/o/authorized_tokens", get(to_connections))
        .route("/o/authorized_tokens/", get(to_connections))
        .route("/o/authorized_tokens/{*rest}", get(to_connections))
}

async fn to_apps() -> Response {
    see_other(routes::APPS)
}

async fn to_security() -> Response {
    see_other(routes::ACCOUNT_SECURITY)
}

async fn to_account() -> Response {
    see_other(routes::ACCOUNT)
}

async fn to_connections() -> Response {
    see_other(routes::CONNECTIONS)
}

/// Nothing is here: a problem for programs, a page for people.
pub async fn not_found(State(state): State<AppState>, uri: Uri, parts: Parts) -> Response {
    let opened = uri.path().starts_with("/o/") && prefers_html(&parts.headers);
    if !opened && (uri.path().starts_with("/api") || uri.path().starts_with("/o/")) {
        let refusal = crate::domain::refusal::Refusal::new(&contract::rules::NOT_FOUND);
        return problem(&refusal, &state.url);
    }
    pages::not_found(&state, &parts).await
}
