//! Reading JWTs from outside: an id_token as a hint. Nobody holds the key, so nothing is ever taken.
#![no_main]

use std::sync::LazyLock;

use claviger::crypto::jose::read_hint;
use claviger::crypto::keyring::{KeyRing, generate};
use claviger::crypto::random::Random;
use claviger::crypto::secret_key::SecretKey;
use claviger::domain::application::SigningAlg;
use claviger::domain::time::Timestamp;
use libfuzzer_sys::fuzz_target;

const NOW: Timestamp = Timestamp(1_800_000_000_000);

static RING: LazyLock<KeyRing> = LazyLock::new(|| {
    let key = SecretKey::new([7; 32]);
    let record = generate(SigningAlg::Es256, &key, &Random::System, NOW, NOW).expect("a key");
    KeyRing::open(vec![record], &key).expect("it was made with this key")
});

fuzz_target!(|text: &str| {
    assert!(read_hint(&RING, "https://id.example/o", text, NOW).is_none());
    // With a kid that exists, so that the reader goes on to algorithm and signature.
    let kid = RING.records()[0].kid.as_str();
    let named = text.replace("KID", kid);
    assert!(read_hint(&RING, "https://id.example/o", &named, NOW).is_none());
});
