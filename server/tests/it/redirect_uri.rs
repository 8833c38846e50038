//! Redirect URIs as `/o/authorize` matches them, and as they come back.

use macro_rules_attribute::apply;

use crate::harness::{Code, TestServer, on_both, param, refused, refused_on_page};

/// RFC 9700 §2.1: redirect URIs are compared character for character.
/// RFC 8252 §7.3: a loopback redirect URI matches with any port.
/// RFC 8252 §7.1: schemes of an application's own are taken.
#[apply(on_both!)]
async fn what_is_registered_matches_character_for_character(server: TestServer) {
    for (sent, registered) in [
        ("https://example.com/cb", "https://example.com/cb"),
        ("https://example.com/cb?a=1", "https://example.com/cb?a=1"),
        ("https://example.com/cb?", "https://example.com/cb?"),
        ("https://example.com/cb;a=1", "https://example.com/cb;a=1"),
        (
            "https://example.com/%23cb%3F",
            "https://example.com/%23cb%3F",
        ),
        ("http://127.0.0.1:49152/cb", "http://127.0.0.1/cb"),
        ("http://127.0.0.1:49152/cb", "http://127.0.0.1:8080/cb"),
        ("http://[::1]:49152/cb", "http://[::1]/cb"),
        ("http://localhost:3000/cb", "http://localhost:3000/cb"),
        ("com.example.app:/cb", "com.example.app:/cb"),
        ("myapp://callback", "myapp://callback"),
    ] {
        let app = server.app().redirects(&[registered]).create().await;
        let ask = app.ask().set("redirect_uri", sent);
        let location = server.browser().walk(&ask, &server.any_user().await).await;
        assert!(location.starts_with(sent), "{sent}: {location}");
        let code = Code::of(location);
        let form = app.redeeming(&code).set("redirect_uri", sent);
        assert_eq!(app.token(&form).await.status, 200, "{sent}");
    }
}

/// RFC 6749 §3.1.2.4: no redirect goes to an address that is not registered.
/// RFC 9700 §4.1.3: no part of a redirect URI is matched loosely.
#[apply(on_both!)]
async fn what_differs_is_refused_on_a_page_that_does_not_tell_what_would_have_passed(
    server: TestServer,
) {
    for (sent, registered) in [
        ("https://example.com/cb?evil=1", "https://example.com/cb"),
        (
            "https://example.com/cb?a=1&evil=1",
            "https://example.com/cb?a=1",
        ),
        (
            "https://example.com/cb?b=2&a=1",
            "https://example.com/cb?a=1&b=2",
        ),
        (
            "https://example.com/cb",
            "https://example.com/cb?registered=1",
        ),
        ("https://example.com/cb?", "https://example.com/cb"),
        ("https://example.com/cb", "https://example.com/cb?"),
        ("https://example.com/cb/", "https://example.com/cb"),
        ("https://example.com/cb#x", "https://example.com/cb"),
        ("https://example.com/cb#", "https://example.com/cb"),
        ("https://example.com/cb;evil=1", "https://example.com/cb"),
        ("https://example.com/%63b", "https://example.com/cb"),
        ("https://example.com/x/../cb", "https://example.com/cb"),
        ("https://user@example.com/cb", "https://example.com/cb"),
        (
            "https://example.com@evil.example/cb",
            "https://example.com/cb",
        ),
        (
            "https://example.com.evil.example/cb",
            "https://example.com/cb",
        ),
        ("https://EXAMPLE.com/cb", "https://example.com/cb"),
        ("https://example.com:443/cb", "https://example.com/cb"),
        ("http://example.com/cb", "https://example.com/cb"),
        ("https://127.0.0.1:8443/cb", "https://127.0.0.1/cb"),
        ("http://localhost:49152/cb", "http://localhost/cb"),
        ("http://localhost/cb", "http://127.0.0.1/cb"),
        ("http://127.0.0.1/cb", "http://localhost/cb"),
        ("http://127.0.0.1:49152/cb/x", "http://127.0.0.1/cb"),
        ("http://127.0.0.1:/cb", "http://127.0.0.1/cb"),
        ("http://127.0.0.1:99999/cb", "http://127.0.0.1/cb"),
        ("http://127.0.0.1:80@evil.example/cb", "http://127.0.0.1/cb"),
        ("com.example.app://cb", "com.example.app:/cb"),
        ("/cb", "https://example.com/cb"),
        ("/../", "https://example.com/cb"),
        ("javascript:alert(1)", "https://example.com/cb"),
        (
            "https://example.com/cb\r\nset-cookie: a=b",
            "https://example.com/cb",
        ),
    ] {
        let app = server
            .app()
            .redirects(&[registered, "https://also.example/other"])
            .create()
            .await;
        let answer = server
            .browser()
            .ask(&app.ask().set("redirect_uri", sent))
            .await;
        refused_on_page(&answer, 400, "redirect-uri-mismatch");
        let text = answer.text();
        assert!(!text.contains("also.example"), "{sent}");
        assert!(!text.contains("registered=1"), "{sent}");
    }
}

/// RFC 6749 §3.1.2.3: a redirect URI may be left out where one is registered.
#[apply(on_both!)]
async fn one_that_is_left_out_is_the_only_registered_one(server: TestServer) {
    let app = server.app().create().await;
    let ask = app.ask().set("scope", "read").without("redirect_uri");
    let location = server.browser().walk(&ask, &server.user("ada").await).await;
    assert!(
        location.starts_with("https://client.example/cb?code="),
        "{location}"
    );
    let form = app.redeeming(&Code::of(location)).without("redirect_uri");
    assert_eq!(app.token(&form).await.status, 200);
}

