//! Behaviour that names a part of an element that has no such part.

use crate::rule::{Ask, Group, Reads, Rule};
use loko_model::behaviour::Behaviour;
use loko_model::edit::naming_values;
use loko_model::{ElementIx, Model, Resolution, Value};
use loko_source::suggest::did_you_mean;
use loko_source::{Diagnostic, Place, Severity};

pub(crate) const RULE: Rule = Rule {
    summary: "What is said of behaviour leads to a part of an element that has no such part.",
    why: "Where failures, messages and events go is read by whoever repairs the system at night, and by the simulation. A path to nothing is worse than none.",
    mend: "Name an element by its id, as `loko query list` shows it, or add the one that is missing.",
    group: Group::Drift,
    severity: Severity::Warning,
    reads: Reads::Graph,
    is_on: true,
    has_fix: false,
    options: &[],
    keys: &["dead_letter.to", "fallback.to", "events", "saga", "triggers"],
    aliases: &[],
    check,
};

fn check(ask: &Ask<'_>) -> Vec<Diagnostic> {
    let model = ask.workspace.model;
    let mut findings = Vec::new();
    for ix in model.ids() {
        let element = model.element(ix);
        for value in naming_values(Behaviour::of_element(element)) {
            let place = || Place::new(element.file.clone(), value.span);
            findings.extend(finding(ask, ix, value, place));
        }
    }
    for (_, relation) in ask.workspace.relations() {
        for value in naming_values(Behaviour::of_relation(relation)) {
            findings.extend(finding(ask, relation.source, value, || ask.workspace.value_place(relation, value)));
        }
    }
    findings
}

fn finding(ask: &Ask<'_>, from: ElementIx, value: &Value, place: impl FnOnce() -> Place) -> Option<Diagnostic> {
    let model = ask.workspace.model;
    let written = value.as_text()?;
    let (whole, rest) = missing(model, from, written)?;
    let place = place();
    let message = format!("{} has no part `{rest}`, which {} names", ask.id(whole), ask.id(from));
    let parts = model.subtree(whole);
    let known = parts.iter().map(|ix| model.element(*ix).id.as_str());
    let help = did_you_mean(written, known)
        .unwrap_or_else(|| "name an element by its id; `loko query list` shows all".to_owned());
    Some(ask.finding(message).at(&place.path, place.span, "leads to nothing").help(help))
}

/// The element that a path starts at, and what it has no part of. Words for people and names of topics start at none.
fn missing<'w>(model: &Model, from: ElementIx, written: &'w str) -> Option<(ElementIx, &'w str)> {
    if written.contains(char::is_whitespace) || model.resolve_from(from, written) != Resolution::Unknown {
        return None;
    }
    let (start, rest) = written.split_once('/')?;
    match model.resolve_from(from, start) {
        Resolution::Found(whole) => Some((whole, rest)),
        _ => None,
    }
}
