//! Who is the client? (RFC 6749 §2.3, §3.2.1)

use std::sync::Arc;

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use contract::rules;

use super::client_assertion;
use crate::domain::assertion::{Assertion, ReplayKey};
use crate::domain::client::{AuthMethod, Client};
use crate::domain::refusal::Refusal;
use crate::error::Error;
use crate::http::PeerAddress;
use crate::http::authorization;
use crate::http::params::Params;
use crate::services::clients;
use crate::state::App;

/// How the client says who it is. Without `Debug`: nothing writes a secret down.
#[derive(Clone)]
pub(super) enum Credentials {
    /// `Authorization: Basic`.
    Basic { client_id: String, secret: String },
    /// `client_id` and `client_secret` in the form.
    Body { client_id: String, secret: String },
    /// `client_id` only: a public client.
    Named { client_id: String },
    /// `client_assertion`: a statement that the client has signed.
    Assertion(Box<Assertion>),
}

impl Credentials {
    pub(super) fn client_id(&self) -> &str {
        match self {
            Self::Basic { client_id, .. }
            | Self::Body { client_id, .. }
            | Self::Named { client_id } => client_id,
            Self::Assertion(assertion) => &assertion.subject,
        }
    }
}

/// Whether an error has to say that Basic would be a way to authenticate (RFC 6749 §5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Challenge {
    Basic,
    None,
}

/// Reads the credentials without checking them.
///
/// # Errors
/// `client-auth-twice`, `client-auth-malformed`, `client-auth-missing`; those of assertions.
pub(super) fn read(headers: &HeaderMap, params: &Params) -> Result<Credentials, Refusal> {
    let body_id = params.get("client_id");
    let body_secret = params.get("client_secret");
    // An empty secret beside an assertion is a second way too: nothing falls back to it.
    // Half an assertion is one that is malformed, and nothing else in its place.
    let assertion = ["client_assertion", "client_assertion_type"];
    let assertion = assertion.into_iter().any(|name| params.get(name).is_some());
    let secret = params
        .iter()
        .any(|(name, value)| name == "client_secret" && (assertion || !value.is_empty()));
    let header = headers.contains_key(AUTHORIZATION);
    if usize::from(header) + usize::from(secret) + usize::from(assertion) > 1 {
        return Err(Refusal::new(&rules::CLIENT_AUTH_TWICE));
    }
    if let Some((client_id, secret)) = authorization::basic(headers)? {
        if body_id.is_some_and(|id| id != client_id) {
            return Err(Refusal::new(&rules::CLIENT_AUTH_TWICE)
                .detail("The header and the form name different clients."));
        }
        return Ok(Credentials::Basic { client_id, secret });
    }
    if body_secret.is_none()
        && let Some(assertion) = client_assertion::read(params)?
    {
        return Ok(Credentials::Assertion(assertion));
    }
    match (body_id, body_secret) {
        (Some(id), Some(secret)) => Ok(Credentials::Body {
            client_id: id.to_owned(),
            secret: secret.to_owned(),
        }),
        (Some(id), None) => Ok(Credentials::Named {
            client_id: id.to_owned(),
        }),
        (None, _) => Err(Refusal::new(&rules::CLIENT_AUTH_MISSING)),
    }
}

/// Checks the credentials.
///
/// # Errors
/// `client-auth-failed` (the same for an unknown client and for a wrong secret),
/// `client-auth-missing` when a confidential client only names itself, `client-auth-public`,
/// `client-auth-method`; those of assertions.
pub(super) async fn authenticate(
    state: &App,
    credentials: &Credentials,
    endpoint: &str,
    peer: PeerAddress,
) -> Result<Arc<Client>, Error> {
    let client_id = credentials.client_id();
    let Some(client) = clients::resolve(state, client_id, peer).await? else {
        return Err(Refusal::new(&rules::CLIENT_AUTH_FAILED).into());
    };
    let (client, once) = match check(state, &client, credentials, endpoint).await {
        Ok(once) => (client, once),
        // As `clients::checked` does, for a check that may fetch keys.
        Err(_) => {
            let fresh = clients::fresh(state, client_id).await?;
            let client = fresh.ok_or_else(|| Refusal::new(&rules::CLIENT_AUTH_FAILED))?;
            let once = check(state, &client, credentials, endpoint).await?;
            (client, once)
        }
    };
    if let Some(once) = once {
        Box::pin(client_assertion::consume(state, &client.client_id, &once)).await?;
    }
    state.client_used(&client, state.now());
    Ok(client)
}

/// An assertion that holds has to be used up yet.
async fn check(
    state: &App,
    client: &Client,
    credentials: &Credentials,
    endpoint: &str,
) -> Result<Option<ReplayKey>, Refusal> {
    let Credentials::Assertion(assertion) = credentials else {
        return by_secret(state, client, credentials).map(|()| None);
    };
    let settings = &client.settings;
    let keys = settings.jwks.is_some() || settings.jwks_uri.is_some();
    method(client, AuthMethod::PrivateKeyJwt)?;
    if !client.is_confidential() || !keys {
        return Err(
            Refusal::new(&rules::CLIENT_AUTH_METHOD).received(AuthMethod::PrivateKeyJwt.name())
        );
    }
    Box::pin(client_assertion::check(state, client, assertion, endpoint))
        .await
        .map(Some)
}

