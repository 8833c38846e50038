//! `/o/authorize`: the rules of a request, in their order, before the person is asked anything.

use macro_rules_attribute::apply;

use crate::harness::checks::comes_from_us;
use crate::harness::{
    AuthorizationRequest, Browser, TestServer, on_both, param, refused_by_redirect, refused_on_page,
};

/// Where a request without a session is sent.
pub(crate) async fn sent_to(server: &TestServer, ask: &AuthorizationRequest) -> String {
    server.browser().ask(ask).await.location()
}

/// OpenID Connect Core 1.0 §3.1.2.3: a person who is not signed in is asked to sign in.
#[apply(on_both!)]
async fn a_request_without_a_session_leads_to_sign_in(server: TestServer) {
    let app = server.app().create().await;
    let answer = server.browser().ask(&app.ask()).await;
    assert!(!answer.ticket("/login").is_empty());
    assert_eq!(answer.header("cache-control"), "no-store");
}

/// RFC 6749 §3.1: the authorization endpoint takes GET, and POST too.
/// OpenID Connect Core 1.0 §3.1.2.1: the parameters of a POST are a form.
#[apply(on_both!)]
async fn a_post_asks_as_a_get_does(server: TestServer) {
    let app = server.app().create().await;
    let answer = server.post("/o/authorize").fields(&app.ask().params).await;
    answer.ticket("/login");
    let answer = server.post("/o/authorize/").fields(&app.ask().params).await;
    answer.ticket("/login");
}

#[apply(on_both!)]
async fn a_post_of_another_site_is_asked_again_as_a_get_so_that_the_session_comes_along(
    server: TestServer,
) {
    let app = server.app().skip_consent().create().await;
    let post = server.post("/o/authorize").fields(&app.ask().params);
    let again = post.header("sec-fetch-site", "cross-site").await.location();
    let browser = server.browser_of("ada").await;
    let location = browser.get(&again).await.location();
    assert!(param(&location, "code").is_some(), "{location}");
    comes_from_us(&location);
}

/// RFC 9110 §15.5.6: a method that is not taken is answered 405, with those that are in Allow.
#[apply(on_both!)]
async fn what_is_no_get_and_no_post_is_refused_on_a_page(server: TestServer) {
    for method in ["PUT", "DELETE", "PATCH"] {
        let answer = server.call(method, "/o/authorize").await;
        refused_on_page(&answer, 405, "method-not-allowed");
        assert_eq!(answer.header("allow"), "GET, POST");
    }
}

/// RFC 6749 §4.1.2.1: state comes back if the request had one, and only then.
/// RFC 6749 §3.1: a parameter without a value counts as left out.
#[apply(on_both!)]
async fn a_state_that_was_not_sent_or_is_empty_does_not_come_back(server: TestServer) {
    let app = server.app().create().await;
    for ask in [app.ask().without("state"), app.ask().set("state", "")] {
        let location = sent_to(&server, &ask.set("scope", "nothing")).await;
        assert_eq!(param(&location, "state"), None);
        assert_eq!(
            param(&location, "iss").as_deref(),
            Some("http://localhost:8000/o")
        );
    }
}

/// RFC 6749 §3.3: a request without scope gets a default that is documented.
#[apply(on_both!)]
async fn a_scope_that_is_left_out_is_the_applications_default(server: TestServer) {
    let app = server
        .app()
        .scopes("openid offline_access read")
        .create()
        .await;
    for ask in [app.ask().without("scope"), app.ask().set("scope", " ")] {
        let tokens = app.redeem(&app.code_of(&ask).await).await;
        assert_eq!(tokens.member("scope"), "openid read");
    }
}

/// RFC 6749 §3.1: parameters that the authorization endpoint does not know are ignored.
#[apply(on_both!)]
async fn a_repeated_scope_counts_once_and_unknown_parameters_are_ignored(server: TestServer) {
    let app = server.app().create().await;
    let ask = app
        .ask()
        .set("scope", "read  read")
        .add("claims", "{}")
        .add("acr_values", "1");
    assert_eq!(
        app.redeem(&app.code_of(&ask).await).await.member("scope"),
        "read"
    );
}

#[apply(on_both!)]
async fn every_url_comes_from_the_public_url_and_never_from_host(server: TestServer) {
    let app = server.app().create().await;
    let query = app.ask().set("scope", "nothing").params.encoded();
    let call = server.get(&format!("/o/authorize?{query}"));
    let location = call.header("host", "evil.example").await.location();
    refused_by_redirect(&location, "invalid_scope", "scope-unknown");
}

/// Another process took it back a moment ago; this one still has it in memory.
#[apply(on_both!)]
async fn a_redirect_uri_that_was_just_registered_by_another_process_is_taken(server: TestServer) {
    let app = server.app().create().await;
    sent_to(&server, &app.ask()).await;
    let second_server = server.second_server().await;
    let browser = second_server.signed_in(&server.owner().await).await;
    let patch = serde_json::json!({ "redirect_uris": ["https://new.example/cb"] });
    let path = format!("/api/applications/{}", app.client_id);
    browser.call("PATCH", &path).json(&patch).await.is(200);
    let ask = app.ask().set("redirect_uri", "https://new.example/cb");
    server.browser().ask(&ask).await.ticket("/login");
    refused_on_page(
        &server.browser().ask(&app.ask()).await,
        400,
        "redirect-uri-mismatch",
    );
}

/// RFC 9110 §9.3.2: HEAD is GET without a body; nothing is made of the request.
#[apply(on_both!)]
async fn head_is_answered_as_get_and_mints_nothing(server: TestServer) {
    let app = server.app().skip_consent().create().await;
    let ask = app.ask();
    let head = |ask: &AuthorizationRequest, browser: &Browser| {
        let path = format!("/o/authorize?{}", ask.params.encoded());
        browser.call("HEAD", &path)
    };
    for browser in [server.browser(), server.browser_of("ada").await] {
        let answer = head(&ask, &browser).await;
        assert_eq!(answer.location(), "/login");
        assert_eq!(answer.header("set-cookie"), "");
        assert!(answer.body.is_empty());
        let wrong = ask.clone().set("scope", "nothing");
        let location = head(&wrong, &browser).await.location();
        refused_by_redirect(&location, "invalid_scope", "scope-unknown");
        let wrong = ask.clone().set("client_id", "nothing");
        let answer = head(&wrong, &browser).await;
        assert_eq!((answer.status, answer.body.is_empty()), (400, true));
    }
    server.settled().await;
    for table in ["authorization_codes", "flows"] {
        assert_eq!(server.count(table).await, 0, "{table}");
    }
}
