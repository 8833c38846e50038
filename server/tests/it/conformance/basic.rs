//! Plan basic, the first half: the response, the tokens, userinfo and the scopes.

use macro_rules_attribute::apply;
use serde_json::{Value, json};

use super::{Op, Rp, module};
use crate::harness::application::{Tokens, token_works};
use crate::harness::authorization::{CHALLENGE, VERIFIER};
use crate::harness::{Form, refused, refused_on_page};

/// OpenID Connect Core 1.0 §3.1: the code flow goes from the request to userinfo.
/// RFC 6749 §10.10: a code is nothing that can be guessed.
#[apply(module!)]
async fn oidcc_server(op: Op) {
    let rp = op.rp().await;
    let response = rp.walk(&rp.ask()).await;
    assert!(response.code().len() > 40);
    let (tokens, claims) = rp.completes(response).await;
    for claim in ["name", "email", "preferred_username"] {
        assert!(claims.get(claim).is_none(), "{claim}");
    }
    assert!(!tokens.id_token.is_empty());
}

/// RFC 6749 §3.1.1: a request without response_type is refused.
#[apply(module!)]
async fn oidcc_response_type_missing(op: Op) {
    let rp = op.rp().await;
    let ask = rp.ask().without("response_type");
    rp.silently(&ask).await.is_error("invalid_request");
}

/// OpenID Connect Core 1.0 §2: an id_token is signed with RS256 unless the client says otherwise.
/// OpenID Connect Core 1.0 §10.1: the header of an id_token says by kid which key verifies it.
#[apply(module!)]
async fn oidcc_idtoken_signature(op: Op) {
    let rp = op.rp().await;
    let (tokens, _) = rp.succeeds(&rp.ask()).await;
    let header = jsonwebtoken::decode_header(&tokens.id_token).unwrap();
    assert_eq!(header.alg, jsonwebtoken::Algorithm::RS256);
    assert!(header.kid.is_some());
}

/// Skipped in the suite, since no client is offered id_tokens that are not signed.
///
/// RFC 8725 §3.1: no id_token is offered with the algorithm none.
#[apply(module!)]
async fn oidcc_idtoken_unsigned(op: Op) {
    let algs = op.metadata().await["id_token_signing_alg_values_supported"].clone();
    assert!(algs.as_array().unwrap().iter().all(|alg| alg != "none"));
}

/// OpenID Connect Core 1.0 §5.3.1: userinfo answers a GET with the token in the header.
#[apply(module!)]
async fn oidcc_userinfo_get(op: Op) {
    let rp = op.rp().await;
    let (tokens, claims) = rp.succeeds(&rp.ask()).await;
    let answer = op.server.get("/o/userinfo").bearer(&tokens.access).await;
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.is(200).json(), json!({ "sub": claims["sub"] }));
}

/// OpenID Connect Core 1.0 §5.3.1: userinfo answers a POST with the token in the header.
#[apply(module!)]
async fn oidcc_userinfo_post_header(op: Op) {
    let rp = op.rp().await;
    let (tokens, claims) = rp.succeeds(&rp.ask()).await;
    let call = op.server.post("/o/userinfo").bearer(&tokens.access);
    assert_eq!(call.await.is(200).json(), json!({ "sub": claims["sub"] }));
}

/// RFC 6750 §2.2: the token may stand in the form.
#[apply(module!)]
async fn oidcc_userinfo_post_body(op: Op) {
    let rp = op.rp().await;
    let (tokens, claims) = rp.succeeds(&rp.ask()).await;
    let form = Form::new(&[("access_token", &tokens.access)]);
    let call = op.server.post("/o/userinfo").fields(&form);
    assert_eq!(call.await.is(200).json(), json!({ "sub": claims["sub"] }));
}

