//! A real Chromium, spoken to in its own protocol (<https://chromedevtools.github.io/devtools-protocol/>) through a pair of
//! pipes: no driver, no port. Messages are JSON, each with a zero byte at its end.
#![allow(dead_code, reason = "each test file uses some of it")]

use crate::fetched;
use serde_json::{Value, json};
use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

const PROGRAMS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const PATIENCE: Duration = Duration::from_secs(30);

/// The browser that the tests use, if there is one or one can be installed; without one they say so and end.
/// `LOKO_REQUIRE_BROWSER` makes that a failure.
pub(crate) fn program() -> Option<PathBuf> {
    static PROGRAM: OnceLock<Option<PathBuf>> = OnceLock::new();
    PROGRAM.get_or_init(|| find().or_else(install)).clone()
}

fn find() -> Option<PathBuf> {
    let named = std::env::var_os("CHROMIUM").map(PathBuf::from);
    let folders: Vec<PathBuf> =
        std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect()).unwrap_or_default();
    let all = PROGRAMS.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    named.or_else(|| all.into_iter().find(|path| path.is_file()))
}

/// In a container of its own, such as a build's, the tests get themselves a browser from the system's packages.
fn install() -> Option<PathBuf> {
    let is_root = Command::new("id").arg("-u").output().is_ok_and(|told| told.stdout.starts_with(b"0\n"));
    if is_root {
        let quiet = |arguments: &[&str]| {
            let mut command = Command::new("apt-get");
            command
                .args(arguments)
                .env("DEBIAN_FRONTEND", "noninteractive")
                .stdout(Stdio::null())
                .stderr(Stdio::null());
            command.status().is_ok_and(|status| status.success())
        };
        let _ = quiet(&["update", "-qq"]) && quiet(&["install", "-y", "-qq", "--no-install-recommends", "chromium"]);
    }
    let found = find();
    if found.is_none() {
        assert!(
            std::env::var_os("LOKO_REQUIRE_BROWSER").is_none(),
            "LOKO_REQUIRE_BROWSER is set and there is no Chromium"
        );
        eprintln!("skipped: no Chromium in PATH; `apt-get install chromium`, or name one in CHROMIUM");
    }
    found
}

/// Where pictures of pages are kept to be looked at.
pub(crate) fn artefacts() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("../screenshots");
    std::fs::create_dir_all(&folder).unwrap();
    folder.canonicalize().unwrap()
}

/// A browser with one page.
pub(crate) struct Browser {
    process: Child,
    to: File,
    from: BufReader<File>,
    next: u64,
    session: String,
    events: Vec<Value>,
    _folder: tempfile::TempDir,
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Browser {
    /// Starts one; `None` when there is none.
    pub(crate) fn start() -> Option<Self> {
        let program = program()?;
        let folder = tempfile::tempdir().unwrap();
        let [to, from] = ["to", "from"].map(|name| folder.path().join(name));
        assert!(Command::new("mkfifo").arg(&to).arg(&from).status().unwrap().success());
        // The protocol's pipes have to be the descriptors 3 and 4, which only a shell gives a program.
        let process = Command::new("sh")
            .arg("-c")
            .arg("exec \"$0\" \"$@\" 3<\"$LOKO_TO\" 4>\"$LOKO_FROM\"")
            .arg(program)
            .args([
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--hide-scrollbars",
                "--no-first-run",
                "--disable-quic",
            ])
            .args([
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--disable-dev-shm-usage",
            ])
            .args(["--remote-debugging-pipe", "--window-size=1400,1000"])
            .arg(format!("--user-data-dir={}", folder.path().join("profile").display()))
            .arg("about:blank")
            .env("LOKO_TO", &to)
            .env("LOKO_FROM", &from)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let to = OpenOptions::new().write(true).open(&to).unwrap();
        let from = BufReader::new(File::open(&from).unwrap());
        let mut browser =
            Self { process, to, from, next: 0, session: String::new(), events: Vec::new(), _folder: folder };
        let target = browser.send("Target.createTarget", &json!({ "url": "about:blank" }));
        let id = target["targetId"].as_str().unwrap().to_owned();
        let attached = browser.send("Target.attachToTarget", &json!({ "targetId": id, "flatten": true }));
        browser.session = attached["sessionId"].as_str().unwrap().to_owned();
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.send(&format!("{domain}.enable"), &json!({}));
        }
        browser.size(1400, 1000);
        Some(browser)
    }

