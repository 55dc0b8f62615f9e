//! The architecture as flat rows: an id says where an element stands, so nothing has to be nested or said twice.

use crate::problem::Problem;
use crate::project::State;
use loko_model::select::Select;
use loko_model::{ElementIx, Kind, Model, RelationIx, view};
use loko_source::Severity;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// How much of an element's prose is told.
const PROSE_BYTES_MAX: usize = 8000;

/// How much to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Level {
    Summary,
    Structure,
    Full,
}

impl Level {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Summary => "summary",
            Self::Structure => "structure",
            Self::Full => "full",
        }
    }

    pub(crate) fn from_name(name: &str) -> Result<Self, Problem> {
        [Self::Summary, Self::Structure, Self::Full]
            .into_iter()
            .find(|level| level.name().eq_ignore_ascii_case(name))
            .ok_or_else(|| {
                Problem::new(format!("there is no level of detail `{}`", crate::problem::clip(name, 40)))
                    .help("the levels are `summary`, `structure` and `full`")
            })
    }

    /// How many tokens it takes when nobody says.
    pub(crate) fn tokens_max(self) -> usize {
        match self {
            Self::Summary => 300,
            Self::Structure => 2000,
            Self::Full => crate::answer::TOKENS_DEFAULT,
        }
    }
}

