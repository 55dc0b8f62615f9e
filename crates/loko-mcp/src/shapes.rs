//! The shapes that several tools answer with.

use crate::changes::Draft;
use crate::problem::{Problem, clip};
use crate::project::State;
use loko_model::edit;
use loko_model::select::{Select, SelectError};
use loko_model::{ElementIx, Kind, Model, RelationIx};
use loko_source::suggest::{nearest_of, question};
use loko_source::{Diagnostic, Label, LineColumn, Severity, Snapshot};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The kind of an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum KindName {
    Person,
    System,
    Container,
    Component,
}

impl From<Kind> for KindName {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Person => Self::Person,
            Kind::System => Self::System,
            Kind::Container => Self::Container,
            Kind::Component => Self::Component,
        }
    }
}

impl From<KindName> for Kind {
    fn from(kind: KindName) -> Self {
        match kind {
            KindName::Person => Self::Person,
            KindName::System => Self::System,
            KindName::Container => Self::Container,
            KindName::Component => Self::Component,
        }
    }
}

/// A relation in short.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct RelationShape {
    pub(crate) id: String,
    pub(crate) source: String,
    pub(crate) target: String,
    pub(crate) description: String,
    pub(crate) technology: String,
    /// `sync`, `async` or `event`.
    pub(crate) kind: String,
}

impl RelationShape {
    pub(crate) fn of(model: &Model, ix: RelationIx) -> Self {
        let relation = model.relation(ix);
        Self {
            id: relation.id.to_string(),
            source: model.element(relation.source).id.to_string(),
            target: model.element(relation.target).id.to_string(),
            description: relation.description.clone(),
            technology: relation.technology.clone(),
            kind: relation.kind.name().to_owned(),
        }
    }
}

/// A finding with its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct FindingShape {
    pub(crate) severity: String,
    /// The name of the problem.
    pub(crate) code: String,
    pub(crate) message: String,
    /// `file:line:column`.
    pub(crate) place: String,
    pub(crate) help: String,
}

impl FindingShape {
    pub(crate) fn of(finding: &Diagnostic, snapshot: &Snapshot) -> Self {
        Self {
            severity: finding.severity.name().to_owned(),
            code: finding.code.to_string(),
            message: finding.message.clone(),
            place: place(finding, snapshot),
            help: finding.help.as_deref().unwrap_or_default().to_owned(),
        }
    }
}

/// `file:line:column` of a finding, empty when it is about the whole.
pub(crate) fn place(finding: &Diagnostic, snapshot: &Snapshot) -> String {
    finding.primary.as_ref().map(|label| label_place(label, snapshot)).unwrap_or_default()
}

/// `file:line:column` of a label.
pub(crate) fn label_place(label: &Label, snapshot: &Snapshot) -> String {
    let file = &label.place.path;
    let start = label.place.span.range().start;
    let at = LineColumn::of(snapshot.text(file.as_str()).unwrap_or(""), start);
    format!("{file}:{}:{}", at.line, at.column)
}

/// The selector of elements that a caller wrote.
pub(crate) fn select(written: Option<String>) -> Result<Option<Select>, Problem> {
    given(written).map(|text| Select::elements(&text).map_err(|error| misread(&text, &error))).transpose()
}

/// The selector of relations that a caller wrote.
pub(crate) fn select_relations(written: Option<String>) -> Result<Option<Select>, Problem> {
    given(written).map(|text| Select::relations(&text).map_err(|error| misread(&text, &error))).transpose()
}

fn misread(text: &str, error: &SelectError) -> Problem {
    let wrong = text.get(error.span.range()).filter(|wrong| !wrong.is_empty());
    let column = error.span.range().start + 1;
    let place = wrong.map_or_else(String::new, |wrong| format!(", at `{}`", clip(wrong, 80)));
    let problem = Problem::new(format!("`select` cannot be read: {} (column {column}{place})", error.message));
    let general = "a selector is like `kind:container and tag:pci and not owner:team-*`";
    problem.help(error.help.as_ref().map_or_else(|| general.to_owned(), |help| format!("{help}; {general}")))
}

/// How many findings of a severity there are.
pub(crate) fn count(findings: &[Arc<Diagnostic>], severity: Severity) -> usize {
    findings.iter().filter(|finding| finding.severity == severity).count()
}

/// The element that a name means.
pub(crate) fn element(state: &State, written: &str) -> Result<ElementIx, Problem> {
    edit::element(state.model(), written).map_err(|refusal| Problem::refused(refusal, &state.snapshot))
}

