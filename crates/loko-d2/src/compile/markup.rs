//! What the compiler must know of Markdown: where code stands, and whether the HTML in it is well-formed.

use smol_str::SmolStr;
use std::collections::BTreeMap;

/// Replaces `${name}` in a text by variables, but not in code and not in HTML blocks.
pub(super) fn replace_in_markdown(text: &str, variables: &BTreeMap<String, SmolStr>) -> String {
    let mut out = String::with_capacity(text.len());
    for (line, is_text) in classify_lines(text) {
        if is_text {
            replace_in_line(line, variables, &mut out);
        } else {
            out.push_str(line);
        }
    }
    out
}

/// The lines of a text, line breaks included, and whether they are text rather than code or HTML.
fn classify_lines(text: &str) -> Vec<(&str, bool)> {
    let mut fence: Option<(char, usize)> = None;
    let mut in_html = false;
    let mut after_blank = true;
    text.split_inclusive('\n')
        .map(|line| {
            let trimmed = line.trim_start();
            let indent = line.len() - trimmed.len();
            let mark = fence_of(trimmed);
            let is_blank = trimmed.is_empty();
            let is_text = match (fence, mark) {
                (Some((open, length)), Some((close, count))) if open == close && count >= length => {
                    fence = None;
                    false
                }
                (Some(_), _) => false,
                (None, Some(mark)) => {
                    fence = Some(mark);
                    false
                }
                (None, None) => {
                    in_html = !is_blank && (in_html || starts_html(trimmed));
                    let is_indented_code = after_blank && (indent >= 4 || line.starts_with('\t')) && !is_blank;
                    !in_html && !is_indented_code
                }
            };
            after_blank = is_blank || (after_blank && !is_text);
            (line, is_text)
        })
        .collect()
}

/// The mark and length of a code fence that a line begins with.
fn fence_of(line: &str) -> Option<(char, usize)> {
    let mark = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let count = line.chars().take_while(|c| *c == mark).count();
    (count >= 3).then_some((mark, count))
}

/// Whether a line begins an HTML block.
fn starts_html(line: &str) -> bool {
    const BLOCKS: &[&str] = &[
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "center",
        "details",
        "dialog",
        "dd",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "head",
        "header",
        "hr",
        "html",
        "iframe",
        "legend",
        "li",
        "link",
        "main",
        "menu",
        "nav",
        "ol",
        "option",
        "p",
        "pre",
        "script",
        "section",
        "style",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "title",
        "tr",
        "ul",
    ];
    let Some(rest) = line.strip_prefix('<') else { return false };
    if rest.starts_with(['!', '?']) {
        return true;
    }
    let rest = rest.strip_prefix('/').unwrap_or(rest);
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
    BLOCKS.contains(&rest[..end].to_ascii_lowercase().as_str())
}

fn replace_in_line(line: &str, variables: &BTreeMap<String, SmolStr>, out: &mut String) {
    let mut rest = line;
    while let Some(at) = rest.find(['`', '$', '\\']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let taken = if rest.starts_with('`') {
            code_span(rest)
        } else if let Some(behind) = rest.strip_prefix('\\') {
            1 + behind.chars().next().map_or(0, char::len_utf8)
        } else if let Some((length, value)) = variable(rest, variables) {
            out.push_str(value);
            rest = &rest[length..];
            continue;
        } else {
            1
        };
        out.push_str(&rest[..taken]);
        rest = &rest[taken..];
    }
    out.push_str(rest);
}

/// The length of a code span, or of its opening mark alone when it is not closed.
fn code_span(text: &str) -> usize {
    let ticks = text.bytes().take_while(|byte| *byte == b'`').count();
    let mut at = ticks;
    while let Some(found) = text[at..].find('`') {
        let start = at + found;
        let count = text[start..].bytes().take_while(|byte| *byte == b'`').count();
        if count == ticks {
            return start + count;
        }
        at = start + count;
    }
    ticks
}

fn variable<'v>(text: &str, variables: &'v BTreeMap<String, SmolStr>) -> Option<(usize, &'v str)> {
    let inside = text.strip_prefix("${")?;
    let end = inside.find('}')?;
    let value = variables.get(inside[..end].trim())?;
    Some((end + 3, value))
}

