//! Facts about a team and its system: stated, or counted in a workspace.
//!
//! One table states each fact with its meaning and how it is counted. What cannot be counted has to be stated.

use indexmap::IndexMap;
use loko_model::behaviour::Behaviour;
use loko_model::{Element, ElementIx, ElementShape, Kind, Model, Relation, RelationKind};
use std::collections::{BTreeMap, BTreeSet};

/// A fact that patterns can give reasons by.
#[derive(Clone, Copy, Debug)]
pub struct Fact {
    /// Its name.
    pub name: &'static str,
    /// What it says.
    pub doc: &'static str,
    /// How it is counted in a workspace, if it can be.
    count: Option<fn(&Model) -> Option<f64>>,
    /// What was counted, where that is worth a name.
    names: Option<fn(&Model) -> Vec<String>>,
}

/// What a fact is.
#[derive(Clone, Debug, PartialEq)]
pub enum FactValue {
    /// A number.
    Number(f64),
    /// A word.
    Word(String),
}

/// Facts by name.
pub type Facts = IndexMap<String, FactValue>;

const fn stated(name: &'static str, doc: &'static str) -> Fact {
    Fact { name, doc, count: None, names: None }
}

const fn counted(name: &'static str, doc: &'static str, count: fn(&Model) -> Option<f64>) -> Fact {
    Fact { name, doc, count: Some(count), names: None }
}

impl Fact {
    const fn named_by(mut self, names: fn(&Model) -> Vec<String>) -> Self {
        self.names = Some(names);
        self
    }
}

/// All facts.
pub const FACTS: &[Fact] = &[
    counted("team_size", "How many people work on it.", team_size),
    counted("teams", "How many teams work on it.", teams),
    counted("users", "How many people use it.", users),
    counted("services", "How many containers do work, stores and queues left out.", services),
    counted("stores", "How many databases, caches and buckets there are.", stores),
    counted("queues", "How many queues and topics there are.", queues),
    counted("read_write_ratio", "How many reads there are for a write.", read_write_ratio),
    counted("external_calls", "How many calls to systems of others somebody waits for.", external_calls),
    counted("unguarded_calls", "How many calls to systems of others have no timeout or no breaker.", unguarded_calls)
        .named_by(names_of_unguarded),
    counted("sync_calls", "How many calls between services somebody waits for.", sync_calls),
    counted("call_depth", "How many services wait for each other in a row.", call_depth),
    counted("async_relations", "How many relations nobody waits for.", async_relations),
    counted("events", "How many kinds of events are published.", events),
    counted("subscribers", "How many readers the busiest topic has.", subscribers),
    counted("client_kinds", "How many kinds of clients people use.", client_kinds),
    counted("shared_databases", "How many databases are used by more than one service.", shared_databases)
        .named_by(names_of_shared),
    counted("components", "How many components the largest container has.", components),
    counted("contexts", "How many bounded contexts there are.", contexts),
    counted("replicas", "How many copies the largest container has.", replicas),
    counted("sagas", "How many relations are steps of a saga.", sagas),
    counted("personal_data", "How many elements keep personal or confidential data.", personal_data),
    counted("decisions", "How many decisions are written down.", decisions),
    counted("monthly_cost", "What it costs a month, whatever the currency.", monthly_cost),
    stated("load", "How the load goes: steady, variable, bursty."),
    stated("scaling", "How it has to scale: vertical, horizontal, auto, independent."),
    stated("communication", "What callers need: answer, fire-and-forget, broadcast."),
    stated("consistency", "What data needs: strong, eventual."),
    stated("audit", "Whether every change has to be kept: yes, no."),
    stated("deployments_per_week", "How often a new version goes out."),
    stated("data_gb", "How many gigabytes of data there are."),
    stated("requests_per_second", "How many requests there are at the busiest time."),
    stated("latency_ms", "How slow the slowest dependency is, in milliseconds."),
    stated("model_calls_per_day", "How many calls to language models there are a day."),
    stated("upload_mb", "How large uploaded files are, in megabytes."),
];

impl Fact {
    /// The fact of a name.
    pub fn named(name: &str) -> Option<&'static Self> {
        let name = name.replace('-', "_");
        FACTS.iter().find(|fact| fact.name == name)
    }

    /// Whether it can be counted in a workspace.
    pub fn is_counted(&self) -> bool {
        self.count.is_some()
    }
}

impl FactValue {
    /// Reads what somebody states: `10:1` and `12k` are numbers.
    pub fn parse(text: &str) -> Self {
        let text = text.trim();
        if let Some((a, b)) = text.split_once(':')
            && let (Ok(a), Ok(b)) = (a.trim().parse::<f64>(), b.trim().parse::<f64>())
            && b > 0.0
        {
            return Self::Number(a / b);
        }
        loko_model::behaviour::Number::parse(text)
            .map_or_else(|_| Self::Word(text.to_ascii_lowercase()), |number| Self::Number(number.value()))
    }
}

