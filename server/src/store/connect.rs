//! Opening the database, bringing its schema up to date, and looking whether it is there.

use std::sync::Arc;

use migrations::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, DatabaseBackend, DatabaseConnection, TransactionTrait};
use uuid::Uuid;

use super::access_token_loader::AccessTokenLoader;
use super::groups::{READY, immediate};
use super::hints::Hints;
use super::lane::{Lane, close};
use super::memory::Memory;
use super::postgres::{self, Postgres};
use super::reader::Reader;
use super::supervise::Supervisor;
use super::writer::Writer;
use super::{Inner, Store, StoreError, StoreOptions, sqlite};
use crate::domain::time::Timestamp;

/// Connections to PostgreSQL of a queue whose answers are waited for: while one goes back into
/// its pool, the other works.
const PER_QUEUE: u32 = 2;
const FOR_HINTS: u32 = 1;

/// What is opened before the tasks start.
struct Opened {
    write: DatabaseConnection,
    read: Reader,
    /// For the writer, the lookup of access tokens, and the hints.
    lanes: [Lane; 3],
    file: Option<sqlite::File>,
}

impl Store {
    /// As [`Store::connect_with`], with the options of a server without settings.
    ///
    /// # Errors
    /// [`StoreError::Connect`] with one line that says what is wrong.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        Self::connect_with(url, StoreOptions::default()).await
    }

    /// Opens `sqlite://PATH` (made when it is not there) or `postgres://…`.
    ///
    /// # Errors
    /// [`StoreError::Connect`] with one line that says what is wrong.
    pub async fn connect_with(url: &str, options: StoreOptions) -> Result<Self, StoreError> {
        let opened = if url.starts_with("sqlite:") {
            open_sqlite(url, &options).await?
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            open_postgres(url, &options).await?
        } else {
            return Err(StoreError::Connect(
                "the database URL starts with neither sqlite:// nor postgres://".to_owned(),
            ));
        };
        let [of_writer, of_lookup, of_hints] = opened.lanes;
        let backend = opened.write.get_database_backend();
        let (writer, writes) = Writer::start(opened.write, of_writer, options.write_limit);
        let (lookup, looks) = AccessTokenLoader::start(of_lookup);
        let (hints, hinting) = Hints::start(of_hints, options.hints);
        let supervisor = Supervisor::new();
        supervisor.watch("writer", writes);
        supervisor.watch("lookup of access tokens", looks);
        supervisor.watch("hints", hinting);
        Ok(Self {
            inner: Arc::new(Inner {
                read: opened.read,
                writer,
                lookup,
                hints,
                supervisor,
                memory: Memory::new(),
                backend,
                file: opened.file,
                options,
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
        let txn = connection.begin_with_options(immediate()).await?;
        if self.inner.backend == DatabaseBackend::Postgres {
            // A big table takes its time, and so does another server that migrates.
            txn.execute_unprepared("SET LOCAL statement_timeout = 0")
                .await?;
            // "claviger" in ASCII: a number that no other program is likely to lock.
            txn.execute_unprepared("SELECT pg_advisory_xact_lock(7164775584869180786)")
                .await?;
        }
        Migrator::up(&txn, None).await?;
        txn.commit().await?;
        Ok(())
    }

    /// How many steps the schema is behind. Only looks: the connections that read cannot make
    /// the table of the steps, and on SQLite would fail where they have not yet seen it.
    ///
    /// # Errors
    /// The database fails, or was made by a newer release.
    pub async fn pending_migrations(&self) -> Result<usize, StoreError> {
        let connection = &self.read().connection;
        let pending = Migrator::get_pending_migrations_read_only(connection).await?;
        Ok(pending.len())
    }

    /// Whether the database can be read and written now, in the ways in which requests do it.
    ///
    /// # Errors
    /// It can't, or not in time; the file of SQLite is another one by now.
    pub async fn ready(&self, now: Timestamp) -> Result<(), StoreError> {
        let look = async {
            tokio::try_join!(
                self.inner.writer.ready(now),
                self.find_access_token(Uuid::nil()),
                self.get(READY),
            )
        };
        tokio::time::timeout(self.inner.options.ready_limit, look)
            .await
            .unwrap_or(Err(StoreError::Busy))?;
        self.inner
            .file
            .as_ref()
            .map_or(Ok(()), sqlite::File::is_there)
    }

    /// How many connections this store may open, and how many the database allows; `None` on
    /// SQLite.
    ///
    /// # Errors
    /// The database fails.
    pub async fn connection_limits(&self) -> Result<Option<(u32, i64)>, StoreError> {
        if self.inner.backend == DatabaseBackend::Sqlite {
            return Ok(None);
        }
        let allowed = postgres::allowed(self.read()).await?;
        Ok(Some((self.inner.options.connections, allowed)))
    }

    /// What the database's clock shows now; `None` on SQLite, which has ours.
    ///
    /// # Errors
    /// The database fails.
    pub async fn database_clock(&self) -> Result<Option<Timestamp>, StoreError> {
        if self.inner.backend == DatabaseBackend::Sqlite {
            return Ok(None);
        }
        Ok(Some(Timestamp(postgres::clock(self.read()).await?)))
    }

    /// Ends the connections after what is queued has been written.
    pub async fn close(&self) {
        self.inner.hints.close().await;
        self.inner.writer.close().await;
        self.inner.lookup.close().await;
        let limit = self.inner.options.group_limit;
        close(self.inner.read.connection.clone(), limit).await;
        close(self.inner.writer.connection().clone(), limit).await;
    }
}

async fn open_sqlite(url: &str, options: &StoreOptions) -> Result<Opened, StoreError> {
    let (write, read, file) = sqlite::open(url, options).await?;
    let lane =
        |connection: &DatabaseConnection| Lane::shared(connection.clone(), options.group_limit);
    Ok(Opened {
        lanes: [lane(&write), lane(&read), lane(&write)],
        write,
        read: Reader {
            connection: read,
            limit: None,
        },
        file,
    })
}

async fn open_postgres(url: &str, options: &StoreOptions) -> Result<Opened, StoreError> {
    let postgres = Postgres::parse(url, options.clone())?;
    let of_queues = 2 * PER_QUEUE + FOR_HINTS;
    let of_requests = options.connections.saturating_sub(of_queues).max(1);
    let pool = postgres.open(of_requests).await?;
    let lane = |count| Lane::own(postgres.clone(), count, options.group_limit);
    Ok(Opened {
        lanes: [lane(PER_QUEUE), lane(PER_QUEUE), lane(FOR_HINTS)],
        write: pool.clone(),
        read: Reader {
            connection: pool,
            limit: Some(options.read_limit),
        },
        file: None,
    })
}
