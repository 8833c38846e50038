//! Signing keys: made, sealed, published, used.

use std::collections::HashMap;
use std::fmt;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256,
    RSA_PSS_SHA256, RsaEncoding, RsaKeyPair,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::CryptoError;
use super::hash::sha256;
use super::public_key::PublicKey;
use super::random::Random;
use super::seal::Seal;
use super::secret_key::SecretKey;
use crate::domain::client::SigningAlg;
use crate::domain::key::{KeyRecord, KeyState, signer, state};
use crate::domain::time::Timestamp;

/// A key pair, parsed once: parsing an RSA key costs more than signing with it.
enum SigningKeyPair {
    Rsa(RsaKeyPair, &'static dyn RsaEncoding),
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
}

const MAKE: CryptoError = CryptoError::SigningKey("made");
const READ: CryptoError = CryptoError::SigningKey("read");
const USE: CryptoError = CryptoError::SigningKey("used");

impl SigningKeyPair {
    fn from_pkcs8(alg: SigningAlg, pkcs8: &[u8]) -> Result<Self, CryptoError> {
        Ok(match alg {
            SigningAlg::Rs256 => Self::Rsa(
                RsaKeyPair::from_pkcs8(pkcs8).map_err(|_| READ)?,
                &RSA_PKCS1_SHA256,
            ),
            SigningAlg::Ps256 => Self::Rsa(
                RsaKeyPair::from_pkcs8(pkcs8).map_err(|_| READ)?,
                &RSA_PSS_SHA256,
            ),
            SigningAlg::Es256 => Self::Ec(
                EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8)
                    .map_err(|_| READ)?,
            ),
            SigningAlg::EdDsa => Self::Ed(Ed25519KeyPair::from_pkcs8(pkcs8).map_err(|_| READ)?),
        })
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let random = SystemRandom::new();
        match self {
            Self::Rsa(pair, encoding) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(*encoding, &random, message, &mut signature)
                    .map_err(|_| USE)?;
                Ok(signature)
            }
            Self::Ec(pair) => Ok(pair
                .sign(&random, message)
                .map_err(|_| USE)?
                .as_ref()
                .to_vec()),
            Self::Ed(pair) => Ok(pair.sign(message).as_ref().to_vec()),
        }
    }

    /// The members that make up the key (RFC 7518 §6, RFC 8037 §2), in the order of RFC 7638 §3.
    fn public_members(&self) -> Vec<(&'static str, String)> {
        let b64 = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        match self {
            Self::Rsa(pair, _) => {
                let public = pair.public_key();
                vec![
                    (
                        "e",
                        b64(public.exponent().big_endian_without_leading_zero()),
                    ),
                    ("kty", "RSA".to_owned()),
                    ("n", b64(public.modulus().big_endian_without_leading_zero())),
                ]
            }
            Self::Ec(pair) => {
                // 0x04, then x and y of 32 bytes each (SEC 1 §2.3.3).
                let point = pair.public_key().as_ref();
                vec![
                    ("crv", "P-256".to_owned()),
                    ("kty", "EC".to_owned()),
                    ("x", b64(point.get(1..33).unwrap_or_default())),
                    ("y", b64(point.get(33..65).unwrap_or_default())),
                ]
            }
            Self::Ed(pair) => vec![
                ("crv", "Ed25519".to_owned()),
                ("kty", "OKP".to_owned()),
                ("x", b64(pair.public_key().as_ref())),
            ],
        }
    }
}

