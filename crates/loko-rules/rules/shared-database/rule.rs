//! Databases that several services use.

use crate::services::Services;
use crate::rule::{Ask, Group, Reads, Rule, number, texts};
use loko_model::{ElementIx, ElementShape};
use loko_source::{Diagnostic, Severity};

pub(crate) const RULE: Rule = Rule {
    summary: "Several services use the same database.",
    why: "Nobody can change a table without asking the others, and a slow query of one slows all.",
    mend: "Give each service its own data and let the others ask for it by its API or its events.",
    group: Group::Structure,
    severity: Severity::Warning,
    reads: Reads::Graph,
    is_on: true,
    has_fix: false,
    options: &[
        number("services", 2.0, "From how many services on."),
        texts("shapes", &["database"], "The shapes that must not be shared: database, cache, bucket."),
    ],
    keys: &[],
    aliases: &["shared-databases"],
    check,
};

/// How many of the services are underlined.
const SHOWN_MAX: usize = 6;

fn check(ask: &Ask<'_>) -> Vec<Diagnostic> {
    let model = ask.workspace.model;
    let services = Services::of(ask.workspace);
    let shapes = ask.texts("shapes");
    let mut findings = Vec::new();
    for (store, users) in &services.users {
        let shape = model.element(*store).shape.map_or("", ElementShape::name);
        if users.len() < ask.count("services").max(2) || !shapes.iter().any(|it| it == shape) {
            continue;
        }
        let names: Vec<ElementIx> = users.keys().copied().collect();
        let message = format!("{} services share {}: {}", users.len(), ask.id(*store), ask.ids(&names, SHOWN_MAX));
        let mut finding = ask.of_element(*store, message, "shared");
        for relation in users.values().take(SHOWN_MAX).map(|ix| model.relation(*ix)) {
            finding = finding.and(&relation.place.path, relation.place.span, ask.arrow(relation));
        }
        findings.push(finding.help("give each service its own data, and let the others ask for it"));
    }
    findings
}
