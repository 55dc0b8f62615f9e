//! Coupling of small workspaces whose answers can be counted by hand.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "a test says what it expects")]

use loko_model::Model;
use loko_rules::coupling::{Coupling, Level, Question, analyse, picture};
use loko_source::Snapshot;

/// A model of lines `kind id [key: value]` and `source -> target [~]`; `~` makes a relation asynchronous.
fn model(lines: &str) -> Model {
    let mut files: Vec<(String, String)> = Vec::new();
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty() && !line.contains("->")) {
        let mut words = line.splitn(3, ' ');
        let (kind, id, keys) = (words.next().unwrap(), words.next().unwrap(), words.next().unwrap_or(""));
        let keys: String = keys.split(';').map(|key| format!("{}\n", key.trim())).collect();
        files.push((format!("src/{id}/{kind}.md"), format!("---\nname: {id}\n{keys}---\n")));
    }
    let mut relations = String::new();
    for line in lines.lines().filter_map(|line| line.split_once("->")) {
        let (target, is_async) = line.1.trim().split_once(' ').map_or((line.1.trim(), false), |(to, _)| (to, true));
        let kind = if is_async { "async" } else { "sync" };
        let source = line.0.trim();
        relations += &format!(
            "[[relationships]]\nsource = \"{source}\"\ntarget = \"{target}\"\nlabel = \"uses\"\ntype = \"{kind}\"\n\n"
        );
    }
    files.push(("src/relationships.toml".to_owned(), relations));
    let texts = files.iter().map(|(path, text)| (path.as_str(), text.as_str()));
    let loaded = loko_model::load(&Snapshot::from_texts(texts));
    assert!(loaded.findings.is_empty(), "{:#?}", loaded.findings);
    loaded.model
}

fn measured(model: &Model) -> Coupling<'_> {
    analyse(model, &Question::default())
}

/// Two systems; `a` has a cycle of three containers, `b` a shared database.
const TWO: &str = "
    person ann
    system a
    container a/x
    container a/y
    container a/z
    system b
    container b/p
    container b/q
    container b/db shape: database
    ann -> a/x
    a/x -> a/y
    a/y -> a/z
    a/z -> a/x
    a/y -> a/x
    a/z -> b/p ~
    b/p -> b/db
    b/q -> b/db
";

#[test]
fn what_crosses_a_border_is_counted() {
    let model = model(TWO);
    let coupling = measured(&model);
    let row = |id: &str| coupling.elements.iter().find(|row| row.element.id == id).unwrap();
    assert_eq!((row("a/x").afferent, row("a/x").efferent, row("a/x").fan_in), (3, 1, 3));
    assert_eq!((row("a").afferent, row("a").efferent, row("a").instability), (1, 1, Some(0.5)));
    assert_eq!((row("b").afferent, row("b").efferent, row("b").instability), (1, 0, Some(0.0)));
    assert_eq!(row("ann").instability, Some(1.0));
    assert_eq!((row("a/x").reaches, row("b/db").reached_by), (Some(5), Some(7)));
    assert_eq!(row("a/x").abstractness, None);
    assert_eq!(row("a/x").distance, None);
}

#[test]
fn narrowing_the_question_leaves_measures_as_they_are() {
    let model = model(TWO);
    let all = measured(&model);
    let only = analyse(&model, &Question { target: model.find("b"), ..Question::default() });
    assert_eq!(only.elements.iter().map(|row| row.element.id).collect::<Vec<_>>(), ["b", "b/db", "b/p", "b/q"]);
    for row in &only.elements {
        assert!(all.elements.contains(row), "{row:?}");
    }
    assert_eq!(only.cycles, []);
    assert_eq!(only.propagation.elements, 3);
    assert_eq!(only.propagation.cost, Some(0.555_556));
}

#[test]
fn a_cycle_is_cut_by_its_fewest_edges() {
    let model = model(TWO);
    let coupling = measured(&model);
    let [cycle] = coupling.cycles.as_slice() else { panic!("{:#?}", coupling.cycles) };
    assert_eq!(cycle.elements, ["a/x", "a/y", "a/z"]);
    assert_eq!((cycle.dependencies, cycle.cut.len(), cycle.exact, cycle.cut_min), (4, 1, true, 1));
    assert_eq!((cycle.cut[0].source, cycle.cut[0].target), ("a/x", "a/y"));
}

