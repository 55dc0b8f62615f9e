//! The servers over real HTTP: pages from memory, changes told to open pages, the API, and who may not call.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "the test runs a real server on real files")]

mod console;

use serde_json::Value;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

struct Server {
    process: Child,
    address: String,
    _folder: tempfile::TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}

impl Server {
    /// A server of a copy of `examples/hello`.
    fn start(arguments: &[&str]) -> Self {
        Self::start_with(arguments, "")
    }

    /// The same with more at the end of its `loko.toml`.
    fn start_with(arguments: &[&str], settings: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        console::copy(&console::repository().join("examples/hello"), folder.path());
        let own = folder.path().join("loko.toml");
        let text = std::fs::read_to_string(&own).unwrap();
        std::fs::write(&own, text + settings).unwrap();
        let mut process = Command::new(env!("CARGO_BIN_EXE_loko"))
            .args(arguments)
            .args(["--port", "0", "--project"])
            .arg(folder.path())
            .env_remove("LOKO_API_KEY")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address =
            line.split("http://").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or_default().to_owned();
        assert!(!address.is_empty(), "the server says where it listens: {line}");
        Self { process, address, _folder: folder }
    }

    fn folder(&self) -> &Path {
        self._folder.path()
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream
    }

    fn send(&self, method: &str, path: &str, headers: &[&str], body: &str) -> Answer {
        let mut stream = self.connect();
        let host = if headers.iter().any(|header| header.starts_with("Host:")) {
            String::new()
        } else {
            format!("Host: {}\r\n", self.address)
        };
        let mut request =
            format!("{method} {path} HTTP/1.1\r\n{host}Connection: close\r\nContent-Length: {}\r\n", body.len());
        for header in headers {
            request.push_str(header);
            request.push_str("\r\n");
        }
        request.push_str("\r\n");
        request.push_str(body);
        stream.write_all(request.as_bytes()).unwrap();
        let mut text = Vec::new();
        stream.read_to_end(&mut text).unwrap();
        let text = String::from_utf8_lossy(&text).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, head: head.to_lowercase(), body: body.to_owned() }
    }

    fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], "")
    }
}

#[test]
fn pages_follow_the_files() {
    let server = Server::start(&["serve"]);
    let home = server.get("/");
    assert_eq!(home.status, 200);
    assert!(home.head.contains("content-type: text/html"), "{}", home.head);
    assert!(home.body.contains("/_loko/live.js"));
    assert_eq!(server.get("/no-such-page.html").status, 404);
    assert_eq!(server.get("/..%2f..%2fetc/passwd").status, 404);

    let mut events = server.connect();
    write!(events, "GET /_loko/events HTTP/1.1\r\nHost: {}\r\n\r\n", server.address).unwrap();
    let mut events = BufReader::new(events);
    let mut line = String::new();
    while line.trim() != "" || line.is_empty() {
        line.clear();
        events.read_line(&mut line).unwrap();
    }
    let settings = server.folder().join("loko.toml");
    let text = std::fs::read_to_string(&settings).unwrap();
    let renamed = text.replacen("name = ", "name = \"Renamed while serving\" # ", 1);
    assert_ne!(text, renamed);
    std::fs::write(&settings, renamed).unwrap();
    while !line.contains("event: change") {
        line.clear();
        assert_ne!(events.read_line(&mut line).unwrap(), 0, "the stream ended before the change was told");
    }
    assert!(server.get("/").body.contains("Renamed while serving"));
}

