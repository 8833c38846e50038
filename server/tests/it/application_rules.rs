//! What an application may be, and how a form is told what it may not.

use macro_rules_attribute::apply;
use serde_json::json;

use crate::applications::{calendar, create, created, developer};
use crate::harness::{TestServer, on_both, problem};

#[apply(on_both!)]
async fn every_field_that_breaks_a_rule_is_named_at_once(server: TestServer) {
    let browser = developer(&server, "dev").await;
    let new = json!({
        "name": " ",
        "client_id": "no spaces",
        "client_type": "secret",
        "grant_types": ["password"],
        "redirect_uris": ["https://ok.example/cb", "https://a.example/#x", "nonsense"],
        "post_logout_redirect_uris": ["javascript:alert(1)"],
        "allowed_origins": ["https://a.example/"],
        "scopes": ["everything"],
        "skip_consent": true,
        "access_token_format": "xml",
        "access_token_lifetime": 1,
        "refresh_token_lifetime": 1,
        "refresh_reuse_window": 61,
        "id_token_alg": "HS256",
    });
    let answer = create(&browser, &new).await;
    problem(&answer, 422, "form-invalid");
    let errors = answer.json()["errors"].clone();
    let fields: Vec<_> = errors
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(
        fields,
        [
            "access_token_format",
            "access_token_lifetime",
            "allowed_origins.0",
            "client_id",
            "client_type",
            "grant_types",
            "id_token_alg",
            "name",
            "post_logout_redirect_uris.0",
            "redirect_uris.1",
            "redirect_uris.2",
            "refresh_reuse_window",
            "refresh_token_lifetime",
            "scopes",
            "skip_consent",
        ]
    );
    assert!(
        errors
            .as_object()
            .unwrap()
            .values()
            .all(|messages| messages[0].is_string())
    );
    assert_eq!(browser.get("/api/applications").await.json(), json!([]));
}

/// RFC 6749 §3.1.2: a redirect URI is absolute and has no fragment.
/// RFC 9700 §2.6: a redirect URI is https, but on loopback and for schemes of an application's
/// own.
#[apply(on_both!)]
async fn redirect_uris_are_registered_by_the_table(server: TestServer) {
    let browser = developer(&server, "dev").await;
    for (uri, taken) in [
        ("https://example.com/cb?a=1", true),
        ("http://127.0.0.1/cb", true),
        ("http://[::1]:8080/cb", true),
        ("http://localhost:3000/cb", true),
        ("com.example.app:/cb", true),
        ("http://example.com/cb", false),
        ("https://example.com/cb#", false),
        ("https://example.com/cb#frag", false),
        ("https://user@example.com/cb", false),
        ("https://*.example.com/cb", false),
        ("https://example.com/../cb", false),
        ("scheme:path", false),
        ("x:///y", false),
        ("https:/x", false),
        ("/cb", false),
        ("javascript:alert(1)", false),
        ("data:text/html,x", false),
        ("https://example.com/\u{e9}", false),
        ("https://example.com/a b", false),
    ] {
        let new = json!({ "name": "Calendar", "redirect_uris": [uri] });
        let status = create(&browser, &new).await.status;
        assert_eq!(status, if taken { 201 } else { 422 }, "{uri}");
    }
}

#[apply(on_both!)]
async fn a_client_id_is_taken_once(server: TestServer) {
    let (one, two) = (
        developer(&server, "one").await,
        developer(&server, "two").await,
    );
    let mut new = calendar();
    new["client_id"] = json!("calendar");
    create(&one, &new).await.is(201);
    let answer = create(&two, &new).await;
    problem(&answer, 422, "form-invalid");
    assert!(answer.json()["errors"]["client_id"][0].is_string());
}

#[apply(on_both!)]
async fn only_an_administrator_lets_an_application_skip_consent(server: TestServer) {
    let dev = developer(&server, "dev").await;
    let path = created(&dev).await;
    let patch = json!({ "skip_consent": true });
    let answer = dev.call("PATCH", &path).json(&patch).await;
    problem(&answer, 422, "form-invalid");
    let admin = server.signed_in(&server.admin("root").await).await;
    admin.call("PATCH", &path).json(&patch).await.is(200);
    // What is so already may stay so, and be taken back.
    dev.call("PATCH", &path).json(&patch).await.is(200);
    dev.call("PATCH", &path)
        .json(&json!({ "skip_consent": false }))
        .await
        .is(200);
}

#[apply(on_both!)]
async fn a_patch_changes_all_of_it_or_nothing(server: TestServer) {
    let browser = developer(&server, "dev").await;
    let path = created(&browser).await;
    for patch in [
        json!({ "name": "Diary", "redirect_uris": [] }),
        json!({ "name": "Diary", "client_type": "public" }),
        json!({ "name": "Diary", "grant_types": [] }),
    ] {
        let answer = browser.call("PATCH", &path).json(&patch).await;
        problem(&answer, 422, "form-invalid");
    }
    assert_eq!(browser.get(&path).await.json()["name"], "Calendar");
}

/// RFC 9457 §3: a failure of the API is a problem with type, title, status and detail.
#[apply(on_both!)]
async fn what_can_not_be_read_is_said(server: TestServer) {
    let browser = developer(&server, "dev").await;
    for body in [
        "",
        "[]",
        "{",
        "{\"name\": 1}",
        "{\"name\": \"a\", \"name\": \"b\"}",
    ] {
        let answer = browser
            .call("POST", "/api/applications")
            .body("application/json", body)
            .await;
        problem(&answer, 400, "json-malformed");
    }
    let big = json!({ "name": "x".repeat(70_000) });
    problem(&create(&browser, &big).await, 400, "json-malformed");
    problem(
        &browser.call("PUT", "/api/applications").await,
        405,
        "method-not-allowed",
    );
    problem(&browser.get("/api/nothing").await, 404, "not-found");
}
