//! `/o/authorize` (RFC 6749 §4.1.1, OpenID Connect Core 1.0 §3.1.2).
//!
//! `checks` holds the rules in their order; this file decides how a refusal travels: on a page
//! until the redirect URI is known to be the client's, by redirect from there on.

mod checks;
mod prompt;
mod pushed;

pub(super) use self::checks::{AuthorizeError, Sent, check};
pub(super) use self::pushed::REQUEST_URI;

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{ALLOW, SET_COOKIE};
use axum::http::{HeaderMap, Method, Request};
use axum::response::{IntoResponse, Response};
use contract::wire::flow::{StepName, StepOutcome};
use contract::wire::page::RefusedPage;
use contract::{routes, rules};
use uuid::Uuid;

use self::checks::Checked;
use crate::domain::refusal::Refusal;
use crate::error::Error;
use crate::http::params::{FromBrowser, Params, from_query_or_form};
use crate::http::request_id::RefusedBy;
use crate::http::response::{authorization_response, page, see_other};
use crate::http::{PeerAddress, RequestId, session};
use crate::services::flow::{AuthorizeStep, Checks, Trace, advance, error_response, ticket};
use crate::state::AppState;

/// How a trace calls what happens here.
const STEP: StepName = StepName::AuthorizationRequest;

pub(super) async fn handle(
    State(state): State<AppState>,
    id: RequestId,
    peer: PeerAddress,
    request: Request<Body>,
) -> Response {
    let (parts, body) = request.into_parts();
    let line = format!("{} {}", parts.method, routes::AUTHORIZE);
    let only_looks = parts.method == Method::HEAD;
    let params = match from_query_or_form(&parts, body, routes::AUTHORIZE).await {
        Ok(FromBrowser::Params(params)) => params,
        Ok(FromBrowser::Again(location)) => return see_other(&location),
        Err(refusal) => return on_page(&refusal, id.0, None),
    };
    let mut trace = Trace::begin(id.0);
    if only_looks {
        return looked_at(&state, &params, id, peer, &mut trace).await;
    }
    let answer = authorize(&state, &parts.headers, &params, id, peer, &line, &mut trace).await;
    trace.write(&state, state.now());
    answer
}

pub(super) async fn method_not_allowed(id: RequestId) -> Response {
    let refusal = Refusal::new(&rules::METHOD_NOT_ALLOWED);
    ([(ALLOW, "GET, POST")], on_page(&refusal, id.0, None)).into_response()
}

async fn authorize(
    state: &AppState,
    headers: &HeaderMap,
    params: &Params,
    id: RequestId,
    peer: PeerAddress,
    line: &str,
    trace: &mut Trace,
) -> Response {
    let now = state.now();
    let checked = match checked(state, params, id, peer, trace).await {
        Ok(checked) => checked,
        Err(error) => return refused(state, error, params, line, trace),
    };
    let Checked {
        request,
        client,
        ignored_scopes,
    } = checked;
    trace.client(&client.client_id);
    trace.step(STEP, line, StepOutcome::Ok, now);
    trace.parameters(Checks::Authorize, params, None);
    trace.ignored_scopes(&ignored_scopes);
    let next = async {
        let session = session::find(state, headers).await?;
        let next = advance(state, &request, &client, session.as_ref(), trace).await?;
        Ok::<_, Error>((next, session))
    }
    .await;
    let sealed = match next {
        Ok((AuthorizeStep::Answer(answer), _)) => return authorization_response(answer),
        Ok((AuthorizeStep::SignIn, _)) => ticket::bind(state, headers, None, &request)
            .map(|bound| (ticket::login_path(&bound.ticket), bound.cookies)),
        Ok((AuthorizeStep::Consent, Some(session))) => {
            ticket::bind(state, headers, Some(&session), &request)
                .map(|bound| (ticket::consent_path(&bound.ticket), bound.cookies))
        }
        Ok((AuthorizeStep::Consent, None)) => return fault(state, &request, Error::Internal),
        Err(failure) => return fault(state, &request, failure),
    };
    match sealed {
        Ok((location, cookies)) => {
            let mut response = see_other(&location);
            for cookie in cookies {
                response.headers_mut().append(SET_COOKIE, cookie);
            }
            response
        }
        Err(error) => fault(state, &request, error.into()),
    }
}

