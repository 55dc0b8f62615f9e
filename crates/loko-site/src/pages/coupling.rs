//! Coupling: the design structure matrix, cycles with the edges to cut, and what each element's borders say.
//!
//! Measuring costs more than planning, so the plan is only what the measures follow from; they are taken when the page has
//! to be made.

use super::matrix::{self, MatrixView};
use super::{Body, Page, Ref, here, section};
use crate::fingerprint::Ingredients;
use crate::site::Site;
use loko_model::Model;
use loko_rules::coupling::{self, Coupling, Level, Question, picture};
use serde::Serialize;

/// The path of the page.
pub(crate) const PATH: &str = "coupling.html";
/// The elements that are listed at most: those with most dependencies.
const ROWS_MAX: usize = 200;
/// A matrix with more rows than this is made of containers, or else of systems.
const MATRIX_ROWS_MAX: usize = 120;

/// What the measures follow from.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct CouplingPlan {
    graph: u64,
}

/// What the page says.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct CouplingPage {
    pub lead: String,
    /// What a row of the matrix is, in words.
    pub level: String,
    pub facts: Vec<FactView>,
    /// None when it would be too large to be read.
    pub matrix: Option<MatrixView>,
    pub cycles: Vec<CycleView>,
    pub shared: Vec<SharedView>,
    pub systems: Vec<Row>,
    pub elements: Vec<Row>,
    /// How many elements there are besides those listed.
    pub left_out: usize,
    pub notes: Vec<String>,
}

/// A number of the whole.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct FactView {
    pub name: String,
    pub value: String,
    /// What it says; empty where that is plain.
    pub means: String,
}

/// Elements that depend on each other in a circle.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct CycleView {
    pub level: &'static str,
    pub elements: Vec<Ref>,
    /// The dependencies to give up, so that no circle is left.
    pub cut: Vec<(Ref, Ref)>,
}

/// A database that several services use.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct SharedView {
    pub database: Ref,
    pub services: Vec<Ref>,
}

/// The measures of one element or system.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Row {
    #[serde(rename = "ref")]
    pub reference: Ref,
    pub afferent: usize,
    pub efferent: usize,
    pub instability: String,
    pub reaches: String,
    pub reached_by: String,
    pub betweenness: String,
}

/// Plans the page; none without relations.
pub(crate) fn page(site: &Site<'_>) -> Option<Page> {
    let model = site.model;
    if model.relations.is_empty() {
        return None;
    }
    let sections = vec![
        section("s-matrix", &site.say("coupling.matrix")),
        section("s-cycles", &site.say("coupling.cycles")),
        section("s-systems", &site.say("coupling.systems")),
        section("s-elements", &site.say("coupling.elements-all")),
    ];
    let title = site.say("nav.coupling");
    let mut frame = site.frame(PATH, &title, &site.say("coupling.description"), sections);
    frame.crumbs = vec![site.home_crumb(PATH), here(title)];
    let body = Body::Coupling(CouplingPlan { graph: graph(model) });
    Some(Page { path: PATH.to_owned(), frame, body, drawings: Vec::new(), prose: None, sketches: Vec::new() })
}

fn graph(model: &Model) -> u64 {
    let mut made_of = Ingredients::of("graph");
    for element in &model.elements {
        made_of.text(&element.id).text(&element.name).text(element.kind.name()).text(&element.technology);
        made_of.data(&(element.external, element.shape, &element.behaviour));
    }
    for relation in &model.relations {
        made_of.text(&relation.id).text(relation.kind.name());
        made_of.data(&(relation.source.0, relation.target.0, relation.bidirectional));
    }
    u64::from(made_of.finish())
}

