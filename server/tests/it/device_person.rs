//! The device grant before the person: the code that they type, what it stands for, their answer.

use macro_rules_attribute::apply;
use serde_json::json;

use crate::device::{Device, GRANT, device, television};
use crate::harness::application::token_works;
use crate::harness::{Answer, Browser, TestServer, Tokens, on_both, problem, refused};

async fn show(browser: &Browser, typed: &str) -> Answer {
    browser.get(&format!("/api/device?user_code={typed}")).await
}

pub(crate) async fn waiting(server: &TestServer, scope: &str) -> Device {
    device(&television(server).await, scope).await
}

/// Both ways of asking about a code that is no good.
async fn refused_with(browser: &Browser, code: &str, status: u16, rule: &str) {
    problem(&show(browser, code).await, status, rule);
    let body = json!({ "user_code": code, "decision": "allow" });
    let answer = browser.post("/api/device", &body).await;
    problem(&answer, status, rule);
    let errors = answer.json()["errors"]["user_code"].clone();
    assert!(!errors[0].as_str().unwrap().is_empty());
}

/// RFC 8628 §3.3: the person who types the code is told which application asks, and for what.
#[apply(on_both!)]
async fn the_code_says_who_asks_for_what(server: TestServer) {
    let device = waiting(&server, "openid email").await;
    let user = server.user("ada").await;
    let answer = show(&server.signed_in(&user).await, &device.user_code)
        .await
        .is(200);
    let json = answer.json();
    let client_id = &device.app.client_id;
    let application = json!({ "name": "Calendar", "client_id": client_id, "checked": true });
    assert_eq!(json["resources"], json!([]));
    assert_eq!(json["application"], application);
    assert_eq!(json["user"]["id"], user.id.to_string());
    assert_eq!(json["user_code"], device.user_code);
    assert_eq!(
        (&json["scopes"][0]["name"], &json["scopes"][0]["optional"]),
        (&json!("openid"), &json!(false))
    );
    assert_eq!(
        (&json["scopes"][1]["name"], &json["scopes"][1]["granted"]),
        (&json!("email"), &json!(false))
    );
    assert_eq!(answer.header("cache-control"), "no-store");
}

/// RFC 8628 §6.1: the code is read in any case, with or without what makes it readable.
#[apply(on_both!)]
async fn the_code_is_read_however_it_is_typed(server: TestServer) {
    let browser = server.browser_of("ada").await;
    let device = waiting(&server, "read").await;
    let plain = device.user_code.replace('-', "");
    for typed in [
        plain.clone(),
        plain.to_lowercase(),
        device.user_code.to_lowercase(),
        device.user_code.replace('-', "%20"),
        format!("%20{plain}+"),
    ] {
        show(&browser, &typed).await.is(200);
    }
}

#[apply(on_both!)]
async fn a_request_without_a_session_learns_and_decides_nothing(server: TestServer) {
    let device = waiting(&server, "read").await;
    let anonymous = server.browser();
    problem(
        &show(&anonymous, &device.user_code).await,
        401,
        "session-required",
    );
    problem(
        &device.decide(&anonymous, "allow").await,
        401,
        "session-required",
    );
    device.allow(&server.browser_of("ada").await).await;
}

#[apply(on_both!)]
async fn looking_decides_nothing(server: TestServer) {
    let device = waiting(&server, "read").await;
    let browser = server.browser_of("ada").await;
    show(&browser, &device.user_code).await.is(200);
    browser
        .get(&format!("/device?user_code={}", device.user_code))
        .await
        .is(200);
    refused(
        &device.poll().await,
        400,
        "authorization_pending",
        "authorization-pending",
    );
}

