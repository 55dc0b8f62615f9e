//! Events whose content nobody wrote down.

use crate::rule::{Ask, Group, Reads, Rule};
use loko_source::{Diagnostic, Severity};

pub(crate) const RULE: Rule = Rule {
    summary: "A relation names an event and not its schema.",
    why: "Whoever wants to read the event has to read code of the team that sends it.",
    mend: "Name the contract of what travels: `schema: events/order-placed.json`.",
    group: Group::Documentation,
    severity: Severity::Info,
    reads: Reads::Graph,
    is_on: false,
    has_fix: false,
    options: &[],
    keys: &["event", "schema"],
    aliases: &[],
    check,
};

fn check(ask: &Ask<'_>) -> Vec<Diagnostic> {
    let bare = ask.workspace.relations().filter(|(_, relation)| !relation.behaviour.contains_key("schema"));
    bare.filter_map(|(ix, relation)| {
        let event = relation.event.as_ref()?;
        let message = format!("the event `{event}` of {} has no schema", ask.arrow(relation));
        Some(ask.of_relation(ix, message, "no `schema`").help("name the contract of what travels with `schema`"))
    })
    .collect()
}
