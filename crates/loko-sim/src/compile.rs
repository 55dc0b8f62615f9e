//! A model and a scenario become a network.
//!
//! Containers (and systems without any) do the work; what components state about their relations counts for the
//! container. A request follows either the steps of a dynamic view or, from one element on, every relation: once each,
//! as many times as `calls` says. Who has a limit of requests at a time keeps a place while it waits for others.
//! Whatever is assumed because nobody stated it is noted ([`Compiled::assumptions`]).

mod policies;
mod view;

use crate::defaults::{self, Assumed};
use crate::distribution::{Distribution, nanos};
use crate::network::{
    Arrivals, EdgeId, Effect, Fault, Network, Node, NodeId, Scaling, Station, StationId, Step, UNLIMITED,
};
use crate::scenario::{Named, Scenario, Setting, Trouble, Variant, Way};
use loko_model::behaviour::{Behaviour, Share};
use loko_model::value::{Data, Value};
use loko_model::{ElementIx, Kind, Model, RelationIx, RelationKind, Resolution};
use loko_policy::autoscale;
use loko_source::suggest::did_you_mean;
use loko_source::{Diagnostic, FilePath, Span};
use std::collections::{BTreeMap, BTreeSet};

/// A network with what it was made from.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The network.
    pub network: Network,
    /// What was assumed, in words, sorted.
    pub assumptions: Vec<String>,
}

/// The most nodes of a network; more are a mistake in the model.
pub const NODES_MAX: usize = 100_000;
const CODE: &str = "scenario";

/// Compiles one variant of a scenario; what is wrong with it otherwise.
pub fn compile(model: &Model, scenario: &Scenario, variant: &Variant) -> Result<Compiled, Vec<Diagnostic>> {
    let mut model = model.clone();
    let mut factors = BTreeMap::new();
    let mut findings = Vec::new();
    for setting in &variant.settings {
        if let Err(finding) = apply(&mut model, &scenario.path, setting, &mut factors) {
            findings.push(*finding);
        }
    }
    let mut builder = Builder {
        model: &model,
        path: &scenario.path,
        factors,
        network: Network::default(),
        stations: BTreeMap::new(),
        nodes: BTreeMap::new(),
        open: BTreeSet::new(),
        relations: BTreeMap::new(),
        caches: BTreeMap::new(),
        assumptions: BTreeSet::new(),
        findings,
    };
    for load in &scenario.loads {
        if let Some(edge) = builder.entry(&load.way) {
            builder.network.source(&load.name, edge, load.arrivals.clone());
        }
    }
    for fault in &scenario.faults {
        builder.fault(scenario, fault);
    }
    if builder.findings.is_empty() && !scenario.overload {
        builder.overload(scenario);
    }
    if builder.findings.is_empty() {
        Ok(Compiled { network: builder.network, assumptions: builder.assumptions.into_iter().collect() })
    } else {
        Err(builder.findings)
    }
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
            finding.help = did_you_mean(name, model.elements.iter().map(|element| element.id.as_str()));
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
    let Named { text: target, span } = &setting.target;
    let off = matches!(setting.value.data, Data::Bool(false));
    let place =
        if target.contains("->") { loko_model::schema::At::Relation } else { loko_model::schema::At::Container };
    if loko_model::schema::find(place, &setting.key).is_none() {
        let known = loko_model::schema::names(place);
        let mut finding =
            Diagnostic::error(CODE, format!("`{target}` has no behaviour `{}`", setting.key)).at(path, *span, "here");
        finding.help = did_you_mean(&setting.key, known);
        return Err(Box::new(finding));
    }
    let change = |behaviour: &mut indexmap::IndexMap<String, Value>| {
        if off {
            behaviour.shift_remove(&setting.key);
        } else {
            behaviour.insert(setting.key.clone(), setting.value.clone());
        }
    };
    if target.contains("->") {
        for relation in relations_of(model, path, target, *span)? {
            change(&mut model.relations[relation.index()].behaviour);
        }
        return Ok(());
    }
    let element = resolve(model, path, target, *span)?;
    let factor = setting.value.as_text().and_then(|text| text.trim().strip_suffix('x')?.trim().parse::<f64>().ok());
    match factor {
        Some(factor) if setting.key == "service_time" && factor > 0.0 => {
            for inner in model.subtree(element) {
                factors.insert(inner, factor);
            }
        }
        _ => change(&mut model.elements[element.index()].behaviour),
    }
    Ok(())
}

