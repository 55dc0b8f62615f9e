//! Closing what a broken TOML text leaves open: the brackets of a list, of a table and of a head, the quotes of a text
//! of several lines. A line without `=` is closed as a whole, by the sign of a comment.
//!
//! A parser takes everything behind an open bracket for what stands in it: every further line becomes an error of its
//! own, and what the lines say is lost. Here the end is looked for as a reader does: a line that begins like a head or
//! a key, no further to the right than the open one, is none of its values. Only texts with errors come here, and an
//! end that does not leave fewer other errors is not put in.

use super::yaml::Problem;
use loko_source::Span;

/// Ends of one text that are looked for at most; a text with more is broken as a whole.
pub(super) const MENDS_MAX: usize = 16;

/// Something that is open, and what closes it.
#[derive(Debug)]
pub(super) struct Open {
    /// Where the closing belongs.
    pub(super) at: usize,
    pub(super) closing: String,
    pub(super) problem: Problem,
}

/// A text with closings put in.
pub(super) struct Mended {
    pub(super) text: String,
    /// Where they are in this text, in order, and how long.
    put_in: Vec<(usize, usize)>,
}

impl Mended {
    /// Puts closings in.
    pub(super) fn of<'o>(text: &str, all: impl IntoIterator<Item = &'o Open>) -> Self {
        let mut mended = Self { text: String::with_capacity(text.len()), put_in: Vec::new() };
        let mut from = 0;
        for open in all {
            mended.text.push_str(&text[from..open.at]);
            mended.put_in.push((mended.text.len(), open.closing.len()));
            mended.text.push_str(&open.closing);
            from = open.at;
        }
        mended.text.push_str(&text[from..]);
        mended
    }

    /// Where a place of this text is in the text that was mended.
    pub(super) fn origin(&self, at: usize) -> usize {
        let before = self.put_in.iter().take_while(|(start, _)| *start < at);
        before.fold(at, |origin, (start, length)| origin - (at - start).min(*length))
    }
}

/// What is open in a text, in order.
pub(super) fn open(text: &str) -> Vec<Open> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() && found.len() < MENDS_MAX {
        let line = line_at(text, at);
        let indent = line.len() - line.trim_start().len();
        let next = at + line.len();
        let scanned = match &line[indent..] {
            head if head.starts_with('[') => {
                found.extend(open_head(head, at + indent));
                None
            }
            said if value_of(line).is_none() => {
                found.extend(no_statement(said, at + indent));
                None
            }
            _ => value_of(line).map(|value| scan(text, at + value, indent)),
        };
        at = match scanned {
            Some(Scanned { end, open }) => {
                found.extend(open);
                end.max(next)
            }
            None => next,
        };
    }
    found
}

/// The line from a place on, with its end.
fn line_at(text: &str, at: usize) -> &str {
    let rest = &text[at..];
    &rest[..rest.find('\n').map_or(rest.len(), |end| end + 1)]
}

/// Where the value begins in a line that begins with a key.
fn value_of(line: &str) -> Option<usize> {
    let (key, _) = line.split_once('=')?;
    let is_key = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.' | '"' | '\'' | ' ' | '\t');
    (!key.trim().is_empty() && key.chars().all(is_key)).then_some(key.len() + 1)
}

/// Whether a line is the head of a table, closed or not; a list in a list has a comma, or more in it than names.
fn is_head(line: &str) -> bool {
    let Some(inner) = line.trim().strip_prefix('[') else { return false };
    let name = inner.trim_start_matches('[').split('#').next().unwrap_or("").trim().trim_end_matches(']').trim();
    let fits = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.');
    name.starts_with(|first: char| first.is_ascii_alphabetic()) && name.chars().all(fits)
}

/// A head that lacks brackets at its end.
fn open_head(head: &str, at: usize) -> Option<Open> {
    if !is_head(head) {
        return None;
    }
    let written = head.split('#').next().unwrap_or("").trim_end();
    let wanted = if head.starts_with("[[") { 2 } else { 1 };
    let there = written.len() - written.trim_end_matches(']').len();
    let closing = "]".repeat(usize::saturating_sub(wanted, there));
    let problem = Problem::new(Span::new(at, at + written.len()), format!("the head `{written}` is not closed"))
        .help(format!("write `{written}{closing}`"));
    (!closing.is_empty()).then(|| Open { at: at + written.len(), closing, problem })
}

