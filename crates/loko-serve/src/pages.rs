//! The site at `/`, from memory, and the stream that tells pages of changes.

use crate::guard::{POLICY_BESIDES, POLICY_OF_DRAWINGS};
use crate::state::{Changed, Shared, State as Known, Words};
use axum::Router;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{AppendHeaders, Html, IntoResponse, Response};
use axum::routing::get;
use futures_util::future::{Either, select};
use futures_util::stream::{self, Stream};
use loko_source::{Severity, render};
use serde::Deserialize;
use std::collections::hash_map::DefaultHasher;
use std::convert::Infallible;
use std::fmt::Write as _;
use std::hash::{Hash as _, Hasher as _};
use std::sync::Arc;
use tokio::sync::broadcast::error::RecvError;

/// Where pages hear of changes.
pub(crate) const EVENTS: &str = "/_loko/events";
const LIVE: &str = "/_loko/live.js";
/// What the scripts say.
const WORDS: &str = "/_loko/words.js";
/// Brings the page up to date when something changed.
const LIVE_SCRIPT: &str = include_str!("../assets/live.js");

pub(crate) fn router() -> Router<Shared> {
    Router::new()
        .route(EVENTS, get(events))
        .route(LIVE, get(live))
        .route(WORDS, get(words))
        .route("/_loko/plain.css", get(plain))
        .route("/", get(page))
        .route("/{*path}", get(page))
}

async fn words(State(state): State<Shared>) -> impl IntoResponse {
    let head = [(header::CONTENT_TYPE, "text/javascript; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")];
    (head, words_script(&state.words()))
}

/// The messages as a module, with the function that says one.
fn words_script(words: &Words) -> String {
    let messages = serde_json::to_string(&words.messages).unwrap_or_else(|_| "{}".to_owned());
    format!(
        "const words = {messages};\n\
         /** A message with its places filled in. */\n\
         export const say = (key, places = {{}}) => (words[key] ?? key).replace(/\\{{([a-z]+)\\}}/g, (whole, name) => String(places[name] ?? whole));\n"
    )
}

/// A page of ours whose `{{name}}` are replaced by what is said for them.
pub(crate) fn spoken(page: &str, words: &Words) -> String {
    let mut out = String::with_capacity(page.len() + 256);
    let mut rest = page;
    while let Some((before, (name, after))) =
        rest.split_once("{{").and_then(|(before, after)| Some((before, after.split_once("}}")?)))
    {
        out.push_str(before);
        out.push_str(&escape(if name == "language" { &words.language } else { words.say(name) }));
        rest = after;
    }
    out + rest
}

/// The look of pages that are there without the site.
async fn plain() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("../assets/docs.css"))
}

async fn live() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], LIVE_SCRIPT)
}

async fn page(State(state): State<Shared>, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path();
    let path = decode(path.strip_prefix('/').unwrap_or(path));
    let path = if path.is_empty() || path.ends_with('/') { format!("{path}index.html") } else { path };
    if state.is_late(&path) {
        let (state, path) = (state.clone(), path.clone());
        // Should it fail, there is the earlier edition.
        let _ = tokio::task::spawn_blocking(move || state.catch_up(&path)).await;
    }
    let failure = state.failure();
    if let Some(bytes) = state.file(&path) {
        return match failure.filter(|_| content_type(&path).starts_with("text/html")) {
            None => file(&path, &bytes, &headers),
            Some(reason) => file(&path, &noted(&bytes, &state.words(), &[reason]), &headers),
        };
    }
    if let Some(bytes) = state.kept(&path) {
        let built = state.built();
        let errors = built.findings.iter().filter(|finding| finding.severity == Severity::Error);
        let told: Vec<String> =
            errors.take(TOLD_MAX).map(|finding| render::pretty(finding, &built.snapshot, TOLD_STYLE)).collect();
        return file(&path, &noted(&bytes, &state.words(), &told), &headers);
    }
    match failure {
        Some(reason) => {
            let page = spoken(include_str!("../assets/failed.html"), &state.words());
            let page = page.replacen("REASON", &escape(&reason), 1);
            (StatusCode::INTERNAL_SERVER_ERROR, Html(with_script(&page))).into_response()
        }
        None => {
            let page = include_str!("../assets/missing.html");
            (StatusCode::NOT_FOUND, Html(with_script(&spoken(page, &state.words())))).into_response()
        }
    }
}

