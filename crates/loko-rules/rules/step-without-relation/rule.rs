//! Steps of stories between elements that no relation joins.

use crate::rule::{Ask, Group, Reads, Rule};
use loko_model::{DynamicView, ElementIx, ElementShape, Kind, Model, Relation, Step};
use loko_source::{Diagnostic, Severity};

pub(crate) const RULE: Rule = Rule {
    summary: "A step of a dynamic view leads from one element to another, and no relation does.",
    why: "The story tells of something that the model does not know: the relation was removed or leads elsewhere now, and who reads the story looks for it in vain.",
    mend: "State the relation, or tell the story as it is now. What goes through a queue or topic needs no relation of its own, and an answer says `response = true`.",
    group: Group::Drift,
    severity: Severity::Warning,
    reads: Reads::All,
    is_on: true,
    has_fix: false,
    options: &[],
    keys: &[],
    aliases: &[],
    check,
};

fn check(ask: &Ask<'_>) -> Vec<Diagnostic> {
    let model = ask.workspace.model;
    model.dynamics.iter().flat_map(|story| story.steps.iter().filter_map(|step| of_step(ask, model, story, step))).collect()
}

fn of_step(ask: &Ask<'_>, model: &Model, story: &DynamicView, step: &Step) -> Option<Diagnostic> {
    let (source, target) = (step.source, step.target);
    let is_inside = model.is_within(source, target) || model.is_within(target, source);
    if is_inside || leads(model, source, target) || step.response && leads(model, target, source) {
        return None;
    }
    let (from, to) = (ask.id(source), ask.id(target));
    let mut finding = ask
        .finding(format!("step {} of the story `{}` leads from {from} to {to}, and no relation does", step.number, story.id))
        .at(&step.place.path, step.place.span, "this step");
    let link = format!("`loko link {} {}`", model.element(source).id, model.element(target).id);
    if let Some(between) = between(model, source, target) {
        // A story may leave out who passes things on; whoever follows it should see that.
        finding.severity = finding.severity.min(Severity::Info);
        let between = ask.id(between);
        return Some(finding.note(format!("there is a way through {between}")).help(format!("tell it as two steps, or state the relation: {link}")));
    }
    Some(finding.help(match leads(model, target, source) {
        true => format!("write `response = true` if it answers, else state the relation: {link}"),
        false => format!("state the relation: {link}, or tell the step otherwise"),
    }))
}

/// A container, or what is in none, through which relations lead from one element to another.
fn between(model: &Model, source: ElementIx, target: ElementIx) -> Option<ElementIx> {
    let targets = model.relations.iter().filter(|relation| model.is_within(relation.source, source)).map(|it| it.target);
    let whole = |ix: ElementIx| model.ancestry(ix).find(|above| model.element(*above).kind == Kind::Container).unwrap_or(ix);
    let leads_on = |ix: &ElementIx| {
        let is_on = |relation: &Relation| model.is_within(relation.source, *ix) && model.is_within(relation.target, target);
        model.relations.iter().any(|relation| is_on(relation))
    };
    targets.map(whole).filter(|ix| !model.is_within(*ix, source) && !model.is_within(source, *ix)).find(leads_on)
}

/// Whether a relation leads from one element to another, their parts or what they are part of, or two do by way of a
/// queue or topic.
fn leads(model: &Model, source: ElementIx, target: ElementIx) -> bool {
    let is_queue = |ix: ElementIx| matches!(model.element(ix).shape, Some(ElementShape::Queue | ElementShape::Topic));
    let bears = |ix: ElementIx, end: ElementIx| model.is_within(ix, end) || model.is_within(end, ix);
    let hands_on = |ix: ElementIx| {
        is_queue(ix) && model.outgoing(ix).iter().any(|relation| bears(model.relation(*relation).target, target))
    };
    let of_source = model.relations.iter().filter(|relation| bears(relation.source, source));
    of_source.map(|relation| relation.target).any(|ix| bears(ix, target) || hands_on(ix))
}
