//! How metadata documents of clients are read: from where, how often, and what then counts
//! (draft-ietf-oauth-client-id-metadata-document).

use std::time::Duration;

use claviger::config::Registration;
use claviger::state::Options;
use macro_rules_attribute::apply;
use serde_json::json;

use crate::client_document::{AT, ID, ask, document, named, open};
use crate::harness::web::Page;
use crate::harness::{TestServer, on_both, refused, refused_on_page};

/// RFC 9700 §4.11: documents are never read where only this machine can look.
#[apply(on_both!)]
async fn documents_are_read_from_public_addresses_only(server: TestServer) {
    let (web, server, _) = open(&server, &document()).await;
    for (host, turns) in [
        ("private.example", &[&["10.0.0.1"][..]][..]),
        ("loop.example", &[&["127.0.0.1"]]),
        ("six.example", &[&["::1"]]),
        ("local.example", &[&["fd00::1"]]),
        ("link.example", &[&["169.254.169.254"]]),
        ("inside.example", &[&["::ffff:127.0.0.1"]]),
        ("sixtofour.example", &[&["2002:7f00:1::"]]),
        ("nat.example", &[&["64:ff9b::a00:1"]]),
        ("half.example", &[&["93.184.216.34", "127.0.0.1"]]),
        ("127.0.0.1", &[&["93.184.216.34"]]),
        ("[::1]", &[&["93.184.216.34"]]),
        ("2130706433", &[&["93.184.216.34"]]),
    ] {
        let (at, id) = (format!("{host}/c"), format!("https://{host}/c"));
        let mut document = document();
        document["client_id"] = json!(id);
        web.resolve(host, turns);
        web.put(&at, &document);
        let answer = ask(&named(&server, &id)).await;
        refused_on_page(&answer, 400, "client-document-unreadable");
        // The reason is left out: it would tell what there is inside.
        assert!(!answer.text().contains("not public"), "{host}");
        assert_eq!(web.asked(&at), 0, "{host}");
    }
    server.state.store.close().await;
}

#[apply(on_both!)]
async fn a_redirect_a_long_and_a_slow_answer_are_no_document(server: TestServer) {
    let (web, server, _) = open(&server, &document()).await;
    let page = |status, id: &str| {
        let mut document = document();
        document["client_id"] = json!(id);
        Page {
            status,
            body: document.to_string(),
            ..Page::default()
        }
    };
    let location = ("location".to_owned(), ID.to_owned());
    let padding = " ".repeat(16 * 1024);
    let mut redirect = page(302, "https://app.example/0");
    redirect.headers.push(location);
    let mut long = page(200, "https://app.example/1");
    long.body.push_str(&padding);
    let mut slow = page(200, "https://app.example/2");
    slow.pause = Duration::from_secs(4);
    let missing = page(404, "https://app.example/3");
    for (number, page) in [redirect, long, slow, missing].into_iter().enumerate() {
        let at = format!("app.example/{number}");
        web.put_page(&at, page);
        let answer = ask(&named(&server, &format!("https://{at}"))).await;
        refused_on_page(&answer, 400, "client-document-unreadable");
    }
    assert_eq!(web.asked(AT), 0);
    server.state.store.close().await;
}

/// draft-ietf-oauth-client-id-metadata-document §5: a document counts for a while, and then what it says anew.
#[apply(on_both!)]
async fn fewer_redirect_uris_count_at_once(server: TestServer) {
    let (web, server, app) = open(&server, &document()).await;
    ask(&app).await.ticket("/login");
    let mut changed = document();
    changed["redirect_uris"] = json!(["https://elsewhere.example/cb"]);
    changed["client_name"] = json!("Writer");
    web.put(AT, &changed);
    server.advance(3599);
    ask(&app).await.ticket("/login");
    assert_eq!(web.asked(AT), 1);
    server.advance(1);
    refused_on_page(&ask(&app).await, 400, "redirect-uri-mismatch");
    assert_eq!(web.asked(AT), 2);
    let names = server.database.texts("SELECT name FROM applications").await;
    assert_eq!(names, ["Writer"]);
    server.state.store.close().await;
}

#[apply(on_both!)]
async fn how_long_a_document_counts_has_bounds(server: TestServer) {
    let (web, server, _) = open(&server, &document()).await;
    for (number, (cache, seconds)) in [
        ("max-age=1", 300),
        ("no-store", 300),
        ("max-age=1000", 1000),
        ("max-age=99999999", 86_400),
    ]
    .into_iter()
    .enumerate()
    {
        let at = format!("app.example/{number}");
        let app = named(&server, &format!("https://{at}"));
        let mut document = document();
        document["client_id"] = json!(app.client_id);
        web.put_page(
            &at,
            Page {
                status: 200,
                headers: vec![("cache-control".to_owned(), cache.to_owned())],
                body: document.to_string(),
                ..Page::default()
            },
        );
        ask(&app).await.ticket("/login");
        server.advance(seconds - 1);
        ask(&app).await.ticket("/login");
        assert_eq!(web.asked(&at), 1, "{cache}");
        server.advance(1);
        ask(&app).await.ticket("/login");
        assert_eq!(web.asked(&at), 2, "{cache}");
    }
    server.state.store.close().await;
}

