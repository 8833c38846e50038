//! Access tokens that are JWTs (RFC 9068), checked as a resource server would.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::decode_header;
use macro_rules_attribute::apply;
use serde_json::{Value, json};

use crate::harness::application::{Tokens, is_active, token_works};
use crate::harness::{Code, Form, TestApp, TestServer, on_both, refused};
use crate::id_token::{claims, verified};
use crate::resource::{API, MCP, Resource};

const ISSUER: &str = "http://localhost:8000/o";

async fn on_its_own(server: &TestServer) -> (TestApp, String) {
    let app = server
        .app()
        .jwt()
        .grants(&["client_credentials"])
        .redirects(&[])
        .create()
        .await;
    let form = Form::new(&[("grant_type", "client_credentials"), ("scope", "read")]);
    let token = app.token(&form).await.is(200).member("access_token");
    (app, token)
}

/// RFC 9068 §2.1: the header says at+jwt, and names the key.
/// RFC 9068 §2.2: iss, exp, aud, sub, client_id, iat, jti and scope, and how the person signed in.
#[apply(on_both!)]
async fn the_claims_say_for_whom_it_is_and_who_signed_in(server: TestServer) {
    for alg in ["RS256", "PS256", "ES256", "EdDSA"] {
        let app = server
            .app()
            .jwt()
            .alg(alg)
            .access_lifetime(600)
            .create()
            .await;
        let user = server.user(&format!("ada{alg}")).await;
        let browser = server.signed_in(&user).await;
        let signed_in = server.state.now().seconds();
        server.advance(30);
        let code = Code::of(browser.walk(&app.ask(), &user).await);
        let tokens: Tokens = app.redeem(&code).await.into();
        let header = tokens.access.split('.').next().unwrap();
        let header: Value =
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap();
        assert_eq!(
            (&header["typ"], &header["alg"]),
            (&json!("at+jwt"), &json!(alg))
        );
        let mut claims = verified(&server, &tokens.access, ISSUER).await;
        assert!(claims["jti"].take().is_string());
        let now = server.state.now().seconds();
        assert_eq!(
            claims,
            json!({
                "iss": ISSUER,
                "exp": now + 600,
                "aud": ISSUER,
                "sub": user.id.to_string(),
                "client_id": app.client_id,
                "iat": now,
                "jti": null,
                "scope": "openid read",
                "auth_time": signed_in,
                "acr": "1",
                "amr": ["pwd"],
            })
        );
        assert_eq!(tokens.answer.json()["expires_in"], 600);
        assert!(token_works(&server, &tokens.access).await);
        server
            .get("/o/userinfo")
            .bearer(&tokens.access)
            .await
            .is(200);
    }
}

/// RFC 9068 §2.2: without a person sub is the client, and no claim speaks of a sign-in.
#[apply(on_both!)]
async fn an_application_on_its_own_is_its_own_subject(server: TestServer) {
    let (app, token) = on_its_own(&server).await;
    let claims = verified(&server, &token, ISSUER).await;
    assert_eq!(
        (&claims["sub"], &claims["client_id"]),
        (&json!(app.client_id), &json!(app.client_id))
    );
    for member in ["auth_time", "acr", "amr", "sid", "nonce"] {
        assert!(claims.get(member).is_none(), "{member}");
    }
    assert!(token_works(&server, &token).await && is_active(&app, &token).await);
    app.revoke(&token).await.is(200);
    assert!(!token_works(&server, &token).await && !is_active(&app, &token).await);
}

/// RFC 9068 §3: aud is the resource that was asked for.
#[apply(on_both!)]
async fn the_audience_is_the_resource(server: TestServer) {
    for uri in [API, MCP] {
        Resource::new(&server, uri, "").add(&server).await;
    }
    let app = server.app().jwt().create().await;
    for (resources, audience) in [(&[MCP][..], json!(MCP)), (&[API, MCP], json!([API, MCP]))] {
        let ask = resources
            .iter()
            .fold(app.ask(), |ask, uri| ask.add("resource", uri));
        let tokens: Tokens = app.redeem(&app.code_of(&ask).await).await.into();
        assert_eq!(
            verified(&server, &tokens.access, MCP).await["aud"],
            audience
        );
        assert_eq!(app.introspect(&tokens.access).await.json()["aud"], audience);
        refused(
            &server.get("/api/hello").bearer(&tokens.access).await,
            401,
            "invalid_token",
            "token-audience",
        );
    }
}

