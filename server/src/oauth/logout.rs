//! `/o/logout` (OpenID Connect RP-Initiated Logout 1.0).
//!
//! An application sends the browser here. A page says what is wrong with the request; the server
//! never redirects to an unregistered address. A user whose request names one is asked and stays on
//! this server: signing out is the user's decision, wherever the request came from.
//! `services::logout` decides whether the user is asked first. `logout_hint` and `ui_locales` are
//! accepted and change nothing: the server knows who is signed in, and the pages speak one
//! language.

use contract::wire::flow::{StepName, StepOutcome};
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::header::ALLOW;
use axum::http::{HeaderMap, Request};
use axum::response::{IntoResponse, Response};
use contract::wire::page::{PageLink, RefusedPage};
use contract::{routes, rules};

use crate::crypto::jose;
use crate::domain::client::Client;
use crate::domain::logout::{HintedSession, LogoutRequest, client_id, redirect_uri};
use crate::domain::refusal::Refusal;
use crate::error::Error;
use crate::http::params::{FromBrowser, Params, from_query_or_form};
use crate::http::response::{page, see_other};
use crate::http::{RequestId, session};
use crate::services::clients;
use crate::services::flow::{Checks, Trace};
use crate::services::logout::{LogoutStep, begin};
use crate::state::AppState;

const STEP: StepName = StepName::LogoutRequest;

pub(super) async fn handle(
    State(state): State<AppState>,
    id: RequestId,
    request: Request<Body>,
) -> Response {
    let (parts, body) = request.into_parts();
    let line = format!("{} {}", parts.method, routes::END_SESSION);
    let params = match from_query_or_form(&parts, body, routes::END_SESSION).await {
        Ok(FromBrowser::Params(params)) => params,
        Ok(FromBrowser::Again(location)) => return see_other(&location),
        Err(refusal) => return on_page(&refusal, id, None),
    };
    let mut trace = Trace::begin(id.0);
    let mut client = None;
    let answer = log_out(
        &state,
        &parts.headers,
        &params,
        id,
        &line,
        &mut client,
        &mut trace,
    )
    .await;
    let response = match answer {
        Ok(response) => response,
        Err(failure) => {
            let refusal = failure.refusal();
            trace.refused(STEP, &line, &refusal, state.now());
            trace.parameters(Checks::Logout, &params, Some(&refusal));
            let name = client.map(|client| client.settings.name.clone());
            on_page(&refusal, id, name)
        }
    };
    trace.write(&state, state.now());
    response
}

pub(super) async fn method_not_allowed(id: RequestId) -> Response {
    let refusal = Refusal::new(&rules::METHOD_NOT_ALLOWED);
    ([(ALLOW, "GET, POST")], on_page(&refusal, id, None)).into_response()
}

async fn log_out(
    state: &AppState,
    headers: &HeaderMap,
    params: &Params,
    id: RequestId,
    line: &str,
    known: &mut Option<Arc<Client>>,
    trace: &mut Trace,
) -> Result<Response, Error> {
    params.no_repeats()?;
    let hint = match params.get("id_token_hint") {
        None => None,
        // Of any age, by a key of any age (RP-Initiated Logout 1.0 §4).
        Some(token) => Some(
            jose::read_hint(&state.keys(), state.url.issuer(), token)
                .ok_or_else(|| Refusal::new(&rules::LOGOUT_HINT_INVALID))?,
        ),
    };
    let hinted = hint.as_ref().map(|hint| hint.aud.as_str());
    let sent = params.get("post_logout_redirect_uri");
    let named = client_id(params.get("client_id"), hinted)?;
    let fits = |client: &Client| {
        client.ensure_enabled()?;
        redirect_uri(sent, Some(client))
    };
    let found = match named {
        Some(id) => clients::checked(state, id, fits).await?,
        None => None,
    };
    let client = found.as_ref().map(|(client, _)| client.clone());
    known.clone_from(&client);
    let to = if let Some((client, to)) = found {
        trace.client(&client.client_id);
        client.ensure_enabled()?;
        to
    } else {
        // A token of an application that is gone says still who wants to sign out. Only there is
        // nowhere to go afterwards.
        if let Some(id) = named
            && (sent.is_some() || params.get("client_id").is_some())
        {
            let id: String = id.chars().take(100).collect();
            return Err(Refusal::new(&rules::CLIENT_UNKNOWN).received(id).into());
        }
        redirect_uri(sent, None)
    };
    let now = state.now();
    let (redirect_uri, refusal) = match to {
        Ok(uri) => (uri, None),
        Err(refusal) => (None, Some(refusal)),
    };
    match &refusal {
        None => trace.step(STEP, line, StepOutcome::Ok, now),
        Some(refusal) => trace.refused(STEP, line, refusal, now),
    }
    trace.parameters(Checks::Logout, params, refusal.as_ref());
    let request = LogoutRequest {
        flow_id: id.0,
        redirect_uri,
        client_id: client.as_ref().map(|client| client.client_id.clone()),
        state: params.get("state").map(str::to_owned),
        refused: refusal.map(|refusal| refusal.rule.id.to_owned()),
    };
    let hint = hint.as_ref().map(|hint| HintedSession {
        sub: &hint.sub,
        sid: hint.sid.as_deref(),
    });
    let session = session::find(state, headers).await?;
    let next = begin(state, &request, hint, session.as_ref(), trace).await?;
    Ok(match next {
        LogoutStep::Ask(path) => see_other(&path),
        LogoutStep::SignedOut(location) => {
            let mut response = see_other(&location);
            session::clear_cookie(state, &mut response);
            response
        }
    })
}

fn on_page(refusal: &Refusal, id: RequestId, application: Option<String>) -> Response {
    let explanation = if refusal.rule.status >= 500 {
        "Something on our side didn't work. Go back and try again in a moment."
    } else {
        "You are still signed in. The app sent a request that can't be right, and only the people \
         who run it can fix that. You can sign out here all the same."
    };
    page(
        refusal,
        RefusedPage {
            explanation: explanation.to_owned(),
            traced: application.is_some(),
            application,
            received: refusal.received.clone(),
            request_id: id.0.to_string(),
            links: vec![PageLink::new(routes::LOGOUT, "Sign out here")],
            ..RefusedPage::default()
        },
    )
}
