//! The live server: the site as it is on disk right now, and the REST API.
//!
//! The server asks a [`Builder`] for the site and keeps the answer in memory; when files change it asks again and tells
//! the open pages. It listens on loopback unless told otherwise, and then wants a key. The names of hosts and origins are
//! checked, so that no foreign page can reach it through a browser (DNS rebinding).
//!
//! It holds no logic that another door would need: loading, building and checking are the builder's.

#![allow(clippy::disallowed_methods, reason = "a server has a clock")]
#![allow(clippy::result_large_err, reason = "what a refused request gets is a whole response")]

mod api;
mod compress;
mod desk;
mod docs;
mod elements;
mod guard;
mod guesses;
mod limits;
mod listen;
mod openapi;
mod pages;
mod state;
mod watch;
mod workbench;

pub use compress::{COMPRESSED_BYTES_MAX, COMPRESSED_BYTES_MIN};
pub use desk::{Desk, Draft, Drawn, Problem, Proposal, Refusal, Text};
pub use guard::Key;
pub use guesses::{WRONG_KEYS_BURST, WRONG_KEYS_MINUTE};
pub use limits::{READS_BURST, READS_SECOND, WORKS_BURST, WORKS_SECOND};
pub use listen::{
    CONNECTIONS_MAX, HEAD_BYTES_MAX, HEAD_FIELDS_MAX, HEAD_SECONDS_MAX, Patience, REQUEST_SECONDS_MAX,
    WRITE_SECONDS_MAX,
};
pub use state::{Builder, Built, First, Words};
pub use watch::{Watcher, watch};

use futures_util::future::select;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

/// A request body larger than this is refused.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;
/// How long open requests have to finish after the signal to stop, in seconds; a second signal ends them at once.
pub const STOP_SECONDS_MAX: u64 = 5;

/// What to serve, and where.
#[derive(Clone, Debug)]
pub struct Config {
    /// The address to listen on.
    pub address: IpAddr,
    /// The port; 0 takes any free one.
    pub port: u16,
    /// What callers of the API must show; required when the address is not loopback.
    pub key: Option<Key>,
    /// The site at `/`, not only the API.
    pub site: bool,
    /// Whether to watch the files, build again when they change, and tell the open pages.
    pub watch: Option<Watch>,
    /// Origins of foreign pages that may call the API and frame pages; `*` means all.
    pub allowed_origins: Vec<String>,
    /// Names that the server answers to besides this machine's own.
    pub host_names: Vec<String>,
    /// Who draws, completes, looks at unsaved texts and writes; without one the server only shows.
    pub desk: Option<DeskHandle>,
    /// Whether nothing may be written through this server.
    pub read_only: bool,
    /// What the server's own pages say until a build says it otherwise.
    pub words: Words,
    /// How many connections there may be, and how long they may take.
    pub patience: Patience,
    /// Another door that hangs in this server; who may call it is checked as for all else.
    pub door: Option<Door>,
}

/// A desk that requests share.
#[derive(Clone)]
pub struct DeskHandle(pub Arc<dyn Desk>);

impl std::fmt::Debug for DeskHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Desk")
    }
}

/// Routes of another door.
#[derive(Clone)]
pub struct Door {
    /// The routes.
    pub routes: axum::Router,
    /// Ends the connections that the door keeps open.
    pub stop: Arc<dyn Fn() + Send + Sync>,
}

impl std::fmt::Debug for Door {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Door")
    }
}

/// What to watch.
#[derive(Clone, Debug)]
pub struct Watch {
    /// The workspace.
    pub root: PathBuf,
    /// The folder that is written to, which is not watched.
    pub output: PathBuf,
    /// How long files must rest before they are read.
    pub debounce: Duration,
}