/// The element of a kind that a name means, as `<kind> "<name>" not found` otherwise.
pub(crate) fn element_of(state: &State, written: &str, kind: Kind) -> Result<ElementIx, Problem> {
    within(state, written, kind, None)
}

/// The element of a kind that a name means inside another one.
pub(crate) fn within(state: &State, written: &str, kind: Kind, whole: Option<ElementIx>) -> Result<ElementIx, Problem> {
    let model = state.model();
    let fits = |ix: ElementIx| model.element(ix).kind == kind && whole.is_none_or(|whole| model.is_within(ix, whole));
    let joined = whole.map(|whole| format!("{}/{written}", model.element(whole).id));
    for name in joined.iter().map(String::as_str).chain([written]) {
        match model.resolve(name) {
            loko_model::Resolution::Found(ix) if fits(ix) => return Ok(ix),
            loko_model::Resolution::Ambiguous(all) => {
                let fitting: Vec<ElementIx> = all.into_iter().filter(|ix| fits(*ix)).collect();
                match fitting.as_slice() {
                    [] => {}
                    [only] => return Ok(*only),
                    several => {
                        let ids: Vec<&str> = several.iter().map(|ix| model.element(*ix).id.as_str()).collect();
                        return Err(Problem::new(format!(
                            "`{}` means {} {}",
                            short(written),
                            several.len(),
                            kind.plural()
                        ))
                        .help(format!("write one of `{}`", ids.join("`, `"))));
                    }
                }
            }
            _ => {}
        }
    }
    Err(not_found(state, written, kind, whole))
}

fn not_found(state: &State, written: &str, kind: Kind, whole: Option<ElementIx>) -> Problem {
    let model = state.model();
    let fits =
        |ix: &ElementIx| model.element(*ix).kind == kind && whole.is_none_or(|whole| model.is_within(*ix, whole));
    let known = model.ids().filter(fits).flat_map(|ix| {
        let element = model.element(ix);
        [element.id.as_str(), element.key(), element.name.as_str()].map(|name| (name, element.id.as_str()))
    });
    let near: Vec<&str> = nearest_of(written, known).into_iter().map(|(_, id)| id).collect();
    let place = whole.map(|whole| format!(" in `{}`", model.element(whole).id)).unwrap_or_default();
    let problem = Problem::new(format!("{} \"{}\" not found{place}", kind.name(), short(written)));
    match question(&near) {
        Some(hint) => problem.help(hint),
        None => problem.help("`query_architecture` with detail `structure`, or `find`, shows what there is"),
    }
}

fn short(text: &str) -> String {
    crate::problem::clip(text, 120)
}

/// The element that a name means, one inside the system first.
pub(crate) fn in_system(state: &State, written: &str, system: Option<ElementIx>) -> Result<ElementIx, Problem> {
    let model = state.model();
    if let Some(system) = system {
        let inside = format!("{}/{}", model.element(system).id, written.trim().trim_matches('/'));
        if let loko_model::Resolution::Found(ix) = model.resolve(&inside) {
            return Ok(ix);
        }
        let parts: Vec<ElementIx> = match model.resolve(written) {
            loko_model::Resolution::Ambiguous(all) => {
                all.into_iter().filter(|ix| model.is_within(*ix, system)).collect()
            }
            _ => Vec::new(),
        };
        if let [only] = parts.as_slice() {
            return Ok(*only);
        }
    }
    element(state, written)
}

/// How many elements of a kind there are.
pub(crate) fn count_kind(model: &Model, kind: Kind) -> usize {
    model.of_kind(kind).count()
}

/// A limit that a caller gives, as a number of results.
pub(crate) fn limit(given: Option<f64>, default: usize, max: usize) -> Result<usize, Problem> {
    match given {
        None => Ok(default),
        Some(number) if number >= 1.0 && number.fract() == 0.0 => Ok((number as usize).min(max)),
        Some(number) => Err(Problem::new(format!("`limit` is {number}"))
            .help(format!("give a whole number from 1 to {max}, or leave it out"))),
    }
}

/// The hand-written diagram of an element, or the key of the view that is drawn of it.
pub(crate) fn diagram_of(model: &Model, ix: ElementIx) -> String {
    let element = model.element(ix);
    match (&element.d2, element.kind) {
        (Some(path), _) => path.to_string(),
        (None, Kind::System) if !model.children(ix).is_empty() => format!("containers/{}", element.id),
        (None, Kind::Container) if !model.children(ix).is_empty() => format!("components/{}", element.id),
        (None, _) => format!("context/{}", element.id),
    }
}

