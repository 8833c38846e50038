//! Applications that sign in place of showing a secret (RFC 7523, OpenID Connect Core 1.0 §9).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use macro_rules_attribute::apply;
use serde_json::{Value, json};

use crate::harness::application::TestApp;
use crate::harness::server::START;
use crate::harness::signer::{SIGNERS, Signer, jwks, message};
use crate::harness::{Answer, Form, TestServer, on_both, refused};

const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const ISSUER: &str = "http://localhost:8000/o";
const NOW: i64 = START.seconds();

/// An application that is registered for private_key_jwt, with these keys.
pub(crate) async fn signing(server: &TestServer, keys: &[&Signer]) -> TestApp {
    let keys = jwks(keys);
    server
        .app()
        .grants(&["client_credentials"])
        .settings(|s| {
            s.jwks = Some(keys);
            s.token_endpoint_auth_method = Some("private_key_jwt".to_owned());
        })
        .create()
        .await
}

pub(crate) fn claims(client_id: &str, jti: &str) -> Value {
    json!({ "iss": client_id, "sub": client_id, "aud": ISSUER, "iat": NOW, "exp": NOW + 60,
        "jti": jti })
}

fn form(assertion: &str) -> Form {
    Form::new(&[
        ("grant_type", "client_credentials"),
        ("client_assertion_type", TYPE),
        ("client_assertion", assertion),
    ])
}

pub(crate) async fn send(server: &TestServer, assertion: &str) -> Answer {
    server.post("/o/token").fields(&form(assertion)).await
}

/// RFC 7523 §2.2: an application proves who it is by signing.
#[apply(on_both!)]
async fn every_algorithm_signs_an_application_in(server: TestServer) {
    for signer in SIGNERS.iter() {
        let app = signing(&server, &[signer]).await;
        assert_eq!(app.secret, None);
        let id = app.client_id.as_str();
        send(&server, &signer.sign(&claims(id, "1"))).await.is(200);
        // Naming itself as well is no second way (RFC 7521 §4.2).
        let fields = form(&signer.sign(&claims(id, "2"))).add("client_id", id);
        server.post("/o/token").fields(&fields).await.is(200);
    }
}

/// RFC 7523 §3: the audience is this server, by its issuer, its token endpoint or the endpoint in use.
#[apply(on_both!)]
async fn an_assertion_names_this_server(server: TestServer) {
    let signer = &SIGNERS[2];
    let app = signing(&server, &[signer]).await;
    let mut jti = 0;
    let mut made = |aud: Value| {
        jti += 1;
        let mut claims = claims(&app.client_id, &jti.to_string());
        claims["aud"] = aud;
        signer.sign(&claims)
    };
    for aud in [
        json!(ISSUER),
        json!("http://localhost:8000/o/token"),
        json!(["https://other.example", ISSUER]),
    ] {
        send(&server, &made(aud)).await.is(200);
    }
    for aud in [
        json!("http://localhost:8000"),
        json!("http://localhost:8000/o/"),
        json!("http://localhost:8000/o/token/"),
        json!("http://localhost:8000/o/introspect"),
        json!("https://other.example"),
        json!(["https://other.example"]),
        json!([]),
    ] {
        let answer = send(&server, &made(aud)).await;
        refused(&answer, 401, "invalid_client", "assertion-audience");
    }
    for path in ["/o/introspect", "/o/revoke_token"] {
        let assertion = made(json!(format!("http://localhost:8000{path}")));
        let fields = form(&assertion).add("token", "clv_at_x");
        server.post(path).fields(&fields).await.is(200);
    }
}