/// RFC 7009 §2.1, RFC 7662 §2.2: a JWT is revoked and asked about as any other token is.
#[apply(on_both!)]
async fn a_jwt_ends_like_any_other_token(server: TestServer) {
    let app = server.app().jwt().access_lifetime(60).create().await;
    let other = server.app().create().await;
    let tokens = app.tokens().await;
    let said = app.introspect(&tokens.access).await.is(200).json();
    assert_eq!(said["active"], true);
    let written = claims(&tokens.access);
    for member in [
        "iss",
        "exp",
        "aud",
        "sub",
        "client_id",
        "iat",
        "jti",
        "scope",
        "auth_time",
        "acr",
        "amr",
    ] {
        assert_eq!(said[member], written[member], "{member}");
    }
    assert!(!is_active(&other, &tokens.access).await);
    other.revoke(&tokens.access).await.is(200);
    assert!(token_works(&server, &tokens.access).await);
    app.revoke(&tokens.access).await.is(200);
    assert!(!token_works(&server, &tokens.access).await);
    assert!(!is_active(&app, &tokens.refresh).await);
    let tokens = app.tokens().await;
    let second_server = server.second_server().await;
    assert!(token_works(&second_server, &tokens.access).await);
    server.advance(60);
    refused(
        &server.get("/api/hello").bearer(&tokens.access).await,
        401,
        "invalid_token",
        "token-expired",
    );
    second_server.state.store.close().await;
}

/// RFC 9068 §4: what is no access token of this server is none, however it is signed.
#[apply(on_both!)]
async fn nothing_else_is_taken_for_an_access_token(server: TestServer) {
    let app = server.app().jwt().alg("EdDSA").create().await;
    let tokens = app.tokens().await;
    let (head, signature) = tokens.access.rsplit_once('.').unwrap();
    let (header, body) = head.split_once('.').unwrap();
    let kid = decode_header(&tokens.access).unwrap().kid.unwrap();
    let encode = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let none = encode(json!({ "alg": "none", "kid": kid, "typ": "at+jwt" }));
    let hs = encode(json!({ "alg": "HS256", "kid": kid, "typ": "at+jwt" }));
    let unknown = encode(json!({ "alg": "EdDSA", "kid": "x", "typ": "at+jwt" }));
    let keyless = encode(json!({ "alg": "EdDSA", "typ": "at+jwt" }));
    let mut widened = claims(&tokens.access);
    widened["scope"] = json!("openid read write");
    let widened = encode(widened);
    for forged in [
        // Signed by us, for something else.
        tokens.id_token.clone(),
        format!("{none}.{body}."),
        format!("{none}.{body}.{signature}"),
        format!("{hs}.{body}.{signature}"),
        format!("{unknown}.{body}.{signature}"),
        format!("{keyless}.{body}.{signature}"),
        format!("{header}.{widened}.{signature}"),
        format!("{head}.{}", URL_SAFE_NO_PAD.encode([0; 64])),
        format!("{head}."),
        format!(
            "{}.{signature}",
            tokens.id_token.rsplit_once('.').unwrap().0
        ),
        "..".to_owned(),
        "a.b.c".to_owned(),
    ] {
        let answer = server.get("/api/hello").bearer(&forged).await;
        refused(&answer, 401, "invalid_token", "token-unknown");
        let said = app.introspect(&forged).await.is(200).json();
        assert_eq!(said, json!({ "active": false }), "{forged}");
        app.revoke(&forged).await.is(200);
    }
    assert!(token_works(&server, &tokens.access).await);
}

/// A resource server checks a JWT on its own, so the server can not know that it was never used.
#[apply(on_both!)]
async fn a_pair_with_a_jwt_is_never_replaced(server: TestServer) {
    let app = server.app().jwt().create().await;
    let first = app.tokens().await;
    let second: Tokens = app.refresh(&first.refresh).await.into();
    server.advance(29);
    let again: Tokens = app.refresh(&first.refresh).await.into();
    assert_eq!(second.access, again.access);
    server.advance(1);
    refused(
        &app.refresh(&first.refresh).await,
        400,
        "invalid_grant",
        "refresh-token-replayed",
    );
    assert!(!token_works(&server, &second.access).await);
    assert!(!is_active(&app, &second.refresh).await);
}

/// What is stored of a JWT does not reveal the token.
#[apply(on_both!)]
async fn of_a_jwt_only_a_hash_is_stored(server: TestServer) {
    let app = server.app().jwt().create().await;
    let tokens = app.tokens().await;
    let jti = claims(&tokens.access)["jti"].as_str().unwrap().to_owned();
    let id = uuid::Uuid::parse_str(&jti).unwrap();
    let row = server
        .state
        .store
        .find_access_token(id)
        .await
        .unwrap()
        .unwrap();
    assert!(row.token.is_jwt);
    let hash = claviger::crypto::hash::sha256(tokens.access.as_bytes());
    assert_eq!(row.token.secret_hash, hash);
}
