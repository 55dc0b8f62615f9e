//! The live server in a real Chromium: what was saved is shown without a reload, the playground draws, the editor
//! completes, looks and writes. Pictures of the pages are kept in `target/screenshots`.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "the test runs a real server and a real browser"
)]

mod browser;
mod console;
mod fetched;

use browser::Browser;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

struct Server {
    process: Child,
    url: String,
    folder: tempfile::TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Server {
    fn start(arguments: &[&str]) -> Self {
        Self::with(arguments, |_| {})
    }

    /// Starts one; `prepare` may add to the environment.
    fn with(arguments: &[&str], prepare: impl FnOnce(&mut Command)) -> Self {
        Self::of(&console::repository().join("examples/hello"), arguments, prepare)
    }

    /// Starts one of a copy of a workspace.
    fn of(workspace: &Path, arguments: &[&str], prepare: impl FnOnce(&mut Command)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        console::copy(workspace, folder.path());
        let mut command = Command::new(env!("CARGO_BIN_EXE_loko"));
        command.args(["serve", "--port", "0", "--project"]).arg(folder.path()).args(arguments);
        for name in ["LOKO_API_KEY", "LOKO_EDITOR", "VISUAL", "EDITOR"] {
            command.env_remove(name);
        }
        prepare(&mut command);
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.split("http://").nth(1).and_then(|rest| rest.split('/').next()).unwrap().to_owned();
        Self { process, url: format!("http://{address}/"), folder }
    }

    /// The file of some container, and its page.
    fn container(&self) -> (PathBuf, String) {
        let mut folders = vec![self.folder.path().join("src")];
        while let Some(folder) = folders.pop() {
            let file = folder.join("container.md");
            if file.is_file() {
                let keys: Vec<_> = folder
                    .strip_prefix(self.folder.path().join("src"))
                    .unwrap()
                    .iter()
                    .map(|it| it.to_string_lossy().into_owned())
                    .collect();
                return (file, format!("containers/{}.html", keys.join("_")));
            }
            folders.extend(std::fs::read_dir(folder).unwrap().flatten().map(|it| it.path()).filter(|it| it.is_dir()));
        }
        panic!("the example has a container");
    }
}

/// How often a file is saved to see how long it takes.
const SAVES: usize = 21;
/// The time between two saves, in which a server comes to rest.
const REST: Duration = Duration::from_millis(600);

#[test]
#[ignore = "it measures and holds nothing; LOKO_BENCH_WORKSPACE names a workspace, docs/performance.md says how"]
fn from_a_save_to_the_screen() {
    let Some(workspace) = std::env::var_os("LOKO_BENCH_WORKSPACE").map(PathBuf::from) else { return };
    let Some(mut browser) = Browser::start() else { return };
    let server = Server::of(&workspace, &[], |_| {});
    let (file, page) = server.container();
    browser.open(&format!("{}{page}", server.url));
    browser.wait(LISTENS);
    let text = std::fs::read_to_string(&file).unwrap();
    let mut times: Vec<u128> = (0..SAVES)
        .map(|number| {
            std::thread::sleep(REST);
            let words = format!("Saved for the time number {number}.");
            let start = Instant::now();
            std::fs::write(&file, format!("{text}\n{words}\n")).unwrap();
            browser.run(&format!(
                "new Promise((done) => {{ const look = () => (document.querySelector('main').textContent.includes({words:?}) ? done(0) : requestAnimationFrame(look)); look(); }})"
            ));
            start.elapsed().as_millis()
        })
        .collect();
    times.sort_unstable();
    eprintln!(
        "{SAVES} saves: median {} ms, fastest {} ms, longest {} ms",
        times[SAVES / 2],
        times[0],
        times[SAVES - 1]
    );
}

const LISTENS: &str = "document.documentElement.dataset.listening !== undefined";

#[test]
fn what_was_saved_is_shown_and_where_one_is_stays() {
    let Some(mut browser) = Browser::start() else { return };
    let server = Server::start(&[]);
    let (file, page) = server.container();
    browser.size(1000, 600);
    browser.open(&format!("{}{page}", server.url));
    browser.wait(LISTENS);
    browser.click(".tools [aria-label='Zoom in']");
    browser.click(".tools [aria-label='Zoom in']");
    let before = browser.value("document.querySelector('.canvas > svg').getAttribute('viewBox')");
    browser.run("scrollTo(0, 300); window.kept = 1; getSelection().selectAllChildren(document.querySelector('h1')); 0");
    let place = browser.number("scrollY");
    let chosen = browser.value("getSelection().toString()");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("{text}\n## Written while it was looked at\n\nA sentence.\n")).unwrap();
    browser.wait("document.querySelector('main').textContent.includes('Written while it was looked at')");
    assert_eq!(browser.run("window.kept"), 1, "the page was not loaded anew");
    assert_eq!(browser.number("scrollY"), place);
    assert_eq!(browser.value("getSelection().toString()"), chosen);
    assert_eq!(browser.value("document.querySelector('.canvas > svg').getAttribute('viewBox')"), before);
    assert_eq!(browser.complaints(), Vec::<String>::new());
    browser.picture("live-saved");

