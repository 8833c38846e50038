//! The keys of applications that sign, where they publish them (RFC 7591 §2, `jwks_uri`).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use claviger::state::Options;
use macro_rules_attribute::apply;
use serde_json::{Value, json};

use crate::client_assertion::{claims, send, signing};
use crate::harness::application::TestApp;
use crate::harness::signer::{SIGNERS, Signer, jwks};
use crate::harness::web::{Page, Web};
use crate::harness::{TestServer, on_both, refused};

const SET: &str = "keys.example/jwks.json";

/// A server in a world of its own.
async fn in_the_world(server: &TestServer) -> (Web, TestServer) {
    let web = Web::start().await;
    let options = Options {
        outbound: web.outbound(),
        ..Options::default()
    };
    let server = server.twin_with(options).await;
    (web, server)
}

/// An application whose keys are at an address.
async fn published(server: &TestServer, uri: &str) -> TestApp {
    server
        .app()
        .grants(&["client_credentials"])
        .settings(|s| {
            s.jwks_uri = Some(uri.to_owned());
            s.token_endpoint_auth_method = Some("private_key_jwt".to_owned());
        })
        .create()
        .await
}

fn claims_now(server: &TestServer, app: &TestApp, jti: &str) -> Value {
    let mut claims = claims(&app.client_id, jti);
    let now = server.state.now().seconds();
    claims["iat"] = json!(now);
    claims["exp"] = json!(now + 60);
    claims
}

/// RFC 7591 §2: keys are read at jwks_uri, and once more when a key is unknown.
#[apply(on_both!)]
async fn an_unknown_key_is_looked_for_once_more(server: TestServer) {
    let (old, new) = (&SIGNERS[2], &SIGNERS[3]);
    let (web, server) = in_the_world(&server).await;
    let app = published(&server, "https://keys.example/jwks.json").await;
    web.put(SET, &jwks(&[old]));
    let sign = |signer: &Signer, jti: &str| signer.sign(&claims_now(&server, &app, jti));
    send(&server, &sign(old, "1")).await.is(200);
    send(&server, &sign(old, "2")).await.is(200);
    assert_eq!(web.asked(SET), 1);
    web.put(SET, &jwks(&[new]));
    send(&server, &sign(new, "3")).await.is(200);
    assert_eq!(web.asked(SET), 2);
    // Invented key ids do not make the server fetch without end.
    for number in 0..20 {
        let header = json!({ "alg": "ES256", "kid": format!("k{number}") });
        let assertion = old.sign_with(&header, &claims_now(&server, &app, "4"));
        let answer = send(&server, &assertion).await;
        refused(&answer, 401, "invalid_client", "assertion-signature");
    }
    assert_eq!(web.asked(SET), 2);
    server.advance(10);
    let header = json!({ "alg": "EdDSA", "kid": "another name" });
    // The set was read once more, and then every key that fits is tried.
    let assertion = new.sign_with(&header, &claims_now(&server, &app, "5"));
    send(&server, &assertion).await.is(200);
    assert_eq!(web.asked(SET), 3);
    server.state.store.close().await;
}

#[apply(on_both!)]
async fn the_last_good_keys_stay_while_the_address_is_silent(server: TestServer) {
    let signer = &SIGNERS[2];
    let (web, server) = in_the_world(&server).await;
    let app = published(&server, "https://keys.example/jwks.json").await;
    let mut jti = 0;
    let mut attempt = || {
        jti += 1;
        let assertion = signer.sign(&claims_now(&server, &app, &jti.to_string()));
        let server = server.clone();
        async move { send(&server, &assertion).await }
    };
    refused(&attempt().await, 401, "invalid_client", "assertion-keys");
    // It is not asked again at once.
    refused(&attempt().await, 401, "invalid_client", "assertion-keys");
    assert_eq!(web.asked(SET), 1);
    web.put(SET, &jwks(&[signer]));
    server.advance(10);
    attempt().await.is(200);
    assert_eq!(web.asked(SET), 2);
    web.remove(SET);
    server.advance(900);
    attempt().await.is(200);
    attempt().await.is(200);
    assert_eq!(web.asked(SET), 3);
    server.advance(24 * 3600);
    refused(&attempt().await, 401, "invalid_client", "assertion-keys");
    server.state.store.close().await;
}

