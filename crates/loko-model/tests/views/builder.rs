//! Models from a few lines of text, for tests; reading a real workspace is another room's business.
//!
//! `kind id; Name; technology; description; key=value …` states an element, `a -> b: words [technology] !event` a
//! relation (`~>` nobody waits, `=>` an event, `<->` both ways), `env`, `node` and `run` lines a deployment, `story` and
//! `step` lines a dynamic view, `select id; include; exclude; relations` a selected one.

use loko_model::select::{Select, SelectError};
use loko_model::selection::Picked;
use loko_model::{
    DeploymentNode, DynamicView, Element, ElementIx, ElementShape, Environment, Instance, Kind, Model, Origin,
    Relation, RelationKind, SelectedView, Step,
};
use loko_source::{FilePath, Place, Span};
use std::sync::Arc;

/// Builds a model.
///
/// # Panics
/// When a line is none of the above; the texts are the tests' own.
pub(crate) fn model(text: &str) -> Model {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let mut model = Model::default();
    for line in &lines {
        let word = line.split_whitespace().next().unwrap_or("");
        if ["person", "system", "container", "component", "external"].contains(&word) {
            model.elements.push(element(line).into());
        }
    }
    model.elements.sort_by(|a, b| a.id.split('/').cmp(b.id.split('/')));
    for at in 0..model.elements.len() {
        let parent = model.elements[at].id.rsplit_once('/').map(|(parent, _)| parent.to_owned());
        Arc::make_mut(&mut model.elements[at]).parent = parent.map(|parent| find(&model, &parent));
    }
    for line in &lines {
        add(&mut model, line);
    }
    model.relations.sort_by(|a, b| (a.source, a.target, &a.description).cmp(&(b.source, b.target, &b.description)));
    model.reindex();
    model
}

/// The index of an id.
pub(crate) fn find(model: &Model, id: &str) -> ElementIx {
    let at = model.elements.iter().position(|element| element.id == id);
    ElementIx(at.unwrap_or_else(|| panic!("the test's model has `{id}`")) as u32)
}

fn add(model: &mut Model, line: &str) {
    let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
    let fields: Vec<&str> = rest.split(';').map(str::trim).collect();
    let field = |at: usize| fields.get(at).copied().unwrap_or("");
    match word {
        "person" | "system" | "container" | "component" | "external" => {}
        "env" => model.environments.push(Environment {
            id: field(0).to_owned(),
            name: field(0).to_owned(),
            description: String::new(),
            nodes: Vec::new(),
            place: place(),
        }),
        "node" => {
            let count = if field(2).is_empty() { 1 } else { field(2).parse().expect("a count") };
            node_at(model, field(0)).technology = field(1).to_owned();
            node_at(model, field(0)).count = count;
        }
        "run" => {
            let replicas = if field(2).is_empty() { 1 } else { field(2).parse().expect("a count") };
            let instance = Instance { of: find(model, field(1)), replicas, place: place() };
            node_at(model, field(0)).instances.push(instance);
        }
        "story" => model.dynamics.push(DynamicView {
            id: field(0).to_owned(),
            name: field(0).to_owned(),
            description: String::new(),
            scope: None,
            sequence: true,
            steps: Vec::new(),
            place: place(),
        }),
        "select" => model.selections.push(SelectedView {
            id: field(0).to_owned(),
            name: field(0).to_owned(),
            description: String::new(),
            scope: None,
            include: picked(field(1), Select::elements),
            exclude: picked(field(2), Select::elements),
            relations: picked(field(3), Select::relations),
            place: place(),
        }),
        "step" => {
            let relation = relation(model, rest);
            let response = relation.tags.iter().any(|tag| tag == "response");
            let steps = &mut model.dynamics.last_mut().expect("a story before its steps").steps;
            steps.push(Step {
                number: (steps.len() + 1).to_string(),
                source: relation.source,
                target: relation.target,
                description: relation.description,
                technology: relation.technology,
                kind: relation.kind,
                response,
                place: place(),
            });
        }
        _ => {
            let relation = relation(model, line);
            model.relations.push(relation.into());
        }
    }
}

fn picked(text: &str, read: fn(&str) -> Result<Select, SelectError>) -> Vec<Picked> {
    let texts = [text].into_iter().filter(|text| !text.is_empty());
    texts.map(|text| Picked { select: read(text).expect("a selector"), place: place() }).collect()
}

fn element(line: &str) -> Element {
    let (word, rest) = line.split_once(' ').expect("an element has an id");
    let fields: Vec<&str> = rest.split(';').map(str::trim).collect();
    let field = |at: usize| fields.get(at).copied().unwrap_or("").to_owned();
    let kind = match word {
        "person" => Kind::Person,
        "container" => Kind::Container,
        "component" => Kind::Component,
        _ => Kind::System,
    };
    let id = field(0);
    let mut element = Element {
        name: if field(1).is_empty() { id.rsplit('/').next().unwrap_or("").to_owned() } else { field(1) },
        id: id.as_str().into(),
        kind,
        parent: None,
        external: word == "external",
        description: field(3),
        technology: field(2),
        tags: Vec::new(),
        owner: None,
        shape: None,
        links: Vec::new(),
        code: Vec::new(),
        code_annotations: Default::default(),
        dependencies: Vec::new(),
        behaviour: Default::default(),
        metadata: Default::default(),
        file: FilePath::new(&format!("src/{id}/{}.md", kind.name())).expect("a path"),
        body: Span::at(0),
        name_span: Span::at(0),
        d2: None,
    };
    for (key, value) in field(4).split_whitespace().map(|it| it.split_once('=').expect("key=value")) {
        match key {
            "shape" => element.shape = ElementShape::from_name(value),
            "tag" => element.tags.push(value.to_owned()),
            "owner" => element.owner = Some(value.to_owned()),
            "d2" => element.d2 = Some(FilePath::new(value).expect("a path")),
            _ => panic!("unknown key `{key}`"),
        }
    }
    element
}

