//! Traces: what the owner of an application, and no other user, reads when a flow failed.

use macro_rules_attribute::apply;
use serde_json::Value;

use crate::harness::authorization::{NONCE, STATE, VERIFIER};
use crate::harness::{Browser, TestApp, TestServer, TestUser, on_both, problem};

async fn owned(server: &TestServer) -> (TestApp, Browser, TestUser) {
    let owner = server.developer("dev").await;
    let app = server.app().owned_by(&owner).create().await;
    (app, server.signed_in(&owner).await, owner)
}

/// The traces of an application, the newest first.
async fn flows(browser: &Browser, app: &TestApp) -> Vec<Value> {
    let path = format!("/api/applications/{}/flows", app.client_id);
    let list = browser.get(&path).await.is(200).json();
    let mut flows = Vec::new();
    for flow in list.as_array().unwrap() {
        let path = format!("/api/flows/{}", flow["id"].as_str().unwrap());
        flows.push(browser.get(&path).await.is(200).json());
    }
    flows
}

#[apply(on_both!)]
async fn the_owner_reads_what_was_expected_beside_what_came(server: TestServer) {
    let (app, owner, _) = owned(&server).await;
    let ask = app.ask().set("redirect_uri", "https://client.example/Cb");
    let answer = server.browser().ask(&ask).await.is(400);
    let path = format!("/api/flows/{}", answer.header("x-request-id"));
    let flow = owner.get(&path).await.is(200).json();
    assert_eq!(flow["outcome"], "refused");
    assert_eq!(flow["rule"], "redirect-uri-mismatch");
    assert_eq!(flow["application_name"], "Calendar");
    assert_eq!(flow["steps"][0]["expected"][0], "https://client.example/cb");
    assert_eq!(flow["steps"][0]["received"], "https://client.example/Cb");
    let parameters = flow["steps"][0]["parameters"].as_array().unwrap();
    let check = |name: &str| {
        let found = parameters
            .iter()
            .find(|parameter| parameter["name"] == name);
        found.unwrap()["check"].clone()
    };
    assert_eq!(check("client_id"), "ok");
    assert_eq!(check("redirect_uri"), "refused");
    assert_eq!(check("scope"), "not reached");
}

#[apply(on_both!)]
async fn the_way_of_a_flow_that_went_well_is_told(server: TestServer) {
    let (app, owner, _) = owned(&server).await;
    app.tokens().await;
    let flows = flows(&owner, &app).await;
    assert_eq!(flows.len(), 1);
    assert_eq!(flows[0]["outcome"], "redeemed");
    let steps = flows[0]["steps"].as_array().unwrap();
    let steps: Vec<_> = steps
        .iter()
        .map(|step| step["name"].as_str().unwrap())
        .collect();
    for name in [
        "Authorization request",
        "Sign-in",
        "Consent",
        "Code",
        "Token",
    ] {
        assert!(steps.contains(&name), "{name}: {steps:?}");
    }
}

#[apply(on_both!)]
async fn a_refusal_at_the_token_endpoint_stands_in_the_trace_of_its_flow(server: TestServer) {
    let (app, owner, _) = owned(&server).await;
    let form = app
        .redeeming(&app.code().await)
        .set("redirect_uri", "https://client.example/other");
    app.token(&form).await.is(400);
    let flows = flows(&owner, &app).await;
    assert_eq!(flows.len(), 1);
    assert_eq!(flows[0]["rule"], "code-redirect-uri-mismatch");
    let last = flows[0]["steps"]
        .as_array()
        .unwrap()
        .last()
        .unwrap()
        .clone();
    assert_eq!(last["received"], "https://client.example/other");
    assert_eq!(last["expected"][0], "https://client.example/cb");
}

