//! Who may change what of an application, what an application can't have more of, and what is
//! left of one that was deleted.

use claviger::services::applications::{self, By};
use claviger::store::Store;
use contract::wire::application::NewApplication;
use macro_rules_attribute::apply;
use serde_json::{Value, json};

use crate::applications::{calendar, create, created, developer};
use crate::device::{GRANT, device};
use crate::harness::application::{is_active, token_works};
use crate::harness::{Answer, Browser, Form, TestServer, on_both, problem, refused};
use crate::pushed::push;
use crate::registration_manage::registered;

async fn patch(browser: &Browser, path: &str, patch: &Value) -> Answer {
    browser.call("PATCH", path).json(patch).await
}

async fn admin(server: &TestServer) -> Browser {
    server.signed_in(&server.admin("root").await).await
}

/// A value of each field that differs from what an application has at first.
fn changes() -> Value {
    json!({
        "name": "Weather",
        "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
        "redirect_uris": ["https://evil.example/cb"],
        "post_logout_redirect_uris": ["https://client.example/bye"],
        "allowed_origins": ["https://client.example"],
        "scopes": ["openid", "read"],
        "require_pkce": false,
        "skip_consent": true,
        "access_token_format": "jwt",
        "access_token_lifetime": 60,
        "refresh_token_lifetime": 300,
        "refresh_reuse_window": 0,
        "id_token_alg": "EdDSA",
        "token_endpoint_auth_method": "client_secret_post",
        "jwks_uri": "https://client.example/jwks.json",
        "backchannel_logout_uri": "https://client.example/out",
        "backchannel_logout_session_required": true,
        "require_pushed_authorization_requests": true,
        "resources": ["https://api.example"],
        "disabled": true,
    })
}

/// What an administrator alone decides, and what costs the owner the administrator's trust.
fn is_undone(field: &str) -> bool {
    [
        "name",
        "grant_types",
        "redirect_uris",
        "scopes",
        "jwks_uri",
        "skip_consent",
    ]
    .contains(&field)
}

/// RFC 6749 §10.2: an owner never has more than an administrator has left to the application.
#[apply(on_both!)]
async fn an_owners_change_undoes_nothing_that_an_administrator_decided(server: TestServer) {
    let (dev, root) = (developer(&server, "dev").await, admin(&server).await);
    for (field, value) in changes().as_object().unwrap() {
        let path = created(&dev).await;
        let before = dev.get(&path).await.json();
        let trusted = json!({ "skip_consent": field != "skip_consent" });
        patch(&root, &path, &trusted).await.is(200);
        let change = json!({ field: value });
        let answer = patch(&dev, &path, &change).await;
        if ["skip_consent", "resources"].contains(&field.as_str()) {
            problem(&answer, 422, "form-invalid");
            assert!(answer.json()["errors"][field][0].is_string(), "{field}");
            let json = patch(&root, &path, &change).await.is(200).json();
            assert_eq!(&json[field], value);
        } else {
            let json = answer.is(200).json();
            assert_eq!(&json[field], value);
            assert_eq!(json["skip_consent"], !is_undone(field), "{field}");
        }
        // The way back is no other than the way there.
        let back = match field.as_str() {
            "resources" => json!({ "resources": ["*"] }),
            "jwks_uri" | "backchannel_logout_uri" | "token_endpoint_auth_method" => {
                json!({ field: "" })
            }
            _ => json!({ field: before[field] }),
        };
        patch(&root, &path, &trusted).await.is(200);
        let answer = patch(&dev, &path, &back).await;
        match field.as_str() {
            "resources" | "disabled" => {
                problem(&answer, 422, "form-invalid");
                assert!(answer.json()["errors"][field][0].is_string(), "{field}");
            }
            // To ask for less costs nothing.
            "grant_types" => assert_eq!(answer.is(200).json()["skip_consent"], true),
            "skip_consent" => assert_eq!(answer.is(200).json()["skip_consent"], false),
            field => assert_eq!(answer.is(200).json()["skip_consent"], !is_undone(field)),
        }
    }
}

