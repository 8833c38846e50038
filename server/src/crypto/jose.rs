//! The kinds of JWT that we sign, and how they are read back. The `typ` of the header keeps one
//! kind from being taken for another (RFC 8725 §3.11).

use serde::Serialize;
use uuid::Uuid;

use super::jws::verify;
use super::keyring::KeyRing;
use super::public_key::PublicKey;
use crate::domain::claims::PersonClaims;
use crate::domain::jws::{self, Unverified, Verified};
use crate::domain::time::Timestamp;

/// The claims of an id_token (OpenID Connect Core 1.0 §2). Times are NumericDates: seconds.
#[derive(Clone, Debug, Serialize)]
pub struct IdTokenClaims {
    pub iss: String,
    pub sub: String,
    pub aud: String,
    pub exp: i64,
    pub iat: i64,
    pub auth_time: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    pub at_hash: String,
    /// OpenID Connect Core 1.0 §2.
    pub acr: String,
    /// Names of RFC 8176.
    pub amr: Vec<String>,
    pub sid: String,
    pub jti: String,
    #[serde(flatten)]
    pub person: PersonClaims,
}

/// `typ` of an id_token.
pub const ID_TOKEN: &str = "JWT";
/// `typ` of an access token (RFC 9068 §2.1).
pub const ACCESS_TOKEN: &str = "at+jwt";
/// `typ` of a logout token (OpenID Connect Back-Channel Logout 1.0 §2.4).
pub const LOGOUT_TOKEN: &str = "logout+jwt";

/// The claims of an access token (RFC 9068 §2.2). Times are NumericDates: seconds.
#[derive(Clone, Debug, Serialize)]
pub struct AccessTokenClaims {
    pub iss: String,
    pub exp: i64,
    pub aud: Audience,
    /// The person, or the client that acts for itself.
    pub sub: String,
    pub client_id: String,
    pub iat: i64,
    pub jti: String,
    /// Absent when there is none: RFC 6749 §3.3 knows no empty one.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub scope: String,
    /// This and the two below: when and how the person signed in (RFC 9068 §2.2.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amr: Option<Vec<String>>,
}

/// `aud`: one name as it is, several as a list (RFC 7519 §4.1.3).
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Audience {
    /// These resource servers; `own` when none is named.
    pub fn of(resources: &[String], own: &str) -> Self {
        match resources {
            [] => Self::One(own.to_owned()),
            [one] => Self::One(one.clone()),
            several => Self::Several(several.to_vec()),
        }
    }
}

/// The `jti` of an access token that we signed. Whether it still counts stands in its row.
pub fn read_access_token(
    ring: &KeyRing,
    issuer: &str,
    token: &str,
    now: Timestamp,
) -> Option<Uuid> {
    let token = jws::parse(token).ok()?;
    // RFC 9068 §4: an id_token is no access token.
    if token.header("typ")? != ACCESS_TOKEN {
        return None;
    }
    let key = ring.find(token.header("kid")?.as_str()?, now)?;
    let claims = verified(&token, key, issuer)?;
    claims.text("jti")?.parse().ok()
}

/// What matters of an `id_token_hint`.
#[derive(Clone, Debug)]
pub struct Hint {
    pub sub: String,
    pub aud: String,
    /// The session in which it was issued.
    pub sid: Option<String>,
}

/// Reads an id_token that we signed. Its age does not matter: a hint may have expired
/// (OpenID Connect Core 1.0 §3.1.2.1), and the key that signed it may have retired.
pub fn read_hint(ring: &KeyRing, issuer: &str, token: &str) -> Option<Hint> {
    let token = jws::parse(token).ok()?;
    if token.header("typ")? != ID_TOKEN {
        return None;
    }
    let key = ring.ever(token.header("kid")?.as_str()?)?;
    let claims = verified(&token, key, issuer)?;
    Some(Hint {
        sub: claims.text("sub")?.to_owned(),
        aud: claims.text("aud")?.to_owned(),
        sid: claims.text("sid").map(str::to_owned),
    })
}

/// The claims of a token that this key signed for this issuer. Times are the caller's business,
/// who knows the clock.
fn verified<'a>(token: &'a Unverified, key: &PublicKey, issuer: &str) -> Option<Verified<'a>> {
    let claims = verify(token, key)?;
    let complete = claims.text("iss") == Some(issuer)
        && claims.get("sub").is_some()
        && claims.get("aud").is_some();
    complete.then_some(claims)
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::crypto::jws::sign;
    use crate::crypto::keyring::generate;
    use crate::crypto::random::Random;
    use crate::crypto::secret_key::SecretKey;
    use crate::domain::client::SigningAlg;

    proptest! {
        #[test]
        fn no_token_panics(head in ".{0,40}", text in ".{0,80}", typ in "at\\+jwt|JWT") {
            let ring = KeyRing::open(Vec::new(), &SecretKey::new([1; 32])).unwrap();
            let header = json!({ "alg": "ES256", "kid": head, "typ": typ }).to_string();
            let signed = format!("{}.{text}", URL_SAFE_NO_PAD.encode(header));
            for token in [text, signed, format!("{head}..")] {
                prop_assert!(read_access_token(&ring, "x", &token, Timestamp(0)).is_none());
                prop_assert!(read_hint(&ring, "x", &token).is_none());
            }
        }
    }

    #[test]
    fn one_kind_of_token_is_never_taken_for_another() {
        let key = SecretKey::new([1; 32]);
        let now = Timestamp(1_700_000_000_000);
        let issuer = "https://a.example/o";
        let record = generate(SigningAlg::EdDsa, &key, &Random::System, now, now).unwrap();
        let ring = KeyRing::open(vec![record], &key).unwrap();
        let jti = Uuid::from_u128(7);
        let claims = json!({ "iss": issuer, "sub": "ada", "aud": "app", "exp": 1, "jti": jti });
        for typ in ["JWT", "at+jwt", "logout+jwt", ""] {
            let token = sign(&ring, SigningAlg::EdDsa, typ, &claims, now).unwrap();
            let access = read_access_token(&ring, issuer, &token, now);
            assert_eq!(access.is_some(), typ == "at+jwt", "{typ}");
            assert_eq!(
                read_hint(&ring, issuer, &token).is_some(),
                typ == "JWT",
                "{typ}"
            );
            assert!(read_access_token(&ring, "https://b.example/o", &token, now).is_none());
        }
    }

    #[test]
    fn an_id_token_of_every_algorithm_is_read_back_as_a_hint() {
        let key = SecretKey::new([1; 32]);
        let now = Timestamp(1_700_000_000_000);
        for alg in SigningAlg::ALL {
            let record = generate(alg, &key, &Random::System, now, now).unwrap();
            let ring = KeyRing::open(vec![record], &key).unwrap();
            let claims =
                json!({ "iss": "https://a.example/o", "sub": "ada", "aud": "app", "exp": 1 });
            let token = sign(&ring, alg, ID_TOKEN, &claims, now).unwrap();
            let hint = read_hint(&ring, "https://a.example/o", &token).unwrap();
            assert_eq!((hint.sub.as_str(), hint.aud.as_str()), ("ada", "app"));
            assert!(read_hint(&ring, "https://b.example/o", &token).is_none());
            let (head, _) = token.rsplit_once('.').unwrap();
            let forged = format!("{head}.{}", URL_SAFE_NO_PAD.encode([0; 64]));
            assert!(read_hint(&ring, "https://a.example/o", &forged).is_none());
        }
    }
}
