//! A resource that asks for a fresher sign-in (RFC 9470), and its metadata (RFC 9728).

use macro_rules_attribute::apply;
use serde_json::json;

use crate::harness::application::Tokens;
use crate::harness::{Answer, Code, Form, TestServer, on_both, refused};

const METADATA: &str = "http://localhost:8000/.well-known/oauth-protected-resource/api/hello";

#[track_caller]
fn is_too_old(answer: &Answer, max_age: &str) {
    refused(
        answer,
        401,
        "insufficient_user_authentication",
        "authentication-too-old",
    );
    let challenge = answer.header("www-authenticate");
    assert!(challenge.starts_with("Bearer "), "{challenge}");
    assert!(
        challenge.contains("error=\"insufficient_user_authentication\""),
        "{challenge}"
    );
    assert!(
        challenge.contains(&format!("max_age=\"{max_age}\"")),
        "{challenge}"
    );
    assert!(
        challenge.contains(&format!("resource_metadata=\"{METADATA}\"")),
        "{challenge}"
    );
}

/// RFC 9470 §3, §4: a sign-in that is too old is refused with the age that is wanted; a request with that
/// max_age brings a token that passes.
#[apply(on_both!)]
async fn an_old_sign_in_is_refused_until_the_person_signs_in_again(server: TestServer) {
    for jwt in [false, true] {
        let app = if jwt {
            server.app().jwt()
        } else {
            server.app()
        };
        let app = app.create().await;
        let user = server.any_user().await;
        let browser = server.signed_in(&user).await;
        let first: Tokens = app
            .redeem(&Code::of(browser.walk(&app.ask(), &user).await))
            .await
            .into();
        let call = |token: &str| server.get("/api/hello?max_age=60").bearer(token);
        call(&first.access).await.is(200);
        server.advance(61);
        is_too_old(&call(&first.access).await, "60");
        server.get("/api/hello").bearer(&first.access).await.is(200);
        // A refresh does not make the sign-in younger.
        let second: Tokens = app.refresh(&first.refresh).await.into();
        is_too_old(&call(&second.access).await, "60");
        let ask = app.ask().set("max_age", "60");
        let ticket = browser.ask(&ask).await.ticket("/login");
        let location = browser.sign_in_for(&user, &ticket).await;
        let third: Tokens = app.redeem(&Code::of(location)).await.into();
        call(&third.access).await.is(200);
    }
}

/// RFC 9470 §3: what kind of sign-in is wanted is said by acr_values.
#[apply(on_both!)]
async fn a_sign_in_of_another_kind_is_refused(server: TestServer) {
    let app = server.app().create().await;
    let tokens = app.tokens().await;
    let call = |query: &str| {
        server
            .get(&format!("/api/hello?{query}"))
            .bearer(&tokens.access)
    };
    for good in [
        "acr_values=1",
        "acr_values=urn:mfa+1",
        "acr_values=",
        "max_age=0&acr_values=1",
    ] {
        call(good).await.is(200);
    }
    let answer = call("acr_values=urn:mfa+phr&max_age=300").await;
    refused(
        &answer,
        401,
        "insufficient_user_authentication",
        "authentication-too-weak",
    );
    let challenge = answer.header("www-authenticate");
    assert!(
        challenge.contains("acr_values=\"urn:mfa phr\""),
        "{challenge}"
    );
    assert!(challenge.contains("max_age=\"300\""), "{challenge}");
    let answer = call("acr_values=%22%0d%0aX:+%5c").await;
    refused(
        &answer,
        401,
        "insufficient_user_authentication",
        "authentication-too-weak",
    );
    for (bad, rule) in [
        ("max_age=-1", "max-age-malformed"),
        ("max_age=x", "max-age-malformed"),
        ("max_age=1&max_age=2", "parameter-repeated"),
        ("max_age=%ff", "request-not-utf8"),
    ] {
        refused(&call(bad).await, 400, "invalid_request", rule);
    }
}

/// RFC 9470 §3: behind a token without a person there is no sign-in.
#[apply(on_both!)]
async fn an_application_on_its_own_never_signed_in(server: TestServer) {
    let app = server
        .app()
        .grants(&["client_credentials"])
        .redirects(&[])
        .create()
        .await;
    let form = Form::new(&[("grant_type", "client_credentials"), ("scope", "read")]);
    let token = app.token(&form).await.member("access_token");
    server.get("/api/hello").bearer(&token).await.is(200);
    is_too_old(
        &server.get("/api/hello?max_age=3600").bearer(&token).await,
        "3600",
    );
}

