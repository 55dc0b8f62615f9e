//! Records of applied patterns keep the pages and decisions that a pattern made, word for word, so that it can be told
//! what people wrote since. A new name or place is nothing that people wrote: what the records keep follows it.
//!
//! The texts are renamed by the same code as the files: the workspace is looked at once more with what was made in the
//! place of what stands there now, and the outcome goes into the records.

use super::Refusal;
use super::draft::Draft;
use crate::applied::text_as_toml;
use crate::{Loaded, load};
use loko_source::{ChangeSet, FilePath, Snapshot, Source, Span, TextEdit};

/// A text that a record keeps.
struct Kept<'l> {
    record: &'l FilePath,
    span: Span,
    /// The file that was made.
    path: FilePath,
    text: &'l str,
}

/// Has the texts of all records follow; `again` makes the same change of a workspace in which they stand as they were
/// made, or nothing where it cannot be made there, and then they stay.
pub(super) fn follow(
    draft: &mut Draft<'_>,
    snapshot: &Snapshot,
    loaded: &Loaded,
    again: impl Fn(&Snapshot, &Loaded) -> Option<ChangeSet>,
) {
    let kept = kept(loaded);
    if kept.is_empty() {
        return;
    }
    let mut as_made = snapshot.clone();
    for it in &kept {
        as_made.insert(it.path.clone(), Source::new(it.text));
    }
    let Some(changes) = again(&as_made, &load::load(&as_made)) else { return };
    let Ok(after) = as_made.overlay(&changes) else { return };
    for it in &kept {
        let Some(text) = after.text(&draft.path_after(it.path.as_str())) else { continue };
        if text != it.text {
            draft.edit(it.record, TextEdit::replace(it.span, text_as_toml(text)));
        }
    }
}

fn kept(loaded: &Loaded) -> Vec<Kept<'_>> {
    let mut all = Vec::new();
    for applied in &loaded.model.applied {
        for made in applied.made.iter().filter(|made| !made.text.is_empty()) {
            let path = match (made.element, &made.file) {
                (Some(ix), _) => Some(loaded.model.element(ix).file.clone()),
                (None, Some(file)) => FilePath::new(file).ok(),
                (None, None) => None,
            };
            all.extend(path.map(|path| Kept { record: &applied.file, span: made.text_span, path, text: &made.text }));
        }
    }
    all
}

/// The changes of a wish that was worked out, unless it is refused.
pub(super) fn changes(draft: Result<Draft<'_>, Refusal>) -> Option<ChangeSet> {
    draft.and_then(Draft::finish).ok()
}
