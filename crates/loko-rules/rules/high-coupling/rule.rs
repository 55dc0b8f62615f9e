//! Elements that lean on many others.

use std::collections::BTreeSet;
use crate::rule::{Ask, Group, Reads, Rule, number};
use loko_model::{ElementIx, Kind};
use loko_source::{Diagnostic, Severity};

pub(crate) const RULE: Rule = Rule {
    summary: "An element depends directly on many others.",
    why: "It has to change whenever one of them does, and nobody can test it alone.",
    mend: "Split it by what it does, or let something in between gather what it needs.",
    group: Group::Structure,
    severity: Severity::Warning,
    reads: Reads::Graph,
    is_on: true,
    has_fix: false,
    options: &[
        number("components", 5.0, "From how many elements on a component depends on too many."),
        number("containers", 10.0, "The same for a container, its parts included; what is inside it does not count."),
        number("systems", 10.0, "The same for a system."),
    ],
    keys: &[],
    aliases: &["highly-coupled"],
    check,
};

/// How many of the others are named.
const NAMED_MAX: usize = 12;

fn check(ask: &Ask<'_>) -> Vec<Diagnostic> {
    let workspace = ask.workspace;
    let model = workspace.model;
    let mut used: Vec<BTreeSet<ElementIx>> = vec![BTreeSet::new(); model.elements.len()];
    for (_, relation) in workspace.relations().filter(|(_, relation)| !workspace.is_inside(relation)) {
        used[relation.source.index()].insert(relation.target);
        // A whole depends on the peers of its own level.
        for above in model.ancestry(relation.source).skip(1) {
            if !model.is_within(relation.target, above) {
                let kind = model.element(above).kind;
                let peer = model.ancestry(relation.target).find(|ix| model.element(*ix).kind == kind);
                used[above.index()].insert(peer.unwrap_or(relation.target));
            }
        }
    }
    let limit = |kind| match kind {
        Kind::Component => ask.count("components"),
        Kind::Container => ask.count("containers"),
        Kind::System => ask.count("systems"),
        Kind::Person => usize::MAX,
    };
    let coupled = model.ids().filter(|ix| {
        let count = used[ix.index()].len();
        !workspace.is_external(*ix) && count > 0 && count >= limit(model.element(*ix).kind)
    });
    coupled
        .map(|ix| {
            let others: Vec<ElementIx> = used[ix.index()].iter().copied().collect();
            let message = format!("{} depends on {} others", ask.id(ix), others.len());
            ask.of_element(ix, message, "depends on many")
                .note(format!("on {}", ask.ids(&others, NAMED_MAX)))
                .help("split it by what it does, or raise the limit of `high-coupling` in `[rules]`")
        })
        .collect()
}
