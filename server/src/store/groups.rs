//! The task that commits what waits for the [`Writer`](super::writer::Writer).
//!
//! It takes up to [`GROUP`] writes, runs each in a savepoint of one transaction, commits, and only
//! then answers all of them. A write of one statement needs no savepoint: SQLite undoes a statement
//! that fails by itself. Access tokens, the commonest write, go first, into one `INSERT` of many
//! rows.

use sea_orm::{
    ConnectionTrait, DatabaseBackend, DatabaseConnection, DatabaseTransaction, DbErr, EntityTrait,
    TransactionTrait,
};
use sea_orm::{SqliteTransactionMode, TransactionOptions};
use tokio::sync::{mpsc, oneshot};

use super::entities::access_tokens;
use super::instance::set_fact;
use super::lane::Lane;
use super::writer::{Extent, Finish, Queued, Run};
use crate::domain::time::Timestamp;

/// Writes in one commit at most.
const GROUP: usize = 64;
/// The fact that a look at the database writes.
pub(super) const READY: &str = "ready_at";

pub(super) async fn write_groups(mut lane: Lane, mut waiting: mpsc::Receiver<Queued>) {
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
    let txn = connection.begin_with_options(immediate()).await?;
    write_tokens(&txn, tokens, ready).await?;
    for (run, extent) in runs {
        if extent == Extent::Statement {
            let (succeeded, finish) = run(&txn).await;
            finishes.push(finish);
            if !succeeded && !is_open(&txn).await {
                return Err(DbErr::Custom("the database undid the group".to_owned()));
            }
            continue;
        }
        if alone {
            let (succeeded, finish) = run(&txn).await;
            finishes.push(finish);
            return if succeeded {
                txn.commit().await
            } else {
                txn.rollback().await
            };
        }
        let savepoint = txn.begin().await?;
        let (succeeded, finish) = run(&savepoint).await;
        finishes.push(finish);
        if succeeded {
            savepoint.commit().await?;
        } else {
            savepoint.rollback().await?;
        }
    }
    txn.commit().await
}

/// Whether SQLite still has the transaction: an error like that of a full disk undoes all of it,
/// and what came next would be written by itself (<https://sqlite.org/lang_transaction.html>, 3).
async fn is_open(txn: &DatabaseTransaction) -> bool {
    // One inside another is refused. Where there is none, this one ends with the handle.
    match txn.execute_unprepared("BEGIN").await {
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
    use crate::store::{Store, StoreError};

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
