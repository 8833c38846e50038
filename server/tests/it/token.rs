//! What `/o/token`, `/o/revoke_token` and `/o/introspect` ask of every request, in their order.

use macro_rules_attribute::apply;
use serde_json::json;

use crate::harness::{Form, TestServer, on_both, refused};

const PATHS: [&str; 3] = ["/o/token", "/o/revoke_token", "/o/introspect"];

/// RFC 6749 §3.2: the token endpoint takes POST only.
/// RFC 7009 §2.1: the revocation endpoint takes POST only.
/// RFC 7662 §2.1: the introspection endpoint takes POST only.
#[apply(on_both!)]
async fn only_post_is_taken(server: TestServer) {
    for path in PATHS {
        for method in ["GET", "PUT", "DELETE", "PATCH", "HEAD"] {
            let answer = server.call(method, path).await;
            assert_eq!(answer.status, 405, "{method} {path}");
            assert_eq!(answer.header("allow"), "POST");
        }
        let answer = server.get(path).await;
        refused(&answer, 405, "invalid_request", "method-not-allowed");
    }
}

#[apply(on_both!)]
async fn every_path_answers_with_a_slash_at_its_end_too(server: TestServer) {
    let app = server.app().grants(&["client_credentials"]).create().await;
    let form = Form::new(&[("grant_type", "client_credentials")]);
    app.post("/o/token/", &form).await.is(200);
    app.post("/o/revoke_token/", &Form::new(&[("token", "x")]))
        .await
        .is(200);
    app.post("/o/introspect/", &Form::new(&[("token", "x")]))
        .await
        .is(200);
}

/// RFC 6749 §4.1.3: the parameters of a token request are a form in the body.
#[apply(on_both!)]
async fn only_a_form_is_taken(server: TestServer) {
    let app = server.app().grants(&["client_credentials"]).create().await;
    let secret = app.secret.clone().unwrap();
    let form = "grant_type=client_credentials";
    for path in PATHS {
        let json = server
            .post(path)
            .basic(&app.client_id, &secret)
            .json(&json!({ "token": "x" }));
        refused(&json.await, 400, "invalid_request", "media-type-not-form");
        let parts = server
            .post(path)
            .body("multipart/form-data; boundary=x", "--x--");
        refused(&parts.await, 400, "invalid_request", "media-type-not-form");
        // Libraries send a form without a field as nothing at all: what is missing is the client.
        let nothing = server.post(path).await;
        refused(&nothing, 401, "invalid_client", "client-auth-missing");
    }
    for media_type in [
        "application/x-www-form-urlencoded; charset=utf-8",
        "Application/X-WWW-Form-URLEncoded;charset=UTF-8",
    ] {
        let call = server.post("/o/token").basic(&app.client_id, &secret);
        call.body(media_type, form).await.is(200);
    }
}

/// RFC 6749 appendix B: parameters at the token endpoint are UTF-8.
#[apply(on_both!)]
async fn what_can_not_be_read_is_refused(server: TestServer) {
    let media_type = "application/x-www-form-urlencoded";
    for path in PATHS {
        let big = server
            .post(path)
            .body(media_type, format!("a={}", "b".repeat(17_000)));
        refused(&big.await, 413, "invalid_request", "request-too-large");
        let bytes = server.post(path).body(media_type, b"a=\xff".to_vec());
        refused(&bytes.await, 400, "invalid_request", "request-not-utf8");
        let encoded = server.post(path).body(media_type, "a=%C3%28");
        refused(&encoded.await, 400, "invalid_request", "request-not-utf8");
    }
}

#[apply(on_both!)]
async fn odd_percent_signs_do_no_harm(server: TestServer) {
    let app = server.app().create().await;
    let secret = app.secret.clone().unwrap();
    let call = server.post("/o/introspect").basic(&app.client_id, &secret);
    let body = "token=%%7A&x=%zz&y=%";
    let answer = call
        .body("application/x-www-form-urlencoded", body)
        .await
        .is(200);
    assert_eq!(answer.json(), json!({ "active": false }));
}

/// RFC 6749 §3.2: a parameter that comes twice is refused.
#[apply(on_both!)]
async fn a_repeated_parameter_is_refused_before_the_client_is_looked_at(server: TestServer) {
    for path in PATHS {
        for body in [
            "token=a&token=a",
            "token=&token=a",
            "client_id=a&client_id=b",
            "x=1&x=1",
        ] {
            let answer = server
                .post(path)
                .body("application/x-www-form-urlencoded", body)
                .await;
            refused(&answer, 400, "invalid_request", "parameter-repeated");
        }
    }
}

