//! Who may ask: host and origin names, and the key.

use crate::api::problem;
use crate::guesses::Peer;
use crate::pages::{escape, spoken};
use crate::state::Shared;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr};

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
    let origin = request.headers().get(header::ORIGIN).map(|value| value.to_str().unwrap_or("null").to_owned());
    let host = host(&request).map(str::to_owned);
    let is_known = host.as_deref().is_some_and(|host| answers_to(&state, host));
    let foreign = origin.as_deref().filter(|origin| !host.as_deref().is_some_and(|host| is_own_origin(origin, host)));
    let allowed =
        foreign.is_some_and(|origin| state.allowed_origins.iter().any(|known| known == "*" || known == origin));
    let path = request.uri().path().to_owned();
    let mut response = if !is_known {
        let name = host.as_deref().map(name_of).filter(|name| !name.is_empty());
        let told = name.map_or_else(
            || "a request names the host that it asks".to_owned(),
            |name| format!("this server does not answer to `{name}`; `--host-name {name}` lets it, and so does `hosts` under `[server]` of loko.toml"),
        );
        problem(StatusCode::FORBIDDEN, "FORBIDDEN_HOST", told)
    } else if foreign.is_some() && !allowed {
        problem(StatusCode::FORBIDDEN, "FORBIDDEN_ORIGIN", "pages of this origin may not call this server")
    } else if request.method() == Method::OPTIONS && allowed {
        StatusCode::NO_CONTENT.into_response()
    } else if let Err(refused) = checked(&state, &request) {
        refused
    } else {
        next.run(request).await
    };
    mark(&state, response.headers_mut(), &path, origin.filter(|_| allowed));
    response
}

/// What holds for an answer that says nothing of its own: only what comes from this server, and nothing that stands in a
/// page itself.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
                      font-src 'self' data:; connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'";
/// A page of the site states its policy itself, with the hashes of what stands in it; these only add to it.
pub(crate) const POLICY_BESIDES: &str = "object-src 'none'; base-uri 'none'; form-action 'none'";
/// A drawing by itself runs nothing and loads nothing; its look stands in it.
pub(crate) const POLICY_OF_DRAWINGS: &str =
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:";

/// The page that asks for the key sends it to this server.
const POLICY_OF_KEY: &str = "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'self'";

fn mark(state: &Shared, headers: &mut HeaderMap, path: &str, allowed_origin: Option<String>) {
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    let own = headers.get(header::CONTENT_SECURITY_POLICY).and_then(|policy| policy.to_str().ok()).unwrap_or(POLICY);
    // That nobody else's page may frame a page can only be said here.
    let mut policy = format!("{own}; frame-ancestors 'self'");
    for origin in &state.allowed_origins {
        policy.push(' ');
        policy.push_str(origin);
    }
    let policy = HeaderValue::from_str(&policy).unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'"));
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    // Scripts, such as the words that one searches for, and pictures are for no other site's pages to load, whatever they
    // say of themselves; where some are let in, diagrams and what shows them are.
    let is_shared = !state.allowed_origins.is_empty() && is_for_other_pages(path);
    let sharing = if is_shared { "cross-origin" } else { "same-origin" };
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static(sharing));
    if !state.allowed_origins.is_empty() {
        headers.append(header::VARY, HeaderValue::from_static("Origin"));
    }
    if let Some(origin) = allowed_origin.and_then(|origin| HeaderValue::from_str(&origin).ok()) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers
            .insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST, PUT, DELETE, OPTIONS"));
        headers.insert(
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            HeaderValue::from_static(
                "Content-Type, Authorization, Mcp-Session-Id, Mcp-Protocol-Version, Mcp-Method, Mcp-Name, Last-Event-ID",
            ),
        );
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("Mcp-Session-Id"));
    }
}

/// Whether a file is made to stand in other sites' pages: a diagram, or the element that shows one.
fn is_for_other_pages(path: &str) -> bool {
    path == "/js/view.js" || (path.starts_with("/diagrams/") && path.ends_with(".svg"))
}

fn needs_key(request: &Request) -> bool {
    !matches!(
        request.uri().path(),
        "/health" | "/api/v1/openapi.json" | "/api/v1/openapi.yaml" | "/api/docs" | "/api/docs/style.css"
    )
}

