//! Whatever is issued in the very moment of a logout ends with it.

use claviger::store::SessionSelector;
use macro_rules_attribute::apply;
use tokio::join;

use crate::device::{device, television};
use crate::harness::{Code, TestServer, on_both, param, problem, refused_by_redirect};

const ROUNDS: usize = 12;

/// OpenID Connect Back-Channel Logout 1.0 §2.7: a code that is issued while the session ends is worth nothing afterwards.
#[apply(on_both!)]
async fn a_code_that_crosses_a_logout_is_worth_nothing(server: TestServer) {
    let app = server.app().skip_consent().create().await;
    let user = server.user("ada").await;
    for round in 0..ROUNDS {
        let browser = server.signed_in(&user).await;
        let asks = [app.ask(), app.ask().set("prompt", "none")];
        let (one, none, out) = join!(
            browser.ask(&asks[0]),
            browser.ask(&asks[1]),
            browser.delete("/api/session"),
        );
        out.is(204);
        for answer in [one, none] {
            let location = answer.location();
            if param(&location, "code").is_some() {
                let answer = app.redeem(&Code::of(location)).await;
                assert_eq!(answer.status, 400, "{round}: {}", answer.text());
            } else if !location.starts_with("/login") {
                refused_by_redirect(&location, "login_required", "login-required");
            }
        }
    }
    let left = "SELECT 'x' FROM authorization_codes WHERE consumed_at IS NULL";
    assert!(server.database.texts(left).await.is_empty());
    assert_eq!(server.count("grants").await, 0);
}

/// The consent page is answered in one process while another one ends the session.
#[apply(on_both!)]
async fn a_consent_that_crosses_a_logout_is_not_remembered_with_a_code(server: TestServer) {
    let app = server.app().create().await;
    let user = server.user("ada").await;
    let second_server = server.second_server().await;
    for _ in 0..ROUNDS {
        let browser = server.signed_in(&user).await;
        let ask = app.ask().set("prompt", "consent");
        let ticket = browser.ask(&ask).await.ticket("/consent");
        let now = server.state.now();
        let (answer, ended) = join!(
            browser.decide(&ticket, "allow", None),
            second_server
                .state
                .store
                .end_sessions(user.id, SessionSelector::All, now, None),
        );
        assert_eq!(ended.unwrap().sessions, 1);
        match answer.status {
            200 => {
                let code = Code::of(answer.member("redirect_to"));
                let answer = app.redeem(&code).await;
                assert_eq!(answer.status, 400, "{}", answer.text());
            }
            _ => problem(&answer, 401, "session-required"),
        }
    }
    second_server.state.store.close().await;
}

/// Who signs in again goes on with the session, and so does the code that crosses it.
#[apply(on_both!)]
async fn a_code_that_crosses_a_new_sign_in_of_the_same_person_is_good(server: TestServer) {
    let app = server.app().skip_consent().create().await;
    let user = server.user("ada").await;
    let browser = server.signed_in(&user).await;
    for _ in 0..4 {
        let ask = app.ask();
        let (answer, _) = join!(browser.ask(&ask), browser.sign_in(&user));
        let location = answer.location();
        if param(&location, "code").is_some() {
            app.redeem(&Code::of(location)).await.is(200);
        } else {
            // The cookie of before was no good any more.
            assert!(location.starts_with("/login?flow="), "{location}");
        }
    }
}

/// What is approved for a device while the session ends brings no tokens.
#[apply(on_both!)]
async fn a_device_that_is_approved_while_the_session_ends_gets_nothing(server: TestServer) {
    let app = television(&server).await;
    let user = server.user("ada").await;
    for _ in 0..ROUNDS {
        let browser = server.signed_in(&user).await;
        let device = device(&app, "read").await;
        let (answer, out) = join!(
            device.decide(&browser, "allow"),
            browser.delete("/api/session"),
        );
        out.is(204);
        match answer.status {
            200 => {}
            _ => problem(&answer, 401, "session-required"),
        }
        assert_eq!(device.poll().await.status, 400);
    }
    assert_eq!(server.count("grants").await, 0);
}
