//! What the token endpoint and those like it have in common: the order in which a
//! request is read, the client authenticated, and an answer finished.

use std::sync::Arc;

use axum::body::Body;
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, Request};
use axum::response::Response;
use contract::rules::Rule;
use contract::wire::flow::{FactName, StepName};
use contract::{routes, rules};

use super::client_auth::{self, Challenge};
use super::joined::{self, Joined};
use super::methods::{Cors, readable};
use crate::domain::client::{Client, GrantType};
use crate::domain::refusal::Refusal;
use crate::domain::time::Timestamp;
use crate::error::Error;
use crate::http::cors;
use crate::http::params::{self, Params};
use crate::http::response::oauth_error;
use crate::http::{PeerAddress, RequestId};
use crate::limits::quota::Quota;
use crate::services::clients;
use crate::services::flow::{Checks, Trace};
use crate::state::AppState;

/// An authenticated request.
pub(super) struct ClientRequest {
    pub(super) client: Arc<Client>,
    pub(super) params: Arc<Params>,
    pub(super) peer: PeerAddress,
}

impl ClientRequest {
    /// Takes one of what may be asked for without proof of who asks. A client that has proven who
    /// it is answers for itself.
    pub(super) fn take(
        &self,
        quota: &Quota,
        rule: &'static Rule,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        if self.client.is_confidential() {
            return Ok(());
        }
        quota
            .take(self.peer.0, Some(&self.client.client_id), now)
            .map_err(|wait| Refusal::new(rule).retry_after(wait))
    }
}

/// Runs an endpoint: reads, authenticates, lets `handler` answer, and turns what is refused into
/// an error of the protocol, with a trace for the application's owner.
pub(super) async fn run<F, Fut>(
    state: &AppState,
    request: Request<Body>,
    path: &'static str,
    cors: Cors,
    handler: F,
) -> Response
where
    F: FnOnce(ClientRequest) -> Fut,
    Fut: Future<Output = Result<Response, Error>>,
{
    let (parts, body) = request.into_parts();
    let headers = &parts.headers;
    let id = RequestId::of(state, &parts.extensions);
    let peer = PeerAddress::of(state, headers, &parts.extensions);
    let origin = cors::origin(headers).filter(|_| cors == Cors::ClientOrigins);
    let query = parts.uri.query().is_some_and(|query| !query.is_empty());
    let params = match params::form(headers, body).await {
        Ok(params) => Arc::new(params),
        Err(refusal) => {
            let response = oauth_error(&refusal, &state.url);
            return readable(state, response, origin, None).await;
        }
    };
    let answer = match authenticated(state, headers, &params, query, path, peer).await {
        Ok(client) => {
            let request = ClientRequest {
                client,
                params: Arc::clone(&params),
                peer,
            };
            handler(request).await
        }
        Err(failure) => Err(failure),
    };
    let response = match answer {
        Ok(response) => response,
        Err(failure) => {
            let refusal = failure.refusal();
            record(state, headers, &params, path, id, &refusal).await;
            let mut response = oauth_error(&refusal, &state.url);
            if refusal.rule.status == 401
                && client_auth::challenge(headers, &params) == Challenge::Basic
            {
                challenge(&mut response, state.url.base());
            }
            response
        }
    };
    if origin.is_none() {
        return response;
    }
    let client = named(state, headers, &params).await;
    readable(state, response, origin, client.as_deref()).await
}

async fn authenticated(
    state: &AppState,
    headers: &HeaderMap,
    params: &Params,
    query: bool,
    path: &str,
    peer: PeerAddress,
) -> Result<Arc<Client>, Error> {
    params.no_repeats()?;
    if query {
        // RFC 6749 §2.3.1: credentials never stand in a URL.
        return Err(Refusal::new(&rules::PARAMETERS_IN_QUERY).into());
    }
    let credentials = client_auth::read(headers, params)?;
    let client = client_auth::authenticate(state, &credentials, path, peer).await?;
    if client.is_enabled() {
        return Ok(client);
    }
    // One that is disabled learns so only after it has proven who it is.
    let id = &client.client_id;
    let (client, ()) = clients::with_client(state, id, Client::ensure_enabled).await?;
    Ok(client)
}

fn challenge(response: &mut Response, realm: &str) {
    if let Ok(value) = HeaderValue::from_str(&format!("Basic realm=\"{realm}\", charset=\"UTF-8\""))
    {
        response.headers_mut().insert(WWW_AUTHENTICATE, value);
    }
}

/// The client that a request names, whether or not it has proven to be it.
async fn named(state: &AppState, headers: &HeaderMap, params: &Params) -> Option<Arc<Client>> {
    let credentials = client_auth::read(headers, params);
    let client_id = match &credentials {
        Ok(credentials) => credentials.client_id(),
        Err(_) => params.get("client_id")?,
    };
    clients::known(state, client_id).await.ok().flatten()
}

/// Leaves a trace with the owner of the client that the request names.
async fn record(
    state: &AppState,
    headers: &HeaderMap,
    params: &Params,
    path: &str,
    id: RequestId,
    refusal: &Refusal,
) {
    let Some(client) = named(state, headers, params).await else {
        return;
    };
    let now = state.now();
    let grant = params.get("grant_type");
    let (step, checks) = match path {
        routes::TOKEN => {
            let grant = grant.and_then(GrantType::parse);
            (StepName::Token, Checks::Token(grant))
        }
        routes::PAR => (StepName::PushedRequest, Checks::Pushed),
        routes::DEVICE_AUTHORIZATION => (StepName::DeviceRequest, Checks::DeviceAuthorization),
        routes::INTROSPECT => (StepName::Introspection, Checks::OfToken),
        routes::REVOKE => (StepName::Revocation, Checks::OfToken),
        _ => (StepName::Request, Checks::Token(None)),
    };
    let joined = match refusal.flow {
        Some(id) => Some(Joined { id, over: false }),
        None => joined::flow(state, &client, params, path).await,
    };
    let mut trace = joined.map_or_else(|| Trace::begin(id.0), |flow| Trace::resume(flow.id));
    trace.client(&client.client_id);
    let way = if headers.contains_key(AUTHORIZATION) {
        " (Authorization: Basic)"
    } else {
        ""
    };
    trace.refused(step, &format!("POST {path}{way}"), refusal, now);
    trace.parameters(checks, params, Some(refusal));
    if step == StepName::Token {
        trace.fact(FactName::GrantType, grant.unwrap_or_default());
    }
    if joined.is_some_and(|flow| flow.over) {
        trace.leave_outcome();
    }
    trace.write(state, now);
}
