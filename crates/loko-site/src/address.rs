//! Where everything is: the path of each page, and links between them.
//!
//! Pages lie at most one folder deep, so a link is a path with or without `../` before it. Paths are unique even where
//! case does not count. Addresses that pages had lead on: those of elements before they were renamed or moved, the short
//! ones of components (`components/<key>.html`), and those below `markdown/`, where each element once had a second page.

use crate::pages::simulation::FOLDER;
use loko_events::Event;
use loko_model::view::{View, ViewKind};
use loko_model::{Element, ElementIx, Kind, Model, moved};
use loko_source::FilePath;
use rustc_hash::{FxHashSet, FxHasher};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::hash::Hasher as _;

/// The folder of pictures.
pub(crate) const DIAGRAMS: &str = "diagrams";

/// File systems take names of 255 bytes; endings, numbers and what Markdown puts before them need room as well.
const NAME_BYTES_MAX: usize = 200;
/// So much of a longer name stays.
const NAME_BYTES_KEPT: usize = 180;

/// The folder in which elements once had a second page.
const MARKDOWN: &str = "markdown";
/// With more elements, the addresses of those pages lead nowhere: no page ever linked to them, and each costs a file.
const SECOND_PAGES_MAX: usize = 500;

/// An address that leads on.
pub(crate) struct Redirect {
    pub path: String,
    /// Where to; among several the reader chooses.
    pub to: Vec<ElementIx>,
}

/// The pages' paths.
pub(crate) struct Addresses {
    elements: Vec<String>,
    environments: Vec<String>,
    dynamics: Vec<String>,
    selections: Vec<String>,
    decisions: Vec<String>,
    events: Vec<String>,
    scenarios: Vec<String>,
    redirects: Vec<Redirect>,
    drawings: BTreeMap<String, String>,
}

impl Addresses {
    /// Gives everything in a model a path.
    pub(crate) fn new(model: &Model, views: &[View], events: &[Event], scenarios: &[FilePath]) -> Self {
        let mut taken = Taken::default();
        let elements = model.ids().map(|ix| taken.claim(&element_stem(model, ix))).collect();
        let list = |taken: &mut Taken, folder: &str, ids: &mut dyn Iterator<Item = &str>| -> Vec<String> {
            ids.map(|id| taken.claim(&format!("{folder}/{}", file_stem(id)))).collect()
        };
        let environments = list(&mut taken, "deployments", &mut model.environments.iter().map(|it| it.id.as_str()));
        let dynamics = list(&mut taken, "dynamic", &mut model.dynamics.iter().map(|it| it.id.as_str()));
        let selections = list(&mut taken, "views", &mut model.selections.iter().map(|it| it.id.as_str()));
        let decisions = list(&mut taken, "decisions", &mut model.decisions.iter().map(|it| it.id.as_str()));
        let events = list(&mut taken, "events", &mut events.iter().map(|it| it.name.as_str()));
        let stems = scenarios.iter().map(|file| file.file_name().trim_end_matches(".toml"));
        let scenarios = list(&mut taken, FOLDER, &mut stems.into_iter());
        let redirects = redirects(model, &mut taken);
        let mut names = Taken::default();
        let drawings = views.iter().map(|view| (view.key.clone(), names.claim_drawing(model, view))).collect();
        Self { elements, environments, dynamics, selections, decisions, events, scenarios, redirects, drawings }
    }

    /// The page of an element.
    pub(crate) fn element(&self, ix: ElementIx) -> &str {
        &self.elements[ix.index()]
    }

    /// The page of an environment, by its place in the model.
    pub(crate) fn environment(&self, at: usize) -> &str {
        &self.environments[at]
    }

    /// The page of a dynamic view, by its place in the model.
    pub(crate) fn dynamic(&self, at: usize) -> &str {
        &self.dynamics[at]
    }

    /// The page of a selected view, by its place in the model.
    pub(crate) fn selection(&self, at: usize) -> &str {
        &self.selections[at]
    }

    /// The page of a decision, by its place in the model.
    pub(crate) fn decision(&self, at: usize) -> &str {
        &self.decisions[at]
    }

    /// The page of an event, by its place in the list of all.
    pub(crate) fn event(&self, at: usize) -> &str {
        &self.events[at]
    }

    /// The page of a scenario, by its place among the workspace's.
    pub(crate) fn scenario(&self, at: usize) -> &str {
        &self.scenarios[at]
    }

