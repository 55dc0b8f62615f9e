//! The drift map: where retries can keep a system down although what started it is over.
//!
//! Clients that give up after a timeout and try again turn one request into as many tries as they make, while a server
//! that does not notice does all of them. So a station of capacity `C` is *stable* below `C / tries` (it comes back from
//! any queue), *vulnerable* between that and `C` (a long enough queue never drains), and overloaded above. After
//! Bronson et al., "Metastable failures in distributed systems", 2021, and Isaacs et al., "Analyzing metastable
//! failures", 2025, whose picture of drifts over queue and retries is followed here in its fluid limit: a point is the
//! queue in seconds of work and the share of tries that are retries; its arrow says where the system goes on average.

use crate::network::{Budget, Cancel, Edge, Network, UNLIMITED};
use serde::Serialize;

/// What is known of one station whose callers try again.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Drift {
    /// The station.
    pub station: String,
    /// First tries a second, at the busiest time.
    pub rate: f64,
    /// How many tries a second it can do.
    pub capacity: f64,
    /// How many tries a request makes at most when all of them fail, over all layers above the station.
    pub tries: f64,
    /// The highest load that comes back from anything.
    pub safe: f64,
    /// The timeout after which callers try again, in seconds: the queue that starts a storm.
    pub timeout: f64,
    /// Where the load lies.
    pub state: State,
    /// How long a queue of ten seconds of work takes to drain while everybody retries, in seconds; `None` is for ever.
    pub drain: Option<f64>,
}

/// Where a load lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It comes back from any queue.
    Stable,
    /// A long enough queue never drains.
    Vulnerable,
    /// The load alone is too much.
    Overloaded,
}

/// The queue whose draining is told, in seconds of work.
const QUEUE_S: f64 = 10.0;

/// What reaches a node: first tries a second, all tries when all fail, and the shortest timeout on the way.
#[derive(Clone, Copy)]
struct Way {
    rate: f64,
    tries: f64,
    timeout: f64,
}

const NO_WAY: Way = Way { rate: 0.0, tries: 0.0, timeout: f64::INFINITY };

/// The stations whose callers try again, in the order of the network, at these rates of the sources.
pub fn drifts(network: &Network, rates: &[f64]) -> Vec<Drift> {
    let count = network.stations.len();
    let (mut rate, mut work, mut tries, mut timeout) =
        (vec![0.0; count], vec![0.0; count], vec![0.0f64; count], vec![f64::INFINITY; count]);
    for (node, way) in network.nodes.iter().zip(ways(network, rates)) {
        let Some(station) = node.station.filter(|_| way.rate > 0.0) else { continue };
        let station = station as usize;
        rate[station] += way.rate;
        work[station] += way.rate * node.service.mean();
        tries[station] += way.tries;
        timeout[station] = timeout[station].min(way.timeout);
    }
    let mut found = Vec::new();
    for (at, station) in network.stations.iter().enumerate() {
        let amplification = if rate[at] > 0.0 { tries[at] / rate[at] } else { 1.0 };
        if station.servers == UNLIMITED || amplification <= 1.0 + 1e-9 || timeout[at].is_infinite() || work[at] <= 0.0 {
            continue;
        }
        let servers = f64::from(station.servers.saturating_mul(station.copies));
        let capacity = servers * rate[at] / work[at];
        let safe = capacity / amplification;
        // A queue that is shorter than the timeout can't start a storm.
        let room = station.room.map_or(f64::INFINITY, |room| (f64::from(room) - servers).max(0.0) / capacity);
        let state = if rate[at] >= capacity {
            State::Overloaded
        } else if rate[at] > safe && room > timeout[at] {
            State::Vulnerable
        } else {
            State::Stable
        };
        let spare = capacity - rate[at] * amplification;
        let drain = (spare > 0.0).then(|| QUEUE_S.min(room) * capacity / spare);
        let station = station.name.clone();
        found.push(Drift {
            station,
            rate: rate[at],
            capacity,
            tries: amplification,
            safe,
            timeout: timeout[at],
            state,
            drain,
        });
    }
    found
}

