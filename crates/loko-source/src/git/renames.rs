//! Files that got another name from one commit to the next: what went is compared with what came, first by id, then by how
//! much of the text stayed.
//!
//! The measure is that of `git log --follow`: the part of the larger text that stands, line by line, in the other one too.

use super::{Difference, blob};
use crate::FilePath;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// How much has to have stayed.
const LIKENESS_MIN: f64 = 0.5;
/// Files of one commit that are compared text by text; more only by their ids.
const COMPARED_MAX: usize = 200;
/// Bytes of a file that is compared by its text.
const BYTES_MAX: usize = 256 * 1024;

/// The former names of the files that a commit gave another one.
pub(super) fn renames(repository: &gix::Repository, changed: &[Difference]) -> BTreeMap<FilePath, FilePath> {
    let mut came: Vec<(&FilePath, gix::ObjectId)> = Vec::new();
    let mut went: Vec<(&FilePath, gix::ObjectId)> = Vec::new();
    for difference in changed {
        match (difference.now, difference.before) {
            (Some(now), None) => came.push((&difference.path, now)),
            (None, Some(before)) => went.push((&difference.path, before)),
            _ => {}
        }
    }
    let mut found = BTreeMap::new();
    if came.is_empty() || went.is_empty() {
        return found;
    }
    // The same text is the same file, where it kept its own name before where it did not.
    for keeps_name in [true, false] {
        came.retain(|(path, id)| {
            let same = |(former, other): &(&FilePath, gix::ObjectId)| {
                other == id && (!keeps_name || former.file_name() == path.file_name())
            };
            let Some(at) = went.iter().position(same) else { return true };
            found.insert((*path).clone(), went.remove(at).0.clone());
            false
        });
    }
    if came.len() > COMPARED_MAX || went.len() > COMPARED_MAX {
        return found;
    }
    let text = |id: gix::ObjectId| blob(repository, id).filter(|bytes| bytes.len() <= BYTES_MAX);
    let new: Vec<Option<Vec<u8>>> = came.iter().map(|(_, id)| text(*id)).collect();
    let old: Vec<Option<Vec<u8>>> = went.iter().map(|(_, id)| text(*id)).collect();
    let mut pairs: Vec<(f64, bool, usize, usize)> = Vec::new();
    for (at, (path, _)) in came.iter().enumerate() {
        for (from, (former, _)) in went.iter().enumerate() {
            let (Some(new), Some(old)) = (&new[at], &old[from]) else { continue };
            if path.extension() == former.extension() {
                let likeness = likeness(new, old);
                if likeness >= LIKENESS_MIN {
                    pairs.push((likeness, path.file_name() == former.file_name(), at, from));
                }
            }
        }
    }
    // The most alike first; a file that kept its own name before one that did not.
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0).then(b.1.cmp(&a.1)).then((a.2, a.3).cmp(&(b.2, b.3))));
    let (mut named, mut used) = (vec![false; came.len()], vec![false; went.len()]);
    for (_, _, at, from) in pairs {
        if !named[at] && !used[from] {
            (named[at], used[from]) = (true, true);
            found.insert(came[at].0.clone(), went[from].0.clone());
        }
    }
    found
}

/// The part of the larger text whose lines stand in the other one too, from 0 to 1.
fn likeness(a: &[u8], b: &[u8]) -> f64 {
    let larger = a.len().max(b.len());
    if larger == 0 || a.len().min(b.len()) * 2 < larger {
        return 0.0;
    }
    let mut lines: FxHashMap<&[u8], usize> = FxHashMap::default();
    for line in a.split_inclusive(|byte| *byte == b'\n') {
        *lines.entry(line).or_default() += 1;
    }
    let mut common = 0;
    for line in b.split_inclusive(|byte| *byte == b'\n') {
        if let Some(left) = lines.get_mut(line).filter(|left| **left > 0) {
            *left -= 1;
            common += line.len();
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "files are small")]
    let part = common as f64 / larger as f64;
    part
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn likeness_is_the_part_that_stayed() {
        let close = |a: f64, b: f64| (a - b).abs() < 1e-9;
        assert!(close(likeness(b"a\nb\nc\n", b"a\nb\nc\n"), 1.0));
        assert!(close(likeness(b"a\nb\nc\nd\n", b"d\na\nx\ny\n"), 0.5));
        // A line that stands twice in one of them is there once.
        assert!(close(likeness(b"a\na\n", b"a\nb\n"), 0.5));
        assert!(close(likeness(b"a\n", b"b\n"), 0.0));
        assert!(close(likeness(b"", b""), 0.0));
    }
}