#[test]
fn the_page_of_versions_tells_what_is_in_none_yet() {
    let server = Server::start(&["serve"]);
    let git = |arguments: &[&str]| {
        let author = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "init.defaultBranch=main"];
        let ran = Command::new("git").args(author).args(arguments).current_dir(server.folder()).output().unwrap();
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    };
    git(&["init", "--quiet"]);
    git(&["add", "-A"]);
    git(&["commit", "--quiet", "-m", "first"]);
    git(&["tag", "v1"]);
    let told = |wanted: &str, is_there: bool| {
        for _ in 0..200 {
            let page = server.get("/versions.html").body;
            if page.contains("id=\"v-v1\"") && page.contains(wanted) == is_there {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("{wanted}: {}", server.get("/versions.html").body);
    };
    let file = server.folder().join("src/payments/system.md");
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, "---\nname: Payments\n---\n").unwrap();
    told("data-version=\"v-unreleased\"", true);
    told("data-id=\"payments\"", true);
    // Another edit is told, too, and what is as it was is no change.
    std::fs::write(&file, "---\nname: Payments\ndescription: Takes fees\n---\n").unwrap();
    told("Takes fees", true);
    std::fs::remove_dir_all(file.parent().unwrap()).unwrap();
    told("data-version=\"v-unreleased\"", false);
}

#[test]
fn the_page_that_somebody_looks_at_comes_first() {
    let server = Server::start(&["serve"]);
    let (file, page) = (server.folder().join("src/library/api/container.md"), "containers/library_api.html".to_owned());
    let mut events = server.connect();
    write!(events, "GET /_loko/events?page={page} HTTP/1.1\r\nHost: {}\r\n\r\n", server.address).unwrap();
    let mut events = BufReader::new(events);
    // An answer has begun: the server knows who looks.
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert!(events.read_line(&mut head).unwrap() > 0, "{head}");
    }
    let mut changes = std::iter::from_fn(move || {
        let mut line = String::new();
        let mut is_change = false;
        loop {
            line.clear();
            events.read_line(&mut line).ok().filter(|read| *read > 0)?;
            is_change |= line.starts_with("event: change");
            if let Some(data) = line.strip_prefix("data: ").filter(|_| is_change) {
                return serde_json::from_str::<Vec<String>>(data.trim()).ok();
            }
        }
    });
    let text = std::fs::read_to_string(&file).unwrap();
    let edited = text.replacen("\ndescription: ", "\ndescription: Seen before all else. ", 1);
    assert_ne!(edited, text);
    std::fs::write(&file, edited).unwrap();
    assert_eq!(changes.next().unwrap(), std::slice::from_ref(&page), "the page alone");
    assert!(server.get(&format!("/{page}")).body.contains("Seen before all else."));
    let rest = changes.next().unwrap();
    assert!(rest.contains(&"js/search-index.js".to_owned()), "{rest:?}");
    assert!(!rest.contains(&page), "what was told is not told again: {rest:?}");
    assert!(server.get(&format!("/{page}")).body.contains("Seen before all else."));
}

