//! A model and a scenario become a network.
//!
//! Containers (and systems without any) do the work; what components state about their relations counts for the
//! container. A request follows either the steps of a dynamic view or, from one element on, every relation: once each,
//! as many times as `calls` says. Who has a limit of requests at a time keeps a place while it waits for others.
//! Whatever is assumed because nobody stated it is noted ([`Compiled::assumptions`]).

mod deployment;
mod faults;
mod policies;
mod service;
mod skew;
mod stations;
mod steps;
mod view;

pub use deployment::{Replicas, Says};

use crate::cost::Prices;
use crate::defaults;
use crate::network::{Arrivals, Discipline, EdgeId, Network, Node, NodeId, Source, StationId, UNLIMITED};
use crate::scenario::{CALLS_MAX, Load, Named, REQUESTS_MAX, Scenario, Setting, Variant, Way};
use loko_model::behaviour::{Behaviour, Share};
use loko_model::value::{Data, Entry, Value};
use loko_model::{ElementIx, Kind, Model, RelationIx, Resolution};
use loko_source::suggest::did_you_mean;
use loko_source::{Diagnostic, FilePath, Severity, Span};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// A network with what it was made from.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The network.
    pub network: Network,
    /// What was assumed, in words, sorted.
    pub assumptions: Vec<String>,
    /// What it costs.
    pub prices: Prices,
    /// The element of each station; pools of connections have none.
    pub elements: Vec<Option<ElementIx>>,
    /// The copies of each station's element, as stated; pools of connections have none.
    pub replicas: Vec<Option<Replicas>>,
    /// The deployment whose copies run; none when there is none.
    pub environment: Option<String>,
}

/// The most nodes of a network; more are a mistake in the model.
pub const NODES_MAX: usize = 100_000;
const CODE: &str = "scenario";

/// Compiles one variant of a scenario; what is wrong with it otherwise.
pub fn compile(model: &Model, scenario: &Scenario, variant: &Variant) -> Result<Compiled, Vec<Diagnostic>> {
    let mut changed = Cow::Borrowed(model);
    let mut factors = BTreeMap::new();
    let mut findings = Vec::new();
    for setting in &variant.settings {
        let wrong = apply(changed.to_mut(), &scenario.path, setting, &mut factors).err();
        crate::check::add(&mut findings, wrong.map(|finding| *finding));
    }
    let deployment = deployment::Deployment::of(model, scenario, variant).unwrap_or_else(|wrong| {
        crate::check::add(&mut findings, [*wrong]);
        deployment::Deployment::default()
    });
    let mut builder = Builder {
        model: &changed,
        path: &scenario.path,
        deployment,
        factors,
        network: Network::default(),
        stations: BTreeMap::new(),
        nodes: BTreeMap::new(),
        open: BTreeSet::new(),
        relations: BTreeMap::new(),
        pools: BTreeMap::new(),
        caches: BTreeMap::new(),
        assumptions: BTreeSet::new(),
        prices: Prices::default(),
        findings,
    };
    for load in &scenario.loads {
        if let Some(edge) = builder.entry(load) {
            builder.network.source(&load.name, edge, load.arrivals.clone());
            if let Some(source) = builder.network.sources.last_mut() {
                source.class = load.class;
            }
        }
    }
    for fault in scenario.faults.iter().filter(|fault| fault.is_in(&variant.name)) {
        builder.fault(scenario, fault);
    }
    if builder.findings.is_empty() {
        builder.size(scenario);
    }
    if builder.findings.is_empty() && !scenario.overload {
        builder.overload(scenario);
    }
    if builder.findings.is_empty() {
        let (elements, replicas) = (builder.elements(), builder.copies_told());
        Ok(Compiled {
            network: builder.network,
            assumptions: builder.assumptions.into_iter().collect(),
            prices: builder.prices,
            elements,
            replicas,
            environment: builder.deployment.name,
        })
    } else {
        Err(builder.findings)
    }
}

/// What is wrong with changes, each made by itself.
pub(crate) fn check_settings(model: &Model, path: &FilePath, settings: &[Setting]) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    if settings.is_empty() {
        return findings;
    }
    let mut changed = model.clone();
    for setting in settings {
        let wrong = apply(&mut changed, path, setting, &mut BTreeMap::new()).err();
        crate::check::add(&mut findings, wrong.map(|finding| *finding));
    }
    findings
}

