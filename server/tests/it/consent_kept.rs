//! What a remembered consent stands for: the application as it was shown, one resource server or
//! none, the scopes. For everything else the person is asked again.

use claviger::config::Registration;
use macro_rules_attribute::apply;
use serde_json::{Value, json};

use crate::device::{GRANT, device};
use crate::harness::registration::{URI, app_of};
use crate::harness::{
    AuthorizationRequest, Browser, Code, TestApp, TestServer, on_both, param, problem,
    refused_by_redirect,
};
use crate::resource::{API, MCP, apis};

async fn shown(browser: &Browser, ask: &AuthorizationRequest) -> Value {
    let ticket = browser.ask(ask).await.ticket("/consent");
    let path = format!("/api/consent?flow={ticket}");
    browser.get(&path).await.is(200).json()
}

/// `prompt=none` and the page: both have to find that a yes is missing.
async fn is_asked(browser: &Browser, ask: &AuthorizationRequest) -> Value {
    let silent = ask.clone().set("prompt", "none");
    let location = browser.ask(&silent).await.location();
    let error = param(&location, "error");
    assert_eq!(error.as_deref(), Some("consent_required"), "{location}");
    shown(browser, ask).await
}

async fn is_not_asked(browser: &Browser, ask: &AuthorizationRequest) {
    Code::of(browser.ask(ask).await.location());
    let silent = ask.clone().set("prompt", "none");
    Code::of(browser.ask(&silent).await.location());
}

async fn change(server: &TestServer, app: &TestApp, patch: &Value) {
    let owner = server.signed_in(&server.owner().await).await;
    let path = format!("/api/applications/{}", app.client_id);
    owner.call("PATCH", &path).json(patch).await.is(200);
}

/// RFC 8707 §3: a yes to one resource server is none to another.
#[apply(on_both!)]
async fn a_consent_is_for_one_resource_server_or_for_none(server: TestServer) {
    apis(&server).await;
    let app = server.app().create().await;
    let user = server.user("ada").await;
    let browser = server.signed_in(&user).await;
    browser.walk(&app.ask(), &user).await;
    is_not_asked(&browser, &app.ask()).await;

    let api = app.ask().add("resource", API);
    let page = is_asked(&browser, &api).await;
    let named = json!([{ "uri": API, "name": format!("The API at {API}") }]);
    assert_eq!(page["resources"], named);
    browser.walk(&api, &user).await;
    is_not_asked(&browser, &api).await;

    let both = app.ask().add("resource", API).add("resource", MCP);
    let page = is_asked(&browser, &both).await;
    assert_eq!(page["resources"].as_array().map(Vec::len), Some(2));
    browser.walk(&both, &user).await;
    is_not_asked(&browser, &both).await;
    is_not_asked(&browser, &app.ask().add("resource", MCP)).await;
    is_not_asked(&browser, &app.ask()).await;
}

#[apply(on_both!)]
async fn the_page_names_every_resource_server(server: TestServer) {
    apis(&server).await;
    let app = server.app().create().await;
    let browser = server.browser_of("ada").await;
    let ask = app.ask().add("resource", API).add("resource", MCP);
    let location = browser.ask(&ask).await.location();
    let page = browser.get(&location).await.is(200).text();
    for uri in [API, MCP] {
        assert!(page.contains(&format!(">The API at {uri}<")), "{page}");
    }
}

#[apply(on_both!)]
async fn another_name_is_another_question(server: TestServer) {
    let app = server.app().create().await;
    let user = server.user("ada").await;
    let browser = server.signed_in(&user).await;
    browser.walk(&app.ask(), &user).await;
    change(&server, &app, &json!({ "name": "Google Account Security" })).await;
    let page = is_asked(&browser, &app.ask()).await;
    assert_eq!(page["scopes"][0]["granted"], false);
    // What was allowed to the old name still stands for it.
    change(&server, &app, &json!({ "name": "Calendar" })).await;
    is_not_asked(&browser, &app.ask()).await;
}

#[apply(on_both!)]
async fn another_host_is_another_question_and_another_path_is_none(server: TestServer) {
    let app = server.app().create().await;
    let user = server.user("ada").await;
    let browser = server.signed_in(&user).await;
    browser.walk(&app.ask(), &user).await;
    let uris = [
        "https://client.example/cb",
        "https://client.example/other",
        "https://evil.example/cb",
    ];
    change(&server, &app, &json!({ "redirect_uris": uris })).await;
    is_not_asked(&browser, &app.ask()).await;
    is_not_asked(&browser, &app.ask().set("redirect_uri", uris[1])).await;
    is_asked(&browser, &app.ask().set("redirect_uri", uris[2])).await;
}

/// RFC 8252 §7.3: a program that listens on another port each time is the same program.
#[apply(on_both!)]
async fn another_loopback_port_is_no_other_host(server: TestServer) {
    let app = server.app().redirects(&["http://127.0.0.1/cb"]).create();
    let app = app.await;
    let user = server.user("ada").await;
    let browser = server.signed_in(&user).await;
    let at = |port: u16| {
        let uri = format!("http://127.0.0.1:{port}/cb");
        app.ask().set("redirect_uri", &uri)
    };
    browser.walk(&at(49152), &user).await;
    is_not_asked(&browser, &at(49153)).await;
}

