//! Bearer tokens at our own protected resources (RFC 6750).

use app::rules;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;

use crate::crypto::hash::{credential_hash, equal};
use crate::domain::bearer::{Credential, Kind};
use crate::domain::grant::{AccessToken, Dead};
use crate::domain::refusal::Refusal;
use crate::domain::user::User;
use crate::http::answer::Failure;
use crate::state::State;

/// What a bearer token proves.
pub(super) struct Bearer {
    pub(super) token: AccessToken,
    /// Absent when the application acts for itself.
    pub(super) user: Option<User>,
}

/// The token of a request, which must hold `scope`. Only the header is read: a token in a URL
/// ends up in logs (RFC 9700 §4.3.2).
///
/// # Errors
/// `bearer-missing`, `bearer-malformed`, `bearer-twice`, `token-unknown`, `token-expired`,
/// `token-revoked`, `scope-insufficient`.
pub(super) async fn authenticate(
    state: &State,
    headers: &HeaderMap,
    scope: &str,
) -> Result<Bearer, Failure> {
    let credential = read(headers)?;
    let unknown = || Refusal::new(&rules::TOKEN_UNKNOWN);
    let found = state
        .store
        .find_access_token(credential.id)
        .await?
        .filter(|found| equal(&credential_hash(&credential), &found.token.secret_hash))
        .ok_or_else(unknown)?;
    let now = state.now();
    found.check(now).map_err(|dead| {
        Refusal::new(match dead {
            Dead::Expired => &rules::TOKEN_EXPIRED,
            Dead::Revoked => &rules::TOKEN_REVOKED,
        })
    })?;
    let (token, user) = (found.token, found.user);
    // Deleting an application ends what it holds.
    let client = state.store.client(&token.client_id).await?;
    // A client id that was free again may be somebody else's by now.
    if client.is_none_or(|client| token.created_at < client.created_at) {
        return Err(unknown().into());
    }
    if !token.scopes.contains(scope) {
        return Err(Refusal::new(&rules::SCOPE_INSUFFICIENT)
            .expected(scope)
            .received(token.scopes.to_string())
            .into());
    }
    if token.first_used_at.is_none() && token.grant_id.is_some() {
        state.store.mark_used(token.id, now).await?;
    }
    Ok(Bearer { token, user })
}

fn read(headers: &HeaderMap) -> Result<Credential, Refusal> {
    let mut sent = headers.get_all(AUTHORIZATION).iter();
    let Some(header) = sent.next() else {
        return Err(Refusal::new(&rules::BEARER_MISSING));
    };
    if sent.next().is_some() {
        return Err(Refusal::new(&rules::BEARER_TWICE));
    }
    let malformed = || Refusal::new(&rules::BEARER_MALFORMED);
    let (scheme, token) = header
        .to_str()
        .ok()
        .and_then(|header| header.split_once(' '))
        .ok_or_else(malformed)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Refusal::new(&rules::BEARER_MISSING));
    }
    let token = token.trim();
    if token.is_empty() || token.contains(' ') {
        return Err(malformed());
    }
    Credential::parse(Kind::AccessToken, token).ok_or_else(|| Refusal::new(&rules::TOKEN_UNKNOWN))
}