#[apply(on_both!)]
async fn a_wrong_an_expired_and_a_used_code_are_told_apart(server: TestServer) {
    let browser = server.browser_of("ada").await;
    refused_with(&browser, "BBBB-BBBB", 404, "user-code-unknown").await;
    refused_with(&browser, "A", 404, "user-code-unknown").await;
    let (used, late) = (
        waiting(&server, "read").await,
        waiting(&server, "read").await,
    );
    used.allow(&browser).await;
    refused_with(&browser, &used.user_code, 404, "user-code-used").await;
    server.advance(1800);
    refused_with(&browser, &late.user_code, 404, "user-code-expired").await;
    let answer = browser.get("/api/device").await;
    problem(&answer, 404, "user-code-unknown");
    let body = json!({ "user_code": "BBBB-BBBB", "decision": "other" });
    problem(
        &browser.post("/api/device", &body).await,
        400,
        "json-malformed",
    );
}

#[apply(on_both!)]
async fn a_decided_user_code_is_neither_shown_nor_decided_again(server: TestServer) {
    let (ada, bob) = (
        server.browser_of("ada").await,
        server.browser_of("bob").await,
    );
    let denied = waiting(&server, "read").await;
    denied.decide(&ada, "deny").await.is(200);
    let allowed = waiting(&server, "read").await;
    allowed.allow(&ada).await;
    for device in [&denied, &allowed] {
        let answer = show(&bob, &device.user_code).await;
        problem(&answer, 404, "user-code-used");
        assert!(!answer.text().contains("Calendar") && !answer.text().contains("ada"));
        problem(&device.decide(&bob, "allow").await, 404, "user-code-used");
        problem(&device.decide(&ada, "deny").await, 404, "user-code-used");
    }
    assert_eq!(denied.poll().await.member("error"), "access_denied");
    let tokens = Tokens::from(allowed.poll().await);
    assert!(token_works(&server, &tokens.access).await);
}

#[apply(on_both!)]
async fn of_two_people_who_decide_at_once_one_does(server: TestServer) {
    let (ada, bob) = (
        server.browser_of("ada").await,
        server.browser_of("bob").await,
    );
    let device = waiting(&server, "read").await;
    let (one, two) = tokio::join!(device.decide(&ada, "allow"), device.decide(&bob, "deny"));
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 404]);
}

/// RFC 8628 §5.1: guesses are limited for each person, and a code that is right buys no more of them.
#[apply(on_both!)]
async fn guessing_at_codes_is_slowed_down(server: TestServer) {
    let browser = server.browser_of("ada").await;
    let own = waiting(&server, "read").await;
    for _ in 0..5 {
        show(&browser, "BBBB-BBBB").await.is(404);
        show(&browser, &own.user_code).await;
    }
    let answer = show(&browser, &own.user_code).await;
    problem(&answer, 429, "too-many-attempts");
    assert_eq!(answer.header("retry-after"), "1");
    let page = browser
        .submit("/device", &[("user_code", &own.user_code)])
        .await
        .is(429);
    assert!(page.text().contains("Too many wrong codes"));
    assert_eq!(page.header("retry-after"), "1");
    server.advance(1);
    own.allow(&browser).await;
}

/// RFC 8628 §5.1: many accounts at one address do not get many guesses.
#[apply(on_both!)]
async fn guessing_from_one_address_is_slowed_down(server: TestServer) {
    for n in 0..10 {
        let browser = server.browser_of(&format!("user{n}")).await;
        for _ in 0..5 {
            show(&browser, "BBBB-BBBB").await.is(404);
        }
    }
    let browser = server.browser_of("last").await;
    problem(&show(&browser, "BBBB-BBBB").await, 429, "too-many-attempts");
    // Signing in from there is another matter.
    let user = server.user("other").await;
    server.browser().sign_in(&user).await;
}

