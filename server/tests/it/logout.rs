//! `/o/logout`: applications sign people out, and redirects go to registered addresses only.

use claviger::crypto::keyring;
use claviger::domain::client::SigningAlg;
use claviger::domain::key::PUBLISH_AHEAD;
use macro_rules_attribute::apply;
use serde_json::json;

use crate::harness::application::token_works;
use crate::harness::authorization::STATE;
use crate::harness::server::secret_key;
use crate::harness::{
    Answer, Browser, Code, Form, TestApp, TestServer, TestUser, Tokens, audit_entry, on_both,
    param, problem, refused, refused_on_page,
};

pub(crate) const BYE: &str = "https://client.example/bye";
const DAY: i64 = 24 * 3600;

/// An application with an address for afterwards.
pub(crate) async fn app(server: &TestServer) -> TestApp {
    let bye = |s: &mut contract::wire::application::ApplicationSettings| {
        s.post_logout_redirect_uris = Some(vec![BYE.to_owned()]);
    };
    server.app().settings(bye).create().await
}

/// Tokens that this browser, in which this person is signed in, gets for the application.
pub(crate) async fn tokens(
    app: &TestApp,
    browser: &Browser,
    user: &TestUser,
    scope: &str,
) -> Tokens {
    let ask = app.ask().set("scope", scope);
    let code = Code::of(browser.walk(&ask, user).await);
    app.redeem(&code).await.into()
}

pub(crate) async fn log_out(browser: &Browser, params: &[(&str, &str)]) -> Answer {
    let path = format!("/o/logout?{}", Form::new(params).encoded());
    browser.get(&path).await
}

pub(crate) async fn is_signed_in(browser: &Browser) -> bool {
    browser.get("/api/session").await.status == 200
}

#[track_caller]
pub(crate) fn ended(app_answer: &Answer) {
    refused(app_answer, 400, "invalid_grant", "refresh-token-revoked");
}

/// OpenID Connect RP-Initiated Logout 1.0 §2: with the id_token of this session the person is
/// not asked.
/// OpenID Connect RP-Initiated Logout 1.0 §3: the browser goes to the registered address, with
/// state as it came.
#[apply(on_both!)]
async fn who_shows_the_id_token_of_the_session_ends_it(server: TestServer) {
    let (app, user) = (app(&server).await, server.user("ada").await);
    let browser = server.signed_in(&user).await;
    let got = tokens(&app, &browser, &user, "openid read").await;
    let answer = log_out(
        &browser,
        &[
            ("id_token_hint", &got.id_token),
            ("post_logout_redirect_uri", BYE),
            ("state", STATE),
            ("logout_hint", "ada"),
            ("ui_locales", "en de"),
        ],
    )
    .await;
    let location = answer.location();
    assert!(
        location.starts_with("https://client.example/bye?state="),
        "{location}"
    );
    assert_eq!(param(&location, "state").as_deref(), Some(STATE));
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(browser.cookie("claviger_session"), None);
    assert!(!is_signed_in(&browser).await);
    assert!(!token_works(&server, &got.access).await);
    ended(&app.refresh(&got.refresh).await);
}

#[apply(on_both!)]
async fn without_an_address_the_browser_stays_with_us(server: TestServer) {
    let (app, user) = (app(&server).await, server.user("ada").await);
    let browser = server.signed_in(&user).await;
    let got = tokens(&app, &browser, &user, "openid").await;
    let form = [("id_token_hint", got.id_token.as_str())];
    let answer = browser.submit("/o/logout", &form).await;
    assert_eq!(answer.location(), "/logout");
    let page = browser.get("/logout").await.is(200);
    assert!(page.text().contains("You are signed out"));
}

/// OpenID Connect RP-Initiated Logout 1.0 §4: a hint may have expired.
#[apply(on_both!)]
async fn a_hint_may_be_of_any_age_and_its_key_too(server: TestServer) {
    let (app, user) = (app(&server).await, server.user("ada").await);
    let browser = server.signed_in(&user).await;
    let got = tokens(&app, &browser, &user, "openid").await;
    let state = &server.state;
    // The key that signed it retires.
    let now = state.now();
    let alg = SigningAlg::Rs256;
    let next = now + PUBLISH_AHEAD;
    let fresh = keyring::generate(alg, &secret_key(), &state.random, now, next).unwrap();
    let rotated = state.store.rotate_keys(vec![fresh], audit_entry());
    rotated.await.unwrap();
    state.reload().await.unwrap();
    for _ in 0..8 {
        server.advance(10 * DAY);
        assert!(is_signed_in(&browser).await);
        server.settled().await;
    }
    state.store.sweep_all(state.now()).await.unwrap();
    state.reload().await.unwrap();
    let params = [
        ("id_token_hint", got.id_token.as_str()),
        ("post_logout_redirect_uri", BYE),
    ];
    assert_eq!(log_out(&browser, &params).await.location(), BYE);
    assert!(!is_signed_in(&browser).await);
}

