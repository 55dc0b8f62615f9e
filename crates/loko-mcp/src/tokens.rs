//! Counting tokens as a model does, with the vocabulary `o200k_base`, which is part of the program.
//!
//! Other models cut texts otherwise; their counts differ by some percent. The vocabulary is read when it is first needed.
//!
//! The vocabulary first cuts a text into pieces (words, numbers, runs of signs) by a regular expression, and then each
//! piece into tokens. Nearly all time goes into the expression. Here ASCII is cut by hand ([`piece_end`], which says what
//! the expression says), and how many tokens a piece has is remembered, since the same words come again and again. The
//! count is exactly that of the vocabulary.

use rustc_hash::FxHashMap;
use std::sync::{OnceLock, PoisonError, RwLock};
use tiktoken_rs::CoreBPE;

/// Pieces longer than this are counted each time.
const PIECE_BYTES_MAX: usize = 48;
/// So many pieces are remembered.
const PIECES_MAX: usize = 200_000;

static VOCABULARY: OnceLock<CoreBPE> = OnceLock::new();
static PIECES: OnceLock<RwLock<Pieces>> = OnceLock::new();

/// How many tokens pieces have.
type Pieces = FxHashMap<Box<str>, u32>;

fn vocabulary() -> &'static CoreBPE {
    VOCABULARY.get_or_init(|| tiktoken_rs::o200k_base().expect("the vocabulary is part of the program"))
}

fn pieces() -> &'static RwLock<Pieces> {
    PIECES.get_or_init(RwLock::default)
}

/// How many tokens a text has.
pub fn count(text: &str) -> usize {
    let mut new = Pieces::default();
    let tokens = {
        let known = pieces().read().unwrap_or_else(PoisonError::into_inner);
        stretches(text)
            .map(|stretch| {
                if stretch.is_ascii() {
                    ascii(stretch, &known, &mut new)
                } else {
                    remembered(stretch, &known, &mut new)
                }
            })
            .sum()
    };
    if !new.is_empty() {
        let mut known = pieces().write().unwrap_or_else(PoisonError::into_inner);
        if known.len() + new.len() <= PIECES_MAX {
            known.extend(new);
        }
    }
    tokens
}

/// Reads the vocabulary, so that the first question need not wait for it.
pub(crate) fn warm_up() {
    vocabulary();
}

fn whole(text: &str) -> usize {
    vocabulary().count_ordinary(text)
}

/// Cuts a text where no piece can reach across: before a space that stands alone, since only white space goes on with a
/// space. A text in ASCII is one stretch.
fn stretches(text: &str) -> impl Iterator<Item = &str> {
    let bytes = text.as_bytes();
    let is_plain = text.is_ascii();
    let is_cut = move |at: usize| {
        bytes[at] == b' '
            && text[..at].chars().next_back().is_some_and(|it| !it.is_whitespace())
            && text[at + 1..].chars().next().is_some_and(|it| !it.is_whitespace())
    };
    let mut start = 0;
    std::iter::from_fn(move || {
        if start >= bytes.len() {
            return None;
        }
        let end =
            if is_plain { bytes.len() } else { (start + 1..bytes.len()).find(|at| is_cut(*at)).unwrap_or(bytes.len()) };
        let stretch = &text[start..end];
        start = end;
        Some(stretch)
    })
}

fn ascii(text: &str, known: &Pieces, new: &mut Pieces) -> usize {
    let bytes = text.as_bytes();
    let (mut at, mut tokens) = (0, 0);
    while at < bytes.len() {
        let end = piece_end(bytes, at);
        let piece = &text[at..end];
        at = end;
        // Every byte alone is a token.
        tokens += if piece.len() == 1 { 1 } else { remembered(piece, known, new) };
    }
    tokens
}

/// How many tokens a text has that may have been counted before.
fn remembered(text: &str, known: &Pieces, new: &mut Pieces) -> usize {
    if let Some(count) = known.get(text).or_else(|| new.get(text)) {
        return *count as usize;
    }
    let count = whole(text);
    if text.len() <= PIECE_BYTES_MAX {
        new.insert(text.into(), count as u32);
    }
    count
}

/// Where the piece that begins at a place of an ASCII text ends. The alternatives of the expression in their order:
///
/// ```text
/// [^\r\n\p{L}\p{N}]? [upper]* [lower]+ contraction?      a word, with one sign or space before it
/// [^\r\n\p{L}\p{N}]? [upper]+ [lower]* contraction?
/// \p{N}{1,3}                                             up to three digits
///  ?[^\s\p{L}\p{N}]+ [\r\n/]*                            signs, with one space before them
/// \s*[\r\n]+                                             space up to the last end of line in it
/// \s+(?!\S)                                              space but for the last before a word
/// \s+
/// ```
fn piece_end(text: &[u8], start: usize) -> usize {
    let at = |index: usize| text.get(index).copied();
    let first = text[start];
    let has_lead = !first.is_ascii_alphanumeric() && !matches!(first, b'\r' | b'\n');
    let word = start + usize::from(has_lead);
    if at(word).is_some_and(|it| it.is_ascii_alphabetic()) {
        let lower = run(text, word, |it| it.is_ascii_uppercase());
        let end = run(text, lower, |it| it.is_ascii_lowercase());
        return contraction_end(text, end);
    }
    if first.is_ascii_digit() {
        return run(&text[..text.len().min(start + 3)], start, |it| it.is_ascii_digit());
    }
    let signs = start + usize::from(first == b' ');
    let end = run(text, signs, is_sign);
    if end > signs {
        return run(text, end, |it| matches!(it, b'\r' | b'\n' | b'/'));
    }
    let end = run(text, start, is_space);
    if let Some(last) = text[start..end].iter().rposition(|it| matches!(it, b'\r' | b'\n')) {
        return start + last + 1;
    }
    if end == text.len() || end == start + 1 { end } else { end - 1 }
}

