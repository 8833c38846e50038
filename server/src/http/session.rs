//! Who is signed in: the session cookie in, the session out.

use std::time::Duration;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::header::SET_COOKIE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use contract::rules;

use super::cookies::Cookie;
use super::response::problem;
use crate::crypto::hash::{credential_hash, equal};
use crate::domain::credential::{Credential, CredentialKind};
use crate::domain::refusal::Refusal;
use crate::domain::session::{ABSOLUTE_LIFETIME, Session};
use crate::error::Error;
use crate::state::{App, AppState};

/// The live session of a request, if there is one.
///
/// # Errors
/// The database fails.
pub async fn find(state: &App, headers: &HeaderMap) -> Result<Option<Session>, Error> {
    let Some(credential) = Cookie::Session
        .read(headers, &state.url)
        .and_then(|text| Credential::parse(CredentialKind::Session, text))
    else {
        return Ok(None);
    };
    let Some((session, hash)) = state.store.find_session(credential.id).await? else {
        return Ok(None);
    };
    let now = state.now();
    if !equal(&credential_hash(&credential), &hash) || !session.is_live(now) {
        return Ok(None);
    }
    if session.wants_touch(now) {
        state.store.touch_session(session.id, now);
    }
    Ok(Some(session))
}

/// The cookie of a new session. It lives as long as the session may at the most; that the
/// session ends earlier when it is not used is the server's business.
pub fn cookie(state: &App, credential: &Credential) -> Option<HeaderValue> {
    Cookie::Session.write(&credential.reveal(), ABSOLUTE_LIFETIME, &state.url)
}

/// Adds a cookie to an answer.
pub fn set_cookie(response: &mut Response, cookie: Option<HeaderValue>) {
    if let Some(cookie) = cookie {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
}

/// Takes the session cookie away.
pub fn clear_cookie(state: &App, response: &mut Response) {
    set_cookie(
        response,
        Cookie::Session.write("", Duration::ZERO, &state.url),
    );
}

/// A user is signed in. As an extractor of the API: 401 `session-required` otherwise.
#[derive(Clone, Debug)]
pub struct SignedIn(pub Session);

impl FromRequestParts<AppState> for SignedIn {
    type Rejection = Response;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &AppState,
    ) -> Result<Self, Self::Rejection> {
        match find(state, &parts.headers).await {
            Ok(Some(session)) => Ok(Self(session)),
            Ok(None) => Err(problem(&Refusal::new(&rules::SESSION_REQUIRED), &state.url)),
            Err(failure) => Err(problem(&failure.refusal(), &state.url)),
        }
    }
}

impl OptionalFromRequestParts<AppState> for SignedIn {
    type Rejection = Response;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &AppState,
    ) -> Result<Option<Self>, Self::Rejection> {
        find(state, &parts.headers)
            .await
            .map(|session| session.map(Self))
            .map_err(|failure| problem(&failure.refusal(), &state.url).into_response())
    }
}
