//! The device grant at the token endpoint: waiting, slowing down, redeeming once.

use std::time::Duration;

use claviger::domain::device::DEVICE_CODE_LIFETIME;
use macro_rules_attribute::apply;
use serde_json::json;
use tokio::task::JoinSet;

use crate::device::{GRANT, device, television, waits};
use crate::harness::application::token_works;
use crate::harness::{Form, TestServer, Tokens, on_both, refused};

/// RFC 8628 §3.5: a device whose user has yet to decide is told to wait.
#[apply(on_both!)]
async fn a_device_waits_until_the_user_decides(server: TestServer) {
    let device = device(&television(&server).await, "read").await;
    // It may ask at once: the interval is the time between two polls.
    waits(&device.poll().await);
    for _ in 0..3 {
        server.advance(5);
        waits(&device.poll().await);
    }
}

/// RFC 8628 §3.5: a device that polls too fast is told to slow down by 5 s, for this and every further poll.
#[apply(on_both!)]
async fn a_device_that_polls_too_fast_is_slowed_down_each_time(server: TestServer) {
    let device = device(&television(&server).await, "read").await;
    waits(&device.poll().await);
    server.advance(4);
    refused(&device.poll().await, 400, "slow_down", "slow-down");
    server.advance(9);
    refused(&device.poll().await, 400, "slow_down", "slow-down");
    // 15 seconds by now, and they stay.
    server.advance(14);
    refused(&device.poll().await, 400, "slow_down", "slow-down");
    for _ in 0..2 {
        server.advance(20);
        waits(&device.poll().await);
    }
    server.advance(19);
    refused(&device.poll().await, 400, "slow_down", "slow-down");
}

#[apply(on_both!)]
async fn an_approved_device_gets_its_tokens_however_fast_it_polls(server: TestServer) {
    let device = device(&television(&server).await, "read").await;
    waits(&device.poll().await);
    device.allow(&server.browser_of("ada").await).await;
    device.poll().await.is(200);
}

/// RFC 8628 §3.5: once the person has allowed it, the device gets the tokens of RFC 6749 §5.1.
#[apply(on_both!)]
async fn an_approved_device_gets_tokens_that_work_and_can_be_refreshed(server: TestServer) {
    let device = device(&television(&server).await, "openid profile read").await;
    let user = server.user("ada").await;
    device.allow(&server.signed_in(&user).await).await;
    let tokens = Tokens::from(device.poll().await);
    assert_eq!(tokens.answer.json()["token_type"], "Bearer");
    assert_eq!(tokens.answer.header("cache-control"), "no-store");
    assert_eq!(tokens.scope, "openid profile read");
    assert!(token_works(&server, &tokens.access).await);
    let claims = crate::id_token::claims(&tokens.id_token);
    assert_eq!(claims["sub"], user.id.to_string());
    assert_eq!(claims["aud"], device.app.client_id);
    assert_eq!(claims["amr"], json!(["pwd"]));
    assert_eq!(claims["preferred_username"], "ada");
    assert!(claims["auth_time"].is_number() && claims["sid"].is_string());
    assert!(claims.get("nonce").is_none());
    let second = Tokens::from(device.app.refresh(&tokens.refresh).await);
    assert!(token_works(&server, &second.access).await);
    assert!(!token_works(&server, &tokens.access).await);
}

#[apply(on_both!)]
async fn without_the_grant_to_refresh_there_is_no_refresh_token(server: TestServer) {
    let app = server.app().grants(&[GRANT]).create().await;
    let device = device(&app, "read").await;
    device.allow(&server.browser_of("ada").await).await;
    let tokens = Tokens::from(device.poll().await);
    assert!(tokens.refresh.is_empty() && tokens.id_token.is_empty());
}

/// RFC 8628 §3.5: a device whose user has refused is told so.
#[apply(on_both!)]
async fn a_denied_device_is_told_so(server: TestServer) {
    let device = device(&television(&server).await, "read").await;
    let answer = device.decide(&server.browser_of("ada").await, "deny").await;
    assert_eq!(answer.is(200).json(), json!({ "status": "denied" }));
    for _ in 0..2 {
        let answer = device.poll().await;
        refused(&answer, 400, "access_denied", "device-access-denied");
    }
    assert_eq!(server.count("grants").await, 0);
}

/// RFC 8628 §3.5: a device code that has expired is told from one that waits, approved or not.
#[apply(on_both!)]
async fn an_expired_device_code_gets_nothing(server: TestServer) {
    let app = television(&server).await;
    let (pending, approved) = (device(&app, "read").await, device(&app, "read").await);
    approved.allow(&server.browser_of("ada").await).await;
    server.advance_by(DEVICE_CODE_LIFETIME - Duration::from_secs(1));
    waits(&pending.poll().await);
    server.advance(1);
    for device in [pending, approved] {
        let answer = device.poll().await;
        refused(&answer, 400, "expired_token", "device-code-expired");
    }
}