/// OpenID Connect RP-Initiated Logout 1.0 §2: in doubt the person is asked.
#[apply(on_both!)]
async fn without_a_hint_the_person_is_asked(server: TestServer) {
    let app = app(&server).await;
    let browser = server.browser_of("ada").await;
    for params in [
        vec![],
        vec![("state", "x")],
        vec![("client_id", app.client_id.as_str())],
        vec![
            ("client_id", app.client_id.as_str()),
            ("post_logout_redirect_uri", BYE),
        ],
        vec![("logout_hint", "ada")],
    ] {
        let ticket = log_out(&browser, &params).await.ticket("/logout");
        let page = browser.get(&format!("/logout?flow={ticket}")).await.is(200);
        assert!(page.text().contains("Sign out?"), "{params:?}");
        assert_eq!(page.header("cache-control"), "no-store");
        let target = page.header("content-security-policy");
        let stays = params.len() != 2;
        assert_eq!(target.contains("form-action 'self';"), stays, "{target}");
        assert!(is_signed_in(&browser).await);
    }
}

#[apply(on_both!)]
async fn a_yes_signs_out_and_leads_to_the_application(server: TestServer) {
    let (app, user) = (app(&server).await, server.user("ada").await);
    let params = [
        ("client_id", app.client_id.as_str()),
        ("post_logout_redirect_uri", BYE),
        ("state", "s 1"),
    ];
    let there = format!("{BYE}?state=s%201");
    // Over the API.
    let browser = server.signed_in(&user).await;
    let other = server.signed_in(&user).await;
    let flow = log_out(&browser, &params).await.ticket("/logout");
    let answer = browser.post("/api/logout", &json!({ "flow": flow })).await;
    assert_eq!(answer.is(200).member("redirect_to"), there);
    assert_eq!(browser.cookie("claviger_session"), None);
    assert!(!is_signed_in(&browser).await);
    // By the plain form.
    let browser = server.signed_in(&user).await;
    let flow = log_out(&browser, &params).await.ticket("/logout");
    let answer = browser.submit("/logout", &[("flow", &flow)]).await;
    assert_eq!(answer.location(), there);
    assert!(!is_signed_in(&browser).await);
    assert!(is_signed_in(&other).await);
    // Twice is as good as once: in another tab it was confirmed before.
    let answer = browser.submit("/logout", &[("flow", &flow)]).await;
    assert_eq!(answer.location(), there);
}

#[apply(on_both!)]
async fn the_person_may_sign_out_everywhere(server: TestServer) {
    let (app, user) = (app(&server).await, server.user("ada").await);
    let bob = server.browser_of("bob").await;
    for api in [true, false] {
        let (one, two) = (server.signed_in(&user).await, server.signed_in(&user).await);
        let elsewhere = tokens(&app, &two, &user, "openid").await;
        let flow = log_out(&one, &[]).await.ticket("/logout");
        if api {
            let body = json!({ "flow": flow, "everywhere": true });
            let answer = one.post("/api/logout", &body).await.is(200);
            assert_eq!(answer.member("redirect_to"), "/logout");
        } else {
            let form = [("flow", flow.as_str()), ("everywhere", "true")];
            assert_eq!(one.submit("/logout", &form).await.location(), "/logout");
        }
        assert!(!is_signed_in(&one).await && !is_signed_in(&two).await);
        ended(&app.refresh(&elsewhere.refresh).await);
    }
    assert!(is_signed_in(&bob).await);
}

/// OpenID Connect RP-Initiated Logout 1.0 §6: a hint of another person, or of another session of
/// the same person, ends nothing by itself.
#[apply(on_both!)]
async fn a_hint_of_another_session_is_a_reason_to_ask(server: TestServer) {
    let (app, ada) = (app(&server).await, server.user("ada").await);
    let here = server.signed_in(&ada).await;
    let there = server.signed_in(&ada).await;
    let bob = server.user("bob").await;
    let bobs = server.signed_in(&bob).await;
    for (browser, user) in [(&there, &ada), (&bobs, &bob)] {
        let got = tokens(&app, browser, user, "openid").await;
        let params = [
            ("id_token_hint", got.id_token.as_str()),
            ("post_logout_redirect_uri", BYE),
        ];
        log_out(&here, &params).await.ticket("/logout");
        assert!(is_signed_in(&here).await && is_signed_in(browser).await);
        app.refresh(&got.refresh).await.is(200);
    }
}

