//! Arrows of drawings to boxes that are no elements.

use loko_source::suggest::did_you_mean;
use crate::rule::{Ask, Group, Reads, Rule, flag};
use loko_model::drawing::{Drawing, DrawnBox};
use loko_source::{Diagnostic, Severity};

pub(crate) const RULE: Rule = Rule {
    summary: "An arrow of a D2 file joins an element with a box that is no element.",
    why: "The picture shows something that the model does not know: a misspelt name, or an element that was renamed or removed. The relation is missing everywhere but in this picture.",
    mend: "Write the name of the element that is meant, or add the element. A box that is only decoration is left alone when it has a shape, an icon, a class or a style of its own. In the drawing of a component, where tables and queues may stand that are no elements, it is a remark, or a warning where a name is near to an element's.",
    group: Group::Drift,
    severity: Severity::Error,
    reads: Reads::All,
    is_on: true,
    has_fix: false,
    options: &[
        flag("stated", true, "Whether boxes count that are stated by themselves, without a look of their own; those are told as warnings."),
    ],
    keys: &[],
    aliases: &["missing-component", "unknown-component"],
    check,
};

fn check(ask: &Ask<'_>) -> Vec<Diagnostic> {
    ask.workspace.drawings.iter().flat_map(|drawing| of_drawing(ask, drawing)).collect()
}

fn of_drawing(ask: &Ask<'_>, drawing: &Drawing) -> Vec<Diagnostic> {
    let mut told = vec![false; drawing.boxes.len()];
    let mut findings = Vec::new();
    for arrow in &drawing.arrows {
        for (near, far) in [(0, 1), (1, 0)] {
            let (known, unknown) = (&drawing.boxes[arrow.ends[near]], arrow.ends[far]);
            let drawn = &drawing.boxes[unknown];
            let is_told = std::mem::replace(&mut told[unknown], true);
            // What could be several elements is told while loading.
            if known.element.is_none() || drawn.is_ambiguous || drawn.element.is_some() || is_told && drawn.element.is_none() && already(&findings, drawing, drawn) {
                told[unknown] = is_told;
                continue;
            }
            if !drawing.is_decoration(drawn) && (!drawn.is_stated || ask.flag("stated")) {
                findings.push(finding(ask, drawing, drawn, arrow.spans[far]));
            }
        }
    }
    findings
}

/// Whether a box was told of already.
fn already(findings: &[Diagnostic], drawing: &Drawing, drawn: &DrawnBox) -> bool {
    let message = message(drawing, drawn);
    findings.iter().any(|finding| finding.message == message)
}

fn message(drawing: &Drawing, drawn: &DrawnBox) -> String {
    format!("`{}` in `{}` is no element", drawn.id(), drawing.file)
}

fn finding(ask: &Ask<'_>, drawing: &Drawing, drawn: &DrawnBox, span: loko_source::Span) -> Diagnostic {
    let model = ask.workspace.model;
    let written = drawn.path.last().map_or("", |key| key.as_str());
    let keys = model.elements.iter().map(|element| element.key());
    let mut finding = ask.finding(message(drawing, drawn)).at(&drawing.file, span, "drawn, but not in the model");
    let help = did_you_mean(written, keys);
    let most = match (drawn.is_stated, drawing.is_of_component(model), &help) {
        (_, true, None) => Severity::Info,
        // Somebody meant to draw it; perhaps only for the picture.
        (_, true, Some(_)) | (true, false, _) => Severity::Warning,
        (false, false, _) => Severity::Error,
    };
    finding.severity = finding.severity.min(most);
    finding.help(help.unwrap_or_else(|| "add the element, or give the box a shape or style of its own if it is only decoration".to_owned()))
}
