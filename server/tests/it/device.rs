//! The device grant at the protocol's endpoints: the request, the polls, the tokens.

use claviger::domain::client::TokenFormat;
use claviger::domain::device::{DeviceCode, Status};
use macro_rules_attribute::apply;
use serde_json::json;

use crate::harness::{Answer, Browser, Form, TestApp, TestServer, Tokens, on_both, refused};
use crate::resource::API;

pub(crate) const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// What a device got for its request.
#[derive(Clone)]
pub(crate) struct Device {
    pub(crate) app: TestApp,
    pub(crate) code: String,
    pub(crate) user_code: String,
}

impl Device {
    #[track_caller]
    pub(crate) fn of(app: &TestApp, answer: &Answer) -> Self {
        Self {
            app: app.clone(),
            code: answer.member("device_code"),
            user_code: answer.member("user_code"),
        }
    }

    pub(crate) fn polling(&self) -> Form {
        Form::new(&[("grant_type", GRANT), ("device_code", &self.code)])
    }

    pub(crate) async fn poll(&self) -> Answer {
        self.app.token(&self.polling()).await
    }

    pub(crate) async fn decide(&self, browser: &Browser, decision: &str) -> Answer {
        let body = json!({ "user_code": self.user_code, "decision": decision });
        browser.post("/api/device", &body).await
    }

    pub(crate) async fn allow(&self, browser: &Browser) {
        let answer = self.decide(browser, "allow").await.is(200);
        assert_eq!(answer.json(), json!({ "status": "approved" }));
    }
}

/// An application for devices that can't keep a secret.
pub(crate) async fn television(server: &TestServer) -> TestApp {
    let app = server.app().public().grants(&[GRANT, "refresh_token"]);
    app.redirects(&[]).create().await
}

pub(crate) async fn ask(app: &TestApp, scope: &str) -> Answer {
    let form = Form::new(&[("scope", scope)]);
    app.post("/o/device-authorization", &form).await
}

pub(crate) async fn device(app: &TestApp, scope: &str) -> Device {
    Device::of(app, &ask(app, scope).await.is(200))
}

#[track_caller]
pub(crate) fn waits(answer: &Answer) {
    let rule = "authorization-pending";
    refused(answer, 400, "authorization_pending", rule);
}

/// RFC 8628 §3.2: a device gets both codes, where the person goes, and how long all of it is good for.
#[apply(on_both!)]
async fn a_device_gets_its_codes_and_where_to_send_the_person(server: TestServer) {
    let app = television(&server).await;
    for path in ["/o/device-authorization", "/o/device-authorization/"] {
        let answer = app.post(path, &Form::default()).await.is(200);
        let json = answer.json();
        let user_code = answer.member("user_code");
        assert!(answer.member("device_code").starts_with("clv_dc_"));
        let letters = user_code.replace('-', "");
        assert_eq!((user_code.len(), letters.len()), (9, 8));
        assert!(letters.chars().all(|c| "BCDFGHJKLMNPQRSTVWXZ".contains(c)));
        assert_eq!(json["verification_uri"], "http://localhost:8000/device");
        let complete = format!("http://localhost:8000/device?user_code={user_code}");
        assert_eq!(json["verification_uri_complete"], complete);
        assert_eq!(
            (&json["expires_in"], &json["interval"]),
            (&json!(1800), &json!(5))
        );
        assert_eq!(answer.header("cache-control"), "no-store");
    }
}

#[apply(on_both!)]
async fn no_code_is_stored_in_plain(server: TestServer) {
    let app = television(&server).await;
    let device = device(&app, "read").await;
    device.poll().await;
    server.settled().await;
    let dump = server.database.dump().await;
    for secret in [
        &device.code,
        &device.user_code,
        &device.user_code.replace('-', ""),
    ] {
        assert!(!dump.contains(secret.as_str()), "{secret}");
    }
}

/// RFC 8628 §3.1: the client authenticates first, as at the token endpoint.
#[apply(on_both!)]
async fn the_client_authenticates_first(server: TestServer) {
    let app = server.app().grants(&[GRANT]).create().await;
    device(&app, "read").await;
    let post = |pairs: &[(&str, &str)]| server.post("/o/device-authorization").form(pairs);
    let nobody = post(&[("scope", "read")]).await;
    refused(&nobody, 401, "invalid_client", "client-auth-missing");
    let unknown = post(&[("client_id", "nobody")]).await;
    refused(&unknown, 401, "invalid_client", "client-auth-failed");
    let no_secret = post(&[("client_id", &app.client_id)]).await;
    refused(&no_secret, 401, "invalid_client", "client-auth-missing");
    let wrong = post(&[]).basic(&app.client_id, "wrong").await;
    refused(&wrong, 401, "invalid_client", "client-auth-failed");
    // At the token endpoint too, and the code is left alone.
    let device = device(&app, "read").await;
    let stolen = server
        .post("/o/token")
        .fields(&device.polling().add("client_id", &app.client_id));
    refused(&stolen.await, 401, "invalid_client", "client-auth-missing");
    waits(&device.poll().await);
}

