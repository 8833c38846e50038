//! Settings: what a flag says beats the environment, which beats the file, which beats the
//! default.
//!
//! Everything here is text until [`load`] parses it, so that every fault is told in the same
//! way: one line with key, value and place. A value never stands in a message with a password
//! in it; see [`redact()`].
//!
//! To add a setting: its names and its flag in `settings`, a field in [`Config`], and its
//! parsing in [`load`].

use std::ffi::OsString;
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use contract::validate::redirect_uri::PlainHttp;

use crate::outbound::smtp::{MailServer, parse_sender};
use crate::store::{MIN_CONNECTIONS, StoreOptions};
use crate::urls::{InsecureHttp, PublicUrl};

mod file;
mod redact;
mod settings;
mod trusted_proxies;

pub use redact::redact;
pub use settings::Flags;
use settings::{
    DATABASE_CONNECTIONS, DATABASE_URL, DRAIN, INSECURE_HTTP, LISTEN, LOG_FORMAT, MAIL_FROM,
    METRICS_LISTEN, PUBLIC_URL, REGISTRATION, REQUIRE_PUSHED_REQUESTS, SECRET_KEY_FILE, SMTP_URL,
    Setting, TRUSTED_PROXY,
};
pub use trusted_proxies::TrustedProxies;

/// The file that is read when none is named, if it is there.
const FILE: &str = "claviger.toml";
const FILE_VARIABLE: &str = "CLAVIGER_CONFIG";
/// More is a slip of the finger.
const MAX_CONNECTIONS: u32 = 1000;

/// Who may register an application over `/o/register`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Registration {
    #[default]
    Closed,
    /// Only with an initial access token.
    Token,
    Open,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

/// All settings, parsed.
#[derive(Clone)]
pub struct Config {
    pub listen: SocketAddr,
    pub public_url: PublicUrl,
    pub database_url: String,
    /// Connections to PostgreSQL at most.
    pub database_connections: u32,
    pub secret_key_file: PathBuf,
    pub registration: Registration,
    /// Whether every authorization request has to be pushed (RFC 9126 §5).
    pub require_pushed_requests: bool,
    /// The proxies that may say where a request comes from.
    pub trusted_proxies: TrustedProxies,
    /// Where mails are handed over; `None`: they are kept.
    pub mail_server: Option<MailServer>,
    /// Whom mails come from, as in the header `From`.
    pub mail_from: String,
    /// How long requests are still taken after SIGTERM.
    pub drain: Duration,
    /// Where `/metrics` is served, if not with everything else.
    pub metrics_listen: Option<SocketAddr>,
    /// Where applications may have redirect URIs with plain `http`.
    pub plain_http: PlainHttp,
    pub log_format: LogFormat,
    /// Which settings were made, and where.
    pub made: Vec<(&'static str, Place)>,
}

impl Config {
    pub fn store_options(&self) -> StoreOptions {
        StoreOptions {
            connections: self.database_connections,
            ..StoreOptions::default()
        }
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("listen", &self.listen)
            .field("public_url", &self.public_url.base())
            .field("database_url", &redact(&self.database_url))
            .field("secret_key_file", &self.secret_key_file)
            .finish_non_exhaustive()
    }
}

/// Where a value was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    CommandLine,
    Environment,
    File { path: PathBuf, line: usize },
    Default,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CommandLine => f.write_str("command line"),
            Self::Environment => f.write_str("environment"),
            Self::File { path, line } => write!(f, "{}, line {line}", path.display()),
            Self::Default => f.write_str("default"),
        }
    }
}

/// What is wrong with the settings: the first fault that was found.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{key} = {:?} ({place}): {problem}", redact(.value))]
    Value {
        /// As it is written at that place: flag, variable or key.
        key: String,
        value: String,
        place: Place,
        problem: String,
    },
    #[error("{}{}: {problem}", .path.display(), .line.map(|n| format!(", line {n}")).unwrap_or_default())]
    File {
        path: PathBuf,
        line: Option<usize>,
        problem: String,
    },
}

