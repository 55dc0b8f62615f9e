//! Fonts of the system for letters that loko's own fonts lack: a PDF and a PNG carry their letters with them, where a browser
//! would ask the system.
//!
//! Only asked when letters are missing, so that all other outputs are the same on every machine.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Font files that are looked at, at most.
const FILES_MAX: usize = 5_000;
/// How deep folders of fonts are looked into.
const DEPTH_MAX: usize = 6;
/// A larger file is passed over.
const BYTES_MAX: u64 = 64 * 1024 * 1024;
/// So much is read in search of letters, at most.
const READ_MAX: u64 = 1024 * 1024 * 1024;

/// Font files of the system that have these letters, as few as needed; letters that none has stay without.
pub(crate) fn find(letters: &BTreeSet<char>) -> Vec<Vec<u8>> {
    find_in(&folders(), letters)
}

fn find_in(folders: &[PathBuf], letters: &BTreeSet<char>) -> Vec<Vec<u8>> {
    let mut files = Vec::new();
    folders.iter().for_each(|folder| gather(folder, 0, &mut files));
    // Plain faces first; the rest in the order of their names, which is the same each time.
    files.sort_by_cached_key(|(path, _)| (rank(path), path.clone()));
    let mut known: Vec<(BTreeSet<char>, Vec<u8>)> = Vec::new();
    let mut read = 0;
    for (path, size) in files {
        read += size;
        if read > READ_MAX {
            break;
        }
        let Some(bytes) = bytes_of(&path) else { continue };
        let found = loko_draw::letters_in(&bytes, letters);
        if found.len() == letters.len() {
            return vec![bytes];
        }
        // A font that has nothing that an earlier one lacks would never be taken.
        if !found.is_empty() && !known.iter().any(|(earlier, _)| found.is_subset(earlier)) {
            known.push((found, bytes));
        }
    }
    let mut missing = letters.clone();
    let mut taken = Vec::new();
    loop {
        let gain = |found: &BTreeSet<char>| found.intersection(&missing).count();
        // The first of those that have the most.
        let best = known.iter().enumerate().rev().max_by_key(|(_, (found, _))| gain(found)).map(|(at, _)| at);
        let Some(best) = best.filter(|at| gain(&known[*at].0) > 0) else { return taken };
        let (found, bytes) = known.remove(best);
        missing.retain(|letter| !found.contains(letter));
        taken.push(bytes);
    }
}

/// What is asked first: a plain sans serif, then other plain faces, then the rest.
fn rank(path: &Path) -> u8 {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let is_styled = ["bold", "italic", "oblique", "light", "thin", "black", "medium", "condensed", "mono", "math"]
        .iter()
        .any(|style| name.contains(style));
    match (is_styled, name.contains("sans") && !name.contains("serif")) {
        (false, true) => 0,
        (false, false) => 1,
        (true, _) => 2,
    }
}

/// Where fonts lie: the folders of `LOKO_FONTS` if it is set, else those of the system and of whoever runs the command.
fn folders() -> Vec<PathBuf> {
    if let Some(named) = std::env::var_os("LOKO_FONTS") {
        return std::env::split_paths(&named).filter(|path| !path.as_os_str().is_empty()).collect();
    }
    let mut folders: Vec<PathBuf> = [
        "/usr/share/fonts",
        "/usr/local/share/fonts",
        "/System/Library/Fonts",
        "/Library/Fonts",
        "/run/current-system/sw/share/X11/fonts",
    ]
    .map(PathBuf::from)
    .into();
    if let Some(home) = std::env::var_os("HOME").map(PathBuf::from) {
        folders.extend([".local/share/fonts", ".fonts", "Library/Fonts"].map(|folder| home.join(folder)));
    }
    if let Some(windows) = std::env::var_os("SystemRoot").map(PathBuf::from) {
        folders.push(windows.join("Fonts"));
    }
    if let Some(own) = std::env::var_os("LOCALAPPDATA").map(PathBuf::from) {
        folders.push(own.join("Microsoft/Windows/Fonts"));
    }
    folders
}

#[expect(clippy::disallowed_methods, reason = "fonts lie anywhere")]
fn gather(folder: &Path, depth: usize, files: &mut Vec<(PathBuf, u64)>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        let Ok(about) = path.metadata() else { continue };
        let ending = path.extension().map(std::ffi::OsStr::to_ascii_lowercase).unwrap_or_default();
        let is_font = ["ttf", "otf", "ttc", "otc"].iter().any(|known| ending == *known);
        if about.is_dir() && depth < DEPTH_MAX {
            gather(&path, depth + 1, files);
        } else if about.is_file() && is_font && about.len() <= BYTES_MAX && files.len() < FILES_MAX {
            files.push((path, about.len()));
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "fonts lie anywhere")]
fn bytes_of(path: &Path) -> Option<Vec<u8>> {
    std::fs::read(path).ok()
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "the tests lay out folders of fonts")]
mod tests {
    use super::*;

    #[test]
    fn as_few_fonts_are_taken_as_letters_need() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("deep")).unwrap();
        std::fs::write(folder.path().join("deep/B Sans.ttf"), loko_draw::Face::Regular.bytes()).unwrap();
        std::fs::write(folder.path().join("A Sans Bold.ttf"), loko_draw::Face::Bold.bytes()).unwrap();
        std::fs::write(folder.path().join("A Sans.ttf"), "no font").unwrap();
        let found = |letters: &str| find_in(&[folder.path().to_owned()], &letters.chars().collect());
        assert!(found("架").is_empty());
        assert_eq!(found("aЖ"), [loko_draw::Face::Regular.bytes()], "the plain face is asked first");
        assert_eq!(found("aЖ架").len(), 1, "what no font has keeps no other letter from its own");
        assert!(find_in(&[], &BTreeSet::from(['a'])).is_empty());
    }
}
