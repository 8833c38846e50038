//! The applications that a person has let in, and taking that back.

use macro_rules_attribute::apply;
use serde_json::json;
use tokio::join;

use crate::device::{device, television};
use crate::harness::application::{Tokens, is_active, token_works};
use crate::harness::{
    Browser, Code, TestApp, TestServer, TestUser, on_both, param, problem, refused_by_redirect,
};

const ROUNDS: usize = 12;

async fn let_in(app: &TestApp, user: &TestUser) -> (Browser, Tokens) {
    let browser = app.server.signed_in(user).await;
    let code = Code::of(browser.walk(&app.ask(), user).await);
    let tokens = Tokens::from(app.redeem(&code).await);
    (browser, tokens)
}

#[apply(on_both!)]
async fn an_application_is_listed_for_the_person_who_allowed_it(server: TestServer) {
    let app = server.app().create().await;
    let (browser, _) = let_in(&app, &server.user("ada").await).await;
    let expected = json!([{
        "client_id": app.client_id,
        "name": "Calendar",
        "scopes": ["openid", "read"],
        "permissions": [
            {
                "name": "openid",
                "description": "Know who you are",
                "detail": "An identifier that stays the same each time you sign in",
            },
            {
                "name": "read",
                "description": "Read your data",
                "detail": "Without changing anything",
            },
        ],
        "resources": [],
        "created_at": "2027-01-15T08:00:00Z",
        "updated_at": "2027-01-15T08:00:00Z",
        "last_used_at": "2027-01-15T08:00:00Z",
    }]);
    assert_eq!(
        browser.get("/api/connections").await.is(200).json(),
        expected
    );
    let other = server.browser_of("bob").await;
    assert_eq!(other.get("/api/connections").await.json(), json!([]));
    problem(
        &server.browser().get("/api/connections").await,
        401,
        "session-required",
    );
}

#[apply(on_both!)]
async fn an_application_that_skips_consent_is_listed_while_it_holds_tokens(server: TestServer) {
    let app = server.app().skip_consent().create().await;
    let (browser, _) = let_in(&app, &server.user("ada").await).await;
    let list = browser.get("/api/connections").await.json();
    assert_eq!(list[0]["client_id"], app.client_id);
    browser
        .delete(&format!("/api/connections/{}", app.client_id))
        .await
        .is(204);
    assert_eq!(browser.get("/api/connections").await.json(), json!([]));
}

#[apply(on_both!)]
async fn removing_access_ends_the_tokens_and_forgets_the_consent(server: TestServer) {
    let app = server.app().create().await;
    let (browser, tokens) = let_in(&app, &server.user("ada").await).await;
    browser
        .delete(&format!("/api/connections/{}", app.client_id))
        .await
        .is(204);
    assert!(!token_works(&server, &tokens.access).await);
    assert!(!is_active(&app, &tokens.refresh).await);
    assert_eq!(
        app.refresh(&tokens.refresh).await.member("error"),
        "invalid_grant"
    );
    browser.ask(&app.ask()).await.ticket("/consent");
}

#[apply(on_both!)]
async fn removing_access_ends_a_code_that_is_on_its_way(server: TestServer) {
    let app = server.app().create().await;
    let user = server.user("ada").await;
    let browser = server.signed_in(&user).await;
    let code = Code::of(browser.walk(&app.ask(), &user).await);
    browser
        .delete(&format!("/api/connections/{}", app.client_id))
        .await
        .is(204);
    assert_eq!(app.redeem(&code).await.member("error"), "invalid_grant");
}

#[apply(on_both!)]
async fn removing_access_is_ones_own_affair(server: TestServer) {
    let app = server.app().create().await;
    let (ada, adas) = let_in(&app, &server.user("ada").await).await;
    let (bob, bobs) = let_in(&app, &server.user("bob").await).await;
    ada.delete(&format!("/api/connections/{}", app.client_id))
        .await
        .is(204);
    assert!(!token_works(&server, &adas.access).await);
    assert!(token_works(&server, &bobs.access).await);
    let again = ada
        .delete(&format!("/api/connections/{}", app.client_id))
        .await;
    problem(&again, 404, "not-found");
    problem(
        &bob.delete("/api/connections/nothing").await,
        404,
        "not-found",
    );
}

