//! `apply`: a pattern becomes elements, relations, behaviour, checklists and the draft of a decision.
//!
//! Roles are played by elements that are bound to them, or that alone fit; for the others elements are made. Files that people wrote are
//! only ever added to. Relations that start at an element that was there before stand in the record of the
//! application, `patterns/applied/<name>.toml`, and say there what nobody said before.

use crate::cast::{Work, fits};
use crate::pattern::{ParamKind, Pattern, Role};
use crate::template::Params;
use crate::write;
use crate::{Catalogue, Plan, Refused};
use indexmap::IndexMap;
use loko_model::value::Data;
use loko_model::{Element, ElementIx, Loaded, Model, Resolution, Value, name};
use loko_source::suggest::did_you_mean;
use loko_source::{ChangeSet, Diagnostic, FileChange, FilePath, Severity, Snapshot, Span};

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
    /// Whether elements are made for all roles that nobody is bound to, also where some are there that could play them.
    pub is_new: bool,
    /// The day that a drafted decision says, `2026-11-21`; empty when it says none.
    pub date: String,
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
    let mut params = params(pattern, &wish.params)?;
    let mut bound = bindings(&loaded.model, pattern, wish)?;
    if let Some(known) = loaded.model.applied.iter().find(|applied| applied.name == instance) {
        return standing(&loaded.model, known, pattern, &wish.params, &params, &bound);
    }
    let named = bound.keys().cloned().collect();
    let settled = crate::places::settle(loaded, snapshot, pattern, wish)?;
    let only = Apply { bind: settled.bind, ..Apply::default() };
    for (role, players) in bindings(&loaded.model, pattern, &only)? {
        bound.entry(role).or_default().extend(players);
    }
    let mut given: Vec<String> = wish.params.iter().map(|(name, _)| name.clone()).collect();
    for (name, value) in followed(&loaded.model, pattern, &bound) {
        if !given.contains(&name) {
            given.push(name.clone());
            params.insert(name, value);
        }
    }
    let mut work = Work {
        snapshot,
        loaded,
        pattern,
        params,
        given,
        instance,
        players: IndexMap::new(),
        named,
        drafted: None,
        date: wish.date.clone(),
    };
    work.cast(&bound)?;
    work.check_lists()?;
    work.refuse_second()?;
    let mut plan = work.plan()?;
    plan.summary.splice(..0, settled.told);
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
pub(crate) fn params(pattern: &Pattern, given: &[(String, String)]) -> Result<Params, Refused> {
    let mut params: Params = pattern.params.iter().map(|(name, param)| (name.clone(), param.default.clone())).collect();
    let mut wrong = Vec::new();
    for (name, text) in given {
        let Some(param) = pattern.params.get(name) else {
            let message = format!("`{}` has no parameter `{name}`", pattern.id);
            let mut finding = Diagnostic::error("unknown-parameter", message);
            finding.help = did_you_mean(name, pattern.params.keys().map(String::as_str))
                .or_else(|| {
                    let known: Vec<&str> = pattern.params.keys().map(String::as_str).collect();
                    (!known.is_empty()).then(|| format!("its parameters are {}", known.join(", ")))
                })
                .map(Into::into);
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

/// The parameter that a text is, and nothing else.
fn whole(text: &str) -> Option<&str> {
    text.strip_prefix("${")?.strip_suffix('}')
}

/// The parameters that name what plays a role, or what that is made with, with what those who are bound say: the example
/// of the pattern is no word about them.
fn followed(model: &Model, pattern: &Pattern, bound: &IndexMap<String, Vec<ElementIx>>) -> Params {
    let mut followed = Params::new();
    for (role, players) in bound.iter().filter_map(|(role, players)| Some((pattern.roles.get(role)?, players))) {
        let text = |text: &str| Value { data: Data::Text(text.to_owned()), span: Span::at(0) };
        let elements: Vec<&Element> = players.iter().map(|ix| model.element(*ix)).collect();
        let Some(first) = elements.first() else { continue };
        let named = (role.names.len() == 1).then(|| whole(&role.names[0])).flatten();
        if let Some((name, param)) = named.and_then(|name| pattern.params.get_key_value(name)) {
            let value = match param.kind {
                ParamKind::Text => Some(text(&first.name)),
                ParamKind::Texts => {
                    let names = elements.iter().map(|element| text(&element.name)).collect();
                    Some(Value { data: Data::List(names), span: Span::at(0) })
                }
                _ => None,
            };
            followed.extend(value.map(|value| (name.clone(), value)));
        }
        if let Some((name, param)) = whole(&role.technology).and_then(|name| pattern.params.get_key_value(name))
            && param.kind == ParamKind::Text
            && !first.technology.is_empty()
        {
            followed.entry(name.clone()).or_insert_with(|| text(&first.technology));
        }
    }
    followed
}

/// Whether a parameter follows who plays a role.
fn follows(pattern: &Pattern, name: &str) -> bool {
    let named =
        |role: &Role| whole(&role.technology) == Some(name) || role.names.iter().any(|it| whole(it) == Some(name));
    pattern.roles.values().any(named)
}

/// Whether an element can play a role.
pub fn can_play(model: &Model, pattern: &Pattern, role: &str, element: &str) -> Result<(), Refused> {
    let wish = Apply { bind: vec![(role.to_owned(), element.to_owned())], ..Apply::default() };
    bindings(model, pattern, &wish).map(|_| ())
}

/// The elements bound to each role.
pub(crate) fn bindings(
    model: &Model,
    pattern: &Pattern,
    wish: &Apply,
) -> Result<IndexMap<String, Vec<ElementIx>>, Refused> {
    let mut bound: IndexMap<String, Vec<ElementIx>> = IndexMap::new();
    let mut wrong = Vec::new();
    let into = wish.into.iter().filter_map(|system| Some((pattern.system_role()?.to_owned(), system.clone())));
    for (role, written) in wish.bind.iter().cloned().chain(into) {
        let Some(plan) = pattern.roles.get(&role) else {
            let mut finding = Diagnostic::error("unknown-role", format!("`{}` has no role `{role}`", pattern.id));
            finding.help = did_you_mean(&role, pattern.roles.keys().map(String::as_str))
                .or_else(|| {
                    let known: Vec<&str> = pattern.roles.keys().map(String::as_str).collect();
                    Some(format!("its roles are {}", known.join(", ")))
                })
                .map(Into::into);
            wrong.push(finding);
            continue;
        };
        match element(model, &written) {
            Ok(ix) if fits(plan, model, ix) => {
                let players = bound.entry(role).or_default();
                if !players.contains(&ix) {
                    players.push(ix);
                }
            }
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
            finding.help =
                did_you_mean(written, model.elements.iter().map(|element| element.id.as_str())).map(Into::into);
            Err(finding)
        }
    }
}

/// The application is there already: fine when it is the one that is wished for.
fn standing(
    model: &Model,
    known: &loko_model::Applied,
    pattern: &Pattern,
    given: &[(String, String)],
    params: &Params,
    bound: &IndexMap<String, Vec<ElementIx>>,
) -> Result<Plan, Refused> {
    let mut differences = Vec::new();
    if known.pattern != pattern.id {
        differences.push(format!("it is an application of `{}`", known.pattern));
    }
    let is_wished = |name: &&String| given.iter().any(|(given, _)| given == *name) || !follows(pattern, name);
    for (name, value) in params.iter().filter(|(name, _)| is_wished(name)) {
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
            "version {} is applied, the catalogue has {}: `loko pattern upgrade {}` takes it over",
            known.version, pattern.version, known.name
        ));
    }
    Ok(Plan { changes: ChangeSet::new(), summary })
}

pub(crate) fn path_of(path: &str) -> Result<FilePath, Refused> {
    FilePath::new(path).map_err(|error| vec![Diagnostic::error("invalid-path", error.to_string())])
}

/// Adds changes to others; both are of the same snapshot.
pub(crate) fn add(changes: &mut ChangeSet, more: &ChangeSet) {
    for (path, change) in more.files() {
        match change {
            FileChange::Create(text) => changes.create(path.clone(), text.clone()),
            FileChange::Edit(edits) => edits.iter().for_each(|edit| changes.edit(path.clone(), edit.clone())),
            FileChange::Delete => changes.delete(path.clone()),
        }
    }
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
