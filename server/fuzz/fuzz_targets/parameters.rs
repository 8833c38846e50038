//! The parameter reader: no input panics, what it reads it reads in order, a second reading of what was written
//! again gives the same.
#![no_main]

use claviger::http::params::{MAX_BYTES, Params};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(params) = Params::parse(bytes) else {
        return;
    };
    assert!(bytes.len() <= MAX_BYTES);
    let repeated = params.no_repeats().is_err();
    for (name, value) in params.iter() {
        // An empty value counts as absent; else the first of its name is the one that is found.
        if let Some(found) = params.get(name) {
            assert!(!found.is_empty());
            assert!(repeated || name == "resource" || found == value);
        }
        assert!(params.once(name).is_ok() || repeated || name == "resource");
    }
    let again: String = params
        .iter()
        .map(|(name, value)| format!("{}={}&", escape(name), escape(value)))
        .collect();
    if again.len() <= MAX_BYTES {
        let read = Params::parse(again.as_bytes()).expect("it was written from text");
        assert!(params.iter().eq(read.iter()) || params.iter().any(|(n, v)| n.is_empty() && v.is_empty()));
    }
});

fn escape(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}