/// Makes a key that signs from `activates_at`; the private part leaves this function sealed.
///
/// # Errors
/// The library fails.
pub fn generate(
    alg: SigningAlg,
    key: &SecretKey,
    random: &Random,
    now: Timestamp,
    activates_at: Timestamp,
) -> Result<KeyRecord, CryptoError> {
    let pkcs8: Vec<u8> = match alg {
        SigningAlg::Rs256 | SigningAlg::Ps256 => RsaKeyPair::generate(KeySize::Rsa2048)
            .and_then(|pair| pair.as_der().map(|der| der.as_ref().to_vec()))
            .map_err(|_| MAKE)?,
        SigningAlg::Es256 => {
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
                .map_err(|_| MAKE)?
                .as_ref()
                .to_vec()
        }
        SigningAlg::EdDsa => Ed25519KeyPair::generate_pkcs8(&SystemRandom::new())
            .map_err(|_| MAKE)?
            .as_ref()
            .to_vec(),
    };
    let pkcs8 = zeroize::Zeroizing::new(pkcs8);
    let members = SigningKeyPair::from_pkcs8(alg, &pkcs8)?.public_members();
    // RFC 7638 §3: the required members in lexicographic order, no white space.
    let canonical: Vec<String> = members
        .iter()
        .map(|(name, value)| format!("\"{name}\":\"{value}\""))
        .collect();
    let kid = URL_SAFE_NO_PAD.encode(sha256(format!("{{{}}}", canonical.join(",")).as_bytes()));
    let mut jwk = json!({ "alg": alg.name(), "kid": kid, "use": "sig" });
    for (name, value) in members {
        jwk[name] = Value::String(value);
    }
    Ok(KeyRecord {
        private_sealed: seal(key)?.seal(&pkcs8, kid.as_bytes(), random)?,
        kid,
        alg,
        public_jwk: jwk.to_string(),
        created_at: now,
        activates_at,
        retires_at: None,
        revoked_at: None,
    })
}

fn seal(key: &SecretKey) -> Result<Seal, CryptoError> {
    Seal::new(&key.derive("signing keys"))
}

/// All keys of the installation, opened.
pub struct KeyRing {
    records: Vec<KeyRecord>,
    pairs: HashMap<String, SigningKeyPair>,
    publics: HashMap<String, PublicKey>,
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.records.iter().map(|record| &record.kid))
            .finish()
    }
}

impl KeyRing {
    /// # Errors
    /// A key was sealed with another secret key, or is damaged.
    pub fn open(records: Vec<KeyRecord>, key: &SecretKey) -> Result<Self, CryptoError> {
        let seal = seal(key)?;
        let mut pairs = HashMap::new();
        // A retired key has lost its private part.
        for record in records.iter().filter(|r| !r.private_sealed.is_empty()) {
            let pkcs8 =
                zeroize::Zeroizing::new(seal.open(&record.private_sealed, record.kid.as_bytes())?);
            pairs.insert(
                record.kid.clone(),
                SigningKeyPair::from_pkcs8(record.alg, &pkcs8)?,
            );
        }
        let public = |record: &KeyRecord| {
            let jwk = serde_json::from_str(&record.public_jwk).ok()?;
            let key = PublicKey::from_jwk(&jwk, record.alg)?;
            Some((record.kid.clone(), key))
        };
        let publics = records.iter().filter_map(public).collect();
        Ok(Self {
            records,
            pairs,
            publics,
        })
    }

    /// Signs with the active key of this algorithm: `(kid, signature)`; `message` is made from
    /// the `kid`, since the header that names it is signed too.
    ///
    /// # Errors
    /// There is no such key, or the library fails.
    pub fn sign(
        &self,
        alg: SigningAlg,
        now: Timestamp,
        message: impl FnOnce(&str) -> String,
    ) -> Result<(String, Vec<u8>), CryptoError> {
        let record = signer(&self.records, alg, now).ok_or(USE)?;
        let pair = self.pairs.get(&record.kid).ok_or(USE)?;
        let message = message(&record.kid);
        let signature = pair.sign(message.as_bytes())?;
        Ok((message, signature))
    }

    /// The JWKS (RFC 7517 §5): everything that signs now, will soon, or did lately.
    pub fn jwks(&self, now: Timestamp) -> Value {
        let keys: Vec<Value> = self
            .published(now)
            .filter_map(|record| serde_json::from_str(&record.public_jwk).ok())
            .collect();
        json!({ "keys": keys })
    }

    fn published(&self, now: Timestamp) -> impl Iterator<Item = &KeyRecord> {
        self.records.iter().filter(move |record| {
            !matches!(
                state(record, &self.records, now),
                KeyState::Retired | KeyState::Revoked
            )
        })
    }

    /// A published key by its `kid`.
    pub fn find(&self, kid: &str, now: Timestamp) -> Option<&PublicKey> {
        let record = self.published(now).find(|record| record.kid == kid)?;
        self.publics.get(&record.kid)
    }

    /// Any key that ever signed, by its `kid`: for what may be of any age. A revoked one may have
    /// signed for others.
    pub fn ever(&self, kid: &str) -> Option<&PublicKey> {
        let mut records = self.records.iter();
        let record = records.find(|record| record.kid == kid && record.revoked_at.is_none())?;
        self.publics.get(&record.kid)
    }

    pub fn records(&self) -> &[KeyRecord] {
        &self.records
    }
}
