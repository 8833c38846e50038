//! Registering applications over the API, changing them, and their secrets.

use macro_rules_attribute::apply;
use serde_json::{Value, json};

use crate::harness::{Answer, Browser, TestServer, on_both, problem};

pub(crate) async fn developer(server: &TestServer, name: &str) -> Browser {
    server.signed_in(&server.developer(name).await).await
}

pub(crate) fn calendar() -> Value {
    json!({ "name": "Calendar", "redirect_uris": ["https://client.example/cb"] })
}

pub(crate) async fn create(browser: &Browser, new: &Value) -> Answer {
    browser.post("/api/applications", new).await
}

/// The path of a new application.
pub(crate) async fn created(browser: &Browser) -> String {
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
        "scopes": ["openid", "profile", "email", "groups", "offline_access", "read", "write"],
        "optional_scopes": ["profile", "email", "groups"],
        "require_pkce": true,
        "skip_consent": false,
        "access_token_format": "opaque",
        "access_token_lifetime": 3600,
        "refresh_token_lifetime": 2_592_000,
        "refresh_reuse_window": 30,
        "id_token_alg": "RS256",
        "token_endpoint_auth_method": null,
        "jwks": null,
        "jwks_uri": null,
        "backchannel_logout_uri": null,
        "backchannel_logout_session_required": false,
        "require_pushed_authorization_requests": false,
        "resources": null,
        "origin": "dashboard",
        "disabled": false,
        "last_used_at": null,
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
async fn the_application_of_another_developer_is_not_found(server: TestServer) {
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
async fn an_administrator_sees_the_applications_of_every_owner(server: TestServer) {
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
async fn registering_an_application_requires_the_developer_role(server: TestServer) {
    let browser = server.browser_of("ada").await;
    problem(&create(&browser, &calendar()).await, 403, "role-required");
    problem(
        &create(&server.browser(), &calendar()).await,
        401,
        "session-required",
    );
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
