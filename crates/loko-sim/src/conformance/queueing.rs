//! Families of queues: everything here runs in the engine.

use super::{Case, Effort, Parameters, Solution, Solve, percentile, simulate, simulate_with, within};
use crate::analytic::chains::{birth_death, retrial, shortest_queue};
use crate::analytic::phase::Phase;
use crate::analytic::queues::{self, Mmc};
use crate::analytic::special;
use crate::distribution::Distribution;
use crate::engine::{Record, SourceRecord, StationRecord};
use crate::network::{Arrivals, Discipline, Edge, Effect, Fault, Network, Node, Persistence, Station, Step, UNLIMITED};
use crate::random::mix;
use loko_policy::balance::Rule;
use loko_policy::sketch::Sketch;

pub(super) const FAMILIES: &[(&str, Solve)] = &[
    ("mm1", mmc),
    ("mmc", mmc),
    ("mmck", mmck),
    ("bulkhead_loss", bulkhead_loss),
    ("md1", md1),
    ("mg1_phase_type", mg1_phase_type),
    ("mg1_mean", mg1_mean),
    ("mm1_ps", sharing),
    ("mg1_ps_insensitive", sharing_insensitive),
    ("mm1_lcfs", last_first),
    ("mm1_priority_np", priority),
    ("round_robin", round_robin),
    ("tandem", tandem),
    ("jackson", jackson),
    ("closed_mva", closed),
    ("erlang_a", erlang_a),
    ("mm1_deterministic_timeout", queue_timeout),
    ("mm1_timeout_no_cancel", timeout_no_cancel),
    ("retrial_mm11", retrial_single),
    ("retrial_nonpersistent", retrial_some),
    ("power_of_d_mean_field", power_of_choices),
    ("join_shortest_small", join_shortest),
    ("mg_inf_concurrency", unlimited),
    ("outage_drain", outage_drain),
    ("redundancy_two_copies", redundancy),
    ("projection_lag", projection_lag),
];

/// One station behind one source; a request is one visit.
fn single(station: Station, service: Distribution, arrivals: Arrivals) -> Network {
    let mut network = Network::default();
    let station = network.station(station);
    let node = network.node(Node::work(station, service));
    let edge = network.edge(Edge::to("call", node));
    network.source("requests", edge, arrivals);
    network
}

fn seconds(sketch: &Sketch, q: f64) -> f64 {
    sketch.quantile(q) * 1e-9
}

/// What a station and a source say about usual quantities.
fn usual(record: &Record, name: &str) -> Option<f64> {
    let (source, station): (&SourceRecord, &StationRecord) = (record.sources.first()?, record.stations.first()?);
    if let Some(x) = within(name, "prob_wait_gt_", "s") {
        return Some(station.wait.above(x * 1e9));
    }
    if let Some((what, q)) = percentile(name) {
        return match what {
            "sojourn" | "sojourn_accepted" => Some(seconds(&source.ok, q)),
            "wait" => Some(seconds(&station.wait, q)),
            _ => None,
        };
    }
    let observed = record.seconds * 1e9;
    let total = source.total() as f64;
    match name {
        "mean_sojourn" | "mean_sojourn_accepted" => Some(source.ok.mean() * 1e-9),
        "sojourn_stddev" => Some(source.ok.deviation() * 1e-9),
        "mean_wait" => Some(station.wait.mean() * 1e-9),
        "mean_wait_served" => Some(station.wait.mean() * 1e-9),
        "wait_second_moment" => Some(station.wait.second_moment() * 1e-18),
        "wait_variance" => Some(libm::pow(station.wait.deviation() * 1e-9, 2.0)),
        "mean_in_system" | "mean_concurrency" => Some(station.inside / observed),
        "mean_queue_len" => Some(station.waiting / observed),
        "utilization" => Some(station.utilization()),
        "prob_wait" => Some(station.waited as f64 / station.wait.total() as f64),
        "prob_reject" => Some(1.0 - source.success()),
        "throughput" | "goodput" => Some(source.ok.total() as f64 / record.seconds),
        "prob_timeout" | "prob_abandon" => Some(1.0 - source.success()),
        "prob_no_wait" => Some((station.wait.total() - station.waited) as f64 / total),
        _ => None,
    }
}

fn mmc(case: &Case, effort: &Effort) -> Result<Solution, String> {
    let model = Parameters::of(case);
    let (lambda, mu) = (model.number("lambda_per_s")?, model.number("mu_per_s")?);
    let queue = Mmc { lambda, mu, servers: model.number_or("servers", 1.0) as u32 };
    if !queue.is_stable() {
        return Err(format!(
            "{}: the queue grows without end, load {:.3} of the servers",
            case.id,
            queue.utilization()
        ));
    }
    let sojourn = queue.sojourn();
    let analytic = |name: &str| {
        if let Some((what, q)) = percentile(name) {
            return match what {
                // Of one server it is a plain exponential, in which no digit is lost.
                "sojourn" if queue.servers == 1 => Some(-libm::log1p(-q) / (mu - lambda)),
                "sojourn" => Some(sojourn.quantile(q)),
                "wait" => Some(queue.wait_quantile(q)),
                _ => None,
            };
        }
        if let Some(n) = within(name, "prob_in_system_ge_", "") {
            if queue.servers == 1 {
                return Some(libm::pow(queue.utilization(), n));
            }
            let shares = birth_death(|_| lambda, |n| mu * n.min(queue.servers as usize) as f64, 1_000_000);
            return Some(special::tail(&shares, n as usize));
        }
        let (wait, waits) = (queue.mean_wait(), queue.waits());
        match name {
            "mean_wait" => Some(wait),
            "mean_sojourn" => Some(wait + 1.0 / mu),
            "mean_in_system" => Some(lambda * (wait + 1.0 / mu)),
            "mean_queue_len" => Some(lambda * wait),
            "utilization" => Some(queue.utilization()),
            "prob_wait" => Some(waits),
            "sojourn_stddev" if queue.servers == 1 => Some(1.0 / (mu - lambda)),
            "sojourn_stddev" => {
                let slack = queue.slack();
                Some(libm::sqrt(waits * (2.0 - waits) / (slack * slack) + 1.0 / (mu * mu)))
            }
            _ => within(name, "prob_wait_gt_", "s").map(|t| waits * libm::exp(-queue.slack() * t)),
        }
    };
    let network =
        single(Station::new("server", queue.servers), Distribution::Exponential(1.0 / mu), Arrivals::poisson(lambda));
    let records = simulate(&network, effort, lambda, 0.2)?;
    Solution::of_records(case, analytic, &records, usual)
}