    std::fs::write(&file, "---\nname: [broken\n---\n").unwrap();
    browser.wait("document.querySelector('main .finding-error .frame mark')");
    assert_eq!(browser.run("window.kept"), 1);
    browser.picture("live-broken");
    std::fs::write(&file, text).unwrap();
    browser.wait("!document.querySelector('main .finding-error')");
}

#[test]
fn many_edits_leave_nothing_behind() {
    let Some(mut browser) = Browser::start() else { return };
    let server = Server::start(&[]);
    let (file, page) = server.container();
    browser.open(&format!("{}{page}", server.url));
    browser.wait(LISTENS);
    let text = std::fs::read_to_string(&file).unwrap();
    // LOKO_SOAK_EDITS=10000 is the long way.
    let edits: u32 = std::env::var("LOKO_SOAK_EDITS").ok().and_then(|count| count.parse().ok()).unwrap_or(60);
    let memory = |server: &Server| -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", server.process.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
    };
    let (mut early, mut nodes, mut sheets) = (0, 0.0, 0.0);
    for edit in 1..=edits {
        std::fs::write(&file, format!("{text}\nEdit {edit}.\n")).unwrap();
        browser.wait(&format!("document.querySelector('main').textContent.includes('Edit {edit}.')"));
        if edit == edits / 3 {
            early = memory(&server);
            nodes = browser.number("document.querySelectorAll('*').length");
            sheets = browser.number("document.adoptedStyleSheets.length");
        }
    }
    let late = memory(&server);
    eprintln!("after {} edits {early} kB, after {edits} {late} kB", edits / 3);
    assert!(late < early + early / 4 + 8_000, "the server grew from {early} to {late} kB");
    assert_eq!(browser.number("document.querySelectorAll('*').length"), nodes, "the page does not grow");
    assert_eq!(browser.number("document.adoptedStyleSheets.length"), sheets);
}

