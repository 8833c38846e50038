//! Plan config: the document that says what there is.

use std::collections::HashSet;

use macro_rules_attribute::apply;
use serde_json::{Value, json};

use super::{Op, module};
use crate::harness::server::PUBLIC_URL;

fn texts(value: &Value) -> Vec<&str> {
    let list = value.as_array().unwrap().iter();
    list.map(|text| text.as_str().unwrap()).collect()
}

/// OpenID Connect Discovery 1.0 §3: the metadata hold what every provider has to say, and all
/// addresses are of the issuer's scheme.
/// OpenID Connect Discovery 1.0 §4.2: the configuration is JSON, answered with 200.
/// OpenID Connect Discovery 1.0 §4.3: issuer is the address that the document was found by.
#[apply(module!)]
async fn oidcc_discovery_endpoint_verification(op: Op) {
    let path = "/o/.well-known/openid-configuration";
    let answer = op.server.get(path).await.is(200);
    assert_eq!(answer.header("content-type"), "application/json");
    let metadata = answer.json();
    assert_eq!(metadata["issuer"], format!("{PUBLIC_URL}/o"));

    let contains = |name: &str, value: &str| texts(&metadata[name]).contains(&value);
    assert!(contains("response_types_supported", "code"));
    assert!(contains("response_modes_supported", "query"));
    assert!(contains("subject_types_supported", "public"));
    assert!(contains("id_token_signing_alg_values_supported", "RS256"));
    assert!(contains("grant_types_supported", "authorization_code"));
    assert!(contains("scopes_supported", "openid"));
    assert!(contains("claims_supported", "sub"));
    assert!(contains("code_challenge_methods_supported", "S256"));
    for supported in ["claims", "request", "request_uri"] {
        let member = format!("{supported}_parameter_supported");
        assert_eq!(metadata[&member], json!(false), "{member}");
    }
    // RFC 6749 §3.3: what a scope may be made of.
    let token = |scope: &&str| {
        scope
            .bytes()
            .all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\')
    };
    assert!(texts(&metadata["scopes_supported"]).iter().all(token));

    for name in [
        "authorization_endpoint",
        "token_endpoint",
        "userinfo_endpoint",
        "jwks_uri",
    ] {
        assert!(metadata[name].is_string(), "{name}");
    }
    for (name, value) in metadata.as_object().unwrap() {
        let address = name.ends_with("_endpoint") || name.ends_with("_uri");
        if let Some(url) = value.as_str().filter(|_| address) {
            assert!(
                url.starts_with(&format!("{PUBLIC_URL}/o/")),
                "{name}: {url}"
            );
        }
        // RFC 8414 §3.2: what would be empty is left out.
        assert_ne!(*value, json!([]), "{name}");
        assert!(!value.is_null(), "{name}");
    }
}

/// Each plan begins with this: no module of its own in the suite.
///
/// RFC 7517 §4.5: every key has a kid, and no two have the same.
/// OpenID Connect Discovery 1.0 §3: the keys are for signatures and hold nothing private.
#[apply(module!)]
async fn validate_server_jwks(op: Op) {
    let keys = op
        .server
        .get("/o/.well-known/jwks.json")
        .await
        .is(200)
        .json();
    let keys = keys["keys"].as_array().unwrap();
    let kids: HashSet<_> = keys
        .iter()
        .map(|key| key["kid"].as_str().unwrap())
        .collect();
    assert_eq!(kids.len(), keys.len());
    for key in keys {
        assert_eq!(key["use"], "sig");
        for private in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
            assert!(key.get(private).is_none(), "{private}");
        }
    }
}
