//! Merges by meaning: what merges cleanly, what is a conflict and how it is named, and that no text is lost.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "a test says what it expects")]

use loko_model::merge::{Merged, Texts, merge};
use proptest::prelude::*;

const CONTAINER: &str = "src/shop/api/container.md";
const RELATIONS: &str = "src/shop/relationships.toml";

fn merged(path: &str, base: &str, ours: &str, theirs: &str) -> Merged {
    merge(path, Texts { base, ours, theirs }, 7)
}

/// Both ways round the merge is clean, and ours gives this text.
#[track_caller]
fn clean(path: &str, base: &str, ours: &str, theirs: &str, expected: &str) {
    let out = merged(path, base, ours, theirs);
    assert_eq!(out.conflicts, [], "{}", out.text);
    assert_eq!(out.text, expected);
    let back = merged(path, base, theirs, ours);
    assert_eq!(back.conflicts, [], "{}", back.text);
}

#[track_caller]
fn conflicts(path: &str, base: &str, ours: &str, theirs: &str, named: &[&str]) -> String {
    let out = merged(path, base, ours, theirs);
    let told: Vec<String> = out.conflicts.iter().map(ToString::to_string).collect();
    assert_eq!(told, named, "{}", out.text);
    out.text
}

fn front(keys: &str) -> String {
    format!("---\n{keys}---\n# About\n\nProse.\n")
}

#[test]
fn keys_beside_each_other_merge() {
    let base = front("name: API\ndescription: Old\ntechnology: Rust\nowner: a\n");
    let ours = front("name: API\ndescription: New\ntechnology: Rust\nowner: a\n");
    let theirs = front("name: API\ndescription: Old\n# since May\ntechnology: Go\nowner: a\n");
    clean(
        CONTAINER,
        &base,
        &ours,
        &theirs,
        &front("name: API\ndescription: New\n# since May\ntechnology: Go\nowner: a\n"),
    );
}

#[test]
fn keys_that_come_and_go_merge() {
    let base = front("name: API\ntechnology: Rust\nstatus: planned\n");
    let ours = front("name: API\ntechnology: Rust\nowner: team-a # us\n");
    let theirs = front("name: API\ntechnology: Rust\nstatus: planned\nreplicas: 3\n");
    clean(CONTAINER, &base, &ours, &theirs, &front("name: API\ntechnology: Rust\nreplicas: 3\nowner: team-a # us\n"));
}

#[test]
fn tags_of_both_sides_are_kept() {
    let base = front("name: API\ntags: [core, old]\n");
    let ours = front("name: API\ntags: [core, old, pci]\n");
    let theirs = front("name: API\ntags: [core, web]\n");
    clean(CONTAINER, &base, &ours, &theirs, &front("name: API\ntags: [core, pci, web]\n"));
    let base = front("tags:\n  - core\nname: API\n");
    let ours = front("tags:\n  - core\n  - pci\nname: API\n");
    let theirs = front("tags:\n  - core\n  - web # for all\nname: API\n");
    clean(CONTAINER, &base, &ours, &theirs, &front("tags:\n  - core\n  - web # for all\n  - pci\nname: API\n"));
}

#[test]
fn relations_merge_one_by_one() {
    let base = front("name: API\nrelationships:\n  - to: db\n    description: Reads\n    technology: SQL\n");
    let ours = front(
        "name: API\nrelationships:\n  - to: db\n    description: Reads\n    technology: SQL\n    timeout: 2s\n  - { to: mail, description: Sends }\n",
    );
    let theirs = front(
        "name: API\nrelationships:\n  - to: db\n    description: Reads\n    technology: gRPC\n  # for search\n  - to: index\n    description: Looks up\n",
    );
    let expected = front(
        "name: API\nrelationships:\n  - to: db\n    description: Reads\n    technology: gRPC\n    timeout: 2s\n  # for search\n  - to: index\n    description: Looks up\n  - { to: mail, description: Sends }\n",
    );
    clean(CONTAINER, &base, &ours, &theirs, &expected);
}

#[test]
fn relations_in_braces_merge_value_by_value() {
    let base = front("relationships:\n  - { to: db, technology: SQL, timeout: 1s }\n");
    let ours = front("relationships:\n  - { to: db, technology: SQL, timeout: 2s }\n");
    let theirs = front("relationships:\n  - { to: db, technology: gRPC, timeout: 1s, retry: 3 }\n");
    let expected = front("relationships:\n  - { to: db, technology: gRPC, timeout: 2s, retry: 3 }\n");
    clean(CONTAINER, &base, &ours, &theirs, &expected);
}

#[test]
fn relations_as_a_mapping_merge_by_target() {
    let base = front("relationships:\n  db: \"Reads\"\n");
    let ours = front("relationships:\n  db: \"Reads\"\n  mail: \"Sends\"\n");
    let theirs = front("relationships:\n  db: \"Reads and writes\"\n");
    clean(CONTAINER, &base, &ours, &theirs, &front("relationships:\n  db: \"Reads and writes\"\n  mail: \"Sends\"\n"));
}

