//! Asking for consent, and what is remembered of the answer.

use macro_rules_attribute::apply;
use serde_json::json;

use crate::harness::{
    AuthorizationRequest, Browser, Code, TestApp, TestServer, on_both, param, problem,
    refused_by_redirect,
};

/// A new person who stands before the consent page.
async fn asked(app: &TestApp, ask: &AuthorizationRequest) -> (Browser, String) {
    let user = app.server.any_user().await;
    let browser = app.server.signed_in(&user).await;
    let ticket = browser.ask(ask).await.ticket("/consent");
    (browser, ticket)
}

/// OpenID Connect Core 1.0 §3.1.2.4: the person is shown who asks for what before anything is
/// given.
#[apply(on_both!)]
async fn the_page_says_who_asks_for_what_and_where_it_leads(server: TestServer) {
    let app = server.app().create().await;
    let (browser, ticket) = asked(&app, &app.ask().set("scope", "openid email")).await;
    let answer = browser
        .get(&format!("/api/consent?flow={ticket}"))
        .await
        .is(200);
    let json = answer.json();
    assert_eq!(
        json["application"],
        json!({
            "name": "Calendar",
            "client_id": app.client_id,
            "redirect_host": "client.example",
            "checked": true,
        })
    );
    assert_eq!(json["scopes"][0]["name"], "openid");
    assert_eq!(json["scopes"][0]["optional"], false);
    assert_eq!(json["scopes"][1]["name"], "email");
    assert_eq!(json["scopes"][1]["optional"], true);
    assert_eq!(json["resources"], json!([]));
    assert_eq!(answer.header("cache-control"), "no-store");
}

/// RFC 6749 §4.1.2.1: a person who says no is told as access_denied.
#[apply(on_both!)]
async fn denying_consent_sends_access_denied(server: TestServer) {
    let app = server.app().create().await;
    let (browser, ticket) = asked(&app, &app.ask()).await;
    refused_by_redirect(
        &browser.deny(&ticket).await,
        "access_denied",
        "access-denied",
    );
    let (browser, ticket) = asked(&app, &app.ask().without("state")).await;
    assert_eq!(param(&browser.deny(&ticket).await, "state"), None);
}

#[apply(on_both!)]
async fn a_no_is_not_remembered(server: TestServer) {
    let app = server.app().create().await;
    let (browser, ticket) = asked(&app, &app.ask()).await;
    browser.deny(&ticket).await;
    browser.ask(&app.ask()).await.ticket("/consent");
}

#[apply(on_both!)]
async fn a_yes_is_remembered_for_these_scopes_and_fewer(server: TestServer) {
    let app = server.app().create().await;
    let (browser, ticket) = asked(&app, &app.ask().set("scope", "openid read")).await;
    browser.allow(&ticket).await;
    for scope in ["openid read", "read", "read openid"] {
        Code::of(browser.ask(&app.ask().set("scope", scope)).await.location());
    }
    browser
        .ask(&app.ask().set("scope", "read write"))
        .await
        .ticket("/consent");
}

#[apply(on_both!)]
async fn a_yes_to_one_application_is_none_to_another(server: TestServer) {
    let (app, other) = (server.app().create().await, server.app().create().await);
    let (browser, ticket) = asked(&app, &app.ask()).await;
    browser.allow(&ticket).await;
    browser.ask(&other.ask()).await.ticket("/consent");
}

/// RFC 6749 §3.3: where less is granted than was asked for, the answer says what.
#[apply(on_both!)]
async fn an_optional_scope_that_was_unticked_is_not_granted_and_not_asked_for_again(
    server: TestServer,
) {
    let app = server.app().create().await;
    let ask = app.ask().set("scope", "openid email read");
    let (browser, ticket) = asked(&app, &ask).await;
    let answer = browser
        .decide(&ticket, "allow", Some(&["openid", "read"]))
        .await;
    let code = Code::of(answer.member("redirect_to"));
    assert_eq!(app.redeem(&code).await.member("scope"), "openid read");
    let code = Code::of(browser.ask(&ask).await.location());
    assert_eq!(app.redeem(&code).await.member("scope"), "openid read");
}

#[apply(on_both!)]
async fn a_scope_that_is_not_optional_can_not_be_unticked_and_none_can_be_added(
    server: TestServer,
) {
    let app = server.app().create().await;
    let (browser, ticket) = asked(&app, &app.ask().set("scope", "openid read")).await;
    let answer = browser
        .decide(&ticket, "allow", Some(&["write", "email"]))
        .await;
    let code = Code::of(answer.member("redirect_to"));
    assert_eq!(app.redeem(&code).await.member("scope"), "openid read");
}

