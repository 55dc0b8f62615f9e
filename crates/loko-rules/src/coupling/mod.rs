//! Coupling: what depends on what, how much, and what that costs.
//!
//! [`analyse`] measures a model; the answer is plain data with stable field names. The measures stand in a file each:
//! [`martin`] what crosses an element's border, [`graph`] strongly connected components, [`feedback`] the edges to cut,
//! [`visibility`] propagation cost, [`centrality`], [`shared`] databases, [`monolith`] the score. [`picture`] draws the
//! design structure matrix, [`text`] tells the answer to people.
//!
//! Definitions that hold for all: every relation counts, of people and of others' systems too; one that goes both ways
//! counts as two; one between a part and its own whole does not count. Measures of an element never depend on what was
//! asked for: narrowing the question to a system leaves out rows, not neighbours.

pub mod centrality;
pub mod feedback;
pub mod graph;
pub mod level;
pub mod martin;
pub mod monolith;
pub mod picture;
pub mod shared;
pub mod text;
pub mod visibility;

pub use level::Level;

use feedback::cut;
use level::Structure;
use loko_model::query::ElementRef;
use loko_model::{ElementIx, Kind, Model};
use martin::Border;
use serde::Serialize;
use visibility::Visibility;

/// Digits behind the point of every number in an answer.
const DIGITS: i32 = 6;

/// What is to be measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Question {
    /// Only this element and what is in it.
    pub target: Option<ElementIx>,
    /// The level of the matrix, of reach and of centrality.
    pub level: Level,
}

/// The coupling of a model.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Coupling<'m> {
    /// What was asked for, unless everything.
    pub target: Option<&'m str>,
    /// The level of the matrix, of reach and of centrality.
    pub level: Level,
    /// A row for each element at that level and above it.
    pub elements: Vec<ElementRow<'m>>,
    /// What can be said of systems besides.
    pub systems: Vec<SystemRow<'m>>,
    /// Groups that need each other in a circle, at each level at which they do.
    pub cycles: Vec<Cycle<'m>>,
    /// How far changes spread.
    pub propagation: Propagation,
    /// Databases that several services use.
    pub shared_databases: Vec<SharedDatabase<'m>>,
    /// How much services behave as one program; none for fewer than two services.
    pub distributed_monolith: Option<Monolith<'m>>,
    /// The design structure matrix.
    pub matrix: Matrix<'m>,
    /// What was left out, and why.
    pub notes: Vec<String>,
}

/// The measures of an element.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ElementRow<'m> {
    /// The element.
    #[serde(flatten)]
    pub element: ElementRef<'m>,
    /// Ca: how many elements outside relate to it.
    pub afferent: usize,
    /// Ce: how many elements outside it relates to.
    pub efferent: usize,
    /// I: Ce / (Ca + Ce).
    pub instability: Option<f64>,
    /// A: from 0, concrete, to 1, abstract.
    pub abstractness: Option<f64>,
    /// D: |A + I − 1|.
    pub distance: Option<f64>,
    /// How many relations come in.
    pub fan_in: usize,
    /// How many relations go out.
    pub fan_out: usize,
    /// How many elements it reaches over any number of steps, itself included.
    pub reaches: Option<usize>,
    /// How many elements reach it, itself included.
    pub reached_by: Option<usize>,
    /// The share of shortest ways between others that lead through it (Brandes).
    pub betweenness: Option<f64>,
    /// Its rank; dependencies pass it on.
    pub pagerank: Option<f64>,
}

/// Further measures of a system.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SystemRow<'m> {
    /// The system's id.
    pub id: &'m str,
    /// Ca of the whole system.
    pub afferent: usize,
    /// Ce of the whole system.
    pub efferent: usize,
    /// I of the whole system.
    pub instability: Option<f64>,
    /// A of the whole system.
    pub abstractness: Option<f64>,
    /// D of the whole system.
    pub distance: Option<f64>,
    /// Its direct parts.
    pub parts: usize,
    /// H: relations between its direct parts, one more, over their number.
    pub cohesion: Option<f64>,
    /// The propagation cost of what is inside, at the level asked for.
    pub propagation_cost: Option<f64>,
}

/// A group of elements each of which reaches each other one.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cycle<'m> {
    /// The level at which they do.
    pub level: Level,
    /// The members, sorted.
    pub elements: Vec<&'m str>,
    /// How many dependencies there are between them.
    pub dependencies: usize,
    /// Dependencies without which there is no cycle.
    pub cut: Vec<CutEdge<'m>>,
    /// Whether no smaller set of dependencies would do.
    pub exact: bool,
    /// No set of fewer dependencies would do.
    pub cut_min: usize,
}

/// A dependency to cut.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CutEdge<'m> {
    /// Where it starts.
    pub source: &'m str,
    /// Where it ends.
    pub target: &'m str,
    /// The ids of the relations that it stands for.
    pub relations: Vec<&'m str>,
}