#[apply(on_both!)]
async fn a_new_application_has_nothing_that_only_an_administrator_decides(server: TestServer) {
    let (dev, root) = (developer(&server, "dev").await, admin(&server).await);
    let mut new = calendar();
    new["skip_consent"] = json!(true);
    new["resources"] = json!(["https://api.example"]);
    let answer = create(&dev, &new).await;
    problem(&answer, 422, "form-invalid");
    let errors = answer.json()["errors"].clone();
    assert!(errors["skip_consent"][0].is_string() && errors["resources"][0].is_string());
    create(&root, &new).await.is(201);
}

/// What an administrator has stopped is not made anew in its place.
#[apply(on_both!)]
async fn an_owner_can_not_delete_what_an_administrator_has_disabled(server: TestServer) {
    let (dev, root) = (developer(&server, "dev").await, admin(&server).await);
    let path = created(&dev).await;
    patch(&root, &path, &json!({ "disabled": true }))
        .await
        .is(200);
    problem(&dev.delete(&path).await, 403, "deletion-while-disabled");
    assert_eq!(dev.get(&path).await.json()["disabled"], true);
    root.delete(&path).await.is(204);
}

#[apply(on_both!)]
async fn a_client_id_is_never_given_out_again(server: TestServer) {
    let dev = developer(&server, "dev").await;
    let mut new = calendar();
    new["client_id"] = json!("calendar");
    create(&dev, &new).await.is(201);
    let taken = create(&dev, &new).await;
    problem(&taken, 422, "form-invalid");
    dev.delete("/api/applications/calendar").await.is(204);
    for browser in [
        &dev,
        &developer(&server, "heir").await,
        &admin(&server).await,
    ] {
        let answer = create(browser, &new).await;
        assert_eq!(
            (answer.status, answer.json()["errors"].clone()),
            (422, taken.json()["errors"].clone())
        );
    }
    assert_eq!(server.count("applications").await, 0);
}

#[apply(on_both!)]
async fn nor_is_that_of_a_registration_that_went(server: TestServer) {
    let (server, one, path, token) = registered(&server).await;
    server.call("DELETE", &path).bearer(&token).await.is(204);
    let (server, two, ..) = registered(&server).await;
    server.advance(31 * 24 * 3600);
    let store: &Store = &server.state.store;
    store.sweep_all(server.state.now()).await.unwrap();
    assert_eq!(server.count("applications").await, 0);
    let dev = developer(&server, "dev").await;
    for made in [one, two] {
        let mut new = calendar();
        new["client_id"] = json!(made.member("client_id"));
        let answer = create(&dev, &new).await;
        problem(&answer, 422, "form-invalid");
        assert!(answer.json()["errors"]["client_id"][0].is_string());
    }
}

#[apply(on_both!)]
async fn nothing_of_a_deleted_application_is_left_alive(server: TestServer) {
    let grants = [
        "authorization_code",
        "refresh_token",
        "client_credentials",
        GRANT,
    ];
    let app = server.app().id("calendar").grants(&grants).create().await;
    let tokens = app.tokens().await;
    let service = app
        .token(&Form::new(&[("grant_type", "client_credentials")]))
        .await
        .is(200)
        .member("access_token");
    let code = app.code().await;
    device(&app, "read").await;
    push(&app, &app.ask()).await.is(201);
    server.settled().await;
    let other = server.app().create().await;
    let theirs = other.tokens().await;
    other.code().await;
    device(
        &server.app().grants(&[GRANT]).redirects(&[]).create().await,
        "read",
    )
    .await;
    let owner = server.signed_in(&server.owner().await).await;
    owner.delete("/api/applications/calendar").await.is(204);
    for table in [
        "application_secrets",
        "consents",
        "authorization_codes",
        "device_codes",
        "pushed_requests",
        "logout_deliveries",
    ] {
        let rows = format!("{table} WHERE client_id = 'calendar'");
        assert_eq!(server.count(&rows).await, 0, "{table}");
    }
    let alive = "client_id = 'calendar' AND revoked_at IS NULL";
    assert_eq!(server.count(&format!("grants WHERE {alive}")).await, 0);
    let alive = format!("access_tokens WHERE {alive} AND grant_id IS NULL");
    assert_eq!(server.count(&alive).await, 0);
    assert!(!token_works(&server, &tokens.access).await);
    assert!(!token_works(&server, &service).await);
    let answer = app.redeem(&code).await;
    refused(&answer, 401, "invalid_client", "client-auth-failed");
    // And nothing of the others has ended.
    assert!(token_works(&server, &theirs.access).await);
    assert_eq!(server.count("authorization_codes").await, 2);
    assert_eq!(server.count("device_codes").await, 1);
}

