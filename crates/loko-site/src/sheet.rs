//! The style sheet of a workspace's own, `theme/style.css`: what it names (`url(…)`) is published with it.
//!
//! Names are relative to the sheet, as in any style sheet, and stay within `theme/`. CSS Values and Units Level 4, 4.5.

use crate::address::encode;
use crate::links::{self, FILES};
use loko_model::load::scope::THEME_FOLDER;
use loko_source::suggest::did_you_mean;
use loko_source::{Diagnostic, FilePath, Snapshot, Span};
use std::collections::BTreeSet;

/// The file.
pub(crate) const FILE: &str = "theme/style.css";
/// Files that a sheet can name at most.
const FILES_MAX: usize = 500;
/// Files up to this size stand in the site in one file.
const EMBEDDED_BYTES_MAX: usize = 1024 * 1024;

/// A sheet that is ready for the folder of styles.
#[derive(Debug, Default)]
pub(crate) struct Sheet {
    /// Its text; what it names is where it is published.
    pub text: String,
    /// The files that go along.
    pub files: BTreeSet<FilePath>,
    /// What is wrong with what it names.
    pub findings: Vec<Diagnostic>,
}

impl Sheet {
    /// The sheet of a workspace, if it has one.
    pub(crate) fn of(snapshot: &Snapshot) -> Self {
        let mut sheet = Self::default();
        let (Some(text), Ok(path)) = (snapshot.text(FILE), FilePath::new(FILE)) else { return sheet };
        let mut rest = 0;
        for name in names(text) {
            sheet.text.push_str(&text[rest..name.start]);
            let written = &text[name.start..name.end];
            let published = match name.is_import {
                true => Err((
                    "an `@import` does nothing here: the sheet stands at the end of loko's own".to_owned(),
                    "put the rules themselves into `theme/style.css`".to_owned(),
                )),
                false => sheet.published(written, snapshot),
            };
            match published {
                Ok(Some(address)) => sheet.text.push_str(&address),
                Ok(None) => sheet.text.push_str(written),
                Err((message, help)) => {
                    let span = Span::new(name.start, name.end);
                    sheet.findings.push(Diagnostic::error("bad-style", message).at(&path, span, "").help(help));
                    sheet.text.push_str(written);
                }
            }
            rest = name.end;
        }
        sheet.text.push_str(&text[rest..]);
        sheet
    }

    /// Where a file is published that the sheet names; nothing for what is in the sheet itself.
    fn published(&mut self, written: &str, snapshot: &Snapshot) -> Result<Option<String>, (String, String)> {
        if written.is_empty() || written.starts_with('#') || written.starts_with("data:") {
            return Ok(None);
        }
        let own = "put the file below `theme/`, and name it from there on".to_owned();
        if written.contains("://") || written.starts_with("//") || links::has_scheme(written) {
            let message = format!("`{written}` is loaded from elsewhere, which pages let nobody do");
            return Err((message, own));
        }
        let (name, rest) = written.split_at(written.find(['?', '#']).unwrap_or(written.len()));
        let path = inside(name).and_then(|path| FilePath::new(&path).ok());
        let Some(path) = path else { return Err((format!("`{name}` lies outside of `{THEME_FOLDER}/`"), own)) };
        if links::bytes_of(snapshot, &path).is_none() {
            let near = did_you_mean(path.as_str(), known(snapshot).iter().map(String::as_str));
            return Err((format!("there is no file `{path}`"), near.unwrap_or(own)));
        }
        if self.files.len() == FILES_MAX {
            return Err((format!("the sheet names more than {FILES_MAX} files"), "name fewer".to_owned()));
        }
        let address = format!("../{FILES}/{}{rest}", encode(path.as_str()));
        self.files.insert(path);
        Ok(Some(address))
    }
}

/// A style sheet with the small ones of the files that it names in it.
pub(crate) fn embedded(style: &str, files: &BTreeSet<FilePath>, snapshot: &Snapshot) -> String {
    let mut style = style.to_owned();
    for path in files {
        if let Some(bytes) = links::bytes_of(snapshot, path).filter(|bytes| bytes.len() <= EMBEDDED_BYTES_MAX) {
            let address = format!("../{FILES}/{}", encode(path.as_str()));
            style = style.replace(&address, &links::data_url(path, bytes));
        }
    }
    style
}

/// Files of the theme that a sheet or a setting can name.
pub(crate) fn known(snapshot: &Snapshot) -> Vec<String> {
    let below = format!("{THEME_FOLDER}/");
    snapshot.assets().map(|(path, _)| path.to_string()).filter(|path| path.starts_with(&below)).collect()
}

/// A name of the sheet as a path of the workspace; nothing for one that leads out of the folder of the theme.
fn inside(name: &str) -> Option<String> {
    let mut parts = vec![THEME_FOLDER];
    if name.starts_with(['/', '\\']) {
        return None;
    }
    for part in name.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.len() > 1 => {
                parts.pop();
            }
            ".." => return None,
            part => parts.push(part),
        }
    }
    (parts.len() > 1).then(|| parts.join("/"))
}

/// A name of a file in a style sheet: where it begins and ends, quotes left out.
struct Name {
    start: usize,
    end: usize,
    /// Whether it is that of another sheet.
    is_import: bool,
}

