//! What holds for any input: no panic, places inside their files, ids unique and in order, one result.

#![expect(clippy::disallowed_methods, reason = "cases are read from the disk")]

mod support;

use loko_model::name::{fold, slug};
use loko_model::{load, load_after};
use loko_source::{FilePath, Snapshot, Source};
use proptest::prelude::*;
use std::fs;
use std::path::Path;
use support::Case;

/// The workspaces of all cases: seeds to be damaged.
fn seeds() -> Vec<Snapshot> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/load");
    let mut paths: Vec<_> =
        fs::read_dir(folder).expect("the folder of cases is there").flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let texts = paths.iter().filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    let parse = |path: &std::path::PathBuf| {
        let text = fs::read_to_string(path).expect("a case can be read");
        Case::parse(&text).expect("a case has its form").snapshot()
    };
    texts.map(parse).collect()
}

/// A damage done to one of the files.
#[derive(Clone, Debug)]
enum Damage {
    Cut(usize),
    Remove(usize, usize),
    Insert(usize, String),
    Swap(usize, usize),
}

fn damage() -> impl Strategy<Value = Damage> {
    let piece = prop_oneof![
        "[-:#&*!|>'\"%@`{}\\[\\], \n\t\r~?<=.a-z0-9é注]{1,8}",
        Just("---\n".to_owned()),
        Just("\u{feff}".to_owned()),
        Just("  - ".to_owned()),
        Just("<<: *a\n".to_owned()),
        Just("&a [*a]".to_owned()),
        Just("[[x]]\n".to_owned()),
        Just("\"\"\"".to_owned()),
        Just("\u{0}".to_owned()),
        Just("\u{2028}".to_owned()),
    ];
    prop_oneof![
        any::<usize>().prop_map(Damage::Cut),
        (any::<usize>(), 1..40_usize).prop_map(|(at, len)| Damage::Remove(at, len)),
        (any::<usize>(), piece).prop_map(|(at, text)| Damage::Insert(at, text)),
        (any::<usize>(), any::<usize>()).prop_map(|(a, b)| Damage::Swap(a, b)),
    ]
}

fn boundary(text: &str, at: usize) -> usize {
    text.floor_char_boundary(at % (text.len() + 1))
}

fn apply(text: &str, damage: &Damage) -> String {
    match damage {
        Damage::Cut(at) => text[..boundary(text, *at)].to_owned(),
        Damage::Remove(at, len) => {
            let start = boundary(text, *at);
            let end = text.ceil_char_boundary((start + len).min(text.len()));
            format!("{}{}", &text[..start], &text[end..])
        }
        Damage::Insert(at, piece) => {
            let at = boundary(text, *at);
            format!("{}{piece}{}", &text[..at], &text[at..])
        }
        Damage::Swap(a, b) => {
            let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
            let count = lines.len().max(1);
            if !lines.is_empty() {
                lines.swap(a % count, b % count);
            }
            lines.concat()
        }
    }
}

/// An edit as people make it: a line more or less in the front matter of an element, or a damage.
#[derive(Clone, Debug)]
enum Edit {
    Say(prop::sample::Index, String),
    Unsay(prop::sample::Index, prop::sample::Index),
    Relate(prop::sample::Index, prop::sample::Index, String),
    Damage(prop::sample::Index, Damage),
}

fn edit() -> impl Strategy<Value = Edit> {
    let index = any::<prop::sample::Index>;
    let said = prop_oneof![
        "description: [a-z ]{0,12}",
        "technology: [A-Z][a-z]{0,6}",
        "tags: \\[[a-z]{1,3}, [a-z]{1,3}\\]",
        "retry: [0-9]{1,2}",
        "odd[a-z]: [a-z]{1,4}",
        Just("deployed:\n  - environment: live\n    node: Cloud".to_owned()),
        Just("name: Other".to_owned()),
        "(decisions|adr): \\[?[1-4]\\]?",
    ];
    prop_oneof![
        4 => (index(), said).prop_map(|(file, line)| Edit::Say(file, line)),
        3 => (index(), index()).prop_map(|(file, line)| Edit::Unsay(file, line)),
        4 => (index(), index(), "[a-z]{0,3}").prop_map(|(file, to, why)| Edit::Relate(file, to, why)),
        1 => (index(), damage()).prop_map(|(file, damage)| Edit::Damage(file, damage)),
    ]
}