/// OpenID Connect RP-Initiated Logout 1.0 §2: who is not signed in is not asked.
#[apply(on_both!)]
async fn without_a_session_there_is_nothing_to_ask(server: TestServer) {
    let (app, user) = (app(&server).await, server.user("ada").await);
    let got = tokens(&app, &server.signed_in(&user).await, &user, "openid").await;
    for params in [
        vec![("client_id", app.client_id.as_str())],
        vec![("id_token_hint", got.id_token.as_str())],
    ] {
        let mut with_address = params.clone();
        with_address.push(("post_logout_redirect_uri", BYE));
        let browser = server.browser();
        assert_eq!(log_out(&browser, &with_address).await.location(), BYE);
        assert_eq!(log_out(&browser, &params).await.location(), "/logout");
    }
    assert_eq!(log_out(&server.browser(), &[]).await.location(), "/logout");
    // The session that the hint names lives in another browser, and goes on.
    app.refresh(&got.refresh).await.is(200);
}

#[apply(on_both!)]
async fn a_confirmation_is_for_its_session_and_for_ten_minutes(server: TestServer) {
    let (ada, bob) = (server.user("ada").await, server.user("bob").await);
    let browser = server.signed_in(&ada).await;
    let flow = log_out(&browser, &[]).await.ticket("/logout");
    let body = json!({ "flow": flow });
    for stranger in [server.signed_in(&bob).await, server.signed_in(&ada).await] {
        let answer = stranger.post("/api/logout", &body).await;
        problem(&answer, 400, "logout-other-session");
        let answer = stranger.submit("/logout", &[("flow", &flow)]).await;
        refused_on_page(&answer, 400, "logout-other-session");
        assert!(is_signed_in(&stranger).await);
    }
    // A person who signs in again is the same.
    browser.sign_in(&ada).await;
    let page = browser.get(&format!("/logout?flow={flow}")).await;
    assert_eq!(page.status, 200);
    server.advance(600);
    for dead in [flow.as_str(), "x", &flow[1..]] {
        let answer = browser.post("/api/logout", &json!({ "flow": dead })).await;
        problem(&answer, 400, "logout-expired");
        let page = browser.get(&format!("/logout?flow={dead}")).await;
        refused_on_page(&page, 400, "logout-expired");
    }
    // A ticket of another kind is none.
    let app = server.app().create().await;
    let ticket = browser.ask(&app.ask()).await.ticket("/consent");
    let answer = browser
        .post("/api/logout", &json!({ "flow": ticket }))
        .await;
    problem(&answer, 400, "logout-expired");
    assert!(is_signed_in(&browser).await);
}

#[apply(on_both!)]
async fn an_address_that_was_taken_back_meanwhile_is_not_gone_to(server: TestServer) {
    let app = app(&server).await;
    let browser = server.browser_of("ada").await;
    let params = [
        ("client_id", app.client_id.as_str()),
        ("post_logout_redirect_uri", BYE),
    ];
    let flow = log_out(&browser, &params).await.ticket("/logout");
    let owner = server.signed_in(&server.owner().await).await;
    let path = format!("/api/applications/{}", app.client_id);
    let change = json!({ "post_logout_redirect_uris": [] });
    owner.call("PATCH", &path).json(&change).await.is(200);
    let answer = browser.submit("/logout", &[("flow", &flow)]).await;
    assert_eq!(answer.location(), "/logout");
    assert!(!is_signed_in(&browser).await);
}

#[apply(on_both!)]
async fn a_logout_leaves_a_trace_for_the_owner(server: TestServer) {
    let app = app(&server).await;
    let browser = server.browser_of("ada").await;
    let params = [
        ("client_id", app.client_id.as_str()),
        ("post_logout_redirect_uri", BYE),
    ];
    let flow = log_out(&browser, &params).await.ticket("/logout");
    browser.submit("/logout", &[("flow", &flow)]).await;
    server.advance(1);
    let params = [
        params[0],
        ("post_logout_redirect_uri", "https://evil.example"),
    ];
    log_out(&browser, &params).await;
    let owner = server.signed_in(&server.owner().await).await;
    let path = format!("/api/applications/{}/flows", app.client_id);
    let flows = owner.get(&path).await.is(200).json();
    let got: Vec<_> = flows
        .as_array()
        .unwrap()
        .iter()
        .map(|flow| (flow["outcome"].clone(), flow["rule"].clone()))
        .collect();
    let expected = [
        (json!("refused"), json!("post-logout-redirect-uri-mismatch")),
        (json!("signed out"), json!(null)),
    ];
    assert_eq!(got, expected);
}

/// OpenID Connect RP-Initiated Logout 1.0 §2.1: discovery names the end_session_endpoint.
#[apply(on_both!)]
async fn the_metadata_says_where_to_sign_out(server: TestServer) {
    let document = server.get("/o/.well-known/openid-configuration").await;
    let document = document.json();
    let endpoint = "http://localhost:8000/o/logout";
    assert_eq!(document["end_session_endpoint"], endpoint);
    assert_eq!(document["backchannel_logout_supported"], true);
    assert_eq!(document["backchannel_logout_session_supported"], true);
    assert_eq!(document["frontchannel_logout_supported"], json!(null));
}
