//! Logout tokens on their way to applications, to a real receiver on this machine.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use claviger::jobs::{self, logout::round};
use claviger::outbound::{Loopback, Outbound, Policy};
use claviger::state::Options;
use jsonwebtoken::{Algorithm, decode_header};
use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Notify;

use crate::harness::{Browser, Code, TestApp, TestServer, TestUser, Tokens, on_both, problem};
use crate::id_token::{claims, verified};

const DAY: i64 = 24 * 3600;

/// What takes the tokens of an application.
#[derive(Clone)]
struct Receiver {
    address: String,
    inner: Arc<Inner>,
}

struct Inner {
    received: Mutex<Vec<String>>,
    status: Mutex<u16>,
    arrived: Notify,
}

impl Receiver {
    async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/out", listener.local_addr().unwrap());
        let inner = Arc::new(Inner {
            received: Mutex::default(),
            status: Mutex::new(200),
            arrived: Notify::new(),
        });
        let shared = inner.clone();
        let take = async move |headers: HeaderMap, body: Bytes| {
            assert_eq!(headers["content-type"], "application/x-www-form-urlencoded");
            let body = String::from_utf8(body.to_vec()).unwrap();
            let token = body.strip_prefix("logout_token=").unwrap().to_owned();
            shared.received.lock().unwrap().push(token);
            shared.arrived.notify_one();
            StatusCode::from_u16(*shared.status.lock().unwrap()).unwrap()
        };
        let router = Router::new().route("/out", post(take));
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, inner }
    }

    fn answers(&self, status: u16) {
        *self.inner.status.lock().unwrap() = status;
    }

    /// What has come since the last time.
    fn taken(&self) -> Vec<String> {
        std::mem::take(&mut *self.inner.received.lock().unwrap())
    }

    #[track_caller]
    fn one(&self) -> String {
        let mut taken = self.taken();
        assert_eq!(taken.len(), 1, "{taken:?}");
        taken.remove(0)
    }

    /// An application that is told at this address.
    async fn app(&self, server: &TestServer, sid_required: bool) -> TestApp {
        self.app_with(server, sid_required, "RS256").await
    }

    async fn app_with(&self, server: &TestServer, sid_required: bool, alg: &str) -> TestApp {
        let settings = |s: &mut app::wire::application::ApplicationSettings| {
            s.backchannel_logout_uri = Some(self.address.clone());
            s.backchannel_logout_session_required = Some(sid_required);
        };
        let builder = server.app().settings(settings).alg(alg).skip_consent();
        builder.create().await
    }
}

/// A server that is tried out on this machine, and so may send tokens to it.
async fn local(server: &TestServer) -> TestServer {
    let policy = Policy {
        loopback: Loopback::Allowed,
        ..Policy::default()
    };
    let options = Options {
        outbound: Outbound::new(policy),
        ..Options::default()
    };
    server.twin_with(options).await
}

async fn tokens(app: &TestApp, browser: &Browser, user: &TestUser) -> Tokens {
    let code = Code::of(browser.walk(&app.ask(), user).await);
    app.redeem(&code).await.into()
}

async fn log(server: &TestServer, app: &TestApp) -> Vec<Value> {
    let owner = server.signed_in(&server.owner().await).await;
    let path = format!("/api/applications/{}/logouts", app.client_id);
    let log = owner.get(&path).await.is(200).json();
    log.as_array().unwrap().clone()
}

