//! Who may register an application (RFC 7591 §3), how often, and who owns it then.

use claviger::config::Registration;
use claviger::crypto::hash::credential_hash;
use claviger::domain::credential::CredentialKind;
use claviger::domain::registration::InitialToken;
use claviger::store::{Registered, Room};
use macro_rules_attribute::apply;
use serde_json::json;

use crate::harness::registration::URI;
use crate::harness::{TestServer, audit_entry, on_both, refused};

impl TestServer {
    /// An initial access token.
    async fn initial(&self, uses: Option<i64>, seconds: Option<i64>) -> String {
        let now = self.state.now();
        let credential = self
            .state
            .random
            .credential(CredentialKind::InitialAccess, now);
        let token = InitialToken {
            id: credential.id,
            secret_hash: credential_hash(&credential),
            uses_left: uses,
            created_at: now,
            expires_at: seconds.map(|seconds| now.plus_seconds(seconds)),
        };
        self.state
            .store
            .insert_initial_token(token, audit_entry())
            .await
            .unwrap();
        credential.reveal()
    }
}

/// RFC 7591 §3: where an initial access token is needed, neither a session nor a client's
/// credentials replace it.
#[apply(on_both!)]
async fn registration_without_an_initial_access_token_is_rejected(server: TestServer) {
    let server = server.registering(Registration::Token).await;
    let app = server.app().create().await;
    let metadata = json!({ "redirect_uris": [URI] });
    let admin = server.admin("ada").await;
    let browser = server.signed_in(&admin).await;
    let post = || server.post("/o/register").json(&metadata);
    for answer in [
        post().await,
        post().from(&browser).await,
        post()
            .basic(&app.client_id, app.secret.as_deref().unwrap())
            .await,
    ] {
        refused(&answer, 401, "access_denied", "registration-token-missing");
        let challenge = answer.header("www-authenticate");
        assert!(challenge.starts_with("Bearer ") && !challenge.contains("error"));
    }
    let access = app.tokens().await.access;
    let mut forged = server.initial(None, None).await;
    forged.replace_range(60.., "AAAAAAAAAAA");
    for token in ["x", "clv_ia_x", &access, &forged] {
        let answer = post().bearer(token).await;
        refused(&answer, 401, "invalid_token", "registration-token-unknown");
        assert!(
            answer
                .header("www-authenticate")
                .contains("error=\"invalid_token\"")
        );
    }
    let open = server.registering(Registration::Open).await;
    let answer = open.post("/o/register").json(&metadata).bearer("x").await;
    refused(&answer, 401, "invalid_token", "registration-token-unknown");
}

/// RFC 7591 §1.2: an initial access token is good for as many uses and as long as it says.
#[apply(on_both!)]
async fn an_initial_token_is_used_up(server: TestServer) {
    let server = server.registering(Registration::Token).await;
    let metadata = json!({ "redirect_uris": [URI] });
    let post = |token: &str| server.post("/o/register").json(&metadata).bearer(token);
    let twice = server.initial(Some(2), None).await;
    let bad = server.post("/o/register").json(&json!({})).bearer(&twice);
    assert_eq!(bad.await.status, 400);
    for status in [201, 201, 401] {
        assert_eq!(post(&twice).await.status, status);
    }
    let always = server.initial(None, None).await;
    let minute = server.initial(None, Some(60)).await;
    for _ in 0..60 {
        assert_eq!(post(&always).await.status, 201);
    }
    assert_eq!(post(&minute).await.status, 201);
    server.advance(60);
    let late = post(&minute).await;
    refused(&late, 401, "invalid_token", "registration-token-unknown");
    assert!(
        server
            .state
            .store
            .sweep_all(server.state.now())
            .await
            .unwrap()
            > 0
    );
    assert_eq!(server.count("registration_tokens").await, 1);
}