/// OpenID Connect Core 1.0 §15.5.2: nonce is optional where no id_token comes from the
/// authorization endpoint.
#[apply(module!)]
async fn oidcc_ensure_request_without_nonce_succeeds_for_code_flow(op: Op) {
    let rp = op.rp().await;
    let response = rp.walk(&rp.ask().without("nonce")).await;
    let tokens = rp.redeem(&response).await;
    assert!(rp.claims(&tokens).await.get("nonce").is_none());
}

/// What userinfo says for these scopes, but for whom.
async fn claims_for(rp: &Rp, scope: &str) -> Value {
    let (tokens, _) = rp.succeeds(&rp.ask().set("scope", scope)).await;
    assert_eq!(tokens.scope, scope);
    let mut info = rp.userinfo(&tokens).await;
    info.as_object_mut().unwrap().remove("sub");
    info
}

/// OpenID Connect Core 1.0 §5.4: profile asks for the claims of a profile.
#[apply(module!)]
async fn oidcc_scope_profile(op: Op) {
    let rp = op.rp().await;
    let name = &rp.user.username;
    let expected = json!({ "name": name, "preferred_username": name });
    assert_eq!(claims_for(&rp, "openid profile").await, expected);
}

/// OpenID Connect Core 1.0 §5.4: email asks for email and email_verified.
#[apply(module!)]
async fn oidcc_scope_email(op: Op) {
    let rp = op.rp().await;
    let email = format!("{}@example.com", rp.user.username);
    let expected = json!({ "email": email, "email_verified": false });
    assert_eq!(claims_for(&rp, "openid email").await, expected);
}

/// Skipped in the suite where the metadata do not offer a scope: it is asked for all the same.
async fn is_not_offered(op: &Op, scope: &str, granted: &str) {
    let rp = op.rp().await;
    let offered = op.metadata().await["scopes_supported"].clone();
    assert!(!offered.as_array().unwrap().contains(&json!(scope)));
    let ask = rp.ask().set("scope", &format!("openid {scope}"));
    let (tokens, _) = rp.succeeds(&ask).await;
    assert_eq!(tokens.scope, granted);
}

/// OpenID Connect Core 1.0 §3.1.2.1: address, a scope that the metadata do not offer, is ignored.
#[apply(module!)]
async fn oidcc_scope_address(op: Op) {
    is_not_offered(&op, "address", "openid").await;
}

/// OpenID Connect Core 1.0 §3.1.2.1: phone, a scope that the metadata do not offer, is ignored.
#[apply(module!)]
async fn oidcc_scope_phone(op: Op) {
    is_not_offered(&op, "phone", "openid").await;
}

/// OpenID Connect Core 1.0 §5.4: the scopes of claims that the metadata offer work together.
#[apply(module!)]
async fn oidcc_scope_all(op: Op) {
    is_not_offered(&op, "profile email address phone", "openid profile email").await;
    let rp = op.rp().await;
    let info = claims_for(&rp, "openid profile email").await;
    assert_eq!(info.as_object().unwrap().len(), 4);
}

/// RFC 6749 §3.3: the order of scopes does not matter, and that of parameters neither.
#[apply(module!)]
async fn oidcc_alternate_happy_flow(op: Op) {
    let rp = op.rp().await;
    let ask = rp.ask().set("scope", "email openid");
    // Taken out and put back: now they stand at the end.
    let ask = ask.set("client_id", &rp.app.client_id);
    rp.succeeds(&ask.set("response_type", "code")).await;
}

/// The name that the module above had before.
///
/// RFC 6749 §3.3: scopes may come in any order.
#[apply(module!)]
async fn oidcc_ensure_other_scope_order_succeeds(op: Op) {
    let rp = op.rp().await;
    rp.succeeds(&rp.ask().set("scope", "email openid")).await;
}

async fn is_used_again(rp: &Rp, seconds: i64) -> Tokens {
    let response = rp.walk(&rp.ask()).await;
    let tokens = rp.redeem(&response).await;
    rp.op.server.advance(seconds);
    let answer = rp.app.token(&rp.redeeming(&response)).await;
    refused(&answer, 400, "invalid_grant", "code-replayed");
    tokens
}

