//! However a workspace is edited, a build that makes only what changed leaves the bytes of a build from nothing.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "tests read the example workspaces")]

mod common;

use common::build_with;
use loko_site::{Content, Fingerprint, First, Input, Memo, Options, Output, Previous, made_from};
use loko_source::{FilePath, Snapshot, Source};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// An output folder: what was written last, and from what.
#[derive(Default)]
struct Disk(BTreeMap<FilePath, (Fingerprint, Arc<[u8]>)>);

impl Disk {
    fn previous(&self) -> Previous {
        self.0.iter().map(|(path, (fingerprint, _))| (path.clone(), *fingerprint)).collect()
    }

    /// Writes what was made; hands back how many files that were.
    fn write(&mut self, output: &Output) -> usize {
        let mut made = 0;
        let now = output.files.iter().map(|(path, file)| {
            let bytes = match &file.content {
                Content::Bytes(bytes) => {
                    made += 1;
                    Arc::clone(bytes)
                }
                Content::Unchanged => Arc::clone(&self.0[path].1),
            };
            (path.clone(), (file.fingerprint, bytes))
        });
        self.0 = now.collect();
        made
    }

    fn files(&self) -> BTreeMap<&FilePath, &Arc<[u8]>> {
        self.0.iter().map(|(path, (_, bytes))| (path, bytes)).collect()
    }
}

/// Numbers that look like chance, the same each time (a linear congruential generator by Knuth).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit.max(1)
    }
}

/// A text with one of the lines that begin so written anew.
fn with_line(text: &str, begins: &str, line: &str, dice: &mut Dice) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let fitting: Vec<usize> = (0..lines.len()).filter(|at| lines[*at].trim_start().starts_with(begins)).collect();
    let Some(at) = fitting.get(dice.below(fitting.len())).copied() else { return text.to_owned() };
    let indent = &lines[at][..lines[at].len() - lines[at].trim_start().len()];
    let mut new: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
    new[at] = if line.is_empty() { String::new() } else { format!("{indent}{line}") };
    new.join("\n") + "\n"
}

/// Edits something somewhere, as people do, sensible or not.
fn edit(snapshot: &mut Snapshot, dice: &mut Dice, number: usize) -> String {
    let files: Vec<FilePath> = snapshot.iter().map(|(path, _)| path.clone()).collect();
    let markers: Vec<&FilePath> = files.iter().filter(|path| path.as_str().starts_with("src/")).collect();
    let marker = markers[dice.below(markers.len())].clone();
    let any = files[dice.below(files.len())].clone();
    let text = |path: &FilePath| snapshot.text(path.as_str()).unwrap_or("").to_owned();
    let (path, new) = match dice.below(12) {
        0 => (marker.clone(), with_line(&text(&marker), "description:", &format!("description: Said {number}."), dice)),
        1 => {
            // So long that a box shows its beginning only, and a tooltip all of it.
            let long = format!("description: Said. {}", format!("And said {number} again. ").repeat(9));
            (marker.clone(), with_line(&text(&marker), "description:", &long, dice))
        }
        2 => (marker.clone(), with_line(&text(&marker), "name:", &format!("name: Named {number}"), dice)),
        3 => {
            (marker.clone(), with_line(&text(&marker), "technology:", &format!("technology: Made with {number}"), dice))
        }
        4 => (marker.clone(), with_line(&text(&marker), "owner:", &format!("owner: team-{number}"), dice)),
        5 => (
            marker.clone(),
            text(&marker) + &format!("\n## Part {number}\n\nProse that [leads nowhere](nothing.md).\n"),
        ),
        6 => (marker.clone(), with_line(&text(&marker), "- {", "", dice)),
        7 => (marker.clone(), with_line(&text(&marker), "tags:", &format!("tags: [tag-{number}]"), dice)),
        8 => {
            let folder = marker.folder().trim_end_matches('/').to_owned();
            let path = FilePath::new(&format!("{folder}/part-{number}/component.md")).unwrap();
            (
                path,
                format!("---\nname: Part {number}\nrelationships:\n  - {{ to: ordering, description: Asks }}\n---\n"),
            )
        }
        9 => {
            let theme = ["", "dark-mauve", "3"][dice.below(3)];
            let path = FilePath::new("loko.toml").unwrap();
            let language = ["en", "de"][dice.below(2)];
            let project = format!(
                "[project]\nname = \"Shop {number}\"\n[d2]\ntheme = \"{theme}\"\n[site]\nlanguage = \"{language}\"\n"
            );
            (path, project)
        }
        10 => (any.clone(), text(&any) + "\n# More\n"),
        _ => {
            snapshot.remove(marker.as_str());
            return format!("{marker} is gone");
        }
    };
    let told = format!("{path}: {new}");
    snapshot.insert(path, Source::new(new));
    told
}

