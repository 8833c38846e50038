//! Client ids that are addresses of metadata documents
//! (draft-ietf-oauth-client-id-metadata-document).

use std::time::Duration;

use claviger::config::Registration;
use claviger::state::Options;
use macro_rules_attribute::apply;
use serde_json::{Value, json};

use crate::harness::application::TestApp;
use crate::harness::server::START;
use crate::harness::signer::{SIGNERS, jwks};
use crate::harness::web::{Page, Web};
use crate::harness::{Answer, Code, Form, TestServer, Tokens, on_both, refused, refused_on_page};

pub(crate) const ID: &str = "https://app.example/client.json";
pub(crate) const AT: &str = "app.example/client.json";
const REDIRECT: &str = "https://client.example/cb";

pub(crate) fn document() -> Value {
    json!({
        "client_id": ID,
        "client_name": "Editor",
        "redirect_uris": [REDIRECT],
        "client_uri": "https://app.example/",
        "something_new": [1, 2, 3],
    })
}

/// A server with open registration, in a world with this document.
pub(crate) async fn open(server: &TestServer, document: &Value) -> (Web, TestServer, TestApp) {
    let web = Web::start().await;
    web.put(AT, document);
    let server = server
        .twin_with(Options {
            registration: Registration::Open,
            outbound: web.outbound(),
            ..Options::default()
        })
        .await;
    let app = named(&server, ID);
    (web, server, app)
}

/// An application that was not registered.
pub(crate) fn named(server: &TestServer, client_id: &str) -> TestApp {
    TestApp {
        server: server.clone(),
        client_id: client_id.to_owned(),
        secret: None,
        redirect_uri: REDIRECT.to_owned(),
    }
}

pub(crate) async fn ask(app: &TestApp) -> Answer {
    app.server.browser().ask(&app.ask()).await
}

/// draft-ietf-oauth-client-id-metadata-document §3: a client id may be the address of the client's metadata.
#[apply(on_both!)]
async fn a_document_is_enough_for_a_whole_flow(server: TestServer) {
    let (web, server, app) = open(&server, &document()).await;
    let tokens = app.tokens().await;
    assert!(!tokens.refresh.is_empty());
    let refreshed: Tokens = app.refresh(&tokens.refresh).await.into();
    assert!(crate::harness::application::token_works(&server, &refreshed.access).await);
    app.revoke(&refreshed.refresh).await.is(200);
    assert!(!crate::harness::application::token_works(&server, &refreshed.access).await);
    // It was read once.
    assert_eq!(web.asked(AT), 1);
    let rows = server.database.texts("SELECT origin FROM applications");
    assert_eq!(rows.await, ["document"]);
    server.state.store.close().await;
}

/// draft-ietf-oauth-client-id-metadata-document §6: people see which hosts they deal with.
#[apply(on_both!)]
async fn consent_names_the_host_of_the_document(server: TestServer) {
    let (_web, server, app) = open(&server, &document()).await;
    let user = server.any_user().await;
    let browser = server.browser();
    let ticket = browser.ask(&app.ask()).await.ticket("/login");
    let location = browser.sign_in_for(&user, &ticket).await;
    let ticket = location.strip_prefix("/consent?flow=").unwrap();
    let shown = browser
        .get(&format!("/api/consent?flow={ticket}"))
        .await
        .is(200)
        .json();
    assert_eq!(shown["application"]["name"], "Editor");
    assert_eq!(shown["application"]["client_id_host"], "app.example");
    assert_eq!(shown["application"]["redirect_host"], "client.example");
    assert_eq!(shown["application"]["checked"], false);
    let page = browser.get(&location).await.is(200).text();
    assert!(page.contains("Not checked by anyone here."));
    assert!(page.contains(">app.example<") && page.contains(">client.example<"));
    // Of an application that an owner registered, the id says nothing.
    let app = server.app().create().await;
    let ticket = browser.ask(&app.ask()).await.ticket("/consent");
    let shown = browser.get(&format!("/api/consent?flow={ticket}")).await;
    assert_eq!(shown.json()["application"].get("client_id_host"), None);
    server.state.store.close().await;
}

#[apply(on_both!)]
async fn only_a_server_with_open_registration_reads_documents(server: TestServer) {
    let metadata = "/o/.well-known/openid-configuration";
    let supported = "client_id_metadata_document_supported";
    for registration in [Registration::Closed, Registration::Token] {
        let web = Web::start().await;
        web.put(AT, &document());
        let closed = server
            .twin_with(Options {
                registration,
                outbound: web.outbound(),
                ..Options::default()
            })
            .await;
        let app = named(&closed, ID);
        refused_on_page(&ask(&app).await, 400, "client-unknown");
        let answer = app.revoke("clv_at_x").await;
        refused(&answer, 401, "invalid_client", "client-auth-failed");
        assert_eq!(web.asked(AT), 0);
        assert_eq!(closed.get(metadata).await.json().get(supported), None);
        closed.state.store.close().await;
    }
    let (_web, open, app) = open(&server, &document()).await;
    assert_eq!(open.get(metadata).await.json()[supported], true);
    ask(&app).await.ticket("/login");
    // What came goes on when nothing more may come.
    let web = Web::start().await;
    let closed = server
        .twin_with(Options {
            outbound: web.outbound(),
            ..Options::default()
        })
        .await;
    ask(&named(&closed, ID)).await.ticket("/login");
    closed.state.store.close().await;
    open.state.store.close().await;
}

