//! Which elements and relations a synthetic workspace has.

use super::random::Random;
use super::words;
use std::collections::HashSet;

/// Relations for each hundred elements.
const RELATIONS_PERCENT: usize = 150;
/// How many relations are between containers; the rest, but for those of people, are between components.
const BETWEEN_CONTAINERS_PERCENT: usize = 8;
/// How many relations between components stay inside one container.
const IN_CONTAINER_PERCENT: usize = 70;
/// How many relations between components stay inside one system but leave their container.
const IN_SYSTEM_PERCENT: usize = 20;
/// How many relations nobody waits for.
const ASYNC_PERCENT: usize = 15;
/// How many relations that would close a cycle are turned round, so that graphs are nearly free of cycles.
const FORWARD_PERCENT: usize = 85;
/// Tries for each relation wanted; small workspaces have no room for all of them.
const TRIES: usize = 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Person,
    System,
    Container,
    Component,
}

/// An element; its parent stands before it in [`Architecture::elements`].
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Element {
    pub(super) id: String,
    pub(super) kind: Kind,
    pub(super) name: String,
    pub(super) technology: &'static str,
    pub(super) parent: Option<usize>,
}

/// A relation between elements, by index.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Relation {
    pub(super) source: usize,
    pub(super) target: usize,
    pub(super) description: String,
    pub(super) technology: &'static str,
    pub(super) is_async: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Architecture {
    pub(super) elements: Vec<Element>,
    pub(super) relations: Vec<Relation>,
}

/// How many parts a whole has, by the size of the workspace.
struct Shape {
    people: usize,
    containers: usize,
    components: usize,
}

impl Shape {
    fn of(count: usize) -> Self {
        let (containers, components) = match count {
            0..100 => (2, 3),
            100..500 => (4, 7),
            500..3000 => (7, 9),
            _ => (15, 9),
        };
        let people = (count / 150).clamp(2, 17).min(count);
        Self { people, containers, components }
    }
}

/// The elements in layers, for choosing ends of relations.
#[derive(Default)]
struct Layers {
    people: Vec<usize>,
    /// The containers of each system.
    systems: Vec<Vec<usize>>,
    /// The components of each container, in the order of `containers`.
    components: Vec<Vec<usize>>,
    /// The positions in `components` of each system's containers.
    containers_of: Vec<Vec<usize>>,
}

impl Architecture {
    /// An architecture of exactly `count` elements.
    pub(super) fn generate(count: usize, seed: u64) -> Self {
        let mut random = Random::new(seed ^ (count as u64).rotate_left(32));
        let shape = Shape::of(count);
        let mut builder = Builder { count, elements: Vec::with_capacity(count), layers: Layers::default() };
        builder.people(shape.people);
        while builder.elements.len() < count {
            builder.system(&shape, &mut random);
        }
        let Builder { elements, layers, .. } = builder;
        let relations = Relations::choose(&elements, &layers, &mut random);
        Self { elements, relations }
    }

    /// What there is, in words.
    pub(super) fn summary(&self) -> String {
        let count = |kind| self.elements.iter().filter(|element| element.kind == kind).count();
        format!(
            "{} elements ({} people, {} systems, {} containers, {} components), {} relations ({} async)",
            self.elements.len(),
            count(Kind::Person),
            count(Kind::System),
            count(Kind::Container),
            count(Kind::Component),
            self.relations.len(),
            self.relations.iter().filter(|relation| relation.is_async).count(),
        )
    }
}

struct Builder {
    count: usize,
    elements: Vec<Element>,
    layers: Layers,
}

impl Builder {
    /// Adds an element, unless there are enough.
    fn add(&mut self, kind: Kind, name: String, technology: &'static str, parent: Option<usize>) -> Option<usize> {
        if self.elements.len() == self.count {
            return None;
        }
        let own = slug(&name);
        let id = parent.map_or(own.clone(), |parent| format!("{}/{own}", self.elements[parent].id));
        self.elements.push(Element { id, kind, name, technology, parent });
        Some(self.elements.len() - 1)
    }

    fn people(&mut self, people: usize) {
        for at in 0..people {
            let name = numbered(words::ROLES[at % words::ROLES.len()], at / words::ROLES.len());
            let person = self.add(Kind::Person, name, "", None);
            self.layers.people.extend(person);
        }
    }

    fn system(&mut self, shape: &Shape, random: &mut Random) {
        let at = self.layers.systems.len();
        let domain = numbered(words::DOMAINS[at % words::DOMAINS.len()], at / words::DOMAINS.len());
        let Some(system) = self.add(Kind::System, domain.clone(), "", None) else { return };
        self.layers.systems.push(Vec::new());
        self.layers.containers_of.push(Vec::new());
        for (name, technology) in &words::CONTAINERS[..shape.containers] {
            let Some(container) = self.add(Kind::Container, format!("{domain} {name}"), technology, Some(system))
            else {
                return;
            };
            self.layers.systems[at].push(container);
            self.layers.containers_of[at].push(self.layers.components.len());
            self.layers.components.push(Vec::new());
            self.components(container, shape.components, random);
        }
    }

    fn components(&mut self, container: usize, count: usize, random: &mut Random) {
        for at in 0..count {
            let (role, technology) = words::COMPONENTS[at % words::COMPONENTS.len()];
            let name = format!("{} {role}", random.pick(&words::NOUNS));
            let Some(component) = self.add(Kind::Component, name, technology, Some(container)) else { return };
            if let Some(last) = self.layers.components.last_mut() {
                last.push(component);
            }
        }
    }
}

