//! Bodies at the edge: one that a handler did not read is read to its end, and a connection counts
//! as busy until its response is sent.
//!
//! hyper closes a connection whose request body was not read, and says so to no client: a client
//! that keeps connections would lose its next request.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body as AxumBody;
use axum::http::Request;
use axum::http::header::EXPECT;
use http_body_util::BodyExt;
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};

use super::connections::{Connection, Phase};

/// As much of an unread body is read to its end; with more of it the connection ends.
const DRAINED: u64 = 256 * 1024;
/// How long that may take.
const PATIENCE: Duration = Duration::from_secs(1);

/// What a handler left of a request's body.
pub(super) struct Unread {
    rest: Arc<Mutex<Option<Incoming>>>,
    /// The client waits for permission to send it (RFC 9110 §10.1.1).
    expects: bool,
}

impl Unread {
    /// Reads the rest. Whether there is nothing left of it.
    pub(super) async fn drained(self) -> bool {
        let rest = self
            .rest
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let Some(mut body) = rest else { return true };
        // Reading would ask the client to send what is not wanted.
        if self.expects || body.size_hint().lower() > DRAINED {
            return false;
        }
        let drain = async {
            let mut left = DRAINED;
            while let Some(frame) = body.frame().await {
                let Ok(frame) = frame else { return false };
                let bytes = frame.data_ref().map_or(0, Bytes::len);
                left = match left.checked_sub(bytes as u64) {
                    Some(left) => left,
                    None => return false,
                };
            }
            true
        };
        tokio::time::timeout(PATIENCE, drain).await.unwrap_or(false)
    }
}

/// A request's body that hands back what was not read of it.
pub(super) struct Reading {
    body: Option<Incoming>,
    rest: Arc<Mutex<Option<Incoming>>>,
}

impl Reading {
    pub(super) fn wrap(request: Request<Incoming>) -> (Request<AxumBody>, Unread) {
        let rest = Arc::default();
        let unread = Unread {
            rest: Arc::clone(&rest),
            expects: request.headers().contains_key(EXPECT),
        };
        // Most requests have no body.
        let request = request.map(|body| {
            if body.is_end_stream() {
                return AxumBody::empty();
            }
            AxumBody::new(Self {
                body: Some(body),
                rest,
            })
        });
        (request, unread)
    }
}

impl Body for Reading {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let Some(body) = &mut self.body else {
            return Poll::Ready(None);
        };
        let frame = Pin::new(body).poll_frame(context);
        // At its end, or broken: there is nothing more to read.
        if matches!(frame, Poll::Ready(None | Some(Err(_)))) {
            self.body = None;
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body
            .as_ref()
            .map_or(SizeHint::with_exact(0), Body::size_hint)
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        if let Some(body) = self.body.take().filter(|body| !body.is_end_stream()) {
            *self.rest.lock().unwrap_or_else(PoisonError::into_inner) = Some(body);
        }
    }
}

/// A response's body; when it is sent or given up, its connection waits for the next request.
pub(super) struct Answering<B> {
    body: B,
    connection: Arc<Connection>,
}

impl<B> Answering<B> {
    pub(super) fn new(body: B, connection: Arc<Connection>) -> Self {
        Self { body, connection }
    }
}

impl<B: Body + Unpin> Body for Answering<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl<B> Drop for Answering<B> {
    fn drop(&mut self) {
        self.connection.enters(Phase::Idle);
    }
}
