//! The program as a server, and what looks after it.

use std::net::TcpListener;
use std::process::{Child, Command};

use serde_json::Value;

use crate::harness::installation::{Installation, PASSWORD, is_one_line};

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
fn doctor_says_what_is_wrong_and_changes_nothing() {
    let place = Installation::new();
    let output = place.run("doctor --json");
    assert_eq!(output.status.code(), Some(1));
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["ok"], false);
    assert!(!place.path().join("data").exists());
    let place = Installation::with_ada();
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
    let place = Installation::with_ada();
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
    let place = Installation::new();
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
    let place = Installation::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let said = place.fails(1, &format!("serve --listen {address}"));
    let last = said.lines().last().unwrap();
    assert!(
        last.starts_with("claviger: ") && last.contains(&address.to_string()),
        "{said}"
    );
}
