//! Watching a workspace: when files rest after a change, somebody is told.

use crate::{ServeError, Watch};
use notify::event::ModifyKind;
use notify::{EventKind, RecursiveMode};
use notify_debouncer_full::{DebounceEventResult, Debouncer, RecommendedCache, new_debouncer};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, mpsc};

/// Folders that hold nothing of a workspace.
const IGNORED: [&str; 8] = [".git", ".loko", "node_modules", ".venv", "venv", "__pycache__", ".pytest_cache", "target"];

type Watching = Debouncer<notify::RecommendedWatcher, RecommendedCache>;

/// Keeps watching as long as it lives.
#[derive(Debug)]
pub struct Watcher {
    _watching: Arc<Mutex<Watching>>,
}

/// Calls back whenever files of a workspace changed and rest again, for as long as the watcher is kept. It is given the
/// paths of what changed, or nothing when that is not known. A workspace that goes away and comes back is watched again.
pub fn watch(watch: &Watch, changed: impl FnMut(Option<&[PathBuf]>) + Send + 'static) -> Result<Watcher, ServeError> {
    let watch_error = |error: notify::Error| ServeError::Watch { path: watch.root.clone(), reason: error.to_string() };
    let (root, output) = (watch.root.clone(), watch.output.clone());
    let changed = Arc::new(Mutex::new(changed));
    let tell = {
        let changed = changed.clone();
        move |paths: Option<&[PathBuf]>| (*changed.lock().unwrap_or_else(PoisonError::into_inner))(paths)
    };
    let (moved, asked) = mpsc::channel();
    let watching = new_debouncer(watch.debounce, None, move |events: DebounceEventResult| {
        // A watcher that stumbled may have missed something: looking once more is cheap, not looking is wrong.
        let Ok(events) = events else { return tell(None) };
        if events.iter().any(|event| is_another_folder(event, &root)) {
            // Nobody hears it once the watcher is given up.
            let _ = moved.send(());
            return;
        }
        let is_missing = events.iter().any(|event| event.need_rescan());
        let touching = events.iter().filter(|event| !event.kind.is_access());
        let mut paths: Vec<PathBuf> = touching.flat_map(|event| event.paths.iter().cloned()).collect();
        paths.retain(|path| is_relevant(&root, &output, path));
        paths.sort();
        paths.dedup();
        if is_missing || !paths.is_empty() {
            tell((!is_missing).then_some(&paths));
        }
    })
    .map_err(watch_error)?;
    let watching = Arc::new(Mutex::new(watching));
    {
        let mut watching = watching.lock().unwrap_or_else(PoisonError::into_inner);
        watching.watch(&watch.root, RecursiveMode::Recursive).map_err(watch_error)?;
        if let Some(above) = watch.root.parent() {
            // Without it only a workspace that comes back is not seen.
            let _ = watching.watch(above, RecursiveMode::NonRecursive);
        }
    }
    let (root, weak) = (watch.root.clone(), Arc::downgrade(&watching));
    std::thread::spawn(move || {
        while asked.recv().is_ok() {
            let Some(watching) = weak.upgrade() else { break };
            {
                let mut watching = watching.lock().unwrap_or_else(PoisonError::into_inner);
                // What is away cannot be watched, and is told of when it comes.
                let _ = watching.unwatch(&root);
                let _ = watching.watch(&root, RecursiveMode::Recursive);
            }
            drop(watching);
            (*changed.lock().unwrap_or_else(PoisonError::into_inner))(None);
        }
    });
    Ok(Watcher { _watching: watching })
}

/// Whether the folder itself came, went, or was exchanged.
fn is_another_folder(event: &notify::Event, root: &Path) -> bool {
    let is_of_names = matches!(event.kind, EventKind::Modify(ModifyKind::Name(_)));
    let is_other = event.kind.is_create() || event.kind.is_remove() || is_of_names;
    is_other && event.paths.iter().any(|path| path == root)
}

fn is_relevant(root: &Path, output: &Path, path: &Path) -> bool {
    let Ok(below) = path.strip_prefix(root) else { return false };
    let ignored = below.iter().any(|part| IGNORED.iter().any(|name| part == *name));
    !ignored && !path.starts_with(output)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "the test watches real files")]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_workspace_that_comes_back_is_watched_again() {
        let above = std::env::temp_dir().join(format!("loko-watch-{}", std::process::id()));
        let (root, away) = (above.join("w"), above.join("away"));
        std::fs::create_dir_all(&root).unwrap();
        let (tell, told) = mpsc::channel();
        let config = Watch { root: root.clone(), output: root.join("dist"), debounce: Duration::from_millis(10) };
        let watcher = watch(&config, move |paths| {
            let _ = tell.send(paths.map(<[PathBuf]>::to_vec));
        })
        .unwrap();
        let wait = |is_so: &dyn Fn(&Option<Vec<PathBuf>>) -> bool| {
            while !is_so(&told.recv_timeout(Duration::from_secs(30)).unwrap()) {}
        };
        std::fs::rename(&root, &away).unwrap();
        wait(&Option::is_none);
        std::fs::rename(&away, &root).unwrap();
        wait(&Option::is_none);
        let file = root.join("a.md");
        std::fs::write(&file, "x").unwrap();
        wait(&|paths| paths.as_ref().is_some_and(|paths| paths.contains(&file)));
        drop(watcher);
        std::fs::remove_dir_all(&above).unwrap();
    }

    #[test]
    fn only_the_workspace_counts() {
        let relevant = |path: &str| is_relevant(Path::new("/w"), Path::new("/w/dist"), Path::new(path));
        assert!(relevant("/w/src/shop/system.md") && relevant("/w/loko.toml"));
        assert!(!relevant("/w/dist/index.html") && !relevant("/w/.git/index") && !relevant("/elsewhere/x.md"));
    }
}
