//! Guessing at passwords is slowed down, and locks no person out.

use macro_rules_attribute::apply;
use serde_json::json;

use crate::harness::{Answer, Browser, TestServer, TestUser, on_both, problem};

/// The longest wait because of what others failed (seconds).
const SHARED_WAIT: i64 = 10;

async fn sign_in(browser: &Browser, peer: &str, name: &str, password: &str) -> Answer {
    let body = json!({ "username": name, "password": password });
    browser
        .call("POST", "/api/session")
        .peer(peer)
        .json(&body)
        .await
}

/// This many failures from one address, each for another account.
async fn spray(server: &TestServer, peer: &str, accounts: usize) {
    for n in 0..accounts {
        sign_in(&server.browser(), peer, &format!("ghost{n}"), "wrong").await;
    }
    let answer = sign_in(&server.browser(), peer, "ghost", "wrong").await;
    problem(&answer, 429, "too-many-attempts");
}

async fn known_browser(server: &TestServer, user: &TestUser) -> Browser {
    let browser = server.browser();
    browser.sign_in(user).await;
    browser.delete("/api/session").await.is(204);
    browser
}

const OFFICE: &str = "198.51.100.1";

#[apply(on_both!)]
async fn an_address_that_failed_60_times_lets_known_browsers_in(server: TestServer) {
    let user = server.user("ada").await;
    let browser = known_browser(&server, &user).await;
    spray(&server, OFFICE, 60).await;
    for _ in 0..3 {
        let answer = sign_in(&browser, OFFICE, "ada", &user.password).await;
        assert_eq!(answer.status, 200);
    }
    // Nor do its failures count against the address.
    let answer = sign_in(&browser, OFFICE, "ada", "wrong").await;
    problem(&answer, 401, "bad-credentials");
}

/// An attacker goes on with two attempts a second.
#[apply(on_both!)]
async fn a_new_browser_waits_for_ten_seconds_at_most_because_of_others(server: TestServer) {
    let user = server.user("bob").await;
    spray(&server, OFFICE, 60).await;
    let mut waited = 0;
    loop {
        let answer = sign_in(&server.browser(), OFFICE, "bob", &user.password).await;
        if answer.status == 200 {
            break;
        }
        problem(&answer, 429, "too-many-attempts");
        let seconds: i64 = answer.header("retry-after").parse().unwrap();
        for n in 0..seconds {
            server.advance(1);
            for m in 0..2 {
                let name = format!("more{waited}-{n}-{m}");
                sign_in(&server.browser(), OFFICE, &name, "wrong").await;
            }
        }
        waited += seconds;
        assert!(waited <= SHARED_WAIT, "waited for {waited} seconds");
    }
    assert!(waited > 0);
}

#[apply(on_both!)]
async fn many_failures_of_one_account_hold_up_no_other_one_at_the_address(server: TestServer) {
    let bob = server.user("bob").await;
    for _ in 0..60 {
        sign_in(&server.browser(), OFFICE, "ada", "wrong").await;
        server.advance(5);
    }
    let answer = sign_in(&server.browser(), OFFICE, "bob", &bob.password).await;
    assert_eq!(answer.status, 200);
}

#[apply(on_both!)]
async fn an_account_is_guessed_at_slowly_from_any_number_of_addresses(server: TestServer) {
    let user = server.user("ada").await;
    let browser = known_browser(&server, &user).await;
    let mut looked_at = 0;
    for n in 0..80 {
        let peer = format!("203.0.113.{n}");
        let answer = sign_in(&server.browser(), &peer, "ada", "wrong").await;
        looked_at += u32::from(answer.status == 401);
    }
    assert_eq!(looked_at, 5);
    let answer = sign_in(&browser, OFFICE, "ada", &user.password).await;
    assert_eq!(answer.status, 200);
}

#[apply(on_both!)]
async fn the_addresses_of_an_ipv6_link_are_one(server: TestServer) {
    for n in 0..50 {
        let peer = format!("2001:db8::{n}");
        let answer = sign_in(&server.browser(), &peer, &format!("ghost{n}"), "wrong").await;
        assert_eq!(answer.status, 401);
    }
    let answer = sign_in(&server.browser(), "2001:db8::ffff", "ghost", "wrong").await;
    problem(&answer, 429, "too-many-attempts");
    let answer = sign_in(&server.browser(), "2001:db8:0:1::1", "ghost", "wrong").await;
    problem(&answer, 401, "bad-credentials");
}

#[apply(on_both!)]
async fn a_clock_that_goes_back_makes_no_wait_longer(server: TestServer) {
    let user = server.user("ada").await;
    server.advance(3600);
    for _ in 0..7 {
        sign_in(&server.browser(), OFFICE, "ada", "wrong").await;
        server.advance(1);
    }
    server.advance(-3600);
    let answer = sign_in(&server.browser(), OFFICE, "ada", &user.password).await;
    problem(&answer, 429, "too-many-attempts");
    let wait: i64 = answer.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    server.advance(wait);
    let answer = sign_in(&server.browser(), OFFICE, "ada", &user.password).await;
    assert_eq!(answer.status, 200);
}
