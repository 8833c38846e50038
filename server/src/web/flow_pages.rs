//! The pages that a flow stops at: sign in, allow, sign out. A ticket names the request.

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use contract::rules;
use contract::wire::page::{ConsentPage, LoginPage, PageContent};

use super::over;
use super::pages::{current, data, go_on, query, refused};
use super::render::{form_post as render_form_post, render};
use crate::domain::refusal::Refusal;
use crate::domain::session::Session;
use crate::error::Error;
use crate::http::response::see_other;
use crate::http::security::FormLeadsAway;
use crate::services::clients;
use crate::services::flow::{Redirect, consent as consenting, ticket};
use crate::services::{logout as signing_out, sign_in};
use crate::state::{App, AppState};

pub(super) async fn login(State(state): State<AppState>, parts: Parts) -> Response {
    match try_login(&state, &parts).await {
        Ok(response) => response,
        Err(failure) => refused(&state, &parts, failure).await,
    }
}

async fn try_login(state: &App, parts: &Parts) -> Result<Response, Error> {
    let params = query(parts)?;
    let session = current(state, parts).await?;
    let again = params.get("prompt") == Some("login");
    let next = params.get("next");
    let Some(flow) = params.get("flow") else {
        return Ok(match &session {
            Some(session) if !again => see_other(&sign_in::after_sign_in(next, &session.user)),
            _ => {
                let page = LoginPage {
                    next: next.map(str::to_owned),
                    ..LoginPage::default()
                };
                show_login(state, parts, page, StatusCode::OK).await
            }
        });
    };
    // Signed in meanwhile, in another tab perhaps: nothing to ask.
    if let Some(session) = session.as_ref().filter(|_| !again) {
        let onward = sign_in::go_on(state, &parts.headers, None, session, flow).await?;
        let asks = |path: &str| path.starts_with(&ticket::login_path(""));
        if !matches!(&onward, Redirect::Page(path) if asks(path)) {
            return Ok(go_on(parts, &onward));
        }
    }
    let page = LoginPage {
        flow: Some(flow.to_owned()),
        username: ticket::peek(state, flow)
            .and_then(|request| request.login_hint)
            .unwrap_or_default(),
        notice: (!waits(state, parts, session.as_ref(), flow)).then(|| STALE.to_owned()),
        ..LoginPage::default()
    };
    Ok(show_login(state, parts, page, StatusCode::OK).await)
}

const STALE: &str =
    "This page is old, or was opened in another browser. Sign in, and we take you on from there.";

/// Whether a sign-in would go on with the flow of this ticket.
fn waits(state: &App, parts: &Parts, session: Option<&Session>, flow: &str) -> bool {
    let headers = &parts.headers;
    ticket::open(state, headers, session, flow).is_ok()
        || ticket::open_late(state, headers, session, flow).is_some()
}

/// The sign-in page, with the name of the application whose ticket it holds: the form may end
/// there.
pub(super) async fn show_login(
    state: &App,
    parts: &Parts,
    mut page: LoginPage,
    status: StatusCode,
) -> Response {
    let flow = page.flow.as_deref();
    let request = flow.and_then(|flow| ticket::peek(state, flow));
    if let Some(request) = &request {
        let client = clients::known(state, &request.client_id)
            .await
            .ok()
            .flatten();
        page.application = client.map(|client| client.settings.name.clone());
    }
    let data = data(state, None, PageContent::Login(page));
    let mut response = render(parts, data, status).await;
    if request.is_some() {
        response.extensions_mut().insert(FormLeadsAway);
    }
    response
}

pub(super) async fn consent(State(state): State<AppState>, parts: Parts) -> Response {
    match try_consent(&state, &parts).await {
        Ok(response) => response,
        Err(failure) => {
            let params = query(&parts).unwrap_or_default();
            let flow = params.get("flow");
            consent_refused(&state, &parts, flow, failure, StatusCode::OK).await
        }
    }
}

/// Where a user goes whose request can't be shown or answered. A user who has to authenticate
/// (again) does so and comes back (`max_age` may pass while they read the page). A user who comes
/// too late, or as another user, also comes back, and finds the request anew if it can still be
/// answered. A request that was answered says so, with the status `answered`.
pub(super) async fn consent_refused(
    state: &App,
    parts: &Parts,
    flow: Option<&str>,
    failure: Error,
    answered: StatusCode,
) -> Response {
    let ours = flow.filter(|flow| ticket::peek(state, flow).is_some());
    let (Error::Refused(refusal), Some(flow)) = (&failure, ours) else {
        return refused(state, parts, failure).await;
    };
    let rule = refusal.rule.id;
    if [
        rules::SESSION_REQUIRED.id,
        rules::FLOW_EXPIRED.id,
        rules::FLOW_OTHER_BROWSER.id,
    ]
    .contains(&rule)
    {
        return see_other(&ticket::login_path(flow));
    }
    if rule != rules::FLOW_COMPLETED.id {
        return refused(state, parts, failure).await;
    }
    let shown = async {
        match current(state, parts).await? {
            Some(session) => over::page(state, parts, &session, flow, answered).await,
            None => Ok(see_other(&ticket::login_path(flow))),
        }
    };
    match shown.await {
        Ok(response) => response,
        Err(failure) => refused(state, parts, failure).await,
    }
}

async fn try_consent(state: &App, parts: &Parts) -> Result<Response, Error> {
    let params = query(parts)?;
    let flow = params
        .get("flow")
        .ok_or_else(|| Refusal::new(&rules::FLOW_EXPIRED))?;
    let session = current(state, parts)
        .await?
        .ok_or_else(|| Refusal::new(&rules::SESSION_REQUIRED))?;
    let (request, _) = consenting::ask(state, &parts.headers, &session, flow).await?;
    let content = PageContent::Consent(ConsentPage {
        flow: flow.to_owned(),
        request,
    });
    let data = data(state, Some(&session), content);
    let mut response = render(parts, data, StatusCode::OK).await;
    response.extensions_mut().insert(FormLeadsAway);
    Ok(response)
}

/// Asks whether to sign out; with a ticket on behalf of an application. Without a session there is
/// nothing to ask.
pub(super) async fn logout(State(state): State<AppState>, parts: Parts) -> Response {
    match try_logout(&state, &parts).await {
        Ok(response) => response,
        Err(failure) => refused(&state, &parts, failure).await,
    }
}

async fn try_logout(state: &App, parts: &Parts) -> Result<Response, Error> {
    let params = query(parts)?;
    let session = current(state, parts).await?;
    let (Some(flow), Some(session)) = (params.get("flow"), &session) else {
        let data = data(state, session.as_ref(), PageContent::Plain);
        return Ok(render(parts, data, StatusCode::OK).await);
    };
    let (page, target) = signing_out::ask(state, Some(session), flow).await?;
    let data = data(state, Some(session), PageContent::Logout(page));
    let mut response = render(parts, data, StatusCode::OK).await;
    if target.is_some() {
        response.extensions_mut().insert(FormLeadsAway);
    }
    Ok(response)
}

/// Posts the answer that a script of ours was given in a ticket.
pub(super) async fn form_post(State(state): State<AppState>, parts: Parts) -> Response {
    match try_form_post(&state, &parts).await {
        Ok(response) => response,
        Err(failure) => refused(&state, &parts, failure).await,
    }
}

async fn try_form_post(state: &App, parts: &Parts) -> Result<Response, Error> {
    let params = query(parts)?;
    let session = current(state, parts).await?;
    let text = params.get("answer").unwrap_or_default();
    let answer = ticket::open_answer(state, session.as_ref(), text)?;
    Ok(render_form_post(parts, &answer))
}
