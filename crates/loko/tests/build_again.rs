//! A second `loko build`: nothing is made that is there already, and what somebody did to the output folder is mended or
//! left alone.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "the test runs the program on real files")]

mod console;

use loko_source::disk::{Shelf, Sort};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name().is_none_or(|name| name != ".loko-manifest") {
                found.insert(path.clone(), std::fs::read(path).unwrap());
            }
        }
    }
    found
}

fn build(root: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_loko"));
    command.arg("build").args(arguments).current_dir(root).env_remove("LOKO_D2_THEME");
    let output = command.output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}");
    told
}

/// What a build says of its files: written, unchanged or come out the same, removed.
fn counts(told: &str) -> [usize; 3] {
    let same = if told.contains(" came out the same") { "came out the same" } else { "unchanged" };
    ["written", same, "removed"].map(|word| {
        let before = told.split(&format!(" {word}")).next().unwrap();
        before.rsplit([' ', ':', ',']).find(|it| !it.is_empty()).unwrap().parse().unwrap()
    })
}

#[test]
fn a_second_build_mends_and_leaves_alone() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    console::copy(&console::repository().join("examples/hello"), root);
    let dist = root.join("dist");
    let [all, ..] = counts(&build(root, &[]));
    let first = files(&dist);
    assert_eq!(first.len(), all);

    // Nothing changed.
    assert_eq!(counts(&build(root, &[])), [0, all, 0]);
    assert_eq!(files(&dist), first);

    // A file of somebody else's stays, one of ours that was damaged or removed is made again.
    std::fs::write(dist.join("mine.html"), "by hand").unwrap();
    std::fs::write(dist.join("index.html"), "damaged").unwrap();
    std::fs::remove_file(dist.join("findings.html")).unwrap();
    assert_eq!(counts(&build(root, &[])), [2, all - 2, 0]);
    let mut expected = first.clone();
    expected.insert(dist.join("mine.html"), b"by hand".to_vec());
    assert_eq!(files(&dist), expected);
    assert_eq!(counts(&build(root, &[])), [0, all, 0]);

    // Other options are other files.
    let themed = counts(&build(root, &["--d2-theme", "3"]));
    assert!(themed[0] > 0, "{themed:?}");
    assert!(counts(&build(root, &[]))[0] > 0);
    assert_eq!(files(&dist), expected);

    // A list of files that some other program wrote is not believed, and neither is a broken one.
    let manifest = dist.join(".loko-manifest");
    let text = std::fs::read_to_string(&manifest).unwrap();
    std::fs::write(&manifest, text.replacen("loko-manifest 1 ", "loko-manifest 1 other-", 1)).unwrap();
    assert_eq!(counts(&build(root, &[])), [0, all, 0]);
    assert_eq!(std::fs::read_to_string(&manifest).unwrap(), text);
    std::fs::write(&manifest, text.replacen("made-from ", "made-from 1", 1)).unwrap();
    assert_eq!(counts(&build(root, &[])), [0, all, 0]);
    assert_eq!(files(&dist), expected);

    // Back and forth is as it was.
    let file = root.join("loko.toml");
    let settings = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, settings.replacen("name = \"", "name = \"New ", 1)).unwrap();
    assert!(counts(&build(root, &[]))[0] > 0);
    assert_ne!(files(&dist), expected);
    std::fs::write(&file, settings).unwrap();
    build(root, &[]);
    assert_eq!(files(&dist), expected);
    assert_eq!(counts(&build(root, &["--clean"]))[1], all, "the same bytes are not written again");
}