/// How far changes spread.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Propagation {
    /// The nodes of the matrix.
    pub elements: usize,
    /// Its marks: pairs of which one depends on the other.
    pub dependencies: usize,
    /// The share of marks among all pairs of different elements.
    pub density: Option<f64>,
    /// Pairs of which one reaches the other over any number of steps, each with itself included.
    pub visible: Option<usize>,
    /// The share of those among all pairs.
    pub cost: Option<f64>,
}

/// A database that several services use.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SharedDatabase<'m> {
    /// The database.
    pub database: &'m str,
    /// The services.
    pub services: Vec<&'m str>,
    /// Whether they are of several systems.
    pub across_systems: bool,
}

/// The distributed-monolith score.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Monolith<'m> {
    /// From 0 to 100.
    pub score: f64,
    /// The same in words.
    pub verdict: &'static str,
    /// What is deployed by itself.
    pub services: Vec<&'m str>,
    /// What the score is made of.
    pub parts: Vec<MonolithPart>,
}

/// A part of the score.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MonolithPart {
    /// Its name.
    pub name: &'static str,
    /// From 0 to 1.
    pub value: f64,
    /// What it counts.
    pub weight: f64,
    /// What it adds to the score.
    pub points: f64,
    /// What was found.
    pub told: String,
}

/// The design structure matrix: a mark in row r and column c says that r depends on c.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Matrix<'m> {
    /// The elements in order: systems together, those who depend before those they depend on, cycles side by side.
    pub order: Vec<&'m str>,
    /// The marks, sorted.
    pub marks: Vec<Mark>,
}

/// A mark of the matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Mark {
    /// Who depends, by place in the order.
    pub row: usize,
    /// On what.
    pub column: usize,
    /// How many relations say so.
    pub relations: usize,
    /// Whether any of them makes its source wait.
    pub sync: bool,
}

/// Measures the coupling of a model.
pub fn analyse<'m>(model: &'m Model, question: &Question) -> Coupling<'m> {
    let is_wanted = |ix: ElementIx| question.target.is_none_or(|target| model.is_within(ix, target));
    let borders = martin::borders(model);
    let all = Structure::of(model, question.level, |_| true);
    let within = match question.target {
        Some(_) => Structure::of(model, question.level, is_wanted),
        None => all.clone(),
    };
    let mut notes = Vec::new();
    let seen = Visibility::of(&within.graph);
    Coupling {
        target: question.target.map(|ix| model.element(ix).id.as_str()),
        level: question.level,
        elements: element_rows(model, question, &borders, &all, &mut notes),
        systems: system_rows(model, question, &borders, &all),
        cycles: cycles(model, is_wanted),
        propagation: propagation(&within, seen.as_ref()),
        shared_databases: shared_databases(model, is_wanted),
        distributed_monolith: monolith::score(model, is_wanted).map(|score| monolith_of(model, &score)),
        matrix: matrix(model, &within),
        notes,
    }
}

fn element_rows<'m>(
    model: &'m Model,
    question: &Question,
    borders: &[Border],
    all: &Structure,
    notes: &mut Vec<String>,
) -> Vec<ElementRow<'m>> {
    let seen = Visibility::of(&all.graph);
    let betweenness = centrality::betweenness(&all.graph);
    let pagerank = centrality::pagerank(&all.graph);
    if seen.is_none() {
        notes.push(format!("reach and propagation cost are left out above {} elements", visibility::NODES_MAX));
    }
    if betweenness.is_none() {
        notes.push(format!("betweenness is left out above {} elements", centrality::BETWEENNESS_NODES_MAX));
    }
    let row = |ix: ElementIx| {
        let (border, node) = (&borders[ix.index()], all.node(ix));
        let abstractness = martin::abstractness(model, ix);
        ElementRow {
            element: ElementRef::new(model, ix),
            afferent: border.afferent,
            efferent: border.efferent,
            instability: border.instability().map(rounded),
            abstractness: abstractness.map(rounded),
            distance: border.distance(abstractness).map(rounded),
            fan_in: border.fan_in,
            fan_out: border.fan_out,
            reaches: node.zip(seen.as_ref()).map(|(node, seen)| seen.fan_out(node)),
            reached_by: node.zip(seen.as_ref()).map(|(node, seen)| seen.fan_in(node)),
            betweenness: node.zip(betweenness.as_ref()).map(|(node, all)| rounded(all[node])),
            pagerank: node.map(|node| rounded(pagerank[node])),
        }
    };
    let wanted = |ix: &ElementIx| {
        question.level.shows(model, *ix) && question.target.is_none_or(|target| model.is_within(*ix, target))
            || question.target == Some(*ix)
    };
    model.ids().filter(wanted).map(row).collect()
}

