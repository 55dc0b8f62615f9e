//! The engine: it repeats itself, changes what should not matter and does not, and shows what is published.

#![allow(clippy::unwrap_used, reason = "tests")]

use loko_policy::SECOND;
use loko_policy::backoff::Backoff;
use loko_policy::breaker;
use loko_policy::budget::{Funding, TokenBudget};
use loko_policy::retry::Retry;
use loko_sim::distribution::Distribution;
use loko_sim::engine::{Detail, Engine, Record, Span};
use loko_sim::network::{Arrivals, Budget, Cancel, Discipline, Edge, Effect, Fault, Network, Node, Station};

fn queue(rate: f64, service: f64) -> Network {
    let mut network = Network::default();
    let station = network.station(Station::new("server", 1));
    let node = network.node(Node::work(station, Distribution::Exponential(service)));
    let edge = network.edge(Edge::to("call", node));
    network.source("requests", edge, Arrivals::poisson(rate));
    network
}

fn run(network: &Network, seconds: u64, seed: u64) -> Record {
    let span = Span { warmup: 0, end: seconds * SECOND };
    Engine::new(network, span, Detail { hops: true, window: 0 }, seed).unwrap().run(&|| false)
}

fn at_once(attempts: u32) -> Option<Retry> {
    Some(Retry { attempts, backoff: Backoff::constant(0) })
}

#[test]
fn the_same_seed_gives_the_same_and_another_one_not() {
    let network = queue(80.0, 0.01);
    let (one, two, other) = (run(&network, 50, 7), run(&network, 50, 7), run(&network, 50, 8));
    assert_eq!((one.events, one.sources[0].ok.mean()), (two.events, two.sources[0].ok.mean()));
    assert_ne!(one.sources[0].ok.mean(), other.sources[0].ok.mean());
}

#[test]
fn what_nobody_uses_changes_not_a_bit() {
    let plain = queue(80.0, 0.01);
    let mut more = plain.clone();
    let station = more.station(Station::new("unused", 3));
    more.node(Node::work(station, Distribution::Constant(1.0)));
    assert_eq!(run(&plain, 50, 7).sources[0].ok, run(&more, 50, 7).sources[0].ok);
    // A retry that never happens changes nothing either.
    let mut retried = plain.clone();
    retried.edges[0].retry = at_once(5);
    assert_eq!(run(&plain, 50, 7).sources[0].ok, run(&retried, 50, 7).sources[0].ok);
}

#[test]
fn plain_queues_have_the_same_numbers_on_their_fast_way() {
    let mut network = Network::default();
    let back = network.station(Station::new("back", 1));
    let front = network.station(Station { room: Some(6), ..Station::new("front", 2) });
    let inner = network.node(Node::work(back, Distribution::Exponential(0.008)));
    let next = vec![(0.7, inner)];
    let outer = network.node(Node { next, ..Node::work(front, Distribution::Exponential(0.02)) });
    let edge = network.edge(Edge::to("call", outer));
    network.source("requests", edge, Arrivals::poisson(80.0));
    let run = |hops| {
        let span = Span { warmup: 10 * SECOND, end: 200 * SECOND };
        Engine::new(&network, span, Detail { hops, window: 0 }, 7).unwrap().run(&|| false)
    };
    let (fast, general) = (run(false), run(true));
    assert_eq!((&fast.sources[0].ok, &fast.sources[0].failed), (&general.sources[0].ok, &general.sources[0].failed));
    assert!(fast.sources[0].failed.total() > 100, "some are turned away");
    for (one, other) in fast.stations.iter().zip(&general.stations) {
        assert_eq!(
            (one.arrived, one.rejected, one.waited, &one.wait),
            (other.arrived, other.rejected, other.waited, &other.wait)
        );
        assert!((one.busy / other.busy - 1.0).abs() < 1e-9 && (one.inside / other.inside - 1.0).abs() < 1e-9);
        assert!((one.full - other.full).abs() < 1e-6 * one.servers);
    }
}

#[test]
fn time_scales() {
    let (slow, quick) = (run(&queue(8.0, 0.1), 500, 3), run(&queue(80.0, 0.01), 50, 3));
    let ratio = slow.sources[0].ok.mean() / quick.sources[0].ok.mean();
    assert!((ratio - 10.0).abs() < 0.01, "{ratio}");
}