/// A clock that is set right after an application was registered takes nothing from it.
#[apply(on_both!)]
async fn a_clock_that_goes_back_spoils_nothing(server: TestServer) {
    let grants = [
        "authorization_code",
        "refresh_token",
        "client_credentials",
        GRANT,
    ];
    let dev = server.developer("dev").await;
    server.advance(60);
    let app = server.app().owned_by(&dev).grants(&grants).create().await;
    server.advance(-5);
    let tokens = app.tokens().await;
    assert!(is_active(&app, &tokens.access).await);
    assert!(is_active(&app, &tokens.refresh).await);
    assert!(token_works(&server, &tokens.access).await);
    app.refresh(&tokens.refresh).await.is(200);
    let service = app
        .token(&Form::new(&[("grant_type", "client_credentials")]))
        .await
        .is(200)
        .member("access_token");
    assert!(is_active(&app, &service).await);
    let waiting = device(&app, "read").await;
    waiting.allow(&server.browser_of("ada").await).await;
    waiting.poll().await.is(200);
    let browser = server.signed_in(&dev).await;
    let path = format!("/api/applications/{}/flows", app.client_id);
    let flows = browser.get(&path).await.is(200).json();
    assert!(!flows.as_array().unwrap().is_empty());
}

#[apply(on_both!)]
async fn an_application_has_ten_live_secrets_at_most(server: TestServer) {
    let dev = developer(&server, "dev").await;
    let path = created(&dev).await;
    let secrets = format!("{path}/secrets");
    for _ in 1..10 {
        dev.post(&secrets, &json!({})).await.is(201);
    }
    let full = dev.post(&secrets, &json!({})).await;
    problem(&full, 409, "secret-limit");
    let json = dev.get(&path).await.json();
    let one = json["secrets"][0]["id"].as_str().unwrap();
    dev.delete(&format!("{secrets}/{one}")).await.is(204);
    dev.post(&secrets, &json!({})).await.is(201);
    // A rotation that leaves the ones before no time takes their place.
    let state = &server.state;
    let client_id = path.rsplit('/').next().unwrap();
    for (overlap, passes) in [(60, false), (0, true), (60, true)] {
        let secrets = &state.client_secrets;
        let rotated =
            applications::rotate_secret(state, secrets, By::Operator, client_id, overlap).await;
        assert_eq!(rotated.is_ok(), passes, "{overlap}");
    }
    let json = dev.get(&path).await.json();
    assert_eq!(json["secrets"].as_array().unwrap().len(), 2);
}

#[apply(on_both!)]
async fn a_developer_owns_a_thousand_applications_at_most(server: TestServer) {
    let user = server.developer("dev").await;
    let dev = server.signed_in(&user).await;
    created(&dev).await;
    let columns = "name, client_type, owner_id, grant_types, redirect_uris, \
        post_logout_redirect_uris, allowed_origins, scopes, require_pkce, skip_consent, \
        access_token_format, access_token_lifetime, refresh_token_lifetime, \
        refresh_reuse_window, id_token_alg, created_at, updated_at";
    let copies = format!(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 998)
         INSERT INTO applications (client_id, {columns})
         SELECT 'copy' || i, {columns} FROM applications, n"
    );
    server.database.execute(&copies).await;
    let last = created(&dev).await;
    problem(&create(&dev, &calendar()).await, 409, "application-limit");
    dev.delete(&last).await.is(204);
    created(&dev).await;
    // An administrator answers for more, also of this owner.
    let state = &server.state;
    let owner = state.store.user_by_id(user.id).await.unwrap().unwrap();
    let new: NewApplication = serde_json::from_value(calendar()).unwrap();
    let secrets = &state.client_secrets;
    let made = applications::create(state, secrets, By::Operator, &owner, &new).await;
    assert!(made.is_ok());
    create(&admin(&server).await, &calendar()).await.is(201);
}