#[test]
fn one_format_leaves_the_files_of_the_others_alone() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    console::copy(&console::repository().join("examples/hello"), root);
    let dist = root.join("dist");
    build(root, &[]);
    let site = files(&dist);
    for format in ["pdf", "json", "markdown", "confluence", "single", "toon"] {
        let told = build(root, &["--format", format]);
        assert_eq!(counts(&told)[2], 0, "{format}: {told}");
        let now = files(&dist);
        for (path, bytes) in &site {
            assert!(now.get(path) == Some(bytes), "{format} changed {}", path.display());
        }
    }
    assert!(dist.join("architecture.pdf").is_file() && dist.join("README.md").is_file());
    // What is out of date goes with the format that it belongs to.
    std::fs::remove_dir_all(root.join("src/mail")).unwrap();
    let gone = |path: &str| !dist.join(path).exists();
    build(root, &["--format", "markdown"]);
    let pages: Vec<&PathBuf> = site.keys().filter(|path| path.to_string_lossy().contains("mail")).collect();
    assert!(gone("systems/mail.md") && !pages.is_empty());
    assert!(dist.join("systems/mail.html").is_file());
    build(root, &[]);
    assert!(gone("systems/mail.html"));
    assert!(dist.join("architecture.json").is_file());

    // A document of its own leaves the folder as it is.
    let before = files(&dist);
    let told = Command::new(env!("CARGO_BIN_EXE_loko"))
        .args(["export", "pdf", "--output", "own.PDF"])
        .current_dir(root)
        .output()
        .unwrap();
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    assert!(std::fs::read(root.join("own.PDF")).unwrap().starts_with(b"%PDF-"));
    assert_eq!(files(&dist), before);
}

#[test]
fn what_a_commit_changed_is_found_out_once() {
    let (folder, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let root = folder.path();
    console::copy(&console::repository().join("examples/hello"), root);
    let git = |arguments: &[&str]| {
        let mut done = Command::new("git");
        done.args(["-c", "user.name=Ada", "-c", "user.email=ada@example.com"]).args(arguments);
        let output = done.current_dir(root).env("GIT_CONFIG_GLOBAL", "/dev/null").output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    let commit = |file: &str, message: &str| {
        std::fs::create_dir_all(root.join(file).parent().unwrap()).unwrap();
        std::fs::write(root.join(file), "---\ndescription: A new one.\n---\n").unwrap();
        git(&["add", "."]);
        git(&["commit", "-qm", message]);
    };
    let feed = || {
        let built = Command::new(env!("CARGO_BIN_EXE_loko"))
            .args(["build", "--output", "dist"])
            .current_dir(root)
            .env("LOKO_CACHE_HOME", cache.path())
            .output()
            .unwrap();
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        std::fs::read_to_string(root.join("dist/feed.xml")).unwrap()
    };
    git(&["init", "-q"]);
    std::fs::write(root.join(".gitignore"), "dist\n").unwrap();
    commit("src/first-one/system.md", "first");
    commit("src/second-one/system.md", "second");
    let first = feed();
    assert!(first.contains("Second one") || first.contains("second-one"), "{first}");
    let files = std::fs::read_dir(cache.path()).unwrap().map(|entry| entry.unwrap().path());
    assert_eq!(files.filter(|path| path.extension().is_some_and(|it| it == "commits")).count(), 1, "of the workspace");
    let sort = Sort { ending: "commits", files_max: 8, bytes_max: 1 << 20 };
    let shelf = Shelf::of(cache.path(), &root.canonicalize().unwrap(), sort);
    let kept = || String::from_utf8(shelf.read().unwrap().to_vec()).unwrap();
    // What is remembered is believed, as one sees when it is made up.
    let text = kept();
    let made_up = text.replace("second-one", "made-up");
    assert_ne!(text, made_up);
    shelf.keep(made_up.as_bytes());
    assert!(feed().contains("made-up"), "it is found out again");
    // What another program remembered, or what is no such text, is not.
    for wrong in [made_up.replacen("\"key\":\"", "\"key\":\"another ", 1), made_up[..made_up.len() / 2].to_owned()] {
        shelf.keep(wrong.as_bytes());
        assert_eq!(feed(), first);
        assert_eq!(kept(), text);
    }
    // A further commit is compared alone.
    shelf.keep(made_up.as_bytes());
    commit("src/third-one/system.md", "third");
    let last = feed();
    assert!(last.contains("third-one") && last.contains("made-up"), "{last}");
}
