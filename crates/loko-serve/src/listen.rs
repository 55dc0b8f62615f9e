//! Connections: how many there may be, and how long one may take to say what it wants and to take what it is told.
//!
//! A connection that says nothing, or takes nothing, is ended; one that hears of changes may stay as long as it listens.
//! When the server stops, requests that are under way are answered and no more are taken.

use crate::guesses::Peer;
use axum::Router;
use futures_util::future::{Either, select};
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::io::{Error, ErrorKind, IoSlice, Result};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::{Sleep, sleep, timeout};

/// A connection whose next request's head does not arrive whole within so many seconds is ended.
pub const HEAD_SECONDS_MAX: u64 = 10;
/// A request that is not answered within so many seconds from when its head has arrived is ended; its body has to arrive in
/// them too.
pub const REQUEST_SECONDS_MAX: u64 = 30;
/// A connection whose other end takes nothing of an answer for so many seconds is ended.
pub const WRITE_SECONDS_MAX: u64 = 30;
/// Connections at the same time; whoever comes then is told to come later.
pub const CONNECTIONS_MAX: usize = 512;
/// A request's head is no longer than this.
pub const HEAD_BYTES_MAX: usize = 64 * 1024;
/// A request has no more header fields than this.
pub const HEAD_FIELDS_MAX: usize = 100;

/// Connections at the same time that are told to come later; beyond them they are told nothing.
const REFUSALS_MAX: usize = 64;
/// How long somebody who is told to come later has to read that.
const REFUSAL_TIME: Duration = Duration::from_secs(1);
const REFUSAL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\nretry-after: 1\r\n\
    connection: close\r\ncontent-length: 67\r\n\r\n{\"error\":\"too many connections; come back later\",\"code\":\"TOO_MANY\"}";
/// How long to wait when the system gives no connection, as when it has no more files to open.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// What the server bears.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For a request's head.
    pub head: Duration,
    /// For a request's body and the work on it.
    pub request: Duration,
    /// For the other end to take something.
    pub write: Duration,
    /// Connections at the same time.
    pub connections: usize,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(HEAD_SECONDS_MAX),
            request: Duration::from_secs(REQUEST_SECONDS_MAX),
            write: Duration::from_secs(WRITE_SECONDS_MAX),
            connections: CONNECTIONS_MAX,
        }
    }
}

/// Answers whoever comes until the server stops, then waits until all have been answered.
pub(crate) async fn serve(listener: TcpListener, app: Router, patience: Patience, stopping: watch::Receiver<bool>) {
    let places = Arc::new(Semaphore::new(patience.connections));
    let refusals = Arc::new(Semaphore::new(REFUSALS_MAX));
    let mut stop = stopping.clone();
    loop {
        let accepted = {
            let stopped = pin!(stop.wait_for(|stopped| *stopped));
            match select(pin!(listener.accept()), stopped).await {
                Either::Left((accepted, _)) => accepted,
                Either::Right(_) => break,
            }
        };
        let Ok((stream, peer)) = accepted else {
            // Somebody who went away again is nothing to wait for, and a system at its limits gets a moment.
            sleep(ACCEPT_PAUSE).await;
            continue;
        };
        if let Ok(place) = places.clone().try_acquire_owned() {
            let (app, stopping) = (app.clone(), stopping.clone());
            tokio::spawn(async move {
                talk(stream, Peer(peer.ip()), app, patience, stopping).await;
                drop(place);
            });
        } else if let Ok(place) = refusals.clone().try_acquire_owned() {
            tokio::spawn(async move {
                // Nobody need hear it.
                let _ = timeout(REFUSAL_TIME, refuse(stream)).await;
                drop(place);
            });
        }
    }
    drop(listener);
    let all = u32::try_from(patience.connections).unwrap_or(u32::MAX);
    let _ = places.acquire_many(all).await;
}

/// Answers what comes on a connection.
async fn talk(stream: TcpStream, peer: Peer, app: Router, patience: Patience, mut stopping: watch::Receiver<bool>) {
    // Small events are told at once.
    let _ = stream.set_nodelay(true);
    let stream = TokioIo::new(Watched { stream, limit: patience.write, waits: None });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(patience.head);
    builder.max_header_size(HEAD_BYTES_MAX).max_headers(HEAD_FIELDS_MAX);
    let app = TowerToHyperService::new(app);
    let answers = service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
        request.extensions_mut().insert(peer);
        app.call(request)
    });
    let mut connection = pin!(builder.serve_connection(stream, answers));
    let has_stopped = {
        let stopped = pin!(stopping.wait_for(|stopped| *stopped));
        matches!(select(connection.as_mut(), stopped).await, Either::Right(_))
    };
    if has_stopped {
        connection.as_mut().graceful_shutdown();
        let _ = connection.await;
    }
}

/// Tells somebody to come later, and takes what they say meanwhile, so that they can read it.
async fn refuse(mut stream: TcpStream) -> Result<()> {
    stream.write_all(REFUSAL).await?;
    stream.shutdown().await?;
    let mut said = [0; 1024];
    while stream.read(&mut said).await? > 0 {}
    Ok(())
}

/// A stream that fails when the other end takes nothing for too long.
struct Watched {
    stream: TcpStream,
    limit: Duration,
    waits: Option<Pin<Box<Sleep>>>,
}

impl Watched {
    fn watch<T>(&mut self, context: &mut Context<'_>, written: Poll<Result<T>>) -> Poll<Result<T>> {
        if written.is_ready() {
            self.waits = None;
            return written;
        }
        let limit = self.limit;
        let waits = self.waits.get_or_insert_with(|| Box::pin(sleep(limit)));
        match waits.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(Err(Error::from(ErrorKind::TimedOut))),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl AsyncRead for Watched {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Watched {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.watch(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, bytes);
        self.watch(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(context);
        self.watch(context, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        let ended = Pin::new(&mut self.stream).poll_shutdown(context);
        self.watch(context, ended)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_refusal_is_as_long_as_it_says() {
        let text = std::str::from_utf8(REFUSAL).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.ends_with(&format!("content-length: {}", body.len())), "{head} {}", body.len());
        serde_json::from_str::<serde_json::Value>(body).unwrap();
    }
}
