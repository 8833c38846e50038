//! Authorization codes: redeemed once, by their own client, in time.

use macro_rules_attribute::apply;
use tokio::task::JoinSet;

use crate::harness::application::{Tokens, is_active, token_works};
use crate::harness::{TestServer, on_both, refused};

/// RFC 6749 §4.1.2: a code that is used twice is refused, and the tokens that it gave are
/// revoked.
#[apply(on_both!)]
async fn a_replayed_code_ends_what_it_issued(server: TestServer) {
    let app = server.app().create().await;
    let code = app.code().await;
    let tokens = Tokens::from(app.redeem(&code).await);
    assert!(token_works(&server, &tokens.access).await);
    refused(
        &app.redeem(&code).await,
        400,
        "invalid_grant",
        "code-replayed",
    );
    assert!(!token_works(&server, &tokens.access).await);
    let answer = app.refresh(&tokens.refresh).await;
    refused(&answer, 400, "invalid_grant", "refresh-token-revoked");
}

/// RFC 6749 §10.5: a second attempt ends every token that came of the code.
#[apply(on_both!)]
async fn a_replayed_code_ends_what_was_refreshed_since(server: TestServer) {
    let app = server.app().create().await;
    let code = app.code().await;
    let first = Tokens::from(app.redeem(&code).await);
    let second = Tokens::from(app.refresh(&first.refresh).await);
    refused(
        &app.redeem(&code).await,
        400,
        "invalid_grant",
        "code-replayed",
    );
    assert!(!is_active(&app, &second.access).await);
    assert!(!is_active(&app, &second.refresh).await);
}

#[apply(on_both!)]
async fn a_code_is_known_as_replayed_long_after_its_end(server: TestServer) {
    let app = server.app().create().await;
    let code = app.code().await;
    let tokens = Tokens::from(app.redeem(&code).await);
    server.advance(3000);
    refused(
        &app.redeem(&code).await,
        400,
        "invalid_grant",
        "code-replayed",
    );
    assert!(!is_active(&app, &tokens.access).await);
}

#[apply(on_both!)]
async fn a_replay_is_written_to_the_audit_log_once(server: TestServer) {
    let app = server.app().create().await;
    let code = app.code().await;
    for _ in 0..3 {
        app.redeem(&code).await;
    }
    server.settled().await;
    let kinds = server
        .database
        .texts("SELECT kind FROM audit_events WHERE kind LIKE '%replay%'");
    assert_eq!(kinds.await, ["code.replayed"]);
}

/// RFC 6749 §10.5: a code is used once, however many requests come at once.
#[apply(on_both!)]
async fn of_32_redemptions_at_once_one_succeeds(server: TestServer) {
    let app = server.app().create().await;
    let second_server = server.second_server().await;
    let code = app.code().await;
    let mut tasks = JoinSet::new();
    for n in 0..32 {
        let app = if n % 2 == 0 {
            app.clone()
        } else {
            app.at(&second_server)
        };
        let code = code.clone();
        tasks.spawn(async move { app.redeem(&code).await });
    }
    let answers = tasks.join_all().await;
    let (won, lost): (Vec<_>, Vec<_>) = answers.into_iter().partition(|a| a.status == 200);
    assert_eq!(won.len(), 1);
    for answer in &lost {
        refused(answer, 400, "invalid_grant", "code-replayed");
    }
    assert_eq!(server.count("access_tokens").await, 1);
    assert_eq!(server.count("refresh_tokens").await, 1);
    // The others were replays, so what the one got has ended.
    assert!(!token_works(&server, &Tokens::from(won[0].clone()).access).await);
    second_server.state.store.close().await;
}

/// RFC 6749 §4.1.3: a code is redeemed by the client that it was issued to.
#[apply(on_both!)]
async fn another_clients_attempt_leaves_the_code_alone(server: TestServer) {
    let (app, other) = (server.app().create().await, server.app().create().await);
    let code = app.code().await;
    let answer = other.token(&app.redeeming(&code)).await;
    refused(&answer, 400, "invalid_grant", "code-other-client");
    app.redeem(&code).await.is(200);
    let answer = other.token(&app.redeeming(&code)).await;
    refused(&answer, 400, "invalid_grant", "code-other-client");
}

#[apply(on_both!)]
async fn another_clients_replay_does_not_end_the_tokens(server: TestServer) {
    let (app, other) = (server.app().create().await, server.app().create().await);
    let code = app.code().await;
    let tokens = Tokens::from(app.redeem(&code).await);
    other.token(&app.redeeming(&code)).await.is(400);
    assert!(token_works(&server, &tokens.access).await);
}

#[apply(on_both!)]
async fn a_failed_authentication_leaves_the_code_alone(server: TestServer) {
    let app = server.app().create().await;
    let code = app.code().await;
    let call = server.post("/o/token").basic(&app.client_id, "wrong");
    let answer = call.fields(&app.redeeming(&code)).await;
    refused(&answer, 401, "invalid_client", "client-auth-failed");
    app.redeem(&code).await.is(200);
    let call = server.post("/o/token").basic(&app.client_id, "wrong");
    call.fields(&app.redeeming(&code)).await.is(401);
}

