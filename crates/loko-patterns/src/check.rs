//! `check`: obligations of patterns held against the elements that play their roles.
//!
//! Who plays a role says so in its front matter (`patterns: [{ id, role }]`), written by hand or by `apply`. A pattern
//! named without a role is a remark, and is only looked up.

use crate::Catalogue;
use crate::facts::{self, Facts};
use crate::fixes;
use crate::pattern::{Limit, Must, Pattern, Role, Subject};
use crate::sound::is_core;
use crate::template;
use indexmap::IndexMap;
use loko_model::behaviour::{Behaviour, Cpu, Duration, Money, Number, Rate, Share, Size, Unit, key_at};
use loko_model::schema::{At, Takes, same_word};
use loko_model::{Element, ElementIx, ElementShape, Model, Relation, RelationKind};
use loko_source::suggest::did_you_mean;
use loko_source::{Diagnostic, Severity, Snapshot, Span};
use std::collections::BTreeMap;

/// What holds of one use of a pattern.
#[derive(Clone, Debug)]
pub struct Report {
    /// The pattern.
    pub pattern: String,
    /// The use: the pattern's id, or the name of one of several uses.
    pub name: String,
    /// Who plays which role.
    pub roles: IndexMap<String, Vec<ElementIx>>,
    /// Each obligation.
    pub verdicts: Vec<Verdict>,
    /// The roles that somebody has to play and nobody does.
    pub unplayed: Vec<String>,
    /// Remarks on those of them that no obligation speaks of.
    pub remarks: Vec<Diagnostic>,
    /// Boxes of checklists that are not ticked.
    pub open: usize,
    /// Boxes of checklists in all.
    pub boxes: usize,
    /// The first element with a box that is not ticked.
    pub first_open: Option<ElementIx>,
    /// What speaks against using it here, by facts counted in the model.
    pub against: Vec<String>,
}

/// Whether an obligation holds.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The code of its findings.
    pub code: String,
    /// What has to hold.
    pub says: String,
    /// What does not hold; empty when all is well.
    pub findings: Vec<Diagnostic>,
    /// Why nothing shows that it holds, where there is nothing that it could speak of.
    pub not_shown: Option<String>,
}

impl Verdict {
    /// Whether it holds, and something shows it.
    pub fn holds(&self) -> bool {
        self.findings.is_empty() && self.not_shown.is_none()
    }
}

/// The roles that an element says it plays: pattern, name of the use, role, place.
fn played(element: &Element) -> Vec<(String, String, Option<String>, Span)> {
    let span = element.behaviour.get("patterns").map_or(element.name_span, |value| value.span);
    let mut all = Vec::new();
    for item in Behaviour::of_element(element).items("patterns") {
        let Some(id) = item.text("id") else { continue };
        let place = item.find("id").map_or(span, |found| found.value.span);
        let name = item.text("instance").unwrap_or_else(|| id.clone());
        let roles = item.texts("role");
        if roles.is_empty() {
            all.push((id, name, None, place));
        } else {
            all.extend(roles.into_iter().map(|role| (id.clone(), name.clone(), Some(role), place)));
        }
    }
    all
}

/// Whether an element plays a role.
pub(crate) fn plays(model: &Model, ix: ElementIx, pattern: &str, name: &str, role: &str) -> bool {
    let wanted = |(id, of, known, _): &(String, String, Option<String>, Span)| {
        id == pattern && of == name && known.as_deref() == Some(role)
    };
    played(model.element(ix)).iter().any(wanted)
}

/// Who plays the roles of one use of a pattern.
pub(crate) fn players_of(model: &Model, pattern: &str, name: &str) -> IndexMap<String, Vec<ElementIx>> {
    let mut all: IndexMap<String, Vec<ElementIx>> = IndexMap::new();
    for ix in model.ids() {
        for (id, of, role, _) in played(model.element(ix)) {
            if let Some(role) = role.filter(|_| id == pattern && of == name) {
                all.entry(role).or_default().push(ix);
            }
        }
    }
    all
}

/// Who plays which roles in each use of a pattern, by the use's name.
pub(crate) fn uses_of(model: &Model, pattern: &str) -> BTreeMap<String, IndexMap<String, Vec<ElementIx>>> {
    let mut uses: BTreeMap<String, IndexMap<String, Vec<ElementIx>>> = BTreeMap::new();
    for ix in model.ids() {
        for (_, name, role, _) in played(model.element(ix)).into_iter().filter(|(id, ..)| id == pattern) {
            if let Some(role) = role {
                uses.entry(name).or_default().entry(role).or_default().push(ix);
            }
        }
    }
    uses
}

