//! Builds the documentation of a workspace folder: `cargo run -p loko-site --example site -- FOLDER OUTPUT`.

use loko_site::{Content, Format, Input, Memo, Options, build};
use loko_source::{FilePath, Snapshot, Source};
use std::path::Path;
use std::time::Instant;

fn read(root: &Path, folder: &Path, snapshot: &mut Snapshot) {
    let mut entries: Vec<_> =
        std::fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path()).collect();
    entries.sort();
    for path in entries {
        let name = path.strip_prefix(root).expect("below the root").to_string_lossy().replace('\\', "/");
        if path.file_name().is_some_and(|it| it.to_string_lossy().starts_with('.')) || name == "dist" {
            continue;
        }
        if path.is_dir() {
            read(root, &path, snapshot);
        } else {
            let bytes = std::fs::read(&path).expect("a file");
            let name = FilePath::new(&name).expect("a path below the root");
            match name.extension() {
                Some("md" | "d2" | "toml" | "svg" | "yaml") => snapshot.insert(name, Source::from_bytes(bytes)),
                _ => snapshot.insert_asset(name, bytes),
            }
        }
    }
}

#[allow(clippy::print_stdout, reason = "an example for people")]
fn main() {
    let mut arguments = std::env::args().skip(1);
    let (folder, output) = (arguments.next().expect("a workspace folder"), arguments.next().expect("an output folder"));
    let mut snapshot = Snapshot::default();
    read(Path::new(&folder), Path::new(&folder), &mut snapshot);
    let start = Instant::now();
    let loaded = loko_model::load(&snapshot);
    println!("load: {:?}, {} elements", start.elapsed(), loaded.model.elements.len());
    let memo = Memo::new();
    let options =
        Options { formats: Format::ALL.map(|(_, format)| format).to_vec(), memo: Some(&memo), ..Options::default() };
    let input = Input { snapshot: &snapshot, model: &loaded.model, findings: &loaded.findings, options: &options };
    let start = Instant::now();
    let made = build(&input);
    println!("build: {:?}, {} files, {} findings", start.elapsed(), made.files.len(), made.findings.len());
    let start = Instant::now();
    build(&input);
    println!("again: {:?}", start.elapsed());
    for finding in loaded.findings.iter().chain(&made.findings) {
        println!(
            "{}: {} {:?}",
            finding.code,
            finding.message,
            finding.primary.as_ref().map(|label| label.place.path.to_string())
        );
    }
    for (path, file) in &made.files {
        if let Content::Bytes(bytes) = &file.content {
            let path = Path::new(&output).join(path.as_str());
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder can be made");
            std::fs::write(path, bytes).expect("a file can be written");
        }
    }
}