#[test]
fn the_playground_draws_completes_and_tells_what_is_wrong() {
    let Some(mut browser) = Browser::start() else { return };
    let server = Server::start(&[]);
    browser.open(&format!("{}_loko/playground", server.url));
    browser.wait("document.querySelector('.result svg .node')");
    browser.run("(() => { const area = document.querySelector('textarea'); area.focus(); area.setSelectionRange(area.value.length, area.value.length); })()");
    browser.write("x.shape: cyl");
    browser.wait("!document.querySelector('.proposals').hidden");
    browser.picture("live-playground");
    browser.press("Enter", 0);
    browser.wait("document.querySelector('textarea').value.includes('x.shape: cylinder')");
    browser.wait("document.querySelector('.result svg [data-id=\"x\"]')");
    browser.write("\ny: {");
    browser.wait("document.querySelector('.problems li')");
    assert_eq!(
        browser.run("Boolean(document.querySelector('.result svg [data-id=\"x\"]'))"),
        true,
        "the last picture stays"
    );
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn the_editor_looks_completes_and_writes() {
    let Some(mut browser) = Browser::start() else { return };
    let server = Server::start(&[]);
    let (file, page) = server.container();
    browser.open(&format!("{}{page}", server.url));
    browser.wait("document.querySelector('.source-tools a')");
    browser.click(".source-tools a");
    browser.wait("location.pathname === '/_loko/edit' && document.querySelector('.preview h1')");
    let to_end = "(() => { const area = document.querySelector('textarea'); area.focus(); const end = area.value.indexOf('\\n---', 3); area.setSelectionRange(end, end); })()";
    browser.run(to_end);
    browser.write("\nown");
    browser.wait("document.querySelector('.proposals li')?.textContent.startsWith('owner: ')");
    // What was proposed can be undone as what was typed can.
    browser.press("Enter", 0);
    browser.wait("document.querySelector('textarea').value.includes('\\nowner: \\n---')");
    browser.run("document.execCommand('undo')");
    browser.wait("!document.querySelector('textarea').value.includes('owner: \\n---')");
    browser.run("document.execCommand('redo')");
    browser.wait("document.querySelector('textarea').value.includes('\\nowner: \\n---')");
    browser.write("team-editor");
    browser.wait("document.querySelector('.preview').textContent.includes('team-editor')");
    let facts = "getComputedStyle(document.querySelector('.preview .facts')).display";
    assert_eq!(browser.value(facts), "flex", "the preview looks as the page will");
    assert!(!std::fs::read_to_string(&file).unwrap().contains("team-editor"), "nothing is written before it is saved");
    browser.picture("live-editor");
    browser.press("s", 2);
    browser.wait("document.querySelector('.bench-state').textContent === 'saved'");
    assert!(std::fs::read_to_string(&file).unwrap().contains("\nowner: team-editor\n---"));
    // What somebody else writes meanwhile is not overwritten.
    browser.run(to_end);
    browser.write("\ntags: [mine]");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("{text}\nTheirs.\n")).unwrap();
    browser.wait("document.querySelector('.bench-state').textContent.includes('somebody else')");
    browser.press("s", 2);
    browser.wait("document.querySelector('.bench-state').textContent.includes('open it again')");
    assert!(std::fs::read_to_string(&file).unwrap().contains("Theirs."));
}

