//! Ways from a load to what it calls last: how many tries one request can come to there, how many it comes to on
//! average, and where a caller gives up before those it calls do.
//!
//! Retries of several layers multiply: three attempts at five layers are 243 calls at the last one.

use super::network::Outlook;
use crate::network::{Edge, Network};
use serde::Serialize;

/// One way of calls.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Path {
    /// The load.
    pub load: String,
    /// The elements on the way.
    pub way: String,
    /// How many tries reach the last call for one request when everything fails.
    pub worst: f64,
    /// How many do on average at this load, for each time that the way is taken.
    pub expected: f64,
    /// Where a caller gives up before those it calls: who, after how long, and how long those may take, in seconds.
    pub gives_up_early: Option<(String, f64, f64)>,
}

/// More ways than this are not followed: models whose branches join have very many.
const WAYS_MAX: usize = 2_000;
/// The ways that are told, those with the most tries first.
const TOLD_MAX: usize = 20;

/// The ways on which somebody tries again or gives up early, those with the most tries first.
pub fn paths(network: &Network, outlook: &Outlook) -> Vec<Path> {
    let mut walker = Walker { network, outlook, found: Vec::new(), left: WAYS_MAX };
    for source in &network.sources {
        let start = Walk { worst: 1.0, expected: 1.0, caller: None, early: None };
        let way = network.edges[source.edge as usize].name.clone();
        walker.follow(source.edge, &source.name, way, start);
    }
    let mut found = walker.found;
    found.retain(|path| path.worst > 1.0 || path.gives_up_early.is_some());
    found.sort_by(|a, b| {
        b.worst.total_cmp(&a.worst).then(b.expected.total_cmp(&a.expected)).then_with(|| a.way.cmp(&b.way))
    });
    found.truncate(TOLD_MAX);
    found
}

struct Walker<'a> {
    network: &'a Network,
    outlook: &'a Outlook,
    found: Vec<Path>,
    left: usize,
}

#[derive(Clone)]
struct Walk {
    worst: f64,
    expected: f64,
    /// The shortest time that somebody above waits, and who.
    caller: Option<(String, f64)>,
    early: Option<(String, f64, f64)>,
}

impl Walker<'_> {
    fn follow(&mut self, at: u32, load: &str, way: String, mut walk: Walk) {
        let edge = &self.network.edges[at as usize];
        walk.worst *= edge.retry.as_ref().map_or(1.0, |retry| f64::from(retry.attempts.max(1)));
        walk.expected *= self.outlook.edges[at as usize].tries.max(0.0);
        let longest = longest(edge);
        if let (Some((who, waits)), Some(longest)) = (&walk.caller, longest)
            && longest > *waits * (1.0 + 1e-9)
            && walk.early.is_none()
        {
            walk.early = Some((who.clone(), *waits, longest));
        }
        if let Some(timeout) = edge.timeout.or(edge.overall) {
            let waits = timeout as f64 * 1e-9;
            if walk.caller.as_ref().is_none_or(|(_, shortest)| waits < *shortest) {
                walk.caller = Some((edge.name.clone(), waits));
            }
        }
        let node = &self.network.nodes[edge.target as usize];
        let mut is_last = true;
        for next in node.steps.iter().flat_map(|step| &step.edges) {
            let called = &self.network.edges[*next as usize];
            if called.asynchronous || self.left == 0 {
                continue;
            }
            is_last = false;
            let last = called.name.rsplit(" → ").next().unwrap_or(&called.name);
            self.follow(*next, load, format!("{way} → {last}"), walk.clone());
        }
        if is_last && self.left > 0 {
            self.left -= 1;
            self.found.push(Path {
                load: load.to_owned(),
                way,
                worst: walk.worst,
                expected: walk.expected,
                gives_up_early: walk.early,
            });
        }
    }
}

/// How long a call may take at most, when its caller says.
fn longest(edge: &Edge) -> Option<f64> {
    let seconds = |time: u64| time as f64 * 1e-9;
    let tries = edge.timeout.map(|timeout| match &edge.retry {
        None => seconds(timeout),
        Some(retry) => {
            let pauses: f64 = (1..retry.attempts.min(64)).map(|k| seconds(retry.backoff.ceiling(k))).sum();
            seconds(timeout) * f64::from(retry.attempts) + pauses
        }
    });
    match (tries, edge.overall.map(seconds)) {
        (Some(tries), Some(overall)) => Some(tries.min(overall)),
        (tries, overall) => tries.or(overall),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analytic::network::outlook;
    use crate::network::{Arrivals, Node};
    use loko_policy::SECOND;
    use loko_policy::backoff::Backoff;
    use loko_policy::retry::Retry;

    #[test]
    fn three_attempts_at_three_layers_are_27() {
        let mut network = Network::default();
        let retry = Some(Retry { attempts: 3, backoff: Backoff::constant(0) });
        let mut node = network.node(Node { failure: 0.5, ..Node::nothing() });
        let mut edge = 0;
        for (name, timeout) in [("b → c", 4), ("a → b", 2), ("user → a", 9)] {
            edge = network.edge(Edge { retry, timeout: Some(timeout * SECOND), ..Edge::to(name, node) });
            node = network.node(Node::calls([edge]));
        }
        network.source("calls", edge, Arrivals::poisson(1.0));
        let found = paths(&network, &outlook(&network, &[1.0]));
        assert_eq!((found[0].way.as_str(), found[0].worst), ("user → a → b → c", 27.0));
        // 1.75 tries at the leaf, which fails for good once in 8; both above try again then.
        let (second, third) = (1.0 + 0.125 + 0.125 * 0.125, 1.0 + 0.125f64.powi(3) + 0.125f64.powi(6));
        assert!((found[0].expected - 1.75 * second * third).abs() < 1e-9, "{}", found[0].expected);
        assert_eq!(found[0].gives_up_early, Some(("a → b".to_owned(), 2.0, 12.0)));
    }
}
