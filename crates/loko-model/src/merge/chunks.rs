//! Lists of named pieces of text, merged piece by piece.
//!
//! Pieces are whole lines; those of a list make up its text. The outcome has the pieces of our side in our order; those
//! that only their side added stand behind the piece that they stand behind there.

use super::{Conflict, Marks};

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Chunk<'t> {
    /// What it is called; unique in its list.
    pub(super) key: String,
    /// The text, line ends included.
    pub(super) text: &'t str,
}

/// What becomes of a piece that both sides changed: the merged text, or nothing when it takes a conflict.
pub(super) type Inner<'i> = dyn FnMut(&str, Option<&str>, &str, &str, &mut Vec<Conflict>) -> Option<String> + 'i;

/// Merges three lists; no list has a key twice.
pub(super) fn merge(
    base: &[Chunk<'_>],
    ours: &[Chunk<'_>],
    theirs: &[Chunk<'_>],
    marks: &Marks<'_>,
    conflicts: &mut Vec<Conflict>,
    inner: &mut Inner<'_>,
) -> String {
    fn find<'t>(list: &[Chunk<'t>], key: &str) -> Option<&'t str> {
        list.iter().find(|chunk| chunk.key == key).map(|chunk| chunk.text)
    }
    let mut out = String::new();
    for key in order(ours, theirs) {
        let piece = match (find(base, key), find(ours, key), find(theirs, key)) {
            (_, Some(a), Some(b)) if same(a, b) => a.to_owned(),
            (Some(o), Some(a), Some(b)) if same(o, b) => a.to_owned(),
            (Some(o), Some(a), Some(b)) if same(o, a) => b.to_owned(),
            (o, Some(a), Some(b)) => match inner(key, o, a, b, conflicts) {
                Some(merged) => merged,
                None => marks.conflict(key, a, b, conflicts),
            },
            (None, Some(only), None) | (None, None, Some(only)) => only.to_owned(),
            // Taken away by the one side: gone, unless the other one changed it.
            (Some(o), Some(a), None) if !same(o, a) => marks.conflict(key, a, "", conflicts),
            (Some(o), None, Some(b)) if !same(o, b) => marks.conflict(key, "", b, conflicts),
            _ => String::new(),
        };
        if !piece.is_empty() && !out.is_empty() && !out.ends_with('\n') {
            out.push('\n');
        }
        out.push_str(&piece);
    }
    out
}

/// All keys: ours, and theirs where they belong.
fn order<'k>(ours: &'k [Chunk<'_>], theirs: &'k [Chunk<'_>]) -> Vec<&'k str> {
    let mut keys: Vec<&str> = ours.iter().map(|chunk| chunk.key.as_str()).collect();
    let mut behind: Option<&str> = None;
    for chunk in theirs {
        let key = chunk.key.as_str();
        if !keys.contains(&key) {
            let at = behind.and_then(|before| keys.iter().position(|known| *known == before)).map_or(0, |at| at + 1);
            keys.insert(at, key);
        }
        behind = Some(key);
    }
    keys
}

/// Line ends and blanks at the end of lines make no difference.
pub(super) fn same(a: &str, b: &str) -> bool {
    let lines = |text: &str| text.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>();
    a == b || lines(a.trim_end()) == lines(b.trim_end())
}
