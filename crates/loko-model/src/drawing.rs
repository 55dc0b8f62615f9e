//! What a D2 file draws: boxes with what is said of them, and arrows.
//!
//! Only the syntax tree is read. What globs, imports and further boards make is part of the picture and not told here. A
//! box is there when it is stated or when an arrow leads to it. Which elements boxes stand for is said by the model
//! ([`crate::Model::resolve_box`]); [`Drawing`] is what loading makes of it.

use crate::{ElementIx, Kind, Model};
use indexmap::IndexMap;
use loko_d2::ast::{self, Key, KeyPath, Map};
use loko_source::{FilePath, Span};
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

/// Keys of a map that hold no boxes.
const NO_BOXES: [&str; 5] = ["vars", "classes", "layers", "scenarios", "steps"];
/// What makes a box a decoration: a look of its own.
const LOOKS: [&str; 6] = ["shape", "icon", "class", "style", "link", "near"];
/// Keys of a box that say how it looks.
const LABEL: &str = "label";
/// The key of `vars` that explains the notation.
const LEGEND: &str = "d2-legend";
/// How deep boxes are followed; the parser's own limit is far higher than what anybody draws.
const BOX_DEPTH_MAX: usize = 32;

/// A hand-written drawing and the elements in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawing {
    /// Its file.
    pub file: FilePath,
    /// The element whose file it is; none for the landscape.
    pub owner: Option<ElementIx>,
    /// The boxes in the order in which they first occur.
    pub boxes: Vec<DrawnBox>,
    /// The arrows in order.
    pub arrows: Vec<DrawnArrow>,
    /// Whether it explains its notation: by D2's own legend or a box of that name.
    pub has_legend: bool,
}

/// A box of a drawing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DrawnBox {
    /// Its keys from the outermost box down.
    pub path: Vec<SmolStr>,
    /// Its label; empty when its key is shown.
    pub label: String,
    /// Where it is first stated.
    pub span: Span,
    /// Whether it is stated by itself and not only as the end of an arrow.
    pub is_stated: bool,
    /// What is said of it: `tooltip`, `shape`, `style.fill` …
    pub attributes: Vec<DrawnAttribute>,
    /// The element that it stands for.
    pub element: Option<ElementIx>,
    /// Whether it stands for none because it could be any of several.
    pub is_ambiguous: bool,
}

/// Something that is said of a box or an arrow.
#[derive(Clone, Debug, PartialEq)]
pub struct DrawnAttribute {
    /// The key, with dots.
    pub key: String,
    /// The value.
    pub value: String,
    /// Where the value stands.
    pub span: Span,
}

/// An arrow of a drawing.
#[derive(Clone, Debug, PartialEq)]
pub struct DrawnArrow {
    /// Its ends, by their place in the list of boxes: where it starts, where it leads.
    pub ends: [usize; 2],
    /// Where the ends are written.
    pub spans: [Span; 2],
    /// Where it is stated.
    pub span: Span,
    /// The key that names it in its file, `a.(b -> c)[0]`; none for arrows that point back.
    pub key: Option<String>,
    /// Whether it points both ways.
    pub both: bool,
    /// Its label.
    pub label: String,
    /// Whether its line is dashed or animated.
    pub dashed: bool,
    /// What else is said of it.
    pub attributes: Vec<DrawnAttribute>,
}

impl Drawing {
    /// Whether it is a component's: nothing stands in one, and what it has to do with, such as tables and queues, may be
    /// drawn without being elements.
    pub fn is_of_component(&self, model: &Model) -> bool {
        self.owner.is_some_and(|owner| model.element(owner).kind == Kind::Component)
    }

    /// Whether a box is the picture's own business: it has a look of its own, or stands inside of one that has or of
    /// something that is no element.
    pub fn is_decoration(&self, drawn: &DrawnBox) -> bool {
        let is_dressed = |drawn: &DrawnBox| {
            drawn.attributes.iter().any(|it| LOOKS.iter().any(|look| it.key.split('.').next() == Some(*look)))
        };
        let around =
            (1..drawn.path.len()).filter_map(|length| self.boxes.iter().find(|it| it.path == drawn.path[..length]));
        is_dressed(drawn) || around.into_iter().any(|it| it.element.is_none() && it.is_stated)
    }
}

