//! The commonest form of a finding, one place within one line, written straight away.
//!
//! These are the bytes that the renderer of [`annotate_snippets`] makes, which lays out any number of labels on a canvas first
//! and takes some hundred times as long. Whatever is not certainly of that form is left to it.

use super::clip;
use crate::span::LineColumn;
use crate::{Diagnostic, Snapshot};
use std::fmt::Write as _;

/// What stands in a row besides the number of the line, its text and the label, at most.
const ROOM: usize = 12;

/// A finding without colours, ending with a newline; nothing if it has another form.
pub(super) fn written(finding: &Diagnostic, snapshot: &Snapshot, width: usize) -> Option<String> {
    let label = finding.primary.as_ref().filter(|_| finding.secondary.is_empty())?;
    let path = label.place.path.as_str();
    let text = snapshot.text(path)?;
    let span = clip(label.place.span.range(), text);
    let start = text[..span.start].rfind('\n').map_or(0, |end| end + 1);
    let line = &text[start..text[start..].find('\n').map_or(text.len(), |end| start + end)];
    let is_within = span.start < span.end && span.end <= start + line.len();
    let is_narrow = line.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ') && !line.ends_with(' ');
    let number = LineColumn::of(text, start).line.to_string();
    let is_short = number.len() + line.len() + label.text.chars().count() + ROOM <= width;
    let mut said = finding.notes.iter().map(String::as_str).chain(finding.help.as_deref());
    let are_plain = is_plain(&finding.message) && is_plain(&finding.code) && is_plain(path) && is_plain(&label.text);
    if !(is_within && is_narrow && is_short && are_plain && said.all(is_plain)) {
        return None;
    }

    let margin = " ".repeat(number.len());
    let column = span.start - start;
    let carets = "^".repeat(span.len());
    let mut out = String::with_capacity(2 * width + finding.message.len());
    let _ = writeln!(out, "{}[{}]: {}", finding.severity.name(), finding.code, finding.message);
    let _ = writeln!(out, "{margin}--> {path}:{number}:{}", column + 1);
    let _ = writeln!(out, "{margin} |\n{number} | {line}");
    let _ = write!(out, "{margin} | {:column$}{carets}", "");
    if !label.text.is_empty() {
        let _ = write!(out, " {}", label.text);
    }
    out.push('\n');
    if finding.help.is_some() || !finding.notes.is_empty() {
        let _ = writeln!(out, "{margin} |");
    }
    for note in &finding.notes {
        let _ = writeln!(out, "{margin} = note: {note}");
    }
    if let Some(help) = &finding.help {
        let _ = writeln!(out, "{margin} = help: {help}");
    }
    Some(out)
}

/// Whether a text stands in one line and looks the same wherever it is printed.
fn is_plain(text: &str) -> bool {
    let is_sign = |c: char| matches!(c, '→' | '’' | '“' | '”' | '–' | '—' | '…' | '×');
    text.chars().all(|c| {
        c.is_ascii_graphic() || c == ' ' || is_sign(c) || ('\u{a1}'..='\u{24f}').contains(&c) && c.is_alphabetic()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::{Style, drawn};
    use crate::{FilePath, Severity, Span};
    use proptest::prelude::*;

    fn words() -> impl Strategy<Value = String> {
        prop_oneof![
            4 => "[a-z `/:.#-]{0,30}",
            1 => "[ -~äé→’…\u{200b}\u{202e}\t\n\r架🚀]{0,40}",
        ]
    }

    prop_compose! {
        fn findings()(
            (severity, message, label) in (0..3_u8, words(), words()),
            notes in prop::collection::vec(words(), 0..3),
            help in prop::option::of(words()),
            lines in prop::collection::vec(prop_oneof![3 => "[ -~]{0,40}", 1 => words(), 1 => "[a-z ]{80,130}"], 1..14),
            (from, length) in (0..500_usize, 0..30_usize),
        ) -> (Diagnostic, Snapshot) {
            let path = FilePath::new("src/shop/system.md").unwrap();
            let severity = [Severity::Error, Severity::Warning, Severity::Info][usize::from(severity)];
            let mut finding =
                Diagnostic::new("some-code", severity, message).at(&path, Span::new(from, from + length), label);
            finding.notes = notes;
            finding.help = help.map(Into::into);
            (finding, Snapshot::from_texts([(path.as_str(), lines.join("\n").as_str())]))
        }
    }

    proptest! {
        #[test]
        fn it_is_what_the_renderer_makes((finding, snapshot) in findings(), width in 20..160_usize) {
            let style = Style { color: false, width: Some(width) };
            if let Some(simple) = written(&finding, &snapshot, width) {
                prop_assert_eq!(simple, drawn(&finding, &snapshot, style));
            }
        }
    }

    #[test]
    fn the_common_form_is_simple() {
        let path = FilePath::new("src/shop/system.md").unwrap();
        let snapshot = Snapshot::from_texts([("src/shop/system.md", "---\nname: Shop\n---\n")]);
        let finding = Diagnostic::warning("some-code", "`shop` → `billing`").at(&path, Span::new(10, 14), "here");
        assert!(written(&finding.help("mend it"), &snapshot, 120).is_some());
    }
}