/// RFC 6749 §4.1.2: a code that comes again at once is invalid_grant.
#[apply(module!)]
async fn oidcc_codereuse(op: Op) {
    is_used_again(&op.rp().await, 0).await;
}

/// RFC 6749 §4.1.2: a code that comes again after 30 s revokes the access token that it gave.
#[apply(module!)]
async fn oidcc_codereuse_30seconds(op: Op) {
    let tokens = is_used_again(&op.rp().await, 30).await;
    let call = op.server.get("/o/userinfo").bearer(&tokens.access);
    refused(&call.await, 401, "invalid_token", "token-revoked");
    assert!(!token_works(&op.server, &tokens.access).await);
}

/// OpenID Connect Core 1.0 §3.1.2.1: a redirect URI that is not registered gets nothing.
#[apply(module!)]
async fn oidcc_ensure_registered_redirect_uri(op: Op) {
    let rp = op.rp().await;
    let other = format!("{}/other", rp.app.redirect_uri);
    let answer = rp.browser.ask(&rp.ask().set("redirect_uri", &other)).await;
    refused_on_page(&answer, 400, "redirect-uri-mismatch");
}

/// OpenID Connect Core 1.0 §9: a client authenticates by client_secret_post.
#[apply(module!)]
async fn oidcc_server_client_secret_post(op: Op) {
    let methods = op.metadata().await["token_endpoint_auth_methods_supported"].clone();
    assert!(
        methods
            .as_array()
            .unwrap()
            .contains(&json!("client_secret_post"))
    );
    let rp = op.rp().await;
    let response = rp.walk(&rp.ask()).await;
    let form = rp.redeeming(&response).add("client_id", &rp.app.client_id);
    let form = form.add("client_secret", rp.app.secret.as_ref().unwrap());
    let tokens = Tokens::from(op.server.post("/o/token").fields(&form).await);
    rp.claims(&rp.checked(tokens)).await;
}

/// OpenID Connect Core 1.0 §12: a refresh gives an id_token about the same sign-in.
/// RFC 6749 §6: a refresh token is of use only to its own client.
#[apply(module!)]
async fn oidcc_refresh_token(op: Op) {
    let nonce = "n".repeat(43);
    let (one, two) = (op.rp().await, op.rp().await);
    let ask = |rp: &Rp| {
        rp.ask()
            .set("scope", "openid offline_access")
            .set("prompt", "consent")
    };
    let (first, before) = one.succeeds(&ask(&one)).await;
    op.server.advance(1);
    let second = one.checked(one.app.refresh(&first.refresh).await.into());
    let after = one.claims(&second).await;
    for claim in ["iss", "sub", "aud", "auth_time"] {
        assert_eq!(before[claim], after[claim], "{claim}");
    }
    assert_ne!(first.access, second.access);
    assert_eq!(one.userinfo(&second).await["sub"], before["sub"]);

    let response = two.walk(&ask(&two).set("nonce", &nonce)).await;
    let tokens = two.redeem(&response).await;
    assert_eq!(two.claims(&tokens).await["nonce"], nonce);
    let answer = one.app.refresh(&tokens.refresh).await;
    refused(&answer, 400, "invalid_grant", "refresh-token-other-client");
    two.app.refresh(&tokens.refresh).await.is(200);
}

/// RFC 7636 §4.6: a code that was asked for with a challenge is redeemed with its verifier.
#[apply(module!)]
async fn oidcc_ensure_request_with_valid_pkce_succeeds(op: Op) {
    let rp = op.rp().await;
    let ask = rp.ask().set("code_challenge", CHALLENGE);
    let response = rp.walk(&ask.set("code_challenge_method", "S256")).await;
    let form = rp.redeeming(&response).add("code_verifier", VERIFIER);
    let tokens = Tokens::from(rp.app.token(&form).await);
    rp.claims(&rp.checked(tokens)).await;
}