/// OpenID Connect Back-Channel Logout 1.0 §2.4: a logout token is a JWT of type logout+jwt with
/// iss, sub, aud, iat, exp, jti, events and sid, and without nonce.
/// OpenID Connect Back-Channel Logout 1.0 §2.5: it is posted as a form to the registered address.
/// OpenID Connect Back-Channel Logout 1.0 §2.4: it is signed as id_tokens for this client are.
#[apply(on_both!)]
async fn an_application_is_told_when_a_session_ends(server: TestServer) {
    let (server, receiver) = (local(&server).await, Receiver::new().await);
    let user = server.user("ada").await;
    for (alg, algorithm) in [
        ("RS256", Algorithm::RS256),
        ("PS256", Algorithm::PS256),
        ("ES256", Algorithm::ES256),
        ("EdDSA", Algorithm::EdDSA),
    ] {
        let app = receiver.app_with(&server, true, alg).await;
        let browser = server.signed_in(&user).await;
        let got = tokens(&app, &browser, &user).await;
        server.advance(5);
        browser.delete("/api/session").await.is(204);
        assert_eq!(round(&server.state).await.unwrap(), 1);
        let token = receiver.one();
        let header = decode_header(&token).unwrap();
        assert_eq!(header.typ.as_deref(), Some("logout+jwt"));
        assert_eq!(header.alg, algorithm);
        let said = verified(&server, &token, &app.client_id).await;
        let now = server.state.now().seconds();
        let expected = json!({
            "iss": "http://localhost:8000/o",
            "sub": user.id.to_string(),
            "aud": app.client_id,
            "iat": now,
            "exp": now + 120,
            "jti": said["jti"],
            "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
            "sid": claims(&got.id_token)["sid"],
        });
        assert_eq!(said, expected);
        assert!(said["jti"].is_string());
        assert_eq!(round(&server.state).await.unwrap(), 0);
        let log = log(&server, &app).await;
        assert_eq!(log.len(), 1);
        assert_eq!(log[0]["state"], "delivered");
        assert_eq!(log[0]["user"], "ada");
        assert_eq!(log[0]["sid"], said["sid"]);
        assert_eq!(log[0]["attempts"], 1);
    }
}

/// OpenID Connect Back-Channel Logout 1.0 §2.4: without sid every session of the user is meant.
/// OpenID Connect Back-Channel Logout 1.0 §2.2: who requires a sid gets a token for each session.
#[apply(on_both!)]
async fn signing_out_everywhere_is_said_once_or_for_each_session(server: TestServer) {
    let (server, user) = (local(&server).await, server.user("ada").await);
    let (once, each) = (Receiver::new().await, Receiver::new().await);
    let plain = once.app(&server, false).await;
    let strict = each.app(&server, true).await;
    let (one, two) = (server.signed_in(&user).await, server.signed_in(&user).await);
    let mut sids = Vec::new();
    for browser in [&one, &two] {
        tokens(&plain, browser, &user).await;
        let got = tokens(&strict, browser, &user).await;
        sids.push(claims(&got.id_token)["sid"].clone());
    }
    one.delete("/api/account/sessions").await.is(204);
    round(&server.state).await.unwrap();
    let said = claims(&once.one());
    assert_eq!(said["sub"], user.id.to_string());
    assert!(said.get("sid").is_none());
    let mut said: Vec<_> = each
        .taken()
        .iter()
        .map(|token| claims(token)["sid"].clone())
        .collect();
    said.sort_by_key(Value::to_string);
    sids.sort_by_key(Value::to_string);
    assert_eq!(said, sids);
}

/// OpenID Connect Back-Channel Logout 1.0 §2.5: the applications that took part in the session.
#[apply(on_both!)]
async fn only_who_took_part_in_the_session_is_told(server: TestServer) {
    let (server, receiver) = (local(&server).await, Receiver::new().await);
    let (ada, bob) = (server.user("ada").await, server.user("bob").await);
    let app = receiver.app(&server, false).await;
    let silent = server.app().skip_consent().create().await;
    let (here, there) = (server.signed_in(&ada).await, server.signed_in(&ada).await);
    let bobs = server.signed_in(&bob).await;
    tokens(&silent, &here, &ada).await;
    tokens(&app, &there, &ada).await;
    tokens(&app, &bobs, &bob).await;
    here.submit("/logout", &[]).await.location();
    assert_eq!(round(&server.state).await.unwrap(), 0);
    assert_eq!(server.count("logout_deliveries").await, 0);
    // One token, however often the application asked in the session.
    tokens(&app, &there, &ada).await;
    there.submit("/logout", &[]).await.location();
    round(&server.state).await.unwrap();
    assert_eq!(claims(&receiver.one())["sub"], ada.id.to_string());
}

