//! What a browser makes of the pictures: in a headless Chromium every text must lie in the box that was measured for it.
//!
//! Skips with a message where no Chromium is found; the variable `LOKO_CHROMIUM` names one that is not on the path.

#![allow(clippy::disallowed_methods, clippy::print_stderr, clippy::unwrap_used, reason = "a test runs a browser")]

use loko_d2::{NoImports, compile};
use loko_diagram::{Board, Rect};
use loko_draw::{Look, SvgOptions, label_boxes, measure, svg};
use loko_layout::{Options, layout};
use loko_source::FilePath;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Texts that are hard to set: every shape, many scripts, words without a place to break, all kinds of text.
const HARD: [(&str, &str); 6] = [
    (
        "shapes",
        "a: Rectangle\nb: Square shape {shape: square}\nc: A page {shape: page}\nd: Parallelogram {shape: parallelogram}\n\
         e: Document {shape: document}\nf: Cylinder {shape: cylinder}\ng: Queue {shape: queue}\nh: Package {shape: package}\n\
         i: Step {shape: step}\nj: Callout {shape: callout}\nk: Stored data {shape: stored_data}\nl: A person {shape: person}\n\
         m: Diamond {shape: diamond}\nn: Oval {shape: oval}\no: Circle {shape: circle}\np: Hexagon {shape: hexagon}\n\
         q: Cloud {shape: cloud}\nr: Card {shape: c4-person}\na -> b: calls\nc -> d: {source-arrowhead: 1; target-arrowhead: many}",
    ),
    (
        "scripts",
        "a: Größer als Übermaß – ſtraße\nb: Ελληνικά κείμενα\nc: Русский текст и ещё немного\nd: 架构即代码 日本語のテキスト\n\
         e: 한국어 문장입니다\nf: مرحبا بالعالم\ng: שלום עולם\nh: नमस्ते दुनिया\ni: 👩‍👩‍👧 🚀 ✅ done\nj: ไทยแลนด์\na -> d: 送信する 🚀\nf -> g: مرحبا",
    ),
    (
        "long words",
        "a: RefreshAuthorizationPolicyProtocolServerSideTranslatorProtocolBufferRefreshAuthorizationPolicy\n\
         b: wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww {shape: circle}\n\
         c: iiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiii\na -> c: AnEdgeLabelWithoutAnyPlaceToBreakItAtAllWhateverOneTries",
    ),
    (
        "text",
        "a: |md\n  # Head\n\n  Some **bold**, *slanted* and `code` words, [a link](https://example.org).\n\n  - one\n  - two\n|\n\
         b: |go\n  func main() {\n    fmt.Println(\"a  b\")\n  }\n|\nc: |latex\n  \\frac{a}{b} + \\sum_{i=0}^n x_i\n|\na -> b",
    ),
    (
        "rows",
        "t: orders {shape: sql_table; id: bigint {constraint: primary_key}; customer_reference: varchar(255) {constraint: foreign_key}}\n\
         k: Parser {shape: class; +reader: io.RuneReader; -peek(count int): \"(rune, bool)\"}\nt.customer_reference -> k",
    ),
    (
        "styles",
        "a: Bold {style.bold: true}\nb: Slanted {style.italic: true}\nc: MONO {style.font: mono}\nd: Large {style.font-size: 60}\n\
         e: |md\n  *It* **is** `one`\n| {style.font-size: 10}\ng: Outer {h: Inner {style.text-transform: uppercase}}\na -> b: {style.italic: true; label: slanted label}",
    ),
];

