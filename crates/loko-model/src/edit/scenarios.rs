//! Scenarios: where their files name elements, how these names follow, and what of them goes when an element goes.
//!
//! What a scenario means is the business of who simulates it; here only those keys count whose values are names. They are
//! looked up as a simulation does it, and a name that finds no element is left alone.

use super::draft::Draft;
use super::{Refusal, naming, references, toml};
use crate::behaviour::Behaviour;
use crate::load::{self, scope::SCENARIOS_FOLDER};
use crate::schema::{At, split_key};
use crate::value::{Entry, Value};
use crate::{ElementIx, Model, Resolution};
use indexmap::IndexMap;
use loko_source::change::apply_edits;
use loko_source::{Diagnostic, FilePath, Place, Snapshot, TextEdit};
use rustc_hash::{FxHashMap, FxHashSet};
use std::ops::Range;

type Table = IndexMap<String, Entry>;

/// What a text names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// An element, or the relation `A -> B`.
    Target,
    /// What is changed: `ELEMENT.KEY`, `A -> B.KEY`, `load` or `load NAME`.
    Change,
    /// A load.
    Load,
}

/// The lists of tables in which names stand, and their keys.
const KEYS: [(&str, &[(&str, Form)]); 4] = [
    ("load", &[("from", Form::Target), ("to", Form::Target)]),
    ("expect", &[("of", Form::Target), ("load", Form::Load)]),
    ("sweep", &[("set", Form::Change)]),
    ("find", &[("smallest", Form::Change), ("largest", Form::Change)]),
];
/// The list of what goes wrong, each with a key of its own for the target.
const FAULTS: &str = "fault";
/// The keys of a fault that name nobody.
const NOT_OF_FAULTS: [&str; 5] = ["at", "for", "by", "share", "variant"];

/// A scenario as it is written.
struct Written<'s> {
    path: &'s FilePath,
    text: &'s str,
    top: Table,
}

fn all(snapshot: &Snapshot) -> impl Iterator<Item = Written<'_>> {
    snapshot.paths_below(SCENARIOS_FOLDER).filter(|path| path.extension() == Some("toml")).filter_map(|path| {
        let text = snapshot.text(path.as_str())?;
        Some(Written { path, text, top: tables_of(text) })
    })
}

fn tables_of(text: &str) -> Table {
    load::toml::parse(text).0.as_map().cloned().unwrap_or_default()
}

impl Written<'_> {
    fn items(&self, list: &str) -> Vec<&Table> {
        let items = self.top.get(list).and_then(|entry| entry.value.as_list()).unwrap_or_default();
        items.iter().filter_map(Value::as_map).collect()
    }

    /// The values of all tables that name something.
    fn values(&self) -> Vec<(&Value, Form)> {
        let lists = KEYS.iter().map(|(list, _)| *list).chain([FAULTS]);
        let mut all: Vec<(&Value, Form)> =
            lists.flat_map(|list| self.items(list).into_iter().flat_map(move |table| named_in(list, table))).collect();
        all.extend(self.swung().map(|entry| (&entry.value, Form::Load)));
        all
    }

    /// The load whose inputs are tried.
    fn swung(&self) -> Option<&Entry> {
        self.top.get("sensitivity")?.value.as_map()?.get("load")
    }

    /// The tables of changes that variants make, by what is changed.
    fn sets(&self) -> Vec<&Value> {
        self.items("variant").into_iter().filter_map(|table| Some(&table.get("set")?.value)).collect()
    }
}

/// The values of a table of a list that name something.
fn named_in<'t>(list: &str, table: &'t Table) -> Vec<(&'t Value, Form)> {
    if list == FAULTS {
        let keys = table.iter().filter(|(key, _)| !NOT_OF_FAULTS.contains(&key.as_str()));
        return keys
            .map(|(key, entry)| (&entry.value, if key == "spike" { Form::Load } else { Form::Target }))
            .collect();
    }
    let keys = KEYS.iter().find(|(known, _)| *known == list).map_or(&[][..], |(_, keys)| keys);
    keys.iter().filter_map(|(key, form)| Some((&table.get(*key)?.value, *form))).collect()
}

/// The elements that a text names, and where in it.
fn parts(model: &Model, text: &str, form: Form) -> Vec<(Range<usize>, ElementIx)> {
    let target = match form {
        Form::Target => text,
        Form::Change if load_of(text).is_some() => return Vec::new(),
        Form::Change => split_key(text).map_or("", |(target, _)| target),
        Form::Load => return Vec::new(),
    };
    let arrow = ["->", "→"].into_iter().find_map(|arrow| Some((target.find(arrow)?, arrow.len())));
    let ranges = match arrow {
        Some((at, length)) => vec![0..at, at + length..target.len()],
        None => std::iter::once(0..target.len()).collect(),
    };
    let found = |range: Range<usize>| {
        let name = target[range.clone()].trim();
        let start = range.start + (target[range.clone()].len() - target[range].trim_start().len());
        match model.resolve(name) {
            Resolution::Found(ix) if !name.is_empty() => Some((start..start + name.len(), ix)),
            _ => None,
        }
    };
    ranges.into_iter().filter_map(found).collect()
}