impl DrawnBox {
    /// What is said of it by a key.
    pub fn attribute(&self, key: &str) -> Option<&DrawnAttribute> {
        self.attributes.iter().find(|attribute| attribute.key == key)
    }

    /// The path as D2 writes it.
    pub fn id(&self) -> String {
        self.path.join(".")
    }
}

/// What a file draws: boxes and arrows, names not resolved.
#[derive(Debug, Default)]
pub(crate) struct Sketch {
    pub(crate) boxes: IndexMap<Vec<SmolStr>, DrawnBox>,
    pub(crate) arrows: Vec<Arrow>,
    pub(crate) has_legend: bool,
    /// How many arrows of a scope join the same ends in the same way.
    alike: FxHashMap<(Vec<SmolStr>, [Vec<SmolStr>; 2]), usize>,
}

#[derive(Clone, Debug)]
pub(crate) struct Arrow {
    scope: Vec<SmolStr>,
    pub(crate) ends: [Vec<SmolStr>; 2],
    pub(crate) spans: [Span; 2],
    pub(crate) span: Span,
    pub(crate) both: bool,
    pub(crate) label: String,
    pub(crate) dashed: bool,
    attributes: Vec<DrawnAttribute>,
    /// The ends as written, when the arrow points forth.
    key: Option<String>,
}

impl Sketch {
    /// Reads a syntax tree.
    pub(crate) fn of(tree: &Map) -> Self {
        let mut sketch = Self::default();
        sketch.map(tree, &[]);
        sketch
    }

    /// The drawing, once it is known what boxes stand for.
    pub(crate) fn into_drawing(
        self,
        file: FilePath,
        owner: Option<ElementIx>,
        mut element: impl FnMut(&[SmolStr]) -> (Option<ElementIx>, bool),
    ) -> Drawing {
        let Self { mut boxes, arrows, has_legend, .. } = self;
        let arrows = arrows
            .into_iter()
            .map(|arrow| DrawnArrow {
                ends: arrow.ends.map(|end| {
                    let (at, _) = boxes.insert_full(end.clone(), boxes.get(&end).cloned().unwrap_or_default());
                    at
                }),
                spans: arrow.spans,
                span: arrow.span,
                key: arrow.key,
                both: arrow.both,
                label: arrow.label,
                dashed: arrow.dashed,
                attributes: arrow.attributes,
            })
            .collect();
        let meant = |(path, drawn): (Vec<SmolStr>, DrawnBox)| {
            let (element, is_ambiguous) = element(&path);
            DrawnBox { element, is_ambiguous, path, ..drawn }
        };
        let boxes = boxes.into_iter().map(meant).collect();
        Drawing { file, owner, boxes, arrows, has_legend }
    }

    fn map(&mut self, map: &Map, scope: &[SmolStr]) {
        if scope.len() > BOX_DEPTH_MAX {
            return;
        }
        for key in map.keys() {
            if key.has_glob() || key.filter.is_some() || depth(key) + scope.len() > BOX_DEPTH_MAX {
                continue;
            }
            match (&key.key, key.edges.is_empty()) {
                (Some(path), true) => self.field(key, path, scope),
                (path, false) => self.edges(key, path.as_ref(), scope),
                (None, true) => {}
            }
        }
    }

    fn field(&mut self, key: &Key, path: &KeyPath, scope: &[SmolStr]) {
        let mut full = join(scope, path);
        let reserved = path.elements.iter().any(|part| part.is_unquoted() && is_reserved(part.as_str()));
        if scope.is_empty() && path.elements.first().is_some_and(|part| NO_BOXES.iter().any(|word| part.is_bare(word)))
        {
            self.has_legend |= names_legend(path, key);
            return;
        }
        if reserved {
            let last = path.elements.last().is_some_and(|part| part.is_bare(LABEL));
            let only_last = path.elements.iter().rev().skip(1).all(|part| !is_reserved(part.as_str()));
            if last && only_last {
                full.pop();
                self.label(full, key);
            } else {
                self.attribute(scope, path, key);
            }
            return;
        }
        self.state(&full, path.span);
        if let Some(map) = key.map() {
            self.map(map, &full);
        }
        self.label(full, key);
    }

