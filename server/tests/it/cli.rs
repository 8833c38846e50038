//! The program itself: commands, what they print, and their exit status.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::harness::database::folder;

const PASSWORD: &str = "correct horse battery staple\n";

/// An installation in a folder of its own.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(folder())
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Knows nothing of the settings around the tests.
    fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_claviger"));
        command
            .args(line.split_whitespace())
            .current_dir(self.path())
            .env_clear();
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn run(&self, line: &str) -> Output {
        self.command(line).output().unwrap()
    }

    fn run_with(&self, line: &str, input: &str) -> Output {
        let mut child = self.command(line).stdin(Stdio::piped()).spawn().unwrap();
        // A command that fails early does not read.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        child.wait_with_output().unwrap()
    }

    /// What a command that succeeds prints as JSON.
    #[track_caller]
    fn json(&self, line: &str) -> Value {
        let output = self.run(&format!("{line} --json"));
        assert_eq!(output.status.code(), Some(0), "{line}: {}", stderr(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    #[track_caller]
    fn fails(&self, status: i32, line: &str) -> String {
        let output = self.run(line);
        assert_eq!(
            output.status.code(),
            Some(status),
            "{line}: {}",
            stderr(&output)
        );
        stderr(&output)
    }

    fn with_ada() -> Self {
        let place = Self::new();
        let line = "user add ada --email ada@example.com --password-stdin --role admin";
        assert_eq!(place.run_with(line, PASSWORD).status.code(), Some(0));
        place
    }

    /// A server at a free port, and the first lines that it printed.
    fn serve(&self, lines: usize) -> (Child, Vec<String>) {
        let mut child = self.command("serve --listen 127.0.0.1:0").spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let lines = out.lines().take(lines).map(Result::unwrap).collect();
        (child, lines)
    }
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[track_caller]
fn is_one_line(text: &str) {
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(text.starts_with("claviger: "), "{text}");
}

fn interrupt(child: &Child) {
    let id = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &id])
            .status()
            .unwrap()
            .success()
    );
}

#[test]
fn wrong_arguments_exit_with_2() {
    let place = Place::new();
    for line in [
        "",
        "nothing",
        "app add",
        "user add ada",
        "serve --nothing",
        "keys rotate --alg HS256",
    ] {
        place.fails(2, line);
    }
    assert_eq!(place.run("--help").status.code(), Some(0));
    assert_eq!(place.run("--version").status.code(), Some(0));
}

#[test]
fn a_setting_that_does_not_parse_is_one_line_with_key_value_and_place() {
    let place = Place::new();
    std::fs::write(place.path().join("claviger.toml"), "listen = \"nowhere\"\n").unwrap();
    let said = place.fails(1, "migrate");
    is_one_line(&said);
    for word in ["listen", "nowhere", "claviger.toml", "line 1"] {
        assert!(said.contains(word), "{word}: {said}");
    }
    std::fs::write(place.path().join("claviger.toml"), "\nlisten_on = \"x\"\n").unwrap();
    let said = place.fails(1, "migrate");
    is_one_line(&said);
    assert!(
        said.contains("listen_on") && said.contains("line 2"),
        "{said}"
    );
    std::fs::remove_file(place.path().join("claviger.toml")).unwrap();
    let output = place
        .command("migrate")
        .env("CLAVIGER_PUBLIC_URL", "http://id.example.com")
        .output();
    let output = output.unwrap();
    assert_eq!(output.status.code(), Some(1));
    is_one_line(&stderr(&output));
    assert!(stderr(&output).contains("CLAVIGER_PUBLIC_URL"));
}

#[test]
fn people_are_added_and_get_new_passwords() {
    let place = Place::with_ada();
    let line = "user add bob --email bob@example.com --password-stdin --json";
    let output = place.run_with(line, PASSWORD);
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&json["username"], &json["role"]),
        (&"bob".into(), &"user".into())
    );
    for (line, input) in [
        (line, PASSWORD),
        (
            "user add eve --email eve@example.com --password-stdin",
            "password\n",
        ),
        ("user add eve --email eve@example.com --password-stdin", ""),
        ("user add eve --email nonsense --password-stdin", PASSWORD),
        (
            "user add a@b --email eve@example.com --password-stdin",
            PASSWORD,
        ),
        ("user passwd nobody --password-stdin", PASSWORD),
    ] {
        let output = place.run_with(line, input);
        assert_eq!(output.status.code(), Some(1), "{line}");
        is_one_line(&stderr(&output));
    }
    let output = place.run_with(
        "user passwd bob --password-stdin",
        "another long password\n",
    );
    assert_eq!(output.status.code(), Some(0));
    assert!(
        !String::from_utf8(output.stdout)
            .unwrap()
            .contains("another")
    );
}

