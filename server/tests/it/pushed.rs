//! Pushed authorization requests (RFC 9126).

use claviger::state::Options;
use macro_rules_attribute::apply;
use serde_json::json;

use crate::harness::authorization::STATE;
use crate::harness::checks::comes_from_us;
use crate::harness::{
    Answer, Ask, Code, Form, Posted, TestApp, TestServer, on_both, param, refused,
    refused_by_redirect, refused_on_page,
};

const URN: &str = "urn:ietf:params:oauth:request_uri:";

async fn push(app: &TestApp, ask: &Ask) -> Answer {
    // A client that authenticates by header need not name itself twice.
    app.post("/o/par", &ask.params.clone().without("client_id"))
        .await
}

/// The address of a request that was pushed.
async fn pushed(app: &TestApp, ask: &Ask) -> String {
    push(app, ask).await.is(201).member("request_uri")
}

/// What the browser brings then.
fn by_reference(app: &TestApp, request_uri: &str) -> Ask {
    Ask {
        params: Form::new(&[("client_id", &app.client_id), ("request_uri", request_uri)]),
    }
}

/// RFC 9126 §2.2: the answer to a push is 201 with `request_uri` and `expires_in`, and is not stored.
#[apply(on_both!)]
async fn a_push_gets_an_address_that_stands_for_the_request(server: TestServer) {
    let app = server.app().create().await;
    let answer = push(&app, &app.ask()).await.is(201);
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("content-type"), "application/json");
    let json = answer.json();
    assert_eq!(json["expires_in"], 60);
    assert_eq!(json.as_object().unwrap().len(), 2);
    let uri = answer.member("request_uri");
    let random = uri.strip_prefix(URN).unwrap();
    assert!(random.starts_with("clv_pr_") && random.len() > 64, "{uri}");
    assert_ne!(uri, pushed(&app, &app.ask()).await);
}

/// RFC 9126 §4: the authorization request names the pushed one by `client_id` and `request_uri`.
#[apply(on_both!)]
async fn a_pushed_request_goes_the_way_of_any_other(server: TestServer) {
    let user = server.user("ada").await;
    for app in [
        server.app().create().await,
        server.app().public().create().await,
    ] {
        let ask = by_reference(&app, &pushed(&app, &app.ask()).await);
        let location = server.browser().walk(&ask, &user).await;
        comes_from_us(&location);
        let answer = app.redeem(&Code::of(location)).await.is(200);
        assert_eq!(answer.member("scope"), "openid read");
    }
    let app = server.app().create().await;
    let ask = by_reference(&app, &pushed(&app, &app.ask()).await);
    let answer = server.post("/o/authorize").fields(&ask.params).await;
    answer.ticket("/login");
}

/// RFC 9126 §4, RFC 9101 §5: parameters beside `request_uri` count for nothing.
#[apply(on_both!)]
async fn parameters_beside_the_address_count_for_nothing(server: TestServer) {
    let app = server.app().skip_consent().create().await;
    let browser = server.somebody("ada").await;
    let ask = by_reference(&app, &pushed(&app, &app.ask()).await)
        .add("redirect_uri", "https://evil.example/cb")
        .add("scope", "openid read write email")
        .add("state", "evil")
        .add("state", "twice")
        .add("prompt", "login")
        .add("response_mode", "fragment");
    let location = browser.ask(&ask).await.location();
    comes_from_us(&location);
    let answer = app.redeem(&Code::of(location)).await.is(200);
    assert_eq!(answer.member("scope"), "openid read");
}

#[apply(on_both!)]
async fn the_address_alone_names_no_client(server: TestServer) {
    let app = server.app().create().await;
    let ask = by_reference(&app, &pushed(&app, &app.ask()).await);
    let answer = server.browser().ask(&ask.without("client_id")).await;
    refused_on_page(&answer, 400, "client-id-missing");
}

/// RFC 9126 §4: a `request_uri` is used once.
#[apply(on_both!)]
async fn an_address_is_used_once(server: TestServer) {
    let app = server.app().create().await;
    let ask = by_reference(&app, &pushed(&app, &app.ask()).await);
    server.browser().ask(&ask).await.ticket("/login");
    let answer = server.browser().ask(&ask).await;
    refused_on_page(&answer, 400, "pushed-request-used");
}

