//! The quick way through plain front matter.
//!
//! Nearly all front matter is a block of `key: value` lines with short lists. That much is read here, line by line, in
//! a fraction of the time that a full YAML scanner takes; anything else (block texts, anchors, tags, escapes, texts
//! over several lines, tabs, odd characters, errors of any kind) makes [`read`] give up, and the full parser reads the
//! text from its beginning. A test holds both against each other: where this one does not give up, they agree to the
//! byte.

use super::Builder;
use saphyr_parser::ScalarStyle;
use std::borrow::Cow;

/// Deeper nesting is left to the full parser, which has the limit.
const DEPTH_MAX: usize = 12;

/// Something that is not plain.
pub(super) struct NotPlain;

type Step<T = ()> = Result<T, NotPlain>;

/// A line that says something.
#[derive(Clone, Copy)]
struct Line<'t> {
    /// Where its first character that is no space stands.
    start: usize,
    indent: usize,
    /// From that character to the end, trailing spaces and comments left out.
    text: &'t str,
}

/// Reads a text into the builder, whole or not at all.
pub(super) fn read<'t>(text: &'t str, builder: &mut Builder<'t, '_>) -> Step {
    if has_odd_characters(text) {
        return Err(NotPlain);
    }
    let mut lines = Lines { lines: lines(text)?, at: 0 };
    let Some(first) = lines.peek() else { return Ok(()) };
    if first.indent > 0 || first.text.starts_with('-') {
        return Err(NotPlain);
    }
    map(&mut lines, builder, 0, 0)?;
    if lines.peek().is_some() { Err(NotPlain) } else { Ok(()) }
}

/// The lines that say something.
fn lines(text: &str) -> Step<Vec<Line<'_>>> {
    let mut lines = Vec::with_capacity(16);
    let mut at = 0;
    // Nearly no text has any but the ends of lines, which is seen at a glance.
    let has_controls = text.bytes().fold(false, |found, byte| found | is_control(byte));
    let ends = memchr::memchr_iter(b'\n', text.as_bytes()).chain((!text.ends_with('\n')).then_some(text.len()));
    for end in ends {
        let line = &text[at..end];
        let line = line.strip_suffix('\r').unwrap_or(line);
        if has_controls && line.bytes().any(is_control) {
            return Err(NotPlain);
        }
        let bare = line.trim_start_matches(' ');
        let indent = line.len() - bare.len();
        if !bare.is_empty() && !bare.starts_with('#') {
            if indent == 0 && (bare.starts_with("---") || bare.starts_with("...")) {
                return Err(NotPlain);
            }
            lines.push(Line { start: at + indent, indent, text: bare.trim_end_matches(' ') });
        }
        at = end + 1;
    }
    Ok(lines)
}

/// Whether a character is a control other than the end of a line.
fn is_control(byte: u8) -> bool {
    (byte < b' ' && byte != b'\n') || byte == 0x7f
}

struct Lines<'t> {
    lines: Vec<Line<'t>>,
    at: usize,
}

impl<'t> Lines<'t> {
    fn peek(&self) -> Option<Line<'t>> {
        self.lines.get(self.at).copied()
    }
}

/// A mapping whose keys stand at `indent`, from the line at hand on.
fn map<'t>(lines: &mut Lines<'t>, builder: &mut Builder<'t, '_>, indent: usize, depth: usize) -> Step {
    let Some(first) = lines.peek().filter(|_| depth < DEPTH_MAX) else { return Err(NotPlain) };
    builder.open_map(first.start);
    while let Some(line) = lines.peek() {
        if line.indent < indent {
            break;
        }
        if line.indent > indent || line.text.starts_with("- ") || line.text == "-" {
            return Err(NotPlain);
        }
        lines.at += 1;
        entry(lines, builder, line, indent, depth)?;
    }
    builder.close_at(first.start);
    Ok(())
}

