//! A refresh token that comes again: parallel tabs, lost answers, thieves.

use macro_rules_attribute::apply;
use tokio::task::JoinSet;

use crate::harness::application::{Tokens, is_active, token_works};
use crate::harness::{Answer, TestApp, TestServer, on_both, refused};

#[track_caller]
fn is_replay(answer: &Answer) {
    refused(answer, 400, "invalid_grant", "refresh-token-replayed");
}

/// Nothing that ever came of this grant works.
async fn has_ended(app: &TestApp, family: &[&Tokens]) -> bool {
    for tokens in family {
        if is_active(app, &tokens.access).await || is_active(app, &tokens.refresh).await {
            return false;
        }
    }
    true
}

async fn at_once(apps: [&TestApp; 2], refresh_token: &str) -> Vec<Answer> {
    let mut tasks = JoinSet::new();
    for n in 0..32 {
        let (app, token) = (apps[n % 2].clone(), refresh_token.to_owned());
        tasks.spawn(async move { app.refresh(&token).await });
    }
    tasks.join_all().await
}

#[apply(on_both!)]
async fn of_32_refreshes_at_once_all_get_the_same_answer(server: TestServer) {
    let app = server.app().create().await;
    let second_server = server.second_server().await;
    let tokens = app.tokens().await;
    let answers = at_once([&app, &app.at(&second_server)], &tokens.refresh).await;
    for answer in &answers {
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.body, answers[0].body);
    }
    assert_eq!(server.count("refresh_tokens").await, 2);
    assert_eq!(server.count("access_tokens").await, 2);
    assert!(token_works(&server, &Tokens::from(answers[0].clone()).access).await);
    second_server.state.store.close().await;
}

#[apply(on_both!)]
async fn within_the_window_the_same_question_gets_the_same_answer(server: TestServer) {
    let app = server.app().create().await;
    let tokens = app.tokens().await;
    let first = app.refresh(&tokens.refresh).await.is(200);
    server.advance(29);
    let again = app.refresh(&tokens.refresh).await.is(200);
    assert_eq!(first.body, again.body);
}

/// Only the refresh token counts here: the tabs may use their access token at once.
#[apply(on_both!)]
async fn within_the_window_the_access_token_may_have_been_used(server: TestServer) {
    let app = server.app().create().await;
    let tokens = app.tokens().await;
    let first = app.refresh(&tokens.refresh).await.is(200);
    assert!(token_works(&server, &first.member("access_token")).await);
    let again = app.refresh(&tokens.refresh).await.is(200);
    assert_eq!(first.body, again.body);
}

#[apply(on_both!)]
async fn within_the_window_another_question_is_a_replay(server: TestServer) {
    let app = server.app().create().await;
    let tokens = app.tokens_for("openid read").await;
    let second = Tokens::from(app.refresh(&tokens.refresh).await);
    let form = app.refreshing(&tokens.refresh).add("scope", "read");
    is_replay(&app.token(&form).await);
    assert!(has_ended(&app, &[&tokens, &second]).await);
}

/// RFC 9700 §4.14.2: a refresh token that comes again after its successor was used ends the
/// whole family.
#[apply(on_both!)]
async fn within_the_window_a_successor_that_was_used_makes_it_a_replay(server: TestServer) {
    let app = server.app().create().await;
    let first = app.tokens().await;
    let second = Tokens::from(app.refresh(&first.refresh).await);
    let third = Tokens::from(app.refresh(&second.refresh).await);
    is_replay(&app.refresh(&first.refresh).await);
    assert!(has_ended(&app, &[&first, &second, &third]).await);
}

#[apply(on_both!)]
async fn after_the_window_an_unused_pair_is_replaced(server: TestServer) {
    let app = server.app().create().await;
    let first = app.tokens().await;
    let lost = Tokens::from(app.refresh(&first.refresh).await);
    server.advance(30);
    let fresh = Tokens::from(app.refresh(&first.refresh).await);
    assert_ne!(lost.refresh, fresh.refresh);
    assert_ne!(lost.access, fresh.access);
    assert!(token_works(&server, &fresh.access).await);
    assert!(!token_works(&server, &lost.access).await);
    app.refresh(&fresh.refresh).await.is(200);
}

/// The lost answer was found after all, by its client or by a thief.
///
/// RFC 9700 §4.14.2: a refresh token that was replaced and comes after all ends the whole
/// family.
#[apply(on_both!)]
async fn a_pair_that_was_replaced_is_a_replay_when_it_comes(server: TestServer) {
    let app = server.app().create().await;
    let first = app.tokens().await;
    let lost = Tokens::from(app.refresh(&first.refresh).await);
    server.advance(30);
    let fresh = Tokens::from(app.refresh(&first.refresh).await);
    is_replay(&app.refresh(&lost.refresh).await);
    assert!(has_ended(&app, &[&first, &lost, &fresh]).await);
}