/// Of a flow that took long, since each of its pages may be open for ten minutes.
#[apply(on_both!)]
async fn removing_access_ends_a_code_of_a_slow_person_too(server: TestServer) {
    let app = server.app().create().await;
    let user = server.user("ada").await;
    let browser = server.browser();
    let ticket = browser.ask(&app.ask()).await.ticket("/login");
    server.advance(599);
    let consent = browser.sign_in_for(&user, &ticket).await;
    let (_, ticket) = consent.split_once("flow=").unwrap();
    server.advance(599);
    let code = Code::of(browser.allow(ticket).await);
    let path = format!("/api/connections/{}", app.client_id);
    browser.delete(&path).await.is(204);
    assert_eq!(app.redeem(&code).await.member("error"), "invalid_grant");
    let second = browser.ask(&app.ask()).await.ticket("/consent");
    server.advance(599);
    let code = Code::of(browser.allow(&second).await);
    browser.submit("/logout", &[]).await.location();
    assert_eq!(app.redeem(&code).await.member("error"), "invalid_grant");
}

/// A code that is issued by the consent of before, in the very moment in which that is taken back.
#[apply(on_both!)]
async fn a_code_that_crosses_the_removal_of_access_is_worth_nothing(server: TestServer) {
    let app = server.app().create().await;
    let user = server.user("ada").await;
    let browser = server.signed_in(&user).await;
    for _ in 0..ROUNDS {
        browser.walk(&app.ask(), &user).await;
        let asks = [app.ask(), app.ask().set("prompt", "none")];
        let path = format!("/api/connections/{}", app.client_id);
        let (one, none, removed) = join!(
            browser.ask(&asks[0]),
            browser.ask(&asks[1]),
            browser.delete(&path),
        );
        removed.is(204);
        for answer in [one, none] {
            let location = answer.location();
            if param(&location, "code").is_some() {
                let answer = app.redeem(&Code::of(location)).await;
                assert_eq!(answer.status, 400, "{}", answer.text());
            } else if !location.starts_with("/consent") {
                refused_by_redirect(&location, "consent_required", "consent-required");
            }
        }
    }
    assert_eq!(server.count("consents").await, 0);
    assert_eq!(server.count("grants").await, 0);
}

/// Either the device was allowed afterwards, and then that is remembered, or it gets nothing.
#[apply(on_both!)]
async fn a_device_that_crosses_the_removal_of_access_gets_nothing(server: TestServer) {
    let app = television(&server).await;
    let browser = server.signed_in(&server.user("ada").await).await;
    let path = format!("/api/connections/{}", app.client_id);
    for _ in 0..ROUNDS {
        let [first, second] = [device(&app, "read").await, device(&app, "read").await];
        first.decide(&browser, "allow").await.is(200);
        let (allowed, removed) = join!(second.decide(&browser, "allow"), browser.delete(&path));
        allowed.is(200);
        removed.is(204);
        assert_eq!(first.poll().await.status, 400);
        let remembered = server.count("consents").await == 1;
        assert_eq!(second.poll().await.status == 200, remembered);
        browser.delete(&path).await;
    }
}

/// What is taken back while the person answers does not come again with the answer.
#[apply(on_both!)]
async fn an_answer_that_crosses_the_removal_of_access_brings_nothing_back(server: TestServer) {
    let app = server.app().create().await;
    let user = server.user("ada").await;
    let browser = server.signed_in(&user).await;
    let path = format!("/api/connections/{}", app.client_id);
    for _ in 0..ROUNDS {
        browser.walk(&app.ask(), &user).await;
        let ask = app.ask().set("scope", "openid").set("prompt", "consent");
        let ticket = browser.ask(&ask).await.ticket("/consent");
        let (allowed, removed) = join!(
            browser.decide(&ticket, "allow", None),
            browser.delete(&path)
        );
        allowed.is(200);
        removed.is(204);
        let scopes = server.database.texts("SELECT scopes FROM consents").await;
        assert!(scopes.is_empty() || scopes == ["openid"], "{scopes:?}");
    }
}

#[apply(on_both!)]
async fn removing_an_application_that_skips_consent_revokes_its_code(server: TestServer) {
    let app = server.app().skip_consent().create().await;
    let user = server.user("ada").await;
    let browser = server.signed_in(&user).await;
    let path = format!("/api/connections/{}", app.client_id);
    let code = Code::of(browser.walk(&app.ask(), &user).await);
    browser.delete(&path).await.is(204);
    assert_eq!(app.redeem(&code).await.member("error"), "invalid_grant");
    browser.delete(&path).await.is(404);
}
