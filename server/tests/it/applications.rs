//! Registering applications over the API, changing them, and their secrets.

use macro_rules_attribute::apply;
use serde_json::{Value, json};

use crate::harness::{Answer, Browser, TestServer, on_both, problem};

async fn developer(server: &TestServer, name: &str) -> Browser {
    server.signed_in(&server.developer(name).await).await
}

fn calendar() -> Value {
    json!({ "name": "Calendar", "redirect_uris": ["https://client.example/cb"] })
}

async fn create(browser: &Browser, new: &Value) -> Answer {
    browser.post("/api/applications", new).await
}

/// The path of a new application.
async fn created(browser: &Browser) -> String {
    let answer = create(browser, &calendar()).await.is(201);
    format!("/api/applications/{}", answer.member("client_id"))
}

#[apply(on_both!)]
async fn a_developer_registers_an_application_and_sees_its_secret_once(server: TestServer) {
    let browser = developer(&server, "dev").await;
    let answer = create(&browser, &calendar()).await.is(201);
    assert_eq!(answer.header("cache-control"), "no-store");
    let mut json = answer.json();
    let secret = json
        .as_object_mut()
        .unwrap()
        .remove("client_secret")
        .unwrap();
    assert!(secret.as_str().unwrap().starts_with("clv_cs_"));
    let path = format!("/api/applications/{}", answer.member("client_id"));
    assert_eq!(browser.get(&path).await.json(), json);
    assert_eq!(browser.get("/api/applications").await.json(), json!([json]));
    json["client_id"].take();
    json["secrets"].take();
    let expected = json!({
        "client_id": null,
        "name": "Calendar",
        "client_type": "confidential",
        "grant_types": ["authorization_code", "refresh_token"],
        "redirect_uris": ["https://client.example/cb"],
        "post_logout_redirect_uris": [],
        "allowed_origins": [],
        "scopes": ["openid", "profile", "email", "offline_access", "read", "write"],
        "require_pkce": true,
        "skip_consent": false,
        "access_token_format": "opaque",
        "access_token_lifetime": 3600,
        "refresh_token_lifetime": 2_592_000,
        "refresh_reuse_window": 30,
        "id_token_alg": "RS256",
        "created_at": "2027-01-15T08:00:00Z",
        "updated_at": "2027-01-15T08:00:00Z",
        "owner": "dev",
        "secrets": null,
    });
    assert_eq!(json, expected);
}

#[apply(on_both!)]
async fn a_public_application_has_no_secret(server: TestServer) {
    let browser = developer(&server, "dev").await;
    let mut new = calendar();
    new["client_type"] = json!("public");
    new["client_id"] = json!("calendar");
    let json = create(&browser, &new).await.is(201).json();
    assert!(json.get("client_secret").is_none());
    assert_eq!(json["secrets"], json!([]));
    let answer = browser
        .post("/api/applications/calendar/secrets", &json!({}))
        .await;
    problem(&answer, 422, "form-invalid");
}

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
        "access_token_format": "jwt",
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
async fn somebody_elses_application_is_not_there(server: TestServer) {
    let path = created(&developer(&server, "owner").await).await;
    let other = developer(&server, "other").await;
    for path in [
        path.as_str(),
        "/api/applications/nothing",
        "/api/applications/%00",
    ] {
        problem(&other.get(path).await, 404, "not-found");
        problem(
            &other.call("PATCH", path).json(&json!({})).await,
            404,
            "not-found",
        );
        problem(&other.delete(path).await, 404, "not-found");
        problem(
            &other.post(&format!("{path}/secrets"), &json!({})).await,
            404,
            "not-found",
        );
        problem(&other.get(&format!("{path}/flows")).await, 404, "not-found");
    }
    let bad = json!({ "name": "" });
    problem(
        &other.call("PATCH", &path).json(&bad).await,
        404,
        "not-found",
    );
    assert_eq!(other.get("/api/applications").await.json(), json!([]));
}