    /// Notes a box, and those around it.
    fn state(&mut self, full: &[SmolStr], span: Span) {
        self.has_legend |= full.len() == 1 && full[0].eq_ignore_ascii_case("legend");
        for length in 1..=full.len() {
            let drawn = self.boxes.entry(full[..length].to_vec()).or_default();
            if !drawn.is_stated {
                (drawn.is_stated, drawn.span) = (true, span);
            }
        }
    }

    /// Notes what is said of a box: by `a.style.fill: red`, or inside of its braces.
    fn attribute(&mut self, scope: &[SmolStr], path: &KeyPath, key: &Key) {
        let at = path.elements.iter().position(|part| part.is_unquoted() && is_reserved(part.as_str()));
        let (owner, rest) = path.elements.split_at(at.unwrap_or(path.elements.len()));
        let mut full = scope.to_vec();
        full.extend(owner.iter().map(ast::Text::to_smol));
        if full.is_empty() {
            return;
        }
        let name = rest.iter().map(ast::Text::as_str).collect::<Vec<_>>().join(".");
        let mut found = Vec::new();
        said(&name, key, 0, &mut found);
        self.boxes.entry(full).or_default().attributes.extend(found);
    }

    fn label(&mut self, full: Vec<SmolStr>, key: &Key) {
        let said = key.primary.as_deref().or(key.scalar());
        if let Some(label) = said.map(ast::Value::scalar_text).filter(|label| !label.is_empty()) {
            self.boxes.entry(full).or_default().label = label.to_string();
        }
    }

    fn edges(&mut self, key: &Key, path: Option<&KeyPath>, scope: &[SmolStr]) {
        let scope = path.map_or_else(|| scope.to_vec(), |path| join(scope, path));
        let made: Vec<Arrow> = key.edges.iter().filter_map(|edge| arrow(edge, &scope)).collect();
        match &key.edge_index {
            Some(index) => {
                let Some(number) = index.number else { return };
                for wanted in made {
                    let same = |known: &&mut Arrow| known.scope == wanted.scope && known.ends == wanted.ends;
                    if let Some(known) = self.arrows.iter_mut().filter(same).nth(number as usize) {
                        known.describe(key);
                    }
                }
            }
            None => {
                for mut arrow in made {
                    arrow.describe(key);
                    self.note_ends(&mut arrow);
                    self.arrows.push(arrow);
                }
            }
        }
    }
}

impl Sketch {
    /// Notes the boxes that an arrow leads to, and which of its like it is.
    fn note_ends(&mut self, arrow: &mut Arrow) {
        for (end, span) in arrow.ends.iter().zip(arrow.spans) {
            self.boxes.entry(end.clone()).or_insert_with(|| DrawnBox { span, ..DrawnBox::default() });
        }
        let alike = self.alike.entry((arrow.scope.clone(), arrow.ends.clone())).or_default();
        if let Some(key) = &mut arrow.key {
            let scope = arrow.scope.iter().map(|part| format!("{part}.")).collect::<String>();
            *key = format!("{scope}({key})[{alike}]");
        }
        *alike += 1;
    }
}

/// Whether a statement of `vars` is D2's own legend.
fn names_legend(path: &KeyPath, key: &Key) -> bool {
    let is_legend = |path: &KeyPath| path.elements.iter().any(|part| part.as_str() == LEGEND);
    is_legend(path) || key.map().is_some_and(|map| map.keys().any(|key| key.key.as_ref().is_some_and(is_legend)))
}

/// All that a statement says, keys joined by dots.
fn said(name: &str, key: &Key, depth: usize, found: &mut Vec<DrawnAttribute>) {
    if let Some(value) = key.primary.as_deref().or(key.scalar()) {
        found.push(DrawnAttribute { key: name.to_owned(), value: value.scalar_text().to_string(), span: value.span() });
    }
    let Some(map) = key.map().filter(|_| depth < BOX_DEPTH_MAX) else { return };
    for inner in map.keys().filter(|key| key.edges.is_empty()) {
        if let Some(path) = &inner.key {
            let rest = path.elements.iter().map(ast::Text::as_str).collect::<Vec<_>>().join(".");
            said(&format!("{name}.{rest}"), inner, depth + 1, found);
        }
    }
}

