//! Signing keys: made in time, published for as long as a token needs them, then forgotten.

use std::time::Duration;

use claviger::crypto::keyring::generate;
use claviger::domain::client::SigningAlg;
use claviger::domain::key::{JWKS_MAX_AGE, LONGEST_SIGNED, PUBLISH_AFTER, PUBLISH_AHEAD};
use claviger::domain::key::{KeyState, ROTATE_EVERY, state};
use claviger::jobs::keys::turn;
use claviger::store::Revoked;
use jsonwebtoken::decode_header;
use macro_rules_attribute::apply;

use crate::harness::application::token_works;
use crate::harness::server::secret_key;
use crate::harness::{Code, TestServer, audit_entry, on_both, refused_by_redirect};

fn kid(token: &str) -> String {
    decode_header(token).unwrap().kid.unwrap()
}

async fn published(server: &TestServer) -> Vec<String> {
    let jwks = server.get("/o/.well-known/jwks.json").await.is(200).json();
    let keys = jwks["keys"].as_array().unwrap().iter();
    keys.map(|key| key["kid"].as_str().unwrap().to_owned())
        .collect()
}

async fn erased(server: &TestServer) -> Vec<String> {
    let sql = "SELECT kid FROM signing_keys WHERE length(private_sealed) = 0";
    server.database.texts(sql).await
}

/// How many keys there are in this state.
async fn count(server: &TestServer, wanted: KeyState) -> usize {
    let (keys, now) = (server.state.store.keys().await.unwrap(), server.state.now());
    let of = |key: &&_| state(key, &keys, now) == wanted;
    keys.iter().filter(of).count()
}

/// From one rotation to the end of the keys that it replaced.
async fn rotate_and_retire(server: &TestServer) {
    server.advance_by(ROTATE_EVERY);
    assert_eq!(turn(&server.state).await.unwrap().len(), 4);
    server.advance_by(PUBLISH_AHEAD + PUBLISH_AFTER);
    turn(&server.state).await.unwrap();
}

#[test]
fn the_overlap_is_longer_than_every_cache_and_every_token() {
    assert_eq!(LONGEST_SIGNED, Duration::from_hours(24));
    assert!(PUBLISH_AHEAD > JWKS_MAX_AGE);
    assert!(PUBLISH_AFTER > LONGEST_SIGNED + JWKS_MAX_AGE);
    assert!(ROTATE_EVERY > PUBLISH_AHEAD + PUBLISH_AFTER);
}

#[apply(on_both!)]
async fn a_key_goes_from_next_to_retired_by_schedule(server: TestServer) {
    let app = server.app().create().await;
    let first = kid(&app.tokens_for("openid").await.id_token);
    assert!(turn(&server.state).await.unwrap().is_empty());
    server.advance_by(ROTATE_EVERY);
    assert_eq!(turn(&server.state).await.unwrap().len(), 4);
    assert!(turn(&server.state).await.unwrap().is_empty());
    assert_eq!(count(&server, KeyState::Next).await, 4);
    assert_eq!(published(&server).await.len(), 8);
    assert_eq!(kid(&app.tokens_for("openid").await.id_token), first);
    server.advance_by(PUBLISH_AHEAD);
    assert_ne!(kid(&app.tokens_for("openid").await.id_token), first);
    assert_eq!(count(&server, KeyState::Retiring).await, 4);
    server.advance_by(PUBLISH_AFTER - Duration::from_secs(1));
    turn(&server.state).await.unwrap();
    assert!(published(&server).await.contains(&first));
    assert!(erased(&server).await.is_empty());
    server.advance(1);
    turn(&server.state).await.unwrap();
    assert_eq!(count(&server, KeyState::Retired).await, 4);
    assert_eq!(published(&server).await.len(), 4);
    assert!(erased(&server).await.contains(&first));
    app.tokens_for("openid").await;
}

#[apply(on_both!)]
async fn of_several_servers_one_makes_the_next_key(server: TestServer) {
    let second_server = server.second_server().await;
    server.advance_by(ROTATE_EVERY);
    let (one, two) = tokio::join!(turn(&server.state), turn(&second_server.state));
    assert_eq!(one.unwrap().len() + two.unwrap().len(), 4);
    second_server.state.reload().await.unwrap();
    assert_eq!(published(&second_server).await.len(), 8);
    second_server.state.store.close().await;
}