impl std::fmt::Display for FactValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{}", (number * 100.0).round() / 100.0),
            Self::Word(word) => f.write_str(word),
        }
    }
}

/// How many of what was counted are named.
const NAMED_MAX: usize = 3;

/// What was counted for a fact, the first few of it by name; empty where that says nothing.
pub(crate) fn names(model: &Model, fact: &str) -> String {
    let all = Fact::named(fact).and_then(|fact| fact.names).map(|names| names(model)).unwrap_or_default();
    let more = all.len().saturating_sub(NAMED_MAX);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let named: Vec<&str> = all.iter().take(NAMED_MAX).map(String::as_str).collect();
    if named.is_empty() { String::new() } else { format!(": {}{more}", named.join(", ")) }
}

/// The facts that can be counted in a model.
pub(crate) fn of_model(model: &Model) -> Facts {
    let counted = |fact: &Fact| Some((fact.name.to_owned(), FactValue::Number((fact.count?)(model)?)));
    FACTS.iter().filter_map(counted).collect()
}

fn own(model: &Model) -> impl Iterator<Item = &Element> {
    model.elements.iter().map(AsRef::as_ref).filter(|element| !element.external)
}

fn number(model: &Model, key: &str, fold: fn(f64, f64) -> f64) -> Option<f64> {
    own(model).filter_map(|element| Behaviour::of_element(element).number(key)).reduce(fold)
}

fn is_store(element: &Element) -> bool {
    matches!(element.shape, Some(ElementShape::Database | ElementShape::Bucket | ElementShape::Cache))
}

fn is_queue(element: &Element) -> bool {
    matches!(element.shape, Some(ElementShape::Queue | ElementShape::Topic))
}

fn is_service(element: &Element) -> bool {
    let is_client = matches!(element.shape, Some(ElementShape::Browser | ElementShape::Mobile));
    element.kind == Kind::Container && !element.external && !is_store(element) && !is_queue(element) && !is_client
}

fn many(count: usize) -> Option<f64> {
    Some(count as f64)
}

fn team_size(model: &Model) -> Option<f64> {
    number(model, "team_size", |a, b| a + b)
}

fn teams(model: &Model) -> Option<f64> {
    let teams: BTreeSet<String> = own(model)
        .filter_map(|element| element.owner.clone().or_else(|| Behaviour::of_element(element).text("team")))
        .collect();
    (!teams.is_empty()).then_some(teams.len() as f64)
}

fn users(model: &Model) -> Option<f64> {
    number(model, "users", |a, b| a + b).or_else(|| {
        let people = model.elements.iter().filter(|element| element.kind == Kind::Person);
        people.filter_map(|element| Behaviour::of_element(element).number("users")).reduce(|a, b| a + b)
    })
}

fn services(model: &Model) -> Option<f64> {
    many(model.elements.iter().filter(|element| is_service(element)).count())
}

fn stores(model: &Model) -> Option<f64> {
    many(own(model).filter(|element| element.kind == Kind::Container && is_store(element)).count())
}

fn queues(model: &Model) -> Option<f64> {
    many(own(model).filter(|element| is_queue(element)).count())
}

fn read_write_ratio(model: &Model) -> Option<f64> {
    number(model, "read_write_ratio", f64::max)
}

fn waits(relation: &Relation) -> bool {
    relation.kind == RelationKind::Sync
}

fn outside(model: &Model) -> impl Iterator<Item = &Relation> {
    model.relations.iter().map(AsRef::as_ref).filter(|relation| {
        let (source, target) = (model.element(relation.source), model.element(relation.target));
        waits(relation)
            && target.external
            && !source.external
            && source.kind != Kind::Person
            && target.kind != Kind::Person
    })
}

fn external_calls(model: &Model) -> Option<f64> {
    many(outside(model).count())
}

fn unguarded(model: &Model) -> impl Iterator<Item = &Relation> {
    outside(model).filter(|relation| {
        let behaviour = Behaviour::of_relation(relation);
        !(behaviour.has("timeout") && behaviour.has("breaker"))
    })
}

fn unguarded_calls(model: &Model) -> Option<f64> {
    many(unguarded(model).count())
}

fn names_of_unguarded(model: &Model) -> Vec<String> {
    let id = |ix: ElementIx| &model.element(ix).id;
    unguarded(model).map(|it| format!("`{}` → `{}`", id(it.source), id(it.target))).collect()
}

/// The container that something is, or is part of.
fn container(model: &Model, ix: ElementIx) -> Option<ElementIx> {
    model.ancestry(ix).find(|ix| model.element(*ix).kind == Kind::Container)
}

