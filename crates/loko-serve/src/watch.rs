//! Watching a workspace: when files rest after a change, somebody is told.

use crate::{ServeError, Watch};
use notify::RecursiveMode;
use notify_debouncer_full::{DebounceEventResult, Debouncer, RecommendedCache, new_debouncer};
use std::path::{Path, PathBuf};

/// Folders that hold nothing of a workspace.
const IGNORED: [&str; 8] = [".git", ".loko", "node_modules", ".venv", "venv", "__pycache__", ".pytest_cache", "target"];

/// Keeps watching as long as it lives.
pub type Watcher = Debouncer<notify::RecommendedWatcher, RecommendedCache>;

/// Calls back whenever files of a workspace changed and rest again, for as long as the watcher is kept. It is given the
/// paths of what changed, or nothing when that is not known.
pub fn watch(
    watch: &Watch,
    mut changed: impl FnMut(Option<&[PathBuf]>) + Send + 'static,
) -> Result<Watcher, ServeError> {
    let watch_error = |error: notify::Error| ServeError::Watch { path: watch.root.clone(), reason: error.to_string() };
    let (root, output) = (watch.root.clone(), watch.output.clone());
    let mut watcher = new_debouncer(watch.debounce, None, move |events: DebounceEventResult| {
        // A watcher that stumbled may have missed something: looking once more is cheap, not looking is wrong.
        let Ok(events) = events else { return changed(None) };
        let is_missing = events.iter().any(|event| event.need_rescan());
        let touching = events.iter().filter(|event| !event.kind.is_access());
        let mut paths: Vec<PathBuf> = touching.flat_map(|event| event.paths.iter().cloned()).collect();
        paths.retain(|path| is_relevant(&root, &output, path));
        paths.sort();
        paths.dedup();
        if is_missing || !paths.is_empty() {
            changed((!is_missing).then_some(&paths));
        }
    })
    .map_err(watch_error)?;
    watcher.watch(&watch.root, RecursiveMode::Recursive).map_err(watch_error)?;
    Ok(watcher)
}

fn is_relevant(root: &Path, output: &Path, path: &Path) -> bool {
    let Ok(below) = path.strip_prefix(root) else { return false };
    let ignored = below.iter().any(|part| IGNORED.iter().any(|name| part == *name));
    !ignored && !path.starts_with(output)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_workspace_counts() {
        let relevant = |path: &str| is_relevant(Path::new("/w"), Path::new("/w/dist"), Path::new(path));
        assert!(relevant("/w/src/shop/system.md") && relevant("/w/loko.toml"));
        assert!(!relevant("/w/dist/index.html") && !relevant("/w/.git/index") && !relevant("/elsewhere/x.md"));
    }
}