/// The answer to HEAD: what GET would be told before anything is made of the request. Nothing is
/// written or minted, so no ticket and no code is in it (RFC 9110 §9.3.2 lets it leave out what
/// only GET makes).
async fn looked_at(
    state: &AppState,
    params: &Params,
    id: RequestId,
    peer: PeerAddress,
    trace: &mut Trace,
) -> Response {
    match checked(state, params, id, peer, trace).await {
        Ok(_) => see_other(routes::LOGIN),
        Err(error) => refused(state, error, params, "", trace),
    }
}

/// How a refusal travels, and what the owner reads of it.
fn refused(
    state: &AppState,
    error: AuthorizeError,
    params: &Params,
    line: &str,
    trace: &mut Trace,
) -> Response {
    let now = state.now();
    match error {
        AuthorizeError::OnPage { failure, client } => {
            let refusal = failure.refusal();
            if let Some(client) = &client {
                trace.client(&client.client_id);
            }
            trace.refused(STEP, line, &refusal, now);
            trace.parameters(Checks::Authorize, params, Some(&refusal));
            let application = client.map(|client| client.settings.name.clone());
            on_page(&refusal, trace.id(), application)
        }
        AuthorizeError::ByRedirect {
            refusal,
            client_id,
            to,
        } => {
            trace.client(&client_id);
            trace.refused(STEP, line, &refusal, now);
            trace.parameters(Checks::Authorize, params, Some(&refusal));
            let answer = error_response(&state.url, to, &refusal);
            refused_by(authorization_response(answer), &refusal)
        }
    }
}

/// The client, the pushed request that it may have sent, and the rules of either.
async fn checked(
    state: &AppState,
    params: &Params,
    id: RequestId,
    peer: PeerAddress,
    trace: &mut Trace,
) -> Result<Checked, AuthorizeError> {
    let client = checks::client(state, params, peer).await?;
    match pushed::resolve(state, params, &client).await {
        Ok(None) => check(state, params, client, Sent::ThroughTheBrowser, id.0).await,
        Ok(Some(pushed)) => {
            *trace = Trace::resume(pushed.flow_id);
            check(state, &pushed.params, client, Sent::Pushed, pushed.flow_id).await
        }
        Err(failure) => Err(AuthorizeError::OnPage {
            failure,
            client: Some(client),
        }),
    }
}

/// Something of ours broke after the redirect URI was checked: the client is told
/// (RFC 6749 §4.1.2.1, `temporarily_unavailable`).
fn fault(
    state: &AppState,
    request: &crate::domain::authorization::AuthorizationRequest,
    failure: Error,
) -> Response {
    let refusal = failure.refusal();
    let answer = error_response(&state.url, request.response_target(), &refusal);
    refused_by(authorization_response(answer), &refusal)
}

fn refused_by(mut response: Response, refusal: &Refusal) -> Response {
    response.extensions_mut().insert(RefusedBy(refusal.rule.id));
    response
}

/// A page, never a redirect: it may not have been the client that sent the browser here.
fn on_page(refusal: &Refusal, flow_id: Uuid, application: Option<String>) -> Response {
    let traced = application.is_some();
    page(
        refusal,
        RefusedPage {
            explanation: explanation(refusal, application.as_deref()),
            application,
            received: refusal.received.clone(),
            request_id: flow_id.to_string(),
            traced,
            ..RefusedPage::default()
        },
    )
}

/// What to say to the person in front of the page; the rule itself is for the developer.
fn explanation(refusal: &Refusal, application: Option<&str>) -> String {
    if refusal.rule.status >= 500 {
        "Something on our side didn't work. Go back and try again in a moment.".to_owned()
    } else {
        let runners = match application {
            Some(name) => format!("the people who run {name}"),
            None => "the people who run the app".to_owned(),
        };
        format!(
            "To keep you safe, we stopped here. You did nothing wrong, and there's nothing for you \
             to fix; {runners} can."
        )
    }
}
