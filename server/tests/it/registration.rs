//! Applications that register themselves (RFC 7591): who may, what is taken, what is answered.

use claviger::config::Registration;
use macro_rules_attribute::apply;
use serde_json::{Value, json};

use crate::harness::application::token_works;
use crate::harness::registration::{URI, app_of};
use crate::harness::{TestServer, Tokens, on_both, refused};

/// RFC 7591 §3: a server with closed registration says so to every method, and advertises no
/// endpoint.
#[apply(on_both!)]
async fn registration_is_closed_at_first(server: TestServer) {
    for method in ["POST", "GET", "PUT", "DELETE", "OPTIONS", "PATCH"] {
        for path in ["/o/register", "/o/register/", "/o/register/x"] {
            let call = server
                .call(method, path)
                .json(&json!({ "redirect_uris": [URI] }));
            refused(&call.await, 404, "not_found", "registration-closed");
        }
    }
    for (registration, advertised) in [
        (Registration::Closed, Value::Null),
        (
            Registration::Token,
            json!("http://localhost:8000/o/register"),
        ),
        (
            Registration::Open,
            json!("http://localhost:8000/o/register"),
        ),
    ] {
        let server = server.registering(registration).await;
        for path in [
            "/o/.well-known/openid-configuration",
            "/.well-known/oauth-authorization-server/o",
        ] {
            let document = server.get(path).await.is(200).json();
            assert_eq!(document["registration_endpoint"], advertised);
        }
    }
}

/// RFC 7591 §3.2.1: the answer says everything that was registered, defaults included, and is
/// never stored.
#[apply(on_both!)]
async fn a_registration_is_answered_with_all_that_was_understood(server: TestServer) {
    let server = server.registering(Registration::Open).await;
    let answer = server
        .register(&json!({ "redirect_uris": [URI], "unknown": [1], "client_name#de": "x" }))
        .await
        .is(201);
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("content-type"), "application/json");
    let mut json = answer.json();
    let client_id = answer.member("client_id");
    assert!(answer.member("client_secret").starts_with("clv_cs_"));
    assert!(
        answer
            .member("registration_access_token")
            .starts_with("clv_ra_")
    );
    for secret in ["client_id", "client_secret", "registration_access_token"] {
        json[secret].take();
    }
    let expected = json!({
        "client_id": null,
        "client_id_issued_at": 1_800_000_000,
        "client_secret": null,
        "client_secret_expires_at": 0,
        "registration_access_token": null,
        "registration_client_uri": format!("http://localhost:8000/o/register/{client_id}"),
        "client_name": "client.example",
        "redirect_uris": [URI],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "client_secret_basic",
        "scope": "openid profile email groups offline_access read write",
        "id_token_signed_response_alg": "RS256",
        "post_logout_redirect_uris": [],
        "backchannel_logout_session_required": false,
        "require_pushed_authorization_requests": false,
    });
    assert_eq!(json, expected);
    server.settled().await;
    let events = server
        .database
        .texts("SELECT kind FROM audit_events WHERE kind = 'application.registered'")
        .await;
    assert_eq!(events.len(), 1);
}

/// RFC 7591 §2: every member that the server knows is kept and told back.
#[apply(on_both!)]
async fn every_member_is_kept(server: TestServer) {
    let server = server.registering(Registration::Open).await;
    let metadata = json!({
        "redirect_uris": [URI, "http://127.0.0.1/cb"],
        "token_endpoint_auth_method": "client_secret_post",
        "grant_types": ["authorization_code"],
        "response_types": ["code"],
        "client_name": "Calendar",
        "client_uri": "https://client.example/",
        "logo_uri": "https://client.example/logo.png",
        "tos_uri": "https://client.example/tos",
        "policy_uri": "https://client.example/policy",
        "contacts": ["ada@example.com"],
        "scope": "openid read",
        "jwks_uri": "https://client.example/jwks.json",
        "software_id": "calendar",
        "software_version": "2.1",
        "id_token_signed_response_alg": "EdDSA",
        "post_logout_redirect_uris": ["https://client.example/bye"],
        "backchannel_logout_uri": "https://client.example/logout",
        "backchannel_logout_session_required": true,
        "require_pushed_authorization_requests": true,
    });
    let answer = server.register(&metadata).await.is(201);
    let json = answer.json();
    for (name, value) in metadata.as_object().unwrap() {
        assert_eq!(json[name], *value, "{name}");
    }
    let path = format!("/o/register/{}", answer.member("client_id"));
    let token = answer.member("registration_access_token");
    let kept = server.get(&path).bearer(&token).await.is(200).json();
    for (name, value) in metadata.as_object().unwrap() {
        assert_eq!(kept[name], *value, "{name}");
    }
}

