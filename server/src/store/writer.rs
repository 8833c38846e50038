//! Writes that are answered, in groups.
//!
//! A commit costs a flush to the disk whatever it holds. So one task takes what waits, up to
//! [`GROUP`] writes, runs each in a savepoint of one transaction, commits, and only then answers
//! all of them. A write of one statement needs no savepoint: SQLite undoes a statement that fails
//! by itself. Access tokens, the commonest write, go first, into one `INSERT` of many rows. Writes
//! that no request waits for have no place here: see `hints`.
//!
//! On PostgreSQL, which flushes for many connections at once, only those are grouped; every
//! other write is a transaction of its own, so that row locks are held for one write only.

use std::pin::Pin;
use std::time::Duration;

use sea_orm::{
    ConnectionTrait, DatabaseBackend, DatabaseConnection, DatabaseTransaction, DbErr, EntityTrait,
    TransactionTrait,
};
use sea_orm::{SqliteTransactionMode, TransactionOptions};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::entities::access_tokens;
use super::instance::set_fact;
use super::lane::{GroupError, Lane};
use super::{Store, StoreError};
use crate::domain::time::Timestamp;

/// Writes in one commit at most.
const GROUP: usize = 64;
/// The fact that a look at the database writes.
pub(super) const READY: &str = "ready_at";
/// Writes that may wait; past these the answer is [`StoreError::Busy`].
const QUEUE: usize = 4096;

/// A future that borrows the transaction it runs in.
pub(super) type Work<'c, T> = Pin<Box<dyn Future<Output = T> + Send + 'c>>;

/// Tells the waiting request how the commit went.
type Finish = Box<dyn FnOnce(Result<(), GroupError>) + Send>;
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
            // Boxed, like every question: see `only`.
            let write = Box::pin(async move {
                let transaction = writer.connection.begin().await?;
                let value = job(&transaction).await?;
                transaction.commit().await?;
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
    Box::new(move |transaction| {
        Box::pin(async move {
            let result = job(transaction).await;
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

async fn write_groups(mut lane: Lane, mut waiting: mpsc::Receiver<Queued>) {
    let mut group = Vec::with_capacity(GROUP);
    while waiting.recv_many(&mut group, GROUP).await > 0 {
        let mut finishes = Vec::with_capacity(group.len());
        let mut sorted = Group::default();
        sorted.add(group.drain(..), &mut finishes);
        let (drained, closed) = (std::mem::take(&mut sorted.drained), sorted.closed.take());
        let connection = lane.connection();
        let written = write_group(&connection, sorted, &mut finishes);
        let committed = lane.within("a group of writes", written).await;
        for finish in finishes {
            finish(committed.clone());
        }
        for done in drained {
            let _ = done.send(());
        }
        if let Some(done) = closed {
            lane.close().await;
            let _ = done.send(());
            return;
        }
    }
}

/// What is written together.
#[derive(Default)]
struct Group {
    tokens: Vec<access_tokens::ActiveModel>,
    ready: Option<Timestamp>,
    runs: Vec<(Run, Extent)>,
    drained: Vec<oneshot::Sender<()>>,
    closed: Option<oneshot::Sender<()>>,
}

impl Group {
    fn add(&mut self, group: impl Iterator<Item = Queued>, finishes: &mut Vec<Finish>) {
        for queued in group {
            match queued {
                Queued::AccessToken(row, finish) => {
                    self.tokens.push(*row);
                    finishes.push(finish);
                }
                Queued::Ready(now, finish) => {
                    self.ready = Some(now);
                    finishes.push(finish);
                }
                Queued::Run(run, extent) => self.runs.push((run, extent)),
                Queued::Drain(done) => self.drained.push(done),
                Queued::Close(done) => self.closed = Some(done),
            }
        }
    }
}

/// Tokens, and the look whether they can be written.
async fn write_tokens(
    connection: &impl ConnectionTrait,
    tokens: Vec<access_tokens::ActiveModel>,
    ready: Option<Timestamp>,
) -> Result<(), DbErr> {
    if !tokens.is_empty() {
        access_tokens::Entity::insert_many(tokens)
            .exec_without_returning(connection)
            .await?;
    }
    if let Some(now) = ready {
        set_fact(connection, READY, &now.millis().to_string()).await?;
    }
    Ok(())
}

async fn write_group(
    connection: &DatabaseConnection,
    group: Group,
    finishes: &mut Vec<Finish>,
) -> Result<(), DbErr> {
    let Group {
        tokens,
        ready,
        runs,
        ..
    } = group;
    // Alone in its group, a write needs no savepoint: the transaction is its own.
    let alone = runs.len() == 1 && tokens.is_empty() && ready.is_none();
    if connection.get_database_backend() == DatabaseBackend::Postgres {
        // Every other write is a transaction of its own there, and does not come here.
        return write_tokens(connection, tokens, ready).await;
    }
    if tokens.is_empty() && ready.is_none() && runs.is_empty() {
        return Ok(());
    }
    let transaction = connection.begin_with_options(immediate()).await?;
    write_tokens(&transaction, tokens, ready).await?;
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
            .write_statement(move |txn| {
                Box::pin(async move { Ok(set_fact(txn, &name, &value).await?) })
            })
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
                .write(|txn| {
                    Box::pin(async { Ok(set_fact(txn, "big", &"x".repeat(1 << 20)).await?) })
                })
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
