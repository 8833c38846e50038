//! A stolen database gives the thief nothing to use.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use macro_rules_attribute::apply;
use serde_json::json;

use crate::harness::authorization::VERIFIER;
use crate::harness::user::PASSWORD;
use crate::harness::{Code, TestServer, Tokens, on_both};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// As it was sent, and as the random bytes that it is made of.
fn forms(credential: &str) -> Vec<String> {
    let encoded = &credential["clv_xx_".len()..];
    let bytes = URL_SAFE_NO_PAD.decode(encoded).unwrap();
    // The first 16 of 48 bytes are the row's id.
    let random = if bytes.len() == 48 {
        &bytes[16..]
    } else {
        &bytes[..]
    };
    vec![
        credential.to_owned(),
        encoded.to_owned(),
        hex(random),
        hex(encoded.as_bytes()),
    ]
}

/// RFC 6819 §5.1.4.1.3: no credential is stored in the clear.
#[apply(on_both!)]
async fn the_database_holds_no_secret_in_plain(server: TestServer) {
    let app = server.app().create().await;
    let user = server.user("ada").await;
    let browser = server.browser();
    let code = Code::of(browser.walk(&app.ask(), &user).await);
    let unused = Code::of(browser.walk(&app.ask(), &user).await);
    let first = Tokens::from(app.redeem(&code).await);
    let second = Tokens::from(app.refresh(&first.refresh).await);
    // Every way to write them down that there is: traces, audit events, a new secret.
    app.redeem(&code).await;
    app.refresh(&first.refresh).await;
    server.get("/api/hello").bearer(&second.access).await;
    let owner = server.signed_in(&server.owner().await).await;
    let path = format!("/api/applications/{}/secrets", app.client_id);
    let secret = owner.post(&path, &json!({})).await.member("client_secret");
    let change = json!({ "current_password": PASSWORD, "new_password": "an entirely new one" });
    browser.post("/api/account/password", &change).await.is(204);
    server.settled().await;

    let dump = server.database.dump().await;
    let found = dump.to_lowercase();
    assert!(found.contains(&app.client_id.to_lowercase()));
    let mut texts = vec![
        PASSWORD.to_owned(),
        "an entirely new one".to_owned(),
        VERIFIER.to_owned(),
    ];
    for credential in [
        app.secret.as_ref().unwrap(),
        &secret,
        &code.code,
        &unused.code,
        &first.access,
        &first.refresh,
        &second.access,
        &second.refresh,
        &browser.cookie("claviger_session").unwrap(),
    ] {
        texts.extend(forms(credential));
    }
    texts.extend([first.id_token, second.id_token]);
    texts.push(hex(&[7; 32]));
    for text in texts {
        assert!(!found.contains(&text.to_lowercase()), "{text}");
    }
    for private in ["-----begin", "\"d\":", "302e0201"] {
        assert!(!found.contains(private), "{private}");
    }
}

/// RFC 6819 §5.1.4.1.3: passwords are stored as salted, slow hashes.
#[apply(on_both!)]
async fn passwords_are_argon2id_and_keys_are_sealed(server: TestServer) {
    let user = server.user("ada").await;
    let browser = server.signed_in(&user).await;
    let change = json!({ "current_password": PASSWORD, "new_password": "an entirely new one" });
    browser.post("/api/account/password", &change).await.is(204);
    let hashes = server
        .database
        .texts("SELECT password_hash FROM users WHERE username = 'ada'")
        .await;
    assert!(
        hashes[0].starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
        "{}",
        hashes[0]
    );
    let other = claviger::crypto::secret_key::SecretKey::new([8; 32]);
    let keys = server.state.store.keys().await.unwrap();
    assert_eq!(keys.len(), 4);
    assert!(claviger::crypto::keyring::KeyRing::open(keys, &other).is_err());
}
