//! How findings look: on a terminal with the source underlined, on one line, and as JSON.

mod simple;

use crate::span::LineColumn;
use crate::{Diagnostic, Label, Severity, Snapshot};
use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use serde_json::{Value, json};
use std::ops::Range;

/// How findings are drawn for people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// Colours and bold, as ANSI codes.
    pub color: bool,
    /// The width of the terminal, if known.
    pub width: Option<usize>,
}

/// The width that is drawn for where nobody knows it.
const WIDTH: usize = 120;

/// One finding with its source underlined, ending with a newline.
pub fn pretty(finding: &Diagnostic, snapshot: &Snapshot, style: Style) -> String {
    let simple = || simple::written(finding, snapshot, style.width.unwrap_or(WIDTH));
    let simple = if style.color { None } else { simple() };
    simple.unwrap_or_else(|| drawn(finding, snapshot, style))
}

fn drawn(finding: &Diagnostic, snapshot: &Snapshot, style: Style) -> String {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    };
    let mut group = Group::with_title(level.primary_title(&finding.message).id(&*finding.code));
    let labels: Vec<&Label> = finding.primary.iter().chain(&finding.secondary).collect();
    for snippet in snippets(&labels, snapshot) {
        group = group.element(snippet);
    }
    for note in &finding.notes {
        group = group.element(Level::NOTE.message(note));
    }
    if let Some(help) = &finding.help {
        group = group.element(Level::HELP.message(help.as_ref()));
    }
    let renderer = if style.color { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.decor_style(DecorStyle::Ascii).term_width(style.width.unwrap_or(WIDTH));
    format!("{}\n", renderer.render(&[group]))
}

/// One snippet a file, its labels in it; the first label is the main one.
fn snippets<'a>(labels: &[&'a Label], snapshot: &'a Snapshot) -> Vec<Snippet<'a, annotate_snippets::Annotation<'a>>> {
    let mut files: Vec<&str> = Vec::new();
    for label in labels {
        if !files.contains(&label.place.path.as_str()) {
            files.push(label.place.path.as_str());
        }
    }
    files
        .into_iter()
        .map(|path| {
            let text = snapshot.text(path).unwrap_or("");
            let here = || labels.iter().enumerate().filter(|(_, label)| label.place.path.as_str() == path);
            let seen = lines_around(text, here().map(|(_, label)| clip(label.place.span.range(), text)));
            let first = LineColumn::of(text, seen.start).line as usize;
            let mut snippet = Snippet::source(&text[seen.clone()]).line_start(first).path(path).fold(true);
            for (at, label) in here() {
                let kind = if at == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
                let span = clip(label.place.span.range(), text);
                let annotation = kind.span(span.start - seen.start..span.end - seen.start);
                let shown = (!label.text.is_empty()).then_some(label.text.as_ref());
                snippet = snippet.annotation(annotation.label(shown));
            }
            snippet
        })
        .collect()
}

/// The whole lines from the first to the last of some ranges, and the one after it, where a range that ends with its line
/// ends. Nothing else of a text is shown, and looking through all of it costs more than drawing.
fn lines_around(text: &str, ranges: impl Iterator<Item = Range<usize>>) -> Range<usize> {
    let held = ranges.reduce(|held, range| held.start.min(range.start)..held.end.max(range.end)).unwrap_or_default();
    let line_end = |from: usize| text[from..].find('\n').map_or(text.len(), |end| from + end + 1);
    let start = text[..held.start].rfind('\n').map_or(0, |end| end + 1);
    start..line_end(line_end(held.end))
}

/// The range inside the text and on character borders, whatever a finding claims.
fn clip(range: Range<usize>, text: &str) -> Range<usize> {
    let mut start = range.start.min(text.len());
    let mut end = range.end.min(text.len()).max(start);
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    while !text.is_char_boundary(end) {
        end += 1;
    }
    start..end
}

/// `path:line:column: severity[code]: message`, for editors and `grep`.
pub fn line(finding: &Diagnostic, snapshot: &Snapshot) -> String {
    let head = format!("{}[{}]: {}", finding.severity.name(), finding.code, finding.message);
    match &finding.primary {
        None => head,
        Some(label) => {
            let text = snapshot.text(label.place.path.as_str()).unwrap_or("");
            let place = LineColumn::of(text, clip(label.place.span.range(), text).start);
            format!("{}:{}:{}: {head}", label.place.path, place.line, place.column)
        }
    }
}

/// A finding as JSON: `code`, `severity`, `message`, `file`, `line`, `column`, `end_line`, `end_column`, `label`,
/// `related`, `notes`, `help`, `fixable`. Lines and columns count from 1; columns count UTF-8 bytes; the end is exclusive.
pub fn json(finding: &Diagnostic, snapshot: &Snapshot) -> Value {
    let mut object = json!({
        "code": finding.code,
        "severity": finding.severity.name(),
        "message": finding.message,
    });
    if let Some(label) = &finding.primary {
        merge(&mut object, label_json(label, snapshot));
    }
    if !finding.secondary.is_empty() {
        object["related"] = finding.secondary.iter().map(|label| label_json(label, snapshot)).collect();
    }
    if !finding.notes.is_empty() {
        object["notes"] = json!(finding.notes);
    }
    if let Some(help) = &finding.help {
        object["help"] = json!(help);
    }
    if let Some(fix) = &finding.fix {
        object["fix"] = json!(fix.title);
    }
    object
}

fn label_json(label: &Label, snapshot: &Snapshot) -> Value {
    let text = snapshot.text(label.place.path.as_str()).unwrap_or("");
    let range = clip(label.place.span.range(), text);
    let (start, end) = (LineColumn::of(text, range.start), LineColumn::of(text, range.end));
    json!({
        "file": label.place.path,
        "line": start.line, "column": start.column, "end_line": end.line, "end_column": end.column,
        "label": label.text,
    })
}

fn merge(into: &mut Value, from: Value) {
    if let (Value::Object(into), Value::Object(from)) = (into, from) {
        into.extend(from);
    }
}
