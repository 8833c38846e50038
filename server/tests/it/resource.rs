//! Resource indicators (RFC 8707): which APIs a token is for, and what that means for it.

use claviger::domain::client::TokenFormat;
use claviger::domain::resource::ResourceServer;
use macro_rules_attribute::apply;
use serde_json::{Value, json};

use crate::harness::application::{Tokens, token_works};
use crate::harness::{
    Answer, Code, Form, TestApp, TestServer, audit_entry, on_both, refused, refused_by_redirect,
};

pub(crate) const API: &str = "https://api.example/v1";
pub(crate) const MCP: &str = "https://mcp.example/mcp";
pub(crate) const OURS: &str = "http://localhost:8000/api/hello";

/// A resource server on its way into the database, as the command line puts it there.
pub(crate) struct Resource(ResourceServer);

impl Resource {
    pub(crate) fn new(server: &TestServer, uri: &str, scopes: &str) -> Self {
        Self(ResourceServer {
            uri: uri.to_owned(),
            name: format!("The API at {uri}"),
            scopes: scopes.split(' ').filter(|name| !name.is_empty()).collect(),
            access_token_format: None,
            access_token_lifetime: None,
            introspect_by: Vec::new(),
            created_at: server.state.now(),
            open: false,
            built_in: false,
        })
    }

    pub(crate) fn open(mut self) -> Self {
        self.0.open = true;
        self
    }

    pub(crate) fn format(mut self, format: TokenFormat) -> Self {
        self.0.access_token_format = Some(format);
        self
    }

    pub(crate) fn lifetime(mut self, seconds: i64) -> Self {
        self.0.access_token_lifetime = Some(seconds);
        self
    }

    pub(crate) fn introspect_by(mut self, app: &TestApp) -> Self {
        self.0.introspect_by.push(app.client_id.clone());
        self
    }

    pub(crate) async fn add(self, server: &TestServer) {
        server
            .state
            .store
            .insert_resource_server(&self.0, audit_entry())
            .await
            .unwrap();
    }
}

/// Two APIs; `both` is a scope of either.
pub(crate) async fn apis(server: &TestServer) {
    Resource::new(server, API, "api:read both")
        .add(server)
        .await;
    Resource::new(server, MCP, "mcp:use both").add(server).await;
}

/// Tokens of a whole flow that names these resources.
pub(crate) async fn tokens(app: &TestApp, scope: &str, resources: &[&str]) -> Tokens {
    app.redeem(&code(app, scope, resources).await).await.into()
}

pub(crate) async fn code(app: &TestApp, scope: &str, resources: &[&str]) -> Code {
    let ask = app.ask().set("scope", scope);
    let ask = resources
        .iter()
        .fold(ask, |ask, uri| ask.add("resource", uri));
    app.code_of(&ask).await
}

pub(crate) async fn audience(app: &TestApp, token: &str) -> Value {
    let json = app.introspect(token).await.is(200).json();
    assert_eq!(json["active"], true);
    json["aud"].clone()
}

fn with(form: Form, resources: &[&str]) -> Form {
    resources
        .iter()
        .fold(form, |form, uri| form.add("resource", uri))
}

#[track_caller]
fn is_invalid(answer: &Answer, rule: &str) {
    refused(answer, 400, "invalid_target", rule);
}

pub(crate) fn service(resources: &[&str]) -> Form {
    with(
        Form::new(&[("grant_type", "client_credentials")]),
        resources,
    )
}

/// RFC 8707 §2: a token is for the resources that the authorization request named, one or many.
#[apply(on_both!)]
async fn a_token_is_for_the_resources_that_were_asked_for(server: TestServer) {
    apis(&server).await;
    let app = server.app().create().await;
    let one = tokens(&app, "read", &[API]).await;
    assert_eq!(audience(&app, &one.access).await, json!(API));
    let both = tokens(&app, "read", &[MCP, API, MCP]).await;
    assert_eq!(audience(&app, &both.access).await, json!([MCP, API]));
    let none = tokens(&app, "read", &[]).await;
    assert_eq!(
        audience(&app, &none.access).await,
        json!("http://localhost:8000/o")
    );
}