fn mmck(case: &Case, effort: &Effort) -> Result<Solution, String> {
    let model = Parameters::of(case);
    let (lambda, mu) = (model.number("lambda_per_s")?, model.number("mu_per_s")?);
    let (servers, room) = (model.count("servers")?, model.count("system_capacity_K")?);
    let shares = queues::mmck(lambda, mu, servers, room);
    let last = shares[room as usize];
    let throughput = lambda * (1.0 - last);
    let inside: f64 = shares.iter().enumerate().map(|(n, share)| n as f64 * share).sum();
    let waiting: f64 =
        shares.iter().enumerate().map(|(n, share)| n.saturating_sub(servers as usize) as f64 * share).sum();
    // Whoever finds all servers busy waits for so many to finish, then is served.
    let accepted: Vec<f64> = shares[..room as usize].iter().map(|share| share / (1.0 - last)).collect();
    let ahead = (room - servers) as usize;
    let mut initial: Vec<f64> = (0..ahead).map(|k| accepted[servers as usize + ahead - 1 - k]).collect();
    initial.push(accepted[..servers as usize].iter().sum());
    let all = mu * f64::from(servers);
    let moves = (0..ahead).map(|stage| (stage, stage + 1, all)).collect();
    let mut ends = vec![0.0; ahead];
    ends.push(mu);
    let sojourn = Phase::new(initial, moves, ends);
    let analytic = |name: &str| match (name, percentile(name)) {
        (_, Some(("sojourn_accepted", q))) => Some(sojourn.quantile(q)),
        ("prob_reject", _) => Some(last),
        ("throughput", _) => Some(throughput),
        ("mean_in_system", _) => Some(inside),
        ("mean_queue_len", _) => Some(waiting),
        ("mean_sojourn_accepted", _) => Some(inside / throughput),
        ("utilization", _) => Some(throughput / all),
        _ => None,
    };
    let station = Station { room: Some(room), ..Station::new("server", servers) };
    let network = single(station, Distribution::Exponential(1.0 / mu), Arrivals::poisson(lambda));
    let records = simulate(&network, effort, lambda, 0.1)?;
    Solution::of_records(case, analytic, &records, usual)
}

fn bulkhead_loss(case: &Case, effort: &Effort) -> Result<Solution, String> {
    let model = Parameters::of(case);
    let (load, limit) = (model.number("offered_load_erlang")?, model.count("max_concurrent")?);
    let names: Vec<&str> =
        model.value["service"].as_array().into_iter().flatten().filter_map(|name| name.as_str()).collect();
    let requests = effort.requests / names.len().max(1) as u64;
    let mut rejected = Vec::new();
    for (at, name) in names.iter().enumerate() {
        // Arrivals of its own for each: with the same ones the replications would not be independent, and their interval
        // too narrow.
        let each = Effort { requests, seed: mix(effort.seed ^ mix(at as u64 + 1)), ..*effort };
        let service = by_name(name, 1.0).ok_or_else(|| format!("{}: unknown service `{name}`", case.id))?;
        let mut network = Network::default();
        let node = network.node(Node { service, ..Node::nothing() });
        let edge = network.edge(Edge { bulkhead: Some(limit), ..Edge::to("call", node) });
        network.source("requests", edge, Arrivals::poisson(load));
        let records = simulate(&network, &each, load, 0.1)?;
        rejected.extend(records.iter().map(|record| 1.0 - record.sources[0].success()));
    }
    Solution::new(case, |name| (name == "prob_reject").then(|| queues::erlang_b(limit, load)), |_| rejected.clone())
}

/// A distribution of mean `mean` by the names that cases use.
fn by_name(name: &str, mean: f64) -> Option<Distribution> {
    let number =
        |after: &str| name.split_once(after).and_then(|(_, rest)| rest.trim().split(' ').next()?.parse::<f64>().ok());
    if name.starts_with("deterministic") {
        Some(Distribution::Constant(mean))
    } else if name.starts_with("exponential") {
        Some(Distribution::Exponential(mean))
    } else if name.starts_with("lognormal") {
        Some(Distribution::lognormal_mean(mean, number("sigma=")?))
    } else if name.starts_with("erlang-") {
        Some(Distribution::Erlang { k: number("erlang-")? as u32, mean })
    } else if name.starts_with("hyperexponential-2") {
        Some(Distribution::balanced(mean, number("scv").or(number("scv="))?))
    } else if name.starts_with("weibull") {
        let shape = number("shape")?;
        Some(Distribution::Weibull { scale: mean / libm::tgamma(1.0 + 1.0 / shape), shape })
    } else if name.starts_with("gamma") {
        Some(Distribution::Gamma { shape: number("shape")?, mean })
    } else if name.starts_with("pareto") {
        let shape = number("alpha=").or(number("alpha")).or(number("shape"))?;
        Some(Distribution::Pareto { scale: mean * (shape - 1.0) / shape, shape })
    } else if name.starts_with("uniform") {
        Some(Distribution::Uniform(0.0, 2.0 * mean))
    } else {
        None
    }
}

/// The service of a case.
fn service_of(model: Parameters<'_>) -> Result<Distribution, String> {
    let name = model.text("service");
    if let (Ok(shares), Ok(means)) = (model.numbers("p"), model.numbers("means_s")) {
        return Ok(Distribution::Mixture(shares.into_iter().zip(means).collect()));
    }
    let mean = model.number("mean_s").or_else(|_| model.number("mu_per_s").map(|mu| 1.0 / mu))?;
    if let Ok(scv) = model.number("scv") {
        // Below 1 there is no mixture of exponentials; a gamma has any.
        return Ok(match scv {
            0.0 => Distribution::Constant(mean),
            1.0 => Distribution::Exponential(mean),
            scv if scv > 1.0 => Distribution::balanced(mean, scv),
            scv => Distribution::Gamma { shape: 1.0 / scv, mean },
        });
    }
    if let Ok(sigma) = model.number("sigma_ln") {
        return Ok(Distribution::lognormal_mean(mean, sigma));
    }
    if let (Ok(low), Ok(high)) = (model.number("low_s"), model.number("high_s")) {
        return Ok(Distribution::Uniform(low, high));
    }
    let shape = model.number("shape").or_else(|_| model.number("alpha"));
    if let (true, Ok(shape)) = (name.starts_with("pareto"), &shape) {
        return Ok(Distribution::Pareto { scale: mean * (shape - 1.0) / shape, shape: *shape });
    }
    if let (true, Ok(shape)) = (name.starts_with("gamma"), &shape) {
        return Ok(Distribution::Gamma { shape: *shape, mean });
    }
    if let Ok(shape) = shape {
        return Ok(Distribution::Weibull { scale: mean / libm::tgamma(1.0 + 1.0 / shape), shape });
    }
    if name.starts_with("erlang")
        && let Ok(k) = model.count("k")
    {
        return Ok(Distribution::Erlang { k, mean });
    }
    by_name(name, mean).ok_or_else(|| format!("{}: unknown service `{name}`", model.id))
}

