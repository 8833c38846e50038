//! Mails: kept, sent, tried again, given up, and looked at.

use std::time::Duration;

use claviger::jobs::mail::round;
use claviger::outbound::smtp;
use claviger::state::{MailOptions, Options};
use macro_rules_attribute::apply;
use serde_json::{Value, json};

use crate::harness::mail_server::{MailServer, Mood, Received};
use crate::harness::{Browser, TestServer, on_both, problem};

const HOUR: i64 = 3600;

/// The same server, with a mail server beside it.
pub(crate) async fn with_mail(server: &TestServer) -> (TestServer, MailServer) {
    let mails = MailServer::new().await;
    (twin(server, &mails).await, mails)
}

async fn twin(server: &TestServer, mails: &MailServer) -> TestServer {
    let sends = smtp::MailServer::parse(&mails.url, "id.example").unwrap();
    let options = Options {
        mail: MailOptions {
            server: Some(sends.with_deadline(Duration::from_millis(300))),
            from: "Claviger <no-reply@id.example>".to_owned(),
        },
        ..Options::default()
    };
    server.twin_with(options).await
}

/// Asks for a link as a stranger does.
pub(crate) async fn forgot(server: &TestServer, name: &str) {
    let answer = server
        .post("/api/password/forgot")
        .json(&json!({ "username": name }))
        .await;
    assert_eq!((answer.status, answer.text().as_str()), (202, ""));
}

/// The link in a mail.
pub(crate) fn link_in(mail: &Received) -> String {
    let at = mail.data.find("/reset?token=").unwrap();
    let rest = &mail.data[at..];
    rest[..rest.find(char::is_whitespace).unwrap()].to_owned()
}

