//! `link`: a relation between two elements.

use super::draft::Draft;
use super::front::Front;
use super::statements::{self, Stated};
use super::{Plan, Refusal, find, toml, update};
use crate::load::scope::RELATIONS_FILE;
use crate::{ElementIx, Loaded, Model, Origin, Relation, RelationKind};
use loko_source::{Diagnostic, FilePath, Snapshot};

/// Where a relation is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Home {
    /// In the front matter of the element at which it starts.
    FrontMatter,
    /// In the `relationships.toml` nearest to it.
    Toml,
}

/// The wish for a relation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// The element at which it starts, by id or name.
    pub source: String,
    /// The element to which it leads.
    pub target: String,
    /// What the source wants of the target.
    pub description: Option<String>,
    /// The protocol or means.
    pub technology: Option<String>,
    /// Whether the source does not wait.
    pub is_async: bool,
    /// The name of the event that travels.
    pub event: Option<String>,
    /// Whether the source announces something that happened, also when the event has no name.
    pub is_event: bool,
    /// Whether it goes both ways.
    pub is_bidirectional: bool,
    /// Labels.
    pub tags: Vec<String>,
    /// Where to write it; by default where the source's other relations are.
    pub home: Option<Home>,
}

impl Link {
    fn kind(&self) -> RelationKind {
        match (self.event.is_some() || self.is_event, self.is_async) {
            (true, _) => RelationKind::Event,
            (false, true) => RelationKind::Async,
            (false, false) => RelationKind::Sync,
        }
    }
}

/// Joins two elements.
pub fn link(snapshot: &Snapshot, loaded: &Loaded, wish: &Link) -> Result<Plan, Refusal> {
    let model = &loaded.model;
    let source = find::element(model, &wish.source)?;
    let target = find::element(model, &wish.target)?;
    let (from, to) = (&model.element(source).id, &model.element(target).id);
    if source == target {
        let message = format!("`{from}` cannot have a relation to itself");
        return Err(Refusal::invalid(Diagnostic::error("self-relation", message).help("name another element")));
    }
    if let Some(found) = standing(model, source, target, wish) {
        return existing(model, found, wish);
    }
    let text = |text: &Option<String>| text.as_deref().map(str::trim).unwrap_or_default().to_owned();
    let stated = Stated {
        to: to.to_string(),
        description: text(&wish.description),
        technology: text(&wish.technology),
        kind: wish.kind(),
        event: wish.event.clone().filter(|event| !event.trim().is_empty()),
        bidirectional: wish.is_bidirectional,
        tags: wish.tags.clone(),
    };
    let mut draft = Draft::new(snapshot);
    let home = wish.home.unwrap_or_else(|| home(snapshot, model, source));
    let file = match home {
        Home::Toml => into_toml(&mut draft, snapshot, model, source, &stated)?,
        Home::FrontMatter => match into_front_matter(&mut draft, model, source, &stated) {
            // A mapping holds each target once; a second relation to it finds room beside it.
            Err(_) if wish.home.is_none() && takes_no_more(snapshot, model, source, &stated) => {
                into_toml(&mut draft, snapshot, model, source, &stated)?
            }
            outcome => outcome?,
        },
    };
    let arrow = if wish.is_bidirectional { "↔" } else { "→" };
    let label = if stated.description.is_empty() { String::new() } else { format!(": {}", stated.description) };
    let summary = vec![format!("links `{from}` {arrow} `{to}`{label} in {file}")];
    let affected = vec![from.to_string(), to.to_string()];
    Ok(Plan { changes: draft.finish()?, summary, affected, ..Plan::default() })
}

/// The relation that the wish would make, if it stands there already. Without a description, any will do; one that has
/// none would take the wish's for its own.
fn standing<'m>(model: &'m Model, source: ElementIx, target: ElementIx, wish: &Link) -> Option<&'m Relation> {
    let between = |relation: &&Relation| relation.target == target;
    let wished = wish.description.as_deref().map(str::trim).filter(|text| !text.is_empty());
    let mut found = model.outgoing(source).iter().map(|ix| model.relation(*ix)).filter(between);
    let exact = found.clone().find(|relation| wished.is_none_or(|text| relation.description == text));
    exact.or_else(|| found.find(|relation| relation.description.is_empty()))
}

