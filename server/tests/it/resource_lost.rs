//! Scopes and resource servers that an application has lost since they were granted.

use macro_rules_attribute::apply;
use serde_json::{Value, json};

use crate::harness::application::Tokens;
use crate::harness::{TestApp, TestServer, on_both, refused};
use crate::resource::{API, MCP, Resource, apis, audience, service, tokens};

async fn change(app: &TestApp, settings: &Value) {
    let owner = app.server.signed_in(&app.server.owner().await).await;
    let path = format!("/api/applications/{}", app.client_id);
    owner.call("PATCH", &path).json(settings).await.is(200);
}

/// RFC 6749 §3.3: a token from which every scope was taken is refused with invalid_scope, and
/// what it was asked with is left alone.
#[apply(on_both!)]
async fn no_token_is_left_without_any_scope(server: TestServer) {
    apis(&server).await;
    let app = server.app().create().await;
    let first = tokens(&app, "api:read", &[API, MCP]).await;
    let form = app.refreshing(&first.refresh).add("resource", MCP);
    let answer = app.token(&form).await;
    refused(&answer, 400, "invalid_scope", "scope-nothing-left");
    let second: Tokens = app.refresh(&first.refresh).await.into();
    assert_eq!(second.scope, "api:read");
    let third = app.tokens_for("openid read").await;
    change(&app, &json!({ "scopes": ["write"] })).await;
    let answer = app.refresh(&third.refresh).await;
    refused(&answer, 400, "invalid_scope", "scope-nothing-left");
}

/// RFC 6749 §3.3: a default of which nothing is left at the resource is refused too.
#[apply(on_both!)]
async fn a_default_that_means_nothing_at_the_resource_is_refused(server: TestServer) {
    Resource::new(&server, API, "api:read").add(&server).await;
    Resource::new(&server, MCP, "mcp:use").add(&server).await;
    let app = server
        .app()
        .grants(&["client_credentials"])
        .redirects(&[])
        .scopes("api:read")
        .create()
        .await;
    for form in [service(&[MCP]), service(&[MCP]).add("scope", "api:read")] {
        let answer = app.token(&form).await;
        refused(&answer, 400, "invalid_scope", "scope-nothing-left");
    }
    assert_eq!(
        app.token(&service(&[API])).await.member("scope"),
        "api:read"
    );
}

/// RFC 6749 §6: of the scope that was granted the application keeps what it may still ask for.
#[apply(on_both!)]
async fn a_scope_of_an_api_that_was_taken_back_is_in_no_new_token(server: TestServer) {
    apis(&server).await;
    let app = server.app().scopes("openid api:read").create().await;
    let own = app.tokens_for("openid api:read").await;
    let by_name = tokens(&app, "openid api:read", &[API]).await;
    assert_eq!(own.scope, "openid api:read");
    change(&app, &json!({ "scopes": ["openid"] })).await;
    let own: Tokens = app.refresh(&own.refresh).await.into();
    assert_eq!(own.scope, "openid");
    // Who names the API needs no registration for its scopes.
    let by_name: Tokens = app.refresh(&by_name.refresh).await.into();
    assert_eq!(by_name.scope, "openid api:read");
}

/// RFC 8707 §2: a resource that the application may not ask for any more is invalid_target, and
/// a token never falls back to another audience.
#[apply(on_both!)]
async fn a_resource_that_was_taken_back_is_in_no_new_token(server: TestServer) {
    apis(&server).await;
    let app = server.app().create().await;
    let tokens = tokens(&app, "read", &[API, MCP]).await;
    change(&app, &json!({ "resources": [MCP] })).await;
    let named = app.refreshing(&tokens.refresh).add("resource", API);
    let answer = app.token(&named).await;
    refused(&answer, 400, "invalid_target", "resource-not-allowed");
    let tokens: Tokens = app.refresh(&tokens.refresh).await.into();
    assert_eq!(audience(&app, &tokens.access).await, json!(MCP));
    change(&app, &json!({ "resources": [API] })).await;
    let next: Tokens = app.refresh(&tokens.refresh).await.into();
    assert_eq!(audience(&app, &next.access).await, json!(API));
    change(&app, &json!({ "resources": ["https://else.example/"] })).await;
    let answer = app.refresh(&next.refresh).await;
    refused(&answer, 400, "invalid_target", "resource-not-allowed");
}