#[test]
fn applications_are_added_and_listed_and_their_secrets_replaced() {
    let place = Place::with_ada();
    let add = "app add Calendar --owner ada --grant authorization_code --grant refresh_token \
               --redirect-uri https://a.example/cb --scope openid --scope read --client-id calendar";
    let made = place.json(add);
    assert_eq!(made["client_id"], "calendar");
    assert!(
        made["client_secret"]
            .as_str()
            .unwrap()
            .starts_with("clv_cs_")
    );
    let line = "app add Spa --owner ada --public --grant authorization_code --redirect-uri https://b.example/cb";
    let public = place.json(line);
    assert!(public.get("client_secret").is_none_or(Value::is_null));
    let list = place.json("app list");
    assert_eq!(list.as_array().unwrap().len(), 2);
    assert_eq!(list[0]["scopes"], serde_json::json!(["openid", "read"]));
    assert!(!list.to_string().contains("clv_cs_"));
    let rotated = place.json("app secret rotate calendar --overlap 1h");
    assert_ne!(rotated["client_secret"], made["client_secret"]);
    assert_eq!(
        place.json("app list")[0]["secrets"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    place.json("app secret rotate calendar");
    assert_eq!(
        place.json("app list")[0]["secrets"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let spa = public["client_id"].as_str().unwrap();
    for line in [
        add,
        "app add X --owner nobody --grant client_credentials",
        "app add X --owner ada --grant authorization_code",
        "app add X --owner ada --public --grant client_credentials",
        "app add X --owner ada --grant authorization_code --redirect-uri http://a.example/cb",
        "app add X --owner ada --grant client_credentials --scope everything",
        "app secret rotate nothing",
        &format!("app secret rotate {spa}"),
    ] {
        is_one_line(&place.fails(1, line));
    }
}

#[test]
fn keys_are_rotated_and_listed() {
    let place = Place::with_ada();
    assert_eq!(place.json("keys list"), serde_json::json!([]));
    let made = place.json("keys rotate");
    assert_eq!(made.as_array().unwrap().len(), 3);
    assert!(
        made.as_array()
            .unwrap()
            .iter()
            .all(|key| key["state"] == "active")
    );
    place.json("keys rotate --alg EdDSA");
    let keys = place.json("keys list");
    let of = |state: &str| {
        keys.as_array()
            .unwrap()
            .iter()
            .filter(|key| key["state"] == state)
            .count()
    };
    assert_eq!((of("active"), of("next")), (3, 1));
    assert!(!keys.to_string().contains("private"));
}

#[test]
fn an_empty_database_has_nothing_to_sweep() {
    let place = Place::new();
    assert_eq!(place.json("sweep"), serde_json::json!({ "deleted": 0 }));
    assert_eq!(place.run("migrate").status.code(), Some(0));
    assert_eq!(place.run("migrate").status.code(), Some(0));
}

#[test]
fn doctor_says_what_is_wrong_and_changes_nothing() {
    let place = Place::new();
    let output = place.run("doctor --json");
    assert_eq!(output.status.code(), Some(1));
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["ok"], false);
    assert!(!place.path().join("data").exists());
    let place = Place::with_ada();
    place.json("keys rotate");
    assert_eq!(place.json("doctor")["ok"], true);
    let key = place.path().join("data/secret.key");
    std::fs::write(&key, "A".repeat(43)).unwrap();
    let output = place.run("doctor");
    assert_eq!(output.status.code(), Some(1));
    assert!(
        String::from_utf8(output.stdout)
            .unwrap()
            .contains("belongs to another one")
    );
    // Nor does anything else go on with a key that is not this database's.
    is_one_line(&place.fails(1, "serve --listen 127.0.0.1:0"));
    std::fs::remove_file(&key).unwrap();
    is_one_line(&place.fails(1, "serve --listen 127.0.0.1:0"));
    assert!(!key.exists());
}

#[cfg(unix)]
#[test]
fn the_secret_key_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::with_ada();
    place.json("keys rotate");
    let mode = std::fs::metadata(place.path().join("data/secret.key"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[cfg(unix)]
#[test]
fn a_server_prints_the_way_in_and_ends_well_when_it_is_interrupted() {
    let place = Place::new();
    let (mut child, lines) = place.serve(2);
    assert!(
        lines[0].starts_with("Claviger listens at http://127.0.0.1:"),
        "{lines:?}"
    );
    assert!(
        lines[1].contains("http://localhost:8000/setup?token="),
        "{lines:?}"
    );
    // Commands work while a server runs on the same database.
    let line = "user add ada --email ada@example.com --password-stdin";
    assert_eq!(place.run_with(line, PASSWORD).status.code(), Some(0));
    interrupt(&child);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let (mut child, lines) = place.serve(1);
    assert!(!lines[0].contains("token="), "{lines:?}");
    interrupt(&child);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_port_that_is_taken_is_said() {
    let place = Place::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let said = place.fails(1, &format!("serve --listen {address}"));
    let last = said.lines().last().unwrap();
    assert!(
        last.starts_with("claviger: ") && last.contains(&address.to_string()),
        "{said}"
    );
}

#[test]
fn a_database_that_can_not_be_had_is_one_line_without_its_password() {
    let place = Place::new();
    let said = place.fails(
        1,
        "migrate --database-url postgres://ada:hunter2@127.0.0.1:1/x",
    );
    is_one_line(&said);
    assert!(!said.contains("hunter2"), "{said}");
}
