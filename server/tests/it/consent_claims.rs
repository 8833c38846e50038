//! Which scopes people may decline, and what the granted ones tell about them.

use macro_rules_attribute::apply;
use serde_json::json;

use crate::device::{device, television};
use crate::harness::{Code, TestServer, Tokens, on_both, problem};

/// RFC 6749 §3.3: the person decides on each scope that the application can do without.
#[apply(on_both!)]
async fn people_may_decline_the_optional_scopes_of_the_application(server: TestServer) {
    let app = server.app().optional("read").create().await;
    let browser = server.browser_of("ada").await;
    let ask = app.ask().set("scope", "openid email read");
    let ticket = browser.ask(&ask).await.ticket("/consent");
    let path = format!("/api/consent?flow={ticket}");
    let shown = browser.get(&path).await.json();
    let optional = |at: usize| shown["scopes"][at]["optional"].clone();
    assert_eq!(
        [optional(0), optional(1), optional(2)],
        [false, false, true]
    );
    let answer = browser.decide(&ticket, "allow", Some(&[])).await;
    let code = Code::of(answer.member("redirect_to"));
    assert_eq!(app.redeem(&code).await.member("scope"), "openid email");
}

#[apply(on_both!)]
async fn a_person_who_declines_on_a_device_is_heard_too(server: TestServer) {
    let tv = television(&server).await;
    let owner = server.signed_in(&server.owner().await).await;
    let path = format!("/api/applications/{}", tv.client_id);
    let patch = json!({ "optional_scopes": ["read"] });
    owner.call("PATCH", &path).json(&patch).await.is(200);
    let device = device(&tv, "openid read").await;
    let browser = server.browser_of("ada").await;
    let body = json!({ "user_code": device.user_code, "decision": "allow", "scopes": [] });
    browser.post("/api/device", &body).await.is(200);
    assert_eq!(Tokens::from(device.poll().await).scope, "openid");
}

#[apply(on_both!)]
async fn optional_scopes_are_a_setting_of_the_application(server: TestServer) {
    let app = server.app().create().await;
    let owner = server.signed_in(&server.owner().await).await;
    let path = format!("/api/applications/{}", app.client_id);
    let patch = json!({ "optional_scopes": ["offline_access"] });
    let answer = owner.call("PATCH", &path).json(&patch).await.is(200);
    assert_eq!(answer.json()["optional_scopes"], json!(["offline_access"]));
    let bad = json!({ "optional_scopes": ["nothing"] });
    let answer = owner.call("PATCH", &path).json(&bad).await;
    problem(&answer, 422, "form-invalid");
    assert!(answer.json()["errors"]["optional_scopes"].is_array());
}

/// OpenID Connect Core 1.0 §5.4: id_token and UserInfo tell the same claims of the granted scopes.
#[apply(on_both!)]
async fn the_scope_groups_tells_the_groups(server: TestServer) {
    let app = server.app().create().await;
    let tokens = app.tokens_for("openid groups").await;
    let userinfo = server.get("/o/userinfo").bearer(&tokens.access).await;
    let told = userinfo.is(200).json();
    assert_eq!(told["groups"], json!([]));
    assert_eq!(told.get("name"), None);
    let tokens = app.tokens_for("openid profile").await;
    let userinfo = server.get("/o/userinfo").bearer(&tokens.access).await;
    assert_eq!(userinfo.json().get("groups"), None);
}