fn md1(case: &Case, effort: &Effort) -> Result<Solution, String> {
    let model = Parameters::of(case);
    let (lambda, service) = (model.number("lambda_per_s")?, model.number("service_s")?);
    let rho = lambda * service;
    let wait = queues::mg1_wait(lambda, service, service * service);
    let analytic = |name: &str| match (name, percentile(name)) {
        (_, Some(("sojourn", q))) => Some(queues::md1_wait_quantile(lambda, service, q) + service),
        (_, Some(("wait", q))) => Some(queues::md1_wait_quantile(lambda, service, q)),
        ("mean_wait", _) => Some(wait),
        ("mean_sojourn", _) => Some(wait + service),
        ("mean_in_system", _) => Some(lambda * (wait + service)),
        ("utilization" | "prob_wait", _) => Some(rho),
        ("wait_variance", _) => Some(wait * wait + lambda * service * service * service / (3.0 * (1.0 - rho))),
        _ => None,
    };
    let network = single(Station::new("server", 1), Distribution::Constant(service), Arrivals::poisson(lambda));
    let records = simulate(&network, effort, lambda, 0.1)?;
    Solution::of_records(case, analytic, &records, usual)
}

fn mg1_analytic(lambda: f64, service: &Distribution, name: &str) -> Option<f64> {
    let mean = service.mean();
    let wait = queues::mg1_wait(lambda, mean, service.second_moment());
    match name {
        "mean_wait" => Some(wait),
        "mean_sojourn" => Some(wait + mean),
        "mean_in_system" => Some(lambda * (wait + mean)),
        "utilization" | "prob_wait" => Some(lambda * mean),
        _ => None,
    }
}

fn mg1_phase_type(case: &Case, effort: &Effort) -> Result<Solution, String> {
    let model = Parameters::of(case);
    let (lambda, service) = (model.number("lambda_per_s")?, service_of(model)?);
    let (start, moves, ends) = match &service {
        Distribution::Mixture(parts) => (
            parts.iter().map(|(share, _)| *share).collect(),
            Vec::new(),
            parts.iter().map(|(_, mean)| 1.0 / mean).collect(),
        ),
        Distribution::Erlang { k, mean } => {
            let rate = f64::from(*k) / mean;
            let mut start = vec![0.0; *k as usize];
            start[0] = 1.0;
            let moves = (1..*k as usize).map(|at| (at - 1, at, rate)).collect();
            let mut ends = vec![0.0; *k as usize];
            ends[*k as usize - 1] = rate;
            (start, moves, ends)
        }
        Distribution::Exponential(mean) => (vec![1.0], Vec::new(), vec![1.0 / mean]),
        _ => return Err(format!("{}: the service is no phase type", case.id)),
    };
    let wait = queues::mph1_wait(lambda, &start, &moves, &ends, service.mean());
    let own = Phase::new(start, moves, ends);
    let sojourn = wait.then(&own);
    let analytic = |name: &str| match percentile(name) {
        Some(("sojourn", q)) => Some(sojourn.quantile(q)),
        Some(("wait", q)) => Some(wait.quantile(q)),
        _ => mg1_analytic(lambda, &service, name),
    };
    let network = single(Station::new("server", 1), service.clone(), Arrivals::poisson(lambda));
    let records = simulate(&network, effort, lambda, 0.2)?;
    Solution::of_records(case, analytic, &records, usual)
}

fn mg1_mean(case: &Case, effort: &Effort) -> Result<Solution, String> {
    let model = Parameters::of(case);
    let (lambda, service) = (model.number("lambda_per_s")?, service_of(model)?);
    let network = single(Station::new("server", 1), service.clone(), Arrivals::poisson(lambda));
    let records = simulate(&network, effort, lambda, 0.2)?;
    Solution::of_records(case, |name| mg1_analytic(lambda, &service, name), &records, usual)
}

fn sharing(case: &Case, effort: &Effort) -> Result<Solution, String> {
    let model = Parameters::of(case);
    let (lambda, mu) = (model.number("lambda_per_s")?, model.number("mu_per_s")?);
    let rho = lambda / mu;
    let mean = 1.0 / (mu - lambda);
    let size = |name: &str| within(name, "mean_sojourn_given_size_", "s");
    let chain = queues::sharing_sojourn(lambda, mu);
    let analytic = |name: &str| match (name, percentile(name), size(name)) {
        (_, Some(("sojourn", q)), _) => Some(chain.quantile(q)),
        (.., Some(x)) => Some(x / (1.0 - rho)),
        ("mean_sojourn", ..) => Some(mean),
        ("mean_in_system", ..) => Some(rho / (1.0 - rho)),
        ("sojourn_stddev", ..) => Some(mean * libm::sqrt((2.0 + rho) / (2.0 - rho))),
        _ => None,
    };
    let station = Station { discipline: Discipline::Sharing, ..Station::new("server", 1) };
    let network = single(station, Distribution::Exponential(1.0 / mu), Arrivals::poisson(lambda));
    let sizes: Vec<f64> = case.quantities.iter().filter_map(|quantity| size(&quantity.name)).collect();
    let records = simulate_with(&network, effort, lambda, 0.2, &|engine| {
        sizes.iter().for_each(|x| engine.probe(0, x * 0.9, x * 1.1));
    })?;
    Solution::of_records(case, analytic, &records, |record, name| {
        let Some(x) = size(name) else { return usual(record, name) };
        let probe = record.stations[0].by_size.iter().find(|probe| probe.from <= x && x < probe.to)?;
        Some(probe.ratio / probe.count as f64 * x)
    })
}

