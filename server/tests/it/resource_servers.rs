//! What resource servers say of themselves: the right to introspect, form and lifetime of tokens.

use claviger::domain::client::TokenFormat;
use macro_rules_attribute::apply;
use serde_json::json;

use crate::harness::application::{Tokens, is_active};
use crate::harness::installation::{Installation, is_one_line};
use crate::harness::{TestServer, on_both};
use crate::resource::{API, MCP, OURS, Resource, audience, code, tokens};

/// RFC 7662 §4: a resource server may ask about the tokens that are for it, and no others.
#[apply(on_both!)]
async fn a_resource_server_asks_about_tokens_that_are_for_it(server: TestServer) {
    let api = server.app().create().await;
    let other = server.app().create().await;
    Resource::new(&server, API, "")
        .introspect_by(&api)
        .add(&server)
        .await;
    Resource::new(&server, MCP, "")
        .introspect_by(&other)
        .add(&server)
        .await;
    let app = server.app().create().await;
    let theirs = tokens(&app, "openid read", &[API]).await;
    let json = api.introspect(&theirs.access).await.is(200).json();
    assert_eq!(
        (&json["active"], &json["client_id"], &json["aud"]),
        (&json!(true), &json!(app.client_id), &json!(API))
    );
    let inactive = json!({ "active": false });
    assert_eq!(other.introspect(&theirs.access).await.json(), inactive);
    assert_eq!(api.introspect(&theirs.refresh).await.json(), inactive);
    let both = tokens(&app, "read", &[API, MCP]).await;
    assert!(is_active(&api, &both.access).await && is_active(&other, &both.access).await);
    let plain = tokens(&app, "read", &[]).await;
    assert_eq!(api.introspect(&plain.access).await.json(), inactive);
    // It is another client's to revoke.
    api.revoke(&both.access).await.is(200);
    assert!(is_active(&app, &both.access).await);
}

#[apply(on_both!)]
async fn what_a_resource_server_says_of_its_tokens_wins(server: TestServer) {
    Resource::new(&server, API, "")
        .format(TokenFormat::Jwt)
        .lifetime(120)
        .add(&server)
        .await;
    Resource::new(&server, MCP, "")
        .format(TokenFormat::Opaque)
        .lifetime(600)
        .add(&server)
        .await;
    let app = server.app().access_lifetime(300).create().await;
    let jwt = server.app().jwt().create().await;
    for (app, resources, is_jwt, lifetime) in [
        (&app, &[][..], false, 300),
        (&app, &[API], true, 120),
        (&app, &[MCP], false, 600),
        (&app, &[MCP, API], true, 120),
        (&jwt, &[], true, 3600),
        (&jwt, &[MCP], false, 600),
        (&jwt, &[OURS], true, 3600),
    ] {
        let tokens = tokens(app, "read", resources).await;
        assert_eq!(
            !tokens.access.starts_with("clv_at_"),
            is_jwt,
            "{resources:?}"
        );
        assert_eq!(
            tokens.answer.json()["expires_in"],
            lifetime,
            "{resources:?}"
        );
        let json = app.introspect(&tokens.access).await.json();
        assert_eq!(
            json["exp"].as_i64().unwrap() - json["iat"].as_i64().unwrap(),
            lifetime
        );
    }
}

#[apply(on_both!)]
async fn a_resource_server_of_another_process_is_known_at_once(server: TestServer) {
    let second_server = server.second_server().await;
    let app = server.app().create().await;
    Resource::new(&server, API, "api:read")
        .format(TokenFormat::Jwt)
        .add(&server)
        .await;
    let theirs = tokens(&app.at(&second_server), "api:read", &[API]).await;
    // The process that redeems may not know it yet either.
    let granted = code(&app.at(&second_server), "api:read", &[API]).await;
    Resource::new(&server, MCP, "").add(&server).await;
    let ours: Tokens = app.redeem(&granted).await.into();
    assert_eq!(ours.access.matches('.').count(), 2);
    assert_eq!(audience(&app, &theirs.access).await, json!(API));
    second_server.state.store.close().await;
}

#[test]
fn resource_servers_are_added_and_listed() {
    let place = Installation::with_ada();
    place.json("app add API --owner ada --grant client_credentials --client-id api");
    assert_eq!(place.json("resource list"), json!([]));
    let made = place.json(
        "resource add https://api.example --name API --scope api:read --scope api:write \
         --access-token jwt --introspect-by api",
    );
    let list = place.json("resource list");
    assert_eq!(list, json!([made]));
    for (member, value) in [
        ("uri", json!("https://api.example")),
        ("name", json!("API")),
        ("scopes", json!(["api:read", "api:write"])),
        ("access_token_format", json!("jwt")),
        ("access_token_lifetime", json!(null)),
        ("introspect_by", json!(["api"])),
    ] {
        assert_eq!(list[0][member], value, "{member}");
    }
    let plain = place.json("resource add urn:example:api");
    assert_eq!(plain["name"], "urn:example:api");
    place.json(
        "app add Job --owner ada --grant client_credentials --scope api:read --access-token jwt",
    );
    for line in [
        "resource add https://api.example",
        "resource add api",
        "resource add https://b.example#x",
        "resource add https://b.example --scope a\"b",
        "resource add https://b.example --introspect-by nobody",
        "app add Job --owner ada --grant client_credentials --scope api:delete",
    ] {
        is_one_line(&place.fails(1, line));
    }
    place.fails(2, "resource add https://b.example --access-token paper");
    place.fails(2, "resource add https://b.example --lifetime 0");
}
