//! Plan basic, the second half: what a request may say beside the necessary.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use macro_rules_attribute::apply;
use serde_json::{Value, json};

use super::{Op, Rp, module};
use crate::harness::{param, refused_on_page};

/// A flow with one more parameter, which may mean something or nothing, and never harms.
async fn succeeds_with(op: &Op, name: &str, value: &str) {
    let rp = op.rp().await;
    rp.succeeds(&rp.ask().add(name, value)).await;
}

/// OpenID Connect Core 1.0 §15.1: display=page is no error.
#[apply(module!)]
async fn oidcc_display_page(op: Op) {
    succeeds_with(&op, "display", "page").await;
}

/// OpenID Connect Core 1.0 §15.1: display=popup is no error.
#[apply(module!)]
async fn oidcc_display_popup(op: Op) {
    succeeds_with(&op, "display", "popup").await;
}

/// OpenID Connect Core 1.0 §15.1: ui_locales is no error, known or not.
#[apply(module!)]
async fn oidcc_ui_locales(op: Op) {
    succeeds_with(&op, "ui_locales", "se").await;
}

/// OpenID Connect Core 1.0 §15.1: claims_locales is no error.
#[apply(module!)]
async fn oidcc_claims_locales(op: Op) {
    succeeds_with(&op, "claims_locales", "se").await;
}

/// RFC 6749 §3.1: an unrecognized parameter is ignored.
#[apply(module!)]
async fn oidcc_ensure_request_with_unknown_parameter_succeeds(op: Op) {
    succeeds_with(&op, "extra", "foobar").await;
}

/// OpenID Connect Core 1.0 §15.1: acr_values that the server offers, or 1 and 2, are no error.
#[apply(module!)]
async fn oidcc_ensure_request_with_acr_values_succeeds(op: Op) {
    let metadata = op.metadata().await;
    let offered = metadata["acr_values_supported"].as_array();
    let texts = offered.map(|list| list.iter().filter_map(Value::as_str).collect());
    let wanted: Vec<_> = texts.unwrap_or_else(|| vec!["1", "2"]);
    let rp = op.rp().await;
    let ask = rp.ask().add("acr_values", &wanted.join(" "));
    let (_, claims) = rp.succeeds(&ask).await;
    if offered.is_some() {
        let acr = claims["acr"].as_str().unwrap();
        assert!(wanted.contains(&acr), "{acr}");
    }
}

/// OpenID Connect Core 1.0 §3.1.2.1: login_hint stands in the form at sign-in.
#[apply(module!)]
async fn oidcc_login_hint(op: Op) {
    let rp = op.rp().await;
    let ask = rp.ask().add("login_hint", "buffy@localhost");
    let login = rp.browser.ask(&ask).await.location();
    let page = rp.browser.get(&login).await.is(200).text();
    assert!(page.contains("buffy@localhost"));
    rp.succeeds(&ask).await;
}

fn later(before: &Value, after: &Value) {
    assert!(after["auth_time"].as_i64() > before["auth_time"].as_i64());
    assert_eq!(before["sub"], after["sub"]);
}

fn same(before: &Value, after: &Value) {
    assert_eq!(before["auth_time"], after["auth_time"]);
    assert_eq!(before["sub"], after["sub"]);
}

/// OpenID Connect Core 1.0 §3.1.2.1: prompt=login asks a person who is signed in to sign in
/// again.
/// OpenID Connect Core 1.0 §2: a later sign-in is a later auth_time.
#[apply(module!)]
async fn oidcc_prompt_login(op: Op) {
    let rp = op.rp().await;
    let (_, before) = rp.succeeds(&rp.ask()).await;
    op.server.advance(1);
    let response = rp.signing_in(&rp.ask().set("prompt", "login")).await;
    later(&before, &rp.completes(response).await.1);
}

/// OpenID Connect Core 1.0 §3.1.2.6: prompt=none without a session is login_required.
#[apply(module!)]
async fn oidcc_prompt_none_not_logged_in(op: Op) {
    let rp = op.rp().await;
    let ask = rp.ask().set("prompt", "none");
    rp.silently(&ask).await.is_error("login_required");
}

/// OpenID Connect Core 1.0 §3.1.2.1: prompt=none asks nothing, and works where nothing is to be
/// asked.
#[apply(module!)]
async fn oidcc_prompt_none_logged_in(op: Op) {
    let rp = op.rp().await;
    let (_, before) = rp.succeeds(&rp.ask()).await;
    op.server.advance(1);
    let response = rp.silently(&rp.ask().set("prompt", "none")).await;
    same(&before, &rp.completes(response).await.1);
}

/// OpenID Connect Core 1.0 §3.1.2.1: after max_age the person signs in again, and auth_time
/// is in the id_token.
#[apply(module!)]
async fn oidcc_max_age_1(op: Op) {
    let rp = op.rp().await;
    let (_, before) = rp.succeeds(&rp.ask()).await;
    op.server.advance(2);
    let response = rp.signing_in(&rp.ask().set("max_age", "1")).await;
    let (_, after) = rp.completes(response).await;
    later(&before, &after);
    assert_eq!(after["auth_time"], after["iat"]);
}

