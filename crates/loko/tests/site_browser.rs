//! The published site in a real Chromium: what pages show and do, light and dark, wide and narrow, with and without
//! scripts. Pictures of the pages are kept in `target/screenshots`.

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

/// The site of the shop, of which there are two versions.
fn site() -> &'static Path {
    static SITE: OnceLock<tempfile::TempDir> = OnceLock::new();
    let folder = SITE.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        console::copy(&console::repository().join("examples/shop"), root);
        let git = |arguments: &[&str]| {
            let config = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "init.defaultBranch=main"];
            assert!(Command::new("git").args(config).args(arguments).current_dir(root).output().unwrap().status.success());
        };
        git(&["init", "--quiet"]);
        git(&["add", "."]);
        git(&["commit", "--quiet", "-m", "The shop as it was"]);
        git(&["tag", "v1.0"]);
        std::fs::create_dir_all(root.join("src/loyalty")).unwrap();
        let text = "---\nname: Loyalty\ndescription: Counts points.\npatterns:\n  - { id: circuit-breaker, role: caller }\nrelationships:\n  - { to: ordering/order-api, description: Asks for orders }\n---\n";
        std::fs::write(root.join("src/loyalty/system.md"), text).unwrap();
        let view = "name = \"What an order touches\"\ndescription = \"Ordering and payments, whatever their size.\"\ninclude = [\"within:payments\", \"within:ordering and type:container\"]\nexclude = \"type:topic\"\n";
        std::fs::write(root.join("views/orders.toml"), view).unwrap();
        git(&["add", "."]);
        git(&["commit", "--quiet", "-m", "Loyalty comes"]);
        git(&["tag", "v1.1"]);
        // The others take long to run.
        for scenario in ["black-friday", "slow-payment-provider", "stock-cache-flush"] {
            std::fs::remove_file(root.join(format!("scenarios/{scenario}.toml"))).unwrap();
        }
        // What was run stays there when nothing is run.
        for arguments in [&["build", "--quiet", "--simulate"][..], &["build", "--quiet"]] {
            let built = Command::new(env!("CARGO_BIN_EXE_loko")).args(arguments).current_dir(root).output().unwrap();
            assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        }
        folder
    });
    folder.path()
}

fn address(page: &str) -> String {
    format!("file://{}/dist/{page}", site().display())
}

/// A page of every kind.
const KINDS: [&str; 23] = [
    "index.html",
    "systems.html",
    "containers.html",
    "components.html",
    "technologies.html",
    "owners.html",
    "tags.html",
    "systems/ordering.html",
    "containers/ordering_order-api.html",
    "events/index.html",
    "events/order.placed.html",
    "decisions/index.html",
    "decisions/0010-search-as-a-read-model.html",
    "contexts.html",
    "glossary.html",
    "coupling.html",
    "versions.html",
    "findings.html",
    "deployments/production.html",
    "dynamic/checkout.html",
    "patterns.html",
    "views/orders.html",
    "simulations/slow-payments.html",
];

#[test]
fn every_page_loads_only_its_own_and_nothing_goes_wrong() {
    let Some(mut browser) = Browser::start() else { return };
    let root = format!("file://{}/", site().display());
    for page in KINDS {
        browser.open(&address(page));
        browser.wait("document.querySelector('h1')");
        assert_eq!(browser.complaints(), Vec::<String>::new(), "{page}");
        for asked in browser.requests() {
            assert!(asked.starts_with(&root) || asked.starts_with("data:"), "{page} asks for {asked}");
        }
        let wide = browser.number("document.documentElement.scrollWidth - innerWidth");
        assert!(wide <= 0.0, "{page} is {wide} pixels wider than the window");
        for (scheme, name) in [("light", "light"), ("dark", "dark")] {
            browser.scheme(scheme);
            browser.picture(&format!("site-{}-{name}", page.replace(['/', '.'], "-")));
        }
        browser.scheme("light");
        browser.size(400, 860);
        let wide = browser.number("document.documentElement.scrollWidth - innerWidth");
        assert!(wide <= 0.0, "{page} is {wide} pixels wider than a phone");
        browser.picture(&format!("site-{}-narrow", page.replace(['/', '.'], "-")));
        browser.size(1400, 1000);
    }
}

#[test]
fn the_first_page_is_light() {
    let Some(mut browser) = Browser::start() else { return };
    let shop = first_page(&mut browser, &address("index.html"));
    assert!(shop > 30_000.0 && shop < 90_000.0, "the first page is {shop} bytes without its pictures");
    // As many systems as anybody should have, with 1,120 elements.
    let folder = tempfile::tempdir().unwrap();
    let write = |path: String, text: String| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("loko.toml".to_owned(), "[project]\nname = \"Large\"\n".to_owned());
    for system in 0..40 {
        let about = "Owns all that has to do with its part of the whole, and tells others what happened to it.";
        let told =
            format!("---\nname: System {system}\ndescription: {about}\ntags: [core]\nowner: team-{system}\n---\n");
        write(format!("src/system-{system}/system.md"), told);
        for container in 0..27 {
            let told = format!(
                "---\nname: Container {container}\nrelationships:\n  - {{ to: system-{}, description: Asks }}\n---\n",
                (system + 1) % 40
            );
            write(format!("src/system-{system}/container-{container}/container.md"), told);
        }
    }
    let built = Command::new(env!("CARGO_BIN_EXE_loko")).args(["build", "--quiet"]).current_dir(folder.path()).output();
    let built = built.unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let large = first_page(&mut browser, &format!("file://{}/dist/index.html", folder.path().display()));
    assert!(large < 100_000.0, "the first page of a large workspace is {large} bytes without its pictures");
}

/// The bytes of all that a page loads at once, without its pictures.
fn first_page(browser: &mut Browser, address: &str) -> f64 {
    browser.open(address);
    let mut bytes = 0;
    for asked in browser.requests() {
        let path = asked.trim_start_matches("file://");
        // Fonts are the picture's; texts of pages have the reader's own.
        if path.starts_with('/') && !path.ends_with(".ttf") {
            bytes += std::fs::metadata(path).unwrap().len();
        }
    }
    let pictures = browser.number("[...document.querySelectorAll('.canvas > svg')].reduce((sum, it) => sum + new TextEncoder().encode(it.outerHTML).length, 0)");
    bytes as f64 - pictures
}

