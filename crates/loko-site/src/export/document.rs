//! The JSON document: types and conversion.

use indexmap::IndexMap;
use loko_model::view::{View as ModelView, ViewSource, views};
use loko_model::{self as model, ElementIx, Model};
use loko_source::{FilePath, LineIndex, Snapshot};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// The version of the format; readers refuse greater ones.
pub const SCHEMA_VERSION: u32 = 1;

/// A whole model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Document {
    /// The version of this format.
    pub schema_version: u32,
    /// The project.
    pub project: Project,
    /// All elements, sorted by id: parents before their parts.
    pub elements: Vec<Element>,
    /// All relations, sorted by source, target and description.
    pub relations: Vec<Relation>,
    /// All environments.
    pub environments: Vec<Environment>,
    /// All views, those that follow from the model alone included.
    pub views: Vec<View>,
    /// All decisions.
    pub decisions: Vec<Decision>,
}

/// The project.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Project {
    /// The name for people.
    pub name: String,
    /// What it is about.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The version as written.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub version: String,
}

/// The C4 abstraction that an element is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ElementKind {
    /// A person or role.
    Person,
    /// A software system.
    System,
    /// A deployable unit of a system.
    Container,
    /// A part of a container.
    Component,
}

/// A role that shows in an element's drawn shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "each variant is the role of its name")]
pub enum Shape {
    Database,
    Queue,
    Topic,
    Bucket,
    Function,
    Cache,
    Browser,
    Mobile,
}

/// A person, system, container or component.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Element {
    /// The path of ids from its system down.
    pub id: String,
    /// The kind.
    pub kind: ElementKind,
    /// The type as C4 notation writes it below the name.
    #[serde(rename = "type")]
    pub type_name: String,
    /// The name for people.
    pub name: String,
    /// The id of the element that it is part of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// Whether it belongs to somebody else.
    #[serde(default, skip_serializing_if = "is_false")]
    pub external: bool,
    /// What it does.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// What it is made with.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub technology: String,
    /// Labels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// The team or person that answers for it, as its own file says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Who answers for it: its owner, or else that of the nearest element that it is part of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owned_by: Option<String>,
    /// A role that shows in its drawn shape.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shape: Option<Shape>,
    /// Links that people follow.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    /// Globs of the code that it is made of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub code: Vec<String>,
    /// Remarks on places of the code, by path.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    #[schemars(with = "BTreeMap<String, String>")]
    pub code_annotations: IndexMap<String, String>,
    /// Names of things it needs that are no elements.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dependencies: Vec<String>,
    /// How it behaves, as its front matter says.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    #[schemars(with = "BTreeMap<String, Value>")]
    pub behaviour: IndexMap<String, Value>,
    /// Further keys of its front matter.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    #[schemars(with = "BTreeMap<String, Value>")]
    pub metadata: IndexMap<String, Value>,
    /// Its file, relative to the workspace.
    pub file: String,
}

/// A link that people follow.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Link {
    /// What to call it.
    pub title: String,
    /// Where it leads.
    pub url: String,
}

/// Whether a relation's source waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RelationKind {
    /// It waits for an answer.
    Sync,
    /// It does not wait.
    Async,
    /// It announces something that happened.
    Event,
}

/// Where a relation was stated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// In the front matter of its source.
    FrontMatter,
    /// As an arrow of a D2 file.
    D2,
    /// In a `relationships.toml`.
    Toml,
}

/// A relation between two elements.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Relation {
    /// A stable id, made of source, target and description.
    pub id: String,
    /// The id of the element where it starts.
    pub source: String,
    /// The id of the element where it ends.
    pub target: String,
    /// What the source wants of the target.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The protocol or means.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub technology: String,
    /// Whether the source waits.
    pub kind: RelationKind,
    /// The name of the event that travels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// Whether it goes both ways.
    #[serde(default, skip_serializing_if = "is_false")]
    pub bidirectional: bool,
    /// Labels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// How it behaves: timeouts, retries and the like, as written.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    #[schemars(with = "BTreeMap<String, Value>")]
    pub behaviour: IndexMap<String, Value>,
    /// Further keys.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    #[schemars(with = "BTreeMap<String, Value>")]
    pub metadata: IndexMap<String, Value>,
    /// Where it was stated.
    pub origin: Origin,
    /// The file of that statement, relative to the workspace.
    pub file: String,
    /// The line of that statement, from 1.
    pub line: u32,
}

