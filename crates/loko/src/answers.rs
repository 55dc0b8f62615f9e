//! Answers as text for people.

use clap::ValueEnum;
use loko_model::query::deps::Deps;
use loko_model::query::impact::{Coupling, Impact};
use loko_model::query::list::List;
use loko_model::query::path::Paths;
use loko_model::query::search::Found;
use loko_model::query::stats::Stats;
use loko_model::query::{ElementRef, RelationRef};
use loko_model::{ElementIx, Kind, Model, RelationKind};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// How much to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Detail {
    /// Numbers and the names of systems
    Summary,
    /// Systems with their containers
    Structure,
    /// Everything down to components, with descriptions
    Full,
}

/// Rows in aligned columns; the last column is not padded.
fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    let mut out = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            let _ = write!(line, "{cell:width$}  ");
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

fn element_cells(element: &ElementRef<'_>) -> Vec<String> {
    let kind =
        if element.external { format!("external {}", element.kind.name()) } else { element.kind.name().to_owned() };
    vec![element.id.to_owned(), kind, element.technology.to_owned()]
}

fn relation_text(relation: &RelationRef<'_>) -> String {
    let mut text = if relation.description.is_empty() { "—".to_owned() } else { relation.description.to_owned() };
    let mut marks = Vec::new();
    if !relation.technology.is_empty() {
        marks.push(relation.technology.to_owned());
    }
    if relation.kind != RelationKind::Sync {
        marks.push(relation.kind.name().to_owned());
    }
    marks.extend(relation.event.map(str::to_owned));
    if !marks.is_empty() {
        let _ = write!(text, " [{}]", marks.join(", "));
    }
    text
}

/// What an element depends on, or what depends on it.
pub(crate) fn deps(deps: &Deps<'_>, verb: &str) -> String {
    if deps.results.is_empty() {
        return format!("{} {verb} nothing\n", deps.element.id);
    }
    let mut out = format!("{} {verb}\n", deps.element.id);
    let rows: Vec<Vec<String>> = deps
        .results
        .iter()
        .map(|dep| {
            let relations: Vec<String> = dep.relations.iter().map(relation_text).collect();
            let step = if deps.transitive { format!("  {}", dep.distance) } else { " ".to_owned() };
            vec![step, dep.element.id.to_owned(), relations.join("; ")]
        })
        .collect();
    out.push_str(&table(&rows));
    out
}

/// Ways from one element to another.
pub(crate) fn paths(paths: &Paths<'_>) -> String {
    if paths.paths.is_empty() {
        return format!("{} does not reach {}\n", paths.from.id, paths.to.id);
    }
    let mut out = String::new();
    for path in &paths.paths {
        let Some(first) = path.relations.first() else { continue };
        let _ = writeln!(out, "{}", first.source);
        for relation in &path.relations {
            let _ = writeln!(out, "  → {}  {}", relation.target, relation_text(relation));
        }
    }
    if paths.truncated {
        out.push_str("there may be more ways; the search was cut short\n");
    }
    out
}

/// What a failure or change reaches.
pub(crate) fn impact(impact: &Impact<'_>) -> String {
    if impact.total == 0 {
        return format!("nothing depends on {}\n", impact.element.id);
    }
    let mut out =
        format!("{} elements depend on {}, {} of them wait for it\n", impact.total, impact.element.id, impact.sync);
    let rows: Vec<Vec<String>> = impact
        .impacted
        .iter()
        .map(|hit| {
            let coupling = match hit.coupling {
                Coupling::Sync => "waits",
                Coupling::Async => "does not wait",
            };
            vec![format!("  {}", hit.distance), hit.element.id.to_owned(), coupling.to_owned()]
        })
        .collect();
    out.push_str(&table(&rows));
    let systems: Vec<String> =
        impact.systems.iter().map(|system| format!("{} ({})", system.id, system.impacted)).collect();
    let _ = writeln!(out, "systems: {}", systems.join(", "));
    out
}

/// What a search found.
pub(crate) fn search(found: &Found<'_>) -> String {
    if found.results.is_empty() {
        return format!("nothing matches `{}`\n", found.query);
    }
    let row = |hit: &loko_model::query::search::Hit<'_>| {
        let mut cells = element_cells(&hit.element);
        cells.push(hit.description.to_owned());
        cells
    };
    let mut out = table(&found.results.iter().map(row).collect::<Vec<_>>());
    if found.total > found.results.len() {
        let _ = writeln!(out, "{} more; raise --limit to see them", found.total - found.results.len());
    }
    out
}

/// A list of elements.
pub(crate) fn list(list: &List<'_>) -> String {
    let rows: Vec<Vec<String>> = list
        .elements
        .iter()
        .map(|row| {
            let kind = if row.external { format!("external {}", row.kind.name()) } else { row.kind.name().to_owned() };
            vec![row.id.to_owned(), kind, row.technology.to_owned(), row.description.to_owned()]
        })
        .collect();
    if rows.is_empty() { "no such elements\n".to_owned() } else { table(&rows) }
}

