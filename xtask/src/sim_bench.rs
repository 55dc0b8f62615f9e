//! `cargo xtask sim-bench`: events a second of the simulation engine beside SimPy, Ciw and nexosim on the same queue, an
//! hour of a shop of 100 containers, and the policies beside those of tower, governor, failsafe and moka; all in one run.
//!
//! Seconds are of the processor, so a busy machine changes little; each figure is the best of some runs. What others have
//! is called from a package of its own (`xtask/peers`), which is built when it is first asked for.

use loko_sim::distribution::Distribution;
use loko_sim::engine::{Detail, Engine, Span};
use loko_sim::network::{Arrivals, Edge, Network, Node, Station};
use loko_source::{FilePath, Snapshot};
use std::fmt::Write as _;
use std::process::Command;

/// Requests of each case in Python, which is slower.
const PYTHON_REQUESTS: u64 = 200_000;
/// How often each case of ours runs; the best counts.
const RUNS: usize = 3;
/// The package with what others have.
const PEERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/peers/Cargo.toml");

/// Runs all cases and gives Markdown tables.
pub(crate) fn run(requests: u64, peers: bool) -> Result<String, String> {
    let mut table =
        String::from("| what | requests | events | seconds | million events/s |\n|---|---:|---:|---:|---:|\n");
    for (name, stations, servers) in
        [("M/M/1", 1, 1), ("3 stations of 8 servers", 3, 8), ("20 stations of 8 servers", 20, 8)]
    {
        let (events, seconds) = queues(stations, servers, requests)?;
        row(&mut table, name, requests, events, seconds);
    }
    for (name, script) in [("SimPy, M/M/1", SIMPY), ("Ciw, M/M/1", CIW)] {
        match python(script) {
            // Two events a request, as above.
            Some(seconds) => row(&mut table, name, PYTHON_REQUESTS, 2 * PYTHON_REQUESTS, seconds),
            None => {
                let _ = writeln!(table, "| {name} | – | – | not installed | – |");
            }
        }
    }
    let told = if peers { of_peers()? } else { Vec::new() };
    for one in told.iter().filter(|one| one.what.starts_with("M/M/1")) {
        row(&mut table, &format!("{}, M/M/1", one.who), one.operations / 2, one.operations, one.seconds);
    }
    let (visits, seconds) = shop()?;
    let _ = writeln!(
        table,
        "\n| 100 containers at 2,000/s for an hour of virtual time | requests | visits | seconds |\n|---|---:|---:|---:|\n\
         | with timeouts, retries, breakers and all that is recorded | {} | {visits} | {seconds:.1} |",
        SHOP_RATE * SHOP_S
    );
    if peers {
        table.push_str("\n| policy | whose | nanoseconds each | |\n|---|---|---:|---|\n");
        for one in told.iter().filter(|one| !one.what.starts_with("M/M/1")) {
            let each = one.seconds * 1e9 / one.operations as f64;
            let _ = writeln!(table, "| {} | {} | {each:.1} | {} |", one.what, one.who, one.remark);
        }
    }
    Ok(table)
}

fn row(table: &mut String, name: &str, requests: u64, events: u64, seconds: f64) {
    let rate = events as f64 / seconds.max(1e-9) / 1e6;
    let _ = writeln!(table, "| {name} | {requests} | {events} | {seconds:.2} | {rate:.3} |");
}

/// The time of the processor so far, of this process, in seconds; where the system does not tell, the time of the wall.
fn processor_seconds() -> f64 {
    #[expect(clippy::disallowed_methods, reason = "a benchmark has a clock on purpose")]
    static START: std::sync::LazyLock<std::time::Instant> = std::sync::LazyLock::new(std::time::Instant::now);
    let start = *START;
    #[expect(clippy::disallowed_methods, reason = "the file is the system's")]
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name in parentheses may hold anything; times, in hundredths, are the 12th and 13th field after it.
    let fields: Vec<f64> =
        text.rsplit(')').next().unwrap_or("").split_whitespace().map(|field| field.parse().unwrap_or(0.0)).collect();
    match (fields.get(11), fields.get(12)) {
        (Some(user), Some(system)) => (user + system) / 100.0,
        _ => start.elapsed().as_secs_f64(),
    }
}

fn best(mut run: impl FnMut() -> Result<u64, String>) -> Result<(u64, f64), String> {
    let mut fastest = (0, f64::INFINITY);
    for _ in 0..RUNS {
        let before = processor_seconds();
        let count = run()?;
        let took = processor_seconds() - before;
        if took < fastest.1 {
            fastest = (count, took);
        }
    }
    Ok(fastest)
}

