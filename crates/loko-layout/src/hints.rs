//! Positions of an earlier drawing, and the file that keeps them.
//!
//! The file is TOML with one line for each object, sorted by id, so that git merges two people's changes line by line:
//!
//! ```toml
//! "shop.api" = [120, 340]
//! ```
//!
//! A line that is none of these (a comment, the marks of a merge) is passed over: what it spoke of is placed anew.

use loko_diagram::{Board, Placed, Point};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The first line of every file.
const HEAD: &str =
    "# Where things stand: the middle of each object in pixels. Take a line out to have its object placed anew.\n";

/// Positions of an earlier drawing, by object id.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hints {
    middles: BTreeMap<String, Point>,
}

impl Hints {
    /// The positions of a drawing.
    pub fn new(board: &Board, placed: &Placed) -> Self {
        let pairs = board.objects.iter().zip(&placed.objects);
        Self { middles: pairs.map(|(object, placed)| (object.id.clone(), placed.rect.center())).collect() }
    }

    /// Positions from elsewhere.
    pub fn from_middles(middles: impl IntoIterator<Item = (String, Point)>) -> Self {
        Self { middles: middles.into_iter().collect() }
    }

    /// The middle of an object.
    pub fn get(&self, id: &str) -> Option<Point> {
        self.middles.get(id).copied()
    }

    /// All of them, sorted by id.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Point)> {
        self.middles.iter().map(|(id, middle)| (id.as_str(), *middle))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.middles.is_empty()
    }

    /// Reads a file of positions.
    ///
    /// ```
    /// let hints = loko_layout::Hints::parse("# note\n\"shop.api\" = [120, -3.5]\n<<<<<<< ours\n");
    /// assert_eq!(hints.get("shop.api"), Some(loko_diagram::Point::new(120.0, -3.5)));
    /// assert_eq!(hints.to_text().lines().nth(1), Some("\"shop.api\" = [120, -3.5]"));
    /// ```
    pub fn parse(text: &str) -> Self {
        Self { middles: text.lines().filter_map(parse_line).collect() }
    }

    /// Writes the file of positions.
    pub fn to_text(&self) -> String {
        let mut out = HEAD.to_owned();
        for (id, middle) in &self.middles {
            let round = |value: f64| (value * 2.0).round() / 2.0;
            let _ = writeln!(out, "{} = [{}, {}]", quoted(id), round(middle.x), round(middle.y));
        }
        out
    }
}

/// `"id" = [x, y]`
fn parse_line(line: &str) -> Option<(String, Point)> {
    let (id, rest) = unquoted(line.trim().strip_prefix('"')?)?;
    let numbers = rest.trim().strip_prefix('=')?.trim().strip_prefix('[')?.strip_suffix(']')?;
    let (x, y) = numbers.split_once(',')?;
    let number = |text: &str| text.trim().parse::<f64>().ok().filter(|number| number.abs() < 1e7);
    Some((id, Point::new(number(x)?, number(y)?)))
}

/// A TOML string.
fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// The string up to its closing quote, and what follows.
fn unquoted(text: &str) -> Option<(String, &str)> {
    let mut out = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((out, &text[at + 1..])),
            '\\' => match chars.next()?.1 {
                'n' => out.push('\n'),
                'u' => {
                    let digits = text.get(at + 2..at + 6)?;
                    out.push(char::from_u32(u32::from_str_radix(digits, 16).ok()?)?);
                    chars.nth(3)?;
                }
                other => out.push(other),
            },
            c => out.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_id_survives_the_file() {
        let ids = ["a.b", "\"quoted.part\".x", "back\\slash", "two\nlines", "tab\tand é", ""];
        let hints = Hints::from_middles(ids.iter().map(|id| ((*id).to_owned(), Point::new(1.5, -20.0))));
        assert_eq!(Hints::parse(&hints.to_text()), hints);
        assert_eq!(hints.to_text().lines().count(), 1 + ids.len(), "one line an object");
    }

    #[test]
    fn damaged_lines_are_passed_over() {
        let text = "\"a\" = [1, 2]\n=======\n\"b = [1, 2]\n\"c\" = [1]\n\"d\" = [nan, 2]\n\"e\" = [1e99, 2]\n";
        assert_eq!(Hints::parse(text), Hints::from_middles([("a".to_owned(), Point::new(1.0, 2.0))]));
    }
}