/// RFC 7523 §3: what an assertion has to say, and for how long it counts.
#[apply(on_both!)]
async fn each_claim_is_needed_and_checked(server: TestServer) {
    let signer = &SIGNERS[2];
    let app = signing(&server, &[signer]).await;
    let good = claims(&app.client_id, "x");
    for name in ["iss", "sub", "aud", "exp", "jti"] {
        let mut claims = good.clone();
        claims.as_object_mut().unwrap().remove(name);
        let answer = send(&server, &signer.sign(&claims)).await;
        refused(&answer, 401, "invalid_client", "assertion-claims");
    }
    for (name, value, expected) in [
        ("iss", json!("other"), "assertion-subject"),
        ("exp", json!(NOW), "assertion-expired"),
        ("exp", json!(NOW - 3600), "assertion-expired"),
        ("exp", json!(NOW + 3601), "assertion-lifetime"),
        ("iat", json!(NOW + 31), "assertion-early"),
        ("nbf", json!(NOW + 31), "assertion-early"),
    ] {
        let mut claims = good.clone();
        claims[name] = value;
        let answer = send(&server, &signer.sign(&claims)).await;
        refused(&answer, 401, "invalid_client", expected);
    }
    // Nothing of that has used it up.
    send(&server, &signer.sign(&good)).await.is(200);
}

/// OpenID Connect Core 1.0 §9: an assertion works once.
#[apply(on_both!)]
async fn an_assertion_works_once_also_after_a_restart(server: TestServer) {
    let signer = &SIGNERS[2];
    let app = signing(&server, &[signer]).await;
    let assertion = signer.sign(&claims(&app.client_id, "once"));
    send(&server, &assertion).await.is(200);
    let second_server = server.second_server().await;
    for server in [&server, &second_server] {
        let answer = send(server, &assertion).await;
        refused(&answer, 401, "invalid_client", "assertion-replayed");
        // Signed anew, but with the same jti.
        let mut again = claims(&app.client_id, "once");
        again["exp"] = json!(NOW + 90);
        let answer = send(server, &signer.sign(&again)).await;
        refused(&answer, 401, "invalid_client", "assertion-replayed");
    }
    // Another application's jti is another one.
    let other = signing(&server, &[signer]).await;
    let assertion = signer.sign(&claims(&other.client_id, "once"));
    send(&server, &assertion).await.is(200);
    second_server.state.store.close().await;
}

#[apply(on_both!)]
async fn of_many_uses_at_once_one_counts(server: TestServer) {
    let signer = &SIGNERS[2];
    let app = signing(&server, &[signer]).await;
    let assertion = signer.sign(&claims(&app.client_id, "race"));
    let tasks: Vec<_> = (0..32)
        .map(|_| {
            let (server, assertion) = (server.clone(), assertion.clone());
            tokio::spawn(async move { send(&server, &assertion).await.status })
        })
        .collect();
    let mut good = 0;
    for task in tasks {
        good += usize::from(task.await.unwrap() == 200);
    }
    assert_eq!(good, 1);
}

#[apply(on_both!)]
async fn what_was_used_is_swept_when_it_has_expired(server: TestServer) {
    let signer = &SIGNERS[2];
    let app = signing(&server, &[signer]).await;
    let assertion = signer.sign(&claims(&app.client_id, "1"));
    send(&server, &assertion).await.is(200);
    server
        .state
        .store
        .sweep_all(server.state.now())
        .await
        .unwrap();
    assert_eq!(server.count("used_assertions").await, 1);
    // It has expired, but not yet on a server whose clock is behind.
    server.advance(61);
    let now = server.state.now();
    server.state.store.sweep_all(now).await.unwrap();
    assert_eq!(server.count("used_assertions").await, 1);
    server.advance(30);
    server
        .state
        .store
        .sweep_all(server.state.now())
        .await
        .unwrap();
    assert_eq!(server.count("used_assertions").await, 0);
    let answer = send(&server, &assertion).await;
    refused(&answer, 401, "invalid_client", "assertion-expired");
}

