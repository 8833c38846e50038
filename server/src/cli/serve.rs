//! `claviger serve`.
//!
//! The first SIGINT or SIGTERM ends it when the requests that came before are answered; the
//! second at once.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::Duration;

use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::error::CliError;
use super::open;
use super::output::Output;
use crate::config::Config;
use crate::http::listen;
use crate::outbound::{Loopback, Outbound, Policy};
use crate::services::setup;
use crate::state::{App, AppState, Options};
use crate::{jobs, router, telemetry};

/// How long requests may take to end after the first signal.
const DRAIN: Duration = Duration::from_secs(30);
/// How long what is queued for the database may take after that.
const CLOSE: Duration = Duration::from_secs(10);
/// 128 + SIGINT, as shells say.
const INTERRUPTED: i32 = 130;

pub(super) async fn run(config: &Config, output: Output) -> Result<(), CliError> {
    // Listens for signals from the start: one that comes early is not lost.
    let mut signals = Signals::new()?;
    telemetry::metrics_handle();
    let state = tokio::select! {
        state = start(config) => state?,
        () = signals.next() => return Ok(()),
    };
    let listener = bind(config.listen).await?;
    let address = listener.local_addr().unwrap_or(config.listen);
    let jobs = jobs::start(&state);
    let (stop, stopped) = oneshot::channel::<()>();
    let mut server = tokio::spawn(listen::serve(
        listener,
        router::router(state.clone()),
        async {
            let _ = stopped.await;
        },
    ));
    announce(&state, address, output).await?;

    tokio::select! {
        _ = &mut server => return Err(CliError::new("the server stopped".to_owned())),
        () = signals.next() => {}
    }
    tracing::info!("stopping: answering the requests that came before");
    let _ = stop.send(());
    tokio::spawn(async move {
        signals.next().await;
        std::process::exit(INTERRUPTED);
    });
    if tokio::time::timeout(DRAIN, server).await.is_err() {
        tracing::warn!("some requests did not end in time");
    }
    let close = async {
        jobs.stop().await;
        state.store.close().await;
    };
    if tokio::time::timeout(CLOSE, close).await.is_err() {
        tracing::warn!("the database did not close in time");
    }
    tracing::info!("stopped");
    Ok(())
}

async fn start(config: &Config) -> Result<AppState, CliError> {
    let opened = open::database(config).await?;
    let key = open::secret_key(config, &opened).await?;
    let url = config.public_url.clone();
    let options = Options {
        registration: config.registration,
        require_pushed_requests: config.require_pushed_requests,
        outbound: Outbound::new(Policy {
            // A server that others can reach never calls what only its machine can.
            loopback: if url.is_loopback() {
                Loopback::Allowed
            } else {
                Loopback::Refused
            },
            ..Policy::default()
        }),
    };
    Ok(App::new(opened.store, url, key, opened.clock, opened.random, options).await?)
}

async fn bind(address: SocketAddr) -> Result<TcpListener, CliError> {
    TcpListener::bind(address).await.map_err(|error| {
        let problem = match error.kind() {
            ErrorKind::AddrInUse => "something else listens there already".to_owned(),
            ErrorKind::AddrNotAvailable => "this machine does not have that address".to_owned(),
            ErrorKind::PermissionDenied => "ports below 1024 need more rights".to_owned(),
            _ => error.to_string(),
        };
        CliError::new(format!("can't listen at {address}: {problem}"))
    })
}

/// Says where the server is, and the way in for the first administrator.
async fn announce(state: &AppState, address: SocketAddr, output: Output) -> Result<(), CliError> {
    let setup = setup::setup_link(state).await?;
    let public = state.url.base();
    let mut text = format!("Claviger listens at http://{address} (public URL {public})");
    if let Some(link) = &setup {
        text.push_str("\nCreate the first administrator: ");
        text.push_str(link);
    }
    output.print(
        &text,
        &json!({
            "listening": format!("http://{address}"),
            "public_url": public,
            "setup_url": setup,
        }),
    );
    Ok(())
}

/// SIGINT and SIGTERM.
struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

impl Signals {
    #[cfg(unix)]
    fn new() -> Result<Self, CliError> {
        use tokio::signal::unix::{SignalKind, signal};
        let listen = |kind| {
            signal(kind).map_err(|error| CliError::new(format!("signals can't be read: {error}")))
        };
        Ok(Self {
            interrupt: listen(SignalKind::interrupt())?,
            terminate: listen(SignalKind::terminate())?,
        })
    }

    #[cfg(unix)]
    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }

    #[cfg(not(unix))]
    fn new() -> Result<Self, CliError> {
        Ok(Self {})
    }

    #[cfg(not(unix))]
    async fn next(&mut self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}
