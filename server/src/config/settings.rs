//! The settings by their names: in the file, as flags, in the environment; and their defaults.
//!
//! To add one: a constant, its place in [`SETTINGS`], a flag and its arm in [`Flags::get`].

use std::borrow::Cow;
use std::path::PathBuf;

use clap::Args;

/// A setting by its name in the file.
pub(super) struct Setting {
    pub(super) key: &'static str,
    pub(super) flag: &'static str,
    pub(super) variable: &'static str,
    pub(super) default: &'static str,
}

impl Setting {
    /// May stand in the file without quotes.
    pub(super) fn is_yes_or_no(&self) -> bool {
        matches!(self.default, "true" | "false")
    }

    /// Holds several values: a list in the file, a flag that may be repeated, commas elsewhere.
    pub(super) fn is_list(&self) -> bool {
        self.key == TRUSTED_PROXY.key
    }
}

pub(super) const LISTEN: Setting = Setting {
    key: "listen",
    flag: "--listen",
    variable: "CLAVIGER_LISTEN",
    default: "127.0.0.1:8000",
};
pub(super) const PUBLIC_URL: Setting = Setting {
    key: "public_url",
    flag: "--public-url",
    variable: "CLAVIGER_PUBLIC_URL",
    default: "http://localhost:8000",
};
pub(super) const DATABASE_URL: Setting = Setting {
    key: "database_url",
    flag: "--database-url",
    variable: "CLAVIGER_DATABASE_URL",
    default: "sqlite://data/claviger.db",
};
pub(super) const DATABASE_CONNECTIONS: Setting = Setting {
    key: "database_connections",
    flag: "--database-connections",
    variable: "CLAVIGER_DATABASE_CONNECTIONS",
    default: "16",
};
pub(super) const SECRET_KEY_FILE: Setting = Setting {
    key: "secret_key_file",
    flag: "--secret-key-file",
    variable: "CLAVIGER_SECRET_KEY_FILE",
    default: "data/secret.key",
};
pub(super) const REGISTRATION: Setting = Setting {
    key: "registration",
    flag: "--registration",
    variable: "CLAVIGER_REGISTRATION",
    default: "closed",
};
pub(super) const REQUIRE_PUSHED_REQUESTS: Setting = Setting {
    key: "require_pushed_requests",
    flag: "--require-pushed-requests",
    variable: "CLAVIGER_REQUIRE_PUSHED_REQUESTS",
    default: "false",
};
pub(super) const TRUSTED_PROXY: Setting = Setting {
    key: "trusted_proxy",
    flag: "--trusted-proxy",
    variable: "CLAVIGER_TRUSTED_PROXY",
    default: "",
};
pub(super) const INSECURE_HTTP: Setting = Setting {
    key: "insecure_http",
    flag: "--insecure-http",
    variable: "CLAVIGER_INSECURE_HTTP",
    default: "false",
};
pub(super) const DRAIN: Setting = Setting {
    key: "drain",
    flag: "--drain",
    variable: "CLAVIGER_DRAIN",
    default: "3s",
};
/// Empty: none, mails are kept.
pub(super) const SMTP_URL: Setting = Setting {
    key: "smtp_url",
    flag: "--smtp-url",
    variable: "CLAVIGER_SMTP_URL",
    default: "",
};
/// Empty: made from the public URL.
pub(super) const MAIL_FROM: Setting = Setting {
    key: "mail_from",
    flag: "--mail-from",
    variable: "CLAVIGER_MAIL_FROM",
    default: "",
};
/// Empty: none.
pub(super) const METRICS_LISTEN: Setting = Setting {
    key: "metrics_listen",
    flag: "--metrics-listen",
    variable: "CLAVIGER_METRICS_LISTEN",
    default: "",
};
pub(super) const LOG_FORMAT: Setting = Setting {
    key: "log_format",
    flag: "--log-format",
    variable: "CLAVIGER_LOG_FORMAT",
    default: "text",
};

