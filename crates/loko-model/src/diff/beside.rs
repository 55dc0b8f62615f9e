//! What stands beside elements and relations: decisions, environments, views, settings.

use super::elements::normal;
use super::matching::Matching;
use super::{ChangedThing, Field, Side, Thing, Things};
use crate::{Decision, DeploymentNode, DynamicView, ElementIx, Environment, Model, SelectedView};
use rustc_hash::FxHashMap;
use std::fmt::Write as _;

/// Ids of elements as the later model has them; what is gone keeps its former one.
struct Names<'a> {
    before: &'a Model,
    after: &'a Model,
    matching: &'a Matching,
}

impl Names<'_> {
    fn was(&self, ix: ElementIx) -> String {
        match self.matching.after(ix) {
            Some(other) => self.after.element(other.ix).id.to_string(),
            None => self.before.element(ix).id.to_string(),
        }
    }

    fn is(&self, ix: ElementIx) -> String {
        self.after.element(ix).id.to_string()
    }
}

/// Things of both sides with what is said of them, paired by `key`.
fn compare<'a, T>(
    before: &'a [T],
    after: &'a [T],
    key: impl Fn(&T) -> String,
    thing: impl Fn(&'a T) -> Thing<'a>,
    fields: impl Fn(&T, &T) -> Vec<Field>,
) -> Things<'a> {
    let mut old: FxHashMap<String, &T> = FxHashMap::default();
    for it in before.iter().rev() {
        old.insert(key(it), it);
    }
    let mut found = Things::default();
    for it in after {
        let Some(was) = old.remove(&key(it)) else {
            found.added.push(thing(it));
            continue;
        };
        let fields = fields(was, it);
        if !fields.is_empty() {
            found.changed.push(ChangedThing { thing: thing(it), fields });
        }
    }
    found.removed = before.iter().filter(|it| old.contains_key(&key(it))).map(thing).collect();
    found
}

/// Decisions, the same by their number, else by their file.
pub(super) fn decisions<'a>(before: Side<'a>, after: Side<'a>, matching: &Matching) -> Things<'a> {
    let names = Names { before: before.model, after: after.model, matching };
    let key = |it: &Decision| it.number.map_or_else(|| it.id.clone(), |number| format!("#{number}"));
    let thing = |it: &'a Decision| Thing { id: &it.id, title: &it.title, status: &it.status };
    let elements = |it: &Decision, name: &dyn Fn(ElementIx) -> String| {
        let mut ids: Vec<String> = it.elements.iter().map(|ix| name(*ix)).collect();
        ids.sort();
        ids.join(", ")
    };
    let prose = |side: Side<'_>, it: &Decision| {
        let text = side.snapshot.text(it.file.as_str()).unwrap_or("");
        normal(text.get(it.body.range()).unwrap_or(""))
    };
    let fields = |old: &Decision, new: &Decision| {
        let mut fields: Vec<Field> = [
            Field::of("title", old.title.clone(), new.title.clone()),
            Field::of("status", old.status.clone(), new.status.clone()),
            Field::of("date", old.date.clone(), new.date.clone()),
            Field::of("elements", elements(old, &|ix| names.was(ix)), elements(new, &|ix| names.is(ix))),
        ]
        .into_iter()
        .flatten()
        .collect();
        if prose(before, old) != prose(after, new) {
            fields.push(Field { name: "prose".to_owned(), before: None, after: None });
        }
        fields
    };
    compare(&before.model.decisions, &after.model.decisions, key, thing, fields)
}

/// Environments: a field is a line of what runs where.
pub(super) fn environments<'a>(before: &'a Model, after: &'a Model, matching: &Matching) -> Things<'a> {
    let names = Names { before, after, matching };
    let lines = |it: &Environment, name: &dyn Fn(ElementIx) -> String| {
        let mut out = format!("{}\n{}\n", it.name, it.description);
        nodes(&mut out, &it.nodes, "", name);
        out
    };
    let fields = |old: &Environment, new: &Environment| {
        changed_lines("node", &lines(old, &|ix| names.was(ix)), &lines(new, &|ix| names.is(ix)))
    };
    let thing = |it: &'a Environment| Thing { id: &it.id, title: &it.name, status: "" };
    compare(&before.environments, &after.environments, |it| it.id.clone(), thing, fields)
}