#[apply(on_both!)]
async fn of_many_who_bring_one_address_at_once_one_is_let_in(server: TestServer) {
    let app = server.app().create().await;
    let ask = by_reference(&app, &pushed(&app, &app.ask()).await);
    let twin = server.twin().await;
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..16 {
        let server = if number % 2 == 0 { &server } else { &twin };
        let (browser, ask) = (server.browser(), ask.clone());
        tasks.spawn(async move { browser.ask(&ask).await.status });
    }
    let mut statuses = tasks.join_all().await;
    statuses.sort_unstable();
    assert_eq!(statuses[0], 303);
    assert!(statuses[1..].iter().all(|status| *status == 400));
    twin.state.store.close().await;
}

/// RFC 9126 §2.2: a `request_uri` ends with its lifetime.
#[apply(on_both!)]
async fn an_address_ends_after_a_minute(server: TestServer) {
    let app = server.app().create().await;
    let early = by_reference(&app, &pushed(&app, &app.ask()).await);
    let late = by_reference(&app, &pushed(&app, &app.ask()).await);
    server.advance(59);
    server.browser().ask(&early).await.ticket("/login");
    server.advance(1);
    let answer = server.browser().ask(&late).await;
    refused_on_page(&answer, 400, "pushed-request-expired");
}

/// RFC 9126 §2.2: a `request_uri` is bound to the client that pushed it.
#[apply(on_both!)]
async fn another_clients_attempt_fails_and_leaves_the_request_alone(server: TestServer) {
    let (app, other) = (server.app().create().await, server.app().create().await);
    let uri = pushed(&app, &app.ask()).await;
    let answer = server.browser().ask(&by_reference(&other, &uri)).await;
    refused_on_page(&answer, 400, "pushed-request-unknown");
    let answer = server.browser().ask(&by_reference(&app, &uri)).await;
    answer.ticket("/login");
    // Nor does it learn that the request has been used.
    let answer = server.browser().ask(&by_reference(&other, &uri)).await;
    refused_on_page(&answer, 400, "pushed-request-unknown");
}

#[apply(on_both!)]
async fn an_address_that_nobody_was_given_is_refused_on_a_page(server: TestServer) {
    let app = server.app().create().await;
    let uri = pushed(&app, &app.ask()).await;
    let code = app.code().await.code;
    let mut forged = uri.clone();
    let last = if forged.pop() == Some('A') { 'B' } else { 'A' };
    forged.push(last);
    for (uri, rule) in [
        (forged.as_str(), "pushed-request-unknown"),
        (URN, "pushed-request-unknown"),
        (&format!("{URN}nothing"), "pushed-request-unknown"),
        (&format!("{URN}{code}"), "pushed-request-unknown"),
        (
            "https://client.example/request.jwt",
            "request-uri-unsupported",
        ),
        ("http://169.254.169.254/", "request-uri-unsupported"),
        (
            "urn:ietf:params:oauth:request_ur",
            "request-uri-unsupported",
        ),
    ] {
        let answer = server.browser().ask(&by_reference(&app, uri)).await;
        refused_on_page(&answer, 400, rule);
        let answer = server
            .browser()
            .ask(&app.ask().add("request_uri", uri))
            .await;
        refused_on_page(&answer, 400, rule);
    }
    let ask = by_reference(&app, &uri).add("request_uri", &uri);
    refused_on_page(&server.browser().ask(&ask).await, 400, "parameter-repeated");
}

/// A pushed request is no code, and no token of any other kind.
#[apply(on_both!)]
async fn the_random_part_is_of_no_other_use(server: TestServer) {
    let app = server.app().create().await;
    let uri = pushed(&app, &app.ask()).await;
    let random = uri.strip_prefix(URN).unwrap();
    for credential in [random, &random.replace("clv_pr_", "clv_ac_")] {
        let code = Code {
            code: credential.to_owned(),
        };
        assert_eq!(app.redeem(&code).await.json()["error"], "invalid_grant");
        let active = app.introspect(credential).await.json();
        assert_eq!(active, json!({ "active": false }));
        let refreshed = app.refresh(credential).await;
        assert_eq!(refreshed.json()["error"], "invalid_grant");
    }
}

