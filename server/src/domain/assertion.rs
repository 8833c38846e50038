//! Client assertions: a signed statement in place of a secret (RFC 7523 §2.2, §3; OpenID Connect
//! Core 1.0 §9, `private_key_jwt`). This module checks what needs no keys: header and claims. It
//! does not check the signature.

use std::time::Duration;

use contract::rules::{self, Rule};
use serde_json::Value;

use super::client::SigningAlg;
use super::jws::{self, Malformed, Unverified, Verified};
use super::refusal::Refusal;
use super::time::Timestamp;

/// `client_assertion_type` (RFC 7523 §2.2).
pub const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// From when it was made to when it expires, at most.
/// Some libraries let every assertion live so long; the `jti` is kept until then.
pub const LONGEST_LIFETIME: Duration = Duration::from_hours(1);
/// By how much the client's clock may be ahead of ours. None is given at the end: there
/// the client has chosen its own margin.
pub const CLOCK_SKEW: Duration = Duration::from_secs(30);
/// Bytes of a `jti` or `kid`.
const NAME_LENGTH: usize = 500;
/// `typ` of assertions; another kind of JWT is none (RFC 8725 §3.11).
const TYPES: [&str; 2] = ["jwt", "client-authentication+jwt"];

/// An assertion as it was sent. Nothing in it is true before its signature was checked.
#[derive(Clone)]
pub struct Assertion {
    pub jws: Unverified,
    pub alg: SigningAlg,
    /// A hint only (RFC 7515 §4.1.4).
    pub kid: Option<String>,
    /// The client that it speaks for.
    pub subject: String,
}

/// What is remembered of an assertion that holds, so that it is used once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplayKey {
    pub jti: String,
    pub until: Timestamp,
}

/// Reads an assertion.
///
/// # Errors
/// `assertion-malformed`, `assertion-algorithm`, `assertion-claims`.
pub fn read(text: &str) -> Result<Assertion, Refusal> {
    let malformed = || Refusal::new(&rules::ASSERTION_MALFORMED);
    let jws = jws::parse(text).map_err(|why| match why {
        Malformed::Form => malformed(),
        Malformed::Critical => malformed().detail("The header asks for extensions (crit)."),
    })?;
    let typ = match jws.header("typ") {
        None => true,
        Some(Value::String(typ)) => {
            let typ = typ.to_ascii_lowercase();
            TYPES.contains(&typ.strip_prefix("application/").unwrap_or(&typ))
        }
        Some(_) => false,
    };
    if !typ {
        return Err(malformed().detail("Its typ says that it is another kind of JWT."));
    }
    let alg = jws.alg().ok_or_else(|| {
        let named = jws.header("alg").and_then(Value::as_str);
        Refusal::new(&rules::ASSERTION_ALGORITHM)
            .expected_all(SigningAlg::ALL.map(|alg| alg.name().to_owned()))
            .received(
                named
                    .unwrap_or_default()
                    .chars()
                    .take(40)
                    .collect::<String>(),
            )
    })?;
    let kid = match jws.header("kid") {
        None => None,
        Some(Value::String(kid)) if kid.len() <= NAME_LENGTH => Some(kid.clone()),
        Some(_) => return Err(malformed().detail("Its kid is no text, or a very long one.")),
    };
    Ok(Assertion {
        subject: filled(jws.unverified_claim("sub"), "sub")?.to_owned(),
        jws,
        alg,
        kid,
    })
}

/// Whether the claims hold (RFC 7523 §3). `audiences`: what this server calls itself where the
/// assertion was sent, one of which it has to name.
///
/// # Errors
/// `assertion-claims`, `assertion-subject`, `assertion-audience`, `assertion-expired`,
/// `assertion-lifetime`, `assertion-early`.
pub fn check(
    claims: Verified<'_>,
    client_id: &str,
    audiences: &[String],
    now: Timestamp,
) -> Result<ReplayKey, Refusal> {
    let claim = |name| filled(claims.get(name), name);
    // §3 items 1 and 2, and OpenID Connect Core 1.0 §9: both are the client id.
    if claim("sub")? != client_id || claim("iss")? != client_id {
        return Err(Refusal::new(&rules::ASSERTION_SUBJECT).expected(client_id));
    }
    // §3 item 3.
    let named = match claims.get("aud") {
        Some(Value::String(one)) => vec![one.as_str()],
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
        _ => return Err(missing("aud")),
    };
    if !audiences.iter().any(|ours| named.contains(&ours.as_str())) {
        return Err(Refusal::new(&rules::ASSERTION_AUDIENCE)
            .expected_all(audiences.iter().cloned())
            .received(named.join(" ")));
    }
    let until = times(claims, now)?;
    // §3 item 7, which OpenID Connect Core 1.0 §9 makes a duty.
    let jti = claim("jti")?;
    if jti.len() > NAME_LENGTH {
        return Err(missing("jti"));
    }
    Ok(ReplayKey {
        jti: jti.to_owned(),
        until,
    })
}

/// §3 items 4 to 6. When it ends.
fn times(claims: Verified<'_>, now: Timestamp) -> Result<Timestamp, Refusal> {
    let expires = time(claims, "exp")?.ok_or_else(|| missing("exp"))?;
    let issued = time(claims, "iat")?;
    let begins = time(claims, "nbf")?;
    let latest = now + CLOCK_SKEW;
    if expires <= now {
        return Err(at(&rules::ASSERTION_EXPIRED, now, expires));
    }
    if let Some(early) = issued.max(begins).filter(|time| *time > latest) {
        return Err(at(&rules::ASSERTION_EARLY, now, early));
    }
    if expires > issued.unwrap_or(latest) + LONGEST_LIFETIME {
        return Err(at(&rules::ASSERTION_LIFETIME, now, expires));
    }
    Ok(expires)
}

/// A NumericDate (RFC 7519 §2): seconds, perhaps with a fraction.
fn time(claims: Verified<'_>, name: &'static str) -> Result<Option<Timestamp>, Refusal> {
    let Some(value) = claims.get(name) else {
        return Ok(None);
    };
    let seconds = match value.as_i64() {
        Some(seconds) => seconds,
        // What is too big for a number of ours is far in the future.
        #[allow(clippy::cast_possible_truncation, reason = "such a cast saturates")]
        None => value.as_f64().ok_or_else(|| missing(name))?.floor() as i64,
    };
    Ok(Some(Timestamp(0).plus_seconds(seconds)))
}

fn filled<'a>(claim: Option<&'a Value>, name: &'static str) -> Result<&'a str, Refusal> {
    claim
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty())
        .ok_or_else(|| missing(name))
}

fn missing(name: &'static str) -> Refusal {
    Refusal::new(&rules::ASSERTION_CLAIMS)
        .detail(format!("The claim {name} is missing or malformed."))
        .received(name)
}

fn at(rule: &'static Rule, now: Timestamp, claimed: Timestamp) -> Refusal {
    Refusal::new(rule)
        .expected(format!("now {}", now.seconds()))
        .received(claimed.seconds().to_string())
}

#[cfg(test)]
#[path = "assertion_tests.rs"]
mod tests;
