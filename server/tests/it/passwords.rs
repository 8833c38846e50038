//! Names and passwords: who gets in, and how guessing is slowed down.

use claviger::store::NewPassword;
use macro_rules_attribute::apply;
use serde_json::json;
use tokio::join;

use crate::harness::{TestServer, audit_entry, on_both, problem};

#[apply(on_both!)]
async fn names_and_addresses_ignore_case(server: TestServer) {
    let user = server.user("Ada").await;
    for name in ["ada", "ADA", " Ada ", "ada@example.com", "ADA@EXAMPLE.COM"] {
        let answer = server
            .browser()
            .try_sign_in(name, &user.password, None)
            .await;
        assert_eq!(answer.status, 200, "{name}");
    }
}

#[apply(on_both!)]
async fn an_unknown_name_and_a_wrong_password_get_the_same_words(server: TestServer) {
    let user = server.user("ada").await;
    let mut bodies = Vec::new();
    for (name, password) in [
        ("ada", "wrong"),
        ("nobody", "wrong"),
        ("nobody@example.com", user.password.as_str()),
        ("a\0da", "wrong"),
        ("ada", ""),
        ("", ""),
        ("ada", &"x".repeat(5000)),
    ] {
        let browser = server.browser();
        let answer = browser.try_sign_in(name, password, None).await;
        problem(&answer, 401, "bad-credentials");
        assert_eq!(browser.cookies(), "");
        bodies.push(answer.body);
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1);
}

#[apply(on_both!)]
async fn a_disabled_user_can_not_sign_in_and_is_signed_out(server: TestServer) {
    let user = server.user("ada").await;
    let browser = server.signed_in(&user).await;
    server
        .database
        .execute("UPDATE users SET disabled_at = 1")
        .await;
    problem(&browser.get("/api/session").await, 401, "session-required");
    let answer = server
        .browser()
        .try_sign_in("ada", &user.password, None)
        .await;
    problem(&answer, 401, "bad-credentials");
}

/// Checking a password takes a while. What happens meanwhile counts.
#[apply(on_both!)]
async fn a_sign_in_that_crosses_a_new_password_or_a_disabling_does_not_last(server: TestServer) {
    let store = &server.state.store;
    let now = server.state.now();
    for round in 0..3 {
        let [ada, bob] = ["ada", "bob"].map(|name| format!("{name}{round}"));
        let (ada, bob) = (server.user(&ada).await, server.user(&bob).await);
        let [of_ada, of_bob] = [server.browser(), server.browser()];
        let (_, set, _, disabled) = join!(
            of_ada.try_sign_in(&ada.username, &ada.password, None),
            store.set_password(NewPassword::new(ada.id, "x".to_owned(), now), audit_entry()),
            of_bob.try_sign_in(&bob.username, &bob.password, None),
            store.disable_user(bob.id, now, audit_entry()),
        );
        assert!(set.unwrap() && disabled.unwrap());
        store.enable_user(bob.id, now, audit_entry()).await.unwrap();
        for browser in [of_ada, of_bob] {
            problem(&browser.get("/api/session").await, 401, "session-required");
        }
    }
}

/// A change that proves the password of before does not undo a reset.
#[apply(on_both!)]
async fn a_change_of_password_that_crosses_a_reset_does_not_undo_it(server: TestServer) {
    let user = server.user("ada").await;
    let store = &server.state.store;
    let now = server.state.now();
    let browser = server.signed_in(&user).await;
    let form = json!({
        "current_password": user.password,
        "new_password": "a new password that nobody guesses",
    });
    let (answer, reset) = join!(
        browser.post("/api/account/password", &form),
        store.set_password(
            NewPassword::new(user.id, "reset".to_owned(), now),
            audit_entry()
        ),
    );
    assert!(reset.unwrap());
    assert_ne!(answer.status, 204);
    assert_eq!(
        store.password_hash(user.id).await.unwrap().as_deref(),
        Some("reset")
    );
}