/// RFC 9700 §4.14.2: a refresh token that comes again after what it gave was used ends the
/// whole family.
#[apply(on_both!)]
async fn after_the_window_an_access_token_that_was_used_makes_it_a_replay(server: TestServer) {
    let app = server.app().create().await;
    let first = app.tokens().await;
    let second = Tokens::from(app.refresh(&first.refresh).await);
    assert!(token_works(&server, &second.access).await);
    server.advance(30);
    is_replay(&app.refresh(&first.refresh).await);
    assert!(has_ended(&app, &[&first, &second]).await);
}

#[apply(on_both!)]
async fn an_access_token_that_was_introspected_was_used(server: TestServer) {
    let app = server.app().create().await;
    let first = app.tokens().await;
    let second = Tokens::from(app.refresh(&first.refresh).await);
    assert!(is_active(&app, &second.access).await);
    server.advance(30);
    is_replay(&app.refresh(&first.refresh).await);
}

#[apply(on_both!)]
async fn after_the_window_a_refresh_token_that_was_used_makes_it_a_replay(server: TestServer) {
    let app = server.app().create().await;
    let first = app.tokens().await;
    let second = Tokens::from(app.refresh(&first.refresh).await);
    let third = Tokens::from(app.refresh(&second.refresh).await);
    server.advance(30);
    is_replay(&app.refresh(&first.refresh).await);
    assert!(has_ended(&app, &[&first, &second, &third]).await);
}

#[apply(on_both!)]
async fn two_that_come_late_at_once_get_one_fresh_pair(server: TestServer) {
    let app = server.app().create().await;
    let second_server = server.second_server().await;
    let first = app.tokens().await;
    app.refresh(&first.refresh).await.is(200);
    server.advance(31);
    let answers = at_once([&app, &app.at(&second_server)], &first.refresh).await;
    for answer in &answers {
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.body, answers[0].body);
    }
    assert_eq!(server.count("refresh_tokens").await, 3);
    second_server.state.store.close().await;
}

#[apply(on_both!)]
async fn a_token_that_has_expired_is_not_replaced_any_more(server: TestServer) {
    let app = server.app().refresh_lifetime(1000).create().await;
    let first = app.tokens().await;
    server.advance(500);
    let second = Tokens::from(app.refresh(&first.refresh).await);
    server.advance(500);
    let answer = app.refresh(&first.refresh).await;
    refused(&answer, 400, "invalid_grant", "refresh-token-expired");
    app.refresh(&second.refresh).await.is(200);
}

#[apply(on_both!)]
async fn without_a_window_two_at_once_are_a_lost_answer(server: TestServer) {
    let app = server.app().reuse_window(0).create().await;
    let first = app.tokens().await;
    let second = Tokens::from(app.refresh(&first.refresh).await);
    let third = Tokens::from(app.refresh(&first.refresh).await);
    assert_ne!(second.refresh, third.refresh);
    assert!(token_works(&server, &third.access).await);
    is_replay(&app.refresh(&first.refresh).await);
}

#[apply(on_both!)]
async fn a_window_of_its_own_holds_for_the_application(server: TestServer) {
    let app = server.app().reuse_window(5).create().await;
    let first = app.tokens().await;
    let second = Tokens::from(app.refresh(&first.refresh).await);
    assert!(token_works(&server, &second.access).await);
    server.advance(4);
    app.refresh(&first.refresh).await.is(200);
    server.advance(1);
    is_replay(&app.refresh(&first.refresh).await);
}

#[apply(on_both!)]
async fn a_replay_is_written_to_the_audit_log_once(server: TestServer) {
    let app = server.app().create().await;
    let first = app.tokens().await;
    let second = Tokens::from(app.refresh(&first.refresh).await);
    app.refresh(&second.refresh).await.is(200);
    is_replay(&app.refresh(&first.refresh).await);
    app.refresh(&first.refresh).await.is(400);
    server.settled().await;
    let kinds = server
        .database
        .texts("SELECT kind FROM audit_events WHERE kind LIKE '%replay%'");
    assert_eq!(kinds.await, ["refresh_token.replayed"]);
}

#[apply(on_both!)]
async fn a_replay_ends_one_family_and_no_other(server: TestServer) {
    let app = server.app().create().await;
    let (first, other) = (app.tokens().await, app.tokens().await);
    let second = Tokens::from(app.refresh(&first.refresh).await);
    app.refresh(&second.refresh).await.is(200);
    is_replay(&app.refresh(&first.refresh).await);
    assert!(is_active(&app, &other.access).await);
    assert!(is_active(&app, &other.refresh).await);
}