/// RFC 6749 §2.3.1: client credentials are never taken from the query.
#[apply(on_both!)]
async fn parameters_in_the_query_are_refused_before_the_client_is_looked_at(server: TestServer) {
    for path in PATHS {
        let call = server.post(&format!("{path}?client_id=a&client_secret=b"));
        let answer = call.form(&[("token", "x")]).await;
        refused(&answer, 400, "invalid_request", "parameters-in-query");
    }
}

#[apply(on_both!)]
async fn the_client_is_looked_at_before_the_grant_type(server: TestServer) {
    let answer = server
        .post("/o/token")
        .form(&[("client_id", "nobody")])
        .await;
    refused(&answer, 401, "invalid_client", "client-auth-failed");
}

/// RFC 6749 §5.2: what is wrong with a grant type is told by the name that stands there.
#[apply(on_both!)]
async fn the_grant_type_is_looked_at_before_its_parameters(server: TestServer) {
    let app = server.app().grants(&["authorization_code"]).create().await;
    let public = server
        .app()
        .public()
        .grants(&["authorization_code"])
        .create()
        .await;
    for (app, grant_type, error, rule) in [
        (&app, "", "invalid_request", "grant-type-missing"),
        (
            &app,
            "password",
            "unsupported_grant_type",
            "grant-type-unsupported",
        ),
        (
            &app,
            "implicit",
            "unsupported_grant_type",
            "grant-type-unsupported",
        ),
        (
            &app,
            "refresh_token",
            "unauthorized_client",
            "grant-type-not-allowed",
        ),
        (
            &app,
            "client_credentials",
            "unauthorized_client",
            "grant-type-not-allowed",
        ),
        (
            &public,
            "client_credentials",
            "unauthorized_client",
            "client-credentials-public",
        ),
        (
            &app,
            "authorization_code",
            "invalid_request",
            "code-missing",
        ),
    ] {
        let answer = app.token(&Form::new(&[("grant_type", grant_type)])).await;
        refused(&answer, 400, error, rule);
    }
}

/// RFC 6749 §6: a refresh without refresh_token is invalid_request.
#[apply(on_both!)]
async fn a_missing_refresh_token_is_said(server: TestServer) {
    let app = server.app().create().await;
    let answer = app
        .token(&Form::new(&[("grant_type", "refresh_token")]))
        .await;
    refused(&answer, 400, "invalid_request", "refresh-token-missing");
}

/// RFC 6749 §5.1: an answer with tokens is JSON, says type, lifetime and scope, and is not
/// stored.
#[apply(on_both!)]
async fn an_answer_with_tokens_is_never_stored(server: TestServer) {
    let app = server.app().create().await;
    let answer = app.tokens_for("openid read").await.answer;
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("content-type"), "application/json");
    let json = answer.json();
    assert_eq!(json["token_type"], "Bearer");
    assert_eq!(json["expires_in"], 3600);
    assert_eq!(json["scope"], "openid read");
    for (member, prefix) in [("access_token", "clv_at_"), ("refresh_token", "clv_rt_")] {
        assert!(answer.member(member).starts_with(prefix), "{member}");
    }
}

/// RFC 8707 §2.2: a resource that is not registered is invalid_target.
#[apply(on_both!)]
async fn a_resource_that_is_not_registered_is_refused_last(server: TestServer) {
    let app = server.app().grants(&["client_credentials"]).create().await;
    let form = Form::new(&[
        ("grant_type", "client_credentials"),
        ("resource", "https://a.example"),
    ]);
    refused(
        &app.token(&form).await,
        400,
        "invalid_target",
        "resource-unknown",
    );
    let form = form
        .add("resource", "https://b.example")
        .set("scope", "nothing");
    refused(
        &app.token(&form).await,
        400,
        "invalid_scope",
        "scope-unknown",
    );
}

/// RFC 6749 §5.1: `no-store`, and `no-cache` for those who know HTTP/1.0 only.
#[apply(on_both!)]
async fn no_answer_of_the_token_endpoint_is_kept(server: TestServer) {
    let app = server.app().create().await;
    let tokens = app.tokens().await;
    let refreshed = app.refresh(&tokens.refresh).await.is(200);
    let failed = app.token(&Form::default()).await.is(400);
    for answer in [
        &tokens.answer,
        &refreshed,
        &failed,
        &server.get("/o/token").await,
    ] {
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("pragma"), "no-cache");
    }
}
