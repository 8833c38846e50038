//! Hints: traces, times of last use. A help, never evidence.
//!
//! No request waits for a hint, and a hint may get lost: hints have a queue of their own, are
//! dropped first, and are counted then. Waiting hints are gathered for a moment and written in one
//! transaction, which on PostgreSQL does not wait for the disk. Nothing that an answer or the audit
//! log promises may ever be written here.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ConnectionTrait, DatabaseBackend, DatabaseConnection, DatabaseTransaction, DbErr, EntityTrait,
    TransactionTrait,
};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::Instant;

use super::Store;
use super::entities::flows;
use super::groups::immediate;
use super::lane::Lane;
use super::writer::Work;

/// Hints in one transaction.
const BATCH: usize = 256;
/// From one transaction to the next.
const GATHER: Duration = Duration::from_millis(50);
/// Traces that one client may begin in that time: it can't push out those of the others.
const SHARE: usize = BATCH / 4;
/// Rows in one statement. Few lengths, so that few statements are prepared.
const ROWS: [usize; 3] = [64, 8, 1];

type Update =
    Box<dyn for<'c> FnOnce(&'c DatabaseTransaction) -> Work<'c, Result<(), DbErr>> + Send>;

pub(super) enum Hint {
    /// A trace that begins.
    Flow(Box<flows::ActiveModel>),
    /// One statement that adds to a trace.
    Step(Update),
    /// One statement that says when something was used.
    Touch(Update),
}

enum Queued {
    Hint(Hint),
    Drain(oneshot::Sender<()>),
    Close(oneshot::Sender<()>),
}

/// What the queue and its task both know.
#[derive(Default)]
struct Shared {
    /// Traces begun since the last transaction, by client.
    begun: Mutex<HashMap<String, usize>>,
    /// How many wait for everything to be written.
    hurried: AtomicUsize,
    hurry: Notify,
}

/// Counts a request that waits, until this is dropped: a request that is given up waits no more.
struct Hurry<'a>(&'a Shared);

impl<'a> Hurry<'a> {
    fn of(shared: &'a Shared) -> Self {
        shared.hurried.fetch_add(1, Ordering::AcqRel);
        shared.hurry.notify_one();
        Self(shared)
    }
}

impl Drop for Hurry<'_> {
    fn drop(&mut self) {
        self.0.hurried.fetch_sub(1, Ordering::AcqRel);
    }
}

pub(super) struct Hints {
    queue: mpsc::Sender<Queued>,
    capacity: usize,
    shared: Arc<Shared>,
}

impl Hints {
    pub(super) fn start(lane: Lane, capacity: usize) -> (Self, tokio::task::JoinHandle<()>) {
        let (queue, waiting) = mpsc::channel(capacity.max(1));
        let shared = Arc::new(Shared::default());
        let task = tokio::spawn(write_batches(lane, waiting, shared.clone()));
        let hints = Self {
            queue,
            capacity,
            shared,
        };
        (hints, task)
    }

    fn put(&self, hint: Hint) {
        if self.capacity == 0 || self.queue.try_send(Queued::Hint(hint)).is_err() {
            dropped(1);
        }
    }

    /// Whether this client may begin another trace now.
    fn admits(&self, client_id: &str) -> bool {
        let mut begun = locked(&self.shared.begun);
        if begun.len() >= self.capacity {
            return false;
        }
        let count = begun.entry(client_id.to_owned()).or_default();
        *count += 1;
        *count <= SHARE
    }

    /// Returns when everything that was queued before is written.
    pub(super) async fn drain(&self) {
        self.send(Queued::Drain).await;
    }

    /// As [`Hints::drain`]; what comes later is dropped.
    pub(super) async fn close(&self) {
        self.send(Queued::Close).await;
    }

    async fn send(&self, message: impl FnOnce(oneshot::Sender<()>) -> Queued) {
        let (done, wait) = oneshot::channel();
        let _hurry = Hurry::of(&self.shared);
        if self.queue.send(message(done)).await.is_ok() {
            let _ = wait.await;
        }
    }
}

impl Store {
    /// Queues a trace that begins.
    pub(super) fn hint_flow(&self, client_id: &str, row: flows::ActiveModel) {
        let hints = &self.inner.hints;
        if hints.admits(client_id) {
            hints.put(Hint::Flow(Box::new(row)));
        } else {
            dropped(1);
        }
    }

    /// Queues one statement that adds to a trace.
    pub(super) fn hint_step<F>(&self, update: F)
    where
        F: for<'c> FnOnce(&'c DatabaseTransaction) -> Work<'c, Result<(), DbErr>> + Send + 'static,
    {
        self.inner.hints.put(Hint::Step(Box::new(update)));
    }

    /// Queues one statement that says when something was used.
    pub(super) fn hint_touch<F>(&self, update: F)
    where
        F: for<'c> FnOnce(&'c DatabaseTransaction) -> Work<'c, Result<(), DbErr>> + Send + 'static,
    {
        self.inner.hints.put(Hint::Touch(Box::new(update)));
    }
}

