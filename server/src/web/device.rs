//! `/device`: the page on which a person types the code of a device, and its plain forms.

use axum::body::Body;
use axum::extract::State;
use axum::http::header::RETRY_AFTER;
use axum::http::request::Parts;
use axum::http::{HeaderValue, Request, StatusCode, Uri};
use axum::response::Response;
use contract::routes;
use contract::rules;
use contract::wire::consent::Decision;
use contract::wire::device::DeviceDecision;
use contract::wire::page::{DevicePage, PageContent};

use super::forms::read;
use super::pages::{data, refused};
use super::render::render;
use crate::domain::redirect_uri::with_query;
use crate::domain::refusal::Refusal;
use crate::domain::session::Session;
use crate::error::Error;
use crate::http::address::PeerAddress;
use crate::http::params::Params;
use crate::http::request_id::RefusedBy;
use crate::http::response::see_other;
use crate::http::session;
use crate::services::device;
use crate::state::{App, AppState};

/// Characters of a code that are shown again.
const SHOWN: usize = 40;

/// `/o/device` and the like: where people of other providers look first.
pub(super) async fn elsewhere(uri: Uri) -> Response {
    see_other(&here(typed(&uri).as_deref()))
}

/// The form. A code in the URL is filled in and no more (RFC 8628 §3.3.1, §5.4).
pub(super) async fn show(State(state): State<AppState>, parts: Parts) -> Response {
    let code = typed(&parts.uri);
    match session::find(&state, &parts.headers).await {
        Ok(Some(session)) => {
            let page = DevicePage {
                user_code: code.unwrap_or_default(),
                ..DevicePage::default()
            };
            page_of(&state, &parts, &session, page, StatusCode::OK).await
        }
        Ok(None) => to_login(code.as_deref()),
        Err(failure) => refused(&state, &parts, failure).await,
    }
}

/// A code: what it stands for. A code and a decision: the decision.
pub(super) async fn submit(
    State(state): State<AppState>,
    address: PeerAddress,
    request: Request<Body>,
) -> Response {
    let (parts, params) = read(request).await;
    let answer = match params {
        Ok(params) => try_submit(&state, &parts, address, &params).await,
        Err(refusal) => Err(refusal.into()),
    };
    match answer {
        Ok(response) => response,
        Err(failure) => refused(&state, &parts, failure).await,
    }
}

async fn try_submit(
    state: &App,
    parts: &Parts,
    address: PeerAddress,
    params: &Params,
) -> Result<Response, Error> {
    let code = params.once("user_code")?.unwrap_or_default();
    let decision = match params.once("decision")? {
        None => None,
        Some("allow") => Some(Decision::Allow),
        Some("deny") => Some(Decision::Deny),
        Some(_) => return Err(Refusal::new(&rules::DEVICE_DECISION_UNKNOWN).into()),
    };
    let Some(session) = session::find(state, &parts.headers).await? else {
        return Ok(to_login(Some(&cut(code))));
    };
    let done = match decision {
        None => device::ask(state, &session, address, code)
            .await
            .map(|request| DevicePage {
                request: Some(request),
                ..DevicePage::default()
            }),
        Some(decision) => {
            let decision = DeviceDecision {
                user_code: code.to_owned(),
                decision,
                scopes: Some(params.all("scope").map(str::to_owned).collect()),
            };
            device::answer(state, &session, address, &decision)
                .await
                .map(|status| DevicePage {
                    decided: Some(status),
                    ..DevicePage::default()
                })
        }
    };
    let refusal = match done {
        Ok(page) => return Ok(page_of(state, parts, &session, page, StatusCode::OK).await),
        Err(failure) => failure.refusal(),
    };
    // What the person can fix is said beside the field; everything else on a page of its own.
    let Some(error) = device::at_field(&refusal) else {
        return Err(refusal.into());
    };
    let page = DevicePage {
        user_code: cut(code),
        error: Some(error),
        ..DevicePage::default()
    };
    let status = match refusal.rule.status {
        429 => StatusCode::TOO_MANY_REQUESTS,
        _ => StatusCode::OK,
    };
    let mut response = page_of(state, parts, &session, page, status).await;
    if let Some(seconds) = refusal.retry_after {
        let headers = response.headers_mut();
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response.extensions_mut().insert(RefusedBy(refusal.rule.id));
    Ok(response)
}

async fn page_of(
    state: &App,
    parts: &Parts,
    session: &Session,
    page: DevicePage,
    status: StatusCode,
) -> Response {
    let content = PageContent::Device(Box::new(page));
    render(parts, data(state, Some(session), content), status).await
}

/// The code in the URL.
fn typed(uri: &Uri) -> Option<String> {
    let params = Params::parse(uri.query().unwrap_or_default().as_bytes()).ok()?;
    params.get("user_code").map(cut)
}

fn cut(code: &str) -> String {
    code.chars().take(SHOWN).collect()
}

fn here(code: Option<&str>) -> String {
    match code {
        Some(code) if !code.is_empty() => with_query(routes::DEVICE, &[("user_code", code)]),
        _ => routes::DEVICE.to_owned(),
    }
}

fn to_login(code: Option<&str>) -> Response {
    see_other(&with_query(routes::LOGIN, &[("next", &here(code))]))
}