pub(crate) async fn listed(browser: &Browser, query: &str) -> Value {
    let answer = browser.get(&format!("/api/mail{query}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

async fn administrator(server: &TestServer) -> Browser {
    let root = server.admin("root").await;
    server.signed_in(&root).await
}

#[apply(on_both!)]
async fn a_mail_is_kept_and_shows_its_link_while_nothing_sends_it(server: TestServer) {
    let root = administrator(&server).await;
    server.user("ada").await;
    forgot(&server, "ada").await;
    assert_eq!(round(&server.state).await.unwrap(), 0);
    let list = listed(&root, "").await;
    assert_eq!(
        (&list["sends"], &list["next"]),
        (&json!(false), &Value::Null)
    );
    let mail = &list["items"][0];
    assert_eq!(mail["to"], "ada@example.com");
    assert_eq!(
        (&mail["template"], &mail["state"]),
        (&"password_reset".into(), &"kept".into())
    );
    let link = mail["link"].as_str().unwrap();
    assert!(
        link.starts_with("http://localhost:8000/reset?token=clv_ml_"),
        "{link}"
    );
    // With a mail server the link is its reader's alone, and what was kept stays kept.
    let (sending, mails) = with_mail(&server).await;
    let root = administrator_again(&sending).await;
    assert_eq!(round(&sending.state).await.unwrap(), 0);
    assert!(mails.take().is_empty());
    let list = listed(&root, "").await;
    assert_eq!(list["sends"], true);
    assert!(list["items"][0].get("link").is_none());
}

async fn administrator_again(server: &TestServer) -> Browser {
    let other = server.admin("root2").await;
    server.signed_in(&other).await
}

#[apply(on_both!)]
async fn a_mail_is_sent_once_by_one_of_several_servers(server: TestServer) {
    let (one, mails) = with_mail(&server).await;
    let other = twin(&server, &mails).await;
    let root = administrator(&one).await;
    one.user("ada").await;
    forgot(&one, "ADA@example.com").await;
    let (first, second) = tokio::join!(round(&one.state), round(&other.state));
    assert_eq!(first.unwrap() + second.unwrap(), 1);
    let received = mails.take();
    let [mail] = received.as_slice() else {
        panic!("{received:?}")
    };
    assert_eq!(mail.to, "ada@example.com");
    for part in [
        "From: Claviger <no-reply@id.example>",
        "Subject: Set a new password",
        "Auto-Submitted: auto-generated",
        "text/plain",
        "text/html",
    ] {
        assert!(mail.data.contains(part), "{part}: {}", mail.data);
    }
    let line = &listed(&root, "").await["items"][0];
    assert_eq!(
        (&line["state"], &line["attempts"]),
        (&"sent".into(), &1.into())
    );
    assert!(line["error"].is_null() && line["sent_at"].is_string());
    assert_eq!(round(&one.state).await.unwrap(), 0);
}

#[apply(on_both!)]
async fn a_mail_server_that_is_down_loses_nothing(server: TestServer) {
    let (server, mails) = with_mail(&server).await;
    let root = administrator(&server).await;
    server.user("ada").await;
    forgot(&server, "ada").await;
    let moods = [
        (
            Mood::Answers("451 4.7.1 Try again later"),
            "Try again later",
        ),
        (Mood::Hangs, "in time"),
        (Mood::Babbles, ""),
        (
            Mood::Answers("530 5.7.0 Authentication required"),
            "Authentication required",
        ),
    ];
    for (tried, ((mood, said), minutes)) in moods.into_iter().zip([1, 5, 30, 60]).enumerate() {
        mails.is(mood);
        assert_eq!(round(&server.state).await.unwrap(), 1, "{mood:?}");
        let line = &listed(&root, "?state=queued").await["items"][0];
        assert_eq!(line["attempts"], tried + 1);
        let error = line["error"].as_str().unwrap();
        assert!(
            !error.is_empty() && error.contains(said),
            "{mood:?}: {error}"
        );
        server.advance(minutes * 60 - 1);
        assert_eq!(round(&server.state).await.unwrap(), 0, "{mood:?}");
        server.advance(1);
    }
    mails.is(Mood::Takes);
    assert_eq!(round(&server.state).await.unwrap(), 1);
    assert_eq!(mails.take().len(), 1);
}

/// RFC 5321 §4.2.1: an answer of the form 5yz refuses for good.
#[apply(on_both!)]
async fn a_mail_that_is_refused_for_good_is_not_tried_again(server: TestServer) {
    let (server, mails) = with_mail(&server).await;
    let root = administrator(&server).await;
    server.user("ada").await;
    forgot(&server, "ada").await;
    mails.is(Mood::Answers("550 5.1.1 No such mailbox"));
    assert_eq!(round(&server.state).await.unwrap(), 1);
    server.advance(25 * HOUR);
    assert_eq!(round(&server.state).await.unwrap(), 0);
    let line = &listed(&root, "?state=failed").await["items"][0];
    assert!(line["error"].as_str().unwrap().contains("No such mailbox"));
    assert!(line.get("next_attempt_at").is_none());
}

#[apply(on_both!)]
async fn a_mail_that_is_never_taken_is_given_up_after_a_day(server: TestServer) {
    let (server, mails) = with_mail(&server).await;
    let root = administrator(&server).await;
    server.user("ada").await;
    forgot(&server, "ada").await;
    mails.is(Mood::Answers("451 4.7.1 Try again later"));
    let mut tries = 0;
    for _ in 0..48 {
        tries += round(&server.state).await.unwrap();
        server.advance(HOUR);
    }
    assert!((20..30).contains(&tries), "{tries}");
    assert_eq!(listed(&root, "").await["items"][0]["state"], "failed");
}

/// A server that dies after it has sent a mail can't say so: the mail comes again, later.
#[apply(on_both!)]
async fn what_a_server_died_over_comes_again_after_its_claim(server: TestServer) {
    let (server, mails) = with_mail(&server).await;
    server.user("ada").await;
    forgot(&server, "ada").await;
    let store = &server.state.store;
    let due = store.due_mails(server.state.now(), 10).await.unwrap();
    let claimed = store.claim_mail(due[0].clone(), server.state.now()).await;
    assert!(claimed.unwrap().is_some());
    // Another one that saw it at the same moment comes too late.
    let late = store.claim_mail(due[0].clone(), server.state.now()).await;
    assert!(late.unwrap().is_none());
    server.advance(61);
    assert_eq!(round(&server.state).await.unwrap(), 0);
    server.advance(60);
    assert_eq!(round(&server.state).await.unwrap(), 1);
    assert_eq!(mails.take().len(), 1);
}

#[apply(on_both!)]
async fn no_address_gets_more_than_a_few_in_an_hour(server: TestServer) {
    let root = administrator(&server).await;
    server.user("ada").await;
    server.user("bob").await;
    for _ in 0..7 {
        forgot(&server, "ada").await;
    }
    forgot(&server, "bob").await;
    let list = listed(&root, "").await;
    assert_eq!(list["items"].as_array().unwrap().len(), 6);
    for status in [202, 202, 202, 202, 202, 429] {
        let answer = root.post("/api/mail/test", &json!({})).await;
        assert_eq!(answer.status, status);
    }
    server.advance(HOUR + 1);
    forgot(&server, "ada").await;
    assert_eq!(
        listed(&root, "?query=ADA").await["items"]
            .as_array()
            .unwrap()
            .len(),
        6
    );
}

#[apply(on_both!)]
async fn a_person_is_told_that_their_password_was_changed(server: TestServer) {
    let (server, mails) = with_mail(&server).await;
    let user = server.user("ada").await;
    let browser = server.signed_in(&user).await;
    let form = |current: &str| json!({ "current_password": current, "new_password": "another horse battery staple" });
    let wrong = browser.post("/api/account/password", &form("wrong")).await;
    problem(&wrong, 422, "form-invalid");
    round(&server.state).await.unwrap();
    assert!(mails.take().is_empty());
    let right = form(&user.password);
    let set = browser.post("/api/account/password", &right).await;
    assert_eq!(set.status, 204);
    round(&server.state).await.unwrap();
    let told = mails.take();
    assert_eq!(told[0].to, "ada@example.com");
    assert!(told[0].data.contains("Subject: Your password was changed"));
}

#[apply(on_both!)]
async fn mails_are_read_page_by_page(server: TestServer) {
    let root = administrator(&server).await;
    for name in ["ada", "bob", "eve"] {
        server.user(name).await;
        forgot(&server, name).await;
        server.advance(1);
    }
    let first = listed(&root, "?limit=2").await;
    let next = first["next"].as_str().unwrap();
    let second = listed(&root, &format!("?limit=2&cursor={next}")).await;
    assert!(second["next"].is_null());
    let to = |list: &Value| -> Vec<String> {
        let items = list["items"].as_array().unwrap().iter();
        items
            .map(|item| item["to"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(to(&first), ["eve@example.com", "bob@example.com"]);
    assert_eq!(to(&second), ["ada@example.com"]);
    for query in ["?state=lost", "?cursor=x", "?limit=x"] {
        problem(
            &root.get(&format!("/api/mail{query}")).await,
            400,
            "query-malformed",
        );
    }
}

#[apply(on_both!)]
async fn mails_are_for_administrators(server: TestServer) {
    problem(&server.get("/api/mail").await, 401, "session-required");
    let test = server.post("/api/mail/test").json(&json!({})).await;
    problem(&test, 401, "session-required");
    for user in [server.user("ada").await, server.developer("dev").await] {
        let browser = server.signed_in(&user).await;
        problem(&browser.get("/api/mail").await, 403, "role-required");
        let test = browser.post("/api/mail/test", &json!({})).await;
        problem(&test, 403, "role-required");
    }
}

#[apply(on_both!)]
async fn a_thousand_mails_that_wait_are_sent_once_each(server: TestServer) {
    let (server, mails) = with_mail(&server).await;
    let root = administrator(&server).await;
    let written = root.post("/api/mail/test", &json!({})).await;
    assert_eq!(written.status, 202);
    let store = &server.state.store;
    let one = store
        .due_mails(server.state.now(), 1)
        .await
        .unwrap()
        .remove(0);
    for n in 1..1000 {
        let id = server.state.random.uuid(server.state.now());
        // Sealed for its own id: what can't be opened would not be sent.
        let user = server
            .state
            .store
            .user_by_name("root")
            .await
            .unwrap()
            .unwrap();
        let content = claviger::domain::mail::MailContent::Test {
            username: format!("n{n}"),
        };
        let mail = claviger::services::mail::compose(&server.state, &user, &content).unwrap();
        let mail = claviger::domain::mail::Mail {
            to: format!("{id}@example.com"),
            ..mail
        };
        assert!(store.insert_mail(mail).await.unwrap());
    }
    assert_eq!(round(&server.state).await.unwrap(), 1000);
    let received = mails.take();
    let people: std::collections::BTreeSet<&str> =
        received.iter().map(|mail| mail.to.as_str()).collect();
    assert_eq!((received.len(), people.len()), (1000, 1000));
    assert!(people.contains(one.to.as_str()));
}
