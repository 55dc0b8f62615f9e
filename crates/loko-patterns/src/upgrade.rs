//! `upgrade`: an application takes over another version of its pattern, merged by meaning.
//!
//! Three sides count for every value, relation and point of a checklist: what the old version said, which the record
//! knows; what the new one says; and what stands there now. What people left alone follows the pattern. What they
//! changed stays; where the pattern changed it too, the plan names the conflict. A second run changes nothing.

use crate::apply::{bindings, params, verify};
use crate::cast::Work;
use crate::leaves::{Leaves, Step, decide};
use crate::pattern::Pattern;
use crate::plan::{Part, Tie, Told};
use crate::remove::find;
use crate::since::{Block, Since, is_only_more};
use crate::template::Params;
use crate::write::{self, ChangedText, Made, Record, Statement};
use crate::{Apply, Catalogue, Plan, Refused};
use indexmap::IndexMap;
use loko_model::edit::annotate::{self, Annotation, Revision};
use loko_model::{Applied, ElementIx, Loaded, Relation, Value};
use loko_source::{ChangeSet, Diagnostic, FilePath, Snapshot, Span, TextEdit};

/// The wish that applications follow their patterns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Upgrade {
    /// The application, or the pattern when there is one application; all when it is not said.
    pub name: Option<String>,
    /// Parameters, as written, for what the new version asks.
    pub params: Vec<(String, String)>,
    /// Roles with the elements that play them, for those that the new version brings.
    pub bind: Vec<(String, String)>,
    /// The day that a drafted decision says, `2026-11-21`; empty when it says none.
    pub date: String,
}

/// Merges what other versions of patterns say into the applications that follow them.
pub fn upgrade(snapshot: &Snapshot, loaded: &Loaded, catalogue: &Catalogue, wish: &Upgrade) -> Result<Plan, Refused> {
    let is_behind = |it: &&Applied| catalogue.get(&it.pattern).is_some_and(|pattern| pattern.version != it.version);
    let names: Vec<String> = match &wish.name {
        Some(name) => vec![find(loaded, name).map_err(|finding| vec![finding])?.name.clone()],
        None => loaded.model.applied.iter().filter(is_behind).map(|it| it.name.clone()).collect(),
    };
    if names.is_empty() {
        let line = "every applied pattern is of the catalogue's version".to_owned();
        return Ok(Plan { changes: ChangeSet::new(), summary: vec![line] });
    }
    if let [only] = names.as_slice() {
        let plan = one(snapshot, loaded, catalogue, only, wish)?;
        verify(snapshot, loaded, &plan.changes)?;
        return Ok(plan);
    }
    let (mut now, mut known) = (snapshot.clone(), loaded.clone());
    let mut summary = Vec::new();
    for name in &names {
        let plan = one(&now, &known, catalogue, name, wish)?;
        now = now.overlay(&plan.changes).map_err(|error| vec![Diagnostic::error("exists", error.to_string())])?;
        known = loko_model::load(&now);
        summary.extend(plan.summary);
    }
    let changes = between(snapshot, &now);
    verify(snapshot, loaded, &changes)?;
    Ok(Plan { changes, summary })
}

/// What makes one snapshot of another.
fn between(before: &Snapshot, after: &Snapshot) -> ChangeSet {
    let mut changes = ChangeSet::new();
    for (path, source) in after.iter() {
        match before.text(path.as_str()) {
            None => changes.create(path.clone(), source.text()),
            Some(text) if text != source.text() => {
                changes.edit(path.clone(), TextEdit::replace(Span::new(0, text.len()), source.text()));
            }
            Some(_) => {}
        }
    }
    for (path, _) in before.iter().filter(|(path, _)| after.source(path.as_str()).is_none()) {
        changes.delete(path.clone());
    }
    changes
}

