//! The rules of an authorization request, in their order: the first failure wins. The same for
//! a request that comes through the browser and for one that is pushed.

use std::sync::Arc;

use contract::rules;
use uuid::Uuid;

use super::prompt;
use crate::crypto::jose;
use crate::domain::authorization::{AuthorizationRequest, ResponseMode, ResponseTarget};
use crate::domain::client::{Client, GrantType};
use crate::domain::pkce::{self, CodeChallenge};
use crate::domain::redirect_uri;
use crate::domain::refusal::Refusal;
use crate::domain::scope::GrantSubject;
use crate::error::Error;
use crate::http::PeerAddress;
use crate::http::params::Params;
use crate::services::{clients, resource};
use crate::state::App;

/// A request that needs nothing more but a person.
pub(crate) struct Checked {
    pub(crate) request: AuthorizationRequest,
    pub(crate) client: Arc<Client>,
    /// Unknown names in `scope`.
    pub(crate) ignored_scopes: Vec<String>,
}

/// How a refusal travels.
pub(crate) enum AuthorizeError {
    /// The redirect URI is not known to be the client's, so there is no redirect
    /// (RFC 6749 §4.1.2.1, RFC 9700 §4.11).
    OnPage {
        failure: Error,
        /// If it is known.
        client: Option<Arc<Client>>,
    },
    ByRedirect {
        refusal: Refusal,
        client_id: String,
        to: ResponseTarget,
    },
}

/// Which way the parameters took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sent {
    ThroughTheBrowser,
    /// By the client itself (RFC 9126).
    Pushed,
}

/// The client of a request that came through the browser, which proves nothing.
pub(super) async fn client(
    state: &App,
    params: &Params,
    peer: PeerAddress,
) -> Result<Arc<Client>, AuthorizeError> {
    let unknown = |failure| AuthorizeError::OnPage {
        failure,
        client: None,
    };
    let client_id = match params.once("client_id") {
        Ok(Some(client_id)) => client_id,
        Ok(None) => return Err(unknown(Refusal::new(&rules::CLIENT_ID_MISSING).into())),
        Err(refusal) => return Err(unknown(refusal.into())),
    };
    let found = match clients::resolve(state, client_id, peer).await {
        Ok(Some(_)) => clients::checked(state, client_id, Client::ensure_enabled).await,
        Ok(None) => Ok(None),
        Err(failure) => Err(failure),
    };
    match found {
        Ok(Some((client, Ok(())))) => Ok(client),
        Ok(Some((client, Err(refusal)))) => Err(AuthorizeError::OnPage {
            failure: refusal.into(),
            client: Some(client),
        }),
        Ok(None) => {
            let received: String = client_id.chars().take(100).collect();
            let refusal = Refusal::new(&rules::CLIENT_UNKNOWN).received(received);
            Err(unknown(refusal.into()))
        }
        Err(failure) => Err(unknown(failure)),
    }
}

/// Everything after the client: its redirect URI first, since that decides where every later
/// error goes.
pub(crate) async fn check(
    state: &App,
    params: &Params,
    client: Arc<Client>,
    sent: Sent,
    flow_id: Uuid,
) -> Result<Checked, AuthorizeError> {
    let known = |client: &Client| redirect(params, client);
    let (client, redirect_uri) = match clients::checked(state, &client.client_id, known).await {
        Ok(Some((client, Ok(redirect_uri)))) => (client, redirect_uri),
        Ok(Some((client, Err(refusal)))) => {
            return Err(AuthorizeError::OnPage {
                failure: refusal.into(),
                client: Some(client),
            });
        }
        Ok(None) => {
            return Err(AuthorizeError::OnPage {
                failure: Refusal::new(&rules::CLIENT_UNKNOWN).into(),
                client: None,
            });
        }
        Err(failure) => {
            return Err(AuthorizeError::OnPage {
                failure,
                client: Some(client),
            });
        }
    };
    let to = response_target(params, redirect_uri);
    match rest(state, params, &client, sent, flow_id, &to).await {
        Ok((request, ignored_scopes)) => Ok(Checked {
            request,
            client,
            ignored_scopes,
        }),
        Err(failure) => Err(AuthorizeError::ByRedirect {
            refusal: failure.refusal(),
            client_id: client.client_id.clone(),
            to,
        }),
    }
}

fn redirect(params: &Params, client: &Client) -> Result<String, Refusal> {
    let sent = params.once("redirect_uri")?;
    let settings = &client.settings;
    if sent.is_none() && is_openid(params) {
        // OpenID Connect Core 1.0 §3.1.2.1: there it is never left out.
        return Err(Refusal::new(&rules::REDIRECT_URI_MISSING)
            .detail("A request with the scope openid has to name its redirect_uri.")
            .expected_all(settings.redirect_uris.iter().cloned()));
    }
    redirect_uri::resolve(sent, &settings.redirect_uris, settings.client_type).map(str::to_owned)
}

