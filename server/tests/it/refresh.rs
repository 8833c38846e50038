//! Refreshing: every refresh rotates, and what was revoked stays so.

use macro_rules_attribute::apply;

use crate::harness::application::{Tokens, is_active, token_works};
use crate::harness::{Form, TestServer, on_both, refused};

/// RFC 9700 §4.14.2: every refresh gives a new refresh token and ends the old one.
#[apply(on_both!)]
async fn a_refresh_gives_a_new_pair_and_ends_the_old_one(server: TestServer) {
    let app = server.app().create().await;
    let first = app.tokens().await;
    let second = Tokens::from(app.refresh(&first.refresh).await);
    assert_ne!(first.access, second.access);
    assert_ne!(first.refresh, second.refresh);
    assert!(!token_works(&server, &first.access).await);
    assert!(token_works(&server, &second.access).await);
    assert!(!is_active(&app, &first.refresh).await);
    assert!(is_active(&app, &second.refresh).await);
}

/// RFC 6749 §5.1: the answer to a refresh is not stored.
#[apply(on_both!)]
async fn an_answer_to_a_refresh_is_never_stored(server: TestServer) {
    let app = server.app().create().await;
    let tokens = app.tokens().await;
    for _ in 0..2 {
        let answer = app.refresh(&tokens.refresh).await.is(200);
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("content-type"), "application/json");
    }
}

#[apply(on_both!)]
async fn a_public_application_refreshes_too(server: TestServer) {
    let app = server.app().public().create().await;
    let first = app.tokens().await;
    let second = Tokens::from(app.refresh(&first.refresh).await);
    assert!(token_works(&server, &second.access).await);
}

/// RFC 6749 §6: a refresh without scope has the scope that was granted.
#[apply(on_both!)]
async fn a_scope_that_is_left_out_is_the_one_that_was_granted(server: TestServer) {
    let app = server.app().create().await;
    let tokens = app.tokens_for("openid read").await;
    let form = app.refreshing(&tokens.refresh).add("scope", "");
    assert_eq!(app.token(&form).await.member("scope"), "openid read");
}

/// RFC 6749 §6: a refresh may narrow its access token; the new refresh token has the scope of
/// the old one.
#[apply(on_both!)]
async fn narrowing_does_not_stick(server: TestServer) {
    let app = server.app().create().await;
    let first = app.tokens_for("openid read write").await;
    let narrow = app.refreshing(&first.refresh).add("scope", "read");
    let second = Tokens::from(app.token(&narrow).await);
    assert_eq!(second.scope, "read");
    assert!(second.id_token.is_empty());
    assert_eq!(app.introspect(&second.access).await.json()["scope"], "read");
    let third = Tokens::from(app.refresh(&second.refresh).await);
    assert_eq!(third.scope, "openid read write");
}

/// RFC 6749 §6: a refresh never has a scope that was not granted.
#[apply(on_both!)]
async fn widening_is_refused_and_uses_nothing_up(server: TestServer) {
    let app = server.app().create().await;
    let tokens = app.tokens_for("read").await;
    for (scope, rule) in [
        ("read write", "scope-widened"),
        ("re\"ad", "scope-malformed"),
    ] {
        let form = app.refreshing(&tokens.refresh).add("scope", scope);
        refused(&app.token(&form).await, 400, "invalid_scope", rule);
    }
    let form = app
        .refreshing(&tokens.refresh)
        .add("resource", "https://api.example");
    refused(
        &app.token(&form).await,
        400,
        "invalid_target",
        "resource-not-granted",
    );
    app.refresh(&tokens.refresh).await.is(200);
}

/// RFC 6749 §10.4: a refresh token is bound to the client that it was issued to.
#[apply(on_both!)]
async fn another_clients_refresh_token_is_refused_and_left_alone(server: TestServer) {
    let (app, other) = (server.app().create().await, server.app().create().await);
    let tokens = app.tokens().await;
    let answer = other.refresh(&tokens.refresh).await;
    refused(&answer, 400, "invalid_grant", "refresh-token-other-client");
    let second = Tokens::from(app.refresh(&tokens.refresh).await);
    // Nor does another client's attempt count as a replay.
    other.refresh(&tokens.refresh).await.is(400);
    assert!(token_works(&server, &second.access).await);
}

#[apply(on_both!)]
async fn a_failed_authentication_uses_nothing_up(server: TestServer) {
    let app = server.app().create().await;
    let tokens = app.tokens().await;
    let call = server.post("/o/token").basic(&app.client_id, "wrong");
    call.fields(&app.refreshing(&tokens.refresh)).await.is(401);
    app.refresh(&tokens.refresh).await.is(200);
}