pub(super) const SETTINGS: [&Setting; 14] = [
    &LISTEN,
    &PUBLIC_URL,
    &DATABASE_URL,
    &DATABASE_CONNECTIONS,
    &SECRET_KEY_FILE,
    &REGISTRATION,
    &REQUIRE_PUSHED_REQUESTS,
    &TRUSTED_PROXY,
    &INSECURE_HTTP,
    &SMTP_URL,
    &MAIL_FROM,
    &DRAIN,
    &METRICS_LISTEN,
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
    /// Connections to PostgreSQL at most [env: CLAVIGER_DATABASE_CONNECTIONS] [default: 16]
    #[arg(long, global = true, value_name = "NUMBER")]
    pub database_connections: Option<String>,
    /// Encrypts what is secret in the database [env: CLAVIGER_SECRET_KEY_FILE] [default: data/secret.key]
    #[arg(long, global = true, value_name = "FILE")]
    pub secret_key_file: Option<String>,
    /// closed, token or open [env: CLAVIGER_REGISTRATION] [default: closed]
    #[arg(long, global = true, value_name = "WHO")]
    pub registration: Option<String>,
    /// Refuse authorization requests that were not pushed [env: CLAVIGER_REQUIRE_PUSHED_REQUESTS]
    #[arg(long, global = true, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub require_pushed_requests: Option<String>,
    /// A network of proxies whose Forwarded or X-Forwarded-For is believed; may be repeated [env: CLAVIGER_TRUSTED_PROXY]
    #[arg(long, global = true, value_name = "CIDR", value_delimiter = ',')]
    pub trusted_proxy: Vec<String>,
    /// Take http for more than loopback, as public URL and in redirect URIs [env: CLAVIGER_INSECURE_HTTP]
    #[arg(long, global = true, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub insecure_http: Option<String>,
    /// The mail server: smtp://user:password@host:587 or smtps://… [env: CLAVIGER_SMTP_URL] [default: none, mails are kept]
    #[arg(long, global = true, value_name = "URL")]
    pub smtp_url: Option<String>,
    /// Whom mails come from [env: CLAVIGER_MAIL_FROM] [default: no-reply, at the host of the public URL]
    #[arg(long, global = true, value_name = "ADDRESS")]
    pub mail_from: Option<String>,
    /// How long to answer before the listener closes, after SIGTERM [env: CLAVIGER_DRAIN] [default: 3s]
    #[arg(long, global = true, value_name = "DURATION")]
    pub drain: Option<String>,
    /// Serve /metrics at this address only [env: CLAVIGER_METRICS_LISTEN] [default: none, /metrics is on the main address]
    #[arg(long, global = true, value_name = "ADDRESS:PORT")]
    pub metrics_listen: Option<String>,
    /// text or json [env: CLAVIGER_LOG_FORMAT] [default: text]
    #[arg(long, global = true, value_name = "FORMAT")]
    pub log_format: Option<String>,
}

impl Flags {
    pub(super) fn get(&self, key: &str) -> Option<Cow<'_, str>> {
        let flag = match key {
            "listen" => &self.listen,
            "public_url" => &self.public_url,
            "database_url" => &self.database_url,
            "database_connections" => &self.database_connections,
            "secret_key_file" => &self.secret_key_file,
            "registration" => &self.registration,
            "require_pushed_requests" => &self.require_pushed_requests,
            "trusted_proxy" => {
                let given = !self.trusted_proxy.is_empty();
                return given.then(|| self.trusted_proxy.join(",").into());
            }
            "insecure_http" => &self.insecure_http,
            "smtp_url" => &self.smtp_url,
            "mail_from" => &self.mail_from,
            "drain" => &self.drain,
            "metrics_listen" => &self.metrics_listen,
            "log_format" => &self.log_format,
            _ => return None,
        };
        flag.as_deref().map(Cow::Borrowed)
    }
}