#[test]
fn a_cycle_of_systems_without_one_of_their_parts_is_found() {
    let model = model(
        "
        system a
        container a/x
        container a/y
        system b
        container b/p
        a/x -> b/p
        b/p -> a/y
    ",
    );
    let coupling = measured(&model);
    assert_eq!(coupling.cycles.len(), 1);
    assert_eq!((coupling.cycles[0].level, coupling.cycles[0].elements.as_slice()), (Level::System, &["a", "b"][..]));
}

#[test]
fn abstractness_is_told_only_where_it_is_known() {
    let model = model(
        "
        system a
        container a/x
        component a/x/port tags: [interface]
        component a/x/impl
        container a/y abstractness: 0.25
        container a/z
        a/z -> a/x/port
        a/x/impl -> a/y
    ",
    );
    let coupling = measured(&model);
    let row = |id: &str| coupling.elements.iter().find(|row| row.element.id == id).unwrap();
    assert_eq!(
        (row("a/x").abstractness, row("a/x").instability, row("a/x").distance),
        (Some(0.5), Some(0.5), Some(0.0))
    );
    assert_eq!((row("a/y").abstractness, row("a/y").distance), (Some(0.25), Some(0.75)));
    assert_eq!((row("a/z").abstractness, row("a/z").distance), (None, None));
    assert_eq!(row("a").abstractness, Some(0.25));
}

#[test]
fn databases_of_several_services_are_told() {
    let model = model(TWO);
    let coupling = measured(&model);
    let [shared] = coupling.shared_databases.as_slice() else { panic!("{:#?}", coupling.shared_databases) };
    assert_eq!(
        (shared.database, shared.services.as_slice(), shared.across_systems),
        ("b/db", &["b/p", "b/q"][..], false)
    );
}

#[test]
fn services_that_all_wait_for_each_other_are_a_monolith() {
    let model = model(
        "
        system a
        container a/v
        container a/w
        container a/x
        container a/y
        container a/z
        container a/db shape: database
        a/v -> a/w
        a/w -> a/x
        a/x -> a/y
        a/y -> a/z
        a/z -> a/v
        a/v -> a/db
        a/w -> a/db
        a/x -> a/db
        a/y -> a/db
        a/z -> a/db
    ",
    );
    let monolith = measured(&model).distributed_monolith.unwrap();
    assert_eq!((monolith.score, monolith.verdict, monolith.services.len()), (100.0, "distributed monolith", 5));
    assert!(monolith.parts.iter().all(|part| part.value == 1.0), "{:#?}", monolith.parts);
}

#[test]
fn services_that_only_send_events_are_no_monolith() {
    let model = model(
        "
        system a
        container a/x
        container a/y
        container a/z
        a/x -> a/y ~
        a/y -> a/z ~
    ",
    );
    let monolith = measured(&model).distributed_monolith.unwrap();
    assert_eq!((monolith.score, monolith.verdict), (0.0, "loosely coupled"));
}

#[test]
fn nothing_is_measured_of_nothing() {
    let model = Model::default();
    let coupling = measured(&model);
    assert_eq!((coupling.propagation.cost, coupling.distributed_monolith.is_none()), (None, true));
    assert!(picture::svg(&coupling).is_ok());
}

#[test]
fn a_matrix_that_nobody_could_read_is_not_drawn() {
    let lines: String = (0..=picture::ROWS_MAX).map(|at| format!("system s{at}\n")).collect();
    let model = model(&lines);
    assert_eq!(picture::svg(&measured(&model)).unwrap_err().rows, picture::ROWS_MAX + 1);
}

#[test]
fn a_large_cycle_is_cut_by_the_heuristic_and_says_so() {
    let count = 30;
    let mut lines: String = (0..count).map(|at| format!("system s{at}\n")).collect();
    for at in 0..count {
        lines += &format!("s{at} -> s{}\ns{at} -> s{}\n", (at + 1) % count, (at + 7) % count);
    }
    let model = model(&lines);
    let coupling = measured(&model);
    let cycle = &coupling.cycles[0];
    assert_eq!(cycle.elements.len(), count);
    assert!(cycle.cut.len() >= cycle.cut_min && cycle.cut.len() * 2 <= cycle.dependencies, "{cycle:#?}");
}
