//! Writes in groups.
//!
//! A commit costs a flush to the disk whatever it holds. So one task takes what waits, up to
//! [`GROUP`] writes, runs each in a savepoint of one transaction, commits, and only then
//! answers all of them. A write of one statement needs no savepoint: SQLite undoes a statement
//! that fails by itself. Access tokens, the commonest write, go into one `INSERT` of many rows.
//!
//! On PostgreSQL, which flushes for many connections at once, only those are grouped; every
//! other write is a transaction of its own, so that row locks are held for one write only.

use std::pin::Pin;
use std::sync::Arc;

use sea_orm::{
    ConnectionTrait, DatabaseBackend, DatabaseConnection, DatabaseTransaction, DbErr, EntityTrait,
    TransactionTrait,
};
use sea_orm::{SqliteTransactionMode, TransactionOptions};
use tokio::sync::{mpsc, oneshot};

use super::entities::access_tokens;
use super::{Store, StoreError};

/// Writes in one commit at most.
const GROUP: usize = 64;
/// Writes that may wait; past these the answer is [`StoreError::Busy`].
const QUEUE: usize = 4096;

/// A future that borrows the transaction it runs in.
pub(super) type Work<'c, T> = Pin<Box<dyn Future<Output = T> + Send + 'c>>;

/// Tells whoever waits how the commit went.
type Finish = Box<dyn FnOnce(Result<(), Arc<DbErr>>) + Send>;
/// Runs a write; `false` when it failed and has to be undone.
type Run = Box<dyn for<'c> FnOnce(&'c DatabaseTransaction) -> Work<'c, (bool, Finish)> + Send>;

/// How much a write does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// One statement that writes.
    Statement,
    /// Several, that stand or fall together.
    Transaction,
}

enum Queued {
    Run(Run, Extent),
    AccessToken(Box<access_tokens::ActiveModel>, Finish),
    Drain(oneshot::Sender<()>),
}

pub(super) struct Writer {
    connection: DatabaseConnection,
    queue: mpsc::Sender<Queued>,
    backend: DatabaseBackend,
}

impl Writer {
    pub(super) fn start(connection: DatabaseConnection, backend: DatabaseBackend) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE);
        tokio::spawn(write_groups(connection.clone(), waiting));
        Self {
            connection,
            queue,
            backend,
        }
    }

    pub(super) fn connection(&self) -> &DatabaseConnection {
        &self.connection
    }

    /// Returns when everything that was queued before is written.
    pub(super) async fn drain(&self) {
        let (done, wait) = oneshot::channel();
        if self.queue.send(Queued::Drain(done)).await.is_ok() {
            let _ = wait.await;
        }
    }
}

fn lost() -> StoreError {
    StoreError::Db(DbErr::Custom("its group was not written".to_owned()))
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
            // Boxed, like every question: see `only`.
            return Box::pin(async move {
                let transaction = writer.connection.begin().await?;
                let value = job(&transaction).await?;
                transaction.commit().await?;
                Ok(value)
            })
            .await;
        }
        let (answer, wait) = oneshot::channel();
        let run = queued(job, move |result| {
            let _ = answer.send(result);
        });
        writer
            .queue
            .try_send(Queued::Run(run, extent))
            .map_err(|_| StoreError::Busy)?;
        wait.await.map_err(|_| lost())?
    }

    /// Queues `job`, one statement that writes, and does not wait: for records that may be lost
    /// with a crash.
    pub(crate) fn write_later<F>(&self, job: F)
    where
        F: for<'c> FnOnce(&'c DatabaseTransaction) -> Work<'c, Result<(), StoreError>>
            + Send
            + 'static,
    {
        let run = queued(job, |result| {
            if let Err(error) = result {
                tracing::warn!(%error, "a record was not written");
            }
        });
        if self
            .inner
            .writer
            .queue
            .try_send(Queued::Run(run, Extent::Statement))
            .is_err()
        {
            metrics::counter!("claviger_records_dropped_total").increment(1);
        }
    }

    /// Returns when everything that was queued so far is written: what is read next holds the
    /// records of every request that was answered before.
    pub async fn settled(&self) {
        self.inner.writer.drain().await;
    }

    /// Inserts an access token together with whichever others are waiting, and returns when it
    /// is committed.
    pub(super) async fn insert_grouped(
        &self,
        row: access_tokens::ActiveModel,
    ) -> Result<(), StoreError> {
        let (answer, wait) = oneshot::channel();
        let finish: Finish = Box::new(move |committed| {
            let _ = answer.send(committed);
        });
        self.inner
            .writer
            .queue
            .try_send(Queued::AccessToken(Box::new(row), finish))
            .map_err(|_| StoreError::Busy)?;
        wait.await.map_err(|_| lost())?.map_err(shared)
    }
}