    /// The addresses that lead on to the pages of elements.
    pub(crate) fn redirects(&self) -> &[Redirect] {
        &self.redirects
    }

    /// The SVG file of a view.
    pub(crate) fn drawing(&self, view: &View) -> &str {
        self.drawings.get(&view.key).map_or("", String::as_str)
    }
}

/// Paths that are in use, compared without case.
#[derive(Default)]
struct Taken(FxHashSet<String>);

impl Taken {
    fn claim(&mut self, stem: &str) -> String {
        // `decisions/index.html` and the like are ours.
        if stem.ends_with("/index") {
            return self.claim_with(&format!("{stem}-page"), "html");
        }
        self.claim_with(stem, "html")
    }

    fn claim_drawing(&mut self, model: &Model, view: &View) -> String {
        self.claim_with(&format!("{DIAGRAMS}/{}", drawing_stem(model, view)), "svg")
    }

    fn claim_with(&mut self, stem: &str, extension: &str) -> String {
        let stem = shortened(stem);
        let mut path = format!("{stem}.{extension}");
        let mut count = 1;
        while !self.0.insert(path.to_lowercase()) {
            count += 1;
            path = format!("{stem}-{count}.{extension}");
        }
        path
    }
}

fn element_stem(model: &Model, ix: ElementIx) -> String {
    let element = model.element(ix);
    format!("{}/{}", element.kind.plural(), joined_key(element))
}

/// An element's id with `_` between its parts.
fn joined_key(element: &Element) -> String {
    joined(&element.id)
}

fn joined(id: &str) -> String {
    let mut key = String::with_capacity(id.len());
    for (at, part) in id.split('/').enumerate() {
        if at > 0 {
            key.push('_');
        }
        push_stem(&mut key, part);
    }
    key
}

/// What a system's and a container's main pictures were always called stays: `<system>.svg`, `<system>_<container>.svg`.
fn drawing_stem(model: &Model, view: &View) -> String {
    match (view.kind, view.scope) {
        (ViewKind::Containers | ViewKind::Components | ViewKind::Component, Some(scope)) => {
            joined_key(model.element(scope))
        }
        (ViewKind::Context, Some(scope)) => format!("context-{}", joined_key(model.element(scope))),
        _ => view.key.split('/').map(file_stem).collect::<Vec<_>>().join("-"),
    }
}

fn redirects(model: &Model, taken: &mut Taken) -> Vec<Redirect> {
    let mut redirects = Vec::new();
    let mut lead = |stem: String, to: Vec<ElementIx>| {
        let path = format!("{}.html", shortened(&stem));
        // What has the address now has it.
        if taken.0.insert(path.to_lowercase()) {
            redirects.push(Redirect { path, to });
        }
    };
    let has_second_pages = model.elements.len() <= SECOND_PAGES_MAX;
    let former = moved::former_ids(model);
    let mut second_pages = Vec::new();
    for (id, ix) in &former {
        // The kind is that of today, since nobody wrote down the former one.
        let kind = model.element(*ix).kind;
        let stem = format!("{}/{}", kind.plural(), joined(id));
        if kind != Kind::Person {
            second_pages.push((stem.clone(), *ix));
        }
        lead(stem, vec![*ix]);
    }
    let mut by_key: BTreeMap<String, Vec<ElementIx>> = BTreeMap::new();
    for ix in model.of_kind(Kind::Component) {
        by_key.entry(file_stem(model.element(ix).key())).or_default().push(ix);
    }
    for (id, ix) in former.iter().filter(|(_, ix)| model.element(*ix).kind == Kind::Component) {
        let found = by_key.entry(file_stem(id.rsplit('/').next().unwrap_or(id))).or_default();
        if !found.contains(ix) {
            found.push(*ix);
        }
    }
    for (key, found) in by_key {
        lead(format!("components/{key}"), found.clone());
        if has_second_pages {
            lead(format!("{MARKDOWN}/components/{key}"), found);
        }
    }
    if has_second_pages {
        let now = model.ids().filter(|ix| model.element(*ix).kind != Kind::Person);
        for (stem, ix) in now.map(|ix| (element_stem(model, ix), ix)).chain(second_pages) {
            lead(format!("{MARKDOWN}/{stem}"), vec![ix]);
        }
    }
    redirects
}