/// An environment such as production.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Environment {
    /// The id.
    pub id: String,
    /// The name for people.
    pub name: String,
    /// What it is for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The outermost nodes.
    pub nodes: Vec<Node>,
}

/// A place where software runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Node {
    /// The name.
    pub name: String,
    /// What it is for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// What it is made with.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub technology: String,
    /// Labels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// How many alike there are.
    pub count: u32,
    /// Nodes inside.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nodes: Vec<Node>,
    /// What runs here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub instances: Vec<Instance>,
}

/// Something of the model that runs on a node.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Instance {
    /// The id of the element.
    pub of: String,
    /// How many copies run.
    pub replicas: u32,
}

/// Something to look at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct View {
    /// The address: `landscape`, `containers/shop` …
    pub key: String,
    /// The kind: the first part of the address.
    pub kind: String,
    /// The title for people.
    pub title: String,
    /// What it shows.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The id of the element that it is a view of, or on whose page it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// The D2 file that it is drawn from, if somebody wrote one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub d2: Option<String>,
    /// The steps of a dynamic view.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
}

/// A step of a dynamic view.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// Its number as shown.
    pub number: String,
    /// The id of who acts.
    pub source: String,
    /// The id of whom it acts on.
    pub target: String,
    /// What is said or done.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The protocol or means.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub technology: String,
    /// Whether the source waits.
    pub kind: RelationKind,
    /// Whether it is an answer to an earlier step.
    #[serde(default, skip_serializing_if = "is_false")]
    pub response: bool,
}

/// An architecture decision record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Decision {
    /// The file name without its extension.
    pub id: String,
    /// The leading number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<u32>,
    /// The title.
    pub title: String,
    /// The status as written.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub status: String,
    /// The date as written.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub date: String,
    /// The ids of the elements that it is about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub elements: Vec<String>,
    /// The decisions that it takes the place of, by id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub supersedes: Vec<String>,
    /// The decisions that take its place, by id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub superseded_by: Vec<String>,
    /// Its file, relative to the workspace.
    pub file: String,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands fields over by reference")]
fn is_false(value: &bool) -> bool {
    !value
}

/// A model as a document.
pub fn document(model: &Model, snapshot: &Snapshot) -> Document {
    let id = |ix: ElementIx| model.element(ix).id.to_string();
    let mut lines = Lines { snapshot, known: BTreeMap::new() };
    let project = &model.project;
    Document {
        schema_version: SCHEMA_VERSION,
        project: Project {
            name: project.name.clone(),
            description: project.description.clone(),
            version: project.version.clone(),
        },
        elements: model.ids().map(|ix| element(model, ix)).collect(),
        relations: model.relations.iter().map(|it| relation(model, it, &mut lines)).collect(),
        environments: model.environments.iter().map(|it| environment(model, it)).collect(),
        views: views(model).iter().map(|it| view(model, it)).collect(),
        decisions: model
            .decisions
            .iter()
            .map(|it| Decision {
                id: it.id.clone(),
                number: it.number,
                title: it.title.clone(),
                status: it.status.clone(),
                date: it.date.clone(),
                elements: it.elements.iter().map(|ix| id(*ix)).collect(),
                supersedes: it.linked(loko_model::decision::SUPERSEDES).map(str::to_owned).collect(),
                superseded_by: it.linked(loko_model::decision::SUPERSEDED_BY).map(str::to_owned).collect(),
                file: it.file.to_string(),
            })
            .collect(),
    }
}

/// Lines of places, each file looked through once.
struct Lines<'a> {
    snapshot: &'a Snapshot,
    known: BTreeMap<FilePath, LineIndex>,
}

impl Lines<'_> {
    fn line(&mut self, place: &loko_source::Place) -> u32 {
        let snapshot = self.snapshot;
        let index = self.known.entry(place.path.clone());
        let index = index.or_insert_with(|| LineIndex::new(snapshot.text(place.path.as_str()).unwrap_or("")));
        index.line_column(place.span.start as usize).line
    }
}

