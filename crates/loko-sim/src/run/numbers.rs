//! The numbers of elements and calls that one replication shows, by name; what they are called is in
//! [`crate::scenario::NAMED`].

use super::Phase;
use crate::engine::{EdgeRecord, Record, StationRecord};
use crate::network::{Network, UNLIMITED};
use std::collections::BTreeMap;

/// Numbers by name.
pub type Numbers = BTreeMap<&'static str, f64>;

/// Numbers by name, each of all replications.
pub type Samples = BTreeMap<&'static str, Vec<f64>>;

/// The numbers of a station.
pub(super) fn of_station(network: &Network, record: &Record, at: usize) -> Numbers {
    let station = &record.stations[at];
    let observed = (record.seconds * 1e9).max(1.0);
    let mut found = Numbers::from([
        ("utilization", station.utilization()),
        ("queue", station.waiting / observed),
        ("running", station.busy / observed),
        ("visits", station.arrived as f64 / record.seconds.max(1e-9)),
        ("interruptions", station.interruptions as f64),
        ("released_errors", station.released.1 as f64),
    ]);
    found.extend(shares(station));
    if station.wait.total() > 0 {
        found.insert("wait_mean", station.wait.mean() * 1e-9);
        found.insert("wait_p99", station.wait.quantile(0.99) * 1e-9);
    }
    if station.sojourn.total() > 0 {
        found.insert("time_p99", station.sojourn.quantile(0.99) * 1e-9);
    }
    if record.stations[at].copies > 1 {
        found.insert("hottest", station.hottest);
    }
    if let Some(sharding) = &network.stations[at].sharding {
        found.insert("moved", sharding.moved(network.stations[at].copies));
    }
    let is_elastic = network.stations[at].elastic.is_some();
    let copies = if is_elastic { station.instances } else { station.servers };
    // What never makes anybody wait has no number of copies.
    if is_elastic || network.stations[at].servers != UNLIMITED {
        found.insert("copies", copies / observed);
    }
    if station.lives.0 > 0 {
        found.insert("copy_life", station.lives.1 * 1e-9 / station.lives.0 as f64);
    }
    if station.batches.0 > 0 {
        found.insert("batch", station.batches.1 as f64 / station.batches.0 as f64);
    }
    let nodes = network.nodes.iter().zip(&record.nodes).filter(|(node, _)| node.station == Some(at as u32));
    let (all, undone, half) = nodes.fold((0, 0, 0), |(all, undone, half), (_, node)| {
        (all + node.completed + node.undone + node.half_done, undone + node.undone, half + node.half_done)
    });
    if all > 0 {
        found.insert("undone", undone as f64 / all as f64);
        found.insert("half_done", half as f64 / all as f64);
    }
    found
}

fn shares(station: &StationRecord) -> Numbers {
    let of = |count: u64, all: u64| count as f64 / all.max(1) as f64;
    let (arrived, served) = (station.arrived, station.wait.total());
    let decided = station.rollouts.0 + station.rollouts.1;
    let mut found = Numbers::from([
        ("waited", of(station.waited, served)),
        ("rejected", of(station.rejected, arrived)),
        ("shed", of(station.shed, arrived)),
        ("wasted", of(station.wasted, served)),
        ("cold", of(station.cold, served)),
    ]);
    if decided > 0 {
        found.insert("rolled_back", of(station.rollouts.1, decided));
    }
    found
}

/// The numbers of an edge.
pub(super) fn of_edge(record: &Record, at: usize) -> Numbers {
    let edge: &EdgeRecord = &record.edges[at];
    let of = |count: u64, all: u64| count as f64 / all.max(1) as f64;
    let mut found = Numbers::from([
        ("calls", edge.calls as f64 / record.seconds.max(1e-9)),
        ("tries", edge.amplification()),
        ("sent", edge.sent as f64),
        ("sent_rate", edge.sent as f64 / record.seconds.max(1e-9)),
        ("failures", of(edge.failures, edge.calls)),
        ("lost", edge.failures as f64),
        ("hedged", of(edge.hedges, edge.calls)),
        ("stale", of(edge.stale, edge.hits)),
        ("permitted", of(edge.breaker.permitted, edge.breaker.asked)),
        ("open", edge.breaker.time[1] / edge.breaker.time.iter().sum::<f64>().max(1.0)),
    ]);
    if edge.lookups > 0 {
        found.insert("hits", of(edge.hits, edge.lookups));
    }
    if edge.times.total() > 0 {
        found.insert("call_mean", edge.times.mean() * 1e-9);
        for (name, q) in [("call_p50", 0.5), ("call_p95", 0.95), ("call_p99", 0.99), ("call_p999", 0.999)] {
            found.insert(name, edge.times.quantile(q) * 1e-9);
        }
    }
    found
}

/// How long after the last fault no more wait at a station than before the first, and at most one when none waited; nothing
/// when that never comes or nothing went wrong.
pub(super) fn drained(record: &Record, at: usize, phases: &[Phase]) -> Option<f64> {
    let phase = |name: &str| phases.iter().find(|phase| phase.name == name);
    let (before, after) = (phase("before")?, phase("after")?);
    let [_, waiting, _] = record.station_courses.get(at)?;
    let step = waiting.step() as f64 * 1e-9;
    let point = |time: f64| (time / step - 1e-9).ceil() as usize;
    let sums = waiting.sums();
    let usual = sums.get(point(before.from)..point(before.to).min(sums.len()))?;
    let most = usual.iter().copied().fold(1.0, f64::max);
    let first = point(after.from);
    let calm = sums.iter().enumerate().skip(first).find(|(_, sum)| **sum <= most)?;
    Some((calm.0 as f64 * step - after.from).max(0.0))
}

/// The most tries an edge sent in any window, a second, on average over the replications of each window.
pub fn peak(record: &Record, edge: usize, replications: u32) -> Option<f64> {
    let [sent, ..] = record.edge_courses.get(edge)?;
    let most = sent.sums().iter().copied().fold(0.0, f64::max);
    Some(most / f64::from(replications.max(1)) / (sent.step() as f64 * 1e-9))
}

/// Adds the numbers of one replication to those of all.
pub(super) fn add(samples: &mut Samples, numbers: Numbers) {
    for (name, value) in numbers {
        samples.entry(name).or_default().push(value);
    }
}
