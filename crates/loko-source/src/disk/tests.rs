//! The disk, on real folders.

use super::*;
use crate::TextEdit;
use crate::span::Span;
use std::collections::BTreeMap;

fn workspace(files: &[(&str, &str)]) -> (tempfile::TempDir, Workspace) {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let workspace = Workspace::open(folder.path()).unwrap();
    (folder, workspace)
}

fn everything() -> Scope {
    Scope { files: vec!["loko.toml".to_owned()], folders: vec!["src".to_owned()] }
}

fn path(path: &str) -> FilePath {
    FilePath::new(path).unwrap()
}

#[test]
fn reads_only_the_scope() {
    let (_folder, workspace) = workspace(&[
        ("loko.toml", "a"),
        ("other.md", "b"),
        ("src/x/system.md", "c"),
        ("src/.hidden/system.md", "d"),
        ("src/x/logo.png", "e"),
        ("src/x/program.exe", "f"),
    ]);
    let (snapshot, findings) = workspace.snapshot(&everything()).unwrap();
    assert_eq!(findings, []);
    let names: Vec<&str> = snapshot.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(names, ["loko.toml", "src/x/system.md"]);
    assert!(snapshot.asset("src/x/logo.png").is_some());
}

#[test]
fn reads_many_files_in_order() {
    let names: Vec<String> = (0..200).map(|n| format!("src/s{n}/system.md")).collect();
    let files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), name.as_str())).collect();
    let (_folder, workspace) = workspace(&files);
    let (snapshot, _) = workspace.snapshot(&everything()).unwrap();
    assert_eq!(snapshot.len(), 200);
    assert!(snapshot.iter().all(|(path, source)| path.as_str() == source.text()));
}

#[cfg(unix)]
#[test]
fn links_out_of_the_workspace_are_not_followed() {
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("secret.md"), "secret").unwrap();
    let (folder, workspace) = workspace(&[("src/x/system.md", "a")]);
    let link = |target: &Path, name: &str| std::os::unix::fs::symlink(target, folder.path().join(name)).unwrap();
    link(outside.path(), "src/out");
    link(&outside.path().join("secret.md"), "src/x/secret.md");
    link(&folder.path().join("src/x/system.md"), "src/x/inside.md");
    link(&folder.path().join("src"), "src/x/circle");
    let (snapshot, _) = workspace.snapshot(&everything()).unwrap();
    let names: Vec<&str> = snapshot.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(names, ["src/x/inside.md", "src/x/system.md"]);

    let mut changes = ChangeSet::new();
    changes.create(path("src/out/new.md"), "x");
    assert!(matches!(workspace.write(&snapshot, &changes), Err(DiskError::Outside(_))));
    assert!(!outside.path().join("new.md").exists());
}

#[test]
fn changes_are_written_whole() {
    let (folder, workspace) = workspace(&[("src/a/system.md", "one\ntwo\n"), ("src/a/notes.txt", "kept")]);
    let (before, _) = workspace.snapshot(&everything()).unwrap();
    let mut changes = ChangeSet::new();
    changes.move_folder("src/a", "src/b");
    changes.edit(path("src/b/system.md"), TextEdit::replace(Span::new(0, 3), "1"));
    changes.create(path("src/b/c/container.md"), "new\n");
    workspace.write(&before, &changes).unwrap();
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    assert_eq!(read("src/b/system.md"), "1\ntwo\n");
    assert_eq!(read("src/b/notes.txt"), "kept");
    assert_eq!(read("src/b/c/container.md"), "new\n");
    assert!(!folder.path().join("src/a").exists());
}

#[test]
fn a_failing_step_undoes_the_others() {
    let (folder, workspace) = workspace(&[("src/a/system.md", "one"), ("src/b/system.md", "two")]);
    let (before, _) = workspace.snapshot(&everything()).unwrap();
    let mut changes = ChangeSet::new();
    changes.edit(path("src/a/system.md"), TextEdit::replace(Span::new(0, 3), "changed"));
    // A folder stands where this file should go.
    fs::create_dir_all(folder.path().join("src/z.md/in-the-way")).unwrap();
    changes.create(path("src/z.md"), "new");
    assert!(workspace.write(&before, &changes).is_err());
    assert_eq!(fs::read_to_string(folder.path().join("src/a/system.md")).unwrap(), "one");
}

#[test]
fn a_file_changed_meanwhile_is_refused() {
    let (folder, workspace) = workspace(&[("src/a/system.md", "one")]);
    let (before, _) = workspace.snapshot(&everything()).unwrap();
    fs::write(folder.path().join("src/a/system.md"), "other").unwrap();
    let mut changes = ChangeSet::new();
    changes.edit(path("src/a/system.md"), TextEdit::replace(Span::new(0, 3), "changed"));
    assert!(matches!(workspace.write(&before, &changes), Err(DiskError::Stale(_))));
    assert_eq!(fs::read_to_string(folder.path().join("src/a/system.md")).unwrap(), "other");
}

#[test]
fn two_writers_do_not_meet() {
    let (_folder, workspace) = workspace(&[("src/a/system.md", "one")]);
    let (before, _) = workspace.snapshot(&everything()).unwrap();
    let lock = workspace.lock().unwrap();
    let mut changes = ChangeSet::new();
    changes.create(path("src/b/system.md"), "x");
    assert!(matches!(workspace.write(&before, &changes), Err(DiskError::Locked(_))));
    drop(lock);
    workspace.write(&before, &changes).unwrap();
}

