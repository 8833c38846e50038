//! Public keys, ours and those of clients (RFC 7517, RFC 7518 §3, §6, RFC 8037 §3.1).

use aws_lc_rs::rsa::PublicKeyComponents;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA256,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::domain::client::SigningAlg;
use crate::domain::jwk::fits;

/// A key that checks signatures of one algorithm (RFC 8725 §3.1), parsed once.
#[derive(Clone, Debug)]
pub struct PublicKey {
    alg: SigningAlg,
    key: ParsedPublicKey,
}

impl PublicKey {
    /// `None` when it is none, or none of this algorithm.
    pub fn from_jwk(jwk: &Value, alg: SigningAlg) -> Option<Self> {
        if !fits(jwk, alg) {
            return None;
        }
        let bytes = |name: &str| URL_SAFE_NO_PAD.decode(jwk.get(name)?.as_str()?).ok();
        let key = match alg {
            SigningAlg::Rs256 | SigningAlg::Ps256 => {
                let (n, e) = (bytes("n")?, bytes("e")?);
                let public = PublicKeyComponents {
                    n: unpadded(&n),
                    e: unpadded(&e),
                };
                public.to_parsed_public_key(if alg == SigningAlg::Rs256 {
                    &RSA_PKCS1_2048_8192_SHA256
                } else {
                    &RSA_PSS_2048_8192_SHA256
                })
            }
            SigningAlg::Es256 => {
                // An uncompressed point (SEC 1 §2.3.3).
                let point = [&[4], bytes("x")?.as_slice(), bytes("y")?.as_slice()].concat();
                ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
            }
            SigningAlg::EdDsa => ParsedPublicKey::new(&ED25519, bytes("x")?),
        };
        let key = key.ok()?;
        Some(Self { alg, key })
    }

    pub fn alg(&self) -> SigningAlg {
        self.alg
    }

    /// Whether this key made the signature.
    pub fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        self.key.verify_sig(message, signature).is_ok()
    }
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

    fn verify(jwk: &Value, alg: SigningAlg, message: &[u8], signature: &[u8]) -> bool {
        PublicKey::from_jwk(jwk, alg).is_some_and(|key| key.has_signed(message, signature))
    }

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