/// Checks every use of a pattern; the findings are about uses of what there is not.
pub fn check(model: &Model, snapshot: &Snapshot, catalogue: &Catalogue) -> (Vec<Report>, Vec<Diagnostic>) {
    let mut uses: BTreeMap<(String, String), IndexMap<String, Vec<ElementIx>>> = BTreeMap::new();
    let mut findings = Vec::new();
    for ix in model.ids() {
        let element = model.element(ix);
        for (id, name, role, place) in played(element) {
            let Some(pattern) = catalogue.get(&id) else {
                let message = format!("`{}` follows `{id}`, which is no pattern", element.id);
                let mut finding = Diagnostic::warning("unknown-pattern", message).at(&element.file, place, "not known");
                finding.help = did_you_mean(&id, catalogue.ids())
                    .or_else(|| Some("see them all with `loko pattern list`".to_owned()))
                    .map(Into::into);
                findings.push(finding);
                continue;
            };
            let Some(role) = role else { continue };
            if !pattern.roles.contains_key(&role) {
                let message = format!("`{id}` has no role `{role}`");
                let mut finding = Diagnostic::warning("unknown-role", message).at(&element.file, place, "here");
                finding.help = did_you_mean(&role, pattern.roles.keys().map(String::as_str))
                    .or_else(|| {
                        let known: Vec<&str> = pattern.roles.keys().map(String::as_str).collect();
                        Some(format!("its roles are {}", known.join(", ")))
                    })
                    .map(Into::into);
                findings.push(finding);
                continue;
            }
            uses.entry((id, name)).or_default().entry(role).or_default().push(ix);
        }
    }
    for applied in &model.applied {
        if catalogue.get(&applied.pattern).is_none() {
            let message = format!("`{}` is an application of `{}`, which is no pattern", applied.name, applied.pattern);
            let mut finding =
                Diagnostic::warning("unknown-pattern", message).at(&applied.file, applied.span, "not known");
            finding.help = did_you_mean(&applied.pattern, catalogue.ids()).map(Into::into);
            findings.push(finding);
        }
    }
    let facts = if uses.is_empty() { Facts::new() } else { facts::of_model(model) };
    let reports = uses
        .into_iter()
        .filter_map(|((id, name), roles)| {
            let pattern = catalogue.get(&id)?;
            let against = crate::suggest::against(pattern, &facts);
            Some(Report { against, ..report(model, snapshot, pattern, name, roles) })
        })
        .collect();
    (reports, findings)
}

/// All findings of all uses, for `validate`.
pub fn findings(model: &Model, snapshot: &Snapshot, catalogue: &Catalogue) -> Vec<Diagnostic> {
    let (reports, mut findings) = check(model, snapshot, catalogue);
    for report in reports {
        findings.extend(report.verdicts.into_iter().flat_map(|verdict| verdict.findings));
        findings.extend(report.remarks);
        if report.open > 0 {
            let first = report.first_open;
            let message = format!("{} of {} points of `{}` are not documented", report.open, report.boxes, report.name);
            let finding = Diagnostic::new("pattern-undocumented", Severity::Info, message);
            let finding = match first.map(|ix| model.element(ix)) {
                Some(element) => finding.at(&element.file, element.name_span, "has boxes that are not ticked"),
                None => finding,
            };
            findings.push(finding.help("write each down in the section of the element's page and tick its box"));
        }
    }
    findings
}

