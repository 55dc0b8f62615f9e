//! Watching a workspace: when files rest after a change, somebody is told.

use crate::{ServeError, Watch};
use notify::RecursiveMode;
use notify_debouncer_full::{DebounceEventResult, Debouncer, RecommendedCache, new_debouncer};
use std::path::Path;

/// Folders that hold nothing of a workspace.
const IGNORED: [&str; 8] = [".git", ".loko", "node_modules", ".venv", "venv", "__pycache__", ".pytest_cache", "target"];

/// Keeps watching as long as it lives.
pub type Watcher = Debouncer<notify::RecommendedWatcher, RecommendedCache>;

/// Calls back whenever files of a workspace changed and rest again, for as long as the watcher is kept.
pub fn watch(watch: &Watch, mut changed: impl FnMut() + Send + 'static) -> Result<Watcher, ServeError> {
    let watch_error = |error: notify::Error| ServeError::Watch { path: watch.root.clone(), reason: error.to_string() };
    let (root, output) = (watch.root.clone(), watch.output.clone());
    let mut watcher = new_debouncer(watch.debounce, None, move |events: DebounceEventResult| {
        // A watcher that stumbled may have missed something: looking once more is cheap, not looking is wrong.
        let Ok(events) = events else { return changed() };
        let relevant = |event: &notify_debouncer_full::DebouncedEvent| {
            !event.kind.is_access() && event.paths.iter().any(|path| is_relevant(&root, &output, path))
        };
        if events.iter().any(relevant) {
            changed();
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