/// An error that several writes of a group share.
fn shared(error: Arc<DbErr>) -> StoreError {
    StoreError::Db(Arc::try_unwrap(error).unwrap_or_else(|e| DbErr::Custom(e.to_string())))
}

fn queued<T, F>(job: F, answer: impl FnOnce(Result<T, StoreError>) + Send + 'static) -> Run
where
    T: Send + 'static,
    F: for<'c> FnOnce(&'c DatabaseTransaction) -> Work<'c, Result<T, StoreError>> + Send + 'static,
{
    Box::new(move |transaction| {
        Box::pin(async move {
            let result = job(transaction).await;
            let succeeded = result.is_ok();
            let finish: Finish = Box::new(move |committed| {
                answer(match committed {
                    Ok(()) => result,
                    // A write that failed on its own says why, whatever became of the rest.
                    Err(_) if result.is_err() => result,
                    Err(error) => Err(shared(error)),
                });
            });
            (succeeded, finish)
        })
    })
}

async fn write_groups(connection: DatabaseConnection, mut waiting: mpsc::Receiver<Queued>) {
    let mut group = Vec::with_capacity(GROUP);
    while waiting.recv_many(&mut group, GROUP).await > 0 {
        let mut finishes = Vec::with_capacity(group.len());
        let mut drained = Vec::new();
        let committed = write_group(&connection, group.drain(..), &mut finishes, &mut drained)
            .await
            .map_err(Arc::new);
        if let Err(error) = &committed {
            tracing::error!(%error, "a group of writes was not committed");
        }
        for finish in finishes {
            finish(committed.clone());
        }
        for done in drained {
            let _ = done.send(());
        }
    }
}

async fn write_group(
    connection: &DatabaseConnection,
    group: impl Iterator<Item = Queued>,
    finishes: &mut Vec<Finish>,
    drained: &mut Vec<oneshot::Sender<()>>,
) -> Result<(), DbErr> {
    let mut tokens = Vec::new();
    let mut runs = Vec::new();
    for queued in group {
        match queued {
            Queued::AccessToken(row, finish) => {
                tokens.push(*row);
                finishes.push(finish);
            }
            Queued::Run(run, extent) => runs.push((run, extent)),
            Queued::Drain(done) => drained.push(done),
        }
    }
    if connection.get_database_backend() == DatabaseBackend::Postgres {
        return write_each(connection, runs, tokens).await;
    }
    if tokens.is_empty() && runs.is_empty() {
        return Ok(());
    }
    let transaction = connection.begin_with_options(immediate()).await?;
    // Alone in its group, a write needs no savepoint: the transaction is its own.
    let alone = runs.len() == 1 && tokens.is_empty();
    for (run, extent) in runs {
        if extent == Extent::Statement {
            let (succeeded, finish) = run(&transaction).await;
            finishes.push(finish);
            if !succeeded && !is_open(&transaction).await {
                return Err(DbErr::Custom("the database undid the group".to_owned()));
            }
            continue;
        }
        if alone {
            let (succeeded, finish) = run(&transaction).await;
            finishes.push(finish);
            return if succeeded {
                transaction.commit().await
            } else {
                transaction.rollback().await
            };
        }
        let savepoint = transaction.begin().await?;
        let (succeeded, finish) = run(&savepoint).await;
        finishes.push(finish);
        if succeeded {
            savepoint.commit().await?;
        } else {
            savepoint.rollback().await?;
        }
    }
    if !tokens.is_empty() {
        access_tokens::Entity::insert_many(tokens)
            .exec_without_returning(&transaction)
            .await?;
    }
    transaction.commit().await
}