fn relation(model: &Model, line: &str) -> Relation {
    let (ends, said) = line.split_once(": ").unwrap_or((line.trim_end_matches(':'), ""));
    let words: Vec<&str> = ends.split_whitespace().collect();
    let [source, arrow, target] = words.as_slice() else { panic!("`{line}` is no line of a model") };
    let (said, event) = said.split_once('!').map_or((said, None), |(said, event)| (said, Some(event.to_owned())));
    let (said, technology) =
        said.split_once('[').map_or((said, ""), |(said, rest)| (said, rest.trim_end().trim_end_matches(']')));
    Relation {
        id: format!("r{}", model.relations.len()).into(),
        source: find(model, source),
        target: find(model, target),
        description: said.trim().to_owned(),
        technology: technology.to_owned(),
        kind: match *arrow {
            "~>" => RelationKind::Async,
            "=>" => RelationKind::Event,
            _ => RelationKind::Sync,
        },
        event,
        bidirectional: *arrow == "<->",
        tags: if *arrow == "<-" { vec!["response".to_owned()] } else { Vec::new() },
        behaviour: Default::default(),
        metadata: Default::default(),
        origin: Origin::FrontMatter,
        place: place(),
        also: Vec::new(),
    }
}

/// The node of a path like `AWS/EKS` in the environment stated last, made when it is new.
fn node_at<'m>(model: &'m mut Model, path: &str) -> &'m mut DeploymentNode {
    let mut names = path.split('/');
    let nodes = &mut model.environments.last_mut().expect("an environment before its nodes").nodes;
    let mut node = child(nodes, names.next().unwrap_or(""));
    for name in names {
        node = child(&mut node.nodes, name);
    }
    node
}

fn child<'n>(nodes: &'n mut Vec<DeploymentNode>, name: &str) -> &'n mut DeploymentNode {
    let at = nodes.iter().position(|node| node.name == name).unwrap_or_else(|| {
        nodes.push(DeploymentNode {
            name: name.to_owned(),
            description: String::new(),
            technology: String::new(),
            tags: Vec::new(),
            count: 1,
            nodes: Vec::new(),
            instances: Vec::new(),
        });
        nodes.len() - 1
    });
    &mut nodes[at]
}

fn place() -> Place {
    Place::new(FilePath::new("src/test.md").expect("a path"), Span::at(0))
}

/// A stream of numbers that looks random and is the same for the same seed (xorshift64*).
pub(crate) struct Dice(u64);

impl Dice {
    /// The stream of a seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// A number below `sides`.
    pub(crate) fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        ((self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize) % sides.max(1)
    }
}

/// The lines of a model of some people, systems, containers, components, relations of all kinds, a deployment, a story.
pub(crate) fn random_lines(seed: u64, systems: usize, relations: usize) -> Vec<String> {
    let mut dice = Dice::new(seed);
    let mut lines = Vec::new();
    let mut ids = Vec::new();
    for s in 0..systems {
        let kind = ["person", "external", "system", "system"][dice.roll(4)];
        lines.push(format!("{kind} s{s}"));
        ids.push(format!("s{s}"));
        let containers = if kind == "system" { dice.roll(4) } else { 0 };
        for c in 0..containers {
            lines.push(format!("container s{s}/c{c}"));
            ids.push(format!("s{s}/c{c}"));
            for p in 0..dice.roll(4) {
                lines.push(format!("component s{s}/c{c}/p{p}"));
                ids.push(format!("s{s}/c{c}/p{p}"));
            }
        }
    }
    for r in 0..relations {
        let (a, b) = (&ids[dice.roll(ids.len())], &ids[dice.roll(ids.len())]);
        let arrow = ["->", "->", "~>", "=>", "<->"][dice.roll(5)];
        if a != b {
            lines.push(format!("{a} {arrow} {b}: does thing {r}"));
        }
    }
    lines.push("env test".to_owned());
    for _ in 0..systems {
        let node = ["a", "a/x", "a/y", "b", "b/x"][dice.roll(5)];
        lines.push(format!("run {node}; {}; {}", ids[dice.roll(ids.len())], dice.roll(4)));
    }
    lines.push("story tale".to_owned());
    for step in 0..systems {
        let (a, b) = (&ids[dice.roll(ids.len())], &ids[dice.roll(ids.len())]);
        lines.push(format!("step {a} -> {b}: step {step}"));
    }
    lines
}