/// RFC 8628 §3.2: what a device asks for wrongly it is told at once, in the form of RFC 6749 §5.2.
#[apply(on_both!)]
async fn a_request_that_breaks_a_rule_is_refused_at_once(server: TestServer) {
    let app = server
        .app()
        .grants(&[GRANT])
        .scopes("openid read")
        .create()
        .await;
    refused(
        &ask(&app, "nothing").await,
        400,
        "invalid_scope",
        "scope-unknown",
    );
    refused(
        &ask(&app, "write").await,
        400,
        "invalid_scope",
        "scope-not-allowed",
    );
    refused(
        &ask(&app, "re\"ad").await,
        400,
        "invalid_scope",
        "scope-malformed",
    );
    let web = server.app().create().await;
    let rule = "grant-type-not-allowed";
    refused(&ask(&web, "read").await, 400, "unauthorized_client", rule);
    let form = Form::new(&[("resource", "https://nobody.example/")]);
    let answer = app.post("/o/device-authorization", &form).await;
    assert_eq!(answer.member("error"), "invalid_target");
    let twice = Form::new(&[("scope", "read"), ("scope", "openid")]);
    let answer = app.post("/o/device-authorization", &twice).await;
    refused(&answer, 400, "invalid_request", "parameter-repeated");
    let answer = server.get("/o/device-authorization").await;
    assert_eq!((answer.status, answer.header("allow")), (405, "POST"));
}

/// RFC 8628 §3.1: without a scope, or with a blank one, a device asks for the application's default.
#[apply(on_both!)]
async fn no_scope_is_the_default_as_it_was_when_the_device_asked(server: TestServer) {
    let app = server.app().public().grants(&[GRANT]).redirects(&[]);
    let app = app.scopes("openid read offline_access").create().await;
    let browser = server.browser_of("ada").await;
    let blank = device(&app, "  ").await;
    let none = app.post("/o/device-authorization", &Form::default()).await;
    let none = Device::of(&app, &none);
    let owner = server.signed_in(&server.owner().await).await;
    let patch = json!({ "scopes": ["openid", "read", "write"] });
    let path = format!("/api/applications/{}", app.client_id);
    owner.call("PATCH", &path).json(&patch).await.is(200);
    for device in [blank, none] {
        device.allow(&browser).await;
        assert_eq!(Tokens::from(device.poll().await).scope, "openid read");
    }
    // What is asked for is granted, and not the default.
    let asked = device(&app, "read").await;
    asked.allow(&browser).await;
    assert_eq!(Tokens::from(asked.poll().await).scope, "read");
}

#[apply(on_both!)]
async fn a_scope_that_was_taken_from_the_application_is_not_asked_about(server: TestServer) {
    let app = television(&server).await;
    let device = device(&app, "openid read write").await;
    let owner = server.signed_in(&server.owner().await).await;
    let patch = json!({ "scopes": ["openid", "read"] });
    let path = format!("/api/applications/{}", app.client_id);
    owner.call("PATCH", &path).json(&patch).await.is(200);
    let browser = server.browser_of("ada").await;
    let path = format!("/api/device?user_code={}", device.user_code);
    let shown = browser.get(&path).await.is(200).json();
    assert_eq!(shown["scopes"].as_array().map(Vec::len), Some(2));
    device.allow(&browser).await;
    assert_eq!(Tokens::from(device.poll().await).scope, "openid read");
}

/// RFC 8628 §6.1: user codes are unique among those that wait; one that waits no more is free again.
#[apply(on_both!)]
async fn a_user_code_belongs_to_one_device_that_waits(server: TestServer) {
    let app = television(&server).await;
    let state = &server.state;
    let new = |number: u128, status| {
        let now = state.now();
        DeviceCode {
            id: uuid::Uuid::from_u128(number),
            secret_hash: [u8::try_from(number).unwrap(); 32],
            user_code_hash: [7; 32],
            client_id: app.client_id.clone(),
            scopes: claviger::domain::scope::Scopes::default(),
            resources: Vec::new(),
            status,
            poll_interval: 5,
            polled_at: None,
            user_id: None,
            created_at: now,
            expires_at: now.plus_seconds(60),
        }
    };
    let insert = async |number| {
        let device = new(number, Status::Pending);
        state
            .store
            .insert_device_code(device, state.now())
            .await
            .unwrap()
    };
    let holder = async || {
        let found = state.store.find_user_code(&[7; 32]).await.unwrap();
        found.unwrap().id.as_u128()
    };
    assert!(insert(1).await);
    assert!(!insert(2).await);
    assert_eq!(holder().await, 1);
    server.advance(60);
    assert!(insert(3).await);
    assert_eq!(holder().await, 3);
    let (id, nobody) = (uuid::Uuid::from_u128(3), uuid::Uuid::nil());
    assert!(
        state
            .store
            .deny_device(id, nobody, state.now())
            .await
            .unwrap()
    );
    assert!(insert(4).await);
    assert_eq!(holder().await, 4);
    assert_eq!(server.count("device_codes").await, 3);
}

