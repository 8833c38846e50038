//! An installation of the program itself, in a folder of its own.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use super::database::folder;

pub(crate) const PASSWORD: &str = "correct horse battery staple\n";

pub(crate) struct Installation(TempDir);

impl Installation {
    pub(crate) fn new() -> Self {
        Self(folder())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Knows nothing of the settings around the tests.
    pub(crate) fn command(&self, line: &str) -> Command {
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

    pub(crate) fn run(&self, line: &str) -> Output {
        self.command(line).output().unwrap()
    }

    pub(crate) fn run_with(&self, line: &str, input: &str) -> Output {
        let mut child = self.command(line).stdin(Stdio::piped()).spawn().unwrap();
        // A command that fails early does not read.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        child.wait_with_output().unwrap()
    }

    /// What a command that succeeds prints as JSON.
    #[track_caller]
    pub(crate) fn json(&self, line: &str) -> Value {
        let output = self.run(&format!("{line} --json"));
        assert_eq!(output.status.code(), Some(0), "{line}: {}", stderr(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    #[track_caller]
    pub(crate) fn fails(&self, status: i32, line: &str) -> String {
        let output = self.run(line);
        assert_eq!(
            output.status.code(),
            Some(status),
            "{line}: {}",
            stderr(&output)
        );
        stderr(&output)
    }

    pub(crate) fn with_ada() -> Self {
        let place = Self::new();
        let line = "user add ada --email ada@example.com --password-stdin --role admin";
        assert_eq!(place.run_with(line, PASSWORD).status.code(), Some(0));
        place
    }

    /// A server at a free port, and the first lines that it printed.
    pub(crate) fn serve(&self, lines: usize) -> (Child, Vec<String>) {
        let mut child = self.command("serve --listen 127.0.0.1:0").spawn().unwrap();
        let lines = self.first_lines(&mut child, lines);
        (child, lines)
    }

    /// What a server says first.
    pub(crate) fn first_lines(&self, child: &mut Child, lines: usize) -> Vec<String> {
        let out = BufReader::new(child.stdout.take().unwrap());
        out.lines().take(lines).map(Result::unwrap).collect()
    }
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[track_caller]
pub(crate) fn is_one_line(text: &str) {
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(text.starts_with("claviger: "), "{text}");
}
