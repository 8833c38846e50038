//! Connections: taken, timed, and ended when the server stops.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Request};
use hyper::body::Incoming;
use hyper::server::conn::http1::Builder;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio_io_timeout::TimeoutStream;
use tower::ServiceExt;

/// How long a client may take to send the head of a request, and how long a connection may wait
/// for the next one: whoever sends a byte now and then holds it no longer. Proxies keep idle
/// connections too (nginx 60 s, Traefik 90 s, Caddy 120 s); whoever keeps one longer than we do
/// may send a request into one that we have closed.
const HEAD: Duration = Duration::from_secs(130);
/// How long a client may take to make room for more of an answer.
const STALLED: Duration = Duration::from_secs(60);
/// After an error that would come again at once, as when there are no file descriptors left.
const PAUSE: Duration = Duration::from_secs(1);

/// Serves `router` by HTTP/1.1 until `stop`; returns when the requests that came before are answered.
pub async fn serve(listener: TcpListener, router: Router, stop: impl Future<Output = ()>) {
    let mut builder = Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD);
    let graceful = GracefulShutdown::new();
    let mut stop = pin!(stop);
    loop {
        let (stream, peer) = tokio::select! {
            taken = take(&listener) => taken,
            () = &mut stop => break,
        };
        let service = router
            .clone()
            .map_request(move |request| known(request, peer));
        let service = TowerToHyperService::new(service);
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(STALLED));
        let connection = builder.serve_connection(TokioIo::new(Box::pin(stream)), service);
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended");
            }
        });
    }
    drop(listener);
    graceful.shutdown().await;
}

fn known(mut request: Request<Incoming>, peer: SocketAddr) -> Request<Incoming> {
    request.extensions_mut().insert(ConnectInfo(peer));
    request
}

/// The next connection, however long that takes.
async fn take(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                // Answers are small and whole: waiting to fill a packet only delays them.
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
mod tests {
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::sync::oneshot;

    use super::*;

    /// More than the buffers of both ends hold.
    const BYTES: usize = 64 << 20;

    async fn started() -> (SocketAddr, oneshot::Sender<()>, tokio::task::JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let large = || async { vec![b'x'; BYTES] };
        let router = Router::new().route("/large", get(large)).fallback(
            |ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { peer.ip().to_string() },
        );
        let (stop, stopped) = oneshot::channel();
        let server = tokio::spawn(serve(listener, router, async {
            let _ = stopped.await;
        }));
        (address, stop, server)
    }

    #[tokio::test]
    async fn a_request_is_answered_and_knows_its_peer() {
        let (address, stop, server) = started().await;
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        stream.write_all(request).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        assert!(answer.ends_with("127.0.0.1"), "{answer}");
        stop.send(()).unwrap();
        server.await.unwrap();
    }

    /// The clock runs by itself here whenever everybody waits.
    #[tokio::test(start_paused = true)]
    async fn a_client_that_does_not_finish_the_head_of_its_request_is_let_go() {
        let (address, _stop, _server) = started().await;
        for head in [&b""[..], b"GET / HTTP/1.1\r\nHost: x\r\n"] {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(head).await.unwrap();
            let mut answer = Vec::new();
            let ended = tokio::time::timeout(2 * HEAD, stream.read_to_end(&mut answer)).await;
            assert!(ended.is_ok(), "{head:?} holds the connection");
        }
    }

    #[tokio::test]
    async fn a_client_that_does_not_read_its_answer_is_let_go() {
        let (address, stop, server) = started().await;
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n";
        stream.write_all(request).await.unwrap();
        let mut first = [0; 12];
        stream.read_exact(&mut first).await.unwrap();
        // From here on the clock runs by itself: the end waits for the answer, which nobody takes.
        tokio::time::pause();
        stop.send(()).unwrap();
        server.await.unwrap();
        let mut answer = Vec::new();
        let ended = stream.read_to_end(&mut answer).await;
        assert!(ended.is_err() || answer.len() < BYTES, "{}", answer.len());
    }

    #[tokio::test]
    async fn stopping_ends_a_connection_that_waits() {
        let (address, stop, server) = started().await;
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream
            .write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            .await
            .unwrap();
        let mut first = [0; 12];
        stream.read_exact(&mut first).await.unwrap();
        assert_eq!(&first, b"HTTP/1.1 200");
        stop.send(()).unwrap();
        server.await.unwrap();
        assert!(TcpStream::connect(address).await.is_err());
    }
}