/// RFC 8707 §2: a resource is an absolute URI without a fragment that the server knows, else
/// invalid_target.
#[apply(on_both!)]
async fn a_resource_that_can_not_be_is_refused(server: TestServer) {
    apis(&server).await;
    let app = server
        .app()
        .grants(&["authorization_code", "client_credentials"])
        .create()
        .await;
    let only = server.app().resources(&[MCP]).create().await;
    for (app, uri, rule) in [
        (&app, "/v1", "resource-malformed"),
        (&app, "api.example", "resource-malformed"),
        (&app, "https://api.example/v1#", "resource-malformed"),
        (&app, "https://api.example/v1/", "resource-unknown"),
        (&app, "https://API.example/v1", "resource-unknown"),
        (&only, API, "resource-not-allowed"),
    ] {
        let ask = app.ask().add("resource", MCP).add("resource", uri);
        let location = server.browser().ask(&ask).await.location();
        refused_by_redirect(&location, "invalid_target", rule);
    }
    is_invalid(
        &app.token(&service(&[API, "x"])).await,
        "resource-malformed",
    );
    is_invalid(&app.token(&service(&["urn:x"])).await, "resource-unknown");
    assert_eq!(server.count("authorization_codes").await, 0);
}

/// RFC 8707 §2.2: the token endpoint narrows to some of the granted resources; none means all.
#[apply(on_both!)]
async fn an_exchange_and_a_refresh_narrow_and_never_widen(server: TestServer) {
    apis(&server).await;
    let app = server.app().create().await;
    let granted = code(&app, "read", &[API, MCP]).await;
    is_invalid(
        &app.token(&app.redeeming(&granted).add("resource", OURS))
            .await,
        "resource-not-granted",
    );
    // A refused target leaves the code alone.
    let first: Tokens = app
        .token(&app.redeeming(&granted).add("resource", MCP))
        .await
        .into();
    assert_eq!(audience(&app, &first.access).await, json!(MCP));
    // Narrowing held for that token only.
    let second: Tokens = app.refresh(&first.refresh).await.into();
    assert_eq!(audience(&app, &second.access).await, json!([API, MCP]));
    let form = app.refreshing(&second.refresh);
    for (uri, rule) in [
        (OURS, "resource-not-granted"),
        ("https://else.example", "resource-not-granted"),
        ("x", "resource-malformed"),
    ] {
        is_invalid(&app.token(&form.clone().add("resource", uri)).await, rule);
    }
    let third: Tokens = app.token(&form.add("resource", API)).await.into();
    assert_eq!(audience(&app, &third.access).await, json!(API));
    let plain = tokens(&app, "read", &[]).await;
    let form = app.refreshing(&plain.refresh).add("resource", API);
    is_invalid(&app.token(&form).await, "resource-not-granted");
}

/// RFC 8707 §2: client_credentials names its resources at the token endpoint.
#[apply(on_both!)]
async fn an_application_on_its_own_names_resources_at_the_token_endpoint(server: TestServer) {
    apis(&server).await;
    let app = server
        .app()
        .grants(&["client_credentials"])
        .redirects(&[])
        .create()
        .await;
    let form = service(&[API, MCP]).add("scope", "api:read read");
    let tokens: Tokens = app.token(&form).await.into();
    assert_eq!(tokens.scope, "api:read read");
    assert_eq!(audience(&app, &tokens.access).await, json!([API, MCP]));
    for scope in ["api:read", "mcp:use api:read"] {
        let answer = app.token(&service(&[MCP]).add("scope", scope)).await;
        refused(&answer, 400, "invalid_scope", "scope-not-allowed");
    }
    let answer = app.token(&service(&[MCP]).add("scope", "api:write")).await;
    refused(&answer, 400, "invalid_scope", "scope-unknown");
}

