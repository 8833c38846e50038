//! The rules of an authorization request, in their order: the first failure wins.

use std::sync::Arc;

use app::rules;
use uuid::Uuid;

use super::prompt;
use crate::crypto::jose;
use crate::domain::application::{Application, GrantType};
use crate::domain::authorization::{AuthorizationRequest, ResponseMode};
use crate::domain::pkce::{self, CodeChallenge};
use crate::domain::redirect_uri;
use crate::domain::refusal::Refusal;
use crate::domain::scope::{self, For};
use crate::http::answer::Failure;
use crate::http::params::Params;
use crate::state::State;

/// A request that needs nothing more but a person.
pub(super) struct Checked {
    pub(super) request: AuthorizationRequest,
    pub(super) client: Arc<Application>,
}

/// How a refusal travels.
pub(super) enum Refused {
    /// The redirect URI is not known to be the client's: nobody is redirected
    /// (RFC 6749 §4.1.2.1, RFC 9700 §4.11).
    OnPage {
        failure: Failure,
        /// Id and name, if the client is known.
        client: Option<(String, String)>,
    },
    ByRedirect {
        refusal: Refusal,
        client_id: String,
        redirect_uri: String,
    },
}

/// Client and redirect URI first, since they decide where every later error goes.
pub(super) async fn check(
    state: &State,
    params: &Params,
    flow_id: Uuid,
) -> Result<Checked, Refused> {
    let client = client(state, params)
        .await
        .map_err(|failure| Refused::OnPage {
            failure,
            client: None,
        })?;
    let (client, redirect_uri) = match redirect(params, &client) {
        Ok(redirect_uri) => (client, redirect_uri),
        // The application may have been changed by another process a moment ago.
        Err(_) => {
            let fresh = state.store.fresh_client(&client.client_id).await;
            let client = fresh.ok().flatten().unwrap_or(client);
            let redirect_uri = redirect(params, &client).map_err(|refusal| Refused::OnPage {
                failure: refusal.into(),
                client: Some((client.client_id.clone(), client.settings.name.clone())),
            })?;
            (client, redirect_uri)
        }
    };
    match rest(state, params, &client, flow_id, redirect_uri.clone()) {
        Ok(request) => Ok(Checked { request, client }),
        Err(refusal) => Err(Refused::ByRedirect {
            refusal,
            client_id: client.client_id.clone(),
            redirect_uri,
        }),
    }
}

async fn client(state: &State, params: &Params) -> Result<Arc<Application>, Failure> {
    let client_id = params
        .once("client_id")?
        .ok_or_else(|| Refusal::new(&rules::CLIENT_ID_MISSING))?;
    let client = state.store.client(client_id).await?;
    Ok(client.ok_or_else(|| {
        Refusal::new(&rules::CLIENT_UNKNOWN)
            .received(client_id.chars().take(100).collect::<String>())
    })?)
}

fn redirect(params: &Params, client: &Application) -> Result<String, Refusal> {
    // Not offered here (RFC 9126, RFC 9101): parameters by reference are never fetched.
    if params.get("request_uri").is_some() {
        return Err(Refusal::new(&rules::REQUEST_URI_UNSUPPORTED));
    }
    let sent = params.once("redirect_uri")?;
    redirect_uri::resolve(sent, &client.settings.redirect_uris).map(str::to_owned)
}

fn rest(
    state: &State,
    params: &Params,
    client: &Application,
    flow_id: Uuid,
    redirect_uri: String,
) -> Result<AuthorizationRequest, Refusal> {
    params.no_repeats()?;
    if params.get("request").is_some() {
        return Err(Refusal::new(&rules::REQUEST_OBJECT_UNSUPPORTED));
    }
    response_mode(params.get("response_mode"))?;
    response_type(params.get("response_type"), client)?;
    let code_challenge = pkce::challenge(
        params.get("code_challenge"),
        params.get("code_challenge_method"),
        client.settings.require_pkce || !client.is_confidential(),
    )?;
    let scopes = scope::requested(
        params.get("scope").filter(|text| !text.trim().is_empty()),
        &client.settings.scopes,
        For::User,
    )?;
    no_resource(params)?;
    let prompt = prompt::parse(params.get("prompt"))?;
    let max_age = prompt::max_age(params.get("max_age"))?;
    let hinted_user = hinted_user(state, params.get("id_token_hint"), client)?;
    let nonce = params.get("nonce").map(text).transpose()?;
    Ok(AuthorizationRequest {
        flow_id,
        client_id: client.client_id.clone(),
        redirect_uri,
        redirect_uri_sent: params.get("redirect_uri").is_some(),
        response_mode: ResponseMode::Query,
        scopes: scopes.to_vec(),
        resources: Vec::new(),
        state: params.get("state").map(str::to_owned),
        nonce,
        code_challenge: code_challenge
            .as_ref()
            .map(CodeChallenge::as_str)
            .map(str::to_owned),
        prompt,
        max_age,
        acr_values: Vec::new(),
        login_hint: params.get("login_hint").map(str::to_owned),
        hinted_user,
        started_at: state.now().millis(),
    })
}

/// Only the default of `response_type=code` so far.
fn response_mode(mode: Option<&str>) -> Result<(), Refusal> {
    match mode {
        None | Some("query") => Ok(()),
        Some(other) => Err(Refusal::new(&rules::RESPONSE_MODE_UNSUPPORTED)
            .expected("query")
            .received(other)),
    }
}

fn response_type(sent: Option<&str>, client: &Application) -> Result<(), Refusal> {
    match sent {
        None => Err(Refusal::new(&rules::RESPONSE_TYPE_MISSING).expected("code")),
        Some("code") if client.holds(GrantType::AuthorizationCode) => Ok(()),
        Some("code") => Err(Refusal::new(&rules::RESPONSE_TYPE_NOT_ALLOWED).received("code")),
        Some(other) => Err(Refusal::new(&rules::RESPONSE_TYPE_UNSUPPORTED)
            .expected("code")
            .received(other)),
    }
}

/// No resource server is registered, so none can be named (RFC 8707 §2).
pub(crate) fn no_resource(params: &Params) -> Result<(), Refusal> {
    match params.all("resource").next() {
        None => Ok(()),
        Some(resource) => Err(Refusal::new(&rules::RESOURCE_UNKNOWN).received(resource)),
    }
}

/// The person that an `id_token_hint` names; it has to be a token of ours for this client.
fn hinted_user(
    state: &State,
    hint: Option<&str>,
    client: &Application,
) -> Result<Option<Uuid>, Refusal> {
    let Some(token) = hint else {
        return Ok(None);
    };
    jose::read_hint(&state.keys(), state.url.issuer(), token, state.now())
        .filter(|hint| hint.aud == client.client_id)
        .and_then(|hint| Uuid::parse_str(&hint.sub).ok())
        .map(Some)
        .ok_or_else(|| Refusal::new(&rules::ID_TOKEN_HINT_INVALID))
}

/// What is stored has to be text that every database takes.
fn text(value: &str) -> Result<String, Refusal> {
    if value.contains('\0') {
        return Err(Refusal::new(&rules::REQUEST_NOT_UTF8));
    }
    Ok(value.to_owned())
}