/// What reaches each node. Targets come before their callers in a network, so one pass from the end meets every caller
/// before whom it calls.
fn ways(network: &Network, rates: &[f64]) -> Vec<Way> {
    let mut ways = vec![NO_WAY; network.nodes.len()];
    for (source, rate) in network.sources.iter().zip(rates) {
        let way = Way { rate: *rate, tries: *rate, timeout: f64::INFINITY };
        take(network, &mut ways, source.edge, way);
    }
    for at in (0..network.nodes.len()).rev() {
        let way = ways[at];
        for edge in network.nodes[at].steps.iter().flat_map(|step| &step.edges) {
            take(network, &mut ways, *edge, way);
        }
    }
    ways
}

/// Adds what comes over an edge to what reaches its target.
fn take(network: &Network, ways: &mut [Way], edge: u32, from: Way) {
    let edge = &network.edges[edge as usize];
    let rate = from.rate * edge.calls;
    if rate <= 0.0 {
        return;
    }
    let timeout = edge.timeout.or(edge.overall).map_or(f64::INFINITY, |timeout| timeout as f64 * 1e-9);
    let target = &mut ways[edge.target as usize];
    target.rate += rate;
    target.tries += from.tries * edge.calls * most_tries(edge);
    target.timeout = target.timeout.min(from.timeout).min(timeout);
}

/// How many tries a call makes when all of them fail and the target does all of them.
fn most_tries(edge: &Edge) -> f64 {
    // An open breaker lets next to nothing through, and work that is dropped is not done.
    if edge.breaker.is_some() || edge.cancel != Cancel::Never {
        return 1.0;
    }
    match (&edge.retry, &edge.budget) {
        (None, _) | (Some(_), Some(Budget::Failures(_))) => 1.0,
        // A bucket filled by successes pays for nothing when nothing succeeds; one filled by calls for its share.
        (Some(_), Some(Budget::Tokens(budget))) => match budget.funding {
            loko_policy::budget::Funding::Success => 1.0,
            loko_policy::budget::Funding::FirstTry => 1.0 + budget.deposit as f64 / budget.cost as f64,
        },
        (Some(retry), None) => f64::from(retry.attempts),
    }
}

/// The average drift at a point: how the queue (in seconds of work) and the share of retries among tries change a second.
pub fn arrow(drift: &Drift, queue: f64, retries: f64) -> (f64, f64) {
    let tries = drift.rate / (1.0 - retries.min(0.999));
    let grows = (tries - drift.capacity) / drift.capacity;
    let queue_change = if queue <= 0.0 { grows.max(0.0) } else { grows };
    // Beyond the timeout every try fails and comes again; below it none does.
    let wanted = if queue > drift.timeout { 1.0 - 1.0 / drift.tries } else { 0.0 };
    (queue_change, (wanted - retries) / drift.timeout)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distribution::Distribution;
    use crate::network::{Arrivals, Edge, Node, Station};
    use loko_policy::SECOND;
    use loko_policy::backoff::Backoff;
    use loko_policy::retry::Retry;

    fn storm(rate: f64) -> Drift {
        let mut network = Network::default();
        let station = network.station(Station::new("server", 1));
        let node = network.node(Node::work(station, Distribution::Exponential(1.0 / 300.0)));
        let retry = Some(Retry { attempts: 2, backoff: Backoff::constant(0) });
        let edge = network.edge(Edge { retry, timeout: Some(SECOND), ..Edge::to("call", node) });
        network.source("requests", edge, Arrivals::poisson(rate));
        drifts(&network, &[rate]).remove(0)
    }

    #[test]
    fn the_smallest_metastable_failure_begins_at_half_of_the_capacity() {
        assert_eq!(
            [storm(149.0).state, storm(151.0).state, storm(301.0).state],
            [State::Stable, State::Vulnerable, State::Overloaded]
        );
        assert!((storm(280.0).safe - 150.0).abs() < 1e-9);
        assert!(storm(280.0).drain.is_none());
        // At 140/s, 10 s of work drain at 20 tries a second.
        assert!((storm(140.0).drain.unwrap_or(0.0) - 150.0).abs() < 1e-9);
    }

    #[test]
    fn arrows_lead_away_from_health_beyond_the_timeout_only() {
        let drift = storm(280.0);
        assert!(arrow(&drift, 0.5, 0.0).0 < 0.0, "a short queue drains");
        let (queue, retries) = arrow(&drift, 5.0, 0.5);
        assert!(queue > 0.0 && retries.abs() < 1e-9, "a long one with all retries grows");
    }
}