/// `key: value`, or `key:` with what belongs to it in the next lines.
fn entry<'t>(
    lines: &mut Lines<'t>,
    builder: &mut Builder<'t, '_>,
    line: Line<'t>,
    indent: usize,
    depth: usize,
) -> Step {
    let (key_len, style) = key(line.text)?;
    scalar(builder, &line.text[..key_len], style, line.start);
    let after = &line.text[key_len + 1..];
    let value = after.trim_start_matches(' ');
    let start = line.start + line.text.len() - value.len();
    if !value.is_empty() && !value.starts_with('#') {
        one_line_value(builder, value, start)?;
        // A deeper line would go on with the text.
        return if lines.peek().is_some_and(|next| next.indent > indent) { Err(NotPlain) } else { Ok(()) };
    }
    match lines.peek() {
        Some(next) if next.indent > indent => block(lines, builder, next, depth + 1),
        Some(next) if next.indent == indent && next.text.starts_with("- ") => list(lines, builder, indent, depth + 1),
        _ => {
            builder.add_scalar(Cow::Borrowed(""), ScalarStyle::Plain, line.start + key_len, line.start + key_len);
            Ok(())
        }
    }
}

fn block<'t>(lines: &mut Lines<'t>, builder: &mut Builder<'t, '_>, next: Line<'t>, depth: usize) -> Step {
    if next.text.starts_with("- ") {
        return list(lines, builder, next.indent, depth);
    }
    map(lines, builder, next.indent, depth)
}

/// A list whose dashes stand at `indent`.
fn list<'t>(lines: &mut Lines<'t>, builder: &mut Builder<'t, '_>, indent: usize, depth: usize) -> Step {
    let Some(first) = lines.peek().filter(|_| depth < DEPTH_MAX) else { return Err(NotPlain) };
    builder.open_list(first.start);
    while let Some(line) = lines.peek() {
        if line.indent < indent || (line.indent == indent && !line.text.starts_with('-')) {
            break;
        }
        if line.indent > indent || !line.text.starts_with("- ") {
            return Err(NotPlain);
        }
        let item = line.text[1..].trim_start_matches(' ');
        let start = line.start + line.text.len() - item.len();
        if item.starts_with(['-', '#']) {
            return Err(NotPlain);
        }
        if key(item).is_ok() {
            // The item is a mapping: its first entry stands behind the dash.
            let inner = Line { start, indent: indent + start - line.start, text: item };
            lines.lines[lines.at] = inner;
            map(lines, builder, inner.indent, depth + 1)?;
            continue;
        }
        lines.at += 1;
        one_line_value(builder, item, start)?;
        if lines.peek().is_some_and(|next| next.indent > indent) {
            return Err(NotPlain);
        }
    }
    builder.close_at(first.start);
    Ok(())
}

/// The length of a key (quotes included) that a `:` follows, and a space or the end of the line that.
fn key(text: &str) -> Step<(usize, ScalarStyle)> {
    let (len, style) = match text.as_bytes().first() {
        Some(quote @ (b'"' | b'\'')) => quoted(text, *quote)?,
        Some(first) if is_plain_start(*first) => {
            let len = text.bytes().take_while(|byte| is_key_byte(*byte)).count();
            (len, ScalarStyle::Plain)
        }
        _ => return Err(NotPlain),
    };
    let follows = &text.as_bytes()[len..];
    let ends_well = style != ScalarStyle::Plain || !text[..len].ends_with(' ');
    if len > 0 && ends_well && matches!(follows, [b':'] | [b':', b' ', ..]) { Ok((len, style)) } else { Err(NotPlain) }
}

/// The length of a quoted text without escapes, quotes included.
fn quoted(text: &str, quote: u8) -> Step<(usize, ScalarStyle)> {
    let inner = &text.as_bytes()[1..];
    let end = inner.iter().position(|byte| *byte == quote || *byte == b'\\').ok_or(NotPlain)?;
    if inner[end] == b'\\' || inner.get(end + 1) == Some(&quote) {
        return Err(NotPlain);
    }
    let style = if quote == b'"' { ScalarStyle::DoubleQuoted } else { ScalarStyle::SingleQuoted };
    Ok((end + 2, style))
}

/// What can begin an unquoted text without meaning anything in YAML.
fn is_plain_start(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'/' | b'.' | b'(' | b'+' | b'$') || is_letter(byte)
}

fn is_key_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'/' | b'.' | b'-' | b' ') || is_letter(byte)
}

