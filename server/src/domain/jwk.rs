//! Clients' public keys (RFC 7517).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::client::SigningAlg;

/// Keys in a set at most.
const MAX_KEYS: usize = 20;
/// Members that only a private or a symmetric key has (RFC 7518 §6.2.2, §6.3.2, §6.4).
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// Members of a public key that are kept (RFC 7517 §4, RFC 7518 §6).
const PUBLIC: [&str; 12] = [
    "kty", "use", "key_ops", "alg", "kid", "crv", "x", "y", "n", "e", "x5t", "x5t#S256",
];
/// Bytes of such a member; a modulus of 8192 bits has 1366.
const MEMBER_LENGTH: usize = 2048;
/// Operations that a key names at most.
const OPERATIONS: usize = 10;

/// The set as it is kept, if [`check_set`] accepts it. Only the members in `PUBLIC` are kept. A key
/// in which one of them has another type or is very long is dropped. Otherwise anything that a
/// publisher adds would be kept in memory and in the database.
///
/// # Errors
/// One sentence that says what is wrong.
pub fn kept(set: &Value) -> Result<Value, String> {
    check_set(set)?;
    let keys = set.get("keys").and_then(Value::as_array);
    let keys = keys.into_iter().flatten().filter_map(kept_key).collect();
    let kept = Value::Object(Map::from_iter([("keys".to_owned(), Value::Array(keys))]));
    check_set(&kept).map(|()| kept)
}

fn kept_key(key: &Value) -> Option<Value> {
    let text = |value: &Value| {
        value
            .as_str()
            .is_some_and(|text| text.len() <= MEMBER_LENGTH)
    };
    let mut members = Map::new();
    for name in PUBLIC {
        let Some(value) = key.get(name) else {
            continue;
        };
        let fits = match value.as_array() {
            Some(list) => name == "key_ops" && list.len() <= OPERATIONS && list.iter().all(text),
            None => name != "key_ops" && text(value),
        };
        if !fits {
            return None;
        }
        members.insert(name.to_owned(), value.clone());
    }
    Some(Value::Object(members))
}

/// Whether this is a JWK Set of public keys that can verify: RSA of 2048 bits and more, P-256,
/// Ed25519. Keys of other types may stand beside them (RFC 7517 §5).
///
/// # Errors
/// One sentence that says what is wrong.
pub fn check_set(set: &Value) -> Result<(), String> {
    let keys = set
        .get("keys")
        .and_then(Value::as_array)
        .ok_or("It has no member keys that is a list.")?;
    if keys.is_empty() || keys.len() > MAX_KEYS {
        return Err(format!("It holds between 1 and {MAX_KEYS} keys."));
    }
    for key in keys {
        let members = key.as_object().ok_or("A key is not an object.")?;
        if PRIVATE.iter().any(|name| members.contains_key(*name)) {
            return Err("It holds a private or a symmetric key.".to_owned());
        }
    }
    if keys.iter().any(can_verify) {
        Ok(())
    } else {
        Err("None of its keys is RSA of 2048 bits or more, P-256 or Ed25519.".to_owned())
    }
}

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

/// Whether a key is one that signatures are verified with.
pub fn can_verify(key: &Value) -> bool {
    let text = |name: &str| key.get(name).and_then(Value::as_str);
    let bytes = |name: &str| {
        text(name)
            .and_then(|value| URL_SAFE_NO_PAD.decode(value).ok())
            .unwrap_or_default()
    };
    if text("use").is_some_and(|usage| usage != "sig") {
        return false;
    }
    match (text("kty"), text("crv")) {
        (Some("RSA"), _) => {
            let modulus = bytes("n");
            let length = modulus.iter().skip_while(|byte| **byte == 0).count();
            (256..=1024).contains(&length) && !bytes("e").is_empty()
        }
        (Some("EC"), Some("P-256")) => bytes("x").len() == 32 && bytes("y").len() == 32,
        (Some("OKP"), Some("Ed25519")) => bytes("x").len() == 32,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn which_key_sets_are_taken() {
        let bytes = |length| URL_SAFE_NO_PAD.encode(vec![0x81; length]);
        let ec = json!({ "kty": "EC", "crv": "P-256", "x": bytes(32), "y": bytes(32) });
        let ed = json!({ "kty": "OKP", "crv": "Ed25519", "x": bytes(32) });
        let rsa = |length| json!({ "kty": "RSA", "n": bytes(length), "e": "AQAB" });
        let other = json!({ "kty": "EC", "crv": "P-521" });
        for good in [
            json!({ "keys": [ec] }),
            json!({ "keys": [ed] }),
            json!({ "keys": [rsa(256)] }),
            json!({ "keys": [other, ec] }),
        ] {
            assert_eq!(check_set(&good), Ok(()), "{good}");
        }
        let mut private = ec.clone();
        private["d"] = json!(bytes(32));
        for bad in [
            json!({}),
            json!([]),
            json!({ "keys": {} }),
            json!({ "keys": [] }),
            json!({ "keys": ["x"] }),
            json!({ "keys": [private] }),
            json!({ "keys": [rsa(128)] }),
            json!({ "keys": [other] }),
            json!({ "keys": [{ "kty": "oct", "k": "AAAA" }] }),
        ] {
            assert!(check_set(&bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_is_kept_of_a_key_set() {
        let bytes = |length| URL_SAFE_NO_PAD.encode(vec![0x81; length]);
        let good = json!({ "kty": "OKP", "crv": "Ed25519", "x": bytes(32), "kid": "1",
            "use": "sig", "key_ops": ["verify"] });
        let with = |name: &str, value: Value| {
            let mut key = good.clone();
            key[name] = value;
            key
        };
        let set = json!({
            "keys": [
                with("x5c", json!(["x".repeat(40_000)])),
                with("kid", json!(1)),
                with("kid", json!("k".repeat(3000))),
                with("alg", json!(["EdDSA"])),
                with("key_ops", json!("verify")),
                with("key_ops", json!(vec!["verify"; 11])),
                { "kty": "EC", "crv": "P-521", "kid": "\u{0}" },
            ],
            "note": "x",
        });
        let other = json!({ "kty": "EC", "crv": "P-521", "kid": "\u{0}" });
        assert_eq!(kept(&set), Ok(json!({ "keys": [good, other] })));
        assert!(kept(&json!({ "keys": [with("alg", json!(1))] })).is_err());
        assert!(kept(&json!({ "keys": [with("d", json!("x"))] })).is_err());
    }

    proptest! {
        #[test]
        fn no_input_panics(text in ".{0,200}") {
            let _ = check_set(&json!({ "keys": [{ "kty": "RSA", "n": text, "e": text }] }));
        }
    }
}
