//! How long all rules take on a workspace that was read: `cargo bench -p loko-rules --bench check`.
//!
//! `cold` checks for the first time; `after_one_edit` checks again after one description changed, with what is
//! remembered of prose. Reading is the business of loko-model's own bench; `with_reading` is both.

use divan::Bencher;
use loko_model::{Loaded, load};
use loko_rules::{Memo, Options, Preset, check, codes};
use loko_source::{FilePath, Snapshot, Source};
use std::fmt::Write as _;
use std::sync::LazyLock;

fn main() {
    divan::main();
}

/// Systems of 15 containers of 9 components, with relations like those of `cargo xtask gen`: near neighbours, a few
/// long ones, one in seven asynchronous; prose with a link on every page and owners on systems. As in a workspace that
/// people live with, few things are wrong; `troubled` closes every chain of calls to a circle and retries all of them.
fn workspace(elements: usize, troubled: bool) -> Snapshot {
    let systems = elements.div_ceil(1 + 15 + 15 * 9);
    let mut files = Vec::new();
    for system in 0..systems {
        files.push((format!("src/s{system}/system.md"), page("System", "owner: team\nusers: 500\n", &[])));
        for container in 0..15 {
            let own = format!("s{system}/c{container}");
            let next = format!("s{system}/c{}", (container + 1) % 15);
            let technology =
                if container == 14 { "technology: PostgreSQL\nreplicas: 1\n" } else { "technology: Rust\n" };
            let behaviour = match (troubled, container) {
                (true, _) => ", timeout: 2s, retry: 2".to_owned(),
                (false, 0) => ", timeout: 30s, retry: 2".to_owned(),
                (false, at) => format!(", timeout: {}s", 30 - at),
            };
            let calls = format!("{{ to: {next}, description: Asks{behaviour} }}");
            let calls = if troubled || container < 14 { vec![calls] } else { Vec::new() };
            files.push((format!("src/{own}/container.md"), page("Container", technology, &calls)));
            for component in 0..9 {
                let mut relations = Vec::new();
                if troubled || component < 8 {
                    relations.push(format!("{{ to: {own}/k{}, description: Calls }}", (component + 1) % 9));
                }
                if component == 3 {
                    let far = format!("s{}/c{}/k1", (system * 7 + 3) % systems, (container * 5 + 2) % 15);
                    relations.push(format!("{{ to: {far}, description: Tells, type: event, event: done }}"));
                }
                files.push((
                    format!("src/{own}/k{component}/component.md"),
                    page("Component", "technology: Rust module\n", &relations),
                ));
            }
        }
    }
    Snapshot::from_texts(files.iter().map(|(path, text)| (path.as_str(), text.as_str())))
}

fn page(name: &str, keys: &str, relations: &[String]) -> String {
    let mut text = format!("---\nname: {name}\ndescription: Does what it does.\n{keys}");
    if !relations.is_empty() {
        text.push_str("relationships:\n");
        relations.iter().for_each(|relation| writeln!(text, "  - {relation}").expect("a String takes all"));
    }
    text.push_str("---\n# About\n\nSome prose on what this is, see [the system](/src/s0/system.md).\n");
    text
}

fn read(snapshot: &Snapshot) -> Loaded {
    let loaded = load(snapshot);
    assert!(loaded.findings.is_empty(), "{:#?}", loaded.findings.first());
    loaded
}

fn all<'m>(memo: Option<&'m Memo>) -> Options<'m> {
    Options { preset: Some(Preset::All), memo, ..Options::default() }
}

/// Each rule alone, on 10,000 elements; what checking costs without any rule is the first line.
#[divan::bench(args = std::iter::once("nothing").chain(codes::all().into_iter().filter(|it| it.rule.is_some()).map(|it| it.name)))]
fn rule(bencher: Bencher<'_, '_>, code: &'static str) {
    static WORKSPACE: LazyLock<(Snapshot, Loaded)> = LazyLock::new(|| {
        let snapshot = workspace(10_000, false);
        let loaded = read(&snapshot);
        (snapshot, loaded)
    });
    let (snapshot, loaded) = &*WORKSPACE;
    let options = Options { only: Some(vec![code]), ..all(None) };
    bencher.bench_local(|| check(snapshot, loaded, Vec::new(), &options));
}

#[divan::bench(args = [1_000, 10_000])]
fn cold(bencher: Bencher<'_, '_>, elements: usize) {
    let snapshot = workspace(elements, false);
    let loaded = read(&snapshot);
    bencher.bench_local(|| check(&snapshot, &loaded, Vec::new(), &all(None)));
}

#[divan::bench(args = [10_000])]
fn cold_troubled(bencher: Bencher<'_, '_>, elements: usize) {
    let snapshot = workspace(elements, true);
    let loaded = read(&snapshot);
    bencher.bench_local(|| check(&snapshot, &loaded, Vec::new(), &all(None)));
}

#[divan::bench(args = [10_000])]
fn with_reading(bencher: Bencher<'_, '_>, elements: usize) {
    let snapshot = workspace(elements, false);
    bencher.bench_local(|| {
        let loaded = load(&snapshot);
        check(&snapshot, &loaded, Vec::new(), &all(None))
    });
}

#[divan::bench(args = [10_000])]
fn after_one_edit(bencher: Bencher<'_, '_>, elements: usize) {
    let mut snapshot = workspace(elements, false);
    let memo = Memo::default();
    check(&snapshot, &read(&snapshot), Vec::new(), &all(Some(&memo)));
    let path = FilePath::new("src/s0/c0/container.md").expect("a path of the workspace");
    let text = snapshot.text(path.as_str()).expect("the file is there").replace("Does what it does", "Does more");
    snapshot.insert(path, Source::new(text));
    let loaded = read(&snapshot);
    bencher.bench_local(|| check(&snapshot, &loaded, Vec::new(), &all(Some(&memo))));
}
