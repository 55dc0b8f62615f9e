//! Connections that say too little, too slowly or too much, over real sockets, and which hosts and origins are answered.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "the test waits for a real server")]

use loko_serve::{Builder, Built, Config, Event, First, Key, Patience, Words};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// A site of one page and one large file.
struct Site;

/// More than a system keeps for somebody who does not read.
const LARGE_BYTES: usize = 32 * 1024 * 1024;

impl Builder for Site {
    fn build(&mut self, _changed: Option<&[PathBuf]>, _first: &First<'_>) -> Result<Built, String> {
        let files = [
            ("index.html", "<body>home</body>".as_bytes().to_vec()),
            ("diagrams/shop.svg", b"<svg xmlns=\"http://www.w3.org/2000/svg\"><style>a{}</style></svg>".to_vec()),
            ("js/view.js", b"0".to_vec()),
            ("js/search-index.js", b"0".to_vec()),
            ("long.html", format!("<body>{}</body>", "all the same ".repeat(1_000)).into_bytes()),
            ("photo.png", vec![0; 4_000]),
            ("large.bin", vec![0; LARGE_BYTES]),
        ];
        let files =
            files.into_iter().map(|(path, bytes)| (loko_source::FilePath::new(path).unwrap(), Arc::from(bytes)));
        Ok(Built { files: files.collect(), ..Built::default() })
    }

    fn write(&mut self, _formats: &[String], _folder: Option<&str>) -> Result<(PathBuf, usize), String> {
        Err("nothing is written here".to_owned())
    }
}

/// So short that tests need not wait long, and so long that a busy machine keeps it.
const SHORT: Duration = Duration::from_millis(1_500);
const LONG: Duration = Duration::from_secs(60);

fn config() -> Config {
    Config {
        address: [127, 0, 0, 1].into(),
        port: 0,
        key: None,
        site: true,
        watch: None,
        allowed_origins: Vec::new(),
        host_names: Vec::new(),
        desk: None,
        read_only: true,
        words: Words::default(),
        patience: Patience { head: LONG, request: LONG, write: LONG, connections: 50 },
        door: None,
    }
}

/// Starts a server that lives as long as the tests do.
fn start(config: Config) -> SocketAddr {
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        loko_serve::run(config, Site, move |event| {
            if let Event::Listening(address) = event {
                tell.send(address).unwrap();
            }
        })
        .unwrap();
    });
    let address = told.recv().unwrap();
    SocketAddr::new([127, 0, 0, 1].into(), address.port())
}

fn patient(patience: Patience) -> SocketAddr {
    start(Config { patience, ..config() })
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    stream
}

/// All that comes until the other end closes.
fn rest(mut stream: TcpStream) -> String {
    let mut said = Vec::new();
    match stream.read_to_end(&mut said) {
        Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => panic!("the connection stays open"),
        // Whoever is thrown out while talking may see the connection break.
        _ => String::from_utf8_lossy(&said).into_owned(),
    }
}

/// The answer to a request with some header fields.
fn ask(address: SocketAddr, line: &str, fields: &[&str]) -> String {
    let mut stream = connect(address);
    let fields: String = fields.iter().map(|field| format!("{field}\r\n")).collect();
    // Whoever says too much may be cut short.
    let _ = write!(stream, "{line} HTTP/1.1\r\nConnection: close\r\n{fields}\r\n");
    rest(stream)
}

fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0)
}

#[test]
fn half_a_head_is_waited_for_a_while_only() {
    let address = patient(Patience { head: SHORT, ..config().patience });
    let started = Instant::now();
    let mut slow = connect(address);
    slow.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-").unwrap();
    let silent = connect(address);
    let mut kept = connect(address);
    kept.write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    assert_eq!(status(&rest(slow)) / 100 % 4, 0, "no answer but that it took too long");
    assert_eq!(rest(silent), "");
    assert_eq!(status(&rest(kept)), 200, "an idle connection is ended too");
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
}