/// RFC 6749 §5.2: a refresh token that is none is invalid_grant.
#[apply(on_both!)]
async fn what_is_no_refresh_token_is_unknown(server: TestServer) {
    let app = server.app().create().await;
    let tokens = app.tokens().await;
    let end = if tokens.refresh.ends_with('A') {
        'B'
    } else {
        'A'
    };
    let forged = format!("{}{end}", &tokens.refresh[..tokens.refresh.len() - 1]);
    for token in [
        "x",
        "clv_rt_",
        "a\0b",
        &forged,
        &tokens.access,
        &"x".repeat(4000),
    ] {
        let answer = app.refresh(token).await;
        refused(&answer, 400, "invalid_grant", "refresh-token-unknown");
    }
    app.refresh(&tokens.refresh).await.is(200);
}

/// RFC 9700 §4.14.2: a refresh token ends when it is not used for some time.
#[apply(on_both!)]
async fn a_refresh_token_ends_when_it_was_not_used_for_its_lifetime(server: TestServer) {
    let app = server.app().refresh_lifetime(1000).create().await;
    let first = app.tokens().await;
    server.advance(999);
    let second = Tokens::from(app.refresh(&first.refresh).await);
    server.advance(999);
    let third = Tokens::from(app.refresh(&second.refresh).await);
    server.advance(1000);
    let answer = app.refresh(&third.refresh).await;
    refused(&answer, 400, "invalid_grant", "refresh-token-expired");
    assert!(!is_active(&app, &third.refresh).await);
}

/// RFC 7009 §2.1: what was revoked can not be used again.
#[apply(on_both!)]
async fn what_was_revoked_is_never_honoured_again(server: TestServer) {
    let app = server.app().create().await;
    let first = app.tokens().await;
    let second = Tokens::from(app.refresh(&first.refresh).await);
    app.revoke(&second.refresh).await.is(200);
    // The first is still within its window.
    for token in [&first.refresh, &second.refresh] {
        let answer = app.refresh(token).await;
        refused(&answer, 400, "invalid_grant", "refresh-token-revoked");
    }
    assert!(!token_works(&server, &second.access).await);
}

/// RFC 7009 §2.1: revoking an access token may end its refresh token, and does.
#[apply(on_both!)]
async fn revoking_the_access_token_ends_the_refresh_token_too(server: TestServer) {
    let app = server.app().create().await;
    let tokens = app.tokens().await;
    app.revoke(&tokens.access).await.is(200);
    let answer = app.refresh(&tokens.refresh).await;
    refused(&answer, 400, "invalid_grant", "refresh-token-revoked");
}

/// RFC 6749 §5.2: a client that may not use the grant is told unauthorized_client.
#[apply(on_both!)]
async fn an_application_that_lost_the_grant_can_not_refresh(server: TestServer) {
    let app = server.app().create().await;
    let tokens = app.tokens().await;
    let browser = server.signed_in(&server.owner().await).await;
    let patch = serde_json::json!({ "grant_types": ["authorization_code"] });
    let path = format!("/api/applications/{}", app.client_id);
    browser.call("PATCH", &path).json(&patch).await.is(200);
    let answer = app.refresh(&tokens.refresh).await;
    refused(
        &answer,
        400,
        "unauthorized_client",
        "grant-type-not-allowed",
    );
}

#[apply(on_both!)]
async fn a_refresh_token_is_sent_once(server: TestServer) {
    let app = server.app().create().await;
    let tokens = app.tokens().await;
    let form = app
        .refreshing(&tokens.refresh)
        .add("refresh_token", &tokens.refresh);
    refused(
        &app.token(&form).await,
        400,
        "invalid_request",
        "parameter-repeated",
    );
    let form = Form::new(&[("grant_type", "refresh_token"), ("refresh_token", "")]);
    refused(
        &app.token(&form).await,
        400,
        "invalid_request",
        "refresh-token-missing",
    );
}

/// OpenID Connect Core 1.0 §12.2: the id_token of a refresh has the iss, sub, aud and auth_time
/// of the first, and no nonce.
#[apply(on_both!)]
async fn the_id_token_of_a_refresh_is_about_the_same_sign_in(server: TestServer) {
    let app = server.app().create().await;
    let first = app.tokens_for("openid").await;
    server.advance(100);
    let second = Tokens::from(app.refresh(&first.refresh).await);
    let before = crate::id_token::claims(&first.id_token);
    let after = crate::id_token::claims(&second.id_token);
    for claim in ["iss", "sub", "aud", "auth_time", "sid"] {
        assert_eq!(before[claim], after[claim], "{claim}");
    }
    assert_eq!(after["iat"], 1_800_000_100);
    assert!(after.get("nonce").is_none());
}

/// An access token outlives the refresh token beside it, if the application has it so.
#[apply(on_both!)]
async fn an_access_token_that_lives_longer_than_its_refresh_token_lives_on(server: TestServer) {
    let app = server.app().access_lifetime(3600).refresh_lifetime(300);
    let app = app.create().await;
    let first = app.tokens().await;
    let second = Tokens::from(app.refresh(&first.refresh).await);
    server.advance(3000);
    server
        .state
        .store
        .sweep_all(server.state.now())
        .await
        .unwrap();
    assert!(token_works(&server, &second.access).await);
}