#[derive(Default)]
struct Relations {
    seen: HashSet<(usize, usize)>,
    chosen: Vec<Relation>,
}

impl Relations {
    fn choose(elements: &[Element], layers: &Layers, random: &mut Random) -> Vec<Relation> {
        let wanted = elements.len() * RELATIONS_PERCENT / 100;
        let mut relations = Self::default();
        relations.of_people(layers, random);
        relations.fill(wanted * BETWEEN_CONTAINERS_PERCENT / 100, random, |random| containers(layers, random));
        let rest = wanted.saturating_sub(relations.chosen.len());
        relations.fill(rest, random, |random| components(layers, random));
        relations.chosen
    }

    /// Each person uses two systems.
    fn of_people(&mut self, layers: &Layers, random: &mut Random) {
        for person in &layers.people {
            for _ in 0..2 {
                let Some(system) = random.pick_any(&layers.systems) else { return };
                if let Some(container) = pick(system, random) {
                    self.add(*person, container, random);
                }
            }
        }
    }

    /// Adds so many relations of the ends that `choose` proposes, as far as there is room.
    fn fill(&mut self, wanted: usize, random: &mut Random, choose: impl Fn(&mut Random) -> Option<(usize, usize)>) {
        let goal = self.chosen.len() + wanted;
        for _ in 0..wanted * TRIES {
            if self.chosen.len() == goal {
                return;
            }
            let Some((source, target)) = choose(random) else { continue };
            let backward = source > target && random.chance(FORWARD_PERCENT);
            let (source, target) = if backward { (target, source) } else { (source, target) };
            self.add(source, target, random);
        }
    }

    fn add(&mut self, source: usize, target: usize, random: &mut Random) {
        if source == target || self.seen.contains(&(source, target)) {
            return;
        }
        self.seen.insert((source, target));
        let is_async = random.chance(ASYNC_PERCENT);
        let technology = *random.pick(if is_async { &words::ASYNC[..] } else { &words::SYNC[..] });
        let description = format!("{} {}s", random.pick(&words::VERBS), random.pick(&words::NOUNS).to_lowercase());
        self.chosen.push(Relation { source, target, description, technology, is_async });
    }
}

/// Two containers, mostly of one system.
fn containers(layers: &Layers, random: &mut Random) -> Option<(usize, usize)> {
    let system = random.pick_any(&layers.systems)?;
    let other = if random.chance(IN_CONTAINER_PERCENT) { system } else { random.pick(&layers.systems) };
    Some((pick(system, random)?, pick(other, random)?))
}

/// Two components: of one container, of one system, or of any.
fn components(layers: &Layers, random: &mut Random) -> Option<(usize, usize)> {
    let containers = random.pick_any(&layers.containers_of)?;
    let first = pick(containers, random)?;
    let second = match random.below(100) {
        draw if draw < IN_CONTAINER_PERCENT => first,
        draw if draw < IN_CONTAINER_PERCENT + IN_SYSTEM_PERCENT => pick(containers, random)?,
        _ => random.below(layers.components.len()),
    };
    Some((pick(&layers.components[first], random)?, pick(&layers.components[second], random)?))
}

fn pick(items: &[usize], random: &mut Random) -> Option<usize> {
    random.pick_any(items).copied()
}

fn numbered(name: &str, round: usize) -> String {
    if round == 0 { name.to_owned() } else { format!("{name} {}", round + 1) }
}

/// The folder of a name. Names here are of letters, digits and spaces only.
fn slug(name: &str) -> String {
    name.to_lowercase().replace(' ', "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(count: usize, of: usize) -> f64 {
        count as f64 / of as f64 * 100.0
    }

    #[test]
    fn there_are_as_many_elements_as_asked_for_and_no_id_twice() {
        for count in [1, 2, 3, 7, 20, 21, 99, 100, 200, 1000, 10_000] {
            let architecture = Architecture::generate(count, 1);
            assert_eq!(architecture.elements.len(), count);
            let ids: HashSet<&str> = architecture.elements.iter().map(|element| element.id.as_str()).collect();
            assert_eq!(ids.len(), count, "{count} elements");
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_and_another_gives_another() {
        assert_eq!(Architecture::generate(200, 7), Architecture::generate(200, 7));
        assert_ne!(Architecture::generate(200, 7), Architecture::generate(200, 8));
    }

    #[test]
    fn relations_have_the_proportions_of_real_workspaces() {
        let architecture = Architecture::generate(10_000, 1);
        let relations = &architecture.relations;
        assert_eq!(relations.len(), 15_000);
        let asynchronous = relations.iter().filter(|relation| relation.is_async).count();
        assert!((share(asynchronous, relations.len()) - 15.0).abs() < 1.5);

        let elements = &architecture.elements;
        let between: Vec<&Relation> =
            relations.iter().filter(|relation| elements[relation.source].kind == Kind::Component).collect();
        let inside = between.iter().filter(|r| elements[r.source].parent == elements[r.target].parent).count();
        let inside = share(inside, between.len());
        // Pairs inside a container collide more often than others, and each collision is drawn again.
        assert!((62.0..78.0).contains(&inside), "{inside} % inside one container");
    }
}
