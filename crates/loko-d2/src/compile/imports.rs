//! Imports: where the texts come from, and how their links and icons are told from their new place.

use super::globs::root_name;
use super::ir::{ArrayId, Composite, Context, FieldId, FileId, Item, MapId, Name, Scalar, Spot};
use super::{Compiler, SourceFile};
use crate::paths;
use crate::syntax::ast::{self, Import, Text, Value};
use crate::syntax::parse_key_path;
use loko_source::FilePath;
use smol_str::SmolStr;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

/// The most imports of one compilation, repeated ones counted again.
const IMPORTS_MAX: usize = 4096;

/// Gives the texts that a file imports.
pub trait ImportResolver {
    /// The text of a file; the path never leads out of the root.
    ///
    /// # Errors
    ///
    /// Why there is no such text, in a few words.
    fn read(&self, path: &FilePath) -> Result<String, String>;
}

/// A resolver for texts that import nothing.
pub struct NoImports;

impl ImportResolver for NoImports {
    fn read(&self, _: &FilePath) -> Result<String, String> {
        Err("no such file".to_owned())
    }
}

/// A resolver that has the texts by their paths.
#[derive(Clone, Debug, Default)]
pub struct MapResolver {
    /// The texts.
    pub files: BTreeMap<String, String>,
}

impl ImportResolver for MapResolver {
    fn read(&self, path: &FilePath) -> Result<String, String> {
        self.files.get(path.as_str()).cloned().ok_or_else(|| "no such file".to_owned())
    }
}

/// An imported file with its tree.
#[derive(Clone, Debug)]
pub(super) struct LoadedFile {
    file: FileId,
    tree: Arc<ast::Map>,
    is_broken: bool,
}

/// What an import gives: a whole file, or a field of it.
enum Imported {
    Map(MapId),
    Field(FieldId),
}

