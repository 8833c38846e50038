//! An application that acts for itself (RFC 6749 §4.4).

use macro_rules_attribute::apply;

use crate::harness::application::token_works;
use crate::harness::{Form, TestServer, on_both, refused};

fn grant() -> Form {
    Form::new(&[("grant_type", "client_credentials")])
}

/// RFC 6749 §4.4.3: client credentials give no refresh token.
#[apply(on_both!)]
async fn it_gets_an_access_token_and_nothing_else(server: TestServer) {
    let app = server
        .app()
        .grants(&["client_credentials", "refresh_token"])
        .create()
        .await;
    let answer = app.token(&grant()).await.is(200);
    let json = answer.json();
    let members: Vec<_> = json
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(
        members,
        ["access_token", "expires_in", "scope", "token_type"]
    );
    assert_eq!(answer.header("cache-control"), "no-store");
}

/// RFC 6749 §4.4.2: scope is optional for client credentials.
#[apply(on_both!)]
async fn its_default_scopes_say_nothing_of_a_person(server: TestServer) {
    let app = server.app().grants(&["client_credentials"]).create().await;
    assert_eq!(app.token(&grant()).await.member("scope"), "read write");
    assert_eq!(
        app.token(&grant().add("scope", "read"))
            .await
            .member("scope"),
        "read"
    );
}

/// RFC 6749 §5.2: a scope that is unknown, malformed or not the client's is invalid_scope.
#[apply(on_both!)]
async fn a_scope_that_it_does_not_hold_is_refused(server: TestServer) {
    let app = server
        .app()
        .grants(&["client_credentials"])
        .scopes("read")
        .create()
        .await;
    for (scope, rule) in [
        ("write", "scope-not-allowed"),
        ("x", "scope-unknown"),
        ("\u{e9}", "scope-malformed"),
    ] {
        refused(
            &app.token(&grant().add("scope", scope)).await,
            400,
            "invalid_scope",
            rule,
        );
    }
}

#[apply(on_both!)]
async fn its_token_is_about_the_application(server: TestServer) {
    let app = server.app().grants(&["client_credentials"]).create().await;
    let token = app.token(&grant()).await.member("access_token");
    let hello = server.get("/api/hello").bearer(&token).await.is(200).json();
    assert_eq!(hello["sub"], app.client_id);
    assert_eq!(hello["client_id"], app.client_id);
    let json = app.introspect(&token).await.json();
    assert_eq!(json["sub"], app.client_id);
    assert!(json.get("username").is_none());
}

#[apply(on_both!)]
async fn its_token_ends_in_time_and_when_it_is_revoked(server: TestServer) {
    let app = server
        .app()
        .grants(&["client_credentials"])
        .access_lifetime(60)
        .create()
        .await;
    let first = app.token(&grant()).await.member("access_token");
    app.revoke(&first).await.is(200);
    assert!(!token_works(&server, &first).await);
    let second = app.token(&grant()).await.member("access_token");
    server.advance(59);
    assert!(token_works(&server, &second).await);
    server.advance(1);
    assert!(!token_works(&server, &second).await);
}

/// OpenID Connect Core 1.0 §5.3.3: an error of userinfo is one of RFC 6750.
#[apply(on_both!)]
async fn without_a_person_there_is_no_userinfo(server: TestServer) {
    let app = server.app().grants(&["client_credentials"]).create().await;
    let token = app
        .token(&grant().add("scope", "openid"))
        .await
        .member("access_token");
    let answer = server.get("/o/userinfo").bearer(&token).await;
    refused(&answer, 403, "insufficient_scope", "scope-insufficient");
}

/// Tokens are written in groups: each of them is there when its answer is.
#[apply(on_both!)]
async fn of_32_at_once_each_gets_a_token_that_works(server: TestServer) {
    let app = server.app().grants(&["client_credentials"]).create().await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..32 {
        let app = app.clone();
        tasks.spawn(async move {
            let token = app.token(&grant()).await.member("access_token");
            assert!(token_works(&app.server, &token).await);
            token
        });
    }
    let mut tokens = tasks.join_all().await;
    tokens.sort_unstable();
    tokens.dedup();
    assert_eq!(tokens.len(), 32);
}
