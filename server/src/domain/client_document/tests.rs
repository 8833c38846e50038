use std::time::Duration;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::domain::freshness::Freshness;
use crate::domain::time::Timestamp;

const ID: &str = "https://app.example/client.json";

#[test]
fn which_client_ids_are_addresses() {
    for good in [
        ID,
        "https://app.example:8443/a/b",
        "https://app.example/.well-known/client",
        "https://app.example/a?b=c",
        "https://app.example/a..b",
        "https://127.0.0.1/client",
        "https://[::1]/client",
    ] {
        assert!(is_address(good), "{good}");
    }
    let long = format!("https://app.example/{}", "a".repeat(240));
    for bad in [
        "",
        "calendar",
        "https:",
        "https://",
        "https:///client",
        "https://app.example",
        "https://app.example/",
        "https://app.example?client",
        "https://app.example/?client",
        "http://app.example/client",
        "HTTPS://app.example/client",
        "https://App.example/client",
        "https://app.example:443/client",
        "https://app.example:/client",
        "https://app.example:0443/client",
        "https://app.example:99999/client",
        "https://user@app.example/client",
        "https://user:pass@app.example/client",
        "https://app.example/client#x",
        "https://app.example/./client",
        "https://app.example/a/../client",
        "https://app.example/a/%2E%2e/client",
        "https://app.example/a/.%2e",
        "https://app.example/cl ient",
        "https://app.example\\client",
        "https://app.ex%61mple/client",
        "https://\u{e4}pp.example/client",
        "https://app.example/\u{e4}",
        "https:app.example/client",
        "ftp://app.example/client",
        &long,
    ] {
        assert!(!is_address(bad), "{bad}");
    }
}

fn good() -> Value {
    json!({ "client_id": ID, "redirect_uris": ["https://app.example/cb"] })
}

fn rule_of(document: &Value) -> Option<&'static str> {
    let read = read(ID, document.to_string().as_bytes(), |_| true);
    read.err().map(|refusal| refusal.rule.id)
}

#[test]
fn what_a_document_may_say() {
    const INVALID: Option<&str> = Some("client-document-invalid");
    assert_eq!(rule_of(&good()), None);
    for (name, value, rule) in [
        (
            "client_id",
            json!("https://app.example/client.json/"),
            INVALID,
        ),
        ("client_id", json!(1), INVALID),
        ("client_secret", json!("x"), INVALID),
        ("client_secret", json!(null), INVALID),
        ("client_secret_expires_at", json!(0), INVALID),
        (
            "token_endpoint_auth_method",
            json!("client_secret_basic"),
            INVALID,
        ),
        (
            "token_endpoint_auth_method",
            json!("client_secret_jwt"),
            INVALID,
        ),
        ("token_endpoint_auth_method", json!("none"), None),
        ("token_endpoint_auth_method", json!("private_key_jwt"), None),
        ("redirect_uris", json!([]), INVALID),
        ("redirect_uris", json!(null), INVALID),
        ("redirect_uris", json!("https://app.example/cb"), INVALID),
        ("grant_types", json!(["authorization_code"]), None),
        ("grant_types", json!(["refresh_token"]), INVALID),
        ("grant_types", json!(["client_credentials"]), INVALID),
        ("something_else", json!({}), None),
    ] {
        let mut document = good();
        document[name] = value.clone();
        assert_eq!(rule_of(&document), rule, "{name} {value}");
    }
    let mut without = good();
    without.as_object_mut().unwrap().remove("client_id");
    assert_eq!(rule_of(&without), INVALID);
    assert_eq!(rule_of(&json!([])), Some("client-metadata-malformed"));
}

#[test]
fn what_is_meant_for_other_servers_is_left_out() {
    let mut document = good();
    document["grant_types"] = json!([
        "authorization_code",
        "urn:ietf:params:oauth:grant-type:device_code"
    ]);
    document["response_types"] = json!(["code", "id_token"]);
    document["scope"] = json!("openid mail.read read");
    let members = read(ID, document.to_string().as_bytes(), |name| {
        crate::domain::scope::find(name).is_some()
    })
    .unwrap();
    assert_eq!(members["grant_types"], json!(["authorization_code"]));
    assert_eq!(members["response_types"], json!(["code"]));
    assert_eq!(members["scope"], json!("openid read"));
    // Nothing left is not the same as nothing named.
    document["scope"] = json!("mail.read");
    let refused = read(ID, document.to_string().as_bytes(), |_| false);
    assert_eq!(
        refused.err().map(|refusal| refusal.rule.id),
        Some("client-document-invalid")
    );
    document["scope"] = json!("");
    assert!(read(ID, document.to_string().as_bytes(), |_| false).is_ok());
}

#[test]
fn which_answers_are_json() {
    for good in [
        "application/json",
        "Application/JSON; charset=utf-8",
        "application/cimd+json",
    ] {
        assert!(is_json(Some(good)), "{good}");
    }
    for bad in [
        "",
        "text/html",
        "text/plain; application/json",
        "text/json",
        "application/+json",
        "application/jsonp",
        "image/svg+json",
    ] {
        assert!(!is_json(Some(bad)), "{bad}");
    }
    assert!(!is_json(None));
}

#[test]
fn when_a_document_is_read_again() {
    let now = Timestamp(1_800_000_000_000);
    for (max_age, seconds) in [
        (None, 3600),
        (Some(0), 300),
        (Some(600), 600),
        (Some(1_000_000), 86_400),
    ] {
        let freshness = Freshness::read(&CACHING, max_age.map(Duration::from_secs), now);
        assert!(!freshness.is_due(now.plus_seconds(seconds - 1)));
        assert!(freshness.is_due(now.plus_seconds(seconds)));
    }
    let mut freshness = Freshness::read(&CACHING, None, now);
    let mut at = now.plus_seconds(3600);
    for wait in [10, 20, 40, 80] {
        freshness = freshness.failed(&CACHING, at);
        assert!(!freshness.is_due(at.plus_seconds(wait - 1)));
        at = at.plus_seconds(wait);
        assert!(freshness.is_due(at) && freshness.is_usable(&CACHING, at));
    }
    for _ in 0..100 {
        freshness = freshness.failed(&CACHING, at);
        assert!(freshness.is_due(at.plus_seconds(3600)));
    }
    assert!(!freshness.is_usable(&CACHING, now.plus_seconds(7 * 86_400)));
    assert!(
        !Freshness::default()
            .failed(&CACHING, now)
            .is_usable(&CACHING, now)
    );
}

proptest! {
    #[test]
    fn no_input_panics(id in ".{0,80}", body in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = is_address(&id);
        let _ = host(&id);
        let _ = read(&id, &body, |_| true);
    }

    #[test]
    fn an_address_has_a_host_and_nothing_that_hides_it(rest in "[a-z0-9./:@?#%\\\\-]{0,60}") {
        let id = format!("https://{rest}");
        if is_address(&id) {
            let host = host(&id).unwrap();
            prop_assert!(rest.starts_with(host) && !host.contains('@'));
            prop_assert!(!id.contains('#') && !id.contains("/../"));
        }
    }
}