#[apply(on_both!)]
async fn a_client_that_fails_to_authenticate_leaves_a_trace_with_its_owner(server: TestServer) {
    let (app, owner, _) = owned(&server).await;
    let call = server.post("/o/token").basic(&app.client_id, "wrong");
    call.form(&[("grant_type", "client_credentials")])
        .await
        .is(401);
    let flows = flows(&owner, &app).await;
    assert_eq!(flows[0]["rule"], "client-auth-failed");
}

#[apply(on_both!)]
async fn a_trace_is_for_the_owner_and_for_administrators(server: TestServer) {
    let (app, owner, _) = owned(&server).await;
    let answer = server
        .browser()
        .ask(&app.ask().set("scope", "nothing"))
        .await;
    let path = format!("/api/flows/{}", answer.header("x-request-id"));
    owner.get(&path).await.is(200);
    server
        .signed_in(&server.admin("root").await)
        .await
        .get(&path)
        .await
        .is(200);
    let other = server.signed_in(&server.developer("other").await).await;
    problem(&other.get(&path).await, 404, "not-found");
    problem(
        &server.browser_of("ada").await.get(&path).await,
        404,
        "not-found",
    );
    problem(&server.browser().get(&path).await, 401, "session-required");
    problem(&owner.get("/api/flows/x").await, 404, "not-found");
}

#[apply(on_both!)]
async fn a_request_of_an_unknown_client_is_not_kept(server: TestServer) {
    let app = server.app().create().await;
    server
        .browser()
        .ask(&app.ask().set("client_id", "nobody"))
        .await
        .is(400);
    server
        .post("/o/token")
        .basic("nobody", "x")
        .form(&[("a", "b")])
        .await
        .is(401);
    server.settled().await;
    assert_eq!(server.count("flows").await, 0);
}

#[apply(on_both!)]
async fn the_traces_of_a_deleted_application_are_for_administrators(server: TestServer) {
    let owner = server.developer("dev").await;
    let app = server.app().owned_by(&owner).id("calendar").create().await;
    server
        .browser()
        .ask(&app.ask().set("scope", "nothing"))
        .await;
    let browser = server.signed_in(&owner).await;
    let flows = flows(&browser, &app).await;
    let path = format!("/api/flows/{}", flows[0]["id"].as_str().unwrap());
    browser.get(&path).await.is(200);
    browser.delete("/api/applications/calendar").await.is(204);
    problem(&browser.get(&path).await, 404, "not-found");
    let admin = server.signed_in(&server.admin("root").await).await;
    admin.get(&path).await.is(200);
}

/// Every way to fail there is, with everything that must not be kept in it.
#[apply(on_both!)]
async fn no_trace_holds_what_could_be_used(server: TestServer) {
    let (app, ..) = owned(&server).await;
    let secret = app.secret.clone().unwrap();
    let code = app.code().await;
    let tokens = app.redeem(&code).await.is(200);
    let hint = tokens.member("id_token");
    app.redeem(&code).await.is(400);
    let ask = app
        .ask()
        .set("scope", "nothing")
        .add("id_token_hint", &hint);
    server
        .browser()
        .ask(&ask.add("client_secret", &secret).add("password", "hunter2"))
        .await;
    let form = app
        .refreshing(&tokens.member("refresh_token"))
        .add("scope", "write email");
    app.token(&form).await.is(400);
    app.introspect("").await.is(400);
    let twice = app.redeeming(&code).add("client_secret", &secret);
    app.token(&twice).await.is(400);
    let wrong = server
        .post("/o/token")
        .basic(&app.client_id, "a wrong secret");
    wrong.fields(&app.redeeming(&code)).await.is(401);
    server.settled().await;
    let stored = server
        .database
        .texts("SELECT steps FROM flows")
        .await
        .join("\n");
    assert!(stored.lines().count() > 8);
    for text in [
        secret.as_str(),
        &code.code,
        &tokens.member("access_token"),
        &tokens.member("refresh_token"),
        &hint,
        VERIFIER,
        NONCE,
        STATE,
        "hunter2",
        "a wrong secret",
    ] {
        assert!(!stored.contains(text), "{text} in {stored}");
    }
}
