//! Makes the next signing key in time, and erases the private part of those that have retired.
//!
//! Servers on one database do this together: each may make a key, one transaction decides whose
//! is added.

use contract::wire::audit::AuditKind;
use std::time::Duration;

use super::Stop;
use crate::crypto::CryptoError;
use crate::crypto::keyring;
use crate::domain::client::SigningAlg;
use crate::domain::key::{PUBLISH_AHEAD, wants_rotation};
use crate::state::{AppState, StateError};
use crate::store::AuditEvent;

/// From one look to the next, about; a key waits for hours before it signs.
const EVERY: Duration = Duration::from_secs(600);

pub(super) async fn run(state: AppState, mut stop: Stop) {
    let mut pause = Duration::from_secs(30);
    loop {
        // Servers that start together look one after the other.
        let [jitter] = state.random.bytes::<1>();
        if !stop
            .sleep(pause.mul_f64(0.75 + f64::from(jitter) / 512.0))
            .await
        {
            return;
        }
        pause = EVERY;
        if let Err(error) = turn(&state).await {
            tracing::warn!(%error, "the signing keys could not be looked after; tried again soon");
        }
    }
}

/// Does what is due now, and returns the `kid`s of the keys that this server added.
///
/// # Errors
/// The database fails; a key can't be made.
pub async fn turn(state: &AppState) -> Result<Vec<String>, StateError> {
    let now = state.now();
    let erased = state.store.erase_retired_keys(now).await?;
    let there = state.store.keys().await?;
    let mut added = Vec::new();
    for alg in SigningAlg::ALL {
        if !wants_rotation(&there, alg, now) {
            continue;
        }
        let from = now + PUBLISH_AHEAD;
        let shared = state.clone();
        // An RSA key takes a while to find; requests go on meanwhile.
        let key = tokio::task::spawn_blocking(move || {
            keyring::generate(alg, &shared.secret_key, &shared.random, now, from)
        })
        .await
        .map_err(|_| CryptoError::SigningKey("made"))??;
        let kid = key.kid.clone();
        let audit = state.audit_entry(AuditEvent {
            kind: AuditKind::SigningKeysRotated,
            actor_id: None,
            user_id: None,
            client_id: None,
            detail: format!("schedule: {kid}"),
        });
        if state.store.insert_key_when_due(key, now, audit).await? {
            added.push(kid);
        }
    }
    if !added.is_empty() {
        tracing::info!(kids = %added.join(" "), "made the next signing keys");
    }
    if erased > 0 || !added.is_empty() {
        state.reload().await?;
    }
    Ok(added)
}
