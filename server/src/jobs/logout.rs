//! Sends logout tokens to applications (OpenID Connect Back-Channel Logout 1.0 §2.5).
//!
//! Each token lies in the database until the application has taken it or refused it, or until it
//! was tried often enough. A server claims the row before it sends the token, so only one of
//! several servers sends it. A server that dies in the middle loses the claim after a minute.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::Stop;
use crate::crypto::CryptoError;
use crate::crypto::hash::sid;
use crate::crypto::jose::LOGOUT_TOKEN;
use crate::crypto::jws;
use crate::domain::logout::{EVENT, LOGOUT_TOKEN_LIFETIME, Verdict, next_attempt, verdict};
use crate::outbound::OutboundError;
use crate::state::{App, AppState};
use crate::store::{Delivery, StoreError};

/// How often to look without being woken: for tokens that wait for their next attempt, and for
/// tokens that another process has queued.
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
        match send_due(&state, || stop.is_due()).await {
            Ok(_) => failing = false,
            Err(error) => {
                // Log it once, not every few seconds until it works again.
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
    send_due(state, || false).await
}

/// Sends what is due until it is time to stop, but for the tokens of applications that let one of
/// theirs wait for its answer until the end: those are left for the next round, so that the other
/// applications' tokens are not behind them. How many tokens were tried.
///
/// # Errors
/// The database fails.
async fn send_due(state: &AppState, stop: impl Fn() -> bool) -> Result<usize, StoreError> {
    let mut tried = 0;
    let mut silent = BTreeSet::new();
    loop {
        let due = state.store.due_logouts(state.now(), BATCH, &silent).await?;
        if due.is_empty() || stop() {
            return Ok(tried);
        }
        let mut under_way = JoinSet::new();
        for delivery in due {
            if under_way.len() >= AT_ONCE {
                tried += joined(under_way.join_next().await, &mut silent)?;
            }
            if silent.contains(&delivery.client_id) {
                continue;
            }
            // No server has claimed the remaining rows yet.
            if stop() {
                break;
            }
            let state = state.clone();
            under_way.spawn(async move { attempt(&state, delivery).await });
        }
        while let Some(done) = under_way.join_next().await {
            tried += joined(Some(done), &mut silent)?;
        }
    }
}

enum Attempt {
    /// Another server has it.
    NotOurs,
    Answered,
    /// This application gave no answer in time.
    Silent(String),
}

type Joined = Option<Result<Result<Attempt, StoreError>, tokio::task::JoinError>>;

/// How many tokens a task tried. One that panicked leaves its claim to run out.
fn joined(done: Joined, silent: &mut BTreeSet<String>) -> Result<usize, StoreError> {
    Ok(match done {
        Some(Ok(attempt)) => match attempt? {
            Attempt::NotOurs => 0,
            Attempt::Answered => 1,
            Attempt::Silent(client_id) => {
                silent.insert(client_id);
                1
            }
        },
        Some(Err(_)) | None => 0,
    })
}

async fn attempt(state: &App, due: Delivery) -> Result<Attempt, StoreError> {
    let Some(claimed) = state.store.claim_logout(due, state.now()).await? else {
        return Ok(Attempt::NotOurs);
    };
    let (outcome, silent) = match deliver(state, &claimed).await {
        Ok(()) => (Ok(()), false),
        Err(Failed { why, last, silent }) => {
            let next = next_attempt(claimed.attempts, state.now()).filter(|_| !last);
            (
                Err((why.chars().take(ERROR_LENGTH).collect(), next)),
                silent,
            )
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
    Ok(if silent {
        Attempt::Silent(claimed.client_id)
    } else {
        Attempt::Answered
    })
}

struct Failed {
    why: String,
    /// Trying again would change nothing.
    last: bool,
    /// The application gave no answer in time.
    silent: bool,
}

impl Failed {
    fn new(why: impl Into<String>) -> Self {
        Self {
            why: why.into(),
            last: false,
            silent: false,
        }
    }

    fn for_good(why: &str) -> Self {
        Self {
            last: true,
            ..Self::new(why)
        }
    }
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        tracing::warn!(%error, "a logout token was not sent");
        Self::new("a fault of this server")
    }
}

impl From<CryptoError> for Failed {
    fn from(error: CryptoError) -> Self {
        tracing::error!(%error, "a logout token can't be signed");
        Self::new("a fault of this server")
    }
}

async fn deliver(state: &App, delivery: &Delivery) -> Result<(), Failed> {
    // The current settings: the address may have been corrected since the last attempt.
    let client = state.store.load_client(&delivery.client_id).await?;
    let address = client
        .as_ref()
        .and_then(|client| client.settings.backchannel_logout_uri.as_deref());
    let (Some(client), Some(address)) = (&client, address) else {
        return Err(Failed::for_good(
            "the application has no address for it any more",
        ));
    };
    let now = state.now();
    let token = jws::sign(
        &state.keys(),
        client.settings.id_token_alg,
        LOGOUT_TOKEN,
        &LogoutToken {
            iss: state.url.issuer(),
            sub: delivery.user_id.to_string(),
            aud: &client.client_id,
            iat: now.seconds(),
            exp: (now + LOGOUT_TOKEN_LIFETIME).seconds(),
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
            Verdict::Refused => Err(Failed::for_good("the application refused it: status 400")),
            Verdict::Again => Err(Failed::new(format!(
                "the application answered with status {status}"
            ))),
        },
        Err(error) => Err(Failed {
            silent: error == OutboundError::Timeout,
            ..Failed::new(error.to_string())
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
