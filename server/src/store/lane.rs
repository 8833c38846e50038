//! The connections of one queue, and the limit on what its task does with them.
//!
//! One task serves many requests, so it must never wait without end. On PostgreSQL a queue has
//! connections of its own: when a group takes too long they are closed, never used again, and the
//! next group has new ones. SQLite is no network: its connection is always given back.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use sea_orm::{DatabaseConnection, DbErr};

use super::StoreError;
use super::postgres::{Postgres, abandon};

pub(super) struct Lane {
    connection: DatabaseConnection,
    /// Where new connections come from, and how many there may be.
    again: Option<(Postgres, u32)>,
    limit: Duration,
}

/// Why a group failed, for everything that waits for it.
#[derive(Clone, Debug)]
pub(super) enum GroupError {
    Db(Arc<DbErr>),
    /// It took too long.
    Late,
}

impl From<GroupError> for StoreError {
    fn from(error: GroupError) -> Self {
        match error {
            GroupError::Db(error) => {
                Self::Db(Arc::try_unwrap(error).unwrap_or_else(|e| DbErr::Custom(e.to_string())))
            }
            GroupError::Late => Self::Busy,
        }
    }
}

/// Closes connections; one that is silent is not waited for.
pub(super) async fn close(connection: DatabaseConnection, limit: Duration) {
    let _ = tokio::time::timeout(limit, connection.close()).await;
}

impl Lane {
    /// On a connection that others use too.
    pub(super) fn shared(connection: DatabaseConnection, limit: Duration) -> Self {
        Self {
            connection,
            again: None,
            limit,
        }
    }

    /// On connections of its own.
    pub(super) fn own(postgres: Postgres, connections: u32, limit: Duration) -> Self {
        Self {
            connection: postgres.open_queue(connections),
            again: Some((postgres, connections)),
            limit,
        }
    }

    pub(super) fn connection(&self) -> DatabaseConnection {
        self.connection.clone()
    }

    /// Waits for `work`, which has the connections, as long as the limit says.
    pub(super) async fn within<T>(
        &mut self,
        what: &str,
        work: impl Future<Output = Result<T, DbErr>>,
    ) -> Result<T, GroupError> {
        let mut work = pin!(work);
        if let Ok(done) = tokio::time::timeout(self.limit, work.as_mut()).await {
            return done.map_err(|error| {
                tracing::error!(%error, "{what}: the database failed");
                GroupError::Db(Arc::new(error))
            });
        }
        tracing::error!("{what}: the database did not answer in time");
        if let Some((postgres, connections)) = &self.again {
            // Before `work` is dropped: its connection comes back into a pool that is closed.
            abandon(&self.connection);
            self.connection = postgres.open_queue(*connections);
        }
        Err(GroupError::Late)
    }

    pub(super) async fn close(self) {
        close(self.connection, self.limit).await;
    }
}
