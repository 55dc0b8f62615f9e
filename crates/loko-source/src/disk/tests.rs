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
fn what_is_moved_or_goes_need_not_be_utf8() {
    let (folder, workspace) = workspace(&[("src/a/system.md", "one")]);
    let file = |name: &str| folder.path().join(name).join("system.md");
    fs::write(file("src/a"), b"caf\xe9").unwrap();
    let (before, _) = workspace.snapshot(&everything()).unwrap();
    let mut moved = ChangeSet::new();
    moved.move_folder("src/a", "src/b");
    let mut gone = ChangeSet::new();
    gone.delete(path("src/a/system.md"));
    fs::write(file("src/a"), b"th\xe9").unwrap();
    for changes in [&moved, &gone] {
        assert!(matches!(workspace.write(&before, changes), Err(DiskError::Stale(_))));
    }
    fs::write(file("src/a"), b"caf\xe9").unwrap();
    workspace.write(&before, &moved).unwrap();
    assert_eq!(fs::read(file("src/b")).unwrap(), b"caf\xe9");
    let (before, _) = workspace.snapshot(&everything()).unwrap();
    let mut gone = ChangeSet::new();
    gone.delete(path("src/b/system.md"));
    workspace.write(&before, &gone).unwrap();
    assert!(!file("src/b").exists());
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
fn a_file_that_is_too_large_is_told_so() {
    let (folder, workspace) = workspace(&[("src/a/system.md", "one")]);
    fs::write(folder.path().join("src/b.md"), vec![b'x'; FILE_BYTES_MAX as usize + 1]).unwrap();
    let (snapshot, findings) = workspace.snapshot(&everything()).unwrap();
    assert_eq!(snapshot.len(), 1);
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].message, "`src/b.md` cannot be read: it is larger than 16 MiB");
    assert_eq!(findings[0].help.as_deref(), Some("split it or take it out of the source folder"));
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
fn a_first_output_is_there_as_a_whole_or_not_at_all() {
    let (folder, workspace) = workspace(&[("src/a/system.md", "one")]);
    let outside = tempfile::tempdir().unwrap();
    for dist in [folder.path().join("dist"), outside.path().join("site")] {
        let write = |files: &[&str]| {
            let files = files.iter().map(|name| (path(name), made("x"))).collect();
            write_output(&destination(&workspace, &dist), "a", &Previous::read(&dist, "a"), &files, Some(1))
        };
        // A file cannot be the folder of another.
        assert!(write(&["a.html", "b", "b/c.html"]).is_err());
        assert_eq!(fs::read_dir(&dist).unwrap().count(), 0);
        assert_eq!(write(&["a.html", "b/c.html"]).unwrap().written, 2);
        assert!(Previous::read(&dist, "a").is_whole(1));
        assert_eq!(write(&["a.html", "b/c.html"]).unwrap().unchanged, 2);
        let around = fs::read_dir(dist.parent().unwrap()).unwrap().flatten();
        assert!(around.into_iter().all(|entry| !entry.file_name().to_string_lossy().starts_with(TEMPORARY)));
    }
}

#[test]
fn what_a_stopped_run_left_is_taken_away() {
    let (folder, workspace) = workspace(&[("src/a/system.md", "one")]);
    let dist = folder.path().join("dist");
    let write = |text: &str| {
        let files = BTreeMap::from([(path("a/b.html"), made(text))]);
        write_output(&destination(&workspace, &dist), "a", &Previous::read(&dist, "a"), &files, None).unwrap()
    };
    write("one");
    let long_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(7200);
    for (name, is_old) in [(".loko-aB3xYz", true), (".loko-bB3xYz", false), (".loko-notes-of-mine", true)] {
        let file = File::create(dist.join("a").join(name)).unwrap();
        if is_old {
            file.set_modified(long_ago).unwrap();
        }
    }
    write("other");
    assert!(!dist.join("a/.loko-aB3xYz").exists());
    assert!(dist.join("a/.loko-bB3xYz").exists());
    assert!(dist.join("a/.loko-notes-of-mine").exists());
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

/// A workspace of so many folders whose texts are kept, with its folder and that of the cache.
#[cfg(target_os = "linux")]
fn cached(folders: usize) -> (tempfile::TempDir, tempfile::TempDir, Workspace) {
    let names: Vec<String> = (0..folders).map(|n| format!("src/s{n}/system.md")).collect();
    let files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "a")).collect();
    let (folder, workspace) = workspace(&files);
    let cache = tempfile::tempdir().unwrap();
    let workspace = workspace.caching_in(cache.path().join("texts"));
    (folder, cache, workspace)
}

