//! Revisions as odd repositories have them: each is read, or it is said what is in the way.

#![cfg(all(feature = "git", unix))]
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "the test makes repositories in folders of its own"
)]

use loko_source::disk::{Scope, Workspace};
use loko_source::git::{GitError, Revision};
use loko_source::{FilePath, Snapshot};
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};

fn try_git(root: &Path, arguments: &[&str]) -> Result<String, String> {
    let config =
        ["user.name=Ada", "user.email=ada@example.com", "init.defaultBranch=main", "protocol.file.allow=always"];
    let config = config.into_iter().flat_map(|it| ["-c", it]);
    let done = Command::new("git").args(config).args(arguments).current_dir(root).output().unwrap();
    let told = String::from_utf8_lossy(&done.stdout).trim().to_owned();
    if done.status.success() { Ok(told) } else { Err(String::from_utf8_lossy(&done.stderr).into_owned()) }
}

fn git(root: &Path, arguments: &[&str]) -> String {
    try_git(root, arguments).unwrap_or_else(|error| panic!("{arguments:?}: {error}"))
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn commit(root: &Path) {
    git(root, &["add", "-A"]);
    git(root, &["commit", "--quiet", "-m", "next"]);
}

/// A repository with a workspace in a folder and two versions of it.
fn repository(root: &Path, init: &[&str]) -> Option<()> {
    fs::create_dir_all(root).unwrap();
    try_git(root, &[&["init", "--quiet"], init].concat()).ok()?;
    write(&root.join("docs/arch/src/shop/system.md"), "one\n");
    commit(root);
    git(root, &["tag", "v1"]);
    write(&root.join("docs/arch/src/shop/system.md"), "two\n");
    commit(root);
    Some(())
}

fn scope() -> Scope {
    Scope { files: vec!["loko.toml".to_owned()], folders: vec!["src".to_owned()] }
}

fn read(folder: &Path, rev: &str) -> Result<Snapshot, GitError> {
    Revision::open(folder, rev)?.snapshot(&scope())
}

fn text(folder: &Path, rev: &str) -> String {
    read(folder, rev).unwrap_or_else(|error| panic!("{rev}: {error}")).text("src/shop/system.md").unwrap().to_owned()
}

fn refused(folder: &Path, rev: &str) -> String {
    read(folder, rev).err().unwrap_or_else(|| panic!("{rev} can be read")).to_string()
}

#[test]
fn repositories_of_every_kind_are_read_or_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    repository(&at("plain"), &[]).unwrap();
    let arch = at("plain/docs/arch");
    assert_eq!((text(&arch, "v1"), text(&arch, "HEAD")), ("one\n".to_owned(), "two\n".to_owned()));
    let url = format!("file://{}", at("plain").display());
    git(folder.path(), &["clone", "--quiet", "--depth", "1", &url, "shallow"]);
    let error = read(&at("shallow/docs/arch"), "v1").unwrap_err();
    assert!(matches!(error, GitError::UnknownRevision { is_shallow: true, .. }), "{error}");
    assert_eq!(text(&at("shallow/docs/arch"), "HEAD"), "two\n");
    git(&at("plain"), &["config", "uploadpack.allowFilter", "true"]);
    git(folder.path(), &["clone", "--quiet", "--filter=blob:none", &url, "partial"]);
    let error = read(&at("partial/docs/arch"), "v1").unwrap_err();
    assert!(matches!(error, GitError::Object { is_partial: true, .. }), "{error}");
    git(folder.path(), &["clone", "--quiet", "--bare", &url, "bare"]);
    let bare = read(&at("bare"), "v1").unwrap();
    assert!(bare.is_empty(), "its workspace lies in a folder");
    assert!(refused(&at("bare/refs"), "v1").contains("there is no folder `refs` in the repository"));
    if repository(&at("long"), &["--object-format=sha256"]).is_some() {
        assert_eq!(text(&at("long/docs/arch"), "v1"), "one\n");
    }
    if repository(&at("tables"), &["--ref-format=reftable"]).is_some() {
        assert!(refused(&at("tables/docs/arch"), "v1").contains("its references are kept as `reftable`"));
    }
    assert!(refused(folder.path(), "v1").contains("is in no git repository"));
    fs::create_dir_all(at("new")).unwrap();
    git(&at("new"), &["init", "--quiet"]);
    assert_eq!(refused(&at("new"), "HEAD"), "git knows no revision `HEAD`: nothing is committed yet");
}

#[test]
fn a_revision_is_whatever_leads_to_a_commit() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    repository(root, &[]).unwrap();
    let arch = root.join("docs/arch");
    git(root, &["tag", "-a", "-m", "of a tag", "again", "v1"]);
    git(root, &["tag", "-a", "-m", "of a tag of a tag", "thrice", "again"]);
    git(root, &["tag", "of-file", "HEAD:docs/arch/src/shop/system.md"]);
    git(root, &["tag", "of-folder", "HEAD^{tree}"]);
    git(root, &["checkout", "--quiet", "-b", "side", "v1"]);
    write(&arch.join("src/other/system.md"), "side\n");
    commit(root);
    git(root, &["checkout", "--quiet", "main"]);
    git(root, &["merge", "--quiet", "--no-ff", "-m", "merge", "side"]);
    for rev in ["again", "thrice", "HEAD^2", "HEAD~2", "main@{2}", "v1^0", "@^2", "@{-1}"] {
        assert_eq!(text(&arch, rev), "one\n", "{rev}");
    }
    for (rev, told) in [
        ("of-file", "`of-file` names a file, and a version of a workspace is a commit"),
        ("of-folder", "`of-folder` names a folder, and a version of a workspace is a commit"),
        ("HEAD:docs/arch", "`HEAD:docs/arch` names a folder, and a version of a workspace is a commit"),
        ("HEAD~99", "git knows no revision `HEAD~99`: `~99` leads to no commit from HEAD"),
        (
            "@{upstream}",
            "git knows no revision `@{upstream}`: `@{upstream}` leads to no commit from the branch that is checked out",
        ),
        ("v1..main", "git knows no revision `v1..main`: it names more than one commit"),
        ("V1", "git knows no revision `V1`: no tag, branch or commit is called so"),
        ("", "git knows no revision ``: it is empty"),
    ] {
        assert_eq!(refused(&arch, rev), told);
    }
    let similar = |rev: &str| match read(&arch, rev) {
        Err(GitError::UnknownRevision { similar, .. }) => similar,
        _ => None,
    };
    assert_eq!(similar("thrise").as_deref(), Some("did you mean `thrice`?"));
}