fn element(model: &Model, ix: ElementIx) -> Element {
    let element = model.element(ix);
    Element {
        id: element.id.to_string(),
        kind: match element.kind {
            model::Kind::Person => ElementKind::Person,
            model::Kind::System => ElementKind::System,
            model::Kind::Container => ElementKind::Container,
            model::Kind::Component => ElementKind::Component,
        },
        type_name: element.type_name().to_owned(),
        name: element.name.clone(),
        parent: element.parent.map(|ix| model.element(ix).id.to_string()),
        external: element.external,
        description: element.description.clone(),
        technology: element.technology.clone(),
        tags: element.tags.clone(),
        owner: element.owner.clone(),
        owned_by: model.owner(ix).map(|(owner, _)| owner.to_owned()),
        shape: element.shape.map(shape),
        links: element.links.iter().map(|it| Link { title: it.title.clone(), url: it.url.clone() }).collect(),
        code: element.code.clone(),
        code_annotations: element.code_annotations.clone(),
        dependencies: element.dependencies.clone(),
        behaviour: values(&element.behaviour),
        metadata: values(&element.metadata),
        file: element.file.to_string(),
    }
}

fn shape(shape: model::ElementShape) -> Shape {
    match shape {
        model::ElementShape::Database => Shape::Database,
        model::ElementShape::Queue => Shape::Queue,
        model::ElementShape::Topic => Shape::Topic,
        model::ElementShape::Bucket => Shape::Bucket,
        model::ElementShape::Function => Shape::Function,
        model::ElementShape::Cache => Shape::Cache,
        model::ElementShape::Browser => Shape::Browser,
        model::ElementShape::Mobile => Shape::Mobile,
    }
}

fn kind(kind: model::RelationKind) -> RelationKind {
    match kind {
        model::RelationKind::Sync => RelationKind::Sync,
        model::RelationKind::Async => RelationKind::Async,
        model::RelationKind::Event => RelationKind::Event,
    }
}

fn relation(model: &Model, relation: &model::Relation, lines: &mut Lines<'_>) -> Relation {
    Relation {
        id: relation.id.to_string(),
        source: model.element(relation.source).id.to_string(),
        target: model.element(relation.target).id.to_string(),
        description: relation.description.clone(),
        technology: relation.technology.clone(),
        kind: kind(relation.kind),
        event: relation.event.clone(),
        bidirectional: relation.bidirectional,
        tags: relation.tags.clone(),
        behaviour: values(&relation.behaviour),
        metadata: values(&relation.metadata),
        origin: match relation.origin {
            model::Origin::FrontMatter => Origin::FrontMatter,
            model::Origin::D2 => Origin::D2,
            model::Origin::Toml => Origin::Toml,
        },
        file: relation.place.path.to_string(),
        line: lines.line(&relation.place),
    }
}

fn environment(model: &Model, environment: &model::Environment) -> Environment {
    Environment {
        id: environment.id.clone(),
        name: environment.name.clone(),
        description: environment.description.clone(),
        nodes: environment.nodes.iter().map(|it| node(model, it)).collect(),
    }
}

fn node(model: &Model, node: &model::DeploymentNode) -> Node {
    Node {
        name: node.name.clone(),
        description: node.description.clone(),
        technology: node.technology.clone(),
        tags: node.tags.clone(),
        count: node.count,
        nodes: node.nodes.iter().map(|it| self::node(model, it)).collect(),
        instances: node
            .instances
            .iter()
            .map(|it| Instance { of: model.element(it.of).id.to_string(), replicas: it.replicas })
            .collect(),
    }
}

fn view(model: &Model, view: &ModelView) -> View {
    let story = view.key.strip_prefix("dynamic/").and_then(|id| model.dynamics.iter().find(|it| it.id == id));
    let steps = story.map_or(&[][..], |it| it.steps.as_slice()).iter().map(|step| Step {
        number: step.number.clone(),
        source: model.element(step.source).id.to_string(),
        target: model.element(step.target).id.to_string(),
        description: step.description.clone(),
        technology: step.technology.clone(),
        kind: kind(step.kind),
        response: step.response,
    });
    View {
        key: view.key.clone(),
        kind: view.kind.name().to_owned(),
        title: view.title.clone(),
        description: view.description.clone(),
        scope: view.scope.map(|ix| model.element(ix).id.to_string()),
        d2: match &view.source {
            ViewSource::Automatic => None,
            ViewSource::D2(path) => Some(path.to_string()),
        },
        steps: steps.collect(),
    }
}

fn values(values: &IndexMap<String, model::Value>) -> IndexMap<String, Value> {
    let value = |value: &model::Value| serde_json::to_value(value).unwrap_or(Value::Null);
    values.iter().map(|(key, it)| (key.clone(), value(it))).collect()
}
