//! Logout tokens that don't arrive at once: tried again, given up, claimed by one of several
//! servers, and looked at in the log.

use std::collections::BTreeSet;
use std::time::Duration;

use claviger::jobs::{self, logout::round};
use claviger::outbound::{Loopback, Outbound, Policy};
use claviger::state::Options;
use macro_rules_attribute::apply;
use serde_json::json;
use tokio::net::TcpListener;

use crate::backchannel::{DAY, Receiver, local, log, tokens};
use crate::harness::{TestServer, on_both, problem};
use crate::id_token::verified;

/// OpenID Connect Back-Channel Logout 1.0 §2.8: what was not answered with 200 or 204 is sent
/// again, later and later, and then given up.
#[apply(on_both!)]
async fn what_failed_is_tried_again_and_then_given_up(server: TestServer) {
    let (server, receiver) = (local(&server).await, Receiver::new().await);
    let user = server.user("ada").await;
    let app = receiver.app(&server, false).await;
    let browser = server.signed_in(&user).await;
    tokens(&app, &browser, &user).await;
    receiver.answers(503);
    browser.submit("/logout", &[]).await.location();
    let mut seen = BTreeSet::new();
    for (attempt, wait) in [0, 5, 30, 120, 600, 3600].into_iter().enumerate() {
        if wait > 0 {
            server.advance(wait - 1);
            assert_eq!(round(&server.state).await.unwrap(), 0, "{wait}");
            server.advance(1);
        }
        assert_eq!(round(&server.state).await.unwrap(), 1, "{wait}");
        let said = verified(&server, &receiver.one(), &app.client_id).await;
        // Each is a token of its own, and still good.
        assert!(seen.insert(said["jti"].to_string()));
        assert_eq!(said["iat"], server.state.now().seconds());
        let line = &log(&server, &app).await[0];
        assert_eq!(line["attempts"], attempt + 1);
        let last = attempt == 5;
        assert_eq!(line["state"], if last { "given up" } else { "waiting" });
        assert_eq!(line["next_attempt_at"].is_null(), last);
        let error = "the application answered with status 503";
        assert_eq!(line["error"], error);
    }
    server.advance(DAY);
    assert_eq!(round(&server.state).await.unwrap(), 0);
}

#[apply(on_both!)]
async fn an_application_that_comes_back_is_told(server: TestServer) {
    let (server, receiver) = (local(&server).await, Receiver::new().await);
    let user = server.user("ada").await;
    let app = receiver.app(&server, false).await;
    let browser = server.signed_in(&user).await;
    tokens(&app, &browser, &user).await;
    receiver.answers(302);
    browser.submit("/logout", &[]).await.location();
    round(&server.state).await.unwrap();
    receiver.one();
    receiver.answers(204);
    server.advance(5);
    round(&server.state).await.unwrap();
    receiver.one();
    let line = &log(&server, &app).await[0];
    assert_eq!(line["state"], "delivered");
    assert_eq!(line["attempts"], 2);
    assert!(line["error"].is_null());
    server.advance(DAY);
    assert_eq!(round(&server.state).await.unwrap(), 0);
}

/// OpenID Connect Back-Channel Logout 1.0 §2.8: 400 says that the request was read and failed.
#[apply(on_both!)]
async fn a_no_is_a_no(server: TestServer) {
    let (server, receiver) = (local(&server).await, Receiver::new().await);
    let user = server.user("ada").await;
    let app = receiver.app(&server, false).await;
    let browser = server.signed_in(&user).await;
    tokens(&app, &browser, &user).await;
    receiver.answers(400);
    browser.submit("/logout", &[]).await.location();
    round(&server.state).await.unwrap();
    receiver.one();
    let line = &log(&server, &app).await[0];
    assert_eq!(line["state"], "given up");
    assert_eq!(line["error"], "the application refused it: status 400");
    server.advance(DAY);
    assert_eq!(round(&server.state).await.unwrap(), 0);
}

