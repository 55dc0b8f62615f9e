//! How long a workspace takes from texts in memory to a model: `cargo bench -p loko-model --bench load`.

use loko_source::Snapshot;
use std::fmt::Write as _;

fn main() {
    divan::main();
}

/// A workspace of about `elements` elements: systems of 9 containers of 9 components, each with relations to its
/// neighbours by full and by short names.
fn workspace(elements: usize) -> Snapshot {
    let mut files: Vec<(String, String)> = Vec::new();
    let systems = elements.div_ceil(91);
    for system in 0..systems {
        let folder = format!("src/system-{system:03}");
        let next = format!("system-{:03}", (system + 1) % systems);
        files.push((
            format!("{folder}/system.md"),
            text("system", &format!("System {system}"), std::slice::from_ref(&next)),
        ));
        for container in 0..9 {
            let own = format!("{folder}/container-{container}");
            let other = format!("{next}/container-{container}");
            let beside = format!("container-{}", (container + 1) % 9);
            files.push((
                format!("{own}/container.md"),
                text("container", &format!("Container {container}"), &[other, beside]),
            ));
            for component in 0..9 {
                let to = format!("{next}/container-{container}/component-{component}");
                let near = format!("component-{}", (component + 1) % 9);
                files.push((
                    format!("{own}/component-{component}/component.md"),
                    text("component", &format!("Component {component}"), &[to, near]),
                ));
            }
        }
    }
    Snapshot::from_texts(files.iter().map(|(path, text)| (path.as_str(), text.as_str())))
}

fn text(kind: &str, name: &str, targets: &[String]) -> String {
    let mut text = format!(
        "---\nname: {name}\nkind: {kind}\ndescription: Does what a {kind} does, and does it well.\ntechnology: Rust, Axum\ntags: [core, synthetic]\nowner: team-{kind}\nrelationships:\n"
    );
    for target in targets {
        let _ = write!(
            text,
            "  - to: {target}\n    description: Asks for what it needs\n    technology: HTTPS\n    type: sync\n    timeout: 500ms\n"
        );
    }
    text.push_str("---\n# About\n\nSome prose on what this is, why it is there and what one should know.\n");
    text
}

#[divan::bench(args = [1_000, 10_000])]
fn load(bencher: divan::Bencher<'_, '_>, elements: usize) {
    let snapshot = workspace(elements);
    let loaded = loko_model::load(&snapshot);
    assert!(loaded.findings.is_empty() && loaded.model.elements.len() >= elements);
    bencher.bench_local(|| loko_model::load(&snapshot));
}

#[divan::bench(args = [10_000])]
fn load_on_one_thread(bencher: divan::Bencher<'_, '_>, elements: usize) {
    let snapshot = workspace(elements);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread can be started");
    bencher.bench_local(|| pool.install(|| loko_model::load(&snapshot)));
}

#[divan::bench(args = [10_000])]
fn drop_a_model(bencher: divan::Bencher<'_, '_>, elements: usize) {
    let snapshot = workspace(elements);
    bencher.with_inputs(|| loko_model::load(&snapshot)).bench_local_values(drop);
}