fn sharing_insensitive(case: &Case, effort: &Effort) -> Result<Solution, String> {
    let model = Parameters::of(case);
    let (lambda, mean) = (model.number("lambda_per_s")?, model.number("mean_s")?);
    let service = by_name(model.text("service"), mean).map_or_else(|| service_of(model), Ok)?;
    let rho = lambda * mean;
    let analytic = |name: &str| match name {
        "mean_sojourn" => Some(mean / (1.0 - rho)),
        "mean_in_system" => Some(rho / (1.0 - rho)),
        _ => None,
    };
    let station = Station { discipline: Discipline::Sharing, ..Station::new("server", 1) };
    let network = single(station, service, Arrivals::poisson(lambda));
    let records = simulate(&network, effort, lambda, 0.2)?;
    Solution::of_records(case, analytic, &records, usual)
}

fn last_first(case: &Case, effort: &Effort) -> Result<Solution, String> {
    let model = Parameters::of(case);
    let (lambda, mu) = (model.number("lambda_per_s")?, model.number("mu_per_s")?);
    let rho = lambda / mu;
    let wait = rho / (mu - lambda);
    let analytic = |name: &str| match name {
        "mean_wait" => Some(wait),
        "wait_second_moment" => Some(2.0 * rho / ((mu - lambda) * (mu - lambda)) / (1.0 - rho)),
        "mean_sojourn" => Some(wait + 1.0 / mu),
        _ => within(name, "prob_wait_gt_", "s").map(|t| rho * queues::busy_period_above(lambda, mu, t)),
    };
    let station = Station { discipline: Discipline::Lifo, ..Station::new("server", 1) };
    let network = single(station, Distribution::Exponential(1.0 / mu), Arrivals::poisson(lambda));
    let records = simulate(&network, effort, lambda, 0.2)?;
    Solution::of_records(case, analytic, &records, usual)
}

fn priority(case: &Case, effort: &Effort) -> Result<Solution, String> {
    let model = Parameters::of(case);
    let (lambdas, mu) = (model.numbers("lambda_per_s")?, model.number("mu_per_s")?);
    let residual: f64 = lambdas.iter().sum::<f64>() / (mu * mu);
    let class = |name: &str| within(name, "mean_wait_class_", "").map(|class| class as usize);
    let analytic = |name: &str| {
        let class = class(name).filter(|class| (1..=lambdas.len()).contains(class))?;
        let before: f64 = lambdas[..class - 1].iter().sum::<f64>() / mu;
        Some(residual / ((1.0 - before) * (1.0 - before - lambdas[class - 1] / mu)))
    };
    let mut network = Network::default();
    let station = network.station(Station { discipline: Discipline::Priority, ..Station::new("server", 1) });
    for (class, lambda) in lambdas.iter().enumerate() {
        let work = Node::work(station, Distribution::Exponential(1.0 / mu));
        let node = network.node(Node { class: class as u8, ..work });
        let edge = network.edge(Edge::to("call", node));
        network.source("requests", edge, Arrivals::poisson(*lambda));
    }
    let records = simulate(&network, effort, lambdas.iter().sum(), 0.2)?;
    Solution::of_records(case, analytic, &records, |record, name| {
        // Work has the same mean in every class, so the time without it is the wait.
        Some(record.sources.get(class(name)?.checked_sub(1)?)?.ok.mean() * 1e-9 - 1.0 / mu)
    })
}

fn round_robin(case: &Case, effort: &Effort) -> Result<Solution, String> {
    let model = Parameters::of(case);
    let (lambda, mu, servers) =
        (model.number("lambda_total_per_s")?, model.number("mu_per_s")?, model.count("servers")?);
    let sigma = queues::round_robin_sigma(lambda, mu, servers);
    let rate = mu * (1.0 - sigma);
    let analytic = |name: &str| match (name, percentile(name)) {
        (_, Some(("sojourn", q))) => Some(-libm::log1p(-q) / rate),
        (_, Some(("wait", q))) => Some((libm::log(sigma / (1.0 - q)) / rate).max(0.0)),
        ("sigma" | "prob_wait", _) => Some(sigma),
        ("mean_sojourn", _) => Some(1.0 / rate),
        ("mean_wait", _) => Some(sigma / rate),
        _ => None,
    };
    let station = Station { copies: servers, balance: Rule::RoundRobin, ..Station::new("server", 1) };
    let network = single(station, Distribution::Exponential(1.0 / mu), Arrivals::poisson(lambda));
    let records = simulate(&network, effort, lambda, 0.2)?;
    Solution::of_records(case, analytic, &records, usual)
}

fn tandem(case: &Case, effort: &Effort) -> Result<Solution, String> {
    let model = Parameters::of(case);
    let (lambda, rates) = (model.number("lambda_per_s")?, model.numbers("stages_mu_per_s")?);
    let slack: Vec<f64> = rates.iter().map(|mu| mu - lambda).collect();
    let chain = Phase::stages(&slack);
    let stage = |name: &str| within(name, "mean_sojourn_stage_", "").map(|stage| stage as usize - 1);
    let analytic = |name: &str| match (name, percentile(name)) {
        (_, Some(("end_to_end", q))) => Some(chain.quantile(q)),
        ("mean_end_to_end", _) => Some(slack.iter().map(|slack| 1.0 / slack).sum()),
        ("stddev_end_to_end", _) => Some(libm::sqrt(slack.iter().map(|slack| 1.0 / (slack * slack)).sum())),
        _ => stage(name).and_then(|stage| slack.get(stage)).map(|slack| 1.0 / slack),
    };
    let network = chain_of(rates.iter().map(|mu| Distribution::Exponential(1.0 / mu)), Arrivals::poisson(lambda));
    let records = simulate(&network, effort, lambda, 0.2)?;
    Solution::of_records(case, analytic, &records, |record, name| match (name, percentile(name)) {
        (_, Some(("end_to_end", q))) => Some(seconds(&record.sources[0].ok, q)),
        ("mean_end_to_end", _) => Some(record.sources[0].ok.mean() * 1e-9),
        ("stddev_end_to_end", _) => Some(record.sources[0].ok.deviation() * 1e-9),
        _ => {
            let station = record.stations.get(stage(name)?)?;
            Some(station.wait.mean() * 1e-9 + 1.0 / rates[stage(name)?])
        }
    })
}