/// RFC 9126 §2.1: a push is authenticated as at the token endpoint.
#[apply(on_both!)]
async fn whoever_pushes_proves_who_they_are(server: TestServer) {
    let app = server.app().create().await;
    let form = app.ask().params;
    let anonymous = form.clone().without("client_id");
    for (call, rule) in [
        (
            server.post("/o/par").fields(&anonymous),
            "client-auth-missing",
        ),
        (server.post("/o/par").fields(&form), "client-auth-missing"),
        (
            server
                .post("/o/par")
                .fields(&anonymous)
                .basic(&app.client_id, "wrong"),
            "client-auth-failed",
        ),
    ] {
        let answer = call.await;
        refused(&answer, 401, "invalid_client", rule);
        assert!(answer.header("www-authenticate").starts_with("Basic "));
    }
    let secret = app.secret.clone().unwrap();
    let by_body = form.clone().add("client_secret", &secret);
    server.post("/o/par").fields(&by_body).await.is(201);
    let other = form.clone().set("client_id", "other");
    let answer = app.post("/o/par", &other).await;
    refused(&answer, 400, "invalid_request", "client-auth-twice");
    let answer = app.post("/o/par", &form).await;
    answer.is(201);
}

#[apply(on_both!)]
async fn a_push_keeps_the_order_of_the_token_endpoint(server: TestServer) {
    let app = server.app().create().await;
    for method in ["GET", "PUT", "DELETE"] {
        let answer = server.call(method, "/o/par").await;
        refused(&answer, 405, "invalid_request", "method-not-allowed");
        assert_eq!(answer.header("allow"), "POST");
    }
    let answer = server.post("/o/par").json(&json!({})).await;
    refused(&answer, 400, "invalid_request", "media-type-not-form");
    let form = app.ask().params;
    let large = form.clone().add("x", &"a".repeat(17_000));
    let answer = app.post("/o/par", &large).await;
    refused(&answer, 400, "invalid_request", "request-too-large");
    let answer = app.post("/o/par", &form.clone().add("state", "2")).await;
    refused(&answer, 400, "invalid_request", "parameter-repeated");
    let answer = app.post("/o/par?request_uri=urn:x", &form).await;
    refused(&answer, 400, "invalid_request", "parameters-in-query");
    app.post("/o/par/", &form).await.is(201);
}

/// What is pushed is kept form-encoded and read with the same limit as any request.
#[apply(on_both!)]
async fn a_request_that_grows_too_large_when_it_is_encoded_is_refused_at_once(server: TestServer) {
    let app = server.app().create().await;
    let body = format!(
        "{}&x={}",
        app.ask().params.without("client_id").encoded(),
        "!".repeat(8_000)
    );
    let call = server
        .post("/o/par")
        .body("application/x-www-form-urlencoded", body);
    let answer = call
        .basic(&app.client_id, app.secret.as_deref().unwrap())
        .await;
    refused(&answer, 400, "invalid_request", "request-too-large");
}

/// RFC 9126 §2.1: `request_uri` must not be pushed; RFC 9126 §2.3: the parameters are checked as at the authorization endpoint.
#[apply(on_both!)]
async fn every_rule_of_a_request_holds_when_it_is_pushed(server: TestServer) {
    let app = server.app().scopes("openid read").create().await;
    let uri = pushed(&app, &app.ask()).await;
    for (name, value, error, rule) in [
        (
            "request_uri",
            uri.as_str(),
            "invalid_request",
            "pushed-request-nested",
        ),
        (
            "request_uri",
            "https://a.example",
            "invalid_request",
            "pushed-request-nested",
        ),
        (
            "request",
            "e.y.J",
            "invalid_request",
            "pushed-request-nested",
        ),
        (
            "redirect_uri",
            "https://evil.example",
            "invalid_request",
            "redirect-uri-mismatch",
        ),
        (
            "redirect_uri",
            "/../",
            "invalid_request",
            "redirect-uri-mismatch",
        ),
        (
            "registration",
            "{}",
            "registration_not_supported",
            "registration-parameter-unsupported",
        ),
        (
            "response_mode",
            "x",
            "invalid_request",
            "response-mode-unsupported",
        ),
        (
            "response_type",
            "",
            "invalid_request",
            "response-type-missing",
        ),
        (
            "response_type",
            "token",
            "unsupported_response_type",
            "response-type-unsupported",
        ),
        (
            "code_challenge",
            "",
            "invalid_request",
            "pkce-challenge-missing",
        ),
        (
            "code_challenge_method",
            "plain",
            "invalid_request",
            "pkce-method-unsupported",
        ),
        ("scope", "nothing", "invalid_scope", "scope-unknown"),
        ("scope", "write", "invalid_scope", "scope-not-allowed"),
        (
            "resource",
            "https://nobody.example",
            "invalid_target",
            "resource-unknown",
        ),
        (
            "prompt",
            "none login",
            "invalid_request",
            "prompt-none-combined",
        ),
        (
            "prompt",
            "create",
            "invalid_request",
            "prompt-create-unsupported",
        ),
        ("max_age", "x", "invalid_request", "max-age-malformed"),
        (
            "id_token_hint",
            "x",
            "invalid_request",
            "id-token-hint-invalid",
        ),
    ] {
        let answer = push(&app, &app.ask().set(name, value)).await;
        refused(&answer, 400, error, rule);
    }
    assert_eq!(server.count("pushed_requests").await, 1);
    let machine = server.app().grants(&["client_credentials"]).create().await;
    let answer = push(&machine, &machine.ask()).await;
    refused(
        &answer,
        400,
        "unauthorized_client",
        "response-type-not-allowed",
    );
}