fn destination<'a>(workspace: &'a Workspace, folder: &'a Path) -> Destination<'a> {
    static NOTHING: Scope = Scope { files: Vec::new(), folders: Vec::new() };
    Destination { workspace: workspace.root(), sources: &NOTHING, folder, overwrite: false }
}

fn made(text: &str) -> OutputFile {
    OutputFile::Made { bytes: text.as_bytes().into(), fingerprint: text.len() as u64 }
}

#[test]
fn an_output_touches_only_what_is_ours() {
    let (folder, workspace) = workspace(&[("src/a/system.md", "one"), ("dist/mine.html", "by hand")]);
    let dist = folder.path().join("dist");
    let write = |files: &[(&str, OutputFile)]| {
        let files: BTreeMap<FilePath, OutputFile> =
            files.iter().map(|(name, file)| (path(name), file.clone())).collect();
        write_output(&destination(&workspace, &dist), "a", &Previous::read(&dist, "a"), &files, None).unwrap()
    };
    let first = write(&[("index.html", made("x")), ("a/b.html", made("yy"))]);
    assert_eq!((first.written, first.unchanged, first.removed), (2, 0, 0));
    assert_eq!(Previous::read(&dist, "a").fingerprint("a/b.html"), Some(2));

    assert_eq!(Previous::read(&dist, "b").fingerprint("a/b.html"), None);

    let second = write(&[("index.html", OutputFile::Unchanged), ("a/b.html", made("yy"))]);
    assert_eq!((second.written, second.unchanged, second.removed), (0, 2, 0));

    let third = write(&[("index.html", made("x"))]);
    assert_eq!((third.written, third.unchanged, third.removed), (0, 1, 1));
    assert!(!dist.join("a").exists());
    assert!(dist.join("mine.html").exists());

    fs::write(dist.join("index.html"), "tampered").unwrap();
    assert_eq!(Previous::read(&dist, "a").fingerprint("index.html"), None);
}

#[test]
fn an_output_is_whole_until_somebody_touches_it() {
    let (folder, workspace) = workspace(&[("src/a/system.md", "one")]);
    let dist = folder.path().join("dist");
    let files = BTreeMap::from([(path("index.html"), made("x")), (path("a/b.html"), made("yy"))]);
    let read = |maker| Previous::read(&dist, maker);
    let write = |made_from| write_output(&destination(&workspace, &dist), "a", &read("a"), &files, made_from).unwrap();
    write(Some(0xab));
    assert!(read("a").is_whole(0xab) && !read("a").is_whole(0xac) && !read("b").is_whole(0xab));
    assert_eq!(read("a").iter().count(), 2);
    write(None);
    assert!(!read("a").is_whole(0xab) && !read("a").is_whole(0));
    write(Some(0xab));
    fs::write(dist.join("index.html"), "tampered").unwrap();
    assert!(!read("a").is_whole(0xab));
    write(Some(0xab));
    assert!(read("a").is_whole(0xab));
    fs::remove_file(dist.join("a/b.html")).unwrap();
    assert!(!read("a").is_whole(0xab));
}

#[test]
fn a_half_written_output_is_ours() {
    let (folder, workspace) = workspace(&[("src/a/system.md", "one")]);
    let dist = folder.path().join("dist");
    // A file whose folder cannot be made stops the writing.
    fs::create_dir_all(&dist).unwrap();
    fs::write(dist.join("b"), "no folder").unwrap();
    let files = BTreeMap::from([(path("a.html"), made("x")), (path("b/c.html"), made("yy"))]);
    let write = || write_output(&destination(&workspace, &dist), "a", &Previous::read(&dist, "a"), &files, Some(1));
    assert!(write().is_err());
    fs::remove_file(dist.join("b")).unwrap();
    // What another run would have left half way.
    fs::write(dist.join("a.html"), "half").unwrap();
    assert!(!Previous::read(&dist, "a").is_whole(1));
    assert_eq!(Previous::read(&dist, "a").iter().count(), 0);
    write().unwrap();
    assert_eq!(fs::read_to_string(dist.join("a.html")).unwrap(), "x");
    assert!(Previous::read(&dist, "a").is_whole(1));
}

#[test]
fn an_output_never_goes_where_people_write() {
    let (folder, workspace) = workspace(&[("loko.toml", ""), ("src/a/system.md", "one"), ("docs/README.md", "mine")]);
    let files = BTreeMap::from([(path("README.md"), made("x"))]);
    let write = |name: &str, overwrite| {
        let folder = folder.path().join(name);
        let everything = everything();
        let destination = Destination { workspace: workspace.root(), sources: &everything, folder: &folder, overwrite };
        write_output(&destination, "a", &Previous::default(), &files, None)
    };
    for name in ["", "src", "src/a", "src/site"] {
        assert!(matches!(write(name, true), Err(OutputError::Unsafe { .. })), "{name}");
    }
    assert!(matches!(write("docs", false), Err(OutputError::Foreign(_))));
    assert_eq!(fs::read_to_string(folder.path().join("docs/README.md")).unwrap(), "mine");
    assert!(write("docs", true).is_ok());
}
