//! Where everything is: the path of each page, and links between them.
//!
//! Pages lie at most one folder deep, so a link is a path with or without `../` before it. Paths are unique even where
//! case does not count. The short addresses of components (`components/<key>.html`) lead on to the full ones as far as
//! they are unique.

use crate::pages::simulation::FOLDER;
use loko_events::Event;
use loko_model::view::{View, ViewKind};
use loko_model::{Element, ElementIx, Kind, Model};
use loko_source::FilePath;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// The folder of pictures.
pub(crate) const DIAGRAMS: &str = "diagrams";

/// The pages' paths.
pub(crate) struct Addresses {
    elements: Vec<String>,
    environments: Vec<String>,
    dynamics: Vec<String>,
    selections: Vec<String>,
    decisions: Vec<String>,
    events: Vec<String>,
    scenarios: Vec<String>,
    redirects: Vec<(String, ElementIx)>,
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

    /// The addresses that lead on to an element's page: short ones, and those that it had before it was renamed or moved.
    pub(crate) fn redirects(&self) -> &[(String, ElementIx)] {
        &self.redirects
    }

    /// The SVG file of a view.
    pub(crate) fn drawing(&self, view: &View) -> &str {
        self.drawings.get(&view.key).map_or("", String::as_str)
    }
}

/// Paths that are in use, compared without case.
#[derive(Default)]
struct Taken(BTreeSet<String>);

impl Taken {
    fn claim(&mut self, stem: &str) -> String {
        // `decisions/index.html` and the like are ours.
        let stem = if stem.ends_with("/index") { format!("{stem}-page") } else { stem.to_owned() };
        self.claim_with(&stem, "html")
    }

    fn claim_drawing(&mut self, model: &Model, view: &View) -> String {
        self.claim_with(&format!("{DIAGRAMS}/{}", drawing_stem(model, view)), "svg")
    }

    fn claim_with(&mut self, stem: &str, extension: &str) -> String {
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
    element.id.split('/').map(file_stem).collect::<Vec<_>>().join("_")
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

fn redirects(model: &Model, taken: &mut Taken) -> Vec<(String, ElementIx)> {
    let mut by_key: BTreeMap<String, Vec<ElementIx>> = BTreeMap::new();
    for ix in model.of_kind(Kind::Component) {
        by_key.entry(file_stem(model.element(ix).key())).or_default().push(ix);
    }
    let mut redirects = Vec::new();
    for (key, found) in by_key {
        let path = format!("components/{key}.html");
        if let ([only], true) = (found.as_slice(), taken.0.insert(path.to_lowercase())) {
            redirects.push((path, *only));
        }
    }
    for (id, ix) in former_ids(model) {
        // What has the address now has it; the kind is that of today, since nobody wrote down the former one.
        let key = id.split('/').map(file_stem).collect::<Vec<_>>().join("_");
        let path = format!("{}/{key}.html", model.element(ix).kind.plural());
        if taken.0.insert(path.to_lowercase()) {
            redirects.push((path, ix));
        }
    }
    redirects
}

/// Ids that elements had, as `[[moved]]` records say, with what they are now; the parts of what was moved had others too.
fn former_ids(model: &Model) -> Vec<(String, ElementIx)> {
    let mut found = Vec::new();
    for at in (0..model.project.moved.len()).rev() {
        let record = &model.project.moved[at];
        // A later record may have moved it on.
        let now = model.project.moved[at + 1..]
            .iter()
            .fold(record.to.clone(), |id, later| moved_on(&id, &later.from, &later.to).unwrap_or(id));
        let Some(ix) = model.find(&now) else { continue };
        for part in model.subtree(ix) {
            let id = model.element(part).id.as_str();
            if let Some(former) = moved_on(id, &now, &record.from) {
                found.push((former, part));
            }
        }
    }
    found
}

/// An id after what it is or is part of was moved.
fn moved_on(id: &str, from: &str, to: &str) -> Option<String> {
    let rest = id.strip_prefix(from)?;
    (rest.is_empty() || rest.starts_with('/')).then(|| format!("{to}{rest}"))
}

/// A name that is safe as part of a file name on any system; letters and digits of any script stay.
pub(crate) fn file_stem(id: &str) -> String {
    let safe = |character: char| {
        if character.is_alphanumeric() || matches!(character, '-' | '_' | '.') { character } else { '-' }
    };
    let stem: String = id.chars().map(safe).collect();
    let stem = stem.trim_matches('.');
    if stem.is_empty() { "unnamed".to_owned() } else { stem.to_owned() }
}

/// A path as it is written in a link: everything but unreserved ASCII is percent-encoded.
pub(crate) fn encode(path: &str) -> String {
    let mut encoded = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~' | b'/') {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// The way from a page back to the site's root: empty or `../` for each folder.
pub(crate) fn root_of(page: &str) -> String {
    "../".repeat(page.matches('/').count())
}

/// A link from one page to another.
pub(crate) fn link(from: &str, to: &str) -> String {
    root_of(from) + &encode(to)
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
    fn names_become_safe() {
        assert_eq!(file_stem("../a b:c"), "-a-b-c");
        assert_eq!(file_stem("注文"), "注文");
        assert_eq!(file_stem(".."), "unnamed");
    }
}