#[test]
fn the_search_forgives_and_follows_the_keyboard() {
    let Some(mut browser) = Browser::start() else { return };
    browser.open(&address("index.html"));
    browser.press("/", 0);
    browser.write("chekcout coordnator");
    browser.wait("document.querySelector('.search-panel a')");
    assert!(browser.value("document.querySelector('.search-panel a .hit-name').textContent").contains("oordinator"));
    browser.picture("site-search");
    browser.press("Enter", 0);
    browser.wait("location.pathname.endsWith('components/ordering_checkout_coordinator.html')");
}

#[test]
fn a_drawing_zooms_moves_and_can_be_linked_to() {
    let Some(mut browser) = Browser::start() else { return };
    browser.open(&address("index.html"));
    let shown = "document.querySelector('.canvas > svg').viewBox.baseVal";
    browser.run("document.querySelector('.canvas').focus()");
    browser.press("0", 0);
    let whole = browser.number(&format!("{shown}.width"));
    for _ in 0..6 {
        browser.click(".tools [aria-label='Zoom in']");
    }
    let near = browser.number(&format!("{shown}.width"));
    assert!(near < whole * 0.6, "{near} of {whole}");
    browser.wait("document.querySelector('.minimap.is-shown .minimap-node')");
    let left = browser.number(&format!("{shown}.x"));
    browser.drag(".canvas", 120.0, 40.0);
    assert!(browser.number(&format!("{shown}.x")) < left, "dragging to the right shows what is on the left");
    browser.run("document.querySelector('.canvas').focus()");
    let left = browser.number(&format!("{shown}.x"));
    browser.press("ArrowRight", 0);
    assert!(browser.number(&format!("{shown}.x")) > left);
    browser.picture("site-zoomed");
    let left = browser.number(&format!("{shown}.x"));
    // It may be on its way to a better place: what is pointed at is where it is now.
    browser.run("(() => { const node = document.querySelector('.minimap .minimap-node'); const box = node.getBoundingClientRect(); node.dispatchEvent(new PointerEvent('pointerdown', { bubbles: true, buttons: 1, clientX: box.x + box.width / 2, clientY: box.y + box.height / 2 })); })()");
    assert!(
        (browser.number(&format!("{shown}.x")) - left).abs() > 1.0,
        "pointing at the small picture moves the large one"
    );
    browser.run("document.querySelector('.canvas').focus()");
    browser.press("0", 0);
    assert!((browser.number(&format!("{shown}.width")) - whole).abs() < 1.0);
    assert_eq!(browser.run("document.querySelector('.minimap').classList.contains('is-shown')"), false);
    browser.open(&format!("{}#drawing-1:100,50,400,300", address("index.html")));
    browser.wait("document.querySelector('.drawing.is-moved')");
    let place = browser.value(&format!("{shown}.x <= 100 && {shown}.x + {shown}.width >= 500 && {shown}.width < 1200"));
    assert_eq!(place, "true");
}

/// The pixels that the smallest text of the page's first drawing has.
const SMALLEST: &str = "(() => { const svg = document.querySelector('.canvas > svg'); const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width; return scale * Math.min(...[...svg.querySelectorAll('text')].map((it) => parseFloat(getComputedStyle(it).fontSize))); })()";

#[test]
fn the_first_look_at_a_drawing_can_be_read() {
    let Some(mut browser) = Browser::start() else { return };
    let shown = "document.querySelector('.canvas > svg').viewBox.baseVal";
    for page in ["index.html", "systems/ordering.html", "deployments/production.html", "contexts.html"] {
        browser.open(&address(page));
        browser.wait("document.querySelector('.tools')");
        let smallest = browser.number(SMALLEST);
        assert!(smallest > 8.0, "{page}: {smallest} pixels");
    }
    // Of a picture that is too wide for that a part is shown, and the small picture tells which; all of it is one key away.
    browser.open(&address("index.html"));
    browser.wait("document.querySelector('.drawing.is-moved') && document.querySelector('.minimap.is-shown')");
    // It stands where nothing is, can be put away, and comes back.
    for width in [1400, 2560] {
        browser.size(width, 1000);
        browser.open(&address("index.html"));
        browser.wait("document.querySelector('.minimap.is-shown')");
        let covered = browser.value("(() => { const map = document.querySelector('.minimap').getBoundingClientRect(); return [...document.querySelectorAll('.canvas :is(.node:not(.frame), text)')].filter((it) => { const box = it.getBoundingClientRect(); return box.left < map.right && box.right > map.left && box.top < map.bottom && box.bottom > map.top; }).map((it) => it.textContent).join(); })()");
        assert_eq!(covered, "", "at {width}");
        browser.picture(&format!("site-small-map-{width}"));
    }
    browser.size(1400, 1000);
    browser.open(&address("index.html"));
    browser.click(".minimap [aria-label='Close the small map']");
    browser.wait("!document.querySelector('.minimap.is-shown')");
    browser.click(".tools [aria-label='Zoom in']");
    assert_eq!(browser.run("Boolean(document.querySelector('.minimap.is-shown'))"), false);
    browser.click(".tools [aria-label='Small map']");
    browser.wait("document.querySelector('.minimap.is-shown')");
    browser.open(&address("index.html"));
    let tall = browser.number("document.querySelector('.canvas').getBoundingClientRect().height - innerHeight");
    assert!(tall < 0.0, "the part is {tall} pixels higher than the window");
    let part = browser.number(&format!("{shown}.width"));
    // What the keyboard reaches comes into sight.
    let last = "[...document.querySelectorAll('.canvas .node[data-id]')].at(-1)";
    browser.run(&format!("({last}.closest('a') ?? {last}.querySelector('a') ?? {last}).focus()"));
    let inside = browser.value(&format!(
        "(() => {{ const [box, frame] = [{last}, document.querySelector('.canvas')].map((it) => it.getBoundingClientRect()); return box.left >= frame.left && box.right <= frame.right && box.top >= frame.top && box.bottom <= frame.bottom; }})()"
    ));
    assert_eq!(inside, "true");
    // On paper nothing can be moved.
    browser.run("dispatchEvent(new Event('beforeprint'))");
    let whole = browser.number(&format!("{shown}.width"));
    assert!(part < whole * 0.9, "{part} of {whole}");
    assert_eq!(browser.run("Boolean(document.querySelector('.drawing.is-moved'))"), false);
    browser.run("dispatchEvent(new Event('afterprint'))");
    assert!((browser.number(&format!("{shown}.width")) - part).abs() < 1.0);
    browser.click(".tools [aria-label='Show the whole picture']");
    assert!((browser.number(&format!("{shown}.width")) - whole).abs() < 1.0);

    // On a phone fingers move it, both ways, as they move everything.
    browser.size(400, 860);
    browser.open(&address("index.html"));
    browser.wait("document.querySelector('.tools')");
    let smallest = browser.number(SMALLEST);
    assert!(smallest > 6.0, "{smallest} pixels");
    let moves = browser.value("(() => { const it = document.querySelector('.canvas'); return [it.scrollWidth > it.clientWidth, it.clientHeight < innerHeight * 0.8, getComputedStyle(it).touchAction, document.querySelector('.drawing.is-moved')].join(); })()");
    assert_eq!(moves, "true,true,auto,");
    browser.picture("site-first-look-narrow");
}