/// RFC 9700 §4.11: keys are never read from where only this machine can look.
#[apply(on_both!)]
async fn keys_are_read_from_public_addresses_only(server: TestServer) {
    let signer = &SIGNERS[2];
    let (web, server) = in_the_world(&server).await;
    for (host, turns) in [
        ("private.example", &[&["10.0.0.1"][..]][..]),
        ("loop.example", &[&["127.0.0.1"]]),
        ("six.example", &[&["::1"]]),
        ("link.example", &[&["169.254.169.254"]]),
        ("inside.example", &[&["::ffff:192.168.0.1"]]),
        ("half.example", &[&["93.184.216.34", "127.0.0.1"]]),
        ("127.0.0.1", &[&["93.184.216.34"]]),
        ("[::ffff:127.0.0.1]", &[&["93.184.216.34"]]),
    ] {
        let app = published(&server, &format!("https://{host}/jwks")).await;
        web.resolve(host, turns);
        web.put(&format!("{host}/jwks"), &jwks(&[signer]));
        let assertion = signer.sign(&claims(&app.client_id, "1"));
        let answer = send(&server, &assertion).await;
        refused(&answer, 401, "invalid_client", "assertion-keys");
        assert_eq!(web.asked(&format!("{host}/jwks")), 0, "{host}");
    }
    // A name that turns to this machine after it was asked for once.
    let app = published(&server, "https://turn.example/jwks").await;
    web.resolve("turn.example", &[&["93.184.216.34"], &["127.0.0.1"]]);
    web.put("turn.example/jwks", &jwks(&[signer]));
    let assertion = signer.sign(&claims_now(&server, &app, "1"));
    send(&server, &assertion).await.is(200);
    server.advance(3600);
    let assertion = signer.sign(&claims_now(&server, &app, "2"));
    send(&server, &assertion).await.is(200);
    assert_eq!(web.asked("turn.example/jwks"), 1);
    server.state.store.close().await;
}

#[apply(on_both!)]
async fn what_is_no_key_set_is_none(server: TestServer) {
    let signer = &SIGNERS[2];
    let good = jwks(&[signer]).to_string();
    let location = (
        "location".to_owned(),
        "https://keys.example/other".to_owned(),
    );
    let (web, server) = in_the_world(&server).await;
    web.put("keys.example/other", &jwks(&[signer]));
    let pages = [
        Page {
            status: 302,
            headers: vec![location],
            body: good.clone(),
            ..Page::default()
        },
        Page {
            status: 500,
            body: good.clone(),
            ..Page::default()
        },
        Page {
            status: 200,
            body: format!("{good}{}", " ".repeat(70_000)),
            ..Page::default()
        },
        Page {
            status: 200,
            body: "<html>".to_owned(),
            ..Page::default()
        },
        Page {
            status: 200,
            body: "{\"keys\": []}".to_owned(),
            ..Page::default()
        },
    ];
    for (number, page) in pages.into_iter().enumerate() {
        let at = format!("keys.example/{number}");
        let app = published(&server, &format!("https://{at}")).await;
        web.put_page(&at, page);
        let answer = send(&server, &signer.sign(&claims(&app.client_id, "1"))).await;
        refused(&answer, 401, "invalid_client", "assertion-keys");
        assert_eq!(web.asked(&at), 1);
    }
    assert_eq!(web.asked("keys.example/other"), 0);
    server.state.store.close().await;
}

/// RFC 7515 §4: a header or a claim that stands there twice means nothing.
#[apply(on_both!)]
async fn an_assertion_with_a_name_twice_is_refused(server: TestServer) {
    let signer = &SIGNERS[2];
    let app = signing(&server, &[signer]).await;
    let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let good = claims(&app.client_id, "1").to_string();
    let twice = good.replacen('{', "{\"sub\":\"other\",", 1);
    for (header, claims) in [
        (r#"{"alg":"none","alg":"ES256"}"#, &good),
        (r#"{"alg":"ES256"}"#, &twice),
    ] {
        let assertion = format!("{}.{}.AAAA", encode(header), encode(claims));
        let answer = send(&server, &assertion).await;
        refused(&answer, 401, "invalid_client", "assertion-malformed");
    }
}

/// RFC 8414 §2: what can be used is advertised.
#[apply(on_both!)]
async fn the_metadata_say_how_to_sign(server: TestServer) {
    for path in [
        "/o/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server/o",
    ] {
        let document = server.get(path).await.is(200).json();
        for endpoint in ["token", "revocation", "introspection"] {
            let methods = &document[format!("{endpoint}_endpoint_auth_methods_supported")];
            assert!(
                methods
                    .as_array()
                    .unwrap()
                    .contains(&json!("private_key_jwt"))
            );
            assert_eq!(
                document[format!("{endpoint}_endpoint_auth_signing_alg_values_supported")],
                json!(["RS256", "PS256", "ES256", "EdDSA"])
            );
        }
    }
}
