use proptest::prelude::*;
use serde_json::json;

use super::*;

fn metadata(value: &Value) -> Result<ClientMetadata, &'static str> {
    parse(value.to_string().as_bytes())
        .and_then(|members| read(&members, AuthMethod::ClientSecretBasic, PlainHttp::Loopback))
        .and_then(|(metadata, problems)| problems.or(metadata))
        .map_err(|refusal| refusal.rule.id)
}

#[test]
fn what_is_left_out_gets_the_defaults_of_the_standard() {
    let uris = json!({ "redirect_uris": ["https://app.example:8443/cb"] });
    let read = metadata(&uris).unwrap();
    assert_eq!(read.name, "app.example");
    assert_eq!(read.about, DisplayMetadata::default());
    let settings = &read.settings;
    assert_eq!(settings.client_type.as_deref(), Some("confidential"));
    assert_eq!(
        settings.grant_types.as_deref().unwrap(),
        ["authorization_code", "refresh_token"]
    );
    assert_eq!(settings.token_endpoint_auth_method, None);
    assert_eq!(settings.scopes, None);
    assert_eq!(settings.skip_consent, None);
}

#[test]
fn nothing_but_client_metadata_is_read() {
    let read = metadata(&json!({
        "redirect_uris": ["com.example.app:/cb"],
        "token_endpoint_auth_method": "none",
        "client_name": null,
        "client_name#de": "Kalender",
        "skip_consent": true,
        "require_pkce": false,
        "access_token_lifetime": 86400,
        "client_type": "confidential",
        "unknown": { "a": [1] },
    }))
    .unwrap();
    assert_eq!(read.name, "com.example.app");
    let settings = &read.settings;
    assert_eq!(settings.client_type.as_deref(), Some("public"));
    assert_eq!(settings.skip_consent, None);
    assert_eq!(settings.require_pkce, None);
    assert_eq!(settings.access_token_lifetime, None);
}

#[test]
fn what_breaks_which_rule() {
    let uri = "https://app.example/cb";
    for (members, rule) in [
        (json!([]), "client-metadata-malformed"),
        (json!("text"), "client-metadata-malformed"),
        (json!({ "redirect_uris": uri }), "client-metadata-malformed"),
        (json!({ "redirect_uris": [1] }), "client-metadata-malformed"),
        (json!({ "scope": ["a"] }), "client-metadata-malformed"),
        (json!({ "jwks": {} }), "client-metadata-malformed"),
        (json!({ "jwks": "{}" }), "client-metadata-malformed"),
        (json!({ "client_name": 1 }), "client-metadata-malformed"),
        (
            json!({ "require_pushed_authorization_requests": "true" }),
            "client-metadata-malformed",
        ),
        (
            json!({ "redirect_uris": [""] }),
            "client-metadata-redirect-uri",
        ),
        (
            json!({ "redirect_uris": [uri, "http://app.example/cb"] }),
            "client-metadata-redirect-uri",
        ),
        (
            json!({ "redirect_uris": ["javascript:alert(1)"] }),
            "client-metadata-redirect-uri",
        ),
        (
            json!({ "response_types": ["token"] }),
            "client-metadata-invalid",
        ),
        (json!({ "response_types": [] }), "client-metadata-invalid"),
        (
            json!({ "response_types": ["code"], "grant_types": ["client_credentials"] }),
            "client-metadata-invalid",
        ),
        (
            json!({ "logo_uri": "javascript:alert(1)" }),
            "client-metadata-invalid",
        ),
        (
            json!({ "logo_uri": "data:image/png,x" }),
            "client-metadata-invalid",
        ),
        (
            json!({ "contacts": vec!["a@b.c"; 11] }),
            "client-metadata-invalid",
        ),
        (json!({ "software_id": "a\nb" }), "client-metadata-invalid"),
        (json!({ "scope": "a\"b" }), "client-metadata-invalid"),
        (
            json!({ "application_type": "car" }),
            "client-metadata-invalid",
        ),
        (
            json!({ "software_statement": "a.b.c" }),
            "software-statement-unsupported",
        ),
    ] {
        assert_eq!(metadata(&members), Err(rule), "{members}");
    }
}

#[test]
fn a_document_is_one_object_in_which_each_member_stands_once() {
    for text in [
        &b""[..],
        b"{",
        b"{} {}",
        b"{\"scope\": \"\xff\"}",
        b"{\"scope\": \"a\", \"scope\": \"b\"}",
        b"null",
    ] {
        let rule = parse(text).map(|_| ()).map_err(|refusal| refusal.rule.id);
        assert_eq!(rule, Err("client-metadata-malformed"));
    }
    let long = format!("{{\"a\": \"{}\"}}", "x".repeat(MAX_BYTES));
    assert!(parse(long.as_bytes()).is_err());
    assert!(parse(b" {} ").is_ok());
}

proptest! {
    #[test]
    fn no_input_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse(&bytes);
    }

    #[test]
    fn no_member_panics(name in "(redirect_uris|client_name|scope|jwks|logo_uri|contacts)", text in ".{0,60}") {
        for value in [json!(text), json!([text]), json!({ "a": text })] {
            let _ = metadata(&json!({ name.as_str(): value }));
        }
    }
}

/// RFC 7591 §3.2.2: the description says what is wrong, all of it.
#[test]
fn all_members_that_break_a_rule_are_named() {
    let members = json!({
        "redirect_uris": ["http://app.example/cb", "https://app.example/cb", "/cb"],
        "client_name": 1,
        "logo_uri": "javascript:alert(1)",
        "response_types": ["token"],
    });
    let members = parse(members.to_string().as_bytes()).unwrap();
    let (_, problems) = read(&members, AuthMethod::None, PlainHttp::Loopback).unwrap();
    let refusal = problems.or(()).unwrap_err();
    assert_eq!(refusal.rule.id, "client-metadata-redirect-uri");
    let text = refusal.description();
    for member in [
        "redirect_uris, number 1:",
        "redirect_uris, number 3:",
        "client_name:",
        "logo_uri:",
        "response_types:",
    ] {
        assert!(text.contains(member), "{member}: {text}");
    }
}