#[test]
fn the_matrix_keeps_its_names_and_says_what_its_heads_mean() {
    let Some(mut browser) = Browser::start() else { return };
    for (width, most) in [(1400, 0.4), (400, 0.5)] {
        browser.size(width, 860);
        browser.open(&address("coupling.html"));
        browser.wait("document.querySelector('.matrix-names li')");
        let share = browser.number("document.querySelector('.matrix-names').getBoundingClientRect().width / document.querySelector('.matrix').getBoundingClientRect().width");
        assert!(share < most, "names take {share} of the matrix at {width}");
        // A row of names is a row of cells, and both stay in sight.
        let apart = browser.number("(() => { const it = document.querySelector('.matrix'); it.scrollTo(300, 200); const rows = document.querySelectorAll('.matrix-names li').length; const [names, cells] = ['.matrix-names', '.matrix-cells'].map((part) => document.querySelector(part).getBoundingClientRect()); return Math.abs(names.top - cells.top) + Math.abs(names.height - cells.height) + Math.abs(names.left - it.getBoundingClientRect().left - 1) + (rows > 30 ? 0 : 99); })()");
        assert!(apart < 2.0, "{apart} pixels apart at {width}");
        let text = browser.value("document.querySelector('main').innerText");
        for said in ["Afferent coupling", "Efferent coupling", "Instability", "waits for an answer"] {
            assert!(text.contains(said), "{said}");
        }
        browser.picture(&format!("site-matrix-{width}"));
    }
}

#[test]
fn a_drawing_drills_down_and_the_breadcrumb_leads_up() {
    let Some(mut browser) = Browser::start() else { return };
    browser.open(&address("index.html"));
    browser.click(".canvas .node[data-id='ordering']");
    browser.wait("location.pathname.endsWith('systems/ordering.html') && document.readyState === 'complete'");
    browser.click(".canvas .node[data-id='ordering/order-api']");
    browser
        .wait("location.pathname.endsWith('containers/ordering_order-api.html') && document.readyState === 'complete'");
    browser.click(".crumbs li:nth-child(2) a");
    browser.wait("location.pathname.endsWith('systems/ordering.html')");
}

#[test]
fn pointing_traces_filters_fade_and_ways_are_found() {
    let Some(mut browser) = Browser::start() else { return };
    browser.open(&address("index.html"));
    browser.click(".tools [aria-label='Show the whole picture']");
    browser.point(".canvas .node[data-id='carrier']");
    browser.wait("document.querySelector('.drawing.is-tracing .node[data-id=\"identity\"].is-faded')");
    assert_eq!(
        browser.run("document.querySelector('.node[data-id=\"fulfilment\"]').classList.contains('is-faded')"),
        false
    );
    browser.picture("site-trace");
    browser.point("h1");
    browser.wait("!document.querySelector('.drawing.is-tracing')");

    browser.click(".tools [aria-label='Filter']");
    browser.wait("document.querySelector('.drawing-panel select[aria-label=\"Owner\"]')");
    let choose = |label: &str, value: &str| {
        format!(
            "(() => {{ const it = document.querySelector('.drawing-panel select[aria-label=\"{label}\"]'); it.value = '{value}'; it.dispatchEvent(new Event('change')); }})()"
        )
    };
    browser.run(&choose("Owner", "team-payments"));
    browser.wait("document.querySelector('.is-filtered .node[data-id=\"catalog\"].is-faded')");
    assert_eq!(
        browser.run("document.querySelector('.node[data-id=\"payments\"]').classList.contains('is-faded')"),
        false
    );
    browser.picture("site-filter");
    let is_faded =
        |id: &str| format!("document.querySelector('.node[data-id=\"{id}\"]').classList.contains('is-faded')");
    for (label, value, kept, gone) in
        [("Tag", "core", "catalog", "identity"), ("Technology", "Kafka topic", "ordering", "identity")]
    {
        browser.run(&choose("Owner", ""));
        browser.run(&choose(label, value));
        browser.wait(&is_faded(gone));
        assert_eq!(browser.run(&is_faded(kept)), false, "{label} {value}");
        assert!(browser.value("document.querySelector('.drawing-said').textContent").contains("fit"));
        browser.picture(&format!("site-filter-{}", label.to_lowercase()));
        browser.run(&choose(label, ""));
    }
    browser.press("Escape", 0);
    browser.wait("!document.querySelector('.is-faded')");

    browser.click(".tools [aria-label='Find a way']");
    browser.wait("document.querySelector('.drawing-panel select[aria-label=\"From\"]')");
    browser.run(&choose("From", "customer"));
    browser.run(&choose("To", "message-provider"));
    browser.wait("document.querySelector('.is-path')");
    let told = browser.value("document.querySelector('.drawing-said').textContent");
    assert!(told.contains("Customer") && told.contains("Message provider"), "{told}");
    browser.picture("site-way");
    browser.run(&choose("To", "customer"));
    browser.run(&choose("From", "message-provider"));
    assert!(browser.value("document.querySelector('.drawing-said').textContent").contains("no way"));
    // One question at a time: they ask the same boxes to step back.
    browser.click(".tools [aria-label='Filter']");
    browser.wait("document.querySelector('.drawing-panel select[aria-label=\"Owner\"]')");
    assert_eq!(browser.number("document.querySelectorAll('.drawing-panel').length"), 1.0);
    assert_eq!(browser.value("document.querySelector('.tools [aria-label=\"Find a way\"]').ariaExpanded"), "false");
}