/// RFC 8725 §3.1: the key decides the algorithm, never the token.
#[apply(on_both!)]
async fn no_token_chooses_its_algorithm(server: TestServer) {
    let (rsa, ec) = (&SIGNERS[0], &SIGNERS[2]);
    let app = signing(&server, &[rsa, ec]).await;
    let claims = claims(&app.client_id, "1");
    let unsigned = message(&json!({ "alg": "none" }), &claims);
    let public = rsa.jwk.to_string();
    let hmac = |text: &str| {
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, public.as_bytes());
        URL_SAFE_NO_PAD.encode(aws_lc_rs::hmac::sign(&key, text.as_bytes()))
    };
    let with_hmac = |alg: &str| {
        let text = message(&json!({ "alg": alg, "kid": rsa.kid() }), &claims);
        format!("{text}.{}", hmac(&text))
    };
    for (assertion, expected) in [
        (format!("{unsigned}."), "assertion-algorithm"),
        (format!("{unsigned}.AAAA"), "assertion-algorithm"),
        (with_hmac("HS256"), "assertion-algorithm"),
        (with_hmac("RS256"), "assertion-signature"),
        // The right key, said to be of another algorithm.
        (
            rsa.sign_with(&json!({ "alg": "PS256", "kid": rsa.kid() }), &claims),
            "assertion-signature",
        ),
        (
            rsa.sign_with(&json!({ "alg": "ES256", "kid": rsa.kid() }), &claims),
            "assertion-signature",
        ),
        (
            ec.sign_with(&json!({ "alg": "RS256", "kid": ec.kid() }), &claims),
            "assertion-signature",
        ),
        (
            ec.sign_with(&json!({ "alg": "ES256", "crit": ["x"], "x": 1 }), &claims),
            "assertion-malformed",
        ),
        (
            ec.sign_with(&json!({ "alg": "ES256", "typ": "at+jwt" }), &claims),
            "assertion-malformed",
        ),
        ("x".to_owned(), "assertion-malformed"),
    ] {
        let answer = send(&server, &assertion).await;
        refused(&answer, 401, "invalid_client", expected);
    }
    send(&server, &ec.sign(&claims)).await.is(200);
}

/// RFC 7515 §4.1.4: a kid is a name, and nothing is looked up by it but the application's keys.
#[apply(on_both!)]
async fn a_kid_is_no_way_to_another_key(server: TestServer) {
    let (rsa, stranger) = (
        &SIGNERS[0],
        Signer::new(claviger::domain::client::SigningAlg::Es256),
    );
    let ec = &SIGNERS[2];
    let app = signing(&server, &[rsa, ec]).await;
    let claims = claims(&app.client_id, "1");
    for kid in [
        json!("../../../../dev/null"),
        json!("' UNION SELECT 'x' --"),
        json!("https://evil.example/jwks.json"),
        json!(""),
        json!("\u{0}"),
        json!("k".repeat(400)),
        json!(ec.kid()),
        json!(rsa.kid()),
    ] {
        let header = json!({ "alg": "ES256", "kid": kid, "jwk": stranger.jwk,
            "jku": "https://evil.example/jwks.json" });
        let answer = send(&server, &stranger.sign_with(&header, &claims)).await;
        refused(&answer, 401, "invalid_client", "assertion-signature");
    }
    for kid in [json!(1), json!(null), json!({}), json!("k".repeat(5000))] {
        let header = json!({ "alg": "ES256", "kid": kid });
        let answer = send(&server, &ec.sign_with(&header, &claims)).await;
        refused(&answer, 401, "invalid_client", "assertion-malformed");
    }
    // Without a kid every fitting key is tried.
    let assertion = ec.sign_with(&json!({ "alg": "ES256" }), &claims);
    send(&server, &assertion).await.is(200);
}

