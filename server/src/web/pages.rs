//! What a GET shows; what a flow stops at is in `flow_pages`.

use std::collections::HashMap;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use contract::routes;
use contract::rules;
use contract::wire::page::{PageContent, PageData, PageLink, RefusedPage, SetupPage};
use uuid::Uuid;

use super::render::{form_post as render_form_post, leave, render};
use crate::domain::redirect_uri::with_query;
use crate::domain::session::Session;
use crate::error::Error;
use crate::http::params::Params;
use crate::http::request_id::RefusedBy;
use crate::http::response::see_other;
use crate::http::{RequestId, session};
use crate::services::applications::{self, By};
use crate::services::flow::Redirect;
use crate::services::{flows, setup as setting_up};
use crate::state::{App, AppState};

/// What every page knows.
pub(super) fn data(state: &App, session: Option<&Session>, content: PageContent) -> PageData {
    PageData {
        user: session.map(|session| session.user.to_wire()),
        host: state.url.host().to_owned(),
        public_url: state.url.base().to_owned(),
        content,
    }
}

/// A refusal where a page was asked for.
pub(super) async fn refused(state: &App, parts: &Parts, failure: Error) -> Response {
    let refusal = failure.refusal();
    let status =
        StatusCode::from_u16(refusal.rule.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let id = parts.extensions.get::<RequestId>();
    let page = RefusedPage {
        status: refusal.rule.status,
        rule: refusal.rule.id.to_owned(),
        title: refusal.rule.heading(None),
        explanation: refusal
            .detail
            .as_deref()
            .unwrap_or(refusal.rule.fix)
            .to_owned(),
        request_id: id.map(|id| id.0.to_string()).unwrap_or_default(),
        links: vec![way_on(refusal.rule.id)],
        ..RefusedPage::default()
    };
    let mut response = render(parts, data(state, None, PageContent::Refused(page)), status).await;
    response.extensions_mut().insert(RefusedBy(refusal.rule.id));
    response
}

/// No refusal is a dead end.
fn way_on(rule: &str) -> PageLink {
    if [rules::LOGOUT_EXPIRED.id, rules::LOGOUT_OTHER_SESSION.id].contains(&rule) {
        PageLink::new(routes::LOGOUT, "Sign out here")
    } else if rule == rules::LINK_USED.id {
        PageLink::new(routes::FORGOT, "Ask for a new link")
    } else if rule == rules::SETUP_DONE.id {
        PageLink::new(routes::LOGIN, "Sign in")
    } else {
        PageLink::new(routes::HOME, "Go to the home page")
    }
}

/// Sends the browser on: to a page of ours, or back to the application.
pub(super) fn go_on(parts: &Parts, onward: &Redirect) -> Response {
    match onward {
        Redirect::Page(path) => see_other(path),
        Redirect::Client(answer) => match answer.location() {
            Some(location) if answer.leaves_the_web() && is_browser(parts) => leave(&location),
            Some(location) => see_other(&location),
            None => render_form_post(parts, answer),
        },
    }
}

/// Programs send no Fetch metadata: they follow redirects and need no page.
fn is_browser(parts: &Parts) -> bool {
    parts.headers.contains_key("sec-fetch-mode")
}

pub(super) async fn current(state: &App, parts: &Parts) -> Result<Option<Session>, Error> {
    session::find(state, &parts.headers).await
}

pub(super) fn query(parts: &Parts) -> Result<Params, Error> {
    Ok(Params::of_page(
        parts.uri.query().unwrap_or_default().as_bytes(),
    )?)
}

/// `/`: the start page, or straight on for a person who is signed in.
pub(super) async fn home(State(state): State<AppState>, parts: Parts) -> Response {
    match current(&state, &parts).await {
        Ok(Some(session)) => see_other(app::pages::home::start(&session.user.to_wire())),
        Ok(None) => {
            render(
                &parts,
                data(&state, None, PageContent::Plain),
                StatusCode::OK,
            )
            .await
        }
        Err(failure) => refused(&state, &parts, failure).await,
    }
}

/// The catalogue; `?q=` narrows it.
pub(super) async fn rules(parts: Parts) -> Response {
    let search = query(&parts)
        .ok()
        .and_then(|p| p.get("q").map(str::to_owned));
    super::render::rules(search.unwrap_or_default())
}

/// One rule: where every `error_uri` leads.
pub(super) async fn rule(
    State(state): State<AppState>,
    Path(id): Path<String>,
    parts: Parts,
) -> Response {
    match contract::rules::find(&id) {
        Some(rule) => super::render::rule(rule),
        None => not_found(&state, &parts).await,
    }
}

pub(super) async fn not_found(state: &App, parts: &Parts) -> Response {
    let session = current(state, parts).await.ok().flatten();
    let data = data(state, session.as_ref(), PageContent::Plain);
    render(parts, data, StatusCode::NOT_FOUND).await
}

/// A page of the dashboard: the frame; what it shows comes through the API.
pub(super) async fn dashboard(State(state): State<AppState>, parts: Parts) -> Response {
    match current(&state, &parts).await {
        Ok(Some(session)) => frame(&state, &parts, &session, StatusCode::OK).await,
        Ok(None) => to_login(&parts),
        Err(failure) => refused(&state, &parts, failure).await,
    }
}

/// The page of one application: 404 where there is none that this person may see, or no such tab.
pub(super) async fn application(
    State(state): State<AppState>,
    Path(path): Path<HashMap<String, String>>,
    parts: Parts,
) -> Response {
    let known = path
        .get("tab")
        .is_none_or(|tab| routes::APP_TABS.contains(&tab.as_str()));
    let client_id = path
        .get("client_id")
        .map(String::as_str)
        .unwrap_or_default();
    let look = async |session: &Session| {
        applications::get(&state, By::Person(&session.user), client_id)
            .await
            .map(|_| known)
    };
    about_one(&state, &parts, look).await
}

/// The page of one flow: 404 where there is none that this person may see.
pub(super) async fn flow(
    State(state): State<AppState>,
    Path(id): Path<String>,
    parts: Parts,
) -> Response {
    let look = async |session: &Session| match Uuid::parse_str(&id) {
        Ok(id) => flows::get(&state, &session.user, id).await.map(|_| true),
        Err(_) => Ok(false),
    };
    about_one(&state, &parts, look).await
}

/// The frame around one thing; `look` says whether it is there.
async fn about_one(
    state: &App,
    parts: &Parts,
    look: impl AsyncFnOnce(&Session) -> Result<bool, Error>,
) -> Response {
    let session = match current(state, parts).await {
        Ok(Some(session)) => session,
        Ok(None) => return to_login(parts),
        Err(failure) => return refused(state, parts, failure).await,
    };
    let status = match look(&session).await {
        Ok(true) => StatusCode::OK,
        Ok(false) => StatusCode::NOT_FOUND,
        Err(Error::Refused(refusal)) if refusal.rule.id == rules::NOT_FOUND.id => {
            StatusCode::NOT_FOUND
        }
        Err(failure) => return refused(state, parts, failure).await,
    };
    frame(state, parts, &session, status).await
}

async fn frame(state: &App, parts: &Parts, session: &Session, status: StatusCode) -> Response {
    render(
        parts,
        data(state, Some(session), PageContent::Plain),
        status,
    )
    .await
}

/// To sign in, and from there back to this page.
fn to_login(parts: &Parts) -> Response {
    let path = parts.uri.path();
    // A code must not travel on in another URL.
    let next = if path == routes::PLAYGROUND_CALLBACK {
        routes::PLAYGROUND
    } else {
        parts.uri.path_and_query().map_or(path, |p| p.as_str())
    };
    see_other(&with_query(routes::LOGIN, &[("next", next)]))
}

pub(super) async fn setup(State(state): State<AppState>, parts: Parts) -> Response {
    match try_setup(&state, &parts).await {
        Ok(response) => response,
        Err(failure) => refused(&state, &parts, failure).await,
    }
}

async fn try_setup(state: &AppState, parts: &Parts) -> Result<Response, Error> {
    let params = query(parts)?;
    let token = params.get("token").unwrap_or_default();
    setting_up::check_token(state, token).await?;
    let page = SetupPage {
        token: token.to_owned(),
        ..SetupPage::default()
    };
    let data = data(state, None, PageContent::Setup(page));
    Ok(render(parts, data, StatusCode::OK).await)
}
