//! `claviger doctor`: looks, changes nothing, and says how to fix what is wrong.
//!
//! To add a check: a function that returns a [`Check`], and a line in [`run`].

use std::path::Path;

use serde::Serialize;
use serde_json::json;

use super::error::CliError;
use super::open;
use super::output::Output;
use super::serve::NO_TRUSTED_PROXY;
use crate::clock::Clock;
use crate::config::{Config, redact};
use crate::crypto::keyring::KeyRing;
use crate::crypto::random::Random;
use crate::crypto::secret_key::SecretKey;
use crate::domain::client::SigningAlg;
use crate::domain::key::{self, KeyRecord, KeyState};
use crate::jobs::clock_watch::apart;
use crate::private_file::open_to_others;
use crate::store::{Store, StoreOptions, sqlite_files};

/// One line of the answer.
#[derive(Serialize)]
struct Check {
    name: &'static str,
    ok: bool,
    /// What was found.
    detail: String,
    /// How to fix it; a hint if all is well.
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<String>,
}

impl Check {
    fn good(name: &'static str, detail: impl Into<String>) -> Self {
        Self {
            name,
            ok: true,
            detail: detail.into(),
            fix: None,
        }
    }

    fn bad(name: &'static str, detail: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            name,
            ok: false,
            detail: detail.into(),
            fix: Some(fix.into()),
        }
    }

    fn hint(mut self, fix: impl Into<String>) -> Self {
        self.fix = Some(fix.into());
        self
    }

    fn line(&self) -> String {
        let sign = if self.ok { '✓' } else { '✗' };
        let fix = self
            .fix
            .as_ref()
            .map(|m| format!(". {m}"))
            .unwrap_or_default();
        let text = format!("{sign} {}: {}{fix}", self.name, self.detail);
        text.lines().collect::<Vec<_>>().join(" ")
    }
}

pub(super) async fn run(config: &Config, output: Output) -> Result<(), CliError> {
    let mut checks = vec![
        settings(config),
        public_url(config),
        trusted_proxies(config),
    ];
    // Before the database is opened.
    checks.extend(database_files(config));
    match database(config).await {
        Ok(store) => {
            checks.push(Check::good("database", redact(&config.database_url)));
            checks.extend(connections(&store).await);
            checks.extend(clock(&store).await);
            let migrated = schema(&store).await;
            let usable = migrated.ok;
            checks.push(migrated);
            if usable {
                checks.push(writable(&store).await);
                checks.push(secret_key(config, Some(&store)).await);
                checks.push(signing_keys(&store).await);
                checks.push(users(&store).await);
            } else {
                checks.push(secret_key(config, None).await);
            }
            store.close().await;
        }
        Err(check) => {
            checks.push(check);
            checks.push(secret_key(config, None).await);
        }
    }
    let ok = checks.iter().all(|check| check.ok);
    let lines: Vec<String> = checks.iter().map(Check::line).collect();
    output.print(&lines.join("\n"), &json!({ "ok": ok, "checks": checks }));
    if ok {
        Ok(())
    } else {
        // What is wrong was said above.
        Err(CliError::new(""))
    }
}

fn settings(config: &Config) -> Check {
    let made: Vec<String> = config
        .made
        .iter()
        .map(|(key, place)| format!("{key} ({place})"))
        .collect();
    let detail = if made.is_empty() {
        "all defaults".to_owned()
    } else {
        format!("{}; everything else by default", made.join(", "))
    };
    Check::good("settings", detail)
}

fn trusted_proxies(config: &Config) -> Check {
    const NAME: &str = "trusted proxies";
    let trusted = &config.trusted_proxies;
    if trusted.contains_all() {
        return Check::good(NAME, trusted.to_string())
            .hint("Any client may say where its request comes from: name your proxies only");
    }
    if !trusted.is_empty() {
        return Check::good(NAME, trusted.to_string());
    }
    let check = Check::good(NAME, "none");
    match config.public_url.is_https() {
        true => check.hint(NO_TRUSTED_PROXY),
        false => check,
    }
}

fn public_url(config: &Config) -> Check {
    let url = &config.public_url;
    let check = Check::good("public URL", url.base());
    let port = url.host().rsplit_once(':').map_or("80", |(_, port)| port);
    if url.is_https() || port == config.listen.port().to_string() {
        check
    } else {
        // May be meant: something in front may pass requests on.
        check.hint(format!(
            "The server listens at {}: set --public-url if people should reach it there",
            config.listen
        ))
    }
}

async fn database(config: &Config) -> Result<Store, Check> {
    let shown = redact(&config.database_url);
    if let Some(path) = sqlite_path(&config.database_url) {
        // Opening would make it.
        if !Path::new(path).exists() {
            return Err(Check::bad(
                "database",
                format!("{shown} is not there yet"),
                "claviger serve or claviger migrate makes it; \
                 if it should be there, check --database-url and the folder you are in",
            ));
        }
    }
    let options = StoreOptions {
        // Only looks.
        private_files: false,
        ..config.store_options()
    };
    let opened = Store::connect_with(&config.database_url, options).await;
    opened.map_err(|error| {
        Check::bad(
            "database",
            error.to_string(),
            "Check --database-url, and that the database runs and may be read and written",
        )
    })
}

/// Whether only their owner may read the files of SQLite, which hold password hashes.
fn database_files(config: &Config) -> Option<Check> {
    const NAME: &str = "database files";
    let path = Path::new(sqlite_path(&config.database_url)?);
    if !path.exists() {
        return None;
    }
    let open: Vec<String> = sqlite_files(path)
        .iter()
        .filter_map(|file| {
            let mode = open_to_others(file)?;
            Some(format!("{} (mode {mode:04o})", file.display()))
        })
        .collect();
    Some(if open.is_empty() {
        Check::good(NAME, "only their owner may read them")
    } else {
        Check::bad(
            NAME,
            format!("others may read {}", open.join(", ")),
            format!("Run chmod 600 {}*", path.display()),
        )
    })
}