#[apply(on_both!)]
async fn of_several_servers_one_sends_a_token(server: TestServer) {
    let (server, receiver) = (local(&server).await, Receiver::new().await);
    let second_server = local(&server).await;
    let user = server.user("ada").await;
    let app = receiver.app(&server, true).await;
    let mut browsers = Vec::new();
    for _ in 0..20 {
        let browser = server.signed_in(&user).await;
        tokens(&app, &browser, &user).await;
        browsers.push(browser);
    }
    browsers[0].delete("/api/account/sessions").await.is(204);
    let (one, two) = tokio::join!(round(&server.state), round(&second_server.state));
    assert_eq!(one.unwrap() + two.unwrap(), 20);
    assert_eq!(receiver.taken().len(), 20);
    second_server.state.store.close().await;
}

/// A server that dies in the middle loses its claim after a minute.
#[apply(on_both!)]
async fn what_a_server_left_behind_is_sent_by_another(server: TestServer) {
    let (server, receiver) = (local(&server).await, Receiver::new().await);
    let user = server.user("ada").await;
    let app = receiver.app(&server, false).await;
    let browser = server.signed_in(&user).await;
    tokens(&app, &browser, &user).await;
    browser.submit("/logout", &[]).await.location();
    let (store, now) = (&server.state.store, server.state.now());
    let due = store
        .due_logouts(now, 10, &BTreeSet::new())
        .await
        .unwrap()
        .remove(0);
    let claimed = store.claim_logout(due.clone(), now).await.unwrap();
    assert_eq!(claimed.unwrap().attempts, 1);
    assert_eq!(store.claim_logout(due, now).await.unwrap(), None);
    assert_eq!(round(&server.state).await.unwrap(), 0);
    server.advance(60);
    assert_eq!(round(&server.state).await.unwrap(), 1);
    receiver.one();
}

#[apply(on_both!)]
async fn a_token_leaves_at_once(server: TestServer) {
    let (server, receiver) = (local(&server).await, Receiver::new().await);
    let user = server.user("ada").await;
    let app = receiver.app(&server, false).await;
    let browser = server.signed_in(&user).await;
    tokens(&app, &browser, &user).await;
    let jobs = jobs::start(&server.state);
    // The first look is over when the job waits.
    tokio::task::yield_now().await;
    browser.submit("/logout", &[]).await.location();
    let arrived = receiver.inner.arrived.notified();
    tokio::time::timeout(Duration::from_secs(4), arrived)
        .await
        .unwrap();
    jobs.stop().await;
    assert_eq!(receiver.taken().len(), 1);
}

/// A server with a public URL of its own sends nothing to the machine that it runs on.
#[apply(on_both!)]
async fn tokens_go_to_this_machine_only_when_the_server_is_tried_out(server: TestServer) {
    let receiver = Receiver::new().await;
    let user = server.user("ada").await;
    let app = receiver.app(&server, false).await;
    let browser = server.signed_in(&user).await;
    tokens(&app, &browser, &user).await;
    browser.submit("/logout", &[]).await.location();
    round(&server.state).await.unwrap();
    assert!(receiver.taken().is_empty());
    let line = &log(&server, &app).await[0];
    assert_eq!(line["error"], "this is no address that the server goes to");
}

#[apply(on_both!)]
async fn an_application_without_an_address_is_told_nothing_more(server: TestServer) {
    let (server, receiver) = (local(&server).await, Receiver::new().await);
    let user = server.user("ada").await;
    let app = receiver.app(&server, false).await;
    let browser = server.signed_in(&user).await;
    tokens(&app, &browser, &user).await;
    browser.submit("/logout", &[]).await.location();
    let owner = server.signed_in(&server.owner().await).await;
    let path = format!("/api/applications/{}", app.client_id);
    let change = json!({ "backchannel_logout_uri": "" });
    owner.call("PATCH", &path).json(&change).await.is(200);
    round(&server.state).await.unwrap();
    assert!(receiver.taken().is_empty());
    assert_eq!(log(&server, &app).await[0]["state"], "given up");
}

