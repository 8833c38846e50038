//! Scopes that a request names: unknown ones, and ones that are not the application's.

use macro_rules_attribute::apply;
use serde_json::{Value, json};

use crate::harness::application::Tokens;
use crate::harness::{
    Code, Form, TestApp, TestServer, on_both, param, refused, refused_by_redirect,
};
use crate::pushed::pushed;
use crate::resource::Resource;

const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";
const ASKED: &str = "openid profile roles urn:zitadel:iam";

/// The steps of the newest flow of an application, as its owner reads them.
async fn steps(server: &TestServer, app: &TestApp) -> Value {
    server.settled().await;
    let owner = server.signed_in(&server.owner().await).await;
    let path = format!("/api/applications/{}/flows", app.client_id);
    let list = owner.get(&path).await.is(200).json();
    let path = format!("/api/flows/{}", list[0]["id"].as_str().unwrap());
    owner.get(&path).await.is(200).json()["steps"].take()
}

#[track_caller]
fn named(step: &Value) {
    let detail = step["detail"].as_str().unwrap_or_default();
    assert!(detail.contains("roles urn:zitadel:iam"), "{step}");
    assert_eq!(step["outcome"], "ok");
}

/// OpenID Connect Core 1.0 §3.1.2.1: scope values that are not understood are ignored.
/// RFC 6749 §3.3: the answer says which scope was granted where it is another one.
#[apply(on_both!)]
async fn beside_openid_an_unknown_scope_is_ignored_and_the_owner_reads_of_it(server: TestServer) {
    let app = server.app().create().await;
    let ask = app.ask().set("scope", ASKED);
    let tokens: Tokens = app.redeem(&app.code_of(&ask).await).await.into();
    assert_eq!(tokens.scope, "openid profile");
    named(&steps(&server, &app).await[0]);
    // Libraries send again what they asked for at first.
    let again = app.refreshing(&tokens.refresh).add("scope", ASKED);
    let next: Tokens = app.token(&again).await.into();
    assert_eq!(next.scope, "openid profile");

    let app = server.app().create().await;
    let uri = pushed(&app, &app.ask().set("scope", ASKED)).await;
    named(&steps(&server, &app).await[0]);
    let user = server.any_user().await;
    let mut ask = app.ask();
    ask.params = Form::new(&[("client_id", &app.client_id), ("request_uri", &uri)]);
    let code = Code::of(server.browser().walk(&ask, &user).await);
    assert_eq!(
        Tokens::from(app.redeem(&code).await).scope,
        "openid profile"
    );

    let app = server.app().grants(&[DEVICE]).create().await;
    let form = Form::new(&[("scope", ASKED)]);
    app.post("/o/device-authorization", &form).await.is(200);
    named(&steps(&server, &app).await[0]);

    let app = server.app().grants(&["client_credentials"]).create().await;
    let form = Form::new(&[("grant_type", "client_credentials")]);
    let answer = app.token(&form.add("scope", "openid read roles")).await;
    assert_eq!(Tokens::from(answer).scope, "openid read");
}

/// RFC 6749 §4.1.2.1, §5.2: anything else that can't be granted is invalid_scope, and the
/// description says which.
#[apply(on_both!)]
async fn what_can_not_be_granted_is_named_in_the_description(server: TestServer) {
    let limited = "openid read offline_access";
    let app = server.app().scopes(limited).create().await;
    let device = server.app().scopes(limited).grants(&[DEVICE]);
    let device = device.create().await;
    let service = server.app().scopes(limited).grants(&["client_credentials"]);
    let service = service.create().await;
    let tokens = app.tokens_for("openid").await;
    for (scope, name, rule) in [
        ("read roles", "roles", "scope-unknown"),
        ("roles", "roles", "scope-unknown"),
        ("openid email", "email", "scope-not-allowed"),
        ("openid roles write", "write", "scope-not-allowed"),
    ] {
        let ask = app.ask().set("scope", scope);
        let location = server.browser().ask(&ask).await.location();
        refused_by_redirect(&location, "invalid_scope", rule);
        let said = param(&location, "error_description").unwrap();
        assert!(said.contains(&format!(" {name} ")), "{said}");
        let grant = Form::new(&[("grant_type", "client_credentials"), ("scope", scope)]);
        let pushed = app.post("/o/par", &ask.params.without("client_id"));
        let authorization = device.post("/o/device-authorization", &Form::new(&[("scope", scope)]));
        for call in [pushed, authorization, service.token(&grant)] {
            let answer = call.await;
            refused(&answer, 400, "invalid_scope", rule);
            let said = answer.member("error_description");
            assert!(said.contains(&format!(" {name} ")), "{said}");
        }
        let refresh = app.refreshing(&tokens.refresh).add("scope", scope);
        let answer = app.token(&refresh).await;
        refused(&answer, 400, "invalid_scope", "scope-widened");
    }
}

/// A resource server may have been added a moment ago, by another process.
#[apply(on_both!)]
async fn a_scope_that_was_added_a_moment_ago_is_not_ignored(server: TestServer) {
    let app = server.app().create().await;
    let api = "https://api.example/v1";
    Resource::new(&server, api, "api:read").add(&server).await;
    let ask = app
        .ask()
        .set("scope", "openid api:read")
        .add("resource", api);
    let tokens: Tokens = app.redeem(&app.code_of(&ask).await).await.into();
    assert_eq!(tokens.scope, "openid api:read");
    let ask = app.ask().set("scope", "openid api:read");
    let location = server.browser().ask(&ask).await.location();
    refused_by_redirect(&location, "invalid_scope", "scope-not-allowed");
}

#[apply(on_both!)]
async fn the_scopes_that_are_known_from_the_start(server: TestServer) {
    let known = server.get("/o/.well-known/openid-configuration").await;
    let known = known.json()["scopes_supported"].clone();
    let expected = json!([
        "openid",
        "profile",
        "email",
        "groups",
        "offline_access",
        "read",
        "write"
    ]);
    assert_eq!(known, expected);
}