#[test]
fn the_same_key_changed_twice_is_a_conflict_named_by_its_element() {
    let base = front("name: API\ntechnology: Rust\nowner: a\n");
    let ours = front("name: API\ntechnology: Go\nowner: a\n");
    let theirs = front("name: API\ntechnology: Java\nowner: b\n");
    let text = conflicts(CONTAINER, &base, &ours, &theirs, &["shop/api: technology"]);
    assert_eq!(
        text,
        front(
            "name: API\n<<<<<<< ours (shop/api: technology)\ntechnology: Go\n=======\ntechnology: Java\n>>>>>>> theirs (shop/api: technology)\nowner: b\n"
        )
    );
}

#[test]
fn a_relation_changed_twice_is_named() {
    let base = front("relationships:\n  - to: db\n    timeout: 1s\n");
    let ours = front("relationships:\n  - to: db\n    timeout: 2s\n");
    let theirs = front("relationships:\n  - to: db\n    timeout: 3s\n");
    conflicts(CONTAINER, &base, &ours, &theirs, &["shop/api: relationships db timeout"]);
}

#[test]
fn taken_away_here_and_changed_there_is_a_conflict() {
    let base = front("name: API\nowner: a\n");
    let text =
        conflicts(CONTAINER, &base, &front("name: API\n"), &front("name: API\nowner: b\n"), &["shop/api: owner"]);
    assert!(text.contains("owner: b"), "{text}");
}

#[test]
fn prose_merges_line_by_line() {
    let base = "---\nname: A\n---\none\ntwo\nthree\nfour\nfive\n";
    let ours = "---\nname: A\n---\nONE\ntwo\nthree\nfour\nfive\n";
    let theirs = "---\nname: B\n---\none\ntwo\nthree\nfour\nFIVE\n";
    clean(CONTAINER, base, ours, theirs, "---\nname: B\n---\nONE\ntwo\nthree\nfour\nFIVE\n");
    let text = conflicts(CONTAINER, base, ours, &base.replace("one", "eins"), &["shop/api: prose"]);
    assert!(
        text.contains("<<<<<<< ours (shop/api: prose)\nONE\n=======\neins\n>>>>>>> theirs (shop/api: prose)\n"),
        "{text}"
    );
}

#[test]
fn a_file_that_came_on_both_sides_merges() {
    let ours = front("name: API\ntechnology: Rust\n");
    let theirs = front("name: API\nowner: a\n");
    clean(CONTAINER, "", &ours, &theirs, &front("name: API\nowner: a\ntechnology: Rust\n"));
}

fn relation(source: &str, target: &str, rest: &str) -> String {
    format!("[[relationships]]\nsource = \"{source}\"\ntarget = \"{target}\"\n{rest}")
}

#[test]
fn relations_that_both_sides_append_are_kept() {
    let base = relation("a", "b", "label = \"Reads\"\n");
    let ours = format!("{base}\n{}", relation("a", "c", "label = \"Asks\"\n"));
    let theirs = format!("{base}\n# needed by reports\n{}", relation("a", "d", "label = \"Tells\"\n"));
    let expected = format!(
        "{base}\n# needed by reports\n{}\n{}",
        relation("a", "d", "label = \"Tells\"\n"),
        relation("a", "c", "label = \"Asks\"\n")
    );
    clean(RELATIONS, &base, &ours, &theirs, &expected);
}

#[test]
fn one_relation_changed_on_both_sides_merges_key_by_key() {
    let base = relation("a", "b", "label = \"Reads\"\ntechnology = \"SQL\"\ntype = \"sync\"\n");
    let ours = base.replace("SQL", "gRPC");
    let theirs = base.replace("sync", "async");
    clean(RELATIONS, &base, &ours, &theirs, &ours.replace("sync", "async"));
    let other = base.replace("SQL", "REST");
    let named = ["src/shop/relationships.toml: relationships a → b: Reads: technology"];
    conflicts(RELATIONS, &base, &ours, &other, &named);
}

#[test]
fn settings_merge_table_by_table() {
    let base = "[project]\nname = \"Shop\"\nversion = \"1\"\n\n[d2]\ntheme = \"loko\"\n";
    let ours =
        "[project]\nname = \"Shop\"\nversion = \"2\" # soon\n\n[d2]\ntheme = \"loko\"\n\n[outputs]\nhtml = true\n";
    let theirs = "[project]\nname = \"Store\"\nversion = \"1\"\n\n[d2]\ntheme = \"terminal\"\n";
    let expected =
        "[project]\nname = \"Store\"\nversion = \"2\" # soon\n\n[d2]\ntheme = \"terminal\"\n\n[outputs]\nhtml = true\n";
    clean("loko.toml", base, ours, theirs, expected);
}

#[test]
fn nested_tables_stay_with_theirs() {
    let base = "[[node]]\nname = \"EU\"\n\n[[node.instance]]\nof = \"api\"\n\n[[node]]\nname = \"US\"\n\n[[node.instance]]\nof = \"api\"\n";
    let ours = base.replacen("of = \"api\"\n", "of = \"api\"\nreplicas = 3\n", 1);
    let theirs = format!("{base}replicas = 5\n");
    let expected = format!("{ours}replicas = 5\n");
    clean("deployments/live.toml", base, &ours, &theirs, &expected);
}

