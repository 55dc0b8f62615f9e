//! Further fonts, for letters that those of pictures lack: a PNG and a PDF carry their letters with them, where a browser would
//! ask the system. Nobody looks for any as long as no letter is missing.

use loko_source::Snapshot;
use std::collections::BTreeSet;

/// Where a workspace keeps fonts of its own.
const FOLDER: &str = "theme/";

/// Finds font files that have letters.
pub type FindFonts = fn(&BTreeSet<char>) -> Vec<Vec<u8>>;

/// Fonts that have some letters: those of the workspace, and for what they lack those that are found elsewhere.
pub(crate) fn with(snapshot: &Snapshot, letters: &BTreeSet<char>, find: Option<FindFonts>) -> Vec<Vec<u8>> {
    let mut missing = letters.clone();
    let mut files: Vec<Vec<u8>> = Vec::new();
    for (path, bytes) in snapshot.assets() {
        if path.as_str().starts_with(FOLDER) && matches!(path.extension(), Some("ttf" | "otf")) {
            let known = loko_draw::letters_in(bytes, &missing);
            if !known.is_empty() {
                missing.retain(|letter| !known.contains(letter));
                files.push(bytes.to_vec());
            }
        }
    }
    if let Some(find) = find.filter(|_| !missing.is_empty()) {
        files.extend(find(&missing));
    }
    files
}

/// Fonts for all letters of a workspace's texts that those of pictures lack.
pub(crate) fn for_texts(snapshot: &Snapshot, find: Option<FindFonts>) -> Vec<Vec<u8>> {
    let mut missing = BTreeSet::new();
    for (_, source) in snapshot.iter() {
        missing.append(&mut loko_draw::letters_beyond(source.text()));
    }
    with(snapshot, &missing, find)
}
