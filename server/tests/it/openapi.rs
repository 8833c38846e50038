//! The OpenAPI document describes every route of the API, and no other.

use std::collections::BTreeSet;
use std::path::Path;

use macro_rules_attribute::apply;
use serde_json::Value;

use crate::harness::{TestServer, on_both};

/// `GET /api/session` and so on, as the document says it.
fn documented(document: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            found.insert(format!("{} {path}", method.to_uppercase()));
        }
    }
    found
}

#[apply(on_both!)]
async fn every_route_is_documented(server: TestServer) {
    let answer = server.get("/api/openapi.json").await.is(200);
    let expected = [
        "DELETE /api/account/sessions",
        "DELETE /api/applications/{client_id}",
        "DELETE /api/applications/{client_id}/secrets/{id}",
        "DELETE /api/connections/{client_id}",
        "DELETE /api/session",
        "GET /api/account/sessions",
        "GET /api/applications",
        "GET /api/applications/{client_id}",
        "GET /api/applications/{client_id}/flows",
        "GET /api/applications/{client_id}/logouts",
        "GET /api/connections",
        "GET /api/consent",
        "GET /api/device",
        "GET /api/flows/{id}",
        "GET /api/mail",
        "GET /api/scopes",
        "GET /api/session",
        "PATCH /api/applications/{client_id}",
        "POST /api/account/password",
        "POST /api/applications",
        "POST /api/applications/{client_id}/secrets",
        "POST /api/consent",
        "POST /api/device",
        "POST /api/logout",
        "POST /api/mail/test",
        "POST /api/password/forgot",
        "POST /api/password/reset",
        "POST /api/session",
        "POST /api/setup",
    ];
    let found = documented(&answer.json());
    assert_eq!(
        found.iter().map(String::as_str).collect::<Vec<_>>(),
        expected
    );
}

/// What is documented is there: it asks for a session, a body or a form, but is never missing.
#[apply(on_both!)]
async fn everything_documented_answers(server: TestServer) {
    let document = server.get("/api/openapi.json").await.json();
    for route in documented(&document) {
        let (method, path) = route.split_once(' ').unwrap();
        let path = path.replace("{client_id}", "x").replace("{id}", "x");
        let status = server.call(method, &path).await.status;
        assert!(![404, 405].contains(&status), "{route}: {status}");
    }
}

#[apply(on_both!)]
async fn the_document_can_be_used(server: TestServer) {
    let document = server.get("/api/openapi.json").await.json();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    assert_eq!(document["servers"][0]["url"], "http://localhost:8000");
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"#/").skip(1) {
        let path = reference.split('"').next().unwrap();
        assert!(document.pointer(&format!("/{path}")).is_some(), "{path}");
    }
    let mut ids = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap();
            assert!(ids.insert(id.to_owned()), "{method} {path}");
            for (status, response) in operation["responses"].as_object().unwrap() {
                assert!(
                    response["description"].is_string(),
                    "{method} {path} {status}"
                );
            }
        }
    }
}

/// The names in the document are those that are sent.
#[apply(on_both!)]
async fn names_are_documented_as_they_are_sent(server: TestServer) {
    let document = server.get("/api/openapi.json").await.json();
    let schemas = &document["components"]["schemas"];
    let names = |schema: &str| schemas[schema]["enum"].to_string();
    assert_eq!(names("ClientType"), r#"["confidential","public"]"#);
    assert_eq!(names("Role"), r#"["user","developer","admin"]"#);
    assert_eq!(names("MailState"), r#"["queued","sent","failed","kept"]"#);
    assert!(names("StepName").starts_with(r#"["Authorization request","#));
}

/// A handler that is written without its description would not be served.
#[test]
fn every_handler_stands_in_the_document() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/api");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let code = std::fs::read_to_string(&path).unwrap();
        let routed = code.matches(".route(").count();
        let own = if path.ends_with("mod.rs") { 4 } else { 0 };
        assert_eq!(routed, own, "{} routes past the document", path.display());
    }
}
