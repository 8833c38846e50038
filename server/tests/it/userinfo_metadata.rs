//! What is public about the server, and the resources that a bearer token opens.

use macro_rules_attribute::apply;
use serde_json::{Value, json};

use crate::harness::{Answer, Code, Form, TestServer, Tokens, on_both, refused};

#[track_caller]
fn challenge(answer: &Answer) -> &str {
    let challenge = answer.header("www-authenticate");
    assert!(
        challenge.starts_with("Bearer realm=\"http://localhost:8000\""),
        "{challenge}"
    );
    challenge
}

/// OpenID Connect Discovery 1.0 §4.2: the configuration is a JSON document with the members of
/// §3.
#[apply(on_both!)]
async fn discovery_says_what_there_is_and_no_more(server: TestServer) {
    let answer = server
        .get("/o/.well-known/openid-configuration")
        .await
        .is(200);
    assert_eq!(answer.header("cache-control"), "public, max-age=3600");
    insta::with_settings!({ snapshot_path => "snapshots", prepend_module_to_snapshot => false }, {
        insta::assert_json_snapshot!("openid-configuration", answer.json());
    });
}

#[apply(on_both!)]
async fn every_address_in_discovery_answers(server: TestServer) {
    let document = server
        .get("/o/.well-known/openid-configuration")
        .await
        .json();
    let members = document.as_object().unwrap();
    let addresses = members
        .iter()
        .filter(|(name, _)| name.ends_with("_endpoint") || *name == "jwks_uri");
    for (name, url) in addresses {
        let path = url
            .as_str()
            .unwrap()
            .strip_prefix("http://localhost:8000")
            .unwrap();
        for path in [path.to_owned(), format!("{path}/")] {
            assert_ne!(server.get(&path).await.status, 404, "{name}");
        }
    }
}

/// RFC 8414 §3.1: the well-known path is put between the host and the path of the issuer.
/// RFC 8414 §2: what both metadata documents say is the same.
#[apply(on_both!)]
async fn the_metadata_of_rfc_8414_stands_at_both_places(server: TestServer) {
    let openid = server
        .get("/o/.well-known/openid-configuration")
        .await
        .json();
    for path in [
        "/o/.well-known/oauth-authorization-server",
        "/.well-known/oauth-authorization-server/o",
    ] {
        for path in [path.to_owned(), format!("{path}/")] {
            let document = server.get(&path).await.is(200).json();
            let members = document.as_object().unwrap();
            assert!(members.len() > 10);
            assert!(members.iter().all(|(name, value)| openid[name] == *value));
        }
    }
}

#[apply(on_both!)]
async fn what_is_not_built_answers_404(server: TestServer) {
    for path in ["/o/register", "/o/nothing"] {
        assert_eq!(server.get(path).await.status, 404, "{path}");
        assert_eq!(server.post(path).form(&[]).await.status, 404, "{path}");
    }
}

/// OpenID Connect Discovery 1.0 §3: jwks_uri leads to the signing keys, with nothing private in
/// them.
#[apply(on_both!)]
async fn the_keys_are_public_and_nothing_else_of_them(server: TestServer) {
    let answer = server.get("/o/.well-known/jwks.json").await.is(200);
    assert_eq!(answer.header("cache-control"), "public, max-age=3600");
    let mut members = Vec::new();
    for key in answer.json()["keys"].as_array().unwrap() {
        assert_eq!(key["use"], "sig");
        let names: Vec<_> = key.as_object().unwrap().keys().cloned().collect();
        members.push((key["alg"].as_str().unwrap().to_owned(), names.join(" ")));
    }
    members.sort();
    let expected = [
        ("ES256", "alg crv kid kty use x y"),
        ("EdDSA", "alg crv kid kty use x"),
        ("PS256", "alg e kid kty n use"),
        ("RS256", "alg e kid kty n use"),
    ];
    let expected = expected.map(|(alg, names)| (alg.to_owned(), names.to_owned()));
    assert_eq!(members, expected);
}

#[apply(on_both!)]
async fn metadata_is_read_and_not_written(server: TestServer) {
    for path in [
        "/o/.well-known/openid-configuration",
        "/o/.well-known/jwks.json",
    ] {
        assert_eq!(server.call("HEAD", path).await.status, 200);
        let answer = server.post(path).form(&[]).await;
        refused(&answer, 405, "invalid_request", "method-not-allowed");
        assert_eq!(answer.header("allow"), "GET, OPTIONS");
        assert_eq!(answer.header("access-control-allow-origin"), "*");
    }
    for method in ["HEAD", "PUT", "DELETE"] {
        let answer = server.call(method, "/o/userinfo").await;
        let allow = answer.header("allow");
        assert_eq!((answer.status, allow), (405, "GET, POST, OPTIONS"));
        assert_eq!(answer.header("access-control-allow-origin"), "*");
    }
}