fn key(snapshot: &Snapshot) -> Fingerprint {
    let loaded = loko_model::load(snapshot);
    let options = Options::default();
    made_from(&Input { snapshot, model: &loaded.model, findings: &loaded.findings, options: &options })
}

/// Holds builds that remember against builds from nothing, edit by edit.
fn hold(mut snapshot: Snapshot, seed: u64, edits: usize) {
    let mut dice = Dice(seed);
    let (mut disk, memo) = (Disk::default(), Memo::new());
    let mut placements = Vec::new();
    let (mut all, mut early) = (0, 0);
    for number in 0..=edits {
        let told = if number == 0 { String::new() } else { edit(&mut snapshot, &mut dice, number) };
        let (clean, _) = build_with(&snapshot, &Options::default());
        let previous = disk.previous();
        // From one run of a program to the next only files and placements last.
        let recalled = Memo::new();
        recalled.recall(&placements);
        let options = Options { previous: Some(&previous), memo: Some(&recalled), ..Options::default() };
        let (output, _) = build_with(&snapshot, &options);
        placements = recalled.placements().unwrap_or(placements);
        let made = disk.write(&output);
        // Somebody looks at the home page and at some others meanwhile.
        let seen: Mutex<Vec<(FilePath, Arc<[u8]>)>> = Mutex::default();
        let made_first = |path: &FilePath, bytes: &Arc<[u8]>| seen.lock().unwrap().push((path.clone(), bytes.clone()));
        let pages = clean.files.keys().map(ToString::to_string).filter(|path| path.ends_with(".html"));
        let pages = pages.enumerate().filter(|(at, path)| path == "index.html" || at % 3 == number % 3);
        let first = First { pages: pages.map(|(_, path)| path).collect(), made: &made_first };
        let options = Options { memo: Some(&memo), first: Some(&first), ..Options::default() };
        let (remembered, _) = build_with(&snapshot, &options);
        let seen = seen.into_inner().unwrap();
        early += seen.len();
        for (path, bytes) in seen {
            // What pages bring up is known only when all are made, and the home page counts it.
            let is_final = matches!(&remembered.files[&path].content, Content::Bytes(last) if *last == bytes);
            assert!(is_final || path.as_str() == "index.html", "seed {seed}, edit {number}: {path}\n{told}");
        }
        let mut expected = Disk::default();
        all += expected.write(&clean);
        assert!(
            disk.files() == expected.files(),
            "seed {seed}, edit {number}: {}\n{told}",
            differing(&disk, &expected)
        );
        let mut from_memo = Disk::default();
        from_memo.write(&remembered);
        assert!(
            from_memo.files() == expected.files(),
            "seed {seed}, edit {number}: {}\n{told}",
            differing(&from_memo, &expected)
        );
        assert_eq!(output.findings, clean.findings, "seed {seed}, edit {number}\n{told}");
        assert!(number == 0 || made <= expected.0.len());
    }
    assert!(all > edits && early > edits / 2, "{all} files, {early} of them first");
    assert!(placements.len() > 100, "{} bytes of placements", placements.len());
}