#[apply(on_both!)]
async fn scripts_of_the_clients_origins_may_ask_and_poll(server: TestServer) {
    let app = server
        .app()
        .public()
        .grants(&[GRANT])
        .origins(&["https://tv.example"]);
    let app = app.create().await;
    let origin = "https://tv.example";
    let path = "/o/device-authorization";
    let preflight = server.call("OPTIONS", path).header("origin", origin).await;
    assert_eq!(preflight.header("access-control-allow-origin"), origin);
    let answer = app
        .post(path, &Form::default())
        .header("origin", origin)
        .await;
    assert_eq!(answer.header("access-control-allow-origin"), origin);
    let poll = Device::of(&app, &answer).polling();
    let answer = app.token(&poll).header("origin", origin).await;
    waits(&answer);
    assert_eq!(answer.header("access-control-allow-origin"), origin);
    let answer = app
        .post(path, &Form::default())
        .header("origin", "https://evil.example");
    assert_eq!(answer.await.header("access-control-allow-origin"), "");
}

/// RFC 8707 §2: a device names the resource servers that its tokens are for.
#[apply(on_both!)]
async fn a_device_asks_for_tokens_for_a_resource(server: TestServer) {
    let api = crate::resource::Resource::new(&server, API, "api:read");
    api.format(TokenFormat::Jwt).add(&server).await;
    let app = television(&server).await;
    let form = Form::new(&[("scope", "openid api:read"), ("resource", API)]);
    let answer = app.post("/o/device-authorization", &form).await;
    let device = Device::of(&app, &answer);
    device.allow(&server.browser_of("ada").await).await;
    let other = device.polling().add("resource", "https://other.example/");
    let refusal = app.token(&other).await;
    assert_eq!(refusal.member("error"), "invalid_target");
    // It is still there to be redeemed.
    let tokens = Tokens::from(device.poll().await);
    assert_eq!(tokens.scope, "openid api:read");
    assert_eq!(crate::id_token::claims(&tokens.access)["aud"], API);
}

/// RFC 8628 §4: the metadata names the endpoint and the grant.
#[apply(on_both!)]
async fn the_metadata_names_the_endpoint_and_the_grant(server: TestServer) {
    for path in [
        "/o/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server/o",
    ] {
        let json = server.get(path).await.is(200).json();
        let endpoint = "http://localhost:8000/o/device-authorization";
        assert_eq!(json["device_authorization_endpoint"], endpoint);
        let grants = json["grant_types_supported"].as_array().unwrap();
        assert!(grants.contains(&json!(GRANT)));
    }
}

#[apply(on_both!)]
async fn the_owner_reads_what_happened(server: TestServer) {
    let app = television(&server).await;
    let owner = server.signed_in(&server.owner().await).await;
    let steps = async |device: &Device| {
        server.settled().await;
        let path = format!("/api/applications/{}/flows", app.client_id);
        let flow = owner.get(&path).await.json()[0].clone();
        let path = format!("/api/flows/{}", flow["id"].as_str().unwrap());
        let trace = owner.get(&path).await.json();
        for secret in [&device.code, &device.user_code] {
            assert!(!trace.to_string().contains(secret.as_str()));
        }
        let steps = trace["steps"].as_array().unwrap().iter();
        let steps = steps.map(|s| format!("{} {}", s["name"], s["outcome"]).replace('"', ""));
        (
            flow["outcome"].as_str().unwrap().to_owned(),
            steps.collect::<Vec<_>>(),
        )
    };
    let allowed = device(&app, "read").await;
    allowed.poll().await;
    allowed.poll().await;
    allowed.poll().await;
    allowed.allow(&server.browser_of("ada").await).await;
    allowed.poll().await.is(200);
    let expected = [
        "Device request ok",
        "Token waiting",
        "Polled too fast waiting",
        "Consent ok",
        "Token ok",
    ];
    let (outcome, found) = steps(&allowed).await;
    assert_eq!(
        (outcome.as_str(), found.as_slice()),
        ("redeemed", &expected.map(str::to_owned)[..])
    );
    server.advance(1);
    let denied = device(&app, "read").await;
    denied.decide(&server.browser_of("bob").await, "deny").await;
    denied.poll().await;
    let (outcome, found) = steps(&denied).await;
    let expected = ["Device request ok", "Consent refused", "Token refused"];
    assert_eq!(
        (outcome.as_str(), found.as_slice()),
        ("denied", &expected.map(str::to_owned)[..])
    );
}
