//! The history of files as a repository tells it.

#![cfg(feature = "git")]
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "the test makes a repository in a folder of its own"
)]

use loko_source::git;
use std::fs;
use std::path::Path;
use std::process::Command;

fn run(root: &Path, arguments: &[&str]) {
    let config = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "init.defaultBranch=main"];
    let done = Command::new("git").args(config).args(arguments).current_dir(root).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

fn commit(root: &Path, message: &str) {
    run(root, &["add", "-A"]);
    run(root, &["commit", "--quiet", "-m", message]);
}

/// What the commits of a file are called, the newest first.
fn told(root: &Path, file: &str) -> Vec<String> {
    let history = git::history(root, "HEAD").unwrap();
    let changes = history.iter().find(|(path, _)| path.as_str() == file).map(|(_, changes)| changes.clone());
    changes.unwrap_or_default().into_iter().map(|change| change.summary).collect()
}

fn text(name: &str, description: &str) -> String {
    format!("---\nname: {name}\ndescription: {description}\n---\nGuards the orders of all customers.\n")
}

#[test]
fn the_history_of_a_file_goes_on_under_its_former_names() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let write = |path: &str, text: String| {
        fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
        fs::write(root.join(path), text).unwrap();
    };
    run(root, &["init", "--quiet"]);
    write("src/a/container.md", text("A", "Takes orders"));
    write("src/z/container.md", "---\nname: Z\n---\nSomething else, which stays as it is.\n".to_owned());
    commit(root, "first");
    write("src/a/container.md", text("A", "Takes orders and money"));
    commit(root, "second");
    // As it was, and then with another name in it.
    fs::rename(root.join("src/a"), root.join("src/b")).unwrap();
    commit(root, "moved");
    fs::rename(root.join("src/b"), root.join("src/c")).unwrap();
    write("src/c/container.md", text("C", "Takes orders and money"));
    commit(root, "renamed");
    // What gets the name later is another file, and so is what has nothing in common.
    write("src/a/container.md", "A newcomer\n".to_owned());
    fs::remove_file(root.join("src/z/container.md")).unwrap();
    write("src/y/container.md", "Nothing of it stayed in this other file.\n".to_owned());
    commit(root, "newcomers");
    assert_eq!(told(root, "src/c/container.md"), ["renamed", "moved", "second", "first"]);
    assert_eq!(told(root, "src/a/container.md"), ["newcomers"]);
    assert_eq!(told(root, "src/y/container.md"), ["newcomers"]);
}

#[test]
fn a_name_that_is_given_back_is_followed_too() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    run(root, &["init", "--quiet"]);
    fs::write(root.join("a.md"), text("A", "Takes orders")).unwrap();
    commit(root, "first");
    fs::rename(root.join("a.md"), root.join("b.md")).unwrap();
    commit(root, "away");
    fs::rename(root.join("b.md"), root.join("a.md")).unwrap();
    commit(root, "back");
    assert_eq!(told(root, "a.md"), ["back", "away", "first"]);
    assert_eq!(told(root, "b.md"), Vec::<String>::new());
}

#[test]
fn the_commits_of_a_workspace_are_told_with_what_was_before_them() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let write = |path: &str, text: &str| {
        fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
        fs::write(root.join(path), text).unwrap();
    };
    run(root, &["init", "--quiet"]);
    write("docs/src/a/system.md", "A\n");
    commit(root, "first");
    write("elsewhere.txt", "not of the workspace\n");
    commit(root, "elsewhere");
    write("docs/src/a/system.md", "B\n");
    commit(root, "second");
    let told = |most: usize| -> Vec<(String, bool)> {
        let commits = git::commits(&root.join("docs"), "HEAD", most).unwrap();
        commits.into_iter().map(|(change, parent)| (change.summary, parent.is_some())).collect()
    };
    assert_eq!(told(9), [("second".to_owned(), true), ("first".to_owned(), false)]);
    assert_eq!(told(1), [("second".to_owned(), true)]);
}
