//! The command line.
//!
//! Commands are part of the outer contract: names, flags, exit status (0 done, 1 failed, 2
//! wrong arguments) and the members of what `--json` prints stay. A failure is one line on
//! standard error. A command works on the same database as a server that runs, and never asks
//! that server for anything.
//!
//! To add a command: a file here with its arguments (`clap::Args`) and `async fn run`, a
//! variant of [`Command`], a line in [`run`].

use std::path::Path;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::{self, Config, Flags};
use crate::telemetry::{self, Audience};

mod app;
mod doctor;
mod error;
mod keys;
mod mail;
mod migrate;
mod open;
mod output;
mod registration_token;
mod resource;
mod serve;
mod sweep;
mod user;

use error::CliError;
use output::Output;

/// Your own OAuth 2.1 / OpenID Connect provider.
#[derive(Parser, Debug)]
#[command(name = "claviger", version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// Print JSON instead of text
    #[arg(long, global = true)]
    json: bool,
    #[command(flatten)]
    flags: Flags,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Serve until SIGINT or SIGTERM
    Serve,
    /// Bring the database up to date
    Migrate,
    /// Check this installation, and say how to fix what is wrong
    Doctor,
    /// Delete what has expired
    Sweep,
    /// Users
    #[command(subcommand)]
    User(user::Command),
    /// Applications
    #[command(subcommand)]
    App(app::Command),
    /// Resource servers: the APIs that take our tokens
    #[command(subcommand)]
    Resource(resource::Command),
    /// The keys that sign ID tokens
    #[command(subcommand)]
    Keys(keys::Command),
    /// Mails that were sent, kept or failed
    #[command(subcommand)]
    Mail(mail::Command),
    /// Tokens with which applications register themselves
    #[command(subcommand)]
    RegistrationToken(registration_token::Command),
}

/// Runs the program.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

fn run(arguments: Arguments) -> Result<(), CliError> {
    let config = config::load(
        &arguments.flags,
        &|name| std::env::var_os(name),
        Path::new(""),
    )?;
    let audience = match arguments.command {
        Command::Serve => Audience::Server,
        _ => Audience::Command,
    };
    telemetry::init(config.log_format, audience)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| CliError::new(format!("the threads can't be started: {error}")))?;
    let output = Output::new(arguments.json);
    let result = runtime.block_on(dispatch(arguments.command, config, output));
    // A request that hangs must not keep the process.
    runtime.shutdown_background();
    result
}

async fn dispatch(command: Command, config: Config, output: Output) -> Result<(), CliError> {
    match command {
        Command::Serve => serve::run(&config, output).await,
        Command::Migrate => migrate::run(&config, output).await,
        Command::Doctor => doctor::run(&config, output).await,
        Command::Sweep => sweep::run(&config, output).await,
        Command::User(command) => user::run(command, &config, output).await,
        Command::App(command) => app::run(command, &config, output).await,
        Command::Resource(command) => resource::run(command, &config, output).await,
        Command::Mail(command) => mail::run(command, &config, output).await,
        Command::Keys(command) => keys::run(command, &config, output).await,
        Command::RegistrationToken(command) => {
            registration_token::run(command, &config, output).await
        }
    }
}

#[cfg(test)]
mod tests;