#[apply(on_both!)]
async fn an_administrator_sees_everybodys(server: TestServer) {
    let path = created(&developer(&server, "dev").await).await;
    let admin = server.signed_in(&server.admin("root").await).await;
    assert_eq!(admin.get(&path).await.json()["owner"], "dev");
    assert_eq!(
        admin
            .get("/api/applications")
            .await
            .json()
            .as_array()
            .unwrap()
            .len(),
        1
    );
    admin.delete(&path).await.is(204);
}

#[apply(on_both!)]
async fn whoever_is_no_developer_registers_nothing(server: TestServer) {
    let browser = server.somebody("ada").await;
    problem(&create(&browser, &calendar()).await, 403, "role-required");
    problem(
        &create(&server.browser(), &calendar()).await,
        401,
        "session-required",
    );
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
async fn what_a_patch_leaves_out_stays_as_it_is(server: TestServer) {
    let browser = developer(&server, "dev").await;
    let path = created(&browser).await;
    let before = browser.get(&path).await.json();
    server.advance(5);
    let patch = json!({ "name": "Diary", "scopes": ["read"] });
    let mut after = browser
        .call("PATCH", &path)
        .json(&patch)
        .await
        .is(200)
        .json();
    assert_eq!(browser.get(&path).await.json(), after);
    assert_eq!(after["updated_at"], "2027-01-15T08:00:05Z");
    for (name, value) in [("name", "Diary".into()), ("scopes", json!(["read"]))] {
        assert_eq!(after[name], value);
        after[name] = before[name].clone();
    }
    after["updated_at"] = before["updated_at"].clone();
    assert_eq!(after, before);
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

#[apply(on_both!)]
async fn two_changes_at_once_both_count(server: TestServer) {
    let browser = developer(&server, "dev").await;
    let path = created(&browser).await;
    let (name, scopes) = (json!({ "name": "Diary" }), json!({ "scopes": ["read"] }));
    let (one, two) = tokio::join!(
        browser.call("PATCH", &path).json(&name).into_future(),
        browser.call("PATCH", &path).json(&scopes).into_future(),
    );
    assert_eq!((one.status, two.status), (200, 200));
    let json = browser.get(&path).await.json();
    assert_eq!(
        (&json["name"], &json["scopes"]),
        (&json!("Diary"), &json!(["read"]))
    );
}

#[apply(on_both!)]
async fn the_last_secret_stays(server: TestServer) {
    let browser = developer(&server, "dev").await;
    let path = created(&browser).await;
    let first = browser.get(&path).await.json()["secrets"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    problem(
        &browser.delete(&format!("{path}/secrets/{first}")).await,
        409,
        "secret-last",
    );
    let second = browser
        .post(&format!("{path}/secrets"), &json!({}))
        .await
        .is(201);
    assert!(second.member("client_secret").starts_with("clv_cs_"));
    let second = second.member("id");
    browser
        .delete(&format!("{path}/secrets/{first}"))
        .await
        .is(204);
    problem(
        &browser.delete(&format!("{path}/secrets/{first}")).await,
        404,
        "not-found",
    );
    problem(
        &browser.delete(&format!("{path}/secrets/x")).await,
        404,
        "not-found",
    );
    problem(
        &browser.delete(&format!("{path}/secrets/{second}")).await,
        409,
        "secret-last",
    );
    let text = browser.get(&path).await.text();
    assert!(!text.contains("client_secret") && !text.contains("hash"));
}

#[apply(on_both!)]
async fn deleting_takes_secrets_consents_and_tokens_along(server: TestServer) {
    let app = server.app().id("calendar").create().await;
    app.tokens().await;
    let browser = server.signed_in(&server.owner().await).await;
    browser.delete("/api/applications/calendar").await.is(204);
    assert_eq!(server.count("application_secrets").await, 0);
    assert_eq!(server.count("consents").await, 0);
    assert_eq!(server.count("grants WHERE revoked_at IS NULL").await, 0);
    problem(
        &browser.get("/api/applications/calendar").await,
        404,
        "not-found",
    );
}

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
