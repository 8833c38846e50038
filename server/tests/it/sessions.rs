//! Signing in, staying signed in, signing out.

use macro_rules_attribute::apply;
use serde_json::json;

use crate::harness::{TestServer, on_both, param, problem, refused_on_page};

const DAY: i64 = 24 * 3600;

fn session_cookie(answer: &crate::harness::Answer) -> String {
    let cookies = answer.headers.get_all("set-cookie").iter();
    let cookies = cookies.map(|value| value.to_str().unwrap().to_owned());
    cookies
        .filter(|cookie| cookie.contains("claviger_session="))
        .collect()
}

#[apply(on_both!)]
async fn signing_in_starts_a_session(server: TestServer) {
    let user = server.user("ada").await;
    let browser = server.browser();
    problem(&browser.get("/api/session").await, 401, "session-required");
    let answer = browser.sign_in(&user).await;
    assert_eq!(answer.header("cache-control"), "no-store");
    let expected = json!({
        "id": user.id.to_string(), "username": "ada", "email": "ada@example.com", "role": "user",
    });
    assert_eq!(answer.json()["user"], expected);
    assert_eq!(browser.get("/api/session").await.json()["user"], expected);
}

#[apply(on_both!)]
async fn the_cookie_is_for_the_browser_alone(server: TestServer) {
    let user = server.user("ada").await;
    let cookie = session_cookie(&server.browser().sign_in(&user).await);
    assert!(cookie.starts_with("claviger_session=clv_ss_"), "{cookie}");
    assert!(
        cookie.ends_with("; Path=/; HttpOnly; SameSite=Lax; Max-Age=7776000"),
        "{cookie}"
    );
}

#[apply(on_both!)]
async fn on_https_cookies_are_bound_to_their_host(server: TestServer) {
    let user = server.user("ada").await;
    let https = server.at("https://id.example.com").await;
    let browser = https.browser();
    let answer = browser.sign_in(&user).await;
    let cookie = session_cookie(&answer);
    assert!(cookie.starts_with("__Host-claviger_session="), "{cookie}");
    assert!(cookie.ends_with("; Secure"), "{cookie}");
    assert!(!cookie.contains("Domain"));
    for cookie in answer.headers.get_all("set-cookie") {
        assert!(cookie.to_str().unwrap().starts_with("__Host-"));
    }
    assert!(!answer.header("strict-transport-security").is_empty());
    assert_eq!(browser.get("/api/session").await.status, 200);
    // A cookie that another host of the domain may have set does not count.
    let planted = https.browser();
    planted.set_cookie(
        "claviger_session",
        &browser.cookie("__Host-claviger_session").unwrap(),
    );
    assert_eq!(planted.get("/api/session").await.status, 401);
}

#[apply(on_both!)]
async fn signing_in_replaces_the_session_that_was_there(server: TestServer) {
    let (ada, bob) = (server.user("ada").await, server.user("bob").await);
    let browser = server.signed_in(&bob).await;
    let before = browser.cookie("claviger_session").unwrap();
    browser.sign_in(&ada).await;
    assert_ne!(browser.cookie("claviger_session").unwrap(), before);
    let planted = server.browser();
    planted.set_cookie("claviger_session", &before);
    assert_eq!(planted.get("/api/session").await.status, 401);
}

#[apply(on_both!)]
async fn a_cookie_that_we_did_not_make_is_no_session(server: TestServer) {
    let browser = server.browser_of("ada").await;
    let real = browser.cookie("claviger_session").unwrap();
    let end = if real.ends_with('A') { 'B' } else { 'A' };
    for forged in [
        "x",
        "",
        &format!("{}{end}", &real[..real.len() - 1]),
        &real.replace("_ss_", "_at_"),
    ] {
        browser.set_cookie("claviger_session", forged);
        assert_eq!(browser.get("/api/session").await.status, 401, "{forged}");
    }
}

#[apply(on_both!)]
async fn a_session_that_is_used_goes_on_and_one_that_is_not_ends(server: TestServer) {
    let user = server.user("ada").await;
    let (used, idle) = (server.signed_in(&user).await, server.signed_in(&user).await);
    server.advance(13 * DAY);
    used.get("/api/session").await.is(200);
    server.settled().await;
    server.advance(DAY);
    used.get("/api/session").await.is(200);
    problem(&idle.get("/api/session").await, 401, "session-required");
}

