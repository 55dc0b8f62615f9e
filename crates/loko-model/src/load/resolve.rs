//! What to say of a name that means nothing, or several things.

use super::read::{Written, did_you_mean, replacement};
use crate::{ElementIx, Model, Resolution};
use loko_source::suggest::{CANDIDATES_MAX, nearest};
use loko_source::{Applicability, Diagnostic, FilePath, Fix};

/// How many names are compared in one run to say which one was meant: a workspace with thousands of wrong names is
/// not told thousands of times in seconds, but at once.
pub const COMPARISONS_MAX: usize = 1_000_000;

/// Finds elements by name, and says what is wrong with a name.
pub(crate) struct Resolver<'m> {
    pub(crate) model: &'m Model,
    comparisons: usize,
}

impl<'m> Resolver<'m> {
    pub(crate) fn new(model: &'m Model) -> Self {
        Self { model, comparisons: 0 }
    }

    /// The finding for a name that was not found; none when it was. With the file's text comes a ready fix.
    pub(crate) fn finding(
        &mut self,
        file: &FilePath,
        text: Option<&str>,
        written: &Written,
        resolution: &Resolution,
    ) -> Option<Diagnostic> {
        match resolution {
            Resolution::Found(_) => None,
            Resolution::Unknown => {
                self.comparisons = self.comparisons.saturating_add(self.model.elements.len());
                let names =
                    if self.comparisons > COMPARISONS_MAX { Vec::new() } else { candidates(self.model, &written.text) };
                Some(unknown(file, text, written, &names))
            }
            Resolution::Ambiguous(several) => Some(ambiguous(self.model, file, written, several)),
        }
    }
}

fn unknown(file: &FilePath, text: Option<&str>, written: &Written, names: &[&str]) -> Diagnostic {
    let finding = Diagnostic::error("unresolved-reference", format!("`{}` is no element", written.text)).at(
        file,
        written.span,
        "not found",
    );
    let Some(best) = names.first() else {
        return finding.help("write the id of an element, such as `shop/api`, or add the element");
    };
    let finding = match did_you_mean(names) {
        Some(help) => finding.help(help),
        None => finding,
    };
    match text {
        Some(text) => finding.fix(Fix {
            title: format!("write `{best}`"),
            applicability: Applicability::Unsafe,
            edits: vec![(file.clone(), replacement(text, written.span, best))],
        }),
        None => finding,
    }
}

/// The ids nearest to what was written, compared whole and by their last part.
fn candidates<'m>(model: &'m Model, written: &str) -> Vec<&'m str> {
    let whole = nearest(written, model.elements.iter().map(|element| element.id.as_str()));
    if !whole.is_empty() || written.contains('/') {
        return whole;
    }
    let keys = nearest(written, model.elements.iter().map(|element| element.key()));
    let by_key =
        |key: &&str| model.elements.iter().find(|element| element.key() == *key).map(|found| found.id.as_str());
    keys.iter().filter_map(by_key).take(CANDIDATES_MAX).collect()
}

fn ambiguous(model: &Model, file: &FilePath, written: &Written, several: &[ElementIx]) -> Diagnostic {
    let ids: Vec<String> = several.iter().map(|ix| format!("`{}`", model.element(*ix).id)).collect();
    let more = if several.len() >= crate::model::CANDIDATES_MAX { " and perhaps more" } else { "" };
    Diagnostic::error("ambiguous-reference", format!("`{}` could be any of {} elements", written.text, several.len()))
        .at(file, written.span, "ambiguous")
        .note(format!("it could be {}{more}", ids.join(", ")))
        .help("write the full id of the one that is meant")
}
