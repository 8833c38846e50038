//! `/o/par`: who may push what (RFC 9126 §2), and what is kept of it.

use macro_rules_attribute::apply;
use serde_json::json;

use crate::harness::{Form, TestServer, on_both, refused};
use crate::pushed::{URN, push, pushed};

/// RFC 9126 §2.2: the answer to a push is 201 with `request_uri` and `expires_in`, and is not stored.
#[apply(on_both!)]
async fn a_push_gets_an_address_that_stands_for_the_request(server: TestServer) {
    let app = server.app().create().await;
    let answer = push(&app, &app.ask()).await.is(201);
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("content-type"), "application/json");
    let json = answer.json();
    assert_eq!(json["expires_in"], 60);
    assert_eq!(json.as_object().unwrap().len(), 2);
    let uri = answer.member("request_uri");
    let random = uri.strip_prefix(URN).unwrap();
    assert!(random.starts_with("clv_pr_") && random.len() > 64, "{uri}");
    assert_ne!(uri, pushed(&app, &app.ask()).await);
}

/// RFC 9126 §2.1: a push is authenticated as at the token endpoint.
#[apply(on_both!)]
async fn a_push_requires_client_authentication(server: TestServer) {
    let app = server.app().create().await;
    let form = app.ask().params;
    let anonymous = form.clone().without("client_id");
    for (call, rule) in [
        (
            server.post("/o/par").fields(&anonymous),
            "client-auth-missing",
        ),
        (server.post("/o/par").fields(&form), "client-auth-missing"),
        (
            server
                .post("/o/par")
                .fields(&anonymous)
                .basic(&app.client_id, "wrong"),
            "client-auth-failed",
        ),
    ] {
        let answer = call.await;
        refused(&answer, 401, "invalid_client", rule);
        assert!(answer.header("www-authenticate").starts_with("Basic "));
    }
    let secret = app.secret.clone().unwrap();
    let by_body = form.clone().add("client_secret", &secret);
    server.post("/o/par").fields(&by_body).await.is(201);
    let other = form.clone().set("client_id", "other");
    let answer = app.post("/o/par", &other).await;
    refused(&answer, 400, "invalid_request", "client-auth-twice");
    let answer = app.post("/o/par", &form).await;
    answer.is(201);
}

#[apply(on_both!)]
async fn a_push_keeps_the_order_of_the_token_endpoint(server: TestServer) {
    let app = server.app().create().await;
    for method in ["GET", "PUT", "DELETE"] {
        let answer = server.call(method, "/o/par").await;
        refused(&answer, 405, "invalid_request", "method-not-allowed");
        assert_eq!(answer.header("allow"), "POST");
    }
    let answer = server.post("/o/par").json(&json!({})).await;
    refused(&answer, 400, "invalid_request", "media-type-not-form");
    let form = app.ask().params;
    let large = form.clone().add("x", &"a".repeat(17_000));
    let answer = app.post("/o/par", &large).await;
    refused(&answer, 413, "invalid_request", "request-too-large");
    let answer = app.post("/o/par", &form.clone().add("state", "2")).await;
    refused(&answer, 400, "invalid_request", "parameter-repeated");
    let answer = app.post("/o/par?request_uri=urn:x", &form).await;
    refused(&answer, 400, "invalid_request", "parameters-in-query");
    app.post("/o/par/", &form).await.is(201);
}

/// What is pushed is kept form-encoded and read with the same limit as any request.
#[apply(on_both!)]
async fn a_request_that_grows_too_large_when_it_is_encoded_is_refused_at_once(server: TestServer) {
    let app = server.app().create().await;
    let body = format!(
        "{}&x={}",
        app.ask().params.without("client_id").encoded(),
        "!".repeat(8_000)
    );
    let call = server
        .post("/o/par")
        .body("application/x-www-form-urlencoded", body);
    let answer = call
        .basic(&app.client_id, app.secret.as_deref().unwrap())
        .await;
    refused(&answer, 413, "invalid_request", "request-too-large");
}