fn differing(one: &Disk, other: &Disk) -> String {
    let (one, other) = (one.files(), other.files());
    let paths = one.keys().chain(other.keys()).filter(|path| one.get(*path) != other.get(*path));
    paths.map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

#[test]
fn a_build_after_an_edit_is_a_build_from_nothing() {
    for seed in 1..=4 {
        hold(common::shop(), seed, 25);
    }
}

#[test]
fn a_build_after_an_edit_is_a_build_from_nothing_in_the_shop() {
    let shop = common::examples().into_iter().find(|(name, _)| name == "shop").unwrap().1;
    hold(shop, 7, 8);
}

#[test]
fn a_description_costs_few_pages() {
    let shop = common::examples().into_iter().find(|(name, _)| name == "shop").unwrap().1;
    let mut disk = Disk::default();
    let (first, _) = build_with(&shop, &Options::default());
    let all = disk.write(&first);
    let path = FilePath::new("src/ordering/order-api/aggregate/component.md").unwrap();
    let text = shop.text(path.as_str()).unwrap().replacen("description: ", "description: Now and then ", 1);
    let mut edited = shop.clone();
    edited.insert(path, Source::new(text));
    let previous = disk.previous();
    let (second, _) = build_with(&edited, &Options { previous: Some(&previous), ..Options::default() });
    let made = disk.write(&second);
    assert!((1..all / 5).contains(&made), "{made} of {all} files were made");
}

#[test]
fn where_things_stand_is_believed_until_a_text_needs_more_room() {
    let shop = common::shop();
    let memo = Memo::new();
    build_with(&shop, &Options { memo: Some(&memo), ..Options::default() });
    // Made up, so that one can see that nothing is laid out: the least card has another width.
    let mut placements = memo.placements().unwrap();
    let (least, other) = (190_f64.to_le_bytes(), 777_f64.to_le_bytes());
    for at in 0..placements.len() - least.len() {
        if placements[at..].starts_with(&least) {
            placements[at..at + least.len()].copy_from_slice(&other);
        }
    }
    let drawn = |description: &str| {
        let mut edited = shop.clone();
        let path = FilePath::new("src/ordering/system.md").unwrap();
        let text = edited.text(path.as_str()).unwrap();
        let begin = text.find("description: ").unwrap();
        let end = begin + text[begin..].find('\n').unwrap();
        let text = format!("{}description: {description}{}", &text[..begin], &text[end..]);
        edited.insert(path, Source::new(text));
        let memo = Memo::new();
        memo.recall(&placements);
        let (output, _) = build_with(&edited, &Options { memo: Some(&memo), ..Options::default() });
        let Content::Bytes(bytes) = &output.files["diagrams/landscape.svg"].content else { panic!("it is made") };
        String::from_utf8(bytes.to_vec()).unwrap()
    };
    let wide = "width=\"777\"";
    assert!(drawn("Takes order").contains(wide), "it is laid out again");
    assert!(
        !drawn("Sells all that anybody could think of, and what nobody could, by day and by night.").contains(wide)
    );
}

#[test]
fn what_no_picture_shows_draws_none_again() {
    let shop = common::examples().into_iter().find(|(name, _)| name == "shop").unwrap().1;
    let mut disk = Disk::default();
    disk.write(&build_with(&shop, &Options::default()).0);
    let previous = disk.previous();
    let drawn = |begins: &str, new: &str| {
        let path = FilePath::new("src/ordering/order-api/container.md").unwrap();
        let text = with_line(shop.text(path.as_str()).unwrap(), begins, new, &mut Dice(1));
        let mut edited = shop.clone();
        edited.insert(path, Source::new(text));
        let (output, _) = build_with(&edited, &Options { previous: Some(&previous), ..Options::default() });
        let made = output.files.into_iter().filter(|(_, file)| matches!(file.content, Content::Bytes(_)));
        made.map(|(path, _)| path.to_string()).filter(|path| path.ends_with(".svg")).collect::<Vec<_>>()
    };
    // The border of a container and what stands elsewhere for the whole system say nothing of its description.
    let made = drawn("description:", "description: Says something else.");
    assert!(made.contains(&"diagrams/ordering.svg".to_owned()), "{made:?}");
    assert!(!made.contains(&"diagrams/ordering_order-api.svg".to_owned()), "{made:?}");
    assert!(!made.contains(&"diagrams/context-ordering.svg".to_owned()), "{made:?}");
    let long = format!("description: {}", "So long that only a tooltip tells all of it. ".repeat(5));
    let made = drawn("description:", &long);
    assert!(made.contains(&"diagrams/ordering_order-api.svg".to_owned()), "{made:?}");
    assert_eq!(drawn("code:", "code: [\"services/orders/**\"]"), [""; 0]);
}

#[test]
fn everything_that_a_build_is_made_from_counts() {
    let snapshot = common::shop();
    let before = key(&snapshot);
    assert_eq!(key(&snapshot.clone()), before);
    let mut edited = snapshot.clone();
    edited.insert_asset(FilePath::new("src/picture.png").unwrap(), *b"png");
    assert_ne!(key(&edited), before);
    let mut edited = snapshot.clone();
    edited.insert(FilePath::new("src/context.md").unwrap(), Source::new("# Shop\n"));
    assert_ne!(key(&edited), before);
    let loaded = loko_model::load(&snapshot);
    let of = |options: &Options<'_>, findings: usize| {
        made_from(&Input { snapshot: &snapshot, model: &loaded.model, findings: &loaded.findings[findings..], options })
    };
    assert_eq!(of(&Options::default(), 0), before);
    assert_ne!(of(&Options { version: Some("v1".to_owned()), ..Options::default() }, 0), before);
    assert_ne!(of(&Options { formats: vec![loko_site::Format::Pdf], ..Options::default() }, 0), before);
}
