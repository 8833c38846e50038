//! How applications prove who they are (RFC 6749 §2.3).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use macro_rules_attribute::apply;
use serde_json::json;

use crate::harness::application::TestApp;
use crate::harness::{Answer, Form, TestServer, on_both, refused};

const GRANT: (&str, &str) = ("grant_type", "client_credentials");

async fn machine(server: &TestServer) -> (TestApp, String) {
    let app = server.app().grants(&["client_credentials"]).create().await;
    let secret = app.secret.clone().unwrap();
    (app, secret)
}

fn challenges(answer: &Answer) -> bool {
    answer
        .header("www-authenticate")
        .starts_with("Basic realm=\"http://localhost:8000\"")
}

/// RFC 6749 §2.3.1: a secret is taken by Basic, and in the form.
#[apply(on_both!)]
async fn a_secret_is_taken_in_the_header_and_in_the_form(server: TestServer) {
    let (app, secret) = machine(&server).await;
    assert!(secret.starts_with("clv_cs_"));
    let id = app.client_id.as_str();
    server
        .post("/o/token")
        .basic(id, &secret)
        .form(&[GRANT])
        .await
        .is(200);
    let form = [GRANT, ("client_id", id), ("client_secret", &secret)];
    server.post("/o/token").form(&form).await.is(200);
    // Naming itself in the form as well is no second way.
    let form = [GRANT, ("client_id", id)];
    server
        .post("/o/token")
        .basic(id, &secret)
        .form(&form)
        .await
        .is(200);
}

/// RFC 6749 §2.3.1: form-urlencoded on either side of the colon, then base64.
#[apply(on_both!)]
async fn the_halves_of_the_header_are_decoded_after_they_are_split(server: TestServer) {
    let app = server
        .app()
        .id("calendar-1")
        .grants(&["client_credentials"])
        .create()
        .await;
    let secret = app.secret.clone().unwrap();
    let all: String = secret.bytes().map(|byte| format!("%{byte:02x}")).collect();
    for pair in [
        format!("calendar%2D1:{secret}"),
        format!("calendar-1:{all}"),
        format!("%63alendar-1:{}", secret.replace('_', "%5F")),
    ] {
        let call = server.post("/o/token").form(&[GRANT]);
        let header = format!("Basic {}", STANDARD.encode(pair));
        call.header("authorization", header).await.is(200);
    }
    let call = server.post("/o/token").form(&[GRANT]);
    let header = format!("basic {}", STANDARD.encode(format!("calendar-1:{secret}")));
    call.header("authorization", header).await.is(200);
}

/// RFC 6749 §5.2: credentials in the header that are wrong are 401 invalid_client with a
/// challenge.
#[apply(on_both!)]
async fn a_wrong_secret_and_an_unknown_client_get_the_same_answer(server: TestServer) {
    let (app, secret) = machine(&server).await;
    let long = format!("{secret}x");
    let mut bodies = Vec::new();
    for (id, secret) in [
        (app.client_id.as_str(), "wrong"),
        (app.client_id.as_str(), long.as_str()),
        (app.client_id.as_str(), ""),
        ("nobody", secret.as_str()),
        ("no\0body", secret.as_str()),
        ("n\u{f6}body", secret.as_str()),
    ] {
        let answer = server
            .post("/o/token")
            .basic(id, secret)
            .form(&[GRANT])
            .await;
        refused(&answer, 401, "invalid_client", "client-auth-failed");
        assert!(challenges(&answer));
        bodies.push(answer.body);
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1);
}

#[apply(on_both!)]
async fn a_nul_in_a_client_id_is_an_unknown_client(server: TestServer) {
    let form = [GRANT, ("client_id", "a\0b"), ("client_secret", "x\0y")];
    for path in ["/o/token", "/o/revoke_token", "/o/introspect"] {
        let answer = server.post(path).form(&form).await;
        refused(&answer, 401, "invalid_client", "client-auth-failed");
    }
}