/// Errors that are told at most on a page that is shown as it was before.
const TOLD_MAX: usize = 3;
const TOLD_STYLE: render::Style = render::Style { color: false, width: Some(100) };

/// A page that is shown as it was before, with what is wrong now.
fn noted(page: &[u8], words: &Words, told: &[String]) -> Arc<[u8]> {
    let page = String::from_utf8_lossy(page);
    let mut note = spoken(include_str!("../assets/kept.html"), words);
    for text in told {
        let text = escape(text.trim_end());
        let _ =
            write!(note, "<div class=\"finding finding-error\"><pre tabindex=\"0\"><code>{text}</code></pre></div>");
    }
    note.push_str("</div>");
    let main = page.find("<main").and_then(|at| Some(at + page[at..].find('>')? + 1));
    let (before, after) = page.split_at(main.unwrap_or(0));
    [before, &note, after].concat().into_bytes().into()
}

fn file(path: &str, bytes: &Arc<[u8]>, headers: &HeaderMap) -> Response {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    // A weak one: the same page may come compressed or not, and with the script that follows changes.
    let tag = format!("W/\"{:016x}\"", hasher.finish());
    let kind = content_type(path);
    let is_page = kind.starts_with("text/html");
    let page = is_page.then(|| String::from_utf8_lossy(bytes));
    let policy = match &page {
        Some(page) => states_policy(page).then_some(POLICY_BESIDES),
        None => (kind == "image/svg+xml").then_some(POLICY_OF_DRAWINGS),
    };
    // A browser that has the file takes over what is said of it now, so this is always said.
    let policy = policy.map(|policy| AppendHeaders([(header::CONTENT_SECURITY_POLICY, policy)]));
    let head = [(header::CACHE_CONTROL, "no-cache"), (header::ETAG, tag.as_str())];
    let mut known = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|known| known.to_str().ok());
    if known.any(|known| has_tag(known, &tag)) {
        return (StatusCode::NOT_MODIFIED, head, policy, ()).into_response();
    }
    let body = page.map_or_else(|| bytes.to_vec(), |page| with_script(&page).into_bytes());
    (head, [(header::CONTENT_TYPE, kind)], policy, body).into_response()
}

/// Whether a page says in its own head what it may load.
fn states_policy(page: &str) -> bool {
    page.split("</head>").next().is_some_and(|head| head.contains("http-equiv=\"Content-Security-Policy\""))
}

/// Whether what somebody has is still so (RFC 9110, 13.1.2).
fn has_tag(known: &str, tag: &str) -> bool {
    known.trim() == "*"
        || known.split(',').any(|one| one.trim().trim_start_matches("W/") == tag.trim_start_matches("W/"))
}

/// A page that reloads itself.
fn with_script(page: &str) -> String {
    let script = format!("<script type=\"module\" src=\"{LIVE}\"></script>");
    match page.rfind("</body>") {
        Some(at) => format!("{}{script}{}", &page[..at], &page[at..]),
        None => format!("{page}{script}"),
    }
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("gif") => "image/gif",
        Some("webp") => "image/webp",
        Some("avif") => "image/avif",
        Some("pdf") => "application/pdf",
        Some("xml") => "application/xml",
        Some("md" | "toon" | "txt" | "d2") => "text/plain; charset=utf-8",
        Some("ttf") => "font/ttf",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}