/// RFC 9126 §2.1: `request_uri` must not be pushed; RFC 9126 §2.3: the parameters are checked as at the authorization endpoint.
#[apply(on_both!)]
async fn every_rule_of_a_request_holds_when_it_is_pushed(server: TestServer) {
    let app = server.app().scopes("openid read").create().await;
    let uri = pushed(&app, &app.ask()).await;
    for (name, value, error, rule) in [
        (
            "request_uri",
            uri.as_str(),
            "invalid_request",
            "pushed-request-nested",
        ),
        (
            "request_uri",
            "https://a.example",
            "invalid_request",
            "pushed-request-nested",
        ),
        (
            "request",
            "e.y.J",
            "invalid_request",
            "pushed-request-nested",
        ),
        (
            "redirect_uri",
            "https://evil.example",
            "invalid_request",
            "redirect-uri-mismatch",
        ),
        (
            "redirect_uri",
            "/../",
            "invalid_request",
            "redirect-uri-mismatch",
        ),
        (
            "registration",
            "{}",
            "registration_not_supported",
            "registration-parameter-unsupported",
        ),
        (
            "response_mode",
            "x",
            "invalid_request",
            "response-mode-unsupported",
        ),
        (
            "response_type",
            "",
            "invalid_request",
            "response-type-missing",
        ),
        (
            "response_type",
            "token",
            "unsupported_response_type",
            "response-type-unsupported",
        ),
        (
            "code_challenge",
            "",
            "invalid_request",
            "pkce-challenge-missing",
        ),
        (
            "code_challenge_method",
            "plain",
            "invalid_request",
            "pkce-method-unsupported",
        ),
        ("scope", "nothing", "invalid_scope", "scope-unknown"),
        ("scope", "write", "invalid_scope", "scope-not-allowed"),
        (
            "resource",
            "https://nobody.example",
            "invalid_target",
            "resource-unknown",
        ),
        (
            "prompt",
            "none login",
            "invalid_request",
            "prompt-none-combined",
        ),
        ("max_age", "x", "invalid_request", "max-age-malformed"),
        (
            "id_token_hint",
            "x",
            "invalid_request",
            "id-token-hint-invalid",
        ),
    ] {
        let answer = push(&app, &app.ask().set(name, value)).await;
        refused(&answer, 400, error, rule);
    }
    assert_eq!(server.count("pushed_requests").await, 1);
    let machine = server.app().grants(&["client_credentials"]).create().await;
    let answer = push(&machine, &machine.ask()).await;
    refused(
        &answer,
        400,
        "unauthorized_client",
        "response-type-not-allowed",
    );
}

#[apply(on_both!)]
async fn what_is_kept_holds_no_secret_and_every_resource(server: TestServer) {
    let app = server.app().create().await;
    let secret = app.secret.clone().unwrap();
    let form = app
        .ask()
        .params
        .add("resource", "http://localhost:8000/api/hello")
        .add("resource", "http://localhost:8000/o")
        .add("client_secret", &secret);
    let answer = server.post("/o/par").fields(&form).await.is(201);
    let uri = answer.member("request_uri");
    let kept = server
        .database
        .texts("SELECT parameters FROM pushed_requests")
        .await;
    assert_eq!(kept[0].matches("&resource=").count(), 2, "{}", kept[0]);
    assert_eq!(kept[0].matches("client_id=").count(), 1);
    assert!(!kept[0].contains("client_secret"));
    server.settled().await;
    let dump = server.database.dump().await;
    assert!(!dump.contains(&secret) && !dump.contains(&uri));
    assert!(!dump.contains(uri.strip_prefix(URN).unwrap()));
}

/// RFC 9126 §2: CORS for the client's own origins, as at the token endpoint.
#[apply(on_both!)]
async fn a_script_of_the_application_may_push(server: TestServer) {
    const ORIGIN: &str = "https://spa.example";
    let app = server.app().public().origins(&[ORIGIN]).create().await;
    let call = app.post("/o/par", &app.ask().params.without("client_id"));
    let answer = call.header("origin", ORIGIN).await.is(201);
    assert_eq!(answer.header("access-control-allow-origin"), ORIGIN);
    let call = app.post("/o/par", &Form::new(&[("scope", "x")]));
    let answer = call.header("origin", ORIGIN).await.is(400);
    assert_eq!(answer.header("access-control-allow-origin"), ORIGIN);
    let preflight = server.call("OPTIONS", "/o/par").header("origin", ORIGIN);
    let answer = preflight.await.is(204);
    assert_eq!(answer.header("access-control-allow-origin"), ORIGIN);
}
