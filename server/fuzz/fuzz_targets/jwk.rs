//! Clients' keys: no set panics, and one that is taken holds nothing private.
#![no_main]

use claviger::domain::jwk::{can_verify, check_set};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(value) = serde_json::from_slice::<serde_json::Value>(bytes) else {
        return;
    };
    let _ = can_verify(&value);
    if check_set(&value).is_ok() {
        let keys = value["keys"].as_array().expect("it was taken");
        assert!(keys.iter().any(can_verify));
        assert!(keys.iter().all(|key| key.get("d").is_none() && key.get("k").is_none()));
    }
});
