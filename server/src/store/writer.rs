//! Writes that are answered, in groups.
//!
//! A commit costs a flush to the disk whatever it holds. So writes wait in a queue, and one task
//! (`groups`) commits many at once and only then answers them. Writes that no request waits for have
//! no place here: see `hints`.
//!
//! On PostgreSQL, which flushes for many connections at once, only those are grouped; every
//! other write is a transaction of its own, so that row locks are held for one write only.

use std::pin::Pin;
use std::time::Duration;

use sea_orm::{DatabaseBackend, DatabaseConnection, DatabaseTransaction, TransactionTrait};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::entities::access_tokens;
use super::groups::write_groups;
use super::lane::{GroupError, Lane};
use super::{Store, StoreError};
use crate::domain::time::Timestamp;

/// Writes that may wait; past these the answer is [`StoreError::Busy`].
const QUEUE: usize = 4096;

/// A future that borrows the transaction it runs in.
pub(super) type Work<'c, T> = Pin<Box<dyn Future<Output = T> + Send + 'c>>;

/// `transaction!(store, |txn| { … }).await`: [`Store::write`] without the closure that moves and the
/// future in its box.
macro_rules! transaction {
    ($store:expr, |$txn:ident| $work:block) => {
        $store.write(move |$txn| Box::pin(async move $work))
    };
}
pub(super) use transaction;

/// Tells the waiting request how the commit went.
pub(super) type Finish = Box<dyn FnOnce(Result<(), GroupError>) + Send>;
/// Runs a write; `false` when it failed and has to be undone.
pub(super) type Run =
    Box<dyn for<'c> FnOnce(&'c DatabaseTransaction) -> Work<'c, (bool, Finish)> + Send>;

/// How much a write does.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// One statement that writes.
    Statement,
    /// Several, that stand or fall together.
    Transaction,
}

pub(super) enum Queued {
    Run(Run, Extent),
    AccessToken(Box<access_tokens::ActiveModel>, Finish),
    /// A look whether tokens can be written now; many are one write.
    Ready(Timestamp, Finish),
    Drain(oneshot::Sender<()>),
    Close(oneshot::Sender<()>),
}

pub(super) struct Writer {
    connection: DatabaseConnection,
    queue: mpsc::Sender<Queued>,
    backend: DatabaseBackend,
    /// For a write that is a transaction of its own.
    limit: Duration,
}

impl Writer {
    /// `lane` is for the groups, `connection` for what is written by itself.
    pub(super) fn start(
        connection: DatabaseConnection,
        lane: Lane,
        limit: Duration,
    ) -> (Self, JoinHandle<()>) {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let task = tokio::spawn(write_groups(lane, waiting));
        let backend = connection.get_database_backend();
        let writer = Self {
            connection,
            queue,
            backend,
            limit,
        };
        (writer, task)
    }

    pub(super) fn connection(&self) -> &DatabaseConnection {
        &self.connection
    }

    /// Returns when everything that was queued before is written.
    pub(super) async fn drain(&self) {
        self.send(Queued::Drain).await;
    }

    /// As [`Writer::drain`]; nothing is written afterwards.
    pub(super) async fn close(&self) {
        self.send(Queued::Close).await;
    }

    async fn send(&self, message: impl FnOnce(oneshot::Sender<()>) -> Queued) {
        let (done, wait) = oneshot::channel();
        if self.queue.send(message(done)).await.is_ok() {
            let _ = wait.await;
        }
    }

    /// Waits until what `message` makes has been committed with its group.
    async fn committed(&self, message: impl FnOnce(Finish) -> Queued) -> Result<(), StoreError> {
        let (answer, wait) = oneshot::channel();
        let finish: Finish = Box::new(move |committed| {
            let _ = answer.send(committed);
        });
        self.queue
            .try_send(message(finish))
            .map_err(|_| StoreError::Busy)?;
        // Not answered: its group took too long before its turn came.
        wait.await
            .map_err(|_| StoreError::Busy)?
            .map_err(Into::into)
    }

    /// Whether access tokens can be written now.
    pub(super) async fn ready(&self, now: Timestamp) -> Result<(), StoreError> {
        self.committed(|finish| Queued::Ready(now, finish)).await
    }
}

impl Store {
    /// Runs `job` in one transaction and returns when it is committed. When the job fails,
    /// everything that it wrote is undone.
    ///
    /// # Errors
    /// What the job returns; a failed commit; [`StoreError::Busy`].
    pub(crate) async fn write<T, F>(&self, job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c DatabaseTransaction) -> Work<'c, Result<T, StoreError>>
            + Send
            + 'static,
    {
        self.write_as(Extent::Transaction, job).await
    }

    /// Like [`Store::write`], for a job that has one statement that writes: cheaper on SQLite.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub(super) async fn write_statement<T, F>(&self, job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c DatabaseTransaction) -> Work<'c, Result<T, StoreError>>
            + Send
            + 'static,
    {
        self.write_as(Extent::Statement, job).await
    }

    async fn write_as<T, F>(&self, extent: Extent, job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c DatabaseTransaction) -> Work<'c, Result<T, StoreError>>
            + Send
            + 'static,
    {
        let writer = &self.inner.writer;
        if writer.backend == DatabaseBackend::Postgres {
            // Boxed, like every question: see `fetch_optional`.
            let write = Box::pin(async move {
                let txn = writer.connection.begin().await?;
                let value = job(&txn).await?;
                txn.commit().await?;
                Ok::<T, StoreError>(value)
            });
            return tokio::time::timeout(writer.limit, write)
                .await
                .unwrap_or(Err(StoreError::Busy));
        }
        let (answer, wait) = oneshot::channel();
        let run = queued(job, move |result| {
            let _ = answer.send(result);
        });
        writer
            .queue
            .try_send(Queued::Run(run, extent))
            .map_err(|_| StoreError::Busy)?;
        wait.await.map_err(|_| StoreError::Busy)?
    }

    /// Returns when everything that was queued so far is written: what is read next holds the
    /// records of every request that was answered before.
    pub async fn settled(&self) {
        self.inner.writer.drain().await;
        self.inner.hints.drain().await;
    }

    /// Inserts an access token together with whichever others are waiting, and returns when it
    /// is committed.
    pub(super) async fn insert_grouped(
        &self,
        row: access_tokens::ActiveModel,
    ) -> Result<(), StoreError> {
        let row = Box::new(row);
        let writer = &self.inner.writer;
        writer
            .committed(|finish| Queued::AccessToken(row, finish))
            .await
    }
}

fn queued<T, F>(job: F, answer: impl FnOnce(Result<T, StoreError>) + Send + 'static) -> Run
where
    T: Send + 'static,
    F: for<'c> FnOnce(&'c DatabaseTransaction) -> Work<'c, Result<T, StoreError>> + Send + 'static,
{
    Box::new(move |txn| {
        Box::pin(async move {
            let result = job(txn).await;
            let succeeded = result.is_ok();
            let finish: Finish = Box::new(move |committed| {
                answer(match committed {
                    Ok(()) => result,
                    // A write that failed on its own says why, whatever became of the rest.
                    Err(_) if result.is_err() => result,
                    Err(error) => Err(error.into()),
                });
            });
            (succeeded, finish)
        })
    })
}