#[apply(on_both!)]
async fn the_log_is_the_owners_and_is_kept_for_two_weeks(server: TestServer) {
    let (server, receiver) = (local(&server).await, Receiver::new().await);
    let user = server.user("ada").await;
    let app = receiver.app(&server, false).await;
    let browser = server.signed_in(&user).await;
    tokens(&app, &browser, &user).await;
    browser.submit("/logout", &[]).await.location();
    round(&server.state).await.unwrap();
    let path = format!("/api/applications/{}/logouts", app.client_id);
    let other = server.developer("other").await;
    let other = server.signed_in(&other).await;
    problem(&other.get(&path).await, 404, "not-found");
    problem(&server.browser().get(&path).await, 401, "session-required");
    server.advance(13 * DAY);
    let sweep = async || {
        let now = server.state.now();
        server.state.store.sweep_all(now).await.unwrap();
        server.count("logout_deliveries").await
    };
    assert_eq!(sweep().await, 1);
    server.advance(DAY + 1);
    assert_eq!(sweep().await, 0);
}

/// An application that lets its tokens wait holds up a few of its own, and none of another.
#[apply(on_both!)]
async fn an_application_that_gives_no_answer_holds_up_no_other(server: TestServer) {
    let policy = Policy {
        loopback: Loopback::Allowed,
        deadline: Duration::from_millis(300),
        ..Policy::default()
    };
    let options = Options {
        outbound: Outbound::new(policy),
        ..Options::default()
    };
    let server = server.twin_with(options).await;
    // Connections wait in its queue for ever.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/out", silent.local_addr().unwrap());
    let (receiver, user) = (Receiver::new().await, server.user("ada").await);
    let app = receiver.app(&server, true).await;
    let hangs = receiver.app(&server, true).await;
    let owner = server.signed_in(&server.owner().await).await;
    let path = format!("/api/applications/{}", hangs.client_id);
    let change = json!({ "backchannel_logout_uri": address });
    owner.call("PATCH", &path).json(&change).await.is(200);
    for _ in 0..12 {
        let browser = server.signed_in(&user).await;
        tokens(&hangs, &browser, &user).await;
        browser.submit("/logout", &[]).await.location();
    }
    server.advance(1);
    let browser = server.signed_in(&user).await;
    tokens(&app, &browser, &user).await;
    browser.submit("/logout", &[]).await.location();
    round(&server.state).await.unwrap();
    receiver.one();
    let lines = log(&server, &hangs).await;
    let tried = lines.iter().filter(|line| line["attempts"] == 1).count();
    assert_eq!((lines.len(), tried), (12, 8));
    assert!(lines.iter().all(|line| line["state"] == "waiting"));
}

/// OpenID Connect Back-Channel Logout 1.0 §2.4: a logout token is for the application that took
/// part in the session, as long as it is there.
#[apply(on_both!)]
async fn who_was_deleted_is_not_told_who_signed_out(server: TestServer) {
    let (server, receiver) = (local(&server).await, Receiver::new().await);
    let user = server.user("ada").await;
    let settings = |s: &mut contract::wire::application::ApplicationSettings| {
        s.backchannel_logout_uri = Some(receiver.address.clone());
    };
    let app = server.app().id("calendar").settings(settings);
    let app = app.skip_consent().create().await;
    let browser = server.signed_in(&user).await;
    tokens(&app, &browser, &user).await;
    browser.submit("/logout", &[]).await.location();
    let owner = server.signed_in(&server.owner().await).await;
    owner.delete("/api/applications/calendar").await.is(204);
    round(&server.state).await.unwrap();
    assert!(receiver.taken().is_empty());
}
