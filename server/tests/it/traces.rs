//! What a trace holds: only what is so, no secret whatever it was called, and never much.

use macro_rules_attribute::apply;
use serde_json::Value;

use crate::harness::authorization::VERIFIER;
use crate::harness::{Browser, Form, TestApp, TestServer, Tokens, on_both, refused};

async fn owned(server: &TestServer) -> (TestApp, Browser) {
    let owner = server.developer("dev").await;
    let app = server.app().owned_by(&owner).create().await;
    (app, server.signed_in(&owner).await)
}

/// The traces of an application, the newest first.
async fn flows(browser: &Browser, app: &TestApp) -> Vec<Value> {
    let path = format!("/api/applications/{}/flows", app.client_id);
    let list = browser.get(&path).await.is(200).json();
    let mut flows = Vec::new();
    for flow in list.as_array().unwrap() {
        let path = format!("/api/flows/{}", flow["id"].as_str().unwrap());
        flows.push(browser.get(&path).await.is(200).json());
    }
    flows
}

fn names(flow: &Value) -> Vec<&str> {
    let steps = flow["steps"].as_array().unwrap();
    steps
        .iter()
        .map(|step| step["name"].as_str().unwrap())
        .collect()
}

fn last(flow: &Value) -> &Value {
    flow["steps"].as_array().unwrap().last().unwrap()
}

/// What became of each parameter, in the order in which they were sent.
fn checks(step: &Value) -> Vec<(&str, &str)> {
    let parameters = step["parameters"].as_array().unwrap();
    parameters
        .iter()
        .map(|p| (p["name"].as_str().unwrap(), p["check"].as_str().unwrap()))
        .collect()
}

fn fact<'a>(step: &'a Value, name: &str) -> Option<&'a str> {
    let facts = step["facts"].as_array()?;
    let found = facts.iter().find(|fact| fact["name"] == name)?;
    found["value"].as_str()
}

async fn stored(server: &TestServer) -> Vec<String> {
    server.settled().await;
    server.database.texts("SELECT steps FROM flows").await
}

/// RFC 7636 §4.6: a wrong verifier is refused after the code and its redirect URI.
#[apply(on_both!)]
async fn a_wrong_verifier_is_shown_after_what_passed_before_it(server: TestServer) {
    let (app, owner) = owned(&server).await;
    let wrong = "x".repeat(43);
    let form = app
        .redeeming(&app.code().await)
        .set("code_verifier", &wrong)
        .add("resource", "https://api.example")
        .add("unheard_of", "1");
    app.token(&form).await.is(400);
    let flows = flows(&owner, &app).await;
    assert_eq!(flows.len(), 1);
    assert_eq!(flows[0]["outcome"], "refused");
    assert_eq!(flows[0]["rule"], "pkce-verifier-mismatch");
    let tokens = names(&flows[0]).into_iter().filter(|name| *name == "Token");
    assert_eq!(tokens.count(), 1, "{:?}", names(&flows[0]));
    let step = last(&flows[0]);
    assert_eq!(step["name"], "Token");
    assert_eq!(fact(step, "grant_type"), Some("authorization_code"));
    let checks = checks(step);
    for (name, check) in [
        ("grant_type", "ok"),
        ("code", "ok"),
        ("redirect_uri", "ok"),
        ("code_verifier", "refused"),
        ("resource", "not reached"),
        ("unheard_of", "ignored"),
    ] {
        assert!(checks.contains(&(name, check)), "{name}: {checks:?}");
    }
}

#[apply(on_both!)]
async fn a_wrong_secret_beside_a_right_code_is_a_step_of_its_flow(server: TestServer) {
    let (app, owner) = owned(&server).await;
    let code = app.code().await;
    let attempt = async |app: &TestApp, secret: &str| {
        let call = server.post("/o/token").basic(&app.client_id, secret);
        call.fields(&app.redeeming(&code)).await
    };
    attempt(&app, "wrong").await.is(401);
    let refused = flows(&owner, &app).await;
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0]["outcome"], "refused");
    assert_eq!(refused[0]["rule"], "client-auth-failed");
    assert_eq!(
        last(&refused[0])["request"],
        "POST /o/token (Authorization: Basic)"
    );
    // The code was left alone; the right secret completes the flow.
    app.redeem(&code).await.is(200);
    let redeemed = flows(&owner, &app).await;
    assert_eq!(redeemed[0]["outcome"], "redeemed");
    assert_eq!(redeemed[0]["rule"], Value::Null);
    // Afterwards it is a step of a flow that stands as it stood.
    attempt(&app, "wrong again").await.is(401);
    let after = flows(&owner, &app).await;
    assert_eq!(after.len(), 1);
    assert_eq!(after[0]["outcome"], "redeemed");
    assert_eq!(last(&after[0])["rule"], "client-auth-failed");
    // An attempt adds no step to another application's flow, and a made-up code has none.
    let other = server.app().id("other").create().await;
    attempt(&other, "wrong").await.is(401);
    server.advance(1);
    let made_up = format!("clv_ac_{}", "A".repeat(64));
    let form = app.redeeming(&code).set("code", &made_up);
    let call = server.post("/o/token").basic(&app.client_id, "wrong");
    call.fields(&form).await.is(401);
    let after = flows(&owner, &app).await;
    assert_eq!(after.len(), 2);
    assert_eq!(names(&after[0]), ["Token"]);
}