/// RFC 7617 §2: what is no base64 of UTF-8 with a colon in it is no Basic header.
#[apply(on_both!)]
async fn a_header_that_can_not_be_read_is_no_authentication(server: TestServer) {
    let no_colon = format!("Basic {}", STANDARD.encode("ab"));
    let no_id = format!("Basic {}", STANDARD.encode(":b"));
    let no_utf8 = format!("Basic {}", STANDARD.encode(b"a\xff:b"));
    for header in [
        "Basic",
        "Basic ",
        "Basic %%%",
        "Bearer abc",
        "Digest x",
        &no_colon,
        &no_id,
        &no_utf8,
    ] {
        let call = server.post("/o/token").form(&[GRANT]);
        let answer = call.header("authorization", header).await;
        refused(&answer, 401, "invalid_client", "client-auth-malformed");
        assert!(challenges(&answer), "{header}");
    }
    let call = server.post("/o/token").form(&[GRANT]);
    let answer = call.header("authorization", b"Basic \xff".as_slice()).await;
    refused(&answer, 401, "invalid_client", "client-auth-malformed");
}

/// RFC 6749 §5.2: a client without credentials is told invalid_client.
/// RFC 9110 §11.6.1: a 401 offers a scheme.
#[apply(on_both!)]
async fn without_credentials_basic_is_offered(server: TestServer) {
    let (app, _) = machine(&server).await;
    let answer = server.post("/o/token").form(&[GRANT]).await;
    refused(&answer, 401, "invalid_client", "client-auth-missing");
    assert!(challenges(&answer));
    let answer = server
        .post("/o/token")
        .form(&[GRANT, ("client_id", &app.client_id)])
        .await;
    refused(&answer, 401, "invalid_client", "client-auth-missing");
    assert!(challenges(&answer));
}

#[apply(on_both!)]
async fn a_wrong_secret_in_the_form_offers_no_header(server: TestServer) {
    let (app, _) = machine(&server).await;
    let form = [
        GRANT,
        ("client_id", &app.client_id),
        ("client_secret", "wrong"),
    ];
    let answer = server.post("/o/token").form(&form).await;
    refused(&answer, 401, "invalid_client", "client-auth-failed");
    assert_eq!(answer.header("www-authenticate"), "");
}

/// RFC 6749 §2.3: a client uses one way of authentication in a request.
#[apply(on_both!)]
async fn two_ways_at_once_are_refused(server: TestServer) {
    let (app, secret) = machine(&server).await;
    let id = app.client_id.as_str();
    let both = server.post("/o/token").basic(id, &secret);
    let answer = both
        .form(&[GRANT, ("client_id", id), ("client_secret", &secret)])
        .await;
    refused(&answer, 400, "invalid_request", "client-auth-twice");
    let names = server
        .post("/o/token")
        .basic(id, &secret)
        .form(&[GRANT, ("client_id", "other")]);
    refused(&names.await, 400, "invalid_request", "client-auth-twice");
    let twice = server
        .post("/o/token")
        .basic(id, &secret)
        .basic(id, &secret)
        .form(&[GRANT]);
    refused(&twice.await, 400, "invalid_request", "client-auth-twice");
    let assertion = server.post("/o/token").basic(id, &secret);
    let answer = assertion
        .form(&[GRANT, ("client_assertion", "e.y.J")])
        .await;
    refused(&answer, 400, "invalid_request", "client-auth-twice");
}

#[apply(on_both!)]
async fn an_assertion_without_its_type_is_not_taken(server: TestServer) {
    let (app, _) = machine(&server).await;
    let form = [
        GRANT,
        ("client_id", &app.client_id),
        ("client_assertion", "e.y.J"),
    ];
    let answer = server.post("/o/token").form(&form).await;
    refused(&answer, 401, "invalid_client", "assertion-type");
}

