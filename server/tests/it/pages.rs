//! What people see where something is refused or is not there: words for people, and the status
//! that programs read.

use macro_rules_attribute::apply;
use serde_json::json;

use crate::harness::{TestServer, on_both, problem, refused, refused_on_page};

/// What a browser sends when an address is opened.
const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

#[apply(on_both!)]
async fn an_endpoint_for_programs_says_so_to_a_browser(server: TestServer) {
    for path in ["/o/token", "/o/revoke_token", "/o/introspect", "/o/par"] {
        let answer = server.get(path).header("accept", BROWSER).await;
        refused_on_page(&answer, 405, "method-not-allowed");
        assert_eq!(answer.header("allow"), "POST", "{path}");
        assert!(answer.text().contains("<html lang=\"en\">"), "{path}");
        for accept in ["*/*", "application/json"] {
            let answer = server.get(path).header("accept", accept).await;
            refused(&answer, 405, "invalid_request", "method-not-allowed");
            assert_eq!(answer.header("allow"), "POST", "{path}");
        }
    }
    let nothing = server.get("/o/nothing");
    problem(&nothing.await, 404, "not-found");
    let nothing = server.get("/o/nothing").header("accept", BROWSER).await;
    assert!(nothing.is(404).text().contains("Page not found"));
}

#[apply(on_both!)]
async fn a_page_about_nothing_is_not_found(server: TestServer) {
    let owner = server.developer("dev").await;
    let app = server.app().owned_by(&owner).create().await;
    let browser = server.signed_in(&owner).await;
    let page = format!("/apps/{}", app.client_id);
    browser.get(&page).await.is(200);
    browser.get(&format!("{page}/settings")).await.is(200);
    for path in [
        "/apps/none".to_owned(),
        format!("{page}/nothing"),
        "/flows/none".to_owned(),
        "/flows/00000000-0000-0000-0000-000000000000".to_owned(),
    ] {
        browser.get(&path).await.is(404);
    }
    let other = server.signed_in(&server.developer("other").await).await;
    other.get(&page).await.is(404);
    let ask = app.ask().set("redirect_uri", "https://client.example/Cb");
    let refused = server.browser().ask(&ask).await.is(400);
    let flow = format!("/flows/{}", refused.header("x-request-id"));
    browser.get(&flow).await.is(200);
    other.get(&flow).await.is(404);
}

#[apply(on_both!)]
async fn a_refusal_says_what_happened_and_keeps_the_norm_for_those_who_run_it(server: TestServer) {
    let app = server.app().create().await;
    let ask = app.ask().set("redirect_uri", "https://client.example/Cb");
    let page = server.browser().ask(&ask).await.is(400).text();
    let said = "Calendar sent you here with an address that it hasn't registered";
    assert!(page.contains(said), "{page}");
    let (_, folded) = page.split_once("For the people who run Calendar").unwrap();
    assert!(folded.contains("must equal a registered one"), "{page}");
}

#[apply(on_both!)]
async fn a_wrong_password_is_called_wrong(server: TestServer) {
    let ada = server.user("ada").await;
    let form = [("username", "ada"), ("password", "not this one")];
    let page = server.browser().submit("/login", &form).await;
    assert!(page.text().contains("Wrong username or password."));
    let browser = server.signed_in(&ada).await;
    let change = json!({
        "current_password": "not this one",
        "new_password": "lantern gravel ostrich tuesday",
    });
    let answer = browser.post("/api/account/password", &change).await.is(422);
    assert_eq!(
        answer.json()["errors"]["current_password"][0],
        "That is not your current password."
    );
}

#[apply(on_both!)]
async fn a_problem_says_what_happened(server: TestServer) {
    let browser = server.browser_of("ada").await;
    let new = json!({ "name": "Photos", "client_type": "confidential" });
    let answer = browser.post("/api/applications", &new).await;
    problem(&answer, 403, "role-required");
    assert_eq!(answer.json()["title"], "Your role doesn't allow this.");
    let detail = answer.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("developer role"), "{detail}");
}