/// What an unquoted text in brackets may hold: shares, amounts and bounds, too.
fn is_flow_byte(byte: u8) -> bool {
    is_key_byte(byte) || matches!(byte, b'%' | b'+' | b'(' | b')' | b'<' | b'>' | b'=' | b'$' | b';')
}

/// Any part of a character beyond ASCII: those that are no letters were refused before.
fn is_letter(byte: u8) -> bool {
    byte >= 0x80
}

/// Characters beyond ASCII that mean something in YAML or are no part of it.
fn has_odd_characters(text: &str) -> bool {
    !text.is_ascii()
        && text.chars().any(|character| {
            matches!(character, '\u{80}'..='\u{a0}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{e000}'..='\u{f8ff}')
                || character as u32 >= 0xfff0
                || (!character.is_ascii() && character.is_whitespace())
        })
}

/// A value that ends in its line: a text, a quoted text, a flow list or mapping; a comment may follow.
fn one_line_value<'t>(builder: &mut Builder<'t, '_>, value: &'t str, start: usize) -> Step {
    let end = match value.as_bytes().first() {
        Some(quote @ (b'"' | b'\'')) => {
            let (len, style) = quoted(value, *quote)?;
            scalar(builder, &value[..len], style, start);
            len
        }
        Some(b'[' | b'{') => flow(builder, value, start, 0)?,
        Some(first) if is_plain_start(*first) => {
            let len = value.find(" #").unwrap_or(value.len());
            let plain = value[..len].trim_end_matches(' ');
            if plain.contains(": ") || plain.ends_with(':') || plain.contains('\t') {
                return Err(NotPlain);
            }
            scalar(builder, plain, ScalarStyle::Plain, start);
            len
        }
        _ => return Err(NotPlain),
    };
    let rest = &value[end..];
    let comment = rest.trim_start_matches(' ');
    if comment.is_empty() || (comment.starts_with('#') && comment.len() < rest.len()) { Ok(()) } else { Err(NotPlain) }
}

fn scalar<'t>(builder: &mut Builder<'t, '_>, written: &'t str, style: ScalarStyle, start: usize) {
    let inner = if style == ScalarStyle::Plain { written } else { &written[1..written.len() - 1] };
    builder.add_scalar(Cow::Borrowed(inner), style, start, start + written.len());
}

/// A list or mapping in brackets; gives its length.
fn flow<'t>(builder: &mut Builder<'t, '_>, text: &'t str, start: usize, depth: usize) -> Step<usize> {
    let is_map = text.starts_with('{');
    if depth >= DEPTH_MAX {
        return Err(NotPlain);
    }
    if is_map {
        builder.open_map(start);
    } else {
        builder.open_list(start);
    }
    let close = if is_map { b'}' } else { b']' };
    let mut at = 1;
    loop {
        at += spaces(&text[at..]);
        if text.as_bytes().get(at) == Some(&close) {
            at += 1;
            builder.close_at(start + at);
            return Ok(at);
        }
        if is_map {
            let (len, style) = key(&text[at..])?;
            scalar(builder, &text[at..at + len], style, start + at);
            at += len + 1;
            at += spaces(&text[at..]);
        }
        at += flow_value(builder, &text[at..], start + at, depth)?;
        at += spaces(&text[at..]);
        match text.as_bytes().get(at) {
            Some(b',') => at += 1,
            Some(byte) if *byte == close => {}
            _ => return Err(NotPlain),
        }
    }
}

fn spaces(text: &str) -> usize {
    text.len() - text.trim_start_matches(' ').len()
}

