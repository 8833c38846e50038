//! What an authorization request may say about the person and the pages, beside what
//! `authorize_person` shows: values that do not go together, wishes that can't be granted.

use macro_rules_attribute::apply;
use serde_json::json;

use crate::harness::{Code, TestServer, on_both, refused_by_redirect, refused_on_page};

/// OpenID Connect Core 1.0 §3.1.2.1: `none` together with any other value is an error.
#[apply(on_both!)]
async fn prompt_none_goes_with_nothing(server: TestServer) {
    let app = server.app().skip_consent().create().await;
    let browser = server.browser_of("ada").await;
    for prompt in [
        "none login",
        "login none",
        "none consent",
        "none select_account",
        "consent login none",
    ] {
        let ask = app.ask().set("prompt", prompt);
        let location = browser.ask(&ask).await.location();
        refused_by_redirect(&location, "invalid_request", "prompt-none-combined");
    }
    Code::of(
        browser
            .ask(&app.ask().set("prompt", "none none"))
            .await
            .location(),
    );
}

/// Initiating User Registration via OpenID Connect 1.0 §4.1: where sign-up is closed there is
/// nothing to lead to, and the person signs in.
#[apply(on_both!)]
async fn prompt_create_is_ignored_while_sign_up_is_closed(server: TestServer) {
    let app = server.app().skip_consent().create().await;
    for prompt in ["create", "create login"] {
        let ask = app.ask().set("prompt", prompt);
        server.browser().ask(&ask).await.ticket("/login");
    }
    let ask = app.ask().set("prompt", "create");
    let location = server.browser_of("ada").await.ask(&ask).await.location();
    Code::of(location);
    let ask = app.ask().set("prompt", "create");
    let answer = server
        .browser()
        .ask(&ask.clone().set("client_id", "nobody"))
        .await;
    refused_on_page(&answer, 400, "client-unknown");
    let answer = server
        .browser()
        .ask(&ask.set("redirect_uri", "https://evil.example"))
        .await;
    refused_on_page(&answer, 400, "redirect-uri-mismatch");
    let metadata = server.get("/o/.well-known/openid-configuration").await;
    assert_eq!(
        metadata.json()["prompt_values_supported"],
        json!(["none", "login", "consent", "select_account"])
    );
}

/// OpenID Connect Core 1.0 §3.1.2.3: `prompt=login` is answered by a sign-in, whatever the page is asked for in between.
#[apply(on_both!)]
async fn prompt_login_and_select_account_really_sign_in_again(server: TestServer) {
    let app = server.app().skip_consent().create().await;
    let (ada, bob) = (server.user("ada").await, server.user("bob").await);
    for prompt in ["login", "select_account"] {
        let browser = server.signed_in(&ada).await;
        server.advance(5);
        let ask = app.ask().set("prompt", prompt);
        let ticket = browser.ask(&ask).await.ticket("/login");
        for _ in 0..2 {
            let page = browser.get(&format!("/login?flow={ticket}")).await.is(200);
            assert!(page.text().contains("Password"));
        }
        let wrong = browser.try_sign_in("ada", "wrong", Some(&ticket)).await;
        assert_eq!(wrong.status, 401);
        // Another account may be chosen.
        let code = Code::of(browser.sign_in_for(&bob, &ticket).await);
        let claims = crate::id_token::claims(&app.redeem(&code).await.member("id_token"));
        assert_eq!(claims["sub"], bob.id.to_string());
        assert_eq!(claims["auth_time"], server.state.now().0 / 1000);
    }
}

/// OpenID Connect Core 1.0 §5.5.1.1: `acr_values` is a wish; what can't be granted is no error, and the `acr` that there was is said.
#[apply(on_both!)]
async fn acr_values_are_a_wish(server: TestServer) {
    let app = server.app().skip_consent().create().await;
    let browser = server.browser_of("ada").await;
    for wish in ["1", "2 1", "urn:mace:incommon:iap:silver", "phr phrh"] {
        let ask = app.ask().set("acr_values", wish);
        let code = Code::of(browser.ask(&ask).await.location());
        let claims = crate::id_token::claims(&app.redeem(&code).await.member("id_token"));
        assert_eq!(claims["acr"], "1", "{wish}");
    }
    let metadata = server.get("/o/.well-known/openid-configuration").await;
    assert_eq!(metadata.json()["acr_values_supported"], json!(["1"]));
}

/// OpenID Connect Core 1.0 §3.1.2.1: parameters that only wish for something, or are not known, change nothing.
#[apply(on_both!)]
async fn wishes_for_looks_and_languages_are_taken_and_change_nothing(server: TestServer) {
    let app = server.app().skip_consent().create().await;
    let browser = server.browser_of("ada").await;
    let ask = app
        .ask()
        .set("ui_locales", "fr-CA fr en")
        .set("claims_locales", "de")
        .set("display", "popup")
        .set("claims", "{\"userinfo\":{\"email\":{\"essential\":true}}}")
        .set("login_hint", "somebody.else@example.com")
        .set("audience", "x")
        .set("approval_prompt", "force");
    let code = Code::of(browser.ask(&ask).await.location());
    assert_eq!(app.redeem(&code).await.member("scope"), "openid read");
    let metadata = server.get("/o/.well-known/openid-configuration").await;
    let metadata = metadata.json();
    assert_eq!(metadata["claims_parameter_supported"], false);
    assert!(metadata.get("ui_locales_supported").is_none());
}