/// A line that says nothing that TOML knows becomes a comment: it takes lines behind it along.
fn no_statement(line: &str, at: usize) -> Option<Open> {
    let written = line.trim_end();
    // What only closes something belongs to what was opened before it.
    let says_something = !(written.is_empty() || written.starts_with(['#', ']', '}']));
    let problem = Problem::new(Span::new(at, at + written.len()), "this line is neither a head nor a key with a value")
        .help("write `key = value`");
    says_something.then(|| Open { at, closing: "#".to_owned(), problem })
}

/// What became of a value.
struct Scanned {
    /// Where to go on; the end of its last line, or the line that is none of its own.
    end: usize,
    open: Option<Open>,
}

/// Follows a value to its end. Lines of what it is in begin no further left than `indent`.
fn scan(text: &str, from: usize, indent: usize) -> Scanned {
    let mut brackets: Vec<(char, usize)> = Vec::new();
    let mut at = from;
    // Behind the last thing that was said.
    let mut said = from;
    while let Some(letter) = text[at..].chars().next() {
        match letter {
            '\n' if brackets.is_empty() => return Scanned { end: at + 1, open: None },
            '\n' => {
                at += 1;
                if begins_another(line_at(text, at), indent, brackets.last().map(|(bracket, _)| *bracket)) {
                    return Scanned { end: at, open: unclosed(&brackets, said) };
                }
                continue;
            }
            '#' => {
                at += line_at(text, at).trim_end_matches('\n').len();
                continue;
            }
            '"' | '\'' => {
                let quotes = letter.to_string().repeat(3);
                if text[at..].starts_with(&quotes) {
                    match long_text(text, at, &quotes) {
                        Ok(end) => at = end,
                        Err(scanned) => return *scanned,
                    }
                } else {
                    at = short_text(text, at, letter);
                }
                said = at;
                continue;
            }
            '[' | '{' => brackets.push((letter, at)),
            ']' | '}' => {
                brackets.pop();
            }
            _ => {}
        }
        at += letter.len_utf8();
        if !letter.is_whitespace() {
            said = at;
        }
    }
    Scanned { end: text.len(), open: unclosed(&brackets, said) }
}

/// Whether a line is no part of the brackets that are open: a head, or a key that could not stand there.
fn begins_another(line: &str, indent: usize, around: Option<char>) -> bool {
    let own = line.len() - line.trim_start().len();
    let is_entry = around == Some('{') && line.split('#').next().unwrap_or("").trim_end().ends_with([',', '}']);
    own <= indent && (is_head(line) || (value_of(line).is_some() && !is_entry))
}

fn unclosed(brackets: &[(char, usize)], said: usize) -> Option<Open> {
    let (first, start) = brackets.first()?;
    let closing: String = brackets.iter().rev().map(|(bracket, _)| if *bracket == '[' { ']' } else { '}' }).collect();
    let what = if *first == '[' { "this list is not closed" } else { "this table is not closed" };
    let problem =
        Problem::new(Span::new(*start, start + 1), what).help(format!("write `{closing}` behind its last value"));
    Some(Open { at: said, closing, problem })
}

/// The end of a text of one line; one that is not closed ends with the line.
fn short_text(text: &str, from: usize, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, letter) in text[from + 1..].char_indices() {
        match letter {
            '\n' => return from + 1 + at,
            _ if is_escaped => is_escaped = false,
            '\\' if quote == '"' => is_escaped = true,
            _ if letter == quote => return from + 1 + at + 1,
            _ => {}
        }
    }
    text.len()
}

/// The end of a text of several lines. Quotes that another key's text begins with are not its end.
fn long_text(text: &str, from: usize, quotes: &str) -> Result<usize, Box<Scanned>> {
    let inner = from + quotes.len();
    let end = text[inner..].find(quotes).map(|end| inner + end);
    let begins_a_text = |end: usize| {
        let start = text[..end].rfind('\n').map_or(0, |feed| feed + 1);
        start > from && value_of(&text[start..]).is_some_and(|value| text[start + value..end].trim().is_empty())
    };
    if let Some(end) = end.filter(|end| !begins_a_text(*end)) {
        let more = text[end..].len() - text[end..].trim_start_matches(&quotes[..1]).len();
        return Ok(end + more);
    }
    // It ends where something else begins.
    let mut at = inner + line_at(text, inner).len();
    while at < text.len() && !(is_head(line_at(text, at)) || value_of(line_at(text, at)).is_some()) {
        at += line_at(text, at).len();
    }
    let problem = Problem::new(Span::new(from, inner), "this text is not closed")
        .help(format!("write `{quotes}` behind its last word"));
    let last = inner.max(text[..at].trim_end().len());
    Err(Box::new(Scanned { end: at, open: Some(Open { at: last, closing: quotes.to_owned(), problem }) }))
}
