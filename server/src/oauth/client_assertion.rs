//! `private_key_jwt`: the client signs a statement in place of showing a secret
//! (RFC 7523 §2.2, §3; OpenID Connect Core 1.0 §9).

use contract::{routes, rules};
use serde_json::Value;

use crate::crypto::hash::sha256;
use crate::crypto::jws::verify;
use crate::crypto::public_key::PublicKey;
use crate::domain::assertion::{self, Assertion, ReplayKey};
use crate::domain::client::Client;
use crate::domain::jwk::fits;
use crate::domain::jws::Verified;
use crate::domain::refusal::Refusal;
use crate::error::Error;
use crate::http::params::Params;
use crate::outbound::Want;
use crate::state::App;

/// The assertion of a request, if it has one or pretends to.
///
/// # Errors
/// `assertion-type`, `assertion-malformed`, `assertion-algorithm`, `assertion-claims`,
/// `assertion-subject` when `client_id` names another client.
pub(super) fn read(params: &Params) -> Result<Option<Box<Assertion>>, Refusal> {
    let kind = params.get("client_assertion_type");
    let text = match (kind, params.get("client_assertion")) {
        (None, None) => return Ok(None),
        (Some(assertion::TYPE), Some(text)) => text,
        (kind, _) => {
            return Err(Refusal::new(&rules::ASSERTION_TYPE)
                .expected(assertion::TYPE)
                .received(kind.unwrap_or_default()));
        }
    };
    let assertion = assertion::read(text)?;
    // RFC 7521 §4.2: optional, but the same client.
    match params.get("client_id") {
        Some(id) if id != assertion.subject => {
            Err(Refusal::new(&rules::ASSERTION_SUBJECT).expected(id))
        }
        _ => Ok(Some(Box::new(assertion))),
    }
}

/// Checks signature and claims; it is not used up yet.
///
/// # Errors
/// `assertion-signature`, `assertion-keys`, and those of [`assertion::check`].
pub(super) async fn check(
    state: &App,
    client: &Client,
    assertion: &Assertion,
    endpoint: &str,
) -> Result<ReplayKey, Refusal> {
    let claims = signed(state, client, assertion).await?.ok_or_else(|| {
        Refusal::new(&rules::ASSERTION_SIGNATURE)
            .received(assertion.kid.clone().unwrap_or_default())
    })?;
    // RFC 7523 §3 item 3 takes the token endpoint; RFC 8414 and later drafts the issuer; and
    // libraries the endpoint that they call.
    let mut audiences = vec![
        state.url.issuer().to_owned(),
        state.url.join(routes::TOKEN),
        state.url.join(endpoint),
    ];
    audiences.dedup();
    assertion::check(claims, &client.client_id, &audiences, state.now())
}

/// Uses it up.
///
/// # Errors
/// `assertion-replayed`; the database fails.
pub(super) async fn consume(state: &App, client_id: &str, once: &ReplayKey) -> Result<(), Error> {
    // The length first: no two pairs look alike.
    let length = client_id.len().to_be_bytes();
    let name = [&length, client_id.as_bytes(), once.jti.as_bytes()];
    let hash = sha256(&name.concat());
    // Another server, whose clock may be behind, takes it for a while longer.
    let until = once.until + assertion::CLOCK_SKEW;
    if state.store.use_assertion(hash, until).await? {
        Ok(())
    } else {
        Err(Refusal::new(&rules::ASSERTION_REPLAYED).into())
    }
}

/// The claims, if a key of the client has signed them.
async fn signed<'a>(
    state: &App,
    client: &Client,
    assertion: &'a Assertion,
) -> Result<Option<Verified<'a>>, Refusal> {
    let settings = &client.settings;
    if let Some(text) = &settings.jwks {
        let set: Value = serde_json::from_str(text).unwrap_or_default();
        let keys = set.get("keys").and_then(Value::as_array);
        return Ok(keys.and_then(|keys| by_one_of(named(keys, assertion), assertion)));
    }
    let Some(uri) = &settings.jwks_uri else {
        return Ok(None);
    };
    let outbound = &state.options.outbound;
    let unavailable = || Refusal::new(&rules::ASSERTION_KEYS).received(uri);
    let found = outbound.keys(uri, Want::Known, state.now()).await;
    let mut found = found.ok_or_else(unavailable)?;
    if named(&found.keys, assertion).is_empty() && !found.just_read {
        // The client may have changed its keys: once more, and not again.
        let newer = outbound.keys(uri, Want::Newer, state.now()).await;
        found = newer.ok_or_else(unavailable)?;
    }
    let candidates = named(&found.keys, assertion);
    if candidates.is_empty() {
        // A kid is a hint: some publish their keys under other names than they sign with.
        return Ok(by_one_of(found.keys.iter().collect(), assertion));
    }
    Ok(by_one_of(candidates, assertion))
}

/// The keys that the assertion can mean: those with its `kid`, else those without any; all
/// fitting ones when it names none (RFC 7515 §4.1.4).
fn named<'a>(keys: &'a [Value], assertion: &Assertion) -> Vec<&'a Value> {
    let fitting: Vec<_> = keys.iter().filter(|key| fits(key, assertion.alg)).collect();
    let Some(kid) = &assertion.kid else {
        return fitting;
    };
    let with = |kid: Option<&str>| -> Vec<&Value> {
        let same = |key: &&&Value| key.get("kid").and_then(Value::as_str) == kid;
        fitting.iter().filter(same).copied().collect()
    };
    let exact = with(Some(kid));
    if exact.is_empty() { with(None) } else { exact }
}

fn by_one_of<'a>(keys: Vec<&Value>, assertion: &'a Assertion) -> Option<Verified<'a>> {
    keys.into_iter()
        .filter_map(|key| PublicKey::from_jwk(key, assertion.alg))
        .find_map(|key| verify(&assertion.jws, &key))
}