#[apply(on_both!)]
async fn of_many_registrations_with_one_use_one_is_made(server: TestServer) {
    let server = server.registering(Registration::Token).await;
    let token = server.initial(Some(1), None).await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..32 {
        let call = server.post("/o/register").bearer(&token);
        let call = call.json(&json!({ "redirect_uris": [URI] }));
        tasks.spawn(async move { call.await.status });
    }
    let mut statuses = tasks.join_all().await;
    statuses.sort_unstable();
    assert_eq!((statuses[0], statuses[1]), (201, 401));
    assert_eq!(server.count("applications").await, 1);
}

/// RFC 7591 §5: one address registers only so many applications in an hour.
#[apply(on_both!)]
async fn an_address_registers_only_so_many(server: TestServer) {
    let server = server.registering(Registration::Open).await;
    let metadata = json!({ "redirect_uris": [URI] });
    for _ in 0..50 {
        server.register(&json!({})).await.is(400);
        server.register(&metadata).await.is(201);
    }
    let answer = server.register(&metadata).await;
    refused(
        &answer,
        429,
        "temporarily_unavailable",
        "registration-quota",
    );
    assert_eq!(answer.header("retry-after"), "3600");
    let token = server.initial(Some(1), None).await;
    let trusted = server.post("/o/register").json(&metadata).bearer(&token);
    assert_eq!(trusted.await.status, 201);
    server.advance(3600);
    server.register(&metadata).await.is(201);
}

#[apply(on_both!)]
async fn there_are_only_so_many_in_all(server: TestServer) {
    let server = server.registering(Registration::Open).await;
    let answer = server
        .register(&json!({ "redirect_uris": [URI] }))
        .await
        .is(201);
    let (store, now) = (&server.state.store, server.state.now());
    let made = store
        .application(&answer.member("client_id"))
        .await
        .unwrap();
    let mut another = made.unwrap();
    for (client_id, all, registered) in [
        ("a", 1, Registered::Full),
        ("b", 2, Registered::Done),
        ("c", 2, Registered::Full),
    ] {
        another.client_id = client_id.to_owned();
        let room = Room {
            all,
            share: 9,
            from: None,
        };
        let done = store.register_application(&another, None, None, room, now, audit_entry());
        assert_eq!(done.await.unwrap(), registered);
    }
}

/// RFC 7591 §5: of the room for all, one network gets a share.
#[apply(on_both!)]
async fn one_network_can_not_take_the_room_of_all(server: TestServer) {
    let server = server.registering(Registration::Open).await;
    let metadata = json!({ "redirect_uris": [URI] });
    let answer = server.register(&metadata).await.is(201);
    let token = server.initial(None, None).await;
    let call = server.post("/o/register").json(&metadata);
    call.bearer(&token).await.is(201);
    // An address is cut before it is written down, and a token answers for itself.
    let networks = "SELECT registered_from FROM applications WHERE registered_from IS NOT NULL";
    assert_eq!(server.database.texts(networks).await, ["192.0.2.0/24"]);
    let (store, now) = (&server.state.store, server.state.now());
    let made = store
        .application(&answer.member("client_id"))
        .await
        .unwrap();
    let mut another = made.unwrap();
    for (client_id, from, registered) in [
        ("a", Some("192.0.2.0/24"), Registered::Done),
        ("b", Some("192.0.2.0/24"), Registered::ShareTaken),
        ("c", Some("2001:db8::/48"), Registered::Done),
        ("d", None, Registered::Done),
    ] {
        another.client_id = client_id.to_owned();
        let room = Room {
            all: 9,
            share: 2,
            from: from.map(str::to_owned),
        };
        let done = store.register_application(&another, None, None, room, now, audit_entry());
        assert_eq!(done.await.unwrap(), registered, "{client_id}");
    }
}

/// The account that only owns what registers itself is neither counted nor found.
#[apply(on_both!)]
async fn the_owner_of_registrations_is_no_user(server: TestServer) {
    let server = server.registering(Registration::Open).await;
    server
        .register(&json!({ "redirect_uris": [URI] }))
        .await
        .is(201);
    assert_eq!(server.state.store.count_users().await.unwrap(), 0);
    let login = json!({ "username": "@registration", "password": "" });
    let answer = server.post("/api/session").json(&login).await;
    assert_eq!(answer.status, 401);
}