/// All files that a style sheet names, comments and other texts left out.
fn names(text: &str) -> Vec<Name> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if text[at..].starts_with("/*") {
            at = text[at..].find("*/").map_or(bytes.len(), |end| at + end + 2);
        } else if starts_with(&bytes[at..], b"url(") && !follows_name(bytes, at) {
            let start = at + 4 + spaces(&bytes[at + 4..]);
            let (name, next) = match bytes.get(start) {
                Some(b'"' | b'\'') => quoted(bytes, start),
                _ => {
                    let end = text[start..].find(')').map_or(bytes.len(), |end| start + end);
                    (Name { start, end: start + text[start..end].trim_end().len(), is_import: false }, end)
                }
            };
            found.push(Name { is_import: is_import(&bytes[..at]), ..name });
            at = next;
        } else if starts_with(&bytes[at..], b"@import") {
            let start = at + 7 + spaces(&bytes[at + 7..]);
            at = start;
            if matches!(bytes.get(start), Some(b'"' | b'\'')) {
                let (name, next) = quoted(bytes, start);
                found.push(Name { is_import: true, ..name });
                at = next;
            }
        } else if matches!(bytes[at], b'"' | b'\'') {
            at = quoted(bytes, at).1;
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    found
}

/// What stands between quotes, and where the text goes on.
fn quoted(bytes: &[u8], open: usize) -> (Name, usize) {
    let mut at = open + 1;
    while at < bytes.len() && bytes[at] != bytes[open] {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    let end = at.min(bytes.len());
    (Name { start: open + 1, end, is_import: false }, (end + 1).min(bytes.len()))
}

/// Whether the last word is `@import`.
fn is_import(before: &[u8]) -> bool {
    let before = before.trim_ascii_end();
    before.len() >= 7 && starts_with(&before[before.len() - 7..], b"@import")
}

fn starts_with(bytes: &[u8], word: &[u8]) -> bool {
    bytes.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
}

fn follows_name(bytes: &[u8], at: usize) -> bool {
    at > 0 && (bytes[at - 1].is_ascii_alphanumeric() || matches!(bytes[at - 1], b'-' | b'_'))
}

fn spaces(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| byte.is_ascii_whitespace()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(text: &str) -> Sheet {
        let mut snapshot = Snapshot::from_texts([(FILE, text)]);
        for name in ["theme/fonts/own font.woff2", "theme/wave.svg"] {
            snapshot.insert_asset(FilePath::new(name).expect("a path"), *b"x");
        }
        Sheet::of(&snapshot)
    }

    #[test]
    fn what_a_sheet_names_goes_along() {
        let it = sheet(
            "@font-face { src: url(\"fonts/own font.woff2\") format(\"woff2\") } /* url(gone.png) */\n.a { background: url( ./wave.svg#top ) } .b { background: url(data:image/png;base64,AA==); content: \"url(gone.png)\" }",
        );
        assert_eq!(it.findings, []);
        assert!(it.text.contains("url(\"../files/theme/fonts/own%20font.woff2\") format"), "{}", it.text);
        assert!(
            it.text.contains("url( ../files/theme/wave.svg#top )") && it.text.contains("\"url(gone.png)\""),
            "{}",
            it.text
        );
        let files: Vec<String> = it.files.iter().map(ToString::to_string).collect();
        assert_eq!(files, ["theme/fonts/own font.woff2", "theme/wave.svg"]);
    }

    #[test]
    fn what_cannot_be_published_is_told_with_its_place() {
        for (text, name) in [
            ("a { background: url(wav.svg) }", "wav.svg"),
            ("a { background: url(../src/secret.png) }", "../src/secret.png"),
            ("a { background: url('/etc/passwd') }", "/etc/passwd"),
            ("@import \"a.css\";", "a.css"),
            ("@import url(wave.svg);", "wave.svg"),
            ("a { background: url(https://example.com/a.png) }", "https://example.com/a.png"),
            ("a { background: url(file:///etc/passwd) }", "file:///etc/passwd"),
        ] {
            let it = sheet(text);
            assert!(it.files.is_empty());
            assert_eq!(it.findings.len(), 1, "{text}");
            let place = &it.findings[0].primary.as_ref().expect("a place").place;
            assert_eq!(&text[place.span.start as usize..place.span.end as usize], name);
        }
        let help = &sheet("a { background: url(wav.svg) }").findings[0].help;
        assert!(help.as_deref().is_some_and(|help| help.contains("theme/wave.svg")), "{help:?}");
    }

    #[test]
    fn small_files_stand_in_the_sheet() {
        let mut snapshot =
            Snapshot::from_texts([(FILE, "a { background: url(a.png) } b { background: url(big.woff2) }")]);
        snapshot.insert_asset(FilePath::new("theme/a.png").expect("a path"), *b"foo");
        snapshot.insert_asset(FilePath::new("theme/big.woff2").expect("a path"), vec![0; EMBEDDED_BYTES_MAX + 1]);
        let it = Sheet::of(&snapshot);
        let style = embedded(&it.text, &it.files, &snapshot);
        assert_eq!(
            style,
            "a { background: url(data:image/png;base64,Zm9v) } b { background: url(../files/theme/big.woff2) }"
        );
    }

    #[test]
    fn broken_sheets_do_no_harm() {
        for text in ["url(", "url(\"", "@import", "@import '", "\"", "'\\", "/*", "é url(é", "URL( '\\''"] {
            assert!(sheet(text).text.ends_with(text) || sheet(text).text == text, "{text}");
        }
    }
}