#[apply(on_both!)]
async fn failures_slow_an_account_down_and_never_for_good(server: TestServer) {
    let user = server.user("ada").await;
    for _ in 0..5 {
        let answer = server.browser().try_sign_in("ada", "wrong", None).await;
        problem(&answer, 401, "bad-credentials");
    }
    let answer = server
        .browser()
        .try_sign_in("ADA", &user.password, None)
        .await;
    problem(&answer, 429, "too-many-attempts");
    assert_eq!(answer.header("retry-after"), "1");
    server.advance(1);
    server.browser().sign_in(&user).await;
    server.browser().sign_in(&user).await;
}

#[apply(on_both!)]
async fn an_unknown_account_is_slowed_down_like_a_known_one(server: TestServer) {
    for _ in 0..5 {
        server.browser().try_sign_in("nobody", "wrong", None).await;
    }
    let answer = server.browser().try_sign_in("nobody", "wrong", None).await;
    problem(&answer, 429, "too-many-attempts");
}

/// An attacker can not lock the owner of an account out of their own browser.
#[apply(on_both!)]
async fn a_browser_that_was_in_before_is_not_held_up_by_what_others_try(server: TestServer) {
    let user = server.user("ada").await;
    let browser = server.browser();
    browser.sign_in(&user).await;
    browser.delete("/api/session").await.is(204);
    for _ in 0..10 {
        server.browser().try_sign_in("ada", "wrong", None).await;
    }
    browser.sign_in(&user).await;
}

#[apply(on_both!)]
async fn an_address_that_fails_for_many_accounts_is_slowed_down(server: TestServer) {
    for n in 0..50 {
        server
            .browser()
            .try_sign_in(&format!("nobody{n}"), "wrong", None)
            .await
            .is(401);
    }
    let answer = server
        .browser()
        .try_sign_in("somebody else", "wrong", None)
        .await;
    problem(&answer, 429, "too-many-attempts");
}

#[apply(on_both!)]
async fn a_new_password_takes_the_old_one_and_every_other_session(server: TestServer) {
    let user = server.user("ada").await;
    let (one, two) = (server.signed_in(&user).await, server.signed_in(&user).await);
    let change =
        json!({ "current_password": user.password, "new_password": "an entirely new one" });
    one.post("/api/account/password", &change).await.is(204);
    assert_eq!(one.get("/api/session").await.status, 200);
    assert_eq!(two.get("/api/session").await.status, 401);
    let answer = server
        .browser()
        .try_sign_in("ada", &user.password, None)
        .await;
    problem(&answer, 401, "bad-credentials");
    server
        .browser()
        .try_sign_in("ada", "an entirely new one", None)
        .await
        .is(200);
}

#[apply(on_both!)]
async fn a_new_password_needs_the_present_one_and_has_to_be_hard_to_guess(server: TestServer) {
    let user = server.user("ada").await;
    let browser = server.signed_in(&user).await;
    let change = json!({ "current_password": "wrong", "new_password": "ada" });
    let answer = browser.post("/api/account/password", &change).await;
    problem(&answer, 422, "form-invalid");
    let errors = answer.json()["errors"].clone();
    let fields: Vec<_> = errors
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(fields, ["current_password", "new_password"]);
}

#[apply(on_both!)]
async fn a_form_of_another_kind_is_no_json(server: TestServer) {
    let user = server.user("ada").await;
    let body = json!({ "username": "ada", "password": user.password }).to_string();
    let answer = server.post("/api/session").body("text/plain", body).await;
    problem(&answer, 400, "json-malformed");
    let answer = server
        .post("/api/session")
        .body("application/json", "{")
        .await;
    problem(&answer, 400, "json-malformed");
}

#[apply(on_both!)]
async fn the_plain_form_shows_again_what_was_wrong(server: TestServer) {
    server.user("ada").await;
    let fields = [("username", "<ada>"), ("password", "wrong")];
    let answer = server.browser().submit("/login", &fields).await.is(401);
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    assert!(answer.text().contains("&lt;ada&gt;"));
    assert!(!answer.text().contains("wrong\""));
}