/// Stations called one after the other, each freed before the next.
fn chain_of(services: impl Iterator<Item = Distribution>, arrivals: Arrivals) -> Network {
    let mut network = Network::default();
    let edges: Vec<u32> = services
        .enumerate()
        .map(|(at, service)| {
            let station = network.station(Station::new(&format!("stage {}", at + 1), 1));
            let node = network.node(Node::work(station, service));
            network.edge(Edge::to("stage", node))
        })
        .collect();
    let root = network.node(Node::calls(edges));
    let edge = network.edge(Edge::to("whole", root));
    network.source("requests", edge, arrivals);
    network
}

fn jackson(case: &Case, effort: &Effort) -> Result<Solution, String> {
    let model = Parameters::of(case);
    let rates = model.within("mu_per_s")?.value.as_object().ok_or("`mu_per_s` must name stations")?;
    let names: Vec<&String> = rates.keys().collect();
    let mu: Vec<f64> = rates.values().filter_map(serde_json::Value::as_f64).collect();
    let at = |name: &str| names.iter().position(|other| *other == name);
    let size = names.len();
    let external: Vec<f64> =
        names.iter().map(|name| model.value["external_poisson_per_s"][name.as_str()].as_f64().unwrap_or(0.0)).collect();
    let mut routing = vec![vec![0.0; size]; size];
    for (from, row) in model.within("routing")?.value.as_object().into_iter().flatten() {
        for (to, chance) in row.as_object().into_iter().flatten() {
            let (from, to) =
                at(from).zip(at(to)).ok_or_else(|| format!("{}: routing names an unknown station", case.id))?;
            routing[from][to] = chance.as_f64().unwrap_or(0.0);
        }
    }
    let matrix = (0..size)
        .map(|row| (0..size).map(|column| f64::from(u8::from(row == column)) - routing[column][row]).collect())
        .collect();
    let right = external.iter().map(|rate| vec![*rate]).collect();
    let lambda: Vec<f64> = crate::analytic::chains::solve(matrix, right)
        .ok_or("the routing never ends")?
        .into_iter()
        .map(|row| row[0])
        .collect();
    let inside: Vec<f64> = lambda.iter().zip(&mu).map(|(lambda, mu)| lambda / (mu - lambda)).collect();
    let total: f64 = external.iter().sum();
    let of = |name: &str, start: &str| name.strip_prefix(start).and_then(at);
    let analytic = |name: &str| match name {
        "mean_time_in_network" => Some(inside.iter().sum::<f64>() / total),
        "mean_in_network" => Some(inside.iter().sum()),
        _ => of(name, "throughput_").map(|at| lambda[at]).or_else(|| of(name, "mean_in_").map(|at| inside[at])),
    };
    let mut network = Network::default();
    for (station, rate) in mu.iter().enumerate() {
        let id = network.station(Station::new(names[station], 1));
        let next = routing[station].iter().enumerate().filter(|(_, chance)| **chance > 0.0);
        let next = next.map(|(to, chance)| (*chance, to as u32)).collect();
        network.node(Node { next, ..Node::work(id, Distribution::Exponential(1.0 / rate)) });
    }
    for (station, rate) in external.iter().enumerate().filter(|(_, rate)| **rate > 0.0) {
        let edge = network.edge(Edge::to("enter", station as u32));
        network.source(names[station], edge, Arrivals::poisson(*rate));
    }
    let records = simulate(&network, effort, total, 0.2)?;
    Solution::of_records(case, analytic, &records, |record, name| {
        let observed = record.seconds * 1e9;
        match name {
            "mean_in_network" => Some(record.stations.iter().map(|station| station.inside).sum::<f64>() / observed),
            "mean_time_in_network" => {
                let count: u64 = record.sources.iter().map(|source| source.ok.total()).sum();
                let sum: f64 = record.sources.iter().map(|source| source.ok.mean() * source.ok.total() as f64).sum();
                Some(sum / count as f64 * 1e-9)
            }
            _ => of(name, "throughput_")
                .map(|at| record.stations[at].arrived as f64 / record.seconds)
                .or_else(|| of(name, "mean_in_").map(|at| record.stations[at].inside / observed)),
        }
    })
}

fn closed(case: &Case, effort: &Effort) -> Result<Solution, String> {
    let model = Parameters::of(case);
    let (clients, think, demands) =
        (model.count("clients")?, model.number("think_time_s")?, model.numbers("service_demand_s")?);
    let (throughput, times) = queues::mean_value_analysis(clients, think, &demands);
    let station = |name: &str| within(name, "utilization_", "").map(|station| station as usize - 1);
    let analytic = |name: &str| match name {
        "throughput" => Some(throughput),
        "mean_response" => Some(times.iter().sum()),
        _ => station(name).and_then(|station| demands.get(station)).map(|demand| throughput * demand),
    };
    let arrivals = Arrivals::Closed { clients, think: Distribution::Exponential(think) };
    let network = chain_of(demands.iter().map(|demand| Distribution::Exponential(*demand)), arrivals);
    let records = simulate(&network, effort, throughput, 0.1)?;
    Solution::of_records(case, analytic, &records, |record, name| match name {
        "throughput" => Some(record.sources[0].total() as f64 / record.seconds),
        "mean_response" => Some(record.sources[0].ok.mean() * 1e-9),
        _ => Some(record.stations.get(station(name)?)?.utilization()),
    })
}

fn erlang_a(case: &Case, effort: &Effort) -> Result<Solution, String> {
    let model = Parameters::of(case);
    let (lambda, mu, servers) = (model.number("lambda_per_s")?, model.number("mu_per_s")?, model.count("servers")?);
    let theta = model.number("patience_rate_per_s")?;
    let c = servers as usize;
    let shares = birth_death(|_| lambda, |n| n.min(c) as f64 * mu + n.saturating_sub(c) as f64 * theta, 10_000_000);
    let waiting: f64 = shares.iter().enumerate().map(|(n, share)| n.saturating_sub(c) as f64 * share).sum();
    let busy: f64 = shares.iter().enumerate().map(|(n, share)| n.min(c) as f64 * share).sum();
    let analytic = |name: &str| match name {
        "prob_abandon" => Some(theta * waiting / lambda),
        "prob_wait" => Some(special::tail(&shares, c)),
        "mean_queue_len" => Some(waiting),
        "mean_wait_all" => Some(waiting / lambda),
        "utilization" => Some(busy / f64::from(servers)),
        "goodput" => Some(busy * mu),
        _ => None,
    };
    let station = Station { patience: Some(Distribution::Exponential(1.0 / theta)), ..Station::new("server", servers) };
    let network = single(station, Distribution::Exponential(1.0 / mu), Arrivals::poisson(lambda));
    let records = simulate(&network, effort, lambda, 0.1)?;
    Solution::of_records(case, analytic, &records, |record, name| {
        let (source, station) = (&record.sources[0], &record.stations[0]);
        let total = source.total() as f64;
        match name {
            "prob_wait" => Some((station.waited + source.failed.total()) as f64 / total),
            "mean_wait_all" => Some(station.waiting * 1e-9 / total),
            _ => usual(record, name),
        }
    })
}

