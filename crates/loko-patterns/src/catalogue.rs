//! The patterns that there are: those that come with loko, and those of a workspace.

use crate::pattern::Pattern;
use crate::read::read;
use loko_source::suggest::did_you_mean;
use loko_source::{Diagnostic, FilePath, Snapshot};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{LazyLock, OnceLock};

include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// How many patterns may extend each other in a row.
pub(crate) const EXTENDS_DEPTH_MAX: usize = 8;

/// Where a workspace keeps its own patterns.
pub(crate) const FOLDER: &str = "patterns";

/// The file of a pattern.
pub(crate) const PATTERN_FILE: &str = "pattern.toml";

/// Patterns by id: those that come with loko, each read when it is first asked for, and those of a workspace, which
/// stand in their place.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    own: BTreeMap<String, Pattern>,
}

/// A pattern that comes with loko.
struct Builtin {
    category: &'static str,
    text: &'static str,
    read: OnceLock<(Pattern, Vec<Diagnostic>)>,
}

static BUILTIN: LazyLock<BTreeMap<&'static str, Builtin>> = LazyLock::new(|| {
    FILES.iter().map(|(category, id, text)| (*id, Builtin { category, text, read: OnceLock::new() })).collect()
});

impl Builtin {
    fn read(&self, id: &str) -> &(Pattern, Vec<Diagnostic>) {
        self.read.get_or_init(|| {
            let file = FilePath::new(&format!("{FOLDER}/{}/{id}/{PATTERN_FILE}", self.category))
                .expect("folders are named by words");
            read(&file, self.category, id, self.text)
        })
    }
}

fn builtin(id: &str) -> Option<&'static Pattern> {
    BUILTIN.get(id).map(|builtin| &builtin.read(id).0)
}

impl Catalogue {
    /// The patterns that come with loko.
    pub fn builtin() -> &'static Self {
        static NOTHING_ELSE: Catalogue = Catalogue { own: BTreeMap::new() };
        &NOTHING_ELSE
    }

    /// What is wrong with the files of the patterns that come with loko; nothing, as a test holds.
    pub fn builtin_findings() -> impl Iterator<Item = &'static Diagnostic> {
        BUILTIN.iter().flat_map(|(id, builtin)| &builtin.read(id).1)
    }

    /// The text of a built-in pattern's file.
    pub fn builtin_text(id: &str) -> Option<&'static str> {
        BUILTIN.get(id).map(|builtin| builtin.text)
    }

    /// The patterns of a workspace and those that come with loko, and what is wrong with the workspace's files. A
    /// pattern of the workspace stands in the place of a built-in one with its id.
    pub fn of(snapshot: &Snapshot) -> (Self, Vec<Diagnostic>) {
        let mut catalogue = Self::default();
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
            catalogue.own.insert(pattern.id.clone(), pattern);
        }
        for id in own {
            catalogue.extend(&id, &mut findings);
        }
        (catalogue, findings)
    }

    /// Fills in what a pattern takes over from the one that it extends.
    fn extend(&mut self, id: &str, findings: &mut Vec<Diagnostic>) {
        let Some(mut pattern) = self.own.get(id).cloned() else { return };
        let mut base = pattern.extends.clone();
        if base.is_none() {
            return;
        }
        let own = pattern.clone();
        let mut depth = 0;
        while let Some(of) = base.take() {
            // A pattern that has the id of the one it extends means the built-in one.
            let found = if of == id { builtin(&of) } else { self.get(&of) };
            depth += 1;
            let Some(other) = found.filter(|_| depth <= EXTENDS_DEPTH_MAX) else {
                let message = if depth > EXTENDS_DEPTH_MAX {
                    format!("`{id}` extends more than {EXTENDS_DEPTH_MAX} patterns in a row")
                } else {
                    format!("`{id}` extends `{of}`, which is no pattern")
                };
                let mut finding =
                    Diagnostic::error("unknown-pattern", message).at(&pattern.file, pattern.extends_span, "not known");
                finding.help = did_you_mean(&of, self.ids().filter(|known| *known != id)).map(Into::into);
                findings.push(finding);
                // Names of what is not there are not told of one by one.
                self.own.insert(id.to_owned(), pattern);
                return;
            };
            take_over(&mut pattern, other);
            base = if of == id { None } else { other.extends.clone() };
        }
        crate::sound::check(&own, &pattern, findings);
        self.own.insert(id.to_owned(), pattern);
    }

    /// A pattern.
    pub fn get(&self, id: &str) -> Option<&Pattern> {
        self.own.get(id).or_else(|| builtin(id))
    }

    /// The ids of all patterns, sorted.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.own.keys().map(String::as_str).chain(BUILTIN.keys().copied()).collect::<BTreeSet<_>>().into_iter()
    }

    /// All patterns, sorted by id.
    pub fn patterns(&self) -> impl Iterator<Item = &Pattern> {
        self.ids().filter_map(|id| self.get(id))
    }

    /// The pattern of an id or a name; an error names the nearest.
    #[expect(clippy::result_large_err, reason = "a refusal is told and ends the command")]
    pub fn find(&self, wanted: &str) -> Result<&Pattern, Diagnostic> {
        let slug = loko_model::name::slug(wanted);
        let by_name = || self.patterns().find(|pattern| loko_model::name::slug(&pattern.name) == slug);
        self.get(wanted).or_else(|| self.get(&slug)).or_else(by_name).ok_or_else(|| {
            let mut finding = Diagnostic::error("unknown-pattern", format!("there is no pattern `{wanted}`"));
            finding.help = did_you_mean(wanted, self.ids())
                .or_else(|| self.of_words(&slug))
                .or_else(|| Some("see them all with `loko pattern list`".to_owned()))
                .map(Into::into);
            finding
        })
    }

    /// Patterns that share a word with what somebody wrote: "bulkhead isolation" is about `bulkhead`.
    fn of_words(&self, slug: &str) -> Option<String> {
        let is_shared = |id: &str| id.split('-').any(|word| word.len() > 3 && slug.split('-').any(|it| it == word));
        let ids: Vec<String> = self.ids().filter(|id| is_shared(id)).map(|id| format!("`{id}`")).collect();
        (!ids.is_empty()).then(|| format!("there is {}", ids.join(", ")))
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
        pattern.params.entry(name.clone()).and_modify(|own| own.take_over(param)).or_insert_with(|| param.clone());
    }
    for (name, role) in &other.roles {
        pattern.roles.entry(name.clone()).and_modify(|own| own.take_over(role)).or_insert_with(|| role.clone());
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
    if pattern.files.is_empty() {
        pattern.files.clone_from(&other.files);
    }
    if pattern.pictures.is_empty() {
        pattern.pictures.clone_from(&other.pictures);
    }
    if pattern.examples.is_empty() {
        pattern.examples.clone_from(&other.examples);
    }
}
