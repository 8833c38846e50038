//! How many connections there are, and which one gives its place to a new one.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

/// More connections than this are never kept: each takes about 20 KiB.
const MOST: usize = 10_000;
/// File descriptors that are not connections: database, logs, outbound requests.
const RESERVED: u64 = 96;
/// A client that has been in the middle of a head for this long may be ended for another one.
const SLOW: Duration = Duration::from_secs(5);

/// What a connection does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Phase {
    /// Nothing came yet.
    New,
    /// It waits for the next request.
    Idle,
    /// Part of a head came.
    Head,
    /// A request is being answered.
    Busy,
    /// It was ended to make room.
    Evicted,
}

/// One connection.
pub(super) struct Connection {
    phase: AtomicU8,
    /// When it entered its phase, in milliseconds since `start`.
    since: AtomicU64,
    start: Instant,
    lingers: AtomicBool,
    evicted: Notify,
    registry: Weak<Registry>,
    number: u64,
}

impl Connection {
    pub(super) fn phase(&self) -> Phase {
        match self.phase.load(Ordering::Relaxed) {
            0 => Phase::New,
            1 => Phase::Idle,
            2 => Phase::Head,
            3 => Phase::Busy,
            _ => Phase::Evicted,
        }
    }

    pub(super) fn since(&self) -> Instant {
        self.start + Duration::from_millis(self.since.load(Ordering::Relaxed))
    }

    pub(super) fn enters(&self, phase: Phase) {
        let millis = u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.since.store(millis, Ordering::Relaxed);
        self.phase.store(phase as u8, Ordering::Relaxed);
    }

    /// The client still sends a body that is not read: its connection is not closed under it at
    /// once, or it would lose the response (RFC 9112 §9.6).
    pub(super) fn lingers(&self) {
        self.lingers.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_lingering(&self) -> bool {
        self.lingers.load(Ordering::Relaxed)
    }

    /// Resolves when the connection has to make room.
    pub(super) async fn evicted(&self) {
        self.evicted.notified().await;
    }

    fn may_be_evicted(&self) -> bool {
        match self.phase() {
            Phase::New | Phase::Idle => true,
            Phase::Head => self.since().elapsed() >= SLOW,
            Phase::Busy | Phase::Evicted => false,
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if let Some(registry) = self.registry.upgrade() {
            registry.open().remove(&self.number);
            registry.left.notify_one();
        }
    }
}

struct Registry {
    limit: usize,
    /// By number, so the oldest connection comes first.
    open: Mutex<BTreeMap<u64, Weak<Connection>>>,
    next: AtomicU64,
    start: Instant,
    left: Notify,
}

impl Registry {
    fn open(&self) -> MutexGuard<'_, BTreeMap<u64, Weak<Connection>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the connection that has been idle longest.
    fn evict(&self) {
        let oldest = self
            .open()
            .values()
            .filter_map(Weak::upgrade)
            .filter(|connection| connection.may_be_evicted())
            .min_by_key(|connection| connection.since());
        if let Some(connection) = oldest {
            connection.enters(Phase::Evicted);
            connection.evicted.notify_one();
            metrics::counter!("claviger_connections_evicted_total").increment(1);
        }
    }
}

/// All connections of a process; clones share everything.
#[derive(Clone)]
pub struct Connections(Arc<Registry>);

impl Connections {
    /// At most `limit` at a time.
    pub fn new(limit: usize) -> Self {
        Self(Arc::new(Registry {
            limit: limit.max(1),
            open: Mutex::default(),
            next: AtomicU64::new(0),
            start: Instant::now(),
            left: Notify::new(),
        }))
    }

    /// As many as the system lets this process open: its soft limit is raised to the hard one.
    pub fn as_the_system_allows() -> Self {
        let allowed = raise_descriptors().saturating_sub(RESERVED);
        Self::new(usize::try_from(allowed).unwrap_or(MOST).clamp(16, MOST))
    }

    pub fn limit(&self) -> usize {
        self.0.limit
    }

    /// A place for one more, when there is one. An idle connection gives up its place.
    pub(super) async fn enter(&self) -> Arc<Connection> {
        loop {
            let left = self.0.left.notified();
            {
                let mut open = self.0.open();
                if open.len() < self.0.limit {
                    let number = self.0.next.fetch_add(1, Ordering::Relaxed);
                    let connection = Arc::new(Connection {
                        phase: AtomicU8::new(Phase::New as u8),
                        since: AtomicU64::new(0),
                        start: self.0.start,
                        lingers: AtomicBool::new(false),
                        evicted: Notify::new(),
                        registry: Arc::downgrade(&self.0),
                        number,
                    });
                    connection.enters(Phase::New);
                    open.insert(number, Arc::downgrade(&connection));
                    return connection;
                }
            }
            self.0.evict();
            // A head may become slow enough meanwhile: look again.
            let _ = tokio::time::timeout(SLOW, left).await;
        }
    }
}

/// How many descriptors this process may open now.
#[cfg(unix)]
fn raise_descriptors() -> u64 {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    const ENOUGH: u64 = MOST as u64 + RESERVED;
    let limits = getrlimit(Resource::Nofile);
    let soft = limits.current.unwrap_or(ENOUGH);
    let wanted = limits.maximum.map_or(ENOUGH, |hard| hard.min(ENOUGH));
    if soft >= wanted {
        return soft;
    }
    let raised = Rlimit {
        current: Some(wanted),
        ..limits
    };
    match setrlimit(Resource::Nofile, raised) {
        Ok(()) => wanted,
        Err(error) => {
            tracing::warn!(%error, soft, "the limit of open files can't be raised");
            soft
        }
    }
}

#[cfg(not(unix))]
fn raise_descriptors() -> u64 {
    MOST as u64 + RESERVED
}