/// RFC 9728 §3.2: the metadata name the resource and where tokens for it come from.
/// RFC 9728 §5.1: a refusal names the address of the metadata.
#[apply(on_both!)]
async fn a_refused_client_learns_where_tokens_come_from(server: TestServer) {
    let answer = server.get("/api/hello").await;
    refused(&answer, 401, "invalid_token", "bearer-missing");
    let challenge = answer.header("www-authenticate");
    assert_eq!(
        challenge,
        format!("Bearer realm=\"http://localhost:8000\", resource_metadata=\"{METADATA}\"")
    );
    let path = METADATA.strip_prefix("http://localhost:8000").unwrap();
    for path in [path, &format!("{path}/")] {
        let answer = server
            .get(path)
            .header("origin", "https://a.example")
            .await
            .is(200);
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert!(
            answer
                .header("cache-control")
                .starts_with("public, max-age=")
        );
        assert_eq!(
            answer.json(),
            json!({
                "resource": "http://localhost:8000/api/hello",
                "authorization_servers": ["http://localhost:8000/o"],
                "scopes_supported": ["read"],
                "bearer_methods_supported": ["header"],
                "resource_name": "Hello",
                "resource_documentation": "http://localhost:8000/rules",
            })
        );
    }
    server.post(path).await.is(405);
    let app = server.app().create().await;
    let tokens = app.tokens_for("openid").await;
    let answer = server.get("/api/hello").bearer(&tokens.access).await;
    refused(&answer, 403, "insufficient_scope", "scope-insufficient");
    let challenge = answer.header("www-authenticate");
    assert!(challenge.contains("scope=\"read\""), "{challenge}");
    assert!(
        challenge.contains(&format!("resource_metadata=\"{METADATA}\"")),
        "{challenge}"
    );
}

/// RFC 9470 §6.2: introspection says when and how the person signed in; a refresh keeps it.
/// OpenID Connect Core 1.0 §12.2: the id_token of a refresh keeps auth_time.
#[apply(on_both!)]
async fn when_and_how_the_person_signed_in_stays_with_the_grant(server: TestServer) {
    let app = server.app().create().await;
    let user = server.user("ada").await;
    let browser = server.signed_in(&user).await;
    let signed_in = server.state.now().seconds();
    server.advance(100);
    let first: Tokens = app
        .redeem(&Code::of(browser.walk(&app.ask(), &user).await))
        .await
        .into();
    server.advance(100);
    let second: Tokens = app.refresh(&first.refresh).await.into();
    let (before, after) = (
        crate::id_token::claims(&first.id_token),
        crate::id_token::claims(&second.id_token),
    );
    for member in ["auth_time", "sid", "acr", "amr", "sub", "iss", "aud"] {
        assert_eq!(before[member], after[member], "{member}");
    }
    assert_eq!(after["auth_time"], signed_in);
    for token in [&second.access, &second.refresh] {
        let said = app.introspect(token).await.json();
        assert_eq!(
            (&said["auth_time"], &said["acr"], &said["amr"]),
            (&json!(signed_in), &json!("1"), &json!(["pwd"]))
        );
        assert!(said.get("sid").is_none());
    }
}

/// Disabling an application ends what it holds, for every resource server and in every form.
#[apply(on_both!)]
async fn nothing_of_a_disabled_application_counts(server: TestServer) {
    let owner = server.signed_in(&server.owner().await).await;
    for jwt in [false, true] {
        let app = if jwt {
            server.app().jwt()
        } else {
            server.app()
        };
        let app = app.create().await;
        let api = server.app().create().await;
        let uri = format!("https://api.example/{jwt}");
        crate::resource::Resource::new(&server, &uri, "")
            .introspect_by(&api)
            .add(&server)
            .await;
        let ask = app
            .ask()
            .add("resource", &uri)
            .add("resource", "http://localhost:8000/o");
        let tokens: Tokens = app.redeem(&app.code_of(&ask).await).await.into();
        let path = format!("/api/applications/{}", app.client_id);
        let active = async || api.introspect(&tokens.access).await.is(200).json()["active"] == true;
        assert!(active().await);
        for disabled in [true, false] {
            let patch = json!({ "disabled": disabled });
            owner.call("PATCH", &path).json(&patch).await.is(200);
            assert_eq!(active().await, !disabled);
            let answer = server.get("/api/hello").bearer(&tokens.access).await;
            assert_eq!(answer.status == 200, !disabled, "{}", answer.text());
        }
    }
}
