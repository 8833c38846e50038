//! What clients that registered themselves may do, and how long they stay.

use claviger::config::Registration;
use macro_rules_attribute::apply;
use serde_json::json;

use crate::harness::registration::{URI, app_of};
use crate::harness::{Answer, Form, TestApp, TestServer, on_both, refused, refused_by_redirect};
use crate::resource::{API, MCP, Resource};

const DAY: i64 = 86_400;

async fn by_itself(app: &TestApp) -> Answer {
    let form = Form::new(&[("grant_type", "client_credentials"), ("scope", "read")]);
    app.post("/o/token", &form).await
}

/// RFC 6749 §4.4: `client_credentials` is for clients that this server has vetted.
#[apply(on_both!)]
async fn they_act_for_people_only(server: TestServer) {
    let server = server.registering(Registration::Open).await;
    let alone = json!({ "grant_types": ["client_credentials"], "response_types": [] });
    let answer = server.register(&alone).await;
    refused(
        &answer,
        400,
        "invalid_client_metadata",
        "client-metadata-invalid",
    );
    let among_others = json!({
        "redirect_uris": [URI],
        "grant_types": ["authorization_code", "client_credentials", "refresh_token"],
    });
    let made = server.register(&among_others).await.is(201);
    assert_eq!(
        made.json()["grant_types"],
        json!(["authorization_code", "refresh_token"])
    );
    let app = app_of(&server, &made);
    let answer = by_itself(&app).await;
    refused(
        &answer,
        400,
        "unauthorized_client",
        "grant-type-not-allowed",
    );
    // Nor does one that holds the grant from before the rule was made.
    server
        .database
        .execute(
            "UPDATE applications SET grant_types = '[\"authorization_code\",\"client_credentials\"]'",
        )
        .await;
    server.state.store.forget();
    let answer = by_itself(&app).await;
    refused(
        &answer,
        400,
        "unauthorized_client",
        "grant-type-not-allowed",
    );
}

/// RFC 8707 §2: a resource server is theirs to ask for when it was added as open.
#[apply(on_both!)]
async fn they_reach_open_resource_servers_only(server: TestServer) {
    let server = server.registering(Registration::Open).await;
    Resource::new(&server, API, "api:read").add(&server).await;
    Resource::new(&server, MCP, "mcp:use")
        .open()
        .add(&server)
        .await;
    let made = server.register(&json!({ "redirect_uris": [URI] })).await;
    let app = app_of(&server, &made.is(201));
    let user = server.user("ada").await;
    let browser = server.signed_in(&user).await;
    for (scope, resource, error, rule) in [
        ("openid", API, "invalid_target", "resource-not-allowed"),
        ("openid api:read", API, "invalid_scope", "scope-not-allowed"),
    ] {
        let ask = app.ask().set("scope", scope).set("resource", resource);
        let answer = browser.ask(&ask).await;
        refused_by_redirect(&answer.location(), error, rule);
    }
    let ask = app
        .ask()
        .set("scope", "openid mcp:use")
        .set("resource", MCP);
    let code = app.code_of(&ask).await;
    let tokens = app.redeem(&code).await.is(200);
    assert_eq!(tokens.member("scope"), "openid mcp:use");
    // It was open when the tokens were granted, and is not any more.
    server
        .database
        .execute("UPDATE resource_servers SET open = FALSE")
        .await;
    server.state.reload().await.unwrap();
    let answer = app.refresh(&tokens.member("refresh_token")).await;
    refused(&answer, 400, "invalid_target", "resource-not-allowed");
}

async fn sweep(server: &TestServer) -> usize {
    server.settled().await;
    let store = &server.state.store;
    store.sweep_all(server.state.now()).await.unwrap();
    server.count("applications").await
}

/// The rows of a token, a code and a trace go long before its client does.
#[apply(on_both!)]
async fn one_that_is_in_use_is_not_swept(server: TestServer) {
    let server = server.registering(Registration::Open).await;
    let made = server.register(&json!({ "redirect_uris": [URI] })).await;
    let asks = app_of(&server, &made.is(201));
    let public = json!({ "redirect_uris": [URI], "token_endpoint_auth_method": "none",
        "grant_types": ["authorization_code"] });
    let person = app_of(&server, &server.register(&public).await.is(201));
    person.tokens_for("openid").await;
    // One that only introspects, every 20 days.
    for _ in 0..4 {
        server.advance(20 * DAY);
        asks.introspect("no token").await.is(200);
        assert_eq!(sweep(&server).await, 2);
    }
    // The other one was used 80 days ago: a person has let it in.
    server.advance(31 * DAY);
    assert_eq!(sweep(&server).await, 1);
    assert_eq!(server.count("consents").await, 1);
    let connections = server.database.execute("DELETE FROM consents");
    connections.await;
    assert_eq!(sweep(&server).await, 0);
}