/// OpenID Connect Core 1.0 §3.1.2.1: within max_age the person is not asked to sign in again.
#[apply(module!)]
async fn oidcc_max_age_10000(op: Op) {
    let rp = op.rp().await;
    let (_, before) = rp.succeeds(&rp.ask().set("max_age", "15000")).await;
    assert!(before["auth_time"].is_i64());
    op.server.advance(1);
    let response = rp.silently(&rp.ask().set("max_age", "10000")).await;
    same(&before, &rp.completes(response).await.1);
}

/// OpenID Connect Core 1.0 §3.1.2.1: an id_token_hint of the person who is signed in goes
/// through with prompt=none.
#[apply(module!)]
async fn oidcc_id_token_hint(op: Op) {
    let rp = op.rp().await;
    let (tokens, before) = rp.succeeds(&rp.ask()).await;
    op.server.advance(1);
    let ask = rp.ask().set("prompt", "none");
    let ask = ask.set("id_token_hint", &tokens.id_token);
    same(&before, &rp.completes(rp.silently(&ask).await).await.1);
}

/// OpenID Connect Core 1.0 §3.1.2.1: the authorization endpoint takes a POST.
#[apply(module!)]
async fn oidcc_ensure_post_request_succeeds(op: Op) {
    let rp = op.rp().await;
    let call = rp.browser.call("POST", "/o/authorize");
    let call = call.fields(&rp.ask().params);
    // As browsers send it: the form stands on a page of the client.
    let call = call.header("sec-fetch-site", "cross-site");
    let again = call
        .header("origin", "https://client.example")
        .await
        .location();
    let login = rp.browser.get(&again).await.location();
    let ticket = param(&login, "flow").unwrap();
    let consent = rp.browser.sign_in_for(&rp.user, &ticket).await;
    let location = rp.browser.allow(&param(&consent, "flow").unwrap()).await;
    rp.completes(rp.arrives(&location).await).await;
}

/// The request of this relying party as an unsigned request object.
fn request_object(rp: &Rp) -> String {
    let part = |json: Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let header = part(json!({ "alg": "none" }));
    let body = part(json!({
        "client_id": rp.app.client_id,
        "redirect_uri": rp.app.redirect_uri,
        "response_type": "code",
        "scope": "openid",
    }));
    format!("{header}.{body}.")
}

/// The suite waits for a redirect with `request_uri_not_supported`. Ours is a page: until the
/// request URI is resolved, it is unknown which redirect URI counts.
///
/// OpenID Connect Core 1.0 §6.2: request_uri is optional; the metadata say that it is not
/// supported, and none is fetched.
#[apply(module!)]
async fn oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported(op: Op) {
    assert_eq!(
        op.metadata().await["request_uri_parameter_supported"],
        false
    );
    let rp = op.rp().await;
    let ask = rp
        .ask()
        .add("request_uri", "https://client.example/request.jwt");
    let answer = rp.browser.ask(&ask).await.is(400);
    assert!(answer.text().contains("/rules/request-uri-"));
    assert!(!answer.headers.contains_key("location"));
}

/// OpenID Connect Core 1.0 §3.1.2.6: a request object is refused as request_not_supported.
#[apply(module!)]
async fn oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported(op: Op) {
    assert_eq!(op.metadata().await["request_parameter_supported"], false);
    let rp = op.rp().await;
    let ask = rp.ask().add("request", &request_object(&rp));
    rp.silently(&ask).await.is_error("request_not_supported");
}

/// OpenID Connect Core 1.0 §6.1: a redirect URI outside a request object that is not registered
/// is refused on a page, whatever stands inside.
#[apply(module!)]
async fn oidcc_ensure_request_object_with_redirect_uri(op: Op) {
    let rp = op.rp().await;
    let ask = rp.ask().add("request", &request_object(&rp));
    let ask = ask.set("redirect_uri", "https://client.example/invalid");
    let answer = rp.browser.ask(&ask).await;
    refused_on_page(&answer, 400, "redirect-uri-mismatch");
}

/// A warning in the suite, since the name does not come: `claims` is not supported, and the
/// metadata say so.
///
/// OpenID Connect Core 1.0 §5.5.1: a flow goes well although an essential claim is not there.
#[apply(module!)]
async fn oidcc_claims_essential(op: Op) {
    assert_eq!(op.metadata().await["claims_parameter_supported"], false);
    let rp = op.rp().await;
    let claims = json!({ "userinfo": { "name": { "essential": true } } });
    let ask = rp.ask().add("claims", &claims.to_string());
    let (tokens, _) = rp.succeeds(&ask).await;
    assert!(rp.userinfo(&tokens).await.get("name").is_none());
}
