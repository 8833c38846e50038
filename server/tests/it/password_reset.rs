//! A forgotten password: a link by mail, a new password by the link, and everything that must not
//! work.

use macro_rules_attribute::apply;
use serde_json::json;

use crate::harness::application::is_active;
use crate::harness::{Answer, Code, TestServer, Tokens, on_both, problem, refused};
use crate::mail::{forgot, link_in, listed, with_mail};

const NEW: &str = "another horse battery staple";

/// The token of the newest kept mail.
async fn token(server: &TestServer, name: &str) -> String {
    // Mails of one moment stand in no order.
    server.advance(1);
    forgot(server, name).await;
    let newest = newest(server).await;
    newest.split_once("token=").unwrap().1.to_owned()
}

async fn newest(server: &TestServer) -> String {
    let name = format!("root{}", server.count("users").await);
    let root = server.admin(&name).await;
    let browser = server.signed_in(&root).await;
    let list = listed(&browser, "?limit=1").await;
    list["items"][0]["link"].as_str().unwrap().to_owned()
}

async fn reset(server: &TestServer, token: &str, password: &str) -> Answer {
    server
        .post("/api/password/reset")
        .json(&json!({ "token": token, "password": password }))
        .await
}

#[apply(on_both!)]
async fn a_link_sets_a_new_password_and_ends_everything(server: TestServer) {
    let (server, mails) = with_mail(&server).await;
    let user = server.user("ada").await;
    let browser = server.signed_in(&user).await;
    let app = server
        .app()
        .scopes("openid offline_access read")
        .create()
        .await;
    let ask = app.ask().set("scope", "openid offline_access read");
    let code = Code::of(browser.walk(&ask, &user).await);
    let tokens = Tokens::from(app.redeem(&code).await);
    forgot(&server, "ada").await;
    claviger::jobs::mail::round(&server.state).await.unwrap();
    let link = link_in(&mails.take()[0]);
    let token = link.split_once("token=").unwrap().1;
    // Looking at the page uses nothing up: mail scanners open links too.
    for _ in 0..3 {
        let page = server.get(&link).await;
        assert_eq!(page.status, 200);
        assert!(page.text().contains("Set password") && page.text().contains("ada"));
        // In the hidden field alone.
        assert_eq!(page.text().matches(token).count(), 1);
    }
    assert_eq!(reset(&server, token, NEW).await.status, 204);
    problem(&browser.get("/api/session").await, 401, "session-required");
    assert!(!is_active(&app, &tokens.access).await);
    let again = app.refresh(&tokens.refresh).await;
    refused(&again, 400, "invalid_grant", "refresh-token-revoked");
    let old = server
        .browser()
        .try_sign_in("ada", &user.password, None)
        .await;
    problem(&old, 401, "bad-credentials");
    let new = server.browser().try_sign_in("ada", NEW, None).await;
    assert_eq!(new.status, 200);
    // The person is told.
    claviger::jobs::mail::round(&server.state).await.unwrap();
    let told = mails.take();
    assert!(told[0].data.contains("Subject: Your password was changed"));
    assert!(!told[0].data.contains("clv_"));
}

#[apply(on_both!)]
async fn a_link_works_once(server: TestServer) {
    server.user("ada").await;
    let token = token(&server, "ada").await;
    // A weak password uses nothing up.
    let weak = reset(&server, &token, "ada").await;
    problem(&weak, 422, "form-invalid");
    assert!(weak.json()["errors"]["password"].is_array());
    let tries = (0..32).map(|n| {
        let (server, token) = (server.clone(), token.clone());
        tokio::spawn(async move { reset(&server, &token, &format!("{NEW} {n}")).await.status })
    });
    let mut set = 0;
    for tried in tries.collect::<Vec<_>>() {
        match tried.await.unwrap() {
            204 => set += 1,
            403 => {}
            status => panic!("{status}"),
        }
    }
    assert_eq!(set, 1);
    problem(&reset(&server, &token, NEW).await, 403, "link-used");
    let page = server.get(&format!("/reset?token={token}")).await;
    assert_eq!(page.status, 403);
    assert!(page.text().contains("Ask for a new link"));
}

#[apply(on_both!)]
async fn a_link_that_was_sent_before_ends_with_the_one_that_is_used(server: TestServer) {
    server.user("ada").await;
    let first = token(&server, "ada").await;
    let second = token(&server, "ada").await;
    assert_ne!(first, second);
    assert_eq!(reset(&server, &second, NEW).await.status, 204);
    problem(&reset(&server, &first, NEW).await, 403, "link-used");
}

