//! Services that can only live together.

use crate::coupling::monolith;
use crate::rule::{Ask, Group, Reads, Rule, number};
use loko_source::{Diagnostic, Severity};

pub(crate) const RULE: Rule = Rule {
    summary: "The services of a system wait for each other so much that they are one program in pieces.",
    why: "Such services have to be changed, deployed and started together: the cost of distribution without what it is for.",
    mend: "Merge services that always change together, let them announce what happened instead of asking, and give each its own data.",
    group: Group::Structure,
    severity: Severity::Warning,
    reads: Reads::Graph,
    is_on: true,
    has_fix: false,
    options: &[
        number("score", monolith::MONOLITH_FROM, "From which score on, of 100; `loko coupling` tells its parts."),
        number("services", 3.0, "From how many services on a system is looked at."),
    ],
    keys: &[],
    aliases: &["monolith"],
    check,
};

fn check(ask: &Ask<'_>) -> Vec<Diagnostic> {
    let model = ask.workspace.model;
    let mut findings = Vec::new();
    for (system, score) in monolith::by_system(model, ask.count("services")) {
        if score.score < ask.number("score") {
            continue;
        }
        let (count, id) = (score.services.len(), ask.id(system));
        let message = format!("the {count} services of {id} score {} of 100 as a distributed monolith", score.score.round());
        let mut finding = ask.of_element(system, message, "lives and dies together");
        for part in score.parts.iter().filter(|part| part.value > 0.0) {
            finding = finding.note(part.told.clone());
        }
        findings.push(finding.help("merge what changes together, or let services announce instead of asking"));
    }
    findings
}