fn one(
    snapshot: &Snapshot,
    loaded: &Loaded,
    catalogue: &Catalogue,
    name: &str,
    wish: &Upgrade,
) -> Result<Plan, Refused> {
    let applied = find(loaded, name).map_err(|finding| vec![finding])?;
    let pattern = catalogue.find(&applied.pattern).map_err(|finding| vec![finding])?;
    if applied.version == pattern.version && wish.params.is_empty() && wish.bind.is_empty() {
        let line = format!("`{name}` is of version {} of `{}` already", applied.version, pattern.id);
        return Ok(Plan { changes: ChangeSet::new(), summary: vec![line] });
    }
    let mut work = Work {
        snapshot,
        loaded,
        pattern,
        params: Params::new(),
        given: Vec::new(),
        instance: applied.name.clone(),
        players: IndexMap::new(),
        named: Vec::new(),
        date: wish.date.clone(),
        drafted: drafted(applied),
    };
    let mut told = Told::default();
    told.new
        .push(format!("takes `{name}` from version {} of `{}` to {}", applied.version, pattern.id, pattern.version));
    (work.params, work.given) = merged_params(applied, pattern, &wish.params, &mut told)?;
    let mut bound = players(loaded, applied, pattern);
    let apply = Apply { pattern: pattern.id.clone(), bind: wish.bind.clone(), ..Apply::default() };
    for (role, elements) in bindings(&loaded.model, pattern, &apply)? {
        let known = bound.entry(role).or_default();
        known.extend(elements.into_iter().filter(|ix| !known.contains(ix)).collect::<Vec<_>>());
    }
    work.named = bound.keys().cloned().collect();
    work.cast(&bound)?;
    work.check_lists()?;
    let since = Since::of(snapshot, loaded, applied);
    Merge { work: &work, applied, since, told, changes: ChangeSet::new(), record: work.record(), pages: Vec::new() }
        .plan()
}

/// The decision that was drafted: the one page among the files that were made.
pub(crate) fn decision_of(applied: &Applied) -> Option<(&loko_model::Made, &str)> {
    let mut files = applied.made.iter().filter_map(|made| Some((made, made.file.as_deref()?)));
    files.find(|(_, file)| file.ends_with(".md"))
}

/// The id of the decision that was drafted.
fn drafted(applied: &Applied) -> Option<String> {
    let (_, file) = decision_of(applied)?;
    Some(file.rsplit('/').next()?.trim_end_matches(".md").to_owned())
}

/// The parameters: those that somebody gave as they were given, the others as the new version has them.
fn merged_params(
    applied: &Applied,
    pattern: &Pattern,
    wished: &[(String, String)],
    told: &mut Told,
) -> Result<(Params, Vec<String>), Refused> {
    let mut merged = params(pattern, wished)?;
    let mut given: Vec<String> = wished.iter().map(|(name, _)| name.clone()).collect();
    for (name, value) in &applied.params {
        let is_given = applied.given.as_ref().is_none_or(|given| given.contains(name));
        if !is_given || given.contains(name) {
            continue;
        }
        match pattern.params.get(name) {
            Some(param) if param.kind.check(value).is_ok() => {
                merged.insert(name.clone(), value.clone());
                given.push(name.clone());
            }
            Some(param) => {
                let (was, now) = (write::toml(value), write::toml(&param.default));
                told.kept.push(format!("the parameter `{name}` cannot be {was} any more; it is {now}"));
            }
            None => told.kept.push(format!("there is no parameter `{name}` any more; it was {}", write::toml(value))),
        }
    }
    Ok((merged, given))
}

/// Who plays each role now, also under the names that roles had, in the order in which they were bound.
fn players(loaded: &Loaded, applied: &Applied, pattern: &Pattern) -> IndexMap<String, Vec<ElementIx>> {
    let playing = crate::check::players_of(&loaded.model, &applied.pattern, &applied.name);
    let mut all: IndexMap<String, Vec<ElementIx>> = IndexMap::new();
    for (role, plan) in &pattern.roles {
        for name in std::iter::once(role).chain(&plan.was) {
            let Some(elements) = playing.get(name) else { continue };
            let order = applied.players.get(name).map_or(&[][..], Vec::as_slice);
            let place = |ix: &ElementIx| {
                let id = loaded.model.element(*ix).id.as_str();
                order.iter().position(|known| known == id).unwrap_or(order.len())
            };
            let mut elements = elements.clone();
            elements.sort_by_key(place);
            let known = all.entry(role.clone()).or_default();
            elements.retain(|ix| !known.contains(ix));
            known.extend(elements);
        }
    }
    all
}

