//! Elements that everything goes through.

use std::collections::BTreeSet;
use crate::rule::{Ask, Group, Reads, Rule, number};
use loko_model::{ElementIx, Kind};
use loko_source::{Diagnostic, Severity};

pub(crate) const RULE: Rule = Rule {
    summary: "One component has relations with most others of its system.",
    why: "Everybody changes it, it is never finished, and when it fails everything does.",
    mend: "Split it by the reasons for which others come to it.",
    group: Group::Structure,
    severity: Severity::Warning,
    reads: Reads::Graph,
    is_on: true,
    has_fix: false,
    options: &[
        number("neighbours", 10.0, "From how many other elements on."),
        number("share", 0.5, "From which share of the components of its system on."),
    ],
    keys: &[],
    aliases: &["god-object"],
    check,
};

fn check(ask: &Ask<'_>) -> Vec<Diagnostic> {
    let workspace = ask.workspace;
    let model = workspace.model;
    let mut components = vec![0_usize; model.elements.len()];
    for ix in model.of_kind(Kind::Component) {
        components[workspace.top(ix).index()] += 1;
    }
    let neighbours = |ix: ElementIx| -> BTreeSet<ElementIx> {
        let out = model.outgoing(ix).iter().map(|it| model.relation(*it).target);
        out.chain(model.incoming(ix).iter().map(|it| model.relation(*it).source)).collect()
    };
    let (limit, share) = (ask.count("neighbours").max(1), ask.number("share"));
    let mut findings = Vec::new();
    for ix in model.of_kind(Kind::Component) {
        if model.outgoing(ix).len() + model.incoming(ix).len() < limit {
            continue;
        }
        let system = workspace.top(ix);
        let others = components[system.index()].saturating_sub(1);
        let around = neighbours(ix);
        let inside = around.iter().filter(|it| workspace.top(**it) == system && model.element(**it).kind == Kind::Component).count();
        if around.len() >= limit && others > 0 && inside as f64 >= share * others as f64 {
            let message = format!("{} has relations with {} elements, {inside} of the {others} other components of {}", ask.id(ix), around.len(), ask.id(system));
            findings.push(
                ask.of_element(ix, message, "everything goes through here").help("split it by the reasons for which others come to it"),
            );
        }
    }
    findings
}
