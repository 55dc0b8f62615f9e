//! Who may ask: host and origin names, and the key.

use crate::api::problem;
use crate::state::Shared;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};
use std::fmt;
use std::net::IpAddr;

/// A secret that callers show; never printed.
#[derive(Clone)]
pub struct Key(String);

impl Key {
    /// A key; nothing for an empty text.
    pub fn new(key: impl Into<String>) -> Option<Self> {
        Some(key.into()).filter(|key| !key.trim().is_empty()).map(Self)
    }

    /// Compares in a time that does not depend on where the texts differ.
    fn matches(&self, shown: &str) -> bool {
        let (own, shown) = (self.0.as_bytes(), shown.as_bytes());
        let differences =
            own.iter().zip(shown.iter().chain(std::iter::repeat(&0))).fold(0, |sum, (a, b)| sum | (a ^ b));
        own.len() == shown.len() && differences == 0
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

/// Lets through what may pass, and marks the answers.
pub(crate) async fn check(State(state): State<Shared>, request: Request, next: Next) -> Response {
    let origin = request.headers().get(header::ORIGIN).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let foreign = origin.as_deref().filter(|origin| !is_own_origin(origin));
    let allowed =
        foreign.is_some_and(|origin| state.allowed_origins.iter().any(|known| known == "*" || known == origin));
    if foreign.is_some() && !allowed {
        return problem(StatusCode::FORBIDDEN, "FORBIDDEN_ORIGIN", "pages of this origin may not call this server");
    }
    if state.address.ip().is_loopback() && !host(request.headers()).is_some_and(is_local) {
        return problem(StatusCode::FORBIDDEN, "FORBIDDEN_HOST", "this server answers to localhost only");
    }
    let preflight = request.method() == Method::OPTIONS && allowed;
    let mut response = if preflight {
        Response::builder().status(StatusCode::NO_CONTENT).body(axum::body::Body::empty()).unwrap_or_default()
    } else if let Some(welcome) = welcome(&state, &request) {
        welcome
    } else if needs_key(&request) && !has_key(&state, request.headers()) {
        problem(
            StatusCode::UNAUTHORIZED,
            "UNAUTHORIZED",
            "show the key as `Authorization: Bearer KEY`, or open the site once with `?key=KEY`",
        )
    } else {
        next.run(request).await
    };
    mark(response.headers_mut(), origin.filter(|_| allowed));
    response
}

/// What holds for everything that is answered, besides what a page says of itself.
const POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; \
                      object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

fn mark(headers: &mut HeaderMap, allowed_origin: Option<String>) {
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    // The pages state what else they may load; that nobody else's page may frame them can only be said here.
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    if let Some(origin) = allowed_origin.and_then(|origin| HeaderValue::from_str(&origin).ok()) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST, DELETE, OPTIONS"));
        headers.insert(
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            HeaderValue::from_static(
                "Content-Type, Authorization, Mcp-Session-Id, Mcp-Protocol-Version, Mcp-Method, Mcp-Name, Last-Event-ID",
            ),
        );
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("Mcp-Session-Id"));
        headers.insert(header::VARY, HeaderValue::from_static("Origin"));
    }
}

fn needs_key(request: &Request) -> bool {
    !matches!(request.uri().path(), "/health" | "/api/v1/openapi.json" | "/api/docs" | "/api/docs/style.css")
}

/// The cookie that browsers keep the key in: no script reads it, no other site's page makes a browser send it.
const COOKIE: &str = "loko-key";

/// A browser that comes with the key in the address gets it as a cookie, and the address without it.
fn welcome(state: &Shared, request: &Request) -> Option<Response> {
    let key = state.key.as_ref()?;
    let shown = request.uri().query()?.split('&').find_map(|pair| pair.strip_prefix("key="))?;
    if request.method() != Method::GET || !key.matches(shown) {
        return None;
    }
    let cookie = format!("{COOKIE}={shown}; HttpOnly; SameSite=Strict; Path=/");
    let cookie = HeaderValue::from_str(&cookie).ok()?;
    Some(([(header::SET_COOKIE, cookie)], Redirect::to(request.uri().path())).into_response())
}

fn has_key(state: &Shared, headers: &HeaderMap) -> bool {
    let Some(key) = &state.key else { return true };
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let bearer = text(header::AUTHORIZATION).and_then(|shown| shown.strip_prefix("Bearer "));
    let mut cookies = text(header::COOKIE).into_iter().flat_map(|all| all.split(';'));
    let cookie = cookies.find_map(|pair| pair.trim().strip_prefix(COOKIE)?.strip_prefix('='));
    bearer.or(cookie).is_some_and(|shown| key.matches(shown.trim()))
}

fn host(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::HOST)?.to_str().ok()
}

/// Whether a host name, with or without a port, means this very machine.
fn is_local(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or(rest),
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn is_own_origin(origin: &str) -> bool {
    let host = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    host.is_some_and(is_local)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_local() {
        for host in ["localhost", "localhost:8080", "127.0.0.1:1", "[::1]:8080", "127.8.8.8"] {
            assert!(is_local(host), "{host}");
        }
        for host in ["example.com", "127.0.0.1.example.com:80", "localhost.evil", "192.168.1.1", ""] {
            assert!(!is_local(host), "{host}");
        }
    }

    #[test]
    fn keys_match_whole() {
        let key = Key::new("secret").unwrap();
        assert!(key.matches("secret"));
        assert!(!key.matches("secre") && !key.matches("secret\0") && !key.matches(""));
        assert_eq!(format!("{key:?}"), "Key(…)");
    }
}
