//! The file of SQLite: who may read it, and whether it is still there.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use sea_orm::sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
};
use sea_orm::sqlx::{ConnectOptions, Connection};
use sea_orm::{DatabaseConnection, SqlxSqliteConnector};

use super::{StoreError, StoreOptions};
use crate::private_file;

/// Connections that read; each is a thread with a page cache of its own.
const READERS: u32 = 4;
/// What the log keeps of its size, in bytes, after it has grown.
const JOURNAL: &str = "16777216";

/// Which file was opened.
pub(super) struct File {
    path: PathBuf,
    identity: Option<private_file::Identity>,
}

impl File {
    fn of(path: &Path) -> Self {
        Self {
            path: path.to_path_buf(),
            identity: private_file::identity(path),
        }
    }

    /// Whether the file that was opened is still at its place. SQLite goes on with one that was
    /// deleted, and everything that it writes there is lost.
    ///
    /// # Errors
    /// It is not.
    pub(super) fn is_there(&self) -> Result<(), StoreError> {
        if self.identity.is_some() && private_file::identity(&self.path) != self.identity {
            return Err(StoreError::Connect(format!(
                "the database file {} was deleted or replaced since it was opened: \
                 restart the server",
                self.path.display()
            )));
        }
        Ok(())
    }
}

/// The connection that writes, those that read, and the file.
pub(super) async fn open(
    url: &str,
    limits: &StoreOptions,
) -> Result<(DatabaseConnection, DatabaseConnection, Option<File>), StoreError> {
    let fail = |problem: String| StoreError::Connect(format!("the database {url}: {problem}"));
    let options = SqliteConnectOptions::from_str(url)
        .map_err(|e| fail(e.to_string()))?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(10))
        .pragma("journal_size_limit", JOURNAL)
        .statement_cache_capacity(128)
        .disable_statement_logging();
    let path = options.get_filename().to_path_buf();
    let in_memory = url.contains(":memory:") || url.contains("mode=memory");
    if !in_memory {
        prepare(&path, limits).map_err(fail)?;
    }
    let write = SqlitePoolOptions::new()
        .max_connections(1)
        .min_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        // A commit that failed may have left the driver's count of transactions behind: the next
        // one would take itself for a part of it, and never be committed.
        .before_acquire(|connection, _| {
            let fresh = !connection.is_in_transaction();
            Box::pin(async move { Ok(fresh) })
        })
        .connect_with(options.clone())
        .await
        .map_err(|e| fail(format!("{e} (its folder has to be writable too)")))?;
    let read = SqlitePoolOptions::new()
        .max_connections(READERS)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_lazy_with(options.pragma("query_only", "ON"));
    Ok((
        SqlxSqliteConnector::from_sqlx_sqlite_pool(write),
        SqlxSqliteConnector::from_sqlx_sqlite_pool(read),
        (!in_memory).then(|| File::of(&path)),
    ))
}

/// Makes the folder and the file, which only its owner may read: SQLite gives its other files the
/// same rights. What is wrong is said here, since SQLite only says that it can't open the file.
fn prepare(path: &Path, limits: &StoreOptions) -> Result<(), String> {
    let folder = path.parent().filter(|f| !f.as_os_str().is_empty());
    if let Some(folder) = folder {
        std::fs::create_dir_all(folder)
            .map_err(|e| format!("the folder {} can't be made: {e}", folder.display()))?;
    }
    private_file::make(path).map_err(|e| format!("the file can't be written: {e}"))?;
    if limits.private_files {
        for file in files(path) {
            private_file::close_to_others(&file);
        }
    }
    Ok(())
}

/// The file and those that SQLite keeps beside it.
pub fn files(path: &Path) -> [PathBuf; 3] {
    ["", "-wal", "-shm"].map(|end| {
        let mut name = path.as_os_str().to_owned();
        name.push(end);
        PathBuf::from(name)
    })
}
