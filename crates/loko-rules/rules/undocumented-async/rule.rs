//! Solid lines to queues.

use crate::{fix, statement};
use crate::rule::{Ask, Group, Reads, Rule};
use loko_model::Origin;
use loko_source::{Applicability, Diagnostic, Severity};

pub(crate) const RULE: Rule = Rule {
    summary: "A relation with a queue or topic does not say that nobody waits.",
    why: "A queue is there so that nobody waits. A solid line to it hides where time is decoupled and what happens to messages that nobody handles.",
    mend: "Say `type: async` or name the `event`; both are drawn dashed.",
    group: Group::Documentation,
    severity: Severity::Warning,
    reads: Reads::Graph,
    is_on: true,
    has_fix: true,
    options: &[],
    keys: &["type", "event"],
    aliases: &["undocumented-asynchronous"],
    check,
};

fn check(ask: &Ask<'_>) -> Vec<Diagnostic> {
    let workspace = ask.workspace;
    let is_meant = |relation: &loko_model::Relation| {
        let ends = [relation.source, relation.target];
        workspace.waits(relation) && ends.iter().any(|end| workspace.is_queue(*end)) && !workspace.is_inside(relation)
    };
    workspace
        .relations()
        .filter(|(_, relation)| is_meant(relation))
        .map(|(ix, relation)| {
            let queue = if workspace.is_queue(relation.target) { relation.target } else { relation.source };
            let message = format!("{} waits for a queue, {}", ask.arrow(relation), ask.id(queue));
            let finding = ask.of_relation(ix, message, "a solid line");
            if relation.origin == Origin::D2 {
                return finding.help("draw the arrow with `style.stroke-dash: 5`, or state the relation with `type: async`");
            }
            let finding = finding.help("say `type: async`, or name the `event` that travels");
            match statement::with_key(workspace.snapshot, relation, "type", "async") {
                Some((path, edit)) => finding.fix(fix::of_file("say that it does not wait", Applicability::Unsafe, &path, vec![edit])),
                None => finding,
            }
        })
        .collect()
}
