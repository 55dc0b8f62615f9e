//! Checking after edits: whoever remembers finds what somebody finds who does not.

#![allow(clippy::disallowed_methods, reason = "tests read their data")]

use loko_rules::{Memo, Options, Preset, check};
use loko_source::{FilePath, Snapshot, Source};
use std::path::Path;

/// A small generator (xorshift64*); the same seed gives the same numbers everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) % limit.max(1) as u64) as usize
    }
}

/// All texts of a folder, by their paths in it.
fn texts(folder: &Path, below: &str, into: &mut Snapshot) {
    for entry in std::fs::read_dir(folder).expect("the example is there").flatten() {
        let name = format!("{below}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            texts(&entry.path(), &format!("{name}/"), into);
        } else if let (Ok(text), Ok(path)) = (std::fs::read_to_string(entry.path()), FilePath::new(&name)) {
            into.insert(path, Source::new(text));
        }
    }
}

/// One edit of a line: taken out, doubled, exchanged for that of another file, or with something put in.
fn edit(snapshot: &Snapshot, random: &mut Random) -> Snapshot {
    const PIECES: [&str; 14] = [
        "\n```loko\ntag:abstract\n```\n",
        "\n```loko relations\nfrom:(owner:somebody) and\n```\n",
        "description: Says something else\n",
        "owner: somebody\n",
        "replicas: 1\n",
        "<!-- loko-allow missing-owner: nobody knows, until 2020-01-01 -->\n",
        "<!-- loko-allow-file missing-description: it is clear -->\n",
        "See [nothing](nowhere.md) and [the shop](element:storefront).\n",
        "```d2\na -> b: {\n```\n",
        "relationships:\n  - { to: storefront, description: Asks, timeout: 90s, retry: 4 }\n",
        "tags: [abstract]\n",
        "external: true\n",
        "\n",
        "timeout: 1ms\n",
    ];
    let files: Vec<(&FilePath, &Source)> = snapshot.iter().collect();
    let (path, source) = files[random.below(files.len())];
    let mut lines: Vec<String> = source.text().split_inclusive('\n').map(str::to_owned).collect();
    let at = random.below(lines.len());
    match random.below(5) {
        0 if !lines.is_empty() => drop(lines.remove(at)),
        1 if !lines.is_empty() => lines.insert(at, lines[at].clone()),
        2 => {
            let other: Vec<&str> = files[random.below(files.len())].1.text().split_inclusive('\n').collect();
            lines.insert(at, other.get(random.below(other.len())).copied().unwrap_or_default().to_owned());
        }
        3 => lines.insert(at.min(2), PIECES[random.below(PIECES.len())].to_owned()),
        _ => lines.insert(at, PIECES[random.below(PIECES.len())].to_owned()),
    }
    let mut after = snapshot.clone();
    after.insert(path.clone(), Source::new(lines.concat()));
    after
}

#[test]
fn what_is_remembered_changes_no_answer() {
    let rounds = std::env::var("ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(120);
    let mut random = Random(0x5EED_1DEA);
    for example in ["shop", "hello"] {
        let mut first = Snapshot::default();
        texts(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(example), "", &mut first);
        let memo = Memo::default();
        let mut snapshot = first.clone();
        let mut loaded = loko_model::load(&snapshot);
        for round in 0..rounds {
            // Now and then back to where it began, so that damage does not pile up.
            if round % 12 == 0 {
                snapshot = first.clone();
                loaded = loko_model::load(&snapshot);
            }
            let after = edit(&snapshot, &mut random);
            // What the edit left alone is shared with the model before, as in programs that keep running.
            loaded = loko_model::load_after(&snapshot, &loaded, &after);
            snapshot = after;
            let options = |memo| Options { preset: Some(Preset::All), memo, ..Options::default() };
            let plain = check(&snapshot, &loaded, Vec::new(), &options(None));
            let again = check(&snapshot, &loaded, Vec::new(), &options(Some(&memo)));
            assert_eq!(again.findings, plain.findings, "{example}, round {round}");
            assert_eq!(again.waived, plain.waived, "{example}, round {round}");
        }
    }
}

#[test]
fn an_edit_of_prose_leaves_the_graph_alone() {
    let page = |name: &str, prose: &str| format!("---\nname: {name}\ndescription: Does it\n---\n{prose}\n");
    let texts = |prose: &str| {
        let a = page("A", prose).replace("---\nname", "---\nrelationships:\n  - { to: b, description: Asks }\nname");
        let b = page("B", "").replace("---\nname", "---\nrelationships:\n  - { to: a, description: Asks back }\nname");
        Snapshot::from_texts([("src/a/system.md", a.as_str()), ("src/b/system.md", b.as_str())])
    };
    let (before, after) = (texts("One."), texts("Another, see [it](missing.md)."));
    let memo = Memo::default();
    let options = Options { preset: Some(Preset::All), memo: Some(&memo), ..Options::default() };
    let codes = |snapshot: &Snapshot| -> Vec<String> {
        let checked = check(snapshot, &loko_model::load(snapshot), Vec::new(), &options);
        checked.findings.iter().map(|finding| finding.code.to_string()).collect()
    };
    assert!(codes(&before).contains(&"circular-dependency".to_owned()));
    let found = codes(&after);
    assert!(
        found.contains(&"circular-dependency".to_owned()) && found.contains(&"broken-link".to_owned()),
        "{found:?}"
    );
}
