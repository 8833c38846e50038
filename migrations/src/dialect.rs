//! What SQLite and PostgreSQL name differently.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

/// Runs `ddl` after filling in the names that differ between the databases:
///
/// | placeholder | SQLite | PostgreSQL |
/// |---|---|---|
/// | `{uuid}`, `{bytes}` | `BLOB` | `UUID`, `BYTEA` |
/// | `{time}` (Unix milliseconds), `{int}` | `INTEGER` | `BIGINT` |
/// | `{nil}` (the nil UUID as a value) | `zeroblob(16)` | `'0000…'` |
/// | `{now}` (Unix milliseconds as a value) | `strftime(…)` | `EXTRACT(…)` |
/// | `{clustered}` after a table's closing bracket | `WITHOUT ROWID` | nothing |
///
/// `{clustered}` keeps the rows in the order of their primary key, so that a table with
/// UUIDv7 keys grows at its right edge and an insert touches one page.
pub(crate) async fn run(manager: &SchemaManager<'_>, ddl: &[&str]) -> Result<(), DbErr> {
    let sqlite = manager.get_database_backend() == DatabaseBackend::Sqlite;
    let names: [(&str, &str); 7] = if sqlite {
        [
            ("{uuid}", "BLOB"),
            ("{bytes}", "BLOB"),
            ("{time}", "INTEGER"),
            ("{int}", "INTEGER"),
            ("{nil}", "zeroblob(16)"),
            ("{clustered}", "WITHOUT ROWID"),
            ("{now}", "CAST(strftime('%s', 'now') AS INTEGER) * 1000"),
        ]
    } else {
        [
            ("{uuid}", "UUID"),
            ("{bytes}", "BYTEA"),
            ("{time}", "BIGINT"),
            ("{int}", "BIGINT"),
            ("{nil}", "'00000000-0000-0000-0000-000000000000'"),
            ("{clustered}", ""),
            ("{now}", "CAST(EXTRACT(EPOCH FROM now()) * 1000 AS BIGINT)"),
        ]
    };
    for statement in ddl {
        let sql = names
            .iter()
            .fold((*statement).to_owned(), |sql, (from, to)| {
                sql.replace(from, to)
            });
        manager.get_connection().execute_unprepared(&sql).await?;
    }
    Ok(())
}
