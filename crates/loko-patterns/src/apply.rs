//! `apply`: a pattern becomes elements, relations, behaviour, checklists and the draft of a decision.
//!
//! Roles are played by elements that are bound to them; for the others elements are made. Files that people wrote are
//! only ever added to. Relations that start at an element that was there before stand in the record of the
//! application, `patterns/applied/<name>.toml`, and say there what nobody said before.

use crate::pattern::{Pattern, RelationPlan, Role, RoleKind};
use crate::template::{self, Params};
use crate::write::{self, ChangedText, Page, Record, Statement};
use crate::{Catalogue, Plan, Refused};
use indexmap::IndexMap;
use loko_model::applied::digest;
use loko_model::edit::annotate::{self, Annotation};
use loko_model::load::scope::APPLIED_FOLDER;
use loko_model::value::Data;
use loko_model::{ElementIx, Kind, Loaded, Model, Resolution, Value, name};
use loko_source::suggest::did_you_mean;
use loko_source::{ChangeSet, Diagnostic, FilePath, Severity, Snapshot, Span};

/// Where decisions are drafted when there are none yet.
const DECISIONS_FOLDER: &str = "decisions";

/// The wish to apply a pattern.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Apply {
    /// The pattern, by id or name.
    pub pattern: String,
    /// The application's name, when the pattern's id is taken.
    pub name: Option<String>,
    /// Parameters, as written.
    pub params: Vec<(String, String)>,
    /// Roles with the elements that play them; a role may come more than once.
    pub bind: Vec<(String, String)>,
    /// The system in which elements are made.
    pub into: Option<String>,
}

/// An element that plays a role.
#[derive(Clone, Debug)]
struct Player {
    id: String,
    name: String,
    folder: String,
    /// The element, if it was there before.
    known: Option<ElementIx>,
}

/// What is known while a pattern is applied.
struct Work<'w> {
    snapshot: &'w Snapshot,
    loaded: &'w Loaded,
    pattern: &'w Pattern,
    params: Params,
    instance: String,
    players: IndexMap<String, Vec<Player>>,
    /// The roles that elements were bound to by name.
    named: Vec<String>,
}

/// Applies a pattern.
pub fn apply(snapshot: &Snapshot, loaded: &Loaded, catalogue: &Catalogue, wish: &Apply) -> Result<Plan, Refused> {
    let pattern = catalogue.find(&wish.pattern).map_err(|finding| vec![finding])?;
    if pattern.is_anti {
        let message = format!("`{}` is an anti-pattern; it is mended, not applied", pattern.id);
        let help = match pattern.related.as_slice() {
            [] => "see what it is with `loko pattern show`".to_owned(),
            related => format!("what mends it: {}", related.join(", ")),
        };
        return Err(vec![Diagnostic::error("anti-pattern", message).help(help)]);
    }
    let instance = instance_name(wish, pattern)?;
    let params = params(pattern, &wish.params)?;
    let bound = bindings(&loaded.model, pattern, wish)?;
    if let Some(known) = loaded.model.applied.iter().find(|applied| applied.name == instance) {
        return standing(&loaded.model, known, pattern, &params, &bound);
    }
    let named = bound.keys().cloned().collect();
    let mut work = Work { snapshot, loaded, pattern, params, instance, players: IndexMap::new(), named };
    work.cast(&bound)?;
    let plan = work.plan()?;
    verify(snapshot, loaded, &plan.changes)?;
    Ok(plan)
}

fn instance_name(wish: &Apply, pattern: &Pattern) -> Result<String, Refused> {
    let wished = wish.name.as_deref().unwrap_or(&pattern.id);
    let slug = name::slug(wished);
    if slug.is_empty() {
        let message = format!("`{wished}` cannot name an application of a pattern");
        return Err(vec![Diagnostic::error("empty-name", message).help("use letters and digits")]);
    }
    Ok(slug)
}

