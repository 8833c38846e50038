//! Settings: what a flag says beats the environment, which beats the file, which beats the
//! default.
//!
//! Everything here is text until [`load`] parses it, so that every fault is told in the same
//! way: one line with key, value and place. A value never stands in a message with a password
//! in it; see [`redact`].
//!
//! To add a setting: a line in [`SETTINGS`], a flag in [`Flags`] with its arm in
//! [`Flags::get`], a field in [`Config`], and its parsing in [`load`].

use std::ffi::OsString;
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::urls::{InsecureHttp, PublicUrl};

mod file;
mod redact;

pub use redact::redact;

/// The file that is read when none is named, if it is there.
const FILE: &str = "claviger.toml";
const FILE_VARIABLE: &str = "CLAVIGER_CONFIG";

/// A setting by its name in the file.
struct Setting {
    key: &'static str,
    flag: &'static str,
    variable: &'static str,
    default: &'static str,
}

const LISTEN: Setting = Setting {
    key: "listen",
    flag: "--listen",
    variable: "CLAVIGER_LISTEN",
    default: "127.0.0.1:8000",
};
const PUBLIC_URL: Setting = Setting {
    key: "public_url",
    flag: "--public-url",
    variable: "CLAVIGER_PUBLIC_URL",
    default: "http://localhost:8000",
};
const DATABASE_URL: Setting = Setting {
    key: "database_url",
    flag: "--database-url",
    variable: "CLAVIGER_DATABASE_URL",
    default: "sqlite://data/claviger.db",
};
const SECRET_KEY_FILE: Setting = Setting {
    key: "secret_key_file",
    flag: "--secret-key-file",
    variable: "CLAVIGER_SECRET_KEY_FILE",
    default: "data/secret.key",
};
const REGISTRATION: Setting = Setting {
    key: "registration",
    flag: "--registration",
    variable: "CLAVIGER_REGISTRATION",
    default: "closed",
};
const INSECURE_HTTP: Setting = Setting {
    key: "insecure_http",
    flag: "--insecure-http",
    variable: "CLAVIGER_INSECURE_HTTP",
    default: "false",
};
const LOG_FORMAT: Setting = Setting {
    key: "log_format",
    flag: "--log-format",
    variable: "CLAVIGER_LOG_FORMAT",
    default: "text",
};

const SETTINGS: [&Setting; 7] = [
    &LISTEN,
    &PUBLIC_URL,
    &DATABASE_URL,
    &SECRET_KEY_FILE,
    &REGISTRATION,
    &INSECURE_HTTP,
    &LOG_FORMAT,
];

/// The settings on the command line, as they were written.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Settings")]
pub struct Flags {
    /// The file with the settings [env: CLAVIGER_CONFIG] [default: claviger.toml, if it is there]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Where to listen [env: CLAVIGER_LISTEN] [default: 127.0.0.1:8000]
    #[arg(long, global = true, value_name = "ADDRESS:PORT")]
    pub listen: Option<String>,
    /// How people and applications reach it [env: CLAVIGER_PUBLIC_URL] [default: http://localhost:8000]
    #[arg(long, global = true, value_name = "URL")]
    pub public_url: Option<String>,
    /// sqlite://PATH or postgres://… [env: CLAVIGER_DATABASE_URL] [default: sqlite://data/claviger.db]
    #[arg(long, global = true, value_name = "URL")]
    pub database_url: Option<String>,
    /// Encrypts what is secret in the database [env: CLAVIGER_SECRET_KEY_FILE] [default: data/secret.key]
    #[arg(long, global = true, value_name = "FILE")]
    pub secret_key_file: Option<String>,
    /// closed, token or open [env: CLAVIGER_REGISTRATION] [default: closed]
    #[arg(long, global = true, value_name = "WHO")]
    pub registration: Option<String>,
    /// Take a public URL with http for more than loopback [env: CLAVIGER_INSECURE_HTTP]
    #[arg(long, global = true, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub insecure_http: Option<String>,
    /// text or json [env: CLAVIGER_LOG_FORMAT] [default: text]
    #[arg(long, global = true, value_name = "FORMAT")]
    pub log_format: Option<String>,
}

impl Flags {
    fn get(&self, key: &str) -> Option<&str> {
        let flag = match key {
            "listen" => &self.listen,
            "public_url" => &self.public_url,
            "database_url" => &self.database_url,
            "secret_key_file" => &self.secret_key_file,
            "registration" => &self.registration,
            "insecure_http" => &self.insecure_http,
            "log_format" => &self.log_format,
            _ => return None,
        };
        flag.as_deref()
    }
}

/// Who may register an application over `/o/register`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registration {
    Closed,
    /// Whoever holds an initial access token.
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
    pub secret_key_file: PathBuf,
    pub registration: Registration,
    pub log_format: LogFormat,
    /// Which settings were made, and where.
    pub made: Vec<(&'static str, Place)>,
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

impl ConfigError {
    /// Whether what was typed is wrong, and not what was found.
    pub fn is_argument(&self) -> bool {
        matches!(
            self,
            Self::Value {
                place: Place::CommandLine,
                ..
            }
        )
    }
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
                value: value.to_owned(),
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
    Ok(Config {
        listen: listen
            .value
            .parse()
            .map_err(|_| listen.bad("not an address like 127.0.0.1:8000"))?,
        public_url: PublicUrl::parse(&public_url.value, insecure)
            .map_err(|problem| public_url.bad(problem))?,
        database_url: database_url.value,
        secret_key_file: PathBuf::from(secret_key_file.value),
        registration: sources.find(&REGISTRATION)?.one_of(&[
            ("closed", Registration::Closed),
            ("token", Registration::Token),
            ("open", Registration::Open),
        ])?,
        log_format: sources
            .find(&LOG_FORMAT)?
            .one_of(&[("text", LogFormat::Text), ("json", LogFormat::Json)])?,
        made: sources.made,
    })
}

#[cfg(test)]
mod tests;
