//! `claviger user …`: people.

use contract::wire::audit::AuditKind;
use std::io::Read;

use clap::{Args, Subcommand};
use contract::rules::Rule;
use contract::wire::session::Role;
use serde_json::{Value, json};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::error::CliError;
use super::open;
use super::output::{Output, printable, table};
use crate::config::Config;
use crate::crypto::password::{Caller, Passwords};
use crate::domain::password::{self, MAX_BYTES};
use crate::domain::user::{User, parse_role, role_name, valid_email, valid_username};
use crate::state::Core;
use crate::store::{AuditEntry, AuditEvent, NewUser, StoreError};

/// Bytes of standard input: the longest password, and line ends behind it.
const READ_BYTES: usize = 2 * MAX_BYTES;

#[derive(Subcommand, Debug)]
pub(super) enum Command {
    /// Add a user
    Add(Add),
    /// Set a user's password; ends their sessions
    Passwd(Passwd),
    /// Show every user
    List,
    /// Disable a user: ends their sessions and stops what they granted
    Disable(Named),
    /// Enable a user again; what they granted and has not expired works again
    Enable(Named),
}

#[derive(Args, Debug)]
pub(super) struct Named {
    /// The username
    name: String,
}

#[derive(Args, Debug)]
pub(super) struct Add {
    /// The username
    name: String,
    #[arg(long, value_name = "MAIL")]
    email: String,
    /// Read the password from standard input
    #[arg(long, required = true)]
    password_stdin: bool,
    /// What they may do: user signs in, developer registers applications, admin manages everything
    #[arg(long, default_value = "user", value_parser = ["admin", "developer", "user"])]
    role: String,
    /// The address is known to be theirs: applications are told so (email_verified)
    #[arg(long)]
    email_verified: bool,
}

#[derive(Args, Debug)]
pub(super) struct Passwd {
    /// The username
    name: String,
    /// Read the password from standard input
    #[arg(long, required = true)]
    password_stdin: bool,
}

pub(super) async fn run(command: Command, config: &Config, output: Output) -> Result<(), CliError> {
    match command {
        Command::Add(command) => add(command, config, output).await,
        Command::Passwd(command) => passwd(command, config, output).await,
        Command::List => list(config, output).await,
        Command::Disable(Named { name }) => set_disabled(&name, true, config, output).await,
        Command::Enable(Named { name }) => set_disabled(&name, false, config, output).await,
    }
}

