//! Input that no honest client sends, or that few do: very long, cut in odd places, with bytes
//! that a database can't hold. It is refused or taken, and never our fault.

use macro_rules_attribute::apply;
use serde_json::json;

use crate::harness::{Code, Form, TestServer, on_both, param};

const NUL: &str = "a\0b";

/// RFC 6749 §4.1.2: state comes back as it was sent, however long it is, past every page.
#[apply(on_both!)]
async fn a_long_state_makes_it_past_every_page(server: TestServer) {
    let app = server.app().create().await;
    let user = server.user("ada").await;
    // What JSON writes longer than it is makes the longest tickets.
    for state in ["x".repeat(14_000), "\0".repeat(4_500), "\"".repeat(4_500)] {
        let browser = server.browser();
        let login = browser.ask(&app.ask().set("state", &state)).await;
        let (path, flow) = (login.location(), login.ticket("/login"));
        browser.get(&path).await.is(200);
        let (name, password) = (user.username.as_str(), user.password.as_str());
        let wrong = [("username", name), ("password", "x"), ("flow", &flow)];
        assert_eq!(browser.submit("/login", &wrong).await.status, 401);
        let right = [("username", name), ("password", password), ("flow", &flow)];
        let mut answer = browser.submit("/login", &right).await;
        if answer.location().starts_with("/consent") {
            browser.get(&answer.location()).await.is(200);
            let flow = answer.ticket("/consent");
            let yes = [
                ("flow", flow.as_str()),
                ("decision", "allow"),
                ("scope", "read"),
            ];
            answer = browser.submit("/consent", &yes).await;
        }
        let location = answer.location();
        assert!(param(&location, "code").is_some());
        assert_eq!(param(&location, "state").as_deref(), Some(state.as_str()));
    }
}

/// What stands in a form as it is and would mean something else in a URL.
#[apply(on_both!)]
async fn a_post_of_another_site_loses_nothing_on_its_way(server: TestServer) {
    let app = server.app().skip_consent().create().await;
    let raw = format!(
        "{}&state=a#b+c d\u{e9}%26e&prompt=none",
        app.ask().without("state").params.encoded()
    );
    let browser = server.browser_of("ada").await;
    let post = server
        .post("/o/authorize")
        .body("application/x-www-form-urlencoded", raw)
        .header("sec-fetch-site", "cross-site");
    let again = post.await.location();
    assert!(
        again.starts_with("/o/authorize?") && !again.contains('#'),
        "{again}"
    );
    let location = browser.get(&again).await.location();
    assert_eq!(
        param(&location, "state").as_deref(),
        Some("a#b c d\u{e9}&e")
    );
    Code::of(location);
}

/// A NUL, which PostgreSQL has in no text, wherever a stranger can put one.
#[apply(on_both!)]
async fn a_nul_anywhere_is_no_fault_of_ours(server: TestServer) {
    let app = server.app().create().await;
    let browser = server.browser_of("ada").await;
    let names = [
        "client_id",
        "redirect_uri",
        "request_uri",
        "response_type",
        "response_mode",
        "state",
        "nonce",
        "scope",
        "resource",
        "prompt",
        "max_age",
        "login_hint",
        "acr_values",
        "id_token_hint",
        "code_challenge",
        "code_challenge_method",
        "claims",
        "x\0y",
    ];
    for name in names {
        let ask = app.ask().set(name, NUL);
        for browser in [&browser, &server.browser()] {
            let answer = browser.ask(&ask).await;
            assert!(answer.status < 500, "{name}: {}", answer.status);
            if answer.status == 303 && !answer.header("location").starts_with('/') {
                assert!(!answer.location().contains("temporarily"), "{name}");
            }
        }
        for path in ["/o/par", "/o/device-authorization"] {
            let answer = app.post(path, &ask.params).await;
            assert!(answer.status < 500, "{path} {name}: {}", answer.text());
        }
    }
    let grants = [
        "authorization_code",
        "refresh_token",
        "client_credentials",
        "urn:ietf:params:oauth:grant-type:device_code",
        NUL,
    ];
    let names = [
        "code",
        "redirect_uri",
        "code_verifier",
        "refresh_token",
        "device_code",
        "scope",
        "resource",
        "client_id",
        "client_secret",
        "client_assertion",
        "token",
        "token_type_hint",
        "post_logout_redirect_uri",
        "logout_hint",
        "id_token_hint",
    ];
    for grant in grants {
        for name in names {
            let form = Form::new(&[("grant_type", grant), (name, NUL)]);
            let answer = app.token(&form).await;
            assert!(answer.status < 500, "{grant} {name}: {}", answer.text());
            for path in ["/o/token", "/o/revoke_token", "/o/introspect", "/o/logout"] {
                let answer = server.post(path).fields(&form).await;
                assert!(answer.status < 500, "{path} {name}: {}", answer.text());
            }
        }
    }
    for path in ["/login", "/device", "/consent", "/logout"] {
        for name in ["username", "user_code", "flow", "next", "password"] {
            let answer = browser.submit(path, &[(name, NUL)]).await;
            assert!(answer.status < 500, "{path} {name}: {}", answer.text());
            let answer = browser.get(&format!("{path}?{name}=a%00b")).await;
            assert!(answer.status < 500, "{path}?{name}: {}", answer.text());
        }
    }
    for (path, body) in [
        ("/api/session", json!({ "username": NUL, "password": NUL })),
        ("/api/consent", json!({ "flow": NUL, "decision": "allow" })),
        (
            "/api/device",
            json!({ "user_code": NUL, "decision": "allow" }),
        ),
        ("/api/logout", json!({ "flow": NUL })),
    ] {
        let answer = browser.post(path, &body).await;
        assert!(answer.status < 500, "{path}: {}", answer.text());
    }
    // What was traced of all this is kept and can be read.
    server.settled().await;
    let owner = server.signed_in(&server.owner().await).await;
    let flows = format!("/api/applications/{}/flows", app.client_id);
    owner.get(&flows).await.is(200);
}