/// RFC 8252 §8.6: no consent of before spares a public native client the question.
#[apply(on_both!)]
async fn a_public_client_that_is_not_reached_by_https_is_always_asked(server: TestServer) {
    for (uri, skip) in [
        ("http://127.0.0.1/cb", false),
        ("http://127.0.0.1/cb", true),
        ("com.example.app:/cb", false),
    ] {
        let app = server.app().public().redirects(&[uri]);
        let app = app.settings(|s| s.skip_consent = Some(skip)).create().await;
        let user = server.any_user().await;
        let browser = server.signed_in(&user).await;
        Code::of(browser.walk(&app.ask(), &user).await);
        let page = is_asked(&browser, &app.ask()).await;
        assert_eq!(page["scopes"][0]["granted"], true, "{uri}");
    }
    let app = server.app().public().create().await;
    let user = server.any_user().await;
    let browser = server.signed_in(&user).await;
    browser.walk(&app.ask(), &user).await;
    is_not_asked(&browser, &app.ask()).await;
}

/// Rows from before the page was kept with the answer.
#[apply(on_both!)]
async fn an_answer_whose_page_is_not_known_stands_until_the_application_changes(
    server: TestServer,
) {
    apis(&server).await;
    let app = server.app().create().await;
    let user = server.user("ada").await;
    let browser = server.signed_in(&user).await;
    let forget = "UPDATE consents SET shown = '' RETURNING 'x'";
    browser.walk(&app.ask(), &user).await;
    server.database.texts(forget).await;
    is_not_asked(&browser, &app.ask()).await;
    is_asked(&browser, &app.ask().add("resource", API)).await;

    server.advance(1);
    change(&server, &app, &json!({ "name": "Renamed" })).await;
    is_asked(&browser, &app.ask()).await;
    // The next answer takes its place.
    browser.walk(&app.ask(), &user).await;
    assert_eq!(server.count("consents").await, 1);
    let kept = server.database.texts("SELECT shown FROM consents").await;
    assert!(!kept[0].is_empty());
}

#[apply(on_both!)]
async fn removing_access_removes_every_consent(server: TestServer) {
    apis(&server).await;
    let app = server.app().create().await;
    let user = server.user("ada").await;
    let browser = server.signed_in(&user).await;
    let api = app.ask().add("resource", API);
    browser.walk(&app.ask(), &user).await;
    browser.walk(&api, &user).await;
    let list = browser.get("/api/connections").await.json();
    assert_eq!(list.as_array().map(Vec::len), Some(1));
    assert_eq!(list[0]["resources"][0]["uri"], API);
    let path = format!("/api/connections/{}", app.client_id);
    browser.delete(&path).await.is(204);
    assert_eq!(server.count("consents").await, 0);
    is_asked(&browser, &app.ask()).await;
    is_asked(&browser, &api).await;
}

#[apply(on_both!)]
async fn asking_again_says_when_it_was_allowed(server: TestServer) {
    let app = server.app().create().await;
    let user = server.user("ada").await;
    let browser = server.signed_in(&user).await;
    browser.walk(&app.ask(), &user).await;
    server.advance(60);
    let ask = app.ask().set("scope", "openid write");
    let page = shown(&browser, &ask.set("prompt", "consent")).await;
    assert_eq!(page["scopes"][0]["granted_at"], "2027-01-15T08:00:00Z");
    assert_eq!(page["scopes"][1].get("granted_at"), None);
    let ask = app.ask().set("prompt", "consent");
    let location = browser.ask(&ask).await.location();
    let html = browser.get(&location).await.is(200).text();
    assert!(html.contains("Without changing anything. You allowed this on 15 January 2027."));
}

/// RFC 7591 §5: people are told that what an application says of itself was not checked.
#[apply(on_both!)]
async fn a_stranger_is_marked_on_both_pages(server: TestServer) {
    let open = server.registering(Registration::Open).await;
    let metadata = json!({
        "client_name": "Google Account Security",
        "redirect_uris": [URI],
        "grant_types": ["authorization_code", GRANT],
        "token_endpoint_auth_method": "none",
    });
    let app = app_of(&open, &open.register(&metadata).await.is(201));
    let browser = open.browser_of("ada").await;
    let location = browser.ask(&app.ask()).await.location();
    let page = browser.get(&location).await.is(200).text();
    for said in [
        "Registered itself on 15 January 2027.",
        "Not checked by anyone here.",
        ">client.example<",
    ] {
        assert!(page.contains(said), "{said} in {page}");
    }
    assert!(!page.contains("btn primary"), "{page}");
    let json = shown(&browser, &app.ask()).await;
    assert_eq!(json["application"]["checked"], false);
    assert_eq!(json["application"]["registered_at"], "2027-01-15T08:00:00Z");

    let tv = device(&app, "openid").await;
    let fields = [("user_code", tv.user_code.as_str())];
    let page = browser.submit("/device", &fields).await.is(200).text();
    assert!(page.contains("Not checked by anyone here."), "{page}");
    assert!(!page.contains("btn primary"), "{page}");
}

/// OpenID Connect Core 1.0 §3.1.2.1: id_token_hint is looked at wherever the request goes on.
#[apply(on_both!)]
async fn a_ticket_gives_no_code_for_another_person_than_the_hint_names(server: TestServer) {
    let app = server.app().create().await;
    let (ada, bob) = (server.user("ada").await, server.user("bob").await);
    let code = Code::of(server.browser().walk(&app.ask(), &ada).await);
    let hint = app.redeem(&code).await.member("id_token");
    let browser = server.signed_in(&bob).await;
    server.advance(1);
    let ask = app.ask().set("id_token_hint", &hint);
    let ticket = browser.ask(&ask).await.ticket("/login");
    let answer = browser.decide(&ticket, "allow", None).await;
    problem(&answer, 401, "session-required");
    // He signs in beside the request, and answers it.
    browser.sign_in(&bob).await;
    let answer = browser.decide(&ticket, "allow", None).await;
    refused_by_redirect(
        &answer.member("redirect_to"),
        "login_required",
        "login-required",
    );
    let rows = server.count("authorization_codes").await;
    assert_eq!(rows, 1);
}