/// The cookie that browsers keep the key in: no script reads it, no other site's page makes a browser send it. Browsers do not
/// tell ports apart, so it is named by the server's own.
fn cookie_name(state: &Shared) -> String {
    format!("loko-key-{}", state.address.port())
}

/// A key that a request shows.
enum Shown {
    /// As programs and browsers do each time.
    Kept(String),
    /// In the address, as people do once.
    Typed(String),
}

/// Looks at the key that a request shows; a refusal, or what a browser is told that shows it for the first time.
fn checked(state: &Shared, request: &Request) -> Result<(), Response> {
    let Some(key) = &state.key else { return Ok(()) };
    let is_open = !needs_key(request);
    let mut shown = shown(state, request);
    // Where no key is needed, only somebody who wants it to be kept shows one.
    shown.retain(|one| !is_open || matches!(one, Shown::Typed(_)));
    let peer = request.extensions().get::<Peer>().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0);
    if !shown.is_empty() {
        state.guesses.may_try(peer).map_err(|seconds| {
            let told = "too many wrong keys; wait and show the right one";
            let refusal = || problem(StatusCode::TOO_MANY_REQUESTS, "TOO_MANY_KEYS", told);
            let page = asks_for_page(request).then(|| key_page(state, StatusCode::TOO_MANY_REQUESTS, "key-later"));
            let mut response = page.unwrap_or_else(refusal);
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            response
        })?;
    }
    for one in &shown {
        match one {
            // Forms write a space as a plus.
            Shown::Typed(text) if key.matches(text) || key.matches(&text.replace('+', " ")) => {
                return welcome(state, key, request.uri().path()).map_or(Ok(()), Err);
            }
            Shown::Kept(text) if key.matches(text) => return Ok(()),
            Shown::Typed(_) | Shown::Kept(_) => {}
        }
    }
    for one in &shown {
        let (Shown::Kept(text) | Shown::Typed(text)) = one;
        state.guesses.note(peer, text);
    }
    if is_open {
        return Ok(());
    }
    if asks_for_page(request) {
        let is_typed = shown.iter().any(|one| matches!(one, Shown::Typed(_)));
        return Err(key_page(state, StatusCode::UNAUTHORIZED, if is_typed { "key-wrong" } else { "" }));
    }
    Err(problem(
        StatusCode::UNAUTHORIZED,
        "UNAUTHORIZED",
        "show the key as `Authorization: Bearer KEY`, or open the site once with `?key=KEY`",
    ))
}

/// Whether somebody opens a page in a browser: programs ask for nothing in particular, or for what they read.
fn asks_for_page(request: &Request) -> bool {
    let wanted = request.headers().get(header::ACCEPT).and_then(|wanted| wanted.to_str().ok()).unwrap_or_default();
    request.method() == Method::GET && wanted.contains("text/html")
}

/// The page that asks for the key, with what was wrong with the one that was shown, if that is to be said.
fn key_page(state: &Shared, status: StatusCode, wrong: &str) -> Response {
    let words = state.words();
    let wrong = if wrong.is_empty() {
        String::new()
    } else {
        format!("<p class=\"wrong\" role=\"alert\">{}</p>\n", escape(words.say(wrong)))
    };
    let page = spoken(include_str!("../assets/key.html"), &words).replacen("WRONG", &wrong, 1);
    let head = [(header::CONTENT_SECURITY_POLICY, POLICY_OF_KEY), (header::CACHE_CONTROL, "no-store")];
    (status, head, Html(page)).into_response()
}