/// The numbers.
pub(crate) fn stats(stats: &Stats<'_>) -> String {
    let (elements, relations) = (&stats.elements, &stats.relations);
    let mut out = format!(
        "elements       {} (people {}, systems {}, containers {}, components {}; external {})\n",
        elements.total, elements.people, elements.systems, elements.containers, elements.components, elements.external
    );
    let _ = writeln!(
        out,
        "relations      {} (sync {}, async {}, event {})",
        relations.total, relations.sync, relations.asynchronous, relations.event
    );
    let _ = writeln!(out, "environments   {}", stats.environments);
    let _ = writeln!(out, "dynamic views  {}", stats.dynamic_views);
    let _ = writeln!(out, "decisions      {}", stats.decisions);
    if !stats.most_connected.is_empty() {
        let _ = writeln!(out, "most connected");
        let row = |hit: &loko_model::query::stats::Connected<'_>| {
            vec![format!("  {}", hit.element.id), format!("{} in", hit.incoming), format!("{} out", hit.outgoing)]
        };
        out.push_str(&table(&stats.most_connected.iter().map(row).collect::<Vec<_>>()));
    }
    if !stats.orphans.is_empty() {
        let names: Vec<&str> = stats.orphans.iter().map(|orphan| orphan.id).collect();
        let _ = writeln!(out, "without any relation: {}", names.join(", "));
    }
    for cycle in &stats.cycles {
        let _ = writeln!(out, "cycle: {}", cycle.join(" → "));
    }
    out
}

/// The architecture, as far as `detail` goes.
pub(crate) fn describe(model: &Model, detail: Detail, only: Option<ElementIx>, relationships: bool) -> Value {
    let top = |ix: &ElementIx| match only {
        Some(only) => *ix == only,
        None => model.element(*ix).parent.is_none(),
    };
    let count = |kind| model.of_kind(kind).filter(|ix| only.is_none_or(|only| model.is_within(*ix, only))).count();
    let mut told = json!({
        "project": { "name": model.project.name, "description": model.project.description, "version": model.project.version },
        "counts": {
            "people": count(Kind::Person), "systems": count(Kind::System),
            "containers": count(Kind::Container), "components": count(Kind::Component),
        },
        "elements": model.ids().filter(top).map(|ix| element(model, ix, detail)).collect::<Vec<_>>(),
    });
    if relationships {
        let shown = model.relations.iter().filter(|relation| {
            only.is_none_or(|only| model.is_within(relation.source, only) || model.is_within(relation.target, only))
        });
        told["relationships"] = shown
            .map(|relation| {
                json!({
                    "source": model.element(relation.source).id, "target": model.element(relation.target).id,
                    "description": relation.description, "kind": relation.kind.name(),
                })
            })
            .collect();
    }
    told
}

fn element(model: &Model, ix: ElementIx, detail: Detail) -> Value {
    let element_data = model.element(ix);
    let mut told = json!({ "id": element_data.id, "name": element_data.name, "kind": element_data.kind.name() });
    if element_data.external {
        told["external"] = json!(true);
    }
    if detail != Detail::Summary && !element_data.technology.is_empty() {
        told["technology"] = json!(element_data.technology);
    }
    if detail == Detail::Full && !element_data.description.is_empty() {
        told["description"] = json!(element_data.description);
    }
    let deeper = match detail {
        Detail::Summary => false,
        Detail::Structure => element_data.kind == Kind::System,
        Detail::Full => true,
    };
    if deeper && !model.children(ix).is_empty() {
        told["parts"] = model.children(ix).iter().map(|child| element(model, *child, detail)).collect();
    }
    told
}

/// A description as an indented outline.
pub(crate) fn description(told: &Value) -> String {
    let text = |value: &Value, key: &str| value[key].as_str().unwrap_or("").to_owned();
    let mut out = format!("{}\n", text(&told["project"], "name"));
    let counts = &told["counts"];
    let _ = writeln!(
        out,
        "people {}, systems {}, containers {}, components {}\n",
        counts["people"], counts["systems"], counts["containers"], counts["components"]
    );
    let mut stack: Vec<(usize, &Value)> =
        told["elements"].as_array().into_iter().flatten().rev().map(|element| (0, element)).collect();
    while let Some((depth, element)) = stack.pop() {
        let technology = text(element, "technology");
        let technology = if technology.is_empty() { String::new() } else { format!(" [{technology}]") };
        let description = text(element, "description");
        let description = if description.is_empty() { String::new() } else { format!(": {description}") };
        let (indent, name, kind) = ("  ".repeat(depth), text(element, "name"), text(element, "kind"));
        let _ = writeln!(out, "{indent}{name} ({kind}){technology}{description}");
        stack.extend(element["parts"].as_array().into_iter().flatten().rev().map(|part| (depth + 1, part)));
    }
    for relation in told["relationships"].as_array().into_iter().flatten() {
        let (source, target) = (text(relation, "source"), text(relation, "target"));
        let _ = writeln!(out, "{source} → {target}: {}", text(relation, "description"));
    }
    out
}