#[apply(on_both!)]
async fn what_is_no_device_code_of_this_client_is_refused(server: TestServer) {
    let app = television(&server).await;
    let token = async |form: &Form| app.token(form).await;
    let missing = token(&Form::new(&[("grant_type", GRANT)])).await;
    refused(&missing, 400, "invalid_request", "device-code-missing");
    let waiting = device(&app, "read").await;
    let mut cut = waiting.code.clone();
    cut.pop();
    let other_secret = format!(
        "{}{}",
        &waiting.code[..60],
        "A".repeat(waiting.code.len() - 60)
    );
    let tokens = server.app().create().await.tokens().await;
    for code in [
        "x",
        "clv_dc_x",
        &waiting.user_code,
        &cut,
        &other_secret,
        &tokens.refresh,
    ] {
        let answer = token(&waiting.polling().set("device_code", code)).await;
        refused(&answer, 400, "invalid_grant", "device-code-unknown");
    }
    let code = Form::new(&[
        ("grant_type", "authorization_code"),
        ("code", &waiting.code),
    ]);
    let web = server.app().create().await;
    refused(
        &web.token(&code).await,
        400,
        "invalid_grant",
        "code-unknown",
    );
}

/// RFC 8628 §3.4: a device code is bound to the client that asked for it.
#[apply(on_both!)]
async fn another_client_can_not_redeem_it_and_leaves_it_alone(server: TestServer) {
    let (app, other) = (television(&server).await, television(&server).await);
    let device = device(&app, "read").await;
    device.allow(&server.browser_of("ada").await).await;
    let answer = other.token(&device.polling()).await;
    refused(&answer, 400, "invalid_grant", "device-code-other-client");
    device.poll().await.is(200);
}

/// RFC 6749 §10.5: a device code, like every code, is redeemed once; two polls that cross end nothing.
#[apply(on_both!)]
async fn a_device_code_is_redeemed_once_and_what_it_brought_goes_on(server: TestServer) {
    let device = device(&television(&server).await, "read").await;
    device.allow(&server.browser_of("ada").await).await;
    let tokens = Tokens::from(device.poll().await);
    let second = Tokens::from(device.app.refresh(&tokens.refresh).await);
    assert!(token_works(&server, &second.access).await);
    // Long after its end it is still known for what it is.
    server.advance_by(DEVICE_CODE_LIFETIME + Duration::from_mins(1));
    for _ in 0..2 {
        let answer = device.poll().await;
        refused(&answer, 400, "invalid_grant", "device-code-replayed");
    }
    assert!(token_works(&server, &second.access).await);
    device.app.refresh(&second.refresh).await.is(200);
    // However often it asks, the audit log says it once.
    server.settled().await;
    let kinds = "SELECT kind FROM audit_events WHERE kind LIKE '%replay%'";
    assert_eq!(server.database.texts(kinds).await, ["device_code.replayed"]);
}

#[apply(on_both!)]
async fn of_32_polls_at_once_one_gets_the_tokens(server: TestServer) {
    let device = device(&television(&server).await, "read").await;
    let second_server = device.app.at(&server.second_server().await);
    device.allow(&server.browser_of("ada").await).await;
    server.settled().await;
    let said = server.count("audit_events").await;
    let mut tasks = JoinSet::new();
    for n in 0..32 {
        let app = if n % 2 == 0 {
            &device.app
        } else {
            &second_server
        }
        .clone();
        let form = device.polling();
        tasks.spawn(async move { app.token(&form).await.status });
    }
    let statuses = tasks.join_all().await;
    assert_eq!(statuses.iter().filter(|&&status| status == 200).count(), 1);
    assert_eq!(statuses.iter().filter(|&&status| status == 400).count(), 31);
    assert_eq!(server.count("grants").await, 1);
    let ended = "SELECT 'x' FROM grants WHERE revoked_at IS NOT NULL";
    assert!(server.database.texts(ended).await.is_empty());
    server.settled().await;
    assert_eq!(server.count("audit_events").await, said + 1);
}

#[apply(on_both!)]
async fn a_user_who_was_disabled_meanwhile_gets_no_tokens(server: TestServer) {
    let device = device(&television(&server).await, "read").await;
    device.allow(&server.browser_of("ada").await).await;
    server
        .database
        .execute("UPDATE users SET disabled_at = 1 WHERE username = 'ada'")
        .await;
    let answer = device.poll().await;
    refused(&answer, 400, "invalid_grant", "user-gone");
}

#[apply(on_both!)]
async fn what_has_expired_is_swept_and_a_redeemed_code_is_remembered(server: TestServer) {
    let app = television(&server).await;
    let (pending, redeemed) = (device(&app, "read").await, device(&app, "read").await);
    redeemed.allow(&server.browser_of("ada").await).await;
    redeemed.poll().await.is(200);
    let sweep = async || {
        server.settled().await;
        let now = server.state.now();
        server.state.store.sweep_all(now).await.unwrap();
        server.count("device_codes").await
    };
    server.advance_by(DEVICE_CODE_LIFETIME);
    assert_eq!(sweep().await, 2);
    let answer = pending.poll().await;
    refused(&answer, 400, "expired_token", "device-code-expired");
    server.advance(3600);
    assert_eq!(sweep().await, 1);
    let answer = redeemed.poll().await;
    refused(&answer, 400, "invalid_grant", "device-code-replayed");
    server.advance(24 * 3600);
    assert_eq!(sweep().await, 0);
}

#[apply(on_both!)]
async fn a_row_that_can_not_be_read_is_our_fault_and_says_no_more(server: TestServer) {
    let device = device(&television(&server).await, "read").await;
    let broken = "UPDATE device_codes SET status = 'broken'";
    server.database.execute(broken).await;
    let answer = device.poll().await;
    refused(&answer, 503, "temporarily_unavailable", "server-error");
}
