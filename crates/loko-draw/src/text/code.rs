//! Code in boxes: monospaced lines with a light touch of colour.
//!
//! One scanner for all languages: strings, numbers, comments and a pool of common keywords. It aims at calm, not at
//! grammar; what it does not know stays plain.

use super::flow::Setting;
use super::{Block, Flow, Span, Tone};
use crate::font::Face;

/// Lays code out; lines are never wrapped.
pub(crate) fn block(code: &str, language: &str, size: f64) -> Block {
    let mut flow = Flow::default();
    let mut state = State::default();
    for line in code.trim_matches('\n').split('\n') {
        let line = line.replace('\t', "    ");
        let spans = scan(&line, language, &mut state)
            .into_iter()
            .map(|(text, tone)| Span::new(text, Face::Mono, size).tone(tone))
            .collect::<Vec<_>>();
        if spans.is_empty() {
            flow.gap(size * LEADING);
        } else {
            flow.paragraph(&spans, Setting { leading: LEADING, ..Setting::default() });
        }
    }
    flow.finish()
}

const LEADING: f64 = 1.45;

/// What goes on from line to line.
#[derive(Default)]
struct State {
    in_comment: bool,
}

/// Words that start statements or name built-in things in many languages.
const KEYWORDS: &[&str] = &[
    "abstract",
    "and",
    "as",
    "async",
    "await",
    "begin",
    "bool",
    "boolean",
    "break",
    "case",
    "catch",
    "class",
    "const",
    "continue",
    "create",
    "def",
    "default",
    "defer",
    "del",
    "delete",
    "do",
    "elif",
    "else",
    "end",
    "enum",
    "except",
    "export",
    "extends",
    "extern",
    "false",
    "finally",
    "float",
    "fn",
    "for",
    "foreach",
    "from",
    "func",
    "function",
    "go",
    "group",
    "if",
    "impl",
    "implements",
    "import",
    "in",
    "insert",
    "int",
    "interface",
    "into",
    "is",
    "join",
    "lambda",
    "let",
    "limit",
    "match",
    "mod",
    "module",
    "mut",
    "namespace",
    "new",
    "nil",
    "none",
    "not",
    "null",
    "on",
    "or",
    "order",
    "package",
    "pass",
    "private",
    "protected",
    "pub",
    "public",
    "raise",
    "return",
    "select",
    "self",
    "set",
    "static",
    "string",
    "struct",
    "super",
    "switch",
    "table",
    "then",
    "this",
    "throw",
    "trait",
    "true",
    "try",
    "type",
    "union",
    "update",
    "use",
    "using",
    "val",
    "values",
    "var",
    "void",
    "where",
    "while",
    "with",
    "yield",
];

fn line_comment(language: &str) -> &'static [&'static str] {
    match language {
        "python" | "py" | "ruby" | "rb" | "bash" | "sh" | "shell" | "zsh" | "yaml" | "yml" | "toml" | "dockerfile"
        | "perl" | "r" | "d2" | "make" | "makefile" | "hcl" | "terraform" | "graphql" | "properties" | "elixir" => {
            &["#"]
        }
        "sql" | "lua" | "haskell" | "elm" => &["--"],
        "lisp" | "clojure" | "scheme" | "ini" => &[";"],
        "" | "text" | "txt" | "json" => &[],
        _ => &["//"],
    }
}

/// Whether `/*` opens a comment: elsewhere it may be part of a path.
fn has_block_comments(language: &str) -> bool {
    language == "sql" || line_comment(language).contains(&"//")
}

/// What a piece of code is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeKind {
    /// Nothing special.
    Plain,
    /// A word of the language.
    Keyword,
    /// A text or a number.
    Literal,
    /// A remark for readers.
    Comment,
}

/// Languages whose texts are better left alone: marks and words in them mean something else.
const LEFT_ALONE: [&str; 12] =
    ["", "text", "txt", "plain", "console", "output", "diff", "markdown", "md", "html", "xml", "mermaid"];

