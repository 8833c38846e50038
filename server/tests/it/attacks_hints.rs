//! Attacks by name on what is signed: forged id_tokens (RFC 8725 §2).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use macro_rules_attribute::apply;
use serde_json::{Value, json};

use crate::harness::{TestApp, TestServer, on_both, refused_by_redirect};

fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// What came, with this header in place of its own.
fn with_header(token: &str, header: &Value) -> String {
    let (_, rest) = token.split_once('.').unwrap();
    format!("{}.{rest}", b64(header.to_string()))
}

/// What these forged hints get.
async fn refuses_hints(app: &TestApp, hints: &[String]) {
    let user = app.server.any_user().await;
    let browser = app.server.signed_in(&user).await;
    for hint in hints {
        let ask = app.ask().set("prompt", "none").set("id_token_hint", hint);
        let location = browser.ask(&ask).await.location();
        refused_by_redirect(&location, "invalid_request", "id-token-hint-invalid");
    }
}

/// RFC 8725 §3.1: the key decides the algorithm, never the token.
#[apply(on_both!)]
async fn alg_confusion_and_none_in_a_hint(server: TestServer) {
    let app = server.app().skip_consent().create().await;
    let good = app.tokens().await.id_token;
    let kid = jsonwebtoken::decode_header(&good).unwrap().kid.unwrap();
    let jwks = server.get("/o/.well-known/jwks.json").await.json();
    let find = |alg: &str| {
        let keys = jwks["keys"].as_array().unwrap();
        keys.iter().find(|key| key["alg"] == alg).unwrap().clone()
    };
    let rsa = find("RS256");
    let claims: Value = crate::id_token::claims(&good);
    let (head, _) = good.rsplit_once('.').unwrap();
    let unsigned = with_header(&format!("{head}."), &json!({ "alg": "none", "kid": kid }));
    let mut hints = vec![
        unsigned.clone(),
        unsigned.replace(
            &b64(json!({ "alg": "none", "kid": kid }).to_string()),
            &b64("{\"alg\":\"none\"}"),
        ),
        with_header(&good, &json!({ "alg": "none", "kid": kid })),
        with_header(&good, &json!({ "alg": "NoNe", "kid": kid })),
        format!("{head}."),
        head.to_owned(),
    ];
    // The public key as a secret, in every form in which an attacker may have it.
    for secret in [
        rsa["n"].as_str().unwrap().as_bytes().to_vec(),
        URL_SAFE_NO_PAD.decode(rsa["n"].as_str().unwrap()).unwrap(),
        rsa.to_string().into_bytes(),
        Vec::new(),
    ] {
        for alg in [Algorithm::HS256, Algorithm::HS512] {
            let mut header = Header::new(alg);
            header.kid = Some(kid.clone());
            hints.push(encode(&header, &claims, &EncodingKey::from_secret(&secret)).unwrap());
        }
    }
    // Signed by us, but with the key of another algorithm.
    for alg in ["PS256", "ES256", "EdDSA"] {
        hints.push(with_header(&good, &json!({ "alg": alg, "kid": kid })));
        hints.push(with_header(
            &good,
            &json!({ "alg": alg, "kid": find(alg)["kid"] }),
        ));
        hints.push(with_header(
            &good,
            &json!({ "alg": "RS256", "kid": find(alg)["kid"] }),
        ));
    }
    refuses_hints(&app, &hints).await;
}

/// RFC 8725 §3.8, §3.10: a `kid` is looked up among our keys and nowhere else, and a header
/// brings no key.
#[apply(on_both!)]
async fn kid_tricks_in_a_hint(server: TestServer) {
    let app = server.app().skip_consent().create().await;
    let good = app.tokens().await.id_token;
    let kid = jsonwebtoken::decode_header(&good).unwrap().kid.unwrap();
    let claims: Value = crate::id_token::claims(&good);
    let mut hints: Vec<String> = [
        "../../../../dev/null",
        "' OR '1'='1",
        "x' UNION SELECT private_sealed FROM signing_keys --",
        "a\0b",
        "",
        "https://evil.example/jwks.json",
        "| cat /etc/passwd",
    ]
    .into_iter()
    .map(|kid| with_header(&good, &json!({ "alg": "RS256", "kid": kid })))
    .collect();
    hints.push(with_header(&good, &json!({ "alg": "RS256" })));
    hints.push(with_header(&good, &json!({ "alg": "RS256", "kid": [kid] })));
    hints.push(with_header(
        &good,
        &json!({ "alg": "RS256", "kid": { "$ne": 1 } }),
    ));
    // Signed by a key that the token brings along.
    let pair = aws_lc_rs::signature::Ed25519KeyPair::generate().unwrap();
    let public = aws_lc_rs::signature::KeyPair::public_key(&pair)
        .as_ref()
        .to_vec();
    let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": b64(public), "kid": "mine" });
    let jwks = server.get("/o/.well-known/jwks.json").await.json();
    let keys = jwks["keys"].as_array().unwrap();
    let ours = keys.iter().find(|key| key["alg"] == "EdDSA").unwrap();
    for header in [
        json!({ "alg": "EdDSA", "kid": "mine", "jwk": jwk }),
        json!({ "alg": "EdDSA", "kid": ours["kid"], "jwk": jwk }),
        json!({ "alg": "EdDSA", "kid": "mine", "jku": "https://evil.example/jwks.json" }),
        json!({ "alg": "EdDSA", "kid": ours["kid"], "x5u": "https://evil.example/x.pem" }),
        json!({ "alg": "EdDSA", "jwk": jwk }),
    ] {
        let text = format!("{}.{}", b64(header.to_string()), b64(claims.to_string()));
        hints.push(format!("{text}.{}", b64(pair.sign(text.as_bytes()))));
    }
    refuses_hints(&app, &hints).await;
}
