//! Connections: taken, bounded, timed, and ended when the server stops.
//!
//! - `connections` counts them and ends the oldest idle one when a new one needs its place.
//! - `stream` ends a connection whose client sends nothing or stops in the middle of a head.
//! - `body` sees to it that a body that was not read does not spoil the next request.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::HeaderValue;
use axum::http::header::CONNECTION;
use axum::response::Response;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1::Builder;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio_io_timeout::TimeoutStream;
use tower::ServiceExt;

mod body;
mod connections;
mod stream;

use body::{Answering, Reading};
pub use connections::Connections;
use connections::{Connection, Phase};
use stream::TimedStream;

/// How long a client may take to make room for more of a response.
const STALLED: Duration = Duration::from_secs(60);
/// After an error that would come again at once, as when there are no file descriptors left.
const PAUSE: Duration = Duration::from_secs(1);

/// What a listener serves with; clones share everything.
#[derive(Clone)]
pub struct Server {
    pub router: Router,
    pub connections: Connections,
    /// While it is set, each response ends its connection.
    pub draining: Arc<AtomicBool>,
}

/// Serves HTTP/1.1 until `stop`; returns when the requests that came before are answered.
pub async fn serve(listener: TcpListener, server: Server, stop: impl Future<Output = ()>) {
    let mut builder = Builder::new();
    // `TimedStream` has limits of its own: hyper knows one for idle and for half a head.
    builder.timer(TokioTimer::new()).header_read_timeout(None);
    let graceful = GracefulShutdown::new();
    let mut stop = pin!(stop);
    loop {
        let (stream, peer) = tokio::select! {
            taken = take(&listener) => taken,
            () = &mut stop => break,
        };
        let connection = tokio::select! {
            connection = server.connections.enter() => connection,
            () = &mut stop => break,
        };
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(STALLED));
        let stream = TimedStream::new(Box::pin(stream), connection.clone());
        let service = {
            let (server, connection) = (server.clone(), connection.clone());
            service_fn(move |request| answer(server.clone(), connection.clone(), peer, request))
        };
        let served = graceful.watch(builder.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            tokio::select! {
                ended = served => if let Err(error) = ended {
                    tracing::debug!(%error, "a connection ended");
                },
                () = connection.evicted() => tracing::debug!("an idle connection made room"),
            }
        });
    }
    drop(listener);
    graceful.shutdown().await;
}

/// One request through the router.
async fn answer(
    server: Server,
    connection: Arc<Connection>,
    peer: SocketAddr,
    request: Request<Incoming>,
) -> Result<hyper::Response<Answering<axum::body::Body>>, std::convert::Infallible> {
    connection.enters(Phase::Busy);
    let (mut request, unread) = Reading::wrap(request);
    request.extensions_mut().insert(ConnectInfo(peer));
    let mut response: Response = server.router.clone().oneshot(request).await?;
    let spoiled = !unread.drained().await;
    if spoiled {
        connection.lingers();
    }
    if spoiled || server.draining.load(Ordering::Relaxed) {
        response
            .headers_mut()
            .insert(CONNECTION, HeaderValue::from_static("close"));
    }
    Ok(response.map(|body| Answering::new(body, connection)))
}

/// The next connection, however long that takes.
async fn take(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                // Responses are small and whole: waiting to fill a packet only delays them.
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%error, "TCP_NODELAY");
                }
                return (stream, peer);
            }
            // It was gone before it was taken.
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                tracing::error!(%error, "no connection can be taken");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
    )
}

#[cfg(test)]
mod tests;
