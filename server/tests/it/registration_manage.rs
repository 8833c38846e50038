//! An application reads, changes and deletes its registration (RFC 7592), and expires when
//! it is unused.

use claviger::config::Registration;
use claviger::store::Store;
use macro_rules_attribute::apply;
use serde_json::{Value, json};

use crate::harness::application::{is_active, token_works};
use crate::harness::registration::{URI, app_of};
use crate::harness::{Answer, Form, TestServer, audit_entry, on_both, refused};

const DAY: i64 = 24 * 3600;

/// A server that is open, and an application that has registered there.
pub(crate) async fn registered(server: &TestServer) -> (TestServer, Answer, String, String) {
    let server = server.registering(Registration::Open).await;
    let answer = server
        .register(&json!({ "redirect_uris": [URI] }))
        .await
        .is(201);
    let path = format!("/o/register/{}", answer.member("client_id"));
    let token = answer.member("registration_access_token");
    (server, answer, path, token)
}

fn denied(answer: &Answer) {
    refused(answer, 401, "invalid_token", "registration-access-denied");
    assert!(
        answer
            .header("www-authenticate")
            .contains("error=\"invalid_token\"")
    );
}

/// RFC 7592 §2.1: the registration is read as it stands, without the secret.
#[apply(on_both!)]
async fn a_registration_is_read(server: TestServer) {
    let (server, made, path, token) = registered(&server).await;
    for path in [path.clone(), format!("{path}/")] {
        let answer = server.get(&path).bearer(&token).await.is(200);
        assert_eq!(answer.header("cache-control"), "no-store");
        let mut expected = made.json();
        let members = expected.as_object_mut().unwrap();
        members.remove("client_secret");
        members.remove("client_secret_expires_at");
        assert_eq!(answer.json(), expected);
    }
    for method in ["POST", "HEAD", "PATCH"] {
        let answer = server.call(method, &path).bearer(&token).await;
        let allow = answer.header("allow");
        assert_eq!(
            (answer.status, allow),
            (405, "GET, PUT, DELETE"),
            "{method}"
        );
    }
}

/// RFC 7592 §2: nothing but the registration access token of this application opens it.
#[apply(on_both!)]
async fn a_registration_rejects_every_token_but_its_own(server: TestServer) {
    let (server, made, path, token) = registered(&server).await;
    let other = server.register(&json!({ "redirect_uris": [URI] })).await;
    let other = other.member("registration_access_token");
    let dashboard = server.app().create().await;
    let body = json!({ "client_id": made.member("client_id"), "redirect_uris": [URI] });
    let initial = token.replace("clv_ra_", "clv_ia_");
    for method in ["GET", "PUT", "DELETE"] {
        let call = |path: &str| server.call(method, path).json(&body);
        for token in [
            "x",
            "clv_ra_x",
            &other,
            &initial,
            &made.member("client_secret"),
        ] {
            denied(&call(&path).bearer(token).await);
        }
        denied(&call("/o/register/nothing").bearer(&token).await);
        denied(&call("/o/register/%ff").bearer(&token).await);
        denied(&call("/o/register/%00").bearer(&token).await);
        let theirs = format!("/o/register/{}", dashboard.client_id);
        denied(&call(&theirs).bearer(&token).await);
        let app = app_of(&server, &made);
        let missing = [
            call(&path).await,
            call(&path)
                .basic(&app.client_id, &app.secret.unwrap())
                .await,
        ];
        for answer in missing {
            refused(&answer, 401, "invalid_token", "registration-access-missing");
            assert!(!answer.header("www-authenticate").contains("error"));
        }
    }
    server.get(&path).bearer(&token).await.is(200);
}

/// RFC 7592 §2.2: an update replaces everything, and what it leaves out gets its default.
#[apply(on_both!)]
async fn an_update_replaces_the_whole_registration(server: TestServer) {
    let server = server.registering(Registration::Open).await;
    let metadata = json!({
        "redirect_uris": [URI, "https://client.example/two"],
        "client_name": "Calendar",
        "logo_uri": "https://client.example/logo.png",
        "scope": "openid",
        "grant_types": ["authorization_code"],
        "id_token_signed_response_alg": "ES256",
    });
    let made = server.register(&metadata).await.is(201);
    let path = format!("/o/register/{}", made.member("client_id"));
    let token = made.member("registration_access_token");
    let update = json!({
        "client_id": made.member("client_id"),
        "client_secret": made.member("client_secret"),
        "redirect_uris": ["https://client.example/three"],
        "logo_uri": null,
        "registration_access_token": null,
    });
    let call = server.call("PUT", &path).bearer(&token).json(&update);
    let changed = call.await.is(200);
    let json = changed.json();
    assert_eq!(json["redirect_uris"], update["redirect_uris"]);
    assert_eq!(json["client_name"], "client.example");
    assert_eq!(json["id_token_signed_response_alg"], "RS256");
    assert_eq!(json["grant_types"].as_array().unwrap().len(), 2);
    assert_eq!(
        json["client_id_issued_at"],
        made.json()["client_id_issued_at"]
    );
    for gone in ["logo_uri", "client_secret"] {
        assert_eq!(json.get(gone), None);
    }
    let token = changed.member("registration_access_token");
    let read = server.get(&path).bearer(&token).await.is(200).json();
    assert_eq!(read, json);
}

