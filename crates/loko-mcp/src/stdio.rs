//! The protocol over standard input and output: one message a line.
//!
//! A line that is no message is answered with an error that says what is wrong with it; no line ends the server, only
//! the end of the input does, after everything that was asked before it is answered.

use crate::project::lock;
use crate::server::Server;
use rmcp::RoleServer;
use rmcp::model::{
    ClientNotification, ClientRequest, ErrorCode, ErrorData, JsonRpcMessage, JsonRpcNotification, RequestId,
};
use rmcp::service::{RxJsonRpcMessage, TxJsonRpcMessage, serve_directly};
use rmcp::transport::Transport;
use serde_json::Value;
use std::sync::Arc;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::sync::Mutex;

/// A line longer than this is refused.
pub const LINE_BYTES_MAX: usize = 16 * 1024 * 1024;

/// How long answers are waited for when the input has ended.
pub(crate) const END_SECONDS_MAX: u64 = 60;

/// Serves one client until its input ends.
pub async fn serve<R, W>(server: Server, input: R, output: W) -> std::io::Result<()>
where
    R: AsyncRead + Send + Unpin + 'static,
    W: AsyncWrite + Send + Unpin + 'static,
{
    let transport = Lines {
        input: BufReader::new(input),
        line: Vec::new(),
        is_skipping: false,
        output: Arc::new(Mutex::new(output)),
        waiting: Arc::default(),
    };
    // The handshake is a request like others, so that a client that forgets it is served all the same.
    let running = serve_directly::<RoleServer, _, _, _, _>(server, transport, None);
    running.waiting().await.map(|_| ()).map_err(std::io::Error::other)
}

struct Lines<R, W> {
    input: BufReader<R>,
    /// What was read of the line so far; reading may be interrupted and goes on where it was.
    line: Vec<u8>,
    is_skipping: bool,
    output: Arc<Mutex<W>>,
    waiting: Arc<Waiting>,
}

/// Requests that are not answered yet.
#[derive(Default)]
struct Waiting {
    ids: std::sync::Mutex<Vec<RequestId>>,
    answered: tokio::sync::Notify,
}

impl Waiting {
    /// Takes note of what the client sends. A subscription is answered when it ends, so nobody waits for that.
    fn heard(&self, message: &RxJsonRpcMessage<RoleServer>) {
        match message {
            JsonRpcMessage::Request(request)
                if !matches!(request.request, ClientRequest::SubscriptionsListenRequest(_)) =>
            {
                lock(&self.ids).push(request.id.clone());
            }
            JsonRpcMessage::Notification(JsonRpcNotification {
                notification: ClientNotification::CancelledNotification(cancelled),
                ..
            }) => self.done(cancelled.params.request_id.as_ref()),
            _ => {}
        }
    }

    fn done(&self, id: Option<&RequestId>) {
        lock(&self.ids).retain(|known| Some(known) != id);
        self.answered.notify_waiters();
    }

    /// Returns when everything is answered.
    async fn all(&self) {
        loop {
            let answered = self.answered.notified();
            if lock(&self.ids).is_empty() {
                return;
            }
            answered.await;
        }
    }
}

/// What a line is.
enum Line {
    Whole,
    TooLong,
    End,
}

impl<R: AsyncRead + Unpin, W> Lines<R, W> {
    async fn next_line(&mut self) -> Line {
        loop {
            let Ok(available) = self.input.fill_buf().await else { return Line::End };
            if available.is_empty() {
                // A last line may lack its end.
                return if self.line.is_empty() { Line::End } else { Line::Whole };
            }
            let end = available.iter().position(|byte| *byte == b'\n');
            let taken = end.map_or(available.len(), |at| at + 1);
            let too_long = self.line.len() + taken > LINE_BYTES_MAX;
            if !self.is_skipping && !too_long {
                self.line.extend_from_slice(&available[..taken]);
            }
            self.input.consume(taken);
            if too_long {
                self.line.clear();
                self.is_skipping = true;
            }
            match (end.is_some(), self.is_skipping) {
                (true, true) => {
                    self.is_skipping = false;
                    return Line::TooLong;
                }
                (true, false) => return Line::Whole,
                (false, _) => {}
            }
        }
    }
}