fn run(text: &[u8], start: usize, fits: impl Fn(u8) -> bool) -> usize {
    text[start..].iter().position(|it| !fits(*it)).map_or(text.len(), |count| start + count)
}

/// `'s`, `'t`, `'re`, `'ve`, `'m`, `'ll`, `'d` after a word belong to it.
fn contraction_end(text: &[u8], end: usize) -> usize {
    if text.get(end) != Some(&b'\'') {
        return end;
    }
    let letter = |index: usize| text.get(index).map(u8::to_ascii_lowercase);
    match (letter(end + 1), letter(end + 2)) {
        (Some(b's' | b't' | b'm' | b'd'), _) => end + 2,
        (Some(b'r' | b'v'), Some(b'e')) | (Some(b'l'), Some(b'l')) => end + 3,
        _ => end,
    }
}

/// What the expression calls `\s`.
fn is_space(byte: u8) -> bool {
    matches!(byte, b'\t'..=b'\r' | b' ')
}

fn is_sign(byte: u8) -> bool {
    !is_space(byte) && !byte.is_ascii_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::{count, whole};

    #[test]
    fn words_are_counted() {
        assert_eq!(count(""), 0);
        assert_eq!(count("hello world"), 2);
        assert!(count("architecture as code") <= 4);
    }

    #[test]
    fn the_count_is_that_of_the_vocabulary() {
        let texts = [
            "it's we'LL they've I'd 'tis don'tx can't.\u{17f} 'RE HTTPServer's aB Ba AAbb",
            "a  b   c \t d\t\te\n\n  f \r\n\r\n/g //h\n/i\n \n x",
            "1 12 123 1234 12345678 v1.2.3 a1b2  9",
            "{\"id\":\"shop/api\",\"kind\":\"container\",\"n\":[1,2,{}],\"t\":\"a \\\"b\\\"\"}",
            "  # Head\n\n- one\n  - two ( three )\n| a | b |\n|---|---|\n\u{b}\u{c}\u{1c}\u{7f} end   ",
            "`shop/api` → `shop/db` reaches 3 × 4 levels – or 5 … \u{3000} α β  γ 1 ½ é",
            "naïve café — größer\u{a0}als ÄÖÜ’s 東京 🚀 done  \u{2028} x\u{301}y Zoë's plan, for 3 € each",
            " ",
            "   ",
            "\n",
            " \n",
            "\n ",
            "'s",
            " 's",
            "/",
            " /",
            "//\n/",
        ];
        for text in texts {
            assert_eq!(count(text), whole(text), "{text:?}");
        }
    }

    /// Random texts of the characters that matter, without a crate for it.
    #[test]
    fn the_count_is_that_of_the_vocabulary_for_any_text() {
        let alphabet: Vec<char> =
            "aabBzZ019   \t\n\r/'sStTdDlLvVeErRmM.,:-_(){}\"\u{b}é\u{a0}\u{301}Ω".chars().collect();
        let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
        let mut next = || {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            seed as usize
        };
        for round in 0..4000 {
            let ascii_only = round % 2 == 0;
            let length = next() % 40;
            let text: String =
                (0..length).map(|_| alphabet[next() % (alphabet.len() - if ascii_only { 4 } else { 0 })]).collect();
            assert_eq!(count(&text), whole(&text), "{text:?}");
        }
    }

    #[test]
    fn texts_of_all_signs_are_counted_as_the_vocabulary_counts_them() {
        const SIGNS: [char; 28] = [
            ' ',
            ' ',
            ' ',
            'a',
            'b',
            'Z',
            'Y',
            '1',
            '2',
            '.',
            '/',
            '`',
            '\'',
            's',
            '\n',
            '\r',
            '\t',
            '\u{e9}',
            '\u{c9}',
            '\u{3b1}',
            '\u{2192}',
            '\u{a0}',
            '\u{3000}',
            '\u{301}',
            '\u{bd}',
            '\u{6771}',
            '\u{1f680}',
            '\u{2013}',
        ];
        let mut state = 1_u64;
        for _ in 0..3_000 {
            let text: String = (0..24)
                .map(|_| {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    SIGNS[(state >> 33) as usize % SIGNS.len()]
                })
                .collect();
            assert_eq!(count(&text), whole(&text), "{text:?}");
        }
    }
}