#[test]
fn of_ids_that_begin_alike_the_one_of_a_commit_is_meant() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    git(root, &["init", "--quiet"]);
    let mut stream = String::new();
    for at in 0..1000 {
        writeln!(stream, "blob\ndata 4\n{at:04}").unwrap();
        writeln!(stream, "commit refs/heads/main\ncommitter Ada <ada@example.com> {at} +0000\ndata 1\nx").unwrap();
    }
    let mut import =
        Command::new("git").args(["fast-import", "--quiet"]).current_dir(root).stdin(Stdio::piped()).spawn().unwrap();
    import.stdin.take().unwrap().write_all(stream.as_bytes()).unwrap();
    assert!(import.wait().unwrap().success());
    let all = git(root, &["cat-file", "--batch-all-objects", "--batch-check=%(objecttype) %(objectname)"]);
    let mut alike: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
    for (kind, id) in all.lines().filter_map(|line| line.split_once(' ')) {
        alike.entry(&id[..4]).or_default().push((kind, id));
    }
    let commits = |of: &[(&str, &str)]| of.iter().filter(|(kind, _)| *kind == "commit").count();
    let (short, of) = alike.iter().find(|(_, of)| of.len() > 1 && commits(of) == 1).unwrap();
    let id = of.iter().find(|(kind, _)| *kind == "commit").unwrap().1;
    assert_eq!(Revision::open(root, short).unwrap().commit(), id);
    let (short, _) = alike.iter().find(|(_, of)| commits(of) == 2).unwrap();
    let error = Revision::open(root, short).err().unwrap().to_string();
    let told = format!("git knows no revision `{short}`: several objects begin so: {short}");
    assert!(error.starts_with(&told) && !error.contains('\n'), "{error}");
}

#[test]
fn files_are_what_a_checkout_would_have_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir_all(at("part")).unwrap();
    git(&at("part"), &["init", "--quiet"]);
    write(&at("part/notes.md"), "of the submodule\n");
    commit(&at("part"));
    let root = at("main");
    repository(&root, &[]).unwrap();
    let arch = root.join("docs/arch");
    let shop = arch.join("src/shop");
    git(&root, &["submodule", "--quiet", "add", &at("part").display().to_string(), "docs/arch/src/shop/part"]);
    symlink("system.md", shop.join("linked.md")).unwrap();
    symlink("../shop/linked.md", shop.join("twice.md")).unwrap();
    symlink("round.md", shop.join("round.md")).unwrap();
    symlink("gone.md", shop.join("gone.md")).unwrap();
    symlink("../../../../README.md", shop.join("out.md")).unwrap();
    symlink("/etc/passwd", shop.join("far.md")).unwrap();
    symlink("../shop", arch.join("src/again")).unwrap();
    write(&root.join("README.md"), "not of the workspace\n");
    write(&arch.join("real.toml"), "[project]\nname = \"Shop\"\n");
    symlink("real.toml", arch.join("loko.toml")).unwrap();
    fs::write(shop.join(OsStr::from_bytes(b"caf\xe9.md")), "name\n").unwrap();
    let id = "4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393";
    write(&shop.join("logo.png"), &format!("version https://git-lfs.github.com/spec/v1\noid sha256:{id}\nsize 5\n"));
    commit(&root);
    let at_revision = read(&arch, "HEAD").unwrap();
    let (on_disk, _) = Workspace::open(&arch).unwrap().snapshot(&scope()).unwrap();
    let told = |snapshot: &Snapshot| -> Vec<(FilePath, String)> {
        snapshot.iter().map(|(path, source)| (path.clone(), source.text().to_owned())).collect()
    };
    assert_eq!(told(&at_revision), told(&on_disk));
    assert_eq!(at_revision.text("src/shop/twice.md"), Some("two\n"));
    assert_eq!(at_revision.text("src/shop/part/notes.md"), Some("of the submodule\n"));
    assert_eq!(at_revision.text("src/shop/caf\u{fffd}.md"), Some("name\n"));
    // A pointer is a finding until the file is fetched.
    assert_eq!(loko_source::lfs::findings(&at_revision).len(), 1);
    write(&root.join(format!(".git/lfs/objects/4d/7a/{id}")), "\u{89}PNG\n");
    let fetched = read(&arch, "HEAD").unwrap();
    assert_eq!(fetched.asset("src/shop/logo.png").map(|bytes| &**bytes), Some("\u{89}PNG\n".as_bytes()));
    assert!(loko_source::lfs::findings(&fetched).is_empty());
}