/// Code in pieces, as boxes of code show it; joined, they are the code.
///
/// ```
/// use loko_draw::{CodeKind, code_pieces};
/// let pieces = code_pieces("let a = 1;", "rust");
/// assert_eq!(pieces[0], ("let".to_owned(), CodeKind::Keyword));
/// ```
pub fn code_pieces(code: &str, language: &str) -> Vec<(String, CodeKind)> {
    let language = language.to_ascii_lowercase();
    if LEFT_ALONE.contains(&language.as_str()) {
        return vec![(code.to_owned(), CodeKind::Plain)];
    }
    let mut state = State::default();
    let mut pieces: Vec<(String, CodeKind)> = Vec::new();
    for line in code.split_inclusive('\n') {
        let bare = line.trim_end_matches('\n');
        for (text, tone) in scan(bare, &language, &mut state) {
            let kind = match tone {
                Tone::Keyword => CodeKind::Keyword,
                Tone::Literal => CodeKind::Literal,
                Tone::Comment => CodeKind::Comment,
                _ => CodeKind::Plain,
            };
            pieces.push((text, kind));
        }
        if bare.len() < line.len() {
            pieces.push(("\n".to_owned(), CodeKind::Plain));
        }
    }
    pieces
}

fn scan(line: &str, language: &str, state: &mut State) -> Vec<(String, Tone)> {
    let mut out: Vec<(String, Tone)> = Vec::new();
    let mut push = |text: &str, tone: Tone| match out.last_mut() {
        Some(last) if last.1 == tone => last.0.push_str(text),
        _ if text.is_empty() => {}
        _ => out.push((text.to_string(), tone)),
    };
    let mut rest = line;
    // An apostrophe after a letter is one; elsewhere it may open a string.
    let mut after_letter = false;
    while let Some(first) = rest.chars().next() {
        let (len, tone) = if state.in_comment || (rest.starts_with("/*") && has_block_comments(language)) {
            let end = rest.find("*/").map(|at| at + 2);
            state.in_comment = end.is_none();
            (end.unwrap_or(rest.len()), Tone::Comment)
        } else if line_comment(language).iter().any(|mark| rest.starts_with(mark)) {
            (rest.len(), Tone::Comment)
        } else if matches!(first, '"' | '\'' | '`') && !(first == '\'' && after_letter) {
            (string_len(rest, first), Tone::Literal)
        } else if first.is_ascii_digit() {
            let word = |c: char| c.is_alphanumeric() || c == '.' || c == '_';
            (rest.find(|c: char| !word(c)).unwrap_or(rest.len()), Tone::Literal)
        } else if first.is_alphabetic() || first == '_' {
            let len = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            let is_keyword = KEYWORDS.binary_search(&rest[..len].to_lowercase().as_str()).is_ok();
            (len, if is_keyword && !matches!(language, "" | "text" | "txt") { Tone::Keyword } else { Tone::Ink })
        } else {
            (first.len_utf8(), Tone::Ink)
        };
        push(&rest[..len], tone);
        after_letter = rest[..len].ends_with(char::is_alphanumeric);
        rest = &rest[len..];
    }
    out
}

/// The length of a string literal; an apostrophe that is not closed on the line is only itself.
fn string_len(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    if quote == '"' { rest.len() } else { quote.len_utf8() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_are_sorted_for_the_binary_search() {
        assert!(KEYWORDS.is_sorted());
    }

    #[test]
    fn scanning_loses_nothing() {
        let mut state = State::default();
        for line in ["let x = \"a\\\"b\"; // don't", "it's 5.0e3 /* über */ fn", "/* open", "still */ return '", ""] {
            let text: String = scan(line, "rust", &mut state).into_iter().map(|(text, _)| text).collect();
            assert_eq!(text, line);
        }
    }

    #[test]
    fn pieces_are_the_code() {
        let code = "# über\n\n[paths]\nsource = \"src/*\" # why\nother = 1\n";
        let pieces = code_pieces(code, "TOML");
        assert_eq!(pieces.iter().map(|(text, _)| text.as_str()).collect::<String>(), code);
        let of = |kind: CodeKind| pieces.iter().filter(|it| it.1 == kind).map(|it| it.0.as_str()).collect::<Vec<_>>();
        assert_eq!(of(CodeKind::Comment), ["# über", "# why"]);
        assert_eq!(of(CodeKind::Literal), ["\"src/*\"", "1"]);
        assert_eq!(code_pieces("if it is so", "text"), [("if it is so".to_owned(), CodeKind::Plain)]);
        // A path is no remark.
        assert!(code_pieces("cp src/* there # x", "sh").iter().any(|it| it == &("# x".to_owned(), CodeKind::Comment)));
    }

    #[test]
    fn blank_lines_keep_their_height() {
        let (one, two) = (block("a\nb", "go", 10.0), block("a\n\nb", "go", 10.0));
        assert!((two.size.h - one.size.h - 10.0 * LEADING).abs() < 1e-9);
    }
}