/// The parameters with what was given, and defaults for the rest.
fn params(pattern: &Pattern, given: &[(String, String)]) -> Result<Params, Refused> {
    let mut params: Params = pattern.params.iter().map(|(name, param)| (name.clone(), param.default.clone())).collect();
    let mut wrong = Vec::new();
    for (name, text) in given {
        let Some(param) = pattern.params.get(name) else {
            let message = format!("`{}` has no parameter `{name}`", pattern.id);
            let mut finding = Diagnostic::error("unknown-parameter", message);
            finding.help = did_you_mean(name, pattern.params.keys().map(String::as_str)).or_else(|| {
                let known: Vec<&str> = pattern.params.keys().map(String::as_str).collect();
                (!known.is_empty()).then(|| format!("its parameters are {}", known.join(", ")))
            });
            wrong.push(finding);
            continue;
        };
        let value = param.kind.parse(text);
        match param.kind.check(&value) {
            Ok(()) => {
                params.insert(name.clone(), value);
            }
            Err(why) => {
                let message = format!("the parameter `{name}` cannot be `{text}`");
                wrong.push(Diagnostic::error("bad-value", message).help(why));
            }
        }
    }
    if wrong.is_empty() { Ok(params) } else { Err(wrong) }
}

/// The elements bound to each role.
fn bindings(model: &Model, pattern: &Pattern, wish: &Apply) -> Result<IndexMap<String, Vec<ElementIx>>, Refused> {
    let mut bound: IndexMap<String, Vec<ElementIx>> = IndexMap::new();
    let mut wrong = Vec::new();
    let into = wish.into.iter().filter_map(|system| Some((pattern.system_role()?.to_owned(), system.clone())));
    for (role, written) in wish.bind.iter().cloned().chain(into) {
        let Some(plan) = pattern.roles.get(&role) else {
            let mut finding = Diagnostic::error("unknown-role", format!("`{}` has no role `{role}`", pattern.id));
            finding.help = did_you_mean(&role, pattern.roles.keys().map(String::as_str)).or_else(|| {
                let known: Vec<&str> = pattern.roles.keys().map(String::as_str).collect();
                Some(format!("its roles are {}", known.join(", ")))
            });
            wrong.push(finding);
            continue;
        };
        match element(model, &written) {
            Ok(ix) if fits(plan, model, ix) => bound.entry(role).or_default().push(ix),
            Ok(ix) => {
                let element = model.element(ix);
                let message = format!("`{}` is a {}, which cannot be the {role}", element.id, element.kind.name());
                wrong.push(
                    Diagnostic::error("wrong-kind", message).help(format!("the {role} is a {}", plan.kind.name())),
                );
            }
            Err(finding) => wrong.push(finding),
        }
    }
    if wrong.is_empty() { Ok(bound) } else { Err(wrong) }
}

/// People are people; anything else can stand for anything else, for patterns hold at any level.
fn fits(role: &Role, model: &Model, ix: ElementIx) -> bool {
    (model.element(ix).kind == Kind::Person) == (role.kind == RoleKind::Person)
}

#[expect(clippy::result_large_err, reason = "a refusal is told and ends the command")]
fn element(model: &Model, written: &str) -> Result<ElementIx, Diagnostic> {
    match model.resolve(written) {
        Resolution::Found(ix) => Ok(ix),
        Resolution::Ambiguous(all) => {
            let ids: Vec<&str> = all.iter().map(|ix| model.element(*ix).id.as_str()).collect();
            let message = format!("`{written}` could mean any of {}", ids.join(", "));
            Err(Diagnostic::error("ambiguous-reference", message).help("write the full id"))
        }
        Resolution::Unknown => {
            let mut finding = Diagnostic::error("unresolved-reference", format!("there is no element `{written}`"));
            finding.help = did_you_mean(written, model.elements.iter().map(|element| element.id.as_str()));
            Err(finding)
        }
    }
}

