//! Many calls for one thing.

use crate::rule::{Ask, Group, Reads, Rule, number};
use crate::services::Services;
use loko_model::behaviour::Behaviour;
use loko_source::{Diagnostic, Severity};

pub(crate) const RULE: Rule = Rule {
    summary: "One container calls another many times for one request, or for many different things.",
    why: "Each call costs a round trip and can fail; ten of them fail ten times as often.",
    mend: "Offer one call for what the caller wants, hand over many things at once, or keep a copy of what is asked for.",
    group: Group::Resilience,
    severity: Severity::Warning,
    reads: Reads::Graph,
    is_on: true,
    has_fix: false,
    options: &[
        number("calls", 10.0, "From how many calls for each request on (`calls` of the relation)."),
        number("relations", 5.0, "From how many waiting relations between the same two containers on."),
    ],
    keys: &["calls"],
    aliases: &["chatty"],
    check,
};

/// How many relations are underlined.
const SHOWN_MAX: usize = 6;

fn check(ask: &Ask<'_>) -> Vec<Diagnostic> {
    let workspace = ask.workspace;
    let model = workspace.model;
    let (calls, relations) = (ask.number("calls"), ask.count("relations").max(2));
    let mut findings = Vec::new();
    for (ix, relation) in workspace.relations().filter(|(_, relation)| workspace.waits(relation)) {
        if relation.behaviour.is_empty() {
            continue;
        }
        let call = Behaviour::of_relation(relation);
        let (Some(found), Some(count)) = (call.find("calls"), call.number("calls")) else { continue };
        if count < calls {
            continue;
        }
        if workspace.container(relation.source) == workspace.container(relation.target) {
            continue;
        }
        let message = format!("{} is called {count} times for each request", ask.arrow(relation));
        let place = workspace.value_place(relation, found.value);
        let mut finding = ask.of_relation(ix, message, "many calls");
        finding = finding.at(&place.path, place.span, "many calls");
        findings.push(finding.help("ask for many things at once, or keep a copy"));
    }
    for ((source, target), between) in &Services::of(workspace).calls {
        if between.len() >= relations {
            let message = format!("{} asks {} for {} different things", ask.id(*source), ask.id(*target), between.len());
            let mut finding = ask.of_element(*source, message, "chatty");
            for relation in between.iter().take(SHOWN_MAX).map(|ix| model.relation(*ix)) {
                finding = finding.and(&relation.place.path, relation.place.span, ask.arrow(relation));
            }
            findings.push(finding.help("offer one call for what the caller wants"));
        }
    }
    findings
}
