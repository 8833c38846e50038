//! `/o/authorize`: the rules of a request, in their order, before anybody is asked anything.

use macro_rules_attribute::apply;

use crate::harness::checks::comes_from_us;
use crate::harness::{Ask, TestServer, on_both, param, refused_by_redirect, refused_on_page};

/// Whoever asks, and where they are sent.
async fn sent_to(server: &TestServer, ask: &Ask) -> String {
    server.browser().ask(ask).await.location()
}

#[apply(on_both!)]
async fn whoever_is_not_signed_in_is_asked_to(server: TestServer) {
    let app = server.app().create().await;
    let answer = server.browser().ask(&app.ask()).await;
    assert!(!answer.ticket("/login").is_empty());
    assert_eq!(answer.header("cache-control"), "no-store");
}

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
    let browser = server.somebody("ada").await;
    let location = browser.get(&again).await.location();
    assert!(param(&location, "code").is_some(), "{location}");
    comes_from_us(&location);
}

#[apply(on_both!)]
async fn what_is_no_get_and_no_post_is_refused_on_a_page(server: TestServer) {
    for method in ["PUT", "DELETE", "PATCH"] {
        let answer = server.call(method, "/o/authorize").await;
        refused_on_page(&answer, 405, "method-not-allowed");
        assert_eq!(answer.header("allow"), "GET, POST");
    }
}

#[apply(on_both!)]
async fn what_can_not_be_read_is_refused_on_a_page(server: TestServer) {
    let app = server.app().create().await;
    let query = app.ask().params.encoded();
    for (more, rule) in [
        (format!("&x={}", "a".repeat(17_000)), "request-too-large"),
        ("&x=%FF".to_owned(), "request-not-utf8"),
    ] {
        let answer = server.get(&format!("/o/authorize?{query}{more}")).await;
        refused_on_page(&answer, 400, rule);
    }
    let json = server.post("/o/authorize").json(&serde_json::json!({}));
    refused_on_page(&json.await, 400, "media-type-not-form");
}

#[apply(on_both!)]
async fn a_client_that_is_not_known_is_refused_on_a_page(server: TestServer) {
    let app = server.app().create().await;
    let ask = app.ask();
    for (ask, rule) in [
        (ask.clone().without("client_id"), "client-id-missing"),
        (ask.clone().set("client_id", ""), "client-id-missing"),
        (ask.clone().set("client_id", "nobody"), "client-unknown"),
        (ask.clone().set("client_id", "no\0body"), "client-unknown"),
        (
            ask.clone().set("client_id", "<script>alert(1)</script>"),
            "client-unknown",
        ),
        (
            ask.clone().add("client_id", &app.client_id),
            "parameter-repeated",
        ),
    ] {
        let answer = server.browser().ask(&ask).await;
        refused_on_page(&answer, 400, rule);
        assert!(!answer.text().contains("<script>alert"));
    }
}

#[apply(on_both!)]
async fn parameters_by_reference_are_refused_before_the_redirect_uri_is_looked_at(
    server: TestServer,
) {
    let app = server.app().create().await;
    let ask = app
        .ask()
        .set("redirect_uri", "https://evil.example")
        .add("request_uri", "urn:x");
    refused_on_page(
        &server.browser().ask(&ask).await,
        400,
        "request-uri-unsupported",
    );
}