#[test]
fn a_line_shows_its_ends_and_leads_to_its_row() {
    let Some(mut browser) = Browser::start() else { return };
    browser.open(&address("index.html"));
    // Its words, and the room around its line.
    for part in ["text", ".reach"] {
        browser.point("h1");
        browser.wait("!document.querySelector('.drawing.is-tracing')");
        browser.point(&format!(".edge[data-src='customer'][data-dst='storefront'] {part}"));
        browser.wait("document.querySelector('.drawing.is-tracing .node[data-id=\"back-office\"].is-faded')");
        let lit = "[...document.querySelectorAll('.canvas :is(.node, .edge):not(.is-faded)')].map((it) => it.dataset.id ?? '').filter((id) => !/^[0-9a-f ]+$/.test(id)).join()";
        assert_eq!(browser.value(lit), "customer,storefront");
    }
    browser.picture("site-trace-line");
    browser.click(".edge[data-src='customer'][data-dst='storefront'] text");
    browser.wait("location.pathname.endsWith('people/customer.html') && document.querySelector('tr:target')");
    // By keyboard the line itself shows where one is.
    browser.open(&address("index.html"));
    browser.run("document.querySelector('.canvas').focus()");
    browser.press("Tab", 0);
    browser.wait("document.activeElement.matches('a.edge') && document.querySelector('.drawing.is-tracing')");
    let ring = browser.value("getComputedStyle(document.activeElement).outlineStyle + getComputedStyle(document.activeElement.querySelector('.line')).strokeWidth");
    assert_eq!(ring, "none4px");
    browser.picture("site-focus-line");
    browser.press("Enter", 0);
    browser.wait("location.hash.startsWith('#r-') && document.querySelector('tr:target')");
    // The row of an own relation is on the page itself; a step's is below its story.
    browser.open(&address("systems/ordering.html"));
    let here = browser.value("(() => { const hrefs = [...document.querySelectorAll('.canvas .edge[data-src=\"ordering/checkout\"]')].map((it) => it.getAttribute('href')); return hrefs.length > 0 && hrefs.every((it) => it?.includes('ordering_checkout.html#r-')); })()");
    assert_eq!(here, "true");
    browser.open(&address("dynamic/checkout.html"));
    let rows = browser.value("[...document.querySelectorAll('.canvas .edge')].every((it) => document.querySelector(it.getAttribute('href')))");
    assert_eq!(rows, "true");
}

#[test]
fn what_was_asked_outlasts_copies_and_is_in_links() {
    let Some(mut browser) = Browser::start() else { return };
    browser.open(&address("index.html"));
    browser.click(".tools [aria-label='Find a way']");
    browser.wait("document.querySelector('.drawing-panel select[name=\"to\"]')");
    browser.run("for (const [name, value] of [['from', 'customer'], ['to', 'carrier']]) { const it = document.querySelector(`.drawing-panel select[name=\"${name}\"]`); it.value = value; it.dispatchEvent(new Event('change')); }");
    let lines = "document.querySelectorAll('.is-path .edge:not(.is-faded)').length";
    let found = browser.number(lines);
    assert!(found > 1.0, "{found} lines");
    // Each of several relations is told for itself.
    let told = browser.value("document.querySelector('.drawing-said').textContent");
    assert!(told.contains("Starts a checkout; Shows orders"), "{told}");
    browser.run("globalThis.taken = ''; Object.defineProperty(navigator, 'clipboard', { value: { writeText: async (text) => { taken = text; } } }); 0");
    browser.click(".tools [aria-label='Copy']");
    browser.wait("document.querySelector('.copy-menu button')");
    assert!((browser.number(lines) - found).abs() < 0.5, "the way is still shown");
    browser.run("[...document.querySelectorAll('.copy-menu button')].at(-1).click()");
    browser.wait("taken && !document.querySelector('.copy-menu')");
    assert!((browser.number(lines) - found).abs() < 0.5, "the way is still shown");
    browser.wait("document.querySelector('.drawing-panel:not([hidden]) select[name=\"to\"]').value === 'carrier'");
    let link = browser.value("taken");
    browser.open("about:blank");
    browser.open(&link);
    browser.wait(&format!("{lines} === {found}"));
    browser.picture("site-way-of-a-link");
    browser.run("[...document.querySelectorAll('.drawing-panel .text-button')].at(-1).click()");
    browser.wait("!document.querySelector('.is-faded') && !document.querySelector('.drawing-panel select').value");
    // What a choice promises is what it shows.
    browser.click(".tools [aria-label='Filter']");
    browser.wait("document.querySelector('.drawing-panel select[name=\"owner\"]')");
    let promised = browser.value("(() => { const it = document.querySelector('.drawing-panel select[name=\"owner\"]'); it.selectedIndex = [...it.options].findIndex((option) => option.value === 'team-supply'); it.dispatchEvent(new Event('change')); return it.selectedOptions[0].textContent; })()");
    assert_eq!(promised, "team-supply (2)");
    assert_eq!(browser.value("document.querySelector('.drawing-said').textContent"), "2 elements fit");
}

