//! Decisions that were replaced, and nobody says by what.

use loko_source::Span;
use crate::rule::{Ask, Group, Reads, Rule};
use loko_model::Decision;
use loko_model::decision::{DecisionLink, DecisionState, SUPERSEDED_BY};
use loko_source::{Diagnostic, Severity};

pub(crate) const RULE: Rule = Rule {
    summary: "A decision is superseded and does not say by which one, or by one that is not there.",
    why: "Whoever finds the old decision has to find what holds instead.",
    mend: "Name it: `status: superseded by 0012-use-kafka`, or `superseded_by` in the front matter.",
    group: Group::Decisions,
    severity: Severity::Warning,
    reads: Reads::All,
    is_on: true,
    has_fix: false,
    options: &[],
    keys: &["status", "superseded_by"],
    aliases: &["superseded"],
    check,
};

fn check(ask: &Ask<'_>) -> Vec<Diagnostic> {
    let decisions = &ask.workspace.model.decisions;
    let old = decisions.iter().filter(|decision| decision.state == DecisionState::Superseded);
    old.filter_map(|decision| {
        let text = ask.workspace.snapshot.text(decision.file.as_str()).unwrap_or("");
        let (said, span) = successor(decision, text);
        let is_linked = |link: &DecisionLink| link.kind == SUPERSEDED_BY && decisions.iter().any(|it| it.id == link.to);
        let is_told = |other: &Decision| other.id != decision.id && is_named(&said, other);
        if decision.links.iter().any(is_linked) || decisions.iter().any(is_told) {
            return None;
        }
        let message = if said.trim().is_empty() {
            format!("the decision `{}` is superseded, and nothing says by which one", decision.id)
        } else {
            format!("the decision `{}` is superseded by one that is not there", decision.id)
        };
        Some(ask.finding(message).at(&decision.file, span, "by which one?").help("name the file of the decision that holds now"))
    })
    .collect()
}

/// What is said of the decision that holds now, and where.
fn successor(decision: &Decision, text: &str) -> (String, Span) {
    let front = &text[..decision.body.range().start];
    let mut start = 0;
    let mut place = Span::new(0, text.lines().next().map_or(0, str::len));
    let mut said = String::new();
    for line in text.split_inclusive('\n') {
        let span = Span::new(start, start + line.trim_end().len());
        let key = line.split(':').next().unwrap_or("").trim();
        if start < front.len() && matches!(key, "superseded_by" | "superseded-by") {
            said = line.split_once(':').map_or("", |(_, rest)| rest).to_owned();
            place = span;
        } else if line.contains(&decision.status) {
            place = span;
        }
        start += line.len();
    }
    if said.trim().is_empty() {
        said = decision.status.to_lowercase().trim_start_matches("superseded").trim_start_matches("supersedes").trim().trim_start_matches("by").to_owned();
    }
    (said, place)
}

/// Whether a text names a decision: by its file, or by its number.
fn is_named(said: &str, decision: &Decision) -> bool {
    let said = said.to_lowercase();
    let number = decision.number.is_some_and(|number| {
        said.split(|character: char| !character.is_ascii_digit()).any(|digits| digits.parse() == Ok(number))
    });
    said.contains(&decision.id.to_lowercase()) || number
}