#[test]
fn the_editor_says_that_a_file_is_not_there_and_offers_the_others() {
    let Some(mut browser) = Browser::start() else { return };
    let server = Server::start(&[]);
    browser.open(&format!("{}_loko/edit?path=nothere.md", server.url));
    browser.wait("document.querySelector('.preview [role=alert]')?.textContent.includes('nothere.md')");
    browser.picture("live-editor-no-file");
    assert_eq!(browser.value("location.search"), "?path=nothere.md", "the address stays what was asked for");
    assert_eq!(browser.run("document.querySelector('textarea').readOnly"), true);
    browser.run("(() => { const files = document.querySelector('select'); files.value = 'src/library/system.md'; files.dispatchEvent(new Event('change')); })()");
    browser.wait("document.querySelector('textarea').value.includes('name: ')");
    assert_eq!(browser.run("document.querySelector('textarea').readOnly"), false);
    assert_eq!(browser.number("document.querySelectorAll('select [value=\"\"]').length"), 0.0);
    // A long line is broken, and the number of the next one stands where that is.
    browser.run("(() => { const area = document.querySelector('textarea'); area.value = `${'word '.repeat(300)}\\n[x](gone.md)\\n`; area.dispatchEvent(new Event('input')); })()");
    browser.wait("[...document.querySelectorAll('.problems code')].some((it) => it.textContent === 'gone.md')");
    assert!(browser.number("document.querySelector('.gutter span').offsetHeight") > 100.0);
    assert_eq!(
        browser.run("document.querySelector('textarea').scrollWidth <= document.querySelector('textarea').clientWidth"),
        true
    );
    let rows = "[...document.querySelectorAll('.gutter span')].reduce((sum, line) => sum + line.offsetHeight, 0) - [...document.querySelectorAll('.mirror div')].reduce((sum, line) => sum + line.offsetHeight, 0)";
    assert_eq!(browser.number(rows), 0.0);
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn the_servers_own_pages_are_linked_from_every_page() {
    let Some(mut browser) = Browser::start() else { return };
    let server = Server::start(&[]);
    browser.open(&server.url);
    browser.wait("document.querySelector('.foot a[href=\"/_loko/playground\"]') && document.querySelector('.foot a[href=\"/api/docs\"]')");
}

#[test]
fn a_file_opens_in_the_editor_that_somebody_likes() {
    let Some(mut browser) = Browser::start() else { return };
    let place = tempfile::tempdir().unwrap();
    let (editor, opened) = (place.path().join("editor"), place.path().join("opened"));
    std::fs::write(&editor, "#!/bin/sh\nprintf '%s\\n' \"$@\" > \"$LOKO_TEST_OPENED\"\n").unwrap();
    assert!(Command::new("chmod").arg("+x").arg(&editor).status().unwrap().success());
    let server = Server::with(&[], |command| {
        command.env("LOKO_EDITOR", format!("{} -g {{file}}:{{line}}", editor.display()));
        command.env("LOKO_TEST_OPENED", &opened);
    });
    let (file, page) = server.container();
    browser.open(&format!("{}{page}", server.url));
    browser.wait("document.querySelector('.source-tools button')");
    browser.click(".source-tools button");
    let told = (0..200).find_map(|_| {
        std::thread::sleep(std::time::Duration::from_millis(20));
        std::fs::read_to_string(&opened).ok().filter(|told| told.ends_with('\n'))
    });
    assert_eq!(told.as_deref(), Some(format!("-g\n{}:1\n", file.display()).as_str()));
    // Nothing outside of the workspace, and nothing that is no text of it, is given to a program.
    let open = |path: &str| {
        format!(
            "fetch('/api/v1/open', {{ method: 'POST', headers: {{ 'content-type': 'application/json' }}, body: JSON.stringify({{ path: {path:?} }}) }}).then((it) => it.status)"
        )
    };
    assert_eq!(browser.run(&open("../../etc/passwd")), 403);
    assert_eq!(browser.run(&open("src/nothing.md")), 404);
    assert_eq!(browser.run(&open("--help.md")), 404);
}

#[test]
fn without_an_editor_the_page_says_how_to_name_one() {
    let Some(mut browser) = Browser::start() else { return };
    let server = Server::start(&[]);
    let (_, page) = server.container();
    browser.open(&format!("{}{page}", server.url));
    browser.wait("document.querySelector('.source-tools button')");
    browser.click(".source-tools button");
    browser.wait("document.body.textContent.includes('set LOKO_EDITOR')");
    browser.picture("live-no-editor");
}

#[test]
fn a_server_that_only_reads_lets_nobody_write() {
    let Some(mut browser) = Browser::start() else { return };
    let server = Server::start(&["--read-only"]);
    let (file, _) = server.container();
    let before = std::fs::read_to_string(&file).unwrap();
    browser.open(&format!("{}_loko/edit", server.url));
    browser.wait("document.querySelector('textarea').readOnly && document.querySelector('textarea').value");
    assert_eq!(browser.run("document.querySelector('[data-save]').disabled"), true);
    let put = |path: &str, body: &str| {
        format!(
            "fetch('{path}', {{ method: '{}', headers: {{ 'content-type': 'application/json' }}, body: JSON.stringify({body}) }}).then((it) => it.status)",
            if path.ends_with("source") { "PUT" } else { "POST" }
        )
    };
    assert_eq!(browser.run(&put("/api/v1/source", "{ path: 'loko.toml', text: '', revision: '' }")), 403);
    assert_eq!(browser.run(&put("/api/v1/open", "{ path: 'loko.toml' }")), 403);
    assert_eq!(browser.run(&put("/api/v1/build", "{}")), 403);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), before);
}

