//! Links that survive in a real Chromium: old addresses with their anchors, and comparisons of any two versions.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "the test runs a real browser on real files"
)]

mod browser;
mod console;
mod fetched;

use browser::Browser;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

fn loko(root: &Path, arguments: &[&str]) {
    let ran = Command::new(env!("CARGO_BIN_EXE_loko")).args(arguments).current_dir(root).output().unwrap();
    assert!(ran.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&ran.stderr));
}

/// The site of a library of which there are three versions; in the second its API has another name, in the third there is
/// more, and less.
fn site() -> &'static Path {
    static SITE: OnceLock<tempfile::TempDir> = OnceLock::new();
    let folder = SITE.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        console::copy(&console::repository().join("examples/hello"), root);
        let version = |name: &str| {
            let config = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "init.defaultBranch=main"];
            for arguments in [&["add", "-A"][..], &["commit", "--quiet", "-m", name], &["tag", name]] {
                let ran = Command::new("git").args(config).args(arguments).current_dir(root).output().unwrap();
                assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
            }
        };
        assert!(Command::new("git").args(["init", "--quiet"]).current_dir(root).status().unwrap().success());
        version("v1");
        loko(root, &["rename", "library/api", "Front desk", "--quiet"]);
        version("v2");
        loko(root, &["new", "system", "Payments", "-d", "Takes fees", "--quiet"]);
        loko(root, &["remove", "mail", "--cascade", "--quiet"]);
        version("v3");
        loko(root, &["build", "--quiet", "--format", "html,single"]);
        folder
    });
    folder.path()
}

fn address(page: &str) -> String {
    format!("file://{}/dist/{page}", site().display())
}

#[test]
fn an_old_address_leads_to_the_same_place_in_the_new_page() {
    let Some(mut browser) = Browser::start() else { return };
    browser.open(&address("containers/library_front-desk.html"));
    // The anchor of the relation to the database as it was before the rename.
    let former = browser.value("document.querySelector('td.cell-element > span[id^=\"r-\"]').id");
    browser.send(
        "Page.navigate",
        &serde_json::json!({ "url": address(&format!("containers/library_api.html#{former}")) }),
    );
    browser.wait("location.pathname.endsWith('/containers/library_front-desk.html')");
    assert_eq!(browser.value("location.hash"), format!("#{former}"));
    browser.wait("document.querySelector(':target')?.closest('tr')");
    assert_eq!(browser.complaints(), Vec::<String>::new());
    browser.send("Page.navigate", &serde_json::json!({ "url": address("markdown/components/loans.html#x") }));
    browser.wait("location.pathname.endsWith('/components/library_front-desk_loans.html')");
    assert_eq!(browser.value("location.hash"), "#x");
}

#[test]
fn an_old_address_leads_on_without_scripts() {
    let Some(mut browser) = Browser::start() else { return };
    browser.scripts(false);
    browser.send("Page.navigate", &serde_json::json!({ "url": address("containers/library_api.html") }));
    std::thread::sleep(std::time::Duration::from_millis(900));
    browser.scripts(true);
    assert!(browser.value("location.pathname").ends_with("/containers/library_front-desk.html"));
}