async fn add(command: Add, config: &Config, output: Output) -> Result<(), CliError> {
    let Add {
        name,
        email,
        role,
        email_verified,
        ..
    } = command;
    if !valid_username(&name) {
        return Err(CliError::new(format!(
            "{name:?} can't be a username: use 1 to 64 characters, no @, no spaces at the ends"
        )));
    }
    if !valid_email(&email) {
        return Err(CliError::new(format!(
            "--email {email:?} is not an email address like zoe@example.com"
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
        email_verified,
        role: parse_role(&role).unwrap_or(Role::User),
        password_hash: hash(&opened, &password).await?,
        now,
    };
    let audit = audit_entry(&opened, AuditKind::UserCreated, new.id);
    let user = match opened.store.insert_user(new, audit).await {
        Err(StoreError::Conflict("username")) => {
            return Err(CliError::new(format!("the username {name:?} is taken")));
        }
        Err(StoreError::Conflict("email")) => {
            return Err(CliError::new(format!(
                "the email address {email:?} is taken"
            )));
        }
        result => result?,
    };
    opened.store.close().await;
    let text = format!(
        "Added {} ({}).",
        printable(&user.username),
        role_name(user.role)
    );
    output.print(&text, &json!(user.to_wire()));
    Ok(())
}

async fn passwd(command: Passwd, config: &Config, output: Output) -> Result<(), CliError> {
    let password = read_password()?;
    let opened = open::database(config).await?;
    let user = find(&opened, &command.name).await?;
    check(&password, &[&user.username, &user.email])?;
    let hash = hash(&opened, &password).await?;
    let audit = audit_entry(&opened, AuditKind::UserPasswordSet, user.id);
    if !opened
        .store
        .set_password(user.id, hash, opened.now(), None, None, audit)
        .await?
    {
        return Err(no_user(&command.name));
    }
    opened.store.close().await;
    let text = format!(
        "Set the password of {}; their sessions have ended.",
        printable(&user.username)
    );
    output.print(&text, &json!(user.to_wire()));
    Ok(())
}

async fn list(config: &Config, output: Output) -> Result<(), CliError> {
    let opened = open::database(config).await?;
    let users = opened.store.users().await?;
    opened.store.close().await;
    let text = if users.is_empty() {
        "There are no users yet.".to_owned()
    } else {
        let rows: Vec<Vec<String>> = users
            .iter()
            .map(|user| {
                vec![
                    user.username.clone(),
                    user.email.clone(),
                    role_name(user.role).to_owned(),
                    if user.disabled_at.is_some() {
                        "disabled"
                    } else {
                        ""
                    }
                    .to_owned(),
                ]
            })
            .collect();
        table(&["USER", "EMAIL", "ROLE", ""], &rows)
    };
    output.print(&text, &users.iter().map(to_json).collect());
    Ok(())
}

async fn set_disabled(
    name: &str,
    disable: bool,
    config: &Config,
    output: Output,
) -> Result<(), CliError> {
    let opened = open::database(config).await?;
    let user = find(&opened, name).await?;
    let (store, now) = (&opened.store, opened.now());
    let text = if disable {
        let audit = audit_entry(&opened, AuditKind::UserDisabled, user.id);
        store.disable_user(user.id, now, audit).await?;
        "is disabled: their sessions have ended, and what they granted stops."
    } else {
        let audit = audit_entry(&opened, AuditKind::UserEnabled, user.id);
        store.enable_user(user.id, now, audit).await?;
        "is enabled; what they granted and has not expired goes on."
    };
    let user = find(&opened, name).await?;
    opened.store.close().await;
    let text = format!("{} {text}", printable(&user.username));
    output.print(&text, &to_json(&user));
    Ok(())
}

fn to_json(user: &User) -> Value {
    json!({
        "id": user.id.to_string(),
        "username": user.username,
        "email": user.email,
        "email_verified": user.email_verified,
        "role": role_name(user.role),
        "created_at": user.created_at.rfc3339(),
        "disabled": user.disabled_at.is_some(),
    })
}

/// The user with this name.
pub(super) async fn find(opened: &Core, name: &str) -> Result<User, CliError> {
    if name.contains('\0') {
        return Err(no_user(name));
    }
    let found = opened.store.user_by_name(name).await?;
    found.ok_or_else(|| no_user(name))
}

fn no_user(name: &str) -> CliError {
    CliError::new(format!("there is no user {name:?}"))
}

fn audit_entry(opened: &Core, kind: AuditKind, user_id: Uuid) -> AuditEntry {
    opened.audit_entry(AuditEvent {
        kind,
        actor_id: None,
        user_id: Some(user_id),
        client_id: None,
        detail: "command line".to_owned(),
    })
}

async fn hash(opened: &Core, password: &str) -> Result<String, CliError> {
    let passwords = Passwords::new(opened.random.clone());
    Ok(passwords.hash(password, Caller::Known).await?)
}

fn check(password: &str, about: &[&str]) -> Result<(), CliError> {
    password::check(password, about).map_err(refused)
}

fn refused(rule: &Rule) -> CliError {
    CliError::new(format!("the password: {} {}", rule.said, rule.fix))
}

/// All of standard input but for the line ends behind it.
fn read_password() -> Result<Zeroizing<String>, CliError> {
    let mut bytes = Zeroizing::new(Vec::new());
    // Longer ones are refused by their length, so no more than that is read.
    std::io::stdin()
        .lock()
        .take(READ_BYTES as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| CliError::new(format!("the password can't be read: {error}")))?;
    if bytes.len() > READ_BYTES {
        return Err(refused(&contract::rules::PASSWORD_TOO_LONG));
    }
    let text =
        std::str::from_utf8(&bytes).map_err(|_| CliError::new("the password is not in UTF-8"))?;
    let line = text.trim_end_matches(['\r', '\n']);
    if line.is_empty() {
        return Err(CliError::new("standard input holds no password"));
    }
    Ok(Zeroizing::new(line.to_owned()))
}