fn queues(stations: u32, servers: u32, requests: u64) -> Result<(u64, f64), String> {
    let network = chain(stations, servers);
    let rate = 0.8 * f64::from(servers);
    let span = Span { warmup: 0, end: (requests as f64 / rate * 1e9) as u64 };
    best(|| {
        let engine = Engine::new(&network, span, Detail::default(), 1).map_err(|error| error.to_string())?;
        Ok(engine.run(&|| false).events)
    })
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

/// Requests a second of the shop, and how long it is open.
const SHOP_RATE: u64 = 2_000;
const SHOP_S: u64 = 3_600;
/// Parts of the shop, each with a front, nine services and a database behind them: 9 · 11 and the way in are 100.
const PARTS: usize = 9;
const SERVICES: usize = 9;

/// A shop of 100 containers: the way in, one of nine parts, one of its nine services, its database.
fn shop() -> Result<(u64, f64), String> {
    let texts = shop_texts();
    let snapshot = Snapshot::from_texts(texts.iter().map(|(path, text)| (path.as_str(), text.as_str())));
    let model = loko_model::load(&snapshot).model;
    let scenario = format!(
        "duration = \"{SHOP_S}s\"\nreplications = 1\n[[load]]\nname = \"visits\"\nfrom = \"user\"\nto = \"shop/web\"\n\
         profile = {{ rate = \"{SHOP_RATE}rps\" }}\n"
    );
    let path = FilePath::new("scenarios/hour.toml").map_err(|error| error.to_string())?;
    best(|| {
        let found = loko_sim::simulate(&model, &path, &scenario, &Default::default(), &|| false, &|_, _| {});
        let report = found.map_err(|findings| format!("{findings:?}"))?;
        let record = &report.outcome.variants[0].record;
        // What came before the end of the warm-up is not counted.
        let visits: u64 = record.stations.iter().map(|station| station.arrived).sum();
        Ok((visits as f64 * SHOP_S as f64 / record.seconds) as u64)
    })
}

fn shop_texts() -> Vec<(String, String)> {
    let policies =
        "    timeout: 1s\n    retry: { attempts: 3, budget: 10% }\n    breaker: { failures: 5, open: 60s }\n";
    let call =
        |to: &str, weight: f64| format!("  - to: {to}\n    description: Asks\n    weight: {weight:.3}%\n{policies}");
    let container = |name: &str, more: &str, calls: &str| {
        let relationships = if calls.is_empty() { String::new() } else { format!("relationships:\n{calls}") };
        format!("---\nname: {name}\n{more}{relationships}---\n")
    };
    let mut texts = vec![
        (
            "src/user/person.md".to_owned(),
            "---\nname: User\nrelationships:\n  - to: shop/web\n    description: Visits\n---\n".to_owned(),
        ),
        ("src/shop/system.md".to_owned(), "---\nname: Shop\n---\n".to_owned()),
    ];
    let place = |name: &str| format!("src/shop/{name}/container.md");
    let usual = "replicas: 4\nconcurrency: 32\nservice_time: { p50: 4ms, p99: 30ms }\n";
    let fronts: String = (0..PARTS).map(|part| call(&format!("shop/front-{part}"), 100.0 / PARTS as f64)).collect();
    let web = "replicas: 8\nconcurrency: 64\nservice_time: { p50: 2ms, p99: 10ms }\n";
    texts.push((place("web"), container("Web", web, &fronts)));
    for part in 0..PARTS {
        let services: String = (0..SERVICES)
            .map(|service| call(&format!("shop/service-{part}-{service}"), 100.0 / SERVICES as f64))
            .collect();
        texts.push((place(&format!("front-{part}")), container(&format!("Front {part}"), usual, &services)));
        let reads = format!("  - to: shop/database-{part}\n    description: Reads\n{policies}");
        for service in 0..SERVICES {
            let name = format!("service-{part}-{service}");
            texts.push((place(&name), container(&format!("Service {part} {service}"), usual, &reads)));
        }
        let database =
            "technology: PostgreSQL\nconcurrency: 40\nservice_time: { p50: 2ms, p99: 20ms }\nerror_rate: 0.1%\n";
        texts.push((place(&format!("database-{part}")), container(&format!("Database {part}"), database, "")));
    }
    texts
}

/// A line of the package with what others have.
struct Told {
    what: String,
    who: String,
    operations: u64,
    seconds: f64,
    remark: String,
}

fn of_peers() -> Result<Vec<Told>, String> {
    let output = Command::new(env!("CARGO"))
        .args(["run", "--release", "--quiet", "--manifest-path", PEERS])
        .output()
        .map_err(|error| format!("cargo does not start: {error}"))?;
    if !output.status.success() {
        return Err(format!("{PEERS} does not run:\n{}", String::from_utf8_lossy(&output.stderr)));
    }
    let read = |line: &str| -> Option<Told> {
        let mut fields = line.split('\t').map(str::to_owned);
        Some(Told {
            what: fields.next()?,
            who: fields.next()?,
            operations: fields.next()?.parse().ok()?,
            seconds: fields.next()?.parse().ok()?,
            remark: fields.next().unwrap_or_default(),
        })
    };
    Ok(String::from_utf8_lossy(&output.stdout).lines().filter_map(read).collect())
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
start = time.process_time()
env.run()
print(time.process_time() - start)
";

const CIW: &str = "
import ciw, time
network = ciw.create_network(arrival_distributions=[ciw.dists.Exponential(0.8)],
    service_distributions=[ciw.dists.Exponential(1.0)], number_of_servers=[1])
ciw.seed(1)
simulation = ciw.Simulation(network)
start = time.process_time()
simulation.simulate_until_max_time(REQUESTS / 0.8)
print(time.process_time() - start)
";