/// An element by its name, or a finding that says what may be meant.
fn resolve(model: &Model, path: &FilePath, name: &str, span: Span) -> Result<ElementIx, Box<Diagnostic>> {
    let finding = match model.resolve(name) {
        Resolution::Found(ix) => return Ok(ix),
        Resolution::Ambiguous(all) => {
            let ids: Vec<String> = all.iter().map(|ix| format!("`{}`", model.element(*ix).id)).collect();
            Diagnostic::error(CODE, format!("`{name}` may be {}", ids.join(" or "))).at(path, span, "more than one")
        }
        Resolution::Unknown => {
            let mut finding =
                Diagnostic::error(CODE, format!("there is no element `{name}`")).at(path, span, "unknown");
            finding.help = did_you_mean(name, model.elements.iter().map(|element| element.id.as_str())).map(Into::into);
            finding
        }
    };
    Err(Box::new(finding))
}

/// The relations of `a -> b`: from within one to within the other.
fn relations_of(model: &Model, path: &FilePath, name: &str, span: Span) -> Result<Vec<RelationIx>, Box<Diagnostic>> {
    let Some((from, to)) = name.split_once("->") else {
        return Err(Box::new(Diagnostic::error(CODE, format!("`{name}` is no relation")).at(path, span, "no `->`")));
    };
    let (from, to) = (resolve(model, path, from.trim(), span)?, resolve(model, path, to.trim(), span)?);
    let found: Vec<RelationIx> = between(model, from, to).collect();
    if found.is_empty() {
        let message = format!("no relation leads from `{}` to `{}`", model.element(from).id, model.element(to).id);
        return Err(Box::new(Diagnostic::error(CODE, message).at(path, span, "unknown")));
    }
    Ok(found)
}

fn between(model: &Model, from: ElementIx, to: ElementIx) -> impl Iterator<Item = RelationIx> {
    let fits = move |relation: &loko_model::Relation| {
        model.is_within(relation.source, from) && model.is_within(relation.target, to)
    };
    model.relations.iter().enumerate().filter(move |(_, relation)| fits(relation)).map(|(at, _)| RelationIx(at as u32))
}

/// Changes the model for a variant.
fn apply(
    model: &mut Model,
    path: &FilePath,
    setting: &Setting,
    factors: &mut BTreeMap<ElementIx, f64>,
) -> Result<(), Box<Diagnostic>> {
    let path = setting.file.as_ref().unwrap_or(path);
    let Named { text: target, span } = &setting.target;
    let off = matches!(setting.value.data, Data::Bool(false));
    let place =
        if target.contains("->") { loko_model::schema::At::Relation } else { loko_model::schema::At::Container };
    let (first, rest) =
        setting.key.split_once('.').map_or((setting.key.as_str(), None), |(first, rest)| (first, Some(rest)));
    if loko_model::schema::find(place, first).is_none() {
        let known = loko_model::schema::names(place);
        let mut finding = Diagnostic::error(CODE, format!("`{target}` has no behaviour `{}`", setting.key)).at(
            path,
            setting.key_span,
            "here",
        );
        finding.help = did_you_mean(first, known).map(Into::into);
        return Err(Box::new(finding));
    }
    let factor = factor(path, setting)?;
    if !off && factor.is_none() {
        let entry = Entry { key_span: setting.key_span, value: nested(None, rest, setting) };
        let entries = indexmap::IndexMap::from([(first.to_owned(), entry)]);
        let mut wrong = loko_model::load::check_behaviour(path, place, &entries).into_iter();
        if let Some(finding) = wrong.find(|finding| finding.severity >= Severity::Warning) {
            return Err(Box::new(Diagnostic { severity: Severity::Error, ..finding }));
        }
    }
    let change = |behaviour: &mut indexmap::IndexMap<String, Value>| {
        if off && rest.is_none() {
            behaviour.shift_remove(first);
        } else {
            let before = behaviour.get(first).cloned();
            behaviour.insert(first.to_owned(), nested(before, rest, setting));
        }
    };
    if target.contains("->") {
        for relation in relations_of(model, path, target, *span)? {
            change(&mut model.relation_mut(relation).behaviour);
        }
        return Ok(());
    }
    let element = resolve(model, path, target, *span)?;
    match factor {
        Some(factor) => {
            for inner in model.subtree(element) {
                factors.insert(inner, factor);
            }
        }
        None => change(&mut model.element_mut(element).behaviour),
    }
    Ok(())
}

