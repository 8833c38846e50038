//! Signs and verifies JWTs: ours, and those that clients sign (RFC 7515 §5, RFC 7519 §7).
//! `domain::jws` takes one apart; `public_key` and `keyring` hold the keys.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde_json::json;

use super::CryptoError;
use super::keyring::KeyRing;
use super::public_key::PublicKey;
use crate::domain::client::SigningAlg;
use crate::domain::jws::{Unverified, Verified};
use crate::domain::time::Timestamp;

/// Signs claims with the active key of `alg`, in the compact serialization (RFC 7515 §7.1).
///
/// # Errors
/// No key, or the library fails.
pub fn sign(
    ring: &KeyRing,
    alg: SigningAlg,
    typ: &str,
    claims: &impl Serialize,
    now: Timestamp,
) -> Result<String, CryptoError> {
    let body = serde_json::to_vec(claims).map_err(|_| CryptoError::SigningKey("used"))?;
    let (mut token, signature) = ring.sign(alg, now, |kid| {
        let header = json!({ "alg": alg.name(), "kid": kid, "typ": typ }).to_string();
        let mut message = URL_SAFE_NO_PAD.encode(header);
        message.push('.');
        URL_SAFE_NO_PAD.encode_string(&body, &mut message);
        message
    })?;
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(signature, &mut token);
    Ok(token)
}

/// The claims, if this key has signed them. The key decides the algorithm, and the header has to
/// name that one (RFC 8725 §3.1).
pub fn verify<'a>(token: &'a Unverified, key: &PublicKey) -> Option<Verified<'a>> {
    if token.alg() != Some(key.alg()) {
        return None;
    }
    token.verified(|message, signature| key.has_signed(message, signature))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::keyring::generate;
    use crate::crypto::random::Random;
    use crate::crypto::secret_key::SecretKey;
    use crate::domain::jws::parse;

    const NOW: Timestamp = Timestamp(1_700_000_000_000);

    fn ring_of(alg: SigningAlg) -> (KeyRing, PublicKey) {
        let secret = SecretKey::new([1; 32]);
        let record = generate(alg, &secret, &Random::System, NOW, NOW).unwrap();
        let jwk = serde_json::from_str(&record.public_jwk).unwrap();
        let public = PublicKey::from_jwk(&jwk, alg).unwrap();
        (KeyRing::open(vec![record], &secret).unwrap(), public)
    }

    /// A signature over header and claims as they are, whatever they say.
    fn signed(ring: &KeyRing, alg: SigningAlg, header: &str, claims: &str) -> String {
        let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
        let message = format!("{}.{}", part(header), part(claims));
        let (message, signature) = ring.sign(alg, NOW, |_| message).unwrap();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    fn holds(token: &str, key: &PublicKey) -> bool {
        parse(token).is_ok_and(|token| verify(&token, key).is_some())
    }

    /// RFC 7515 §7.1: another library reads what we sign, and we read what it signs.
    #[test]
    fn another_library_agrees() {
        use jsonwebtoken::jwk::Jwk;
        use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};

        for alg in SigningAlg::ALL {
            let (ring, public) = ring_of(alg);
            let token = sign(&ring, alg, "JWT", &json!({ "sub": "ada" }), NOW).unwrap();
            let read = parse(&token).unwrap();
            assert_eq!(verify(&read, &public).unwrap().text("sub"), Some("ada"));

            let jwks = ring.jwks(NOW);
            let jwk: Jwk = serde_json::from_value(jwks["keys"][0].clone()).unwrap();
            let key = DecodingKey::from_jwk(&jwk).unwrap();
            let mut validation = Validation::new(alg.name().parse().unwrap());
            validation.set_required_spec_claims::<&str>(&[]);
            let theirs = jsonwebtoken::decode::<serde_json::Value>(&token, &key, &validation);
            assert_eq!(theirs.unwrap().claims["sub"], "ada", "{alg:?}");
        }

        let pkcs8 = aws_lc_rs::signature::Ed25519KeyPair::generate_pkcs8(
            &aws_lc_rs::rand::SystemRandom::new(),
        )
        .unwrap();
        let pair = aws_lc_rs::signature::Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).unwrap();
        let x = aws_lc_rs::signature::KeyPair::public_key(&pair).as_ref();
        let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode(x) });
        let public = PublicKey::from_jwk(&jwk, SigningAlg::EdDsa).unwrap();
        let key = EncodingKey::from_ed_der(pkcs8.as_ref());
        let header = Header::new(Algorithm::EdDSA);
        let theirs = jsonwebtoken::encode(&header, &json!({ "sub": "ada" }), &key).unwrap();
        assert!(holds(&theirs, &public));
    }

    /// RFC 8725 §3.1: the header names the algorithm of the key, or the signature does not count.
    #[test]
    fn a_signature_under_another_name_does_not_count() {
        for alg in SigningAlg::ALL {
            let (ring, public) = ring_of(alg);
            for named in ["RS256", "PS256", "ES256", "EdDSA", "HS256", "none", ""] {
                let header = json!({ "alg": named }).to_string();
                let token = signed(&ring, alg, &header, "{}");
                assert_eq!(holds(&token, &public), named == alg.name(), "{named}");
            }
        }
    }

    /// RFC 7515 §4: names stand once. §4.1.11: what must be understood is not.
    #[test]
    fn a_signature_does_not_save_an_ambiguous_token() {
        let alg = SigningAlg::EdDsa;
        let (ring, public) = ring_of(alg);
        let good = (r#"{"alg":"EdDSA"}"#, r#"{"sub":"ada"}"#);
        assert!(holds(&signed(&ring, alg, good.0, good.1), &public));
        for (header, claims) in [
            (r#"{"alg":"EdDSA","alg":"EdDSA"}"#, good.1),
            (r#"{"alg":"EdDSA","crit":["exp"]}"#, good.1),
            (r#"{"alg":"EdDSA","b64":false,"crit":["b64"]}"#, good.1),
            (good.0, r#"{"sub":"ada","sub":"eve"}"#),
            (good.0, r#"["sub"]"#),
            (good.0, "{} {}"),
        ] {
            let token = signed(&ring, alg, header, claims);
            assert!(!holds(&token, &public), "{header} {claims}");
        }
    }
}