#[apply(on_both!)]
async fn the_last_good_copy_stays_while_the_address_is_silent(server: TestServer) {
    let (web, server, app) = open(&server, &document()).await;
    ask(&app).await.ticket("/login");
    web.remove(AT);
    server.advance(3600);
    let mut asked = 1;
    // Each failure makes the next try come later.
    for wait in [10, 20, 40, 80] {
        ask(&app).await.ticket("/login");
        asked += 1;
        assert_eq!(web.asked(AT), asked);
        server.advance(wait - 1);
        ask(&app).await.ticket("/login");
        assert_eq!(web.asked(AT), asked);
        server.advance(1);
    }
    // A restart forgets nothing of that.
    ask(&app).await.ticket("/login");
    asked += 1;
    let second_server = server
        .twin_with(Options {
            registration: Registration::Open,
            outbound: web.outbound(),
            ..Options::default()
        })
        .await;
    ask(&named(&second_server, ID)).await.ticket("/login");
    assert_eq!(web.asked(AT), asked);
    // A document that turned bad is as one that can't be read.
    let mut bad = document();
    bad["client_secret"] = json!("x");
    web.put(AT, &bad);
    server.advance(3600);
    ask(&app).await.ticket("/login");
    assert_eq!(web.asked(AT), asked + 1);
    server.advance(7 * 86_400);
    refused_on_page(&ask(&app).await, 400, "client-document-invalid");
    web.put(AT, &document());
    server.advance(3600);
    ask(&app).await.ticket("/login");
    second_server.state.store.close().await;
    server.state.store.close().await;
}

/// draft-ietf-oauth-client-id-metadata-document §4: an answer that is not JSON is no document.
#[apply(on_both!)]
async fn what_says_to_be_something_else_is_no_document(server: TestServer) {
    let (web, server, app) = open(&server, &document()).await;
    let as_type = |media: &str| Page {
        status: 200,
        headers: vec![("content-type".to_owned(), media.to_owned())],
        body: document().to_string(),
        ..Page::default()
    };
    for (media, status) in [
        ("text/plain", 400),
        ("image/svg+xml", 400),
        ("application/cimd+json; charset=utf-8", 303),
    ] {
        web.put_page(AT, as_type(media));
        let answer = ask(&app).await;
        assert_eq!(answer.status, status, "{media}");
        if status == 400 {
            refused_on_page(&answer, 400, "client-document-unreadable");
        }
        server.advance(3600);
    }
    server.state.store.close().await;
}

/// draft-ietf-oauth-client-id-metadata-document §6: an address that invents client ids has
/// this server ask for so many and no more.
#[apply(on_both!)]
async fn an_address_names_only_so_many_new_documents(server: TestServer) {
    let (web, server, app) = open(&server, &document()).await;
    ask(&app).await.ticket("/login");
    for number in 1..50 {
        let nobody = named(&server, &format!("https://app.example/none/{number}"));
        refused_on_page(&ask(&nobody).await, 400, "client-document-unreadable");
    }
    let late = named(&server, "https://app.example/none/late");
    let answer = ask(&late).await;
    refused_on_page(&answer, 429, "client-document-quota");
    assert_eq!(answer.header("retry-after"), "600");
    let answer = late.revoke("clv_at_x").await;
    refused(
        &answer,
        429,
        "temporarily_unavailable",
        "client-document-quota",
    );
    assert_eq!(web.asked("app.example/none/late"), 0);
    // Those that are known go on, and are read again.
    server.advance(599);
    ask(&app).await.ticket("/login");
    assert_eq!(web.asked(AT), 1);
    server.advance(1);
    refused_on_page(&ask(&late).await, 400, "client-document-unreadable");
    assert_eq!(web.asked("app.example/none/late"), 1);
    server.state.store.close().await;
}

#[apply(on_both!)]
async fn who_asks_at_once_shares_one_read(server: TestServer) {
    let (web, server, app) = open(&server, &document()).await;
    let mut page = Page {
        status: 200,
        body: document().to_string(),
        ..Page::default()
    };
    page.pause = Duration::from_millis(200);
    web.put_page(AT, page);
    let tasks: Vec<_> = (0..16)
        .map(|_| {
            let app = app.clone();
            tokio::spawn(async move { ask(&app).await.status })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap(), 303);
    }
    assert_eq!(web.asked(AT), 1);
    assert_eq!(server.count("applications").await, 1);
    server.state.store.close().await;
}