fn queue_timeout(case: &Case, effort: &Effort) -> Result<Solution, String> {
    let model = Parameters::of(case);
    let (lambda, mu, tau) =
        (model.number("lambda_per_s")?, model.number("mu_per_s")?, model.number("queue_timeout_s")?);
    let (delta, rho) = (mu - lambda, lambda / mu);
    // Everything is scaled by e^(δτ) when that is below 1, so that overload does not overflow.
    let (one, grown, end) = if delta >= 0.0 {
        (1.0, -libm::expm1(-delta * tau), libm::exp(-delta * tau))
    } else {
        (libm::exp(delta * tau), libm::expm1(delta * tau), 1.0)
    };
    let below = if delta == 0.0 { lambda * tau } else { lambda / delta * grown };
    let scaled = 1.0 / (one + below + rho * end);
    let (empty, lost) = (scaled * one, scaled * rho * end);
    let waited = if delta == 0.0 {
        empty * lambda * tau * tau / 2.0
    } else {
        lambda / (delta * delta) * scaled * (one - end * (1.0 + delta * tau))
    };
    let analytic = |name: &str| match name {
        "prob_timeout" => Some(lost),
        "goodput" => Some(lambda * (1.0 - lost)),
        "prob_no_wait" => Some(empty),
        "mean_wait_served" => Some(waited / (1.0 - lost)),
        "utilization" => Some(lambda * (1.0 - lost) / mu),
        _ => None,
    };
    let station = Station { patience: Some(Distribution::Constant(tau)), ..Station::new("server", 1) };
    let network = single(station, Distribution::Exponential(1.0 / mu), Arrivals::poisson(lambda));
    let records = simulate(&network, effort, lambda, 0.1)?;
    Solution::of_records(case, analytic, &records, usual)
}

fn timeout_no_cancel(case: &Case, effort: &Effort) -> Result<Solution, String> {
    let model = Parameters::of(case);
    let (lambda, mu, tau) =
        (model.number("lambda_per_s")?, model.number("mu_per_s")?, model.number("client_timeout_s")?);
    let late = libm::exp(-(mu - lambda) * tau);
    let analytic = |name: &str| match name {
        "prob_timeout" | "wasted_work_fraction" => Some(late),
        "goodput" => Some(lambda * (1.0 - late)),
        _ => None,
    };
    let mut network = single(Station::new("server", 1), Distribution::Exponential(1.0 / mu), Arrivals::poisson(lambda));
    network.edges[0].timeout = Some(crate::distribution::nanos(tau));
    let records = simulate(&network, effort, lambda, 0.2)?;
    Solution::of_records(case, analytic, &records, |record, name| match name {
        "wasted_work_fraction" => Some(record.stations[0].wasted as f64 / record.stations[0].wait.total() as f64),
        _ => usual(record, name),
    })
}

/// A station without a queue, asked again and again.
fn retrial_network(lambda: f64, mu: f64, servers: u32, persistence: Persistence) -> Network {
    let station = Station { room: Some(servers), ..Station::new("server", servers) };
    let mut network = single(station, Distribution::Exponential(1.0 / mu), Arrivals::poisson(lambda));
    network.edges[0].persistence = Some(persistence);
    network
}

/// What the engine says about customers who come back.
fn retrial_metric(record: &Record, name: &str, mu: f64) -> Option<f64> {
    let (source, station, edge) = (&record.sources[0], &record.stations[0], &record.edges[0]);
    let rate = edge.calls as f64 / record.seconds;
    let mean_time = (source.ok.mean() * source.ok.total() as f64 + source.failed.mean() * source.failed.total() as f64)
        / source.total() as f64
        * 1e-9;
    // Time in backoff is what is left of a call's time without its service.
    let backoff = mean_time - source.success() / mu;
    match name {
        "mean_in_backoff" => Some(rate * backoff),
        "mean_time_to_success_start" => Some(source.ok.mean() * 1e-9 - 1.0 / mu),
        "utilization" => Some(station.utilization()),
        "retry_attempts_per_s" => Some((edge.attempts - edge.calls) as f64 / record.seconds),
        "amplification" => Some(edge.amplification()),
        "goodput" => Some(source.ok.total() as f64 / record.seconds),
        "success_probability" => Some(source.success()),
        "prob_all_busy" => Some(station.full / (record.seconds * 1e9)),
        _ => None,
    }
}

fn retrial_single(case: &Case, effort: &Effort) -> Result<Solution, String> {
    let model = Parameters::of(case);
    let (lambda, mu, nu) =
        (model.number("lambda_per_s")?, model.number("mu_per_s")?, model.number("retry_rate_per_s")?);
    let rho = lambda / mu;
    let orbit = rho / (1.0 - rho) * (lambda / nu + rho);
    let analytic = |name: &str| match name {
        "mean_in_backoff" => Some(orbit),
        "mean_time_to_success_start" => Some(orbit / lambda),
        "utilization" => Some(rho),
        "retry_attempts_per_s" => Some(nu * orbit),
        "amplification" => Some(1.0 + nu * orbit / lambda),
        _ => None,
    };
    let network = retrial_network(lambda, mu, 1, Persistence { rate: nu, probability: 1.0 });
    let records = simulate(&network, effort, lambda, 0.1)?;
    Solution::of_records(case, analytic, &records, |record, name| retrial_metric(record, name, mu))
}

