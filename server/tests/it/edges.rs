//! What is taken back: people and applications that are disabled, access that is withdrawn,
//! settings that are narrowed. Nothing that was granted before gets wider by any of it.

use macro_rules_attribute::apply;
use serde_json::{Value, json};

use crate::harness::application::{REDIRECT_URI, Tokens, is_active, token_works};
use crate::harness::{
    Browser, Code, TestApp, TestServer, TestUser, audit_entry, on_both, problem, refused,
    refused_on_page,
};

async fn tokens_of(app: &TestApp, user: &TestUser, scope: &str) -> (Browser, Tokens) {
    let browser = app.server.signed_in(user).await;
    let ask = app.ask().set("scope", scope);
    let code = Code::of(browser.walk(&ask, user).await);
    let tokens = Tokens::from(app.redeem(&code).await);
    (browser, tokens)
}

/// Changes an application as the administrator who owns it.
async fn patch(app: &TestApp, change: &Value) {
    let owner = app.server.owner().await;
    let browser = app.server.signed_in(&owner).await;
    let path = format!("/api/applications/{}", app.client_id);
    browser.call("PATCH", &path).json(change).await.is(200);
}

#[apply(on_both!)]
async fn a_user_who_is_disabled_holds_nothing_at_once(server: TestServer) {
    let app = server.app().create().await;
    let ada = server.user("ada").await;
    let (browser, tokens) = tokens_of(&app, &ada, "openid read offline_access").await;
    let code = Code::of(browser.walk(&app.ask(), &ada).await);
    let (store, now) = (&server.state.store, server.state.now());
    assert!(
        store
            .disable_user(ada.id, now, audit_entry())
            .await
            .unwrap()
    );
    assert!(
        !store
            .disable_user(ada.id, now, audit_entry())
            .await
            .unwrap()
    );
    assert!(!token_works(&server, &tokens.access).await);
    assert!(!is_active(&app, &tokens.access).await);
    assert!(!is_active(&app, &tokens.refresh).await);
    let answer = server.get("/o/userinfo").bearer(&tokens.access).await;
    refused(&answer, 401, "invalid_token", "token-revoked");
    let answer = app.refresh(&tokens.refresh).await;
    assert_eq!(answer.is(400).member("error"), "invalid_grant");
    let answer = app.redeem(&code).await;
    assert_eq!(answer.is(400).member("error"), "invalid_grant");
    assert_eq!(browser.get("/api/session").await.status, 401);
    let again = browser.try_sign_in("ada", &ada.password, None).await;
    problem(&again, 401, "bad-credentials");
}

/// What the person let go on without them goes on; sessions have ended for good.
#[apply(on_both!)]
async fn a_user_who_is_enabled_again_goes_on(server: TestServer) {
    let app = server.app().create().await;
    let ada = server.user("ada").await;
    let (browser, kept) = tokens_of(&app, &ada, "openid read offline_access").await;
    let (store, now) = (&server.state.store, server.state.now());
    store
        .disable_user(ada.id, now, audit_entry())
        .await
        .unwrap();
    assert!(store.enable_user(ada.id, now, audit_entry()).await.unwrap());
    assert!(!store.enable_user(ada.id, now, audit_entry()).await.unwrap());
    assert_eq!(browser.get("/api/session").await.status, 401);
    assert!(token_works(&server, &kept.access).await);
    app.refresh(&kept.refresh).await.is(200);
    browser.sign_in(&ada).await;
}

#[apply(on_both!)]
async fn the_owner_of_registered_applications_is_no_user(server: TestServer) {
    server.user("ada").await;
    let store = &server.state.store;
    let all = claviger::store::UserFilter::default();
    let names = store.list_users(&all, None, 10).await.unwrap();
    let names: Vec<_> = names.iter().map(|user| user.username.as_str()).collect();
    assert_eq!(names, ["ada"]);
    assert_eq!(store.count_users().await.unwrap(), 1);
    assert!(store.user_by_name("@registration").await.unwrap().is_none());
    let nil = uuid::Uuid::nil();
    assert!(
        !store
            .enable_user(nil, server.state.now(), audit_entry())
            .await
            .unwrap()
    );
    for password in ["", "password"] {
        let answer = server
            .browser()
            .try_sign_in("@registration", password, None)
            .await;
        problem(&answer, 401, "bad-credentials");
    }
}