/// RFC 6749 §3.1.2.3: a redirect URI has to be sent where several are registered.
#[apply(on_both!)]
async fn one_that_is_left_out_where_several_or_none_are_registered_is_refused(server: TestServer) {
    let several = server
        .app()
        .redirects(&["https://a.example/cb", "https://b.example/cb"]);
    let none = server.app().grants(&["client_credentials"]).redirects(&[]);
    for app in [several.create().await, none.create().await] {
        let answer = server
            .browser()
            .ask(&app.ask().set("scope", "read").without("redirect_uri"))
            .await;
        refused_on_page(&answer, 400, "redirect-uri-missing");
    }
}

/// RFC 6749 §3.1: a redirect URI that comes twice is none.
#[apply(on_both!)]
async fn one_that_is_sent_twice_is_refused_on_a_page(server: TestServer) {
    let app = server.app().create().await;
    let ask = app.ask().add("redirect_uri", "https://client.example/cb");
    refused_on_page(&server.browser().ask(&ask).await, 400, "parameter-repeated");
}

/// RFC 6749 §3.1.2: the query of a registered redirect URI stays when parameters are added.
#[apply(on_both!)]
async fn the_query_of_a_registered_uri_is_kept(server: TestServer) {
    let app = server
        .app()
        .redirects(&["https://example.com/cb?foo=bar%20baz"])
        .create()
        .await;
    let location = server
        .browser()
        .walk(&app.ask(), &server.user("ada").await)
        .await;
    assert!(
        location.starts_with("https://example.com/cb?foo=bar%20baz&code="),
        "{location}"
    );
    assert_eq!(
        param(&location, "iss").as_deref(),
        Some("http://localhost:8000/o")
    );
}

/// RFC 6749 §4.1.3: the redirect URI at the token endpoint is the one of the request, its port
/// too.
#[apply(on_both!)]
async fn a_loopback_port_at_the_token_endpoint_is_the_one_that_was_sent_before(server: TestServer) {
    let app = server
        .app()
        .redirects(&["http://127.0.0.1/cb"])
        .create()
        .await;
    let ask = app.ask().set("redirect_uri", "http://127.0.0.1:49152/cb");
    let code = app.code_of(&ask).await;
    let form = app
        .redeeming(&code)
        .set("redirect_uri", "http://127.0.0.1:49153/cb");
    let answer = app.token(&form).await;
    refused(&answer, 400, "invalid_grant", "code-redirect-uri-mismatch");
    assert!(!answer.text().contains("49152"));
}

#[apply(on_both!)]
async fn one_of_another_application_is_refused(server: TestServer) {
    let app = server.app().create().await;
    server
        .app()
        .redirects(&["https://other.example/cb"])
        .create()
        .await;
    let ask = app.ask().set("redirect_uri", "https://other.example/cb");
    refused_on_page(
        &server.browser().ask(&ask).await,
        400,
        "redirect-uri-mismatch",
    );
}

/// OpenID Connect Core 1.0 §3.1.2.1: redirect_uri is REQUIRED.
#[apply(on_both!)]
async fn a_request_with_openid_has_to_name_it(server: TestServer) {
    let app = server.app().create().await;
    for scope in ["openid", "read openid"] {
        let ask = app.ask().set("scope", scope);
        for ask in [
            ask.clone().without("redirect_uri"),
            ask.set("redirect_uri", ""),
        ] {
            let answer = server.browser().ask(&ask).await;
            refused_on_page(&answer, 400, "redirect-uri-missing");
            let pushed = app.post("/o/par", &ask.params.without("client_id")).await;
            refused(&pushed, 400, "invalid_request", "redirect-uri-missing");
        }
    }
}

/// RFC 9700 §4.1.3, RFC 8252 §7.3: native applications listen on whatever port is free, and many
/// of them say `localhost`.
#[apply(on_both!)]
async fn localhost_of_a_public_client_has_any_port(server: TestServer) {
    for (sent, registered) in [
        ("http://localhost:3118/cb", "http://localhost/cb"),
        ("http://localhost:3118/cb", "http://localhost:8080/cb"),
        ("http://127.0.0.1:3118/cb", "http://127.0.0.1/cb"),
    ] {
        let app = server.app().public().redirects(&[registered]);
        let app = app.create().await;
        let ask = app.ask().set("redirect_uri", sent);
        let code = app.code_of(&ask).await;
        let redeem = app.redeeming(&code).set("redirect_uri", sent);
        app.token(&redeem).await.is(200);
        // The port is the one that was sent to the authorization endpoint.
        let code = app.code_of(&ask).await;
        let answer = app.token(&app.redeeming(&code).set("redirect_uri", registered));
        refused(
            &answer.await,
            400,
            "invalid_grant",
            "code-redirect-uri-mismatch",
        );
    }
    let confidential = server.app().redirects(&["http://localhost/cb"]);
    let confidential = confidential.create().await;
    let ask = confidential.ask();
    server.browser().ask(&ask).await.ticket("/login");
    let ask = ask.set("redirect_uri", "http://localhost:3118/cb");
    let answer = server.browser().ask(&ask).await;
    refused_on_page(&answer, 400, "redirect-uri-mismatch");
}

/// RFC 6761 §6.3: names under `localhost` lead to this machine; they are compared as they stand.
#[apply(on_both!)]
async fn names_under_localhost_are_taken_and_compared_as_they_stand(server: TestServer) {
    let app = server.app().public();
    let app = app.redirects(&["http://app.localhost:3000/cb"]);
    let app = app.create().await;
    server.browser().ask(&app.ask()).await.ticket("/login");
    let ask = app
        .ask()
        .set("redirect_uri", "http://app.localhost:3001/cb");
    let answer = server.browser().ask(&ask).await;
    refused_on_page(&answer, 400, "redirect-uri-mismatch");
}
