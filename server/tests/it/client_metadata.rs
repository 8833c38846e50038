//! What is kept of what applications say of themselves, and what can't be undone by it.

use claviger::config::Registration;
use macro_rules_attribute::apply;
use serde_json::json;

use crate::harness::registration::URI;
use crate::harness::signer::{SIGNERS, jwks};
use crate::harness::{TestServer, audit_entry, on_both};
use crate::registration_manage::registered;

/// What no column of PostgreSQL holds is refused or dropped, wherever it stands.
#[apply(on_both!)]
async fn a_nul_in_a_registration_is_no_fault_of_ours(server: TestServer) {
    let server = server.registering(Registration::Open).await;
    for name in [
        "client_name",
        "scope",
        "client_uri",
        "logo_uri",
        "tos_uri",
        "policy_uri",
        "software_id",
        "software_version",
        "jwks_uri",
        "backchannel_logout_uri",
        "token_endpoint_auth_method",
        "id_token_signed_response_alg",
        "application_type",
    ] {
        let answer = server
            .register(&json!({ "redirect_uris": [URI], name: "a\u{0}b" }))
            .await;
        assert_eq!(answer.status, 400, "{name}");
    }
    for name in [
        "redirect_uris",
        "post_logout_redirect_uris",
        "contacts",
        "grant_types",
        "response_types",
    ] {
        let mut metadata = json!({ "redirect_uris": [URI] });
        metadata[name] = json!(["a\u{0}b"]);
        assert_eq!(server.register(&metadata).await.status, 400, "{name}");
    }
    let mut key = jwks(&[&SIGNERS[2]])["keys"][0].clone();
    key["kid"] = json!("a\u{0}b");
    let made = server
        .register(&json!({ "redirect_uris": [URI], "x\u{0}": "\u{0}", "jwks": { "keys": [key] } }))
        .await
        .is(201);
    assert_eq!(made.json()["jwks"]["keys"][0]["kid"], "a\u{0}b");
    let path = format!("/o/register/{}", made.member("client_id"));
    let token = made.member("registration_access_token");
    let read = server.get(&path).bearer(&token).await.is(200);
    assert_eq!(read.json()["jwks"]["keys"][0]["kid"], "a\u{0}b");
    let update = json!({ "client_id": "a\u{0}b", "redirect_uris": [URI] });
    let put = server.call("PUT", &path).bearer(&token).json(&update).await;
    assert_eq!(put.status, 400);
    let nobody = server.get("/o/register/a%00b").bearer(&token).await;
    assert_eq!(nobody.status, 401);
    assert_eq!(server.count("applications").await, 1);
}

/// RFC 7517 §4: of a key what stands beside its known members is ignored, and not kept.
#[apply(on_both!)]
async fn keys_are_kept_without_what_stands_beside_them(server: TestServer) {
    let server = server.registering(Registration::Open).await;
    let mut set = jwks(&[&SIGNERS[2]]);
    let good = set.clone();
    set["note"] = json!("x".repeat(1000));
    set["keys"][0]["x5c"] = json!(["x".repeat(8000)]);
    let made = server
        .register(&json!({ "redirect_uris": [URI], "jwks": set }))
        .await
        .is(201);
    assert_eq!(made.json()["jwks"], good);
    let kept = server.database.texts("SELECT jwks FROM applications").await;
    assert!(kept[0].len() < 500, "{}", kept[0]);
}

/// RFC 7592 §2.3: a deletion counts with the token that is current at that moment only.
#[apply(on_both!)]
async fn a_token_that_was_replaced_meanwhile_deletes_nothing(server: TestServer) {
    let (server, made, path, token) = registered(&server).await;
    let client_id = made.member("client_id");
    let store = &server.state.store;
    let hash = async || {
        let application = store.application(&client_id).await.unwrap().unwrap();
        application.registration_token_hash.unwrap()
    };
    let old = hash().await;
    let update = json!({ "client_id": client_id, "redirect_uris": [URI] });
    let put = server.call("PUT", &path).bearer(&token).json(&update);
    put.await.is(200);
    let now = server.state.now();
    let new = hash().await;
    assert!(
        !store
            .delete_registration(&client_id, old, now, audit_entry())
            .await
            .unwrap()
    );
    assert!(
        !store
            .delete_registration("a\0b", new, now, audit_entry())
            .await
            .unwrap()
    );
    assert!(
        store
            .delete_registration(&client_id, new, now, audit_entry())
            .await
            .unwrap()
    );
    assert_eq!(server.count("applications").await, 0);
}

/// What an administrator decided stays, but for consent when something else asks for it.
#[apply(on_both!)]
async fn an_update_leaves_what_an_administrator_decided(server: TestServer) {
    let (server, made, path, token) = registered(&server).await;
    let admin = server.admin("ada").await;
    let browser = server.signed_in(&admin).await;
    let client_id = made.member("client_id");
    let api = format!("/api/applications/{client_id}");
    let patch = json!({ "skip_consent": true, "access_token_lifetime": 120 });
    let patched = server.call("PATCH", &api).from(&browser).json(&patch).await;
    assert_eq!(patched.status, 200, "{}", patched.text());
    let put = |token: &str, uri: &str| {
        let update = json!({ "client_id": client_id, "redirect_uris": [uri] });
        server.call("PUT", &path).bearer(token).json(&update)
    };
    let token = put(&token, URI)
        .await
        .is(200)
        .member("registration_access_token");
    let json = server.get(&api).from(&browser).await.is(200).json();
    assert_eq!(
        (&json["skip_consent"], &json["access_token_lifetime"]),
        (&json!(true), &json!(120))
    );
    let token = put(&token, "https://elsewhere.example/")
        .await
        .is(200)
        .member("registration_access_token");
    let json = server.get(&api).from(&browser).await.is(200).json();
    assert_eq!(
        (&json["skip_consent"], &json["access_token_lifetime"]),
        (&json!(false), &json!(120))
    );
    // Another grant is something else, too.
    let patch = json!({ "skip_consent": true });
    let patched = server.call("PATCH", &api).from(&browser).json(&patch).await;
    assert_eq!(patched.status, 200);
    let update = json!({
        "client_id": client_id,
        "redirect_uris": ["https://elsewhere.example/"],
        "grant_types": [
            "authorization_code",
            "refresh_token",
            "urn:ietf:params:oauth:grant-type:device_code",
        ],
    });
    let put = server.call("PUT", &path).bearer(&token).json(&update);
    put.await.is(200);
    let json = server.get(&api).from(&browser).await.is(200).json();
    assert_eq!(json["skip_consent"], json!(false));
    assert_eq!(
        (&json["origin"], &json["owner"]),
        (&json!("registration"), &json!("@registration"))
    );
}