struct Builder<'m> {
    model: &'m Model,
    path: &'m FilePath,
    factors: BTreeMap<ElementIx, f64>,
    network: Network,
    stations: BTreeMap<ElementIx, Option<StationId>>,
    nodes: BTreeMap<ElementIx, NodeId>,
    /// Elements whose calls are being followed, to break cycles.
    open: BTreeSet<ElementIx>,
    relations: BTreeMap<RelationIx, Vec<EdgeId>>,
    /// The edges behind which a cache stands, by the element that is the cache.
    caches: BTreeMap<ElementIx, Vec<EdgeId>>,
    assumptions: BTreeSet<String>,
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

    /// The edge that a load's requests take.
    fn entry(&mut self, way: &Way) -> Option<EdgeId> {
        match way {
            Way::View(view) => self.view(view),
            Way::Relation { from, to } => {
                let (from, to) = (self.resolve(from)?, self.resolve(to)?);
                let target = self.unit(to);
                let node = self.node(target);
                let found = between(self.model, from, to).chain(between(self.model, from, target)).next();
                Some(self.edge(found, from, target, node, true))
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
        for (relation, target) in self.calls(unit) {
            if self.open.contains(&target) || self.network.nodes.len() >= NODES_MAX {
                let text = format!("{} → {}: not followed, it leads back", self.id(unit), self.id(target));
                self.assumptions.insert(text);
                continue;
            }
            if self.is_rare(relation) {
                let text = format!(
                    "{} → {}: not followed, an event or message that no `calls` says how often",
                    self.id(unit),
                    self.id(target)
                );
                self.assumptions.insert(text);
                continue;
            }
            let inner = self.node(target);
            let edge = self.edge(Some(relation), unit, target, inner, false);
            node.steps.push(Step { edges: vec![edge], need: None });
        }
        self.cache_aside(unit, &node.steps);
        self.open.remove(&unit);
        let id = self.network.node(node);
        self.nodes.insert(unit, id);
        id
    }

    /// The relations that leave an element, one for each target: the one that says most.
    fn calls(&self, unit: ElementIx) -> Vec<(RelationIx, ElementIx)> {
        let mut best: BTreeMap<ElementIx, RelationIx> = BTreeMap::new();
        let mut order = Vec::new();
        for source in self.model.subtree(unit) {
            if self.model.element(unit).kind == Kind::System && source != unit {
                continue;
            }
            for ix in self.model.outgoing(source) {
                let target = self.unit(self.model.relation(*ix).target);
                if target == unit || self.model.is_within(unit, target) {
                    continue;
                }
                match best.get(&target).copied() {
                    None => {
                        order.push(target);
                        best.insert(target, *ix);
                    }
                    Some(other) if self.says_more(*ix, other) => {
                        best.insert(target, *ix);
                    }
                    Some(_) => {}
                }
            }
        }
        order.into_iter().map(|target| (best[&target], target)).collect()
    }

    /// Whether nobody waits for it and nobody says how often it happens: a read tells no event.
    fn is_rare(&self, ix: RelationIx) -> bool {
        let relation = self.model.relation(ix);
        let stated = Behaviour::of_relation(relation);
        relation.kind != RelationKind::Sync && !stated.has("calls") && !stated.has("probability")
    }

    fn says_more(&self, one: RelationIx, other: RelationIx) -> bool {
        let weight = |ix: RelationIx| {
            let relation = self.model.relation(ix);
            (relation.kind == RelationKind::Sync, relation.behaviour.len())
        };
        weight(one) > weight(other)
    }

    /// An element's own work, without calls.
    fn work(&mut self, unit: ElementIx) -> Node {
        let Some(station) = self.station(unit) else { return Node::nothing() };
        let service = self.service(unit);
        let holds = self.network.stations[station as usize].servers != UNLIMITED;
        Node { holds, ..Node::work(station, service) }
    }

    fn station(&mut self, unit: ElementIx) -> Option<StationId> {
        if let Some(station) = self.stations.get(&unit) {
            return *station;
        }
        let assumed = defaults::of(self.model.element(unit));
        let works = assumed.p99 > 0.0 || Behaviour::of_element(self.model.element(unit)).has("service_time");
        let station = works.then(|| self.new_station(unit, assumed));
        self.stations.insert(unit, station);
        station
    }

    fn new_station(&mut self, unit: ElementIx, assumed: Assumed) -> StationId {
        let model = self.model;
        let behaviour = Behaviour::of_element(model.element(unit));
        let count = |path: &str| behaviour.count(path).map(|count| count.min(1 << 24) as u32);
        let replicas = count("replicas").unwrap_or(defaults::REPLICAS).max(1);
        let concurrency = count("concurrency").or_else(|| behaviour.count("pool.size").map(|size| size as u32));
        let servers = match (behaviour.rate("capacity"), concurrency.or(assumed.concurrency)) {
            (Some(rate), _) => {
                let mean = self.service(unit).mean();
                self.assume(
                    unit,
                    &format!("a capacity of {:.0}/s is so many times its mean work at a time", rate.per_second()),
                );
                libm::ceil(rate.per_second() * mean).max(1.0) as u32
            }
            (None, Some(each)) => replicas.saturating_mul(each),
            (None, None) => UNLIMITED,
        };
        if concurrency.is_none() && !behaviour.has("capacity") {
            match assumed.concurrency {
                Some(each) => self.assume(
                    unit,
                    &format!("handles {each} requests at a time and copy, as a {} does here", assumed.role),
                ),
                None => self.assume(
                    unit,
                    &format!("handles any number of requests at a time, as a {} does here", assumed.role),
                ),
            }
        }
        if !behaviour.has("replicas") && servers != UNLIMITED {
            self.assume(unit, "runs once");
        }
        let room =
            count("queue.capacity").filter(|_| servers != UNLIMITED).map(|waiting| servers.saturating_add(waiting));
        let scaling = self.scaling(unit, behaviour, servers, replicas);
        let station = Station { room, scaling, ..Station::new(self.id(unit), servers) };
        self.network.station(station)
    }

    fn scaling(&mut self, unit: ElementIx, behaviour: Behaviour<'_>, servers: u32, replicas: u32) -> Option<Scaling> {
        let table = behaviour.table("autoscaling").filter(|_| servers != UNLIMITED)?;
        let defaults = autoscale::Config::default();
        let target = table.share("target").map_or(defaults.target, Share::value);
        let config = autoscale::Config {
            min: table.count("min").map_or(defaults.min, |count| count as u32).max(1),
            max: table.count("max").map_or(defaults.max, |count| count as u32),
            target,
            ..defaults
        };
        if config.check().is_err() {
            self.assume(unit, "its autoscaling can't work as stated and is left out");
            return None;
        }
        let startup =
            behaviour.duration("cold_start.time").map_or(defaults::STARTUP_S, loko_model::behaviour::Duration::secs);
        self.assume(
            unit,
            &format!("is scaled by the share of its places that are taken; a new copy works after {startup:.0} s"),
        );
        Some(Scaling { config, servers_each: (servers / replicas).max(1), startup: nanos(startup) })
    }

    /// How long an element's own work takes.
    fn service(&mut self, unit: ElementIx) -> Distribution {
        let model = self.model;
        let behaviour = Behaviour::of_element(model.element(unit));
        let factor = self.factors.get(&unit).copied().unwrap_or(1.0);
        let time = |path: &str| behaviour.duration(path).map(|time| time.secs() * factor);
        if let (Some(p50), Some(p99)) = (time("service_time.p50"), time("service_time.p99")) {
            return Distribution::lognormal_of(p50, p99);
        }
        if let Some(mean) = time("service_time.mean").or_else(|| time("service_time.p50")) {
            return match behaviour.text("service_time.distribution").as_deref() {
                Some("constant") => Distribution::Constant(mean),
                Some("uniform") => Distribution::Uniform(0.0, 2.0 * mean),
                Some("lognormal") => {
                    let cv = behaviour.number("service_time.cv").unwrap_or(1.0);
                    Distribution::lognormal_mean(mean, libm::sqrt(libm::log1p(cv * cv)))
                }
                _ => Distribution::Exponential(mean),
            };
        }
        let assumed = defaults::of(model.element(unit));
        if let Some(p99) = time("slo.p99").filter(|_| model.element(unit).external) {
            self.assume(unit, "answers as its promise says: the p99, and a quarter of it as the median");
            return Distribution::lognormal_of(p99 / 4.0, p99);
        }
        let text = format!(
            "work takes {} (p99 {}), as that of a {} does here",
            show(assumed.p50),
            show(assumed.p99),
            assumed.role
        );
        self.assume(unit, &text);
        Distribution::lognormal_of(assumed.p50 * factor, assumed.p99 * factor)
    }

    /// What a fault does to the network.
    fn fault(&mut self, scenario: &Scenario, fault: &crate::scenario::Fault) {
        let (from, to) = (nanos(fault.at), nanos(fault.at + fault.length));
        let mut effects = Vec::new();
        match fault.what {
            Trouble::Spike(by) => {
                let at = scenario.loads.iter().position(|load| load.name == fault.target.text);
                effects.extend(at.map(|at| Effect::Spike(at as u32, by)));
            }
            Trouble::Partition => match relations_of(self.model, self.path, &fault.target.text, fault.target.span) {
                Ok(relations) => {
                    let edges = relations.iter().filter_map(|relation| self.relations.get(relation)).flatten();
                    effects.extend(edges.map(|edge| Effect::Partition(*edge)));
                }
                Err(finding) => self.findings.push(*finding),
            },
            Trouble::Flush => {
                let Some(element) = self.resolve(&fault.target) else { return };
                effects.extend(self.caches.get(&element).into_iter().flatten().map(|edge| Effect::Flush(*edge)));
            }
            what => {
                let Some(element) = self.resolve(&fault.target) else { return };
                let inner: Vec<StationId> = self
                    .model
                    .subtree(element)
                    .iter()
                    .filter_map(|ix| self.stations.get(ix).copied().flatten())
                    .collect();
                effects.extend(inner.into_iter().map(|station| match what {
                    Trouble::Slow(by) => Effect::Slow(station, by),
                    Trouble::Fail(share) => Effect::Fail(station, share),
                    Trouble::Crash => Effect::Crash(station),
                    Trouble::Kill(share) => Effect::Kill(station, share),
                    _ => Effect::Stop(station),
                }));
            }
        }
        if effects.is_empty() && self.findings.is_empty() {
            let message = format!("no load reaches `{}`, so the fault changes nothing", fault.target.text);
            self.findings.push(Diagnostic::error(CODE, message).at(self.path, fault.target.span, "here"));
        }
        self.network.faults.extend(effects.into_iter().map(|effect| Fault { from, to, effect }));
    }

    /// A load that can't be kept up with from the first second to the last would only grow a queue.
    fn overload(&mut self, scenario: &Scenario) {
        let rates: Vec<f64> = self
            .network
            .sources
            .iter()
            .map(|source| match &source.arrivals {
                Arrivals::Open(points) => points.iter().map(|(_, rate)| *rate).fold(f64::INFINITY, f64::min),
                Arrivals::Closed { .. } => 0.0,
            })
            .collect();
        let looks = crate::analytic::network::look(&self.network, &rates);
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
        0.0 => return "0 s".to_owned(),
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