#[apply(on_both!)]
async fn a_text_of_the_client_is_never_the_name_of_a_step(server: TestServer) {
    let (app, owner) = owned(&server).await;
    let form = Form::new(&[("grant_type", &"\u{1}made up".repeat(500)), ("code", "x")]);
    app.token(&form).await.is(400);
    let flows = flows(&owner, &app).await;
    let step = last(&flows[0]);
    assert_eq!(step["name"], "Token");
    assert_eq!(step["rule"], "grant-type-unsupported");
    let checks = checks(step);
    assert!(checks.contains(&("grant_type", "refused")), "{checks:?}");
    assert!(checks.contains(&("code", "not reached")), "{checks:?}");
    assert!(step["received"].as_str().unwrap().ends_with('…'));
}

#[apply(on_both!)]
async fn a_flow_that_worked_tells_who_and_what(server: TestServer) {
    let (app, owner) = owned(&server).await;
    let user = server.user("ada").await;
    let ask = app.ask().set("scope", "openid profile read");
    let location = server.browser().walk(&ask, &user).await;
    let code = crate::harness::Code::of(location);
    let tokens = Tokens::from(app.redeem(&code).await);
    let flow = flows(&owner, &app).await.remove(0);
    let step = |name: &str| {
        let steps = flow["steps"].as_array().unwrap();
        let ok = |step: &&Value| step["name"] == name && step["outcome"] == "ok";
        steps.iter().find(ok).unwrap().clone()
    };
    assert!(fact(&step("Sign-in"), "subject").is_some());
    assert_eq!(fact(&step("Sign-in"), "amr"), Some("pwd"));
    assert_eq!(fact(&step("Consent"), "scope"), Some("openid profile read"));
    assert!(
        fact(&step("Code"), "code")
            .unwrap()
            .starts_with("fingerprint ")
    );
    let token = step("Token");
    assert_eq!(fact(&token, "username"), Some("ada"));
    assert_eq!(fact(&token, "scope"), Some(tokens.scope.as_str()));
    assert_eq!(fact(&token, "expires_in"), Some("3600"));
    for name in ["access_token", "refresh_token", "id_token"] {
        assert!(
            fact(&token, name).unwrap().starts_with("fingerprint "),
            "{name}"
        );
    }
    assert!(token["at"].as_i64().unwrap() > 0);
}

/// The name of a person is for applications that were given `profile`.
#[apply(on_both!)]
async fn who_gave_no_name_is_not_named(server: TestServer) {
    let (app, owner) = owned(&server).await;
    app.tokens().await;
    let flow = flows(&owner, &app).await.remove(0);
    assert_eq!(fact(last(&flow), "username"), None);
}

/// RFC 6819 §4.1.1: a secret is one in whatever parameter it was sent.
#[apply(on_both!)]
async fn a_secret_is_hidden_in_every_place_that_it_is_sent_in(server: TestServer) {
    let (app, owner) = owned(&server).await;
    let secret = app.secret.clone().unwrap();
    let tokens = app.tokens().await;
    let url = format!("https://client.example/?hint={}", tokens.id_token);
    let encoded: String = tokens.access.bytes().map(|b| format!("%{b:02x}")).collect();
    for (name, value) in [
        ("login_hint", tokens.access.as_str()),
        ("login_hint", &encoded),
        ("resource", &url),
        ("ui_locales", &tokens.id_token),
        ("acr_values", &format!("{{\"secret\":\"{secret}\"}}")),
        ("username", &tokens.refresh),
        ("scope", &format!("openid {}", tokens.refresh)),
        ("prompt", &tokens.access),
        ("response_type", &secret),
        ("response_mode", &secret),
        ("redirect_uri", &url),
        ("client_secret", &secret),
        (&tokens.access, "1"),
    ] {
        let answer = server.browser().ask(&app.ask().set(name, value)).await;
        for shown in [answer.text(), format!("{:?}", answer.headers)] {
            for text in [&tokens.access, &tokens.refresh, &tokens.id_token, &secret] {
                assert!(!shown.contains(text), "{name}: {shown}");
            }
        }
        let form = Form::new(&[("grant_type", "client_credentials"), (name, value)]);
        app.token(&form).await;
    }
    let twice = app.ask().add(&tokens.access, "1").add(&tokens.access, "2");
    server.browser().ask(&twice).await;
    let path = format!("/api/applications/{}/flows", app.client_id);
    assert!(owner.get(&path).await.json().as_array().unwrap().len() > 20);
    let dump = stored(&server).await.join("\n") + &server.database.dump().await;
    for text in [
        tokens.access.as_str(),
        &tokens.refresh,
        &tokens.id_token,
        &secret,
        &encoded,
        VERIFIER,
    ] {
        assert!(!dump.contains(text), "{text}");
    }
}

