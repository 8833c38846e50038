//! The authorization request: its random values, and its parameters with a sentence on each.
//!
//! To add a parameter: a line in [`parameters`].

use super::encode::base64url;
use super::exchange::Pairs;
use super::walk::{Proof, Walk};
use super::{crypto, encode};
use leptos::prelude::*;

use contract::routes;

impl Proof {
    /// New random values. `None` where the browser has no cryptography: better no request than
    /// one that can be guessed.
    pub(super) async fn fresh() -> Option<Self> {
        // RFC 7636 §4.1: 32 random bytes make a verifier of 43 characters.
        let verifier = base64url(&crypto::random::<32>()?);
        Some(Self {
            state: base64url(&crypto::random::<16>()?),
            nonce: base64url(&crypto::random::<16>()?),
            challenge: base64url(&crypto::digest("SHA-256", &verifier).await?),
            verifier,
        })
    }
}

/// One parameter and why it is there.
#[derive(Clone, PartialEq)]
pub(super) struct Parameter {
    pub(super) name: &'static str,
    pub(super) value: String,
    pub(super) why: &'static str,
}

/// What the application sends the browser to `/o/authorize` with.
pub(super) fn parameters(walk: Walk, proof: &Proof) -> Vec<Parameter> {
    let scopes = walk.scopes.get();
    let nonce = if scopes.iter().any(|scope| scope == "openid") {
        proof.nonce.clone()
    } else {
        String::new()
    };
    [
        (
            "response_type",
            "code".to_owned(),
            "Asks for a code, never for a token: tokens don't belong in a URL.",
        ),
        (
            "client_id",
            walk.client_id(),
            "Which app asks. It is public.",
        ),
        (
            "redirect_uri",
            walk.redirect_uri(),
            "Where the browser comes back to. Must match a registered URI exactly.",
        ),
        (
            "scope",
            scopes.join(" "),
            "What the app asks for. The user may grant less.",
        ),
        (
            "state",
            proof.state.clone(),
            "Comes back unchanged, and so ties the answer to this tab.",
        ),
        (
            "nonce",
            nonce,
            "Comes back inside the ID token, and so ties that token to this request.",
        ),
        (
            "code_challenge",
            proof.challenge.clone(),
            "The verifier's SHA-256. Only the holder of the verifier can exchange the code (PKCE).",
        ),
        (
            "code_challenge_method",
            "S256".to_owned(),
            "How the challenge was made. No other method is accepted.",
        ),
        (
            "prompt",
            walk.prompt.get(),
            "Whether the user must, or must not, be asked again.",
        ),
        (
            "max_age",
            walk.max_age.get().trim().to_owned(),
            "How many seconds ago the user may have signed in; otherwise they sign in again.",
        ),
        (
            "login_hint",
            walk.login_hint.get().trim().to_owned(),
            "Fills in the username on the sign-in page.",
        ),
    ]
    .into_iter()
    // RFC 6749 §3.1: a parameter without a value counts as left out.
    .filter(|(_, value, _)| !value.is_empty())
    .map(|(name, value, why)| Parameter { name, value, why })
    .collect()
}

/// The path and query to go to.
pub(super) fn address(parameters: &[Parameter]) -> String {
    let pairs: Pairs = parameters
        .iter()
        .map(|it| (it.name.to_owned(), it.value.clone()))
        .collect();
    format!("{}?{}", routes::AUTHORIZE, encode::pairs(&pairs))
}
