//! Cycles, as strongly connected groups: complete, and the same at every run.

use loko_model::graph::cyclic_groups;
use rustc_hash::FxHashMap;
use crate::rule::{Ask, Group, Reads, Rule, flag};
use loko_model::{ElementIx, Kind, Model, RelationIx};
use loko_source::{Diagnostic, Severity};

pub(crate) const RULE: Rule = Rule {
    summary: "Elements wait for each other in a circle.",
    why: "None of them can be understood, tested, released or restarted without the others, and a failure of one comes back to it.",
    mend: "Take one relation out: move what both need into a third element, turn the dependency around with an interface or an event, or merge them.",
    group: Group::Structure,
    severity: Severity::Error,
    reads: Reads::Graph,
    is_on: true,
    has_fix: false,
    options: &[
        flag("asynchronous", false, "Whether relations that do not wait count as well."),
        flag("containers", true, "Whether containers that wait for each other by different parts count as well."),
    ],
    keys: &[],
    aliases: &["cyclic-dependency", "circular-dependencies"],
    check,
};

/// How many relations of a circle are underlined.
const SHOWN_MAX: usize = 8;
/// How many members of a group are named.
const NAMED_MAX: usize = 20;

fn check(ask: &Ask<'_>) -> Vec<Diagnostic> {
    let model = ask.workspace.model;
    let exact = Graph::of(ask, &|ix| Some(ix));
    let groups = exact.groups(model);
    let mut findings: Vec<Diagnostic> = groups.iter().map(|group| finding(ask, &exact, group)).collect();
    if ask.flag("containers") {
        let lifted = Graph::of(ask, &|ix| ask.workspace.container(ix));
        // A circle that was told is not told again for the containers that it runs through.
        let told: Vec<Vec<ElementIx>> = groups
            .iter()
            .map(|group| group.iter().filter_map(|ix| ask.workspace.container(*ix)).collect())
            .collect();
        for group in lifted.groups(model) {
            let is_told = told.iter().any(|told| group.iter().all(|ix| told.contains(ix)));
            if group.iter().all(|ix| model.element(*ix).kind == Kind::Container) && !is_told {
                findings.push(finding(ask, &lifted, &group));
            }
        }
    }
    findings
}

/// Who waits for whom, at some level.
struct Graph {
    next: Vec<Vec<u32>>,
    by: FxHashMap<(u32, u32), RelationIx>,
}

impl Graph {
    fn of(ask: &Ask<'_>, level: &dyn Fn(ElementIx) -> Option<ElementIx>) -> Self {
        let workspace = ask.workspace;
        let all = ask.flag("asynchronous");
        let mut graph = Self { next: vec![Vec::new(); workspace.model.elements.len()], by: FxHashMap::default() };
        for (ix, relation) in workspace.relations().filter(|(_, relation)| all || workspace.waits(relation)) {
            let (Some(source), Some(target)) = (level(relation.source), level(relation.target)) else { continue };
            if source != target && !workspace.is_inside(relation) {
                graph.by.entry((source.0, target.0)).or_insert_with(|| {
                    graph.next[source.index()].push(target.0);
                    ix
                });
            }
        }
        graph
    }

    fn groups(&self, model: &Model) -> Vec<Vec<ElementIx>> {
        let to_elements = |group: Vec<u32>| group.into_iter().map(ElementIx).collect();
        debug_assert_eq!(self.next.len(), model.elements.len());
        cyclic_groups(&self.next).into_iter().map(to_elements).collect()
    }

    /// A shortest circle through the first member of a group, as its elements.
    fn circle(&self, group: &[ElementIx]) -> Vec<u32> {
        let start = group[0].0;
        let mut before: FxHashMap<u32, u32> = FxHashMap::default();
        let mut queue = vec![start];
        let mut at = 0;
        while let Some(node) = queue.get(at).copied() {
            at += 1;
            for target in &self.next[node as usize] {
                if *target == start {
                    let mut circle: Vec<u32> = std::iter::successors(Some(node), |node| before.get(node).copied()).collect();
                    circle.reverse();
                    return circle;
                }
                if group.contains(&ElementIx(*target)) && !before.contains_key(target) {
                    before.insert(*target, node);
                    queue.push(*target);
                }
            }
        }
        vec![start]
    }
}

fn finding(ask: &Ask<'_>, graph: &Graph, group: &[ElementIx]) -> Diagnostic {
    let circle = graph.circle(group);
    let mut names: Vec<String> = circle.iter().map(|node| ask.id(ElementIx(*node))).collect();
    names.push(names[0].clone());
    let closed = circle.iter().copied().zip(circle.iter().copied().cycle().skip(1));
    let relations: Vec<RelationIx> = closed.filter_map(|ends| graph.by.get(&ends).copied()).collect();
    let mut finding = ask.finding(format!("{} wait for each other", ask.ids(group, SHOWN_MAX)));
    for (at, ix) in relations.iter().take(SHOWN_MAX).enumerate() {
        let relation = ask.workspace.model.relation(*ix);
        let (path, span, label) = (&relation.place.path, relation.place.span, ask.arrow(relation));
        finding = if at == 0 { finding.at(path, span, label) } else { finding.and(path, span, label) };
    }
    finding = finding.note(format!("a shortest circle: {}", names.join(" → ")));
    if group.len() > circle.len() {
        finding = finding.note(format!("{} elements reach each other: {}", group.len(), ask.ids(group, NAMED_MAX)));
    }
    finding.help("take one of these relations out, turn it around, or let it not wait (`type: async`)")
}