/// What has changed since the push counts.
#[apply(on_both!)]
async fn a_pushed_request_is_checked_again_when_it_is_used(server: TestServer) {
    let app = server.app().create().await;
    let owner = server.signed_in(&server.owner().await).await;
    let path = format!("/api/applications/{}", app.client_id);
    let patch = async |patch| owner.call("PATCH", &path).json(&patch).await.is(200);
    let ask = by_reference(&app, &pushed(&app, &app.ask()).await);
    patch(json!({ "scopes": ["openid"] })).await;
    let location = server.browser().ask(&ask).await.location();
    refused_by_redirect(&location, "invalid_scope", "scope-not-allowed");
    let posted = app
        .ask()
        .set("scope", "openid")
        .set("response_mode", "form_post");
    let ask = by_reference(&app, &pushed(&app, &posted).await);
    patch(json!({ "scopes": ["read"] })).await;
    let posted = Posted::of(&server.browser().ask(&ask).await);
    assert_eq!(posted.field("error").as_deref(), Some("invalid_scope"));
    assert_eq!(posted.field("state").as_deref(), Some(STATE));
    let ask = by_reference(&app, &pushed(&app, &app.ask().set("scope", "read")).await);
    patch(json!({ "redirect_uris": ["https://new.example/cb"] })).await;
    let answer = server.browser().ask(&ask).await;
    refused_on_page(&answer, 400, "redirect-uri-mismatch");
    // The page leads to the trace, which began with the push.
    let text = answer.text();
    let (_, link) = text.split_once("href=\"/flows/").unwrap();
    let (id, _) = link.split_once('"').unwrap();
    server.settled().await;
    let flow = owner.get(&format!("/api/flows/{id}")).await.is(200);
    assert_eq!(flow.json()["rule"], "redirect-uri-mismatch");
}

#[apply(on_both!)]
async fn what_is_kept_holds_no_secret_and_every_resource(server: TestServer) {
    let app = server.app().create().await;
    let secret = app.secret.clone().unwrap();
    let form = app
        .ask()
        .params
        .add("resource", "http://localhost:8000/api/hello")
        .add("resource", "http://localhost:8000/o")
        .add("client_secret", &secret);
    let answer = server.post("/o/par").fields(&form).await.is(201);
    let uri = answer.member("request_uri");
    let kept = server
        .database
        .texts("SELECT parameters FROM pushed_requests")
        .await;
    assert_eq!(kept[0].matches("&resource=").count(), 2, "{}", kept[0]);
    assert_eq!(kept[0].matches("client_id=").count(), 1);
    assert!(!kept[0].contains("client_secret"));
    server.settled().await;
    let dump = server.database.dump().await;
    assert!(!dump.contains(&secret) && !dump.contains(&uri));
    assert!(!dump.contains(uri.strip_prefix(URN).unwrap()));
}

/// RFC 9126 §6: an application may be held to pushing.
#[apply(on_both!)]
async fn an_application_that_has_to_push_is_refused_by_redirect_when_it_does_not(
    server: TestServer,
) {
    let app = server.app().has_to_push().create().await;
    let location = server.browser().ask(&app.ask()).await.location();
    refused_by_redirect(&location, "invalid_request", "pushed-request-required");
    let ask = by_reference(&app, &pushed(&app, &app.ask()).await);
    server.browser().ask(&ask).await.ticket("/login");
    let other = server.app().create().await;
    server.browser().ask(&other.ask()).await.ticket("/login");
}

