//! What applying a pattern comes to: what it wishes of each element and relation, and the changes that fulfil it.
//!
//! What is there already is only said more of. Where somebody says something else, that counts, and the plan names it;
//! where it was another use of the same pattern, the plan is refused, for the two would share one value.

use crate::apply::path_of;
use crate::cast::{Player, Work, between};
use crate::pattern::{RelationPlan, Role};
use crate::template::{self, Params};
use crate::write::{self, ChangedText, Made, Page, Record, Statement};
use crate::{Plan, Refused};
use indexmap::IndexMap;
use loko_model::behaviour::key_at;
use loko_model::edit::annotate::{self, Annotation};
use loko_model::load::scope::APPLIED_FOLDER;
use loko_model::schema::{At, Takes};
use loko_model::value::{Data, Entry};
use loko_model::{Applied, ElementIx, Relation, Value, name};
use loko_source::{ChangeSet, Diagnostic, FilePath, Span};

/// Where decisions are drafted when there are none yet.
const DECISIONS_FOLDER: &str = "decisions";

/// What a pattern wishes of an element.
pub(crate) struct Part {
    pub(crate) player: Player,
    /// The roles that it plays.
    pub(crate) roles: Vec<String>,
    pub(crate) description: String,
    pub(crate) technology: String,
    pub(crate) set: Vec<(String, Value)>,
    pub(crate) leads: Vec<String>,
    pub(crate) items: Vec<String>,
}

/// A relation that a pattern wishes.
pub(crate) struct Tie<'p> {
    pub(crate) plan: &'p RelationPlan,
    pub(crate) from: Player,
    pub(crate) to: Player,
    pub(crate) statement: Statement,
}

