//! What the store promises that no request shows: several processes on one database.

use claviger::crypto::keyring;
use claviger::crypto::random::Random;
use claviger::domain::client::SigningAlg;
use claviger::store::{NewPassword, Store};
use macro_rules_attribute::apply;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::harness::database::{Database, postgres_server};
use crate::harness::server::{START, secret_key};
use crate::harness::{TestServer, audit_entry, on_both};

/// Two processes that meet an empty database.
async fn migrate_at_once(database: Database) {
    let url = database.url();
    let (one, two) = tokio::join!(Store::connect(&url), Store::connect(&url));
    let (one, two) = (one.unwrap(), two.unwrap());
    let (first, second) = tokio::join!(one.migrate(), two.migrate());
    first.unwrap();
    second.unwrap();
    for store in [&one, &two] {
        assert_eq!(store.pending_migrations().await.unwrap(), 0);
        store.ready(START).await.unwrap();
    }
    let make = |alg| keyring::generate(alg, &secret_key(), &Random::System, START, START).unwrap();
    let keys = || vec![make(SigningAlg::Es256), make(SigningAlg::EdDsa)];
    let (first, second) =
        tokio::join!(one.insert_first_keys(keys()), two.insert_first_keys(keys()));
    assert_eq!(first.unwrap() + second.unwrap(), 2);
    assert_eq!(one.keys().await.unwrap().len(), 2);
    one.close().await;
    two.close().await;
    database.delete().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_that_start_at_once_on_sqlite_migrate_once() {
    migrate_at_once(Database::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_that_start_at_once_on_postgres_migrate_once() {
    if let Some(server) = postgres_server() {
        migrate_at_once(Database::postgres(&server).await).await;
    }
}

#[tokio::test]
async fn a_database_that_can_not_be_had_is_one_line_without_its_password() {
    for (url, says) in [
        ("mysql://localhost/x", "neither sqlite:// nor postgres://"),
        ("postgres://ada:hunter2@127.0.0.1:1/x", "127.0.0.1:1"),
        ("sqlite:///proc/nothing/x.db", "can't be made"),
    ] {
        let error = Store::connect(url)
            .await
            .map(|_| ())
            .unwrap_err()
            .to_string();
        assert!(error.contains(says), "{error}");
        assert!(
            !error.contains("hunter2") && !error.contains('\n'),
            "{error}"
        );
    }
}

#[apply(on_both!)]
async fn a_fact_that_two_processes_write_is_one_fact(server: TestServer) {
    let second_server = server.second_server().await;
    let (one, two) = tokio::join!(
        server.state.store.set_if_absent("a fact", "one"),
        second_server.state.store.set_if_absent("a fact", "two")
    );
    assert_eq!(one.unwrap(), two.unwrap());
    second_server.state.store.close().await;
}

#[apply(on_both!)]
async fn no_change_of_the_configuration_is_counted_twice_or_lost(server: TestServer) {
    let second_server = server.second_server().await;
    let before = server.state.store.generation().await.unwrap();
    let mut tasks = JoinSet::new();
    for n in 0..32 {
        let server = if n % 2 == 0 {
            server.clone()
        } else {
            second_server.clone()
        };
        tasks.spawn(async move {
            server
                .state
                .store
                .set_password(
                    NewPassword::new(Uuid::nil(), String::new(), START),
                    audit_entry(),
                )
                .await
                .unwrap()
        });
    }
    tasks.join_all().await;
    assert_eq!(server.state.store.generation().await.unwrap(), before + 32);
    second_server.state.store.close().await;
}

#[apply(on_both!)]
async fn names_and_addresses_are_taken_once_whatever_their_case(server: TestServer) {
    use claviger::store::{NewUser, StoreError};
    server.user("Ada").await;
    let new = |username: &str, email: &str| NewUser {
        id: server.state.random.uuid(START),
        username: username.to_owned(),
        email: email.to_owned(),
        email_verified: false,
        role: contract::wire::session::Role::User,
        password_hash: String::new(),
        now: START,
    };
    for (username, email, field) in [
        ("ADA", "other@example.com", "username"),
        ("other", "ADA@example.com", "email"),
    ] {
        let result = server
            .state
            .store
            .insert_user(new(username, email), audit_entry())
            .await;
        assert!(
            matches!(result, Err(StoreError::Conflict(name)) if name == field),
            "{field}"
        );
    }
    server
        .state
        .store
        .insert_user(new("other", "other@example.com"), audit_entry())
        .await
        .unwrap();
}

/// A write that fails takes nothing of its neighbours along.
#[apply(on_both!)]
async fn writes_that_are_committed_together_fail_alone(server: TestServer) {
    server.user("ada").await;
    let mut tasks = JoinSet::new();
    for n in 0..16 {
        let server = server.clone();
        let name = if n % 2 == 0 {
            "ada".to_owned()
        } else {
            format!("user{n}")
        };
        tasks.spawn(async move {
            let new = claviger::store::NewUser {
                id: server.state.random.uuid(START),
                email: format!("{name}@example.org"),
                email_verified: false,
                username: name,
                role: contract::wire::session::Role::User,
                password_hash: String::new(),
                now: START,
            };
            server
                .state
                .store
                .insert_user(new, audit_entry())
                .await
                .is_ok()
        });
    }
    let written = tasks.join_all().await.into_iter().filter(|ok| *ok).count();
    assert_eq!(written, 8);
    assert_eq!(server.state.store.count_users().await.unwrap(), 9);
}

/// What a process has in memory is dropped when another one changes it.
#[apply(on_both!)]
async fn a_process_reads_again_what_another_one_changed(server: TestServer) {
    let app = server.app().create().await;
    let second_server = server.second_server().await;
    second_server
        .state
        .store
        .client(&app.client_id)
        .await
        .unwrap()
        .unwrap();
    let owner = server.signed_in(&server.owner().await).await;
    owner
        .delete(&format!("/api/applications/{}", app.client_id))
        .await
        .is(204);
    second_server.state.reload().await.unwrap();
    assert!(
        second_server
            .state
            .store
            .client(&app.client_id)
            .await
            .unwrap()
            .is_none()
    );
    second_server.state.store.close().await;
}
