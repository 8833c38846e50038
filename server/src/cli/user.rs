//! `claviger user …`: people.

use std::io::Read;

use app::rules::Rule;
use app::wire::session::Role;
use clap::{Args, Subcommand};
use serde_json::json;
use zeroize::Zeroizing;

use super::failure::Failure;
use super::open::{self, Opened};
use super::output::{Output, printable};
use crate::config::Config;
use crate::crypto::password::Passwords;
use crate::domain::password::{self, MAX_BYTES};
use crate::domain::user::{User, parse_role, role_name, valid_email, valid_username};
use crate::store::{AuditEvent, NewUser, StoreError};

#[derive(Subcommand, Debug)]
pub(super) enum Command {
    /// Add somebody
    Add(Add),
    /// Set somebody's password; ends their sessions
    Passwd(Passwd),
}

#[derive(Args, Debug)]
pub(super) struct Add {
    /// The user name
    name: String,
    #[arg(long, value_name = "MAIL")]
    email: String,
    /// Read the password from standard input
    #[arg(long, required = true)]
    password_stdin: bool,
    /// What they may do: user signs in, developer registers applications, admin sees everybody's
    #[arg(long, default_value = "user", value_parser = ["admin", "developer", "user"])]
    role: String,
}

#[derive(Args, Debug)]
pub(super) struct Passwd {
    /// The user name
    name: String,
    /// Read the password from standard input
    #[arg(long, required = true)]
    password_stdin: bool,
}

pub(super) async fn run(command: Command, config: &Config, output: Output) -> Result<(), Failure> {
    match command {
        Command::Add(command) => add(command, config, output).await,
        Command::Passwd(command) => passwd(command, config, output).await,
    }
}

async fn add(command: Add, config: &Config, output: Output) -> Result<(), Failure> {
    let Add {
        name, email, role, ..
    } = command;
    if !valid_username(&name) {
        return Err(Failure::new(format!(
            "{name:?} can't be a user name: 1 to 64 characters, no @, no spaces at the ends"
        )));
    }
    if !valid_email(&email) {
        return Err(Failure::new(format!(
            "--email {email:?} is not an address like zoe@example.com"
        )));
    }
    let password = read_password()?;
    check(&password, &[&name, &email])?;
    let opened = open::database(config).await?;
    let now = opened.now();
    let new = NewUser {
        id: opened.random.uuid(now),
        username: name.clone(),
        email: email.clone(),
        role: parse_role(&role).unwrap_or(Role::User),
        password_hash: hash(&opened, &password).await?,
        now,
    };
    let user = match opened.store.insert_user(new).await {
        Err(StoreError::Conflict("username")) => {
            return Err(Failure::new(format!("the user name {name:?} is taken")));
        }
        Err(StoreError::Conflict("email")) => {
            return Err(Failure::new(format!(
                "somebody has the address {email:?} already"
            )));
        }
        result => result?,
    };
    audit(&opened, "user added", &user);
    opened.store.close().await;
    let text = format!(
        "Added {} ({}).",
        printable(&user.username),
        role_name(user.role)
    );
    output.print(&text, &json!(user.to_wire()));
    Ok(())
}

async fn passwd(command: Passwd, config: &Config, output: Output) -> Result<(), Failure> {
    let password = read_password()?;
    let opened = open::database(config).await?;
    let user = find(&opened, &command.name).await?;
    check(&password, &[&user.username, &user.email])?;
    let hash = hash(&opened, &password).await?;
    if !opened
        .store
        .set_password(user.id, hash, opened.now(), None)
        .await?
    {
        return Err(nobody(&command.name));
    }
    audit(&opened, "password set", &user);
    opened.store.close().await;
    let text = format!(
        "The password of {} is set, and their sessions have ended.",
        printable(&user.username)
    );
    output.print(&text, &json!(user.to_wire()));
    Ok(())
}

/// The user with this name.
pub(super) async fn find(opened: &Opened, name: &str) -> Result<User, Failure> {
    if name.contains('\0') {
        return Err(nobody(name));
    }
    let found = opened.store.user_by_name(name).await?;
    found.ok_or_else(|| nobody(name))
}

fn nobody(name: &str) -> Failure {
    Failure::new(format!("there is no user {name:?}"))
}

fn audit(opened: &Opened, kind: &'static str, user: &User) {
    let now = opened.now();
    let event = AuditEvent {
        kind,
        actor_id: None,
        user_id: Some(user.id),
        client_id: None,
        detail: "command line".to_owned(),
    };
    opened.store.audit(event, now, opened.random.uuid(now));
}

async fn hash(opened: &Opened, password: &str) -> Result<String, Failure> {
    Ok(Passwords::new(opened.random.clone()).hash(password).await?)
}

fn check(password: &str, about: &[&str]) -> Result<(), Failure> {
    password::check(password, about).map_err(refused)
}

fn refused(rule: &Rule) -> Failure {
    Failure::new(format!("the password: {} {}", rule.title, rule.mend))
}

/// All of standard input but for the end of its last line.
fn read_password() -> Result<Zeroizing<String>, Failure> {
    let mut bytes = Zeroizing::new(Vec::new());
    // Longer ones are refused by their length; nobody's whole disk is read for that.
    std::io::stdin()
        .lock()
        .take(MAX_BYTES as u64 + 3)
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::new(format!("the password can't be read: {error}")))?;
    if bytes.len() > MAX_BYTES + 2 {
        return Err(refused(&app::rules::PASSWORD_TOO_LONG));
    }
    let text =
        std::str::from_utf8(&bytes).map_err(|_| Failure::new("the password is not in UTF-8"))?;
    let line = text.strip_suffix('\n').unwrap_or(text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    if line.is_empty() {
        return Err(Failure::new("standard input holds no password"));
    }
    Ok(Zeroizing::new(line.to_owned()))
}