    /// Sends a command and waits for its answer.
    pub(crate) fn send(&mut self, method: &str, params: &Value) -> Value {
        let told = self.ask(method, params);
        assert!(told["error"].is_null(), "{method} {params}: {}", told["error"]);
        told["result"].clone()
    }

    /// The same, with the browser's refusal if it refuses.
    fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.next += 1;
        let mut message = json!({ "id": self.next, "method": method, "params": params });
        if !self.session.is_empty() {
            message["sessionId"] = json!(self.session);
        }
        self.to.write_all(format!("{message}\0").as_bytes()).unwrap();
        loop {
            let told = self.receive();
            if told["id"] == self.next {
                return told;
            }
            self.events.push(told);
        }
    }

    fn receive(&mut self) -> Value {
        let mut bytes = Vec::new();
        self.from.read_until(0, &mut bytes).unwrap();
        assert!(bytes.pop().is_some(), "the browser has ended");
        serde_json::from_slice(&bytes).unwrap()
    }

    /// Opens a page and waits until it stands.
    pub(crate) fn open(&mut self, url: &str) {
        self.events.clear();
        self.send("Page.navigate", &json!({ "url": url }));
        let start = Instant::now();
        while self.value("document.readyState + location.href.split('#')[0]")
            != format!("complete{}", url.split('#').next().unwrap_or(url))
        {
            assert!(
                start.elapsed() < PATIENCE,
                "{url} does not stand: {}",
                self.value("document.readyState + location.href")
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Runs a script of the page's and hands back its value; promises are waited for.
    pub(crate) fn run(&mut self, script: &str) -> Value {
        let params = json!({ "expression": script, "returnByValue": true, "awaitPromise": true, "userGesture": true });
        let told = self.send("Runtime.evaluate", &params);
        assert!(told["exceptionDetails"].is_null(), "{script}: {}", told["exceptionDetails"]);
        told["result"]["value"].clone()
    }

    /// A text.
    pub(crate) fn value(&mut self, script: &str) -> String {
        match self.run(script) {
            Value::String(text) => text,
            other => other.to_string(),
        }
    }

    /// A number.
    pub(crate) fn number(&mut self, script: &str) -> f64 {
        self.run(script).as_f64().unwrap_or(f64::NAN)
    }

    /// Waits until something is true.
    pub(crate) fn wait(&mut self, script: &str) {
        let start = Instant::now();
        let params = json!({ "expression": format!("Boolean({script})"), "returnByValue": true });
        // While a page makes way for another one, nothing can be asked, and nothing is there yet.
        while self.ask("Runtime.evaluate", &params)["result"]["result"]["value"] != true {
            if start.elapsed() > PATIENCE {
                let picture = self.picture("failed");
                panic!("this does not come true: {script}; see {}", picture.display());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The middle of an element, after it was brought into view.
    fn middle(&mut self, selector: &str) -> (f64, f64) {
        let script = format!(
            "(() => {{ const it = document.querySelector({selector:?}); it.scrollIntoView({{ block: 'center', behavior: 'instant' }}); \
             const box = it.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; }})()"
        );
        let place = self.run(&script);
        (place[0].as_f64().unwrap(), place[1].as_f64().unwrap())
    }

    fn mouse(&mut self, kind: &str, (x, y): (f64, f64), more: &Value) {
        let mut params = json!({ "type": kind, "x": x, "y": y });
        if let (Some(all), Some(more)) = (params.as_object_mut(), more.as_object()) {
            all.extend(more.clone());
        }
        self.send("Input.dispatchMouseEvent", &params);
    }

    /// Points at an element.
    pub(crate) fn point(&mut self, selector: &str) {
        let place = self.middle(selector);
        self.mouse("mouseMoved", place, &json!({}));
    }

    /// Clicks on an element.
    pub(crate) fn click(&mut self, selector: &str) {
        let place = self.middle(selector);
        let left = json!({ "button": "left", "buttons": 1, "clickCount": 1 });
        self.mouse("mouseMoved", place, &json!({}));
        self.mouse("mousePressed", place, &left);
        self.mouse("mouseReleased", place, &left);
    }

    /// Drags an element by so much.
    pub(crate) fn drag(&mut self, selector: &str, dx: f64, dy: f64) {
        let (x, y) = self.middle(selector);
        let left = json!({ "button": "left", "buttons": 1, "clickCount": 1 });
        self.mouse("mouseMoved", (x, y), &json!({}));
        self.mouse("mousePressed", (x, y), &left);
        for step in 1..=5 {
            let part = f64::from(step) / 5.0;
            self.mouse("mouseMoved", (x + dx * part, y + dy * part), &left);
        }
        self.mouse("mouseReleased", (x + dx, y + dy), &left);
    }

    /// Presses a key; `modifiers` as the protocol counts them: 2 is Control.
    pub(crate) fn press(&mut self, key: &str, modifiers: u8) {
        let code = match key {
            "Enter" => 13,
            "Escape" => 27,
            "Tab" => 9,
            "ArrowLeft" => 37,
            "ArrowUp" => 38,
            "ArrowRight" => 39,
            "ArrowDown" => 40,
            other => u32::from(other.to_ascii_uppercase().as_bytes()[0]),
        };
        let mut params =
            json!({ "type": "keyDown", "key": key, "modifiers": modifiers, "windowsVirtualKeyCode": code });
        if key.len() == 1 && modifiers == 0 {
            params["text"] = json!(key);
        } else if key == "Enter" {
            params["text"] = json!("\r");
        }
        self.send("Input.dispatchKeyEvent", &params);
        params["type"] = json!("keyUp");
        self.send("Input.dispatchKeyEvent", &params);
    }

    /// Types a text.
    pub(crate) fn write(&mut self, text: &str) {
        self.send("Input.insertText", &json!({ "text": text }));
    }

    /// Gives the window a size.
    pub(crate) fn size(&mut self, width: u32, height: u32) {
        let params = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.send("Emulation.setDeviceMetricsOverride", &params);
    }

    /// Prefers light or dark.
    pub(crate) fn scheme(&mut self, scheme: &str) {
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.send("Emulation.setEmulatedMedia", &json!({ "features": features }));
    }

    /// Turns scripts off or on.
    pub(crate) fn scripts(&mut self, on: bool) {
        self.send("Emulation.setScriptExecutionDisabled", &json!({ "value": !on }));
    }

    /// Takes a picture of what is shown.
    pub(crate) fn picture(&mut self, name: &str) -> PathBuf {
        let told = self.send("Page.captureScreenshot", &json!({ "format": "png" }));
        let path = artefacts().join(format!("{name}.png"));
        std::fs::write(&path, from_base64(told["data"].as_str().unwrap())).unwrap();
        path
    }

    /// What the browser complained of since the page was opened: errors of scripts, refused loads, the policy's refusals.
    pub(crate) fn complaints(&mut self) -> Vec<String> {
        // An answer to anything brings in what was told before it.
        self.run("0");
        let told = |event: &Value| match event["method"].as_str()? {
            "Runtime.exceptionThrown" => Some(event["params"]["exceptionDetails"].to_string()),
            "Log.entryAdded" if event["params"]["entry"]["level"] == "error" => {
                Some(event["params"]["entry"].to_string())
            }
            _ => None,
        };
        self.events.iter().filter_map(told).collect()
    }

    /// The addresses that were asked for since the page was opened.
    pub(crate) fn requests(&mut self) -> Vec<String> {
        self.run("0");
        let asked = |event: &Value| {
            (event["method"] == "Network.requestWillBeSent")
                .then(|| event["params"]["request"]["url"].as_str().unwrap_or_default().to_owned())
        };
        self.events.iter().filter_map(asked).collect()
    }
}

fn from_base64(text: &str) -> Vec<u8> {
    let digit = |byte: u8| match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let text: Vec<u8> = text.bytes().filter(|byte| *byte != b'=').collect();
    for chunk in text.chunks(4) {
        let bits =
            chunk.iter().fold(0_u32, |bits, byte| bits << 6 | u32::from(digit(*byte))) << (6 * (4 - chunk.len()));
        bytes.extend(&bits.to_be_bytes()[1..chunk.len()]);
    }
    bytes
}

/// The checks of axe-core (<https://github.com/dequelabs/axe-core>), fetched from npm when they are first needed.
pub(crate) fn axe() -> Option<String> {
    let tools = fetched::npm("axe", &["axe-core@4"], "axe-core/axe.min.js")?;
    std::fs::read_to_string(tools.join("node_modules/axe-core/axe.min.js")).ok()
}