impl Edit {
    fn make(&self, snapshot: &mut Snapshot) {
        let all: Vec<FilePath> = snapshot.iter().map(|(path, _)| path.clone()).collect();
        let model = load(snapshot).model;
        let elements: Vec<FilePath> = model.elements.iter().map(|element| element.file.clone()).collect();
        if elements.is_empty() {
            return;
        }
        let read = |path: &FilePath| snapshot.text(path.as_str()).unwrap_or("").to_owned();
        let (path, text) = match self {
            Self::Say(file, line) => {
                let path = file.get(&elements);
                (path, with_line(&read(path), line))
            }
            Self::Unsay(file, line) => {
                let path = file.get(&elements);
                let text = read(path);
                let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
                if !lines.is_empty() {
                    lines.remove(line.index(lines.len()));
                }
                (path, lines.concat())
            }
            Self::Relate(file, to, why) => {
                let path = file.get(&elements);
                let to = &to.get(&model.elements).id;
                (path, with_line(&read(path), &format!("relationships:\n  - to: {to}\n    description: \"{why}\"")))
            }
            Self::Damage(file, damage) => {
                let path = file.get(&all);
                (path, apply(&read(path), damage))
            }
        };
        snapshot.insert(path.clone(), Source::new(text));
    }
}

/// The text with a line more at the beginning of its front matter, which is made when there is none.
fn with_line(text: &str, line: &str) -> String {
    match text.strip_prefix("---\n") {
        Some(rest) => format!("---\n{line}\n{rest}"),
        None => format!("---\n{line}\n---\n{text}"),
    }
}

fn check(snapshot: &Snapshot) -> Result<(), TestCaseError> {
    let loaded = load(snapshot);
    let ids: Vec<Vec<&str>> = loaded.model.elements.iter().map(|element| element.id.split('/').collect()).collect();
    prop_assert!(ids.windows(2).all(|pair| pair[0] < pair[1]), "ids are unique and in order: {ids:?}");
    for ix in loaded.model.ids() {
        let element = loaded.model.element(ix);
        let around = element.id.rsplit_once('/').map(|(around, _)| around);
        prop_assert_eq!(around, element.parent.map(|parent| loaded.model.element(parent).id.as_str()));
        prop_assert_eq!(loaded.model.find(&element.id), Some(ix));
    }
    let labels = loaded.findings.iter().flat_map(|finding| finding.primary.iter().chain(&finding.secondary));
    let places = labels.map(|label| &label.place).chain(loaded.references.iter().map(|reference| &reference.place));
    for place in places.chain(loaded.model.relations.iter().map(|relation| &relation.place)) {
        let text = snapshot.text(place.path.as_str()).expect("places are in files of the workspace");
        prop_assert!(text.get(place.span.range()).is_some(), "{place:?} is not inside {text:?}");
    }
    for relation in &loaded.model.relations {
        prop_assert_ne!(relation.source, relation.target);
    }
    Ok(())
}

#[test]
fn seeds_are_sound() {
    for snapshot in seeds() {
        check(&snapshot).expect("a case is sound");
    }
}

/// Front matter that was once too much.
const ONCE_BROKEN: [&str; 1] = ["%¡\0\u{e000}"];

#[test]
fn what_broke_once_loads() {
    for text in ONCE_BROKEN {
        let text = format!("---\n{text}\n---\n");
        check(&Snapshot::from_texts([("src/s/system.md", text.as_str())])).expect("it is sound");
    }
}

