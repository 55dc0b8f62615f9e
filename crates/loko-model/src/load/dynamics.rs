//! Dynamic and selected views: the files of `views/`.

use super::Names;
use super::read::{Reader, Written};
use super::scope::VIEWS_FOLDER;
use super::toml;
use crate::schema::At;
use crate::select::Select;
use crate::selection::Picked;
use crate::value::{Entry, Value};
use crate::{DynamicView, RelationKind, SelectedView, Step};
use indexmap::IndexMap;
use loko_source::{Diagnostic, FilePath, Place, Source, Span};

/// All views that somebody described, each kind sorted by id.
pub(crate) fn all(names: &mut Names<'_>) -> (Vec<DynamicView>, Vec<SelectedView>) {
    let files: Vec<&FilePath> =
        names.snapshot.paths_below(VIEWS_FOLDER).filter(|path| path.extension() == Some("toml")).collect();
    let (mut dynamics, mut selections) = (Vec::new(), Vec::new());
    for path in files {
        if let Some(source) = names.snapshot.source(path.as_str()) {
            let view = Stated::read(names, path, source);
            match view.kind {
                Kind::Dynamic => dynamics.push(view.into_dynamic()),
                Kind::Selected => selections.push(view.into_selected()),
            }
        }
    }
    (dynamics, selections)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Dynamic,
    Selected,
}

/// What a file says of a view.
struct Stated {
    /// What it says; where that is no kind, the one that its keys are of.
    kind: Kind,
    id: String,
    name: String,
    description: String,
    scope: Option<crate::ElementIx>,
    sequence: bool,
    steps: Vec<Step>,
    include: Vec<Picked>,
    exclude: Vec<Picked>,
    relations: Vec<Picked>,
    place: Place,
}

impl Stated {
    fn read(names: &mut Names<'_>, path: &FilePath, source: &Source) -> Self {
        let mut reader = Reader::new(path, source.text());
        let (value, problems) = toml::parse(source.text());
        reader.problems("bad-toml", "TOML", problems);
        let entries = reader.table("view", value).unwrap_or_default();
        let selects = entries.contains_key("include");
        let mut view = Self {
            kind: if selects { Kind::Selected } else { Kind::Dynamic },
            id: path.as_str()[VIEWS_FOLDER.len() + 1..].trim_end_matches(".toml").to_owned(),
            name: String::new(),
            description: String::new(),
            scope: None,
            sequence: false,
            steps: Vec::new(),
            include: Vec::new(),
            exclude: Vec::new(),
            relations: Vec::new(),
            place: Place::new(path.clone(), Span::at(0)),
        };
        let has_steps = entries.contains_key("step");
        for (name, entry) in entries {
            let Some(key) = reader.key(At::View, &name, entry.key_span) else { continue };
            let value = entry.value;
            match key.name {
                "kind" => view.kind = reader.choice(key, value, kind).unwrap_or(view.kind),
                "name" => view.name = reader.text("name", value).unwrap_or_default(),
                "description" => view.description = reader.text("description", value).unwrap_or_default(),
                "scope" => {
                    let written = reader.written("scope", value);
                    view.scope = written.and_then(|written| names.element(path, None, &written));
                }
                "sequence" => view.sequence = reader.flag("sequence", &value).unwrap_or(false),
                "step" => view.steps = steps(names, &mut reader, value),
                "include" => view.include = selectors(&mut reader, "include", value, Select::elements),
                "exclude" => view.exclude = selectors(&mut reader, "exclude", value, Select::elements),
                "relations" => view.relations = selectors(&mut reader, "relations", value, Select::relations),
                _ => {}
            }
        }
        if view.name.is_empty() {
            view.name.clone_from(&view.id);
        }
        if reader.findings.is_empty() {
            reader.findings.extend(view.mixed_up(has_steps, selects));
        }
        names.findings.extend(reader.told());
        view
    }

