//! `claviger serve`.
//!
//! SIGTERM ends it after `--drain`: until then `/readyz` says 503 and each response ends its
//! connection, so that a load balancer sends nothing more. SIGINT does not wait. Then the requests
//! that came before are answered. A second signal ends it at once.

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::watch as channel;
use tokio::task::JoinSet;

use super::error::CliError;
use super::open;
use super::output::Output;
use crate::config::Config;
use crate::http::listen::{self, Connections, Server};
use crate::jobs::clock_watch::apart;
use crate::notify::{self, notify};
use crate::outbound::{Loopback, Outbound, Policy};
use crate::services::setup;
use crate::state::{App, AppState, MailOptions, Options};
use crate::{jobs, router, telemetry};

/// How long requests may take to end once the listener is closed.
const ANSWER: Duration = Duration::from_secs(30);
/// Connections that read the metrics.
const METRICS_CONNECTIONS: usize = 64;
/// How long what is queued for the database may take after that.
const CLOSE: Duration = Duration::from_secs(10);
/// How much of that the jobs may take.
const JOBS: Duration = Duration::from_secs(6);
/// 128 + SIGINT, as shells say.
const INTERRUPTED: i32 = 130;

/// This server speaks no TLS itself, so where people see https there is a proxy.
pub(super) const NO_TRUSTED_PROXY: &str = "People come by https, so through a proxy, but \
    --trusted-proxy names none: all of them count as one address, and share its limits";

pub(super) async fn run(config: &Config, output: Output) -> Result<(), CliError> {
    // Listens for signals from the start: one that comes early is not lost.
    let mut signals = Signals::new()?;
    let drain = config.drain;
    telemetry::metrics_handle();
    let state = tokio::select! {
        state = start(config) => state?,
        _ = signals.next() => return Ok(()),
    };
    let listener = bind(config.listen).await?;
    let address = listener.local_addr().unwrap_or(config.listen);
    let connections = Connections::as_the_system_allows();
    let (stop, stopped) = channel::channel(false);
    let mut servers = JoinSet::new();
    let main = Server {
        router: router::router(state.clone()),
        connections: connections.clone(),
        draining: state.draining.clone(),
    };
    if let Some(listener) = bind_twin(address).await {
        servers.spawn(listen::serve(listener, main.clone(), told(&stopped)));
    }
    servers.spawn(listen::serve(listener, main, told(&stopped)));
    if let Some(address) = config.metrics_listen {
        let server = Server {
            router: router::metrics(),
            // The main address may be full.
            connections: Connections::new(METRICS_CONNECTIONS),
            draining: state.draining.clone(),
        };
        let listener = bind(address).await?;
        servers.spawn(listen::serve(listener, server, told(&stopped)));
    }
    let jobs = jobs::start(&state);
    announce(&state, address, output).await?;
    notify(notify::State::Ready);

    let signal = tokio::select! {
        _ = servers.join_next() => return Err(CliError::new("the server stopped".to_owned())),
        // Nothing can be answered any more: what looks after the process starts it again.
        task = state.store.died() => return Err(CliError::new(format!("the {task} died"))),
        signal = signals.next() => signal,
    };
    notify(notify::State::Stopping);
    state.draining.store(true, Ordering::Relaxed);
    tokio::spawn(async move {
        if signal != Signal::Interrupt {
            tokio::select! {
                () = tokio::time::sleep(drain) => {}
                _ = signals.next() => std::process::exit(INTERRUPTED),
            }
        }
        let _ = stop.send(true);
        signals.next().await;
        std::process::exit(INTERRUPTED);
    });
    let mut begun = stopped.clone();
    let _ = begun.wait_for(|stop| *stop).await;
    tracing::info!("stopping: answering the requests that came before");
    if tokio::time::timeout(ANSWER, servers.join_all())
        .await
        .is_err()
    {
        tracing::warn!("some requests did not end in time");
    }
    let close = async {
        // Before the jobs: what they wait for is not ours.
        state.store.settled().await;
        if tokio::time::timeout(JOBS, jobs.stop()).await.is_err() {
            tracing::warn!("some jobs did not end in time");
        }
        state.store.close().await;
    };
    if tokio::time::timeout(CLOSE, close).await.is_err() {
        tracing::warn!("the database did not close in time");
    }
    tracing::info!("stopped");
    Ok(())
}

async fn start(config: &Config) -> Result<AppState, CliError> {
    if config.public_url.is_https() && config.trusted_proxies.is_empty() {
        tracing::warn!("{NO_TRUSTED_PROXY}");
    }
    let opened = open::database(config).await?;
    let key = open::secret_key(config, &opened).await?;
    if let Some(warning) = open::too_many_connections(&opened.store).await? {
        tracing::warn!("{warning}");
    }
    if let Some(database) = opened.store.database_clock().await?
        && let Some(apart) = apart(opened.now(), database)
    {
        tracing::warn!("the clock is {apart}: set it right, with NTP");
    }
    let url = config.public_url.clone();
    let options = Options {
        registration: config.registration,
        require_pushed_requests: config.require_pushed_requests,
        trusted_proxies: config.trusted_proxies.clone(),
        metrics_elsewhere: config.metrics_listen.is_some(),
        plain_http: config.plain_http,
        mail: MailOptions {
            server: config.mail_server.clone(),
            from: config.mail_from.clone(),
        },
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

/// Resolves when the servers are to stop.
fn told(stopped: &channel::Receiver<bool>) -> impl Future<Output = ()> + Send + 'static {
    let mut stopped = stopped.clone();
    async move {
        let _ = stopped.wait_for(|stop| *stop).await;
    }
}

/// The other family of a loopback address. `localhost` is ::1 first for some clients and
/// 127.0.0.1 for others; where the system lacks one, the other serves alone.
async fn bind_twin(address: SocketAddr) -> Option<TcpListener> {
    let twin = match address.ip() {
        IpAddr::V4(Ipv4Addr::LOCALHOST) => IpAddr::V6(Ipv6Addr::LOCALHOST),
        IpAddr::V6(Ipv6Addr::LOCALHOST) => IpAddr::V4(Ipv4Addr::LOCALHOST),
        _ => return None,
    };
    let twin = SocketAddr::new(twin, address.port());
    TcpListener::bind(twin)
        .await
        .inspect_err(|error| tracing::debug!(%error, %twin, "not listening there too"))
        .ok()
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

/// What ends the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Signal {
    Interrupt,
    #[cfg(unix)]
    Terminate,
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
    async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.interrupt.recv() => Signal::Interrupt,
            _ = self.terminate.recv() => Signal::Terminate,
        }
    }

    #[cfg(not(unix))]
    fn new() -> Result<Self, CliError> {
        Ok(Self {})
    }

    #[cfg(not(unix))]
    async fn next(&mut self) -> Signal {
        let _ = tokio::signal::ctrl_c().await;
        Signal::Interrupt
    }
}