/// A merge on its way.
pub(crate) struct Merge<'w, 's> {
    pub(crate) work: &'w Work<'w>,
    pub(crate) applied: &'s Applied,
    pub(crate) since: Since<'s>,
    pub(crate) told: Told,
    pub(crate) changes: ChangeSet,
    pub(crate) record: Record,
    /// The elements whose pages are written whole, with their relations.
    pages: Vec<String>,
}

impl Merge<'_, '_> {
    fn plan(mut self) -> Result<Plan, Refused> {
        let work = self.work;
        let parts = work.parts();
        let ties = work.ties();
        let mut revisions = Vec::new();
        for (id, part) in &parts {
            match part.player.known {
                Some(ix) if !self.since.is_untouched(ix) => revisions.push(self.revise(ix, id, Some(part))?),
                known => self.write(known, id, part, &ties)?,
            }
        }
        // Who plays no part any more loses what the old version said, and stays.
        for ix in self.former(&parts) {
            let id = work.loaded.model.element(ix).id.to_string();
            self.told.kept.push(format!("keeps `{id}`, which has no role in version {}", work.pattern.version));
            revisions.push(self.revise(ix, &id, None)?);
        }
        annotate::revise(work.snapshot, work.loaded, &revisions, &mut self.changes).map_err(Vec::from)?;
        self.relate(&ties)?;
        self.redraft()?;
        self.follow_files()?;
        let before = work.snapshot.text(self.applied.file.as_str()).unwrap_or("");
        let after = self.record.text();
        if before != after {
            let all = Span::new(0, before.len());
            self.changes.edit(self.applied.file.clone(), TextEdit::replace(all, after));
        }
        Ok(Plan { changes: self.changes, summary: self.told.lines() })
    }

    /// The elements of the old application that have no part in the new one.
    fn former(&self, parts: &IndexMap<String, Part>) -> Vec<ElementIx> {
        let made = self.applied.made.iter().filter_map(|made| made.element);
        let all = made.chain(self.applied.changed.iter().map(|changed| changed.element));
        let model = &self.work.loaded.model;
        all.filter(|ix| !parts.contains_key(model.element(*ix).id.as_str())).collect()
    }

