//! Which scripts of other sites may read what. Never with credentials.

use macro_rules_attribute::apply;

use crate::harness::{Answer, Form, TestServer, on_both, refused};

const ORIGIN: &str = "https://spa.example";

fn allowed(answer: &Answer) -> &str {
    assert_eq!(answer.header("access-control-allow-credentials"), "");
    answer.header("access-control-allow-origin")
}

#[apply(on_both!)]
async fn anybody_may_read_metadata_keys_and_userinfo(server: TestServer) {
    for path in [
        "/o/.well-known/openid-configuration",
        "/o/.well-known/oauth-authorization-server",
        "/.well-known/oauth-authorization-server/o",
        "/o/.well-known/jwks.json",
        "/o/userinfo",
    ] {
        let answer = server
            .get(path)
            .header("origin", "https://anybody.example")
            .await;
        assert_eq!(allowed(&answer), "*", "{path}");
        let preflight = server
            .call("OPTIONS", path)
            .header("origin", "https://anybody.example");
        let preflight = preflight
            .header("access-control-request-method", "GET")
            .await;
        assert_eq!(
            (preflight.status, allowed(&preflight)),
            (204, "*"),
            "{path}"
        );
        assert!(
            preflight
                .header("access-control-allow-headers")
                .contains("Authorization")
        );
    }
}

/// RFC 9700 §2.6: the endpoints that scripts of clients use answer with CORS.
#[apply(on_both!)]
async fn the_clients_own_origin_may_read_answers_and_errors(server: TestServer) {
    let app = server.app().public().origins(&[ORIGIN]).create().await;
    let refresh = app.tokens().await.refresh;
    let answer = app
        .token(&app.refreshing(&refresh))
        .header("origin", ORIGIN)
        .await
        .is(200);
    assert_eq!(allowed(&answer), ORIGIN);
    assert_eq!(answer.header("vary"), "Origin");
    let answer = app.token(&Form::default()).header("origin", ORIGIN).await;
    refused(&answer, 400, "invalid_request", "grant-type-missing");
    assert_eq!(allowed(&answer), ORIGIN);
    let answer = app.post("/o/revoke_token", &Form::new(&[("token", "x")]));
    assert_eq!(allowed(&answer.header("origin", ORIGIN).await), ORIGIN);
    let wrong = server
        .post("/o/token")
        .basic(&app.client_id, "wrong")
        .form(&[("x", "y")]);
    let answer = wrong.header("origin", ORIGIN).await.is(401);
    assert_eq!(allowed(&answer), ORIGIN);
}

#[apply(on_both!)]
async fn an_origin_of_another_client_may_not(server: TestServer) {
    let app = server.app().public().create().await;
    server.app().public().origins(&[ORIGIN]).create().await;
    for origin in [
        ORIGIN,
        "https://evil.example",
        "null",
        "http://spa.example",
        "https://SPA.example",
    ] {
        let answer = app
            .token(&app.refreshing("x"))
            .header("origin", origin)
            .await;
        assert_eq!(allowed(&answer), "", "{origin}");
    }
}

/// A preflight names no client.
#[apply(on_both!)]
async fn a_preflight_passes_for_an_origin_that_any_client_registered(server: TestServer) {
    server.app().public().origins(&[ORIGIN]).create().await;
    for path in ["/o/token", "/o/revoke_token", "/o/par"] {
        for (origin, expected) in [(ORIGIN, ORIGIN), ("https://evil.example", "")] {
            let call = server.call("OPTIONS", path).header("origin", origin);
            let answer = call.header("access-control-request-method", "POST").await;
            assert_eq!(
                (answer.status, allowed(&answer)),
                (204, expected),
                "{path} {origin}"
            );
        }
    }
}

/// RFC 9700 §2.6: the authorization endpoint answers without CORS.
#[apply(on_both!)]
async fn nobody_may_read_anything_else(server: TestServer) {
    let app = server.app().origins(&[ORIGIN]).create().await;
    let browser = server.somebody("ada").await;
    let query = app.ask().params.encoded();
    for path in [
        &format!("/o/authorize?{query}"),
        "/api/session",
        "/api/applications",
        "/api/hello",
        "/login",
    ] {
        let answer = browser.call("GET", path).header("origin", ORIGIN).await;
        assert_eq!(allowed(&answer), "", "{path}");
        let answer = server.call("OPTIONS", path).header("origin", ORIGIN).await;
        assert_eq!(allowed(&answer), "", "{path}");
    }
    let answer = app.post("/o/introspect", &Form::new(&[("token", "x")]));
    assert_eq!(allowed(&answer.header("origin", ORIGIN).await), "");
    let answer = server
        .call("OPTIONS", "/o/introspect")
        .header("origin", ORIGIN)
        .await;
    assert_eq!((answer.status, allowed(&answer)), (405, ""));
}

/// A preflight names no client and proves nothing: it must cost no look at every application.
#[apply(on_both!)]
async fn a_preflight_is_answered_from_memory_until_something_changes(server: TestServer) {
    server.app().public().origins(&[ORIGIN]).create().await;
    let preflight = async || {
        let call = server.call("OPTIONS", "/o/token").header("origin", ORIGIN);
        let answer = call.header("access-control-request-method", "POST").await;
        allowed(&answer).to_owned()
    };
    assert_eq!(preflight().await, ORIGIN);
    let sql = "UPDATE applications SET allowed_origins = '[]'";
    server.database.execute(sql).await;
    assert_eq!(preflight().await, ORIGIN);
    server.state.store.forget();
    assert_eq!(preflight().await, "");
}
