//! What an application may ask of `/o/logout`, and what is said on a page instead.

use macro_rules_attribute::apply;
use serde_json::json;

use crate::harness::{Browser, TestServer, on_both, param, refused_on_page};
use crate::logout::{BYE, app, is_signed_in, log_out, tokens};

/// OpenID Connect RP-Initiated Logout 1.0 §3: the post_logout_redirect_uri is compared as a
/// string, and one that is not registered gets no redirect.
#[apply(on_both!)]
async fn an_address_that_is_not_registered_gets_no_redirect(server: TestServer) {
    let (app, user) = (app(&server).await, server.user("ada").await);
    let bye = |s: &mut contract::wire::application::ApplicationSettings| {
        s.post_logout_redirect_uris = Some(vec![
            "https://other.example/bye".to_owned(),
            "http://127.0.0.1/bye".to_owned(),
        ]);
    };
    let other = server.app().settings(bye).create().await;
    let browser = server.signed_in(&user).await;
    let got = tokens(&app, &browser, &user, "openid").await;
    for address in [
        "https://other.example/bye",
        "https://client.example/bye/",
        "https://client.example/bye?x",
        "https://client.example/bye#x",
        "https://client.example/BYE",
        "https://CLIENT.example/bye",
        "https://client.example/cb",
        "https://client.example@evil.example/bye",
        "//client.example/bye",
        "/bye",
        "imap://client.example/bye",
        "javascript:alert(1)",
        "https://evil.example/\r\nSet-Cookie: a=b",
    ] {
        for who in [
            ("id_token_hint", got.id_token.as_str()),
            ("client_id", app.client_id.as_str()),
        ] {
            let params = [who, ("post_logout_redirect_uri", address)];
            stays(&browser, &params).await;
        }
    }
    // Not even the port of a loopback address is free.
    let params = [
        ("client_id", other.client_id.as_str()),
        ("post_logout_redirect_uri", "http://127.0.0.1:4711/bye"),
    ];
    stays(&browser, &params).await;
    assert!(is_signed_in(&browser).await);
}

/// The person is asked, and told that they will stay here.
async fn stays(browser: &Browser, params: &[(&str, &str)]) {
    let flow = log_out(browser, params).await.ticket("/logout");
    let page = browser.get(&format!("/logout?flow={flow}")).await.is(200);
    let text = page.text();
    assert!(text.contains("/rules/post-logout-redirect-uri-mismatch"));
    let policy = page.header("content-security-policy");
    assert!(policy.contains("form-action 'self';"), "{policy}");
}

/// OpenID Connect RP-Initiated Logout 1.0 §4: what can't be right is said on a page.
#[apply(on_both!)]
async fn a_request_that_cannot_be_right_ends_on_a_page(server: TestServer) {
    let (app, user) = (app(&server).await, server.user("ada").await);
    let other = server.app().create().await;
    let browser = server.signed_in(&user).await;
    let got = tokens(&app, &browser, &user, "openid").await;
    let hint = ("id_token_hint", got.id_token.as_str());
    let bye = ("post_logout_redirect_uri", BYE);
    let (head, _) = got.id_token.rsplit_once('.').unwrap();
    let forged = format!("{head}.{}", "A".repeat(342));
    let none = format!(
        "{}.",
        head.replacen(head.split('.').next().unwrap(), "eyJhbGciOiJub25lIn0", 1)
    );
    let table: [(&str, Vec<(&str, &str)>); 9] = [
        ("client-unknown", vec![("client_id", "nobody"), bye]),
        ("client-unknown", vec![("client_id", "nobody")]),
        ("client-unknown", vec![("client_id", "a\0b")]),
        (
            "logout-client-mismatch",
            vec![hint, ("client_id", &other.client_id)],
        ),
        (
            "logout-hint-invalid",
            vec![("id_token_hint", "garbage"), bye],
        ),
        ("logout-hint-invalid", vec![("id_token_hint", &forged), bye]),
        ("logout-hint-invalid", vec![("id_token_hint", &none), bye]),
        (
            "logout-hint-invalid",
            vec![("id_token_hint", &got.access), bye],
        ),
        ("parameter-repeated", vec![hint, bye, bye]),
    ];
    for (rule, params) in table {
        refused_on_page(&log_out(&browser, &params).await, 400, rule);
        let answer = browser.submit("/o/logout", &params).await;
        refused_on_page(&answer, 400, rule);
        assert!(is_signed_in(&browser).await, "{rule}");
    }
    let answer = browser.call("PUT", "/o/logout").await;
    refused_on_page(&answer, 405, "method-not-allowed");
    assert_eq!(answer.header("allow"), "GET, POST");
    let answer = browser.call("HEAD", "/o/logout").await;
    assert_eq!((answer.status, answer.header("allow")), (405, "GET, POST"));
}

#[apply(on_both!)]
async fn a_disabled_application_signs_no_user_out(server: TestServer) {
    let (app, user) = (app(&server).await, server.user("ada").await);
    let browser = server.signed_in(&user).await;
    let got = tokens(&app, &browser, &user, "openid").await;
    let owner = server.signed_in(&server.owner().await).await;
    let path = format!("/api/applications/{}", app.client_id);
    let disable = owner
        .call("PATCH", &path)
        .json(&json!({ "disabled": true }));
    disable.await.is(200);
    let params = [
        ("id_token_hint", got.id_token.as_str()),
        ("post_logout_redirect_uri", BYE),
    ];
    let answer = log_out(&browser, &params).await;
    refused_on_page(&answer, 400, "client-disabled");
    assert!(is_signed_in(&browser).await);
}

/// The token of an application that is gone still says who wants to sign out.
#[apply(on_both!)]
async fn the_hint_of_an_application_that_was_deleted_leads_nowhere(server: TestServer) {
    let (app, user) = (app(&server).await, server.user("ada").await);
    let browser = server.signed_in(&user).await;
    let got = tokens(&app, &browser, &user, "openid").await;
    let owner = server.signed_in(&server.owner().await).await;
    let path = format!("/api/applications/{}", app.client_id);
    owner.delete(&path).await.is(204);
    let hint = ("id_token_hint", got.id_token.as_str());
    let answer = log_out(&browser, &[hint, ("post_logout_redirect_uri", BYE)]).await;
    refused_on_page(&answer, 400, "client-unknown");
    assert_eq!(log_out(&browser, &[hint]).await.location(), "/logout");
    assert!(!is_signed_in(&browser).await);
}

/// A form of another site brings no cookie: the request is repeated as a GET, which does.
#[apply(on_both!)]
async fn a_form_of_another_site_is_repeated_as_a_get(server: TestServer) {
    let (app, user) = (app(&server).await, server.user("ada").await);
    let browser = server.signed_in(&user).await;
    let got = tokens(&app, &browser, &user, "openid").await;
    // What a form may hold as it is would end a URL.
    let raw = format!(
        "id_token_hint={}&post_logout_redirect_uri={BYE}&state=a#b+c",
        got.id_token
    );
    let call = server
        .post("/o/logout")
        .body("application/x-www-form-urlencoded", raw);
    let again = call.header("sec-fetch-site", "cross-site").await.location();
    assert!(again.starts_with("/o/logout?"), "{again}");
    let location = browser.get(&again).await.location();
    assert_eq!(param(&location, "state").as_deref(), Some("a#b c"));
    assert!(!is_signed_in(&browser).await);
}
