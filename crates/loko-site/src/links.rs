//! Where the links of prose lead: other prose becomes its page, files of the workspace are copied, the rest is kept or
//! named as broken. Links that could run something (`javascript:` and the like) are never kept.

use crate::address::{Addresses, encode, link};
use loko_model::{Model, Resolution};
use loko_source::{FilePath, Snapshot};
use std::collections::{BTreeMap, BTreeSet};

/// The folder that files of the workspace are copied to.
pub(crate) const FILES: &str = "files";

/// Schemes that links of prose may use.
const SCHEMES: [&str; 4] = ["http:", "https:", "mailto:", "tel:"];

/// What a link means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// This address.
    Href(String),
    /// Something outside, at this address.
    Outside(String),
    /// Nothing that exists.
    Missing,
}

/// All that can be linked to, by path in the workspace.
pub(crate) struct Links<'a> {
    model: &'a Model,
    snapshot: &'a Snapshot,
    addresses: &'a Addresses,
    pages: BTreeMap<String, String>,
}

impl<'a> Links<'a> {
    pub(crate) fn new(model: &'a Model, snapshot: &'a Snapshot, addresses: &'a Addresses) -> Self {
        let mut pages = BTreeMap::new();
        for ix in model.ids() {
            let (element, page) = (model.element(ix), addresses.element(ix));
            pages.insert(element.folder().to_owned(), page.to_owned());
            pages.insert(element.file.to_string(), page.to_owned());
            pages.extend(element.d2.iter().map(|d2| (d2.to_string(), page.to_owned())));
        }
        for (at, decision) in model.decisions.iter().enumerate() {
            pages.insert(decision.file.to_string(), addresses.decision(at).to_owned());
            pages.insert(decision.file.folder().to_owned(), "decisions/index.html".to_owned());
        }
        for name in ["context.md", "context.d2", ""] {
            let path = format!("{}/{name}", model.project.source);
            pages.insert(path.trim_end_matches('/').to_owned(), "index.html".to_owned());
        }
        pages.remove("");
        Self { model, snapshot, addresses, pages }
    }

    /// The text of a file, empty if there is none.
    pub(crate) fn text(&self, file: &FilePath) -> &'a str {
        self.snapshot.text(file.as_str()).unwrap_or("")
    }

    /// The page that tells of a file: its own, or that of the nearest folder around it.
    pub(crate) fn page_about(&self, file: &str) -> Option<String> {
        let mut path = file;
        loop {
            if let Some(page) = self.pages.get(path) {
                return Some(page.clone());
            }
            path = path.rsplit_once('/')?.0;
        }
    }

    /// What a link in the prose of `file` means on `page`; a file that has to be copied is added to `copied`.
    pub(crate) fn resolve(&self, url: &str, file: &FilePath, page: &str, copied: &mut BTreeSet<FilePath>) -> Target {
        let url = url.trim();
        if url.starts_with('#') {
            return Target::Href(url.to_owned());
        }
        if let Some(id) = url.strip_prefix("element:") {
            return match self.model.resolve(id) {
                Resolution::Found(ix) => Target::Href(link(page, self.addresses.element(ix))),
                Resolution::Ambiguous(_) | Resolution::Unknown => Target::Missing,
            };
        }
        if let Some(scheme) = scheme(url) {
            let known = SCHEMES.iter().any(|known| known.eq_ignore_ascii_case(scheme));
            return if known { Target::Outside(url.to_owned()) } else { Target::Missing };
        }
        if url.starts_with("//") {
            return Target::Missing;
        }
        self.resolve_path(url, file, page, copied)
    }

    fn resolve_path(&self, url: &str, file: &FilePath, page: &str, copied: &mut BTreeSet<FilePath>) -> Target {
        let end = url.find(['#', '?']).unwrap_or(url.len());
        let fragment = url[end..].find('#').map_or("", |at| &url[end + at..]);
        let written = decode(&url[..end]);
        let Some(path) = join(file.folder(), &written) else { return Target::Missing };
        if let Some(to) = self.pages.get(&path) {
            return Target::Href(link(page, to) + fragment);
        }
        let Ok(path) = FilePath::new(&path) else { return Target::Missing };
        if self.snapshot.source(path.as_str()).is_none() && self.snapshot.asset(path.as_str()).is_none() {
            return Target::Missing;
        }
        let href = link(page, &format!("{FILES}/{path}"));
        copied.insert(path);
        Target::Href(href + &encode_fragment(fragment))
    }
}

fn scheme(url: &str) -> Option<&str> {
    let end = url.find(':')?;
    let name = &url[..end];
    let is_scheme = name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.chars().all(|it| it.is_ascii_alphanumeric() || matches!(it, '+' | '-' | '.'));
    is_scheme.then(|| &url[..=end])
}

/// The path that a relative or workspace-absolute one names, without `.` and `..`; none when it leaves the workspace.
fn join(folder: &str, written: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    if !written.starts_with('/') {
        parts.extend(folder.split('/').filter(|part| !part.is_empty()));
    }
    for part in written.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

fn decode(path: &str) -> String {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after.get(..2).filter(|_| *first == b'%').and_then(|it| std::str::from_utf8(it).ok());
        if let Some(byte) = code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            bytes.push(byte);
            rest = &after[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn encode_fragment(fragment: &str) -> String {
    fragment.strip_prefix('#').map_or_else(String::new, |name| format!("#{}", encode(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_join() {
        assert_eq!(join("src/shop", "../mail/external.md").as_deref(), Some("src/mail/external.md"));
        assert_eq!(join("src/shop", "/decisions").as_deref(), Some("decisions"));
        assert_eq!(join("src", "../../etc"), None);
        assert_eq!(decode("a%20b%"), "a b%");
    }

    #[test]
    fn schemes_are_seen() {
        assert_eq!(scheme("javascript:alert(1)"), Some("javascript:"));
        assert_eq!(scheme("a/b:c"), None);
    }
}
