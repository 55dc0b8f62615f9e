//! Patterns for thousands in systems for few.

use crate::rule::{Ask, Group, Reads, Rule, number, texts};
use loko_model::ElementIx;
use loko_model::behaviour::Behaviour;
use loko_source::{Diagnostic, Severity};

pub(crate) const RULE: Rule = Rule {
    summary: "Something uses a pattern for large systems and has few users.",
    why: "CQRS, event sourcing or sagas cost every change that is made; few users never pay that back.",
    mend: "Start simple, and keep the seam where the pattern can come in later.",
    group: Group::Structure,
    severity: Severity::Warning,
    reads: Reads::Graph,
    is_on: true,
    has_fix: false,
    options: &[
        number("users", 100.0, "Below how many users."),
        texts("patterns", &["cqrs", "event-sourcing", "saga", "saga-orchestration", "saga-choreography", "service-mesh", "sharding-horizontal", "sharding-vertical", "event-carried-state-transfer", "leader-election"], "The patterns for large systems."),
    ],
    keys: &["users", "patterns"],
    aliases: &["over-engineered"],
    check,
};

fn check(ask: &Ask<'_>) -> Vec<Diagnostic> {
    let model = ask.workspace.model;
    let (limit, large) = (ask.number("users"), ask.texts("patterns"));
    let mut findings = Vec::new();
    for ix in model.ids().filter(|ix| model.element(*ix).behaviour.contains_key("patterns")) {
        let patterns = Behaviour::of_element(model.element(ix)).items("patterns");
        let mut used: Vec<String> = patterns.into_iter().filter_map(|played| played.text("id")).collect();
        used.retain(|pattern| large.contains(pattern));
        // Several roles in one pattern are one use of it.
        used.dedup();
        let Some(users) = users(ask, ix).filter(|users| *users < limit && !used.is_empty()) else { continue };
        let message = format!("{} uses {} for {users} users", ask.id(ix), used.join(", "));
        findings.push(
            ask.of_element(ix, message, "more than it needs?")
                .note(format!("such patterns pay from about {limit} users on"))
                .help("start simple, or raise the limit of `over-engineering` in `[rules]`"),
        );
    }
    findings
}

/// How many people use an element: its own number, or that of what it is part of.
fn users(ask: &Ask<'_>, ix: ElementIx) -> Option<f64> {
    let model = ask.workspace.model;
    model.ancestry(ix).find_map(|ix| Behaviour::of_element(model.element(ix)).number("users"))
}
