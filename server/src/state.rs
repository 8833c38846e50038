//! What every request may use. Built once at start; clones share everything.

use std::ops::Deref;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use contract::validate::redirect_uri::PlainHttp;
use moka::sync::Cache;
use tokio::sync::{Mutex, Notify};
use uuid::Uuid;

use crate::clock::Clock;
use crate::config::{Registration, TrustedProxies};
use crate::crypto::CryptoError;
use crate::crypto::client_secret::ClientSecrets;
use crate::crypto::keyring::{self, KeyRing};
use crate::crypto::password::Passwords;
use crate::crypto::random::Random;
use crate::crypto::seal::Seal;
use crate::crypto::secret_key::SecretKey;
use crate::domain::client::{Client, SigningAlg};
use crate::domain::freshness::Freshness;
use crate::domain::resource::ResourceServer;
use crate::domain::scope::Scopes;
use crate::domain::session::TOUCH_EVERY;
use crate::domain::time::Timestamp;
use crate::limits::Limits;
use crate::mail::Delivery;
use crate::outbound::Outbound;
use crate::outbound::smtp::MailServer;
use crate::store::{AuditEntry, AuditEvent, SessionsEnded, Store, StoreError};
use crate::urls::PublicUrl;

pub type AppState = Arc<App>;

/// What the settings decide for a whole server.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Who may register an application by the protocol.
    pub registration: Registration,
    /// Whether every authorization request has to be pushed (RFC 9126 §5).
    pub require_pushed_requests: bool,
    /// The proxies that may say where a request comes from.
    pub trusted_proxies: TrustedProxies,
    /// Whether `/metrics` has a listener of its own.
    pub metrics_elsewhere: bool,
    /// Where applications may have redirect URIs with plain `http`.
    pub plain_http: PlainHttp,
    /// What the server fetches and sends by itself.
    pub outbound: Outbound,
    /// How mails are sent.
    pub mail: MailOptions,
}

/// How mails are sent.
#[derive(Clone, Debug, Default)]
pub struct MailOptions {
    /// Without one they are kept.
    pub server: Option<MailServer>,
    /// As in the header `From`.
    pub from: String,
}

/// What a change of the database needs: the command line has this much.
pub struct Core {
    pub store: Store,
    pub clock: Clock,
    pub random: Random,
    /// Where applications may have redirect URIs with plain `http`.
    pub plain_http: PlainHttp,
}

impl Core {
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// An audit event for the change that writes it.
    pub fn audit_entry(&self, event: AuditEvent) -> AuditEntry {
        let now = self.now();
        event.at(now, self.random.uuid(now))
    }
}

pub struct App {
    core: Core,
    /// The server was told to stop: `/readyz` says so, and each response ends its connection.
    pub draining: Arc<AtomicBool>,
    pub options: Options,
    pub url: PublicUrl,
    pub secret_key: SecretKey,
    pub client_secrets: ClientSecrets,
    pub passwords: Passwords,
    /// Seals the tickets of flows that wait for a person.
    pub tickets: Seal,
    pub limits: Limits,
    /// Wakes the job that sends logout tokens.
    pub logouts: Notify,
    /// Seals what mails hold.
    pub mail_seal: Seal,
    /// Wakes the job that sends mails.
    pub mails: Notify,
    /// When applications of a session last refreshed, by `sid`.
    used_sessions: Cache<Uuid, Timestamp>,
    /// Client secrets whose use was written down in the last minute.
    used_secrets: Cache<Uuid, ()>,
    /// When the use of a client was written down last.
    used_clients: Cache<String, Timestamp>,
    /// When clients' metadata documents were read.
    pub(crate) documents: Cache<String, Arc<Mutex<Option<Freshness>>>>,
    keys: RwLock<Arc<KeyRing>>,
    resource_servers: RwLock<Arc<[ResourceServer]>>,
}

/// A secret's last use is written at most this often.
const TOUCH_SECRET_EVERY: Duration = Duration::from_secs(60);
/// A client's last use is written at most this often.
const TOUCH_CLIENT_EVERY: Duration = Duration::from_hours(1);

#[derive(Debug, thiserror::Error)]
pub enum StateError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Crypto(#[from] CryptoError),
}

impl Deref for App {
    type Target = Core;

    fn deref(&self) -> &Core {
        &self.core
    }
}

