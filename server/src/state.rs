//! What every request may use. Built once at start; clones share everything.

use std::sync::{Arc, RwLock};
use std::time::Duration;

use moka::sync::Cache;
use uuid::Uuid;

use crate::clock::Clock;
use crate::config::Registration;
use crate::crypto::CryptoError;
use crate::crypto::client_secret::ClientSecrets;
use crate::crypto::keyring::{self, KeyRing};
use crate::crypto::password::Passwords;
use crate::crypto::random::Random;
use crate::crypto::seal::Seal;
use crate::crypto::secret_key::SecretKey;
use crate::domain::application::SigningAlg;
use crate::domain::time::Timestamp;
use crate::http::throttle::Throttle;
use crate::store::{AuditEvent, Store, StoreError};
use crate::urls::PublicUrl;

pub type AppState = Arc<State>;

/// What the settings decide for a whole server.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Who may register an application by the protocol.
    pub registration: Registration,
}

pub struct State {
    pub store: Store,
    pub options: Options,
    pub url: PublicUrl,
    pub clock: Clock,
    pub random: Random,
    pub secret_key: SecretKey,
    pub client_secrets: ClientSecrets,
    pub passwords: Passwords,
    /// Seals the tickets of flows that wait for a person.
    pub tickets: Seal,
    /// Failed sign-ins, by account and by address.
    pub throttle: Throttle,
    /// Client secrets whose use was written down in the last minute.
    used_secrets: Cache<Uuid, ()>,
    keys: RwLock<Arc<KeyRing>>,
}

/// A secret's last use is written at most this often (seconds).
const SECRET_USE_SECONDS: i64 = 60;

#[derive(Debug, thiserror::Error)]
pub enum StateError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Crypto(#[from] CryptoError),
}

impl State {
    /// On a migrated database; makes the first signing keys when there are none.
    ///
    /// # Errors
    /// The database fails; its keys were sealed with another secret key.
    pub async fn new(
        store: Store,
        url: PublicUrl,
        secret_key: SecretKey,
        clock: Clock,
        random: Random,
        options: Options,
    ) -> Result<AppState, StateError> {
        let now = clock.now();
        let mut records = store.keys().await?;
        let missing: Vec<_> = SigningAlg::ALL
            .into_iter()
            .filter(|alg| !records.iter().any(|record| record.alg == *alg))
            .collect();
        if !missing.is_empty() {
            let mut made = Vec::new();
            for alg in missing {
                made.push(keyring::generate(alg, &secret_key, &random, now, now)?);
            }
            store.insert_first_keys(made).await?;
            records = store.keys().await?;
        }
        Ok(Arc::new(Self {
            client_secrets: ClientSecrets::new(&secret_key),
            passwords: Passwords::new(random.clone()),
            tickets: Seal::new(&secret_key.derive("tickets"))?,
            throttle: Throttle::default(),
            used_secrets: Cache::builder()
                .max_capacity(10_000)
                .time_to_live(Duration::from_secs(SECRET_USE_SECONDS.unsigned_abs()))
                .build(),
            keys: RwLock::new(Arc::new(KeyRing::open(records, &secret_key)?)),
            store,
            options,
            url,
            clock,
            random,
            secret_key,
        }))
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The signing keys as they were read last.
    pub fn keys(&self) -> Arc<KeyRing> {
        match self.keys.read() {
            Ok(keys) => keys.clone(),
            Err(poisoned) => poisoned.into_inner().clone(),
        }
    }

    /// Notes that a client secret was used, beside the request.
    pub fn secret_used(&self, id: Uuid, last: Option<Timestamp>, now: Timestamp) {
        let recent = last.is_some_and(|last| now < last.plus_seconds(SECRET_USE_SECONDS));
        if !recent && self.used_secrets.get(&id).is_none() {
            self.used_secrets.insert(id, ());
            self.store.touch_secret(id, now);
        }
    }

    /// Writes an audit event, beside the request.
    pub fn audit(&self, event: AuditEvent) {
        let now = self.now();
        self.store.audit(event, now, self.random.uuid(now));
    }

    /// Reads again what other processes may have changed: keys and applications.
    ///
    /// # Errors
    /// The database fails; a new key can't be opened.
    pub async fn reload(&self) -> Result<(), StateError> {
        self.store.forget();
        let ring = Arc::new(KeyRing::open(self.store.keys().await?, &self.secret_key)?);
        match self.keys.write() {
            Ok(mut keys) => *keys = ring,
            Err(poisoned) => *poisoned.into_inner() = ring,
        }
        Ok(())
    }
}