#[apply(on_both!)]
async fn a_scope_that_was_unticked_is_not_granted(server: TestServer) {
    let device = waiting(&server, "openid email read").await;
    let browser = server.browser_of("ada").await;
    let body = json!({ "user_code": device.user_code, "decision": "allow", "scopes": ["openid"] });
    browser.post("/api/device", &body).await.is(200);
    // What is not optional can't be unticked.
    assert_eq!(Tokens::from(device.poll().await).scope, "openid read");
    let nothing = waiting(&server, "email").await;
    let body = json!({ "user_code": nothing.user_code, "decision": "allow", "scopes": [] });
    let answer = browser.post("/api/device", &body).await.is(200);
    assert_eq!(answer.json(), json!({ "status": "denied" }));
    assert_eq!(nothing.poll().await.member("error"), "access_denied");
}

#[apply(on_both!)]
async fn what_was_allowed_is_listed_and_removing_it_ends_all_of_it(server: TestServer) {
    let browser = server.browser_of("ada").await;
    let app = television(&server).await;
    let (first, second) = (
        device(&app, "openid read").await,
        device(&app, "read").await,
    );
    first.allow(&browser).await;
    let tokens = Tokens::from(first.poll().await);
    second.allow(&browser).await;
    let list = browser.get("/api/connections").await.json();
    assert_eq!(list[0]["client_id"], app.client_id);
    assert_eq!(list[0]["scopes"], json!(["openid", "read"]));
    let path = format!("/api/connections/{}", app.client_id);
    browser.delete(&path).await.is(204);
    assert!(!token_works(&server, &tokens.access).await);
    assert_eq!(
        app.refresh(&tokens.refresh).await.member("error"),
        "invalid_grant"
    );
    // Allowed, and not yet fetched.
    assert_eq!(second.poll().await.member("error"), "access_denied");
    assert_eq!(browser.get("/api/connections").await.json(), json!([]));
}

/// Whether the device has polled before or after makes no difference.
#[apply(on_both!)]
async fn what_was_approved_ends_with_the_session_unless_it_may_stay(server: TestServer) {
    let browser = server.browser_of("ada").await;
    let (before, after) = (
        waiting(&server, "read").await,
        waiting(&server, "read").await,
    );
    let scope = "read offline_access";
    let (kept, late) = (waiting(&server, scope).await, waiting(&server, scope).await);
    for device in [&before, &after, &kept, &late] {
        device.allow(&browser).await;
    }
    let ended = Tokens::from(before.poll().await);
    let stays = Tokens::from(kept.poll().await);
    browser.delete("/api/session").await.is(204);
    assert!(!token_works(&server, &ended.access).await);
    assert_eq!(after.poll().await.member("error"), "access_denied");
    assert!(token_works(&server, &stays.access).await);
    late.poll().await.is(200);
}

/// RFC 8628 §5.4: a device is asked about every time, whatever was consented to before.
#[apply(on_both!)]
async fn every_device_is_asked_about(server: TestServer) {
    let app = server.app().grants(&[GRANT]).skip_consent().create().await;
    let browser = server.browser_of("ada").await;
    device(&app, "read").await.allow(&browser).await;
    let next = device(&app, "read").await;
    browser
        .get(&format!("/device?user_code={}", next.user_code))
        .await
        .is(200);
    assert_eq!(next.poll().await.member("error"), "authorization_pending");
    let shown = show(&browser, &next.user_code).await.json();
    assert_eq!(shown["scopes"][0]["granted"], true);
}

#[apply(on_both!)]
async fn an_application_that_is_gone_asks_for_nothing(server: TestServer) {
    let app = server.app().id("television").public().grants(&[GRANT]);
    let app = app.create().await;
    let waiting = device(&app, "read").await;
    let allowed = device(&app, "read").await;
    let browser = server.browser_of("ada").await;
    allowed.allow(&browser).await;
    let owner = server.signed_in(&server.owner().await).await;
    owner.delete("/api/applications/television").await.is(204);
    problem(
        &show(&browser, &waiting.user_code).await,
        404,
        "user-code-unknown",
    );
    let answer = allowed.poll().await;
    refused(&answer, 401, "invalid_client", "client-auth-failed");
}