fn flow_value<'t>(builder: &mut Builder<'t, '_>, text: &'t str, start: usize, depth: usize) -> Step<usize> {
    match text.as_bytes().first() {
        Some(quote @ (b'"' | b'\'')) => {
            let (len, style) = quoted(text, *quote)?;
            scalar(builder, &text[..len], style, start);
            Ok(len)
        }
        Some(b'[' | b'{') => flow(builder, text, start, depth + 1),
        Some(first) if is_plain_start(*first) => {
            let len = text.bytes().position(|byte| !is_flow_byte(byte)).unwrap_or(text.len());
            let plain = text[..len].trim_end_matches(' ');
            scalar(builder, plain, ScalarStyle::Plain, start);
            Ok(plain.len())
        }
        _ => Err(NotPlain),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Builder, Problem};
    use crate::Value;
    use proptest::prelude::*;

    fn fast(text: &str) -> Option<(Option<Value>, Vec<Problem>)> {
        let mut problems = Vec::new();
        let mut builder = Builder::new(text, 7, &mut problems);
        super::read(text, &mut builder).ok()?;
        let value = builder.root;
        Some((value, problems))
    }

    fn full(text: &str) -> (Option<Value>, Vec<Problem>) {
        let mut problems = Vec::new();
        let (value, _) = Builder::new(text, 7, &mut problems).run();
        (value, problems)
    }

    #[test]
    fn plain_front_matter_is_read_the_quick_way() {
        let text = "name: Order API # a note\ntags: [core, \"p c\", 3]\r\nlinks:\n  - { title: Runbook, url: \"https://x\" }\nempty:\nrelationships:\n  - to: shop/db\n    label: 'Reads: all'\n\n  # between\n  - shop/web\nmore:\n- x\n- y: z\n  w: {}\nslo: { availability: 99.9%, p99: 300ms }\nlast: café au lait, 1.10\n";
        for line in text
            .split_inclusive('\n')
            .filter(|line| line.starts_with(char::is_alphabetic) && line.trim_end().ends_with(|last| last != ':'))
        {
            assert!(fast(line).is_some(), "{line:?}");
        }
        assert_eq!(fast(text).expect("it is plain"), full(text));
    }

    #[test]
    fn everything_else_is_left_to_the_full_parser() {
        for text in [
            "a: b: c\n",
            "a: |\n  x\n",
            "a: &x 1\n",
            "a: *x\n",
            "a: \"\\n\"\n",
            "a: 'it''s'\n",
            "a: x\n  y\n",
            "\ta: 1\n",
            "a: [x\n",
            "a: - b\n",
            "- x\n",
            "a: @x\n",
            "a: !t x\n",
            "a:\n  - - x\n",
            "? a\n",
            "a: [a: b]\n",
            "---\na: 1\n",
            "a: [x,, y]\n",
            "a: \"x\" y\n",
            " a: 1\n",
        ] {
            assert!(fast(text).is_none(), "{text:?}");
        }
    }

    fn word() -> impl Strategy<Value = String> {
        prop_oneof![
            "[a-z]{1,6}",
            "[a-z]{1,3}/[a-z]{1,3}",
            "[0-9.]{1,4}",
            "\"[a-z :#,]{0,5}\"",
            "'[a-z :]{0,4}'",
            Just("true".to_owned()),
            Just("é注 x".to_owned()),
            Just("a b".to_owned()),
            "[ -~]{1,6}"
        ]
    }

    fn piece() -> impl Strategy<Value = String> {
        prop_oneof![
            (word(), word()).prop_map(|(key, value)| format!("{key}: {value}\n")),
            (word(), word()).prop_map(|(key, value)| format!("{key}:\n  - {value}\n  - {value}\n")),
            (word(), word(), word())
                .prop_map(|(key, a, b)| format!("{key}:\n  - {a}: {b}\n    {b}: {a}\n  - {{ {a}: {b} }}\n")),
            (word(), word(), word())
                .prop_map(|(key, a, b)| format!("{key}: [{a}, {b}, {{{a}: {b}, x: [{a}]}}] # {b}\n")),
            (word(), word(), word()).prop_map(|(key, a, b)| format!("{key}:\n  {a}: {b}\n  {b}:\n    {a}:\n")),
            (word(), word()).prop_map(|(key, a)| format!("{key}:\n- {a}\n-   {a}: x\n    y: z\n")),
            word().prop_map(|comment| format!("  # {comment}\n\n")),
            "[ -~é\n]{0,12}",
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.max(3000), failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn both_ways_agree(pieces in prop::collection::vec(piece(), 0..6), crlf: bool) {
            let text = if crlf { pieces.concat().replace('\n', "\r\n") } else { pieces.concat() };
            if let Some(quick) = fast(&text) {
                prop_assert_eq!(quick, full(&text), "{:?}", text);
            }
        }
    }
}