#[apply(on_both!)]
async fn a_link_is_good_for_an_hour_one_address_and_one_person(server: TestServer) {
    let ada = server.user("ada").await;
    server.user("bob").await;
    let of_ada = token(&server, "ada").await;
    let of_bob = token(&server, "bob").await;
    // The id of one with the secret of another is neither.
    let prefix = "clv_ml_".len() + 20;
    let mixed = format!("{}{}", &of_ada[..prefix], &of_bob[prefix..]);
    let refresh = of_ada.replace("clv_ml_", "clv_rt_");
    for wrong in ["", "x", mixed.as_str(), refresh.as_str()] {
        problem(&reset(&server, wrong, NEW).await, 403, "link-used");
    }
    server
        .database
        .execute("UPDATE users SET email = 'new@example.com', email_key = 'new@example.com' WHERE username = 'ada'")
        .await;
    problem(&reset(&server, &of_ada, NEW).await, 403, "link-used");
    let store = &server.state.store;
    let of_ada = token(&server, "ada").await;
    store
        .disable_user(ada.id, server.state.now(), crate::harness::audit_entry())
        .await
        .unwrap();
    problem(&reset(&server, &of_ada, NEW).await, 403, "link-used");
    server.advance(3600);
    problem(&reset(&server, &of_bob, NEW).await, 403, "link-used");
}

/// OWASP ASVS 5.0 §6.3.8: nothing tells which accounts there are.
#[apply(on_both!)]
async fn an_unknown_name_gets_the_same_answer_and_no_mail(server: TestServer) {
    let ada = server.user("ada").await;
    server
        .state
        .store
        .disable_user(ada.id, server.state.now(), crate::harness::audit_entry())
        .await
        .unwrap();
    for name in ["eve", "eve@example.com", "", "a\0b", "ada"] {
        forgot(&server, name).await;
    }
    assert_eq!(server.count("mails").await, 0);
    assert_eq!(server.count("mail_links").await, 0);
}

#[apply(on_both!)]
async fn one_network_can_not_ask_without_end(server: TestServer) {
    let call = |peer: &str| {
        let peer = peer.to_owned();
        let server = server.clone();
        async move {
            let call = server.post("/api/password/forgot").peer(&peer);
            call.json(&json!({ "username": "eve" })).await
        }
    };
    let asked = (0..30).map(|_| call("198.51.100.7"));
    for answer in futures(asked).await {
        assert_eq!(answer.status, 202);
    }
    problem(&call("198.51.100.7").await, 429, "too-many-attempts");
    assert_eq!(call("198.51.100.8").await.status, 202);
}

/// All at once: each answer takes its time.
async fn futures<F>(calls: impl Iterator<Item = F>) -> Vec<Answer>
where
    F: Future<Output = Answer> + Send + 'static,
{
    let tasks: Vec<_> = calls.map(tokio::spawn).collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.unwrap());
    }
    answers
}

#[apply(on_both!)]
async fn the_pages_work_without_scripts(server: TestServer) {
    server.user("ada").await;
    let page = server.get("/forgot").await;
    assert_eq!(page.status, 200);
    for part in [
        "Send the link",
        "Username or email",
        "No mail can be sent from here",
    ] {
        assert!(page.text().contains(part), "{part}");
    }
    let browser = server.browser();
    let empty = browser.submit("/forgot", &[("username", " ")]).await;
    assert_eq!(empty.status, 422);
    let known = browser.submit("/forgot", &[("username", "ada")]).await;
    let unknown = browser.submit("/forgot", &[("username", "eve")]).await;
    assert_eq!((known.status, unknown.status), (200, 200));
    assert!(known.text().contains("Ask the people who run this"));
    let link = newest(&server).await;
    let token = link.split_once("token=").unwrap().1;
    let weak = browser
        .submit("/reset", &[("token", token), ("password", "short")])
        .await;
    assert_eq!(weak.status, 422);
    assert!(weak.text().contains("Too easy to guess"));
    let set = browser
        .submit("/reset", &[("token", token), ("password", NEW)])
        .await;
    assert_eq!(set.status, 200);
    assert!(set.text().contains("Your new password is set"));
    let again = browser
        .submit("/reset", &[("token", token), ("password", NEW)])
        .await;
    assert_eq!(again.status, 403);
    let new = server.browser().try_sign_in("ada", NEW, None).await;
    assert_eq!(new.status, 200);
}
