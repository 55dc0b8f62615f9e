//! Diagrams of more elements than one looks at.

use rustc_hash::FxHashSet;
use loko_source::Span;
use crate::rule::{Ask, Group, Reads, Rule, number};
use loko_model::{ElementIx, Kind};
use loko_source::{Diagnostic, Severity};

pub(crate) const RULE: Rule = Rule {
    summary: "A diagram shows more elements than people can take in at a glance.",
    why: "Five to seven elements are read; twenty are searched.",
    mend: "Show one concern: group parts into a whole, draw a part of it by hand, or tell a story as a dynamic view.",
    group: Group::Documentation,
    severity: Severity::Info,
    reads: Reads::All,
    is_on: true,
    has_fix: false,
    options: &[
        number("most", 7.0, "The most elements that the boxes of a drawing by hand may be."),
        number("parts", 12.0, "The most parts that an element may have, all of which its automatic diagram shows."),
    ],
    keys: &[],
    aliases: &["focused-diagram", "diagram-too-large"],
    check,
};

fn check(ask: &Ask<'_>) -> Vec<Diagnostic> {
    let mut findings = by_hand(ask);
    let model = ask.workspace.model;
    let drawn: FxHashSet<ElementIx> = ask.workspace.drawings.iter().filter_map(|drawing| drawing.owner).collect();
    let most = ask.count("parts");
    for ix in model.ids().filter(|ix| model.element(*ix).kind != Kind::Person && !drawn.contains(ix)) {
        let count = model.children(ix).len();
        if count > most {
            let message = format!("the diagram of {} shows {count} parts", ask.id(ix));
            findings.push(
                ask.of_element(ix, message, "has many parts")
                    .note(format!("{most} are read at a glance"))
                    .help("group parts into wholes, or draw the most important ones by hand"),
            );
        }
    }
    findings
}

fn by_hand(ask: &Ask<'_>) -> Vec<Diagnostic> {
    let most = ask.count("most");
    let mut findings = Vec::new();
    for drawing in ask.workspace.drawings {
        // A box with boxes inside is a border, not one more thing to read.
        let is_border = |path: &[smol_str::SmolStr]| {
            drawing.boxes.iter().any(|it| it.path.len() > path.len() && it.path.starts_with(path))
        };
        let count = drawing.boxes.iter().filter(|it| !is_border(&it.path)).count();
        if count > most {
            let text = ask.workspace.snapshot.text(drawing.file.as_str()).unwrap_or("");
            let span = Span::new(0, text.lines().next().map_or(0, str::len));
            findings.push(
                ask.finding(format!("`{}` draws {count} boxes", drawing.file))
                    .at(&drawing.file, span, "")
                    .note(format!("{most} are read at a glance"))
                    .help("leave out what is not about its concern, or split it into several drawings"),
            );
        }
    }
    findings
}