#[test]
fn more_servers_never_make_it_slower() {
    let mut before = f64::INFINITY;
    for servers in 1..5 {
        let mut network = queue(80.0, 0.01);
        network.stations[0].servers = servers;
        let mean = run(&network, 100, 5).sources[0].ok.mean();
        assert!(mean <= before);
        before = mean;
    }
}

/// The smallest metastable failure: 300/s, one retry after 1 s, a stop of 10 s.
fn storm(rate: f64, change: impl Fn(&mut Network)) -> (f64, f64) {
    let mut network = queue(rate, 1.0 / 300.0);
    network.edges[0].timeout = Some(SECOND);
    network.edges[0].retry = at_once(2);
    network.faults.push(Fault { from: 60 * SECOND, to: 70 * SECOND, effect: Effect::Stop(0) });
    change(&mut network);
    let record = run(&network, 400, 1);
    let (total, failed) = record.series[0].counts(100..120);
    (1.0 - failed as f64 / total as f64, record.edges[0].amplification())
}

#[test]
fn a_retry_storm_heals_below_half_of_the_capacity_and_never_above() {
    assert!(storm(140.0, |_| {}).0 > 0.99, "140/s recovers");
    for rate in [160.0, 280.0] {
        let (success, _) = storm(rate, |_| {});
        assert!(success < 0.02, "{rate}/s: {success} succeed long after");
    }
    assert!(storm(280.0, |network| network.edges[0].retry = None).0 > 0.99, "without retries it heals");
    assert!(
        storm(280.0, |network| network.edges[0].cancel = Cancel::AtDequeue).0 > 0.99,
        "so it does when the dead are dropped"
    );
    assert!(storm(280.0, |network| network.stations[0].discipline = Discipline::Lifo).0 > 0.9);
    assert!(storm(280.0, |network| network.stations[0].room = Some(151)).0 > 0.99);
    let budget = TokenBudget::new(Funding::Success, 10_000, 100, 1_000).unwrap();
    assert!(
        storm(280.0, |network| network.edges[0].budget = Some(Budget::Tokens(budget))).0 > 0.9,
        "and with a budget"
    );
}

#[test]
fn layered_retries_multiply() {
    let mut network = Network::default();
    let mut node = network.node(Node { failure: 1.0, ..Node::nothing() });
    let mut edge = 0;
    for _ in 0..5 {
        edge = network.edge(Edge { retry: at_once(3), ..Edge::to("layer", node) });
        node = network.node(Node::calls([edge]));
    }
    network.source("calls", edge, Arrivals::poisson(10.0));
    let record = run(&network, 10, 1);
    assert_eq!(record.edges[0].attempts, 243 * record.sources[0].started);
}

#[test]
fn one_breaker_for_three_shards_turns_a_third_of_errors_into_almost_all() {
    let mut network = Network::default();
    let node = network.node(Node { failure: 1.0 / 3.0, ..Node::nothing() });
    let trip = breaker::Trip::Count { size: 100, minimum: 100, rate: 300_000 };
    let config =
        breaker::Config { trip, open: 5 * SECOND, open_max: 5 * SECOND, half_open: 10, ..breaker::Config::default() };
    let edge = network.edge(Edge { breaker: Some(config), ..Edge::to("call", node) });
    network.source("calls", edge, Arrivals::poisson(300.0));
    let record = run(&network, 20_000, 2);
    let permitted = record.edges[0].breaker.permitted as f64 / record.edges[0].breaker.asked as f64;
    assert!((permitted / 0.0267 - 1.0).abs() < 0.06, "{permitted}");
}

#[test]
fn a_queue_longer_than_rate_times_timeout_is_worse_than_none() {
    let goodput = |room: Option<u32>| {
        let mut network = queue(120.0, 0.01);
        network.edges[0].timeout = Some(SECOND / 2);
        network.stations[0].room = room;
        let record = run(&network, 600, 4);
        record.sources[0].ok.total() as f64 / 600.0
    };
    assert!((goodput(Some(26)) - 99.85).abs() < 1.5);
    assert!((goodput(Some(51)) - 67.96).abs() < 4.0);
    assert!(goodput(Some(101)) < 5.0);
}

#[test]
fn requests_without_end_are_noticed() {
    let network = queue(20_000.0, 1.0);
    let record = run(&network, 100_000, 1);
    assert!(record.overloaded);
}