/// Whether the database allows as many connections as a server may open.
async fn connections(store: &Store) -> Option<Check> {
    const NAME: &str = "connections";
    match store.connection_limits().await {
        Ok(None) => None,
        Ok(Some((ours, allowed))) if i64::from(ours) <= allowed => Some(Check::good(
            NAME,
            format!("a server may open {ours}; the database allows {allowed} in all"),
        )),
        Ok(Some((ours, allowed))) => Some(Check::bad(
            NAME,
            format!("a server may open {ours}; the database allows {allowed} in all"),
            "Set --database-connections lower, or max_connections of PostgreSQL higher",
        )),
        Err(error) => Some(Check::bad(NAME, error.to_string(), "Check the database")),
    }
}

/// Whether this machine's clock agrees with the database's, by which other servers are compared.
async fn clock(store: &Store) -> Option<Check> {
    const NAME: &str = "clock";
    let database = match store.database_clock().await {
        Ok(clock) => clock?,
        Err(error) => return Some(Check::bad(NAME, error.to_string(), "Check the database")),
    };
    Some(match apart(Clock::System.now(), database) {
        None => Check::good(NAME, "agrees with the database's"),
        Some(apart) => Check::bad(NAME, apart, "Set it right, with NTP"),
    })
}

fn sqlite_path(url: &str) -> Option<&str> {
    let path = url.strip_prefix("sqlite:")?;
    let path = path.strip_prefix("//").unwrap_or(path);
    let path = path.split('?').next().unwrap_or_default();
    (!path.is_empty() && path != ":memory:").then_some(path)
}

async fn schema(store: &Store) -> Check {
    match store.pending_migrations().await {
        Ok(0) => Check::good("schema", "up to date"),
        Ok(behind) => Check::bad(
            "schema",
            format!("{behind} steps behind"),
            "Run claviger migrate",
        ),
        Err(error) => Check::bad(
            "schema",
            format!("never migrated, or of a newer release ({error})"),
            "Run claviger migrate",
        ),
    }
}

async fn writable(store: &Store) -> Check {
    match store.ready(Clock::System.now()).await {
        Ok(()) => Check::good("writing", "the database can be written"),
        Err(error) => Check::bad(
            "writing",
            error.to_string(),
            "Check the rights on the database, and whether its disk is full",
        ),
    }
}

async fn secret_key(config: &Config, store: Option<&Store>) -> Check {
    const NAME: &str = "secret key";
    let path = &config.secret_key_file;
    let shown = path.display();
    let keys = match store {
        Some(store) => match store.keys().await {
            Ok(keys) => keys,
            Err(error) => {
                return Check::bad(NAME, error.to_string(), "Check the database");
            }
        },
        None => Vec::new(),
    };
    if !path.exists() {
        let fix = if keys.is_empty() {
            "claviger serve makes it"
        } else {
            "Bring it back from your backup, or name it with --secret-key-file: \
             without it users can't sign in to your applications"
        };
        return Check::bad(NAME, format!("{shown} is not there"), fix);
    }
    if let Some(mode) = open_to_others(path) {
        return Check::bad(
            NAME,
            format!("{shown} has mode {mode:04o}: others may read it"),
            format!("Run chmod 600 {shown}"),
        );
    }
    let key = match SecretKey::load_or_create(path, &Random::System) {
        Ok(key) => key,
        Err(error) => {
            return Check::bad(NAME, error.to_string(), "Check the file and its rights");
        }
    };
    let sealed = !keys.is_empty();
    match KeyRing::open(keys, &key) {
        Ok(_) if sealed => Check::good(NAME, format!("{shown} opens the signing keys")),
        Ok(_) => Check::good(NAME, format!("{shown} holds a key")),
        Err(_) => Check::bad(
            NAME,
            open::not_this_databases(config).to_string(),
            "Bring the right one back from your backup, or name it with --secret-key-file",
        ),
    }
}

/// How many keys there are in which state.
async fn signing_keys(store: &Store) -> Check {
    const NAME: &str = "signing keys";
    let keys = match store.keys().await {
        Ok(keys) => keys,
        Err(error) => return Check::bad(NAME, error.to_string(), "Check the database"),
    };
    if keys.is_empty() {
        return Check::good(NAME, "none yet: claviger serve makes them");
    }
    let now = Clock::System.now();
    let states: Vec<String> = KeyState::ALL
        .into_iter()
        .filter_map(|wanted| {
            let of = |record: &&KeyRecord| key::state(record, &keys, now) == wanted;
            let count = keys.iter().filter(of).count();
            (count > 0).then(|| format!("{count} {}", wanted.name()))
        })
        .collect();
    let check = Check::good(NAME, states.join(", "));
    let due = |alg| key::wants_rotation(&keys, alg, now);
    if SigningAlg::ALL.into_iter().any(due) {
        return check.hint("Some sign for longer than they should: claviger serve replaces them");
    }
    check
}

async fn users(store: &Store) -> Check {
    match store.count_users().await {
        Ok(0) => Check::bad(
            "users",
            "there are no users yet",
            "Open the link that claviger serve prints, or run claviger user add --role admin",
        ),
        Ok(1) => Check::good("users", "1"),
        Ok(count) => Check::good("users", count.to_string()),
        Err(error) => Check::bad("users", error.to_string(), "Check the database"),
    }
}