/// RFC 6749 §4.1.3: a redirect URI that was in the request comes with the code again, the same.
/// RFC 7636 §4.6: a verifier that does not fit the challenge is invalid_grant.
#[apply(on_both!)]
async fn what_its_own_client_gets_wrong_burns_the_code(server: TestServer) {
    let app = server.app().create().await;
    for (name, value, rule) in [
        ("code_verifier", "", "pkce-verifier-missing"),
        ("code_verifier", &*"a".repeat(43), "pkce-verifier-mismatch"),
        ("redirect_uri", "", "code-redirect-uri-missing"),
        (
            "redirect_uri",
            "https://client.example/other",
            "code-redirect-uri-mismatch",
        ),
        (
            "redirect_uri",
            "https://client.example/cb?",
            "code-redirect-uri-mismatch",
        ),
    ] {
        let code = app.code().await;
        let answer = app.token(&app.redeeming(&code).set(name, value)).await;
        refused(&answer, 400, "invalid_grant", rule);
        assert!(!answer.text().contains("client.example"));
        let answer = app.redeem(&code).await;
        assert_eq!(answer.member("error"), "invalid_grant", "{name}={value}");
    }
    assert_eq!(server.count("access_tokens").await, 0);
}

/// A resource can be left out in the next try.
///
/// RFC 8707 §2: an unknown resource at the token endpoint is invalid_target.
#[apply(on_both!)]
async fn a_wrong_resource_leaves_the_code_alone(server: TestServer) {
    let app = server.app().create().await;
    let code = app.code().await;
    let form = app.redeeming(&code).add("resource", "https://api.example");
    refused(
        &app.token(&form).await,
        400,
        "invalid_target",
        "resource-not-granted",
    );
    app.redeem(&code).await.is(200);
}

/// RFC 6749 §4.1.2: a code ends shortly after it was issued.
#[apply(on_both!)]
async fn a_code_lives_sixty_seconds(server: TestServer) {
    let app = server.app().create().await;
    let code = app.code().await;
    server.advance(59);
    app.redeem(&code).await.is(200);
    let code = app.code().await;
    server.advance(60);
    refused(
        &app.redeem(&code).await,
        400,
        "invalid_grant",
        "code-expired",
    );
}

/// RFC 6749 §5.2: a code that is none is invalid_grant.
#[apply(on_both!)]
async fn what_is_no_code_is_unknown(server: TestServer) {
    let app = server.app().create().await;
    let tokens = app.tokens().await;
    let code = app.code().await.code;
    let flipped = if code.ends_with('A') { 'B' } else { 'A' };
    let forged = format!("{}{flipped}", &code[..code.len() - 1]);
    for code in [
        "x",
        "clv_ac_",
        "a\0b",
        &forged,
        &tokens.access,
        &tokens.refresh,
        &format!("{code}="),
    ] {
        let form = app.redeeming(&crate::harness::Code {
            code: code.to_owned(),
        });
        refused(
            &app.token(&form).await,
            400,
            "invalid_grant",
            "code-unknown",
        );
    }
}

/// RFC 6749 §4.1.3: a redirect URI has to come with the code only if it was in the request.
#[apply(on_both!)]
async fn a_redirect_uri_that_was_not_sent_before_may_be_sent_now_if_it_is_the_same(
    server: TestServer,
) {
    let app = server.app().create().await;
    let ask = app.ask().set("scope", "read").without("redirect_uri");
    app.redeem(&app.code_of(&ask).await).await.is(200);
    let form = app
        .redeeming(&app.code_of(&ask).await)
        .set("redirect_uri", "https://evil.example");
    refused(
        &app.token(&form).await,
        400,
        "invalid_grant",
        "code-redirect-uri-mismatch",
    );
}

#[apply(on_both!)]
async fn without_the_grant_there_is_no_refresh_token(server: TestServer) {
    let app = server.app().grants(&["authorization_code"]).create().await;
    let tokens = app.tokens_for("openid offline_access").await;
    assert!(tokens.answer.json().get("refresh_token").is_none());
}

/// RFC 6749 §3.2: parameters that the token endpoint does not know are ignored: a code has its
/// scopes.
#[apply(on_both!)]
async fn the_scopes_of_a_code_are_not_asked_for_again(server: TestServer) {
    let app = server.app().create().await;
    let code = app.code_of(&app.ask().set("scope", "read")).await;
    let form = app.redeeming(&code).add("scope", "read write");
    let tokens = Tokens::from(app.token(&form).await);
    assert_eq!(tokens.scope, "read");
    assert!(tokens.id_token.is_empty());
}

#[apply(on_both!)]
async fn a_user_who_was_disabled_gets_no_tokens(server: TestServer) {
    let app = server.app().create().await;
    let code = app.code().await;
    let tokens = app.tokens().await;
    server
        .database
        .execute("UPDATE users SET disabled_at = 1 WHERE username <> 'owner'")
        .await;
    refused(&app.redeem(&code).await, 400, "invalid_grant", "user-gone");
    refused(
        &app.refresh(&tokens.refresh).await,
        400,
        "invalid_grant",
        "user-gone",
    );
    assert!(!token_works(&server, &tokens.access).await);
    assert!(!is_active(&app, &tokens.access).await);
}
