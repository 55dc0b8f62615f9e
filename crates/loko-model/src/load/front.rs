//! Cutting a Markdown file into front matter and prose.

use loko_source::Span;

/// The parts of a Markdown file, as byte spans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Parts {
    /// The text between the two `---` lines, if there is front matter.
    pub(crate) front: Option<Span>,
    /// The prose.
    pub(crate) body: Span,
    /// The first `---` when no second one follows.
    pub(crate) unclosed: Option<Span>,
}

/// Cuts a file. Front matter begins with a first line `---` (a byte order mark before it is fine) and ends before the
/// next such line; spaces behind the dashes and either kind of line end are fine.
pub(crate) fn split(text: &str) -> Parts {
    let start = text.len() - text.trim_start_matches('\u{feff}').len();
    let whole = Parts { front: None, body: Span::new(start, text.len()), unclosed: None };
    let mut lines = text[start..].split_inclusive('\n');
    let Some(first) = lines.next().filter(|line| is_fence(line)) else {
        return whole;
    };
    let front = start + first.len();
    let mut at = front;
    for line in lines {
        if is_fence(line) {
            let body = at + line.len();
            return Parts { front: Some(Span::new(front, at)), body: Span::new(body, text.len()), unclosed: None };
        }
        at += line.len();
    }
    // Nobody closed it: what comes before the first empty line is taken for it.
    let mut end = front;
    for line in text[front..].split_inclusive('\n') {
        if line.trim().is_empty() {
            break;
        }
        end += line.len();
    }
    Parts {
        front: Some(Span::new(front, end)),
        body: Span::new(end, text.len()),
        unclosed: Some(Span::new(start, start + 3)),
    }
}

fn is_fence(line: &str) -> bool {
    line.trim_end() == "---"
}
