//! The way out and the edges of it: signing out, apps with schemes of their own, long states, and
//! where password managers look.

use macro_rules_attribute::apply;

use crate::harness::{
    AuthorizationRequest, Browser, Code, TestServer, on_both, param, refused_on_page,
};
use crate::logout::{BYE, app, is_signed_in, log_out, tokens};

/// OpenID Connect RP-Initiated Logout 1.0 §2: in doubt the person is asked, and may sign out.
/// OpenID Connect RP-Initiated Logout 1.0 §3: no redirect goes to an address that is not
/// registered.
#[apply(on_both!)]
async fn every_logout_that_may_be_meant_signs_out(server: TestServer) {
    let app = app(&server).await;
    let mismatch = "post-logout-redirect-uri-mismatch";
    let missing = "logout-client-missing";
    for hint in [false, true] {
        for client_id in [false, true] {
            for uri in [None, Some(BYE), Some("https://rp.example/")] {
                for state in [None, Some("x y")] {
                    let user = server.any_user().await;
                    let browser = server.signed_in(&user).await;
                    let got = tokens(&app, &browser, &user, "openid").await;
                    let mut params = Vec::new();
                    if hint {
                        params.push(("id_token_hint", got.id_token.as_str()));
                    }
                    if client_id {
                        params.push(("client_id", app.client_id.as_str()));
                    }
                    params.extend(uri.map(|uri| ("post_logout_redirect_uri", uri)));
                    params.extend(state.map(|state| ("state", state)));
                    let note = match uri {
                        Some(_) if !hint && !client_id => Some(missing),
                        Some(uri) if uri != BYE => Some(mismatch),
                        _ => None,
                    };
                    let there = match (uri, note) {
                        (Some(uri), None) => {
                            state.map_or(uri.to_owned(), |_| format!("{uri}?state=x%20y"))
                        }
                        _ => "/logout".to_owned(),
                    };
                    let answer = log_out(&browser, &params).await;
                    if hint && note.is_none() {
                        assert_eq!(answer.location(), there, "{params:?}");
                        assert!(!is_signed_in(&browser).await);
                        continue;
                    }
                    let flow = answer.ticket("/logout");
                    assert!(is_signed_in(&browser).await);
                    let page = browser.get(&format!("/logout?flow={flow}")).await.is(200);
                    let page = page.text();
                    assert!(page.contains("Sign out?"), "{params:?}");
                    for rule in [mismatch, missing] {
                        assert_eq!(page.contains(rule), note == Some(rule), "{params:?}");
                    }
                    let answer = browser.submit("/logout", &[("flow", &flow)]).await;
                    assert_eq!(answer.location(), there, "{params:?}");
                    assert!(!is_signed_in(&browser).await);
                    assert!(
                        browser
                            .get("/logout")
                            .await
                            .text()
                            .contains("You are signed out")
                    );
                    // Again, without a session.
                    assert_eq!(log_out(&browser, &params).await.location(), there);
                }
            }
        }
    }
}

/// A request that can't be right has a way out too.
#[apply(on_both!)]
async fn a_refused_logout_leads_to_the_page_that_signs_out(server: TestServer) {
    let browser = server.browser_of("ada").await;
    let answer = log_out(&browser, &[("id_token_hint", "forged")]).await;
    refused_on_page(&answer, 400, "logout-hint-invalid");
    assert!(answer.text().contains("href=\"/logout\""));
}

/// An application without web pages, and a person who stands before its question.
async fn native(server: &TestServer, mode: &str) -> (Browser, String) {
    let app = server.app().redirects(&["com.example.app:/cb"]).public();
    let app = app.create().await;
    let user = server.any_user().await;
    let browser = server.signed_in(&user).await;
    let ask: AuthorizationRequest = app.ask().set("response_mode", mode);
    let flow = browser.ask(&ask).await.ticket("/consent");
    (browser, flow)
}

