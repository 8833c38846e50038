//! `/o/authorize`: each rule of a request, and their order.

use macro_rules_attribute::apply;

use crate::authorize::sent_to;
use crate::harness::{TestServer, on_both, param, refused_by_redirect, refused_on_page};

/// RFC 6749 appendix B: parameters are form-urlencoded UTF-8, and nothing else is read.
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

/// RFC 6749 §4.1.2.1: a missing or unknown client_id is told to the person, without a redirect.
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

/// RFC 6749 §4.1.2.1: an error goes to the application by redirect, with its code, its
/// description and state.
/// RFC 6749 §3.1: a parameter that comes twice is refused.
/// RFC 6749 §3.1.1: a response type that is missing is invalid_request, one that is unknown
/// unsupported_response_type.
/// OpenID Connect Core 1.0 §3.1.2.1: prompt=none with another value is an error.
/// RFC 7636 §4.4.1: a missing challenge, or a method that is not supported, is invalid_request.
/// RFC 7636 §4.2: a challenge has 43 to 128 characters.
/// RFC 8707 §2: a resource that is unknown is invalid_target.
/// RFC 9207 §2: an error response names its issuer in iss.
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
            ask.clone().add("registration", "{}"),
            "registration_not_supported",
            "registration-parameter-unsupported",
        ),
        (
            ask.clone().set("response_mode", "web_message"),
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

/// RFC 6749 §4.1.2.1: a client that may not use the flow is told unauthorized_client.
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
