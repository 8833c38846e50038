//! Asking about tokens (RFC 7662) and ending them (RFC 7009).

use macro_rules_attribute::apply;
use serde_json::json;

use crate::harness::application::{Tokens, is_active, token_works};
use crate::harness::{Code, Form, TestServer, on_both, refused};
use crate::resource::{API, Resource};

/// RFC 7662 §2.2: an active token is described by scope, client, person, times and issuer.
#[apply(on_both!)]
async fn an_application_is_told_all_about_its_own_access_token(server: TestServer) {
    let app = server.app().create().await;
    let user = server.user("ada").await;
    let ask = app.ask().set("scope", "openid profile read");
    let location = server.browser().walk(&ask, &user).await;
    let tokens = Tokens::from(app.redeem(&Code::of(location)).await);
    let answer = app.introspect(&tokens.access).await.is(200);
    assert_eq!(answer.header("cache-control"), "no-store");
    let mut json = answer.json();
    assert!(json["jti"].take().is_string());
    let expected = json!({
        "active": true,
        "scope": "openid profile read",
        "client_id": app.client_id,
        "username": "ada",
        "token_type": "Bearer",
        "exp": 1_800_003_600,
        "iat": 1_800_000_000,
        "nbf": 1_800_000_000,
        "sub": user.id.to_string(),
        "aud": "http://localhost:8000/o",
        "iss": "http://localhost:8000/o",
        "jti": null,
        "auth_time": 1_800_000_000,
        "acr": "1",
        "amr": ["pwd"],
    });
    assert_eq!(json, expected);
}

/// RFC 7662 §5: who may not see the person's name is not told it by introspection either.
#[apply(on_both!)]
async fn who_declines_their_name_is_not_named_to_the_application(server: TestServer) {
    let app = server.app().create().await;
    let browser = server.browser_of("ada").await;
    let ask = app.ask().set("scope", "openid profile");
    let ticket = browser.ask(&ask).await.ticket("/consent");
    let answer = browser.decide(&ticket, "allow", Some(&["openid"])).await;
    let tokens: Tokens = app
        .redeem(&Code::of(answer.member("redirect_to")))
        .await
        .into();
    for token in [&tokens.access, &tokens.refresh] {
        let json = app.introspect(token).await.is(200).json();
        assert_eq!(json["active"], true);
        assert_eq!(json.get("username"), None);
    }
}

/// RFC 7662 §2.2: a resource server in the audience learns whose token it was given.
#[apply(on_both!)]
async fn a_resource_server_is_told_who_the_person_is(server: TestServer) {
    let api = server.app().create().await;
    Resource::new(&server, API, "")
        .introspect_by(&api)
        .add(&server)
        .await;
    let app = server.app().create().await;
    let user = server.user("ada").await;
    let ask = app.ask().add("resource", API);
    let location = server.browser().walk(&ask, &user).await;
    let tokens = Tokens::from(app.redeem(&Code::of(location)).await);
    let told = api.introspect(&tokens.access).await.json();
    assert_eq!(told["username"], "ada");
    let told = app.introspect(&tokens.access).await.json();
    assert_eq!(told.get("username"), None);
}

/// RFC 7662 §2.1: a refresh token can be introspected too.
#[apply(on_both!)]
async fn a_refresh_token_can_be_asked_about_too(server: TestServer) {
    let app = server.app().refresh_lifetime(1000).create().await;
    let tokens = app.tokens_for("read").await;
    let json = app.introspect(&tokens.refresh).await.json();
    assert_eq!(
        (&json["active"], &json["scope"]),
        (&json!(true), &json!("read"))
    );
    assert_eq!(json["exp"], 1_800_001_000);
    assert!(json.get("token_type").is_none());
}

/// RFC 7662 §2.2: of a token that is unknown, has ended or is not for the client that asks,
/// active is false and nothing else is said.
#[apply(on_both!)]
async fn what_is_not_active_says_nothing_but_that(server: TestServer) {
    let app = server.app().access_lifetime(60).create().await;
    let other = server.app().create().await;
    let tokens = app.tokens().await;
    let inactive = json!({ "active": false });
    for token in [
        "x",
        "a\0b",
        "clv_at_x",
        &tokens.access[..70],
        &app.code().await.code,
    ] {
        assert_eq!(app.introspect(token).await.is(200).json(), inactive);
    }
    for token in [&tokens.access, &tokens.refresh] {
        assert_eq!(other.introspect(token).await.is(200).json(), inactive);
    }
    server.advance(60);
    assert_eq!(app.introspect(&tokens.access).await.json(), inactive);
}

/// RFC 7662 §2.1: introspection requires authentication.
/// RFC 7662 §2.3: introspection without good credentials is 401.
#[apply(on_both!)]
async fn introspection_rejects_a_client_that_does_not_authenticate(server: TestServer) {
    let app = server.app().public().create().await;
    let tokens = app.tokens().await;
    let answer = server
        .post("/o/introspect")
        .form(&[("token", &tokens.access)])
        .await;
    refused(&answer, 401, "invalid_client", "client-auth-missing");
    assert!(answer.header("www-authenticate").starts_with("Basic "));
    refused(
        &app.introspect(&tokens.access).await,
        401,
        "invalid_client",
        "introspection-public",
    );
    let bearer = server.post("/o/introspect").bearer(&tokens.access);
    let answer = bearer.form(&[("token", &tokens.access)]).await;
    refused(&answer, 401, "invalid_client", "client-auth-malformed");
}