/// OpenID Connect Core 1.0 §3.1.2.6: `request` and `registration` have errors of their own.
#[apply(on_both!)]
async fn what_is_not_supported_says_so(server: TestServer) {
    let app = server.app().create().await;
    for (name, error, rule) in [
        (
            "request",
            "request_not_supported",
            "request-object-unsupported",
        ),
        (
            "registration",
            "registration_not_supported",
            "registration-parameter-unsupported",
        ),
    ] {
        let ask = app.ask().set(name, "{}").set("prompt", "none");
        let location = server.browser().ask(&ask).await.location();
        refused_by_redirect(&location, error, rule);
    }
}

/// OpenID Connect Core 1.0 §11: `offline_access` needs the person's yes; who has not agreed to it is asked, and may say no to it alone.
#[apply(on_both!)]
async fn offline_access_needs_a_yes_of_its_own(server: TestServer) {
    let app = server.app().optional("offline_access").create().await;
    let user = server.user("ada").await;
    let browser = server.signed_in(&user).await;
    browser.walk(&app.ask().set("scope", "openid"), &user).await;
    let ask = app.ask().set("scope", "openid offline_access");
    let location = browser
        .ask(&ask.clone().set("prompt", "none"))
        .await
        .location();
    refused_by_redirect(&location, "consent_required", "consent-required");
    let ticket = browser.ask(&ask).await.ticket("/consent");
    let answer = browser.decide(&ticket, "allow", Some(&["openid"])).await;
    let code = Code::of(answer.member("redirect_to"));
    assert_eq!(app.redeem(&code).await.member("scope"), "openid");
    let ticket = browser
        .ask(&ask.clone().set("prompt", "consent"))
        .await
        .ticket("/consent");
    let code = Code::of(browser.allow(&ticket).await);
    let scope = app.redeem(&code).await.member("scope");
    assert_eq!(scope, "openid offline_access");
    let code = Code::of(browser.ask(&ask).await.location());
    assert_eq!(app.redeem(&code).await.member("scope"), scope);
}

/// OpenID Connect Core 1.0 §3.1.2.1: everything may also be sent by POST.
#[apply(on_both!)]
async fn a_post_is_checked_and_answered_as_a_get_is(server: TestServer) {
    let app = server.app().skip_consent().create().await;
    let browser = server.browser_of("ada").await;
    let post = async |ask: crate::harness::AuthorizationRequest| {
        browser
            .call("POST", "/o/authorize")
            .fields(&ask.params)
            .await
    };
    Code::of(post(app.ask()).await.location());
    let location = post(app.ask().set("scope", "nothing")).await.location();
    refused_by_redirect(&location, "invalid_scope", "scope-unknown");
    let location = post(app.ask().add("nonce", "2")).await.location();
    refused_by_redirect(&location, "invalid_request", "parameter-repeated");
    let answer = post(app.ask().set("client_id", "nobody")).await;
    refused_on_page(&answer, 400, "client-unknown");
    server.advance(5);
    let fresh = post(app.ask().set("max_age", "1")).await;
    fresh.ticket("/login");
}

/// An application that was disabled while the person decided gets nothing.
#[apply(on_both!)]
async fn a_disabled_application_is_refused_on_a_page(server: TestServer) {
    let app = server.app().create().await;
    let user = server.user("ada").await;
    let browser = server.signed_in(&user).await;
    let ticket = browser.ask(&app.ask()).await.ticket("/consent");
    let anonymous = server.browser();
    let login = anonymous.ask(&app.ask()).await.ticket("/login");
    let sql = format!(
        "UPDATE applications SET disabled_at = 1 WHERE client_id = '{}'",
        app.client_id
    );
    server.database.execute(&sql).await;
    server.state.store.forget();
    refused_on_page(&browser.ask(&app.ask()).await, 400, "client-disabled");
    let ask = app.ask().set("redirect_uri", "https://evil.example");
    refused_on_page(&browser.ask(&ask).await, 400, "client-disabled");
    let answer = browser.decide(&ticket, "allow", None).await;
    assert_eq!(
        answer.json()["type"],
        "http://localhost:8000/rules/client-disabled"
    );
    let answer = anonymous
        .try_sign_in(&user.username, &user.password, Some(&login))
        .await;
    // They are signed in, and learn there why it ends here.
    answer.is(200).ticket_in_json("/signed-in");
    assert_eq!(server.count("authorization_codes").await, 0);
}