/// RFC 7591 §3.2.1: only an application that authenticates with a secret gets one.
#[apply(on_both!)]
async fn who_has_no_use_for_a_secret_gets_none(server: TestServer) {
    let server = server.registering(Registration::Open).await;
    let key = json!({ "kty": "OKP", "crv": "Ed25519", "x": "gYGBgYGBgYGBgYGBgYGBgYGBgYGBgYGBgYGBgYGBgYE" });
    for metadata in [
        json!({ "redirect_uris": [URI], "token_endpoint_auth_method": "none" }),
        json!({
            "redirect_uris": [URI],
            "token_endpoint_auth_method": "private_key_jwt",
            "jwks": { "keys": [key] },
        }),
    ] {
        let answer = server.register(&metadata).await.is(201);
        let json = answer.json();
        for name in ["client_secret", "client_secret_expires_at"] {
            assert!(json.get(name).is_none(), "{json}");
        }
        let method = &metadata["token_endpoint_auth_method"];
        assert_eq!(json["token_endpoint_auth_method"], *method);
    }
    assert_eq!(server.count("application_secrets").await, 0);
}

/// RFC 7591 §3: a registered application takes part in the flow like any other.
#[apply(on_both!)]
async fn what_registered_itself_signs_people_in(server: TestServer) {
    let server = server.registering(Registration::Open).await;
    for metadata in [
        json!({ "redirect_uris": [URI] }),
        json!({ "redirect_uris": [URI], "token_endpoint_auth_method": "none" }),
    ] {
        let answer = server.register(&metadata).await.is(201);
        let app = app_of(&server, &answer);
        let tokens = app.tokens().await;
        assert!(token_works(&server, &tokens.access).await);
        let next = Tokens::from(app.refresh(&tokens.refresh).await);
        assert!(token_works(&server, &next.access).await);
    }
}

/// RFC 9700 §2.1.1: what was not checked needs PKCE and asks for consent, whatever it says.
#[apply(on_both!)]
async fn a_registration_decides_nothing_for_others(server: TestServer) {
    let server = server.registering(Registration::Open).await;
    let metadata = json!({
        "redirect_uris": [URI],
        "skip_consent": true,
        "require_pkce": false,
        "client_id": "chosen",
        "owner": "owner",
    });
    let answer = server.register(&metadata).await.is(201);
    let application = server
        .state
        .store
        .application(&answer.member("client_id"))
        .await
        .unwrap()
        .unwrap();
    assert_ne!(application.client_id, "chosen");
    assert_eq!(application.owner, "@registration");
    assert!(application.settings.require_pkce);
    assert!(!application.settings.skip_consent);
}

/// RFC 7591 §3.2.2: what can't be kept is refused by name.
#[apply(on_both!)]
async fn what_can_not_be_kept_is_refused(server: TestServer) {
    let server = server.registering(Registration::Open).await;
    let key = json!({ "kty": "OKP", "crv": "Ed25519", "x": "gYGBgYGBgYGBgYGBgYGBgYGBgYGBgYGBgYGBgYGBgYE" });
    let mut private = key.clone();
    private["d"] = key["x"].clone();
    let with = |name: &str, value: Value| {
        let mut metadata = json!({ "redirect_uris": [URI] });
        metadata[name] = value;
        metadata
    };
    let mut both_keys = with("jwks_uri", json!("https://client.example/jwks.json"));
    both_keys["jwks"] = json!({ "keys": [key] });
    for metadata in [
        json!({}),
        json!({ "redirect_uris": [] }),
        with("grant_types", json!([])),
        with("grant_types", json!(["implicit"])),
        with("grant_types", json!(["password"])),
        with("response_types", json!(["token"])),
        with("token_endpoint_auth_method", json!("client_secret_jwt")),
        with("token_endpoint_auth_method", json!("private_key_jwt")),
        both_keys,
        with("jwks", json!({ "keys": [private] })),
        with("jwks_uri", json!("http://client.example/jwks.json")),
        with("id_token_signed_response_alg", json!("none")),
        with("client_name", json!("a\u{202e}b")),
        with("logo_uri", json!("javascript:alert(1)")),
        with(
            "post_logout_redirect_uris",
            json!(["http://client.example/"]),
        ),
        with("backchannel_logout_uri", json!("http://client.example/")),
    ] {
        let answer = server.register(&metadata).await;
        refused(
            &answer,
            400,
            "invalid_client_metadata",
            "client-metadata-invalid",
        );
    }
    let mut public = with("token_endpoint_auth_method", json!("none"));
    public["grant_types"] = json!(["client_credentials"]);
    let answer = server.register(&public).await;
    refused(
        &answer,
        400,
        "invalid_client_metadata",
        "client-metadata-invalid",
    );
    assert_eq!(server.count("applications").await, 0);
}

