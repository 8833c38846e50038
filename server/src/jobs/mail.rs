//! Sends mails. Each waits in the database until the mail server has taken or refused it, or
//! until it is a day old. A server claims the row before it sends the mail, so only one of several
//! servers sends it; a server that dies in the middle loses the claim after two minutes.

use std::time::Duration;

use tokio::task::JoinSet;

use super::Stop;
use crate::domain::mail::{Mail, next_attempt};
use crate::mail::render;
use crate::outbound::smtp::{MailServer, NotSent};
use crate::services::mail;
use crate::state::{App, AppState};
use crate::store::StoreError;

/// How often to look without being woken: for mails that wait for their next attempt, and for
/// mails that another process has written.
const EVERY: Duration = Duration::from_secs(5);
/// Mails under way at once, over as many connections to the mail server.
const AT_ONCE: usize = 4;
/// Mails that are looked at in one question.
const BATCH: u64 = 50;
/// Characters of an error in the log.
const ERROR_LENGTH: usize = 300;

pub(super) async fn run(state: AppState, mut stop: Stop) {
    // Without a mail server they are kept.
    if state.options.mail.server.is_none() {
        return;
    }
    let mut failing = false;
    loop {
        match send_due(&state, || stop.is_due()).await {
            Ok(_) => failing = false,
            Err(error) => {
                // Log it once, not every few seconds until it works again.
                if !failing {
                    tracing::error!(%error, "mails can't be sent");
                }
                failing = true;
            }
        }
        let go_on = tokio::select! {
            go_on = stop.sleep(EVERY) => go_on,
            () = state.mails.notified() => true,
        };
        if !go_on {
            return;
        }
    }
}

/// Sends everything that is due. How many mails were tried.
///
/// # Errors
/// The database fails.
pub async fn round(state: &AppState) -> Result<usize, StoreError> {
    send_due(state, || false).await
}

async fn send_due(state: &AppState, stop: impl Fn() -> bool) -> Result<usize, StoreError> {
    let Some(server) = state.options.mail.server.clone() else {
        return Ok(0);
    };
    let mut tried = 0;
    loop {
        let due = state.store.due_mails(state.now(), BATCH).await?;
        if due.is_empty() || stop() {
            return Ok(tried);
        }
        let mut under_way = JoinSet::new();
        for mail in due {
            if under_way.len() >= AT_ONCE {
                tried += joined(under_way.join_next().await)?;
            }
            // No server has claimed the remaining rows yet.
            if stop() {
                break;
            }
            let (state, server) = (state.clone(), server.clone());
            under_way.spawn(async move { attempt(&state, &server, mail).await });
        }
        while let Some(done) = under_way.join_next().await {
            tried += joined(Some(done))?;
        }
    }
}

/// How many mails a task tried. One that panicked leaves its claim to run out.
fn joined(
    done: Option<Result<Result<usize, StoreError>, tokio::task::JoinError>>,
) -> Result<usize, StoreError> {
    match done {
        Some(Ok(tried)) => tried,
        Some(Err(_)) | None => Ok(0),
    }
}

async fn attempt(state: &App, server: &MailServer, due: Mail) -> Result<usize, StoreError> {
    let Some(claimed) = state.store.claim_mail(due, state.now()).await? else {
        return Ok(0);
    };
    let outcome = deliver(state, server, &claimed).await.map_err(|failed| {
        let next = next_attempt(claimed.attempts, claimed.created_at, state.now())
            .filter(|_| !failed.for_good);
        (failed.why.chars().take(ERROR_LENGTH).collect(), next)
    });
    let result = match &outcome {
        Ok(()) => "sent",
        Err((_, Some(_))) => "failed",
        Err((_, None)) => "given up",
    };
    metrics::counter!("claviger_mails_total", "result" => result).increment(1);
    if let Err((why, _)) = &outcome {
        let template = claimed.template.name();
        tracing::warn!(mail = %claimed.id, template, %why, "a mail was not sent");
    }
    state
        .store
        .settle_mail(&claimed, outcome, state.now())
        .await?;
    Ok(1)
}

async fn deliver(state: &App, server: &MailServer, claimed: &Mail) -> Result<(), NotSent> {
    let content = mail::open(&state.mail_seal, claimed).map_err(|error| {
        tracing::error!(%error, "a mail can't be read");
        NotSent {
            why: "this mail was sealed with another key".to_owned(),
            for_good: true,
        }
    })?;
    let rendered = render(&content, &mail::sender(state));
    let from = &state.options.mail.from;
    let id = claimed.id.to_string();
    server.send(from, &claimed.to, &id, rendered).await
}
