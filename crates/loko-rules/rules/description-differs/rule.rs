//! Tooltips of drawings that say something else than the element.

use crate::fix;
use crate::rule::{Ask, Group, Reads, Rule};
use loko_source::{Applicability, Diagnostic, Severity, TextEdit};

pub(crate) const RULE: Rule = Rule {
    summary: "The tooltip of a box in a D2 file differs from the description of its element.",
    why: "The same thing is told in two ways; one of them is out of date.",
    mend: "Let the tooltip say what the front matter says, or leave it out: loko shows the description there anyway.",
    group: Group::Drift,
    severity: Severity::Warning,
    reads: Reads::All,
    is_on: true,
    has_fix: true,
    options: &[],
    keys: &[],
    aliases: &["description-mismatch"],
    check,
};

fn check(ask: &Ask<'_>) -> Vec<Diagnostic> {
    let model = ask.workspace.model;
    let mut findings = Vec::new();
    for drawing in ask.workspace.drawings {
        for drawn in &drawing.boxes {
            let Some(ix) = drawn.element else { continue };
            let Some(tooltip) = drawn.attribute("tooltip") else { continue };
            let element = model.element(ix);
            if element.description.is_empty() || plain(&tooltip.value).is_empty() || plain(&tooltip.value) == plain(&element.description) {
                continue;
            }
            let quoted = format!("\"{}\"", element.description.replace('\\', "\\\\").replace('"', "\\\""));
            let edit = TextEdit::replace(tooltip.span, quoted);
            findings.push(
                ask.finding(format!("the tooltip of {} differs from its description", ask.id(ix)))
                    .at(&drawing.file, tooltip.span, "says this")
                    .and(&element.file, ask.workspace.name_span(ix), format!("is described as: {}", element.description))
                    .help("say the same in both, or leave the tooltip out")
                    .fix(fix::of_file("write the description into the tooltip", Applicability::Unsafe, &drawing.file, vec![edit])),
            );
        }
    }
    findings
}

/// A text without what does not change its meaning.
fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").trim_end_matches('.').to_owned()
}
