//! Plan RP-initiated logout. Where the suite looks at a screenshot, the page is read.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{EncodingKey, Header, encode};
use macro_rules_attribute::apply;
use serde_json::{Value, json};

use super::{Op, Rp, module};
use crate::harness::server::PUBLIC_URL;
use crate::harness::{Answer, Form, refused_on_page};

pub(super) const AFTERWARDS: &str = "https://client.example/post_logout_redirect";

/// A relying party after its flow went well, and what it sends to sign the person out.
pub(super) struct SignedIn {
    pub(super) rp: Rp,
    pub(super) claims: Value,
    pub(super) state: String,
    pub(super) params: Form,
}

impl SignedIn {
    pub(super) async fn with(op: &Op, mut settings: Value) -> Self {
        let rp = op.rp().await;
        let owner = op.server.signed_in(&op.server.owner().await).await;
        settings["post_logout_redirect_uris"] = json!([AFTERWARDS]);
        let path = format!("/api/applications/{}", rp.app.client_id);
        owner.call("PATCH", &path).json(&settings).await.is(200);
        let (tokens, claims) = rp.succeeds(&rp.ask()).await;
        let state = "s+/ &=".repeat(21) + "\u{e9}";
        let params = Form::new(&[
            ("id_token_hint", &tokens.id_token),
            ("post_logout_redirect_uri", AFTERWARDS),
            ("state", &state),
        ]);
        Self {
            rp,
            claims,
            state,
            params,
        }
    }

    async fn to(op: &Op) -> Self {
        Self::with(op, json!({})).await
    }

    pub(super) async fn end(&self, params: &Form) -> Answer {
        let path = format!("/o/logout?{}", params.encoded());
        self.rp.browser.get(&path).await
    }

    /// Whether an authorization without any page finds no session.
    pub(super) async fn is_signed_out(&self) -> bool {
        let ask = self.rp.ask().set("prompt", "none");
        let response = self.rp.silently(&ask).await;
        match response.get("error") {
            Some(error) => {
                assert_eq!(error, "login_required");
                true
            }
            None => false,
        }
    }

    /// Refused on a page; the person is not redirected and stays signed in.
    async fn is_refused(&self, params: &Form, rule: &str) {
        refused_on_page(&self.end(params).await, 400, rule);
        assert!(!self.is_signed_out().await);
    }

    /// Asked first, then signed out; the last page says so.
    async fn confirms(&self, params: &Form) {
        let ticket = self.end(params).await.ticket("/logout");
        assert!(!self.is_signed_out().await);
        let page = format!("/logout?flow={ticket}");
        let page = self.rp.browser.get(&page).await.is(200).text();
        assert!(page.contains("Sign out"), "{page}");
        let body = json!({ "flow": ticket });
        let answer = self.rp.browser.post("/api/logout", &body).await.is(200);
        self.is_told(&answer.member("redirect_to")).await;
    }

    /// The page at the end says that the person is signed out, and it is so.
    async fn is_told(&self, location: &str) {
        assert_eq!(location, "/logout");
        let page = self.rp.browser.get(location).await.is(200).text();
        assert!(page.contains("You are signed out"), "{page}");
        assert!(self.is_signed_out().await);
    }
}

/// OpenID Connect RP-Initiated Logout 1.0 §2.1: the metadata say where applications sign people
/// out.
#[apply(module!)]
async fn oidcc_rp_initiated_logout_discovery_endpoint_verification(op: Op) {
    let endpoint = op.metadata().await["end_session_endpoint"].clone();
    assert_eq!(endpoint, format!("{PUBLIC_URL}/o/logout"));
}

/// OpenID Connect RP-Initiated Logout 1.0 §2: the session's own id_token as the hint signs the
/// person out.
/// OpenID Connect RP-Initiated Logout 1.0 §3: the browser goes to the registered address, with
/// the state that was sent and nothing else.
#[apply(module!)]
async fn oidcc_rp_initiated_logout(op: Op) {
    let signed_in = SignedIn::to(&op).await;
    let location = signed_in.end(&signed_in.params).await.location();
    assert!(
        location.starts_with(&format!("{AFTERWARDS}?")),
        "{location}"
    );
    let sent = ("state".to_owned(), signed_in.state.clone());
    assert_eq!(crate::harness::form::query(&location), [sent]);
    assert!(signed_in.is_signed_out().await);
}