#[apply(on_both!)]
async fn an_application_that_is_disabled_holds_nothing_at_once(server: TestServer) {
    let app = server.app().create().await;
    let ada = server.user("ada").await;
    let (browser, tokens) = tokens_of(&app, &ada, "openid read").await;
    let code = Code::of(browser.walk(&app.ask(), &ada).await);
    let any_user = server.browser();
    let waiting = any_user.ask(&app.ask()).await.ticket("/login");
    patch(&app, &json!({ "disabled": true })).await;
    for answer in [
        app.refresh(&tokens.refresh).await,
        app.redeem(&code).await,
        app.introspect(&tokens.access).await,
        app.revoke(&tokens.access).await,
    ] {
        refused(&answer, 401, "invalid_client", "client-disabled");
        assert!(answer.header("www-authenticate").starts_with("Basic"));
    }
    for path in ["/api/hello", "/o/userinfo"] {
        let answer = server.get(path).bearer(&tokens.access).await;
        assert_eq!(answer.is(401).member("error"), "invalid_token");
    }
    refused_on_page(&browser.ask(&app.ask()).await, 400, "client-disabled");
    let answer = any_user
        .try_sign_in("ada", &ada.password, Some(&waiting))
        .await;
    // They are signed in, and learn there why it ends here.
    answer.is(200).ticket_in_json("/signed-in");
}

/// A client that fails to authenticate learns nothing of the state of the application.
#[apply(on_both!)]
async fn a_wrong_secret_does_not_say_that_the_application_is_disabled(server: TestServer) {
    let app = server.app().create().await;
    patch(&app, &json!({ "disabled": true })).await;
    let call = server.post("/o/token").basic(&app.client_id, "wrong");
    let answer = call.form(&[("grant_type", "client_credentials")]).await;
    refused(&answer, 401, "invalid_client", "client-auth-failed");
}

#[apply(on_both!)]
async fn an_application_that_is_enabled_again_goes_on(server: TestServer) {
    let app = server.app().create().await;
    let (_, tokens) = tokens_of(&app, &server.user("ada").await, "openid read").await;
    let (_, revoked) = tokens_of(&app, &server.user("bob").await, "openid read").await;
    app.revoke(&revoked.refresh).await.is(200);
    patch(&app, &json!({ "disabled": true })).await;
    assert!(!token_works(&server, &tokens.access).await);
    patch(&app, &json!({ "disabled": false, "name": "Diary" })).await;
    assert!(token_works(&server, &tokens.access).await);
    app.refresh(&tokens.refresh).await.is(200);
    assert!(!token_works(&server, &revoked.access).await);
    app.refresh(&revoked.refresh).await.is(400);
    server.settled().await;
    let sql = "SELECT kind FROM audit_events WHERE kind LIKE 'application.%abled' ORDER BY kind";
    let kinds = server.database.texts(sql).await;
    assert_eq!(kinds, ["application.disabled", "application.enabled"]);
}

#[apply(on_both!)]
async fn its_owner_may_disable_an_application_and_an_administrator_enable_it(server: TestServer) {
    let dev = server.developer("dev").await;
    let app = server.app().owned_by(&dev).create().await;
    let path = format!("/api/applications/{}", app.client_id);
    let browser = server.signed_in(&dev).await;
    let set = async |browser: &Browser, disabled: bool| {
        let change = json!({ "disabled": disabled });
        browser.call("PATCH", &path).json(&change).await
    };
    let answer = set(&browser, true).await.is(200);
    assert_eq!(answer.json()["disabled"], true);
    // What it is already may be said again.
    set(&browser, true).await.is(200);
    let answer = set(&browser, false).await;
    problem(&answer, 422, "form-invalid");
    assert!(answer.json()["errors"]["disabled"].is_array());
    let admin = server.signed_in(&server.admin("root").await).await;
    let answer = set(&admin, false).await.is(200);
    assert_eq!(answer.json()["disabled"], false);
}

/// What another process has disabled is disabled here when this one looks again.
#[apply(on_both!)]
async fn another_process_learns_of_it(server: TestServer) {
    let app = server.app().create().await;
    let second_server = server.second_server().await;
    let tokens = app.tokens().await;
    assert!(token_works(&second_server, &tokens.access).await);
    patch(&app, &json!({ "disabled": true })).await;
    second_server.state.reload().await.unwrap();
    assert!(!token_works(&second_server, &tokens.access).await);
    let answer = app.at(&second_server).refresh(&tokens.refresh).await;
    refused(&answer, 401, "invalid_client", "client-disabled");
    second_server.state.store.close().await;
}