/// draft-ietf-oauth-client-id-metadata-document §4: a document describes the client at its address, without a secret.
#[apply(on_both!)]
async fn what_no_document_may_say(server: TestServer) {
    let (web, server, _) = open(&server, &document()).await;
    let table = [
        ("client_id", json!("https://app.example/other.json")),
        ("client_id", json!(null)),
        ("client_secret", json!("x")),
        ("client_secret_expires_at", json!(0)),
        ("token_endpoint_auth_method", json!("client_secret_basic")),
        ("token_endpoint_auth_method", json!("private_key_jwt")),
        ("redirect_uris", json!([])),
        ("redirect_uris", json!(null)),
        ("redirect_uris", json!(["http://client.example/cb"])),
        ("redirect_uris", json!(["https://client.example/*"])),
        ("redirect_uris", json!(["javascript:alert(1)"])),
        ("grant_types", json!(["client_credentials"])),
        ("client_name", json!(7)),
    ];
    for (number, (name, value)) in table.into_iter().enumerate() {
        let at = format!("app.example/{number}");
        let mut document = document();
        document["client_id"] = json!(format!("https://{at}"));
        document[name] = value.clone();
        web.put(&at, &document);
        let app = named(&server, &format!("https://{at}"));
        refused_on_page(&ask(&app).await, 400, "client-document-invalid");
        assert_eq!(web.asked(&at), 1, "{name} {value}");
        // Not read again at once, and not known at the other endpoints either.
        let answer = app.revoke("clv_at_x").await;
        refused(&answer, 401, "invalid_client", "client-document-unreadable");
        assert_eq!(web.asked(&at), 1, "{name} {value}");
    }
    assert_eq!(server.count("applications").await, 0);
    server.state.store.close().await;
}

/// draft-ietf-oauth-client-id-metadata-document §3: which client ids are addresses.
#[apply(on_both!)]
async fn what_is_no_address_is_never_fetched(server: TestServer) {
    let (web, server, _) = open(&server, &document()).await;
    for id in [
        "http://app.example/client.json",
        "https://app.example",
        "https://app.example/",
        "https://app.example/client.json#x",
        "https://user@app.example/client.json",
        "https://app.example/a/../client.json",
        "https://app.example/./client.json",
        "https://app.example/%2e%2e/client.json",
        "https://APP.example/client.json",
        "https://app.example:443/client.json",
        &format!("https://app.example/{}", "a".repeat(300)),
    ] {
        refused_on_page(&ask(&named(&server, id)).await, 400, "client-unknown");
    }
    for at in [AT, "app.example/", "app.example/a/../client.json"] {
        assert_eq!(web.asked(at), 0, "{at}");
    }
    server.state.store.close().await;
}

#[apply(on_both!)]
async fn a_document_may_name_keys(server: TestServer) {
    let signer = &SIGNERS[2];
    let mut signed = document();
    signed["token_endpoint_auth_method"] = json!("private_key_jwt");
    signed["jwks"] = jwks(&[signer]);
    let (_web, server, app) = open(&server, &signed).await;
    let user = server.any_user().await;
    let code = Code::of(server.browser().walk(&app.ask(), &user).await);
    let fields = app.redeeming(&code);
    let answer = server
        .post("/o/token")
        .fields(&fields.clone().add("client_id", ID))
        .await;
    refused(&answer, 401, "invalid_client", "client-auth-missing");
    let now = START.seconds();
    let assertion = signer.sign(&json!({ "iss": ID, "sub": ID, "iat": now, "exp": now + 60,
        "aud": "http://localhost:8000/o", "jti": "1" }));
    let fields = fields
        .add(
            "client_assertion_type",
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        )
        .add("client_assertion", &assertion);
    let tokens: Tokens = server.post("/o/token").fields(&fields).await.into();
    assert!(!tokens.access.is_empty());
    server.state.store.close().await;
}

