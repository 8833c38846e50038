//! What ends with a session, and what does not.

use macro_rules_attribute::apply;
use serde_json::json;

use crate::harness::application::token_works;
use crate::harness::{Code, TestServer, Tokens, on_both};
use crate::logout::{app, ended, is_signed_in, log_out, tokens};

const DAY: i64 = 24 * 3600;

/// OpenID Connect Back-Channel Logout 1.0 §2.7: refresh tokens end with the session, but for
/// those that were granted offline_access.
#[apply(on_both!)]
async fn who_was_let_stay_connected_stays_connected(server: TestServer) {
    let (app, user) = (app(&server).await, server.user("ada").await);
    for way in ["rp", "form", "api", "everywhere", "other person"] {
        let browser = server.signed_in(&user).await;
        let offline = tokens(&app, &browser, &user, "openid read offline_access").await;
        let online = tokens(&app, &browser, &user, "openid read").await;
        let on_its_way = Code::of(browser.walk(&app.ask(), &user).await);
        match way {
            "rp" => {
                let params = [("id_token_hint", online.id_token.as_str())];
                log_out(&browser, &params).await.location();
            }
            "form" => {
                browser.submit("/logout", &[]).await.location();
            }
            "api" => {
                browser.delete("/api/session").await.is(204);
            }
            "everywhere" => {
                browser.delete("/api/account/sessions").await.is(204);
            }
            _ => {
                let bob = server.user("bob").await;
                browser.sign_in(&bob).await;
            }
        }
        ended(&app.refresh(&online.refresh).await);
        assert!(!token_works(&server, &online.access).await, "{way}");
        let answer = app.redeem(&on_its_way).await;
        assert_eq!(answer.status, 400, "{way}: {}", answer.text());
        let next = Tokens::from(app.refresh(&offline.refresh).await);
        assert!(token_works(&server, &next.access).await, "{way}");
    }
}

#[apply(on_both!)]
async fn who_signs_in_again_goes_on_with_their_session(server: TestServer) {
    let (app, user) = (app(&server).await, server.user("ada").await);
    let browser = server.signed_in(&user).await;
    let before = tokens(&app, &browser, &user, "openid").await;
    server.advance(60);
    browser.sign_in(&user).await;
    let before = Tokens::from(app.refresh(&before.refresh).await);
    // The hint names the session still.
    let params = [("id_token_hint", before.id_token.as_str())];
    assert_eq!(log_out(&browser, &params).await.location(), "/logout");
    ended(&app.refresh(&before.refresh).await);
}

#[apply(on_both!)]
async fn a_new_password_ends_what_hangs_on_other_sessions(server: TestServer) {
    let (app, user) = (app(&server).await, server.user("ada").await);
    let (here, there) = (server.signed_in(&user).await, server.signed_in(&user).await);
    let kept = tokens(&app, &here, &user, "openid").await;
    let lost = tokens(&app, &there, &user, "openid").await;
    let body = json!({
        "current_password": user.password, "new_password": "another battery, another staple",
    });
    here.post("/api/account/password", &body).await.is(204);
    assert!(is_signed_in(&here).await && !is_signed_in(&there).await);
    app.refresh(&kept.refresh).await.is(200);
    ended(&app.refresh(&lost.refresh).await);
}

#[apply(on_both!)]
async fn an_unused_session_expires_with_its_tokens(server: TestServer) {
    let (app, user) = (app(&server).await, server.user("ada").await);
    let idle = server.signed_in(&user).await;
    let lost = tokens(&app, &idle, &user, "openid").await;
    let used = server.signed_in(&user).await;
    let mut kept = tokens(&app, &used, &user, "openid").await;
    let away = server.signed_in(&user).await;
    let offline = tokens(&app, &away, &user, "openid offline_access").await;
    for _ in 0..4 {
        server.advance(5 * DAY);
        // A refresh is a use of the session.
        kept = Tokens::from(app.refresh(&kept.refresh).await);
        server.settled().await;
        let now = server.state.now();
        server.state.store.sweep_all(now).await.unwrap();
    }
    assert!(is_signed_in(&used).await);
    assert_eq!(server.count("sessions").await, 1);
    app.refresh(&kept.refresh).await.is(200);
    ended(&app.refresh(&lost.refresh).await);
    app.refresh(&offline.refresh).await.is(200);
}

/// What is refreshed without the person is no use of their session.
#[apply(on_both!)]
async fn a_session_is_not_kept_alive_by_who_stays_connected(server: TestServer) {
    let (app, user) = (app(&server).await, server.user("ada").await);
    let browser = server.signed_in(&user).await;
    let mut got = tokens(&app, &browser, &user, "openid offline_access").await;
    for _ in 0..3 {
        server.advance(5 * DAY);
        got = Tokens::from(app.refresh(&got.refresh).await);
        server.settled().await;
    }
    assert!(!is_signed_in(&browser).await);
}

/// What was approved in the session for a device that has not polled yet ends with it too.
#[apply(on_both!)]
async fn a_device_that_polls_after_the_logout_gets_nothing(server: TestServer) {
    let tv = crate::device::television(&server).await;
    let browser = server.browser_of("ada").await;
    let online = crate::device::device(&tv, "read").await;
    let offline = crate::device::device(&tv, "read offline_access").await;
    online.allow(&browser).await;
    offline.allow(&browser).await;
    browser.delete("/api/session").await.is(204);
    let answer = online.poll().await;
    assert_eq!(answer.json()["error"], "access_denied");
    offline.poll().await.is(200);
}