impl Arrow {
    /// Takes label and dashes from what is assigned to it.
    fn describe(&mut self, key: &Key) {
        let path: Vec<&str> =
            key.edge_key.iter().flat_map(|path| path.elements.iter().map(ast::Text::as_str)).collect();
        let said = key.primary.as_deref().or(key.scalar()).map(|value| value.scalar_text().to_string());
        match (path.as_slice(), said) {
            ([] | [LABEL], Some(label)) => self.label = label,
            ([..], Some(said)) if !path.is_empty() => self.style(&path, &said, key),
            _ => {}
        }
        if let Some(map) = key.map() {
            self.attributes(map, &path);
        }
    }

    fn attributes(&mut self, map: &Map, before: &[&str]) {
        if before.len() > 1 {
            return;
        }
        for key in map.keys().filter(|key| key.edges.is_empty()) {
            let Some(path) = &key.key else { continue };
            let mut full = before.to_vec();
            full.extend(path.elements.iter().map(ast::Text::as_str));
            let said = key.primary.as_deref().or(key.scalar()).map(|value| value.scalar_text().to_string());
            match (full.as_slice(), said) {
                ([LABEL], Some(label)) => self.label = label,
                (_, Some(said)) => self.style(&full, &said, key),
                _ => {}
            }
            if let Some(map) = key.map() {
                self.attributes(map, &full);
            }
        }
    }

    fn style(&mut self, path: &[&str], said: &str, key: &Key) {
        if let Some(value) = key.primary.as_deref().or(key.scalar()) {
            let (key, value, span) = (path.join("."), said.to_owned(), value.span());
            self.attributes.push(DrawnAttribute { key, value, span });
        }
        match path {
            ["style", "stroke-dash"] => self.dashed = said.parse::<f64>().is_ok_and(|dash| dash > 0.0),
            ["style", "animated"] => self.dashed |= said == "true",
            _ => {}
        }
    }
}

fn arrow(edge: &ast::Edge, scope: &[SmolStr]) -> Option<Arrow> {
    let (source, target) = (edge.source.as_ref()?, edge.target.as_ref()?);
    let mut ends = [join(scope, source), join(scope, target)];
    let mut spans = [source.span, target.span];
    // Only an arrow that points back alone goes the other way; a line without heads goes as it is written.
    if edge.source_arrow.is_some() && edge.target_arrow.is_none() {
        ends.reverse();
        spans.reverse();
    }
    let both = edge.source_arrow.is_some() && edge.target_arrow.is_some();
    let is_forth = edge.source_arrow.is_none() && edge.target_arrow.is_some();
    let key = is_forth.then(|| format!("{} -> {}", written(source), written(target)));
    let (label, attributes) = (String::new(), Vec::new());
    Some(Arrow { scope: scope.to_vec(), ends, spans, span: edge.span, both, label, dashed: false, attributes, key })
}

/// How deep the boxes lie that a key names.
fn depth(key: &Key) -> usize {
    let parts = |path: &KeyPath| path.elements.len();
    let ends = key.edges.iter().flat_map(|edge| [&edge.source, &edge.target]).flatten().map(parts).max();
    key.key.as_ref().map_or(0, parts) + ends.unwrap_or(0)
}

/// A path in its scope; `_` leads out of it.
fn join(scope: &[SmolStr], path: &KeyPath) -> Vec<SmolStr> {
    let mut full = scope.to_vec();
    for part in &path.elements {
        if part.is_bare("_") {
            full.pop();
        } else {
            full.push(part.to_smol());
        }
    }
    full
}

/// A path as it can be written again, if its parts are plain words.
fn written(path: &KeyPath) -> String {
    path.elements.iter().map(ast::Text::as_str).collect::<Vec<_>>().join(".")
}

fn is_reserved(word: &str) -> bool {
    loko_d2::keywords::is_reserved(word)
}