/// RFC 7662 §2.1: introspection needs a token.
/// RFC 7009 §2.1: revocation needs a token.
#[apply(on_both!)]
async fn a_missing_token_is_said(server: TestServer) {
    let app = server.app().create().await;
    for path in ["/o/introspect", "/o/revoke_token"] {
        for form in [Form::default(), Form::new(&[("token", "")])] {
            refused(
                &app.post(path, &form).await,
                400,
                "invalid_request",
                "token-missing",
            );
        }
    }
}

/// RFC 7009 §2.1: revoking a refresh token ends the access tokens of the same grant.
#[apply(on_both!)]
async fn revoking_either_token_ends_both(server: TestServer) {
    let app = server.app().create().await;
    for which in ["access", "refresh"] {
        let tokens = app.tokens().await;
        let token = if which == "access" {
            &tokens.access
        } else {
            &tokens.refresh
        };
        app.revoke(token).await.is(200);
        assert!(!is_active(&app, &tokens.access).await, "{which}");
        assert!(!is_active(&app, &tokens.refresh).await, "{which}");
        assert!(!token_works(&server, &tokens.access).await, "{which}");
    }
}

/// RFC 7009 §2.1: a token is found whatever token_type_hint says.
/// RFC 7662 §2.1: a token is found whatever token_type_hint says.
#[apply(on_both!)]
async fn a_wrong_hint_does_not_matter(server: TestServer) {
    let app = server.app().create().await;
    for hint in ["access_token", "refresh_token", "nothing", ""] {
        let tokens = app.tokens().await;
        let form = Form::new(&[("token", &tokens.refresh), ("token_type_hint", hint)]);
        assert_eq!(
            app.post("/o/introspect", &form).await.json()["active"],
            true
        );
        app.post("/o/revoke_token", &form).await.is(200);
        assert!(!is_active(&app, &tokens.refresh).await, "{hint}");
    }
}

/// RFC 7009 §2.2: revoking a token that is none is answered 200.
#[apply(on_both!)]
async fn revoking_an_unknown_token_or_one_that_has_ended_is_a_success(server: TestServer) {
    let app = server.app().create().await;
    let tokens = app.tokens().await;
    for token in [
        "x",
        "a\0b",
        "clv_rt_x",
        &tokens.access,
        &tokens.access,
        &tokens.refresh,
    ] {
        app.revoke(token).await.is(200);
    }
}

/// RFC 7009 §2.1: a token of another client is not revoked.
#[apply(on_both!)]
async fn revocation_ignores_the_token_of_another_client(server: TestServer) {
    let (app, other) = (
        server.app().create().await,
        server.app().public().create().await,
    );
    let tokens = app.tokens().await;
    other.revoke(&tokens.access).await.is(200);
    other.revoke(&tokens.refresh).await.is(200);
    assert!(token_works(&server, &tokens.access).await);
    assert!(is_active(&app, &tokens.refresh).await);
}

/// RFC 7009 §2.1: a public client revokes its own tokens by its client_id.
#[apply(on_both!)]
async fn a_public_application_revokes_by_naming_itself(server: TestServer) {
    let app = server.app().public().create().await;
    let tokens = app.tokens().await;
    app.revoke(&tokens.refresh).await.is(200);
    assert!(!token_works(&server, &tokens.access).await);
    let answer = server.post("/o/revoke_token").form(&[("token", "x")]).await;
    refused(&answer, 401, "invalid_client", "client-auth-missing");
}

#[apply(on_both!)]
async fn a_refresh_token_that_was_rotated_can_still_end_its_family(server: TestServer) {
    let app = server.app().create().await;
    let first = app.tokens().await;
    let second = Tokens::from(app.refresh(&first.refresh).await);
    app.revoke(&first.refresh).await.is(200);
    assert!(!is_active(&app, &second.access).await);
    assert!(!is_active(&app, &second.refresh).await);
}

/// RFC 7009 §2.1: a revocation counts at once.
#[apply(on_both!)]
async fn what_was_revoked_in_one_process_is_so_in_another(server: TestServer) {
    let app = server.app().create().await;
    let second_server = server.second_server().await;
    let tokens = app.tokens().await;
    assert!(token_works(&second_server, &tokens.access).await);
    app.revoke(&tokens.access).await.is(200);
    assert!(!token_works(&second_server, &tokens.access).await);
}

#[apply(on_both!)]
async fn deleting_an_application_ends_its_tokens(server: TestServer) {
    let app = server.app().id("calendar").create().await;
    let tokens = app.tokens().await;
    let browser = server.signed_in(&server.owner().await).await;
    browser.delete("/api/applications/calendar").await.is(204);
    assert!(!token_works(&server, &tokens.access).await);
    let answer = app.refresh(&tokens.refresh).await;
    refused(&answer, 401, "invalid_client", "client-auth-failed");
}

/// RFC 7009 §2.2: 200, whatever came of it; client libraries read the body as JSON.
#[apply(on_both!)]
async fn a_revocation_is_answered_with_an_empty_json_object(server: TestServer) {
    let app = server.app().create().await;
    let tokens = app.tokens().await;
    for token in [&tokens.access, &tokens.access, "x"] {
        let answer = app.revoke(token).await.is(200);
        assert_eq!(answer.header("content-type"), "application/json");
        assert_eq!(answer.text(), "{}");
    }
}