pub(crate) fn report(
    model: &Model,
    snapshot: &Snapshot,
    pattern: &Pattern,
    name: String,
    roles: IndexMap<String, Vec<ElementIx>>,
) -> Report {
    let mut params = params(model, pattern, &name);
    for (role, players) in roles.iter().filter(|(_, players)| !players.is_empty()) {
        let first = model.element(players[0]);
        template::with_player(&mut params, role, &first.id, &first.name);
    }
    let mut ids: IndexMap<String, Vec<String>> = roles
        .iter()
        .map(|(role, elements)| (role.clone(), elements.iter().map(|ix| model.element(*ix).name.clone()).collect()))
        .collect();
    for role in pattern.roles.keys() {
        ids.entry(role.clone()).or_insert_with(|| vec![format!("the {role}")]);
    }
    let case = Case { model, snapshot, pattern, roles: &roles, params: &params };
    let mut told = Told::default();
    // Where one obligation is that there is a relation at all, it tells when there is none.
    for must in &pattern.musts {
        if let Subject::Exists(from, to) = &must.subject {
            told.pairs.push((from.clone(), to.clone()));
        }
    }
    let verdicts: Vec<Verdict> = pattern
        .musts
        .iter()
        .map(|must| {
            let says = template::text(&must.says, &params, &ids);
            let mut findings = case.findings(must, &says);
            let not_shown = if findings.is_empty() { case.not_shown(must, &says, &mut told) } else { None };
            let not_shown = not_shown.map(|(why, finding)| {
                findings.extend(finding);
                why
            });
            Verdict { code: pattern.code(must), says, findings, not_shown }
        })
        .collect();
    let unplayed = case.unplayed();
    let counted = |role: &String| {
        pattern.musts.iter().zip(&verdicts).any(|(must, verdict)| {
            !verdict.findings.is_empty() && matches!(&must.subject, Subject::Count(of) if of == role)
        })
    };
    let untold = unplayed.iter().filter(|role| !told.roles.contains(*role) && !counted(role));
    let remarks: Vec<Diagnostic> = untold.map(|role| case.unplayed_role(&name, role)).collect();
    let (mut open, mut boxes) = (0, 0);
    let mut first_open = None;
    let mut seen: Vec<ElementIx> = Vec::new();
    for ix in roles.values().flatten() {
        if !seen.contains(ix) {
            seen.push(*ix);
            let element = model.element(*ix);
            let text = snapshot.text(element.file.as_str()).unwrap_or("");
            let (more_open, more) = ticks(text, &pattern.name);
            open += more_open;
            boxes += more;
            first_open = first_open.or((more_open > 0).then_some(*ix));
        }
    }
    let pattern = pattern.id.clone();
    Report { pattern, name, roles, verdicts, unplayed, remarks, open, boxes, first_open, against: Vec::new() }
}

/// The boxes below a heading: how many are not ticked, and how many there are.
fn ticks(text: &str, heading: &str) -> (usize, usize) {
    let mut inside = false;
    let (mut open, mut all) = (0, 0);
    for line in text.lines() {
        if let Some(title) = line.strip_prefix("## ") {
            inside = title.trim() == heading;
        } else if inside {
            let item = line.trim_start().trim_start_matches(['-', '*', '+']).trim_start();
            let ticked = item.starts_with("[x]") || item.starts_with("[X]");
            open += usize::from(item.starts_with("[ ]"));
            all += usize::from(ticked || item.starts_with("[ ]"));
        }
    }
    (open, all)
}

fn params(model: &Model, pattern: &Pattern, name: &str) -> template::Params {
    let mut params: template::Params =
        pattern.params.iter().map(|(name, param)| (name.clone(), param.default.clone())).collect();
    if let Some(applied) = model.applied.iter().find(|applied| applied.name == name && applied.pattern == pattern.id) {
        for (name, value) in &applied.params {
            params.insert(name.clone(), value.clone());
        }
    }
    params
}

/// What is missing for obligations to speak of, as far as it is told.
#[derive(Default)]
struct Told {
    pairs: Vec<(String, String)>,
    roles: Vec<String>,
}

struct Case<'c> {
    model: &'c Model,
    snapshot: &'c Snapshot,
    pattern: &'c Pattern,
    roles: &'c IndexMap<String, Vec<ElementIx>>,
    params: &'c template::Params,
}

