//! The files of a synthetic workspace.

use super::MARK;
use super::architecture::{Architecture, Element, Kind, Relation};
use super::random::Random;
use super::words;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// One decision for so many elements.
const ELEMENTS_PER_DECISION: usize = 100;

/// All files by their paths.
pub(super) fn all(architecture: &Architecture, seed: u64) -> BTreeMap<String, String> {
    let mut random = Random::new(seed.wrapping_add(1));
    let mut files = BTreeMap::from([("loko.toml".to_owned(), project(architecture, seed))]);
    let outgoing = by_source(architecture);
    for (at, element) in architecture.elements.iter().enumerate() {
        let path = format!("src/{}/{}", element.id, marker(element.kind));
        files.insert(path, page(architecture, element, &outgoing[at], &mut random));
    }
    files.extend(relation_files(architecture, &outgoing));
    for number in 1..=architecture.elements.len() / ELEMENTS_PER_DECISION {
        files
            .insert(format!("decisions/{number:04}-decision-{number}.md"), decision(architecture, number, &mut random));
    }
    files
}

fn project(architecture: &Architecture, seed: u64) -> String {
    let count = architecture.elements.len();
    format!("{MARK}[project]\nname = \"Synthetic {count}\"\ndescription = \"{count} elements, seed {seed}\"\n")
}

fn marker(kind: Kind) -> &'static str {
    match kind {
        Kind::Person => "person.md",
        Kind::System => "system.md",
        Kind::Container => "container.md",
        Kind::Component => "component.md",
    }
}

fn by_source(architecture: &Architecture) -> Vec<Vec<&Relation>> {
    let mut outgoing = vec![Vec::new(); architecture.elements.len()];
    for relation in &architecture.relations {
        outgoing[relation.source].push(relation);
    }
    outgoing
}

/// Whether a relation stands in its system's `relationships.toml`: those of containers do, the others are front matter.
fn is_apart(architecture: &Architecture, relation: &Relation) -> bool {
    architecture.elements[relation.source].kind == Kind::Container
}

fn page(architecture: &Architecture, element: &Element, outgoing: &[&Relation], random: &mut Random) -> String {
    let mut text = format!("---\nname: {}\n", element.name);
    let _ = writeln!(text, "description: {}", description(element));
    if !element.technology.is_empty() {
        let _ = writeln!(text, "technology: {}", element.technology);
    }
    behaviour(element, &mut text, random);
    let own: Vec<&&Relation> = outgoing.iter().filter(|relation| !is_apart(architecture, relation)).collect();
    if !own.is_empty() {
        text.push_str("relationships:\n");
    }
    for relation in own {
        let target = &architecture.elements[relation.target].id;
        let _ = writeln!(text, "  - to: {target}\n    description: {}", relation.description);
        let _ = writeln!(text, "    technology: {}", relation.technology);
        if relation.is_async {
            text.push_str("    type: async\n");
        }
    }
    text.push_str("---\n\n");
    prose(element, &mut text, random);
    text
}

fn description(element: &Element) -> String {
    let name = element.name.to_lowercase();
    match element.kind {
        Kind::Person => format!("Works with the platform as {name}."),
        Kind::System => format!("Owns all that has to do with {name}."),
        Kind::Container => format!("Does the work of {name}."),
        Kind::Component => format!("Takes care of {name}s."),
    }
}

fn behaviour(element: &Element, text: &mut String, random: &mut Random) {
    match element.kind {
        Kind::System => {
            let _ = writeln!(text, "owner: team-{}\ntags: [generated]", random.pick(&words::TEAMS));
        }
        Kind::Container => {
            let _ = writeln!(text, "replicas: {}\nslo: {{ availability: 99.9%, p99: 300ms }}", 1 + random.below(6));
        }
        Kind::Person | Kind::Component => {}
    }
}

/// Three to six sentences in two paragraphs; systems and containers have the table of their parts too.
fn prose(element: &Element, text: &mut String, random: &mut Random) {
    let count = 3 + random.below(4);
    for at in 0..count {
        text.push_str(&random.pick(&words::SENTENCES).replace("{}", &element.name));
        text.push_str(if at == count / 2 || at + 1 == count { "\n\n" } else { "\n" });
    }
    match element.kind {
        Kind::System => text.push_str("## Containers\n\n{{container_table}}\n"),
        Kind::Container => text.push_str("## Components\n\n{{component_table}}\n"),
        Kind::Person | Kind::Component => {
            text.pop();
        }
    }
}

/// The `relationships.toml` of each system that has relations between containers.
fn relation_files(architecture: &Architecture, outgoing: &[Vec<&Relation>]) -> BTreeMap<String, String> {
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    for relation in outgoing.iter().flatten().filter(|relation| is_apart(architecture, relation)) {
        let source = &architecture.elements[relation.source].id;
        let system = source.split('/').next().unwrap_or(source);
        let text = files.entry(format!("src/{system}/relationships.toml")).or_default();
        if !text.is_empty() {
            text.push('\n');
        }
        let target = &architecture.elements[relation.target].id;
        let _ = writeln!(text, "[[relationships]]\nsource = \"{source}\"\ntarget = \"{target}\"");
        let _ = writeln!(text, "description = \"{}\"\ntechnology = \"{}\"", relation.description, relation.technology);
        if relation.is_async {
            text.push_str("type = \"async\"\n");
        }
    }
    files
}

fn decision(architecture: &Architecture, number: usize, random: &mut Random) -> String {
    let element = random.pick(&architecture.elements);
    let (month, day) = (1 + number % 12, 1 + number % 28);
    format!(
        "---\nstatus: accepted\ndate: 2026-{month:02}-{day:02}\nelements: [{}]\n---\n\n# Decision {number}\n\n\
         ## Context and problem\n\n{}\n\n## Decision\n\n{}\n\n## Consequences\n\n- Good: {}\n",
        element.id,
        random.pick(&words::SENTENCES).replace("{}", &element.name),
        random.pick(&words::SENTENCES).replace("{}", &element.name),
        random.pick(&words::SENTENCES).replace("{}", &element.name),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_element_has_its_marker_file_and_every_relation_is_written_once() {
        let architecture = Architecture::generate(200, 3);
        let files = all(&architecture, 3);
        for element in &architecture.elements {
            let path = format!("src/{}/{}", element.id, marker(element.kind));
            assert!(files[&path].starts_with(&format!("---\nname: {}\n", element.name)), "{path}");
        }
        let written: usize = files
            .values()
            .map(|text| text.matches("  - to: ").count() + text.matches("[[relationships]]").count())
            .sum();
        assert_eq!(written, architecture.relations.len());
    }

    #[test]
    fn files_depend_on_the_seed_alone() {
        let architecture = Architecture::generate(50, 1);
        assert_eq!(all(&architecture, 1), all(&architecture, 1));
        assert_ne!(all(&architecture, 1), all(&architecture, 2));
    }
}