/// RFC 8252 §7.1: the answer goes to the app by its scheme. The browser stays where it is: on a
/// page with a link, not on the form that was answered.
#[apply(on_both!)]
async fn an_app_is_opened_from_a_page_that_says_that_it_is_done(server: TestServer) {
    for mode in ["query", "form_post"] {
        for decision in ["allow", "deny"] {
            let (browser, flow) = native(&server, mode).await;
            let page = browser.get(&format!("/consent?flow={flow}")).await.is(200);
            let policy = page.header("content-security-policy");
            assert!(!policy.contains("form-action"), "{policy}");
            let fields = [("flow", flow.as_str()), ("decision", decision)];
            let call = browser.call("POST", "/consent").form(&fields);
            let call = call.header("sec-fetch-site", "same-origin");
            let answer = call.header("sec-fetch-mode", "navigate").await.is(200);
            assert_eq!(answer.header("cache-control"), "no-store");
            let refresh = answer.header("refresh").to_owned();
            let to = refresh.strip_prefix("0; url=").unwrap();
            assert!(to.starts_with("com.example.app:/cb?"), "{to}");
            assert_eq!(param(to, "code").is_some(), decision == "allow", "{to}");
            let text = answer.text();
            let link = format!("href=\"{}\"", to.replace('&', "&amp;"));
            assert!(
                text.contains(&link) && text.contains("You are done here"),
                "{text}"
            );
            // The form of before, once more.
            let page = browser.get(&format!("/consent?flow={flow}")).await.is(200);
            assert!(page.text().contains("Already answered"));
        }
        // A program follows redirects.
        let (browser, flow) = native(&server, mode).await;
        let fields = [("flow", flow.as_str()), ("decision", "allow")];
        let answer = browser.submit("/consent", &fields).await;
        assert!(answer.location().starts_with("com.example.app:/cb?"));
    }
}

/// RFC 6749 §4.1.2: state comes back as it was sent, however long it is.
#[apply(on_both!)]
async fn a_long_state_makes_no_longer_address_than_its_request(server: TestServer) {
    let app = server.app().create().await;
    let user = server.user("ada").await;
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let random: String = (0..188)
        .flat_map(|_| server.state.random.bytes::<32>())
        .map(|byte| char::from(letters[usize::from(byte % 64)]))
        .collect();
    let hex: String = (0..94)
        .flat_map(|_| server.state.random.bytes::<32>())
        .map(|byte| format!("{byte:02x}"))
        .collect();
    for (what, state, most) in [
        ("nothing", String::new(), 600),
        ("the same letter", "x".repeat(6000), 700),
        ("hexadecimal", hex, 4600),
        ("base64url", random.clone(), random.len() + 600),
    ] {
        let browser = server.browser();
        let ask = app.ask().set("state", &state);
        let asked = ask.params.encoded().len() + "/o/authorize?".len();
        let login = browser.ask(&ask).await.location();
        eprintln!(
            "{what}: a request of {asked} bytes, {} to sign in",
            login.len()
        );
        assert!(login.len() < most, "{what}: {}", login.len());
        let flow = param(&login, "flow").unwrap();
        let location = browser.sign_in_for(&user, &flow).await;
        let location = match location.strip_prefix("/consent?flow=") {
            Some(flow) => browser.allow(flow).await,
            None => location,
        };
        assert_eq!(
            param(&location, "state").unwrap_or_default(),
            state,
            "{what}"
        );
        Code::of(location);
    }
}

#[apply(on_both!)]
async fn a_password_manager_finds_where_to_change_the_password(server: TestServer) {
    let browser = server.browser_of("ada").await;
    let mut location = "/.well-known/change-password".to_owned();
    for _ in 0..3 {
        let answer = browser.get(&location).await;
        if answer.status == 200 {
            break;
        }
        location = answer.location();
    }
    assert!(location.starts_with("/account"), "{location}");
    browser.get(&location).await.is(200);
    let answer = server.browser().get("/.well-known/change-password").await;
    assert_eq!(answer.location(), "/account/security");
}

/// W3C Fetch, "append a request Origin header": a browser that hides where a form comes from says
/// `null`. Nothing is done, and a person can read why.
#[apply(on_both!)]
async fn a_form_of_no_origin_is_refused_on_a_page(server: TestServer) {
    for browser in [server.browser(), server.browser_of("ada").await] {
        let signed_in = is_signed_in(&browser).await;
        for path in ["/login", "/consent", "/logout", "/device", "/setup"] {
            let call = browser.call("POST", path).form(&[("username", "ada")]);
            let answer = call.header("origin", "null").await;
            refused_on_page(&answer, 403, "cross-site-request");
            assert!(answer.text().contains("Open the page again"));
        }
        assert_eq!(is_signed_in(&browser).await, signed_in);
    }
}
