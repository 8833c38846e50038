//! How the store treats its database: how many connections, and how long anything may take.

use std::time::Duration;

/// Connections to PostgreSQL when no setting says otherwise.
pub const CONNECTIONS: u32 = 16;
/// Fewer leave too few for what the requests ask themselves.
pub const MIN_CONNECTIONS: u32 = 8;

/// What the settings and the tests decide about a store.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// Connections to PostgreSQL at most, those of the queues among them.
    pub connections: u32,
    /// Whether an SQLite file that others may read is closed to them.
    pub private_files: bool,
    /// Traces and times of last use that may wait to be written; nothing waits with 0.
    pub hints: usize,
    /// A group of access tokens that takes longer has failed, and its connection is closed.
    pub group_limit: Duration,
    /// A question of a request that takes longer has failed (PostgreSQL).
    pub read_limit: Duration,
    /// A write of a request that takes longer has failed (PostgreSQL).
    pub write_limit: Duration,
    /// A connection that is silent for longer is closed (PostgreSQL).
    pub ping_limit: Duration,
    /// A database that takes longer for a look is not ready.
    pub ready_limit: Duration,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self {
            connections: CONNECTIONS,
            private_files: true,
            hints: 2048,
            group_limit: Duration::from_secs(5),
            read_limit: Duration::from_secs(10),
            write_limit: Duration::from_secs(30),
            ping_limit: Duration::from_secs(1),
            ready_limit: Duration::from_secs(2),
        }
    }
}
