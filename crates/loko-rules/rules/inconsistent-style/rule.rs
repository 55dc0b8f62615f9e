//! The same element drawn in different ways.

use std::collections::BTreeMap;
use crate::rule::{Ask, Group, Reads, Rule};
use loko_model::drawing::DrawnAttribute;
use loko_source::{Diagnostic, Severity};

pub(crate) const RULE: Rule = Rule {
    summary: "An element is drawn with different shapes or colours in different D2 files.",
    why: "Readers take different looks for different things.",
    mend: "Give it one look: a class in a file that the drawings import, or none, so that loko draws all of them alike.",
    group: Group::Documentation,
    severity: Severity::Info,
    reads: Reads::All,
    is_on: true,
    has_fix: false,
    options: &[],
    keys: &[],
    aliases: &["inconsistent-styling"],
    check,
};

/// What of a look has to be the same everywhere.
const LOOKS: [&str; 4] = ["shape", "style.fill", "style.stroke", "class"];

fn check(ask: &Ask<'_>) -> Vec<Diagnostic> {
    let mut first: BTreeMap<_, (&loko_source::FilePath, &DrawnAttribute)> = BTreeMap::new();
    let mut findings = Vec::new();
    for drawing in ask.workspace.drawings {
        for (drawn, ix) in drawing.boxes.iter().filter_map(|drawn| Some((drawn, drawn.element?))) {
            for said in drawn.attributes.iter().filter(|said| LOOKS.contains(&said.key.as_str())) {
                let (file, known) = *first.entry((ix, said.key.as_str())).or_insert((&drawing.file, said));
                if known.value != said.value {
                    let message = format!("{} is drawn with `{}: {}` here and `{}` elsewhere", ask.id(ix), said.key, said.value, known.value);
                    findings.push(
                        ask.finding(message)
                            .at(&drawing.file, said.span, "here")
                            .and(file, known.span, "elsewhere")
                            .help("give it one look in all drawings"),
                    );
                }
            }
        }
    }
    findings
}
