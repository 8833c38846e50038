//! A stream that ends when its client is silent for too long.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

use super::connections::{Connection, Phase};

/// Until the first byte of a connection.
pub(super) const FIRST: Duration = Duration::from_secs(20);
/// From the first byte of a head to its last.
pub(super) const HEAD: Duration = Duration::from_secs(30);
/// Between two requests. Proxies keep idle connections for 60 s (nginx) to 120 s (Caddy). One that
/// keeps a connection longer than its server may send a request into a closed one.
pub(super) const IDLE: Duration = Duration::from_secs(130);
/// What a client may still send of a body that is not read, before its connection is closed.
const LINGER: Duration = Duration::from_secs(2);
const LINGER_BYTES: usize = 1 << 20;

pub(super) struct TimedStream<S> {
    stream: S,
    connection: Arc<Connection>,
    deadline: Pin<Box<Sleep>>,
    /// Bytes that may still be thrown away, once the stream is shut down.
    lingering: Option<usize>,
}

impl<S> TimedStream<S> {
    pub(super) fn new(stream: S, connection: Arc<Connection>) -> Self {
        Self {
            stream,
            connection,
            deadline: Box::pin(sleep_until(Instant::now() + FIRST)),
            lingering: None,
        }
    }

    /// Whether the client has been silent for too long.
    fn is_late(&mut self, context: &mut Context<'_>) -> bool {
        let limit = match self.connection.phase() {
            Phase::New => FIRST,
            Phase::Head => HEAD,
            Phase::Idle => IDLE,
            // A request that is being answered has a limit of its own.
            Phase::Busy | Phase::Evicted => return false,
        };
        let at = self.connection.since() + limit;
        if self.deadline.deadline() != at {
            self.deadline.as_mut().reset(at);
        }
        self.deadline.as_mut().poll(context).is_ready()
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for TimedStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if read.is_pending() {
            if self.is_late(context) {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
        } else if buffer.filled().len() > before
            && matches!(self.connection.phase(), Phase::New | Phase::Idle)
        {
            self.connection.enters(Phase::Head);
        }
        read
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for TimedStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    /// Says that nothing more comes. Where the client is still sending, what it sends is thrown
    /// away for a moment: closing with unread bytes resets the connection, and the client may lose
    /// the response with it (RFC 9112 §9.6).
    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.lingering.is_none() {
            ready!(Pin::new(&mut self.stream).poll_shutdown(context))?;
            if !self.connection.is_lingering() {
                return Poll::Ready(Ok(()));
            }
            self.lingering = Some(LINGER_BYTES);
            self.deadline.as_mut().reset(Instant::now() + LINGER);
        }
        let mut scratch = [0; 4096];
        loop {
            let left = self.lingering.unwrap_or_default();
            if left == 0 || self.deadline.as_mut().poll(context).is_ready() {
                return Poll::Ready(Ok(()));
            }
            let mut buffer = ReadBuf::new(&mut scratch);
            match Pin::new(&mut self.stream).poll_read(context, &mut buffer) {
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {
                    self.lingering = Some(left.saturating_sub(buffer.filled().len()));
                }
                Poll::Ready(_) => return Poll::Ready(Ok(())),
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}
