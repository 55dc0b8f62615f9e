//! Findings for pages: headline, the lines of source with what is wrong underlined, what one can do.

use crate::prose::escape_html;
use crate::render::ticks;
use loko_source::{Diagnostic, FilePath, Label, LineColumn, Snapshot, Span};
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;

/// Lines shown before and after a place.
const CONTEXT_LINES: u32 = 1;
/// Lines of one place that are shown at most; a longer one is cut.
const PLACE_LINES_MAX: u32 = 12;

/// A finding as a page shows it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct FindingView {
    pub code: String,
    pub severity: &'static str,
    pub message: String,
    pub frames: Vec<Frame>,
    pub notes: Vec<String>,
    pub help: Option<String>,
}

/// A few lines of source.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Frame {
    pub path: String,
    pub line: u32,
    pub column: u32,
    pub label: String,
    pub lines: Vec<Line>,
}

/// One line, cut into what stands before, in and after the place.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Line {
    pub number: u32,
    pub before: String,
    pub marked: String,
    pub after: String,
}

/// A finding with the source that it is about.
pub(crate) fn view(snapshot: &Snapshot, finding: &Diagnostic) -> FindingView {
    FindingView {
        code: finding.code.to_string(),
        severity: finding.severity.name(),
        message: finding.message.clone(),
        frames: finding.primary.iter().chain(&finding.secondary).map(|label| frame(snapshot, label)).collect(),
        notes: finding.notes.clone(),
        help: finding.help.as_deref().map(str::to_owned),
    }
}

fn frame(snapshot: &Snapshot, label: &Label) -> Frame {
    let text = snapshot.text(label.place.path.as_str()).unwrap_or("");
    excerpt(&label.place.path, text, label.place.span, &label.text)
}

/// The lines around a place of a text.
pub(crate) fn excerpt(path: &FilePath, text: &str, span: Span, label: &str) -> Frame {
    let (start, end) = (floor(text, span.start as usize), floor(text, span.end as usize));
    // A place between two characters is shown at the one behind it.
    let next = text[start..].chars().next().filter(|letter| !matches!(letter, '\r' | '\n'));
    let end = if end > start { end } else { start + next.map_or(0, char::len_utf8) };
    // Only the lines around the place are looked for: a page may show hundreds of places.
    let LineColumn { line: first, column } = LineColumn::of(text, start);
    let last = first + LineColumn::of(&text[start..], end - start).line - 1;
    let from = first.saturating_sub(CONTEXT_LINES).max(1);
    let to = last.min(first + PLACE_LINES_MAX).saturating_add(CONTEXT_LINES);
    let line_start = start + 1 - column as usize;
    let mut at = (from..first).fold(line_start, |at, _| text[..at - 1].rfind('\n').map_or(0, |end| end + 1));
    let mut lines = Vec::new();
    for (number, whole) in (from..=to).zip(text[at..].split('\n')) {
        lines.push(line(whole, number, start.max(at) - at, end.max(at) - at));
        at += whole.len() + 1;
    }
    // Behind the place, a line's text stands in `after`.
    while lines.last().is_some_and(|line| line.number > last && line.after.trim().is_empty()) {
        lines.pop();
    }
    Frame { path: path.to_string(), line: first, column, label: label.to_owned(), lines }
}

impl Frame {
    /// The lines as HTML, each with its number, what is wrong marked.
    pub(crate) fn html(&self) -> String {
        let Self { path, line, column, label, lines } = self;
        let mut html = format!("<div class=\"frame\">\n<p class=\"frame-place\">{}:{line}:{column}", escape_html(path));
        if !label.is_empty() {
            let _ = write!(html, " <span class=\"frame-label\">{}</span>", ticks(label));
        }
        html.push_str("</p>\n<pre tabindex=\"0\"><code>");
        for line in lines {
            let [before, marked, after] = [&line.before, &line.marked, &line.after].map(|text| escape_html(text));
            let marked = if marked.is_empty() { marked } else { format!("<mark>{marked}</mark>") };
            let _ = writeln!(
                html,
                "<span class=\"line\"><span class=\"line-number\">{}</span>{before}{marked}{after}",
                line.number
            );
            html.push_str("</span>");
        }
        html + "</code></pre>\n</div>\n"
    }
}

/// A line, cut at two places in it or behind it.
fn line(whole: &str, number: u32, start: usize, end: usize) -> Line {
    let whole = whole.trim_end_matches('\r');
    let (mark_start, mark_end) = (start.min(whole.len()), end.min(whole.len()));
    Line {
        number,
        before: whole[..mark_start].to_owned(),
        marked: whole[mark_start..mark_end].to_owned(),
        after: whole[mark_end..].to_owned(),
    }
}

/// The nearest place at or before an offset where a character starts.
fn floor(text: &str, offset: usize) -> usize {
    let mut at = offset.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use loko_source::{FilePath, Span};

    fn check(text: &str, span: Span) -> Vec<(u32, String, String, String)> {
        let snapshot = Snapshot::from_texts([("a.md", text)]);
        let path = FilePath::new("a.md").expect("a plain name");
        let finding = Diagnostic::error("x", "y").at(&path, span, "here");
        let view = view(&snapshot, &finding);
        view.frames[0]
            .lines
            .iter()
            .map(|it| (it.number, it.before.clone(), it.marked.clone(), it.after.clone()))
            .collect()
    }

    #[test]
    fn a_place_is_marked_between_its_neighbours() {
        let lines = check("one\ntwo three\nfour\nfive\n", Span::new(8, 13));
        let expected = [(1, "one", "", ""), (2, "two ", "three", ""), (3, "", "", "four")];
        assert_eq!(lines, expected.map(|(n, a, b, c)| (n, a.to_owned(), b.to_owned(), c.to_owned())));
    }

    #[test]
    fn a_place_between_two_characters_is_seen() {
        let lines = check("one\ntwo\n", Span::new(4, 4));
        assert_eq!(lines[1], (2, String::new(), "t".to_owned(), "wo".to_owned()));
    }

    #[test]
    fn a_place_outside_or_inside_a_character_does_no_harm() {
        assert_eq!(check("é", Span::new(1, 900)).len(), 1);
        assert_eq!(check("", Span::new(5, 9)).len(), 1);
    }
}
