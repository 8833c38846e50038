//! `claviger user …`: people.

use std::io::Read;

use clap::{Args, Subcommand};
use contract::rules::{NOT_FOUND, Rule};
use contract::wire::session::Role;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::error::CliError;
use super::open;
use super::output::{Output, printable, table};
use crate::config::Config;
use crate::crypto::password::Passwords;
use crate::domain::password::MAX_BYTES;
use crate::domain::user::User;
use crate::error::Error;
use crate::services::by::By;
use crate::services::password_reset;
use crate::services::users::{self, Fault, MAX_PAGE, NewPerson, UserFailure};
use crate::state::Core;
use crate::store::UserFilter;

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
    /// Print a link by which a user sets a new password, good for an hour
    Reset(Named),
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
        Command::Reset(Named { name }) => reset(&name, config, output).await,
        Command::Disable(Named { name }) => set_disabled(&name, true, config, output).await,
        Command::Enable(Named { name }) => set_disabled(&name, false, config, output).await,
    }
}

async fn add(command: Add, config: &Config, output: Output) -> Result<(), CliError> {
    let Add { name, email, .. } = &command;
    let password = read_password()?;
    let new = NewPerson {
        username: name,
        email,
        email_verified: command.email_verified,
        role: Role::parse(&command.role).unwrap_or(Role::User),
        password: &password,
    };
    // Before a database is opened, and made where there is none.
    users::check(&new).map_err(|faults| failed(UserFailure::Faults(faults), name, email))?;
    let core = open::database(config).await?;
    let passwords = Passwords::new(core.random.clone());
    let user = users::create(&core, &passwords, By::Operator, &new)
        .await
        .map_err(|failure| failed(failure, name, email))?;
    core.store.close().await;
    let text = format!(
        "Added {} ({}).",
        printable(&user.username),
        user.role.name()
    );
    output.print(&text, &json!(user.to_wire()));
    Ok(())
}

async fn reset(name: &str, config: &Config, output: Output) -> Result<(), CliError> {
    let core = open::database(config).await?;
    let user = find(&core, name).await?;
    let link = password_reset::link_for(&core, &config.public_url, By::Operator, &user).await?;
    core.store.close().await;
    let text = format!(
        "Give this link to {}. It works once, for an hour:\n{link}",
        printable(&user.username)
    );
    output.print(&text, &json!({ "username": user.username, "link": link }));
    Ok(())
}

async fn passwd(command: Passwd, config: &Config, output: Output) -> Result<(), CliError> {
    let password = read_password()?;
    let core = open::database(config).await?;
    let user = find(&core, &command.name).await?;
    let passwords = Passwords::new(core.random.clone());
    users::set_password(&core, &passwords, By::Operator, &user, &password)
        .await
        .map_err(|failure| failed(failure, &command.name, &user.email))?;
    core.store.close().await;
    let text = format!(
        "Set the password of {}; their sessions have ended.",
        printable(&user.username)
    );
    output.print(&text, &json!(user.to_wire()));
    Ok(())
}

async fn list(config: &Config, output: Output) -> Result<(), CliError> {
    let core = open::database(config).await?;
    let (all, mut people, mut after) = (UserFilter::default(), Vec::new(), None);
    loop {
        let from = after.as_deref();
        let page = users::list(&core, By::Operator, &all, from, MAX_PAGE).await?;
        people.extend(page.items);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    core.store.close().await;
    let text = if people.is_empty() {
        "There are no users yet.".to_owned()
    } else {
        let rows: Vec<Vec<String>> = people
            .iter()
            .map(|user| {
                vec![
                    user.username.clone(),
                    user.email.clone(),
                    user.role.name().to_owned(),
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
    output.print(&text, &people.iter().map(to_json).collect());
    Ok(())
}

async fn set_disabled(
    name: &str,
    disable: bool,
    config: &Config,
    output: Output,
) -> Result<(), CliError> {
    let core = open::database(config).await?;
    let user = find(&core, name).await?;
    let user = users::set_disabled(&core, By::Operator, &user, disable).await?;
    core.store.close().await;
    let text = if disable {
        "is disabled: their sessions have ended, and what they granted stops."
    } else {
        "is enabled; what they granted and has not expired goes on."
    };
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
        "role": user.role.name(),
        "created_at": user.created_at.rfc3339(),
        "disabled": user.disabled_at.is_some(),
    })
}

/// The user with this name.
pub(super) async fn find(core: &Core, name: &str) -> Result<User, CliError> {
    let found = users::find(core, name).await?;
    found.ok_or_else(|| no_user(name))
}

fn no_user(name: &str) -> CliError {
    CliError::new(format!("there is no user {name:?}"))
}

/// Why nothing was done, in the words of the command line: the first fault that there is.
fn failed(failure: UserFailure, name: &str, email: &str) -> CliError {
    let faults = match failure {
        UserFailure::Faults(faults) => faults,
        UserFailure::Failed(Error::Refused(refusal)) if refusal.rule.id == NOT_FOUND.id => {
            return no_user(name);
        }
        UserFailure::Failed(error) => return error.into(),
    };
    let said = match faults.first() {
        Some(Fault::UsernameMissing | Fault::UsernameMalformed) => format!(
            "{name:?} can't be a username: use 1 to 64 characters, no @, no spaces at the ends"
        ),
        Some(Fault::UsernameTaken) => format!("the username {name:?} is taken"),
        Some(Fault::EmailMissing | Fault::EmailMalformed) => {
            format!("--email {email:?} is not an email address like zoe@example.com")
        }
        Some(Fault::EmailTaken) => format!("the email address {email:?} is taken"),
        Some(Fault::Password(rule)) => return refused(rule),
        None => String::new(),
    };
    CliError::new(said)
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
