//! Signatures of clients, checked with their public keys (RFC 7517, RFC 7518 §3, RFC 8037 §3.1).

use aws_lc_rs::rsa::PublicKeyComponents;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256,
    UnparsedPublicKey,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::domain::client::SigningAlg;
use crate::domain::jwk::can_verify;

/// Whether a signature of `alg` may be checked with this key. The key decides: its type leaves
/// one algorithm, or two with RSA, of which its own `alg` may name one (RFC 8725 §3.1, §3.2).
pub fn fits(key: &Value, alg: SigningAlg) -> bool {
    let text = |name: &str| key.get(name).and_then(Value::as_str);
    let operations = key.get("key_ops").and_then(Value::as_array);
    let of_type = match text("kty") {
        Some("RSA") => matches!(alg, SigningAlg::Rs256 | SigningAlg::Ps256),
        Some("EC") => alg == SigningAlg::Es256,
        Some("OKP") => alg == SigningAlg::EdDsa,
        _ => false,
    };
    of_type
        && can_verify(key)
        && text("alg").is_none_or(|named| named == alg.name())
        && operations.is_none_or(|names| names.iter().any(|name| name == "verify"))
}

/// Whether this key made the signature. A key that does not fit made none.
pub fn verify(key: &Value, alg: SigningAlg, message: &[u8], signature: &[u8]) -> bool {
    if !fits(key, alg) {
        return false;
    }
    let bytes = |name: &str| {
        let text = key.get(name).and_then(Value::as_str)?;
        URL_SAFE_NO_PAD.decode(text).ok()
    };
    let verified = || match alg {
        SigningAlg::Rs256 | SigningAlg::Ps256 => {
            let (n, e) = (bytes("n")?, bytes("e")?);
            let public = PublicKeyComponents {
                n: unpadded(&n),
                e: unpadded(&e),
            };
            let scheme = if alg == SigningAlg::Rs256 {
                &RSA_PKCS1_2048_8192_SHA256
            } else {
                &RSA_PSS_2048_8192_SHA256
            };
            public.verify(scheme, message, signature).ok()
        }
        SigningAlg::Es256 => {
            // An uncompressed point (SEC 1 §2.3.3).
            let point = [&[4], bytes("x")?.as_slice(), bytes("y")?.as_slice()].concat();
            UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
                .verify(message, signature)
                .ok()
        }
        SigningAlg::EdDsa => UnparsedPublicKey::new(&ED25519, bytes("x")?)
            .verify(message, signature)
            .ok(),
    };
    verified().is_some()
}

/// Without zeros in front, which the library takes for a mistake.
fn unpadded(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    &number[zeros..]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::keyring::{KeyRing, generate};
    use crate::crypto::random::Random;
    use crate::crypto::secret_key::SecretKey;
    use crate::domain::time::Timestamp;

    #[test]
    fn a_signature_holds_with_its_key_and_its_algorithm_only() {
        let secret = SecretKey::new([1; 32]);
        let now = Timestamp(1_700_000_000_000);
        let made: Vec<(SigningAlg, Value, Vec<u8>)> = SigningAlg::ALL
            .into_iter()
            .map(|alg| {
                let record = generate(alg, &secret, &Random::System, now, now).unwrap();
                let jwk = serde_json::from_str(&record.public_jwk).unwrap();
                let ring = KeyRing::open(vec![record], &secret).unwrap();
                let signed = ring.sign(alg, now, |_| "message".to_owned()).unwrap();
                (alg, jwk, signed.1)
            })
            .collect();
        for (alg, key, signature) in &made {
            assert!(verify(key, *alg, b"message", signature), "{alg:?}");
            assert!(!verify(key, *alg, b"other", signature), "{alg:?}");
            assert!(!verify(key, *alg, b"message", b""), "{alg:?}");
            assert!(!verify(key, *alg, b"message", &[0; 64]), "{alg:?}");
            for other in SigningAlg::ALL.into_iter().filter(|other| other != alg) {
                assert!(!verify(key, other, b"message", signature), "{alg:?}");
            }
            for (_, stranger, _) in made.iter().filter(|(other, _, _)| other != alg) {
                let mut stranger = stranger.clone();
                stranger.as_object_mut().unwrap().remove("alg");
                assert!(!verify(&stranger, *alg, b"message", signature), "{alg:?}");
            }
            for (name, value) in [("use", "enc"), ("alg", "HS256"), ("kty", "oct")] {
                let mut changed = key.clone();
                changed[name] = value.into();
                assert!(!verify(&changed, *alg, b"message", signature), "{name}");
            }
        }
    }
}