/// What to do with a line.
enum Heard {
    Message(Box<RxJsonRpcMessage<RoleServer>>),
    Wrong(ErrorData, Option<RequestId>),
    Nothing,
}

fn hear(line: &[u8]) -> Heard {
    let line = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line).trim_ascii();
    if line.is_empty() {
        return Heard::Nothing;
    }
    let value: Value = match serde_json::from_slice(line) {
        Ok(value) => value,
        Err(error) => {
            let message = format!("this line is no JSON: {error}; send one JSON-RPC message a line");
            return Heard::Wrong(ErrorData::new(ErrorCode::PARSE_ERROR, message, None), None);
        }
    };
    if value.is_array() {
        let message = "batches are not part of the protocol any more; send one message a line";
        return Heard::Wrong(ErrorData::new(ErrorCode::INVALID_REQUEST, message, None), None);
    }
    let id = value.get("id").and_then(|id| serde_json::from_value::<RequestId>(id.clone()).ok());
    let is_request = value.get("method").is_some();
    let is_answer = value.get("result").is_some() || value.get("error").is_some();
    let problem = match serde_json::from_value(value) {
        Ok(message) => return Heard::Message(Box::new(message)),
        // An answer to nothing, or a notification that nobody knows, is nobody's to answer.
        Err(_) if is_answer || (is_request && id.is_none()) => return Heard::Nothing,
        Err(error) => error,
    };
    let message = format!(
        "this is no JSON-RPC 2.0 request: {problem}; it needs `jsonrpc: \"2.0\"`, an `id`, a `method` and, for most, `params` as an object"
    );
    Heard::Wrong(ErrorData::new(ErrorCode::INVALID_REQUEST, message, None), id)
}

async fn send<W: AsyncWrite + Unpin>(output: &Mutex<W>, message: &TxJsonRpcMessage<RoleServer>) -> std::io::Result<()> {
    let mut bytes = serde_json::to_vec(message)?;
    bytes.push(b'\n');
    let mut output = output.lock().await;
    output.write_all(&bytes).await?;
    output.flush().await
}

impl<R, W> Transport<RoleServer> for Lines<R, W>
where
    R: AsyncRead + Send + Unpin + 'static,
    W: AsyncWrite + Send + Unpin + 'static,
{
    type Error = std::io::Error;

    fn send(
        &mut self,
        item: TxJsonRpcMessage<RoleServer>,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send + 'static {
        let (output, waiting) = (self.output.clone(), self.waiting.clone());
        async move {
            let sent = send(&output, &item).await;
            match &item {
                JsonRpcMessage::Response(answer) => waiting.done(Some(&answer.id)),
                JsonRpcMessage::Error(answer) => waiting.done(answer.id.as_ref()),
                _ => {}
            }
            sent
        }
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleServer>> {
        loop {
            let heard = match self.next_line().await {
                Line::End => {
                    let longest = std::time::Duration::from_secs(END_SECONDS_MAX);
                    let _ = tokio::time::timeout(longest, self.waiting.all()).await;
                    return None;
                }
                Line::TooLong => {
                    let message = format!("a message has at most {LINE_BYTES_MAX} bytes; send less, or several calls");
                    Heard::Wrong(ErrorData::new(ErrorCode::INVALID_REQUEST, message, None), None)
                }
                Line::Whole => hear(&std::mem::take(&mut self.line)),
            };
            match heard {
                Heard::Message(message) => {
                    self.waiting.heard(&message);
                    return Some(*message);
                }
                Heard::Nothing => {}
                Heard::Wrong(error, id) => {
                    let message = TxJsonRpcMessage::<RoleServer>::error(error, id);
                    // A reader that is gone shows when the next answer is sent.
                    let _ = send(&self.output, &message).await;
                }
            }
        }
    }

    async fn close(&mut self) -> Result<(), Self::Error> {
        self.output.lock().await.flush().await
    }
}
