//! What editors ask of a text: completion, hover, definition, references, renaming, folding, colours, outline.
//!
//! Every function takes the text as it is, broken or not, and offsets in bytes. The functions look at one text;
//! [`Document`] knows the files that the text imports, too, and answers several questions of one reading.

mod complete;
mod folding;
mod hover;
mod outline;
mod tokens;

pub use complete::{Completion, CompletionKind, completion};
pub use folding::{Fold, FoldKind, folding};
pub use hover::{Hover, hover};
pub use outline::{Symbol, symbols};
pub use tokens::{Token, TokenKind, semantic_tokens};

use crate::compile::ImportResolver;
use crate::edit::{EditError, checked, renaming};
use crate::names::{Homes, Mention, Names, Role};
use crate::paths;
use crate::syntax::ast::{Key, Map, Text};
use loko_source::{FilePath, Place, Span, TextEdit};
use std::borrow::Cow;
use std::sync::Arc;

/// The most files that are walked for one text, repeated ones counted again.
const FILES_MAX: usize = 256;

/// A text with all that its names mean, in the files that it imports as well.
///
/// ```
/// use loko_d2::{MapResolver, services::Document};
/// use loko_source::FilePath;
///
/// let mut files = MapResolver::default();
/// files.files.insert("styles.d2".into(), "classes: { store.shape: cylinder }".into());
/// let path = FilePath::new("shop.d2").unwrap();
/// let document = Document::new("...@styles\ndb.class: store", &path, &files);
///
/// let place = document.definition(21).unwrap();
/// assert_eq!((place.path.as_str(), place.span.range()), ("styles.d2", 11..16));
/// ```
#[derive(Debug)]
pub struct Document<'t> {
    /// The text itself first, then those that it imports.
    files: Vec<(FilePath, Cow<'t, str>)>,
    tree: Arc<Map>,
    names: Names,
    /// The file that questions are about.
    at: usize,
}

impl<'t> Document<'t> {
    /// Reads a text and what it imports; what cannot be read is left out.
    pub fn new(text: &'t str, path: &FilePath, resolver: &dyn ImportResolver) -> Self {
        let mut document = Self::of(text, path.clone());
        document.mount_imports(resolver);
        document
    }

    /// Reads a text without what it imports.
    pub(crate) fn alone(text: &'t str) -> Self {
        Self::of(text, FilePath::new("text.d2").expect("a plain name is a path"))
    }

    fn of(text: &'t str, path: FilePath) -> Self {
        let tree = crate::parse(text).tree;
        let names = Names::of(&tree);
        Self { files: vec![(path, Cow::Borrowed(text))], tree, names, at: 0 }
    }

    /// Lets questions be about another of the files, as seen from the text that imports it; false when it is none of them.
    pub fn look_at(&mut self, path: &FilePath) -> bool {
        let found = self.files.iter().position(|(known, _)| known == path);
        self.at = found.unwrap_or(self.at);
        found.is_some()
    }

    fn mount_imports(&mut self, resolver: &dyn ImportResolver) {
        let mut trees: Vec<Option<Arc<Map>>> = vec![Some(Arc::clone(&self.tree))];
        // The imports that led to a file, so that no file is walked inside of itself.
        let mut chains: Vec<Vec<usize>> = vec![vec![0]; self.names.imports.len()];
        let mut at = 0;
        while at < self.names.imports.len().min(FILES_MAX) {
            let chain = chains[at].clone();
            if let Some(file) = self.file_of_import(at, &mut trees, resolver).filter(|file| !chain.contains(file))
                && let Some(tree) = trees[file].clone()
            {
                self.names.mount(at, &tree, file);
                let inner = chain.into_iter().chain([file]).collect::<Vec<_>>();
                chains.resize(self.names.imports.len(), inner);
            }
            at += 1;
        }
        self.names.look_up();
    }

    /// The number of an imported file, which is read the first time.
    fn file_of_import(
        &mut self,
        at: usize,
        trees: &mut Vec<Option<Arc<Map>>>,
        resolver: &dyn ImportResolver,
    ) -> Option<usize> {
        let path = self.path_of_import(at)?;
        if let Some(known) = self.files.iter().position(|(known, _)| *known == path) {
            return Some(known);
        }
        let text = resolver.read(&path).ok()?;
        trees.push(Some(crate::parse(&text).tree));
        self.files.push((path, Cow::Owned(text)));
        Some(self.files.len() - 1)
    }

    /// The path of an import's file.
    fn path_of_import(&self, at: usize) -> Option<FilePath> {
        let mention = &self.names.imports[at];
        let name = mention.import.path.first().map(Text::as_str).filter(|name| !name.is_empty())?;
        let mut path = paths::join(&mention.import.prefix, name);
        if !path.ends_with(".d2") {
            path.push_str(".d2");
        }
        let importer = self.files[mention.file].0.as_str();
        FilePath::new(&paths::join(&paths::folder(importer), &path)).ok()
    }

    /// The import at an offset.
    fn import_at(&self, offset: usize) -> Option<usize> {
        let is_it = |at: &usize| {
            let mention = &self.names.imports[*at];
            mention.file == self.at && mention.import.span.touches(offset)
        };
        (0..self.names.imports.len()).find(is_it)
    }

    fn source(&self, span: Span) -> &str {
        self.files[self.at].1.get(span.range()).unwrap_or_default()
    }

