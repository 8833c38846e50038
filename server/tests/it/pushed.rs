//! Pushed authorization requests (RFC 9126).

use claviger::state::Options;
use macro_rules_attribute::apply;
use serde_json::json;

use crate::harness::authorization::STATE;
use crate::harness::checks::comes_from_us;
use crate::harness::{
    Answer, AuthorizationRequest, Code, Form, Posted, TestApp, TestServer, on_both, param,
    refused_by_redirect, refused_on_page,
};

pub(crate) const URN: &str = "urn:ietf:params:oauth:request_uri:";

pub(crate) async fn push(app: &TestApp, ask: &AuthorizationRequest) -> Answer {
    // A client that authenticates by header need not name itself twice.
    app.post("/o/par", &ask.params.clone().without("client_id"))
        .await
}

/// The address of a request that was pushed.
pub(crate) async fn pushed(app: &TestApp, ask: &AuthorizationRequest) -> String {
    push(app, ask).await.is(201).member("request_uri")
}

/// What the browser brings then.
fn by_reference(app: &TestApp, request_uri: &str) -> AuthorizationRequest {
    AuthorizationRequest {
        params: Form::new(&[("client_id", &app.client_id), ("request_uri", request_uri)]),
    }
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
    let browser = server.browser_of("ada").await;
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

/// RFC 9126 §4: a page that is loaded again is no error; one request has one code.
#[apply(on_both!)]
async fn an_address_counts_until_its_code_is_issued(server: TestServer) {
    let app = server.app().create().await;
    let ask = by_reference(&app, &pushed(&app, &app.ask()).await);
    let (user, browser) = (server.user("ada").await, server.browser());
    for _ in 0..3 {
        browser.ask(&ask).await.ticket("/login");
    }
    let location = browser.walk(&ask, &user).await;
    for browser in [browser, server.browser()] {
        let answer = browser.ask(&ask).await;
        refused_on_page(&answer, 400, "pushed-request-used");
    }
    app.redeem(&Code::of(location)).await.is(200);
}

#[apply(on_both!)]
async fn of_many_who_bring_one_address_at_once_one_gets_a_code(server: TestServer) {
    let app = server.app().skip_consent().create().await;
    let ask = by_reference(&app, &pushed(&app, &app.ask()).await);
    let second_server = server.second_server().await;
    let user = server.user("ada").await;
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..16 {
        let server = if number % 2 == 0 {
            &server
        } else {
            &second_server
        };
        let (browser, ask) = (server.signed_in(&user).await, ask.clone());
        tasks.spawn(async move {
            let answer = browser.ask(&ask).await;
            param(answer.header("location"), "code").is_some()
        });
    }
    let codes = tasks.join_all().await;
    assert_eq!(codes.into_iter().filter(|code| *code).count(), 1);
    assert_eq!(server.count("authorization_codes").await, 1);
    second_server.state.store.close().await;
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
async fn a_request_uri_that_was_not_issued_is_refused_on_a_page(server: TestServer) {
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

/// RFC 9126 §5: a server may hold every client to pushing, and says so in its metadata.
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
    let location = server.browser().walk(&ask, &server.any_user().await).await;
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

#[apply(on_both!)]
async fn a_state_of_every_character_survives_the_push(server: TestServer) {
    let app = server.app().skip_consent().create().await;
    let browser = server.browser_of("ada").await;
    let state: String = ('\u{1}'..='\u{17f}').collect();
    let ask = app.ask().set("state", &state);
    let ask = by_reference(&app, &pushed(&app, &ask).await);
    let location = browser.ask(&ask).await.location();
    assert_eq!(param(&location, "state"), Some(state));
}
