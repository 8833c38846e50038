//! What commands need before they begin: the database, and the secret key that fits it.

use crate::clock::Clock;
use crate::config::Config;
use crate::crypto::keyring::KeyRing;
use crate::crypto::random::Random;
use crate::crypto::secret_key::SecretKey;
use crate::state::Core;
use crate::store::{Store, StoreError};

use super::error::CliError;

/// Opens the database and brings it up to date.
///
/// # Errors
/// It can't be reached, or was made by a newer release.
pub(super) async fn database(config: &Config) -> Result<Core, CliError> {
    let store = Store::connect_with(&config.database_url, config.store_options()).await?;
    store.migrate().await?;
    Ok(Core {
        store,
        clock: Clock::System,
        random: Random::System,
        plain_http: config.plain_http,
    })
}

/// The secret key, made when this is a new installation. One that does not open what is in the
/// database is refused, so that nothing is sealed or hashed with it.
///
/// # Errors
/// The file can't be read or made; it is not this database's.
pub(super) async fn secret_key(config: &Config, opened: &Core) -> Result<SecretKey, CliError> {
    let path = &config.secret_key_file;
    // First the keys, then the file: a server that starts beside us makes them the other way.
    let keys = opened.store.keys().await?;
    if !keys.is_empty() && !path.exists() {
        return Err(CliError::new(format!(
            "the secret key file {} is not there, and the database was sealed with one: \
             bring it back from your backup, or name it with --secret-key-file",
            path.display()
        )));
    }
    let key = SecretKey::load_or_create(path, &opened.random)?;
    KeyRing::open(keys, &key).map_err(|_| not_this_databases(config))?;
    Ok(key)
}

pub(super) fn not_this_databases(config: &Config) -> CliError {
    CliError::new(format!(
        "the secret key file {} does not open what is in the database: it belongs to another one",
        config.secret_key_file.display()
    ))
}

/// What is wrong when the database allows fewer connections than we may open.
///
/// # Errors
/// The database fails.
pub(super) async fn too_many_connections(store: &Store) -> Result<Option<String>, StoreError> {
    let Some((ours, allowed)) = store.connection_limits().await? else {
        return Ok(None);
    };
    Ok((i64::from(ours) > allowed).then(|| {
        format!(
            "This server may open {ours} connections, and the database allows {allowed} to all \
             its users together: requests will wait. Set --database-connections lower, or \
             max_connections of PostgreSQL higher"
        )
    }))
}