/// The calls between two services that somebody waits for.
fn between_services(model: &Model) -> BTreeSet<(ElementIx, ElementIx)> {
    let ends = model.relations.iter().filter(|relation| waits(relation)).filter_map(|relation| {
        let (from, to) = (container(model, relation.source)?, container(model, relation.target)?);
        let both = from != to && is_service(model.element(from)) && is_service(model.element(to));
        both.then_some((from, to))
    });
    ends.collect()
}

fn sync_calls(model: &Model) -> Option<f64> {
    many(between_services(model).len())
}

/// How long a chain of waiting is looked for.
const DEPTH_MAX: usize = 32;

fn call_depth(model: &Model) -> Option<f64> {
    let calls = between_services(model);
    // In a circle no chain is longer than there are services.
    let services: BTreeSet<ElementIx> = calls.iter().flat_map(|(from, to)| [*from, *to]).collect();
    let most = services.len().min(DEPTH_MAX);
    let mut depth: BTreeMap<ElementIx, usize> = BTreeMap::new();
    for _ in 0..most {
        let mut changed = false;
        for (from, to) in &calls {
            let wanted = depth.get(to).copied().unwrap_or(1) + 1;
            let known = depth.entry(*from).or_insert(1);
            if *known < wanted && wanted <= most {
                *known = wanted;
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    many(depth.values().copied().max().unwrap_or(usize::from(!model.elements.is_empty())))
}

fn async_relations(model: &Model) -> Option<f64> {
    many(model.relations.iter().filter(|relation| !waits(relation)).count())
}

fn events(model: &Model) -> Option<f64> {
    let published = own(model).flat_map(|element| {
        let items = Behaviour::of_element(element).items("events");
        items.into_iter().filter_map(|item| item.text("name")).collect::<Vec<_>>()
    });
    let travelling = model.relations.iter().filter_map(|relation| relation.event.clone());
    many(published.chain(travelling).collect::<BTreeSet<_>>().len())
}

fn subscribers(model: &Model) -> Option<f64> {
    let readers = |ix: ElementIx| -> usize {
        let out = model.outgoing(ix).iter().map(|ix| model.relation(*ix)).filter(|relation| !waits(relation));
        out.map(|relation| relation.target).collect::<BTreeSet<_>>().len()
    };
    many(model.ids().filter(|ix| is_queue(model.element(*ix))).map(readers).max().unwrap_or(0))
}

fn client_kinds(model: &Model) -> Option<f64> {
    let clients = model.relations.iter().filter(|relation| model.element(relation.source).kind == Kind::Person);
    let clients = clients.filter_map(|relation| container(model, relation.target));
    many(clients.collect::<BTreeSet<_>>().len())
}

fn shared(model: &Model) -> impl Iterator<Item = ElementIx> {
    let users = move |ix: ElementIx| -> usize {
        let all = model.incoming(ix).iter().map(|ix| model.relation(*ix));
        let services = all.filter_map(|relation| container(model, relation.source));
        services.filter(|ix| is_service(model.element(*ix))).collect::<BTreeSet<_>>().len()
    };
    let databases = model.ids().filter(|ix| model.element(*ix).shape == Some(ElementShape::Database));
    databases.filter(move |ix| users(*ix) > 1)
}

fn shared_databases(model: &Model) -> Option<f64> {
    many(shared(model).count())
}

fn names_of_shared(model: &Model) -> Vec<String> {
    shared(model).map(|ix| format!("`{}`", model.element(ix).id)).collect()
}

fn components(model: &Model) -> Option<f64> {
    many(model.of_kind(Kind::Container).map(|ix| model.children(ix).len()).max().unwrap_or(0))
}

fn contexts(model: &Model) -> Option<f64> {
    let named: BTreeSet<String> =
        own(model).filter_map(|element| Behaviour::of_element(element).text("context")).collect();
    many(named.len())
}

fn replicas(model: &Model) -> Option<f64> {
    number(model, "replicas", f64::max)
}

fn sagas(model: &Model) -> Option<f64> {
    many(model.relations.iter().filter(|relation| Behaviour::of_relation(relation).has("saga_step")).count())
}

fn personal_data(model: &Model) -> Option<f64> {
    let is_personal = |element: &&Element| {
        let behaviour = Behaviour::of_element(element);
        let said = behaviour.text("data.classification").unwrap_or_default().to_ascii_lowercase();
        ["personal", "confidential", "card", "secret", "health"].iter().any(|word| said.contains(word))
    };
    many(own(model).filter(is_personal).count())
}

fn decisions(model: &Model) -> Option<f64> {
    many(model.decisions.len())
}

fn monthly_cost(model: &Model) -> Option<f64> {
    own(model)
        .filter_map(|element| Some(Behaviour::of_element(element).money("cost.monthly")?.amount()))
        .reduce(|a, b| a + b)
}
