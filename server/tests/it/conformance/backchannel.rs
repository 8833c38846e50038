//! Plan back-channel logout: the application has a small server of its own on this machine.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::post;
use claviger::domain::logout::EVENT;
use claviger::jobs::logout::round;
use claviger::outbound::{Loopback, Outbound, Policy};
use claviger::state::Options;
use macro_rules_attribute::apply;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::Mutex;

use super::rp_logout::{AFTERWARDS, SignedIn};
use super::{Mode, Op, module};
use crate::harness::form::query;
use crate::harness::{TestServer, on_both};

/// Media types and bodies of what came.
type Inbox = Arc<Mutex<Vec<(String, String)>>>;

async fn receive(State(inbox): State<Inbox>, headers: HeaderMap, body: String) {
    let media_type = headers["content-type"].to_str().unwrap().to_owned();
    inbox.lock().await.push((media_type, body));
}

/// An address that takes logout tokens, and where they are found.
async fn listening() -> (String, Inbox) {
    let inbox = Inbox::default();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!(
        "http://{}/backchannel_logout",
        listener.local_addr().unwrap()
    );
    let router = Router::new().route("/backchannel_logout", post(receive));
    let service = router.with_state(inbox.clone());
    tokio::spawn(async move { axum::serve(listener, service).await });
    (url, inbox)
}

/// OpenID Connect Back-Channel Logout 1.0 §2.1: the metadata say that logout tokens are sent, and
/// that they name the session.
#[apply(module!)]
async fn oidcc_backchannel_logout_discovery_endpoint_verification(op: Op) {
    let metadata = op.metadata().await;
    assert_eq!(metadata["backchannel_logout_supported"], true);
    assert_eq!(metadata["backchannel_logout_session_supported"], true);
    assert!(metadata["end_session_endpoint"].is_string());
}

/// OpenID Connect Back-Channel Logout 1.0 §2.4: a logout token holds iss, aud, iat, exp, jti, the
/// event, and sub and sid of the id_token; never a nonce.
/// OpenID Connect Back-Channel Logout 1.0 §2.5: it is posted as a form with logout_token alone.
#[apply(on_both!)]
async fn oidcc_backchannel_rp_initiated_logout(server: TestServer) {
    let policy = Policy {
        loopback: Loopback::Allowed,
        ..Policy::default()
    };
    let options = Options {
        outbound: Outbound::new(policy),
        ..Options::default()
    };
    let op = Op {
        server: server.twin_with(options).await,
        mode: Mode::Default,
    };
    let (url, inbox) = listening().await;
    let settings = json!({
        "backchannel_logout_uri": url,
        "backchannel_logout_session_required": true,
    });
    let signed_in = SignedIn::with(&op, settings).await;
    let location = signed_in.end(&signed_in.params).await.location();
    assert!(
        location.starts_with(&format!("{AFTERWARDS}?")),
        "{location}"
    );
    let state = ("state".to_owned(), signed_in.state.clone());
    assert_eq!(query(&location), [state]);

    assert_eq!(round(&op.server.state).await.unwrap(), 1);
    let received = inbox.lock().await.clone();
    let [(media_type, body)] = received.as_slice() else {
        panic!("{received:?}");
    };
    assert_eq!(media_type, "application/x-www-form-urlencoded");
    let fields = query(&format!("?{body}"));
    let [(name, token)] = fields.as_slice() else {
        panic!("{fields:?}");
    };
    assert_eq!(name, "logout_token");
    let header = jsonwebtoken::decode_header(token).unwrap();
    assert_eq!(header.typ.as_deref(), Some("logout+jwt"));
    let client_id = &signed_in.rp.app.client_id;
    let mut claims = crate::id_token::verified(&op.server, token, client_id).await;
    assert!(claims["jti"].take().is_string());
    let now = op.server.state.now().0 / 1000;
    assert_eq!(claims["iat"].take(), now);
    let left = claims["exp"].take().as_i64().unwrap() - now;
    assert!((1..=120).contains(&left), "{left}");
    let expected = json!({
        "iss": signed_in.claims["iss"],
        "sub": signed_in.claims["sub"],
        "aud": client_id,
        "sid": signed_in.claims["sid"],
        "events": { EVENT: {} },
        "iat": null,
        "exp": null,
        "jti": null,
    });
    assert_eq!(claims, expected);
    assert!(signed_in.is_signed_out().await);
    op.server.state.store.close().await;
}
