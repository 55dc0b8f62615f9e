//! A quick look at a whole network without simulating it: how often each station is visited, how busy it is, which one
//! is the first to be too small, and about how long a request takes.
//!
//! Visits follow the calls without retries and failures. Waiting is approximated by Allen and Cunneen's formula for
//! M/G/c; it is exact for exponential work and an approximation otherwise. Work of those who keep a server while they
//! wait for others is not looked through: the simulation does that.

use super::queues::erlang_c;
use crate::network::{Network, UNLIMITED};

/// What is expected at one station.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Look {
    /// Visits a second.
    pub rate: f64,
    /// The share of the servers that own work takes.
    pub utilization: f64,
    /// About how long a visit waits, in seconds; infinite when the station can't keep up.
    pub wait: f64,
}

/// How deep calls are followed.
const DEPTH_MAX: usize = 64;

/// Looks at a network with these rates of its sources.
pub fn look(network: &Network, rates: &[f64]) -> Vec<Look> {
    let mut looks = vec![Look::default(); network.stations.len()];
    let mut work = vec![(0.0, 0.0); network.stations.len()];
    for (source, rate) in network.sources.iter().zip(rates) {
        follow(network, source.edge, *rate, 0, &mut |station, node, rate| {
            let service = &network.nodes[node as usize].service;
            looks[station as usize].rate += rate;
            work[station as usize].0 += rate * service.mean();
            work[station as usize].1 += rate * service.second_moment();
        });
    }
    for ((look, (busy, second)), station) in looks.iter_mut().zip(work).zip(&network.stations) {
        if station.servers == UNLIMITED || look.rate == 0.0 {
            continue;
        }
        let servers = station.servers.saturating_mul(station.copies).max(1);
        look.utilization = busy / f64::from(servers);
        let mean = busy / look.rate;
        let scv = if mean > 0.0 { (second / look.rate) / (mean * mean) - 1.0 } else { 0.0 };
        look.wait = if look.utilization >= 1.0 {
            f64::INFINITY
        } else {
            erlang_c(servers, busy) * mean / (f64::from(servers) * (1.0 - look.utilization)) * (1.0 + scv) / 2.0
        };
    }
    looks
}

fn follow(network: &Network, edge: u32, rate: f64, depth: usize, visit: &mut dyn FnMut(u32, u32, f64)) {
    let description = &network.edges[edge as usize];
    let rate = rate * description.calls;
    if depth > DEPTH_MAX || rate <= 0.0 {
        return;
    }
    let node = &network.nodes[description.target as usize];
    if let Some(station) = node.station {
        visit(station, description.target, rate);
    }
    for edge in node.steps.iter().flat_map(|step| &step.edges) {
        follow(network, *edge, rate, depth + 1, visit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distribution::Distribution;
    use crate::network::{Arrivals, Edge, Node, Station};

    #[test]
    fn a_queue_is_seen_as_it_is() {
        let mut network = Network::default();
        let station = network.station(Station::new("server", 1));
        let node = network.node(Node::work(station, Distribution::Exponential(0.01)));
        let edge = network.edge(Edge { calls: 2.0, ..Edge::to("call", node) });
        network.source("requests", edge, Arrivals::poisson(40.0));
        let looks = look(&network, &[40.0]);
        assert!((looks[0].utilization - 0.8).abs() < 1e-12);
        assert!((looks[0].wait - 0.04).abs() < 1e-12);
        assert!(look(&network, &[60.0])[0].wait.is_infinite());
    }
}