fn nodes(out: &mut String, list: &[DeploymentNode], above: &str, name: &dyn Fn(ElementIx) -> String) {
    for node in list {
        let path = if above.is_empty() { node.name.clone() } else { format!("{above}/{}", node.name) };
        let _ = write!(out, "{path} ×{}", node.count);
        for said in [&node.technology, &node.description, &node.tags.join(", ")] {
            if !said.is_empty() {
                let _ = write!(out, ", {said}");
            }
        }
        out.push('\n');
        for instance in &node.instances {
            let _ = writeln!(out, "{path}: {} ×{}", name(instance.of), instance.replicas);
        }
        nodes(out, &node.nodes, &path, name);
    }
}

/// Dynamic and selected views: a field is a step or a selector.
pub(super) fn views<'a>(before: &'a Model, after: &'a Model, matching: &Matching) -> Things<'a> {
    let names = Names { before, after, matching };
    let lines = |it: &DynamicView, name: &dyn Fn(ElementIx) -> String| {
        let mut out = format!("{}\n{}\n", it.name, it.description);
        for step in &it.steps {
            let _ = writeln!(
                out,
                "{} {} → {}: {} [{}, {}]",
                step.number,
                name(step.source),
                name(step.target),
                step.description,
                step.technology,
                step.kind.name()
            );
        }
        out
    };
    let fields = |old: &DynamicView, new: &DynamicView| {
        changed_lines("step", &lines(old, &|ix| names.was(ix)), &lines(new, &|ix| names.is(ix)))
    };
    let thing = |it: &'a DynamicView| Thing { id: &it.id, title: &it.name, status: "" };
    let mut all = compare(&before.dynamics, &after.dynamics, |it| it.id.clone(), thing, fields);
    let selected = selections(before, after);
    all.added.extend(selected.added);
    all.removed.extend(selected.removed);
    all.changed.extend(selected.changed);
    all
}

fn selections<'a>(before: &'a Model, after: &'a Model) -> Things<'a> {
    let lines = |it: &SelectedView| {
        let mut out = format!("{}\n{}\n", it.name, it.description);
        for (key, all) in [("include", &it.include), ("exclude", &it.exclude), ("relations", &it.relations)] {
            all.iter().for_each(|picked| {
                let _ = writeln!(out, "{key} {}", picked.select.text());
            });
        }
        out
    };
    let fields = |old: &SelectedView, new: &SelectedView| changed_lines("view", &lines(old), &lines(new));
    let thing = |it: &'a SelectedView| Thing { id: &it.id, title: &it.name, status: "" };
    compare(&before.selections, &after.selections, |it| it.id.clone(), thing, fields)
}

/// Lines that only one of two texts has, as fields.
fn changed_lines(name: &str, before: &str, after: &str) -> Vec<Field> {
    let only = |here: &str, there: &str| -> Vec<String> {
        here.lines()
            .filter(|line| !line.is_empty() && !there.lines().any(|other| other == *line))
            .map(str::to_owned)
            .collect()
    };
    let (gone, come) = (only(before, after), only(after, before));
    let gone = gone.into_iter().map(|line| Field { name: name.to_owned(), before: Some(line), after: None });
    let come = come.into_iter().map(|line| Field { name: name.to_owned(), before: None, after: Some(line) });
    gone.chain(come).collect()
}

/// Settings of the project.
pub(super) fn project(before: &Model, after: &Model) -> Vec<Field> {
    let (old, new) = (&before.project, &after.project);
    [
        Field::of("name", old.name.clone(), new.name.clone()),
        Field::of("description", old.description.clone(), new.description.clone()),
        Field::of("version", old.version.clone(), new.version.clone()),
        Field::of("theme", old.theme.clone(), new.theme.clone()),
    ]
    .into_iter()
    .flatten()
    .collect()
}