#[test]
fn a_phone_shows_what_is_meant() {
    let Some(mut browser) = Browser::start() else { return };
    browser.size(375, 740);
    // Whether something is in what the window shows of the frame.
    let is_seen = |what: &str| {
        format!(
            "(() => {{ const [box, frame] = [document.querySelector({what:?}), document.querySelector('.tab:not([hidden]) .canvas, .canvas')].map((it) => it.getBoundingClientRect()); return box.left >= frame.left && box.right <= frame.right && box.top >= Math.max(frame.top, 0) && box.bottom <= Math.min(frame.bottom, innerHeight); }})()"
        )
    };
    browser.open(&address("dynamic/checkout.html"));
    browser.wait("document.querySelector('.stepper')");
    assert_eq!(browser.run(&is_seen(".edge[data-id='step-9'] text")), false, "the story goes on below");
    for step in 1..=14 {
        browser.run("document.querySelector(\".stepper [aria-label='Next step']\").click()");
        browser.wait(&is_seen(&format!(".edge[data-id='step-{step}'] text")));
    }
    browser.picture("site-steps-narrow");
    browser.open(&address("index.html"));
    browser.wait("document.querySelector('.tools')");
    browser.run("document.querySelector('.canvas').scrollTo(9999, 9999)");
    browser.click(".tools [aria-label='Filter']");
    browser.wait("document.querySelector('.drawing-panel select[name=\"owner\"]')");
    browser.run("(() => { const it = document.querySelector('.drawing-panel select[name=\"owner\"]'); it.value = 'team-back-office'; it.dispatchEvent(new Event('change')); })()");
    browser.wait(&is_seen(".node[data-id='back-office']"));
    browser.picture("site-filter-narrow");
    browser.click(".tools [aria-label='Show the whole picture']");
    let whole = browser.value("(() => { const [svg, frame] = ['.canvas > svg', '.canvas'].map((it) => document.querySelector(it)); return svg.getBoundingClientRect().width <= frame.clientWidth && frame.scrollWidth <= frame.clientWidth && frame.scrollHeight <= frame.clientHeight; })()");
    assert_eq!(whole, "true");
    browser.picture("site-whole-narrow");
    browser.click(".tools [aria-label='Zoom in']");
    browser.wait("document.querySelector('.drawing.is-moved')");
    // A flow begins with who publishes.
    browser.open(&address("events/order.placed.html"));
    browser.wait("document.querySelector('.tools')");
    browser.run("document.querySelector('.canvas').scrollIntoView({ block: 'center', behavior: 'instant' })");
    browser.wait(&is_seen(".node[data-id='ordering/order-api/outbox-relay']"));
}

#[test]
fn drawings_begin_where_things_begin_and_keep_their_frame() {
    let Some(mut browser) = Browser::start() else { return };
    for (width, height) in [(1440, 900), (1024, 768)] {
        browser.size(width, height);
        browser.open(&address("index.html"));
        browser.wait("document.querySelector('.drawing.is-moved .tools')");
        browser.run("document.querySelector('.minimap.is-shown') || document.querySelector(\".tools [aria-label='Small map']\").click()");
        browser.wait("document.querySelector('.minimap.is-shown')");
        for id in ["customer", "storefront"] {
            let inside = browser.value(&format!("(() => {{ const [box, frame] = ['.node[data-id=\"{id}\"]', '.canvas'].map((it) => document.querySelector(it).getBoundingClientRect()); return box.left >= frame.left && box.right <= frame.right && box.top >= frame.top && box.bottom <= innerHeight; }})()"));
            assert_eq!(inside, "true", "{id} at {width}");
        }
        // What moves it is in sight from the start, and nothing of it lies above another.
        let covered = "(() => { const map = document.querySelector('.minimap'); const box = map.getBoundingClientRect(); return getComputedStyle(map).visibility === 'visible' && [...document.querySelectorAll('.top, .drawing > :is(figcaption, .tools)')].some((it) => { const bar = it.getBoundingClientRect(); return bar.top < box.bottom && bar.bottom > box.top; }); })()";
        let low = browser.number("document.querySelector('.tools').getBoundingClientRect().bottom - innerHeight");
        assert!(low <= 0.5, "tools are {low} pixels below the window");
        for place in (0..1400).step_by(100) {
            browser.run(&format!("scrollTo({{ top: {place}, behavior: 'instant' }})"));
            browser.wait(&format!("!{covered}"));
        }
        browser.run("scrollTo({ top: 0, behavior: 'instant' })");
        // The button stays below the pointer.
        let place = "document.querySelector(\".tools [aria-label='Show the whole picture']\").getBoundingClientRect().top + document.querySelector('.canvas').offsetHeight";
        let before = browser.number(place);
        browser.run("document.querySelector(\".tools [aria-label='Show the whole picture']\").click()");
        assert!((browser.number(place) - before).abs() < 0.5);
    }
    browser.open(&address("dynamic/checkout.html"));
    browser.click("[role='tab']:nth-child(2)");
    browser.wait("document.querySelector('.tab:not([hidden]) .canvas > svg').viewBox.baseVal.x <= 0");
    let first = browser.value("(() => { const [box, frame] = ['.edge[data-id~=\"step-1\"] text', '.canvas'].map((it) => document.querySelector(`.tab:not([hidden]) ${it}`).getBoundingClientRect()); return box.left >= frame.left && box.right <= frame.right && box.top >= frame.top && box.bottom <= frame.bottom; })()");
    assert_eq!(first, "true");
    browser.picture("site-sequence-start");
}

#[test]
fn hands_off_the_mouse() {
    let Some(mut browser) = Browser::start() else { return };
    browser.open(&address("index.html"));
    let here = "document.activeElement";
    // The first thing that a key reaches leads past the navigation.
    browser.press("Tab", 0);
    browser.wait(&format!("{here}.classList.contains('skip')"));
    browser.press("Enter", 0);
    browser.wait("location.hash === '#content'");
    let mut seen = Vec::new();
    for _ in 0..60 {
        browser.press("Tab", 0);
        let name = browser.value(&format!(
            "(({here}.closest('.node[data-id]') ?? {here}).getAttribute('aria-label') ?? {here}.textContent).trim().slice(0, 60)"
        ));
        let is_box = browser.run(&format!("Boolean({here}.closest('.canvas .node[data-id]'))"));
        seen.push(name);
        if is_box == true {
            break;
        }
    }
    let outline = browser.value(&format!(
        "getComputedStyle({here}).outlineStyle + getComputedStyle({here}.querySelector('*') ?? {here}).outlineStyle"
    ));
    assert!(outline.contains("solid") || outline.contains("auto"), "one sees where one is: {outline}; {seen:?}");
    browser.wait("document.querySelector('.drawing.is-tracing')");
    browser.picture("site-keyboard");
    let target = browser.value(&format!("{here}.closest('a').href.baseVal ?? {here}.closest('a').href"));
    browser.press("Enter", 0);
    browser.wait(&format!(
        "location.pathname.endsWith({:?}) && document.readyState === 'complete'",
        target.rsplit('/').next().unwrap_or(&target)
    ));

    // Tools, panels and tabs.
    browser.open(&address("dynamic/checkout.html"));
    browser.run("document.querySelector('[role=\"tab\"]').focus()");
    browser.press("ArrowRight", 0);
    browser.wait("document.querySelectorAll('.tab')[0].hidden");
    browser.open(&address("index.html"));
    browser.run("document.querySelector(\".tools [aria-label='Find a way']\").focus()");
    browser.press("Enter", 0);
    browser.wait(&format!("{here}.matches('.drawing-panel select')"));
    browser.press("Escape", 0);
    browser.wait(&format!(
        "{here}.getAttribute('aria-label') === 'Find a way' && !document.querySelector('.drawing-panel')"
    ));
    browser.run("document.querySelector('.canvas').focus()");
    let shown = "document.querySelector('.canvas > svg').viewBox.baseVal.width";
    let whole = browser.number(shown);
    browser.press("+", 0);
    assert!(browser.number(shown) < whole);
}

