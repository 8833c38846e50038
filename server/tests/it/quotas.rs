//! What costs a row and needs no proof of who asks: so many by network, and by client.

use macro_rules_attribute::apply;
use serde_json::json;

use crate::device::{GRANT, television};
use crate::harness::registration::URI;
use crate::harness::{Answer, Form, TestApp, TestServer, on_both, refused};
use crate::registration_manage::registered;

fn over(answer: &Answer, rule: &str, seconds: &str) {
    refused(answer, 429, "temporarily_unavailable", rule);
    assert_eq!(answer.header("retry-after"), seconds);
}

async fn device_code(app: &TestApp, peer: &str) -> Answer {
    let form = Form::new(&[("scope", "read")]);
    app.post("/o/device-authorization", &form).peer(peer).await
}

/// RFC 8628 §5.1: the fewer codes wait, the harder one is guessed.
#[apply(on_both!)]
async fn a_network_gets_only_so_many_device_codes(server: TestServer) {
    let app = television(&server).await;
    for _ in 0..100 {
        device_code(&app, "203.0.113.1").await.is(200);
    }
    let answer = device_code(&app, "203.0.113.1").await;
    over(&answer, "device-request-quota", "600");
    assert_eq!(server.count("device_codes").await, 100);
    device_code(&app, "203.0.113.2").await.is(200);
    // Another public client of the network is no way round; one that proves who it is may go on.
    let other = television(&server).await;
    let answer = device_code(&other, "203.0.113.1").await;
    over(&answer, "device-request-quota", "600");
    let proven = server.app().grants(&[GRANT]).redirects(&[]).create().await;
    device_code(&proven, "203.0.113.1").await.is(200);
    server.advance(600);
    device_code(&app, "203.0.113.1").await.is(200);
}

/// RFC 9126 §2.3: a client that pushes too often is told so with 429.
#[apply(on_both!)]
async fn a_network_pushes_only_so_many_requests_without_proof(server: TestServer) {
    let app = server.app().public().create().await;
    let push = async |app: &TestApp, peer: &str| {
        let form = app.ask().without("client_id").params;
        app.post("/o/par", &form).peer(peer).await
    };
    for _ in 0..300 {
        push(&app, "203.0.113.1").await.is(201);
    }
    let answer = push(&app, "203.0.113.1").await;
    over(&answer, "pushed-request-quota", "600");
    assert_eq!(server.count("pushed_requests").await, 300);
    push(&app, "203.0.113.2").await.is(201);
    let proven = server.app().create().await;
    push(&proven, "203.0.113.1").await.is(201);
}

/// RFC 7592 §2.2: an application changes itself, and not without end.
#[apply(on_both!)]
async fn an_application_changes_its_registration_only_so_often(server: TestServer) {
    let (server, made, path, mut token) = registered(&server).await;
    let body = json!({ "client_id": made.member("client_id"), "redirect_uris": [URI] });
    for n in 0..60 {
        let call = server.call("PUT", &path).json(&body).bearer(&token);
        let answer = call.peer(&format!("203.0.113.{n}")).await.is(200);
        token = answer.member("registration_access_token");
    }
    let call = || server.call("PUT", &path).json(&body);
    let answer = call().bearer(&token).await;
    over(&answer, "registration-update-quota", "3600");
    // A stranger learns nothing of it, and takes none of it.
    let answer = call().bearer("clv_ra_x").await;
    refused(&answer, 401, "invalid_token", "registration-access-denied");
    server.get(&path).bearer(&token).await.is(200);
    let other = server.register(&json!({ "redirect_uris": [URI] })).await;
    let id = other.member("client_id");
    let body = json!({ "client_id": id, "redirect_uris": [URI] });
    let call = server.call("PUT", &format!("/o/register/{id}")).json(&body);
    let token = other.member("registration_access_token");
    call.bearer(&token).await.is(200);
    server.call("DELETE", &path).bearer("x").await.is(401);
}
