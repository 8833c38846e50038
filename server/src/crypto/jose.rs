//! id_tokens: written (RFC 7515 §7.1, compact serialization) and read back as hints.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::CryptoError;
use super::keyring::KeyRing;
use crate::domain::application::SigningAlg;
use crate::domain::time::Timestamp;

/// The claims of an id_token (OpenID Connect Core 1.0 §2). Times are NumericDates: seconds.
#[derive(Clone, Debug, Serialize, Deserialize)]
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
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email_verified: Option<bool>,
}

/// Signs claims with the active key of `alg`.
///
/// # Errors
/// No key, or the library fails.
pub fn sign(
    ring: &KeyRing,
    alg: SigningAlg,
    claims: &impl Serialize,
    now: Timestamp,
) -> Result<String, CryptoError> {
    let body = serde_json::to_vec(claims).map_err(|_| CryptoError::SigningKey("used"))?;
    let (mut token, signature) = ring.sign(alg, now, |kid| {
        let header = json!({ "alg": alg.name(), "kid": kid, "typ": "JWT" }).to_string();
        let mut message = URL_SAFE_NO_PAD.encode(header);
        message.push('.');
        URL_SAFE_NO_PAD.encode_string(&body, &mut message);
        message
    })?;
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(signature, &mut token);
    Ok(token)
}

/// What matters of an `id_token_hint`.
#[derive(Clone, Debug, Deserialize)]
pub struct Hint {
    pub sub: String,
    pub aud: String,
}

/// Reads an id_token that we signed. Its age does not matter: a hint may have expired
/// (OpenID Connect Core 1.0 §3.1.2.1).
pub fn read_hint(ring: &KeyRing, issuer: &str, token: &str, now: Timestamp) -> Option<Hint> {
    let header = jsonwebtoken::decode_header(token).ok()?;
    let record = ring.find(header.kid.as_deref()?, now)?;
    let algorithm = match record.alg {
        SigningAlg::Rs256 => Algorithm::RS256,
        SigningAlg::Ps256 => Algorithm::PS256,
        SigningAlg::Es256 => Algorithm::ES256,
        SigningAlg::EdDsa => Algorithm::EdDSA,
    };
    // The key decides the algorithm, never the token (RFC 8725 §3.1).
    let mut validation = Validation::new(algorithm);
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.set_issuer(&[issuer]);
    validation.set_required_spec_claims(&["iss", "sub", "aud"]);
    let jwk: Jwk = serde_json::from_str(&record.public_jwk).ok()?;
    let key = DecodingKey::from_jwk(&jwk).ok()?;
    jsonwebtoken::decode::<Hint>(token, &key, &validation)
        .ok()
        .map(|data| data.claims)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::keyring::generate;
    use crate::crypto::random::Random;
    use crate::crypto::secret_key::SecretKey;

    #[test]
    fn an_id_token_of_every_algorithm_is_read_back_as_a_hint() {
        let key = SecretKey::new([1; 32]);
        let now = Timestamp(1_700_000_000_000);
        for alg in SigningAlg::ALL {
            let record = generate(alg, &key, &Random::System, now, now).unwrap();
            let ring = KeyRing::open(vec![record], &key).unwrap();
            let claims =
                json!({ "iss": "https://a.example/o", "sub": "ada", "aud": "app", "exp": 1 });
            let token = sign(&ring, alg, &claims, now).unwrap();
            let hint = read_hint(&ring, "https://a.example/o", &token, now).unwrap();
            assert_eq!((hint.sub.as_str(), hint.aud.as_str()), ("ada", "app"));
            assert!(read_hint(&ring, "https://b.example/o", &token, now).is_none());
            let (head, _) = token.rsplit_once('.').unwrap();
            let forged = format!("{head}.{}", URL_SAFE_NO_PAD.encode([0; 64]));
            assert!(read_hint(&ring, "https://a.example/o", &forged, now).is_none());
        }
    }
}