/// What is wrong with the HTML of a Markdown text that is to be drawn as XML; none when all tags match.
///
/// Only raw HTML is looked at: Markdown's own markup is always well-formed. A paragraph that holds inline HTML is an
/// element of its own, so its tags must match within it.
pub(super) fn html_problem(text: &str) -> Option<String> {
    let mut open: Vec<String> = Vec::new();
    let mut in_paragraph = false;
    for (line, is_code) in html_lines(text) {
        if is_code {
            continue;
        }
        let trimmed = line.trim();
        if trimmed.is_empty() {
            if in_paragraph && let Some(problem) = leave_paragraph(&mut open) {
                return Some(problem);
            }
            in_paragraph = false;
            continue;
        }
        if in_paragraph && starts_html(trimmed) && open.last().is_some_and(|name| name == "p") {
            open.pop();
            in_paragraph = false;
        }
        if !in_paragraph && !starts_html(trimmed) && open.is_empty() {
            in_paragraph = true;
            open.push("p".to_owned());
        }
        for tag in tags(line) {
            if let Some(problem) = apply_tag(&tag, &mut open) {
                return Some(problem);
            }
        }
    }
    if in_paragraph && let Some(problem) = leave_paragraph(&mut open) {
        return Some(problem);
    }
    open.last().map(|name| format!("element <{name}> closed by </div>"))
}

fn leave_paragraph(open: &mut Vec<String>) -> Option<String> {
    match open.pop() {
        Some(name) if name != "p" || !open.is_empty() && open[0] == "p" => {
            Some(format!("element <{name}> closed by </p>"))
        }
        _ => None,
    }
}

fn html_lines(text: &str) -> Vec<(&str, bool)> {
    let mut fence: Option<(char, usize)> = None;
    let mut after_blank = true;
    text.lines()
        .map(|line| {
            let trimmed = line.trim_start();
            let mark = fence_of(trimmed);
            let is_indented =
                after_blank && (line.starts_with("    ") || line.starts_with('\t')) && !trimmed.is_empty();
            after_blank = trimmed.is_empty() || (after_blank && is_indented);
            match (fence, mark) {
                (Some((open, length)), Some((close, count))) if open == close && count >= length => {
                    fence = None;
                    (line, true)
                }
                (Some(_), _) => (line, true),
                (None, Some(mark)) => {
                    fence = Some(mark);
                    (line, true)
                }
                (None, None) => (line, is_indented),
            }
        })
        .collect()
}

/// An HTML tag in a line.
struct Tag {
    name: String,
    is_end: bool,
    is_self_closed: bool,
}

fn apply_tag(tag: &Tag, open: &mut Vec<String>) -> Option<String> {
    if tag.is_self_closed {
        return None;
    }
    if !tag.is_end {
        open.push(tag.name.clone());
        return None;
    }
    match open.pop() {
        Some(name) if name == tag.name => None,
        Some(name) => Some(format!("element <{name}> closed by </{}>", tag.name)),
        None => Some(format!("element <div> closed by </{}>", tag.name)),
    }
}

/// The tags of a line outside of code spans.
fn tags(line: &str) -> Vec<Tag> {
    let mut found = Vec::new();
    let mut rest = line;
    while let Some(at) = rest.find(['<', '`', '\\']) {
        rest = &rest[at..];
        if rest.starts_with('`') {
            rest = &rest[code_span(rest)..];
            continue;
        }
        if rest.starts_with('\\') {
            rest = &rest[1 + rest[1..].chars().next().map_or(0, char::len_utf8)..];
            continue;
        }
        match tag_at(rest) {
            Some((tag, length)) => {
                found.push(tag);
                rest = &rest[length..];
            }
            None => rest = &rest[1..],
        }
    }
    found
}

fn tag_at(text: &str) -> Option<(Tag, usize)> {
    let end = text.find('>')?;
    let inside = &text[1..end];
    let (is_end, inside) = inside.strip_prefix('/').map_or((false, inside), |rest| (true, rest));
    let (is_self_closed, inside) = inside.strip_suffix('/').map_or((false, inside), |rest| (true, rest));
    let length = inside.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).unwrap_or(inside.len());
    let name = &inside[..length];
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic());
    // `<https://…>` is a link, not a tag.
    let is_tag = is_name && inside[length..].chars().next().is_none_or(char::is_whitespace);
    is_tag.then(|| (Tag { name: name.to_owned(), is_end, is_self_closed }, end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_stay_in_code() {
        let variables = BTreeMap::from([("x".to_owned(), SmolStr::from("1"))]);
        assert_eq!(
            replace_in_markdown("${x} `${x}` ${y}\n```\n${x}\n```\n", &variables),
            "1 `${x}` ${y}\n```\n${x}\n```\n"
        );
    }

    #[test]
    fn unclosed_tags_are_found() {
        assert_eq!(html_problem("<p>\n").as_deref(), Some("element <p> closed by </div>"));
        assert_eq!(html_problem("foo<br>bar").as_deref(), Some("element <br> closed by </p>"));
        assert_eq!(html_problem("# a\n\n<b>x</b> <br/> `<p>` <https://x.y>\n\n```\n<p>\n```"), None);
    }
}
