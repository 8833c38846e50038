//! Opening the database and bringing its schema up to date.

use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use migrations::{Migrator, MigratorTrait};
use moka::sync::Cache;
use sea_orm::sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sea_orm::sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
};
use sea_orm::sqlx::{self, ConnectOptions, Connection};
use sea_orm::{
    ConnectionTrait, DatabaseBackend, DatabaseConnection, SqlxPostgresConnector,
    SqlxSqliteConnector, TransactionTrait,
};

use super::access_token_loader::AccessTokenLoader;
use super::instance::set_fact;
use super::writer::{Writer, immediate};
use super::{Inner, Store, StoreError};
use crate::domain::time::Timestamp;

/// Connections that read on SQLite; each is a thread with a page cache of its own.
const SQLITE_READERS: u32 = 4;
const POSTGRES_CONNECTIONS: u32 = 16;
/// The fact that a readiness check writes.
const READY: &str = "ready_at";
/// Applications kept in memory.
const CLIENTS_IN_MEMORY: u64 = 10_000;

impl Store {
    /// Opens `sqlite://PATH` (made when it is not there) or `postgres://…`.
    ///
    /// # Errors
    /// [`StoreError::Connect`] with one line that says what is wrong.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        let (write, read, backend) = if url.starts_with("sqlite:") {
            let (write, read) = open_sqlite(url).await?;
            (write, read, DatabaseBackend::Sqlite)
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            let pool = open_postgres(url).await?;
            (pool.clone(), pool, DatabaseBackend::Postgres)
        } else {
            return Err(StoreError::Connect(
                "the database URL starts with neither sqlite:// nor postgres://".to_owned(),
            ));
        };
        Ok(Self {
            inner: Arc::new(Inner {
                writer: Writer::start(write, backend),
                lookup: AccessTokenLoader::start(read.clone()),
                read,
                clients: Cache::builder()
                    .max_capacity(CLIENTS_IN_MEMORY)
                    .time_to_live(Duration::from_secs(60))
                    .build(),
                backend,
            }),
        })
    }

    /// Brings the schema up to date, in one transaction that holds a lock: servers that start
    /// at once migrate once.
    ///
    /// # Errors
    /// The database fails, or holds a schema that this program does not know.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        if self.pending_migrations().await.is_ok_and(|n| n == 0) {
            return Ok(());
        }
        let connection = self.inner.writer.connection();
        let transaction = connection.begin_with_options(immediate()).await?;
        if self.inner.backend == DatabaseBackend::Postgres {
            // "claviger" in ASCII: a number that nobody else is likely to lock.
            transaction
                .execute_unprepared("SELECT pg_advisory_xact_lock(7164775584869180786)")
                .await?;
        }
        Migrator::up(&transaction, None).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// How many steps the schema is behind. Only looks: the connections that read cannot make
    /// the table of the steps, and on SQLite would fail where they have not yet seen it.
    ///
    /// # Errors
    /// The database fails, or was made by a newer release.
    pub async fn pending_migrations(&self) -> Result<usize, StoreError> {
        let pending = Migrator::get_pending_migrations_read_only(self.read()).await?;
        Ok(pending.len())
    }

    /// Whether the database can be read and written now.
    ///
    /// # Errors
    /// It can't.
    pub async fn ready(&self, now: Timestamp) -> Result<(), StoreError> {
        self.write(move |transaction| {
            Box::pin(async move { set_fact(transaction, READY, &now.millis().to_string()).await })
        })
        .await?;
        self.get(READY).await.map(|_| ())
    }

    /// Ends the connections after what is queued has been written.
    pub async fn close(&self) {
        self.inner.writer.drain().await;
        let _ = self.inner.read.clone().close().await;
        let _ = self.inner.writer.connection().clone().close().await;
    }
}

async fn open_sqlite(url: &str) -> Result<(DatabaseConnection, DatabaseConnection), StoreError> {
    let fail = |problem: String| StoreError::Connect(format!("the database {url}: {problem}"));
    let options = SqliteConnectOptions::from_str(url)
        .map_err(|e| fail(e.to_string()))?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(10))
        .statement_cache_capacity(128)
        .disable_statement_logging();
    let folder = options.get_filename().parent().map(Path::to_path_buf);
    if let Some(folder) = folder.filter(|f| !f.as_os_str().is_empty()) {
        std::fs::create_dir_all(&folder).map_err(|e| {
            fail(format!(
                "the folder {} can't be made: {e}",
                folder.display()
            ))
        })?;
    }
    let write = SqlitePoolOptions::new()
        .max_connections(1)
        .min_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        // A commit that failed may have left the driver's count of transactions behind: the next
        // one would take itself for a part of it, and never be committed.
        .before_acquire(|connection, _| {
            let fresh = !connection.is_in_transaction();
            Box::pin(async move { Ok(fresh) })
        })
        .connect_with(options.clone())
        .await
        .map_err(|e| fail(e.to_string()))?;
    let read = SqlitePoolOptions::new()
        .max_connections(SQLITE_READERS)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_lazy_with(options.pragma("query_only", "ON"));
    Ok((
        SqlxSqliteConnector::from_sqlx_sqlite_pool(write),
        SqlxSqliteConnector::from_sqlx_sqlite_pool(read),
    ))
}

async fn open_postgres(url: &str) -> Result<DatabaseConnection, StoreError> {
    // The URL holds a password: say where, never the whole of it.
    let options = PgConnectOptions::from_str(url)
        .map_err(|e| StoreError::Connect(format!("the database URL: {e}")))?
        .disable_statement_logging();
    let place = format!("{}:{}", options.get_host(), options.get_port());
    let connected = PgPoolOptions::new()
        .max_connections(POSTGRES_CONNECTIONS)
        .acquire_timeout(Duration::from_secs(10))
        .connect_with(options.clone())
        .await;
    let problem = match connected {
        Ok(pool) => return Ok(SqlxPostgresConnector::from_sqlx_postgres_pool(pool)),
        // The pool waits for a server that is still starting, and then does not say for what.
        Err(sqlx::Error::PoolTimedOut) => {
            match tokio::time::timeout(Duration::from_secs(2), options.connect()).await {
                Ok(Err(reason)) => reason.to_string(),
                _ => "it does not answer".to_owned(),
            }
        }
        Err(error) => error.to_string(),
    };
    Err(StoreError::Connect(format!(
        "the database at {place}: {problem}"
    )))
}