/// What to tell.
pub(crate) struct Outline {
    pub(crate) level: Level,
    pub(crate) only: Option<ElementIx>,
    pub(crate) with_relations: bool,
    pub(crate) with_views: bool,
    /// What picks the elements that are told of.
    pub(crate) select: Option<Select>,
    /// How many rows of each list are made; more would not be told anyway.
    pub(crate) rows_max: usize,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Outlined {
    project: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    about: String,
    revision: String,
    counts: Counts,
    /// The prose of the element that was asked for.
    #[serde(skip_serializing_if = "String::is_empty")]
    prose: String,
    /// At `summary` the people and systems; further down at `structure` and `full`.
    elements: Vec<Row>,
    #[serde(skip_serializing_if = "Option::is_none")]
    relations: Option<Vec<RelationRow>>,
    /// Views that can be drawn with `render`.
    #[serde(skip_serializing_if = "Option::is_none")]
    views: Option<Vec<ViewRow>>,
}

#[derive(Serialize, JsonSchema)]
struct Counts {
    people: usize,
    systems: usize,
    containers: usize,
    components: usize,
    relations: usize,
    decisions: usize,
    errors: usize,
    warnings: usize,
}

/// An element; what is not told at a level is left out.
#[derive(Serialize, JsonSchema)]
struct Row {
    id: String,
    /// `person`, `system`, `external`, `container` or `component`.
    kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    technology: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct RelationRow {
    source: String,
    target: String,
    description: String,
    technology: String,
    /// `sync`, `async` or `event`.
    kind: String,
}

#[derive(Serialize, JsonSchema)]
struct ViewRow {
    key: String,
    title: String,
}

/// The architecture as rows, and how many more there are in which list.
pub(crate) fn typed(state: &State, wish: &Outline) -> (Outlined, Vec<(&'static str, usize)>) {
    let model = state.model();
    let (level, only) = (wish.level, wish.only);
    let members = members(model, wish);
    let is_deep = |ix: ElementIx| match level {
        _ if wish.select.is_some() || Some(ix) == only => true,
        Level::Summary => model.element(ix).kind <= Kind::System,
        Level::Structure => model.element(ix).kind <= Kind::Container,
        Level::Full => true,
    };
    let shown: Vec<ElementIx> = members.iter().copied().filter(|ix| is_deep(*ix)).collect();
    let is_whole = only.is_none() && wish.select.is_none();
    let touching = if is_whole { None } else { Some(touching(model, &members)) };
    let relations: Vec<RelationIx> = match &touching {
        _ if !wish.with_relations && level != Level::Full => Vec::new(),
        Some(touching) => touching.clone(),
        None => (0..model.relations.len() as u32).map(RelationIx).collect(),
    };
    let mut views = if wish.with_views { views(model, wish, &members) } else { Vec::new() };
    let rows_max = wish.rows_max;
    let more = [("elements", shown.len()), ("relations", relations.len()), ("views", views.len())];
    let more = more.map(|(list, count)| (list, count.saturating_sub(rows_max)));
    views.truncate(rows_max);
    let elements = shown.iter().take(rows_max).map(|ix| row(model, *ix, level)).collect();
    let relations = relations.iter().take(rows_max).map(|ix| relation_row(model, *ix)).collect();
    let outlined = Outlined {
        project: model.project.name.clone(),
        about: if level == Level::Summary && is_whole {
            crate::problem::clip(&model.project.description, 200)
        } else {
            String::new()
        },
        revision: state.revision.clone(),
        counts: counts(state, &members, touching.map_or(model.relations.len(), |touching| touching.len())),
        prose: only.map(|ix| prose(state, ix)).unwrap_or_default(),
        elements,
        relations: (wish.with_relations || level == Level::Full).then_some(relations),
        views: wish.with_views.then_some(views),
    };
    (outlined, more.into_iter().filter(|(_, count)| *count > 0).collect())
}

/// The elements that are spoken of, in the model's order.
fn members(model: &Model, wish: &Outline) -> Vec<ElementIx> {
    let mut members = match wish.only {
        Some(only) => model.subtree(only),
        None => model.ids().collect(),
    };
    members.sort_unstable();
    if let Some(select) = &wish.select {
        let picked = select.mask(model);
        members.retain(|ix| picked[ix.index()]);
    }
    members
}

/// The relations of which an end is one of these elements, in the model's order.
fn touching(model: &Model, members: &[ElementIx]) -> Vec<RelationIx> {
    let mut touching: Vec<RelationIx> =
        members.iter().flat_map(|ix| model.outgoing(*ix).iter().chain(model.incoming(*ix))).copied().collect();
    touching.sort_unstable();
    touching.dedup();
    touching
}

fn views(model: &Model, wish: &Outline, members: &[ElementIx]) -> Vec<ViewRow> {
    let is_whole = wish.only.is_none() && wish.select.is_none();
    let is_meant = |view: &view::View| view.scope.is_some_and(|at| members.binary_search(&at).is_ok());
    let all = view::views(model).into_iter().filter(|view| is_whole || is_meant(view));
    all.map(|view| ViewRow { key: view.key, title: view.title }).collect()
}

/// The same as plain data.
pub(crate) fn outline(state: &State, wish: &Outline) -> Value {
    serde_json::to_value(typed(state, wish).0).expect("our own types have text keys and do not fail to serialise")
}

/// The prose below an element's front matter.
pub(crate) fn prose(state: &State, ix: ElementIx) -> String {
    let element = state.model().element(ix);
    let text = state.snapshot.text(element.file.as_str()).unwrap_or("");
    crate::problem::clip(text.get(element.body.range()).unwrap_or("").trim(), PROSE_BYTES_MAX)
}

fn counts(state: &State, members: &[ElementIx], relations: usize) -> Counts {
    let model = state.model();
    let count = |kind| members.iter().filter(|ix| model.element(**ix).kind == kind).count();
    Counts {
        people: count(Kind::Person),
        systems: count(Kind::System),
        containers: count(Kind::Container),
        components: count(Kind::Component),
        relations,
        decisions: model.decisions.len(),
        errors: crate::shapes::count(state.findings(), Severity::Error),
        warnings: crate::shapes::count(state.findings(), Severity::Warning),
    }
}

/// The kind as one word, `external` for systems of others.
pub(crate) fn kind_word(model: &Model, ix: ElementIx) -> String {
    let element = model.element(ix);
    if element.external && element.kind == Kind::System {
        "external".to_owned()
    } else {
        element.kind.name().to_owned()
    }
}

fn row(model: &Model, ix: ElementIx, level: Level) -> Row {
    let element = model.element(ix);
    let text = |text: &str, told: bool| told.then(|| text.to_owned());
    Row {
        id: element.id.to_string(),
        kind: kind_word(model, ix),
        name: text(&element.name, level != Level::Structure),
        technology: text(&element.technology, level != Level::Summary),
        description: text(&element.description, level == Level::Full),
        tags: text(&element.tags.join(" "), level == Level::Full),
        owner: text(element.owner.as_deref().unwrap_or(""), level == Level::Full),
    }
}

fn relation_row(model: &Model, ix: RelationIx) -> RelationRow {
    let relation = model.relation(ix);
    RelationRow {
        source: model.element(relation.source).id.to_string(),
        target: model.element(relation.target).id.to_string(),
        description: relation.description.clone(),
        technology: relation.technology.clone(),
        kind: relation.kind.name().to_owned(),
    }
}

/// Rows as an indented outline for people.
pub(crate) fn text(told: &Value) -> String {
    let word = |value: &Value, key: &str| value[key].as_str().unwrap_or("").to_owned();
    let counts = &told["counts"];
    let mut out = format!("# {}\n\n", word(told, "project"));
    if !word(told, "about").is_empty() {
        let _ = writeln!(out, "{}\n", word(told, "about"));
    }
    let _ = writeln!(
        out,
        "people {}, systems {}, containers {}, components {}, relations {}, decisions {}; errors {}, warnings {}",
        counts["people"],
        counts["systems"],
        counts["containers"],
        counts["components"],
        counts["relations"],
        counts["decisions"],
        counts["errors"],
        counts["warnings"]
    );
    let _ = writeln!(out, "revision {}\n", word(told, "revision"));
    for element in told["elements"].as_array().into_iter().flatten() {
        let id = word(element, "id");
        let depth = id.matches('/').count();
        let marks: Vec<String> =
            ["technology", "owner", "tags"].iter().map(|key| word(element, key)).filter(|it| !it.is_empty()).collect();
        let _ = write!(out, "{}- {id} ({})", "  ".repeat(depth), word(element, "kind"));
        if !word(element, "name").is_empty() {
            let _ = write!(out, " {}", word(element, "name"));
        }
        if !marks.is_empty() {
            let _ = write!(out, " [{}]", marks.join("; "));
        }
        if !word(element, "description").is_empty() {
            let _ = write!(out, ": {}", word(element, "description"));
        }
        out.push('\n');
    }
    for (at, relation) in told["relations"].as_array().into_iter().flatten().enumerate() {
        let gap = if at == 0 { "\n" } else { "" };
        let arrow = if relation["kind"] == json!("sync") { "→" } else { "⇢" };
        let technology = word(relation, "technology");
        let technology = if technology.is_empty() { String::new() } else { format!(" [{technology}]") };
        let _ = writeln!(
            out,
            "{gap}{} {arrow} {}: {}{technology}",
            word(relation, "source"),
            word(relation, "target"),
            word(relation, "description")
        );
    }
    for (at, view) in told["views"].as_array().into_iter().flatten().enumerate() {
        let gap = if at == 0 { "\nviews:\n" } else { "" };
        let _ = writeln!(out, "{gap}- {}", word(view, "key"));
    }
    if !word(told, "prose").is_empty() {
        let _ = writeln!(out, "\n{}", word(told, "prose"));
    }
    if let Some(omitted) = told.get("omitted") {
        let _ = writeln!(out, "\nleft out: {omitted}; {}", word(told, "more"));
    }
    out
}