impl Compiler<'_> {
    /// `...@file` in a map.
    pub(super) fn spread_import(&mut self, map: MapId, import: &Import) {
        let Some(imported) = self.import(import) else { return };
        let (upper, primary) = match imported {
            Imported::Map(upper) => (Some(upper), None),
            Imported::Field(field) => (self.ir.field_map(field), self.ir.field(field).primary.clone()),
        };
        let Some(upper) = upper else {
            let spot = self.spot(import.span);
            self.report(spot, "import", "cannot spread import non map into map");
            return;
        };
        self.adopt_globs(map, upper);
        for word in ["scenarios", "steps"] {
            if let Some(boards) = self.ir.map_at(upper, word) {
                for board in self.ir.map(boards).fields.clone() {
                    self.overlay_board(map, board);
                }
            }
        }
        self.ir.overlay_map(map, upper);
        let field = self.ir.parent_field(map);
        self.extend_links(map, field, &import_folder(import));
        if primary.is_some() {
            self.ir.field_mut(field).primary = primary;
        }
    }

    /// `field: @file`.
    pub(super) fn set_import(&mut self, field: FieldId, import: &Import) {
        let Some(imported) = self.import(import) else { return };
        let before = self.ir.field(field).composite;
        match imported {
            Imported::Field(from) => {
                if let Some(primary) = self.ir.field(from).primary.clone() {
                    self.ir.field_mut(field).primary = Some(primary);
                }
                let composite = self.ir.field(from).composite;
                if composite != Composite::None {
                    self.ir.copy_composite(composite, field);
                }
            }
            Imported::Map(upper) => {
                self.ir.new_map_of(field);
                self.inherit_board(field);
                let map = self.ir.ensure_map(field);
                self.ir.overlay_map(map, upper);
                self.extend_links(map, field, &import_folder(import));
                if matches!(
                    self.ir.board_kind(field),
                    Some(super::ir::BoardKind::Scenario | super::ir::BoardKind::Step)
                ) {
                    self.hand_down_classes(map);
                }
            }
        }
        // What the field held before stays on top.
        if let (Composite::Map(upper), Composite::Map(base)) = (before, self.ir.field(field).composite)
            && upper != base
        {
            self.ir.overlay_map(base, upper);
        }
    }

    pub(super) fn import_into_array(&mut self, array: ArrayId, import: &Import) {
        let Some(imported) = self.import(import) else { return };
        let spot = self.spot(import.span);
        let item = match imported {
            Imported::Field(field) => match (self.ir.field(field).composite, import.spread) {
                (Composite::Array(from), true) => {
                    let items = self.ir.array(from).items.clone();
                    self.ir.array_mut(array).items.extend(items);
                    return;
                }
                (_, true) => None,
                (Composite::Array(from), false) => Some(Item::Array(from)),
                (Composite::Map(map), false) => Some(Item::Map(map)),
                (Composite::None, false) => self.ir.field(field).primary.clone().map(Item::Scalar),
            },
            Imported::Map(_) if import.spread => None,
            Imported::Map(map) => Some(Item::Map(map)),
        };
        match item {
            Some(item) => self.ir.array_mut(array).items.push(item),
            None => self.report(spot, "import", "can only spread import array into array"),
        }
    }

    /// Reads and applies an imported file, in a root of its own.
    fn import(&mut self, import: &Import) -> Option<Imported> {
        let spot = self.spot(import.span);
        let path = self.import_path(import, spot)?;
        let (file, tree) = self.import_tree(&path, spot)?;
        self.imports += 1;
        if self.imports > IMPORTS_MAX {
            self.report(spot, "limit", format!("there are more than {IMPORTS_MAX} imports"));
            return None;
        }
        let map = self.apply_imported(path, file, &tree);
        let names: Vec<Name> = import.path.iter().skip(1).map(Name::of).collect();
        if names.is_empty() {
            return Some(Imported::Map(map));
        }
        let found = self.ir.find_path(map, &names);
        if found.is_none() {
            let key = import.path[1..].iter().map(Text::as_str).collect::<Vec<_>>().join(".");
            self.report(spot, "import", format!("import key \"{key}\" doesn't exist inside import"));
        }
        found.map(Imported::Field)
    }

    fn apply_imported(&mut self, path: String, file: FileId, tree: &Arc<ast::Map>) -> MapId {
        let before = std::mem::replace(&mut self.current_file, file);
        self.import_stack.push(path);
        let map = self.ir.new_root();
        self.apply_map(map, tree, tree);
        // Variables of the file's own come first; what cannot be resolved yet is left to the importer.
        let (errors, seen) = (self.errors.len(), self.seen_errors.clone());
        self.put_in_all_vars(map);
        self.errors.truncate(errors);
        self.seen_errors = seen;
        self.import_stack.pop();
        self.current_file = before;
        map
    }

    /// The path of an imported file relative to the root; none when it is refused.
    fn import_path(&mut self, import: &Import, spot: Spot) -> Option<String> {
        let file = import.path.first().map(Text::as_str).unwrap_or_default();
        if file.is_empty() {
            self.report(spot, "import", "imports must specify a path to import");
            return None;
        }
        let mut path = paths::join(&import.prefix, file);
        if !path.ends_with(".d2") {
            path.push_str(".d2");
        }
        let importer = self.import_stack.last().map(String::as_str).unwrap_or_default();
        let path = paths::join(&paths::folder(importer), &path);
        if let Some(at) = self.import_stack.iter().position(|open| *open == path) {
            let chain = self.import_stack[at..].join(" -> ");
            self.report(spot, "import-cycle", format!("detected cyclic import chain: {chain} -> {path}"));
            return None;
        }
        Some(path)
    }

    fn import_tree(&mut self, path: &str, spot: Spot) -> Option<(FileId, Arc<ast::Map>)> {
        match self.load_tree(path) {
            Ok(loaded) if loaded.is_broken => None,
            Ok(loaded) => Some((loaded.file, loaded.tree)),
            Err(why) => {
                self.report(spot, "import", format!("failed to import \"{path}\": {why}"));
                None
            }
        }
    }

    /// Reads and parses a file, once; its errors are reported then.
    fn load_tree(&mut self, path: &str) -> Result<LoadedFile, String> {
        if let Some(loaded) = self.trees.get(path) {
            return loaded.clone();
        }
        let name = FilePath::new(path).map_err(|error| error.reason.to_owned());
        let read = name.and_then(|name| self.resolver.read(&name).map(|text| (name, text)));
        let loaded = read.map(|(name, text)| {
            let parsed = crate::parse(&text);
            let file = FileId::new(self.files.len());
            self.files.push(SourceFile { path: name, text: text.into() });
            let is_broken = !parsed.errors.is_empty();
            self.errors.extend(parsed.errors.into_iter().map(|error| (Spot { file, span: error.span }, error)));
            LoadedFile { file, tree: parsed.tree, is_broken }
        });
        self.trees.insert(path.to_owned(), loaded.clone());
        loaded
    }

    /// Whether a file that a map spreads holds objects; nothing is applied.
    pub(super) fn import_has_children(&mut self, import: &Import, file: FileId) -> bool {
        let name = import.path.first().map(Text::as_str).unwrap_or_default();
        if name.is_empty() {
            return false;
        }
        let mut path = paths::join(&import.prefix, name);
        if !path.ends_with(".d2") {
            path.push_str(".d2");
        }
        let importer = paths::folder(self.files[file.index()].path.as_str());
        let Ok(loaded) = self.load_tree(&paths::join(&importer, &path)) else { return false };
        loaded.tree.keys().any(|key| {
            !key.edges.is_empty()
                || key.key.as_ref().is_some_and(|path| {
                    let first = &path.elements[0];
                    !(first.is_unquoted() && crate::keywords::is_reserved(first.as_str()))
                })
        })
    }

    // Links and icons.

    /// Tells the links to boards and the icons of an imported map from its new place.
    fn extend_links(&mut self, map: MapId, holder: FieldId, folder: &str) {
        for field in self.ir.map(map).fields.clone() {
            if self.ir.is_named(field, "link") {
                if self.ir.map_board_kind(map).is_some() {
                    let spot = self.ir.last_spot(field);
                    let message = "a board itself cannot be linked; only objects within a board can be linked";
                    self.report(spot, "link", message);
                    continue;
                }
                self.extend_link(field, holder);
            }
            if self.ir.is_named(field, "icon") {
                self.extend_icon(field, folder);
            }
            if let Some(inner) = self.ir.field_map(field) {
                self.extend_links(inner, holder, folder);
            }
        }
    }

    fn extend_link(&mut self, field: FieldId, holder: FieldId) {
        let Some(primary) = self.ir.field(field).primary.clone() else { return };
        let text = primary.text();
        if is_remote(&text) {
            return;
        }
        let Some(path) = parse_key_path(&text) else { return };
        let mut before = match self.ir.field(holder).parent {
            None => vec![root_name()],
            Some(map) => {
                let mut names = self.ir.path(map);
                names.extend(self.ir.field(holder).name.clone());
                names
            }
        };
        let mut rest = &path.elements[1..];
        while rest.first().is_some_and(|name| name.is_bare("_")) && before.len() >= 2 {
            rest = &rest[1..];
            before.truncate(before.len() - 2);
        }
        let names = before.iter().map(|name| name.text.as_str()).chain(rest.iter().map(Text::as_str));
        let link = names.map(crate::quote_key).collect::<Vec<_>>().join(".");
        self.set_text(field, &link, &primary);
    }

    fn extend_icon(&mut self, field: FieldId, folder: &str) {
        let Some(primary) = self.ir.field(field).primary.clone() else { return };
        let text = primary.text();
        if !text.is_empty() && !is_remote(&text) {
            self.set_text(field, &paths::join(folder, &text), &primary);
        }
    }

    /// Puts another text in the place of a field's value.
    fn set_text(&mut self, field: FieldId, text: &str, before: &Scalar) {
        let text = Text { span: before.value.span(), ..Text::bare(text) };
        self.ir.field_mut(field).primary = Some(Scalar { value: Value::Text(text), file: before.file });
    }

    /// Makes a link to a board absolute: `layers.x` in a board becomes `root.….layers.x`.
    pub(super) fn resolve_link(&mut self, field: FieldId, context: &Rc<Context>) {
        let Some(primary) = self.ir.field(field).primary.clone() else { return };
        let Some(path) = parse_key_path(&primary.text()) else { return };
        let is_board_word = |word: &str| crate::keywords::BOARDS.iter().any(|known| known.eq_ignore_ascii_case(word));
        let first = &path.elements[0];
        if !first.is_unquoted() || !(is_board_word(first.as_str()) || first.as_str() == "_") {
            return;
        }
        let mut scope = self.ir.path(context.map);
        for at in (1..scope.len()).rev() {
            let above = &scope[at - 1];
            if above.bare && is_board_word(&above.text) {
                scope.truncate(at + 1);
                break;
            }
            if above.is("root") {
                scope.truncate(at);
                break;
            }
        }
        let mut rest = path.elements.as_slice();
        while rest.first().is_some_and(|name| name.is_bare("_")) && scope.len() >= 2 {
            scope.truncate(scope.len() - 2);
            rest = &rest[1..];
        }
        if scope.is_empty() {
            scope.push(root_name());
        }
        let scope = scope.iter().map(|name| SmolStr::from(crate::quote_key(&name.text)));
        // Keywords are keywords in any case, and told in lower case.
        let rest = rest.iter().map(|element| match element.as_str() {
            word if element.is_unquoted() && is_board_word(word) => SmolStr::from(word.to_ascii_lowercase()),
            name => crate::quote_key(name).into(),
        });
        let link = scope.chain(rest).collect::<Vec<_>>().join(".");
        self.set_text(field, &link, &primary);
    }
}

/// The folder of an imported file relative to its importer.
fn import_folder(import: &Import) -> String {
    paths::folder(&paths::join(&import.prefix, import.path.first().map(Text::as_str).unwrap_or_default()))
}

/// Whether a link or an icon is a URL or an absolute path.
pub(super) fn is_remote(text: &str) -> bool {
    if text.starts_with('/') {
        return true;
    }
    let scheme = text.split_once(':').map(|(scheme, _)| scheme).unwrap_or_default();
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
}
