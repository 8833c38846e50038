//! Connections to PostgreSQL, none of which is waited for without end.
//!
//! A host that is gone says nothing: no error comes, and what waits for an answer waits on. So
//! each connection is asked before it is used and before it goes back into its pool, and one that
//! does not answer in time is closed. What the pool itself asks comes after that.

use std::str::FromStr;
use std::time::Duration;

use sea_orm::sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sea_orm::sqlx::{self, AssertSqlSafe, ConnectOptions, Connection};
use sea_orm::{ConnectionTrait, DatabaseConnection, SqlxPostgresConnector, Statement};

use super::StoreError;
use super::options::StoreOptions;

/// A connection that came back this short a time ago was asked then.
const FRESH: Duration = Duration::from_millis(100);
/// From a call for a connection to its failure; a server that starts is waited for as long.
const ACQUIRE: Duration = Duration::from_secs(10);

/// What connections are made of.
#[derive(Clone)]
pub(super) struct Postgres {
    connect: PgConnectOptions,
    options: StoreOptions,
}

impl Postgres {
    pub(super) fn parse(url: &str, options: StoreOptions) -> Result<Self, StoreError> {
        let connect = PgConnectOptions::from_str(url)
            .map_err(|e| StoreError::Connect(format!("the database URL: {e}")))?
            .disable_statement_logging();
        Ok(Self { connect, options })
    }

    /// The pool of the requests; fails where there is no such database.
    pub(super) async fn open(&self, connections: u32) -> Result<DatabaseConnection, StoreError> {
        let limit = self.options.ping_limit;
        let pool = self
            .pool(connections, self.options.write_limit)
            // A request that was given up leaves its answer behind, which may never come.
            .after_release(move |connection, _| {
                Box::pin(async move {
                    answers(connection, limit).await?;
                    Ok(true)
                })
            })
            .connect_with(self.connect.clone())
            .await;
        let problem = match pool {
            Ok(pool) => return Ok(SqlxPostgresConnector::from_sqlx_postgres_pool(pool)),
            // The pool waits for a server that is still starting, and then does not say for what.
            Err(sqlx::Error::PoolTimedOut) => {
                let again = self.connect.clone();
                match tokio::time::timeout(Duration::from_secs(2), again.connect()).await {
                    Ok(Err(reason)) => reason.to_string(),
                    _ => "it does not answer".to_owned(),
                }
            }
            Err(error) => error.to_string(),
        };
        // The URL holds a password: say where, never the whole of it.
        Err(StoreError::Connect(format!(
            "the database at {}:{}: {problem}",
            self.connect.get_host(),
            self.connect.get_port()
        )))
    }

    /// A pool of a queue, which connects when it is used.
    pub(super) fn open_queue(&self, connections: u32) -> DatabaseConnection {
        let pool = self
            .pool(connections, self.options.group_limit)
            .connect_lazy_with(self.connect.clone());
        SqlxPostgresConnector::from_sqlx_postgres_pool(pool)
    }

    fn pool(&self, connections: u32, statement_limit: Duration) -> PgPoolOptions {
        let limit = self.options.ping_limit;
        PgPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(ACQUIRE)
            .test_before_acquire(false)
            .before_acquire(move |connection, meta| {
                Box::pin(async move {
                    if meta.idle_for > FRESH {
                        answers(connection, limit).await?;
                    }
                    Ok(true)
                })
            })
            .after_connect(move |connection, _| {
                Box::pin(async move {
                    let settings = AssertSqlSafe(session(statement_limit));
                    sqlx::raw_sql(settings).execute(connection).await?;
                    Ok(())
                })
            })
    }
}

async fn answers(connection: &mut PgConnection, limit: Duration) -> Result<(), sqlx::Error> {
    match tokio::time::timeout(limit, connection.ping()).await {
        Ok(answered) => answered,
        Err(_) => Err(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into())),
    }
}

/// What the database does by itself when we are gone: it ends statements and transactions, which
/// hold locks, and notices a dead network.
fn session(statement_limit: Duration) -> String {
    let millis = statement_limit.as_millis().max(1);
    format!(
        "SET statement_timeout = {millis}; \
         SET idle_in_transaction_session_timeout = 60000; \
         SET tcp_keepalives_idle = 30; \
         SET tcp_keepalives_interval = 10; \
         SET tcp_keepalives_count = 3"
    )
}

/// Closes a pool: what comes back into it is closed too, and a new one takes its place.
pub(super) fn abandon(connection: &DatabaseConnection) {
    let pool: &PgPool = connection.get_postgres_connection_pool();
    // Closed by the call; the future only waits until everything has come back.
    drop(pool.close());
}

/// How many connections the database lets such users have as we are.
///
/// # Errors
/// The database fails.
pub(super) async fn allowed(connection: &impl ConnectionTrait) -> Result<i64, StoreError> {
    let sql = "SELECT current_setting('max_connections')::bigint \
               - current_setting('superuser_reserved_connections')::bigint";
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let row = connection.query_one_raw(statement).await?;
    let row = row.ok_or_else(|| StoreError::Corrupt("max_connections".to_owned()))?;
    Ok(row.try_get_by_index(0)?)
}

/// What the database's clock shows, in Unix milliseconds.
///
/// # Errors
/// The database fails.
pub(super) async fn clock(connection: &impl ConnectionTrait) -> Result<i64, StoreError> {
    let sql = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint";
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let row = connection.query_one_raw(statement).await?;
    let row = row.ok_or_else(|| StoreError::Corrupt("clock_timestamp".to_owned()))?;
    Ok(row.try_get_by_index(0)?)
}