impl Work<'_> {
    fn names(&self) -> IndexMap<String, Vec<String>> {
        let names = |players: &Vec<Player>| players.iter().map(|player| player.name.clone()).collect();
        self.players.iter().map(|(role, players)| (role.clone(), names(players))).collect()
    }

    /// Refuses lists that have no item for somebody who plays the role that they are for.
    pub(crate) fn check_lists(&self) -> Result<(), Refused> {
        let mut wrong = Vec::new();
        for (name, param) in &self.pattern.params {
            let players: usize = param.each.iter().filter_map(|role| self.players.get(role)).map(Vec::len).sum();
            let items = self.params[name].as_list().map_or(0, <[Value]>::len);
            if items < players {
                let roles = param.each.join(" or ");
                let message =
                    format!("`{name}` has {items} items, fewer than the {players} elements that play the {roles}");
                let help = format!("name one for each, `--param {name}=…,…`: {}", param.says);
                wrong.push(Diagnostic::error("bad-value", message).help(help));
            }
        }
        if wrong.is_empty() { Ok(()) } else { Err(wrong) }
    }

    /// Refuses a second use of the pattern by the same elements: both would speak of the same values.
    pub(crate) fn refuse_second(&self) -> Result<(), Refused> {
        let model = &self.loaded.model;
        for other in self.others() {
            let theirs = crate::check::players_of(model, &self.pattern.id, &other.name);
            let all = |role: &String| theirs.get(role).map_or(&[][..], Vec::as_slice);
            let same = |(role, players): (&String, &Vec<Player>)| {
                let is_place = self.pattern.system_role() == Some(role) && all(role).is_empty();
                let mine: Vec<ElementIx> = players.iter().filter_map(|player| player.known).collect();
                is_place
                    || (mine.len() == players.len()
                        && mine.len() == all(role).len()
                        && mine.iter().all(|ix| all(role).contains(ix)))
            };
            if !theirs.is_empty() && self.players.iter().all(same) {
                let message = format!("the same elements use `{}` already, as `{}`", self.pattern.id, other.name);
                let finding = Diagnostic::error("exists", message).at(&other.file, other.span, "here");
                return Err(vec![finding.help(format!(
                    "other values are written there, or `loko pattern remove {}` and apply it again; a second use needs other elements",
                    other.name
                ))]);
            }
        }
        Ok(())
    }

    /// The other applications of the same pattern.
    fn others(&self) -> impl Iterator<Item = &Applied> {
        let all = self.loaded.model.applied.iter();
        all.filter(|other| other.pattern == self.pattern.id && other.name != self.instance)
    }

    /// What the pattern wishes of each element, by id.
    pub(crate) fn parts(&self) -> IndexMap<String, Part> {
        let names = self.names();
        let filling = self.filling();
        let mut parts: IndexMap<String, Part> = IndexMap::new();
        for (role_name, players) in &self.players {
            let role = &self.pattern.roles[role_name];
            // A system that was found, not named, and that the pattern asks nothing of plays no part.
            let is_mere_place = self.pattern.system_role() == Some(role_name)
                && !self.named.contains(role_name)
                && role.set.is_empty()
                && role.document.is_empty();
            for (at, player) in players.iter().enumerate().filter(|(_, it)| it.known.is_none() || !is_mere_place) {
                let filling = template::at_place(&filling, at + 1);
                let fill = |text: &String| template::text(text, &filling, &names);
                let part = parts.entry(player.id.clone()).or_insert_with(|| Part {
                    player: player.clone(),
                    roles: Vec::new(),
                    description: fill(&role.description),
                    technology: fill(&role.technology),
                    set: Vec::new(),
                    leads: Vec::new(),
                    items: Vec::new(),
                });
                part.roles.push(role_name.clone());
                for (key, entry) in template::table(&role.set, &filling) {
                    if part.set.iter().all(|(known, _)| *known != key) {
                        part.set.push((key, entry.value));
                    }
                }
                part.leads.push(fill(&role.says));
                part.items.extend(role.document.iter().map(fill));
            }
        }
        parts
    }

    /// The relations that the pattern wishes, between all who play their roles.
    pub(crate) fn ties(&self) -> Vec<Tie<'_>> {
        let names = self.names();
        let filling = self.filling();
        let players = |role: &str| self.players.get(role).map_or(&[][..], Vec::as_slice);
        let mut ties = Vec::new();
        for plan in &self.pattern.relations {
            let (sources, targets) = (players(&plan.from), players(&plan.to));
            for (first, from) in sources.iter().enumerate() {
                for (second, to) in targets.iter().enumerate().filter(|(_, to)| to.id != from.id) {
                    // Of a role that several play, the place says which of them is spoken of.
                    let at = if sources.len() > 1 { first } else { second };
                    let filling = template::at_place(&filling, at + 1);
                    let fill = |text: &String| template::text(text, &filling, &names);
                    let event = fill(&plan.event);
                    if event.is_empty() && !plan.event.is_empty() {
                        // An event beyond the list: there is none to be told of.
                        continue;
                    }
                    let set = template::table(&plan.set, &filling).into_iter().map(|(key, entry)| (key, entry.value));
                    let statement = Statement {
                        from: from.id.clone(),
                        to: to.id.clone(),
                        description: fill(&plan.description),
                        technology: fill(&plan.technology),
                        kind: Some(plan.kind),
                        event,
                        set: set.collect(),
                    };
                    ties.push(Tie { plan, from: from.clone(), to: to.clone(), statement });
                }
            }
        }
        ties
    }

    /// The relations that are there already for each tie; one is there for a single tie only, unless the pattern wishes
    /// for no more than one between the two.
    pub(crate) fn found(&self, ties: &[Tie<'_>]) -> Vec<Vec<&Relation>> {
        let model = &self.loaded.model;
        let mut all: Vec<Vec<&Relation>> = ties
            .iter()
            .map(|tie| match (tie.from.known, tie.to.known) {
                (Some(from), Some(to)) => between(model, from, to),
                _ => Vec::new(),
            })
            .collect();
        let shared: Vec<usize> = (0..ties.len())
            .filter(|at| {
                let beside = |other: &&Tie<'_>| other.from.id == ties[*at].from.id && other.to.id == ties[*at].to.id;
                !all[*at].is_empty() && ties.iter().filter(beside).count() > 1
            })
            .collect();
        let mut taken: Vec<&Relation> = Vec::new();
        let mut chosen: Vec<Option<&Relation>> = vec![None; ties.len()];
        // First those that say the same, then those of the same kind.
        for fits in [says_the_same, is_alike] {
            for at in shared.iter().copied() {
                let is_free = |it: &&&Relation| !taken.iter().any(|known| std::ptr::eq(*known, **it));
                if chosen[at].is_none() {
                    chosen[at] = all[at].iter().filter(is_free).find(|it| fits(&ties[at], it)).copied();
                    taken.extend(chosen[at]);
                }
            }
        }
        for at in shared {
            all[at] = chosen[at].into_iter().collect();
        }
        all
    }

    pub(crate) fn plan(&self) -> Result<Plan, Refused> {
        let mut changes = ChangeSet::new();
        let mut told = Told::default();
        let mut record = self.record();
        let statements = self.statements(&mut told)?;
        let mut annotations: Vec<Annotation> = Vec::new();
        for (id, part) in self.parts() {
            match part.player.known {
                None => {
                    let file = self.file_of(&part.player, &self.pattern.roles[&part.roles[0]])?;
                    let text = self.page(&part, statements.iter().filter(|it| it.from == id)).text();
                    told.new.push(format!("creates the {} `{id}` in {file}", part.roles.join(" and ")));
                    record.made.push(Made::element(&id, &text));
                    changes.create(file, text);
                }
                Some(ix) => {
                    let annotation = self.annotation(ix, &part, &mut told)?;
                    record.changed.push(ChangedText::of(&id, &annotation));
                    annotations.push(annotation);
                }
            }
        }
        annotate::annotate(self.snapshot, self.loaded, &annotations, &mut changes).map_err(Vec::from)?;
        let is_made = |id: &str| record.made.iter().any(|made| made.is_element(id));
        record.relations = statements.into_iter().filter(|it| !is_made(&it.from)).collect();
        self.decide(&mut changes, &mut record, &mut told.new)?;
        for (path, text) in self.files()? {
            self.add_file(path, text, &mut changes, &mut record, &mut told.new);
        }
        changes.create(self.record_path()?, record.text());
        Ok(Plan { changes, summary: told.lines() })
    }

    /// The files that go with the pattern, with everything filled in.
    pub(crate) fn files(&self) -> Result<Vec<(FilePath, String)>, Refused> {
        let (names, filling) = (self.names(), self.filling());
        let fill = |text: &String| template::text(text, &filling, &names);
        self.pattern.files.iter().map(|file| Ok((path_of(&fill(&file.path))?, fill(&file.text)))).collect()
    }

    /// Makes a file that is not there.
    pub(crate) fn add_file(
        &self,
        path: FilePath,
        text: String,
        changes: &mut ChangeSet,
        record: &mut Record,
        summary: &mut Vec<String>,
    ) {
        if self.snapshot.source(path.as_str()).is_none() {
            record.made.push(Made::file(path.as_str(), &text));
            summary.push(format!("drafts {path}"));
            changes.create(path, text);
        }
    }

    /// The record of this application, with nothing in it yet.
    pub(crate) fn record(&self) -> Record {
        Record {
            name: self.instance.clone(),
            pattern: self.pattern.id.clone(),
            version: self.pattern.version.clone(),
            params: self.params.clone(),
            given: self.given.clone(),
            players: self
                .players
                .iter()
                .map(|(role, players)| (role.clone(), players.iter().map(|player| player.id.clone()).collect()))
                .collect(),
            ..Record::default()
        }
    }

    pub(crate) fn record_path(&self) -> Result<FilePath, Refused> {
        path_of(&format!("{APPLIED_FOLDER}/{}.toml", self.instance))
    }

    /// The page of an element that is made.
    pub(crate) fn page<'s>(&self, part: &Part, relations: impl Iterator<Item = &'s Statement>) -> Page {
        let role = &self.pattern.roles[&part.roles[0]];
        Page {
            name: part.player.name.clone(),
            description: part.description.clone(),
            technology: part.technology.clone(),
            shape: role.shape.map_or("", loko_model::ElementShape::name).to_owned(),
            roles: self.entries(part),
            set: part.set.clone(),
            relations: relations.cloned().collect(),
            section: write::section(self.pattern, &part.leads, &part.items),
        }
    }

    /// The entries of `patterns` for an element.
    pub(crate) fn entries(&self, part: &Part) -> Vec<String> {
        part.roles.iter().map(|role| write::role_entry(self.pattern, &self.instance, role)).collect()
    }

    /// What is added to an element that is there.
    fn annotation(&self, ix: ElementIx, part: &Part, told: &mut Told) -> Result<Annotation, Refused> {
        let text = self.text_of(ix);
        let mut set: Vec<(String, String)> = Vec::new();
        let id = &part.player.id;
        for (key, value) in &part.set {
            let open = annotate::open_keys(text, key, value);
            if let Some((said, wished)) = annotate::otherwise(text, key, value) {
                if let Some(other) = self.others().find(|other| touches_element(other, ix)) {
                    return Err(vec![clash(&format!("`{id}`"), key, &said, &wished, other)]);
                }
                told.kept.push(format!("keeps `{key}` of `{id}`: `{said}`; the pattern's would be `{wished}`"));
            }
            set.extend(open);
        }
        let keys: Vec<&str> = set.iter().map(|(key, _)| key.as_str()).collect();
        let roles = part.roles.join(" and ");
        told.bound.push(format!("binds `{id}` as the {roles}{}", with_keys(", adds", &keys)));
        let section = write::section(self.pattern, &part.leads, &part.items);
        let section = if section.is_empty() { section } else { annotate::section_for(text, &section) };
        Ok(Annotation { element: ix, set, roles: self.entries(part), section, relations: Vec::new() })
    }

    pub(crate) fn text_of(&self, ix: ElementIx) -> &str {
        self.snapshot.text(self.loaded.model.element(ix).file.as_str()).unwrap_or("")
    }

    pub(crate) fn file_of(&self, player: &Player, role: &Role) -> Result<FilePath, Refused> {
        let path = path_of(&format!("{}/{}.md", player.folder, role.kind.name()))?;
        if self.snapshot.paths_below(&player.folder).next().is_some() {
            let message = format!("the folder `{}` is there already", player.folder);
            return Err(vec![
                Diagnostic::error("exists", message).help("move it away, or bind what it holds to a role"),
            ]);
        }
        Ok(path)
    }

    /// The statements of relations that are to be written: new ones, and what is to be said more of those that are there.
    fn statements(&self, told: &mut Told) -> Result<Vec<Statement>, Refused> {
        let ties = self.ties();
        let found = self.found(&ties);
        let mut statements = Vec::new();
        for (tie, there) in ties.iter().zip(found) {
            if there.is_empty() {
                if !tie.plan.is_optional {
                    told.related.push(format!(
                        "relates `{}` → `{}`: {}",
                        tie.from.id,
                        tie.to.id,
                        tie.statement.words()
                    ));
                    statements.push(tie.statement.clone());
                }
                continue;
            }
            let is_one = there.len() == 1 && between_of(self, tie) == 1;
            for relation in there {
                statements.extend(self.more(&tie.statement, relation, is_one, told)?);
            }
        }
        Ok(statements)
    }

    /// What is said more of a relation that is there; of several each by its words.
    pub(crate) fn more(
        &self,
        wished: &Statement,
        relation: &Relation,
        is_one: bool,
        told: &mut Told,
    ) -> Result<Option<Statement>, Refused> {
        let model = &self.loaded.model;
        let (from, to) = (model.element(relation.source).id.to_string(), model.element(relation.target).id.to_string());
        let arrow = format!("`{from}` → `{to}`");
        let mut set = Vec::new();
        for (key, value) in &wished.set {
            let Some(known) = relation.behaviour.get(key) else {
                set.push((key.clone(), value.clone()));
                continue;
            };
            let (open, otherwise) = open_part(key, known, value);
            if otherwise {
                let (said, wished) = (annotate::flow_yaml(known), annotate::flow_yaml(value));
                if let Some(other) = self.others().find(|other| touches_relation(other, relation)) {
                    return Err(vec![clash(&arrow, key, &said, &wished, other)]);
                }
                told.kept.push(format!("keeps `{key}` of {arrow}: `{said}`; the pattern's would be `{wished}`"));
            }
            set.extend(open.map(|open| (key.clone(), open)));
        }
        let keys: Vec<&str> = set.iter().map(|(key, _)| key.as_str()).collect();
        told.bound.push(format!("finds the relation {arrow}{}", with_keys(", adds", &keys)));
        let description = if is_one { String::new() } else { relation.description.clone() };
        let bare = Statement { from, to, description, set, ..Statement::default() };
        Ok(Some(bare).filter(|bare| !bare.set.is_empty()))
    }

    /// The number and id of the decision that is drafted under a title.
    fn decision_id(&self, title: &str) -> (u32, String) {
        let number = self.loaded.model.decisions.iter().filter_map(|decision| decision.number).max().unwrap_or(0) + 1;
        (number, format!("{number:04}-{}", name::slug(title)))
    }

    /// What fills in texts and behaviour: the parameters, how many play each role, and as `decision` the id of the
    /// decision that is drafted.
    fn filling(&self) -> Params {
        let mut filling = self.params.clone();
        for (role, players) in &self.players {
            template::with_count(&mut filling, role, players.len());
            if let Some(first) = players.first() {
                template::with_player(&mut filling, role, &first.id, &first.name);
            }
        }
        if let Some(draft) = &self.pattern.decision {
            let title = template::text(&draft.title, &self.params, &self.names());
            let id = self.drafted.clone().unwrap_or_else(|| self.decision_id(&title).1);
            filling.insert("decision".to_owned(), Value { data: Data::Text(id), span: Span::at(0) });
        }
        filling
    }

    /// The decision with everything filled in, when the pattern drafts one.
    pub(crate) fn draft(&self) -> Option<crate::Draft> {
        let draft = self.pattern.decision.as_ref()?;
        let names = self.names();
        let fill = |text: &String| template::text(text, &self.params, &names);
        Some(crate::Draft {
            title: fill(&draft.title),
            context: fill(&draft.context),
            decision: fill(&draft.decision),
            good: draft.good.iter().map(fill).collect(),
            bad: draft.bad.iter().map(fill).collect(),
        })
    }

    /// The text of a decision about all who play a role.
    pub(crate) fn decision_text(&self, number: Option<u32>, date: &str, draft: &crate::Draft) -> String {
        let mut elements: Vec<String> = Vec::new();
        for player in self.players.values().flatten() {
            if !elements.contains(&player.id) {
                elements.push(player.id.clone());
            }
        }
        write::decision(number, date, draft, &elements)
    }

    /// Drafts the decision in a file of its own.
    pub(crate) fn decide(
        &self,
        changes: &mut ChangeSet,
        record: &mut Record,
        summary: &mut Vec<String>,
    ) -> Result<(), Refused> {
        let Some(draft) = self.draft() else { return Ok(()) };
        let (number, id) = self.decision_id(&draft.title);
        // Beside the decisions that there are.
        let folder = self.loaded.model.decisions.last().map_or(DECISIONS_FOLDER, |decision| decision.file.folder());
        let path = format!("{folder}/{id}.md");
        let text = self.decision_text(Some(number), &self.date, &draft);
        record.made.push(Made::file(&path, &text));
        summary.push(format!("drafts the decision {path}"));
        changes.create(path_of(&path)?, text);
        Ok(())
    }
}