/// The load that a change names; an empty one when all are changed.
fn load_of(text: &str) -> Option<&str> {
    let text = text.trim();
    if text == "load" { Some("") } else { Some(text.strip_prefix("load ")?.trim()) }
}

/// The name of a load, and whether it is that of what it asks for want of one of its own.
fn load_name(table: &Table) -> Option<(&str, bool)> {
    let text = |key: &str| table.get(key).and_then(|entry| entry.value.as_text());
    text("name").or_else(|| text("view")).map(|name| (name, false)).or_else(|| Some((text("to")?, true)))
}

/// The text with names as they have to be written afterwards; none when it stays.
fn rewritten(before: &Model, after: &Model, text: &str, form: Form) -> Option<String> {
    let parts = parts(before, text, form);
    let with = |name: &dyn Fn(&str, ElementIx) -> Option<String>| {
        let mut new = text.to_owned();
        for (range, ix) in parts.iter().rev() {
            if let Some(name) = name(&text[range.clone()], *ix) {
                new.replace_range(range.clone(), &name);
            }
        }
        new
    };
    let elements = |parts: &[(Range<usize>, ElementIx)]| parts.iter().map(|(_, ix)| *ix).collect::<Vec<_>>();
    let mut new = with(&|written, ix| references::name_after(before, after, None, written, ix));
    // A name with an arrow or a point in it may read as something else here; an id does not.
    if elements(&self::parts(after, &new, form)) != elements(&parts) {
        new = with(&|_, ix| Some(after.element(ix).id.to_string()));
    }
    (new != text).then_some(new)
}

/// Rewrites all names in scenarios that would no longer find their elements, and gives the number of places.
pub(super) fn follow(
    draft: &mut Draft<'_>,
    snapshot: &Snapshot,
    before: &Model,
    after: &Model,
) -> Result<usize, Refusal> {
    let mut count = 0;
    for scenario in all(snapshot) {
        let edits = following(&scenario, before, after)?;
        if !edits.is_empty() {
            draft.text(scenario.path)?;
            count += edits.len();
            draft.edit_all(scenario.path, edits);
        }
    }
    Ok(count)
}

fn following(scenario: &Written<'_>, before: &Model, after: &Model) -> Result<Vec<TextEdit>, Refusal> {
    let loads = renamed_loads(scenario, before, after);
    let text = scenario.text;
    let mut edits = Vec::new();
    for (value, form) in scenario.values() {
        let Some(written) = value.as_text() else { continue };
        let new = match (form, load_of(written)) {
            (Form::Load, _) => loads.get(written).cloned(),
            (Form::Change, Some(load)) => loads.get(load).map(|new| format!("load {new}")),
            _ => rewritten(before, after, written, form),
        };
        edits.extend(new.map(|new| toml::replace_string(text, value.span, &new)));
    }
    let mut keys = Vec::new();
    for set in scenario.sets() {
        for (target, entry) in set.as_map().into_iter().flatten() {
            let new = rewritten(before, after, target, Form::Target);
            for span in new.iter().flat_map(|_| toml::occurrences(text, target, entry)) {
                edits.extend(new.as_deref().map(|new| toml::replace_key(text, span, new)));
            }
            keys.push(new.unwrap_or_else(|| target.clone()));
            edits.extend(values_following(text, target, entry, before, after));
        }
    }
    let changed = apply_edits(text, &edits).unwrap_or_default();
    let reread = Written { top: tables_of(&changed), text: &changed, path: scenario.path };
    let reread = reread.sets().into_iter().filter_map(Value::as_map).flat_map(|set| set.keys().cloned());
    if reread.ne(keys) {
        let message = format!("`{}` names elements in a way that cannot be edited safely", scenario.path);
        return Err(Refusal::invalid(Diagnostic::error("uneditable-file", message).help("make this change by hand")));
    }
    Ok(edits)
}

/// The values of behaviour among the changes of a target that name elements.
fn values_following(text: &str, target: &str, entry: &Entry, before: &Model, after: &Model) -> Vec<TextEdit> {
    let parts = parts(before, target, Form::Target);
    let (Some((_, from)), Some(table)) = (parts.first(), entry.value.as_map()) else { return Vec::new() };
    let at = if parts.len() > 1 { At::Relation } else { At::of_kind(before.element(*from).kind) };
    let new = |value: &&Value| {
        let (name, element) = naming::named(before, *from, value)?;
        references::name_after(before, after, Some(*from), &name, element)
    };
    let values = naming::values(Behaviour::of_table(at, table)).into_iter();
    values.filter_map(|value| Some(toml::replace_string(text, value.span, &new(&value)?))).collect()
}

