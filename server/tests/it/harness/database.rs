//! A database for one test.

use std::io::Write;
use std::sync::Once;
use std::sync::atomic::{AtomicU64, Ordering};

use sea_orm::{ConnectionTrait, Database as SeaOrm, DatabaseConnection, DbBackend, Statement};
use tempfile::TempDir;

/// The PostgreSQL server that the tests may make databases on. Where none is named, that the
/// tests on it are skipped is said once.
pub(crate) fn postgres_server() -> Option<String> {
    const VARIABLE: &str = "CLAVIGER_TEST_POSTGRES";
    static SAID: Once = Once::new();
    let server = std::env::var(VARIABLE).ok();
    if server.is_none() {
        // Written past the test harness, which keeps what passing tests print to itself.
        SAID.call_once(|| {
            let text = format!("\nSKIPPED: the tests on PostgreSQL, since {VARIABLE} is not set\n");
            let _ = std::io::stderr().write_all(text.as_bytes());
        });
    }
    server
}

pub(crate) enum Database {
    Sqlite(TempDir),
    /// The server's URL, and the name of the database on it.
    Postgres(String, String),
}

/// A folder for one test: in memory where there is such a place, since each commit waits for
/// the disk.
pub(crate) fn folder() -> TempDir {
    let memory = TempDir::with_prefix_in("claviger-", "/dev/shm");
    memory
        .or_else(|_| TempDir::with_prefix("claviger-"))
        .unwrap()
}

impl Database {
    pub(crate) fn sqlite() -> Self {
        Self::Sqlite(folder())
    }

    pub(crate) async fn postgres(server: &str) -> Self {
        static MADE: AtomicU64 = AtomicU64::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("claviger_test_{}_{number}", std::process::id());
        let connection = SeaOrm::connect(server).await.unwrap();
        // One of an earlier run that failed may have had the same name.
        let drop = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
        connection.execute_unprepared(&drop).await.unwrap();
        // Much faster where nothing has to reach the disk; servers before 15 know no other way.
        let create = format!("CREATE DATABASE {name}");
        let fast = format!("{create} STRATEGY file_copy");
        if connection.execute_unprepared(&fast).await.is_err() {
            connection.execute_unprepared(&create).await.unwrap();
        }
        connection.close().await.unwrap();
        Self::Postgres(server.to_owned(), name)
    }

    pub(crate) fn url(&self) -> String {
        match self {
            Self::Sqlite(folder) => {
                format!("sqlite://{}", folder.path().join("claviger.db").display())
            }
            Self::Postgres(server, name) => {
                let (base, _) = server.rsplit_once('/').unwrap();
                format!("{base}/{name}")
            }
        }
    }

    /// Only after a test that passed: what a failed one leaves may be looked at.
    pub(crate) async fn delete(&self) {
        if let Self::Postgres(server, name) = self {
            let connection = SeaOrm::connect(server).await.unwrap();
            let drop = format!("DROP DATABASE {name} WITH (FORCE)");
            connection.execute_unprepared(&drop).await.unwrap();
            connection.close().await.unwrap();
        }
    }

    async fn connect(&self) -> DatabaseConnection {
        SeaOrm::connect(self.url()).await.unwrap()
    }

    pub(crate) async fn execute(&self, sql: &str) {
        let connection = self.connect().await;
        connection.execute_unprepared(sql).await.unwrap();
        connection.close().await.unwrap();
    }

    /// The first column of what this query finds.
    pub(crate) async fn texts(&self, sql: &str) -> Vec<String> {
        let connection = self.connect().await;
        let statement = Statement::from_string(connection.get_database_backend(), sql);
        let rows = connection.query_all_raw(statement).await.unwrap();
        let texts = rows
            .iter()
            .map(|row| row.try_get_by_index(0).unwrap())
            .collect();
        connection.close().await.unwrap();
        texts
    }

    /// Everything that the database holds, as text; bytes as hex.
    pub(crate) async fn dump(&self) -> String {
        let connection = self.connect().await;
        let sqlite = connection.get_database_backend() == DbBackend::Sqlite;
        connection.close().await.unwrap();
        let tables = self
            .texts(if sqlite {
                "SELECT name FROM sqlite_master WHERE type = 'table'"
            } else {
                "SELECT table_name::text FROM information_schema.tables \
                 WHERE table_schema = 'public'"
            })
            .await;
        let mut dump = String::new();
        for table in tables {
            let rows = if sqlite {
                let columns =
                    format!("SELECT 'quote(' || name || ')' FROM pragma_table_info('{table}')");
                let columns = self.texts(&columns).await.join(" || ' ' || ");
                format!("SELECT {columns} FROM {table}")
            } else {
                format!("SELECT row_to_json({table})::text FROM {table}")
            };
            for row in self.texts(&rows).await {
                dump.push_str(&format!("{table}: {row}\n"));
            }
        }
        dump
    }
}