/// A path without its escapes; broken ones stay as they are. The result only looks up names in memory.
fn decode(path: &str) -> String {
    percent_encoding::percent_decode_str(path).decode_utf8_lossy().into_owned()
}

pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// What a page says of itself when it wants to hear of changes.
#[derive(Deserialize)]
struct Listener {
    /// The page's path in the site, if it is one of its pages: those that are open are made before all others.
    #[serde(default)]
    page: String,
}

async fn events(
    State(state): State<Shared>,
    Query(listener): Query<Listener>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    Sse::new(changes(&state, listener.page)).keep_alive(KeepAlive::default())
}

fn change_event(changed: Changed) -> Option<Event> {
    let told = changed.and_then(|paths| serde_json::to_string(paths.as_ref()).ok()).unwrap_or_default();
    Some(Event::default().event("change").data(told))
}

fn changes(state: &Arc<Known>, page: String) -> impl Stream<Item = Result<Event, Infallible>> + use<> {
    let sources = (state.changes(), state.counts(), state.stopping(), state.look_at(page));
    stream::unfold(sources, |(mut changes, mut counts, mut stopping, looking)| async move {
        let event = {
            let change = std::pin::pin!(changes.recv());
            let count = std::pin::pin!(counts.changed());
            let stop = std::pin::pin!(stopping.wait_for(|stopped| *stopped));
            match select(select(change, count), stop).await {
                Either::Left((Either::Left((Ok(changed), _)), _)) => change_event(changed),
                // A page that lagged behind looks at everything.
                Either::Left((Either::Left((Err(RecvError::Lagged(_)), _)), _)) => change_event(None),
                Either::Left((Either::Right((Ok(()), _)), _)) => None,
                Either::Left(_) | Either::Right(_) => return None,
            }
        };
        let event = event.unwrap_or_else(|| {
            let told = serde_json::to_string(&*counts.borrow_and_update()).unwrap_or_default();
            Event::default().event("findings").data(told)
        });
        Some((Ok(event), (changes, counts, stopping, looking)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_decoded() {
        assert_eq!(decode("caf%C3%A9.html"), "café.html");
        assert_eq!(decode("100%"), "100%");
        assert_eq!(decode("%2e%2e/x"), "../x");
    }

    #[test]
    fn pages_speak() {
        let messages = [("a".to_owned(), "<ä> {ms}".to_owned())].into();
        let words = Words { language: "de".to_owned(), messages };
        assert_eq!(
            spoken("<html lang=\"{{language}}\">{{a}} {{b}} {{", &words),
            "<html lang=\"de\">&lt;ä&gt; {ms} b {{"
        );
        let script = words_script(&words);
        assert!(script.starts_with("const words = {\"a\":\"<ä> {ms}\"};\n"), "{script}");
        assert!(script.contains(r"replace(/\{([a-z]+)\}/g"), "{script}");
    }

    #[test]
    fn what_somebody_has_is_known_by_its_tag() {
        for known in ["\"a\"", "W/\"a\"", "\"b\", \"a\"", "*"] {
            assert!(has_tag(known, "\"a\"") && has_tag(known, "W/\"a\""), "{known}");
        }
        assert!(!has_tag("\"ab\"", "\"a\"") && !has_tag("", "\"a\"") && !has_tag("a", "\"a\""));
    }

    #[test]
    fn a_page_from_before_says_so_where_it_begins() {
        let page = noted(b"<body><main id=\"content\"><h1>x</h1></main>", &Words::default(), &["a < b\n".to_owned()]);
        let page = std::str::from_utf8(&page).unwrap();
        assert!(page.starts_with("<body><main id=\"content\"><div class=\"findings-here\" data-kept>"), "{page}");
        assert!(page.contains("<code>a &lt; b</code>") && page.ends_with("</div><h1>x</h1></main>"), "{page}");
    }

    #[test]
    fn the_script_stands_at_the_end_of_the_body() {
        assert!(with_script("<body>x</body></html>").starts_with("<body>x<script"));
    }
}
