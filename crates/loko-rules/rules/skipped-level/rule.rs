//! Components drawn outside of their container.

use crate::rule::{Ask, Group, Reads, Rule};
use loko_model::Kind;
use loko_source::{Diagnostic, Severity};

pub(crate) const RULE: Rule = Rule {
    summary: "A drawing shows a component without the container that it is part of, beside systems or people.",
    why: "C4 goes down level by level: whoever sees a part without its whole cannot tell where it runs.",
    mend: "Draw the component inside its container, or draw the container instead.",
    group: Group::Documentation,
    severity: Severity::Info,
    reads: Reads::All,
    is_on: true,
    has_fix: false,
    options: &[],
    keys: &[],
    aliases: &["levels"],
    check,
};

fn check(ask: &Ask<'_>) -> Vec<Diagnostic> {
    let model = ask.workspace.model;
    let mut findings = Vec::new();
    for drawing in ask.workspace.drawings {
        let shown: Vec<_> = drawing.boxes.iter().filter_map(|drawn| drawn.element).collect();
        for (drawn, ix) in drawing.boxes.iter().filter_map(|drawn| Some((drawn, drawn.element?))) {
            let element = model.element(ix);
            let Some(container) = element.parent.filter(|_| element.kind == Kind::Component) else { continue };
            let is_home = drawing.owner.is_some_and(|owner| model.is_within(owner, container));
            if !is_home && !shown.contains(&container) {
                findings.push(
                    ask.finding(format!("{} is drawn without its container {}", ask.id(ix), ask.id(container)))
                        .at(&drawing.file, drawn.span, "a level is skipped")
                        .help("draw it inside its container, or draw the container instead"),
                );
            }
        }
    }
    findings
}