/// RFC 6749 §2.3: one way to authenticate in a request.
#[apply(on_both!)]
async fn an_assertion_beside_a_secret_is_refused(server: TestServer) {
    let signer = &SIGNERS[2];
    let app = signing(&server, &[signer]).await;
    let id = app.client_id.as_str();
    let fields = form(&signer.sign(&claims(id, "1")));
    for secret in ["", "x"] {
        let both = fields.clone().add("client_secret", secret);
        let answer = server.post("/o/token").fields(&both).await;
        refused(&answer, 400, "invalid_request", "client-auth-twice");
    }
    let answer = server.post("/o/token").basic(id, "").fields(&fields).await;
    refused(&answer, 400, "invalid_request", "client-auth-twice");
    let other = fields.clone().add("client_id", "other");
    let answer = server.post("/o/token").fields(&other).await;
    refused(&answer, 401, "invalid_client", "assertion-subject");
    for without in ["client_assertion", "client_assertion_type"] {
        let half = fields.clone().without(without).add("client_id", id);
        let answer = server.post("/o/token").fields(&half).await;
        refused(&answer, 401, "invalid_client", "assertion-type");
        assert_eq!(
            answer.header("www-authenticate").is_empty(),
            without.ends_with("type")
        );
    }
    // Nor does a secret stand in for an assertion that is not whole.
    let half = fields.clone().without("client_assertion");
    let answer = server.post("/o/token").basic(id, "x").fields(&half).await;
    refused(&answer, 400, "invalid_request", "client-auth-twice");
    server.post("/o/token").fields(&fields).await.is(200);
}

/// RFC 7591 §2: an application authenticates in the way that it is registered for.
#[apply(on_both!)]
async fn an_application_is_taken_in_its_own_way_only(server: TestServer) {
    const GRANT: (&str, &str) = ("grant_type", "client_credentials");
    let signer = &SIGNERS[2];
    // Registered for keys: no secret works, not even one that it had before.
    let app = server.app().grants(&["client_credentials"]).create().await;
    let (id, secret) = (app.client_id.clone(), app.secret.clone().unwrap());
    let assertion = |jti| signer.sign(&claims(&id, jti));
    let answer = send(&server, &assertion("1")).await;
    refused(&answer, 401, "invalid_client", "client-auth-method");
    server
        .post("/o/token")
        .basic(&id, &secret)
        .form(&[GRANT])
        .await
        .is(200);
    let owner = server.browser();
    owner.sign_in(&server.owner().await).await;
    let path = format!("/api/applications/{id}");
    let patch = |body: Value| {
        let call = owner.call("PATCH", &path).json(&body);
        async move { call.await.is(200) }
    };
    // Keys without a method: both ways are open.
    patch(json!({ "jwks": jwks(&[signer]) })).await;
    send(&server, &assertion("2")).await.is(200);
    server
        .post("/o/token")
        .basic(&id, &secret)
        .form(&[GRANT])
        .await
        .is(200);
    patch(json!({ "token_endpoint_auth_method": "private_key_jwt" })).await;
    send(&server, &assertion("3")).await.is(200);
    let in_form = [GRANT, ("client_id", &id), ("client_secret", &secret)];
    let answer = server
        .post("/o/token")
        .basic(&id, &secret)
        .form(&[GRANT])
        .await;
    refused(&answer, 401, "invalid_client", "client-auth-method");
    let answer = server.post("/o/token").form(&in_form).await;
    refused(&answer, 401, "invalid_client", "client-auth-method");
    let answer = server.post("/o/token").form(&in_form[..2]).await;
    refused(&answer, 401, "invalid_client", "client-auth-missing");
    let answer = owner.post(&format!("{path}/secrets"), &json!({})).await;
    assert_eq!(answer.status, 422);
    for (method, basic, post) in [
        ("client_secret_basic", 200, 401),
        ("client_secret_post", 401, 200),
    ] {
        patch(json!({ "token_endpoint_auth_method": method })).await;
        let answer = server
            .post("/o/token")
            .basic(&id, &secret)
            .form(&[GRANT])
            .await;
        assert_eq!(answer.status, basic, "{method}");
        let answer = server.post("/o/token").form(&in_form).await;
        assert_eq!(answer.status, post, "{method}");
        let answer = send(&server, &assertion("4")).await;
        refused(&answer, 401, "invalid_client", "client-auth-method");
    }
}

#[apply(on_both!)]
async fn a_public_application_does_not_sign(server: TestServer) {
    let app = server
        .app()
        .public()
        .settings(|s| s.jwks = Some(jwks(&[&SIGNERS[2]])))
        .create()
        .await;
    let assertion = SIGNERS[2].sign(&claims(&app.client_id, "1"));
    let answer = send(&server, &assertion).await;
    refused(&answer, 401, "invalid_client", "client-auth-method");
}
