//! Who plays each role: the elements that are bound to it, or new ones.

use crate::Refused;
use crate::pattern::{Pattern, Role, RoleKind};
use crate::template::{self, Params};
use indexmap::IndexMap;
use loko_model::{ElementIx, Kind, Loaded, Model, Value, name};
use loko_source::{Diagnostic, Snapshot};

/// An element that plays a role.
#[derive(Clone, Debug)]
pub(crate) struct Player {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) folder: String,
    /// The element, if it was there before.
    pub(crate) known: Option<ElementIx>,
}

/// What is known while a pattern is applied.
pub(crate) struct Work<'w> {
    pub(crate) snapshot: &'w Snapshot,
    pub(crate) loaded: &'w Loaded,
    pub(crate) pattern: &'w Pattern,
    pub(crate) params: Params,
    /// The parameters that somebody gave.
    pub(crate) given: Vec<String>,
    pub(crate) instance: String,
    pub(crate) players: IndexMap<String, Vec<Player>>,
    /// The roles that elements were bound to by name.
    pub(crate) named: Vec<String>,
    /// The id of the decision, when it is drafted already.
    pub(crate) drafted: Option<String>,
    /// The day that a drafted decision says; empty when it says none.
    pub(crate) date: String,
}

/// People are people; anything else can stand for anything else, for patterns hold at any level.
pub(crate) fn fits(role: &Role, model: &Model, ix: ElementIx) -> bool {
    (model.element(ix).kind == Kind::Person) == (role.kind == RoleKind::Person)
}

impl Work<'_> {
    /// Says who plays each role; roles that others lie in come first.
    pub(crate) fn cast(&mut self, bound: &IndexMap<String, Vec<ElementIx>>) -> Result<(), Refused> {
        let model = &self.loaded.model;
        let mut order: Vec<&String> = self.pattern.roles.keys().collect();
        order.sort_by_key(|role| self.depth(role));
        let is_own = |ix: &ElementIx| {
            let system = model.element(*ix);
            system.kind == Kind::System && !system.external
        };
        let is_inner = |role: &Role| matches!(role.kind, RoleKind::Container | RoleKind::Component);
        let inner = bound.iter().filter(|(role, _)| self.pattern.roles.get(*role).is_some_and(is_inner));
        let around = inner.flat_map(|(_, all)| all).filter_map(|ix| model.ancestry(*ix).last()).find(is_own);
        let mut wrong = Vec::new();
        let mut players: IndexMap<String, Vec<Player>> = IndexMap::new();
        for role_name in order {
            let role = &self.pattern.roles[role_name];
            let mut chosen: Vec<ElementIx> = bound.get(role_name).cloned().unwrap_or_default();
            let is_system = role.kind == RoleKind::System && !role.is_optional;
            if chosen.is_empty() && is_system && Some(role_name.as_str()) == self.pattern.system_role() {
                chosen.extend(around);
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
            _ => role
                .parent
                .as_ref()
                .map(|(parent, _)| parent.as_str())
                .or_else(|| self.pattern.system_role())
                .filter(|parent| *parent != name),
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
}
pub(crate) fn known(model: &Model, ix: ElementIx) -> Player {
    let element = model.element(ix);
    Player {
        id: element.id.to_string(),
        name: element.name.clone(),
        folder: element.folder().to_owned(),
        known: Some(ix),
    }
}

/// The relations from one element to another; those of their parts are theirs.
pub(crate) fn between(model: &Model, from: ElementIx, to: ElementIx) -> Vec<&loko_model::Relation> {
    let of = |ix: ElementIx, whole: ElementIx| ix == whole || model.is_within(ix, whole);
    let all = model.relations.iter().map(AsRef::as_ref);
    all.filter(|relation| of(relation.source, from) && of(relation.target, to)).collect()
}
