//! Reading JWTs from outside: id_tokens as hints, access tokens, client assertions. No input
//! carries a valid signature, so no token may be accepted.
#![no_main]

use std::sync::LazyLock;

use claviger::crypto::jose::{read_access_token, read_hint};
use claviger::crypto::jws::verify;
use claviger::crypto::keyring::{KeyRing, generate};
use claviger::crypto::public_key::PublicKey;
use claviger::crypto::random::Random;
use claviger::crypto::secret_key::SecretKey;
use claviger::domain::client::SigningAlg;
use claviger::domain::assertion;
use claviger::domain::time::Timestamp;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

const ISSUER: &str = "https://id.example/o";
const NOW: Timestamp = Timestamp(1_800_000_000_000);

static RING: LazyLock<KeyRing> = LazyLock::new(|| {
    let key = SecretKey::new([7; 32]);
    let record = generate(SigningAlg::Es256, &key, &Random::System, NOW, NOW).expect("a key");
    KeyRing::open(vec![record], &key).expect("it was made with this key")
});

fuzz_target!(|text: &str| {
    // With a kid that exists, so that the reader goes on to algorithm and signature.
    let record = &RING.records()[0];
    for token in [text.to_owned(), text.replace("KID", &record.kid)] {
        assert!(read_hint(&RING, ISSUER, &token).is_none());
        assert!(read_access_token(&RING, ISSUER, &token, NOW).is_none());
    }
    let Ok(read) = assertion::read(text) else {
        return;
    };
    let key: Value = serde_json::from_str(&record.public_jwk).expect("ours");
    if let Some(key) = PublicKey::from_jwk(&key, read.alg) {
        assert!(verify(&read.jws, &key).is_none());
    }
    let claims = read.jws.verified(|_, _| true).expect("said so");
    if let Ok(used) = assertion::check(claims, &read.subject, &[ISSUER.to_owned()], NOW) {
        assert!(!used.jti.is_empty());
        assert!(used.until > NOW);
    }
});