#[test]
fn the_api_answers_as_it_always_did() {
    let server = Server::start(&["api"]);
    assert_eq!(server.get("/health").json()["status"], "ok");
    let project = server.get("/api/v1/project").json();
    assert_eq!(project["success"], true);
    assert!(project["system_count"].as_u64().unwrap() > 0);
    let systems = server.get("/api/v1/systems").json();
    let id = systems["systems"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(server.get(&format!("/api/v1/systems/{id}")).json()["system"]["id"], id.as_str());
    let part = server.get("/api/v1/elements/library/api").json();
    assert_eq!((&part["element"]["owner"], &part["element"]["owned_by"]), (&Value::Null, &"team-lending".into()));
    let missing = server.get("/api/v1/systems/..%2F..%2Fetc");
    assert_eq!((missing.status, missing.json()["code"].as_str().unwrap().to_owned()), (404, "NOT_FOUND".to_owned()));
    assert_eq!(server.get("/api/v1/validate").json()["valid"], true);
    assert_eq!(server.get("/api/v1/openapi.json").json()["openapi"], "3.1.0");
    assert_eq!(server.get("/").status, 404);

    let json = ["Content-Type: application/json"];
    assert_eq!(server.send("POST", "/api/v1/build", &json, "{").status, 400);
    assert_eq!(server.send("POST", "/api/v1/build", &json, r#"{"output_dir": "../out"}"#).status, 400);
    let started = server.send("POST", "/api/v1/build", &json, r#"{"output_dir": "out", "format": "json"}"#);
    assert_eq!(started.status, 202);
    let build = started.json()["build_id"].as_str().unwrap().to_owned();
    let mut status = Value::Null;
    for _ in 0..200 {
        status = server.get(&format!("/api/v1/build/{build}")).json();
        if status["status"] != "building" {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(status["status"], "complete", "{status}");
    assert!(server.folder().join("out/architecture.json").is_file());
    assert_eq!(server.get("/api/v1/build/latest").json()["build_id"], build.as_str());
    assert_eq!(server.get("/api/v1/build/nothing").status, 404);
}

#[test]
fn strangers_are_kept_out() {
    let server = Server::start(&["api", "--api-key", "sesame", "--allow-origin", "https://good.example"]);
    assert_eq!(server.get("/health").status, 200);
    assert_eq!(server.get("/api/v1/project").status, 401);
    assert_eq!(server.send("GET", "/api/v1/project", &["Authorization: Bearer open"], "").status, 401);
    let known = ["Authorization: Bearer sesame"];
    assert_eq!(server.send("GET", "/api/v1/project", &known, "").status, 200);
    let rebound = ["Host: evil.example", known[0]];
    assert_eq!(server.send("GET", "/api/v1/project", &rebound, "").status, 403);
    let foreign = ["Origin: https://evil.example", known[0]];
    assert_eq!(server.send("GET", "/api/v1/project", &foreign, "").status, 403);
    let friend = server.send("GET", "/api/v1/project", &["Origin: https://good.example", known[0]], "");
    assert!(friend.status == 200 && friend.head.contains("access-control-allow-origin: https://good.example"));
    let large = "x".repeat(2 * 1024 * 1024);
    let json = ["Content-Type: application/json", known[0]];
    assert_eq!(server.send("POST", "/api/v1/build", &json, &format!("{{\"format\": \"{large}\"}}")).status, 413);
}

#[test]
fn whoever_opens_a_page_without_the_key_is_asked_for_it() {
    let server = Server::start(&["serve", "--api-key", "se same"]);
    let page = ["Accept: text/html,application/xhtml+xml,*/*;q=0.8", "Sec-Fetch-Dest: document"];
    let asked = server.send("GET", "/systems/library.html", &page, "");
    assert_eq!(asked.status, 401);
    assert!(asked.head.contains("content-type: text/html") && asked.body.contains("name=\"key\""), "{}", asked.body);
    assert!(asked.head.contains("form-action 'self'") && !asked.body.contains("role=\"alert\""), "{}", asked.head);
    let wrong = server.send("GET", "/systems/library.html?key=open", &page, "");
    assert!(wrong.status == 401 && wrong.body.contains("That is not the key."), "{}", wrong.body);
    let right = server.send("GET", "/systems/library.html?key=se+same", &page, "");
    assert!(right.status == 303 && right.head.contains("set-cookie: loko-key-"), "{}", right.head);
    assert!(server.get("/systems/library.html").body.contains("UNAUTHORIZED"), "programs are told as before");
}

#[test]
fn an_open_address_wants_a_key() {
    let output = Command::new(env!("CARGO_BIN_EXE_loko"))
        .args(["api", "--address", "0.0.0.0", "--port", "0", "--project"])
        .arg(console::repository().join("examples/hello"))
        .env_remove("LOKO_API_KEY")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("needs a key"));
}

#[test]
fn agents_are_served_as_everybody_else() {
    const HELLO: &str = r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"test","version":"1"}}}"#;
    const ASK: &str =
        r#"{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"query_project","arguments":{}}}"#;
    let server = Server::start(&["serve", "--api-key", "sesame"]);
    let json = [
        "Content-Type: application/json",
        "Accept: application/json, text/event-stream",
        "Authorization: Bearer sesame",
    ];
    assert_eq!(server.send("POST", "/mcp", &json[..2], HELLO).status, 401);
    let rebound = [&json[..], &["Host: evil.example"]].concat();
    assert_eq!(server.send("POST", "/mcp", &rebound, HELLO).status, 403);
    let foreign = [&json[..], &["Origin: https://evil.example"]].concat();
    assert_eq!(server.send("POST", "/mcp", &foreign, HELLO).status, 403);
    let hello = server.send("POST", "/mcp", &json, HELLO);
    assert_eq!(hello.status, 200, "{}", hello.body);
    assert!(hello.body.contains("\"protocolVersion\":\"2025-11-25\""), "{}", hello.body);
    let session = hello.head.lines().find_map(|line| line.strip_prefix("mcp-session-id: ")).unwrap().trim().to_owned();
    let session = format!("Mcp-Session-Id: {session}");
    let with_session = [&json[..], &[session.as_str()]].concat();
    let initialized = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
    assert_eq!(server.send("POST", "/mcp", &with_session, initialized).status, 202);
    let answer = server.send("POST", "/mcp", &with_session, ASK);
    assert!(answer.body.contains("\"structuredContent\""), "{}", answer.body);
    assert_eq!(server.send("POST", "/mcp", &json, "{").status / 100, 4);
}

#[cfg(unix)]
#[test]
fn nobody_who_says_nothing_keeps_a_stopped_server_running() {
    let mut server = Server::start(&["serve", "--read-only"]);
    let mut silent = server.connect();
    silent.write_all(b"GET / HTTP/1.1\r\nHo").unwrap();
    // The server has taken the connection when it has answered a later one.
    assert_eq!(server.get("/").status, 200);
    let told = Command::new("kill").args(["-INT", &server.process.id().to_string()]).status().unwrap();
    assert!(told.success());
    let limit = std::time::Instant::now() + Duration::from_secs(4 * 5);
    while server.process.try_wait().unwrap().is_none() {
        assert!(std::time::Instant::now() < limit, "the server is still there");
        std::thread::sleep(Duration::from_millis(50));
    }
    drop(silent);
}

/// All files below a folder with what is in them.
fn tree(folder: &Path) -> std::collections::BTreeMap<std::path::PathBuf, Vec<u8>> {
    let mut files = std::collections::BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else {
                let bytes = std::fs::read(&path).unwrap();
                files.insert(path, bytes);
            }
        }
    }
    files
}