/// Nothing that nests without end may exhaust the stack, the memory or anybody's patience.
#[test]
fn deep_and_large_things_load() {
    const MANY: usize = 20_000;
    let steps: String = (0..2_000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    let front = [
        format!("a: {}", "[".repeat(MANY)),
        format!("a: {}", "{a: ".repeat(MANY)),
        format!("a:\n  {}x", "- ".repeat(2_000)),
        steps,
        format!("a: \"{}\"", "x".repeat(MANY)),
        (0..2_000).map(|number| format!("key{number}: {number}\n")).collect(),
    ];
    for front in &front {
        let text = format!("---\n{front}\n---\n");
        check(&Snapshot::from_texts([("src/s/system.md", text.as_str())])).expect("it is sound");
    }
    let toml = [
        format!("a = {}", "[".repeat(MANY)),
        format!("{}x = 1", "a.".repeat(MANY)),
        format!("[{}x]", "a.".repeat(MANY)),
        format!("a = {}", "{a=".repeat(MANY)),
        "[[relationships]]\n".repeat(2_000),
        // An error a line.
        "[[a b\nc d e\n= \"f\n".repeat(3_000),
    ];
    for toml in &toml {
        let files = ["loko.toml", "src/s/relationships.toml", "deployments/e.toml", "views/v.toml", "deployments.toml"];
        let texts = files.iter().map(|file| (*file, toml.as_str())).chain([("src/s/system.md", "")]);
        check(&Snapshot::from_texts(texts)).expect("it is sound");
    }
    for d2 in ["a: {".repeat(MANY), "a.".repeat(MANY), "a -> ".repeat(2_000)] {
        check(&Snapshot::from_texts([("src/s/system.md", ""), ("src/s/s.d2", d2.as_str())])).expect("it is sound");
    }
    let path = format!("src/{}component.md", "a/".repeat(1_000));
    check(&Snapshot::from_texts([(path.as_str(), "")])).expect("it is sound");
}

/// A file may say very much about the same two elements; that takes no longer than to say it of many.
#[test]
fn relations_of_the_same_two_elements_may_be_many() {
    const MANY: usize = 20_000;
    let toml: String = (0..MANY)
        .map(|number| format!("[[relationships]]\nsource = \"a\"\ntarget = \"b\"\nlabel = \"r{number}\"\n"))
        .collect();
    let d2: String = (0..MANY).map(|number| format!("a -> b: r{number}\n")).collect();
    let ends = [("src/a/system.md", ""), ("src/b/system.md", "")];
    for files in [vec![("src/a/relationships.toml", &toml)], vec![("src/a/system.d2", &d2)]] {
        let both: Vec<_> = files.into_iter().map(|(path, text)| (path, text.as_str())).chain(ends).collect();
        let loaded = loko_model::load(&Snapshot::from_texts(both));
        assert_eq!(loaded.model.relations.len(), MANY);
    }
    // What is drawn as well is the same, and an arrow without a word is the first.
    let drawn = format!("{d2}a -> b\n");
    let both = [("src/a/relationships.toml", toml.as_str()), ("src/a/system.d2", drawn.as_str())];
    let loaded = loko_model::load(&Snapshot::from_texts(both.into_iter().chain(ends)));
    assert_eq!(loaded.model.relations.len(), MANY);
    // What is said twice is told, and fills in what was open.
    let again =
        format!("{toml}[[relationships]]\nsource = \"a\"\ntarget = \"b\"\nlabel = \"r19999\"\ntechnology = \"SQL\"\n");
    let files = [("src/a/relationships.toml", again.as_str())].into_iter().chain(ends);
    let loaded = loko_model::load(&Snapshot::from_texts(files));
    assert_eq!(loaded.findings.iter().filter(|it| it.code == "duplicate-relation").count(), 1);
    let filled = loaded.model.relations.iter().filter(|it| it.technology == "SQL").map(|it| it.description.as_str());
    assert_eq!(filled.collect::<Vec<_>>(), ["r19999"]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.max(600), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_workspaces_load(seed in any::<prop::sample::Index>(), file in any::<prop::sample::Index>(), damages in prop::collection::vec(damage(), 1..5)) {
        thread_local! { static SEEDS: Vec<Snapshot> = seeds(); }
        let mut snapshot = SEEDS.with(|seeds| seed.get(seeds).clone());
        let paths: Vec<FilePath> = snapshot.iter().map(|(path, _)| path.clone()).collect();
        let path = file.get(&paths).clone();
        let mut text = snapshot.text(path.as_str()).unwrap_or("").to_owned();
        for damage in &damages {
            text = apply(&text, damage);
        }
        snapshot.insert(path, Source::new(text));
        check(&snapshot)?;
    }

    #[test]
    fn what_was_edited_loads_as_if_anew(seed in any::<prop::sample::Index>(), edits in prop::collection::vec(edit(), 1..5)) {
        thread_local! { static SEEDS: Vec<Snapshot> = seeds(); }
        let mut before = SEEDS.with(|seeds| seed.get(seeds).clone());
        let mut loaded = load(&before);
        for edit in &edits {
            let mut after = before.clone();
            edit.make(&mut after);
            let again = load_after(&before, &loaded, &after);
            let anew = load(&after);
            prop_assert_eq!(&again.findings, &anew.findings);
            prop_assert_eq!(&again.references, &anew.references);
            prop_assert!(again == anew, "{:?}", edit);
            (before, loaded) = (after, again);
        }
    }

    #[test]
    fn any_front_matter_loads(text in "(?s).{0,200}") {
        let text = format!("---\n{text}\n---\n");
        check(&Snapshot::from_texts([("src/s/system.md", text.as_str())]))?;
    }

    #[test]
    fn slugs_stay_slugs(name in "\\PC{0,24}") {
        let once = slug(&name);
        prop_assert_eq!(&slug(&once), &once);
        prop_assert!(!once.contains('/') && !once.starts_with('-') && !once.ends_with('-'));
        prop_assert_eq!(fold(&once), once);
    }
}
