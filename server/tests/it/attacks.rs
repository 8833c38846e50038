//! Attacks by name (RFC 9700 §4): what an attacker tries, and what they get for it.

use std::future::{Future, IntoFuture, poll_fn};
use std::task::Poll;

use macro_rules_attribute::apply;
use serde_json::json;

use crate::harness::application::{REDIRECT_URI, Tokens, is_active, token_works};
use crate::harness::checks::comes_from_us;
use crate::harness::{Code, TestServer, on_both, param, refused, refused_on_page};

const EVIL: &str = "https://evil.example/cb";

/// RFC 9700 §4.11: no error of the request, however early, redirects to a URI that is not the
/// application's.
#[apply(on_both!)]
async fn open_redirect_through_an_early_error(server: TestServer) {
    let app = server.app().create().await;
    let evil = app.ask().set("redirect_uri", EVIL);
    for ask in [
        evil.clone(),
        evil.clone().set("response_type", "token"),
        evil.clone().without("response_type"),
        evil.clone().set("response_mode", "fragment"),
        evil.clone().set("response_mode", "nonsense"),
        evil.clone().set("scope", "nothing"),
        evil.clone().set("prompt", "none"),
        evil.clone().set("prompt", "none login"),
        evil.clone().set("max_age", "-1"),
        evil.clone().set("code_challenge_method", "plain"),
        evil.clone().set("id_token_hint", "x"),
        evil.clone().add("resource", "https://api.example"),
        evil.clone().add("state", "again"),
        evil.clone().set("client_id", "nobody"),
        evil.clone().without("client_id"),
        evil.clone().add("client_id", "nobody"),
        app.ask().add("redirect_uri", EVIL),
        evil.add("redirect_uri", REDIRECT_URI),
        app.ask()
            .set("redirect_uri", &format!("{REDIRECT_URI}@evil.example")),
        app.ask()
            .set("redirect_uri", "https://client.example.evil.example/cb"),
        app.ask().set("redirect_uri", "//evil.example/cb"),
        app.ask()
            .set("redirect_uri", "https://client.example/cb\\@evil.example"),
    ] {
        let get = server.browser().ask(&ask).await;
        let post = server.post("/o/authorize").fields(&ask.params).await;
        for answer in [get, post] {
            assert_eq!(answer.status, 400, "{ask:?}");
            assert!(answer.header("location").is_empty(), "{ask:?}");
            assert!(!answer.text().contains("href=\"https://evil"), "{ask:?}");
            assert!(!answer.text().contains("action=\"https://evil"), "{ask:?}");
        }
    }
}

/// RFC 6749 §4.1.3: a code is bound to the client to which it was issued; the attempt of
/// another client does not use it up.
#[apply(on_both!)]
async fn a_code_used_by_another_client(server: TestServer) {
    let app = server.app().create().await;
    let code = app.code().await;
    for thief in [
        server.app().create().await,
        server.app().public().create().await,
    ] {
        let answer = thief.token(&app.redeeming(&code)).await;
        refused(&answer, 400, "invalid_grant", "code-other-client");
    }
    // In the owner's name, without its secret.
    let form = app.redeeming(&code).add("client_id", &app.client_id);
    let answer = server.post("/o/token").fields(&form).await;
    assert_eq!(answer.is(401).member("error"), "invalid_client");
    app.redeem(&code).await.is(200);
}

/// RFC 9700 §4.8.2: after a wrong verifier, a request without any is rejected too.
#[apply(on_both!)]
async fn pkce_downgrade_after_a_wrong_verifier(server: TestServer) {
    let app = server.app().pkce_optional().create().await;
    let code = app.code().await;
    let right = app.redeeming(&code);
    let wrong = right.clone().set("code_verifier", &"w".repeat(43));
    refused(
        &app.token(&wrong).await,
        400,
        "invalid_grant",
        "pkce-verifier-mismatch",
    );
    for form in [right.clone().without("code_verifier"), right] {
        assert_eq!(
            app.token(&form).await.is(400).member("error"),
            "invalid_grant"
        );
    }
    // Nor by leaving the challenge out at the start and sending a verifier later.
    let ask = app
        .ask()
        .without("code_challenge")
        .without("code_challenge_method");
    let code = app.code_of(&ask).await;
    let answer = app.redeem(&code).await;
    refused(&answer, 400, "invalid_grant", "pkce-verifier-unexpected");
    assert_eq!(server.count("access_tokens").await, 0);
}

