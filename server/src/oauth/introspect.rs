//! `/o/introspect` (RFC 7662): what a token says, for its application and for the resource
//! servers that it is for. To add a member: a field here, and its row in the tests.

use axum::body::Body;
use axum::extract::State;
use axum::http::Request;
use axum::response::Response;
use contract::{routes, rules};
use serde::Serialize;

use super::access_token;
use super::endpoint::{ClientRequest, run};
use super::methods::Cors;
use super::token::source;
use crate::crypto::jose::Audience;
use crate::domain::claims::claims_for;
use crate::domain::client::Client;
use crate::domain::credential::Credential;
use crate::domain::grant::{AccessToken, Grant, RefreshToken};
use crate::domain::refusal::Refusal;
use crate::domain::scope::Scopes;
use crate::domain::session::acr;
use crate::domain::user::User;
use crate::error::Error;
use crate::http::response::private_json;
use crate::services::resource;
use crate::state::{App, AppState};

/// RFC 7662 §2.2. What is inactive says nothing but that.
#[derive(Default, Serialize)]
struct Introspection {
    active: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exp: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    iat: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nbf: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    aud: Option<Audience>,
    #[serde(skip_serializing_if = "Option::is_none")]
    iss: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    jti: Option<String>,
    #[serde(flatten)]
    signed_in: Option<SignedIn>,
}

/// When and how the person signed in (RFC 9470 §6.2).
#[derive(Serialize)]
struct SignedIn {
    auth_time: i64,
    acr: &'static str,
    amr: Vec<String>,
}

impl From<&Grant> for SignedIn {
    fn from(grant: &Grant) -> Self {
        Self {
            auth_time: grant.auth_time.seconds(),
            acr: acr(&grant.amr),
            amr: grant.methods(),
        }
    }
}

pub(super) async fn handle(State(state): State<AppState>, request: Request<Body>) -> Response {
    run(
        &state,
        request,
        routes::INTROSPECT,
        Cors::Never,
        async |request| introspect(&state, request).await,
    )
    .await
}

/// The token's form says what kind it is, so `token_type_hint` has nothing to add.
async fn introspect(state: &AppState, request: ClientRequest) -> Result<Response, Error> {
    // RFC 7662 §2.1: the caller has to be authorized; a public client proves nothing.
    if !request.client.is_confidential() {
        return Err(Refusal::new(&rules::INTROSPECTION_PUBLIC).into());
    }
    let text = request
        .params
        .get("token")
        .ok_or_else(|| Refusal::new(&rules::TOKEN_MISSING))?;
    let answer = match source::parse::<RefreshToken>(text) {
        Some(credential) => Box::pin(refresh_token(state, &request.client, &credential)).await?,
        None => access_token(state, &request.client, text).await?,
    };
    Ok(private_json(answer.unwrap_or_default()))
}

async fn access_token(
    state: &App,
    asker: &Client,
    text: &str,
) -> Result<Option<Introspection>, Error> {
    let now = state.now();
    let Some(found) = access_token::lookup(state, text).await? else {
        return Ok(None);
    };
    let token = &found.token;
    if found.check(now).is_err() {
        return Ok(None);
    }
    let asked_by = match who_asks(state, asker, token).await? {
        Asker::Stranger => return Ok(None),
        known => known,
    };
    if token.first_used_at.is_none() && token.grant_id.is_some() {
        Box::pin(state.store.mark_used(token.id, now)).await?;
    }
    let issuer = state.url.issuer();
    Ok(Some(Introspection {
        active: true,
        scope: Some(token.scopes.to_string()),
        client_id: Some(token.client_id.clone()),
        username: found
            .user
            .as_ref()
            .and_then(|user| username(user, &token.scopes, asked_by)),
        token_type: Some("Bearer"),
        exp: Some(token.expires_at.seconds()),
        iat: Some(token.created_at.seconds()),
        nbf: Some(token.created_at.seconds()),
        sub: Some(token.subject()),
        aud: Some(Audience::of(&token.audience, issuer)),
        iss: Some(issuer.to_owned()),
        jti: Some(token.id.to_string()),
        signed_in: found.grant.as_ref().map(SignedIn::from),
    }))
}

/// What the asker is to a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asker {
    /// It speaks for a resource server in the audience.
    ResourceServer,
    /// The token was issued to it.
    Client,
    /// To anyone else the token is inactive (RFC 7662 §4).
    Stranger,
}

/// What an application that was disabled holds is inactive to everyone.
async fn who_asks(state: &App, asker: &Client, token: &AccessToken) -> Result<Asker, Error> {
    let own = token.client_id == asker.client_id;
    if own && !asker.is_enabled() {
        return Ok(Asker::Stranger);
    }
    let speaks = !token.audience.is_empty() && {
        let known = Box::pin(resource::known(state, &token.audience)).await?;
        known
            .iter()
            .any(|server| token.audience.contains(&server.uri) && server.is_spoken_for_by(asker))
    };
    Ok(match (speaks, own) {
        (true, true) => Asker::ResourceServer,
        (true, false) if access_token::issuing_client(state, token).await?.is_some() => {
            Asker::ResourceServer
        }
        (false, true) => Asker::Client,
        _ => Asker::Stranger,
    })
}

/// Who the person is: for a resource server, which has to know, and for a client that the person
/// told their name.
fn username(user: &User, scopes: &Scopes, asker: Asker) -> Option<String> {
    match asker {
        Asker::ResourceServer => Some(user.username.clone()),
        Asker::Client | Asker::Stranger => claims_for(user, scopes).preferred_username,
    }
}

/// Only its own application ever sees a refresh token, so no other client may ask about it.
async fn refresh_token(
    state: &App,
    asker: &Client,
    credential: &Credential,
) -> Result<Option<Introspection>, Error> {
    let found = source::find_own::<(RefreshToken, Grant)>(state, asker, credential).await?;
    let Some((token, grant)) = found else {
        return Ok(None);
    };
    if !asker.is_enabled()
        || token.consumed_at.is_some()
        || grant.revoked_at.is_some()
        || token.expires_at <= state.now()
    {
        return Ok(None);
    }
    let user = state.store.user_by_id(grant.user_id).await?;
    let Some(user) = user.filter(|user| user.disabled_at.is_none()) else {
        return Ok(None);
    };
    Ok(Some(Introspection {
        active: true,
        scope: Some(grant.scopes.to_string()),
        client_id: Some(token.client_id),
        username: username(&user, &grant.scopes, Asker::Client),
        exp: Some(token.expires_at.seconds()),
        iat: Some(token.created_at.seconds()),
        nbf: Some(token.created_at.seconds()),
        sub: Some(grant.user_id.to_string()),
        iss: Some(state.url.issuer().to_owned()),
        jti: Some(token.id.to_string()),
        signed_in: Some(SignedIn::from(&grant)),
        ..Introspection::default()
    }))
}
