//! The compiler: from a text and its imports to a diagram.
//!
//! Two stages. The first applies all statements to the intermediate form ([`ir`]): fields and edges are made, merged,
//! deleted, patterns applied, files imported, variables put in. The second ([`build`]) reads objects, edges and their
//! attributes off it and checks their values. Each stage reports all that it finds. A text with syntax errors still
//! gives a diagram, but only those errors are reported, for others would mostly be their consequences.
//!
//! A compilation always ends: nesting, imports, copies and the work of patterns have limits.

mod build;
mod edges;
mod globs;
mod imports;
mod ir;
mod json;
mod markup;
mod overlay;
mod statements;
mod vars;

pub(crate) use build::COLOR_NAMES;
pub(crate) use globs::matches_pattern;
pub use imports::{ImportResolver, MapResolver, NoImports};
pub use json::graph_json;
pub(crate) use vars::THEME_IDS;

use crate::syntax::{SyntaxError, ast};
use ir::{Context, FieldId, FileId, Glob, Ir, MapId, Name, Spot};
use loko_diagram::Diagram;
use loko_source::{Diagnostic, FilePath, LineIndex, Span};
use rustc_hash::FxHashSet;
use statements::Refused;
use std::borrow::Cow;
use std::rc::Rc;
use std::sync::Arc;

/// The result of compiling: a diagram in any case, and what is wrong.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// What could be made of the text.
    pub diagram: Diagram,
    /// The errors, each in a file.
    pub errors: Vec<CompileError>,
    /// The texts that were read, the main one first.
    pub files: Vec<SourceFile>,
}

/// A text that took part in a compilation.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// Its name.
    pub path: FilePath,
    /// The text.
    pub text: Arc<str>,
}

/// An error in one of the files of a compilation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompileError {
    /// The file.
    pub path: FilePath,
    /// What is wrong there.
    pub error: SyntaxError,
}

impl Compiled {
    /// Whether the text is valid.
    pub fn is_valid(&self) -> bool {
        self.errors.is_empty()
    }

    /// The errors as findings.
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        self.errors.iter().map(|error| error.error.to_diagnostic(&error.path)).collect()
    }

    /// The errors as lines: `LINE:COL: message` for the main file, `FILE:LINE:COL: message` for imported ones.
    pub fn error_lines(&self) -> Vec<String> {
        let indexes: Vec<LineIndex> = self.files.iter().map(|file| LineIndex::new(&file.text)).collect();
        self.errors
            .iter()
            .map(|error| {
                let at = self.files.iter().position(|file| file.path == error.path).unwrap_or(0);
                let line = error.error.to_line(&indexes[at]);
                if at == 0 { line } else { format!("{}:{line}", error.path) }
            })
            .collect()
    }
}

/// Compiles a text that has the given name; imports are looked up relative to it.
///
/// ```
/// use loko_d2::{NoImports, compile};
/// use loko_source::FilePath;
///
/// let path = FilePath::new("index.d2").unwrap();
/// let compiled = compile("web -> api: calls\napi.shape: hexagon", &path, &NoImports);
/// assert!(compiled.is_valid());
/// assert_eq!(compiled.diagram.root.objects.len(), 2);
/// assert_eq!(compiled.diagram.root.edges[0].label.text, "calls");
/// ```
pub fn compile(text: &str, path: &FilePath, resolver: &dyn ImportResolver) -> Compiled {
    let parsed = crate::parse(text);
    let mut compiler = Compiler::new(text, path, resolver);
    let root = compiler.apply_file(&parsed.tree);
    let mut errors = std::mem::take(&mut compiler.errors);
    let mut builder = build::Builder::new(&compiler.ir, compiler.files.iter().map(|file| file.path.clone()).collect());
    let diagram = builder.diagram(root);
    errors.extend(builder.errors);
    errors.sort_by_key(|(spot, _)| (spot.file.index(), spot.span));
    let files = compiler.files;
    let syntax_errors = parsed.errors.into_iter().map(|error| CompileError { path: path.clone(), error });
    let mut all: Vec<CompileError> = syntax_errors.collect();
    if all.is_empty() {
        let place =
            |(spot, error): (Spot, SyntaxError)| CompileError { path: files[spot.file.index()].path.clone(), error };
        all = errors.into_iter().map(place).collect();
    }
    Compiled { diagram, errors: all, files }
}