#[apply(on_both!)]
async fn every_end_of_a_session_is_told(server: TestServer) {
    let (server, receiver) = (local(&server).await, Receiver::new().await);
    let (ada, bob) = (server.user("ada").await, server.user("bob").await);
    let app = receiver.app(&server, false).await;
    let keep = server.signed_in(&ada).await;
    for way in ["rp", "form", "api", "password", "other person", "idle"] {
        let browser = server.signed_in(&ada).await;
        let got = tokens(&app, &browser, &ada).await;
        match way {
            "rp" => {
                let path = format!("/o/logout?id_token_hint={}", got.id_token);
                assert_eq!(browser.get(&path).await.location(), "/logout");
            }
            "form" => {
                browser.submit("/logout", &[]).await.location();
            }
            "api" => {
                let body = json!({});
                browser.post("/api/logout", &body).await.is(200);
            }
            "password" => {
                let body =
                    json!({ "current_password": ada.password, "new_password": ada.password });
                keep.post("/api/account/password", &body).await.is(204);
            }
            "other person" => {
                browser.sign_in(&bob).await;
            }
            _ => {
                server.advance(15 * DAY);
                let now = server.state.now();
                server.state.store.sweep_all(now).await.unwrap();
            }
        }
        round(&server.state).await.unwrap();
        let said = claims(&receiver.one());
        assert_eq!(said["sid"], claims(&got.id_token)["sid"], "{way}");
    }
    // Who proves again who they are goes on with their session.
    let browser = server.signed_in(&ada).await;
    tokens(&app, &browser, &ada).await;
    browser.sign_in(&ada).await;
    assert_eq!(round(&server.state).await.unwrap(), 0);
}

/// Its tokens ended long ago, but the person is still signed in at the application.
#[apply(on_both!)]
async fn who_holds_no_live_token_is_told_too(server: TestServer) {
    let (server, receiver) = (local(&server).await, Receiver::new().await);
    let user = server.user("ada").await;
    let settings = |s: &mut app::wire::application::ApplicationSettings| {
        s.backchannel_logout_uri = Some(receiver.address.clone());
        s.grant_types = Some(vec!["authorization_code".to_owned()]);
    };
    let builder = server.app().settings(settings).skip_consent();
    let app = builder.create().await;
    let browser = server.signed_in(&user).await;
    tokens(&app, &browser, &user).await;
    server.advance(DAY);
    let now = server.state.now();
    server.state.store.sweep_all(now).await.unwrap();
    assert_eq!(server.count("access_tokens").await, 0);
    browser.submit("/logout", &[]).await.location();
    round(&server.state).await.unwrap();
    receiver.one();
    // Then nothing keeps the grant.
    let now = server.state.now();
    server.state.store.sweep_all(now).await.unwrap();
    assert_eq!(server.count("grants").await, 0);
}

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
    let mut seen = std::collections::BTreeSet::new();
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
    let twin = local(&server).await;
    let user = server.user("ada").await;
    let app = receiver.app(&server, true).await;
    let mut browsers = Vec::new();
    for _ in 0..20 {
        let browser = server.signed_in(&user).await;
        tokens(&app, &browser, &user).await;
        browsers.push(browser);
    }
    browsers[0].delete("/api/account/sessions").await.is(204);
    let (one, two) = tokio::join!(round(&server.state), round(&twin.state));
    assert_eq!(one.unwrap() + two.unwrap(), 20);
    assert_eq!(receiver.taken().len(), 20);
    twin.state.store.close().await;
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
    let due = store.due_logouts(now, 10).await.unwrap().remove(0);
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
