//! id_tokens, checked as a client would: against the published keys, with another library.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use claviger::crypto::keyring;
use claviger::domain::client::SigningAlg;
use claviger::domain::key::{PUBLISH_AFTER, PUBLISH_AHEAD};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{DecodingKey, Validation, decode, decode_header};
use macro_rules_attribute::apply;
use serde_json::{Value, json};

use crate::harness::authorization::NONCE;
use crate::harness::server::secret_key;
use crate::harness::{Code, TestServer, audit_entry, on_both};

/// The claims, unchecked.
pub(crate) fn claims(token: &str) -> Value {
    let body = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(body).unwrap()).unwrap()
}

async fn jwks(server: &TestServer) -> JwkSet {
    let answer = server.get("/o/.well-known/jwks.json").await.is(200);
    serde_json::from_slice(&answer.body).unwrap()
}

/// The claims, if the signature is right; time stands still here, so the end is not looked at.
pub(crate) async fn verified(server: &TestServer, token: &str, client_id: &str) -> Value {
    let header = decode_header(token).unwrap();
    let jwks = jwks(server).await;
    let jwk = jwks.find(header.kid.as_deref().unwrap()).unwrap();
    let mut validation = Validation::new(header.alg);
    validation.validate_exp = false;
    validation.set_audience(&[client_id]);
    validation.set_issuer(&["http://localhost:8000/o"]);
    let key = DecodingKey::from_jwk(jwk).unwrap();
    decode::<Value>(token, &key, &validation).unwrap().claims
}

fn at_hash(digest: &aws_lc_rs::digest::Digest) -> String {
    let half = digest.as_ref().len() / 2;
    URL_SAFE_NO_PAD.encode(&digest.as_ref()[..half])
}

/// OpenID Connect Core 1.0 §3.1.3.6: at_hash is the left half of the hash of the access token.
/// OpenID Connect Core 1.0 §10.1: the id_token names the key that signed it by kid.
/// RFC 8037 §3.1: EdDSA signatures verify with the published OKP key.
#[apply(on_both!)]
async fn every_algorithm_is_verified_with_the_published_key(server: TestServer) {
    use aws_lc_rs::digest::{SHA256, SHA512, digest};
    for (alg, hash) in [
        ("RS256", &SHA256),
        ("PS256", &SHA256),
        ("ES256", &SHA256),
        ("EdDSA", &SHA512),
    ] {
        let app = server.app().alg(alg).create().await;
        let tokens = app.tokens().await;
        let header = tokens.id_token.split('.').next().unwrap();
        let header: Value =
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap();
        assert_eq!(
            (&header["alg"], &header["typ"]),
            (&json!(alg), &json!("JWT"))
        );
        let claims = verified(&server, &tokens.id_token, &app.client_id).await;
        assert_eq!(
            claims["at_hash"],
            at_hash(&digest(hash, tokens.access.as_bytes())),
            "{alg}"
        );
    }
}

/// OpenID Connect Core 1.0 §2: an id_token holds iss, sub, aud, exp, iat, and auth_time and
/// nonce as they were.
#[apply(on_both!)]
async fn the_claims_say_who_signed_in_where_and_when(server: TestServer) {
    let app = server.app().create().await;
    let user = server.user("ada").await;
    let browser = server.signed_in(&user).await;
    server.advance(30);
    let ask = app.ask().set("scope", "openid");
    let code = Code::of(browser.walk(&ask, &user).await);
    server.advance(7);
    let token = app.redeem(&code).await.member("id_token");
    let mut claims = verified(&server, &token, &app.client_id).await;
    for opaque in ["at_hash", "sid", "jti"] {
        assert!(claims[opaque].take().is_string(), "{opaque}");
    }
    let expected = json!({
        "iss": "http://localhost:8000/o",
        "sub": user.id.to_string(),
        "aud": app.client_id,
        "iat": 1_800_000_037,
        "exp": 1_800_003_637,
        "auth_time": 1_800_000_000,
        "nonce": NONCE,
        "at_hash": null,
        "acr": "1",
        "amr": ["pwd"],
        "sid": null,
        "jti": null,
    });
    assert_eq!(claims, expected);
}