fn is_openid(params: &Params) -> bool {
    let mut scopes = params.all("scope");
    scopes.any(|scope| scope.split(' ').any(|name| name == "openid"))
}

/// Where every answer goes from here on. A mode that can't be read is none: what is refused for
/// it goes by query.
fn response_target(params: &Params, redirect_uri: String) -> ResponseTarget {
    let mode = params.once("response_mode").ok().flatten();
    ResponseTarget {
        redirect_uri,
        mode: mode.and_then(ResponseMode::parse).unwrap_or_default(),
        state: params.get("state").map(str::to_owned),
    }
}

async fn rest(
    state: &App,
    params: &Params,
    client: &Client,
    sent: Sent,
    flow_id: Uuid,
    to: &ResponseTarget,
) -> Result<(AuthorizationRequest, Vec<String>), Error> {
    params.no_repeats()?;
    let pushed_only = state.options.require_pushed_requests
        || client.settings.require_pushed_authorization_requests;
    if pushed_only && sent == Sent::ThroughTheBrowser {
        // RFC 9126 §5, §6.
        return Err(Refusal::new(&rules::PUSHED_REQUEST_REQUIRED).into());
    }
    if params.get("request").is_some() {
        return Err(Refusal::new(&rules::REQUEST_OBJECT_UNSUPPORTED).into());
    }
    if params.get("registration").is_some() {
        return Err(Refusal::new(&rules::REGISTRATION_UNSUPPORTED).into());
    }
    let response_mode = response_mode(params.get("response_mode"))?;
    response_type(params.get("response_type"), client)?;
    let code_challenge = pkce::challenge(
        params.get("code_challenge"),
        params.get("code_challenge_method"),
        client.settings.require_pkce || !client.is_confidential(),
    )?;
    let asked = resource::requested_access(state, params, client, GrantSubject::User).await?;
    let prompt = prompt::parse(params.get("prompt"))?;
    let max_age = prompt::max_age(params.get("max_age"))?;
    let hinted_user = hinted_user(state, params.get("id_token_hint"), client)?;
    let nonce = params.get("nonce").map(text).transpose()?;
    let request = AuthorizationRequest {
        flow_id,
        client_id: client.client_id.clone(),
        redirect_uri: to.redirect_uri.clone(),
        redirect_uri_sent: params.get("redirect_uri").is_some(),
        response_mode,
        scopes: asked.scopes.to_vec(),
        resources: asked.resources,
        state: to.state.clone(),
        nonce,
        code_challenge: code_challenge
            .as_ref()
            .map(CodeChallenge::as_str)
            .map(str::to_owned),
        prompt,
        max_age,
        acr_values: prompt::acr_values(params.get("acr_values")),
        login_hint: params.get("login_hint").map(str::to_owned),
        hinted_user,
        started_at: state.now().millis(),
    };
    Ok((request, asked.ignored))
}

/// The default of `response_type=code` is `query` (OAuth 2.0 Multiple Response Type Encoding
/// Practices §2.1).
fn response_mode(sent: Option<&str>) -> Result<ResponseMode, Refusal> {
    let Some(name) = sent else {
        return Ok(ResponseMode::default());
    };
    ResponseMode::parse(name).ok_or_else(|| {
        Refusal::new(&rules::RESPONSE_MODE_UNSUPPORTED)
            .expected_all(ResponseMode::ALL.map(|mode| mode.name().to_owned()))
            .received(name)
    })
}

fn response_type(sent: Option<&str>, client: &Client) -> Result<(), Refusal> {
    match sent {
        None => Err(Refusal::new(&rules::RESPONSE_TYPE_MISSING).expected("code")),
        Some("code") if client.holds(GrantType::AuthorizationCode) => Ok(()),
        Some("code") => Err(Refusal::new(&rules::RESPONSE_TYPE_NOT_ALLOWED).received("code")),
        Some(other) => Err(Refusal::new(&rules::RESPONSE_TYPE_UNSUPPORTED)
            .expected("code")
            .received(other)),
    }
}

/// The person that an `id_token_hint` names; it has to be a token of ours for this client.
fn hinted_user(state: &App, hint: Option<&str>, client: &Client) -> Result<Option<Uuid>, Refusal> {
    let Some(token) = hint else {
        return Ok(None);
    };
    jose::read_hint(&state.keys(), state.url.issuer(), token)
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