/// OpenID Connect Core 1.0 §3.1.2.1: an id_token_hint of any age is taken, its key long retired.
#[apply(on_both!)]
async fn an_id_token_of_before_two_rotations_is_a_hint(server: TestServer) {
    for alg in ["RS256", "PS256", "ES256", "EdDSA"] {
        let app = server.app().alg(alg).skip_consent().create().await;
        let user = server.user(&format!("ada{alg}")).await;
        let browser = server.signed_in(&user).await;
        let code = Code::of(browser.walk(&app.ask(), &user).await);
        let old = app.redeem(&code).await.member("id_token");
        rotate_and_retire(&server).await;
        rotate_and_retire(&server).await;
        assert!(!published(&server).await.contains(&kid(&old)));
        assert!(erased(&server).await.contains(&kid(&old)));
        let browser = server.signed_in(&user).await;
        let ask = app.ask().set("prompt", "none").set("id_token_hint", &old);
        Code::of(browser.ask(&ask).await.location());
    }
}

/// A process that starts when keys have retired opens what is left of them.
#[apply(on_both!)]
async fn a_server_starts_on_keys_that_have_retired(server: TestServer) {
    rotate_and_retire(&server).await;
    server
        .state
        .store
        .sweep_all(server.state.now())
        .await
        .unwrap();
    let second_server = server.second_server().await;
    assert_eq!(published(&second_server).await.len(), 4);
    assert_eq!(second_server.state.store.keys().await.unwrap().len(), 8);
    second_server.state.store.close().await;
}

/// A clock that went backwards between two rotations, or two machines that disagree.
#[apply(on_both!)]
async fn the_key_that_signs_is_never_erased(server: TestServer) {
    let app = server.app().create().await;
    let state = &server.state;
    let now = state.now();
    for hours in [3, 2] {
        let from = now.plus_seconds(hours * 3600);
        let key = generate(SigningAlg::Rs256, &secret_key(), &state.random, now, from).unwrap();
        let rotated = state.store.rotate_keys(vec![key], audit_entry());
        rotated.await.unwrap();
    }
    server.advance_by(PUBLISH_AFTER + Duration::from_hours(3));
    turn(state).await.unwrap();
    state.reload().await.unwrap();
    let signer = kid(&app.tokens_for("openid").await.id_token);
    assert!(published(&server).await.contains(&signer));
    // The first one has retired; the one between stays until the next rotation.
    assert_eq!(erased(&server).await.len(), 1);
}

/// A key that has leaked: what it signed is refused, and another one signs at once.
#[apply(on_both!)]
async fn a_revoked_key_leaves_the_jwks_and_another_one_signs(server: TestServer) {
    let app = server.app().jwt().create().await;
    let tokens = app.tokens_for("openid read").await;
    let leaked = kid(&tokens.id_token);
    assert!(token_works(&server, &tokens.access).await);
    let (state, now) = (&server.state, server.state.now());
    let made = generate(SigningAlg::Rs256, &secret_key(), &state.random, now, now).unwrap();
    let successor = made.kid.clone();
    let revoked = state
        .store
        .revoke_key(leaked.clone(), made.clone(), now, audit_entry());
    let expected = Revoked::Replaced(successor.clone());
    assert_eq!(revoked.await.unwrap(), Some(expected));
    let again = state
        .store
        .revoke_key(leaked.clone(), made, now, audit_entry());
    assert_eq!(again.await.unwrap(), None);
    state.reload().await.unwrap();
    let published = published(&server).await;
    assert!(!published.contains(&leaked) && published.contains(&successor));
    assert!(!token_works(&server, &tokens.access).await);
    assert!(erased(&server).await.contains(&leaked));
    assert_eq!(kid(&app.tokens_for("openid").await.id_token), successor);
    // Nor does it say who is to be signed out.
    let user = server.user("eve").await;
    let browser = server.signed_in(&user).await;
    let ask = app.ask().set("id_token_hint", &tokens.id_token);
    refused_by_redirect(
        &browser.ask(&ask).await.location(),
        "invalid_request",
        "id-token-hint-invalid",
    );
}

/// A machine whose clock is ahead when it is installed, and set right afterwards.
#[apply(on_both!)]
async fn an_installation_made_in_the_future_signs_when_the_clock_is_set_right(server: TestServer) {
    server.advance(-3600);
    let app = server.app().create().await;
    app.tokens_for("openid").await;
    assert_eq!(published(&server).await.len(), 4);
}
