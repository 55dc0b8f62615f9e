//! Selectors in prose: what is wrong with them, and that an edit elsewhere is seen.

use loko_rules::{Memo, Options, check};
use loko_source::{FilePath, Snapshot, Source};

const BLOCKS: &str = "---\nname: Shop\n---\nWhat is old:\n\n```loko\ntag:old\n```\n\n~~~loko relations\nto:shop and tecnology:SQL\n~~~\n\n```loko later\nnot ours\n```\n\n> ```loko\n> tagg:quoted\n> ```\n";

fn workspace(tags: &str) -> Snapshot {
    let api = format!("---\nname: API\ntags: [{tags}]\n---\n");
    Snapshot::from_texts([("src/shop/system.md", BLOCKS), ("src/shop/api/container.md", &api)])
}

/// Code and place of what is found in selectors.
fn found(snapshot: &Snapshot, memo: Option<&Memo>) -> Vec<(String, String)> {
    let loaded = loko_model::load(snapshot);
    let findings = loaded.findings.clone();
    let options = Options { memo, ..Options::default() };
    let checked = check(snapshot, &loaded, findings, &options);
    let of_selectors = checked.findings.iter().filter(|finding| finding.code.ends_with("-selector"));
    let place = |finding: &loko_source::Diagnostic| {
        let place = &finding.primary.as_ref().expect("it has a place").place;
        snapshot.text(place.path.as_str()).expect("it is there")[place.span.range()].to_owned()
    };
    of_selectors.map(|finding| (finding.code.to_string(), place(finding))).collect()
}

#[test]
fn selectors_in_prose_are_held_against_the_model() {
    let bad = ("bad-selector".to_owned(), "tecnology".to_owned());
    let empty = ("empty-selector".to_owned(), "tag:old".to_owned());
    assert_eq!(found(&workspace("new"), None), [empty.clone(), bad.clone()]);
    assert_eq!(found(&workspace("old"), None), std::slice::from_ref(&bad));
    // Who remembers sees an edit of another file.
    let memo = Memo::default();
    let mut snapshot = workspace("old");
    assert_eq!(found(&snapshot, Some(&memo)), std::slice::from_ref(&bad));
    for (tags, expected) in [("new", vec![empty, bad.clone()]), ("old", vec![bad])] {
        let edited = workspace(tags);
        let path = FilePath::new("src/shop/api/container.md").expect("a path");
        snapshot.insert(path.clone(), Source::new(edited.text(path.as_str()).expect("it is there")));
        assert_eq!(found(&snapshot, Some(&memo)), expected, "{tags}");
    }
}

#[test]
fn links_to_places_follow_the_headings_of_other_files() {
    let system = "---\nname: Shop\nlinks: [\"api/container.md#limits\"]\n---\nSee [it](api/container.md#limits).\n";
    let workspace = |heading: &str| {
        let api = format!("---\nname: API\n---\n## {heading}\n\nText.\n");
        Snapshot::from_texts([("src/shop/system.md", system), ("src/shop/api/container.md", &api)])
    };
    let broken = |snapshot: &Snapshot, memo: Option<&Memo>| {
        let loaded = loko_model::load(snapshot);
        let checked = check(snapshot, &loaded, Vec::new(), &Options { memo, ..Options::default() });
        let broken = checked.findings.iter().filter(|finding| finding.code == "broken-link");
        broken.map(|finding| finding.help.clone().unwrap_or_default()).collect::<Vec<_>>()
    };
    let memo = Memo::default();
    let helped = ["did you mean `limit`?"; 2];
    for (heading, expected) in [("Limits", &[][..]), ("Limit", &helped), ("Limits", &[]), ("Bounds {#limits}", &[])] {
        let snapshot = workspace(heading);
        assert_eq!(broken(&snapshot, Some(&memo)), expected, "{heading}");
        assert_eq!(broken(&snapshot, None), expected, "{heading}");
    }
}
