use axum::routing::{get, post};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::oneshot;

use super::stream::{FIRST, HEAD, IDLE};
use super::*;

/// More than the buffers of both ends hold.
const BYTES: usize = 64 << 20;

struct Started {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    server: tokio::task::JoinHandle<()>,
    draining: Arc<AtomicBool>,
}

async fn started() -> Started {
    started_with(Connections::new(1000)).await
}

async fn started_with(connections: Connections) -> Started {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let large = || async { vec![b'x'; BYTES] };
    let router = Router::new()
        .route("/large", get(large))
        .route("/unread", post(async || "not read"))
        .route("/slow", get(std::future::pending::<()>))
        .fallback(
            |ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { peer.ip().to_string() },
        );
    let (stop, stopped) = oneshot::channel();
    let draining = Arc::new(AtomicBool::new(false));
    let server = Server {
        router,
        connections,
        draining: draining.clone(),
    };
    let server = tokio::spawn(serve(listener, server, async {
        let _ = stopped.await;
    }));
    Started {
        address,
        stop,
        server,
        draining,
    }
}

/// Sends and reads one response, without its connection's end.
async fn exchange(stream: &mut TcpStream, request: &[u8]) -> String {
    stream.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&answer).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "))
                .map_or(0, |length| length.parse::<usize>().unwrap());
            if body.len() >= length {
                return text;
            }
        }
        let read = stream.read(&mut buffer).await.unwrap();
        assert_ne!(read, 0, "the connection ended after {text:?}");
        answer.extend_from_slice(&buffer[..read]);
    }
}

const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n";

async fn ends(stream: &mut TcpStream, within: Duration) -> bool {
    let mut answer = Vec::new();
    tokio::time::timeout(within, stream.read_to_end(&mut answer))
        .await
        .is_ok()
}

#[tokio::test]
async fn a_request_is_answered_and_knows_its_peer() {
    let it = started().await;
    let mut stream = TcpStream::connect(it.address).await.unwrap();
    let request = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    stream.write_all(request).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(answer.ends_with("127.0.0.1"), "{answer}");
    it.stop.send(()).unwrap();
    it.server.await.unwrap();
}

/// The clock runs by itself here whenever every task waits.
#[tokio::test(start_paused = true)]
async fn a_client_that_does_not_finish_the_head_of_its_request_is_let_go() {
    let it = started().await;
    for (head, limit) in [(&b""[..], FIRST), (b"GET / HTTP/1.1\r\nHost: x\r\n", HEAD)] {
        let mut stream = TcpStream::connect(it.address).await.unwrap();
        stream.write_all(head).await.unwrap();
        let ended = ends(&mut stream, limit + Duration::from_secs(5)).await;
        assert!(ended, "{head:?} holds the connection");
    }
}

#[tokio::test(start_paused = true)]
async fn a_byte_now_and_then_does_not_make_a_head_last() {
    let it = started().await;
    let mut stream = TcpStream::connect(it.address).await.unwrap();
    let mut sent = Duration::ZERO;
    while stream.write_all(b"G").await.is_ok() && sent < 3 * HEAD {
        tokio::time::sleep(Duration::from_secs(5)).await;
        sent += Duration::from_secs(5);
    }
    assert!(sent <= HEAD + Duration::from_secs(15), "{sent:?}");
}

#[tokio::test(start_paused = true)]
async fn a_connection_waits_for_its_next_request_longer_than_for_a_head() {
    let it = started().await;
    let mut stream = TcpStream::connect(it.address).await.unwrap();
    exchange(&mut stream, GET).await;
    tokio::time::sleep(2 * HEAD).await;
    exchange(&mut stream, GET).await;
    assert!(ends(&mut stream, IDLE + Duration::from_secs(5)).await);
}

#[tokio::test]
async fn a_client_that_does_not_read_its_answer_is_let_go() {
    let it = started().await;
    let mut stream = TcpStream::connect(it.address).await.unwrap();
    let request = b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n";
    stream.write_all(request).await.unwrap();
    let mut first = [0; 12];
    stream.read_exact(&mut first).await.unwrap();
    // From here on the clock runs by itself: the end waits for the answer, which is not read.
    tokio::time::pause();
    it.stop.send(()).unwrap();
    it.server.await.unwrap();
    let mut answer = Vec::new();
    let ended = stream.read_to_end(&mut answer).await;
    assert!(ended.is_err() || answer.len() < BYTES, "{}", answer.len());
}

#[tokio::test]
async fn stopping_ends_a_connection_that_waits() {
    let it = started().await;
    let mut stream = TcpStream::connect(it.address).await.unwrap();
    exchange(&mut stream, GET).await;
    it.stop.send(()).unwrap();
    it.server.await.unwrap();
    assert!(TcpStream::connect(it.address).await.is_err());
}

#[tokio::test]
async fn a_new_connection_takes_the_place_of_the_longest_idle_one() {
    let it = started_with(Connections::new(3)).await;
    let mut streams = Vec::new();
    for _ in 0..3 {
        let mut stream = TcpStream::connect(it.address).await.unwrap();
        exchange(&mut stream, GET).await;
        streams.push(stream);
    }
    // One that is being answered keeps its place.
    let busy = &mut streams[0];
    busy.write_all(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    let mut late = TcpStream::connect(it.address).await.unwrap();
    let answer = exchange(&mut late, GET).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(ends(&mut streams[1], Duration::from_secs(5)).await);
    exchange(&mut streams[2], GET).await;
}

/// RFC 9112 §9.3, §9.6: what is left of a body is read, or the connection ends and says so.
#[tokio::test]
async fn a_body_that_was_not_read_does_not_spoil_the_next_request() {
    let it = started().await;
    let mut stream = TcpStream::connect(it.address).await.unwrap();
    for _ in 0..2 {
        let body = "x".repeat(100_000);
        let request =
            format!("POST /unread HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n{body}");
        let answer = exchange(&mut stream, request.as_bytes()).await;
        assert!(answer.ends_with("not read"), "{answer}");
        assert!(!answer.contains("connection: close"), "{answer}");
    }
    // A chunked one, and then a plain request.
    let request = b"POST /unread HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    exchange(&mut stream, request).await;
    exchange(&mut stream, GET).await;
}

/// RFC 9112 §9.6: a server that closes says so, and does not reset what it has just sent.
#[tokio::test]
async fn a_body_that_is_too_long_to_read_ends_its_connection_and_says_so() {
    let it = started().await;
    for head in [
        "Content-Length: 900000\r\n\r\n",
        "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n",
    ] {
        let mut stream = TcpStream::connect(it.address).await.unwrap();
        let request = format!("POST /unread HTTP/1.1\r\nHost: x\r\n{head}");
        stream.write_all(request.as_bytes()).await.unwrap();
        if head.contains("900000") {
            stream.write_all(&vec![b'x'; 900_000]).await.unwrap();
        }
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        assert!(answer.contains("connection: close"), "{answer}");
        assert!(answer.ends_with("not read"), "{answer}");
    }
}

#[tokio::test]
async fn while_it_drains_each_response_ends_its_connection() {
    let it = started().await;
    let mut stream = TcpStream::connect(it.address).await.unwrap();
    exchange(&mut stream, GET).await;
    it.draining.store(true, Ordering::Relaxed);
    let answer = exchange(&mut stream, GET).await;
    assert!(answer.contains("connection: close"), "{answer}");
    assert!(ends(&mut stream, Duration::from_secs(5)).await);
}