/// RFC 8707 §2.2: a token for some of the resources holds none of the scopes of the others.
#[apply(on_both!)]
async fn scopes_of_other_resources_are_left_out_of_a_narrowed_token(server: TestServer) {
    apis(&server).await;
    let app = server.app().create().await;
    let first = tokens(&app, "openid read api:read mcp:use both", &[API, MCP]).await;
    assert_eq!(first.scope, "openid read api:read mcp:use both");
    let form = app.refreshing(&first.refresh).add("resource", MCP);
    let second: Tokens = app.token(&form).await.into();
    assert_eq!(second.scope, "openid read mcp:use both");
    let third: Tokens = app.refresh(&second.refresh).await.into();
    assert_eq!(third.scope, first.scope);
    let json = app.introspect(&second.refresh).await.json();
    assert_eq!(json["active"], false);
}

#[apply(on_both!)]
async fn consent_says_at_which_api_a_scope_is_used(server: TestServer) {
    apis(&server).await;
    let app = server.app().create().await;
    let browser = server.browser_of("ada").await;
    let ask = app
        .ask()
        .set("scope", "read mcp:use both")
        .add("resource", MCP);
    let ticket = browser.ask(&ask).await.ticket("/consent");
    let json = browser
        .get(&format!("/api/consent?flow={ticket}"))
        .await
        .is(200)
        .json();
    let said: Vec<_> = json["scopes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| &s["description"])
        .collect();
    assert_eq!(
        json!(said),
        json!([
            "Read your data",
            "Use mcp:use at The API at https://mcp.example/mcp",
            "Use both at The API at https://mcp.example/mcp",
        ])
    );
    let scopes = browser.get("/api/scopes").await.is(200).json();
    let names: Vec<_> = scopes.as_array().unwrap()[7..]
        .iter()
        .map(|s| &s["name"])
        .collect();
    assert_eq!(json!(names), json!(["api:read", "both", "mcp:use"]));
}

/// RFC 9068 §4: a resource server takes only tokens whose audience names it.
#[apply(on_both!)]
async fn a_token_for_another_resource_opens_nothing_here(server: TestServer) {
    apis(&server).await;
    let app = server.app().create().await;
    let theirs = tokens(&app, "openid read", &[API]).await;
    for path in ["/api/hello", "/o/userinfo"] {
        let answer = server.get(path).bearer(&theirs.access).await;
        refused(&answer, 401, "invalid_token", "token-audience");
        let challenge = answer.header("www-authenticate");
        assert!(challenge.contains("error=\"invalid_token\""), "{challenge}");
    }
    for ours in [&["http://localhost:8000/o"][..], &[OURS], &[API, OURS]] {
        let tokens = tokens(&app, "openid read", ours).await;
        assert!(token_works(&server, &tokens.access).await, "{ours:?}");
        server
            .get("/o/userinfo")
            .bearer(&tokens.access)
            .await
            .is(200);
    }
}

/// RFC 3986 §6.2.3: `https://host` and `https://host/` are one resource, wherever it is named.
#[apply(on_both!)]
async fn the_slash_of_an_empty_path_makes_no_difference(server: TestServer) {
    let (bare, slash) = ("https://bare.example", "https://bare.example/");
    Resource::new(&server, bare, "").add(&server).await;
    let app = server.app().resources(&[slash]).create().await;
    let asked = tokens(&app, "openid read", &[slash]).await;
    assert_eq!(audience(&app, &asked.access).await, json!(bare));
    let narrowed = app.refreshing(&asked.refresh).add("resource", slash);
    let narrowed: Tokens = app.token(&narrowed).await.into();
    assert_eq!(audience(&app, &narrowed.access).await, json!(bare));
    let ask = app.ask().set("resource", slash).params.without("client_id");
    app.post("/o/par", &ask).await.is(201);
    let device = server
        .app()
        .grants(&["urn:ietf:params:oauth:grant-type:device_code"])
        .create()
        .await;
    let ask = Form::new(&[("scope", "read"), ("resource", slash)]);
    device.post("/o/device-authorization", &ask).await.is(200);
    let service = server.app().grants(&["client_credentials"]).create().await;
    let ask = Form::new(&[("grant_type", "client_credentials"), ("resource", slash)]);
    let tokens: Tokens = service.token(&ask).await.into();
    assert_eq!(audience(&service, &tokens.access).await, json!(bare));
    let ask = app.ask().set("resource", "https://bare.example/x");
    let location = server.browser().ask(&ask).await.location();
    refused_by_redirect(&location, "invalid_target", "resource-unknown");
}