#[test]
fn everybody_can_use_the_pages_of_the_server() {
    let Some(mut browser) = Browser::start() else { return };
    let Some(axe) = browser::axe() else { return };
    let server = Server::start(&[]);
    let mut found = Vec::new();
    for (page, ready) in [("_loko/playground", ".result svg"), ("_loko/edit", ".preview h1"), ("api/docs", "details")] {
        for scheme in ["light", "dark"] {
            browser.scheme(scheme);
            browser.open(&format!("{}{page}", server.url));
            browser.wait(&format!("document.querySelector({ready:?})"));
            browser.picture(&format!("live-{}-{scheme}", page.replace('/', "-")));
            browser.run(&format!("{axe}; 0"));
            let told = browser.value("axe.run(document, { resultTypes: ['violations'] }).then((it) => JSON.stringify(it.violations.map((rule) => [rule.id, rule.nodes.slice(0, 3).map((node) => node.html.slice(0, 160))])))");
            if told != "[]" {
                found.push(format!("{page} ({scheme}): {told}"));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_diagram_stands_in_another_page() {
    let Some(mut browser) = Browser::start() else { return };
    let server = Server::start(&[]);
    browser.open(&server.url);
    let picture = browser.value("new URL(document.querySelector('.drawing-file').href).pathname.slice(1)");
    browser.open(&format!("{}embed.html?{picture}", server.url));
    browser.wait("document.querySelector('loko-view').shadowRoot?.querySelector('svg .node')");
    // Its letters are the picture's own.
    browser.wait("[...document.fonts].some((it) => it.status === 'loaded' && document.querySelector('loko-view').shadowRoot.querySelector('svg').getAttribute('font-family').startsWith(`'${it.family.replaceAll('\"', '')}'`) && /\\d/.test(it.family))");
    let shown = "document.querySelector('loko-view').shadowRoot.querySelector('svg').viewBox.baseVal.width";
    let whole = browser.number(shown);
    browser.run("document.querySelector('loko-view').shadowRoot.querySelector('div').focus()");
    browser.press("+", 0);
    assert!(browser.number(shown) < whole);
    assert_eq!(browser.complaints(), Vec::<String>::new());
    browser.open(&format!("{}embed.html?https://example.com/diagrams/x.svg", server.url));
    assert_eq!(browser.run("document.querySelector('loko-view').getAttribute('src')"), serde_json::Value::Null);
}

#[test]
fn errors_elsewhere_are_told_and_a_page_that_comes_back_is_whole() {
    let Some(mut browser) = Browser::start() else { return };
    let server = Server::start(&[]);
    let (file, page) = server.container();
    browser.open(&format!("{}{page}", server.url));
    browser.wait("document.documentElement.dataset.listening === ''");
    let settings = server.folder.path().join("loko.toml");
    let text = std::fs::read_to_string(&settings).unwrap();
    std::fs::write(&settings, format!("{text}\n[broken\n")).unwrap();
    browser.wait("document.querySelector('.sidebar .count.is-error')");
    browser.wait("document.querySelector('.live-notice')?.textContent.includes('Errors: 1')");
    browser.picture("live-error-elsewhere");
    std::fs::write(&settings, text).unwrap();
    browser.wait("!document.querySelector('.sidebar .count.is-error') && !document.querySelector('.live-notice')");
    // The element goes while its page is open, and comes back.
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    browser.wait("document.querySelector('.live-notice')");
    browser.open(&format!("{}{page}", server.url));
    browser.wait("document.documentElement.dataset.listening === '' && !document.querySelector('.sidebar')");
    std::fs::write(&file, text).unwrap();
    browser.wait("document.querySelector('.sidebar') && document.querySelector('header.top')");
}

#[test]
fn the_policy_of_the_servers_own_pages_refuses_nothing_that_they_need() {
    let Some(mut browser) = Browser::start() else { return };
    let server = Server::start(&[]);
    let (file, _) = server.container();
    let file = file.strip_prefix(server.folder.path()).unwrap().display().to_string();
    browser.open(&format!("{}_loko/playground", server.url));
    browser.wait("document.querySelector('.result svg .node')");
    browser.open(&format!("{}_loko/edit?path={file}", server.url));
    browser.wait("document.querySelector('.preview svg')");
    browser.open(&format!("{}api/docs", server.url));
    browser.wait("document.querySelector('nav a[href=\"/\"]')");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}