/// A container or component as older assistants know it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct PartShape {
    id: String,
    name: String,
    description: String,
    technology: String,
    tags: Vec<String>,
    /// Its file.
    path: String,
    /// The hand-written diagram beside it, or the view that is drawn of it.
    diagram: String,
}

impl PartShape {
    pub(crate) fn of(state: &State, id: &str) -> Result<Self, Problem> {
        let model = state.model();
        let ix = element(state, id)?;
        let element = model.element(ix);
        Ok(Self {
            id: element.id.to_string(),
            name: element.name.clone(),
            description: element.description.clone(),
            technology: element.technology.clone(),
            tags: element.tags.clone(),
            path: element.file.to_string(),
            diagram: diagram_of(model, ix),
        })
    }
}

/// A text that says something: assistants send empty ones for what they leave out.
pub(crate) fn given(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}

/// The innermost of elements that are named one inside the other; names that are left out or empty are passed over.
pub(crate) fn innermost<'n>(
    state: &State,
    names: impl IntoIterator<Item = (Option<&'n str>, Kind)>,
) -> Result<Option<ElementIx>, Problem> {
    let mut whole = None;
    for (name, kind) in names {
        if let Some(name) = name.filter(|name| !name.trim().is_empty()) {
            whole = Some(within(state, name, kind, whole)?);
        }
    }
    Ok(whole)
}

/// Makes an element; of one that exists already as wished, its id. Gives the id and what was done.
pub(crate) fn create(draft: &mut Draft<'_>, wish: &edit::New) -> Result<(String, String), Problem> {
    let plan = draft.step(|snapshot, loaded| edit::new(snapshot, loaded, wish))?;
    let id = made(&plan, draft.state(), &wish.name, wish.parent.as_deref())?;
    Ok((id, plan.summary.join("; ")))
}

/// Changes what is said of an element. Gives its id and what was done.
pub(crate) fn update(draft: &mut Draft<'_>, id: String, wish: &edit::Update) -> Result<(String, String), Problem> {
    let plan = draft.step(|snapshot, loaded| edit::update(snapshot, loaded, wish))?;
    Ok((id, plan.summary.join("; ")))
}

/// The one of two parameters that is given.
pub(crate) fn one_of(
    first: Option<String>,
    second: Option<String>,
    names: &str,
    other: &str,
) -> Result<String, Problem> {
    given(first).or_else(|| given(second)).ok_or_else(|| {
        Problem::new(format!("neither `{names}` nor `{other}` is given")).help(format!("give `{names}`"))
    })
}

/// The id of the element of a kind that a name means, inside another one if that is given.
pub(crate) fn parent_id(state: &State, written: &str, kind: Kind, whole: Option<&str>) -> Result<String, Problem> {
    let whole = whole.and_then(|id| state.model().find(id));
    Ok(state.model().element(within(state, written, kind, whole)?).id.to_string())
}

/// The id of the container that is named in one of several ways.
pub(crate) fn component_parent(
    state: &State,
    system: &Option<String>,
    container: &Option<String>,
    parent: &Option<String>,
) -> Result<String, Problem> {
    let system = innermost(state, [(system.as_deref(), Kind::System)])?;
    let written = one_of(container.clone(), parent.clone(), "container_name", "parent")?;
    Ok(state.model().element(within(state, &written, Kind::Container, system)?).id.to_string())
}

/// The id of the element that a plan makes; of one that exists already its id.
pub(crate) fn made(plan: &edit::Plan, state: &State, name: &str, parent: Option<&str>) -> Result<String, Problem> {
    if let Some(id) = plan.created.last() {
        return Ok(id.clone());
    }
    let model = state.model();
    let whole = parent.and_then(|id| model.find(id));
    let slug = loko_model::name::slug(name);
    let found = match model.parts_named(whole, &slug) {
        [only] => Some(*only),
        _ => None,
    };
    let found = found.map_or_else(|| element(state, name), Ok)?;
    Ok(model.element(found).id.to_string())
}

/// The wish to change what is said of a container or component.
pub(crate) fn update_part(
    id: &str,
    description: Option<String>,
    technology: Option<String>,
    tags: Option<Vec<String>>,
) -> edit::Update {
    let texts = [("description", description), ("technology", technology)];
    edit::Update {
        element: id.to_owned(),
        set: texts.into_iter().filter_map(|(key, text)| Some((key.to_owned(), text?))).collect(),
        tags,
        ..edit::Update::default()
    }
}