fn system_rows<'m>(model: &'m Model, question: &Question, borders: &[Border], all: &Structure) -> Vec<SystemRow<'m>> {
    let wanted = |ix: &ElementIx| question.target.is_none_or(|target| model.is_within(target, *ix));
    let row = |ix: ElementIx| {
        let border = &borders[ix.index()];
        let abstractness = martin::abstractness(model, ix);
        let is_inside = |node: &usize| all.nodes[*node] != ix && model.is_within(all.nodes[*node], ix);
        let inside: Vec<usize> = (0..all.nodes.len()).filter(is_inside).collect();
        SystemRow {
            id: &model.element(ix).id,
            afferent: border.afferent,
            efferent: border.efferent,
            instability: border.instability().map(rounded),
            abstractness: abstractness.map(rounded),
            distance: border.distance(abstractness).map(rounded),
            parts: model.children(ix).len(),
            cohesion: martin::cohesion(model, ix).map(rounded),
            propagation_cost: Visibility::of(&all.graph.induced(&inside)).and_then(|seen| seen.cost()).map(rounded),
        }
    };
    model.of_kind(Kind::System).filter(wanted).map(row).collect()
}

/// The cycles at each level; a group that is one already at a finer level is told once.
fn cycles<'m>(model: &'m Model, is_wanted: impl Fn(ElementIx) -> bool) -> Vec<Cycle<'m>> {
    let mut found: Vec<Cycle<'m>> = Vec::new();
    for level in Level::ALL {
        let structure = Structure::of(model, level, |_| true);
        let mut groups: Vec<Vec<usize>> =
            structure.graph.components().into_iter().filter(|group| group.len() > 1).collect();
        groups.sort();
        for group in groups {
            let touches = group.iter().any(|node| is_wanted(structure.nodes[*node]));
            let cycle = cycle(model, &structure, &group);
            if touches && !found.iter().any(|known| known.elements == cycle.elements) {
                found.push(cycle);
            }
        }
    }
    found
}

fn cycle<'m>(model: &'m Model, structure: &Structure, group: &[usize]) -> Cycle<'m> {
    let id = |node: usize| model.element(structure.nodes[node]).id.as_str();
    let inside = structure.graph.induced(group);
    let cut = cut(&inside);
    let edge = |(from, to): (usize, usize)| {
        let ends = (group[from], group[to]);
        let relations = &structure.dependencies[&ends].relations;
        CutEdge {
            source: id(ends.0),
            target: id(ends.1),
            relations: relations.iter().map(|at| model.relation(*at).id.as_str()).collect(),
        }
    };
    Cycle {
        level: structure.level,
        elements: group.iter().map(|node| id(*node)).collect(),
        dependencies: inside.edges(),
        cut: cut.edges.into_iter().map(edge).collect(),
        exact: cut.is_exact,
        cut_min: cut.edges_min,
    }
}

fn propagation(structure: &Structure, seen: Option<&Visibility>) -> Propagation {
    let (elements, dependencies) = (structure.graph.nodes(), structure.graph.edges());
    let pairs = elements * elements.saturating_sub(1);
    Propagation {
        elements,
        dependencies,
        density: (pairs > 0).then(|| rounded(dependencies as f64 / pairs as f64)),
        visible: seen.map(Visibility::pairs),
        cost: seen.and_then(Visibility::cost).map(rounded),
    }
}

fn shared_databases<'m>(model: &'m Model, is_wanted: impl Fn(ElementIx) -> bool) -> Vec<SharedDatabase<'m>> {
    let id = |ix: ElementIx| model.element(ix).id.as_str();
    let all = shared::shared_databases(model).into_iter();
    all.filter(|(store, services)| is_wanted(*store) || services.iter().any(|service| is_wanted(*service)))
        .map(|(store, services)| {
            let mut systems: Vec<ElementIx> = services.iter().map(|ix| Level::System.lift(model, *ix)).collect();
            systems.dedup();
            let services = services.into_iter().map(id).collect();
            SharedDatabase { database: id(store), services, across_systems: systems.len() > 1 }
        })
        .collect()
}

fn monolith_of<'m>(model: &'m Model, score: &monolith::Score) -> Monolith<'m> {
    let part = |part: &monolith::Part| MonolithPart {
        name: part.name,
        value: rounded(part.value),
        weight: part.weight,
        points: rounded(100.0 * part.value * part.weight),
        told: part.told.clone(),
    };
    Monolith {
        score: rounded(score.score),
        verdict: score.verdict(),
        services: score.services.iter().map(|ix| model.element(*ix).id.as_str()).collect(),
        parts: score.parts.iter().map(part).collect(),
    }
}

fn matrix<'m>(model: &'m Model, structure: &Structure) -> Matrix<'m> {
    let order = structure.ordered(model);
    let mut place = vec![0; order.len()];
    for (at, node) in order.iter().enumerate() {
        place[*node] = at;
    }
    let mut marks: Vec<Mark> = structure
        .dependencies
        .iter()
        .map(|((row, column), dependency)| Mark {
            row: place[*row],
            column: place[*column],
            relations: dependency.relations.len(),
            sync: dependency.is_sync,
        })
        .collect();
    marks.sort_by_key(|mark| (mark.row, mark.column));
    Matrix { order: order.iter().map(|node| model.element(structure.nodes[*node]).id.as_str()).collect(), marks }
}

fn rounded(value: f64) -> f64 {
    let scale = 10_f64.powi(DIGITS);
    (value * scale).round() / scale
}