#[apply(on_both!)]
async fn a_session_ends_after_ninety_days_whatever_happens(server: TestServer) {
    let browser = server.browser_of("ada").await;
    for _ in 0..9 {
        server.advance(10 * DAY - 1);
        browser.get("/api/session").await.is(200);
        server.settled().await;
    }
    server.advance(9);
    problem(&browser.get("/api/session").await, 401, "session-required");
}

#[apply(on_both!)]
async fn signing_out_ends_this_session_and_no_other(server: TestServer) {
    let user = server.user("ada").await;
    let (one, two) = (server.signed_in(&user).await, server.signed_in(&user).await);
    let cookie = one.cookie("claviger_session").unwrap();
    one.delete("/api/session").await.is(204);
    assert_eq!(one.cookie("claviger_session"), None);
    one.set_cookie("claviger_session", &cookie);
    assert_eq!(one.get("/api/session").await.status, 401);
    problem(&one.delete("/api/session").await, 401, "session-required");
    assert_eq!(two.get("/api/session").await.status, 200);
    assert_eq!(two.submit("/logout", &[]).await.location(), "/logout");
    assert_eq!(two.get("/api/session").await.status, 401);
}

#[apply(on_both!)]
async fn signing_out_everywhere_ends_all_of_ones_sessions(server: TestServer) {
    let user = server.user("ada").await;
    let (one, two) = (server.signed_in(&user).await, server.signed_in(&user).await);
    let bob = server.browser_of("bob").await;
    server.advance(60);
    let list = one.get("/api/account/sessions").await.is(200).json();
    assert_eq!(list.as_array().unwrap().len(), 2);
    let current = list
        .as_array()
        .unwrap()
        .iter()
        .filter(|session| session["current"] == true);
    assert_eq!(current.count(), 1);
    one.delete("/api/account/sessions").await.is(204);
    for browser in [&one, &two] {
        assert_eq!(browser.get("/api/session").await.status, 401);
    }
    assert_eq!(bob.get("/api/session").await.status, 200);
}

#[apply(on_both!)]
async fn what_changes_something_must_not_come_from_another_site(server: TestServer) {
    let browser = server.browser_of("ada").await;
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        for (method, path) in [
            ("DELETE", "/api/session"),
            ("POST", "/api/session"),
            ("POST", "/api/consent"),
            ("DELETE", "/api/account/sessions"),
            ("POST", "/login"),
            ("POST", "/logout"),
            ("POST", "/consent"),
            ("POST", "/setup"),
        ] {
            let answer = browser.call(method, path).header(name, value).await;
            if path.starts_with("/api/") {
                problem(&answer, 403, "cross-site-request");
            } else {
                refused_on_page(&answer, 403, "cross-site-request");
            }
        }
        // Reading is harmless: another site may not read the answer.
        let answer = browser
            .call("GET", "/api/session")
            .header(name, value)
            .await;
        assert_eq!(answer.status, 200);
    }
    let answer = browser
        .call("DELETE", "/api/session")
        .header("origin", "http://localhost:8000");
    assert_eq!(
        answer.header("sec-fetch-site", "same-origin").await.status,
        204
    );
}

#[apply(on_both!)]
async fn a_page_of_the_dashboard_asks_to_sign_in_and_comes_back(server: TestServer) {
    let user = server.developer("ada").await;
    let browser = server.browser();
    let login = browser.get("/apps/calendar?tab=x").await.location();
    assert!(login.starts_with("/login?"), "{login}");
    let next = param(&login, "next").unwrap();
    assert_eq!(next, "/apps/calendar?tab=x");
    let fields = [
        ("username", "ada"),
        ("password", &user.password),
        ("next", &next),
    ];
    assert_eq!(browser.submit("/login", &fields).await.location(), next);
    let fields = [
        ("username", "ada"),
        ("password", &*user.password),
        ("next", "//evil.example"),
    ];
    assert_eq!(browser.submit("/login", &fields).await.location(), "/apps");
}