/// Whether SQLite still has the transaction: an error like that of a full disk undoes all of it,
/// and what came next would be written by itself (<https://sqlite.org/lang_transaction.html>, 3).
async fn is_open(transaction: &DatabaseTransaction) -> bool {
    // One inside another is refused. Where there is none, this one ends with the handle.
    match transaction.execute_unprepared("BEGIN").await {
        Ok(_) => false,
        Err(error) => error.to_string().contains("within a transaction"),
    }
}

/// PostgreSQL: tokens in one statement, everything else by itself, so that no write keeps its
/// row locks while another one runs.
async fn write_each(
    connection: &DatabaseConnection,
    runs: Vec<(Run, Extent)>,
    tokens: Vec<access_tokens::ActiveModel>,
) -> Result<(), DbErr> {
    for (run, _) in runs {
        let transaction = connection.begin().await?;
        let (succeeded, finish) = run(&transaction).await;
        let ended = if succeeded {
            transaction.commit().await
        } else {
            transaction.rollback().await
        };
        finish(ended.map_err(Arc::new));
    }
    if !tokens.is_empty() {
        access_tokens::Entity::insert_many(tokens)
            .exec_without_returning(connection)
            .await?;
    }
    Ok(())
}

/// On SQLite a transaction that will write says so at once: one that starts to read and then
/// writes fails without waiting when another has written in between.
pub(super) fn immediate() -> TransactionOptions {
    TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::instance::set_fact;

    const LIMIT: &str = "PRAGMA max_page_count = 1";
    const NO_LIMIT: &str = "PRAGMA max_page_count = 1073741823";

    async fn fact(store: &Store, name: &str, value: String) -> Result<(), StoreError> {
        let name = name.to_owned();
        store
            .write_statement(move |txn| Box::pin(async move { set_fact(txn, &name, &value).await }))
            .await
    }

    /// A full disk undoes the whole transaction. Nothing is written outside of one then, and the
    /// next one is one again.
    #[tokio::test]
    async fn what_is_answered_after_the_disk_was_full_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("x.db").display());
        let store = Store::connect(&url).await.unwrap();
        store.migrate().await.unwrap();
        let connection = store.inner.writer.connection().clone();
        for round in 0..3 {
            // It can't be less than there are: no page more.
            connection.execute_unprepared(LIMIT).await.unwrap();
            let [first, second, third] = ["a", "b", "c"].map(|name| format!("{name}{round}"));
            let (one, two, three) = tokio::join!(
                fact(&store, &first, "a".to_owned()),
                fact(&store, &second, "x".repeat(1 << 20)),
                fact(&store, &third, "a".to_owned()),
            );
            two.unwrap_err();
            for (name, result) in [(first, one), (third, three)] {
                let kept = store.get(&name).await.unwrap().is_some();
                assert_eq!(kept, result.is_ok(), "{round}: {name}");
            }
            // Alone, as a transaction of its own.
            let big: Result<(), _> = store
                .write(|txn| Box::pin(async { set_fact(txn, "big", &"x".repeat(1 << 20)).await }))
                .await;
            big.unwrap_err();
            connection.execute_unprepared(NO_LIMIT).await.unwrap();
            let lost: Result<(), _> = store
                .write(|_| Box::pin(async { Err(StoreError::Conflict("nothing")) }))
                .await;
            lost.unwrap_err();
            fact(&store, "after", round.to_string()).await.unwrap();
            let kept = store.get("after").await.unwrap();
            assert_eq!(kept, Some(round.to_string()));
        }
        store.close().await;
    }
}
