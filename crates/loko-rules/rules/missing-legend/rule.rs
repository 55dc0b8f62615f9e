//! Drawings whose notation nobody explains.

use std::collections::BTreeSet;
use loko_source::Span;
use crate::rule::{Ask, Group, Reads, Rule, number};
use loko_source::{Diagnostic, Severity};

pub(crate) const RULE: Rule = Rule {
    summary: "A drawing by hand uses colours, dashes or shapes of its own and has no legend.",
    why: "The notation of loko is explained on every site; that of a drawing only its author knows.",
    mend: "Add `vars: { d2-legend: { … } }`, or a box called `legend`; or leave the looks to loko.",
    group: Group::Documentation,
    severity: Severity::Info,
    reads: Reads::All,
    is_on: true,
    has_fix: false,
    options: &[
        number("looks", 3.0, "From how many different looks on a legend is wanted."),
    ],
    keys: &[],
    aliases: &["legend"],
    check,
};

/// What of a look needs explaining.
const LOOKS: [&str; 6] = ["style.fill", "style.stroke", "style.stroke-dash", "style.font-color", "style.stroke-width", "class"];

fn check(ask: &Ask<'_>) -> Vec<Diagnostic> {
    let most = ask.count("looks").max(1);
    let mut findings = Vec::new();
    for drawing in ask.workspace.drawings.iter().filter(|drawing| !drawing.has_legend) {
        let of_boxes = drawing.boxes.iter().flat_map(|it| &it.attributes);
        let of_arrows = drawing.arrows.iter().flat_map(|it| &it.attributes);
        let is_look = |key: &str| LOOKS.contains(&key);
        let looks: BTreeSet<(&str, &str)> = of_boxes
            .chain(of_arrows)
            // A dashed line is what C4 and loko mean by it: nobody waits.
            .filter(|it| is_look(&it.key) && it.key != "style.stroke-dash")
            .map(|it| (it.key.as_str(), it.value.as_str()))
            .collect();
        if looks.len() >= most {
            let text = ask.workspace.snapshot.text(drawing.file.as_str()).unwrap_or("");
            let span = Span::new(0, text.lines().next().map_or(0, str::len));
            let named: Vec<String> = looks.iter().map(|(key, value)| format!("{key}: {value}")).collect();
            findings.push(
                ask.finding(format!("`{}` has {} looks of its own and no legend", drawing.file, looks.len()))
                    .at(&drawing.file, span, "")
                    .note(named.join(", "))
                    .help("explain them in `vars.d2-legend`"),
            );
        }
    }
    findings
}