#[apply(on_both!)]
async fn each_rule_is_told_to_the_application_by_redirect(server: TestServer) {
    let app = server.app().scopes("openid read").create().await;
    let ask = app.ask();
    for (ask, error, rule) in [
        (
            ask.clone().add("state", "twice"),
            "invalid_request",
            "parameter-repeated",
        ),
        (
            ask.clone().add("scope", "read"),
            "invalid_request",
            "parameter-repeated",
        ),
        (
            ask.clone().add("prompt", "").add("prompt", ""),
            "invalid_request",
            "parameter-repeated",
        ),
        (
            ask.clone().add("request", "e.y.J"),
            "request_not_supported",
            "request-object-unsupported",
        ),
        (
            ask.clone().set("response_mode", "fragment"),
            "invalid_request",
            "response-mode-unsupported",
        ),
        (
            ask.clone().without("response_type"),
            "invalid_request",
            "response-type-missing",
        ),
        (
            ask.clone().set("response_type", ""),
            "invalid_request",
            "response-type-missing",
        ),
        (
            ask.clone().set("response_type", "token"),
            "unsupported_response_type",
            "response-type-unsupported",
        ),
        (
            ask.clone().set("response_type", "code id_token"),
            "unsupported_response_type",
            "response-type-unsupported",
        ),
        (
            ask.clone()
                .without("code_challenge")
                .without("code_challenge_method"),
            "invalid_request",
            "pkce-required",
        ),
        (
            ask.clone().without("code_challenge"),
            "invalid_request",
            "pkce-challenge-missing",
        ),
        (
            ask.clone().without("code_challenge_method"),
            "invalid_request",
            "pkce-method-unsupported",
        ),
        (
            ask.clone().set("code_challenge_method", "plain"),
            "invalid_request",
            "pkce-method-unsupported",
        ),
        (
            ask.clone().set("code_challenge", "short"),
            "invalid_request",
            "pkce-challenge-malformed",
        ),
        (
            ask.clone().set("scope", "re\"ad"),
            "invalid_scope",
            "scope-malformed",
        ),
        (
            ask.clone().set("scope", "nothing"),
            "invalid_scope",
            "scope-unknown",
        ),
        (
            ask.clone().set("scope", "write"),
            "invalid_scope",
            "scope-not-allowed",
        ),
        (
            ask.clone().set("resource", "https://api.example"),
            "invalid_target",
            "resource-unknown",
        ),
        (
            ask.clone().set("prompt", "nothing"),
            "invalid_request",
            "prompt-unknown",
        ),
        (
            ask.clone().set("prompt", "create"),
            "invalid_request",
            "prompt-create-unsupported",
        ),
        (
            ask.clone().set("prompt", "none login"),
            "invalid_request",
            "prompt-none-combined",
        ),
        (
            ask.clone().set("max_age", "-1"),
            "invalid_request",
            "max-age-malformed",
        ),
        (
            ask.clone().set("id_token_hint", "e.y.J"),
            "invalid_request",
            "id-token-hint-invalid",
        ),
        (
            ask.clone().set("nonce", "a\0b"),
            "invalid_request",
            "request-not-utf8",
        ),
    ] {
        refused_by_redirect(&sent_to(&server, &ask).await, error, rule);
    }
}

/// Each pair breaks two rules that follow each other; the first wins.
#[apply(on_both!)]
async fn the_first_rule_that_is_broken_wins(server: TestServer) {
    let app = server.app().scopes("openid read").create().await;
    let ask = app.ask();
    for (ask, rule) in [
        (
            ask.clone().add("state", "x").set("response_mode", "x"),
            "parameter-repeated",
        ),
        (
            ask.clone()
                .set("response_mode", "x")
                .without("response_type"),
            "response-mode-unsupported",
        ),
        (
            ask.clone()
                .set("response_type", "x")
                .without("code_challenge"),
            "response-type-unsupported",
        ),
        (
            ask.clone()
                .set("code_challenge_method", "plain")
                .set("scope", "x"),
            "pkce-method-unsupported",
        ),
        (
            ask.clone()
                .set("scope", "x")
                .set("resource", "https://a.example"),
            "scope-unknown",
        ),
        (
            ask.clone()
                .set("resource", "https://a.example")
                .set("prompt", "x"),
            "resource-unknown",
        ),
        (
            ask.clone().set("prompt", "x").set("max_age", "x"),
            "prompt-unknown",
        ),
        (
            ask.clone().set("max_age", "x").set("id_token_hint", "x"),
            "max-age-malformed",
        ),
        (
            ask.clone().set("id_token_hint", "x").set("prompt", "none"),
            "id-token-hint-invalid",
        ),
    ] {
        let location = sent_to(&server, &ask).await;
        let uri = param(&location, "error_uri").unwrap();
        assert!(
            uri.ends_with(&format!("/rules/{rule}")),
            "{rule}: {location}"
        );
    }
}

#[apply(on_both!)]
async fn an_application_without_the_grant_gets_no_code(server: TestServer) {
    let app = server.app().grants(&["client_credentials"]).create().await;
    let location = sent_to(&server, &app.ask()).await;
    refused_by_redirect(
        &location,
        "unauthorized_client",
        "response-type-not-allowed",
    );
}

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
    let twin = server.twin().await;
    let browser = twin.signed_in(&server.owner().await).await;
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