#[test]
fn any_two_versions_are_compared() {
    let Some(mut browser) = Browser::start() else { return };
    browser.open(&address("versions.html"));
    browser.wait("document.querySelector('.choose-bar')");
    browser.run("document.querySelectorAll('.choose-bar select')[0].value = 'v-v1'");
    browser.click(".choose-bar button");
    browser.wait("document.querySelector('.chosen-versions .changes')");
    assert_eq!(browser.value("location.hash"), "#compare:v-v1:v-v3");
    let told = browser.value("document.querySelector('.choose-versions').innerText");
    for wanted in ["v1 → v3", "payments Payments", "library/front-desk formerly library/api", "mail Mail"] {
        assert!(told.contains(wanted), "{wanted}: {told}");
    }
    // What only stands below another name says nothing, and neither do relations of what is gone.
    for unwanted in ["loans", "from library/front-desk to library/db", "to mail"] {
        assert!(!told.contains(unwanted), "{unwanted}: {told}");
    }
    // Both in one picture, and each by itself; what neither has is in none of them.
    let boxes = |within: &str, class: &str| {
        format!(
            "[...document.querySelectorAll('.all-versions {within} .node{class}')].map((it) => it.dataset.id).sort().join()"
        )
    };
    let overlaid = ".compare-overlaid .canvas > svg";
    assert_eq!(browser.value(&boxes(overlaid, ".version-added")), "payments");
    assert_eq!(browser.value(&boxes(overlaid, ".version-removed")), "mail");
    assert_eq!(browser.value(&boxes(overlaid, ".version-changed")), "library");
    let gone = format!("document.querySelectorAll('.all-versions {overlaid} .edge.version-removed .line').length");
    assert_eq!(browser.number(&gone), 1.0);
    browser.picture("site-versions-chosen");
    browser.scheme("dark");
    browser.picture("site-versions-chosen-dark");
    browser.scheme("light");
    browser.click(".all-versions [role='tab']:nth-child(2)");
    browser.wait("document.querySelector('.all-versions .compare-beside').offsetHeight > 0");
    let before = browser.value(&boxes(".version-picture:first-child", ""));
    let after = browser.value(&boxes(".version-picture:last-child", ""));
    assert!(before.contains("mail") && !before.contains("payments"), "{before}");
    assert!(after.contains("payments") && !after.contains("mail"), "{after}");
    let places =
        "new Set([...document.querySelectorAll('.version-picture > svg')].map((it) => it.getAttribute('viewBox')))";
    assert_eq!(browser.number(&format!("{places}.size")), 1.0, "both show the same part at the same size");
    browser.picture("site-versions-chosen-beside");
    // Another choice shows other boxes, in whichever form the reader looks at them.
    browser.run("document.querySelectorAll('.choose-bar select')[1].value = 'v-v2'");
    browser.click(".choose-bar button");
    browser.wait("document.querySelector('.choose-versions > h2').textContent === 'v1 → v2'");
    assert!(!browser.value(&boxes("", "")).contains("payments"));
    assert_eq!(browser.value(&boxes(overlaid, ".version-changed")), "library");
    assert_eq!(browser.run("document.querySelector('.all-versions .compare-overlaid').hidden"), true);
    assert_eq!(browser.complaints(), Vec::<String>::new());
    browser.size(400, 860);
    let wide = browser.number("document.documentElement.scrollWidth - innerWidth");
    assert!(wide <= 0.0, "{wide} pixels wider than a phone");
    // What is inside a system has a picture of its own, and so has what is inside a container; those that differ stand first.
    browser.size(1300, 900);
    let groups = "[...document.querySelectorAll('.choose-view optgroup')].map((it) => `${it.label}: ${[...it.children].map((option) => option.value).join()}`).join('; ')";
    assert_eq!(browser.value(groups), "Different inside: containers/library,components/library/front-desk");
    let choose = |view: &str| {
        format!(
            "(() => {{ const it = document.querySelector('.choose-view select'); it.value = '{view}'; it.dispatchEvent(new Event('change')); }})()"
        )
    };
    browser.click(".all-versions [role='tab']:nth-child(1)");
    browser.run(&choose("containers/library"));
    browser.wait(&format!("document.querySelector('.all-versions {overlaid} .frame[data-id=\"library\"]')"));
    assert_eq!(browser.value("location.hash"), "#compare:v-v1:v-v2:containers/library");
    assert_eq!(browser.value(&boxes(overlaid, ".version-changed")), "library/front-desk");
    let painted =
        "getComputedStyle(document.querySelector('.all-versions .compare-overlaid .node.kind-container rect')).fill";
    let light = browser.value(painted);
    browser.picture("site-versions-inside");
    browser.scheme("dark");
    // The picture brought a style sheet of its own.
    browser.wait(&format!("{painted} !== '{light}'"));
    browser.picture("site-versions-inside-dark");
    browser.scheme("light");
    assert_eq!(browser.complaints(), Vec::<String>::new());
    // Mail is gone in the third version: it stood around the library, whose inside is otherwise the same.
    browser.open("about:blank");
    browser.open(&address("versions.html#compare:v-v2:v-v3:containers/library"));
    browser.wait(&format!("document.querySelector('.all-versions {overlaid} .frame[data-id=\"library\"]')"));
    assert_eq!(browser.value("document.querySelector('.choose-view select').value"), "containers/library");
    assert_eq!(browser.value(&boxes(overlaid, ".version-removed")), "mail");
    // The address alone says what is compared.
    browser.open("about:blank");
    browser.open(&address("versions.html#compare:v-v2:v-v3"));
    browser.wait("document.querySelector('.choose-versions > h2')?.textContent === 'v2 → v3'");
    // All of the first version is new; it is folded.
    assert_eq!(browser.number("document.querySelectorAll('[data-version=\"v-v1\"] details:not([open])').length"), 1.0);
}

#[test]
fn any_two_versions_are_compared_in_the_one_file() {
    let Some(mut browser) = Browser::start() else { return };
    browser.open(&address("architecture.html#versions:compare:v-v1:v-v2"));
    let title = "document.querySelector('.choose-versions > h2')?.textContent";
    browser.wait(&format!("{title} === 'v1 → v2'"));
    assert_eq!(browser.value("document.querySelector('.chapter.is-shown').id"), "versions");
    browser.run("document.querySelectorAll('.choose-bar select')[1].value = 'v-v3'");
    browser.click(".choose-bar button");
    browser.wait(&format!("{title} === 'v1 → v3'"));
    assert_eq!(browser.value("location.hash"), "#versions:compare:v-v1:v-v3");
    assert_eq!(browser.value("document.querySelector('.all-versions .node.version-added').dataset.id"), "payments");
    browser.open("about:blank");
    browser.open(&address("architecture.html#versions:compare:v-v1:v-v3:containers/library"));
    browser.wait("document.querySelector('.all-versions .compare-overlaid .frame[data-id=\"library\"]')");
    assert_eq!(
        browser.value("document.querySelector('.all-versions .compare-overlaid .node[data-id=\"library/db\"]').getAttribute('href')"),
        "#containers/library_db"
    );
    assert!(
        browser.number("document.querySelector('.all-versions .compare-overlaid svg').viewBox.baseVal.width") > 100.0
    );
    browser.picture("single-versions-chosen");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}
