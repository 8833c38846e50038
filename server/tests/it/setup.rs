//! The first administrator, by the one-time link.

use claviger::services::setup::{setup_link, setup_token};
use macro_rules_attribute::apply;
use serde_json::{Value, json};

use crate::harness::{TestServer, on_both, problem, refused_on_page};

fn administrator(token: &str) -> Value {
    json!({
        "token": token,
        "username": "root",
        "email": "root@example.com",
        "password": "correct horse battery staple",
    })
}

#[apply(on_both!)]
async fn the_link_makes_one_administrator_and_signs_in(server: TestServer) {
    let link = setup_link(&server.state).await.unwrap().unwrap();
    let token = link
        .strip_prefix("http://localhost:8000/setup?token=")
        .unwrap();
    let page = server.get(&format!("/setup?token={token}")).await.is(200);
    // In the hidden field alone, not in the data that the browser keeps.
    assert_eq!(page.text().matches(token).count(), 1);
    assert!(page.text().contains("Create administrator"));
    let browser = server.browser();
    let answer = browser
        .post("/api/setup", &administrator(token))
        .await
        .is(200);
    assert_eq!(answer.json()["user"]["role"], "admin");
    assert_eq!(
        browser.get("/api/session").await.json()["user"]["username"],
        "root"
    );
    assert_eq!(setup_link(&server.state).await.unwrap(), None);
    let again = server
        .browser()
        .post("/api/setup", &administrator(token))
        .await;
    problem(&again, 403, "setup-done");
    refused_on_page(
        &server.get(&format!("/setup?token={token}")).await,
        403,
        "setup-done",
    );
}

#[apply(on_both!)]
async fn a_wrong_token_learns_nothing(server: TestServer) {
    for token in ["", "x", "a\0b"] {
        let answer = server
            .browser()
            .post("/api/setup", &administrator(token))
            .await;
        problem(&answer, 403, "setup-done");
    }
    refused_on_page(&server.get("/setup?token=x").await, 403, "setup-done");
    refused_on_page(&server.get("/setup").await, 403, "setup-done");
    assert_eq!(server.state.store.count_users().await.unwrap(), 0);
}

#[apply(on_both!)]
async fn every_field_is_checked_at_once(server: TestServer) {
    let token = setup_token(&server.state).await.unwrap();
    let new = json!({ "token": token, "username": "a@b", "email": "a", "password": "password" });
    let answer = server.browser().post("/api/setup", &new).await;
    problem(&answer, 422, "form-invalid");
    let errors = answer.json()["errors"].clone();
    let fields: Vec<_> = errors
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(fields, ["email", "password", "username"]);
}

#[apply(on_both!)]
async fn of_two_at_once_on_two_servers_one_wins(server: TestServer) {
    let second_server = server.second_server().await;
    let token = setup_token(&server.state).await.unwrap();
    assert_eq!(setup_token(&second_server.state).await.unwrap(), token);
    let mut second = administrator(&token);
    second["username"] = json!("other");
    second["email"] = json!("other@example.com");
    let (first, browsers) = (
        administrator(&token),
        [server.browser(), second_server.browser()],
    );
    let (one, two) = tokio::join!(
        browsers[0].post("/api/setup", &first),
        browsers[1].post("/api/setup", &second)
    );
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 403]);
    assert_eq!(server.state.store.count_users().await.unwrap(), 1);
    second_server.state.store.close().await;
}

#[apply(on_both!)]
async fn the_plain_form_does_the_same(server: TestServer) {
    let token = setup_token(&server.state).await.unwrap();
    let browser = server.browser();
    let fields = [
        ("token", token.as_str()),
        ("username", "root"),
        ("email", "r@example.com"),
    ];
    let weak = [&fields[..], &[("password", "root")]].concat();
    let page = browser.submit("/setup", &weak).await.is(422);
    assert!(page.text().contains("Create administrator"));
    let good = [&fields[..], &[("password", "correct horse battery staple")]].concat();
    assert_eq!(browser.submit("/setup", &good).await.location(), "/apps");
    assert_eq!(browser.get("/api/session").await.status, 200);
}
