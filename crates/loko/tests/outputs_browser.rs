//! Outputs that are no site of pages in a real Chromium: the site in one file, and diagrams that stand in pages of others.

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

/// The shop, its site and its site in one file.
fn shop() -> &'static Path {
    static SHOP: OnceLock<tempfile::TempDir> = OnceLock::new();
    let folder = SHOP.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        console::copy(&console::repository().join("examples/shop"), folder.path());
        let mut build = Command::new(env!("CARGO_BIN_EXE_loko"));
        build.args(["build", "--quiet", "--format", "html,single"]).current_dir(folder.path());
        let built = build.output().unwrap();
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        folder
    });
    folder.path()
}

fn address(file: &str) -> String {
    format!("file://{}/dist/{file}", shop().display())
}

/// The page that is shown, as its address in the file says.
const SHOWN: &str = "document.querySelector('.chapter.is-shown').id";

#[test]
fn one_file_has_all_pages_and_asks_for_nothing() {
    let Some(mut browser) = Browser::start() else { return };
    let file = address("architecture.html");
    browser.open(&file);
    browser.wait("document.querySelector('.chapter.is-shown')");
    assert_eq!(
        browser.requests().into_iter().filter(|it| !it.starts_with("data:")).collect::<Vec<_>>(),
        std::slice::from_ref(&file)
    );
    browser.picture("single-home");
    let go = |browser: &mut Browser, place: &str| {
        browser.run(&format!("location.hash = {place:?}"));
        browser.wait(&format!("{SHOWN} === {:?}", place.split(':').next().unwrap()));
        browser.number("scrollY")
    };
    assert_eq!(go(&mut browser, "systems/payments"), 0.0);
    assert!(browser.value("document.title").starts_with("Payments"));
    browser.picture("single-system");
    assert!(go(&mut browser, "systems/ordering:s-uses") > 100.0, "a place on a page is gone to");
    assert_eq!(go(&mut browser, "systems/catalog:no-longer-there"), 0.0, "of a place that is gone, the page is shown");
    // A link from somewhere else comes with the place.
    browser.open("about:blank");
    browser.open(&format!("{file}#systems/inventory:gone"));
    browser.wait(&format!("{SHOWN} === 'systems/inventory'"));
    let links = ".chapter.is-shown a[href^=\"#containers/\"]";
    browser.run(&format!("[...document.querySelectorAll('{links}')].find((it) => it instanceof HTMLElement).click()"));
    browser.wait(&format!("{SHOWN} !== 'systems/inventory'"));
    browser.run("history.back()");
    browser.wait(&format!("{SHOWN} === 'systems/inventory'"));
    // The search is in it, too.
    browser.press("/", 0);
    browser.write("paymnt provider");
    browser
        .wait("[...document.querySelectorAll('[role=option]')].some((it) => /Payment provider/.test(it.textContent))");
    browser.press("Enter", 0);
    browser.wait(&format!("{SHOWN}.endsWith('payment-provider')"));
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn everybody_can_use_the_one_file() {
    let Some(mut browser) = Browser::start() else { return };
    let Some(axe) = browser::axe() else { return };
    for scheme in ["light", "dark"] {
        browser.open(&format!("{}#systems/ordering", address("architecture.html")));
        browser.scheme(scheme);
        browser.wait(&format!("{SHOWN} === 'systems/ordering'"));
        browser.picture(&format!("single-{scheme}"));
        browser.run(&format!("{axe}; 0"));
        let told = browser.value("axe.run(document, { resultTypes: ['violations'] }).then((it) => JSON.stringify(it.violations.map((rule) => [rule.id, rule.nodes.slice(0, 3).map((node) => node.html.slice(0, 160))])))");
        assert_eq!(told, "[]", "{scheme}");
    }
}

#[test]
fn a_diagram_in_a_page_of_others_is_shown_or_leads_there() {
    let Some(mut browser) = Browser::start() else { return };
    let page = shop().join("elsewhere.html");
    let view = |source: &str| format!("<loko-view src=\"{source}\"></loko-view>");
    let text = format!(
        "<!doctype html><title>Elsewhere</title><script src=\"dist/js/view.js\"></script>{}{}",
        view("dist/diagrams/landscape.svg"),
        view("http://127.0.0.1:9/diagrams/landscape.svg")
    );
    std::fs::write(&page, text).unwrap();
    browser.open(&format!("file://{}", page.display()));
    let inside = |number: usize| format!("document.querySelectorAll('loko-view')[{number}].shadowRoot?");
    // A file may not be read by another one: the picture stands still.
    browser.wait(&format!("{}.querySelector('img')?.naturalWidth > 100", inside(0)));
    browser.wait(&format!("{}.querySelector('a')?.textContent === 'Diagram'", inside(1)));
    assert_eq!(
        browser.value(&format!("{}.querySelector('a').href", inside(1))),
        "http://127.0.0.1:9/diagrams/landscape.svg"
    );
    browser.picture("view-elsewhere");
}
