//! Bearer tokens at our own protected resources (RFC 6750).

use axum::http::HeaderMap;
use contract::rules;

use super::access_token;
use crate::domain::grant::{FoundAccessToken, InactiveReason};
use crate::domain::refusal::Refusal;
use crate::error::Error;
use crate::http::authorization;
use crate::http::params::Params;
use crate::state::App;

/// The token of a request's header, with the grant and the person behind it, if there are any.
/// It must be for this server and hold `scope`. A token in a URL is never read: it ends up in
/// logs (RFC 9700 §4.3.2).
///
/// # Errors
/// `bearer-missing`, `bearer-malformed`, `bearer-twice`, `token-unknown`, `token-expired`,
/// `token-revoked`, `token-audience`, `scope-insufficient`.
pub(super) async fn authenticate(
    state: &App,
    headers: &HeaderMap,
    scope: &str,
) -> Result<FoundAccessToken, Error> {
    let text =
        authorization::bearer(headers)?.ok_or_else(|| Refusal::new(&rules::BEARER_MISSING))?;
    check(state, text, scope).await
}

/// The same for a token that may stand in the form in place of the header (RFC 6750 §2.2).
///
/// # Errors
/// As [`authenticate`]; `bearer-twice` when it stands in both.
pub(super) async fn authenticate_form(
    state: &App,
    headers: &HeaderMap,
    form: &Params,
    scope: &str,
) -> Result<FoundAccessToken, Error> {
    let in_form = form.once("access_token")?;
    let text = match (authorization::bearer(headers), in_form) {
        (Ok(None), Some(text)) => text,
        (Ok(Some(_)) | Err(_), Some(_)) => return Err(Refusal::new(&rules::BEARER_TWICE).into()),
        (in_header, None) => in_header?.ok_or_else(|| Refusal::new(&rules::BEARER_MISSING))?,
    };
    check(state, text, scope).await
}

async fn check(state: &App, text: &str, scope: &str) -> Result<FoundAccessToken, Error> {
    let unknown = || Refusal::new(&rules::TOKEN_UNKNOWN);
    let found = access_token::lookup(state, text)
        .await?
        .ok_or_else(unknown)?;
    let now = state.now();
    found.check(now).map_err(|dead| {
        Refusal::new(match dead {
            InactiveReason::Expired => &rules::TOKEN_EXPIRED,
            InactiveReason::Revoked => &rules::TOKEN_REVOKED,
        })
    })?;
    let token = &found.token;
    // Deleting or disabling an application ends what it holds.
    if access_token::issuing_client(state, token).await?.is_none() {
        return Err(unknown().into());
    }
    for_this_server(state, &token.audience)?;
    if !token.scopes.contains(scope) {
        return Err(Refusal::new(&rules::SCOPE_INSUFFICIENT)
            .expected(scope)
            .received(token.scopes.to_string())
            .into());
    }
    if token.first_used_at.is_none() && token.grant_id.is_some() {
        state.store.mark_used(token.id, now).await?;
    }
    Ok(found)
}

/// A token that names resource servers is valid only there (RFC 9068 §4). A token that names none
/// is for this server.
fn for_this_server(state: &App, audience: &[String]) -> Result<(), Refusal> {
    let own = || state.url.own_resources().into_iter().map(|(uri, _)| uri);
    if audience.is_empty() || own().any(|uri| audience.contains(&uri)) {
        return Ok(());
    }
    Err(Refusal::new(&rules::TOKEN_AUDIENCE)
        .expected_all(own())
        .received(audience.join(" ")))
}
