//! A set of named texts, wherever they came from.

use crate::FilePath;
use crate::change::{ChangeError, ChangeSet};
use imbl::OrdMap;
use imbl::ordmap::DiffItem;
use std::sync::Arc;

/// One text of a snapshot. Cloning is cheap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    text: Arc<str>,
    invalid_at: Option<usize>,
}

impl Source {
    /// A text.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self { text: text.into(), invalid_at: None }
    }

    /// Bytes that should be UTF-8. Bytes that are not become U+FFFD, and the first such place is remembered.
    pub fn from_bytes(bytes: impl AsRef<[u8]>) -> Self {
        let bytes = bytes.as_ref();
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::new(text),
            Err(error) => Self { invalid_at: Some(error.valid_up_to()), text: String::from_utf8_lossy(bytes).into() },
        }
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where the bytes stopped being UTF-8, if they did; such a file is read as well as can be but never edited.
    pub fn invalid_at(&self) -> Option<usize> {
        self.invalid_at
    }
}

/// A set of named texts, and of pictures and the like beside them. Cloning is cheap, and so is changing a clone or telling two
/// of them apart: they are trees that share what is the same.
///
/// ```
/// use loko_source::Snapshot;
/// let snapshot = Snapshot::from_texts([("src/shop/system.md", "---\nname: Shop\n---\n")]);
/// assert_eq!(snapshot.paths_below("src").count(), 1);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    sources: OrdMap<FilePath, Source>,
    assets: OrdMap<FilePath, Arc<[u8]>>,
    /// Whether some file was read by a link, so that a change of one file may be that of another name, too.
    is_linked: bool,
}

impl Snapshot {
    /// A snapshot of texts in memory.
    ///
    /// # Panics
    /// When a name is no path inside a workspace; meant for names known to the programmer.
    pub fn from_texts<'a>(texts: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut snapshot = Self::default();
        for (path, text) in texts {
            let path = FilePath::new(path).expect("the caller gives paths inside the workspace");
            snapshot.insert(path, Source::new(text));
        }
        snapshot
    }

    /// A snapshot of many files at once.
    pub(crate) fn from_files(
        texts: Vec<(FilePath, Source)>,
        assets: Vec<(FilePath, Arc<[u8]>)>,
        is_linked: bool,
    ) -> Self {
        Self { sources: texts.into_iter().collect(), assets: assets.into_iter().collect(), is_linked }
    }

    /// Whether some file was read by a link.
    pub(crate) fn is_linked(&self) -> bool {
        self.is_linked
    }

    /// Adds or replaces a text.
    pub fn insert(&mut self, path: FilePath, source: Source) {
        self.sources.insert(path, source);
    }

    /// Takes a text out.
    pub fn remove(&mut self, path: &str) -> Option<Source> {
        self.sources.remove(path)
    }

    /// Adds a picture or other file that is no text.
    pub fn insert_asset(&mut self, path: FilePath, bytes: impl Into<Arc<[u8]>>) {
        self.assets.insert(path, bytes.into());
    }

    /// The text of a name.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.sources.get(path).map(Source::text)
    }

    /// The path of a text as the snapshot holds it.
    pub fn path(&self, path: &str) -> Option<&FilePath> {
        self.sources.get_key_value(path).map(|(path, _)| path)
    }

    /// The text of a name, with what is known of it.
    pub fn source(&self, path: &str) -> Option<&Source> {
        self.sources.get(path)
    }

    /// The bytes of a file that is no text.
    pub fn asset(&self, path: &str) -> Option<&Arc<[u8]>> {
        self.assets.get(path)
    }

    /// All files that are no texts, sorted.
    pub fn assets(&self) -> impl Iterator<Item = (&FilePath, &Arc<[u8]>)> {
        self.assets.iter()
    }

    /// All texts, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&FilePath, &Source)> {
        self.sources.iter()
    }

    /// The names of the texts below a folder, sorted; `""` is the root.
    pub fn paths_below<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = &'a FilePath> {
        let start: FolderStart = FolderStart::of(folder);
        self.sources
            .range::<_, str>((std::ops::Bound::Included(start.0.as_str()), std::ops::Bound::Unbounded))
            .map(|(path, _)| path)
            .take_while(move |path| path.as_str().starts_with(&start.0))
    }

    /// The texts that differ from those of an earlier snapshot, sorted; none when files came or went.
    pub fn edited_since(&self, before: &Self) -> Option<Vec<&FilePath>> {
        if self.assets != before.assets {
            return None;
        }
        let edited = |item| match item {
            DiffItem::Update { new: (path, _), .. } => Some(path),
            DiffItem::Add(..) | DiffItem::Remove(..) => None,
        };
        before.sources.diff(&self.sources).map(edited).collect()
    }

    /// The names of all texts that are not as in an earlier snapshot, or in one of the two only; sorted.
    pub fn changed_since<'a>(&'a self, before: &'a Self) -> Vec<&'a FilePath> {
        let name = |item| match item {
            DiffItem::Update { new: (path, _), .. } | DiffItem::Add(path, _) | DiffItem::Remove(path, _) => path,
        };
        before.sources.diff(&self.sources).map(name).collect()
    }

    /// The number of texts.
    pub fn len(&self) -> usize {
        self.sources.len()
    }

    /// Whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.sources.is_empty()
    }

    /// The snapshot as it will be when the changes are written.
    pub fn overlay(&self, changes: &ChangeSet) -> Result<Self, ChangeError> {
        let mut after = self.clone();
        for (from, to) in changes.moves() {
            move_below(&mut after.sources, from, to)?;
            move_below(&mut after.assets, from, to)?;
        }
        for (path, change) in changes.files() {
            match change.apply(path, after.source(path.as_str()))? {
                Some(text) => after.insert(path.clone(), Source::new(text)),
                None => {
                    after.remove(path.as_str());
                    if after.assets.contains_key(path) {
                        after.assets.remove(path);
                    }
                }
            }
        }
        Ok(after)
    }
}

/// What the names below a folder start with.
struct FolderStart(String);

impl FolderStart {
    fn of(folder: &str) -> Self {
        let folder = folder.trim_matches('/');
        Self(if folder.is_empty() { String::new() } else { format!("{folder}/") })
    }
}

fn move_below<T: Clone>(files: &mut OrdMap<FilePath, T>, from: &str, to: &str) -> Result<(), ChangeError> {
    let start = format!("{from}/");
    let names: Vec<FilePath> = files.keys().filter(|path| path.as_str().starts_with(&start)).cloned().collect();
    for name in names {
        let target = FilePath::below(to, &name.as_str()[start.len()..])?;
        if files.contains_key(&target) {
            return Err(ChangeError::Occupied(target));
        }
        if let Some(file) = files.remove(&name) {
            files.insert(target, file);
        }
    }
    Ok(())
}