/// What screen readers are told of a page: roles and names, in order.
fn told_aloud(browser: &mut Browser) -> Vec<(String, String)> {
    let tree = browser.send("Accessibility.getFullAXTree", &serde_json::json!({}));
    let nodes = tree["nodes"].as_array().unwrap().iter().filter(|node| node["ignored"] != true);
    let text = |value: &serde_json::Value| value["value"].as_str().unwrap_or_default().to_owned();
    nodes.map(|node| (text(&node["role"]), text(&node["name"]))).collect()
}

#[test]
fn screen_readers_hear_what_a_diagram_shows() {
    let Some(mut browser) = Browser::start() else { return };
    browser.open(&address("systems/ordering.html"));
    browser.wait("document.querySelector('.tools')");
    let told = told_aloud(&mut browser);
    let has = |role: &str, part: &str| told.iter().any(|(known, name)| known == role && name.contains(part));
    for (role, part) in [
        ("heading", "Ordering"),
        ("group", "Containers of Ordering: arrow keys move it"),
        ("link", "Order API"),
        ("link", "Order store"),
        ("button", "Zoom in"),
        ("button", "Filter"),
        ("button", "Find a way"),
        ("button", "Copy"),
        ("navigation", "Breadcrumb"),
        ("tab", "System context of Ordering"),
    ] {
        assert!(has(role, part), "no {role} is called {part}: {told:#?}");
    }
    // A line is told with its ends and what passes.
    assert!(
        told.iter()
            .any(|(_, name)| name.contains("Checkout") && name.contains("Order API") && name.contains("Creates")),
        "{told:#?}"
    );
    let nameless: Vec<_> = told
        .iter()
        .filter(|(role, name)| matches!(role.as_str(), "button" | "link" | "combobox") && name.is_empty())
        .collect();
    assert_eq!(nameless, Vec::<&(String, String)>::new());
}

#[test]
fn a_story_is_gone_through_step_by_step() {
    let Some(mut browser) = Browser::start() else { return };
    browser.open(&address("dynamic/checkout.html"));
    browser.click(".stepper [aria-label='Next step']");
    browser.press("ArrowRight", 0);
    browser.wait("document.querySelector('#step-2.is-now')");
    assert!(browser.value("document.querySelector('.step-count').textContent").starts_with("2 of "));
    assert!(browser.value("document.querySelector('.drawing-said').textContent").contains('2'));
    assert!(browser.number("document.querySelectorAll('.drawing .edge.is-faded').length") > 3.0);
    browser.picture("site-steps");
    browser.press("Escape", 0);
    browser.wait("!document.querySelector('.edge.is-faded')");
    browser.click("[role='tab']:nth-child(2)");
    browser.wait("document.querySelectorAll('.tab')[0].hidden && !document.querySelectorAll('.tab')[1].hidden");
}

#[test]
fn a_drawing_can_be_taken_along() {
    let Some(mut browser) = Browser::start() else { return };
    browser.open(&address("systems/ordering.html"));
    let catch = "globalThis.taken = {}; navigator.clipboard.writeText = async (text) => { taken.text = text; }; navigator.clipboard.write = async ([item]) => { taken.blob = await item.getType(item.types[0]); taken.type = item.types[0]; taken.size = taken.blob.size; }; 0";
    // A disk is no secure place, so its pages have no clipboard of their own.
    browser.run(&format!(
        "if (!navigator.clipboard) Object.defineProperty(navigator, 'clipboard', {{ value: {{}} }}); {catch}"
    ));
    let take = |browser: &mut Browser, nth: u32, wanted: &str| {
        browser.run("globalThis.taken = {}; 0");
        browser.click(".tools [aria-label='Copy']");
        browser.wait("document.querySelector('.copy-menu button')");
        browser.click(&format!(".copy-menu button:nth-child({nth})"));
        browser.wait(wanted);
        browser.wait("!document.querySelector('.copy-menu')");
    };
    // They look as on the page: its colours, its letters.
    for (scheme, ground, ink) in
        [("light", "rgb(247, 249, 251)", "rgb(22, 32, 46)"), ("dark", "rgb(13, 18, 25)", "rgb(231, 237, 245)")]
    {
        browser.scheme(scheme);
        take(&mut browser, 1, "taken.text?.startsWith('<svg')");
        let svg = browser.value("taken.text");
        assert!(svg.contains("@font-face") && svg.contains(";base64,") && !svg.contains("data-theme"), "{scheme}");
        assert!(svg.contains(&format!("fill=\"{ground}\"")) && svg.contains(&format!("fill=\"{ink}\"")), "{scheme}");
        take(&mut browser, 2, "taken.type === 'image/png' && taken.size > 5000");
        let corner = browser.value("(async () => { const image = await createImageBitmap(taken.blob); const pen = new OffscreenCanvas(image.width, image.height).getContext('2d'); pen.drawImage(image, 0, 0); return `rgb(${[...pen.getImageData(2, 2, 1, 1).data].slice(0, 3).join(', ')})`; })()");
        assert_eq!(corner, ground, "{scheme}");
    }
    browser.scheme("light");
    take(&mut browser, 3, "taken.text?.includes('->')");
    let d2 = browser.value("taken.text");
    for said in ["shape: cylinder", "shape: queue", "[Database: PostgreSQL 17]", "style.fill: \"#", "style.stroke-dash"]
    {
        assert!(d2.contains(said), "{said} is lost: {d2}");
    }
    let file = site().join("copied.d2");
    std::fs::write(&file, &d2).unwrap();
    let drawn = Command::new(env!("CARGO_BIN_EXE_loko")).args(["d2", "check"]).arg(&file).output().unwrap();
    assert!(drawn.status.success(), "{d2}\n{}", String::from_utf8_lossy(&drawn.stderr));
    browser.click(".tools [aria-label='Copy']");
    browser.wait("document.querySelector('.copy-menu button')");
    browser.click(".copy-menu button:nth-child(4)");
    browser.wait("taken.text?.endsWith('#drawing-1')");
    browser.wait("document.querySelector('.drawing-said').textContent === 'Link copied'");
    browser.click(".tools [aria-label='Copy']");
    browser.wait("document.querySelector('.copy-menu button')");
    browser.picture("site-copy");
}