#[apply(on_both!)]
async fn a_trace_has_at_most_eight_kilobytes(server: TestServer) {
    let (app, owner) = owned(&server).await;
    let (control, quote) = ("%01".repeat(4900), "%22".repeat(4900));
    for value in [&control, &quote] {
        let path = format!("/o/authorize?client_id={}&x={value}", app.client_id);
        server.get(&path).await;
    }
    let many: String = (0..90)
        .map(|n| format!("&p{n}={}", "%01".repeat(40)))
        .collect();
    server
        .get(&format!("/o/authorize?client_id={}{many}", app.client_id))
        .await;
    server.advance(1);
    let code = app.code().await;
    for _ in 0..20 {
        let wrong = server.post("/o/token").basic(&app.client_id, "wrong");
        wrong
            .fields(&app.redeeming(&code).add("x", &"\u{1}\"é".repeat(1000)))
            .await
            .is(401);
    }
    let stored = stored(&server).await;
    assert_eq!(stored.len(), 4);
    for steps in &stored {
        assert!(
            steps.len() <= 8 * 1024 && steps.is_ascii(),
            "{}",
            steps.len()
        );
    }
    // One that is full still tells how the flow ended.
    app.redeem(&code).await.is(200);
    let flows = flows(&owner, &app).await;
    assert_eq!(flows[0]["outcome"], "redeemed");
}

#[apply(on_both!)]
async fn strangers_cause_so_many_traces_of_a_client_in_a_minute(server: TestServer) {
    let (app, owner) = owned(&server).await;
    let other = server.app().id("other").create().await;
    for _ in 0..70 {
        server
            .browser()
            .ask(&app.ask().set("scope", "nothing"))
            .await;
        server.browser().ask(&app.ask()).await;
        // A queue that is not emptied has a limit of its own.
        server.settled().await;
    }
    assert_eq!(server.count("flows").await, 120);
    // What a person does is told all the same, and other applications have their own.
    let browser = server.browser_of("ada").await;
    browser.ask(&app.ask()).await;
    server.browser().ask(&other.ask()).await;
    server.settled().await;
    assert_eq!(server.count("flows").await, 122);
    server.advance(60);
    server.browser().ask(&app.ask()).await;
    server.settled().await;
    assert_eq!(server.count("flows").await, 123);
    let path = format!("/api/applications/{}/flows", app.client_id);
    owner.get(&path).await.is(200);
}

/// 16 KB of the shortest pieces there are: each list is counted before anything in it is looked
/// at or compared.
#[apply(on_both!)]
async fn what_could_take_long_is_refused_by_its_rule(server: TestServer) {
    let app = server
        .app()
        .grants(&["client_credentials", "refresh_token"])
        .create()
        .await;
    let names: String = (0..3000).map(|n| format!("{n:x}&")).collect();
    let scopes: String = (0..4000).map(|n| format!("{n:x}+")).collect();
    let resources = "resource=a&".repeat(1400);
    for (form, error, rule) in [
        (names.clone(), "invalid_request", "parameters-too-many"),
        (resources, "invalid_request", "parameters-too-many"),
        (
            format!("grant_type=client_credentials&scope={scopes}"),
            "invalid_scope",
            "scope-too-many",
        ),
    ] {
        let form = &form[..form.len().min(16 * 1024)];
        let call = server
            .post("/o/token")
            .basic(&app.client_id, app.secret.as_deref().unwrap())
            .body("application/x-www-form-urlencoded", form);
        refused(&call.await, 400, error, rule);
    }
    let answer = server.get(&format!("/o/authorize?{names}")).await;
    assert_eq!(answer.status, 400);
    assert!(answer.text().contains("parameters-too-many"));
    let search = server
        .get(&format!("/rules?q={}", "6+".repeat(7000)))
        .await
        .is(200);
    assert!(!search.text().contains(&"6 ".repeat(60)));
}
