//! How long a workspace takes from texts in memory to a model: `cargo bench -p loko-model --bench load`.

mod workspace;

use workspace::workspace;

fn main() {
    divan::main();
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