fn retrial_some(case: &Case, effort: &Effort) -> Result<Solution, String> {
    let model = Parameters::of(case);
    let (lambda, mu, servers) = (model.number("lambda_per_s")?, model.number("mu_per_s")?, model.count("servers")?);
    let (again, nu) = (model.number("retry_probability_H")?, model.number("backoff_rate_per_s")?);
    let (all_busy, busy, orbit) = retrial(lambda, mu, servers as usize, nu, again).ok_or("the chain has no answer")?;
    let analytic = |name: &str| match name {
        "prob_all_busy" => Some(all_busy),
        "mean_in_backoff" => Some(orbit),
        "goodput" => Some(busy * mu),
        "success_probability" => Some(busy * mu / lambda),
        "amplification" => Some(1.0 + nu * orbit / lambda),
        "utilization" => Some(busy / f64::from(servers)),
        _ => None,
    };
    let network = retrial_network(lambda, mu, servers, Persistence { rate: nu, probability: again });
    let records = simulate(&network, effort, lambda, 0.1)?;
    Solution::of_records(case, analytic, &records, |record, name| retrial_metric(record, name, mu))
}

/// Copies of a server of its own queue each, joined by a rule.
fn farm(servers: u32, rule: Rule, mu: f64, rate: f64) -> Network {
    let station = Station { copies: servers, balance: rule, ..Station::new("server", 1) };
    single(station, Distribution::Exponential(1.0 / mu), Arrivals::poisson(rate))
}

fn power_of_choices(case: &Case, effort: &Effort) -> Result<Solution, String> {
    const SERVERS: u32 = 1_000;
    let model = Parameters::of(case);
    let (load, mu) = (model.number("load_per_server")?, model.number("mu_per_s")?);
    let parts = |name: &str| -> Option<(u32, Option<u32>)> {
        let (what, choices) = name.rsplit_once("_best_of_")?;
        Some((
            choices.parse().ok()?,
            what.strip_prefix("fraction_servers_with_ge_").and_then(|level| level.parse().ok()),
        ))
    };
    let share = |d: f64, k: f64| libm::pow(load, (libm::pow(d, k) - 1.0) / (d - 1.0));
    let analytic = |name: &str| {
        if name == "mean_sojourn_random" {
            return Some(1.0 / (mu * (1.0 - load)));
        }
        let (choices, level) = parts(name)?;
        let d = f64::from(choices);
        Some(match level {
            Some(level) => share(d, f64::from(level)),
            None => (1..200).map(|k| share(d, f64::from(k))).sum::<f64>() / (load * mu),
        })
    };
    let rate = load * mu * f64::from(SERVERS);
    let mut runs: Vec<(u32, Vec<Record>)> = Vec::new();
    let wanted = case.quantities.iter().filter(|quantity| quantity.tol_sim_rel.is_some());
    for choices in wanted.filter_map(|quantity| match parts(&quantity.name) {
        Some((choices, _)) => Some(choices),
        None => (quantity.name == "mean_sojourn_random").then_some(1),
    }) {
        if runs.iter().all(|(done, _)| *done != choices) {
            let rule = if choices == 1 { Rule::Random } else { Rule::Choices(choices as u8) };
            // A farm at load ρ takes about 1/(1 − ρ) service times to settle, a single server its square.
            let settle = if choices == 1 { 4.0 / libm::pow(1.0 - libm::sqrt(load), 2.0) } else { 20.0 / (1.0 - load) };
            let length = effort.each() as f64 / rate * mu;
            let network = match choices {
                // Random splitting makes independent servers of Poisson arrivals: one of them is enough, for longer.
                1 => farm(1, rule, mu, load * mu),
                _ => farm(SERVERS, rule, mu, rate),
            };
            let (rate, warmup) = if choices == 1 { (load * mu, 0.3) } else { (rate, (settle / length).max(0.2)) };
            runs.push((choices, simulate(&network, effort, rate, warmup)?));
        }
    }
    Solution::new(case, analytic, |name| {
        let (choices, level) = parts(name).unwrap_or((1, None));
        let Some((_, records)) = runs.iter().find(|(done, _)| *done == choices) else { return Vec::new() };
        let metric = |record: &Record| match level {
            None => record.sources[0].ok.mean() * 1e-9,
            Some(level) => {
                let time = record.stations[0].levels.get(level as usize - 1).copied().unwrap_or(0.0);
                time / (record.seconds * 1e9 * f64::from(SERVERS))
            }
        };
        // What hardly ever happens is left to the closed form.
        let samples: Vec<f64> = records.iter().map(metric).collect();
        let rare = level.is_some() && samples.iter().filter(|sample| **sample > 0.0).count() * 2 < samples.len();
        if rare || level.is_some_and(|_| analytic(name).is_some_and(|exact| exact * f64::from(SERVERS) < 0.05)) {
            Vec::new()
        } else {
            samples
        }
    })
}

fn join_shortest(case: &Case, effort: &Effort) -> Result<Solution, String> {
    let model = Parameters::of(case);
    let (servers, load, mu) = (model.count("servers")?, model.number("load_per_server")?, model.number("mu_per_s")?);
    let words = model.text("balancing");
    let choices: u32 = words
        .split_once("shortest of ")
        .and_then(|(_, rest)| rest.split(' ').next()?.parse().ok())
        .ok_or_else(|| format!("{}: `balancing` does not say `shortest of d`", case.id))?;
    let most = match servers {
        0..=2 => 120,
        3 => 60,
        4 => 30,
        _ => 0,
    };
    let exact = (most > 0).then(|| shortest_queue(servers as usize, choices as usize, load, mu, most));
    let analytic = |name: &str| match name {
        "mean_sojourn" => exact.map(|(time, _)| time),
        "prob_some_server_idle" => exact.map(|(_, idle)| idle),
        _ => None,
    };
    let rate = load * mu * f64::from(servers);
    let network = farm(servers, Rule::Choices(choices as u8), mu, rate);
    let records = simulate(&network, effort, rate, 0.1)?;
    Solution::of_records(case, analytic, &records, |record, name| match name {
        "prob_some_server_idle" => Some(record.stations[0].idle_time / (record.seconds * 1e9)),
        _ => usual(record, name),
    })
}

fn unlimited(case: &Case, effort: &Effort) -> Result<Solution, String> {
    let model = Parameters::of(case);
    let (lambda, mean) = (model.number("lambda_per_s")?, model.number("mean_service_s")?);
    let chances = special::poisson(lambda * mean);
    let analytic = |name: &str| match (name, percentile(name)) {
        ("mean_concurrency", _) => Some(lambda * mean),
        ("prob_above_twice_mean", _) => Some(special::tail(&chances, (2.0 * lambda * mean + 1e-9) as usize + 1)),
        _ => {
            let share = match name {
                "p99_concurrency" => 0.99,
                "p999_concurrency" => 0.999,
                "p95_concurrency" => 0.95,
                "p50_concurrency" => 0.5,
                _ => return None,
            };
            let mut below = 0.0;
            chances
                .iter()
                .position(|chance| {
                    below += chance;
                    below >= share
                })
                .map(|n| n as f64)
        }
    };
    let network =
        single(Station::new("function", UNLIMITED), Distribution::lognormal_mean(mean, 1.0), Arrivals::poisson(lambda));
    let records = simulate(&network, effort, lambda, 0.1)?;
    Solution::of_records(case, analytic, &records, usual)
}