/// Whether a relation is described as a tie, or carries its event.
fn says_the_same(tie: &Tie<'_>, relation: &Relation) -> bool {
    let event = relation.event.as_deref().unwrap_or("");
    relation.description.eq_ignore_ascii_case(&tie.statement.description)
        || (!event.is_empty() && event == tie.statement.event)
}

/// Whether a relation could be meant by a tie: of its kind, and without an event of its own.
fn is_alike(tie: &Tie<'_>, relation: &Relation) -> bool {
    relation.kind == tie.plan.kind && (tie.statement.event.is_empty() || relation.event.is_none())
}

/// How many relations lead from the one end of a tie to the other.
fn between_of(work: &Work<'_>, tie: &Tie<'_>) -> usize {
    match (tie.from.known, tie.to.known) {
        (Some(from), Some(to)) => between(&work.loaded.model, from, to).len(),
        _ => 0,
    }
}

/// What a plan is told as: what is new, what is bound, what stays as somebody else said it.
#[derive(Default)]
pub(crate) struct Told {
    pub(crate) new: Vec<String>,
    pub(crate) bound: Vec<String>,
    pub(crate) related: Vec<String>,
    pub(crate) kept: Vec<String>,
}

impl Told {
    pub(crate) fn lines(self) -> Vec<String> {
        [self.bound, self.new, self.related, self.kept].concat()
    }
}