/// A value with its place.
struct Given {
    value: String,
    place: Place,
    key: &'static str,
}

impl Given {
    fn bad(&self, problem: impl Into<String>) -> ConfigError {
        ConfigError::Value {
            key: self.key.to_owned(),
            value: self.value.clone(),
            place: self.place.clone(),
            problem: problem.into(),
        }
    }

    /// The networks of a list with commas.
    fn networks(&self) -> Result<TrustedProxies, ConfigError> {
        let parts = self.value.split(',').map(str::trim);
        let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
        TrustedProxies::parse(&parts).map_err(|part| ConfigError::Value {
            key: self.key.to_owned(),
            value: part,
            place: self.place.clone(),
            problem: "not a network like 10.0.0.0/8 or 2001:db8::/32".to_owned(),
        })
    }

    fn one_of<T: Copy>(&self, choices: &[(&str, T)]) -> Result<T, ConfigError> {
        choices
            .iter()
            .find(|(name, _)| *name == self.value)
            .map(|(_, value)| *value)
            .ok_or_else(|| {
                let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
                self.bad(format!("not one of {}", names.join(", ")))
            })
    }
}

struct Sources<'a> {
    flags: &'a Flags,
    environment: &'a dyn Fn(&str) -> Option<OsString>,
    file: Vec<file::Entry>,
    path: PathBuf,
    made: Vec<(&'static str, Place)>,
}

impl Sources<'_> {
    fn find(&mut self, setting: &Setting) -> Result<Given, ConfigError> {
        let given = if let Some(value) = self.flags.get(setting.key) {
            Given {
                value: value.into_owned(),
                place: Place::CommandLine,
                key: setting.flag,
            }
        } else if let Some(value) = (self.environment)(setting.variable) {
            Given {
                value: text(setting.variable, value)?,
                place: Place::Environment,
                key: setting.variable,
            }
        } else if let Some(entry) = self.file.iter().find(|entry| entry.key == setting.key) {
            Given {
                value: entry.value.clone(),
                place: Place::File {
                    path: self.path.clone(),
                    line: entry.line,
                },
                key: setting.key,
            }
        } else {
            Given {
                value: setting.default.to_owned(),
                place: Place::Default,
                key: setting.key,
            }
        };
        if given.place != Place::Default {
            self.made.push((setting.key, given.place.clone()));
        }
        Ok(given)
    }
}

fn text(variable: &str, value: OsString) -> Result<String, ConfigError> {
    value.into_string().map_err(|value| ConfigError::Value {
        key: variable.to_owned(),
        value: value.to_string_lossy().into_owned(),
        place: Place::Environment,
        problem: "not in UTF-8".to_owned(),
    })
}