#[test]
fn what_cannot_be_taken_apart_is_merged_line_by_line() {
    let broken = "---\nname: [\n---\none\ntwo\nthree\n";
    let out = merged(CONTAINER, broken, &broken.replace("one", "ONE"), &broken.replace("three", "THREE"));
    assert_eq!((out.conflicts.len(), out.text.as_str()), (0, "---\nname: [\n---\nONE\ntwo\nTHREE\n"));
    let named = conflicts("notes.txt", "a\n", "b\n", "c\n", &["notes.txt"]);
    assert!(named.starts_with("<<<<<<< ours (notes.txt)\nb\n"), "{named}");
}

#[test]
fn markers_are_as_long_as_git_asks_for() {
    let out = merge("x.txt", Texts { base: "a\n", ours: "b\n", theirs: "c\n" }, 12);
    assert!(out.text.starts_with("<<<<<<<<<<<< ours (x.txt)\n"), "{}", out.text);
}

#[test]
fn crlf_survives() {
    let base = "---\r\nname: A\r\nowner: a\r\n---\r\n";
    let out = merged(CONTAINER, base, &base.replace("name: A", "name: B"), &base.replace("owner: a", "owner: b"));
    assert_eq!((out.conflicts.len(), out.text.as_str()), (0, "---\r\nname: B\r\nowner: b\r\n---\r\n"));
}

/// Front matter of a few keys, relations and comments.
fn documents() -> impl Strategy<Value = String> {
    let key = prop::sample::select(vec!["name", "technology", "owner", "replicas", "status"]);
    let word = prop::sample::select(vec!["alpha", "beta", "gamma", "delta", "\"e: f\""]);
    let comment = prop::sample::select(vec!["", "", "# why\n", "# because\n"]);
    let keys = prop::collection::btree_map(key, (word.clone(), comment), 0..5);
    let target = prop::sample::select(vec!["db", "mail", "index"]);
    let relations = prop::collection::btree_map(target, (word.clone(), prop::bool::ANY), 0..3);
    let tags = prop::collection::btree_set(word.clone(), 0..3);
    (keys, relations, tags, word).prop_map(|(keys, relations, tags, prose)| {
        let mut out = "---\n".to_owned();
        for (key, (word, comment)) in keys {
            out += &format!("{comment}{key}: {word}\n");
        }
        if !tags.is_empty() {
            out += &format!("tags: [{}]\n", tags.into_iter().collect::<Vec<_>>().join(", "));
        }
        if !relations.is_empty() {
            out += "relationships:\n";
        }
        for (target, (word, is_flow)) in relations {
            out += &match is_flow {
                true => format!("  - {{ to: {target}, technology: {word} }}\n"),
                false => format!("  - to: {target}\n    technology: {word}\n"),
            };
        }
        format!("{out}---\n# Title\n\n{prose}\n")
    })
}

fn words(text: &str) -> Vec<&str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.max(600), ..ProptestConfig::default() })]

    /// Whatever either side added is in the outcome, and a clean outcome is a sound file.
    #[test]
    fn no_text_is_lost(base in documents(), ours in documents(), theirs in documents()) {
        let out = merged(CONTAINER, &base, &ours, &theirs);
        let kept = words(&out.text);
        for side in [&ours, &theirs] {
            // What stood in the lines that a side rewrote is no word of its own.
            let gone: Vec<&str> =
                base.lines().filter(|line| side.lines().all(|other| other != *line)).flat_map(words).collect();
            let added = side.lines().filter(|line| base.lines().all(|other| other != *line)).flat_map(words);
            for word in added.filter(|word| !gone.contains(word)) {
                prop_assert!(kept.contains(&word), "{word} is lost\n{}", out.text);
            }
        }
        if out.conflicts.is_empty() {
            prop_assert!(!out.text.contains("<<<<<<<"), "{}", out.text);
            let loaded = loko_model::load(&loko_source::Snapshot::from_texts([("src/a/system.md", out.text.as_str())]));
            let broken = loaded.findings.iter().find(|it| it.code == "bad-front-matter" || it.code == "duplicate-key");
            prop_assert!(broken.is_none(), "{broken:?}\n{}", out.text);
        } else {
            let opened = out.text.lines().filter(|line| line.starts_with("<<<<<<< ours (")).count();
            prop_assert_eq!(opened, out.conflicts.len());
        }
    }

    /// A side that changed nothing decides nothing.
    #[test]
    fn what_one_side_changed_is_taken(base in documents(), other in documents()) {
        prop_assert_eq!(merged(CONTAINER, &base, &base, &other), Merged { text: other.clone(), conflicts: Vec::new() });
        prop_assert_eq!(merged(CONTAINER, &base, &other, &base), Merged { text: other, conflicts: Vec::new() });
    }
}
