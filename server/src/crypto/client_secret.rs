//! Client secrets: 256 random bits, kept as a keyed SHA-256.
//!
//! A slow hash protects secrets that people choose; these can't be guessed, and the token
//! endpoint checks one in every request. The key keeps a stolen database useless on its own.

use std::fmt;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::hash::equal;
use super::random::Random;
use super::secret_key::SecretKey;

const PREFIX: &str = "clv_cs_";

#[derive(Clone)]
pub struct ClientSecrets(hmac::Key);

impl fmt::Debug for ClientSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientSecrets")
    }
}

/// A secret in plain, for the one answer that shows it, and what is stored of it.
pub struct NewClientSecret {
    pub plain: String,
    pub hash: Vec<u8>,
    pub hint: String,
}

impl ClientSecrets {
    pub fn new(key: &SecretKey) -> Self {
        Self(hmac::Key::new(
            hmac::HMAC_SHA256,
            &key.derive("client secrets"),
        ))
    }

    pub fn generate(&self, random: &Random) -> NewClientSecret {
        let plain = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(random.bytes::<32>()));
        NewClientSecret {
            hash: self.hash(&plain),
            hint: plain[plain.len() - 4..].to_owned(),
            plain,
        }
    }

    pub fn hash(&self, plain: &str) -> Vec<u8> {
        hmac::sign(&self.0, plain.as_bytes()).as_ref().to_vec()
    }

    /// Whether `hash` is one of `known`; looks at all of them.
    pub fn find<'a, T>(
        &self,
        plain: &str,
        known: impl Iterator<Item = (&'a [u8], T)>,
    ) -> Option<T> {
        let hash = self.hash(plain);
        known.fold(None, |found, (stored, value)| {
            if equal(&hash, stored) {
                Some(value)
            } else {
                found
            }
        })
    }
}