/// RFC 7009 §2.1, RFC 9700 §4.14.2: a refresh token is dead once it was revoked, its user or its
/// application disabled, here and in every other process.
#[apply(on_both!)]
async fn refresh_after_revocation_after_disabling_and_across_a_restart(server: TestServer) {
    let app = server.app().create().await;
    let revoked = app.tokens().await;
    app.revoke(&revoked.refresh).await.is(200);
    let of_user = app.tokens().await;
    let living = app.tokens().await;
    server
        .database
        .execute("UPDATE users SET disabled_at = 1 WHERE username = 'person1'")
        .await;
    // A process that starts now knows nothing but the database.
    let restarted = server.second_server().await;
    for app in [app.clone(), app.at(&restarted)] {
        for dead in [&revoked, &of_user] {
            let answer = app.refresh(&dead.refresh).await;
            assert_eq!(answer.is(400).member("error"), "invalid_grant");
            assert!(!is_active(&app, &dead.refresh).await);
            assert!(!token_works(&app.server, &dead.access).await);
        }
    }
    let first = Tokens::from(app.refresh(&living.refresh).await);
    // The answer that was lost in the crash is the same after it.
    let again = Tokens::from(app.at(&restarted).refresh(&living.refresh).await);
    assert_eq!(first.refresh, again.refresh);
    let owner = server.signed_in(&server.owner().await).await;
    let path = format!("/api/applications/{}", app.client_id);
    let change = json!({ "disabled": true });
    owner.call("PATCH", &path).json(&change).await.is(200);
    restarted.state.reload().await.unwrap();
    for app in [app.clone(), app.at(&restarted)] {
        let answer = app.refresh(&first.refresh).await;
        refused(&answer, 401, "invalid_client", "client-disabled");
        assert!(!token_works(&app.server, &first.access).await);
    }
    restarted.state.store.close().await;
}

/// RFC 7662 §4: a client can not scan for the tokens of another.
#[apply(on_both!)]
async fn introspection_across_clients(server: TestServer) {
    let (app, other) = (server.app().create().await, server.app().create().await);
    let public = server.app().public().create().await;
    let tokens = app.tokens().await;
    for token in [&tokens.access, &tokens.refresh] {
        let answer = other.introspect(token).await.is(200);
        assert_eq!(answer.json(), json!({ "active": false }));
        assert!(public.introspect(token).await.status >= 400);
        assert!(is_active(&app, token).await);
    }
    // Introspection is no use of a token: the pair still counts as unused.
    other.revoke(&tokens.refresh).await.is(200);
    assert!(token_works(&server, &tokens.access).await);
}