/// A name that is safe as part of a file name on any system; letters and digits of any script stay.
pub(crate) fn file_stem(id: &str) -> String {
    let mut stem = String::with_capacity(id.len());
    push_stem(&mut stem, id);
    shortened(&stem).into_owned()
}

/// A path whose last part is short enough for any file system: of a longer one the beginning stays, and a number that tells it
/// from others that begin alike.
fn shortened(path: &str) -> Cow<'_, str> {
    let (folder, name) = path.rsplit_once('/').map_or(("", path), |(folder, name)| (folder, name));
    if name.len() <= NAME_BYTES_MAX {
        return Cow::Borrowed(path);
    }
    let mut hasher = FxHasher::default();
    hasher.write(name.as_bytes());
    let kept = &name[..name.floor_char_boundary(NAME_BYTES_KEPT)];
    let slash = if folder.is_empty() { "" } else { "/" };
    Cow::Owned(format!("{folder}{slash}{kept}-{:016x}", hasher.finish()))
}

fn push_stem(stem: &mut String, id: &str) {
    let start = stem.len();
    let is_safe = |character: char| character.is_alphanumeric() || matches!(character, '-' | '_' | '.');
    // Points at the ends would hide a file, or lead out of its folder.
    let inner = id.trim_matches('.');
    stem.extend(inner.chars().map(|character| if is_safe(character) { character } else { '-' }));
    if stem.len() == start {
        stem.push_str("unnamed");
    }
}

/// A path as it is written in a link: everything but unreserved ASCII is percent-encoded.
pub(crate) fn encode(path: &str) -> String {
    let mut encoded = String::with_capacity(path.len());
    encode_into(&mut encoded, path);
    encoded
}

/// For each byte whether it stands in a link as it is.
static UNRESERVED: [bool; 256] = {
    let mut unreserved = [false; 256];
    let mut byte = 0;
    while byte < unreserved.len() {
        let letter = byte as u8;
        unreserved[byte] = letter.is_ascii_alphanumeric() || matches!(letter, b'-' | b'_' | b'.' | b'~' | b'/');
        byte += 1;
    }
    unreserved
};

fn encode_into(encoded: &mut String, path: &str) {
    // Nearly every path stands as it is.
    if path.bytes().all(|byte| UNRESERVED[usize::from(byte)]) {
        encoded.push_str(path);
        return;
    }
    for byte in path.bytes() {
        if UNRESERVED[usize::from(byte)] {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
}

/// The way from a page back to the site's root: empty or `../` for each folder.
pub(crate) fn root_of(page: &str) -> String {
    "../".repeat(depth(page))
}

/// How many folders a page is in.
fn depth(page: &str) -> usize {
    page.bytes().filter(|byte| *byte == b'/').count()
}

/// A link from one page to another.
pub(crate) fn link(from: &str, to: &str) -> String {
    let up = depth(from);
    let mut link = String::with_capacity(up * "../".len() + to.len());
    (0..up).for_each(|_| link.push_str("../"));
    encode_into(&mut link, to);
    link
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_go_up_and_down() {
        assert_eq!(link("systems/shop.html", "containers/shop_api.html"), "../containers/shop_api.html");
        assert_eq!(link("index.html", "systems/café.html"), "systems/caf%C3%A9.html");
    }

    #[test]
    fn paths_differ_in_more_than_case() {
        let mut taken = Taken::default();
        assert_eq!(taken.claim("systems/shop"), "systems/shop.html");
        assert_eq!(taken.claim("systems/Shop"), "systems/Shop-2.html");
        assert_eq!(taken.claim("decisions/index"), "decisions/index-page.html");
    }

    #[test]
    fn long_names_stay_apart_and_fit() {
        let mut taken = Taken::default();
        let long = format!("components/{}", "注".repeat(100));
        let other = format!("{long}文");
        let paths = [&long, &other].map(|stem| taken.claim(stem));
        assert_ne!(paths[0], paths[1]);
        for path in paths {
            assert!(path.starts_with("components/注注") && path.ends_with(".html"), "{path}");
            assert!(path.len() < 225, "{path}");
        }
        let just = "a".repeat(super::NAME_BYTES_MAX);
        assert_eq!(file_stem(&just), just);
    }

    #[test]
    fn names_become_safe() {
        assert_eq!(file_stem("../a b:c"), "-a-b-c");
        assert_eq!(file_stem("注文"), "注文");
        assert_eq!(file_stem(".."), "unnamed");
    }
}