/// The application is there already: fine when it is the one that is wished for.
fn standing(
    model: &Model,
    known: &loko_model::Applied,
    pattern: &Pattern,
    params: &Params,
    bound: &IndexMap<String, Vec<ElementIx>>,
) -> Result<Plan, Refused> {
    let mut differences = Vec::new();
    if known.pattern != pattern.id {
        differences.push(format!("it is an application of `{}`", known.pattern));
    }
    for (name, value) in params {
        if known.params.get(name).is_none_or(|known| write::toml(known) != write::toml(value)) {
            differences.push(format!("its parameter `{name}` differs"));
        }
    }
    for (role, elements) in bound {
        let plays = |ix: &ElementIx| crate::check::plays(model, *ix, &pattern.id, &known.name, role);
        let missing = elements.iter().filter(|ix| !plays(ix));
        differences.extend(missing.map(|ix| format!("`{}` is not its {role}", model.element(*ix).id)));
    }
    if !differences.is_empty() {
        let mut finding = Diagnostic::error("exists", format!("`{}` is applied already, and differs", known.name)).at(
            &known.file,
            known.span,
            "here",
        );
        finding.notes = differences;
        return Err(vec![finding.help(format!(
            "give this one another name with `--as NAME`, or take that one away with `loko pattern remove {}`",
            known.name
        ))]);
    }
    let mut summary = vec![format!("`{}` is applied already, as wished", known.name)];
    if known.version != pattern.version {
        summary.push(format!(
            "version {} is applied, the catalogue has {}: `loko pattern remove {}` and apply it again to take it over",
            known.version, pattern.version, known.name
        ));
    }
    Ok(Plan { changes: ChangeSet::new(), summary })
}