#[apply(on_both!)]
async fn a_public_application_has_no_secret(server: TestServer) {
    let app = server.app().public().create().await;
    let form = app.refreshing("clv_rt_x");
    let sent = form
        .clone()
        .add("client_id", &app.client_id)
        .add("client_secret", "x");
    let answer = server.post("/o/token").fields(&sent).await;
    refused(&answer, 401, "invalid_client", "client-auth-public");
    assert_eq!(answer.header("www-authenticate"), "");
    // Some libraries send an empty one in the header.
    let answer = server
        .post("/o/token")
        .basic(&app.client_id, "")
        .fields(&form)
        .await;
    refused(&answer, 400, "invalid_grant", "refresh-token-unknown");
    let answer = server
        .post("/o/token")
        .basic(&app.client_id, "x")
        .fields(&form)
        .await;
    refused(&answer, 401, "invalid_client", "client-auth-public");
}

#[apply(on_both!)]
async fn a_new_secret_works_beside_the_old_one_until_that_is_retired(server: TestServer) {
    let (app, old) = machine(&server).await;
    let browser = server.signed_in(&server.owner().await).await;
    let path = format!("/api/applications/{}", app.client_id);
    let new = browser
        .post(&format!("{path}/secrets"), &json!({}))
        .await
        .is(201);
    let new = new.member("client_secret");
    for secret in [&old, &new] {
        server
            .post("/o/token")
            .basic(&app.client_id, secret)
            .form(&[GRANT])
            .await
            .is(200);
    }
    let secrets = browser.get(&path).await.json()["secrets"].clone();
    let hint = &old[old.len() - 4..];
    let secret = secrets
        .as_array()
        .unwrap()
        .iter()
        .find(|secret| secret["hint"] == hint);
    let id = secret.unwrap()["id"].as_str().unwrap().to_owned();
    browser
        .delete(&format!("{path}/secrets/{id}"))
        .await
        .is(204);
    let answer = server
        .post("/o/token")
        .basic(&app.client_id, &old)
        .form(&[GRANT])
        .await;
    refused(&answer, 401, "invalid_client", "client-auth-failed");
    server
        .post("/o/token")
        .basic(&app.client_id, &new)
        .form(&[GRANT])
        .await
        .is(200);
}

/// No client is refused because of what a process remembers.
#[apply(on_both!)]
async fn a_secret_that_another_process_just_added_works_at_once(server: TestServer) {
    let (app, secret) = machine(&server).await;
    server
        .post("/o/token")
        .basic(&app.client_id, &secret)
        .form(&[GRANT])
        .await
        .is(200);
    let second_server = server.second_server().await;
    let browser = second_server.signed_in(&server.owner().await).await;
    let path = format!("/api/applications/{}/secrets", app.client_id);
    let new = browser
        .post(&path, &json!({}))
        .await
        .is(201)
        .member("client_secret");
    server
        .post("/o/token")
        .basic(&app.client_id, &new)
        .form(&[GRANT])
        .await
        .is(200);
}

#[apply(on_both!)]
async fn a_deleted_application_is_unknown(server: TestServer) {
    let (app, secret) = machine(&server).await;
    let browser = server.signed_in(&server.owner().await).await;
    browser
        .delete(&format!("/api/applications/{}", app.client_id))
        .await
        .is(204);
    let answer = server
        .post("/o/token")
        .basic(&app.client_id, &secret)
        .form(&[GRANT])
        .await;
    refused(&answer, 401, "invalid_client", "client-auth-failed");
}

#[apply(on_both!)]
async fn the_last_use_of_a_secret_is_shown(server: TestServer) {
    let (app, _) = machine(&server).await;
    server.advance(60);
    app.token(&Form::new(&[GRANT])).await.is(200);
    server.settled().await;
    let browser = server.signed_in(&server.owner().await).await;
    let json = browser
        .get(&format!("/api/applications/{}", app.client_id))
        .await
        .json();
    assert_eq!(json["secrets"][0]["last_used_at"], "2027-01-15T08:01:00Z");
}