/// RFC 7592 §2.2: the answer holds a new registration access token, and the old one ends.
#[apply(on_both!)]
async fn an_update_replaces_the_token(server: TestServer) {
    let (server, made, path, token) = registered(&server).await;
    let update = json!({ "client_id": made.member("client_id"), "redirect_uris": [URI] });
    let put = |token: &str| server.call("PUT", &path).bearer(token).json(&update);
    let next = put(&token)
        .await
        .is(200)
        .member("registration_access_token");
    assert_ne!(next, token);
    denied(&server.get(&path).bearer(&token).await);
    denied(&put(&token).await);
    denied(&server.call("DELETE", &path).bearer(&token).await);
    put(&next).await.is(200);
    server.settled().await;
    let flows = server
        .database
        .texts("SELECT outcome FROM flows WHERE outcome = 'registered'");
    assert_eq!(flows.await.len(), 3);
}

#[apply(on_both!)]
async fn of_many_updates_with_one_token_one_is_made(server: TestServer) {
    let (server, made, path, token) = registered(&server).await;
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..32 {
        let update = json!({
            "client_id": made.member("client_id"),
            "redirect_uris": [format!("https://client.example/{number}")],
        });
        let call = server.call("PUT", &path).bearer(&token).json(&update);
        tasks.spawn(async move { call.await.status });
    }
    let mut statuses = tasks.join_all().await;
    statuses.sort_unstable();
    assert_eq!((statuses[0], statuses[1]), (200, 401));
}

/// RFC 7592 §2.2: the update names this client, its current secret if any, and nothing that the
/// server issues.
#[apply(on_both!)]
async fn an_update_can_not_choose_what_the_server_issues(server: TestServer) {
    let (server, made, path, token) = registered(&server).await;
    let with = |name: &str, value: Value| {
        let mut body = json!({ "client_id": made.member("client_id"), "redirect_uris": [URI] });
        body[name] = value;
        body
    };
    let mismatched = [
        json!({ "redirect_uris": [URI] }),
        with("client_id", json!("another")),
        with("client_secret", json!("another")),
        with("client_secret", json!(1)),
        with("registration_access_token", json!(token)),
        with("registration_client_uri", json!("https://client.example")),
        with("client_secret_expires_at", json!(0)),
        with("client_id_issued_at", json!(0)),
    ];
    for body in mismatched {
        let answer = server.call("PUT", &path).bearer(&token).json(&body).await;
        let rule = "registration-update-mismatch";
        refused(&answer, 400, "invalid_client_metadata", rule);
    }
    let body = with("token_endpoint_auth_method", json!("none"));
    let answer = server.call("PUT", &path).bearer(&token).json(&body).await;
    let rule = "client-metadata-invalid";
    refused(&answer, 400, "invalid_client_metadata", rule);
    let answer = server
        .call("PUT", &path)
        .bearer(&token)
        .form(&[("client_id", "x")])
        .await;
    refused(
        &answer,
        400,
        "invalid_client_metadata",
        "client-metadata-malformed",
    );
    // Nothing of that has used the token up.
    server.get(&path).bearer(&token).await.is(200);
}

/// RFC 7592 §2.3: with its registration all that the application holds ends.
#[apply(on_both!)]
async fn a_deleted_registration_ends_everything(server: TestServer) {
    let (server, made, path, token) = registered(&server).await;
    let app = app_of(&server, &made);
    let tokens = app.tokens().await;
    let answer = server.call("DELETE", &path).bearer(&token).await;
    assert_eq!((answer.status, answer.body.len()), (204, 0));
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(!token_works(&server, &tokens.access).await);
    assert_eq!(app.refresh(&tokens.refresh).await.status, 401);
    denied(&server.get(&path).bearer(&token).await);
    denied(&server.call("DELETE", &path).bearer(&token).await);
    let answer = server.browser().ask(&app.ask()).await;
    assert_eq!(answer.status, 400);
}