/// OpenID Connect Core 1.0 §5.3.1: userinfo takes GET and POST.
/// OpenID Connect Core 1.0 §5.4: userinfo holds the claims of the scopes that were granted.
#[apply(on_both!)]
async fn userinfo_tells_what_the_scopes_cover(server: TestServer) {
    let app = server.app().create().await;
    let info = async |scope: &str| -> Value {
        let token = app.tokens_for(scope).await.access;
        let get = server.get("/o/userinfo").bearer(&token).await.is(200);
        let post = server.post("/o/userinfo").bearer(&token).await.is(200);
        assert_eq!(get.body, post.body);
        assert_eq!(get.header("cache-control"), "no-store");
        get.json()
    };
    let mut all = info("openid profile email").await;
    assert!(all["sub"].take().is_string());
    let expected = json!({
        "sub": null,
        "name": "person0",
        "preferred_username": "person0",
        "email": "person0@example.com",
        "email_verified": false,
    });
    assert_eq!(all, expected);
    assert_eq!(info("openid").await.as_object().unwrap().len(), 1);
    assert_eq!(info("openid groups").await["groups"], json!([]));
}

/// OpenID Connect Core 1.0 §5.3.2: sub of userinfo is the sub of the id_token.
#[apply(on_both!)]
async fn userinfo_and_id_token_name_the_same_person(server: TestServer) {
    let app = server.app().create().await;
    let tokens = app.tokens().await;
    let sub = server
        .get("/o/userinfo")
        .bearer(&tokens.access)
        .await
        .member("sub");
    assert_eq!(crate::id_token::claims(&tokens.id_token)["sub"], sub);
}

/// RFC 6750 §3.1: without credentials the challenge names no error.
#[apply(on_both!)]
async fn without_a_token_a_resource_asks_for_one(server: TestServer) {
    for path in ["/o/userinfo", "/api/hello"] {
        let answer = server.get(path).await;
        assert_eq!(answer.status, 401);
        assert!(!challenge(&answer).contains("error="));
        let answer = server.get(path).basic("a", "b").await;
        assert_eq!(answer.status, 401);
        challenge(&answer);
    }
}

/// RFC 6750 §3.1: a token that does not count is 401 invalid_token, one that lacks a scope 403
/// insufficient_scope.
/// RFC 6750 §3: the challenge says the scope that is needed.
#[apply(on_both!)]
async fn a_token_that_does_not_count_is_told_from_one_that_lacks_a_scope(server: TestServer) {
    let app = server.app().access_lifetime(60).create().await;
    let read = app.tokens_for("read").await.access;
    let openid = app.tokens_for("openid").await.access;
    for (path, token, scope) in [
        ("/o/userinfo", &read, "openid"),
        ("/api/hello", &openid, "read"),
    ] {
        let answer = server.get(path).bearer(token).await;
        refused(&answer, 403, "insufficient_scope", "scope-insufficient");
        assert!(challenge(&answer).contains("error=\"insufficient_scope\""));
        assert!(challenge(&answer).contains(&format!("scope=\"{scope}\"")));
    }
    for (token, rule) in [("x", "token-unknown"), ("clv_at_x", "token-unknown")] {
        let answer = server.get("/api/hello").bearer(token).await;
        refused(&answer, 401, "invalid_token", rule);
        assert!(challenge(&answer).contains("error=\"invalid_token\""));
    }
    server.advance(60);
    let answer = server.get("/api/hello").bearer(&read).await;
    refused(&answer, 401, "invalid_token", "token-expired");
    app.revoke(&read).await;
    let answer = server.get("/api/hello").bearer(&read).await;
    refused(&answer, 401, "invalid_token", "token-revoked");
}

