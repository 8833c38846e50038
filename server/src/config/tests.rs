use std::collections::HashMap;

use super::*;

/// A folder with a `claviger.toml`, gone with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str, file: Option<&str>) -> Self {
        let path = std::env::temp_dir().join(format!("claviger-{}-{test}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        if let Some(text) = file {
            std::fs::write(path.join(FILE), text).unwrap();
        }
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn settings(
    folder: &Folder,
    environment: &[(&str, &str)],
    flags: Flags,
) -> Result<Config, ConfigError> {
    let environment: HashMap<String, OsString> = environment
        .iter()
        .map(|(name, value)| ((*name).to_owned(), OsString::from(value)))
        .collect();
    load(&flags, &|name| environment.get(name).cloned(), &folder.0)
}

fn message(test: &str, file: Option<&str>, environment: &[(&str, &str)], flags: Flags) -> String {
    let folder = Folder::new(test, file);
    let error = settings(&folder, environment, flags).unwrap_err();
    error.to_string()
}

#[test]
fn without_anything_the_defaults_hold() {
    let folder = Folder::new("defaults", None);
    let config = settings(&folder, &[], Flags::default()).unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:8000");
    assert_eq!(config.public_url.base(), "http://localhost:8000");
    assert_eq!(config.database_url, "sqlite://data/claviger.db");
    assert_eq!(config.secret_key_file, Path::new("data/secret.key"));
    assert_eq!(config.database_connections, 16);
    assert_eq!(config.registration, Registration::Closed);
    assert_eq!(config.log_format, LogFormat::Text);
    assert!(config.made.is_empty());
}

#[test]
fn a_flag_beats_the_environment_which_beats_the_file() {
    let folder = Folder::new(
        "order",
        Some("listen = \"127.0.0.1:1\"\nlog_format = 'json'\npublic_url = 'http://localhost:1'\n"),
    );
    let environment = [
        ("CLAVIGER_LISTEN", "127.0.0.1:2"),
        ("CLAVIGER_PUBLIC_URL", "http://localhost:2"),
    ];
    let flags = Flags {
        listen: Some("127.0.0.1:3".to_owned()),
        ..Flags::default()
    };
    let config = settings(&folder, &environment, flags).unwrap();
    assert_eq!(config.listen.port(), 3);
    assert_eq!(config.public_url.base(), "http://localhost:2");
    assert_eq!(config.log_format, LogFormat::Json);
    let file = Place::File {
        path: PathBuf::from(FILE),
        line: 2,
    };
    assert!(config.made.contains(&("log_format", file)));
    assert!(config.made.contains(&("listen", Place::CommandLine)));
    assert!(config.made.contains(&("public_url", Place::Environment)));
}

#[test]
fn a_fault_is_one_line_with_key_value_and_place() {
    let bad_flag = Flags {
        registration: Some("ajar".to_owned()),
        ..Flags::default()
    };
    let bad = |variable, value| [(variable, value)];
    for (found, expected) in [
        (
            message("e1", None, &bad("CLAVIGER_LISTEN", "x"), Flags::default()),
            r#"CLAVIGER_LISTEN = "x" (environment): not an address like 127.0.0.1:8000"#,
        ),
        (
            message(
                "e2",
                Some("\nlisten = 'x'"),
                &bad("CLAVIGER_LOG_FORMAT", "text"),
                Flags::default(),
            ),
            r#"listen = "x" (claviger.toml, line 2): not an address like 127.0.0.1:8000"#,
        ),
        (
            message("e3", None, &[], bad_flag),
            r#"--registration = "ajar" (command line): not one of closed, token, open"#,
        ),
        (
            message("e4", Some("listen = 8000"), &[], Flags::default()),
            r#"listen = "8000" (claviger.toml, line 1): not a text but a number"#,
        ),
        (
            message(
                "e5",
                None,
                &bad("CLAVIGER_DATABASE_URL", "mysql://u:pw@h/db"),
                Flags::default(),
            ),
            "CLAVIGER_DATABASE_URL = \"mysql://u:***@h/db\" (environment): \
             neither sqlite://PATH nor postgres://…",
        ),
        (
            message(
                "e6",
                None,
                &bad("CLAVIGER_PUBLIC_URL", "http://id.example.com"),
                Flags::default(),
            ),
            "CLAVIGER_PUBLIC_URL = \"http://id.example.com\" (environment): \
             http is for loopback hosts only; use https, or say --insecure-http",
        ),
    ] {
        assert_eq!(found, expected);
    }
}

#[test]
fn an_unknown_key_in_the_file_stops_the_start() {
    let text = message("unknown", Some("lisen = 'x'"), &[], Flags::default());
    assert!(
        text.starts_with(
            "lisen = \"x\" (claviger.toml, line 1): no such setting; there are listen, public_url"
        ),
        "{text}"
    );
    let text = message(
        "table",
        Some("[server]\nlisten = 'x'"),
        &[],
        Flags::default(),
    );
    assert!(text.starts_with("server = "), "{text}");
    assert!(!text.contains('\n'), "{text}");
    let text = message("toml", Some("\nlisten = "), &[], Flags::default());
    assert!(
        text.starts_with("claviger.toml, line 2: not TOML: "),
        "{text}"
    );
}

#[test]
fn a_file_that_is_named_must_be_there() {
    let folder = Folder::new("named", Some("log_format = 'json'"));
    let named = |name: &str| Flags {
        config: Some(PathBuf::from(name)),
        ..Flags::default()
    };
    let text = settings(&folder, &[], named("other.toml"))
        .unwrap_err()
        .to_string();
    assert!(
        text.starts_with("other.toml: the settings can't be read: "),
        "{text}"
    );
    let text = settings(
        &folder,
        &[("CLAVIGER_CONFIG", "other.toml")],
        Flags::default(),
    )
    .unwrap_err()
    .to_string();
    assert!(text.starts_with("other.toml: "), "{text}");
    // A flag beats the environment here too.
    let config = settings(&folder, &[("CLAVIGER_CONFIG", "other.toml")], named(FILE)).unwrap();
    assert_eq!(config.log_format, LogFormat::Json);
}

#[test]
fn insecure_http_is_said_on_purpose() {
    let folder = Folder::new("insecure", Some("insecure_http = true"));
    let url = [("CLAVIGER_PUBLIC_URL", "http://id.example.com")];
    assert!(settings(&folder, &url, Flags::default()).is_ok());
    let flags = Flags {
        insecure_http: Some("false".to_owned()),
        ..Flags::default()
    };
    assert!(settings(&folder, &url, flags).is_err());
}

#[test]
fn pushed_requests_are_required_when_that_is_said_anywhere() {
    let file = Folder::new("pushed", Some("require_pushed_requests = true"));
    let config = settings(&file, &[], Flags::default()).unwrap();
    assert!(config.require_pushed_requests);
    let variable = [("CLAVIGER_REQUIRE_PUSHED_REQUESTS", "false")];
    let config = settings(&file, &variable, Flags::default()).unwrap();
    assert!(!config.require_pushed_requests);
    let flags = Flags {
        require_pushed_requests: Some("true".to_owned()),
        ..Flags::default()
    };
    let config = settings(&file, &variable, flags).unwrap();
    assert!(config.require_pushed_requests);
    assert_eq!(
        message(
            "e7",
            None,
            &[("CLAVIGER_REQUIRE_PUSHED_REQUESTS", "1")],
            Flags::default()
        ),
        r#"CLAVIGER_REQUIRE_PUSHED_REQUESTS = "1" (environment): not one of true, false"#
    );
}

#[test]
fn nothing_shows_a_password_through_debug() {
    let folder = Folder::new("debug", None);
    let url = [("CLAVIGER_DATABASE_URL", "postgres://u:secret@h/db")];
    let config = settings(&folder, &url, Flags::default()).unwrap();
    assert!(!format!("{config:?}").contains("secret@"));
}

#[test]
fn the_number_of_connections_is_a_number_that_is_enough() {
    for (value, fits) in [("8", true), ("1000", true), ("7", false), ("many", false)] {
        let folder = Folder::new("connections", None);
        let environment = [("CLAVIGER_DATABASE_CONNECTIONS", value)];
        let config = settings(&folder, &environment, Flags::default());
        assert_eq!(config.is_ok(), fits, "{value}");
    }
}

#[test]
fn proxies_are_a_list_wherever_they_are_named() {
    let shown = |config: Config| config.trusted_proxies.to_string();
    let list = "trusted_proxy = ['10.0.0.0/8', '::1']";
    let file = Folder::new("proxies", Some(list));
    let config = settings(&file, &[], Flags::default()).unwrap();
    assert_eq!(shown(config), "10.0.0.0/8, ::1/128");
    let variable = [("CLAVIGER_TRUSTED_PROXY", "192.0.2.1, 10.1.0.0/16")];
    let config = settings(&file, &variable, Flags::default()).unwrap();
    assert_eq!(shown(config), "192.0.2.1/32, 10.1.0.0/16");
    let flags = Flags {
        trusted_proxy: vec!["127.0.0.1".to_owned(), "::1".to_owned()],
        ..Flags::default()
    };
    let config = settings(&file, &variable, flags).unwrap();
    assert_eq!(shown(config), "127.0.0.1/32, ::1/128");
    let text = Folder::new("proxies-text", Some("trusted_proxy = '10.0.0.0/8,::1'"));
    let config = settings(&text, &[], Flags::default()).unwrap();
    assert_eq!(shown(config), "10.0.0.0/8, ::1/128");
    let nothing = [("CLAVIGER_TRUSTED_PROXY", "")];
    let config = settings(&text, &nothing, Flags::default()).unwrap();
    assert!(config.trusted_proxies.is_empty());
}

#[test]
fn a_proxy_that_is_no_network_is_named_alone() {
    let variable = [("CLAVIGER_TRUSTED_PROXY", "10.0.0.0/8,proxy")];
    assert_eq!(
        message("e8", None, &variable, Flags::default()),
        r#"CLAVIGER_TRUSTED_PROXY = "proxy" (environment): not a network like 10.0.0.0/8 or 2001:db8::/32"#
    );
    let file = Some("trusted_proxy = ['10.0.0.0/8', 8]");
    let text = message("e9", file, &[], Flags::default());
    assert!(text.ends_with("not a list of texts: a number"), "{text}");
    let text = message("e10", Some("listen = ['x']"), &[], Flags::default());
    assert!(text.ends_with("not a text but a list"), "{text}");
}
