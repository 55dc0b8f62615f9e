//! The measures on graphs, held against networkx: stored answers always, fresh random graphs where Python has networkx.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "the test reads its cases and runs Python")]

use loko_rules::coupling::centrality::{betweenness, pagerank};
use loko_rules::coupling::feedback::cut;
use loko_rules::coupling::graph::Digraph;
use loko_rules::coupling::visibility::Visibility;
use proptest::prelude::*;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/coupling")
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

fn indices(value: &Value) -> Vec<usize> {
    value.as_array().unwrap().iter().map(|number| number.as_u64().unwrap() as usize).collect()
}

#[track_caller]
fn near(ours: &[f64], theirs: &[f64], what: &str, line: &str) {
    assert_eq!(ours.len(), theirs.len());
    for (a, b) in ours.iter().zip(theirs) {
        assert!((a - b).abs() < 1e-9, "{what}: {a} is not {b}\n{line}");
    }
}

/// Compares all measures with a line of answers.
fn check(line: &str) {
    let told: Value = serde_json::from_str(line).unwrap();
    let edges = told["edges"].as_array().unwrap().iter().map(indices).map(|edge| (edge[0], edge[1]));
    let graph = Digraph::new(told["nodes"].as_u64().unwrap() as usize, edges);
    let mut components = graph.components();
    components.sort();
    let theirs: Vec<Vec<usize>> = told["components"].as_array().unwrap().iter().map(indices).collect();
    assert_eq!(components, theirs, "components\n{line}");
    let seen = Visibility::of(&graph).unwrap();
    let reached: Vec<usize> = (0..graph.nodes()).map(|node| seen.fan_out(node)).collect();
    assert_eq!(reached, indices(&told["reached"]), "reach\n{line}");
    near(&[seen.cost().unwrap()], &[told["propagation_cost"].as_f64().unwrap()], "propagation cost", line);
    near(&betweenness(&graph).unwrap(), &numbers(&told["betweenness"]), "betweenness", line);
    near(&pagerank(&graph), &numbers(&told["pagerank"]), "PageRank", line);
    if let Some(fewest) = told["fewest_cut"].as_u64() {
        let cut = cut(&graph);
        assert!(cut.is_exact);
        assert_eq!(cut.edges.len() as u64, fewest, "cut\n{line}");
        assert!(without(&graph, &cut.edges).is_acyclic());
    }
}

fn without(graph: &Digraph, cut: &[(usize, usize)]) -> Digraph {
    Digraph::new(graph.nodes(), graph.all().filter(|edge| !cut.contains(edge)))
}

#[test]
fn stored_answers_are_met() {
    let lines = std::fs::read_to_string(folder().join("graphs.jsonl")).unwrap();
    assert!(lines.lines().count() >= 12);
    lines.lines().for_each(check);
}

#[test]
fn networkx_agrees_on_random_graphs() {
    let output = Command::new("python3").arg(folder().join("graphs.py")).args(["2024", "60"]).output();
    let output = match output {
        Ok(output) if output.status.success() => output,
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(3), "graphs.py fails: {said}");
            println!("skipped: python3 has no networkx; `pip install networkx` and run again");
            return;
        }
        Err(error) => {
            println!("skipped: there is no python3 ({error})");
            return;
        }
    };
    let lines = String::from_utf8(output.stdout).unwrap();
    assert_eq!(lines.lines().count(), 60);
    lines.lines().for_each(check);
}

fn graphs(nodes: std::ops::Range<usize>) -> impl Strategy<Value = Digraph> {
    nodes.prop_flat_map(|count| {
        let edges = prop::collection::vec((0..count, 0..count), 0..count * 4);
        edges.prop_map(move |edges| Digraph::new(count, edges))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.max(200), ..ProptestConfig::default() })]

    /// What the heuristic cuts breaks every cycle, is at most half of the edges, and lies above its own bound.
    #[test]
    fn a_large_group_is_cut_within_the_bound(graph in graphs(21..60)) {
        let cut = cut(&graph);
        prop_assert!(without(&graph, &cut.edges).is_acyclic());
        prop_assert!(cut.edges.len() * 2 <= graph.edges());
        prop_assert!(cut.edges_min <= cut.edges.len());
        prop_assert_eq!(cut.is_exact, cut.edges.len() == cut.edges_min);
    }

    /// Two groups of exactly solved size, joined by nothing, are cut by the heuristic no better than exactly.
    #[test]
    fn the_bound_holds_against_exact_cuts(one in graphs(11..13), other in graphs(11..13)) {
        let shift = one.nodes();
        let edges: Vec<_> = one.all().chain(other.all().map(|(a, b)| (a + shift, b + shift))).collect();
        let both = Digraph::new(shift + other.nodes(), edges);
        let exact = cut(&one).edges.len() + cut(&other).edges.len();
        let found = cut(&both);
        prop_assert!(found.edges.len() >= exact, "{} < {exact}", found.edges.len());
        prop_assert!(found.edges_min <= exact);
    }

    /// Reaching is the same seen from both ends.
    #[test]
    fn fan_in_and_fan_out_count_the_same_pairs(graph in graphs(1..40)) {
        let seen = Visibility::of(&graph).unwrap();
        let pairs: usize = (0..graph.nodes()).map(|node| seen.fan_out(node)).sum();
        prop_assert_eq!(pairs, seen.pairs());
        for to in 0..graph.nodes() {
            let count = (0..graph.nodes()).filter(|from| seen.sees(*from, to)).count();
            prop_assert_eq!(count, seen.fan_in(to));
        }
    }
}