impl App {
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
            limits: Limits::default(),
            logouts: Notify::new(),
            mail_seal: Seal::new(&secret_key.derive("mails"))?,
            mails: Notify::new(),
            used_sessions: Cache::new(10_000),
            used_secrets: Cache::builder()
                .max_capacity(10_000)
                .time_to_live(TOUCH_SECRET_EVERY)
                .build(),
            used_clients: Cache::new(10_000),
            documents: Cache::new(10_000),
            keys: RwLock::new(Arc::new(KeyRing::open(records, &secret_key)?)),
            resource_servers: RwLock::new(resource_servers(&store, &url).await?),
            core: Core {
                store,
                clock,
                random,
                plain_http: options.plain_http,
            },
            draining: Arc::default(),
            options,
            url,
            secret_key,
        }))
    }

    /// The signing keys as they were read last.
    pub fn keys(&self) -> Arc<KeyRing> {
        match self.keys.read() {
            Ok(keys) => keys.clone(),
            Err(poisoned) => poisoned.into_inner().clone(),
        }
    }

    /// The resource servers, ours first, as they were read last. What is not among them may have
    /// been registered a moment ago, so nothing is refused for it before
    /// [`App::fresh_resource_servers`] was asked.
    pub fn resource_servers(&self) -> Arc<[ResourceServer]> {
        match self.resource_servers.read() {
            Ok(servers) => servers.clone(),
            Err(poisoned) => poisoned.into_inner().clone(),
        }
    }

    /// The resource servers as they stand in the database now.
    ///
    /// # Errors
    /// The database fails.
    pub async fn fresh_resource_servers(&self) -> Result<Arc<[ResourceServer]>, StoreError> {
        let fresh = Box::pin(resource_servers(&self.store, &self.url)).await?;
        match self.resource_servers.write() {
            Ok(mut servers) => *servers = fresh.clone(),
            Err(poisoned) => *poisoned.into_inner() = fresh.clone(),
        }
        Ok(fresh)
    }

    /// Notes that a client secret was used, beside the request.
    pub fn secret_used(&self, id: Uuid, last: Option<Timestamp>, now: Timestamp) {
        let recent = last.is_some_and(|last| now < last + TOUCH_SECRET_EVERY);
        if !recent && self.used_secrets.get(&id).is_none() {
            self.used_secrets.insert(id, ());
            self.store.touch_secret(id, now);
        }
    }

    /// Notes that a client was authenticated or authorized, beside the request. The sweep goes by
    /// it.
    pub fn client_used(&self, client: &Client, now: Timestamp) {
        let written = self.used_clients.get(&client.client_id);
        let last = written.max(client.last_used_at);
        if last.is_none_or(|last| now >= last + TOUCH_CLIENT_EVERY) {
            self.used_clients.insert(client.client_id.clone(), now);
            self.store.touch_client(client.client_id.clone(), now);
        }
    }

    /// Notes that an application refreshed its tokens, which counts as a use of the session with
    /// this `sid`; beside the request. `granted_at`: when the session was used for the grant.
    pub fn session_used(&self, sid: Uuid, granted_at: Timestamp, now: Timestamp) {
        let last = self.used_sessions.get(&sid).unwrap_or_default();
        if now >= last.max(granted_at) + TOUCH_EVERY {
            self.used_sessions.insert(sid, now);
            self.store.touch_session_named(sid, now);
        }
    }

    /// What becomes of the mails that are written now.
    pub fn delivery(&self) -> Delivery {
        match self.options.mail.server {
            Some(_) => Delivery::Sent,
            None => Delivery::Kept,
        }
    }

    /// Has the logout tokens sent that an end of sessions has queued.
    pub fn sessions_ended(&self, ended: SessionsEnded) {
        if ended.deliveries > 0 {
            self.logouts.notify_one();
        }
    }

    /// Reads again what other processes may have changed: keys, applications, resource servers.
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
        self.fresh_resource_servers().await?;
        Ok(())
    }
}

/// Ours, then those that were registered. The issuer stands for this server as a whole: it is
/// the audience of a JWT that names no resource (RFC 9068 §3).
async fn resource_servers(
    store: &Store,
    url: &PublicUrl,
) -> Result<Arc<[ResourceServer]>, StoreError> {
    let registered = store.resource_servers().await?;
    let ours = url.own_resources().map(|(uri, name)| ResourceServer {
        uri,
        name: name.to_owned(),
        scopes: Scopes::default(),
        access_token_format: None,
        access_token_lifetime: None,
        introspect_by: Vec::new(),
        created_at: Timestamp(0),
        open: true,
        built_in: true,
    });
    // One that was registered with such a URI says more about it.
    let ours = ours
        .into_iter()
        .filter(|ours| registered.iter().all(|server| server.uri != ours.uri));
    Ok(ours.chain(registered.iter().cloned()).collect())
}
