//! How long the difference of two revisions takes, models given: `cargo bench -p loko-model --bench diff`.

mod workspace;

use loko_model::diff::{Side, diff};
use loko_model::{Loaded, load};
use loko_source::{FilePath, Snapshot, Source};
use workspace::workspace;

fn main() {
    divan::main();
}

/// The workspace with every tenth description changed and every fiftieth folder of a component renamed.
fn changed(before: &Snapshot) -> Snapshot {
    let mut after = Snapshot::default();
    for (at, (path, source)) in before.iter().enumerate() {
        let text = match at % 10 {
            0 => source.text().replace("Does what", "Does all that"),
            _ => source.text().to_owned(),
        };
        let path = match at % 50 {
            7 if path.as_str().ends_with("component.md") => {
                let moved = path.as_str().replace("/component-", "/part-");
                FilePath::new(&moved).expect("another folder's name keeps a path a path")
            }
            _ => path.clone(),
        };
        after.insert(path, Source::new(text));
    }
    after
}

fn side<'a>(snapshot: &'a Snapshot, loaded: &'a Loaded) -> Side<'a> {
    Side { model: &loaded.model, snapshot, findings: &loaded.findings }
}

/// Both revisions read, and compared: all the work but fetching texts from git.
#[divan::bench(args = [5_000])]
fn two_revisions_from_texts(bencher: divan::Bencher<'_, '_>, elements: usize) {
    let before = workspace(elements);
    let after = changed(&before);
    bencher.bench_local(|| {
        let (old, new) = (load(&before), load(&after));
        diff(side(&before, &old), side(&after, &new)).elements.changed.len()
    });
}

#[divan::bench(args = [1_000, 5_000])]
fn two_revisions(bencher: divan::Bencher<'_, '_>, elements: usize) {
    let before = workspace(elements);
    let after = changed(&before);
    let (old, new) = (load(&before), load(&after));
    let found = diff(side(&before, &old), side(&after, &new));
    assert!(
        !found.elements.changed.is_empty() && !found.elements.renamed.is_empty(),
        "{:#?}",
        found.elements.removed.len()
    );
    bencher.bench_local(|| diff(side(&before, &old), side(&after, &new)));
}
