//! Further fonts, for letters that those of pictures lack: a PNG and a PDF carry their letters with them, where a browser would
//! ask the system. Nobody looks for any as long as no letter is missing.

use loko_source::{Diagnostic, Snapshot};
use std::collections::BTreeSet;

/// Where a workspace keeps fonts of its own.
const FOLDER: &str = "theme/";
/// How many letters without a font are named.
const NAMED: usize = 8;

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

/// Fonts for all letters of a workspace's texts that those of pictures lack, and the letters that none of them has.
pub(crate) fn for_texts(snapshot: &Snapshot, find: Option<FindFonts>) -> (Vec<Vec<u8>>, BTreeSet<char>) {
    let mut missing = BTreeSet::new();
    for (_, source) in snapshot.iter() {
        missing.append(&mut loko_draw::letters_beyond(source.text()));
    }
    let files = with(snapshot, &missing, find);
    for file in &files {
        let known = loko_draw::letters_in(file, &missing);
        missing.retain(|letter| !known.contains(letter));
    }
    (files, missing)
}

/// The finding of letters that no font has, in what shows them.
pub(crate) fn without_font(shows: &str, missing: &BTreeSet<char>) -> Option<Diagnostic> {
    if missing.is_empty() {
        return None;
    }
    let named: Vec<String> = missing.iter().take(NAMED).map(|letter| format!("`{letter}`")).collect();
    let more = if missing.len() > NAMED { " …" } else { "" };
    let letters =
        if missing.len() == 1 { "1 letter that".to_owned() } else { format!("{} letters that", missing.len()) };
    let message = format!("{shows} boxes for {letters} no font has: {}{more}", named.join(" "));
    let help = "put a font that has them into `theme/fonts/` of the workspace (`.ttf` or `.otf`), or install one";
    Some(Diagnostic::warning("letters-without-font", message).help(help))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_that_no_font_has_are_named() {
        assert!(without_font("", &BTreeSet::new()).is_none());
        let told = without_font("`architecture.pdf` shows", &"架構".chars().collect()).expect("a finding").message;
        assert_eq!(told, "`architecture.pdf` shows boxes for 2 letters that no font has: `架` `構`");
    }
}
