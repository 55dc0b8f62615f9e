//! Where the links of prose lead: other prose becomes its page, files of the workspace are copied, the rest is kept or
//! named as broken. Links that could run something (`javascript:` and the like) are never kept.

use crate::address::{Addresses, encode, link};
use crate::policy;
use loko_model::Model;
use loko_rules::prose::{Destination, Targets};
use loko_source::{FilePath, Snapshot};
use std::collections::BTreeSet;

/// The folder that files of the workspace are copied to.
pub(crate) const FILES: &str = "files";
/// The page of the landscape.
const HOME: &str = "index.html";
/// The page that lists all decisions.
const DECISIONS: &str = "decisions/index.html";

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

/// All that can be linked to.
pub(crate) struct Links<'a> {
    targets: Targets<'a>,
    snapshot: &'a Snapshot,
    addresses: &'a Addresses,
}

impl<'a> Links<'a> {
    pub(crate) fn new(model: &'a Model, snapshot: &'a Snapshot, addresses: &'a Addresses) -> Self {
        Self { targets: Targets::new(model, snapshot), snapshot, addresses }
    }

    /// The text of a file, empty if there is none.
    pub(crate) fn text(&self, file: &FilePath) -> &'a str {
        self.snapshot.text(file.as_str()).unwrap_or("")
    }

    /// The page that tells of a file: its own, or that of the nearest folder around it.
    pub(crate) fn page_about(&self, file: &str) -> Option<String> {
        let mut path = file;
        loop {
            if let Some(page) = self.targets.of_path(path).and_then(|to| self.page(to)) {
                return Some(page.to_owned());
            }
            path = path.rsplit_once('/')?.0;
        }
    }

    /// The page of a destination that has one.
    fn page(&self, to: &Destination) -> Option<&str> {
        match to {
            Destination::Element(ix) => Some(self.addresses.element(*ix)),
            Destination::Decision(at) => Some(self.addresses.decision(*at)),
            Destination::Decisions => Some(DECISIONS),
            Destination::Home => Some(HOME),
            Destination::File(_) | Destination::Here | Destination::Outside | Destination::Missing => None,
        }
    }

    /// What a link in the prose of `file` means on `page`; a file that has to be copied is added to `copied`.
    pub(crate) fn resolve(&self, url: &str, file: &FilePath, page: &str, copied: &mut BTreeSet<FilePath>) -> Target {
        let (to, fragment) = self.targets.resolve(url, file);
        if let Some(to) = self.page(&to) {
            return Target::Href(link(page, to) + fragment);
        }
        match to {
            Destination::File(path) => {
                let href = link(page, &format!("{FILES}/{path}"));
                copied.insert(path);
                Target::Href(href + &encode_fragment(fragment))
            }
            Destination::Here => Target::Href(fragment.to_owned()),
            Destination::Outside => Target::Outside(url.trim().to_owned()),
            _ => Target::Missing,
        }
    }
}

fn encode_fragment(fragment: &str) -> String {
    fragment.strip_prefix('#').map_or_else(String::new, |name| format!("#{}", encode(name)))
}

/// Whether an address begins with a scheme, as `https:` is one.
pub(crate) fn has_scheme(address: &str) -> bool {
    address.split(['/', '?', '#']).next().is_some_and(|first| first.contains(':'))
}

/// What is in a file of the workspace, if there is one.
pub(crate) fn bytes_of<'a>(snapshot: &'a Snapshot, path: &FilePath) -> Option<&'a [u8]> {
    let text = || snapshot.text(path.as_str()).map(str::as_bytes);
    snapshot.asset(path.as_str()).map(AsRef::as_ref).or_else(text)
}

/// What kind of file it is, by its name.
pub(crate) fn media_type(path: &FilePath) -> &'static str {
    match path.extension() {
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("gif") => "image/gif",
        Some("webp") => "image/webp",
        Some("avif") => "image/avif",
        Some("svg") => "image/svg+xml",
        Some("woff2") => "font/woff2",
        Some("woff") => "font/woff",
        Some("otf") => "font/otf",
        Some("ttf") => "font/ttf",
        Some("json") => "application/json",
        Some("pdf") => "application/pdf",
        _ => "application/octet-stream",
    }
}

/// An address that holds a file.
pub(crate) fn data_url(path: &FilePath, bytes: &[u8]) -> String {
    format!("data:{};base64,{}", media_type(path), policy::base64(bytes))
}
