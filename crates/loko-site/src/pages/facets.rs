//! What elements have in common: pages of all technologies, owners and tags, each value with the elements that have it.

use super::element::part;
use super::rows::Rows;
use super::{Body, Page, here, section};
use crate::address::link;
use crate::site::Site;
use loko_model::{ElementIx, Model, name};
use serde::Serialize;
use std::collections::BTreeMap;

/// What elements can be gathered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Facet {
    Technology,
    Owner,
    Tag,
}

/// A value as a page names it, with the way to its place.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Named {
    pub name: String,
    pub href: String,
}

/// All values of a facet.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct FacetPage {
    pub title: String,
    pub lead: String,
    pub groups: Vec<Group>,
}

/// The elements of one value.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Group {
    pub id: String,
    pub name: String,
    pub rows: Rows,
}

impl Facet {
    pub(crate) const ALL: [Facet; 3] = [Facet::Technology, Facet::Owner, Facet::Tag];

    /// The page's path.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Technology => "technologies.html",
            Self::Owner => "owners.html",
            Self::Tag => "tags.html",
        }
    }

    /// The key of its title.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Technology => "nav.technologies",
            Self::Owner => "nav.owners",
            Self::Tag => "nav.tags",
        }
    }

    /// The values of an element.
    pub(crate) fn values(self, model: &Model, ix: ElementIx) -> Vec<&str> {
        let element = model.element(ix);
        match self {
            Self::Technology => parts_of(&element.technology),
            Self::Owner => model.owner(ix).map(|(owner, _)| owner).into_iter().collect(),
            Self::Tag => element.tags.iter().map(String::as_str).collect(),
        }
    }

    /// The values of an element, each with the way from a page to all elements that share it.
    pub(crate) fn named(self, model: &Model, ix: ElementIx, page: &str) -> Vec<Named> {
        let values = self.values(model, ix);
        if values.is_empty() {
            return Vec::new();
        }
        let to = link(page, self.path());
        let named = |value: &str| Named { name: value.to_owned(), href: format!("{to}#{}", anchor(value)) };
        values.into_iter().map(named).collect()
    }

    /// A value with the way from a page to all elements that have it; no way if none has.
    pub(crate) fn named_value(self, model: &Model, value: &str, page: &str) -> Named {
        let is_there = model.ids().any(|ix| self.values(model, ix).iter().any(|it| anchor(it) == anchor(value)));
        let href = if is_there { format!("{}#{}", link(page, self.path()), anchor(value)) } else { String::new() };
        Named { name: value.to_owned(), href }
    }

    /// The values of all elements, each with its address.
    pub(crate) fn places(self, model: &Model) -> Vec<Named> {
        let groups = gather(self, model).into_iter();
        groups.map(|(id, (name, _))| Named { name, href: format!("{}#{id}", self.path()) }).collect()
    }

    /// How many values there are.
    pub(crate) fn count(self, model: &Model) -> usize {
        gather(self, model).len()
    }
}

/// The technologies of a text such as `Rust, Axum`; what stands in brackets belongs together.
fn parts_of(technology: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0_usize, 0);
    for (at, letter) in technology.char_indices() {
        match letter {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(&technology[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&technology[start..]);
    parts.into_iter().map(str::trim).filter(|part| !part.is_empty()).collect()
}

/// Where a value stands on its page. Values that differ only in case stand together.
fn anchor(value: &str) -> String {
    let slug = name::slug(value);
    // `C`, `C#` and `C++` are different things with one slug.
    let signs = value.bytes().filter_map(|byte| match byte {
        b'#' => Some("-sharp"),
        b'+' => Some("-plus"),
        b'*' => Some("-star"),
        _ => None,
    });
    let mut anchor = format!("v-{slug}");
    anchor.extend(signs);
    anchor
}

/// The elements of each value; the name is the one that is written first.
fn gather(facet: Facet, model: &Model) -> BTreeMap<String, (String, Vec<ElementIx>)> {
    let mut groups: BTreeMap<String, (String, Vec<ElementIx>)> = BTreeMap::new();
    for ix in model.ids() {
        for value in facet.values(model, ix) {
            let (_, elements) = groups.entry(anchor(value)).or_insert_with(|| (value.to_owned(), Vec::new()));
            if elements.last() != Some(&ix) {
                elements.push(ix);
            }
        }
    }
    groups
}

/// Plans the page of a facet; none when no element has a value.
pub(crate) fn page(site: &Site<'_>, facet: Facet) -> Option<Page> {
    let path = facet.path();
    let groups: Vec<Group> = gather(facet, site.model)
        .into_iter()
        .map(|(id, (name, elements))| {
            let rows = elements.iter().map(|ix| part(site, path, *ix)).collect();
            Group { id, name, rows }
        })
        .collect();
    if groups.is_empty() {
        return None;
    }
    let lead = match facet {
        Facet::Technology => site.words.count("lists.technology-lead", groups.len()),
        Facet::Owner => site.words.count("lists.owner-lead", groups.len()),
        Facet::Tag => site.words.count("lists.tag-lead", groups.len()),
    };
    let title = site.say(facet.title());
    let sections = groups.iter().map(|group| section(&group.id, &group.name)).collect();
    let mut frame = site.frame(path, &title, &lead, sections);
    frame.crumbs = vec![site.home_crumb(path), here(title.clone())];
    let body = Body::Facets(FacetPage { title, lead, groups });
    Some(Page { path: path.to_owned(), frame, body, drawings: Vec::new(), prose: None, sketches: Vec::new() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn technologies_are_told_apart() {
        assert_eq!(parts_of("Rust, Axum (tower, hyper), "), ["Rust", "Axum (tower, hyper)"]);
        assert!(parts_of("").is_empty());
        assert_ne!(anchor("C"), anchor("C#"));
        assert_eq!(anchor("PostgreSQL 17"), anchor("postgresql 17"));
    }
}
