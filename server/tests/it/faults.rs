//! What a server does when its database is silent, gone, or behind with what no request waits for.

use std::time::Duration;

use claviger::store::{Store, StoreOptions};
use macro_rules_attribute::apply;
use serde_json::json;

use crate::harness::application::is_active;
use crate::harness::database::Database;
use crate::harness::network::Network;
use crate::harness::server::{on_postgres, on_sqlite};
use crate::harness::{Code, Form, TestApp, TestServer, on_both, refused};

fn client_credentials() -> Form {
    Form::new(&[("grant_type", "client_credentials")])
}

async fn robot(server: &TestServer) -> TestApp {
    server.app().grants(&["client_credentials"]).create().await
}

/// Another process on the same database, with no room for what may be lost.
async fn without_hints(server: &TestServer) -> TestServer {
    let options = StoreOptions {
        hints: 0,
        ..StoreOptions::default()
    };
    server.on_store(&server.database.url(), options).await
}

async fn kinds(server: &TestServer) -> Vec<String> {
    let sql = "SELECT kind FROM audit_events WHERE kind <> 'signing_keys.rotated' ORDER BY kind";
    server.database.texts(sql).await
}

/// The queue of what may be lost is full: strangers can do that.
#[apply(on_both!)]
async fn when_no_trace_can_be_written_tokens_and_audit_events_are(server: TestServer) {
    let server = without_hints(&server).await;
    let owner = server.owner().await;
    let browser = server.signed_in(&owner).await;
    let app = server.app().id("web").owned_by(&owner).create().await;
    let robot = robot(&server).await;
    let token = robot.token(&client_credentials()).await.is(200);
    assert!(is_active(&robot, &token.member("access_token")).await);
    let change = json!({ "name": "Another name" });
    browser
        .call("PATCH", "/api/applications/web")
        .json(&change)
        .await
        .is(200);
    let code = app.code().await;
    app.redeem(&code).await.is(200);
    let answer = app.redeem(&code).await;
    refused(&answer, 400, "invalid_grant", "code-replayed");
    // Nothing is waited for: the events were written with what they tell of.
    assert_eq!(
        kinds(&server).await,
        [
            "application.changed",
            "application.created",
            "application.created",
            "code.replayed",
        ]
    );
    server.settled().await;
    assert_eq!(server.count("flows").await, 0);
    server.state.store.close().await;
}

/// A host that is gone says nothing, and a request that waits for it would wait for ever.
#[test]
fn tokens_are_given_and_looked_up_again_after_connections_were_lost_silently() {
    on_postgres(async |server| {
        let url = server.database.url();
        let network = Network::before(&url).await;
        let limit = Duration::from_secs(1);
        let options = StoreOptions {
            group_limit: limit,
            read_limit: limit,
            write_limit: limit,
            ping_limit: limit / 5,
            ready_limit: limit,
            ..StoreOptions::default()
        };
        // Made where nothing gets lost.
        let app = robot(&server).await;
        let behind = server.on_store(&network.url(&url), options).await;
        let app = app.at(&behind);
        let good = async || {
            let answer = app.token(&client_credentials()).await;
            answer.status == 200
                && is_active(&app, &answer.member("access_token")).await
                && behind.get("/readyz").await.status == 200
        };
        assert!(good().await);
        for _ in 0..2 {
            // Some are lost while they work, others while they rest.
            let mut caught = tokio::task::JoinSet::new();
            for _ in 0..8 {
                let app = app.clone();
                caught.spawn(async move { app.token(&client_credentials()).await });
            }
            network.lose_connections();
            for answer in caught.join_all().await {
                assert!([200, 503].contains(&answer.status), "{}", answer.text());
            }
            let mut tries = 0;
            loop {
                let answer = app.token(&client_credentials()).await;
                if answer.status == 200 {
                    let token = answer.member("access_token");
                    let look = app.introspect(&token).await;
                    if look.status == 200 && behind.get("/readyz").await.status == 200 {
                        break;
                    }
                }
                tries += 1;
                assert!(tries < 20, "tokens do not come back");
            }
            assert!(good().await);
        }
        behind.state.store.close().await;
    });
}

/// SQLite goes on with a file that was deleted, and all that it writes is lost.
#[test]
fn a_server_whose_database_file_is_gone_is_not_ready() {
    on_sqlite(async |server| {
        server.get("/readyz").await.is(200);
        let Database::Sqlite(folder) = &*server.database else {
            panic!("not SQLite");
        };
        let path = folder.path().join("claviger.db");
        let copy = folder.path().join("copy.db");
        std::fs::copy(&path, &copy).unwrap();
        std::fs::remove_file(&path).unwrap();
        server.get("/readyz").await.is(503);
        // Another one in its place is not the one that is open.
        std::fs::rename(&copy, &path).unwrap();
        server.get("/readyz").await.is(503);
    });
}

#[cfg(unix)]
#[tokio::test]
async fn only_its_owner_may_read_the_files_of_sqlite() {
    use std::os::unix::fs::PermissionsExt;

    let database = Database::sqlite();
    let Database::Sqlite(folder) = &database else {
        panic!("not SQLite");
    };
    let path = folder.path().join("claviger.db");
    let mode = |end: &str| {
        let file = folder.path().join(format!("claviger.db{end}"));
        std::fs::metadata(file).unwrap().permissions().mode() & 0o777
    };
    for _ in 0..2 {
        let store = Store::connect(&database.url()).await.unwrap();
        store.migrate().await.unwrap();
        assert_eq!(["", "-wal", "-shm"].map(mode), [0o600; 3]);
        store.close().await;
        // As an earlier release made it.
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).unwrap();
    }
}

#[tokio::test]
async fn a_database_file_that_can_not_be_written_is_told_with_its_reason() {
    let folder = crate::harness::database::folder();
    let url = format!("sqlite://{}", folder.path().display());
    let error = Store::connect(&url).await.map(|_| ()).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("can't be written"), "{text}");
    assert!(!text.contains("unable to open"), "{text}");
}

/// A code that was replayed, on a server that is told to lose nothing: the event is there before
/// the answer is.
#[apply(on_both!)]
async fn the_event_of_a_replay_is_written_with_the_end_of_the_grant(server: TestServer) {
    let app = server.app().create().await;
    let code: Code = app.code().await;
    app.redeem(&code).await.is(200);
    app.redeem(&code).await.is(400);
    let replays = "SELECT kind FROM audit_events WHERE kind = 'code.replayed'";
    assert_eq!(server.database.texts(replays).await.len(), 1);
}
