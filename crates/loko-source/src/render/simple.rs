//! The commonest form of a finding, places within one line each, written straight away.
//!
//! These are the bytes that the renderer of [`annotate_snippets`] makes, which lays out any number of labels on a canvas first
//! and takes some hundred times as long. Whatever is not certainly of that form is left to it.

use super::clip;
use crate::span::LineColumn;
use crate::{Diagnostic, Label, Snapshot};
use std::fmt::Write as _;

/// What stands in a row besides the number of the line and its text, at most.
const ROOM: usize = 12;
/// Lines that are further in are moved out.
const INDENT_MAX: usize = 16;

/// A place of a finding, with the line in which it is.
struct Marked<'a> {
    label: &'a Label,
    /// The text of the file.
    text: &'a str,
    line: &'a str,
    /// Where that ends in the text.
    line_end: usize,
    number: usize,
    /// Bytes of the line before the place, and of the place.
    column: usize,
    length: usize,
}

/// A finding without colours, ending with a newline; nothing if it has another form.
pub(super) fn written(finding: &Diagnostic, snapshot: &Snapshot, width: usize) -> Option<String> {
    finding.primary.as_ref()?;
    let labels = finding.primary.iter().chain(&finding.secondary);
    let marked: Vec<Marked<'_>> = labels.map(|label| marked(label, snapshot)).collect::<Option<_>>()?;
    let margin = marked.iter().map(|it| digits(it.number)).max().unwrap_or_default();
    let mut said = finding.notes.iter().map(String::as_str).chain(finding.help.as_deref());
    let are_plain = is_plain(&finding.message) && is_plain(&finding.code) && said.all(is_plain);
    if !are_plain || marked.iter().any(|it| margin + it.line.len() + ROOM > width) {
        return None;
    }

    let mut out = String::with_capacity(2 * width * (1 + marked.len()) + finding.message.len());
    let _ = writeln!(out, "{}[{}]: {}", finding.severity.name(), finding.code, finding.message);
    for (at, here) in marked.iter().enumerate() {
        let path = here.label.place.path.as_str();
        let before = at.checked_sub(1).map(|before| &marked[before]);
        match before.filter(|before| before.label.place.path.as_str() == path) {
            Some(before) => between(&mut out, before, here, margin, width)?,
            // The places of a file are shown together.
            None if marked[..at].iter().any(|it| it.label.place.path.as_str() == path) => return None,
            None => {
                let arrow = if at == 0 { "-->" } else { ":::" };
                if at > 0 {
                    let _ = writeln!(out, "{:margin$} |", "");
                }
                let _ = writeln!(out, "{:margin$}{arrow} {path}:{}:{}", "", here.number, here.column + 1);
                let _ = writeln!(out, "{:margin$} |", "");
            }
        }
        let _ = writeln!(out, "{:>margin$} | {}", here.number, here.line);
        let _ = write!(out, "{:margin$} | {:column$}", "", "", column = here.column);
        let mark = if at == 0 { '^' } else { '-' };
        out.extend(std::iter::repeat_n(mark, here.length));
        if !here.label.text.is_empty() {
            let _ = write!(out, " {}", here.label.text);
        }
        out.push('\n');
    }
    if finding.help.is_some() || !finding.notes.is_empty() {
        let _ = writeln!(out, "{:margin$} |", "");
    }
    for note in &finding.notes {
        let _ = writeln!(out, "{:margin$} = note: {note}", "");
    }
    if let Some(help) = &finding.help {
        let _ = writeln!(out, "{:margin$} = help: {help}", "");
    }
    Some(out)
}

/// A place within one line that looks the same wherever it is printed.
fn marked<'a>(label: &'a Label, snapshot: &'a Snapshot) -> Option<Marked<'a>> {
    let path = label.place.path.as_str();
    let text = snapshot.text(path)?;
    let span = clip(label.place.span.range(), text);
    let start = text[..span.start].rfind('\n').map_or(0, |end| end + 1);
    let line = line_at(text, start);
    let is_within = span.start < span.end && span.end <= start + line.len();
    let is_fine = is_within && is_narrow(line) && is_plain(path) && is_plain(&label.text);
    let number = LineColumn::of(text, start).line as usize;
    let (line_end, column, length) = (start + line.len(), span.start - start, span.len());
    is_fine.then_some(Marked { label, text, line, line_end, number, column, length })
}

/// What is shown between two places of a file; nothing unless the first one stands above.
fn between(out: &mut String, above: &Marked<'_>, below: &Marked<'_>, margin: usize, width: usize) -> Option<()> {
    match below.number.checked_sub(above.number)? {
        0 => return None,
        1 => {}
        2 => {
            let line = line_at(above.text, above.line_end + 1);
            let is_fine = !line.is_empty() && is_narrow(line) && margin + line.len() + ROOM <= width;
            let _ = writeln!(out, "{:>margin$} | {line}", above.number + 1);
            return is_fine.then_some(());
        }
        _ => out.push_str("...\n"),
    }
    Some(())
}

/// The line that begins at a place of a text.
fn line_at(text: &str, start: usize) -> &str {
    &text[start..text[start..].find('\n').map_or(text.len(), |end| start + end)]
}

/// Whether all of a line is shown, and each of its bytes is as wide as any other.
fn is_narrow(line: &str) -> bool {
    line.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ')
        && !line.ends_with(' ')
        && line.len() - line.trim_start().len() <= INDENT_MAX
}

/// How many digits a number has.
fn digits(number: usize) -> usize {
    number.checked_ilog10().map_or(1, |tens| tens as usize + 1)
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
            lines in prop::collection::vec(prop_oneof![4 => "[ -~]{0,40}", 1 => words(), 1 => "[a-z ]{80,130}", 1 => " {10,30}[a-z]{1,9}"], 1..14),
            (from, length) in (0..500_usize, 0..30_usize),
            others in prop::collection::vec((prop::bool::weighted(0.3), 0..100_usize, 1..20_usize, words()), 0..4),
        ) -> (Diagnostic, Snapshot) {
            let path = FilePath::new("src/shop/system.md").unwrap();
            let other = FilePath::new("src/shop/api/container.md").unwrap();
            let severity = [Severity::Error, Severity::Warning, Severity::Info][usize::from(severity)];
            let mut finding =
                Diagnostic::new("some-code", severity, message).at(&path, Span::new(from, from + length), label);
            finding.notes = notes;
            finding.help = help.map(Into::into);
            let mut last = from;
            for (is_elsewhere, from, length, label) in others {
                let (path, from) = if is_elsewhere { (&other, from) } else { (&path, last + from) };
                last = last.max(from);
                finding = finding.and(path, Span::new(from, from + length), label);
            }
            let text = lines.join("\n");
            (finding, Snapshot::from_texts([(path.as_str(), text.as_str()), (other.as_str(), &text)]))
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
        let finding = finding.and(&path, Span::new(15, 18), "and here").help("mend it");
        assert!(written(&finding, &snapshot, 120).is_some());
    }
}
