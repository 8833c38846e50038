//! Which scripts of other sites may read what. Never with credentials.

use claviger::config::Registration;
use macro_rules_attribute::apply;
use serde_json::json;

use crate::harness::{Answer, Form, TestServer, on_both, refused};

const ORIGIN: &str = "https://spa.example";

fn allowed(answer: &Answer) -> &str {
    assert_eq!(answer.header("access-control-allow-credentials"), "");
    answer.header("access-control-allow-origin")
}

#[track_caller]
fn headers_of(preflight: &Answer) {
    assert_eq!(
        preflight.header("access-control-allow-headers"),
        "Authorization, Content-Type, DPoP, MCP-Protocol-Version"
    );
}

#[apply(on_both!)]
async fn any_origin_may_read_metadata_keys_and_userinfo(server: TestServer) {
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
        headers_of(&preflight);
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
async fn no_origin_may_read_anything_else(server: TestServer) {
    let app = server.app().origins(&[ORIGIN]).create().await;
    let browser = server.browser_of("ada").await;
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

/// RFC 7591 §3: clients that run in a browser register themselves too.
#[apply(on_both!)]
async fn a_client_that_runs_in_a_browser_registers_itself(server: TestServer) {
    const INSPECTOR: &str = "http://localhost:6274";
    let closed = server.call("OPTIONS", "/o/register");
    let closed = closed.header("origin", INSPECTOR).await;
    assert_eq!((closed.status, allowed(&closed)), (404, ""));
    for registration in [Registration::Open, Registration::Token] {
        let server = server.registering(registration).await;
        for (path, methods) in [
            ("/o/register", "POST"),
            ("/o/register/x", "GET, PUT, DELETE"),
        ] {
            let answer = server.call("OPTIONS", path).header("origin", INSPECTOR);
            let answer = answer.await.is(204);
            assert_eq!(allowed(&answer), "*");
            assert_eq!(answer.header("access-control-allow-methods"), methods);
            headers_of(&answer);
            for method in ["POST", "GET", "PUT", "DELETE", "PATCH"] {
                let answer = server.call(method, path).header("origin", INSPECTOR);
                assert_eq!(allowed(&answer.await), "*", "{method} {path}");
            }
        }
    }
    let server = server.registering(Registration::Open).await;
    let metadata = json!({
        "redirect_uris": [
            "http://localhost:6274/oauth/callback",
            "https://Web.example:443/cb",
            "com.example.app:/cb",
        ],
        "token_endpoint_auth_method": "none",
    });
    let answer = server.register(&metadata).await.is(201);
    let mut app = crate::harness::registration::app_of(&server, &answer);
    app.redirect_uri = "http://localhost:6274/oauth/callback".to_owned();
    let code = app.code().await;
    let redeem = app.redeeming(&code);
    for origin in [INSPECTOR, "https://web.example"] {
        for path in [
            "/o/token",
            "/o/revoke_token",
            "/o/par",
            "/o/device-authorization",
        ] {
            let preflight = server.call("OPTIONS", path).header("origin", origin).await;
            assert_eq!(allowed(&preflight), origin, "{path}");
            headers_of(&preflight);
            let answer = app.post(path, &Form::default()).header("origin", origin);
            assert_eq!(allowed(&answer.await), origin, "{path}");
        }
    }
    for origin in ["http://localhost:6275", "https://web.example:8443", "null"] {
        let answer = app.token(&Form::default()).header("origin", origin).await;
        assert_eq!(allowed(&answer), "", "{origin}");
        let preflight = server.call("OPTIONS", "/o/token").header("origin", origin);
        assert_eq!(allowed(&preflight.await), "", "{origin}");
    }
    let answer = app.token(&redeem).header("origin", INSPECTOR).await.is(200);
    assert_eq!(allowed(&answer), INSPECTOR);
}

/// The redirect URIs of an application that an owner looks after say nothing of origins.
#[apply(on_both!)]
async fn only_who_registered_itself_is_called_from_its_redirect_uris(server: TestServer) {
    let app = server.app().public().create().await;
    let origin = "https://client.example";
    let answer = app.token(&Form::default()).header("origin", origin).await;
    assert_eq!(allowed(&answer), "");
    let preflight = server.call("OPTIONS", "/o/token").header("origin", origin);
    assert_eq!(allowed(&preflight.await), "");
}

/// What is refused before anything names a client is told to any origin that is registered.
#[apply(on_both!)]
async fn an_error_that_names_no_client_is_told_to_registered_origins(server: TestServer) {
    server.app().public().origins(&[ORIGIN]).create().await;
    for (origin, expected) in [(ORIGIN, ORIGIN), ("https://evil.example", "")] {
        for call in [
            server.post("/o/token").json(&json!({ "grant_type": "x" })),
            server.post("/o/token").form(&[("client_id", "nobody")]),
            server.post("/o/token").form(&[("a", "b")]),
            server.get("/o/token"),
        ] {
            let answer = call.header("origin", origin).await;
            assert!(answer.status >= 400);
            assert_eq!(allowed(&answer), expected);
        }
    }
}

#[apply(on_both!)]
async fn hybrid_apps_call_from_origins_of_their_own_schemes(server: TestServer) {
    let origins = [
        "capacitor://localhost",
        "ionic://localhost",
        "tauri://localhost",
        "app://obsidian.md",
        "chrome-extension://cfhdojbkjhnklbpkdaibdccddilifddb",
    ];
    let app = server.app().public().origins(&origins).create().await;
    for origin in origins {
        let answer = app.token(&Form::default()).header("origin", origin).await;
        assert_eq!(allowed(&answer), origin);
        let preflight = server.call("OPTIONS", "/o/token").header("origin", origin);
        assert_eq!(allowed(&preflight.await), origin);
    }
}