#[test]
fn a_trickle_keeps_no_connection() {
    let address = patient(Patience { head: SHORT, request: SHORT, ..config().patience });
    for begun in [
        "GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: ",
        "POST /api/v1/build HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n",
        "POST /api/v1/build HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
    ] {
        let mut stream = connect(address);
        stream.write_all(begun.as_bytes()).unwrap();
        let started = Instant::now();
        // A byte now and then, for as long as the server takes it.
        let part: &[u8] = if begun.contains("chunked") { b"1\r\n \r\n" } else { b" " };
        while stream.write_all(part).is_ok() {
            assert!(started.elapsed() < Duration::from_secs(20), "it goes on and on: {begun}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }
    assert_eq!(status(&ask(address, "GET /health", &["Host: localhost"])), 200);
}

#[test]
fn whoever_takes_nothing_is_left_alone() {
    let address = patient(Patience { write: SHORT, connections: 1, ..config().patience });
    let mut lazy = connect(address);
    lazy.write_all(b"GET /large.bin HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    // The only place is free again although nothing of the answer was taken.
    let started = Instant::now();
    loop {
        let answer = ask(address, "GET /health", &["Host: localhost"]);
        if status(&answer) == 200 {
            break;
        }
        assert_eq!(status(&answer), 503, "{answer}");
        assert!(started.elapsed() < Duration::from_secs(20), "the place is still taken");
        std::thread::sleep(Duration::from_millis(100));
    }
    drop(lazy);
}

#[test]
fn there_are_only_so_many_connections() {
    let address = patient(Patience { connections: 2, ..config().patience });
    let mut listeners: Vec<TcpStream> = (0..2).map(|_| connect(address)).collect();
    for listener in &mut listeners {
        listener.write_all(b"GET /_loko/events HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        let mut head = [0; 16];
        listener.read_exact(&mut head).unwrap();
        assert!(head.starts_with(b"HTTP/1.1 200"));
    }
    let refused = ask(address, "GET /health", &["Host: localhost"]);
    assert!(status(&refused) == 503 && refused.contains("retry-after") && refused.contains("TOO_MANY"), "{refused}");
    drop(listeners);
    let started = Instant::now();
    while status(&ask(address, "GET /health", &["Host: localhost"])) != 200 {
        assert!(started.elapsed() < Duration::from_secs(20), "those who left still have their places");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn odd_requests_are_refused_and_harm_nothing() {
    let address = start(config());
    let long = format!("X-Long: {}", "x".repeat(100_000));
    // Whoever is still talking may not hear why.
    let refused = |answer: &str| answer.is_empty() || status(answer) / 100 == 4;
    assert!(refused(&ask(address, "GET /", &["Host: localhost", &long])));
    let many: Vec<String> = (0..500).map(|at| format!("X-{at}: 1")).collect();
    let mut many: Vec<&str> = many.iter().map(String::as_str).collect();
    many.push("Host: localhost");
    assert_eq!(status(&ask(address, "GET /", &many)), 431);
    assert!(refused(&ask(address, &format!("GET /{}", "x".repeat(70_000)), &["Host: localhost"])));
    for path in ["/../index.html", "/%2e%2e/index.html", "/%00", "/a%00b.html", "/..%5cx", "//", "/.", "/%ff", "/x/%2e"]
    {
        assert_eq!(status(&ask(address, &format!("GET {path}"), &["Host: localhost"])), 404, "{path}");
    }
    assert_eq!(status(&ask(address, "GET index.html", &["Host: localhost"])) / 100, 4);
    for garbage in
        [&b"\x16\x03\x01\x02\x00\x01\x00"[..], b"GET\r\n\r\n", b"\0\0\0\0\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"]
    {
        let mut stream = connect(address);
        stream.write_all(garbage).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        assert!(!rest(stream).starts_with("HTTP/1.1 2"));
    }
    // Two lengths are how requests are smuggled.
    for twice in [
        &["Host: localhost", "Content-Length: 3", "Content-Length: 4"][..],
        &["Host: localhost", "Content-Length: -1"],
        &["Host: localhost", "Transfer-Encoding: gzip"],
    ] {
        assert_eq!(status(&ask(address, "POST /api/v1/build", twice)), 400, "{twice:?}");
    }
    for method in ["DELETE", "PATCH", "BREW", "CONNECT"] {
        assert_eq!(status(&ask(address, &format!("{method} /index.html"), &["Host: localhost"])) / 100, 4, "{method}");
    }
    let unknown = ask(address, "GET /api/v1/nothing/here", &["Host: localhost"]);
    assert!(status(&unknown) == 404 && unknown.contains("\"code\":\"NOT_FOUND\""), "{unknown}");
    let wrong = ask(address, "DELETE /api/v1/project", &["Host: localhost"]);
    assert!(status(&wrong) == 405 && wrong.contains("METHOD_NOT_ALLOWED"), "{wrong}");
    assert_eq!(status(&ask(address, "GET /index.html", &["Host: localhost"])), 200);
}

#[test]
fn what_is_known_already_is_not_told_again() {
    let address = start(config());
    let answer = ask(address, "GET /js/view.js", &["Host: localhost"]);
    let tag = answer.lines().find_map(|line| line.strip_prefix("etag: ")).unwrap().to_owned();
    for known in [tag.clone(), format!("\"x\", W/{tag}"), "*".to_owned()] {
        let again = ask(address, "GET /js/view.js", &["Host: localhost", &format!("If-None-Match: {known}")]);
        assert!(status(&again) == 304 && again.contains(&format!("etag: {tag}")), "{again}");
    }
    // What a browser keeps of an answer is what it was told last.
    for path in ["/", "/diagrams/shop.svg", "/js/view.js"] {
        let first = ask(address, &format!("GET {path}"), &["Host: localhost"]);
        let known = format!("If-None-Match: {}", field(&first, "etag"));
        let again = ask(address, &format!("GET {path}"), &["Host: localhost", &known]);
        assert_eq!(status(&again), 304, "{again}");
        for name in ["content-security-policy", "cross-origin-resource-policy", "cache-control", "etag"] {
            assert_eq!(field(&again, name), field(&first, name), "{path}");
        }
    }
    let head = ask(address, "HEAD /js/view.js", &["Host: localhost"]);
    assert!(status(&head) == 200 && head.contains("content-length: 1") && head.ends_with("\r\n\r\n"), "{head}");
    let part = ask(address, "GET /js/view.js", &["Host: localhost", "Range: bytes=5-9"]);
    assert_eq!(status(&part), 200, "whoever asks for a part gets all, which HTTP allows");
}

#[test]
fn who_takes_it_gets_long_answers_compressed() {
    let address = start(config());
    let answer = |path: &str, fields: &[&str]| {
        let mut stream = connect(address);
        let fields: String = fields.iter().map(|field| format!("{field}\r\n")).collect();
        write!(stream, "GET {path} HTTP/1.1\r\nConnection: close\r\nHost: localhost\r\n{fields}\r\n").unwrap();
        let mut said = Vec::new();
        stream.read_to_end(&mut said).unwrap();
        let end = said.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        (String::from_utf8(said[..end].to_vec()).unwrap(), said[end + 4..].to_vec())
    };
    let gzip = "Accept-Encoding: br, gzip";
    let (head, plain) = answer("/long.html", &[]);
    assert!(!head.contains("content-encoding") && head.to_lowercase().contains("vary: accept-encoding"), "{head}");
    let (small_head, small) = answer("/long.html", &[gzip]);
    assert!(small_head.contains("content-encoding: gzip") && small.len() < plain.len() / 5, "{small_head}");
    assert_eq!(field(&small_head, "content-length"), small.len().to_string());
    let mut whole = Vec::new();
    flate2::read::GzDecoder::new(small.as_slice()).read_to_end(&mut whole).unwrap();
    assert_eq!(whole, plain);
    assert_eq!(field(&small_head, "etag"), field(&head, "etag"));
    let known = format!("If-None-Match: {}", field(&small_head, "etag"));
    assert_eq!(status(&answer("/long.html", &[gzip, &known]).0), 304);
    for path in ["/js/view.js", "/photo.png", "/health"] {
        assert!(!answer(path, &[gzip]).0.contains("content-encoding"), "{path}");
    }
}

#[test]
fn events_come_at_once_to_who_takes_compressed_answers() {
    let address = start(config());
    let mut stream = connect(address);
    let fields = "Host: localhost\r\nAccept-Encoding: gzip\r\nAccept: text/event-stream\r\n";
    write!(stream, "GET /_loko/events?page=index.html HTTP/1.1\r\n{fields}\r\n").unwrap();
    let mut said = String::new();
    let mut some = [0; 1024];
    // How many findings there are is told first, and the stream goes on.
    while !said.contains("event: findings") {
        let read = stream.read(&mut some).unwrap();
        assert_ne!(read, 0, "{said}");
        said.push_str(&String::from_utf8_lossy(&some[..read]));
    }
    assert!(!said.contains("content-encoding"), "{said}");
}

#[test]
fn only_names_that_nobody_else_can_give_away_are_answered() {
    let near = start(config());
    for host in ["localhost", "LOCALHOST:1", "127.0.0.1", "[::1]:80", "localhost."] {
        assert_eq!(status(&ask(near, "GET /health", &[&format!("Host: {host}")])), 200, "{host}");
    }
    for host in ["evil.example", "localhost.evil.example", "192.168.1.1", "0.0.0.0", "", "127.0.0.1.nip.io"] {
        let answer = ask(near, "GET /health", &[&format!("Host: {host}")]);
        assert!(status(&answer) == 403 && answer.contains("FORBIDDEN_HOST"), "{host}: {answer}");
    }
    // The host of the first line is the one that counts, and two of them are none.
    assert_eq!(status(&ask(near, "GET http://evil.example/health", &["Host: localhost"])), 403);
    assert_eq!(status(&ask(near, "GET /health", &["Host: localhost", "Host: evil.example"])), 403);
    assert_eq!(status(&ask(near, "GET /health", &[])), 403);

    let far = start(Config {
        address: [0, 0, 0, 0].into(),
        key: Key::new("sesame"),
        host_names: vec!["docs.example".to_owned()],
        ..config()
    });
    let key = "Authorization: Bearer sesame";
    for host in ["docs.example", "Docs.Example:8443", "10.1.2.3:80", "[fd00::1]", "localhost"] {
        assert_eq!(status(&ask(far, "GET /", &[&format!("Host: {host}"), key])), 200, "{host}");
    }
    // Even with the key: a page that let its name lead here is a stranger's.
    for host in ["evil.example", "docs.example.evil.example"] {
        assert_eq!(status(&ask(far, "GET /", &[&format!("Host: {host}"), key])), 403, "{host}");
    }
    assert_eq!(status(&ask(far, "GET /", &["Host: docs.example"])), 401);
    let own = ["Host: docs.example", "Origin: https://docs.example", key];
    assert_eq!(
        status(&ask(far, "POST /api/v1/build", &own)),
        403,
        "its own pages are let in, and told that it is read-only"
    );
    assert!(ask(far, "POST /api/v1/build", &own).contains("READ_ONLY"));
    let foreign = ["Host: docs.example", "Origin: https://evil.example", key];
    assert!(ask(far, "POST /api/v1/build", &foreign).contains("FORBIDDEN_ORIGIN"));
}

#[test]
fn a_key_opens_the_site_once_and_is_kept_apart_by_port() {
    let address = start(Config { key: Key::new("a;b ü"), ..config() });
    let opened = ask(address, "GET //index.html?x=1&key=a%3Bb%20%C3%BC", &["Host: localhost"]);
    assert_eq!(status(&opened), 303, "{opened}");
    assert!(opened.contains("location: /index.html\r\n"), "{opened}");
    let cookie = opened.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
    assert!(cookie.starts_with(&format!("loko-key-{}=", address.port())), "{cookie}");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    let shown = format!("Cookie: other=1; {}", cookie.split(';').next().unwrap());
    assert_eq!(status(&ask(address, "GET /index.html", &["Host: localhost", &shown])), 200);
    assert_eq!(
        status(&ask(address, "GET /index.html", &["Host: localhost", "Cookie: loko-key-1=a%3Bb%20%C3%BC"])),
        401
    );
    assert_eq!(status(&ask(address, "GET /index.html?key=a", &["Host: localhost"])), 401);
}

/// A header field of an answer.
fn field(answer: &str, name: &str) -> String {
    let start = format!("{name}: ");
    answer.lines().find_map(|line| line.strip_prefix(&start)).unwrap_or_default().to_owned()
}

#[test]
fn pages_of_others_load_nothing_unless_they_are_let_in() {
    let closed = start(config());
    let open = start(Config { allowed_origins: vec!["https://wiki.example".to_owned()], ..config() });
    let get = |address, path: &str| ask(address, &format!("GET {path}"), &["Host: localhost"]);
    for path in
        ["/", "/api/docs", "/nothing.html", "/js/search-index.js", "/js/view.js", "/diagrams/shop.svg", "/health"]
    {
        let (shut, shared) = (get(closed, path), get(open, path));
        assert_eq!(field(&shut, "cross-origin-resource-policy"), "same-origin", "{path}");
        let is_shared = ["/js/view.js", "/diagrams/shop.svg"].contains(&path);
        let expected = if is_shared { "cross-origin" } else { "same-origin" };
        assert_eq!(field(&shared, "cross-origin-resource-policy"), expected, "{path}");
        let (policy, wider) = (field(&shut, "content-security-policy"), field(&shared, "content-security-policy"));
        assert!(
            policy.starts_with("default-src 'none'") && policy.ends_with("; frame-ancestors 'self'"),
            "{path}: {policy}"
        );
        assert!(wider.ends_with("; frame-ancestors 'self' https://wiki.example"), "{path}: {wider}");
        // A drawing has its look in it, and runs nothing.
        assert_eq!(policy.contains("unsafe"), path.ends_with(".svg"), "{path}: {policy}");
    }
    let friend = ["Host: localhost", "Origin: https://wiki.example"];
    let picture = ask(open, "GET /diagrams/shop.svg", &friend);
    assert_eq!(field(&picture, "access-control-allow-origin"), "https://wiki.example");
    assert_eq!(field(&picture, "vary"), "Origin");
    assert_eq!(status(&ask(closed, "GET /diagrams/shop.svg", &friend)), 403);
    assert_eq!(status(&ask(open, "OPTIONS /api/v1/project", &friend)), 204);
}