#[cfg(target_os = "linux")]
#[test]
fn what_is_kept_of_a_workspace_is_what_is_in_it() {
    let (folder, cache, workspace) = cached(cache::CACHED_FROM + 50);
    let read = || workspace.snapshot(&everything()).unwrap();
    let caches = || fs::read_dir(cache.path().join("texts")).map_or(0, Iterator::count);
    let in_folder = |path: &str| folder.path().join(path);
    // What was written a moment ago is not believed yet.
    let first = read();
    assert_eq!(workspace.snapshot(&everything()).unwrap(), first);
    std::thread::sleep(cache::SETTLED + std::time::Duration::from_secs(2));
    assert_eq!(read(), first);
    assert_eq!(caches(), 1, "what has settled is kept");
    // The cache is used: it says something else than the files do.
    let file = fs::read_dir(cache.path().join("texts")).unwrap().next().unwrap().unwrap().path();
    let kept = fs::read(&file).unwrap();
    cache::tests::falsify(&cache.path().join("texts"), workspace.root(), "src/s7", "forged");
    assert_eq!(read().0.text("src/s7/system.md"), Some("forged"));
    // A damaged one is not.
    for damaged in [&kept[..kept.len() - 3], &kept[..20], &[], &[kept.clone(), vec![0]].concat(), b"loko"] {
        fs::write(&file, damaged).unwrap();
        assert_eq!(read(), first);
    }
    fs::write(&file, &kept).unwrap();
    // All kinds of changes, of the same length too, are seen at once.
    fs::write(in_folder("src/s1/system.md"), "b").unwrap();
    fs::create_dir(in_folder("src/s2/inner")).unwrap();
    fs::write(in_folder("src/s2/inner/container.md"), "c").unwrap();
    fs::remove_file(in_folder("src/s3/system.md")).unwrap();
    fs::remove_dir_all(in_folder("src/s4")).unwrap();
    fs::rename(in_folder("src/s5"), in_folder("src/t5")).unwrap();
    fs::write(in_folder("src/s6/system.d2"), "x").unwrap();
    fs::write(in_folder("loko.toml"), "# t").unwrap();
    std::os::unix::fs::symlink("../s8/system.md", in_folder("src/s9/linked.md")).unwrap();
    let time = fs::metadata(in_folder("src/s10/system.md")).unwrap().modified().unwrap();
    fs::write(in_folder("src/s10/system.md"), "d").unwrap();
    File::options().write(true).open(in_folder("src/s10/system.md")).unwrap().set_modified(time).unwrap();
    let plain = Workspace::open(folder.path()).unwrap();
    for _ in 0..2 {
        let (now, findings) = read();
        assert_eq!((&now, &findings), (&plain.snapshot(&everything()).unwrap().0, &Vec::new()));
        assert_eq!(now.text("src/s1/system.md"), Some("b"));
        assert_eq!(now.text("src/s10/system.md"), Some("d"));
        assert_eq!(now.text("src/t5/system.md"), Some("a"));
        assert!(now.is_linked());
    }
}

#[cfg(target_os = "linux")]
#[test]
fn small_workspaces_are_not_kept() {
    let (_folder, cache, workspace) = cached(5);
    workspace.snapshot(&everything()).unwrap();
    assert!(!cache.path().join("texts").exists());
}