fn outage_drain(case: &Case, effort: &Effort) -> Result<Solution, String> {
    let model = Parameters::of(case);
    let (lambda, mu, outage) = (model.number("lambda_per_s")?, model.number("mu_per_s")?, model.number("outage_s")?);
    let backlog = lambda * outage;
    let drain = backlog / (mu - lambda);
    let analytic = |name: &str| match name {
        "mean_backlog_added_at_restart" => Some(backlog),
        "mean_drain_time_from_empty_start_s" => Some(drain),
        _ => None,
    };
    let mut network = single(Station::new("server", 1), Distribution::Exponential(1.0 / mu), Arrivals::poisson(lambda));
    let nanos = crate::distribution::nanos;
    network.faults.push(Fault { from: 0, to: nanos(outage), effect: Effect::Stop(0) });
    let limit = outage + 20.0 * drain + 1_000.0 / (mu - lambda);
    // Each run is one outage; it ends when the queue is empty for the first time.
    let outages =
        (effort.requests as f64 / (lambda * (outage + drain))).clamp(200.0, 20_000.0) as u32 / effort.replications;
    let runs =
        super::replicate(&Effort { requests: u64::from(outages * effort.replications), ..*effort }, |random, count| {
            let (mut backlogs, mut drains) = (0.0, 0.0);
            for _ in 0..count {
                let seed = loko_policy::Random::bits(random);
                let span = crate::engine::Span { warmup: 0, end: nanos(limit) };
                let Ok(engine) = crate::engine::Engine::new(&network, span, crate::engine::Detail::default(), seed)
                else {
                    break;
                };
                let record = engine.run_until_empty(nanos(outage));
                backlogs += record.0 as f64;
                drains += record.1.saturating_sub(nanos(outage)) as f64 * 1e-9;
            }
            let count = count as f64;
            vec![
                super::named("mean_backlog_added_at_restart", backlogs / count),
                super::named("mean_drain_time_from_empty_start_s", drains / count),
            ]
        });
    Solution::of_runs(case, analytic, &runs)
}

fn redundancy(case: &Case, effort: &Effort) -> Result<Solution, String> {
    const SERVERS: u32 = 1_000;
    let model = Parameters::of(case);
    let (load, mu, copies) = (model.number("load_per_server")?, model.number("mu_per_s")?, model.count("copies")?);
    let d = f64::from(copies);
    let analytic = |name: &str| match name {
        "mean_without_redundancy" => Some(1.0 / (mu * (1.0 - load))),
        "mean_with_redundancy" => (d * load < 1.0).then(|| 1.0 / (mu * (1.0 - d * load)) / d),
        // 1/(1 − ρ) = 1/(d (1 − dρ)).
        "threshold_load" => Some((d - 1.0) / (d * d - 1.0)),
        _ => None,
    };
    let rate = load * mu * f64::from(SERVERS);
    let mut plain = farm(SERVERS, Rule::Random, mu, rate);
    let without = simulate(&plain, effort, rate, 0.2)?;
    // Both copies go to different servers: a choice of two by two calls that need one answer.
    plain.stations[0].balance = Rule::Random;
    let root = plain.node(Node {
        steps: vec![Step { edges: vec![0; copies as usize], need: Some(1), chances: None }],
        ..Node::nothing()
    });
    let whole = plain.edge(Edge::to("both", root));
    plain.sources[0].edge = whole;
    let with = simulate(&plain, effort, rate, 0.2)?;
    Solution::new(case, analytic, |name| {
        let records = match name {
            "mean_without_redundancy" => &without,
            "mean_with_redundancy" => &with,
            _ => return Vec::new(),
        };
        records.iter().map(|record| record.sources[0].ok.mean() * 1e-9).collect()
    })
}

fn projection_lag(case: &Case, effort: &Effort) -> Result<Solution, String> {
    let model = Parameters::of(case);
    let (events, apply) = (model.number("events_per_s")?, model.number("apply_rate_per_s")?);
    match model.number("poll_interval_s") {
        Ok(poll) if poll > 0.0 => {
            let analytic = |name: &str| match (name, percentile(name)) {
                ("mean_lag", _) => Some(poll / 2.0),
                (_, Some(("lag", q))) => Some(q * poll),
                _ => None,
            };
            let runs = super::replicate(effort, |random, count| {
                let (mut lags, mut projection, mut now) =
                    (Sketch::default(), loko_policy::projection::Projection::default(), 0u64);
                let poll = crate::distribution::nanos(poll);
                for position in 1..=count {
                    now += crate::distribution::nanos(crate::random::exponential(random) / events);
                    let seen = now.div_ceil(poll) * poll;
                    projection.offer(seen, position, now);
                    lags.record(projection.lag());
                }
                let mut found = vec![super::named("mean_lag", lags.mean() * 1e-9)];
                for (name, q) in
                    [("lag_p50", 0.5), ("lag_p90", 0.9), ("lag_p95", 0.95), ("lag_p99", 0.99), ("lag_p999", 0.999)]
                {
                    found.push(super::named(name, seconds(&lags, q)));
                }
                found
            });
            Solution::of_runs(case, analytic, &runs)
        }
        _ => {
            let rate = apply - events;
            let analytic = |name: &str| match (name, percentile(name)) {
                ("mean_lag", _) => Some(1.0 / rate),
                (_, Some(("lag", q))) => Some(-libm::log1p(-q) / rate),
                _ => None,
            };
            let network =
                single(Station::new("projector", 1), Distribution::Exponential(1.0 / apply), Arrivals::poisson(events));
            let records = simulate(&network, effort, events, 0.2)?;
            Solution::of_records(case, analytic, &records, |record, name| match (name, percentile(name)) {
                ("mean_lag", _) => Some(record.sources[0].ok.mean() * 1e-9),
                (_, Some(("lag", q))) => Some(seconds(&record.sources[0].ok, q)),
                _ => None,
            })
        }
    }
}