/// A relation stands there already: fine when nothing of the wish is missing in it.
fn existing(model: &Model, found: &Relation, wish: &Link) -> Result<Plan, Refusal> {
    let mut differences = Vec::new();
    let mut compare = |what: &str, wished: Option<&str>, found: &str| {
        if wished.is_some_and(|wished| wished.trim() != found) {
            differences.push(if found.is_empty() {
                format!("it has no {what}")
            } else {
                format!("its {what} is `{found}`")
            });
        }
    };
    compare("label", wish.description.as_deref(), &found.description);
    compare("technology", wish.technology.as_deref(), &found.technology);
    compare("event", wish.event.as_deref(), found.event.as_deref().unwrap_or(""));
    let kind = wish.kind();
    if kind != RelationKind::Sync {
        compare("type", Some(kind.name()), found.kind.name());
    }
    if wish.is_bidirectional && !found.bidirectional {
        differences.push("it goes one way".to_owned());
    }
    differences
        .extend(wish.tags.iter().filter(|tag| !found.tags.contains(tag)).map(|tag| format!("it has no tag `{tag}`")));
    let (from, to) = (&model.element(found.source).id, &model.element(found.target).id);
    if differences.is_empty() {
        return Ok(Plan::nothing(format!("`{from}` → `{to}` is linked already")));
    }
    let mut diagnostic = Diagnostic::error("exists", format!("`{from}` → `{to}` is linked already, and differs"))
        .at(&found.place.path, found.place.span, "stated here")
        .help("edit it there, take it away first with `loko unlink`, or give this one another `--label`");
    for difference in differences {
        diagnostic = diagnostic.note(difference);
    }
    Err(Refusal::exists(diagnostic))
}

/// Where the source's relations are: in a `relationships.toml` when all that it has are there, or when it has none and
/// the file stands beside it or above.
fn home(snapshot: &Snapshot, model: &Model, source: ElementIx) -> Home {
    let own: Vec<Origin> = model.outgoing(source).iter().map(|ix| model.relation(*ix).origin).collect();
    let prefers_toml = own.contains(&Origin::Toml) && !own.contains(&Origin::FrontMatter);
    if prefers_toml || (own.is_empty() && nearest_file(snapshot, model, source).is_some()) {
        Home::Toml
    } else {
        Home::FrontMatter
    }
}

/// The `relationships.toml` of the element, or of what it is part of.
fn nearest_file(snapshot: &Snapshot, model: &Model, source: ElementIx) -> Option<FilePath> {
    let folders = model.ancestry(source).map(|ix| model.element(ix).folder());
    let root = find::source_folder(model);
    let files = folders.chain([root.as_str()]).filter_map(|folder| FilePath::below(folder, RELATIONS_FILE).ok());
    files.into_iter().find(|file| snapshot.source(file.as_str()).is_some())
}

/// Whether the source's front matter has a mapping of relations with the target as a key.
fn takes_no_more(snapshot: &Snapshot, model: &Model, source: ElementIx, stated: &Stated) -> bool {
    let text = snapshot.text(model.element(source).file.as_str()).unwrap_or("");
    Front::read(text).is_ok_and(|front| {
        let entries = front.value(statements::KEY).and_then(crate::Value::as_map);
        entries.is_some_and(|entries| entries.contains_key(&stated.to))
    })
}

fn into_front_matter(
    draft: &mut Draft<'_>,
    model: &Model,
    source: ElementIx,
    stated: &Stated,
) -> Result<FilePath, Refusal> {
    let file = &model.element(source).file;
    let unfit = |error| update::unfit(file, &error);
    let front = Front::read(draft.text(file)?).map_err(unfit)?;
    let edits = statements::add(&front, stated).map_err(unfit)?;
    let count = statements::all(&front).len();
    let as_meant =
        |after: &Front<'_>| front.same_but(after, &[statements::KEY]) && statements::all(after).len() == count + 1;
    front.checked(&edits, as_meant).map_err(unfit)?;
    draft.edit_all(file, edits);
    Ok(file.clone())
}

fn into_toml(
    draft: &mut Draft<'_>,
    snapshot: &Snapshot,
    model: &Model,
    source: ElementIx,
    stated: &Stated,
) -> Result<FilePath, Refusal> {
    let mut keys = vec![("source", toml::string(&model.element(source).id)), ("target", toml::string(&stated.to))];
    keys.push(("label", toml::string(&stated.description)));
    if stated.kind != RelationKind::Sync {
        keys.push(("type", toml::string(stated.kind.name())));
    }
    if !stated.technology.is_empty() {
        keys.push(("technology", toml::string(&stated.technology)));
    }
    if let Some(event) = &stated.event {
        keys.push(("event", toml::string(event)));
    }
    if stated.bidirectional {
        keys.push(("direction", toml::string("bidirectional")));
    }
    if !stated.tags.is_empty() {
        let tags: Vec<String> = stated.tags.iter().map(|tag| toml::string(tag)).collect();
        keys.push(("tags", format!("[{}]", tags.join(", "))));
    }
    if let Some(file) = nearest_file(snapshot, model, source) {
        let text = draft.text(&file)?;
        let (root, _) = crate::load::toml::parse(text);
        let list = root.as_map().and_then(|entries| entries.get("relationships")).map(|entry| &entry.value);
        let edit = toml::append_table(text, "relationships", list.filter(|list| list.as_list().is_some()), &keys);
        draft.edit(&file, edit);
        return Ok(file);
    }
    let outermost = model.ancestry(source).last().unwrap_or(source);
    let file = FilePath::below(model.element(outermost).folder(), RELATIONS_FILE)
        .map_err(|error| Refusal::invalid(Diagnostic::error("invalid-path", error.to_string())))?;
    draft.create(file.clone(), toml::append_table("", "relationships", None, &keys).text);
    Ok(file)
}