/// OpenID Connect Core 1.0 §5.4: profile and email ask for their claims, and nothing else does.
#[apply(on_both!)]
async fn claims_follow_the_scopes(server: TestServer) {
    let app = server.app().create().await;
    let claims_for = async |scope: &str| claims(&app.tokens_for(scope).await.id_token);
    let all = claims_for("openid profile email").await;
    assert_eq!(all["preferred_username"], "person0");
    assert_eq!(all["name"], "person0");
    assert_eq!(all["email"], "person0@example.com");
    assert_eq!(all["email_verified"], false);
    let none = claims_for("openid").await;
    for claim in ["preferred_username", "name", "email", "email_verified"] {
        assert!(none.get(claim).is_none(), "{claim}");
    }
}

/// OpenID Connect Core 1.0 §3.1.2.1: without the scope openid there is no id_token.
/// OpenID Connect Core 1.0 §2: nonce is in the id_token if it was in the request.
#[apply(on_both!)]
async fn without_openid_there_is_no_id_token_and_without_a_nonce_none_in_it(server: TestServer) {
    let app = server.app().create().await;
    let answer = app.tokens_for("read").await.answer;
    assert!(answer.json().get("id_token").is_none());
    let code = app.code_of(&app.ask().without("nonce")).await;
    let token = app.redeem(&code).await.member("id_token");
    assert!(claims(&token).get("nonce").is_none());
}

/// OpenID Connect Back-Channel Logout 1.0 §2.1: sid in an id_token names the session at the
/// server.
#[apply(on_both!)]
async fn sid_names_the_session_and_nothing_in_the_database(server: TestServer) {
    let app = server.app().skip_consent().create().await;
    let user = server.user("ada").await;
    let sid = async |browser: &crate::harness::Browser| {
        let code = Code::of(browser.walk(&app.ask(), &user).await);
        claims(&app.redeem(&code).await.member("id_token"))["sid"].clone()
    };
    let (one, two) = (server.signed_in(&user).await, server.signed_in(&user).await);
    let first = sid(&one).await;
    assert_eq!(first, sid(&one).await);
    assert_ne!(first, sid(&two).await);
    assert!(
        !server
            .database
            .dump()
            .await
            .contains(first.as_str().unwrap())
    );
}

/// OpenID Connect Core 1.0 §10.1.1: keys are rotated; the old one stays published while what it
/// signed may be verified.
#[apply(on_both!)]
async fn a_new_key_is_published_before_it_signs_and_the_old_one_after(server: TestServer) {
    let app = server.app().create().await;
    let sign = async || app.tokens_for("openid").await.id_token;
    let kid = |token: &str| decode_header(token).unwrap().kid.unwrap();
    let before = sign().await;
    let state = &server.state;
    let now = state.now();
    let from = now + PUBLISH_AHEAD;
    let made = keyring::generate(SigningAlg::Rs256, &secret_key(), &state.random, now, from);
    let rotated = state.store.rotate_keys(vec![made.unwrap()], audit_entry());
    rotated.await.unwrap();
    state.reload().await.unwrap();
    assert_eq!(jwks(&server).await.keys.len(), 5);
    server.advance_by(PUBLISH_AHEAD - Duration::from_secs(1));
    assert_eq!(kid(&sign().await), kid(&before));
    server.advance(1);
    let after = sign().await;
    assert_ne!(kid(&after), kid(&before));
    verified(&server, &after, &app.client_id).await;
    server.advance_by(PUBLISH_AFTER - Duration::from_secs(1));
    verified(&server, &before, &app.client_id).await;
    server.advance(1);
    assert_eq!(jwks(&server).await.keys.len(), 4);
    assert!(jwks(&server).await.find(&kid(&before)).is_none());
}