/// A value with one part of it changed, at any depth; what is no table becomes one.
fn nested(before: Option<Value>, path: Option<&str>, setting: &Setting) -> Value {
    let Some(path) = path else { return setting.value.clone() };
    let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
    let mut table = match before {
        Some(Value { data: Data::Map(table), .. }) => table,
        _ => indexmap::IndexMap::new(),
    };
    let inner = table.shift_remove(first).map(|entry| entry.value);
    let entry = Entry { key_span: setting.key_span, value: nested(inner, rest, setting) };
    table.insert(first.to_owned(), entry);
    Value { data: Data::Map(table), span: setting.value.span }
}

/// How many times as long work takes, where a change says that: `10x`.
fn factor(path: &FilePath, setting: &Setting) -> Result<Option<f64>, Box<Diagnostic>> {
    let text = setting.value.as_text().filter(|_| setting.key == "service_time");
    let Some(number) = text.and_then(|text| text.trim().strip_suffix('x')?.trim().parse::<f64>().ok()) else {
        return Ok(None);
    };
    if number > 0.0 && number.is_finite() {
        return Ok(Some(number));
    }
    let finding = Diagnostic::error(CODE, format!("work can't take {number} times as long"));
    Err(Box::new(finding.at(path, setting.value.span, "here").help("write a factor above 0, such as `10x`")))
}

struct Builder<'m> {
    model: &'m Model,
    path: &'m FilePath,
    deployment: deployment::Deployment,
    factors: BTreeMap<ElementIx, f64>,
    network: Network,
    stations: BTreeMap<ElementIx, Option<StationId>>,
    nodes: BTreeMap<ElementIx, NodeId>,
    /// Elements whose calls are being followed, to break cycles.
    open: BTreeSet<ElementIx>,
    relations: BTreeMap<RelationIx, Vec<EdgeId>>,
    /// The pool of each relation that has one.
    pools: BTreeMap<RelationIx, StationId>,
    /// The edges behind which a cache stands, by the element that is the cache.
    caches: BTreeMap<ElementIx, Vec<EdgeId>>,
    assumptions: BTreeSet<String>,
    prices: Prices,
    findings: Vec<Diagnostic>,
}