/// OpenID Connect RP-Initiated Logout 1.0 §3: no redirect goes to an address that is not
/// registered.
#[apply(module!)]
async fn oidcc_rp_initiated_logout_bad_post_logout_redirect_uri(op: Op) {
    let signed_in = SignedIn::to(&op).await;
    let bad = "https://client.example/no_such_address";
    let params = signed_in
        .params
        .clone()
        .set("post_logout_redirect_uri", bad);
    signed_in.confirms(&params).await;
}

/// OpenID Connect RP-Initiated Logout 1.0 §4: a hint whose signature was taken away is none.
#[apply(module!)]
async fn oidcc_rp_initiated_logout_modified_id_token_hint(op: Op) {
    let signed_in = SignedIn::to(&op).await;
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#);
    let claims = URL_SAFE_NO_PAD.encode(signed_in.claims.to_string());
    let hint = format!("{header}.{claims}.");
    let params = signed_in.params.clone().set("id_token_hint", &hint);
    signed_in.is_refused(&params, "logout-hint-invalid").await;
}

/// OpenID Connect RP-Initiated Logout 1.0 §3: an address is of use only with the client that
/// registered it. Without one the person is asked, and stays with us.
#[apply(module!)]
async fn oidcc_rp_initiated_logout_no_id_token_hint(op: Op) {
    let signed_in = SignedIn::to(&op).await;
    let params = signed_in.params.clone().without("id_token_hint");
    signed_in.confirms(&params).await;
}

/// OpenID Connect RP-Initiated Logout 1.0 §2: without a hint the person is asked, and signed out.
#[apply(module!)]
async fn oidcc_rp_initiated_logout_no_params(op: Op) {
    SignedIn::to(&op).await.confirms(&Form::default()).await;
}

/// OpenID Connect RP-Initiated Logout 1.0 §2: without an address the person stays with us, signed
/// out.
#[apply(module!)]
async fn oidcc_rp_initiated_logout_no_post_logout_redirect_uri(op: Op) {
    let signed_in = SignedIn::to(&op).await;
    let params = signed_in.params.clone().without("post_logout_redirect_uri");
    let location = signed_in.end(&params).await.location();
    signed_in.is_told(&location).await;
}

/// OpenID Connect RP-Initiated Logout 1.0 §3: without a state none is sent on.
#[apply(module!)]
async fn oidcc_rp_initiated_logout_no_state(op: Op) {
    let signed_in = SignedIn::to(&op).await;
    let params = signed_in.params.clone().without("state");
    assert_eq!(signed_in.end(&params).await.location(), AFTERWARDS);
    assert!(signed_in.is_signed_out().await);
}

/// OpenID Connect RP-Initiated Logout 1.0 §2: a state alone leads nowhere; the person is asked,
/// and signed out.
#[apply(module!)]
async fn oidcc_rp_initiated_logout_only_state(op: Op) {
    let signed_in = SignedIn::to(&op).await;
    let params = Form::new(&[("state", &signed_in.state)]);
    signed_in.confirms(&params).await;
}

/// OpenID Connect RP-Initiated Logout 1.0 §3: an address with a query that is not registered is
/// another address.
#[apply(module!)]
async fn oidcc_rp_initiated_logout_query_added_to_post_logout_redirect_uri(op: Op) {
    let signed_in = SignedIn::to(&op).await;
    let more = format!("{AFTERWARDS}?foo=bar");
    let params = signed_in
        .params
        .clone()
        .set("post_logout_redirect_uri", &more);
    signed_in.confirms(&params).await;
}

/// OpenID Connect RP-Initiated Logout 1.0 §4: a hint that the server did not sign is none.
#[apply(module!)]
async fn oidcc_rp_initiated_logout_bad_id_token_hint(op: Op) {
    let signed_in = SignedIn::to(&op).await;
    let secret = signed_in.rp.app.secret.clone().unwrap();
    let key = EncodingKey::from_secret(secret.as_bytes());
    // HS256, which is what a client secret can sign.
    let hint = encode(&Header::default(), &signed_in.claims, &key).unwrap();
    let params = signed_in.params.clone().set("id_token_hint", &hint);
    signed_in.is_refused(&params, "logout-hint-invalid").await;
}
