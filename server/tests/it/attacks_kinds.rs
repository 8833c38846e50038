//! Attacks by name on credentials: one of a kind is presented wherever another kind is taken.

use macro_rules_attribute::apply;
use serde_json::{Value, json};

use crate::harness::application::{REDIRECT_URI, Tokens, is_active, token_works};
use crate::harness::{Browser, Code, Form, TestApp, TestServer, on_both, refused, refused_on_page};

const DEVICE_GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
const REQUEST_URI: &str = "urn:ietf:params:oauth:request_uri:";

/// A living one of each kind, by its prefix.
async fn one_of_each(app: &TestApp, browser: &Browser) -> Vec<(&'static str, String)> {
    let user = app.server.owner().await;
    let code = async || Code::of(browser.walk(&app.ask(), &user).await);
    let tokens = Tokens::from(app.redeem(&code().await).await);
    let device = app.post("/o/device-authorization", &Form::default()).await;
    let pushed = app.post("/o/par", &app.ask().params).await;
    let pushed = pushed.is(201).member("request_uri");
    let pushed = pushed.strip_prefix(REQUEST_URI).unwrap().to_owned();
    vec![
        ("clv_ac_", code().await.code),
        ("clv_at_", tokens.access),
        ("clv_rt_", tokens.refresh),
        ("clv_dc_", device.is(200).member("device_code")),
        ("clv_pr_", pushed),
        ("clv_ss_", browser.cookie("claviger_session").unwrap()),
        ("clv_cs_", app.secret.clone().unwrap()),
    ]
}

/// Presents a text wherever a credential of this kind is taken, and finds it refused.
async fn is_refused_as(kind: &str, text: &str, app: &TestApp, browser: &Browser) {
    let server = &app.server;
    let polling = Form::new(&[("grant_type", DEVICE_GRANT), ("device_code", text)]);
    let code = Code {
        code: text.to_owned(),
    };
    let (answer, rule) = match kind {
        "clv_ac_" => (app.redeem(&code).await, "code-unknown"),
        "clv_rt_" => (app.refresh(text).await, "refresh-token-unknown"),
        "clv_dc_" => (app.token(&polling).await, "device-code-unknown"),
        "clv_at_" => {
            assert!(!token_works(server, text).await, "{text}");
            return;
        }
        "clv_pr_" => {
            let ask = app
                .ask()
                .set("request_uri", &format!("{REQUEST_URI}{text}"));
            let answer = browser.ask(&ask).await;
            return refused_on_page(&answer, 400, "pushed-request-unknown");
        }
        "clv_ss_" => {
            let thief = server.browser();
            thief.set_cookie("claviger_session", text);
            assert_eq!(thief.get("/api/session").await.status, 401);
            return;
        }
        _ => {
            let call = server.post("/o/token").basic(&app.client_id, text);
            let answer = call.form(&[("grant_type", "client_credentials")]).await;
            return refused(&answer, 401, "invalid_client", "client-auth-failed");
        }
    };
    refused(&answer, 400, "invalid_grant", rule);
}

/// RFC 9700 §4: a credential of one kind opens nothing when it is presented as another, also
/// when its prefix is changed, and is not used up by it.
#[apply(on_both!)]
async fn single_use_things_of_one_kind_presented_as_another(server: TestServer) {
    let grants = ["authorization_code", "refresh_token", DEVICE_GRANT];
    let app = server.app().grants(&grants).create().await;
    let user = server.owner().await;
    let browser = server.signed_in(&user).await;
    let all = one_of_each(&app, &browser).await;
    for (own, text) in &all {
        let random = text.strip_prefix(own).unwrap();
        for (kind, _) in all.iter().filter(|(kind, _)| kind != own) {
            for text in [text.clone(), format!("{kind}{random}")] {
                is_refused_as(kind, &text, &app, &browser).await;
            }
            let relabelled = format!("{kind}{random}");
            assert!(!is_active(&app, &relabelled).await, "{own} as {kind}");
        }
        if !matches!(*own, "clv_at_" | "clv_rt_") {
            assert!(!is_active(&app, text).await, "{own}");
        }
    }
    let of = |kind: &str| all.iter().find(|(own, _)| *own == kind).unwrap().1.clone();
    assert!(token_works(&server, &of("clv_at_")).await);
    app.redeem(&Code {
        code: of("clv_ac_"),
    })
    .await
    .is(200);
    app.refresh(&of("clv_rt_")).await.is(200);
    let polling = Form::new(&[
        ("grant_type", DEVICE_GRANT),
        ("device_code", &of("clv_dc_")),
    ]);
    let answer = app.token(&polling).await.is(400);
    assert_eq!(answer.member("error"), "authorization_pending");
    let uri = format!("{REQUEST_URI}{}", of("clv_pr_"));
    let pushed = Form::new(&[("client_id", &app.client_id), ("request_uri", &uri)]);
    let location = browser
        .get(&format!("/o/authorize?{}", pushed.encoded()))
        .await
        .location();
    assert!(location.starts_with(REDIRECT_URI), "{location}");
    assert_eq!(browser.get("/api/session").await.status, 200);
}

/// RFC 7009 §2.1: what is no token revokes nothing.
#[apply(on_both!)]
async fn a_relabelled_credential_revokes_nothing(server: TestServer) {
    let app = server.app().create().await;
    let tokens = app.tokens().await;
    let random = tokens.access.strip_prefix("clv_at_").unwrap();
    app.revoke(&format!("clv_rt_{random}")).await.is(200);
    let random = tokens.refresh.strip_prefix("clv_rt_").unwrap();
    app.revoke(&format!("clv_at_{random}")).await.is(200);
    let inactive: Value = json!({ "active": false });
    assert_ne!(app.introspect(&tokens.access).await.json(), inactive);
    assert_ne!(app.introspect(&tokens.refresh).await.json(), inactive);
}