/// Reads the settings. `folder` is where the file is looked for.
///
/// # Errors
/// The first fault.
pub fn load(
    flags: &Flags,
    environment: &dyn Fn(&str) -> Option<OsString>,
    folder: &Path,
) -> Result<Config, ConfigError> {
    let (path, named) = match (&flags.config, environment(FILE_VARIABLE)) {
        (Some(path), _) => (path.clone(), true),
        (None, Some(path)) => (PathBuf::from(path), true),
        (None, None) => (PathBuf::from(FILE), false),
    };
    let mut sources = Sources {
        flags,
        environment,
        file: file::read(folder, &path, named)?,
        path,
        made: Vec::new(),
    };

    let listen = sources.find(&LISTEN)?;
    let public_url = sources.find(&PUBLIC_URL)?;
    let database_url = sources.find(&DATABASE_URL)?;
    let database_connections = connections(&sources.find(&DATABASE_CONNECTIONS)?)?;
    let secret_key_file = sources.find(&SECRET_KEY_FILE)?;
    let insecure = sources.find(&INSECURE_HTTP)?.one_of(&[
        ("true", InsecureHttp::Allowed),
        ("false", InsecureHttp::Refused),
    ])?;
    let schemes = ["sqlite:", "postgres://", "postgresql://"];
    if !schemes.iter().any(|s| database_url.value.starts_with(s)) {
        return Err(database_url.bad("neither sqlite://PATH nor postgres://…"));
    }
    if secret_key_file.value.is_empty() {
        return Err(secret_key_file.bad("not the name of a file"));
    }
    let smtp_url = sources.find(&SMTP_URL)?;
    let mail_from = sources.find(&MAIL_FROM)?;
    let public =
        PublicUrl::parse(&public_url.value, insecure).map_err(|problem| public_url.bad(problem))?;
    Ok(Config {
        listen: listen
            .value
            .parse()
            .map_err(|_| listen.bad("not an address like 127.0.0.1:8000"))?,
        mail_server: mail_server(&smtp_url, public.hostname())?,
        mail_from: sender(&mail_from, public.hostname())?,
        public_url: public,
        database_url: database_url.value,
        database_connections,
        secret_key_file: PathBuf::from(secret_key_file.value),
        registration: sources.find(&REGISTRATION)?.one_of(&[
            ("closed", Registration::Closed),
            ("token", Registration::Token),
            ("open", Registration::Open),
        ])?,
        require_pushed_requests: sources
            .find(&REQUIRE_PUSHED_REQUESTS)?
            .one_of(&[("true", true), ("false", false)])?,
        trusted_proxies: sources.find(&TRUSTED_PROXY)?.networks()?,
        drain: drain_of(&sources.find(&DRAIN)?)?,
        metrics_listen: address_or_none(&sources.find(&METRICS_LISTEN)?)?,
        plain_http: match insecure {
            InsecureHttp::Allowed => PlainHttp::AnyHost,
            InsecureHttp::Refused => PlainHttp::Loopback,
        },
        log_format: sources
            .find(&LOG_FORMAT)?
            .one_of(&[("text", LogFormat::Text), ("json", LogFormat::Json)])?,
        made: sources.made,
    })
}

fn mail_server(given: &Given, hello: &str) -> Result<Option<MailServer>, ConfigError> {
    if given.value.is_empty() {
        return Ok(None);
    }
    MailServer::parse(&given.value, hello)
        .map(Some)
        .map_err(|problem| given.bad(problem))
}

fn sender(given: &Given, host: &str) -> Result<String, ConfigError> {
    if given.value.is_empty() {
        return Ok(format!("Claviger <no-reply@{host}>"));
    }
    parse_sender(&given.value)
        .map(|_| given.value.clone())
        .map_err(|problem| given.bad(problem))
}

/// A supervisor waits for the end only so long.
const LONGEST_DRAIN: Duration = Duration::from_secs(600);

fn drain_of(given: &Given) -> Result<Duration, ConfigError> {
    humantime::parse_duration(&given.value)
        .ok()
        .filter(|drain| *drain <= LONGEST_DRAIN)
        .ok_or_else(|| given.bad("not a duration like 3s, of ten minutes at most"))
}

fn address_or_none(given: &Given) -> Result<Option<SocketAddr>, ConfigError> {
    if given.value.is_empty() {
        return Ok(None);
    }
    let address = given.value.parse();
    address
        .map(Some)
        .map_err(|_| given.bad("not an address like 127.0.0.1:9000"))
}

fn connections(given: &Given) -> Result<u32, ConfigError> {
    let number = given.value.parse().ok();
    number
        .filter(|number| (MIN_CONNECTIONS..=MAX_CONNECTIONS).contains(number))
        .ok_or_else(|| {
            given.bad(format!(
                "not a number from {MIN_CONNECTIONS} to {MAX_CONNECTIONS}"
            ))
        })
}

#[cfg(test)]
mod tests;