impl Case<'_> {
    fn finding(&self, must: &Must, says: &str, message: String) -> Diagnostic {
        let help = if must.help.is_empty() {
            format!("see `loko pattern show {}`", self.pattern.id)
        } else {
            template::text(&must.help, self.params, &IndexMap::new())
        };
        Diagnostic::new(self.pattern.code(must), must.severity, message).note(says.to_owned()).help(help)
    }

    /// Why nothing shows that an obligation holds, and a finding where that is not told yet: there is nobody, or no
    /// relation, that it could speak of.
    fn not_shown(&self, must: &Must, says: &str, told: &mut Told) -> Option<(String, Option<Diagnostic>)> {
        let (roles, pair) = match &must.subject {
            Subject::Element(role) => (vec![role], None),
            Subject::Relation(from, to) => (vec![from, to], Some((from, to))),
            Subject::Exists(from, to) => (vec![from, to], None),
            // Nobody does what is forbidden as long as nobody is there to do it.
            Subject::Never(from, to) => (self.needed(&[from, to]), None),
            Subject::Count(_) => return None,
        };
        let id = &self.pattern.id;
        if let Some(role) = roles.iter().find(|role| **role != "*" && self.players(role).is_empty()) {
            let why = format!("nobody plays the {role}");
            let is_new = !told.roles.contains(role);
            told.roles.push((*role).clone());
            let finding = is_new.then(|| self.open_role(must, says, role));
            return Some((why, finding));
        }
        let (from, to) = pair.filter(|(from, to)| self.leading(from, to).is_empty())?;
        let anybody = |role: &str| if role == "*" { "anybody".to_owned() } else { format!("the {role}") };
        let why = format!("no relation leads from {} to {}", anybody(from), anybody(to));
        let known = (from.clone(), to.clone());
        let is_told = told.pairs.contains(&known) || from == "*" || to == "*";
        told.pairs.push(known);
        let finding = (!is_told).then(|| {
            let finding = self.finding(must, says, format!("{why} of `{id}`, so nothing shows that it holds"));
            let element = self.model.element(self.players(from)[0]);
            let to_ids: Vec<&str> = self.players(to).iter().map(|ix| self.model.element(*ix).id.as_str()).collect();
            finding.at(&element.file, element.name_span, format!("the {from}")).help(format!(
                "state the relation: `loko link {} {}`, or give the roles to others",
                element.id,
                to_ids.first().copied().unwrap_or("TARGET")
            ))
        });
        Some((why, finding))
    }

    /// Those of some roles that somebody has to play.
    fn needed<'r>(&self, roles: &[&'r String]) -> Vec<&'r String> {
        let is_optional = |role: &str| self.pattern.roles.get(role).is_some_and(|role| role.is_optional);
        roles.iter().copied().filter(|role| !is_optional(role)).collect()
    }

    /// The roles that somebody has to play and nobody does; a system that is only what the others lie in is none.
    fn unplayed(&self) -> Vec<String> {
        let is_place = |name: &str, role: &Role| {
            self.pattern.system_role() == Some(name) && role.set.is_empty() && role.document.is_empty()
        };
        let is_open = |(name, role): &(&String, &Role)| {
            !role.is_optional && !is_place(name, role) && self.players(name).is_empty()
        };
        self.pattern.roles.iter().filter(is_open).map(|(name, _)| name.clone()).collect()
    }

    /// A remark that nobody plays a role of which no obligation speaks.
    fn unplayed_role(&self, name: &str, role: &str) -> Diagnostic {
        let id = &self.pattern.id;
        let message = format!("nobody plays the {role} of `{name}`");
        let finding = Diagnostic::new("unplayed-role", Severity::Info, message);
        self.with_player(finding).help(format!(
            "write `patterns: [{{ id: {id}{}, role: {role} }}]` into the page of the element that does",
            if name == id { String::new() } else { format!(", instance: {name}") }
        ))
    }

    /// A finding at the first element that plays a role.
    fn with_player(&self, finding: Diagnostic) -> Diagnostic {
        match self.roles.values().flatten().next() {
            Some(first) => {
                let element = self.model.element(*first);
                finding.at(&element.file, element.name_span, "plays a role in it")
            }
            None => finding,
        }
    }

    /// A remark that nobody plays a role.
    fn open_role(&self, must: &Must, says: &str, role: &str) -> Diagnostic {
        let id = &self.pattern.id;
        let mut finding =
            self.finding(must, says, format!("nobody plays the {role} of `{id}`, so nothing shows that it holds"));
        finding.severity = finding.severity.min(Severity::Info);
        self.with_player(finding)
            .help(format!("write `patterns: [{{ id: {id}, role: {role} }}]` into the page of the element that does"))
    }

    fn findings(&self, must: &Must, says: &str) -> Vec<Diagnostic> {
        let finding = |message: String| self.finding(must, says, message);
        match &must.subject {
            Subject::Count(role) => self.count(must, role).map(finding).into_iter().collect(),
            Subject::Element(role) => {
                let players = self.players(role).iter();
                players
                    .filter_map(|ix| {
                        let element = self.model.element(*ix);
                        let wrong = self.element_wrong(must, *ix)?;
                        let message = format!("`{}` {wrong}", element.id);
                        let place = if element.name_span.is_empty() { Span::at(0) } else { element.name_span };
                        let mut finding = finding(message).at(&element.file, place, format!("the {role}"));
                        finding.fix = fixes::of_element(self.snapshot, self.pattern, self.params, must, element);
                        Some(finding)
                    })
                    .collect()
            }
            Subject::Relation(from, to) => {
                let all = self.leading(from, to);
                all.into_iter()
                    .filter_map(|relation| {
                        let wrong = self.relation_wrong(must, relation)?;
                        let mut finding = self.at(finding(format!("{} {wrong}", self.arrow(relation))), relation);
                        finding.fix =
                            fixes::of_relation(self.model, self.snapshot, self.pattern, self.params, must, relation);
                        Some(finding)
                    })
                    .collect()
            }
            Subject::Exists(from, to) => {
                let all = self.leading(from, to);
                if all.iter().any(|relation| self.relation_wrong(must, relation).is_none()) {
                    return Vec::new();
                }
                // Of roles that nobody plays nothing can be said.
                let Some(first) = self.players(from).iter().chain(self.players(to)).next() else { return Vec::new() };
                let element = self.model.element(*first);
                let message = format!("no relation leads from the {from} to the {to} of `{}`", self.pattern.id);
                vec![finding(message).at(&element.file, element.name_span, "plays a role in it")]
            }
            Subject::Never(from, to) => {
                let all = self.relations(from, to).into_iter();
                all.filter(|relation| self.relation_wrong(must, relation).is_none())
                    .map(|relation| {
                        let message = format!("{} goes from the {from} straight to the {to}", self.arrow(relation));
                        self.at(finding(message), relation)
                    })
                    .collect()
            }
        }
    }

    fn at(&self, finding: Diagnostic, relation: &Relation) -> Diagnostic {
        finding.at(&relation.place.path, relation.place.span, "this relation")
    }

    fn arrow(&self, relation: &Relation) -> String {
        format!("`{}` → `{}`", self.model.element(relation.source).id, self.model.element(relation.target).id)
    }

    fn players(&self, role: &str) -> &[ElementIx] {
        self.roles.get(role).map_or(&[], Vec::as_slice)
    }

    /// The relations from one role to another. Where nobody has to wait and none leads there straight, those by which a
    /// queue or topic between the two hands on what the one gave it.
    fn leading(&self, from: &str, to: &str) -> Vec<&Relation> {
        let direct = self.relations(from, to);
        let mut plans = self.pattern.relations.iter().filter(|plan| plan.from == from && plan.to == to);
        if !direct.is_empty() || plans.all(|plan| plan.kind == RelationKind::Sync) {
            return direct;
        }
        let is_between = |relation: &Relation| {
            let carrier = relation.source;
            let shape = self.model.element(carrier).shape;
            matches!(shape, Some(ElementShape::Queue | ElementShape::Topic))
                && self.model.relations.iter().any(|feed| feed.target == carrier && self.is_of(from, feed.source))
        };
        self.model
            .relations
            .iter()
            .map(AsRef::as_ref)
            .filter(|it| self.is_of(to, it.target) && is_between(it))
            .collect()
    }

    /// Whether an element plays a role, or is part of one that does.
    fn is_of(&self, role: &str, ix: ElementIx) -> bool {
        role == "*" || self.players(role).iter().any(|player| *player == ix || self.model.is_within(ix, *player))
    }

    /// The relations straight from one role to another; parts of a player count as the player.
    fn relations(&self, from: &str, to: &str) -> Vec<&Relation> {
        let part = |ix: ElementIx, player: ElementIx| player == ix || self.model.is_within(ix, player);
        // What happens inside of one player is its own affair.
        let is_inside = |relation: &Relation| {
            from == to && self.players(from).iter().any(|it| part(relation.source, *it) && part(relation.target, *it))
        };
        let all = self.model.relations.iter().map(AsRef::as_ref);
        all.filter(|it| self.is_of(from, it.source) && self.is_of(to, it.target) && !is_inside(it)).collect()
    }

    fn count(&self, must: &Must, role: &str) -> Option<String> {
        let found = self.players(role).len();
        match must.counts {
            (Some(min), _) if found < min => {
                Some(format!("`{}` has {found} of the role {role}, fewer than {min}", self.pattern.id))
            }
            (_, Some(max)) if found > max => {
                Some(format!("`{}` has {found} of the role {role}, more than {max}", self.pattern.id))
            }
            _ => None,
        }
    }

    /// What does not hold of an element.
    fn element_wrong(&self, must: &Must, ix: ElementIx) -> Option<String> {
        let element = self.model.element(ix);
        if !must.shapes.is_empty() {
            let shape = element.shape.map_or("", loko_model::ElementShape::name);
            if !must.shapes.iter().any(|wanted| wanted == shape) {
                return Some(format!("is no {}", must.shapes.join(" or ")));
            }
        }
        let core = |path: &str| match path {
            "description" => !element.description.is_empty(),
            "technology" => !element.technology.is_empty(),
            "owner" => self.model.owner(ix).is_some(),
            "tags" => !element.tags.is_empty(),
            _ => false,
        };
        self.behaviour_wrong(must, Behaviour::of_element(element), At::of_kind(element.kind), core)
    }

    /// What does not hold of a relation.
    fn relation_wrong(&self, must: &Must, relation: &Relation) -> Option<String> {
        if !must.kinds.is_empty() && !must.kinds.contains(&relation.kind) {
            let kinds: Vec<&str> = must.kinds.iter().map(|kind| kind.name()).collect();
            return Some(format!("is {}, not {}", relation.kind.name(), kinds.join(" or ")));
        }
        let core = |path: &str| match path {
            "description" => !relation.description.is_empty(),
            "technology" => !relation.technology.is_empty(),
            "event" => relation.event.is_some(),
            "tags" => !relation.tags.is_empty(),
            _ => false,
        };
        self.behaviour_wrong(must, Behaviour::of_relation(relation), At::Relation, core)
    }

    fn behaviour_wrong(
        &self,
        must: &Must,
        behaviour: Behaviour<'_>,
        at: At,
        core: impl Fn(&str) -> bool,
    ) -> Option<String> {
        let has = |path: &str| if is_core(path) { core(path) } else { behaviour.has(path) };
        if let Some(path) = must.has.iter().find(|path| !has(path)) {
            return Some(format!("says nothing of `{path}`"));
        }
        if !must.any.is_empty() && !must.any.iter().any(|path| has(path)) {
            return Some(format!("says nothing of `{}`", must.any.join("` or `")));
        }
        if let Some(path) = must.lacks.iter().find(|path| has(path)) {
            return Some(format!("has `{path}`"));
        }
        for (path, words) in &must.is {
            let fits = words.iter().any(|word| {
                let word = template::text(word, self.params, &IndexMap::new());
                behaviour.says(path, &word) || behaviour.text(path).is_some_and(|text| same_word(&text, &word))
            });
            if !fits {
                let said = behaviour.text(path).map_or_else(|| "nothing".to_owned(), |text| format!("`{text}`"));
                return Some(format!("has {said} as `{path}`, not `{}`", words.join("` or `")));
            }
        }
        for (limits, is_least) in [(&must.at_least, true), (&must.at_most, false)] {
            for limit in limits {
                if let Some(wrong) = self.beyond(behaviour, at, limit, is_least) {
                    return Some(wrong);
                }
            }
        }
        None
    }

    /// A value beyond a limit; one that is not there is none.
    fn beyond(&self, behaviour: Behaviour<'_>, at: At, limit: &Limit, is_least: bool) -> Option<String> {
        let text = behaviour.text(&limit.path)?;
        let wanted = template::text(&limit.value, self.params, &IndexMap::new());
        let takes = key_at(at, &limit.path)?.takes;
        let (found, bound) = (magnitude(takes, &text)?, magnitude(takes, &wanted)?);
        let fine = if is_least { found >= bound } else { found <= bound };
        let words = if is_least { "less" } else { "more" };
        (!fine).then(|| format!("has `{text}` as `{}`, {words} than {wanted}", limit.path))
    }
}

/// An amount as a number, for comparing it with another of its kind.
fn magnitude(takes: Takes, text: &str) -> Option<f64> {
    match takes {
        Takes::Amount(unit) => match unit {
            Unit::Duration => Duration::parse(text).ok().map(|it| it.nanos() as f64),
            Unit::Rate => Rate::parse(text).ok().map(Rate::per_second),
            Unit::Share => Share::parse(text).ok().map(Share::value),
            Unit::Percent => Share::parse_percent(text).ok().map(Share::value),
            Unit::Size => Size::parse(text).ok().map(|it| it.bytes() as f64),
            Unit::Money => Money::parse(text).ok().map(|it| it.amount()),
            Unit::Cpu => Cpu::parse(text).ok().map(|it| it.millis() as f64),
            Unit::Number => Number::parse(text).ok().map(Number::value),
        },
        Takes::AnyOf(all) => all.iter().find_map(|takes| magnitude(*takes, text)),
        Takes::Short(at, short) => magnitude(key_at(at, short)?.takes, text),
        _ => text.parse().ok(),
    }
}