impl Work<'_> {
    /// Says who plays each role; roles that others lie in come first.
    fn cast(&mut self, bound: &IndexMap<String, Vec<ElementIx>>) -> Result<(), Refused> {
        let model = &self.loaded.model;
        let mut order: Vec<&String> = self.pattern.roles.keys().collect();
        order.sort_by_key(|role| self.depth(role));
        let around = bound.values().flatten().next().and_then(|ix| model.ancestry(*ix).last());
        let mut wrong = Vec::new();
        let mut players: IndexMap<String, Vec<Player>> = IndexMap::new();
        for role_name in order {
            let role = &self.pattern.roles[role_name];
            let mut chosen: Vec<ElementIx> = bound.get(role_name).cloned().unwrap_or_default();
            let is_system = role.kind == RoleKind::System && !role.is_optional;
            if chosen.is_empty() && is_system && Some(role_name.as_str()) == self.pattern.system_role() {
                chosen.extend(around.filter(|ix| {
                    let system = model.element(*ix);
                    system.kind == Kind::System && !system.external
                }));
            }
            if !chosen.is_empty() {
                players.insert(role_name.clone(), chosen.iter().map(|ix| known(model, *ix)).collect());
                continue;
            }
            if role.is_optional {
                continue;
            }
            match self.made(role_name, role, &players) {
                Ok(made) => {
                    players.insert(role_name.clone(), made);
                }
                Err(mut findings) => wrong.append(&mut findings),
            }
        }
        // In the order in which the pattern lists them.
        for role in self.pattern.roles.keys() {
            if let Some(found) = players.shift_remove(role) {
                self.players.insert(role.clone(), found);
            }
        }
        if wrong.is_empty() { Ok(()) } else { Err(wrong) }
    }

    fn depth(&self, role: &str) -> usize {
        let mut depth = 0;
        let mut at = role;
        while let Some(parent) = self.pattern.roles.get(at).and_then(|role| self.parent_role(at, role)) {
            depth += 1;
            at = parent;
            if depth > self.pattern.roles.len() {
                break;
            }
        }
        depth
    }

    /// The role in which a role's elements are made: as said, else the system.
    fn parent_role<'p>(&'p self, name: &str, role: &'p Role) -> Option<&'p str> {
        match role.kind {
            RoleKind::Person | RoleKind::System | RoleKind::External => None,
            _ => role.parent.as_deref().or_else(|| self.pattern.system_role()).filter(|parent| *parent != name),
        }
    }

    /// The elements that are made for a role.
    fn made(
        &self,
        role_name: &str,
        role: &Role,
        players: &IndexMap<String, Vec<Player>>,
    ) -> Result<Vec<Player>, Refused> {
        let model = &self.loaded.model;
        let parent = self.parent_role(role_name, role).and_then(|parent| players.get(parent)?.first());
        let names = if role.names.is_empty() { vec![role_name.replace('-', " ")] } else { role.names.clone() };
        let mut made = Vec::new();
        for template in names.iter().flat_map(|written| self.names_of(written)) {
            let name = template;
            let key = name::slug(&name);
            let (id, folder) = match parent {
                Some(parent) => (format!("{}/{key}", parent.id), format!("{}/{key}", parent.folder)),
                None => {
                    let source = model.project.source.as_str();
                    (key.clone(), if source.is_empty() { key } else { format!("{source}/{key}") })
                }
            };
            match model.find(&id) {
                // People and foreign systems are whoever they are called.
                Some(ix) if matches!(role.kind, RoleKind::Person | RoleKind::External) && fits(role, model, ix) => {
                    made.push(known(model, ix));
                }
                Some(ix) => {
                    let element = model.element(ix);
                    let message = format!("the {role_name} would be `{id}`, which is there already");
                    let finding = Diagnostic::error("exists", message).at(&element.file, element.name_span, "this one");
                    return Err(vec![finding.help(format!(
                        "bind it with `--bind {role_name}={id}`, or make the pattern's elements elsewhere with `--into SYSTEM`"
                    ))]);
                }
                None => made.push(Player { id, name, folder, known: None }),
            }
        }
        Ok(made)
    }

    /// A name with parameters filled in; a list becomes several names.
    fn names_of(&self, written: &str) -> Vec<String> {
        let whole = written.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
        match whole.and_then(|name| self.params.get(name)).and_then(Value::as_list) {
            Some(items) => items.iter().filter_map(Value::scalar_text).collect(),
            None => vec![template::text(written, &self.params, &IndexMap::new())],
        }
    }

    fn names(&self) -> IndexMap<String, Vec<String>> {
        let names = |players: &Vec<Player>| players.iter().map(|player| player.name.clone()).collect();
        self.players.iter().map(|(role, players)| (role.clone(), names(players))).collect()
    }

    fn plan(&self) -> Result<Plan, Refused> {
        let mut changes = ChangeSet::new();
        let mut summary = Vec::new();
        let mut record = Record {
            name: self.instance.clone(),
            pattern: self.pattern.id.clone(),
            version: self.pattern.version.clone(),
            params: self.params.clone(),
            ..Record::default()
        };
        let mut statements: Vec<Statement> = Vec::new();
        for relation in &self.pattern.relations {
            self.relate(relation, &mut statements);
        }
        let mut made: IndexMap<String, (FilePath, Page)> = IndexMap::new();
        let mut annotations: IndexMap<u32, (Annotation, Vec<String>, Vec<String>)> = IndexMap::new();
        let names = self.names();
        let filling = self.filling();
        for (role_name, players) in &self.players {
            let role = &self.pattern.roles[role_name];
            let entry = write::role_entry(self.pattern, &self.instance, role_name);
            let fill = |text: &String| template::text(text, &self.params, &names);
            let items: Vec<String> = role.document.iter().map(fill).collect();
            let lead = fill(&role.says);
            let set: Vec<(String, Value)> =
                template::table(&role.set, &filling).into_iter().map(|(key, entry)| (key, entry.value)).collect();
            // A system that was found, not named, and that the pattern asks nothing of plays no part.
            let is_mere_place = self.pattern.system_role() == Some(role_name)
                && !self.named.contains(role_name)
                && role.set.is_empty()
                && role.document.is_empty();
            for player in players.iter().filter(|player| player.known.is_none() || !is_mere_place) {
                match player.known {
                    None => {
                        let file = self.file_of(player, role)?;
                        let page = Page {
                            name: player.name.clone(),
                            description: fill(&role.description),
                            technology: fill(&role.technology),
                            shape: role.shape.map_or("", loko_model::ElementShape::name).to_owned(),
                            roles: vec![entry.clone()],
                            set: set.clone(),
                            relations: statements.iter().filter(|it| it.from == player.id).cloned().collect(),
                            section: write::section(self.pattern, std::slice::from_ref(&lead), &items),
                        };
                        summary.push(format!("creates the {role_name} `{}` in {file}", player.id));
                        made.insert(player.id.clone(), (file, page));
                    }
                    Some(ix) => {
                        let (annotation, leads, all) = annotations.entry(ix.0).or_insert_with(|| {
                            let empty =
                                Annotation { element: ix, set: Vec::new(), roles: Vec::new(), section: String::new() };
                            (empty, Vec::new(), Vec::new())
                        });
                        annotation.roles.push(entry.clone());
                        let text = self.text_of(ix);
                        for (key, value) in &set {
                            for (path, value) in annotate::open_keys(text, key, value) {
                                if annotation.set.iter().all(|(known, _)| *known != path) {
                                    annotation.set.push((path, value));
                                }
                            }
                        }
                        leads.push(lead.clone());
                        all.extend(items.iter().cloned());
                        summary.push(format!("makes `{}` the {role_name}", player.id));
                    }
                }
            }
        }
        for (id, (file, page)) in &made {
            let text = page.text();
            record.made.push(("element", id.clone(), digest(&text)));
            changes.create(file.clone(), text);
        }
        let mut all = Vec::new();
        for (_, (mut annotation, leads, items)) in annotations {
            let section = write::section(self.pattern, &leads, &items);
            if !section.is_empty() {
                annotation.section = annotate::section_for(self.text_of(annotation.element), &section);
            }
            record.changed.push(ChangedText {
                element: self.loaded.model.element(annotation.element).id.to_string(),
                set: annotation.set.clone(),
                roles: annotation.roles.clone(),
                section: annotation.section.clone(),
            });
            all.push(annotation);
        }
        annotate::annotate(self.snapshot, self.loaded, &all, &mut changes).map_err(Vec::from)?;
        record.relations = statements.into_iter().filter(|it| !made.contains_key(&it.from)).collect();
        summary.extend(record.relations.iter().map(|it| format!("relates `{}` → `{}`", it.from, it.to)));
        self.decide(&mut changes, &mut record, &mut summary)?;
        let path = path_of(&format!("{APPLIED_FOLDER}/{}.toml", self.instance))?;
        changes.create(path, record.text());
        Ok(Plan { changes, summary })
    }

    fn text_of(&self, ix: ElementIx) -> &str {
        self.snapshot.text(self.loaded.model.element(ix).file.as_str()).unwrap_or("")
    }

    fn file_of(&self, player: &Player, role: &Role) -> Result<FilePath, Refused> {
        let path = path_of(&format!("{}/{}.md", player.folder, role.kind.name()))?;
        if self.snapshot.paths_below(&player.folder).next().is_some() {
            let message = format!("the folder `{}` is there already", player.folder);
            return Err(vec![
                Diagnostic::error("exists", message).help("move it away, or bind what it holds to a role"),
            ]);
        }
        Ok(path)
    }

    /// The statements of a relation between all who play its roles.
    fn relate(&self, plan: &RelationPlan, statements: &mut Vec<Statement>) {
        let model = &self.loaded.model;
        let players = |role: &str| self.players.get(role).map_or(&[][..], Vec::as_slice);
        let set: Vec<(String, Value)> =
            template::table(&plan.set, &self.filling()).into_iter().map(|(key, entry)| (key, entry.value)).collect();
        let names = self.names();
        for from in players(&plan.from) {
            for to in players(&plan.to).iter().filter(|to| to.id != from.id) {
                let between = match (from.known, to.known) {
                    (Some(from), Some(to)) => between(model, from, to),
                    _ => Vec::new(),
                };
                if between.is_empty() && plan.is_optional {
                    continue;
                }
                let statement = Statement {
                    from: from.id.clone(),
                    to: to.id.clone(),
                    description: template::text(&plan.description, &self.params, &names),
                    technology: template::text(&plan.technology, &self.params, &names),
                    kind: Some(plan.kind),
                    event: template::text(&plan.event, &self.params, &names),
                    set: set.clone(),
                };
                if between.is_empty() {
                    statements.push(statement);
                    continue;
                }
                // What is there is only said more of; of several each by its words.
                for found in &between {
                    let description = if between.len() > 1 { found.description.clone() } else { String::new() };
                    let bare = Statement {
                        from: model.element(found.source).id.to_string(),
                        to: model.element(found.target).id.to_string(),
                        description,
                        technology: String::new(),
                        kind: None,
                        event: String::new(),
                        set: statement.set.clone(),
                    };
                    if !bare.set.is_empty() {
                        statements.push(bare);
                    }
                }
            }
        }
    }

    /// The number and id of the decision that is drafted under a title.
    fn decision_id(&self, title: &str) -> (u32, String) {
        let number = self.loaded.model.decisions.iter().filter_map(|decision| decision.number).max().unwrap_or(0) + 1;
        (number, format!("{number:04}-{}", name::slug(title)))
    }

    /// What fills in behaviour: the parameters, and as `decision` the id of the decision that is drafted.
    fn filling(&self) -> Params {
        let mut filling = self.params.clone();
        if let Some(draft) = &self.pattern.decision {
            let title = template::text(&draft.title, &self.params, &self.names());
            let (_, id) = self.decision_id(&title);
            filling.insert("decision".to_owned(), Value { data: Data::Text(id), span: Span::at(0) });
        }
        filling
    }

    fn decide(&self, changes: &mut ChangeSet, record: &mut Record, summary: &mut Vec<String>) -> Result<(), Refused> {
        let Some(draft) = &self.pattern.decision else { return Ok(()) };
        let names = self.names();
        let fill = |text: &String| template::text(text, &self.params, &names);
        let draft = crate::Draft {
            title: fill(&draft.title),
            context: fill(&draft.context),
            decision: fill(&draft.decision),
            good: draft.good.iter().map(fill).collect(),
            bad: draft.bad.iter().map(fill).collect(),
        };
        let (number, id) = self.decision_id(&draft.title);
        // Beside the decisions that there are.
        let folder = self.loaded.model.decisions.last().map_or(DECISIONS_FOLDER, |decision| decision.file.folder());
        let path = format!("{folder}/{id}.md");
        let mut elements: Vec<String> = Vec::new();
        for player in self.players.values().flatten() {
            if !elements.contains(&player.id) {
                elements.push(player.id.clone());
            }
        }
        let text = write::decision(number, &draft, &elements);
        record.made.push(("file", path.clone(), digest(&text)));
        summary.push(format!("drafts the decision {path}"));
        changes.create(path_of(&path)?, text);
        Ok(())
    }
}

