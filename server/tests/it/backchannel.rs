//! Logout tokens on their way to applications, to a real receiver on this machine.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use claviger::jobs::logout::round;
use claviger::outbound::{Loopback, Outbound, Policy};
use claviger::state::Options;
use jsonwebtoken::{Algorithm, decode_header};
use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Notify;

use crate::harness::{Browser, Code, TestApp, TestServer, TestUser, Tokens, on_both};
use crate::id_token::{claims, verified};

pub(crate) const DAY: i64 = 24 * 3600;

/// What takes the tokens of an application.
#[derive(Clone)]
pub(crate) struct Receiver {
    pub(crate) address: String,
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    received: Mutex<Vec<String>>,
    status: Mutex<u16>,
    pub(crate) arrived: Notify,
}

impl Receiver {
    pub(crate) async fn new() -> Self {
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

    pub(crate) fn answers(&self, status: u16) {
        *self.inner.status.lock().unwrap() = status;
    }

    /// What has come since the last time.
    pub(crate) fn taken(&self) -> Vec<String> {
        std::mem::take(&mut *self.inner.received.lock().unwrap())
    }

    #[track_caller]
    pub(crate) fn one(&self) -> String {
        let mut taken = self.taken();
        assert_eq!(taken.len(), 1, "{taken:?}");
        taken.remove(0)
    }

    /// An application that is told at this address.
    pub(crate) async fn app(&self, server: &TestServer, sid_required: bool) -> TestApp {
        self.app_with(server, sid_required, "RS256").await
    }

    async fn app_with(&self, server: &TestServer, sid_required: bool, alg: &str) -> TestApp {
        let settings = |s: &mut contract::wire::application::ApplicationSettings| {
            s.backchannel_logout_uri = Some(self.address.clone());
            s.backchannel_logout_session_required = Some(sid_required);
        };
        let builder = server.app().settings(settings).alg(alg).skip_consent();
        builder.create().await
    }
}

/// A server that is tried out on this machine, and so may send tokens to it.
pub(crate) async fn local(server: &TestServer) -> TestServer {
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

pub(crate) async fn tokens(app: &TestApp, browser: &Browser, user: &TestUser) -> Tokens {
    let code = Code::of(browser.walk(&app.ask(), user).await);
    app.redeem(&code).await.into()
}

pub(crate) async fn log(server: &TestServer, app: &TestApp) -> Vec<Value> {
    let owner = server.signed_in(&server.owner().await).await;
    let path = format!("/api/applications/{}/logouts", app.client_id);
    let log = owner.get(&path).await.is(200).json();
    log.as_array().unwrap().clone()
}

#[apply(on_both!)]
async fn the_log_names_who_let_the_application_know_their_name(server: TestServer) {
    let (server, receiver) = (local(&server).await, Receiver::new().await);
    let app = receiver.app(&server, false).await;
    let owner = server.signed_in(&server.owner().await).await;
    let path = format!("/api/applications/{}", app.client_id);
    let patch = json!({ "skip_consent": false });
    owner.call("PATCH", &path).json(&patch).await.is(200);
    let ask = app.ask().set("scope", "openid profile");
    for (name, ticked) in [("ada", "profile"), ("bob", "openid")] {
        let browser = server.signed_in(&server.user(name).await).await;
        let ticket = browser.ask(&ask).await.ticket("/consent");
        let answer = browser.decide(&ticket, "allow", Some(&[ticked])).await;
        let code = Code::of(answer.member("redirect_to"));
        app.redeem(&code).await.is(200);
        browser.delete("/api/session").await.is(204);
    }
    let log = log(&server, &app).await;
    let mut named: Vec<_> = log.iter().map(|line| &line["user"]).collect();
    named.sort_by_key(|name| name.to_string());
    assert_eq!(json!(named), json!(["", "ada"]));
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
    let settings = |s: &mut contract::wire::application::ApplicationSettings| {
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

/// A new sign-in puts a new row in the place of the session's. A logout that has waited
/// for that ends the new one, and the application is told. (On SQLite one write runs at a time.)
mod a_logout_that_waits_for_a_new_sign_in {
    use sea_orm::{ConnectionTrait, Database, TransactionTrait};

    use super::*;

    const AGAIN: [&str; 4] = [
        "CREATE TEMPORARY TABLE again AS SELECT * FROM sessions",
        "UPDATE again SET sid = id, id = gen_random_uuid()",
        "DELETE FROM sessions",
        "INSERT INTO sessions SELECT * FROM again",
    ];
    const WAITING: &str = "SELECT 'x' FROM pg_stat_activity \
        WHERE datname = current_database() AND wait_event_type = 'Lock'";

    async fn test(server: TestServer) {
        let (server, receiver) = (local(&server).await, Receiver::new().await);
        let ada = server.user("ada").await;
        let app = receiver.app(&server, false).await;
        let browser = server.signed_in(&ada).await;
        tokens(&app, &browser, &ada).await;
        let other = Database::connect(server.database.url()).await.unwrap();
        let sign_in = other.begin().await.unwrap();
        for statement in AGAIN {
            sign_in.execute_unprepared(statement).await.unwrap();
        }
        let out = async {
            browser.delete("/api/session").await.is(204);
        };
        let signed_in = async {
            for _ in 0..1000 {
                if !server.database.texts(WAITING).await.is_empty() {
                    break;
                }
            }
            sign_in.commit().await.unwrap();
        };
        tokio::join!(out, signed_in);
        assert_eq!(server.count("sessions").await, 0);
        round(&server.state).await.unwrap();
        assert_eq!(claims(&receiver.one())["sub"], ada.id.to_string());
        other.close().await.unwrap();
    }

    #[test]
    fn on_postgres() {
        crate::harness::server::on_postgres(test);
    }
}
