//! Elements that nobody answers for.

use crate::rule::{Ask, Group, Reads, Rule};
use loko_model::Kind;
use loko_source::{Diagnostic, Severity};

pub(crate) const RULE: Rule = Rule {
    summary: "A system or container of our own has no owner, in a workspace that names owners.",
    why: "When it breaks or has to change, nobody knows whom to ask.",
    mend: "Name the team: `owner: team-orders`. A part has the owner of its whole.",
    group: Group::Documentation,
    severity: Severity::Info,
    reads: Reads::Graph,
    is_on: true,
    has_fix: false,
    options: &[],
    keys: &["owner"],
    aliases: &["no-owner"],
    check,
};

fn check(ask: &Ask<'_>) -> Vec<Diagnostic> {
    let model = ask.workspace.model;
    // A team that names no owners at all does not keep them here.
    if model.elements.iter().all(|element| element.owner.as_deref().unwrap_or("").is_empty()) {
        return Vec::new();
    }
    let is_asked = |kind| matches!(kind, Kind::System | Kind::Container);
    let lacks = |ix: &loko_model::ElementIx| model.owner(*ix).is_none() && !ask.workspace.is_external(*ix);
    // Of a whole without an owner its parts are not told as well.
    let is_outermost = |ix: &loko_model::ElementIx| model.element(*ix).parent.is_none_or(|parent| !lacks(&parent));
    let lost = model.ids().filter(|ix| is_asked(model.element(*ix).kind) && lacks(ix) && is_outermost(ix));
    lost.map(|ix| {
        ask.of_element(ix, format!("nobody answers for {}", ask.id(ix)), "no owner").help("name the team: `owner: …`")
    })
    .collect()
}