fn known(model: &Model, ix: ElementIx) -> Player {
    let element = model.element(ix);
    Player {
        id: element.id.to_string(),
        name: element.name.clone(),
        folder: element.folder().to_owned(),
        known: Some(ix),
    }
}

/// The relations from one element to another; those of their parts are theirs.
fn between(model: &Model, from: ElementIx, to: ElementIx) -> Vec<&loko_model::Relation> {
    let of = |ix: ElementIx, whole: ElementIx| ix == whole || model.is_within(ix, whole);
    let all = model.relations.iter();
    all.filter(|relation| of(relation.source, from) && of(relation.target, to)).collect()
}

fn path_of(path: &str) -> Result<FilePath, Refused> {
    FilePath::new(path).map_err(|error| vec![Diagnostic::error("invalid-path", error.to_string())])
}

/// Refuses changes after which something is wrong that was not before.
pub(crate) fn verify(snapshot: &Snapshot, before: &Loaded, changes: &ChangeSet) -> Result<(), Refused> {
    let after = snapshot.overlay(changes).map_err(|error| {
        vec![Diagnostic::error("exists", error.to_string()).help("move it away, or give the application another name")]
    })?;
    let now = loko_model::load(&after);
    let known = |finding: &Diagnostic| {
        before.findings.iter().any(|old| old.code == finding.code && old.message == finding.message)
    };
    let wrong: Vec<Diagnostic> = now
        .findings
        .into_iter()
        .filter(|finding| finding.severity == Severity::Error && !known(finding))
        .map(|mut finding| {
            finding.message = format!("afterwards, {}", finding.message);
            // Places are those of texts that are not there yet.
            finding.primary = None;
            finding.secondary.clear();
            finding.fix = None;
            finding
        })
        .collect();
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}