/// Takes the measures.
pub(crate) fn measure(site: &Site<'_>) -> CouplingPage {
    let model = site.model;
    let all = coupling::analyse(model, &Question { target: None, level: Level::Element });
    let level = [Level::Element, Level::Container, Level::System]
        .into_iter()
        .find(|level| model.ids().filter(|ix| level.shows(model, *ix)).count() <= MATRIX_ROWS_MAX)
        .unwrap_or(Level::System);
    let coarse = (level != Level::Element).then(|| coupling::analyse(model, &Question { target: None, level }));
    let shown = coarse.as_ref().unwrap_or(&all);
    let matrix = (shown.matrix.order.len() <= picture::ROWS_MAX).then(|| matrix::view(site, PATH, shown));
    CouplingPage { matrix, ..told(site, &all, level) }
}

fn told(site: &Site<'_>, all: &Coupling<'_>, level: Level) -> CouplingPage {
    let reference = |id: &str| site.model.find(id).map(|ix| site.reference(PATH, ix));
    let refs = |ids: &[&str]| ids.iter().filter_map(|id| reference(id)).collect::<Vec<Ref>>();
    let percent = |value: f64| format!("{:.0} %", value * 100.0);
    let number = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| site.words.decimal(value));
    let count = |value: Option<usize>| value.map_or_else(|| "–".to_owned(), |value| value.to_string());
    let fact = |key: &str, value: String, means: &str| FactView {
        name: site.say(key),
        value,
        means: if means.is_empty() { String::new() } else { site.say(means) },
    };
    let whole = &all.propagation;
    let mut facts = vec![
        fact("coupling.elements", site.words.whole(whole.elements), "coupling.elements-means"),
        fact("coupling.dependencies", site.words.whole(whole.dependencies), ""),
    ];
    facts.extend(whole.cost.map(|cost| fact("coupling.cost", percent(cost), "coupling.cost-means")));
    facts.extend(whole.density.map(|density| fact("coupling.density", percent(density), "coupling.density-means")));
    facts.extend(all.distributed_monolith.as_ref().map(|it| {
        let score = format!("{:.0}", it.score);
        let told = site.words.fill("coupling.monolith-score", &[("score", &score), ("verdict", &it.verdict)]);
        fact("coupling.monolith", told, "coupling.monolith-means")
    }));
    let mut rows: Vec<Row> = all
        .elements
        .iter()
        .filter(|row| row.afferent + row.efferent > 0)
        .filter_map(|row| {
            Some(Row {
                reference: reference(row.element.id)?,
                afferent: row.afferent,
                efferent: row.efferent,
                instability: number(row.instability),
                reaches: count(row.reaches),
                reached_by: count(row.reached_by),
                betweenness: number(row.betweenness),
            })
        })
        .collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.afferent + row.efferent));
    let left_out = rows.len().saturating_sub(ROWS_MAX);
    rows.truncate(ROWS_MAX);
    let systems = all.systems.iter().filter_map(|row| {
        Some(Row {
            reference: reference(row.id)?,
            afferent: row.afferent,
            efferent: row.efferent,
            instability: number(row.instability),
            reaches: number(row.cohesion),
            reached_by: row.propagation_cost.map_or_else(|| "–".to_owned(), percent),
            betweenness: String::new(),
        })
    });
    let cycles: Vec<CycleView> = all
        .cycles
        .iter()
        .map(|cycle| CycleView {
            level: cycle.level.name(),
            elements: refs(&cycle.elements),
            cut: cycle.cut.iter().filter_map(|edge| Some((reference(edge.source)?, reference(edge.target)?))).collect(),
        })
        .collect();
    let shared = all
        .shared_databases
        .iter()
        .filter_map(|it| Some(SharedView { database: reference(it.database)?, services: refs(&it.services) }));
    let lead = match cycles.len() {
        0 => site.say("coupling.no-cycles"),
        count => site.words.count("coupling.lead", count),
    };
    CouplingPage {
        lead,
        level: match level {
            Level::Element => site.say("coupling.level-element"),
            Level::Container => site.say("coupling.level-container"),
            _ => site.say("coupling.level-system"),
        },
        facts,
        matrix: None,
        cycles,
        shared: shared.collect(),
        systems: systems.collect(),
        elements: rows,
        left_out,
        notes: all.notes.clone(),
    }
}