fn dropped(hints: usize) {
    metrics::counter!("claviger_records_dropped_total").increment(hints as u64);
}

fn locked(
    begun: &Mutex<HashMap<String, usize>>,
) -> std::sync::MutexGuard<'_, HashMap<String, usize>> {
    begun.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a task took out of its queue.
#[derive(Default)]
struct Batch {
    flows: Vec<flows::ActiveModel>,
    steps: Vec<Update>,
    touches: Vec<Update>,
    drained: Vec<oneshot::Sender<()>>,
    closed: Option<oneshot::Sender<()>>,
}

impl Batch {
    fn add(&mut self, queued: impl Iterator<Item = Queued>) {
        for queued in queued {
            match queued {
                Queued::Hint(Hint::Flow(row)) => self.flows.push(*row),
                Queued::Hint(Hint::Step(update)) => self.steps.push(update),
                Queued::Hint(Hint::Touch(update)) => self.touches.push(update),
                Queued::Drain(done) => self.drained.push(done),
                Queued::Close(done) => self.closed = Some(done),
            }
        }
    }

    fn len(&self) -> usize {
        self.flows.len() + self.steps.len() + self.touches.len()
    }
}

async fn write_batches(mut lane: Lane, mut waiting: mpsc::Receiver<Queued>, shared: Arc<Shared>) {
    loop {
        let Some(mut batch) = gather(&mut waiting, &shared).await else {
            return;
        };
        locked(&shared.begun).clear();
        let hints = batch.len();
        let (drained, closed) = (std::mem::take(&mut batch.drained), batch.closed.take());
        if hints > 0 {
            let connection = lane.connection();
            let written = write(&connection, batch);
            if lane.within("hints", written).await.is_err() {
                dropped(hints);
            }
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

/// What waits, after it was gathered for a moment; at once when it is waited for. `None` when
/// nothing comes any more.
async fn gather(waiting: &mut mpsc::Receiver<Queued>, shared: &Shared) -> Option<Batch> {
    let mut batch = Batch::default();
    let mut taken = Vec::new();
    if waiting.recv_many(&mut taken, BATCH).await == 0 {
        return None;
    }
    batch.add(taken.drain(..));
    let until = Instant::now() + GATHER;
    while shared.hurried.load(Ordering::Acquire) == 0 {
        let room = BATCH.saturating_sub(batch.len());
        tokio::select! {
            () = tokio::time::sleep_until(until) => break,
            // Looks again: it may be that of a hurry that is over.
            () = shared.hurry.notified() => {}
            count = waiting.recv_many(&mut taken, room), if room > 0 => {
                if count == 0 {
                    break;
                }
                batch.add(taken.drain(..));
            }
        }
    }
    Some(batch)
}

async fn write(connection: &DatabaseConnection, batch: Batch) -> Result<(), DbErr> {
    let Batch {
        flows,
        steps,
        touches,
        ..
    } = batch;
    if connection.get_database_backend() == DatabaseBackend::Sqlite {
        let txn = connection.begin_with_options(immediate()).await?;
        write_traces(&txn, flows, steps).await?;
        for touch in touches {
            touch(&txn).await?;
        }
        return txn.commit().await;
    }
    if !flows.is_empty() || !steps.is_empty() {
        let txn = begin_lax(connection).await?;
        write_traces(&txn, flows, steps).await?;
        txn.commit().await?;
    }
    // One by one: ending sessions locks several of them, so this transaction must lock only one.
    for touch in touches {
        let txn = begin_lax(connection).await?;
        touch(&txn).await?;
        txn.commit().await?;
    }
    Ok(())
}

/// A transaction of PostgreSQL that may be lost with a crash, and gives way to every other one.
async fn begin_lax(connection: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    let txn = connection.begin().await?;
    txn.execute_unprepared("SET LOCAL synchronous_commit = off; SET LOCAL lock_timeout = 500")
        .await?;
    Ok(txn)
}

async fn write_traces(
    txn: &DatabaseTransaction,
    mut flows: Vec<flows::ActiveModel>,
    steps: Vec<Update>,
) -> Result<(), DbErr> {
    for rows in ROWS {
        while flows.len() >= rows {
            let rest = flows.split_off(rows);
            flows::Entity::insert_many(std::mem::replace(&mut flows, rest))
                // One that has begun stays as it is.
                .on_conflict(
                    OnConflict::column(flows::Column::Id)
                        .do_nothing()
                        .to_owned(),
                )
                .exec_without_returning(txn)
                .await?;
        }
    }
    for step in steps {
        step(txn).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_that_begins_many_traces_leaves_room_for_those_of_others() {
        let (queue, _waiting) = mpsc::channel(1);
        let hints = Hints {
            queue,
            capacity: 1000,
            shared: Arc::default(),
        };
        for _ in 0..SHARE {
            assert!(hints.admits("noisy"));
        }
        assert!(!hints.admits("noisy"));
        assert!(hints.admits("quiet"));
    }
}