/// The new names of loads that are called as what they ask.
fn renamed_loads(scenario: &Written<'_>, before: &Model, after: &Model) -> FxHashMap<String, String> {
    let names: Vec<(&str, bool)> = scenario.items("load").into_iter().filter_map(load_name).collect();
    let is_given = |name: &str| names.iter().any(|(other, follows)| *other == name && !follows);
    let following = names.iter().filter(|(name, follows)| *follows && !is_given(name));
    following
        .filter_map(|(name, _)| Some(((*name).to_owned(), rewritten(before, after, name, Form::Target)?)))
        .collect()
}

/// The places in scenarios that name elements which are to go.
pub(super) fn places(snapshot: &Snapshot, model: &Model, is_gone: impl Fn(ElementIx) -> bool) -> Vec<Place> {
    let mut places = Vec::new();
    for scenario in all(snapshot) {
        let names = |text: &str, form: Form| parts(model, text, form).iter().any(|(_, ix)| is_gone(*ix));
        let values = scenario.values().into_iter();
        let values =
            values.filter(|(value, form)| value.as_text().is_some_and(|text| names(text, *form))).map(|it| it.0.span);
        let sets = scenario.sets().into_iter().filter_map(Value::as_map).flatten();
        let keys = sets.filter(|(target, _)| names(target, Form::Target)).map(|(_, entry)| entry.key_span);
        places.extend(values.chain(keys).map(|span| Place::new(scenario.path.clone(), span)));
    }
    places
}

/// Takes what names such elements out of scenarios: loads with all that is said of them, faults, expectations, sweeps,
/// searches, and changes of variants. A scenario in which nobody asks for anything any more goes as a whole; gives these.
pub(super) fn remove(
    draft: &mut Draft<'_>,
    snapshot: &Snapshot,
    model: &Model,
    is_gone: impl Fn(ElementIx) -> bool,
) -> Result<Vec<FilePath>, Refusal> {
    let mut whole = Vec::new();
    for scenario in all(snapshot) {
        match left(&scenario, |text, form| parts(model, text, form).iter().any(|(_, ix)| is_gone(*ix))) {
            Some(edits) if edits.is_empty() => {}
            Some(edits) => {
                draft.text(scenario.path)?;
                draft.edit_all(scenario.path, edits);
            }
            None => {
                draft.delete(scenario.path);
                whole.push(scenario.path.clone());
            }
        }
    }
    Ok(whole)
}

/// The edits that leave what names others; none when nothing is left to simulate.
fn left(scenario: &Written<'_>, names_gone: impl Fn(&str, Form) -> bool) -> Option<Vec<TextEdit>> {
    let text = scenario.text;
    let loads = scenario.items("load");
    let goes = |list: &str, table: &Table, gone_loads: &FxHashSet<&str>| {
        named_in(list, table).into_iter().any(|(value, form)| {
            let Some(text) = value.as_text() else { return false };
            match (form, load_of(text)) {
                (Form::Load, _) => gone_loads.contains(text),
                (Form::Change, Some(load)) => gone_loads.contains(load),
                _ => names_gone(text, form),
            }
        })
    };
    let nobody = FxHashSet::default();
    let (gone, staying): (Vec<&Table>, Vec<&Table>) = loads.into_iter().partition(|load| goes("load", load, &nobody));
    if staying.is_empty() && !gone.is_empty() {
        return None;
    }
    let named = |tables: &[&'_ Table]| -> FxHashSet<String> {
        tables.iter().filter_map(|load| Some(load_name(load)?.0.to_owned())).collect()
    };
    let (gone, staying) = (named(&gone), named(&staying));
    let gone_loads: FxHashSet<&str> = gone.difference(&staying).map(String::as_str).collect();

    let mut edits = Vec::new();
    // A search needs something that is expected.
    let mut is_aimless = false;
    for list in ["load", FAULTS, "expect", "sweep", "find"] {
        let Some(entry) = scenario.top.get(list) else { continue };
        let items = entry.value.as_list().unwrap_or_default();
        let item_goes = |item: &Value| {
            let table_goes = item.as_map().is_some_and(|table| goes(list, table, &gone_loads));
            table_goes || (list == "find" && is_aimless)
        };
        let indices: Vec<usize> = (0..items.len()).filter(|at| item_goes(&items[*at])).collect();
        is_aimless |= list == "expect" && !items.is_empty() && indices.len() == items.len();
        edits.extend(toml::remove_list_items(text, entry, &indices));
    }
    let sensitivity = scenario.top.get("sensitivity").map(|entry| &entry.value);
    let swung = scenario.swung().and_then(|entry| entry.value.as_text());
    if let Some(table) = sensitivity.filter(|_| swung.is_some_and(|load| gone_loads.contains(load))) {
        edits.extend(toml::remove_entries(text, table, |key| key == "load"));
    }
    for set in scenario.sets() {
        edits.extend(toml::remove_entries(text, set, |target| names_gone(target, Form::Target)));
    }
    Some(edits)
}
