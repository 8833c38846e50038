//! Sends logout tokens to applications (OpenID Connect Back-Channel Logout 1.0 §2.5).
//!
//! Each token lies in the database until the application has taken it, has refused it, or was
//! tried often enough. Whoever sends one claims its row first, so that of several servers one
//! sends it; a server that dies in the middle loses the claim after a minute.

use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::Stop;
use crate::crypto::CryptoError;
use crate::crypto::hash::sid;
use crate::crypto::jose;
use crate::domain::logout::{EVENT, TOKEN_SECONDS, Verdict, next_attempt, verdict};
use crate::state::{AppState, State};
use crate::store::{Delivery, StoreError};

/// Looks that often even when nobody wakes it: for what waits for its next attempt, and for what
/// another process has queued.
const EVERY: Duration = Duration::from_secs(5);
/// Tokens under way at once: an application that hangs holds up no more.
const AT_ONCE: usize = 8;
/// Tokens that are looked at in one question.
const BATCH: u64 = 50;
/// Characters of an error in the log.
const ERROR_LENGTH: usize = 200;

pub(super) async fn run(state: AppState, mut stop: Stop) {
    let mut failing = false;
    loop {
        match round(&state).await {
            Ok(_) => failing = false,
            Err(error) => {
                // Once, and not every few seconds until it is mended.
                if !failing {
                    tracing::error!(%error, "logout tokens can't be sent");
                }
                failing = true;
            }
        }
        let go_on = tokio::select! {
            go_on = stop.sleep(EVERY) => go_on,
            () = state.logouts.notified() => true,
        };
        if !go_on {
            return;
        }
    }
}

/// Sends everything that is due. How many tokens were tried.
///
/// # Errors
/// The database fails.
pub async fn round(state: &AppState) -> Result<usize, StoreError> {
    let mut tried = 0;
    loop {
        let due = state.store.due_logouts(state.now(), BATCH).await?;
        if due.is_empty() {
            return Ok(tried);
        }
        let mut under_way = JoinSet::new();
        for delivery in due {
            if under_way.len() >= AT_ONCE {
                tried += joined(under_way.join_next().await)?;
            }
            let state = state.clone();
            under_way.spawn(async move { attempt(&state, delivery).await });
        }
        while let Some(done) = under_way.join_next().await {
            tried += joined(Some(done))?;
        }
    }
}

type Joined = Option<Result<Result<usize, StoreError>, tokio::task::JoinError>>;

/// How many tokens a task tried. One that panicked leaves its claim to run out.
fn joined(done: Joined) -> Result<usize, StoreError> {
    match done {
        Some(Ok(tried)) => tried,
        Some(Err(_)) | None => Ok(0),
    }
}

async fn attempt(state: &State, due: Delivery) -> Result<usize, StoreError> {
    let Some(claimed) = state.store.claim_logout(due, state.now()).await? else {
        return Ok(0);
    };
    let outcome = match deliver(state, &claimed).await {
        Ok(()) => Ok(()),
        Err(Failed { why, last }) => {
            let next = next_attempt(claimed.attempts, state.now()).filter(|_| !last);
            Err((why.chars().take(ERROR_LENGTH).collect(), next))
        }
    };
    let result = match &outcome {
        Ok(()) => "delivered",
        Err((_, Some(_))) => "failed",
        Err((_, None)) => "given up",
    };
    metrics::counter!("claviger_logout_tokens_total", "result" => result).increment(1);
    state
        .store
        .settle_logout(&claimed, outcome, state.now())
        .await?;
    Ok(1)
}

struct Failed {
    why: String,
    /// Trying again would change nothing.
    last: bool,
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        tracing::warn!(%error, "a logout token was not sent");
        Self {
            why: "a fault of this server".to_owned(),
            last: false,
        }
    }
}

impl From<CryptoError> for Failed {
    fn from(error: CryptoError) -> Self {
        tracing::error!(%error, "a logout token can't be signed");
        Self {
            why: "a fault of this server".to_owned(),
            last: false,
        }
    }
}

async fn deliver(state: &State, delivery: &Delivery) -> Result<(), Failed> {
    // The settings of now: the address may have been mended since the last attempt.
    let client = state.store.fresh_client(&delivery.client_id).await?;
    let address = client
        .as_ref()
        .and_then(|client| client.settings.backchannel_logout_uri.as_deref());
    let (Some(client), Some(address)) = (&client, address) else {
        return Err(Failed {
            why: "the application has no address for it any more".to_owned(),
            last: true,
        });
    };
    let now = state.now();
    let token = jose::sign_as(
        &state.keys(),
        client.settings.id_token_alg,
        jose::LOGOUT_TOKEN,
        &LogoutToken {
            iss: state.url.issuer(),
            sub: delivery.user_id.to_string(),
            aud: &client.client_id,
            iat: now.seconds(),
            exp: now.plus_seconds(TOKEN_SECONDS).seconds(),
            // Each attempt is a token of its own: one that the application saw half may be
            // refused when it comes again.
            jti: state.random.uuid(now).to_string(),
            events: json!({ EVENT: {} }),
            sid: delivery.sid.map(sid),
        },
        now,
    )?;
    // A JWT is made of characters that need no encoding in a form.
    let form = format!("logout_token={token}");
    match state.options.outbound.post_form(address, form).await {
        Ok(status) => match verdict(status) {
            Verdict::Delivered => Ok(()),
            Verdict::Refused => Err(Failed {
                why: "the application refused it: status 400".to_owned(),
                last: true,
            }),
            Verdict::Again => Err(Failed {
                why: format!("the application answered with status {status}"),
                last: false,
            }),
        },
        Err(error) => Err(Failed {
            why: error.to_string(),
            last: false,
        }),
    }
}

/// The claims of a logout token (OpenID Connect Back-Channel Logout 1.0 §2.4). Never a `nonce`.
#[derive(Serialize)]
struct LogoutToken<'a> {
    iss: &'a str,
    sub: String,
    aud: &'a str,
    iat: i64,
    exp: i64,
    jti: String,
    events: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<String>,
}