    /// Writes the page of a new element, or of one in whose page nobody wrote; ticks stay where their points stay.
    fn write(&mut self, known: Option<ElementIx>, id: &str, part: &Part, ties: &[Tie<'_>]) -> Result<(), Refused> {
        let work = self.work;
        let statements = ties.iter().map(|tie| &tie.statement).filter(|statement| statement.from == id);
        let text = work.page(part, statements).text();
        self.record.made.push(Made::element(id, &text));
        self.pages.push(id.to_owned());
        let Some(ix) = known else {
            let file = work.file_of(&part.player, &work.pattern.roles[&part.roles[0]])?;
            self.told.new.push(format!("creates the {} `{id}` in {file}", part.roles.join(" and ")));
            self.changes.create(file, text);
            return Ok(());
        };
        let before = self.since.text(ix);
        let after = with_ticks(&text, before);
        if before != after {
            let old = self.since.made(ix).map_or("", |made| made.text.as_str());
            self.told.bound.extend(page_changes(id, old, &text));
            let all = Span::new(0, before.len());
            self.changes.edit(work.loaded.model.element(ix).file.clone(), TextEdit::replace(all, after));
        }
        Ok(())
    }

    /// What changes of an element in whose page people wrote; without a part all that the old version said goes.
    fn revise(&mut self, ix: ElementIx, id: &str, part: Option<&Part>) -> Result<Revision, Refused> {
        let old = self.since.added(ix);
        let text = self.since.text(ix);
        let made = self.since.made(ix).filter(|made| !made.text.is_empty()).map(|made| made.text.as_str());
        let now = Leaves::of_front(text);
        let mut before = Leaves::of_written(&old.set);
        let mut wished = part.map_or_else(Leaves::default, |part| Leaves::of(&part.set));
        // Who loses its role keeps what it is.
        if let (Some(part), Some(made)) = (part, made) {
            let said = Leaves::of_front(made);
            let page = Leaves::of_front(&self.work.page(part, std::iter::empty()).text());
            for key in DESCRIBING_KEYS {
                before.put(key, said.get(key).cloned());
                wished.put(key, page.get(key).cloned());
            }
        }
        let mut revision = Revision {
            element: ix,
            clear: Vec::new(),
            set: Vec::new(),
            roles_gone: old.roles.clone(),
            roles: part.map(|part| self.work.entries(part)).unwrap_or_default(),
            relations_gone: old.relations.clone(),
            prose: Vec::new(),
        };
        let mut ours = Vec::new();
        for path in before.paths_with(&wished) {
            let (was, new, is) = (before.get(&path), wished.get(&path), now.get(&path));
            let step = if now.is_alone(&path) { Step::Keep } else { decide(was, new, is) };
            match (step, new) {
                (Step::Set, Some(new)) => {
                    self.told.bound.push(change(&format!("`{id}`"), &path, was, Some(new)));
                    revision.set.push((path.clone(), annotate::flow_yaml(new)));
                }
                (Step::Set | Step::Clear, _) => {
                    self.told.bound.push(change(&format!("`{id}`"), &path, was, None));
                    revision.clear.push(path.clone());
                }
                (Step::Keep, _) => self.told.kept.push(self.conflict(&format!("`{id}`"), &path, was, new, is)),
                (Step::Nothing, _) => {}
            }
            let is_ours = was.is_some() || step == Step::Set;
            ours.extend(new.filter(|_| is_ours).map(|new| (path, annotate::flow_yaml(new))));
        }
        let section = self.section(ix, id, part, &old, &mut revision);
        if let (Some(part), Some(made)) = (part, made) {
            // Its relations go into the record; what people wrote stays told apart from what it was made with.
            let page = self.work.page(part, std::iter::empty()).text();
            self.prose(ix, made, &page, &mut revision);
            self.record.made.push(Made::element(id, &page));
        } else if let Some(part) = part {
            let annotation =
                Annotation { element: ix, set: ours, roles: self.work.entries(part), section, relations: Vec::new() };
            self.record.changed.push(ChangedText::of(&part.player.id, &annotation));
        }
        Ok(revision)
    }

    fn conflict(&self, of: &str, path: &str, was: Option<&Value>, new: Option<&Value>, is: Option<&Value>) -> String {
        let verb = if was.is_some() { "conflict" } else { "keeps" };
        let is = if is.is_some() { said(is) } else { "taken out".to_owned() };
        let old = was.map(|_| format!("version {} said {}, ", self.applied.version, said(was))).unwrap_or_default();
        format!("{verb}: `{path}` of {of} stays {is}; {old}version {} says {}", self.work.pattern.version, said(new))
    }

    /// Merges the checklist of an element's page, and gives it as the new version has it.
    fn section(
        &mut self,
        ix: ElementIx,
        id: &str,
        part: Option<&Part>,
        old: &Annotation,
        revision: &mut Revision,
    ) -> String {
        let text = self.since.text(ix);
        let bare = part.map(|part| write::section(self.work.pattern, &part.leads, &part.items)).unwrap_or_default();
        let fresh = if bare.is_empty() {
            String::new()
        } else {
            annotate::section_for(if text.contains("\r\n") { "\r\n" } else { "\n" }, &bare)
        };
        if old.section.trim() == fresh.trim() {
            return old.section.clone();
        }
        let plain = annotate::unticked(text);
        if let Some(at) = plain.rfind(&old.section).filter(|_| !old.section.trim().is_empty()) {
            let span = Span::new(at, at + old.section.len());
            revision.prose.push(TextEdit::replace(span, with_ticks(&fresh, &text[span.range()])));
            return fresh;
        }
        if old.section.trim().is_empty() {
            let added = annotate::section_for(text, &bare);
            revision
                .prose
                .push(TextEdit::insert(text.len(), if bare.is_empty() { String::new() } else { added.clone() }));
            return if bare.is_empty() { bare } else { added };
        }
        let heading = old.section.trim_start().lines().next().unwrap_or("");
        let Some(span) = annotate::section_at(text, heading) else {
            self.told.kept.push(format!("the section `{heading}` of `{id}` was taken out, and stays away"));
            return fresh;
        };
        let merged = merged_section(&text[span.range()], &old.section, &fresh);
        if merged != text[span.range()] {
            self.told.bound.push(format!("merges the points of `{heading}` of `{id}`; what was written there stays"));
            revision.prose.push(TextEdit::replace(span, merged));
        }
        fresh
    }

    /// Merges the relations that stand in the record.
    fn relate(&mut self, ties: &[Tie<'_>]) -> Result<(), Refused> {
        let work = self.work;
        let model = &work.loaded.model;
        let found = work.found(ties);
        let mut blocks: Vec<(Block, bool)> = self.since.blocks.iter().map(|block| (block.clone(), false)).collect();
        let pages = std::mem::take(&mut self.pages);
        for (tie, there) in ties.iter().zip(found).filter(|(tie, _)| !pages.contains(&tie.statement.from)) {
            if there.is_empty() && !tie.plan.is_optional {
                self.told.related.push(format!(
                    "relates `{}` → `{}`: {}",
                    tie.from.id,
                    tie.to.id,
                    tie.statement.words()
                ));
                self.record.relations.push(tie.statement.clone());
            }
            let is_one = there.len() == 1;
            for relation in there {
                let ends = (model.element(relation.source).id.as_str(), model.element(relation.target).id.as_str());
                let block = blocks.iter_mut().find(|(block, used)| {
                    let words = block.said.get("description").and_then(Value::scalar_text).unwrap_or_default();
                    let is_meant = words.is_empty() || words == relation.description;
                    !used
                        && block.stated.is_some()
                        && (block.source.as_str(), block.target.as_str()) == ends
                        && is_meant
                });
                if let Some((block, used)) = block {
                    *used = true;
                    let block = block.clone();
                    self.merge_block(block, &tie.statement);
                } else if self.goes_from_page(relation) {
                    self.record.relations.push(tie.statement.clone());
                } else {
                    self.record.relations.extend(work.more(&tie.statement, relation, is_one, &mut self.told)?);
                }
            }
        }
        for (block, _) in blocks.into_iter().filter(|(_, used)| !used) {
            let arrow = format!("`{}` → `{}`", block.source, block.target);
            if block.is_own() {
                if block.stated.is_some() {
                    self.told.kept.push(format!("keeps the relation {arrow}, which was edited since"));
                }
                self.record.relation_texts.push(block.text);
            } else {
                self.told.bound.push(format!("takes out what version {} said of {arrow}", self.applied.version));
            }
        }
        Ok(())
    }

    /// Whether a relation stands in a page that the pattern made, as it was made; it goes from there into the record.
    fn goes_from_page(&self, relation: &Relation) -> bool {
        let source = self.work.loaded.model.element(relation.source);
        relation.place.path == source.file
            && self.since.made(relation.source).is_some()
            && !self.since.own_targets(relation.source).contains(&relation.target)
    }

    /// Merges a relation of the record with what the new version says of it.
    fn merge_block(&mut self, block: Block, wished: &Statement) {
        let Some(stated) = &block.stated else { return };
        let (mut old, mut new) = (stated.set.clone(), IndexMap::new());
        if is_only_more(stated) {
            new.extend(wished.set.iter().map(|(key, value)| (key.clone(), annotate::flow_yaml(value))));
        } else {
            old.insert("description".to_owned(), annotate::yaml_text(&stated.description));
            new.insert("description".to_owned(), annotate::yaml_text(&wished.description));
            new.extend(wished.said());
        }
        let pairs = |set: &IndexMap<String, String>| {
            set.iter().map(|(key, value)| (key.clone(), value.clone())).collect::<Vec<_>>()
        };
        let (before, after, mut now) =
            (Leaves::of_written(&pairs(&old)), Leaves::of_written(&pairs(&new)), Leaves::of_map(&block.said));
        let arrow = format!("`{}` → `{}`", block.source, block.target);
        let mut changed: Vec<String> = Vec::new();
        for path in before.paths_with(&after) {
            let (was, new, is) = (before.get(&path), after.get(&path), now.get(&path));
            let step = if now.is_alone(&path) { Step::Keep } else { decide(was, new, is) };
            match step {
                Step::Nothing => {}
                Step::Keep => self.told.kept.push(self.conflict(&arrow, &path, was, new, is)),
                Step::Set | Step::Clear => {
                    self.told.bound.push(change(&arrow, &path, was, new));
                    now.put(&path, new.cloned());
                    changed.push(path);
                }
            }
        }
        let (from, to) = (block.source.clone(), block.target.clone());
        let description = if is_only_more(stated) { String::new() } else { wished.description.clone() };
        new.shift_remove("description");
        self.record.stated.push(write::Stated { from, to, description, set: pairs(&new) });
        self.record.relation_texts.push(block_text(&self.applied.file, &block, &now.into_map(), &changed));
    }
}

/// Keys that say what an element is; its name stays, for ids are made of it.
const DESCRIBING_KEYS: [&str; 3] = ["description", "technology", "shape"];

/// A value, or that there is none, in words.
fn said(value: Option<&Value>) -> String {
    value.map_or_else(|| "nothing".to_owned(), |it| format!("`{}`", annotate::flow_yaml(it)))
}

/// A value that follows the pattern, in words.
fn change(of: &str, path: &str, was: Option<&Value>, new: Option<&Value>) -> String {
    match (was, new) {
        (None, _) => format!("adds `{path}` to {of}: {}", said(new)),
        (_, None) => format!("takes `{path}` out of {of}: it was {}", said(was)),
        _ => format!("changes `{path}` of {of} from {} to {}", said(was), said(new)),
    }
}

/// What differs between two versions of a page that nobody wrote in.
fn page_changes(id: &str, old: &str, new: &str) -> Vec<String> {
    let differences = |of: &str, before: &Leaves, after: &Leaves| -> Vec<String> {
        let paths = before.paths_with(after).into_iter().filter(|path| path != "patterns" && path != "relationships");
        let told = paths.filter_map(|path| {
            let (was, new) = (before.get(&path), after.get(&path));
            (decide(was, new, was) != Step::Nothing).then(|| change(of, &path, was, new))
        });
        told.collect()
    };
    let mut lines = differences(&format!("`{id}`"), &Leaves::of_front(old), &Leaves::of_front(new));
    let (before, after) = (page_relations(old), page_relations(new));
    for (key, leaves) in &after {
        match before.get(key) {
            Some(was) => lines.extend(differences(&format!("`{id}` → `{}`", key.0), was, leaves)),
            None => lines.push(format!("relates `{id}` → `{}`: {}", key.0, key.1)),
        }
    }
    let gone = before.keys().filter(|key| !after.contains_key(*key));
    lines.extend(gone.map(|key| format!("takes out the relation `{id}` → `{}`: {}", key.0, key.1)));
    if lines.is_empty() {
        let is_of_version = |line: &&str| line.trim_start().starts_with("- { id: ");
        let rest = |text: &str| text.lines().filter(|line| !is_of_version(line)).collect::<Vec<_>>().join("\n");
        let what = if rest(old) == rest(new) { "notes the version on" } else { "writes anew what it says on" };
        lines.push(format!("{what} the page of `{id}`"));
    }
    lines
}

/// The relations of a page by target and description.
fn page_relations(text: &str) -> IndexMap<(String, String), Leaves> {
    let entries = annotate::entries(text);
    let items = entries.get("relationships").and_then(Value::as_list).unwrap_or_default().iter();
    let one = |item: &Value| {
        let said: IndexMap<String, Value> =
            item.as_map()?.iter().map(|(key, entry)| (key.clone(), entry.value.clone())).collect();
        let text = |key: &str| said.get(key).and_then(Value::scalar_text).unwrap_or_default();
        Some(((text("to"), text("description")), Leaves::of_map(&said)))
    };
    items.filter_map(one).collect()
}

/// The text of a relation's table with other values; what did not change stays as it is written, with its remarks.
fn block_text(file: &FilePath, block: &Block, said: &IndexMap<String, Value>, changed: &[String]) -> String {
    let mut keys: Vec<&str> = changed.iter().map(|path| path.split('.').next().unwrap_or(path)).collect();
    keys.dedup();
    let mut lines: Vec<String> = block.text.trim_end().lines().map(str::to_owned).collect();
    for key in keys {
        let is_of =
            |line: &String| line.trim_start().strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('='));
        let written = said.get(key).map(|value| format!("{key} = {}", write::toml(value)));
        let at = lines.iter().position(is_of);
        match (at, written) {
            (Some(at), Some(written)) => lines[at] = written,
            (Some(at), None) => {
                lines.remove(at);
            }
            (None, Some(written)) => lines.push(written),
            (None, None) => {}
        }
    }
    let text = lines.join("\n");
    // A value over several lines is not told apart line by line; such a table is written anew.
    let (root, findings) = loko_model::load::toml_value(file, &text);
    let tables = root.as_map().and_then(|root| root.get("relationships")).and_then(|entry| entry.value.as_list());
    let reads = tables.and_then(<[Value]>::first).and_then(Value::as_map).is_some_and(|table| {
        said.iter().all(|(key, value)| table.get(key).is_some_and(|entry| annotate::is_same(&entry.value, value)))
    });
    if findings.is_empty() && reads { text } else { anew(block, said) }
}

fn anew(block: &Block, said: &IndexMap<String, Value>) -> String {
    let ends = [("source", &block.source), ("target", &block.target)]
        .map(|(key, id)| format!("{key} = {}", write::string(id)));
    let keys = said.iter().map(|(key, value)| format!("{key} = {}", write::toml(value)));
    std::iter::once("[[relationships]]".to_owned()).chain(ends).chain(keys).collect::<Vec<_>>().join("\n")
}

/// A text with the boxes ticked that are ticked in another.
fn with_ticks(text: &str, from: &str) -> String {
    let ticked: Vec<String> =
        from.lines().filter(|line| annotate::unticked(line) != *line).map(annotate::unticked).collect();
    let tick = |line: &str| {
        if ticked.iter().any(|known| known.trim() == line.trim()) {
            line.replacen("[ ]", "[x]", 1)
        } else {
            line.to_owned()
        }
    };
    text.split_inclusive('\n').map(tick).collect()
}

/// A section in which people wrote, with the points that are new, and without those that are gone and untouched.
fn merged_section(now: &str, old: &str, fresh: &str) -> String {
    let points = |text: &str| -> Vec<String> {
        text.lines().map(str::trim).filter(|line| line.starts_with("- [ ]")).map(str::to_owned).collect()
    };
    let (was, new) = (points(old), points(fresh));
    let mut lines: Vec<String> = now
        .split_inclusive('\n')
        .filter(|line| !was.contains(&line.trim().to_owned()) || new.contains(&line.trim().to_owned()))
        .map(str::to_owned)
        .collect();
    let is_point = |line: &String| ["- [ ]", "- [x]", "- [X]"].iter().any(|mark| line.trim_start().starts_with(mark));
    let mut at = lines.iter().rposition(is_point).map_or(lines.len(), |at| at + 1);
    for point in new.iter().filter(|point| !was.contains(point)) {
        if lines.iter().any(|line| annotate::unticked(line).trim() == point) {
            continue;
        }
        if let Some(last) = at.checked_sub(1).and_then(|at| lines.get_mut(at)).filter(|line| !line.ends_with('\n')) {
            last.push('\n');
        }
        lines.insert(at, format!("{point}\n"));
        at += 1;
    }
    lines.concat()
}