#[test]
fn a_read_only_server_writes_nothing_in_any_way() {
    let server = Server::start(&["serve", "--read-only"]);
    let before = tree(server.folder());
    let json = ["Content-Type: application/json", "Accept: application/json, text/event-stream"];
    let file = "src/library/api/container.md";
    let read = server.get(&format!("/api/v1/source?path={file}")).json();
    assert_eq!(read["read_only"], true);
    let written = serde_json::json!({ "path": file, "text": "---\nname: Other\n---\n", "revision": read["revision"] });
    for (method, path, body) in [
        ("PUT", "/api/v1/source", written.to_string()),
        ("POST", "/api/v1/open", format!("{{\"path\": \"{file}\"}}")),
        ("POST", "/api/v1/build", "{}".to_owned()),
        ("POST", "/api/v1/build", r#"{"output_dir": "out", "format": "json"}"#.to_owned()),
    ] {
        let answer = server.send(method, path, &json, &body);
        assert_eq!((answer.status, answer.json()["code"].as_str()), (403, Some("READ_ONLY")), "{method} {path}");
    }
    // Looking at a text that nobody has saved writes nothing either.
    assert_eq!(server.send("POST", "/api/v1/preview", &json, &written.to_string()).status, 200);
    let tool = |name: &str, arguments: &str| {
        let call = format!(
            r#"{{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{{"name":"{name}","arguments":{arguments}}}}}"#
        );
        (call, name.to_owned())
    };
    let hello = r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"test","version":"1"}}}"#;
    let hello = server.send("POST", "/mcp", &json, hello);
    let session = hello.head.lines().find_map(|line| line.strip_prefix("mcp-session-id: ")).unwrap().trim().to_owned();
    let session = format!("Mcp-Session-Id: {session}");
    let agent = [&json[..], &[session.as_str()]].concat();
    server.send("POST", "/mcp", &agent, r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#);
    for (call, name) in [
        tool("create_system", r#"{"name": "Written by an agent"}"#),
        tool("update_system", r#"{"system_name": "library", "description": "Other"}"#),
        tool("build_docs", "{}"),
        tool("undo", "{}"),
    ] {
        let answer = server.send("POST", "/mcp", &agent, &call);
        assert!(answer.body.contains("this server is read-only"), "{name}: {} {}", answer.status, answer.body);
    }
    assert!(before == tree(server.folder()), "nothing was written");
}

#[test]
fn a_name_that_leads_here_is_answered_when_it_was_given() {
    let server = Server::start(&["serve", "--host-name", "docs.example"]);
    assert_eq!(server.send("GET", "/", &["Host: docs.example"], "").status, 200);
    let refused = server.send("GET", "/", &["Host: evil.example"], "");
    assert_eq!(refused.status, 403);
    assert!(refused.body.contains("--host-name evil.example"), "{}", refused.body);
}

#[test]
fn the_workspace_names_hosts_too() {
    let server = Server::start_with(&["api"], "\n[server]\nhosts = [\"docs.example\"]\n");
    assert_eq!(server.send("GET", "/api/v1/project", &["Host: docs.example:80"], "").status, 200);
    assert_eq!(server.send("GET", "/api/v1/project", &["Host: evil.example"], "").status, 403);
}

#[test]
fn who_guesses_keys_has_to_wait() {
    let server = Server::start(&["serve", "--api-key", "sesame"]);
    let show = |key: &str| server.send("GET", "/api/v1/project", &[&format!("Authorization: Bearer {key}")], "");
    // A page that is still open with an old key asks and asks.
    for _ in 0..30 {
        assert_eq!(show("of yesterday").status, 401);
    }
    assert_eq!(server.get("/api/v1/project").status, 401, "no key is no guess");
    let frame = ["Sec-Fetch-Dest: iframe", "Sec-Fetch-Mode: navigate"];
    for number in 0..30 {
        assert_eq!(
            server.send("GET", &format!("/?key={number}"), &frame, "").status,
            401,
            "others do not guess for me"
        );
    }
    assert_eq!(show("sesame").status, 200);
    let all: Vec<Answer> = (0..20)
        .map(|number| if number % 2 == 0 { show(&number.to_string()) } else { server.get(&format!("/?key={number}")) })
        .collect();
    let (first, last) = (&all[0], &all[19]);
    assert_eq!((first.status, last.status), (401, 429), "{}", last.body);
    assert!(last.head.contains("retry-after: ") && last.body.contains("TOO_MANY_KEYS"), "{}{}", last.head, last.body);
    assert_eq!(show("sesame").status, 429, "what is right is not told either");
    assert_eq!(server.get("/health?key=21").status, 429, "nor where no key is needed");
    assert_eq!(server.get("/health").status, 200);
}

#[test]
fn pages_stay_when_the_workspace_cannot_be_read() {
    let server = Server::start(&["serve"]);
    let page = "/containers/library_api.html";
    assert!(!server.get(page).body.contains("data-kept"));
    let wait = |is_so: &dyn Fn(&Answer) -> bool, what: &str| {
        let limit = std::time::Instant::now() + Duration::from_secs(60);
        loop {
            let answer = server.get(page);
            if is_so(&answer) {
                return;
            }
            assert!(std::time::Instant::now() < limit, "{what}: {} {}", answer.status, answer.body);
            std::thread::sleep(Duration::from_millis(50));
        }
    };
    // Moved away in one step, so that nothing is seen half done.
    let away = tempfile::tempdir().unwrap();
    let elsewhere = away.path().join("elsewhere");
    std::fs::rename(server.folder(), &elsewhere).unwrap();
    wait(&|answer| answer.status == 200 && answer.body.contains("data-kept"), "it cannot be read");
    assert_eq!(server.get("/api/v1/project").status, 500, "programs are told");
    std::fs::rename(&elsewhere, server.folder()).unwrap();
    wait(&|answer| answer.status == 200 && !answer.body.contains("data-kept"), "it is there again");
}