fn with_keys(lead: &str, keys: &[&str]) -> String {
    if keys.is_empty() { String::new() } else { format!("{lead} `{}`", keys.join("`, `")) }
}

/// What of a value a relation lacks, and whether it says something else already.
pub(crate) fn open_part(key: &str, known: &Value, wished: &Value) -> (Option<Value>, bool) {
    let Data::Map(wished_entries) = &wished.data else { return (None, !annotate::is_same(known, wished)) };
    // A value alone is the table that it stands for.
    let alone = match (&known.data, key_at(At::Relation, key).map(|key| key.takes)) {
        (Data::Map(_), _) => None,
        (_, Some(Takes::Short(_, short))) => {
            Some(IndexMap::from([(short.to_owned(), Entry { key_span: known.span, value: known.clone() })]))
        }
        _ => return (None, !annotate::is_same(known, wished)),
    };
    let Some(there) = known.as_map().or(alone.as_ref()) else { return (None, true) };
    let otherwise = wished_entries
        .iter()
        .any(|(inner, entry)| there.get(inner).is_some_and(|known| !annotate::is_same(&known.value, &entry.value)));
    let open: IndexMap<String, Entry> = wished_entries
        .iter()
        .filter(|(inner, _)| !there.contains_key(*inner))
        .map(|(inner, entry)| (inner.clone(), entry.clone()))
        .collect();
    let open = (!open.is_empty()).then(|| Value { data: Data::Map(open), span: wished.span });
    (open, otherwise)
}

/// Whether an application says something of a relation.
fn touches_relation(other: &Applied, relation: &Relation) -> bool {
    relation.place.path == other.file
        || relation.also.contains(&other.file)
        || other.made.iter().any(|made| made.element == Some(relation.source))
}

/// Whether an application says something of an element.
fn touches_element(other: &Applied, ix: ElementIx) -> bool {
    other.made.iter().any(|made| made.element == Some(ix)) || other.changed.iter().any(|changed| changed.element == ix)
}

fn clash(of: &str, key: &str, said: &str, wished: &str, other: &Applied) -> Diagnostic {
    let message = format!("`{key}` of {of} is `{said}` for `{}`; this use would make it `{wished}`", other.name);
    Diagnostic::error("exists", message).at(&other.file, other.span, "the first use").help(format!(
        "two uses share the value: give this one the same parameters, bind other elements, or take the first away with `loko pattern remove {}`",
        other.name
    ))
}
