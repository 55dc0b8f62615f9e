//! The patterns that there are: those that come with loko, and those of a workspace.

use crate::pattern::Pattern;
use crate::read::read;
use loko_source::suggest::did_you_mean;
use loko_source::{Diagnostic, FilePath, Snapshot};
use std::collections::BTreeMap;
use std::sync::LazyLock;

include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// How many patterns may extend each other in a row.
pub(crate) const EXTENDS_DEPTH_MAX: usize = 8;

/// Where a workspace keeps its own patterns.
pub(crate) const FOLDER: &str = "patterns";

/// The file of a pattern.
pub(crate) const PATTERN_FILE: &str = "pattern.toml";

/// Patterns by id.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    patterns: BTreeMap<String, Pattern>,
}

static BUILTIN: LazyLock<(Catalogue, Vec<Diagnostic>)> = LazyLock::new(|| {
    let mut findings = Vec::new();
    let mut catalogue = Catalogue::default();
    for (category, id, text) in FILES {
        let file =
            FilePath::new(&format!("{FOLDER}/{category}/{id}/{PATTERN_FILE}")).expect("folders are named by words");
        let (pattern, found) = read(&file, category, id, text);
        findings.extend(found);
        catalogue.patterns.insert(pattern.id.clone(), pattern);
    }
    (catalogue, findings)
});

impl Catalogue {
    /// The patterns that come with loko.
    pub fn builtin() -> &'static Self {
        &BUILTIN.0
    }

    /// What is wrong with the files of the patterns that come with loko; nothing, as a test holds.
    pub fn builtin_findings() -> &'static [Diagnostic] {
        &BUILTIN.1
    }

    /// The text of a built-in pattern's file.
    pub fn builtin_text(id: &str) -> Option<&'static str> {
        FILES.iter().find(|(_, known, _)| *known == id).map(|(_, _, text)| *text)
    }

    /// The patterns of a workspace and those that come with loko, and what is wrong with the workspace's files. A
    /// pattern of the workspace stands in the place of a built-in one with its id.
    pub fn of(snapshot: &Snapshot) -> (Self, Vec<Diagnostic>) {
        let mut catalogue = Self::builtin().clone();
        let mut findings = Vec::new();
        let mut own = Vec::new();
        for path in snapshot.paths_below(FOLDER).filter(|path| path.file_name() == PATTERN_FILE) {
            let folders: Vec<&str> = path.folder().split('/').skip(1).collect();
            let (category, id) = match folders.as_slice() {
                [id] => ("own", *id),
                [category, id] => (*category, *id),
                _ => continue,
            };
            let Some(text) = snapshot.text(path.as_str()) else { continue };
            let (pattern, found) = read(path, category, id, text);
            findings.extend(found);
            own.push(pattern.id.clone());
            catalogue.patterns.insert(pattern.id.clone(), pattern);
        }
        for id in own {
            catalogue.extend(&id, &mut findings);
        }
        (catalogue, findings)
    }

    /// Fills in what a pattern takes over from the one that it extends.
    fn extend(&mut self, id: &str, findings: &mut Vec<Diagnostic>) {
        let Some(mut pattern) = self.patterns.get(id).cloned() else { return };
        let mut base = pattern.extends.clone();
        let mut depth = 0;
        while let Some(of) = base.take() {
            // A pattern that has the id of the one it extends means the built-in one.
            let found = if of == id { Self::builtin().get(&of) } else { self.get(&of) };
            depth += 1;
            let Some(other) = found.filter(|_| depth <= EXTENDS_DEPTH_MAX) else {
                let message = if depth > EXTENDS_DEPTH_MAX {
                    format!("`{id}` extends more than {EXTENDS_DEPTH_MAX} patterns in a row")
                } else {
                    format!("`{id}` extends `{of}`, which is no pattern")
                };
                let mut finding =
                    Diagnostic::error("unknown-pattern", message).at(&pattern.file, loko_source::Span::at(0), "");
                finding.help = did_you_mean(&of, self.patterns.keys().map(String::as_str).filter(|known| *known != id));
                findings.push(finding);
                break;
            };
            take_over(&mut pattern, other);
            base = if of == id { None } else { other.extends.clone() };
        }
        self.patterns.insert(id.to_owned(), pattern);
    }

    /// A pattern.
    pub fn get(&self, id: &str) -> Option<&Pattern> {
        self.patterns.get(id)
    }

    /// All patterns, sorted by id.
    pub fn patterns(&self) -> impl Iterator<Item = &Pattern> {
        self.patterns.values()
    }

    /// The pattern of an id or a name; an error names the nearest.
    #[expect(clippy::result_large_err, reason = "a refusal is told and ends the command")]
    pub fn find(&self, wanted: &str) -> Result<&Pattern, Diagnostic> {
        let slug = loko_model::name::slug(wanted);
        let by_name = || self.patterns().find(|pattern| loko_model::name::slug(&pattern.name) == slug);
        self.get(wanted).or_else(|| self.get(&slug)).or_else(by_name).ok_or_else(|| {
            let mut finding = Diagnostic::error("unknown-pattern", format!("there is no pattern `{wanted}`"));
            finding.help = did_you_mean(wanted, self.patterns.keys().map(String::as_str))
                .or_else(|| Some("see them all with `loko pattern list`".to_owned()));
            finding
        })
    }
}

/// Takes over what a pattern does not say itself.
fn take_over(pattern: &mut Pattern, other: &Pattern) {
    for (open, said) in [
        (&mut pattern.name, &other.name),
        (&mut pattern.version, &other.version),
        (&mut pattern.says, &other.says),
        (&mut pattern.about, &other.about),
    ] {
        if open.is_empty() {
            open.clone_from(said);
        }
    }
    for (open, said) in [
        (&mut pattern.use_when, &other.use_when),
        (&mut pattern.avoid_when, &other.avoid_when),
        (&mut pattern.mends, &other.mends),
        (&mut pattern.related, &other.related),
        (&mut pattern.competing, &other.competing),
    ] {
        if open.is_empty() {
            open.clone_from(said);
        }
    }
    for (name, param) in &other.params {
        pattern.params.entry(name.clone()).or_insert_with(|| param.clone());
    }
    for (name, role) in &other.roles {
        pattern.roles.entry(name.clone()).or_insert_with(|| role.clone());
    }
    if pattern.relations.is_empty() {
        pattern.relations.clone_from(&other.relations);
    }
    let own: Vec<String> = pattern.musts.iter().map(|must| must.id.clone()).collect();
    pattern.musts.extend(other.musts.iter().filter(|must| !own.contains(&must.id)).cloned());
    if pattern.reasons.is_empty() {
        pattern.reasons.clone_from(&other.reasons);
    }
    if pattern.decision.is_none() {
        pattern.decision.clone_from(&other.decision);
    }
    if pattern.pictures.is_empty() {
        pattern.pictures.clone_from(&other.pictures);
    }
    if pattern.examples.is_empty() {
        pattern.examples.clone_from(&other.examples);
    }
}