/// The keys that a request shows: one in its address goes before the one that it brings along.
fn shown(state: &Shared, request: &Request) -> Vec<Shown> {
    let headers = request.headers();
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| std::str::from_utf8(value.as_bytes()).ok());
    // Only somebody who opens a page types a key: pictures and frames of other sites' pages do not guess in their place.
    let is_opened = request.method() == Method::GET && text("sec-fetch-dest").is_none_or(|dest| dest == "document");
    let mut typed = request.uri().query().into_iter().flat_map(|query| query.split('&')).filter(|_| is_opened);
    let typed = typed.find_map(|pair| pair.strip_prefix("key=")).map(|shown| Shown::Typed(decoded(shown)));
    let kept = if let Some(shown) = text(header::AUTHORIZATION.as_str()) {
        let (scheme, shown) = shown.split_once(' ').unwrap_or((shown, ""));
        scheme.eq_ignore_ascii_case("bearer").then(|| shown.trim().to_owned())
    } else {
        let name = cookie_name(state);
        let mut cookies = text(header::COOKIE.as_str()).into_iter().flat_map(|all| all.split(';'));
        cookies.find_map(|pair| pair.trim().strip_prefix(name.as_str())?.strip_prefix('=').map(decoded))
    };
    typed.into_iter().chain(kept.map(Shown::Kept)).collect()
}

/// A browser that comes with the key in the address gets it as a cookie, and the address without it.
fn welcome(state: &Shared, key: &Key, path: &str) -> Option<Response> {
    let written = percent_encoding::utf8_percent_encode(&key.0, percent_encoding::NON_ALPHANUMERIC);
    let cookie = format!("{}={written}; HttpOnly; SameSite=Strict; Path=/", cookie_name(state));
    let cookie = HeaderValue::from_str(&cookie).ok()?;
    // Two slashes at the start would name another host.
    let path = format!("/{}", path.trim_start_matches('/'));
    Some(([(header::SET_COOKIE, cookie)], Redirect::to(&path)).into_response())
}

fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// The host that a request asks, with its port: what its first line says goes before what its head says (RFC 9112, 3.2.2).
fn host(request: &Request) -> Option<&str> {
    if let Some(authority) = request.uri().authority() {
        return Some(authority.as_str());
    }
    let mut all = request.headers().get_all(header::HOST).iter();
    let first = all.next()?.to_str().ok()?;
    all.next().is_none().then_some(first)
}

/// A host without its port.
fn name_of(host: &str) -> &str {
    match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or(rest),
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    }
}

/// Whether the server answers to a name. A page of another site that lets its own name lead here comes with that name, so
/// only names that nobody else can give away count: this machine's own, those that whoever started the server has
/// given, and, where other machines may come, plain addresses.
fn answers_to(state: &Shared, host: &str) -> bool {
    let name = name_of(host).trim_end_matches('.');
    let is_plain = !state.address.ip().is_loopback() && name.parse::<IpAddr>().is_ok();
    is_local(name) || is_plain || state.host_names.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// Whether a name means this very machine.
fn is_local(name: &str) -> bool {
    name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Whether a page of this origin came from the very host that it asks now.
fn is_own_origin(origin: &str, host: &str) -> bool {
    let (rest, port) = match origin.split_once("://") {
        Some(("http", rest)) => (rest, ":80"),
        Some(("https", rest)) => (rest, ":443"),
        _ => return false,
    };
    let plain = |authority: &str| authority.strip_suffix(port).unwrap_or(authority).to_ascii_lowercase();
    !rest.is_empty() && plain(rest) == plain(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_local() {
        for host in ["localhost", "LocalHost:8080", "127.0.0.1:1", "[::1]:8080", "127.8.8.8"] {
            assert!(is_local(name_of(host)), "{host}");
        }
        for host in ["example.com", "127.0.0.1.example.com:80", "localhost.evil", "192.168.1.1", "", "[", ":80"] {
            assert!(!is_local(name_of(host)), "{host}");
        }
    }

    #[test]
    fn an_origin_is_its_own_host_only() {
        for (origin, host) in [
            ("http://localhost:8080", "localhost:8080"),
            ("http://docs.example", "docs.example:80"),
            ("https://docs.example", "Docs.Example"),
            ("http://[::1]:8080", "[::1]:8080"),
        ] {
            assert!(is_own_origin(origin, host), "{origin} {host}");
        }
        for (origin, host) in [
            ("http://localhost:3000", "localhost:8080"),
            ("http://127.0.0.1:8080", "localhost:8080"),
            ("null", "localhost:8080"),
            ("file://", ""),
            ("http://", ""),
            ("http://evil.example", "docs.example"),
        ] {
            assert!(!is_own_origin(origin, host), "{origin} {host}");
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
