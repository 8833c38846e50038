//! Keys of applications, and what they sign.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use claviger::crypto::keyring::{KeyRing, generate};
use claviger::crypto::random::Random;
use claviger::domain::client::SigningAlg;
use serde_json::{Value, json};

use super::server::{START, secret_key};

/// A key pair of an application.
pub(crate) struct Signer {
    pub(crate) alg: SigningAlg,
    ring: KeyRing,
    /// The public half, with its `kid`.
    pub(crate) jwk: Value,
}

/// One key pair of every algorithm, shared by the tests of a process: they take their time.
pub(crate) static SIGNERS: LazyLock<Vec<Signer>> =
    LazyLock::new(|| SigningAlg::ALL.into_iter().map(Signer::new).collect());

impl Signer {
    pub(crate) fn new(alg: SigningAlg) -> Self {
        let record = generate(alg, &secret_key(), &Random::System, START, START).unwrap();
        let jwk = serde_json::from_str(&record.public_jwk).unwrap();
        let ring = KeyRing::open(vec![record], &secret_key()).unwrap();
        Self { alg, ring, jwk }
    }

    pub(crate) fn kid(&self) -> &str {
        self.jwk["kid"].as_str().unwrap()
    }

    /// A JWT with the usual header.
    pub(crate) fn sign(&self, claims: &Value) -> String {
        let header = json!({ "alg": self.alg.name(), "kid": self.kid(), "typ": "JWT" });
        self.sign_with(&header, claims)
    }

    /// A JWT with this header, whatever it says.
    pub(crate) fn sign_with(&self, header: &Value, claims: &Value) -> String {
        let message = message(header, claims);
        let (message, signature) = self.ring.sign(self.alg, START, |_| message).unwrap();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

/// Header and claims as they are signed.
pub(crate) fn message(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", part(header), part(claims))
}

/// A JWK Set of these keys.
pub(crate) fn jwks(signers: &[&Signer]) -> Value {
    let keys: Vec<_> = signers.iter().map(|signer| signer.jwk.clone()).collect();
    json!({ "keys": keys })
}