#[test]
fn texts_lie_in_their_boxes() {
    let Some(chromium) = chromium() else {
        eprintln!("skipped: no Chromium is installed (or name one in LOKO_CHROMIUM)");
        return;
    };
    let mut page = Page::default();
    for (name, text) in HARD {
        page.add(name, text);
    }
    for (name, text) in corpus() {
        page.add(&name, &text);
    }
    let folder = std::env::temp_dir().join(format!("loko-browser-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let report = run(&chromium, &folder, &page.html());
    let _ = std::fs::remove_dir_all(&folder);
    let Some(report) = report else {
        eprintln!("skipped: {} does not run here", chromium.display());
        return;
    };
    let checked = report["checked"].as_u64().unwrap();
    let faults: Vec<String> =
        report["faults"].as_array().unwrap().iter().map(|it| it.as_str().unwrap().into()).collect();
    eprintln!("{checked} texts of {} pictures were measured", page.count);
    assert!(checked > 60, "only {checked} texts were found");
    assert!(report["caught"].as_bool().unwrap(), "a text that is far too wide must be caught");
    assert!(faults.is_empty(), "{} texts leave their boxes:\n{}", faults.len(), faults.join("\n"));
}

/// Some of the rendering corpus: what is short enough to be looked at, every third.
fn corpus() -> Vec<(String, String)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conformance/d2/render/render.jsonl");
    let Ok(text) = std::fs::read_to_string(path) else {
        eprintln!("without the rendering corpus, which is not here");
        return Vec::new();
    };
    let cases = text.lines().step_by(3).map(|line| serde_json::from_str::<Value>(line).unwrap());
    let short = cases.filter(|case| case.get("files").is_none() && case["input"].as_str().unwrap().len() < 2_000);
    short.map(|case| (case["name"].as_str().unwrap().into(), case["input"].as_str().unwrap().into())).collect()
}

/// Pictures with the boxes that their texts must keep to.
#[derive(Default)]
struct Page {
    body: String,
    wanted: Vec<Value>,
    count: usize,
}

impl Page {
    fn add(&mut self, name: &str, text: &str) {
        let compiled = compile(text, &FilePath::new("index.d2").unwrap(), &NoImports);
        let board: &Board = &compiled.diagram.root;
        let look = Look::default().configured(&board.config);
        let placed = layout(board, &measure(board, &look), &Options::default());
        let prefix = format!("p{}", self.count);
        let options = SvgOptions { id_prefix: &prefix, standalone: false, ..SvgOptions::default() };
        self.body.push_str(&format!(
            "<div data-picture=\"{}\">{}</div>",
            self.count,
            svg(board, &placed, &look, &options)
        ));
        let rect = |rect: Rect| json!([rect.x, rect.y, rect.w, rect.h]);
        let labels = label_boxes(board, &placed, &look);
        for ((object, place), label) in board.objects.iter().zip(&placed.objects).zip(labels) {
            // Rows of tables and classes have no label's box: they keep to the object's.
            let label = label.unwrap_or(place.rect);
            self.wanted.push(json!({
                "picture": self.count, "name": name, "id": object.id, "box": rect(label), "size": object.style.font_size,
            }));
        }
        self.count += 1;
    }

    fn html(&self) -> String {
        let wanted = Value::Array(self.wanted.clone()).to_string().replace('<', "\\u003c");
        format!(
            "<!doctype html><meta charset=\"utf-8\"><body>{}<div id=\"probe\"><svg><text id=\"wide\" y=\"20\">{}</text></svg></div>\
             <pre id=\"report\"></pre><script>const wanted={wanted};{SCRIPT}</script>",
            self.body,
            "wide ".repeat(40)
        )
    }
}

/// Measures every node's texts; a little more than the box is allowed for what a font draws over its line.
const SCRIPT: &str = r#"
const overflows = (texts, [x, y, w, h]) => texts.map(text => text.getBBox()).filter(b => b.width > 0).some(b =>
  b.x < x - 2.5 || b.x + b.width > x + w + 2.5 || b.y < y - 6 || b.y + b.height > y + h + 6);
document.fonts.ready.then(() => {
  const faults = [];
  let checked = 0;
  for (const it of wanted) {
    const picture = document.querySelector(`[data-picture="${it.picture}"]`);
    const node = [...picture.querySelectorAll('.node')].find(node => node.dataset.id === it.id);
    const texts = node ? [...node.querySelectorAll('text')].filter(text => text.closest('.node') === node) : [];
    if (!texts.length) continue;
    checked += texts.length;
    if (overflows(texts, it.box)) {
      const boxes = texts.map(text => { const b = text.getBBox(); return [b.x, b.y, b.width, b.height].map(Math.round); });
      faults.push(`${it.name}: ${it.id}: ${JSON.stringify(boxes)} in ${it.box.map(Math.round)}`);
    }
  }
  const caught = overflows([document.getElementById('wide')], [0, 0, 100, 30]);
  document.getElementById('report').textContent = JSON.stringify({ checked, faults, caught });
});
"#;

fn chromium() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("LOKO_CHROMIUM") {
        return Some(named.into());
    }
    let folders = std::env::var_os("PATH")?;
    let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    std::env::split_paths(&folders).flat_map(|folder| names.map(|name| folder.join(name))).find(|path| path.is_file())
}

/// Opens the page and reads the report in it.
fn run(chromium: &Path, folder: &Path, html: &str) -> Option<Value> {
    let page = folder.join("page.html");
    std::fs::write(&page, html).unwrap();
    let output = Command::new(chromium)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"])
        .args(["--disable-component-update", "--disable-sync", "--virtual-time-budget=20000", "--dump-dom"])
        .arg(format!("--user-data-dir={}", folder.join("profile").display()))
        .arg(format!("file://{}", page.display()))
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let dom = String::from_utf8_lossy(&output.stdout);
    let report = dom.split("<pre id=\"report\">").nth(1)?.split("</pre>").next()?;
    let report = report.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    serde_json::from_str(&report).ok()
}