    /// The word around an offset.
    fn word_at(&self, offset: usize) -> &str {
        let text = &self.files[self.at].1;
        let is_part = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '*');
        let Some((before, behind)) = text.split_at_checked(offset) else { return "" };
        let start = before.trim_end_matches(is_part).len();
        let end = text.len() - behind.trim_start_matches(is_part).len();
        &text[start..end]
    }

    fn key_of(&self, mention: &Mention) -> &Key {
        &self.names.statements[mention.key].key
    }

    fn place(&self, mention: &Mention) -> Place {
        Place::new(self.files[mention.file].0.clone(), mention.span)
    }

    /// Where the thing at an offset is first told about: the statement about it, or else its first mention. An import
    /// leads to its file, or to the key in it.
    pub fn definition(&self, offset: usize) -> Option<Place> {
        if let Some(at) = self.import_at(offset) {
            let path = self.path_of_import(at)?;
            let file = self.files.iter().position(|(known, _)| *known == path)?;
            let key = &self.names.imports[at].import.path[1..];
            let tree = crate::parse(&self.files[file].1).tree;
            let names = Names::of(&tree);
            let wanted: Vec<String> = key.iter().map(|element| element.as_str().to_lowercase()).collect();
            let found = names
                .mentions
                .iter()
                .find(|mention| !key.is_empty() && mention.target.board.is_empty() && mention.target.path == wanted);
            return Some(Place::new(path, found.map_or(Span::at(0), |mention| mention.span)));
        }
        let mention = self.names.at(self.at, offset)?;
        self.definition_of(mention).map(|mention| self.place(mention))
    }

    fn definition_of(&self, mention: &Mention) -> Option<&Mention> {
        let homes = Homes::of(&self.names);
        let home = homes.home(mention.role, &mention.target);
        let is_told = |other: &&Mention| other.role == mention.role && other.target == home && !other.in_value;
        let mut told = self.names.mentions.iter().filter(is_told);
        let first = told.next()?;
        Some(std::iter::once(first).chain(told).find(|other| other.is_subject).unwrap_or(first))
    }

    /// All mentions of the thing at an offset, in the order of the files and in each of the text.
    pub fn references(&self, offset: usize) -> Vec<Place> {
        let Some(mention) = self.names.at(self.at, offset) else { return Vec::new() };
        let homes = Homes::of(&self.names);
        let home = homes.home(mention.role, &mention.target);
        let same = self
            .names
            .mentions
            .iter()
            .filter(|other| other.role == mention.role && homes.home(other.role, &other.target) == home);
        let mut found: Vec<(usize, Span)> = same.map(|other| (other.file, other.span)).collect();
        found.sort_unstable();
        found.dedup();
        found.into_iter().map(|(file, span)| Place::new(self.files[file].0.clone(), span)).collect()
    }

    /// What would be renamed at an offset; none when nothing there has a name of its own.
    pub fn prepare_rename(&self, offset: usize) -> Option<Span> {
        self.names.at(self.at, offset).filter(|mention| is_renamable(mention)).map(|mention| mention.span)
    }

    /// The edits that give the thing at an offset another name, wherever it is mentioned, each with its file.
    ///
    /// # Errors
    ///
    /// When there is nothing with a name of its own, the name is taken, or a pattern would match other things than before.
    pub fn rename(&self, offset: usize, name: &str) -> Result<Vec<(FilePath, TextEdit)>, EditError> {
        let mention = self.names.at(self.at, offset);
        let Some(mention) = mention.filter(|mention| is_renamable(mention)) else {
            return Err(EditError::BadKey(self.word_at(offset).to_owned()));
        };
        let edits = renaming(&self.names, mention.role, &mention.target, name, name)?;
        for (at, (_, text)) in self.files.iter().enumerate() {
            let of_file = edits.iter().filter(|(file, _)| *file == at).map(|(_, edit)| edit.clone());
            checked(text, name, of_file.collect())?;
        }
        Ok(edits.into_iter().map(|(file, edit)| (self.files[file].0.clone(), edit)).collect())
    }
}

fn is_renamable(mention: &Mention) -> bool {
    matches!(mention.role, Role::Object | Role::Class | Role::Variable | Role::Board)
}

/// Where the thing at an offset is first told about: the statement about it, or else its first mention.
///
/// ```
/// let text = "a -> b\nb: target";
/// assert_eq!(loko_d2::services::definition(text, 5).map(|span| span.range()), Some(7..8));
/// ```
pub fn definition(text: &str, offset: usize) -> Option<Span> {
    let document = Document::alone(text);
    let mention = document.names.at(0, offset)?;
    document.definition_of(mention).map(|mention| mention.span)
}

/// All mentions of the thing at an offset, in the order of the text.
pub fn references(text: &str, offset: usize) -> Vec<Span> {
    Document::alone(text).references(offset).into_iter().map(|place| place.span).collect()
}

/// What would be renamed at an offset; none when nothing there has a name of its own.
pub fn prepare_rename(text: &str, offset: usize) -> Option<Span> {
    Document::alone(text).prepare_rename(offset)
}

/// The edits that give the thing at an offset another name, wherever it is mentioned.
///
/// # Errors
///
/// When there is nothing with a name of its own, the name is taken, or a pattern would match other things than before.
pub fn rename(text: &str, offset: usize, name: &str) -> Result<Vec<TextEdit>, EditError> {
    let edits = Document::alone(text).rename(offset, name)?;
    Ok(edits.into_iter().map(|(_, edit)| edit).collect())
}