/// RFC 6749 §6: a refresh gives no more than was granted, and than the application still has.
#[apply(on_both!)]
async fn a_scope_that_the_application_has_lost_is_in_no_new_token(server: TestServer) {
    let app = server.app().create().await;
    let (browser, first) = tokens_of(&app, &server.user("ada").await, "openid read").await;
    let ada = server.user("eve").await;
    let waiting = server.signed_in(&ada).await;
    let code = Code::of(waiting.walk(&app.ask(), &ada).await);
    patch(&app, &json!({ "scopes": ["openid", "write"] })).await;
    let second = Tokens::from(app.refresh(&first.refresh).await);
    assert_eq!(second.scope, "openid");
    let of_code = Tokens::from(app.redeem(&code).await);
    assert_eq!(of_code.scope, "openid");
    assert!(!token_works(&server, &second.access).await);
    let form = app.refreshing(&second.refresh).add("scope", "write");
    refused(
        &app.token(&form).await,
        400,
        "invalid_scope",
        "scope-widened",
    );
    // What it gets back was granted once, and counts again.
    patch(&app, &json!({ "scopes": ["openid", "read", "write"] })).await;
    let third = Tokens::from(app.refresh(&second.refresh).await);
    assert_eq!(third.scope, "openid read");
    drop(browser);
}

/// A consent that is remembered covers what was asked then.
#[apply(on_both!)]
async fn a_scope_that_is_added_is_asked_for(server: TestServer) {
    let app = server.app().scopes("openid read").create().await;
    let ada = server.user("ada").await;
    let (browser, tokens) = tokens_of(&app, &ada, "openid read").await;
    patch(&app, &json!({ "scopes": ["openid", "read", "write"] })).await;
    let ask = app.ask().set("scope", "openid read write");
    browser.ask(&ask).await.ticket("/consent");
    let none = browser.ask(&ask.set("prompt", "none")).await.location();
    assert!(none.contains("error=consent_required"), "{none}");
    assert_eq!(
        app.refresh(&tokens.refresh).await.member("scope"),
        "openid read"
    );
}

/// RFC 9700 §2.1: where a code went must still be the application's when it is redeemed.
#[apply(on_both!)]
async fn a_code_that_went_to_a_redirect_uri_that_was_taken_away_is_refused(server: TestServer) {
    let other = "https://client.example/other";
    let app = server
        .app()
        .redirects(&[REDIRECT_URI, other])
        .create()
        .await;
    let ada = server.user("ada").await;
    let browser = server.signed_in(&ada).await;
    let code = Code::of(browser.walk(&app.ask(), &ada).await);
    let any_user = server.browser();
    let ticket = any_user.ask(&app.ask()).await.ticket("/login");
    patch(&app, &json!({ "redirect_uris": [other] })).await;
    let answer = app.redeem(&code).await;
    refused(&answer, 400, "invalid_grant", "code-redirect-uri-mismatch");
    // Nor is a person sent there who was on the way.
    let answer = any_user
        .try_sign_in("ada", &ada.password, Some(&ticket))
        .await;
    answer.is(200).ticket_in_json("/signed-in");
    refused_on_page(&browser.ask(&app.ask()).await, 400, "redirect-uri-mismatch");
}

/// The end of a JWT is left to its `exp` (RFC 9068 §4); at this server it ends when access is
/// withdrawn.
#[apply(on_both!)]
async fn withdrawing_access_ends_a_token_that_is_a_jwt(server: TestServer) {
    let app = server.app().create().await;
    patch(&app, &json!({ "access_token_format": "jwt" })).await;
    let ada = server.user("ada").await;
    let (browser, tokens) = tokens_of(&app, &ada, "openid read").await;
    assert_eq!(tokens.access.split('.').count(), 3);
    assert!(token_works(&server, &tokens.access).await);
    assert!(is_active(&app, &tokens.access).await);
    let path = format!("/api/connections/{}", app.client_id);
    browser.delete(&path).await.is(204);
    assert!(!token_works(&server, &tokens.access).await);
    assert!(!is_active(&app, &tokens.access).await);
    assert!(!is_active(&app, &tokens.refresh).await);
}
