//! Dynamic views: the files of `views/`.

use super::Names;
use super::read::{Reader, Written};
use super::scope::VIEWS_FOLDER;
use super::toml;
use crate::schema::At;
use crate::value::{Entry, Value};
use crate::{DynamicView, RelationKind, Step};
use indexmap::IndexMap;
use loko_source::{Diagnostic, FilePath, Place, Source, Span};

/// All dynamic views, sorted by id.
pub(crate) fn all(names: &mut Names<'_>) -> Vec<DynamicView> {
    let files: Vec<&FilePath> =
        names.snapshot.paths_below(VIEWS_FOLDER).filter(|path| path.extension() == Some("toml")).collect();
    let mut views = Vec::new();
    for path in files {
        if let Some(source) = names.snapshot.source(path.as_str()) {
            views.extend(view(names, path, source));
        }
    }
    views
}

fn view(names: &mut Names<'_>, path: &FilePath, source: &Source) -> Option<DynamicView> {
    let mut reader = Reader::new(path, source.text());
    let (value, problems) = toml::parse(source.text());
    reader.problems("bad-toml", "TOML", problems);
    let mut view = DynamicView {
        id: path.as_str()[VIEWS_FOLDER.len() + 1..].trim_end_matches(".toml").to_owned(),
        name: String::new(),
        description: String::new(),
        scope: None,
        sequence: false,
        steps: Vec::new(),
        place: Place::new(path.clone(), Span::at(0)),
    };
    let (mut known_kind, mut has_steps) = (true, false);
    for (name, entry) in reader.table("view", value).unwrap_or_default() {
        let Some(key) = reader.key(At::View, &name, entry.key_span) else { continue };
        let value = entry.value;
        match key.name {
            "kind" => known_kind = reader.choice(key, value, |word| (word == "dynamic").then_some(())).is_some(),
            "name" => view.name = reader.text("name", value).unwrap_or_default(),
            "description" => view.description = reader.text("description", value).unwrap_or_default(),
            "scope" => {
                let written = reader.written("scope", value);
                view.scope = written.and_then(|written| names.element(path, None, &written));
            }
            "sequence" => view.sequence = reader.flag("sequence", &value).unwrap_or(false),
            "step" => {
                has_steps = true;
                view.steps = steps(names, &mut reader, value);
            }
            _ => {}
        }
    }
    if view.name.is_empty() {
        view.name.clone_from(&view.id);
    }
    if !has_steps && reader.findings.is_empty() {
        let finding = Diagnostic::warning("empty-view", format!("the view `{}` has no steps", view.id))
            .at(path, Span::at(0), "")
            .help("add a `[[step]]` with `from`, `to` and `description` for each step");
        reader.findings.push(finding);
    }
    names.findings.append(&mut reader.findings);
    known_kind.then_some(view)
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
    for (name, entry) in entries {
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
