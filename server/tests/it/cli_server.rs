//! The program as a server, and what looks after it.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command};

use serde_json::Value;

use crate::harness::installation::{Installation, PASSWORD, is_one_line, stderr};

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

#[test]
fn doctor_says_that_a_proxy_is_missing() {
    let place = Installation::with_ada();
    place.json("keys rotate");
    let said = |line: &str| {
        let json = place.json(line);
        let checks = json["checks"].as_array().unwrap().clone();
        let found = checks
            .into_iter()
            .find(|check| check["name"] == "trusted proxies");
        found.unwrap()
    };
    let missing = said("doctor --public-url https://id.example.com");
    assert_eq!(missing["ok"], true);
    assert!(missing["fix"].as_str().unwrap().contains("--trusted-proxy"));
    let there = "doctor --public-url https://id.example.com --trusted-proxy 127.0.0.1";
    let named = said(&format!("{there} --trusted-proxy 10.0.0.0/8,fd00::/8"));
    assert_eq!(named["detail"], "127.0.0.1/32, 10.0.0.0/8, fd00::/8");
    assert!(named["fix"].is_null());
    let everybody = said("doctor --trusted-proxy 0.0.0.0/0");
    assert!(
        everybody["fix"]
            .as_str()
            .unwrap()
            .contains("name your proxies only")
    );
    assert!(said("doctor")["fix"].is_null());
}

#[cfg(unix)]
#[test]
fn a_server_behind_https_says_that_no_proxy_is_trusted() {
    let place = Installation::with_ada();
    for (more, warns) in [("", true), (" --trusted-proxy 127.0.0.1", false)] {
        let line = "serve --listen 127.0.0.1:0 --public-url https://id.example.com";
        let mut child = place.command(&format!("{line}{more}")).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut String::new()).unwrap();
        interrupt(&child);
        let said = stderr(&child.wait_with_output().unwrap());
        assert_eq!(said.contains("--trusted-proxy"), warns, "{said}");
    }
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

#[cfg(unix)]
fn terminate(child: &Child) {
    let id = child.id().to_string();
    let killed = Command::new("kill").args(["-TERM", &id]).status().unwrap();
    assert!(killed.success());
}

/// `127.0.0.1:PORT` of the line that a server prints.
fn address_of(line: &str) -> &str {
    let rest = line.split("http://").nth(1).unwrap();
    rest.split([' ', '/']).next().unwrap()
}

fn get(address: &str, path: &str) -> String {
    use std::io::{Read, Write};
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[cfg(unix)]
#[test]
fn a_server_that_is_to_stop_says_so_before_it_stops_taking_requests() {
    let place = Installation::new();
    let mut child = place
        .command("serve --listen 127.0.0.1:0 --drain 60s")
        .spawn()
        .unwrap();
    let lines = place.first_lines(&mut child, 1);
    let address = address_of(&lines[0]).to_owned();
    assert!(get(&address, "/readyz").starts_with("HTTP/1.1 200 "));
    terminate(&child);
    // The signal takes its way; the listener is open for a minute.
    while !get(&address, "/readyz").starts_with("HTTP/1.1 503 ") {}
    let alive = get(&address, "/healthz");
    assert!(alive.starts_with("HTTP/1.1 200 "), "{alive}");
    assert!(alive.contains("connection: close"), "{alive}");
    // A second signal ends it at once.
    terminate(&child);
    assert_eq!(child.wait().unwrap().code(), Some(130));
}

#[test]
fn metrics_may_have_an_address_of_their_own() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let metrics = free.local_addr().unwrap().to_string();
    drop(free);
    let place = Installation::new();
    let line = format!("serve --listen 127.0.0.1:0 --metrics-listen {metrics}");
    let mut child = place.command(&line).spawn().unwrap();
    let lines = place.first_lines(&mut child, 1);
    let address = address_of(&lines[0]).to_owned();
    assert!(get(&metrics, "/metrics").starts_with("HTTP/1.1 200 "));
    assert!(get(&metrics, "/readyz").starts_with("HTTP/1.1 404 "));
    assert!(get(&address, "/metrics").starts_with("HTTP/1.1 404 "));
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn loopback_means_both_families() {
    if TcpListener::bind("[::1]:0").is_err() {
        return; // This system has no IPv6.
    }
    let place = Installation::new();
    let (mut child, lines) = place.serve(1);
    let port = address_of(&lines[0]).rsplit(':').next().unwrap();
    assert!(get(&format!("[::1]:{port}"), "/healthz").starts_with("HTTP/1.1 200 "));
    child.kill().unwrap();
    child.wait().unwrap();
}
