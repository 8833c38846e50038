//! The database: the only place that knows SeaORM.
//!
//! One file an aggregate, each an `impl Store`. A function is one question or one transaction;
//! everything that can be checked, hashed or fetched beforehand was. To add an aggregate: a
//! step in `migrations`, its entity in `entities`, its file here, its rows in `sweep` if they
//! expire.
//!
//! There are three ways to write, by what is promised. A change is answered: it goes through
//! [`Store::write`] (`transaction!`), and is durable when the call returns. (On SQLite one task owns
//! the one connection that writes and commits what waits as a group; on PostgreSQL each write is a
//! transaction of its own, but for access tokens.) An audit event is a part of the change that it
//! tells of (`audit_events`). A hint may be lost (`hints`).

use std::collections::HashSet;
use std::sync::Arc;

use sea_orm::{DatabaseBackend, DbErr};

use crate::domain::client::Client;

mod access_token_loader;
mod access_tokens;
mod answered_flows;
mod application_secrets;
mod applications;
mod audit_events;
mod authorization_codes;
mod client_documents;
mod client_end;
mod columns;
mod connect;
mod consent_rows;
mod consents;
mod device_codes;
pub mod entities;
mod flows;
mod grants;
mod groups;
mod hints;
mod instance;
mod lane;
mod logout;
mod logout_deliveries;
mod mail_links;
mod mails;
mod memory;
mod options;
mod postgres;
mod pushed_requests;
mod reader;
mod refresh_tokens;
mod registration_tokens;
mod resource_servers;
mod room;
mod session_rows;
mod sessions;
mod signing_keys;
mod sqlite;
mod supervise;
mod sweep;
mod sweep_flows;
mod unused;
mod used_assertions;
mod users;
mod writer;

pub use application_secrets::{AddSecret, RetireSecret};
pub use audit_events::{AuditEntry, AuditEvent};
pub use authorization_codes::{ConsentBasis, IssueCodeOutcome};
pub use client_documents::Changed;
pub use consents::Connection;
pub use device_codes::{Approved, Polled};
pub use flows::{FlowUpdate, NewFlow, StoredFlow};
pub use grants::RevocationReason;
pub use logout::SessionsEnded;
pub use logout_deliveries::{Delivery, LoggedDelivery};
pub use mail_links::{LinkUse, NewLink};
pub use mails::MailFilter;
pub use options::{CONNECTIONS, MIN_CONNECTIONS, StoreOptions};
pub use refresh_tokens::Successor;
pub use registration_tokens::{Registered, Replacement};
pub use room::{Inserted, Room};
pub use session_rows::SessionSelector;
pub use sessions::{NewSession, SessionRow};
pub use signing_keys::Revoked;
pub use sqlite::files as sqlite_files;
pub use sweep::{SweepCursor, SweepStep};
pub use sweep_flows::FlowLimits;
pub use users::{NewPassword, NewUser, UserFilter};
use writer::transaction;

/// A handle to the database; clones share everything.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    /// Reads: several connections, that on SQLite cannot write.
    read: reader::Reader,
    writer: writer::Writer,
    lookup: access_token_loader::AccessTokenLoader,
    hints: hints::Hints,
    supervisor: supervise::Supervisor,
    memory: memory::Memory,
    backend: DatabaseBackend,
    /// The file of SQLite.
    file: Option<sqlite::File>,
    options: StoreOptions,
}

/// What the database can answer instead of a result.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("database: {0}")]
    Db(#[from] DbErr),
    /// A unique value is taken; names the field.
    #[error("{0} is taken")]
    Conflict(&'static str),
    /// A row that this program did not write, or a newer one did.
    #[error("a row can't be read: {0}")]
    Corrupt(String),
    /// More wait than may, or the database did not answer in time.
    #[error("the database is busy")]
    Busy,
    #[error("{0}")]
    Connect(String),
}

/// The one row of a question whose key admits no more.
///
/// `one()` would bind a `LIMIT`, and SQLite compiles a statement anew whenever that is bound: its
/// plan may depend on the value ([`SQLITE_DBCONFIG_ENABLE_QPSG`]).
///
/// [`SQLITE_DBCONFIG_ENABLE_QPSG`]: https://sqlite.org/c3ref/c_dbconfig_defensive.html#sqlitedbconfigenableqpsg
async fn fetch_optional<T>(
    rows: impl Future<Output = Result<Vec<T>, DbErr>>,
) -> Result<Option<T>, DbErr> {
    // Boxed: a question takes some kilobytes, which would stand in the future of every request
    // that may come to ask it.
    Ok(Box::pin(rows).await?.into_iter().next())
}

impl Store {
    pub(crate) fn read(&self) -> &reader::Reader {
        &self.inner.read
    }

    pub fn backend(&self) -> DatabaseBackend {
        self.inner.backend
    }

    /// The application for a request: from memory when it was asked for lately.
    ///
    /// An entry in memory may be up to a second old when another process changed it, so a refusal
    /// is never based on it: the caller asks [`Store::application`] before it refuses.
    ///
    /// # Errors
    /// The database fails.
    pub async fn client(&self, client_id: &str) -> Result<Option<Arc<Client>>, StoreError> {
        if let Some(client) = self.inner.memory.client(client_id) {
            return Ok(Some(client));
        }
        self.load_client(client_id).await
    }

    /// The application as it stands in the database now.
    ///
    /// # Errors
    /// The database fails.
    pub async fn load_client(&self, client_id: &str) -> Result<Option<Arc<Client>>, StoreError> {
        let memory = &self.inner.memory;
        let began = memory.begin();
        let found = Box::pin(self.application(client_id)).await?.map(Arc::new);
        memory.keep_client(began, client_id, found.clone());
        Ok(found)
    }

    /// Every origin that any application allows, from memory when nothing has changed since they
    /// were read: one that another process added a moment ago may be missing.
    ///
    /// # Errors
    /// The database fails.
    pub async fn allowed_origins(&self) -> Result<Arc<HashSet<String>>, StoreError> {
        let memory = &self.inner.memory;
        if let Some(origins) = memory.origins() {
            return Ok(origins);
        }
        let began = memory.begin();
        let origins = Arc::new(Box::pin(self.all_origins()).await?);
        memory.keep_origins(began, origins.clone());
        Ok(origins)
    }

    /// Forgets what is kept in memory: applications, secrets or keys have changed.
    pub fn forget(&self) {
        self.inner.memory.forget();
    }
}
