//! Places of a text that are filled in later: what a piece of a picture does not know before its document is put together.

use super::escape;
use std::borrow::Cow;

/// What stands in a piece that does not know its document yet is written between two characters that XML does not allow and
/// no text therefore has: what kind of thing it is, and its number in the piece.
const OPEN: char = '\u{1}';
const CLOSE: char = '\u{2}';

/// What only a document knows: the numbers of what is defined once, what its options say, where links lead.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Open {
    Ink,
    Gradient,
    Pattern,
    Prefix,
    Sans,
    Mono,
    Gap,
    Link(LinkWord),
}

/// What a link makes of an element that may have one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum LinkWord {
    Name,
    Href,
    Role,
    Tab,
    Start,
    End,
}

impl Open {
    /// All kinds; the first is written as the letter `a`.
    const ALL: [Self; 13] = [
        Self::Ink,
        Self::Gradient,
        Self::Pattern,
        Self::Prefix,
        Self::Sans,
        Self::Mono,
        Self::Gap,
        Self::Link(LinkWord::Name),
        Self::Link(LinkWord::Href),
        Self::Link(LinkWord::Role),
        Self::Link(LinkWord::Tab),
        Self::Link(LinkWord::Start),
        Self::Link(LinkWord::End),
    ];

    /// How it stands in a piece.
    pub(super) fn mark(self, at: usize) -> String {
        let kind = Self::ALL.iter().zip('a'..).find(|(open, _)| **open == self).map_or('a', |(_, letter)| letter);
        format!("{OPEN}{kind}{at}{CLOSE}")
    }

    /// What a mark says, without its ends.
    fn read(mark: &str) -> Option<(Self, usize)> {
        let kind = mark.bytes().next()?.checked_sub(b'a')?;
        Some((*Self::ALL.get(usize::from(kind))?, mark.get(1..)?.parse().ok()?))
    }
}

/// Where the link of an element leads.
pub(super) enum Link {
    Nowhere,
    To(String),
    /// The document knows.
    Open(usize),
}

impl Link {
    pub(super) fn word(&self, word: LinkWord) -> Cow<'static, str> {
        match (self, word) {
            (Self::Open(at), word) => Open::Link(word).mark(*at).into(),
            (Self::Nowhere, LinkWord::Name) => "g".into(),
            (Self::Nowhere, LinkWord::Role) => " role=\"graphics-symbol img\"".into(),
            (Self::Nowhere, LinkWord::Tab) => " tabindex=\"0\"".into(),
            (Self::To(_), LinkWord::Name) => "a".into(),
            (Self::To(url), LinkWord::Href) => format!(" href=\"{}\"", escape(url)).into(),
            (Self::To(url), LinkWord::Start) => format!("<a href=\"{}\">", escape(url)).into(),
            (Self::To(_), LinkWord::End) => "</a>".into(),
            (Self::Nowhere, LinkWord::Href | LinkWord::Start | LinkWord::End)
            | (Self::To(_), LinkWord::Role | LinkWord::Tab) => "".into(),
        }
    }
}

/// Adds a text to another one, with a word for each mark in it.
pub(super) fn fill<'w>(filled: &mut String, text: &str, word: impl Fn(Open, usize) -> Cow<'w, str>) {
    let mut parts = text.split(OPEN);
    filled.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let Some((mark, rest)) = part.split_once(CLOSE) else { continue };
        if let Some((open, at)) = Open::read(mark) {
            filled.push_str(&word(open, at));
        }
        filled.push_str(rest);
    }
}