/// RFC 9126 §5: a server may hold everybody to pushing, and says so in its metadata.
#[apply(on_both!)]
async fn a_server_that_takes_pushed_requests_only(server: TestServer) {
    let strict = server
        .twin_with(Options {
            require_pushed_requests: true,
            ..Options::default()
        })
        .await;
    for (server, required) in [(&server, false), (&strict, true)] {
        let metadata = server.get("/o/.well-known/openid-configuration").await;
        let metadata = metadata.json();
        assert_eq!(
            metadata["pushed_authorization_request_endpoint"],
            "http://localhost:8000/o/par"
        );
        assert_eq!(metadata["require_pushed_authorization_requests"], required);
    }
    let app = server.app().create().await.at(&strict);
    let location = strict.browser().ask(&app.ask()).await.location();
    refused_by_redirect(&location, "invalid_request", "pushed-request-required");
    let ask = by_reference(&app, &pushed(&app, &app.ask()).await);
    strict.browser().ask(&ask).await.ticket("/login");
    strict.state.store.close().await;
}

#[apply(on_both!)]
async fn prompt_none_is_answered_when_the_request_is_used(server: TestServer) {
    let app = server.app().create().await;
    let ask = app.ask().set("prompt", "none");
    let ask = by_reference(&app, &pushed(&app, &ask).await);
    let location = server.browser().ask(&ask).await.location();
    refused_by_redirect(&location, "login_required", "login-required");
}

/// The owner sees one flow, from the push on.
#[apply(on_both!)]
async fn the_push_is_the_first_step_of_the_flow(server: TestServer) {
    let app = server.app().create().await;
    let ask = by_reference(&app, &pushed(&app, &app.ask()).await);
    let location = server.browser().walk(&ask, &server.anybody().await).await;
    app.redeem(&Code::of(location)).await.is(200);
    push(&app, &app.ask().set("scope", "nothing")).await;
    server.settled().await;
    let owner = server.signed_in(&server.owner().await).await;
    let path = format!("/api/applications/{}/flows", app.client_id);
    let list = owner.get(&path).await.is(200).json();
    let list = list.as_array().unwrap().clone();
    assert_eq!(list.len(), 2, "{list:?}");
    let mut steps = Vec::new();
    for flow in &list {
        let path = format!("/api/flows/{}", flow["id"].as_str().unwrap());
        let flow = owner.get(&path).await.is(200).json();
        let names: Vec<_> = flow["steps"]
            .as_array()
            .unwrap()
            .iter()
            .map(|step| step["name"].as_str().unwrap().to_owned())
            .collect();
        steps.push(names);
    }
    steps.sort_by_key(Vec::len);
    assert_eq!(steps[0], ["Pushed request"]);
    assert_eq!(steps[1][..2], ["Pushed request", "Authorization request"]);
    assert!(steps[1].len() > 4, "{steps:?}");
}

#[apply(on_both!)]
async fn what_was_pushed_is_swept_when_it_has_ended(server: TestServer) {
    let app = server.app().create().await;
    pushed(&app, &app.ask()).await;
    let store = &server.state.store;
    server.advance(59);
    store.sweep_all(server.state.now()).await.unwrap();
    assert_eq!(server.count("pushed_requests").await, 1);
    server.advance(61);
    store.sweep_all(server.state.now()).await.unwrap();
    assert_eq!(server.count("pushed_requests").await, 0);
}

/// RFC 9126 §2: CORS for the client's own origins, as at the token endpoint.
#[apply(on_both!)]
async fn a_script_of_the_application_may_push(server: TestServer) {
    const ORIGIN: &str = "https://spa.example";
    let app = server.app().public().origins(&[ORIGIN]).create().await;
    let call = app.post("/o/par", &app.ask().params.without("client_id"));
    let answer = call.header("origin", ORIGIN).await.is(201);
    assert_eq!(answer.header("access-control-allow-origin"), ORIGIN);
    let call = app.post("/o/par", &Form::new(&[("scope", "x")]));
    let answer = call.header("origin", ORIGIN).await.is(400);
    assert_eq!(answer.header("access-control-allow-origin"), ORIGIN);
    let preflight = server.call("OPTIONS", "/o/par").header("origin", ORIGIN);
    let answer = preflight.await.is(204);
    assert_eq!(answer.header("access-control-allow-origin"), ORIGIN);
}

#[apply(on_both!)]
async fn a_state_of_every_character_survives_the_push(server: TestServer) {
    let app = server.app().skip_consent().create().await;
    let browser = server.somebody("ada").await;
    let state: String = ('\u{1}'..='\u{17f}').collect();
    let ask = app.ask().set("state", &state);
    let ask = by_reference(&app, &pushed(&app, &ask).await);
    let location = browser.ask(&ask).await.location();
    assert_eq!(param(&location, "state"), Some(state));
}