    /// A view that shows nothing, or says things of two kinds.
    fn mixed_up(&self, has_steps: bool, selects: bool) -> Option<Diagnostic> {
        let path = &self.place.path;
        let empty = |what: &str, help: &'static str| {
            let message = format!("the view `{}` has no {what}", self.id);
            Some(Diagnostic::warning("empty-view", message).at(path, Span::at(0), "").help(help))
        };
        match self.kind {
            Kind::Dynamic if !has_steps => {
                let help =
                    "add a `[[step]]` with `from`, `to` and `description` for each step, or `include` with a selector";
                empty("steps", help)
            }
            Kind::Selected if !selects => {
                empty("`include`", "say with a selector what it shows: `include = \"tag:pci\"`")
            }
            Kind::Selected if has_steps => {
                let message = format!("the view `{}` has steps, which a selected view does not show", self.id);
                let help = "let it have steps or `include`; two files make two views";
                Some(Diagnostic::warning("empty-view", message).at(path, Span::at(0), "").help(help))
            }
            _ => None,
        }
    }

    fn into_dynamic(self) -> DynamicView {
        let Self { id, name, description, scope, sequence, steps, place, .. } = self;
        DynamicView { id, name, description, scope, sequence, steps, place }
    }

    fn into_selected(self) -> SelectedView {
        let Self { id, name, description, scope, include, exclude, relations, place, .. } = self;
        SelectedView { id, name, description, scope, include, exclude, relations, place }
    }
}

fn kind(word: &str) -> Option<Kind> {
    match word {
        "dynamic" => Some(Kind::Dynamic),
        "selected" => Some(Kind::Selected),
        _ => None,
    }
}

/// One selector, or a list of them; what cannot be read is told at its place.
fn selectors(
    reader: &mut Reader<'_>,
    name: &str,
    value: Value,
    read: fn(&str) -> Result<Select, crate::select::SelectError>,
) -> Vec<Picked> {
    let mut picked = Vec::new();
    for written in reader.written_list(name, value) {
        let place = Place::new(reader.file.clone(), written.span);
        match read(&written.text) {
            Ok(select) => picked.push(Picked { select, place }),
            Err(error) => {
                // Behind escapes the wrong part cannot be pointed at; the selector as a whole can.
                let raw = reader.text.get(written.span.range()).unwrap_or("");
                let mut finding = error.finding(reader.file, written.span.range().start);
                if let Some(label) = &mut finding.primary {
                    label.place.span = match raw.find(&written.text) {
                        Some(at) => label.place.span.shift(at),
                        None => written.span,
                    };
                }
                reader.findings.push(finding);
            }
        }
    }
    picked
}

fn steps(names: &mut Names<'_>, reader: &mut Reader<'_>, value: Value) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut count = 0;
    for (entries, span) in reader.tables("step", value) {
        let drawn = step(names, reader, entries, span);
        // A step with an unknown end counts, so that the others keep their numbers when it is mended.
        if !drawn.parallel || count == 0 {
            count += 1;
        }
        if let Some(mut step) = drawn.step {
            if step.number.is_empty() {
                step.number = match steps.last().filter(|_| drawn.parallel) {
                    Some(before) => before.number.clone(),
                    None => count.to_string(),
                };
            }
            steps.push(step);
        }
    }
    steps
}

struct Drawn {
    step: Option<Step>,
    parallel: bool,
}

fn step(names: &mut Names<'_>, reader: &mut Reader<'_>, entries: IndexMap<String, Entry>, span: Span) -> Drawn {
    let mut ends: [Option<Option<Written>>; 2] = [None, None];
    let (mut description, mut technology, mut number) = (String::new(), String::new(), String::new());
    let (mut kind, mut response, mut parallel) = (RelationKind::Sync, false, false);
    for (name, entry) in reader.settled(At::Step, entries) {
        let Some(key) = reader.key(At::Step, &name, entry.key_span) else { continue };
        let value = entry.value;
        match key.name {
            "from" => ends[0] = Some(reader.written(&name, value)),
            "to" => ends[1] = Some(reader.written(&name, value)),
            "description" => description = reader.text(&name, value).unwrap_or_default(),
            "technology" => technology = reader.text(&name, value).unwrap_or_default(),
            "type" => kind = reader.choice(key, value, RelationKind::from_name).unwrap_or_default(),
            "response" => response = reader.flag(&name, &value).unwrap_or(false),
            "parallel" => parallel = reader.flag(&name, &value).unwrap_or(false),
            "number" => number = reader.text(&name, value).unwrap_or_default(),
            _ => {}
        }
    }
    for (end, key) in ends.iter().zip(["from", "to"]) {
        if end.is_none() {
            reader.missing(At::Step, key, span);
        }
    }
    let [from, to] = ends.map(Option::flatten);
    let file = reader.file;
    let [source, target] = [from, to].map(|end| end.and_then(|written| names.element(file, None, &written)));
    let step = source.zip(target).map(|(source, target)| Step {
        number,
        source,
        target,
        description,
        technology,
        kind,
        response,
        place: Place::new(file.clone(), span),
    });
    Drawn { step, parallel }
}