/// RFC 7591 §3.2.2: a redirect URI that may not be registered has an error of its own.
#[apply(on_both!)]
async fn a_bad_redirect_uri_is_named(server: TestServer) {
    let server = server.registering(Registration::Open).await;
    for uri in [
        "",
        "/cb",
        "http://client.example/cb",
        "https://client.example/cb#x",
        "https://*.example/cb",
        "javascript:alert(1)",
    ] {
        let metadata = json!({ "redirect_uris": [URI, uri] });
        let answer = server.register(&metadata).await;
        refused(
            &answer,
            400,
            "invalid_redirect_uri",
            "client-metadata-redirect-uri",
        );
        assert!(answer.member("error_description").contains("number 2"));
    }
}

/// RFC 7591 §3.1: the request is one JSON object, and says so.
#[apply(on_both!)]
async fn a_registration_is_one_json_object(server: TestServer) {
    let server = server.registering(Registration::Open).await;
    let good = json!({ "redirect_uris": [URI] }).to_string();
    let long = json!({ "redirect_uris": [URI], "x": "x".repeat(17_000) }).to_string();
    for (media, body) in [
        ("application/json", "".as_bytes()),
        ("application/json", b"{"),
        ("application/json", b"[]"),
        ("application/json", b"null"),
        ("application/json", b"{\"client_name\": \"\xff\"}"),
        ("application/json", b"{\"scope\": [\"openid\"]}"),
        ("application/x-www-form-urlencoded", good.as_bytes()),
        ("text/plain", good.as_bytes()),
    ] {
        let answer = server.post("/o/register").body(media, body).await;
        refused(
            &answer,
            400,
            "invalid_client_metadata",
            "client-metadata-malformed",
        );
    }
    let answer = server.post("/o/register").body("application/json", long);
    refused(&answer.await, 413, "invalid_request", "request-too-large");
    let answer = server
        .post("/o/register/")
        .body("application/json; charset=utf-8", good)
        .await;
    assert_eq!(answer.status, 201);
    let get = server.get("/o/register").await;
    refused(&get, 405, "invalid_request", "method-not-allowed");
    assert_eq!(get.header("allow"), "POST");
}

/// RFC 7591 §3.1.1: a software statement is not dropped in silence.
#[apply(on_both!)]
async fn a_software_statement_is_refused(server: TestServer) {
    let server = server.registering(Registration::Open).await;
    let metadata = json!({ "redirect_uris": [URI], "software_statement": "a.b.c" });
    let answer = server.register(&metadata).await;
    let rule = "software-statement-unsupported";
    refused(&answer, 400, "invalid_software_statement", rule);
}

/// RFC 7591 §3.2.1: the server may leave out what it does not have, and the answer says what is
/// registered.
#[apply(on_both!)]
async fn unknown_scopes_are_dropped_and_the_answer_says_so(server: TestServer) {
    let server = server.registering(Registration::Open).await;
    for (asked, kept) in [
        ("openid mcp:tools profile", "openid profile"),
        ("mcp:tools", ""),
        ("groups", "groups"),
    ] {
        let metadata = json!({ "redirect_uris": [URI], "scope": asked });
        let answer = server.register(&metadata).await.is(201);
        assert_eq!(answer.member("scope"), kept);
        let path = format!("/o/register/{}", answer.member("client_id"));
        let token = answer.member("registration_access_token");
        let read = server.get(&path).bearer(&token).await.is(200);
        assert_eq!(read.member("scope"), kept);
    }
}

/// RFC 7591 §3.2.2: one answer names all faults of a registration.
#[apply(on_both!)]
async fn all_faults_of_a_registration_are_told_at_once(server: TestServer) {
    let server = server.registering(Registration::Open).await;
    let answer = server
        .register(&json!({
            "redirect_uris": ["http://client.example/cb", "https://client.example/#x"],
            "grant_types": ["implicit"],
            "logo_uri": 7,
            "jwks_uri": "http://client.example/jwks.json",
        }))
        .await;
    let rule = "client-metadata-redirect-uri";
    refused(&answer, 400, "invalid_redirect_uri", rule);
    let text = answer.member("error_description");
    for name in [
        "redirect_uris, number 1:",
        "redirect_uris, number 2:",
        "grant_types:",
        "logo_uri:",
        "jwks_uri:",
    ] {
        assert_eq!(text.matches(name).count(), 1, "{name}: {text}");
    }
}

/// RFC 3986 §6.2.2.1: a host in capitals is the same host.
#[apply(on_both!)]
async fn hosts_in_capitals_are_registered_in_lower_case(server: TestServer) {
    let server = server.registering(Registration::Open).await;
    let metadata = json!({ "redirect_uris": ["HTTPS://Client.Example/cb"] });
    let answer = server.register(&metadata).await.is(201);
    assert_eq!(answer.json()["redirect_uris"], json!([URI]));
    app_of(&server, &answer).tokens().await;
}
