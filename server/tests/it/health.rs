//! The health checks of the server, and what every answer carries.

use macro_rules_attribute::apply;

use crate::harness::{TestServer, on_both, problem};

#[apply(on_both!)]
async fn a_server_says_that_it_lives_and_is_ready(server: TestServer) {
    assert_eq!(server.get("/healthz").await.is(200).text(), "alive\n");
    assert_eq!(server.get("/readyz").await.is(200).text(), "ready\n");
    for path in ["/healthz/", "/readyz/", "/metrics/", "/api/hello/"] {
        assert_ne!(server.get(path).await.status, 404, "{path}");
    }
}

#[apply(on_both!)]
async fn without_its_database_it_is_alive_and_not_ready(server: TestServer) {
    let app = server.app().create().await;
    let tokens = app.tokens().await;
    server.state.store.close().await;
    server.get("/healthz").await.is(200);
    let answer = server.get("/readyz").await.is(503);
    assert_eq!(answer.header("retry-after"), "1");
    let answer = server
        .get("/api/hello")
        .bearer(&tokens.access)
        .await
        .is(503);
    assert_eq!(answer.member("error"), "temporarily_unavailable");
    assert_eq!(answer.header("retry-after"), "1");
    problem(
        &server.browser().try_sign_in("ada", "x", None).await,
        503,
        "server-error",
    );
}

#[apply(on_both!)]
async fn metrics_count_refusals_by_their_rule(server: TestServer) {
    server.get("/api/hello").await.is(401);
    let answer = server.get("/metrics").await.is(200);
    assert!(answer.header("content-type").starts_with("text/plain"));
}

/// RFC 9700 §4.16: no page can be framed.
/// RFC 9700 §4.2.4: no page tells another site its address.
#[apply(on_both!)]
async fn every_answer_carries_what_protects_it(server: TestServer) {
    let page = "default-src 'none'; script-src 'self' 'nonce-";
    let data = "default-src 'none'; frame-ancestors 'none'";
    for (path, expected) in [
        ("/", page),
        ("/login", page),
        ("/nothing", page),
        ("/rules/not-found", page),
        ("/healthz", data),
        ("/o/token", data),
        ("/api/session", data),
    ] {
        let answer = server.get(path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with(expected), "{path}: {policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{path}");
        assert!(!policy.contains("unsafe-inline"), "{path}");
        assert!(!answer.header("x-request-id").is_empty(), "{path}");
    }
}

#[apply(on_both!)]
async fn a_request_id_of_the_client_is_not_taken_over(server: TestServer) {
    let answer = server.get("/healthz").header("x-request-id", "mine").await;
    assert_ne!(answer.header("x-request-id"), "mine");
}

#[apply(on_both!)]
async fn every_rule_has_a_page(server: TestServer) {
    for rule in ["redirect-uri-mismatch", "code-replayed", "pkce-required"] {
        let page = server.get(&format!("/rules/{rule}")).await.is(200);
        assert!(page.text().contains("RFC"), "{rule}");
    }
    server.get("/rules/no-such-rule").await.is(404);
}

#[apply(on_both!)]
async fn where_people_of_other_providers_look_first_leads_on(server: TestServer) {
    for (path, location) in [
        ("/o/applications", "/apps"),
        ("/o/applications/", "/apps"),
        ("/o/applications/register/", "/apps"),
        ("/o/authorized_tokens", "/connections"),
        ("/o/authorized_tokens/", "/connections"),
        ("/o/authorized_tokens/1/delete/", "/connections"),
    ] {
        assert_eq!(server.get(path).await.location(), location);
    }
}