/// RFC 9700 §4.1, RFC 6749 §5.2: what a request says comes back encoded, and starts no header.
#[apply(on_both!)]
async fn header_injection_through_state_and_descriptions(server: TestServer) {
    let app = server.app().create().await;
    let user = server.user("ada").await;
    let state = "x\r\nSet-Cookie: stolen=1\r\n\r\n<script>";
    let ask = app.ask().set("state", state);
    let browser = server.signed_in(&user).await;
    let location = browser.walk(&ask, &user).await;
    assert!(!location.contains(['\r', '\n', '<', ' ']), "{location}");
    assert_eq!(param(&location, "state").as_deref(), Some(state));
    let scope = "a\r\nSet-Cookie: stolen=1";
    for ask in [
        ask.clone().set("scope", scope),
        ask.clone().set("response_type", scope),
        ask.clone().set("prompt", scope),
        ask.set("max_age", scope),
    ] {
        let answer = browser.ask(&ask).await;
        let location = answer.location();
        assert!(!location.contains(['\r', '\n', '<', ' ']), "{location}");
        assert!(!answer.headers.contains_key("set-cookie"));
        assert_eq!(param(&location, "state").as_deref(), Some(state));
        let said = param(&location, "error_description").unwrap();
        assert!(
            said.chars()
                .all(|c| matches!(c, ' '..='~') && c != '"' && c != '\\')
        );
    }
    // By the page, and by the endpoints that programs call.
    let ask = app.ask().set("client_id", "x\r\nSet-Cookie: stolen=1");
    let answer = browser.ask(&ask).await;
    refused_on_page(&answer, 400, "client-unknown");
    assert!(!answer.headers.contains_key("set-cookie"));
    let bad = "\"\r\nSet-Cookie: stolen=1\\";
    for answer in [
        app.token(&crate::harness::Form::new(&[("grant_type", bad)]))
            .await,
        app.refresh(bad).await,
        app.token(
            &app.refreshing(&app.tokens().await.refresh)
                .add("scope", bad),
        )
        .await,
        server
            .post("/o/token")
            .basic(bad, bad)
            .form(&[("grant_type", bad)])
            .await,
    ] {
        assert!((400..500).contains(&answer.status));
        assert!(!answer.headers.contains_key("set-cookie"));
        let said = answer.member("error_description");
        assert!(
            said.chars()
                .all(|c| matches!(c, ' '..='~') && c != '"' && c != '\\')
        );
    }
    let location = browser.walk(&app.ask(), &user).await;
    comes_from_us(&location);
}

/// A request is done after fewer.
const STEPS: usize = 16;

/// Lets a request go on this often, and then drops it wherever it stands, as the server does
/// when a client goes away. `None` when it was dropped.
async fn cut<F: Future>(request: F, steps: usize) -> Option<F::Output> {
    let mut request = Box::pin(request);
    let mut left = steps;
    poll_fn(move |context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        request.as_mut().poll(context).map(Some)
    })
    .await
}

/// RFC 6749 §4.1.2: a code is redeemed with all of its tokens recorded, or not at all, wherever
/// the client goes away.
#[apply(on_both!)]
async fn a_client_that_disconnects_in_the_middle_of_a_redemption(server: TestServer) {
    let app = server.app().skip_consent().create().await;
    let user = server.user("ada").await;
    let browser = server.signed_in(&user).await;
    let counts = async || {
        let mut counts = Vec::new();
        for table in ["grants", "access_tokens", "refresh_tokens"] {
            counts.push(server.count(table).await);
        }
        counts
    };
    // More often than it takes, and where it falls is up to the machine: each time all holds.
    for steps in 1..=STEPS {
        let code = Code::of(browser.walk(&app.ask(), &user).await);
        let before = counts().await;
        let uncut = cut(app.token(&app.redeeming(&code)).into_future(), steps).await;
        server.settled().await;
        let again = app.redeem(&code).await;
        match again.status {
            200 => assert!(uncut.is_none()),
            _ => refused(&again, 400, "invalid_grant", "code-replayed"),
        }
        let one_more: Vec<_> = before.iter().map(|count| count + 1).collect();
        assert_eq!(counts().await, one_more, "after {steps} steps");
    }
}

/// RFC 9700 §4.14.2: a client that disconnects in the middle of a refresh keeps its grant.
#[apply(on_both!)]
async fn a_client_that_disconnects_in_the_middle_of_a_refresh(server: TestServer) {
    let app = server.app().create().await;
    let mut refresh = app.tokens().await.refresh;
    // More often than it takes, and where it falls is up to the machine: each time all holds.
    for steps in 1..=STEPS {
        let _ = cut(app.token(&app.refreshing(&refresh)).into_future(), steps).await;
        server.settled().await;
        let again = Tokens::from(app.refresh(&refresh).await);
        assert!(
            token_works(&server, &again.access).await,
            "after {steps} steps"
        );
        refresh = again.refresh;
    }
}
