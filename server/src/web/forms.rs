//! The plain forms: what the pages send without JavaScript.

use axum::body::Body;
use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{Request, StatusCode};
use axum::response::Response;
use contract::wire::consent::{ConsentDecision, Decision};
use contract::wire::logout::SignOut;
use contract::wire::page::{LoginPage, PageContent, SetupPage};
use contract::wire::session::{CreateAdministrator, SignIn};
use contract::{routes, rules};

use super::flow_pages::{consent_refused, show_login};
use super::pages::{data, go_on, refused};
use super::render::render;
use crate::domain::refusal::Refusal;
use crate::error::Error;
use crate::http::address::PeerAddress;
use crate::http::params::{self, Params};
use crate::http::request_id::RefusedBy;
use crate::http::response::see_other;
use crate::http::session::{self, set_cookie};
use crate::services::flow::{Redirect, consent as consenting};
use crate::services::{logout as signing_out, setup as setting_up, sign_in};
use crate::state::{App, AppState};

/// The form of a request, and the rest of it.
pub(super) async fn read(request: Request<Body>) -> (Parts, Result<Params, Refusal>) {
    let (parts, body) = request.into_parts();
    let params = params::form_of_page(&parts.headers, body).await;
    (parts, params)
}

pub(super) async fn login(
    State(state): State<AppState>,
    address: PeerAddress,
    request: Request<Body>,
) -> Response {
    let (parts, params) = read(request).await;
    match params {
        Ok(params) => try_login(&state, &parts, &params, address).await,
        Err(refusal) => refused(&state, &parts, refusal.into()).await,
    }
}

async fn try_login(state: &App, parts: &Parts, params: &Params, address: PeerAddress) -> Response {
    let form = SignIn {
        username: params.get("username").unwrap_or_default().to_owned(),
        password: params.get("password").unwrap_or_default().to_owned(),
        flow: params.get("flow").map(str::to_owned),
        next: params.get("next").map(str::to_owned),
    };
    let failure = match sign_in::sign_in(state, &parts.headers, address, &form).await {
        Ok(welcome) => {
            let mut response = go_on(parts, &welcome.onward);
            for cookie in welcome.cookies {
                set_cookie(&mut response, cookie);
            }
            return response;
        }
        Err(failure) => failure,
    };
    let refusal = failure.refusal();
    // What the person can fix is said on the form; everything else on a page of its own.
    if !matches!(refusal.rule.status, 401 | 429) {
        return refused(state, parts, refusal.into()).await;
    }
    let page = LoginPage {
        flow: form.flow,
        next: form.next,
        username: form.username,
        error: Some(match &refusal.detail {
            Some(detail) => format!("{} {detail}", refusal.rule.said),
            None => refusal.rule.said.to_owned(),
        }),
        ..LoginPage::default()
    };
    let status = StatusCode::from_u16(refusal.rule.status).unwrap_or(StatusCode::UNAUTHORIZED);
    let mut response = show_login(state, parts, page, status).await;
    response.extensions_mut().insert(RefusedBy(refusal.rule.id));
    response
}

pub(super) async fn logout(State(state): State<AppState>, request: Request<Body>) -> Response {
    let (parts, params) = read(request).await;
    // The button in the dashboard says nothing but that it was pressed.
    let params = match params {
        Err(refusal) if refusal.rule.id == rules::MEDIA_TYPE_NOT_FORM.id => Ok(Params::default()),
        params => params,
    };
    let answer = match params {
        Ok(params) => try_logout(&state, &parts, &params).await,
        Err(refusal) => Err(refusal.into()),
    };
    match answer {
        Ok(location) => {
            let mut response = see_other(&location);
            session::clear_cookie(&state, &mut response);
            response
        }
        Err(failure) => refused(&state, &parts, failure).await,
    }
}

async fn try_logout(state: &App, parts: &Parts, params: &Params) -> Result<String, Error> {
    let session = session::find(state, &parts.headers).await?;
    let answer = SignOut {
        flow: params.get("flow").map(str::to_owned),
        everywhere: params.get("everywhere") == Some("true"),
    };
    signing_out::answer(state, session.as_ref(), &answer).await
}

pub(super) async fn consent(State(state): State<AppState>, request: Request<Body>) -> Response {
    let (parts, params) = read(request).await;
    let params = match params {
        Ok(params) => params,
        Err(refusal) => return refused(&state, &parts, refusal.into()).await,
    };
    match try_consent(&state, &parts, &params).await {
        Ok(onward) => go_on(&parts, &onward),
        Err(failure) => {
            let (flow, answered) = (params.get("flow"), StatusCode::BAD_REQUEST);
            consent_refused(&state, &parts, flow, failure, answered).await
        }
    }
}

async fn try_consent(state: &App, parts: &Parts, params: &Params) -> Result<Redirect, Error> {
    let session = session::find(state, &parts.headers)
        .await?
        .ok_or_else(|| Refusal::new(&rules::SESSION_REQUIRED))?;
    let decision = ConsentDecision {
        flow: params.get("flow").unwrap_or_default().to_owned(),
        // Whatever is not plainly a yes is a no.
        decision: match params.get("decision") {
            Some("allow") => Decision::Allow,
            _ => Decision::Deny,
        },
        scopes: Some(params.all("scope").map(str::to_owned).collect()),
    };
    consenting::answer(state, &parts.headers, &session, &decision).await
}

pub(super) async fn setup(State(state): State<AppState>, request: Request<Body>) -> Response {
    let (parts, params) = read(request).await;
    let params = match params {
        Ok(params) => params,
        Err(refusal) => return refused(&state, &parts, refusal.into()).await,
    };
    let text = |name| params.get(name).unwrap_or_default().to_owned();
    let form = CreateAdministrator {
        token: text("token"),
        username: text("username"),
        email: text("email"),
        password: text("password"),
    };
    let user = match setting_up::create_administrator(&state, &form).await {
        Ok(user) => user,
        Err(setting_up::SetupFailure::Fields(errors)) => {
            let page = SetupPage {
                token: form.token,
                username: form.username,
                email: form.email,
                errors: errors.0,
            };
            let data = data(&state, None, PageContent::Setup(page));
            return render(&parts, data, StatusCode::UNPROCESSABLE_ENTITY).await;
        }
        Err(setting_up::SetupFailure::Failed(failure)) => {
            return refused(&state, &parts, failure).await;
        }
    };
    match sign_in::open_session(&state, &parts.headers, None, user, None).await {
        Ok((_, cookies)) => {
            let mut response = see_other(routes::APPS);
            for cookie in cookies {
                set_cookie(&mut response, cookie);
            }
            response
        }
        Err(failure) => refused(&state, &parts, failure).await,
    }
}