impl Builder<'_> {
    fn resolve(&mut self, named: &Named) -> Option<ElementIx> {
        resolve(self.model, self.path, &named.text, named.span).map_err(|finding| self.findings.push(*finding)).ok()
    }

    /// The element that does the work of another: its container, or the system when there is none.
    fn unit(&self, ix: ElementIx) -> ElementIx {
        self.model.ancestry(ix).find(|ix| self.model.element(*ix).kind != Kind::Component).unwrap_or(ix)
    }

    fn id(&self, ix: ElementIx) -> &str {
        &self.model.element(ix).id
    }

    fn assume(&mut self, ix: ElementIx, what: &str) {
        let text = format!("{}: {what}", self.id(ix));
        self.assumptions.insert(text);
    }

    /// The elements of the stations.
    fn elements(&self) -> Vec<Option<ElementIx>> {
        let mut elements = vec![None; self.network.stations.len()];
        for (element, station) in &self.stations {
            if let Some(station) = station {
                elements[*station as usize] = Some(*element);
            }
        }
        elements
    }

    /// The edge that a load's requests take.
    fn entry(&mut self, load: &Load) -> Option<EdgeId> {
        match &load.way {
            Way::View(view) => self.view(view),
            Way::Relation { from, to } => {
                let (from, to) = (self.resolve(from)?, self.resolve(to)?);
                let target = self.unit(to);
                let node = self.node(target);
                let found = between(self.model, from, to).chain(between(self.model, from, target)).next();
                let edge = self.edge(found, from, target, node, true);
                if load.clients > 1 {
                    self.network.edges[edge as usize].callers = load.clients;
                }
                Some(edge)
            }
        }
    }

    /// The node of an element: its own work, then its calls.
    fn node(&mut self, unit: ElementIx) -> NodeId {
        if let Some(node) = self.nodes.get(&unit) {
            return *node;
        }
        self.open.insert(unit);
        let mut node = self.work(unit);
        self.follow(unit, &mut node);
        self.cache_aside(unit, &node.steps);
        self.open.remove(&unit);
        let id = self.network.node(node);
        self.nodes.insert(unit, id);
        id
    }

    /// An element's own work, without calls.
    fn work(&mut self, unit: ElementIx) -> Node {
        let Some(station) = self.station(unit) else { return Node::nothing() };
        let service = self.service(unit);
        let failure = Behaviour::of_element(self.model.element(unit)).share("error_rate").map_or(0.0, Share::value);
        let limited = &self.network.stations[station as usize];
        let holds =
            (limited.servers != UNLIMITED || limited.elastic.is_some()) && limited.discipline != Discipline::Sharing;
        Node { holds, failure, ..Node::work(station, service) }
    }

    fn station(&mut self, unit: ElementIx) -> Option<StationId> {
        if let Some(station) = self.stations.get(&unit) {
            return *station;
        }
        let assumed = defaults::of(self.model.element(unit));
        let stated = Behaviour::of_element(self.model.element(unit));
        let works = assumed.p99 > 0.0 || stated.has("service_time") || stated.has("error_rate");
        let station = works.then(|| self.new_station(unit, assumed));
        self.stations.insert(unit, station);
        station
    }

    /// What nobody would wait for is a slip: requests without number, or requests that come to calls without number.
    fn size(&mut self, scenario: &Scenario) {
        let runs = f64::from(scenario.replications) * scenario.variants.len() as f64;
        let all: f64 = scenario.loads.iter().map(|load| load.arrivals.expected(scenario.duration) * runs).sum();
        if all > REQUESTS_MAX {
            let message = format!("the scenario makes {all:.1e} requests in all, more than {REQUESTS_MAX:.0e}");
            let span = scenario.loads.first().map_or(Span::at(0), |load| load.span);
            let help = "lower the rate, the duration or the replications";
            self.findings.push(Diagnostic::error(CODE, message).at(self.path, span, "this load").help(help));
        }
        for (load, source) in scenario.loads.iter().zip(&self.network.sources) {
            // One request a second, however they come.
            let one = Source { arrivals: Arrivals::poisson(1.0), ..source.clone() };
            let alone = Network { sources: vec![one], ..self.network.clone() };
            let seen = crate::analytic::network::outlook(&alone, &[1.0]);
            let Some((most, edge)) = seen
                .edges
                .iter()
                .map(|way| way.rate)
                .zip(&self.network.edges)
                .max_by(|a, b| a.0.total_cmp(&b.0))
                .filter(|(rate, _)| *rate > CALLS_MAX)
            else {
                continue;
            };
            let message = format!("one request of load `{}` comes to {most:.1e} calls of {}", load.name, edge.name);
            let help = "many ways lead there: say with `calls` or `probability` how often each is taken";
            self.findings.push(Diagnostic::error(CODE, message).at(self.path, load.span, "this load").help(help));
        }
    }

    /// A load that can't be kept up with from the first second to the last would only grow a queue.
    fn overload(&mut self, scenario: &Scenario) {
        let rates: Vec<f64> = self
            .network
            .sources
            .iter()
            .map(|source| match &source.arrivals {
                Arrivals::Open(points) => points.iter().map(|(_, rate)| *rate).fold(f64::INFINITY, f64::min),
                Arrivals::Closed { .. } | Arrivals::Burst { .. } => 0.0,
            })
            .collect();
        let looks = crate::analytic::network::own_work(&self.network, &rates);
        for (look, station) in looks.iter().zip(&self.network.stations) {
            if look.utilization >= 1.0 && station.room.is_none() && station.scaling.is_none() {
                let message = format!(
                    "`{}` can't keep up: {:.0} requests/s need {:.1} times the {} places that it has, and its queue grows without end",
                    station.name, look.rate, look.utilization, station.servers
                );
                let span = scenario.loads.first().map_or(Span::at(0), |load| load.span);
                let help =
                    "lower the load, give it more replicas or concurrency, bound its queue, or say `overload = true`";
                self.findings
                    .push(Diagnostic::error("unstable-queue", message).at(self.path, span, "this load").help(help));
            }
        }
    }
}

/// A time as people read it.
pub(crate) fn show(seconds: f64) -> String {
    let (value, unit) = match seconds {
        _ if !seconds.is_finite() => return "∞".to_owned(),
        s if s.abs() < 1e-9 => return "0 s".to_owned(),
        s if s.abs() >= 1.0 => (s, "s"),
        s if s.abs() >= 1e-3 => (s * 1e3, "ms"),
        s => (s * 1e6, "µs"),
    };
    let digits = if value.abs() >= 100.0 {
        0
    } else if value.abs() >= 10.0 {
        1
    } else {
        2
    };
    format!("{value:.digits$} {unit}")
}