/// An application that is registered for one way to authenticate is taken in no other one.
fn method(client: &Client, sent: AuthMethod) -> Result<(), Refusal> {
    match client.settings.token_endpoint_auth_method {
        Some(registered) if registered != sent => Err(Refusal::new(&rules::CLIENT_AUTH_METHOD)
            .expected(registered.name())
            .received(sent.name())),
        _ => Ok(()),
    }
}

fn by_secret(state: &App, client: &Client, credentials: &Credentials) -> Result<(), Refusal> {
    let secret = match (credentials, client.is_confidential()) {
        (Credentials::Named { .. }, false) => return Ok(()),
        (Credentials::Named { .. }, true) => {
            return Err(Refusal::new(&rules::CLIENT_AUTH_MISSING));
        }
        // A public client has no secret; some libraries send an empty one in the header.
        (Credentials::Basic { secret, .. }, false) if secret.is_empty() => return Ok(()),
        (_, false) => return Err(Refusal::new(&rules::CLIENT_AUTH_PUBLIC)),
        (Credentials::Basic { secret, .. }, true) => {
            method(client, AuthMethod::ClientSecretBasic)?;
            secret
        }
        (Credentials::Body { secret, .. }, true) => {
            method(client, AuthMethod::ClientSecretPost)?;
            secret
        }
        (Credentials::Assertion(_), true) => {
            return Err(Refusal::new(&rules::CLIENT_AUTH_FAILED));
        }
    };
    let now = state.now();
    let live = client
        .secrets
        .iter()
        .filter(|known| known.is_live(now))
        .map(|known| (known.hash.as_slice(), known));
    match state.client_secrets.find(secret, live) {
        Some(known) => {
            state.secret_used(known.id, known.last_used_at, now);
            Ok(())
        }
        None => Err(Refusal::new(&rules::CLIENT_AUTH_FAILED)),
    }
}

/// Whether a failed authentication is answered with `WWW-Authenticate: Basic`: when the header
/// was used, or when nothing was.
pub(super) fn challenge(headers: &HeaderMap, params: &Params) -> Challenge {
    let in_form = ["client_secret", "client_assertion"];
    let in_form = in_form.into_iter().any(|name| params.get(name).is_some());
    if headers.contains_key(AUTHORIZATION) || !in_form {
        Challenge::Basic
    } else {
        Challenge::None
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    fn header(value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, value.parse().unwrap());
        headers
    }

    fn form(text: &str) -> Params {
        Params::parse(text.as_bytes()).unwrap()
    }

    /// RFC 6749 §2.3.1: the halves of Basic credentials are form-urlencoded.
    #[test]
    fn basic_credentials_are_decoded_after_they_are_split() {
        // a%3Ab:p%2Bq, that is the id `a:b` and the secret `p+q`; `%2D` is a hyphen.
        for (plain, id, secret) in [
            ("a%3Ab:p%2Bq", "a:b", "p+q"),
            ("a%2Db:c:d", "a-b", "c:d"),
            ("a+b:", "a b", ""),
        ] {
            let headers = header(&format!("Basic {}", STANDARD.encode(plain)));
            assert_eq!(
                read(&headers, &form("")).ok().and_then(|read| match read {
                    Credentials::Basic { client_id, secret } => Some((client_id, secret)),
                    _ => None,
                }),
                Some((id.to_owned(), secret.to_owned()))
            );
        }
    }

    #[test]
    fn who_sends_what_is_refused_by_which_rule() {
        let good = format!("Basic {}", STANDARD.encode("a:b"));
        let no_colon = format!("Basic {}", STANDARD.encode("ab"));
        for (headers, params, rule) in [
            (HeaderMap::new(), "", "client-auth-missing"),
            (HeaderMap::new(), "client_secret=x", "client-auth-missing"),
            (header("Basic %%%"), "", "client-auth-malformed"),
            (header("Bearer x"), "", "client-auth-malformed"),
            (header(&no_colon), "", "client-auth-malformed"),
            (
                header(&good),
                "client_id=a&client_secret=b",
                "client-auth-twice",
            ),
            (header(&good), "client_secret=b", "client-auth-twice"),
            (header(&good), "client_id=c", "client-auth-twice"),
            (
                HeaderMap::new(),
                "client_id=a&client_assertion=x",
                "assertion-type",
            ),
            (
                HeaderMap::new(),
                "client_id=a&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3A\
                    client-assertion-type%3Asaml2-bearer&client_assertion=x",
                "assertion-type",
            ),
            (
                HeaderMap::new(),
                "client_id=a&client_assertion_type=x",
                "assertion-type",
            ),
            (
                HeaderMap::new(),
                "client_assertion=x&client_secret=",
                "client-auth-twice",
            ),
            (header(&good), "client_assertion=x", "client-auth-twice"),
            (
                header(&good),
                "client_assertion_type=x",
                "client-auth-twice",
            ),
            (
                HeaderMap::new(),
                "client_id=a&client_secret=b&client_assertion_type=x",
                "client-auth-twice",
            ),
        ] {
            assert_eq!(
                read(&headers, &form(params)).err().map(|r| r.rule.id),
                Some(rule),
                "{params}"
            );
        }
        assert!(read(&header(&good), &form("client_id=a")).is_ok());
    }
}