#[apply(on_both!)]
async fn unticking_every_scope_denies_consent(server: TestServer) {
    let app = server.app().create().await;
    let (browser, ticket) = asked(&app, &app.ask().set("scope", "email")).await;
    let answer = browser.decide(&ticket, "allow", Some(&[])).await;
    refused_by_redirect(
        &answer.member("redirect_to"),
        "access_denied",
        "access-denied",
    );
}

#[apply(on_both!)]
async fn a_ticket_is_answered_once(server: TestServer) {
    let app = server.app().create().await;
    let (browser, ticket) = asked(&app, &app.ask()).await;
    browser.allow(&ticket).await;
    problem(
        &browser.decide(&ticket, "allow", None).await,
        400,
        "flow-completed",
    );
}

#[apply(on_both!)]
async fn of_two_answers_at_once_one_gets_the_code(server: TestServer) {
    let app = server.app().create().await;
    let (browser, ticket) = asked(&app, &app.ask()).await;
    let (one, two) = tokio::join!(
        browser.decide(&ticket, "allow", None),
        browser.decide(&ticket, "allow", None)
    );
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400]);
}

#[apply(on_both!)]
async fn the_ticket_of_another_person_is_rejected(server: TestServer) {
    let app = server.app().create().await;
    let (_, ticket) = asked(&app, &app.ask()).await;
    let (other, _) = asked(&app, &app.ask()).await;
    problem(
        &other.decide(&ticket, "allow", None).await,
        400,
        "flow-other-browser",
    );
    let anonymous = server.browser();
    problem(
        &anonymous.decide(&ticket, "allow", None).await,
        401,
        "session-required",
    );
    let shown = other.get(&format!("/api/consent?flow={ticket}")).await;
    problem(&shown, 400, "flow-other-browser");
}

#[apply(on_both!)]
async fn a_ticket_that_waits_for_consent_ends_after_ten_minutes(server: TestServer) {
    let app = server.app().create().await;
    let (browser, ticket) = asked(&app, &app.ask()).await;
    server.advance(600);
    problem(
        &browser.decide(&ticket, "allow", None).await,
        400,
        "flow-expired",
    );
    problem(
        &browser.decide(&ticket, "deny", None).await,
        400,
        "flow-expired",
    );
    problem(&browser.get("/api/consent").await, 400, "flow-expired");
}

#[apply(on_both!)]
async fn a_redirect_uri_that_was_taken_back_meanwhile_gets_no_code(server: TestServer) {
    let app = server.app().create().await;
    let (browser, ticket) = asked(&app, &app.ask()).await;
    let owner = server.signed_in(&server.owner().await).await;
    let patch = json!({ "redirect_uris": ["https://new.example/cb"] });
    let path = format!("/api/applications/{}", app.client_id);
    owner.call("PATCH", &path).json(&patch).await.is(200);
    problem(
        &browser.decide(&ticket, "allow", None).await,
        400,
        "redirect-uri-mismatch",
    );
}

#[apply(on_both!)]
async fn the_plain_form_does_what_the_api_does(server: TestServer) {
    let app = server.app().create().await;
    let ask = app.ask().set("scope", "openid email");
    let user = server.user("ada").await;
    let browser = server.browser();
    let login = browser.ask(&ask).await.location();
    let page = browser.get(&login).await.is(200).text();
    assert!(page.contains("Username or email") && page.contains("Sign in"));
    let flow = param(&login, "flow").unwrap();
    let fields = [
        ("username", "ada"),
        ("password", user.password.as_str()),
        ("flow", &flow),
    ];
    let consent = browser.submit("/login", &fields).await.location();
    let page = browser.get(&consent).await.is(200);
    assert!(page.text().contains("Calendar") && page.text().contains("Allow"));
    let policy = page.header("content-security-policy");
    assert!(!policy.contains("form-action"), "{policy}");
    let flow = param(&consent, "flow").unwrap();
    let fields = [
        ("flow", flow.as_str()),
        ("decision", "allow"),
        ("scope", "openid"),
    ];
    let code = Code::of(browser.submit("/consent", &fields).await.location());
    assert_eq!(app.redeem(&code).await.member("scope"), "openid");
}

#[apply(on_both!)]
async fn the_plain_form_without_a_plain_yes_is_a_no(server: TestServer) {
    let app = server.app().create().await;
    let (browser, ticket) = asked(&app, &app.ask()).await;
    let answer = browser.submit("/consent", &[("flow", &ticket)]).await;
    refused_by_redirect(&answer.location(), "access_denied", "access-denied");
}