#[test]
fn a_run_is_played_on_its_page() {
    let Some(mut browser) = Browser::start() else { return };
    browser.open(&address("simulations/slow-payments.html"));
    browser.wait("document.querySelector('.player-bar input')");
    assert!(browser.value("document.querySelector('#s-verdict').parentElement.textContent").contains('%'));
    let colours = "[...document.querySelectorAll('.player [data-s] rect')].map((it) => it.getAttribute('fill')).join()";
    let clock = "document.querySelector('.player-clock').textContent";
    let (before, then) = (browser.value(colours), browser.value(clock));
    browser.run("(() => { const it = document.querySelector('.player-bar input'); it.value = Math.round(it.max / 2); it.dispatchEvent(new Event('input')); })()");
    assert_ne!(browser.value(clock), then);
    assert_ne!(browser.value(colours), before);
    assert!(browser.value("document.querySelector('.player [data-s] .n').textContent").contains("busy"));
    browser.picture("site-simulation-played");
    // It is a drawing as any other: names that lead on, and tools.
    browser.wait("document.querySelector('.player .tools button') && document.querySelector('.player .canvas a[href$=\".html\"] .node[data-id]')");
    let at = "Number(document.querySelector('.player-bar input').value)";
    let place = browser.number(at);
    browser.click(".player-bar [aria-label='Play']");
    browser.wait(&format!("{at} > {place}"));
    browser.click(".player-bar [aria-label='Play']");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn versions_are_overlaid_or_side_by_side() {
    let Some(mut browser) = Browser::start() else { return };
    browser.open(&address("versions.html"));
    browser.wait("document.querySelector('.version-section .compare .node[data-id=\"loyalty\"]')");
    browser.picture("site-versions-overlaid");
    browser.click(".version-section [data-compare] [role='tab']:nth-child(2)");
    browser.wait("!document.querySelector('.version-section .compare-beside').hidden");
    let shown = |at: u32| {
        format!(
            "document.querySelectorAll('.version-section .compare-beside .canvas > svg')[{at}].viewBox.baseVal.width"
        )
    };
    let whole = browser.number(&shown(1));
    browser.click(".version-section .compare-beside .tools [aria-label='Zoom in']");
    assert!(browser.number(&shown(1)) < whole, "the other side follows");
    browser.picture("site-versions-beside");
}

#[test]
fn pages_speak_the_language_that_a_workspace_wants() {
    let Some(mut browser) = Browser::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    console::copy(&console::repository().join("examples/shop"), folder.path());
    let settings = folder.path().join("loko.toml");
    let text = std::fs::read_to_string(&settings).unwrap();
    std::fs::write(&settings, format!("{text}\n[site]\nlanguage = \"de-AT\"\n")).unwrap();
    let own = folder.path().join("theme/languages");
    std::fs::create_dir_all(&own).unwrap();
    std::fs::write(own.join("de.toml"), "[element]\nuses = \"Ruft auf\"\n").unwrap();
    let built = Command::new(env!("CARGO_BIN_EXE_loko"))
        .args(["build", "--quiet"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let page = |page: &str| format!("file://{}/dist/{page}", folder.path().display());
    browser.open(&page("containers/ordering_order-api.html"));
    browser.wait("document.querySelector(\".tools [aria-label='Vergrößern']\")");
    assert_eq!(browser.value("document.documentElement.lang"), "de-AT");
    assert_eq!(browser.value("document.querySelector('meta[property=\"og:locale\"]').content"), "de_AT");
    let text = browser.value("document.body.innerText");
    for said in
        ["Systeme", "Komponenten", "Ruft auf", "Benutzt von", "Technologie", "Entscheidungen", "Auf dieser Seite"]
    {
        // Style may set a title in capitals, so the letters are looked for as they are written.
        assert!(browser.value("document.body.textContent").contains(said), "{said} is not on the page:\n{text}");
    }
    for english in ["Used by", "On this page", "What it does", "Decisions", "External systems", "Technology"] {
        assert!(!text.contains(english), "{english} is on the page:\n{text}");
    }
    assert!(browser.value("document.querySelector('.canvas').textContent").contains("[Datenbank: PostgreSQL 17]"));
    assert_eq!(browser.complaints(), Vec::<String>::new());
    browser.picture("site-german");
    browser.open(&page("decisions/index.html"));
    assert!(browser.value("document.querySelector('time').textContent").contains("12.02.2024"));
    browser.press("/", 0);
    browser.write("zzzzzz");
    browser.wait("document.querySelector('.search-panel .none')");
    assert!(
        browser.value("document.querySelector('.search-panel').textContent").contains("Nichts gefunden für „zzzzzz“")
    );
    browser.picture("site-german-decisions");
    // Nothing was run here: closed forms say what to expect.
    browser.open(&page("simulations/black-friday.html"));
    let text = browser.value("document.querySelector('main').innerText");
    assert!(text.contains("Was geschlossene Formeln erwarten") && text.contains("loko build --simulate"), "{text}");
    browser.picture("site-german-simulation");
}

#[test]
fn pages_can_be_read_without_scripts() {
    let Some(mut browser) = Browser::start() else { return };
    browser.scripts(false);
    for page in ["index.html", "containers/ordering_order-api.html"] {
        browser.send("Page.navigate", &serde_json::json!({ "url": address(page) }));
        std::thread::sleep(std::time::Duration::from_millis(700));
        browser.scripts(true);
        let shown = browser.run("[...document.querySelectorAll('h1, .canvas svg, .sidebar a')].every((it) => it.getBoundingClientRect().width > 0)");
        assert_eq!(shown, true, "{page}");
        let dead = browser.number("[...document.querySelectorAll('button, input')].filter((it) => it.getBoundingClientRect().width > 0).length");
        assert_eq!(dead, 0.0, "{page}: buttons that do nothing");
        browser.picture(&format!("site-without-scripts-{}", page.replace(['/', '.'], "-")));
        // On a phone the page comes first, and the navigation to whoever asks for it.
        browser.size(375, 812);
        let first = browser.number("document.querySelector('h1').getBoundingClientRect().top");
        assert!(first < 200.0, "{page}: the page begins {first} pixels down");
        let way = browser.number("document.querySelector('.menu-link').getBoundingClientRect().width");
        assert!(way > 20.0, "{page}: no way to the navigation");
        browser.run("location.hash = '#sidebar'");
        let wide = browser.number("document.querySelector('.sidebar').getBoundingClientRect().width");
        assert!(wide > 300.0, "{page}: the navigation does not come");
        browser.size(1400, 1000);
        browser.scripts(false);
    }
}

#[test]
fn long_words_stay_within_the_page() {
    let Some(mut browser) = Browser::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: String| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    let word = "Betriebsunterbrechungsversicherungsvertragsverwaltungsabteilungsleiterkonferenz";
    let tag = word.to_lowercase();
    let long = "Tells what it does in very many words. ".repeat(20);
    write("loko.toml", format!("[project]\nname = \"{word}\"\n"));
    let text = format!(
        "---\nname: {word}\ndescription: {word} {long}\ntags: [{tag}]\nowner: team-{tag}\nrelationships:\n  - {{ to: other/nowhere, description: {word} }}\n---\n# {word}\n"
    );
    write("src/one/system.md", text);
    write("src/other/system.md", format!("---\nname: Other {word}\n---\n"));
    for at in 0..4 {
        let text = format!(
            "---\nname: Component number {at}\ndescription: {long}\ntechnology: {word}\ntags: [{tag}]\nrelationships:\n  - {{ to: one, description: {word} }}\n---\n"
        );
        write(&format!("src/other/part-{at}/container.md"), text);
    }
    Command::new(env!("CARGO_BIN_EXE_loko")).args(["build", "--quiet"]).current_dir(folder.path()).output().unwrap();
    for width in [375, 1000] {
        browser.size(width, 860);
        for page in [
            "index",
            "findings",
            "tags",
            "owners",
            "technologies",
            "containers",
            "coupling",
            "systems/one",
            "containers/other_part-1",
        ] {
            browser.open(&format!("file://{}/dist/{page}.html", folder.path().display()));
            browser.wait("document.querySelector('h1')");
            let wide = browser.number("document.documentElement.scrollWidth - innerWidth");
            assert!(wide <= 0.0, "{page} is {wide} pixels wider than {width}");
            browser.picture(&format!("site-long-words-{}-{width}", page.replace('/', "-")));
        }
    }
    // Own names are whole where those of what they are part of are long.
    browser.open(&format!("file://{}/dist/coupling.html", folder.path().display()));
    let cut = browser.number("[...document.querySelectorAll('.matrix-names .element')].filter((it) => it.textContent.startsWith('Component') && it.scrollWidth > it.clientWidth).length");
    assert_eq!(cut, 0.0);
    browser.open(&format!("file://{}/dist/tags.html", folder.path().display()));
    let tall = browser.number(
        "Math.max(...[...document.querySelectorAll('.parts tbody tr')].map((it) => it.getBoundingClientRect().height))",
    );
    assert!(tall < 300.0, "a row of a list is {tall} pixels high");
}

#[test]
fn paper_shows_only_what_is_to_be_read() {
    let Some(mut browser) = Browser::start() else { return };
    browser.open(&address("systems/ordering.html"));
    browser.send("Emulation.setEmulatedMedia", &serde_json::json!({ "media": "print" }));
    let hidden = browser.run(
        "['.top', '.sidebar', '.tools'].every((it) => getComputedStyle(document.querySelector(it)).display === 'none')",
    );
    assert_eq!(hidden, true);
    browser.picture("site-print");
    // What a sheet is wide; nothing can be moved there.
    browser.size(718, 1047);
    browser.open(&address("coupling.html"));
    let over = browser.number("Math.max(...['.matrix', '.matrix-cells', '.matrix-head svg'].map((it) => document.querySelector(it).getBoundingClientRect().right)) - innerWidth");
    assert!(over <= 0.0, "the matrix is {over} pixels wider than the paper");
    let tall = browser.number("document.querySelector('.matrix').getBoundingClientRect().height");
    assert!(tall > 300.0 && tall < 700.0, "the matrix is {tall} pixels high");
    let apart = browser.number("(() => { const [names, cells] = ['.matrix-names', '.matrix-cells'].map((part) => document.querySelector(part).getBoundingClientRect()); return Math.abs(names.top - cells.top) + Math.abs(names.height - cells.height); })()");
    assert!(apart < 2.0, "names and cells are {apart} pixels apart");
    browser.picture("site-print-matrix");
}

#[test]
fn everybody_can_use_every_kind_of_page() {
    let Some(mut browser) = Browser::start() else { return };
    let Some(axe) = browser::axe() else { return };
    let mut found = Vec::new();
    for page in KINDS {
        for scheme in ["light", "dark"] {
            browser.scheme(scheme);
            browser.open(&address(page));
            // Of words that the frame cuts off only half can be seen.
            browser.run("for (const it of document.querySelectorAll(\".tools [aria-label='Show the whole picture']\")) it.click()");
            browser.run(&format!("{axe}; 0"));
            let told = browser.value("axe.run(document, { resultTypes: ['violations'] }).then((it) => JSON.stringify(it.violations.map((rule) => [rule.id, rule.nodes.slice(0, 3).map((node) => node.html.slice(0, 160))])))");
            if told != "[]" {
                found.push(format!("{page} ({scheme}): {told}"));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