/// RFC 9700 §2.1: an update changes what can be asked for from now on, and nothing that was
/// granted.
#[apply(on_both!)]
async fn an_update_widens_nothing_that_was_granted(server: TestServer) {
    let server = server.registering(Registration::Open).await;
    let metadata = json!({ "redirect_uris": [URI], "scope": "openid read" });
    let made = server.register(&metadata).await.is(201);
    let app = app_of(&server, &made);
    let tokens = app.tokens().await;
    let path = format!("/o/register/{}", app.client_id);
    let update = json!({
        "client_id": app.client_id,
        "redirect_uris": [URI, "https://client.example/two"],
        "scope": "openid read write",
    });
    let token = made.member("registration_access_token");
    let put = server.call("PUT", &path).bearer(&token).json(&update);
    put.await.is(200);
    let wider = Form::new(&[
        ("grant_type", "refresh_token"),
        ("refresh_token", &tokens.refresh),
        ("scope", "openid read write"),
    ]);
    let answer = app.token(&wider).await;
    assert_eq!(
        (answer.status, answer.member("error").as_str()),
        (400, "invalid_scope")
    );
    let next = app.refresh(&tokens.refresh).await.is(200);
    assert_eq!(next.member("scope"), tokens.scope);
}

/// While an application is disabled, its registration is closed: it can't be taken away and
/// made anew.
#[apply(on_both!)]
async fn a_disabled_application_can_not_change_itself(server: TestServer) {
    let (server, made, path, token) = registered(&server).await;
    let (store, now) = (&server.state.store, server.state.now());
    let client_id = made.member("client_id");
    let application = store.application(&client_id).await.unwrap().unwrap();
    let done = store.change_application(
        &client_id,
        application.settings,
        Some(Some(now)),
        application.updated_at,
        now,
        vec![audit_entry()],
    );
    assert!(done.await.unwrap());
    let body = json!({ "client_id": client_id, "redirect_uris": [URI] });
    for method in ["GET", "PUT", "DELETE"] {
        denied(&server.call(method, &path).bearer(&token).json(&body).await);
    }
    server.advance(400 * DAY);
    sweep(&server).await;
    assert!(store.application(&client_id).await.unwrap().is_some());
}

async fn sweep(server: &TestServer) {
    server.settled().await;
    let store: &Store = &server.state.store;
    store.sweep_all(server.state.now()).await.unwrap();
}

#[apply(on_both!)]
async fn an_unused_registration_expires(server: TestServer) {
    let (server, _, path, token) = registered(&server).await;
    server.app().create().await;
    server.advance(30 * DAY - 1);
    sweep(&server).await;
    assert_eq!(server.count("applications").await, 2);
    server.advance(2);
    sweep(&server).await;
    assert_eq!(server.count("applications").await, 1);
    assert_eq!(server.count("application_secrets").await, 1);
    server.state.store.forget();
    denied(&server.get(&path).bearer(&token).await);
}

#[apply(on_both!)]
async fn a_registration_with_a_live_grant_stays(server: TestServer) {
    let (server, made, _, _) = registered(&server).await;
    let app = app_of(&server, &made);
    let public = json!({ "redirect_uris": [URI], "token_endpoint_auth_method": "none" });
    let public = app_of(&server, &server.register(&public).await.is(201));
    // A year: longer than anything else that is looked at.
    let year = json!({ "refresh_token_lifetime": 365 * DAY });
    let admin = server.admin("ada").await;
    let browser = server.signed_in(&admin).await;
    for app in [&app, &public] {
        let api = format!("/api/applications/{}", app.client_id);
        let patched = server.call("PATCH", &api).from(&browser).json(&year).await;
        assert_eq!(patched.status, 200, "{}", patched.text());
    }
    // Also when no person is signed in any more.
    let tokens = app.tokens_for("openid offline_access").await;
    public.tokens_for("openid offline_access").await;
    server.advance(300 * DAY);
    sweep(&server).await;
    assert_eq!(server.count("applications").await, 2);
    // A process that has not just written down that the secret was used.
    let later = server.registering(Registration::Open).await;
    let app = app.at(&later);
    assert!(is_active(&app, &tokens.refresh).await);
    app.revoke(&tokens.refresh).await.is(200);
    later.settled().await;
    // It was used a moment ago.
    sweep(&server).await;
    assert_eq!(server.count("applications").await, 2);
    server.advance(31 * DAY);
    sweep(&server).await;
    assert_eq!(server.count("applications").await, 2);
    // A person has let it in, until they remove it.
    for app in [&app, &public] {
        let consents = format!("DELETE FROM consents WHERE client_id = '{}'", app.client_id);
        server.database.execute(&consents).await;
    }
    sweep(&server).await;
    let left = server
        .database
        .texts("SELECT client_id FROM applications")
        .await;
    assert_eq!(left, [public.client_id]);
}