/// RFC 6750 §2.1: the token comes in the header, in the form that stands there.
/// RFC 9700 §4.3.2: a token in the query opens nothing.
#[apply(on_both!)]
async fn only_an_access_token_in_the_header_opens_a_resource(server: TestServer) {
    let app = server.app().create().await;
    let tokens = app.tokens().await;
    let query = server
        .get(&format!("/api/hello?access_token={}", tokens.access))
        .await;
    assert_eq!(query.status, 401);
    for token in [&tokens.refresh, &tokens.id_token] {
        let answer = server.get("/api/hello").bearer(token).await;
        refused(&answer, 401, "invalid_token", "token-unknown");
    }
    let twice = server
        .get("/api/hello")
        .bearer(&tokens.access)
        .bearer(&tokens.access)
        .await;
    refused(&twice, 400, "invalid_request", "bearer-twice");
    for header in ["Bearer", "Bearer  ", "Bearer a b"] {
        let answer = server
            .get("/api/hello")
            .header("authorization", header)
            .await;
        refused(&answer, 400, "invalid_request", "bearer-malformed");
    }
    let lower = server
        .get("/api/hello")
        .header("authorization", format!("bearer {}", tokens.access));
    assert_eq!(lower.await.status, 200);
}

#[apply(on_both!)]
async fn hello_says_who_calls(server: TestServer) {
    let app = server.app().create().await;
    let tokens = app.tokens_for("openid read").await;
    let answer = server
        .get("/api/hello")
        .bearer(&tokens.access)
        .await
        .is(200);
    let expected = json!({
        "message": "Hello, OAuth2!",
        "sub": crate::id_token::claims(&tokens.id_token)["sub"],
        "client_id": app.client_id,
        "scope": "openid read",
    });
    assert_eq!(answer.json(), expected);
    assert_eq!(answer.header("cache-control"), "no-store");
    let answer = server
        .post("/api/hello")
        .bearer(&tokens.access)
        .form(&[])
        .await;
    assert_eq!((answer.status, answer.header("allow")), (405, "GET"));
}

/// RFC 6750 §2.2: by POST the token may stand in the form, and in one place only.
/// RFC 9700 §4.3.2: never in the query.
#[apply(on_both!)]
async fn userinfo_takes_the_token_from_header_or_form(server: TestServer) {
    let app = server.app().create().await;
    let token = app.tokens().await.access;
    let form = Form::new(&[("access_token", &token)]);
    let post = || server.post("/o/userinfo");
    let answer = post().fields(&form).await.is(200);
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert_eq!(answer.header("cache-control"), "no-store");
    post().fields(&Form::default()).bearer(&token).await.is(200);
    let basic = post().fields(&form).basic("a", "b");
    basic.await.is(200);
    for call in [
        post().fields(&form).bearer(&token),
        post().fields(&form).bearer("x"),
        post().fields(&form).header("authorization", "Bearer"),
    ] {
        refused(&call.await, 400, "invalid_request", "bearer-twice");
    }
    let twice = form.clone().add("access_token", &token);
    let answer = post().fields(&twice).await;
    refused(&answer, 400, "invalid_request", "parameter-repeated");
    let json = post().json(&json!({ "access_token": token }));
    assert_eq!(json.await.status, 401);
    let get = server.get("/o/userinfo").fields(&form);
    assert_eq!(get.await.status, 401);
    for method in ["GET", "POST"] {
        let path = format!("/o/userinfo?access_token={token}");
        assert_eq!(server.call(method, &path).await.status, 401);
    }
    let unknown = Form::new(&[("access_token", "clv_at_x")]);
    let answer = post().fields(&unknown).await;
    refused(&answer, 401, "invalid_token", "token-unknown");
    challenge(&answer);
}

/// OpenID Connect Core 1.0 §5.1: email_verified says whether the address was verified.
#[apply(on_both!)]
async fn a_verified_address_is_said_to_be_so(server: TestServer) {
    let app = server.app().create().await;
    let ask = app.ask().set("scope", "openid email groups");
    let user = server.user("ada").await;
    server
        .database
        .execute("UPDATE users SET email_verified = TRUE")
        .await;
    let location = server.browser().walk(&ask, &user).await;
    let tokens: Tokens = app.redeem(&Code::of(location)).await.into();
    let claims = crate::id_token::claims(&tokens.id_token);
    let info = server.get("/o/userinfo").bearer(&tokens.access).await;
    for said in [claims, info.json()] {
        assert_eq!(said["email_verified"], true);
        assert_eq!(said["groups"], json!([]));
    }
}

/// Issuers are typed with a slash at their end, and libraries put the path behind it.
#[apply(on_both!)]
async fn an_issuer_with_a_slash_at_its_end_leads_to_the_documents(server: TestServer) {
    for name in [
        "openid-configuration",
        "oauth-authorization-server",
        "jwks.json",
    ] {
        let document = server.get(&format!("/o/.well-known/{name}")).await.is(200);
        for path in [
            format!("/o//.well-known/{name}"),
            format!("/o//.well-known/{name}/"),
        ] {
            assert_eq!(server.get(&path).await.is(200).body, document.body);
        }
    }
}