#[apply(on_both!)]
async fn what_an_administrator_decided_stays(server: TestServer) {
    let (web, server, app) = open(&server, &document()).await;
    ask(&app).await.ticket("/login");
    let admin = server.browser();
    admin.sign_in(&server.owner().await).await;
    let path = "/api/applications/https%3A%2F%2Fapp.example%2Fclient.json";
    let patch = |body: Value| admin.call("PATCH", path).json(&body);
    patch(json!({ "access_token_lifetime": 120 })).await.is(200);
    server.advance(3600);
    let mut changed = document();
    changed["client_name"] = json!("Writer");
    web.put(AT, &changed);
    ask(&app).await.ticket("/login");
    let shown = admin.get(path).await.is(200).json();
    assert_eq!(shown["name"], "Writer");
    assert_eq!(shown["access_token_lifetime"], 120);
    assert_eq!(shown["origin"], "document");
    // Who need not ask for consent has to again when it is something else.
    patch(json!({ "skip_consent": true })).await.is(200);
    server.advance(3600);
    changed["tos_uri"] = json!("https://app.example/terms");
    web.put(AT, &changed);
    ask(&app).await.ticket("/login");
    assert_eq!(admin.get(path).await.json()["skip_consent"], true);
    server.advance(3600);
    changed["client_name"] = json!("Author");
    web.put(AT, &changed);
    ask(&app).await.ticket("/login");
    assert_eq!(admin.get(path).await.json()["skip_consent"], false);
    patch(json!({ "skip_consent": true })).await.is(200);
    server.advance(3600);
    changed["token_endpoint_auth_method"] = json!("private_key_jwt");
    changed["jwks"] = jwks(&[&SIGNERS[2]]);
    web.put(AT, &changed);
    ask(&app).await.ticket("/login");
    let shown = admin.get(path).await.json();
    assert_eq!(shown["client_type"], "confidential");
    assert_eq!(shown["skip_consent"], false);
    // PKCE that an administrator lifted is needed again without keys.
    patch(json!({ "require_pkce": false })).await.is(200);
    server.advance(3600);
    web.put(AT, &document());
    ask(&app).await.ticket("/login");
    let shown = admin.get(path).await.json();
    assert_eq!(shown["client_type"], "public");
    assert_eq!(shown["require_pkce"], true);
    patch(json!({ "disabled": true })).await.is(200);
    server.advance(3600);
    let mut changed = document();
    changed["client_name"] = json!("Painter");
    web.put(AT, &changed);
    refused_on_page(&ask(&app).await, 400, "client-disabled");
    let form = Form::new(&[("token", "clv_at_x")]);
    let answer = app.post("/o/revoke_token", &form).await;
    refused(&answer, 401, "invalid_client", "client-disabled");
    server.state.store.close().await;
}

/// What an administrator decides while a document is on its way is not undone by it.
#[apply(on_both!)]
async fn a_read_undoes_nothing_that_was_decided_meanwhile(server: TestServer) {
    let (web, server, app) = open(&server, &document()).await;
    ask(&app).await.ticket("/login");
    let admin = server.browser();
    admin.sign_in(&server.owner().await).await;
    let path = "/api/applications/https%3A%2F%2Fapp.example%2Fclient.json";
    let patch = |body: Value| admin.call("PATCH", path).json(&body);
    patch(json!({ "skip_consent": true })).await.is(200);
    server.advance(3600);
    let mut changed = document();
    changed["client_name"] = json!("Writer");
    web.put_page(
        AT,
        Page {
            status: 200,
            body: changed.to_string(),
            pause: Duration::from_millis(400),
            ..Page::default()
        },
    );
    let reader = app.clone();
    let reading = tokio::spawn(async move { ask(&reader).await.status });
    while web.asked(AT) < 2 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    patch(json!({ "skip_consent": false })).await.is(200);
    assert_eq!(reading.await.unwrap(), 303);
    let shown = admin.get(path).await.is(200).json();
    assert_eq!(shown["name"], "Writer");
    assert_eq!(shown["skip_consent"], false);
    server.state.store.close().await;
}

#[apply(on_both!)]
async fn an_unused_one_is_swept_and_one_with_a_grant_stays(server: TestServer) {
    let (web, server, app) = open(&server, &document()).await;
    let mut other = document();
    other["client_id"] = json!("https://app.example/other.json");
    web.put("app.example/other.json", &other);
    ask(&named(&server, "https://app.example/other.json"))
        .await
        .ticket("/login");
    let tokens = app.tokens_for("read offline_access").await;
    server.settled().await;
    let sweep = || async {
        let now = server.state.now();
        server.state.store.sweep_all(now).await.unwrap();
        let rows = server.database.texts("SELECT client_id FROM applications");
        rows.await
    };
    server.advance(29 * 86_400);
    assert_eq!(sweep().await.len(), 2);
    // It is used again, and then not for 30 days, in which its refresh token lives.
    let _: Tokens = app.refresh(&tokens.refresh).await.into();
    server.settled().await;
    server.advance(2 * 86_400);
    assert_eq!(sweep().await, [ID]);
    server.advance(31 * 86_400);
    assert_eq!(sweep().await, [ID]);
    // A person has let it in, until they remove it.
    server.database.execute("DELETE FROM consents").await;
    assert!(sweep().await.is_empty());
    server.state.store.close().await;
}
