//! Components that reach into other systems.

use crate::rule::{Ask, Group, Reads, Rule, flag};
use loko_model::{ElementShape, Kind};
use loko_source::{Diagnostic, Severity};

pub(crate) const RULE: Rule = Rule {
    summary: "A component calls a component or a store of another system, past its boundary.",
    why: "The other system cannot change its inside any more without breaking this one.",
    mend: "Call a container that is the other system’s door (an API, a topic), and let that reach what is inside.",
    group: Group::Structure,
    severity: Severity::Warning,
    reads: Reads::Graph,
    is_on: true,
    has_fix: false,
    options: &[
        flag("stores", true, "Whether databases, caches and buckets of another system count as its inside."),
    ],
    keys: &[],
    aliases: &["missing-boundaries", "cross-system-call"],
    check,
};

fn check(ask: &Ask<'_>) -> Vec<Diagnostic> {
    let workspace = ask.workspace;
    let model = workspace.model;
    let stores = ask.flag("stores");
    let is_inside = |ix| {
        let element = model.element(ix);
        // Queues and topics are doors; others may use them.
        let is_store = matches!(element.shape, Some(ElementShape::Database | ElementShape::Cache | ElementShape::Bucket));
        element.kind == Kind::Component || stores && is_store && element.kind == Kind::Container
    };
    let crossing = workspace.relations().filter(|(_, relation)| {
        let is_ours = matches!(model.element(relation.source).kind, Kind::Component | Kind::Container);
        let target_is_inside = is_inside(relation.target) && !workspace.is_external(relation.target);
        let source_is_component = model.element(relation.source).kind == Kind::Component;
        let counts = source_is_component || model.element(relation.target).kind == Kind::Container;
        is_ours && target_is_inside && counts && workspace.top(relation.source) != workspace.top(relation.target)
    });
    crossing
        .map(|(ix, relation)| {
            let (from, to) = (workspace.top(relation.source), workspace.top(relation.target));
            let message = format!("{} reaches into {}", ask.arrow(relation), ask.id(to));
            ask.of_relation(ix, message, "past the boundary")
                .note(format!("from {} to {}", ask.id(from), ask.id(to)))
                .help("call a container that is the other system's door, such as its API")
        })
        .collect()
}