/// Why the server does not start or ends.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The port is taken or not allowed.
    #[error("cannot listen on {address}: {error}")]
    Listen {
        /// The address and port.
        address: SocketAddr,
        /// What the system says.
        error: std::io::Error,
    },
    /// Others could reach the server and need no key.
    #[error("`{0}` can be reached from other machines and needs a key: `--api-key KEY` or LOKO_API_KEY")]
    NoKey(IpAddr),
    /// The files cannot be watched.
    #[error("cannot watch `{}`: {reason}", path.display())]
    Watch {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// The system refuses.
    #[error(transparent)]
    System(#[from] std::io::Error),
}

/// What happens while serving.
#[derive(Clone, Debug)]
pub enum Event {
    /// Listening at this address.
    Listening(SocketAddr),
    /// Built, in so many milliseconds, with so many errors and warnings.
    Built {
        /// The time it took.
        elapsed_ms: u128,
        /// The number of errors.
        errors: usize,
        /// The number of warnings.
        warnings: usize,
    },
    /// A build failed, for this reason; the pages say it too, and the next change is followed all the same.
    Failed {
        /// Why.
        reason: String,
    },
}

/// Serves until the process is asked to stop (Ctrl-C or a termination signal), then lets open requests finish.
pub fn run(
    config: Config,
    builder: impl Builder + 'static,
    report: impl Fn(Event) + Send + Sync + 'static,
) -> Result<(), ServeError> {
    if config.key.is_none() && !config.address.is_loopback() {
        return Err(ServeError::NoKey(config.address));
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async move {
        let address = SocketAddr::new(config.address, config.port);
        let listen_error = |error| ServeError::Listen { address, error };
        let listener = tokio::net::TcpListener::bind(address).await.map_err(listen_error)?;
        let address = listener.local_addr()?;
        let state = state::State::new(&config, address, builder, Box::new(report));
        // Watching begins before reading, so that nothing that is saved meanwhile is missed.
        let watcher = config.watch.as_ref().map(|files| {
            let state = state.clone();
            watch::watch(files, move |paths| state.rebuild(paths))
        });
        let _watcher = watcher.transpose()?;
        state.rebuild(None);
        state.report(Event::Listening(address));
        let app = router(&config, &state);
        let (stop, door) = (state.clone(), config.door.clone());
        let (tell, told) = tokio::sync::oneshot::channel();
        tokio::spawn(async move {
            stop_signal().await;
            stop.stop();
            if let Some(door) = door {
                (door.stop)();
            }
            let _ = tell.send(());
        });
        let serving = listen::serve(listener, app, config.patience, state.stopping());
        select(pin!(serving), pin!(patience(told))).await;
        Ok(())
    })
}

/// Ends when open requests have had their time to finish after the signal to stop, or with a second signal: nobody who says
/// nothing keeps the program running.
async fn patience(told: tokio::sync::oneshot::Receiver<()>) {
    if told.await.is_err() {
        // Serving ended by itself.
        std::future::pending::<()>().await;
    }
    let time = tokio::time::sleep(Duration::from_secs(STOP_SECONDS_MAX));
    select(pin!(time), pin!(stop_signal())).await;
}

fn router(config: &Config, state: &state::Shared) -> axum::Router {
    let mut app = axum::Router::new().merge(api::router()).merge(elements::router()).merge(docs::router());
    if config.site {
        app = app.merge(pages::router());
    }
    if config.desk.is_some() {
        app = app.merge(workbench::api());
        if config.site {
            app = app.merge(workbench::pages());
        }
    }
    if let Some(door) = &config.door {
        app = app.merge(door.routes.clone().with_state(()));
    }
    app.fallback(api::not_found)
        .method_not_allowed_fallback(api::wrong_method)
        .layer(axum::middleware::from_fn(compress::check))
        .layer(axum::middleware::from_fn_with_state(state.clone(), limits::check))
        .layer(axum::middleware::from_fn_with_state(state.clone(), guard::check))
        .layer(tower_http::timeout::TimeoutLayer::with_status_code(
            axum::http::StatusCode::REQUEST_TIMEOUT,
            config.patience.request,
        ))
        .layer(axum::extract::DefaultBodyLimit::max(BODY_BYTES_MAX))
        .with_state(state.clone())
}

async fn stop_signal() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        let terminate = async {
            match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
                Ok(mut signal) => {
                    signal.recv().await;
                }
                Err(_) => std::future::pending().await,
            }
        };
        futures_util::future::select(std::pin::pin!(interrupt), std::pin::pin!(terminate)).await;
    }
    #[cfg(not(unix))]
    {
        let _ = interrupt.await;
    }
}
