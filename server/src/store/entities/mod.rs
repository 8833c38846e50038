//! The tables as SeaORM sees them, and the way from a row to a value of the domain.
//!
//! Rows are written by us alone, but a database is a file that others can touch: a column that
//! does not read becomes [`StoreError::Corrupt`], never a panic and never a silent default.
//! Nothing in here runs a query, and no `Model` leaves the store.
//!
//! To add a table: a migration, a file here with its columns in the order of the table, and the
//! conversions beside the `Model`.

// The derives write `pub`, whatever the module's own reach is.
#![allow(unreachable_pub)]

use contract::named::Named;
use sea_orm::{DbErr, SqlErr};
use serde_json::Value;

use super::StoreError;

pub mod access_tokens;
pub mod application_secrets;
pub mod applications;
pub mod audit_events;
pub mod authorization_codes;
pub mod client_documents;
pub mod consents;
pub mod device_codes;
pub mod flows;
pub mod grants;
pub mod instance;
pub mod logout_deliveries;
pub mod mail_links;
pub mod mails;
pub mod pushed_requests;
pub mod refresh_tokens;
pub mod registration_tokens;
pub mod resource_servers;
pub mod sessions;
pub mod signing_keys;
pub mod used_assertions;
pub mod used_client_ids;
pub mod users;

/// A column that does not read, with what it holds.
pub fn corrupt(column: &str, value: &str) -> StoreError {
    StoreError::Corrupt(format!("{column}: {value}"))
}

/// A value that is stored by its name.
///
/// # Errors
/// [`StoreError::Corrupt`] when none has this name.
pub fn named<T: Named>(column: &str, name: &str) -> Result<T, StoreError> {
    let mut values = T::VALUES.iter().copied();
    values
        .find(|value| value.written() == name)
        .ok_or_else(|| corrupt(column, name))
}

/// A list as it is stored: a JSON array of strings.
///
/// # Errors
/// [`StoreError::Corrupt`] for anything else.
pub fn list(column: &str, text: &str) -> Result<Vec<String>, StoreError> {
    serde_json::from_str(text).map_err(|_| corrupt(column, text))
}

/// What [`list`] reads.
pub fn to_json(list: Vec<String>) -> String {
    Value::from(list).to_string()
}

/// Whether a text from outside can be the value of a column: PostgreSQL has no NUL in texts and
/// fails on it, so a lookup by such a text finds nothing without asking.
pub fn storable(text: &str) -> bool {
    !text.contains('\0')
}

/// An insert that failed. `columns` are the unique columns of the table and the names of their
/// form fields: SQLite names the column in its message (`users.email_key`), PostgreSQL the index
/// (`users_email_key`) or, for the primary key, only the table (`users_pkey`).
pub fn conflict(error: DbErr, columns: &[(&str, &'static str)]) -> StoreError {
    if let Some(SqlErr::UniqueConstraintViolation(message)) = error.sql_err() {
        for (column, field) in columns {
            if message.contains(column) {
                return StoreError::Conflict(field);
            }
        }
    }
    StoreError::Db(error)
}