/// The state of the first stage.
struct Compiler<'r> {
    ir: Ir,
    resolver: &'r dyn ImportResolver,
    files: Vec<SourceFile>,
    /// The imported files by their paths, or why they could not be read.
    trees: rustc_hash::FxHashMap<String, Result<imports::LoadedFile, String>>,
    /// The paths of the files that are being imported, the main one first.
    import_stack: Vec<String>,
    imports: usize,
    current_file: FileId,
    errors: Vec<(Spot, SyntaxError)>,
    seen_errors: FxHashSet<(FileId, Span, String)>,
    /// The patterns of each open scope.
    glob_scopes: Vec<Vec<Rc<Glob>>>,
    /// The patterns at work, so that they do not trigger themselves.
    active_globs: Vec<Rc<Context>>,
    /// The statements whose maps are open, for the filters in them.
    filter_owners: Vec<Rc<Context>>,
    /// Whether patterns are applied again.
    is_lazy: bool,
    /// Whether a pattern looks for the ends of its edges only among what is new or has changed.
    narrows_ends: bool,
    glob_steps: usize,
    is_exhausted: bool,
}

impl<'r> Compiler<'r> {
    fn new(text: &str, path: &FilePath, resolver: &'r dyn ImportResolver) -> Self {
        Self {
            ir: Ir::for_text(text.len()),
            resolver,
            files: vec![SourceFile { path: path.clone(), text: text.into() }],
            trees: rustc_hash::FxHashMap::default(),
            import_stack: vec![path.as_str().to_owned()],
            imports: 0,
            current_file: FileId::MAIN,
            errors: Vec::new(),
            seen_errors: FxHashSet::default(),
            glob_scopes: Vec::new(),
            active_globs: Vec::new(),
            filter_owners: Vec::new(),
            is_lazy: false,
            narrows_ends: false,
            glob_steps: 0,
            is_exhausted: false,
        }
    }

    /// The first stage for the main file.
    fn apply_file(&mut self, tree: &Arc<ast::Map>) -> MapId {
        let root = self.ir.new_root();
        self.apply_map(root, tree, tree);
        self.put_in_all_vars(root);
        self.hand_down_classes(root);
        if self.ir.has_suspended {
            self.ir.remove_suspended(root);
        }
        let has_reported = self.errors.iter().any(|(_, error)| error.code == "limit");
        if (self.ir.is_full || self.ir.is_too_deep) && !has_reported {
            // Copies met the limit, which belong to no statement.
            self.report_limits(self.spot(Span::at(0)));
        }
        root
    }

    fn file(&self) -> FileId {
        self.current_file
    }

    fn spot(&self, span: Span) -> Spot {
        Spot { file: self.file(), span }
    }

    /// Whether a limit was met, so that nothing more is to be done.
    fn is_stopped(&self) -> bool {
        self.ir.is_full || self.is_exhausted
    }

    fn report(&mut self, spot: Spot, code: &'static str, message: impl Into<Cow<'static, str>>) {
        let message = message.into();
        if self.seen_errors.insert((spot.file, spot.span, message.clone().into_owned())) {
            self.errors.push((spot, SyntaxError::new(code, spot.span, message)));
        }
    }

    fn refuse(&mut self, spot: Spot, code: &'static str, message: impl Into<Cow<'static, str>>) -> Refused {
        self.report(spot, code, message);
        Refused
    }

    /// Adds a field; a limit that is met is reported.
    fn add_field(&mut self, map: MapId, name: Option<Name>, spot: Spot) -> Option<FieldId> {
        let field = self.ir.add_field(map, name);
        if field.is_none() {
            self.report_limits(spot);
        }
        field
    }

    fn report_limits(&mut self, spot: Spot) {
        let message = if self.ir.is_full {
            format!("the diagram has more than {} parts", ir::THINGS_MAX)
        } else {
            format!("objects are nested deeper than {} levels", ir::DEPTH_MAX)
        };
        self.report(spot, "limit", message);
    }

    /// Layers get the classes of the board above them, their own ones on top.
    fn hand_down_classes(&mut self, map: MapId) {
        let Some(classes) = self.ir.find_bare(map, "classes").filter(|field| self.ir.field_map(*field).is_some())
        else {
            return;
        };
        let Some(layers) = self.ir.map_at(map, "layers") else { return };
        for layer in self.ir.map(layers).fields.clone() {
            let Some(inner) = self.ir.field_map(layer).filter(|_| self.ir.field(layer).primary.is_none()) else {
                continue;
            };
            let own = self.ir.find_bare(inner, "classes");
            if own.is_some_and(|own| self.ir.field_map(own).is_none()) {
                continue;
            }
            if let Some(own) = own {
                self.ir.unlink_field(inner, own);
            }
            if let (Some(copy), Some(own)) = (self.ir.copy_field(classes, inner), own) {
                self.ir.overlay_field(copy, own);
            }
            self.hand_down_classes(inner);
        }
    }
}
