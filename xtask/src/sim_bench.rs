//! `cargo xtask sim-bench`: events a second of the simulation engine on plain queues, beside SimPy and Ciw when Python
//! has them. Times are of the processor's wall clock on one thread; run it on an idle machine, with `--release`.

use loko_sim::distribution::Distribution;
use loko_sim::engine::{Detail, Engine, Span};
use loko_sim::network::{Arrivals, Edge, Network, Node, Station};
use std::fmt::Write as _;
use std::process::Command;
use std::time::Instant;

/// Requests of each case in Python, which is slower.
const PYTHON_REQUESTS: u64 = 200_000;

/// Runs all cases and gives a Markdown table.
pub(crate) fn run(requests: u64) -> Result<String, String> {
    let mut table =
        String::from("| what | requests | events | seconds | million events/s |\n|---|---:|---:|---:|---:|\n");
    for (name, stations, servers) in
        [("M/M/1", 1, 1), ("3 stations of 8 servers", 3, 8), ("20 stations of 8 servers", 20, 8)]
    {
        let network = chain(stations, servers);
        let rate = 0.8 * f64::from(servers);
        let span = Span { warmup: 0, end: (requests as f64 / rate * 1e9) as u64 };
        let engine = Engine::new(&network, span, Detail::default(), 1).map_err(|error| error.to_string())?;
        #[expect(clippy::disallowed_methods, reason = "a benchmark has a clock on purpose")]
        let started = Instant::now();
        let record = engine.run(&|| false);
        let elapsed_s = started.elapsed().as_secs_f64();
        let rate = record.events as f64 / elapsed_s / 1e6;
        let _ = writeln!(table, "| {name} | {requests} | {} | {elapsed_s:.2} | {rate:.1} |", record.events);
    }
    for (name, script) in [("SimPy, M/M/1", SIMPY), ("Ciw, M/M/1", CIW)] {
        let _ = match python(script) {
            Some(elapsed_s) => {
                // Two events a request, as above.
                let rate = 2.0 * PYTHON_REQUESTS as f64 / elapsed_s / 1e6;
                writeln!(table, "| {name} | {PYTHON_REQUESTS} | {} | {elapsed_s:.2} | {rate:.3} |", 2 * PYTHON_REQUESTS)
            }
            None => writeln!(table, "| {name} | – | – | not installed | – |"),
        };
    }
    Ok(table)
}

/// Stations one after the other at a load of 0.8.
fn chain(stations: u32, servers: u32) -> Network {
    let mut network = Network::default();
    let mut first = 0;
    for at in (0..stations).rev() {
        let station = network.station(Station::new("station", servers));
        let next = if at + 1 < stations { vec![(1.0, first)] } else { Vec::new() };
        first = network.node(Node { next, ..Node::work(station, Distribution::Exponential(1.0)) });
    }
    let edge = network.edge(Edge::to("requests", first));
    network.source("requests", edge, Arrivals::poisson(0.8 * f64::from(servers)));
    network
}

fn python(script: &str) -> Option<f64> {
    let script = script.replace("REQUESTS", &PYTHON_REQUESTS.to_string());
    let output = Command::new("python3").args(["-c", &script]).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

const SIMPY: &str = "
import random, simpy, time
def source(env, server):
    for _ in range(REQUESTS):
        yield env.timeout(random.expovariate(0.8))
        env.process(request(env, server))
def request(env, server):
    with server.request() as turn:
        yield turn
        yield env.timeout(random.expovariate(1.0))
env = simpy.Environment()
server = simpy.Resource(env, 1)
env.process(source(env, server))
start = time.perf_counter()
env.run()
print(time.perf_counter() - start)
";

const CIW: &str = "
import ciw, time
network = ciw.create_network(arrival_distributions=[ciw.dists.Exponential(0.8)],
    service_distributions=[ciw.dists.Exponential(1.0)], number_of_servers=[1])
ciw.seed(1)
simulation = ciw.Simulation(network)
start = time.perf_counter()
simulation.simulate_until_max_time(REQUESTS / 0.8)
print(time.perf_counter() - start)
";
