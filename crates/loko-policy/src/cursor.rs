//! Cursors for pages: where the last page ended, safe against forgery and against rows that come and go.
//!
//! | page | rows |
//! |---|---|
//! | first | the first `limit` by (sort key, id) |
//! | after a cursor | those greater than its (sort key, id), so nothing is shown twice or skipped when rows are added before it |
//! | with a cursor of another query, order or secret | `Err(Invalid)` |
//!
//! A cursor is opaque text: the position and a check over position, query and secret (SipHash-like mixing; against
//! accidents and curiosity, no cryptographic signature). A page asks for one row more than it shows, to know whether
//! there is a next one. Defaults: 20 rows a page, at most 100.

use crate::random::mix;
use serde::{Deserialize, Serialize};

/// The usual number of rows.
pub const LIMIT_DEFAULT: u32 = 20;
/// The most rows of a page.
pub const LIMIT_MAX: u32 = 100;

/// Where a page ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Position {
    /// The value that rows are sorted by.
    pub sort: u64,
    /// The row's id, for rows of the same value.
    pub id: u64,
}

/// A cursor that is not ours, or of another query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invalid;

impl std::fmt::Display for Invalid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the cursor does not belong to this query; start from the first page")
    }
}

impl std::error::Error for Invalid {}

/// The rows to show: the usual number when none is asked for, never more than the most.
pub fn limit(asked: Option<u32>) -> u32 {
    asked.unwrap_or(LIMIT_DEFAULT).clamp(1, LIMIT_MAX)
}

/// The cursor of a position in a query; `query` is a fingerprint of its filter and order.
pub fn encode(position: Position, query: u64, secret: u64) -> String {
    format!("{:016x}{:016x}{:016x}", position.sort, position.id, check(position, query, secret))
}

/// The position of a cursor.
pub fn decode(cursor: &str, query: u64, secret: u64) -> Result<Position, Invalid> {
    if cursor.len() != 48 || !cursor.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(Invalid);
    }
    let part = |at: usize| u64::from_str_radix(&cursor[at..at + 16], 16).map_err(|_| Invalid);
    let position = Position { sort: part(0)?, id: part(16)? };
    if part(32)? == check(position, query, secret) { Ok(position) } else { Err(Invalid) }
}

fn check(position: Position, query: u64, secret: u64) -> u64 {
    [position.sort, position.id, query]
        .iter()
        .fold(mix(secret ^ 0x6C6F_6B6F), |sum, part| mix(sum ^ mix(*part ^ secret)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_was_given_out_comes_back_and_nothing_else(sort: u64, id: u64, query: u64, secret: u64, at in 0usize..48) {
            let position = Position { sort, id };
            let cursor = encode(position, query, secret);
            prop_assert_eq!(decode(&cursor, query, secret), Ok(position));
            prop_assert_eq!(decode(&cursor, query ^ 1, secret), Err(Invalid));
            let mut forged = cursor.into_bytes();
            forged[at] = if forged[at] == b'0' { b'1' } else { b'0' };
            prop_assert_eq!(decode(&String::from_utf8(forged).unwrap(), query, secret), Err(Invalid));
        }

        #[test]
        fn no_text_makes_it_panic(text: String) {
            prop_assert_eq!(decode(&text, 1, 2), Err(Invalid));
        }

        #[test]
        fn pages_show_every_row_once_while_rows_are_added(mut rows: std::collections::BTreeSet<u16>, added: Vec<u16>) {
            let (mut shown, mut after, mut added) = (Vec::new(), None, added.into_iter());
            let before = rows.clone();
            loop {
                let page: Vec<u16> = rows.iter().copied().filter(|row| after.is_none_or(|after| *row > after)).take(3).collect();
                let Some(last) = page.last() else { break };
                after = Some(*last);
                shown.extend(page);
                rows.extend(added.next());
            }
            prop_assert!(shown.is_sorted_by(|a, b| a < b));
            prop_assert!(before.iter().all(|row| shown.contains(row)));
        }
    }
}
