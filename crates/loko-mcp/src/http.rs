//! The protocol over HTTP: the streamable transport, as a part of somebody's server.
//!
//! Who may call, and from where, is the server's to check before a request comes here.

use crate::server::{Hub, Server};
use crate::stdio::LINE_BYTES_MAX;
use axum::Router;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use std::sync::Arc;

/// The path at which clients find it.
pub(crate) const PATH: &str = "/mcp";

/// Routes for a server, and what ends the connections that are open.
pub fn routes(hub: &Arc<Hub>) -> (Router, Arc<dyn Fn() + Send + Sync>) {
    // The server that these routes become a part of checks hosts and origins for all its routes.
    let config =
        StreamableHttpServerConfig::default().disable_allowed_hosts().with_max_request_body_bytes(LINE_BYTES_MAX);
    let token = config.cancellation_token.clone();
    let hub = hub.clone();
    let service: StreamableHttpService<Server, LocalSessionManager> =
        StreamableHttpService::new(move || Ok(hub.server()), Arc::default(), config);
    (Router::new().route_service(PATH, service), Arc::new(move || token.cancel()))
}
