//! Families of retries, budgets, breakers, hedges and fan-out. What has virtual time runs in the engine; budgets of
//! serial calls run as the policies alone.

use super::{Case, Effort, Parameters, Solution, Solve, named, percentile, replicate, simulate, within};
use crate::analytic::chains::stationary;
use crate::analytic::special::{binomial, integrate, integrate_to_infinity, root, tail};
use crate::distribution::{Distribution, nanos};
use crate::engine::Record;
use crate::network::{Arrivals, Budget, Cancel, Edge, Hedge, Network, Node, Step};
use loko_policy::backoff::{Backoff, Jitter, Waits};
use loko_policy::breaker::{self, Trip};
use loko_policy::budget::{AwsAdaptive, AwsQuota, Funding, GrpcThrottle, TokenBudget};
use loko_policy::hedge::Delay;
use loko_policy::retry::Retry;
use loko_policy::sketch::Sketch;
use loko_policy::{Random, SECOND, WHOLE};

pub(super) const FAMILIES: &[(&str, Solve)] = &[
    ("retry_amplification", amplification),
    ("backoff_jitter", backoff),
    ("backoff_jitter_polly_v8", polly),
    ("retry_token_bucket", token_budget),
    ("grpc_retry_throttle", throttle),
    ("aws_standard_retry_quota", quota),
    ("aws_adaptive_cubic", cubic),
    ("circuit_breaker_count", breaker_count),
    ("consecutive_failures_trip", consecutive),
    ("hedging", hedging),
    ("fan_out", fan_out),
    ("per_try_timeout", per_try_timeout),
    ("partial_outage", partial_outage),
];

fn at_once(attempts: u32) -> Retry {
    Retry { attempts, backoff: Backoff::constant(0) }
}

fn amplification(case: &Case, effort: &Effort) -> Result<Solution, String> {
    let model = Parameters::of(case);
    let (p, attempts) = (model.number("attempt_failure_p")?, model.count("max_attempts")?);
    let mean = |q: f64| (0..attempts).map(|k| libm::pow(q, f64::from(k))).sum::<f64>();
    let layers = |name: &str, start: &str, end: &str| within(name, start, end).map(|layers| layers as u32);
    let layered = |count: u32| {
        let mut q = p;
        (0..count)
            .map(|_| {
                let tries = mean(q);
                q = libm::pow(q, f64::from(attempts));
                tries
            })
            .product::<f64>()
    };
    let analytic = |name: &str| match name {
        "mean_attempts" => Some(mean(p)),
        "success_probability" => Some(1.0 - libm::pow(p, f64::from(attempts))),
        _ => layers(name, "mean_attempts_", "_layers_each_retrying_leaf_fails").map(layered).or_else(|| {
            layers(name, "worst_case_amplification_", "_layers")
                .map(|count| libm::pow(f64::from(attempts), f64::from(count)))
        }),
    };
    let mut found = Vec::new();
    for quantity in case.quantities.iter().filter(|quantity| quantity.tol_sim_rel.is_some()) {
        let count = layers(&quantity.name, "mean_attempts_", "_layers_each_retrying_leaf_fails").unwrap_or(1);
        if found.iter().any(|(done, _)| *done == count) {
            continue;
        }
        let mut network = Network::default();
        let mut target = network.node(Node { failure: p, ..Node::nothing() });
        let mut edge = 0;
        for layer in 0..count {
            edge = network.edge(Edge { retry: Some(at_once(attempts)), ..Edge::to("layer", target) });
            if layer + 1 < count {
                target = network.node(Node::calls([edge]));
            }
        }
        network.source("calls", edge, Arrivals::poisson(1_000.0));
        found.push((count, simulate(&network, effort, 1_000.0, 0.0)?));
    }
    Solution::new(case, analytic, |name| {
        let count = layers(name, "mean_attempts_", "_layers_each_retrying_leaf_fails").unwrap_or(1);
        let Some((_, records)) = found.iter().find(|(done, _)| *done == count) else { return Vec::new() };
        let metric = |record: &Record| match name {
            "success_probability" => record.sources[0].success(),
            // The first edge is the one to the leaf.
            _ => record.edges[0].attempts as f64 / record.sources[0].started as f64,
        };
        records.iter().map(metric).collect()
    })
}

fn backoff(case: &Case, effort: &Effort) -> Result<Solution, String> {
    let model = Parameters::of(case);
    let (base, cap, retries) = (model.number("base_s")?, model.number("cap_s")?, model.count("retries")?);
    let factor_milli = (model.number_or("multiplier", 2.0) * 1_000.0) as u32;
    let policy = |jitter| Backoff { initial: nanos(base), factor_milli, cap: nanos(cap), jitter };
    let ceiling = |k: u32| policy(Jitter::None).ceiling(k) as f64 * 1e-9;
    let part = |name: &str, start: &str| within(name, start, "").map(|k| k as u32);
    let root12 = libm::sqrt(12.0);
    let analytic = |name: &str| {
        if let Some(k) = part(name, "exponential_sleep_") {
            return Some(ceiling(k));
        }
        if let Some(k) = part(name, "full_jitter_mean_") {
            return Some(ceiling(k) / 2.0);
        }
        if let Some(k) = part(name, "full_jitter_stddev_") {
            return Some(ceiling(k) / root12);
        }
        if let Some(k) = part(name, "equal_jitter_mean_") {
            return Some(0.75 * ceiling(k));
        }
        if let Some(k) = part(name, "equal_jitter_stddev_") {
            return Some(ceiling(k) / 2.0 / root12);
        }
        // Decorrelated sleeps below a cap have no closed form; the policy answers for them.
        let total: f64 = (1..=retries).map(ceiling).sum();
        match name {
            "full_jitter_total_mean" => Some(total / 2.0),
            "equal_jitter_total_mean" => Some(total * 0.75),
            "exponential_total" => Some(total),
            _ => None,
        }
    };
    let runs = replicate(effort, |random, count| {
        let mut found = Vec::new();
        // Each call has all retries, so a tenth of the calls gives the sleeps that are asked for.
        let calls = (count / 5).max(1);
        for (name, jitter) in
            [("full_jitter", Jitter::Full), ("equal_jitter", Jitter::Equal), ("decorrelated", Jitter::Decorrelated)]
        {
            let backoff = policy(jitter);
            let mut sums = vec![(0.0, 0.0); retries as usize];
            for _ in 0..calls {
                let mut waits = Waits::default();
                for (sum, square) in &mut sums {
                    let wait = waits.next(&backoff, random) as f64 * 1e-9;
                    *sum += wait;
                    *square += wait * wait;
                }
            }
            let mut total = 0.0;
            for (k, (sum, square)) in sums.into_iter().enumerate() {
                let mean = sum / calls as f64;
                total += mean;
                found.push((format!("{name}_mean_{}", k + 1), mean));
                found.push((format!("{name}_stddev_{}", k + 1), (square / calls as f64 - mean * mean).max(0.0).sqrt()));
            }
            found.push((format!("{name}_total_mean"), total));
        }
        found
    });
    Solution::of_runs(case, analytic, &runs)
}

fn polly(case: &Case, effort: &Effort) -> Result<Solution, String> {
    let base = Parameters::of(case).number("base_s")?;
    let curve = |t: f64| libm::exp2(t) * libm::tanh(libm::sqrt(4.0 * t));
    // With t = k − 1 + u² the root at 0 is smooth.
    let mean = |k: f64| if k < 1.0 { 0.0 } else { integrate(&|u| curve(k - 1.0 + u * u) * 2.0 * u, 0.0, 1.0) };
    let analytic = |name: &str| within(name, "mean_delay_", "").map(|k| (mean(k) - mean(k - 1.0)) / 1.4 * base);
    let most =
        case.quantities.iter().filter_map(|quantity| within(&quantity.name, "mean_delay_", "")).fold(0.0, f64::max)
            as usize;
    let runs = replicate(effort, |random, count| {
        let backoff = Backoff { initial: nanos(base), factor_milli: 2_000, cap: u64::MAX / 4, jitter: Jitter::Polly };
        let calls = (count / 5).max(1);
        let mut sums = vec![0.0; most];
        for _ in 0..calls {
            let mut waits = Waits::default();
            sums.iter_mut().for_each(|sum| *sum += waits.next(&backoff, random) as f64 * 1e-9);
        }
        sums.iter().enumerate().map(|(k, sum)| (format!("mean_delay_{}", k + 1), sum / calls as f64)).collect()
    });
    Solution::of_runs(case, analytic, &runs)
}

/// The outcomes of one call of serial tries from a level: chance, next level, tries, success.
type Outcomes = Vec<(f64, u64, u32, bool)>;

/// A budget as a chain over its level at the start of calls.
struct Levels {
    /// What each level is, in the policy's unit.
    values: Vec<u64>,
    shares: Vec<f64>,
    tries: f64,
    success: f64,
}

fn levels(full: u64, outcomes: &dyn Fn(u64) -> Outcomes) -> Levels {
    // Only levels that can be reached from a full budget count.
    let mut values = vec![full];
    let mut rows: Vec<Vec<(usize, f64)>> = Vec::new();
    let mut results: Vec<(f64, f64)> = Vec::new();
    let mut index = std::collections::BTreeMap::from([(full, 0usize)]);
    while rows.len() < values.len() {
        let mut row = Vec::new();
        let (mut tries, mut success) = (0.0, 0.0);
        for (chance, next, made, ok) in outcomes(values[rows.len()]) {
            let to = *index.entry(next).or_insert_with(|| {
                values.push(next);
                values.len() - 1
            });
            row.push((to, chance));
            tries += chance * f64::from(made);
            success += if ok { chance } else { 0.0 };
        }
        rows.push(row);
        results.push((tries, success));
    }
    let shares = stationary(&rows);
    let tries = shares.iter().zip(&results).map(|(share, (tries, _))| share * tries).sum();
    let success = shares.iter().zip(&results).map(|(share, (_, success))| share * success).sum();
    Levels { values, shares, tries, success }
}

impl Levels {
    fn mean(&self) -> f64 {
        self.values.iter().zip(&self.shares).map(|(value, share)| *value as f64 * share).sum()
    }
}

/// Serial calls of a budget: the tries per call, the share that succeeds, and the mean level at the start of calls.
fn serial(
    effort: &Effort,
    p: f64,
    level_name: &str,
    start: impl Fn() -> Option<(Box<dyn FnMut(&mut dyn FnMut() -> bool) -> (u32, bool)>, Box<dyn Fn() -> f64>)> + Sync,
) -> Vec<Vec<(String, f64)>> {
    replicate(effort, |random, count| {
        let Some((mut call, level)) = start() else { return Vec::new() };
        let (mut tries, mut succeeded, mut levels) = (0u64, 0u64, 0.0);
        let warm = count / 20;
        for at in 0..count + warm {
            let before = level();
            let (made, ok) = call(&mut || random.unit() < p);
            if at >= warm {
                levels += before;
                tries += u64::from(made);
                succeeded += u64::from(ok);
            }
        }
        let count = count as f64;
        vec![
            named("amplification", tries as f64 / count),
            named("success_probability", succeeded as f64 / count),
            named(level_name, levels / count),
            named("no_budget_amplification", f64::NAN),
        ]
    })
}

fn unlimited_tries(p: f64, attempts: u32) -> f64 {
    (0..attempts).map(|k| libm::pow(p, f64::from(k))).sum()
}

fn thousandths(model: Parameters<'_>, name: &str) -> Result<u64, String> {
    Ok(libm::round(model.number(name)? * 1_000.0) as u64)
}

fn token_budget(case: &Case, effort: &Effort) -> Result<Solution, String> {
    let model = Parameters::of(case);
    let (p, retries) = (model.number("attempt_failure_p")?, model.count("max_retries")?);
    let (capacity, deposit, cost) = (
        thousandths(model, "bucket_capacity")?,
        thousandths(model, "deposit_per_success")?,
        thousandths(model, "retry_cost")?,
    );
    let chain = levels(capacity, &|level| {
        let (mut left, mut reach, mut made, mut all) = (level, 1.0, 1, Vec::new());
        loop {
            all.push((reach * (1.0 - p), (left + deposit).min(capacity), made, true));
            reach *= p;
            if made > retries || left < cost {
                all.push((reach, left, made, false));
                return all;
            }
            left -= cost;
            made += 1;
        }
    });
    let analytic = |name: &str| match name {
        "amplification" => Some(chain.tries),
        "success_probability" => Some(chain.success),
        "no_budget_amplification" => Some(unlimited_tries(p, retries + 1)),
        "mean_tokens_at_call_start" => Some(chain.mean() / 1_000.0),
        _ => None,
    };
    let network = |budget: Option<TokenBudget>| {
        let mut network = Network::default();
        let node = network.node(Node { failure: p, ..Node::nothing() });
        let edge = network.edge(Edge {
            retry: Some(at_once(retries + 1)),
            budget: budget.map(Budget::Tokens),
            ..Edge::to("call", node)
        });
        network.source("calls", edge, Arrivals::poisson(1_000.0));
        network
    };
    // Calls take no time, so they are serial although they come as they like.
    let budget = TokenBudget::new(Funding::Success, capacity, deposit, cost).map_err(|error| error.to_string())?;
    let with = simulate(&network(Some(budget)), effort, 1_000.0, 0.05)?;
    let without = simulate(&network(None), effort, 1_000.0, 0.0)?;
    Solution::new(case, analytic, |name| match name {
        "amplification" => {
            with.iter().map(|record| record.edges[0].sent as f64 / record.edges[0].calls as f64).collect()
        }
        "success_probability" => with.iter().map(|record| record.sources[0].success()).collect(),
        "no_budget_amplification" => without.iter().map(|record| record.edges[0].amplification()).collect(),
        _ => Vec::new(),
    })
}

fn throttle(case: &Case, effort: &Effort) -> Result<Solution, String> {
    let model = Parameters::of(case);
    let (p, attempts) = (model.number("attempt_failure_p")?, model.count("max_attempts")?);
    let (max, ratio) = (thousandths(model, "max_tokens")?, thousandths(model, "token_ratio")?);
    let chain = levels(max, &|level| {
        let (mut left, mut reach, mut made, mut all) = (level, 1.0, 1, Vec::new());
        loop {
            all.push((reach * (1.0 - p), (left + ratio).min(max), made, true));
            reach *= p;
            left = left.saturating_sub(1_000);
            if made >= attempts || 2 * left <= max {
                all.push((reach, left, made, false));
                return all;
            }
            made += 1;
        }
    });
    let analytic = |name: &str| match name {
        "amplification" => Some(chain.tries),
        "success_probability" => Some(chain.success),
        "mean_tokens_at_call_start" => Some(chain.mean() / 1_000.0),
        _ => None,
    };
    let runs = serial(effort, p, "mean_tokens_at_call_start", || {
        let state = std::rc::Rc::new(std::cell::RefCell::new(GrpcThrottle::new(max, ratio).ok()?));
        let seen = std::rc::Rc::clone(&state);
        let call = move |fails: &mut dyn FnMut() -> bool| {
            let mut throttle = state.borrow_mut();
            let mut made = 1;
            loop {
                if !fails() {
                    throttle.succeeded();
                    return (made, true);
                }
                throttle.failed();
                if made >= attempts || !throttle.allows() {
                    return (made, false);
                }
                made += 1;
            }
        };
        Some((Box::new(call), Box::new(move || seen.borrow().level() as f64 / 1_000.0)))
    });
    Solution::of_runs(case, analytic, &runs)
}

fn quota(case: &Case, effort: &Effort) -> Result<Solution, String> {
    let model = Parameters::of(case);
    let (p, attempts) = (model.number("attempt_failure_p")?, model.count("max_attempts")?);
    let (capacity, cost) = (model.count("capacity")?, model.count("retry_cost")?);
    let chain = levels(u64::from(capacity), &|level| {
        let (mut left, mut reach, mut made, mut all) = (level, 1.0, 1, Vec::new());
        loop {
            let back = if made == 1 { 1 } else { u64::from(cost) };
            all.push((reach * (1.0 - p), (left + back).min(u64::from(capacity)), made, true));
            reach *= p;
            if made >= attempts || left < u64::from(cost) {
                all.push((reach, left, made, false));
                return all;
            }
            left -= u64::from(cost);
            made += 1;
        }
    });
    let analytic = |name: &str| match name {
        "amplification" => Some(chain.tries),
        "success_probability" => Some(chain.success),
        "mean_quota_at_call_start" => Some(chain.mean()),
        _ => None,
    };
    let runs = serial(effort, p, "mean_quota_at_call_start", || {
        let state = std::rc::Rc::new(std::cell::RefCell::new(AwsQuota::new(capacity, cost, cost).ok()?));
        let seen = std::rc::Rc::clone(&state);
        let call = move |fails: &mut dyn FnMut() -> bool| {
            let mut quota = state.borrow_mut();
            let (mut made, mut paid) = (1, 0);
            loop {
                if !fails() {
                    quota.succeeded(paid);
                    return (made, true);
                }
                if made >= attempts {
                    return (made, false);
                }
                let Some(cost) = quota.withdraw(false) else { return (made, false) };
                paid = cost;
                made += 1;
            }
        };
        Some((Box::new(call), Box::new(move || f64::from(seen.borrow().level()))))
    });
    Solution::of_runs(case, analytic, &runs)
}

fn cubic(case: &Case, _: &Effort) -> Result<Solution, String> {
    let model = Parameters::of(case);
    let (last_max, at) = (model.number("last_max_rate")?, model.number("time_of_last_throttle_s")?);
    let mut adaptive = AwsAdaptive::new(model.number("beta")?, model.number("scale_constant")?);
    adaptive.throttle_at(nanos(at), last_max);
    let analytic = |name: &str| match name {
        "time_window_s" => Some(adaptive.window_s()),
        "rate_right_after_throttle" => Some(last_max * adaptive.beta),
        _ => within(name, "rate_at_", "s").map(|t| adaptive.curve(nanos(t))),
    };
    Solution::new(case, analytic, |_| Vec::new())
}

/// The mean number of calls until a window of results trips: the chain over windows forgets within a window, so the
/// chance of tripping settles quickly and the rest is a geometric sum.
fn calls_until_trip(size: u32, minimum: u32, threshold: f64, p: f64) -> Result<f64, String> {
    if size > 20 {
        return Err("windows of more than 20 calls have too many states for the exact chain".to_owned());
    }
    let trips =
        |failures: u32, calls: u32| calls >= minimum && f64::from(failures) >= threshold * f64::from(calls) - 1e-9;
    let states = 1usize << size;
    let mut now = vec![0.0; states];
    now[0] = 1.0;
    let (mut alive, mut mean, mut hazard, mut steady) = (1.0f64, 0.0, 0.0f64, 0);
    for call in 1u32..1_000_000 {
        mean += alive;
        let calls = call.min(size);
        let mut next = vec![0.0; states];
        for (window, chance) in now.iter().enumerate().filter(|(_, chance)| **chance > 0.0) {
            for (result, weight) in [(1usize, p), (0, 1.0 - p)] {
                let to = (window << 1 | result) & (states - 1);
                if !trips(to.count_ones(), calls) {
                    next[to] += chance * weight;
                }
            }
        }
        let left: f64 = next.iter().sum();
        let found = 1.0 - left / alive;
        steady = if (found - hazard).abs() <= 1e-13 * found { steady + 1 } else { 0 };
        (hazard, alive, now) = (found, left, next);
        if call > 2 * size && steady > 3 {
            return Ok(mean + alive / hazard);
        }
        if alive < 1e-18 {
            return Ok(mean);
        }
    }
    Ok(mean + alive / hazard)
}

fn breaker_count(case: &Case, effort: &Effort) -> Result<Solution, String> {
    let model = Parameters::of(case);
    let (lambda, p) = (model.number("lambda_per_s")?, model.number("call_failure_p")?);
    let window = model.within("window")?;
    if window.text("type") != "count" {
        return Err(format!("{}: only windows of counts have an exact answer", case.id));
    }
    let (size, minimum) = (window.count("size")?, model.count("minimum_calls")?);
    let (threshold, open, trials) =
        (model.number("failure_rate_threshold")?, model.number("wait_open_s")?, model.count("half_open_permitted")?);
    // Of a large window only the engine knows; what does not depend on it is known all the same.
    let until = calls_until_trip(size, minimum.min(size), threshold, p).unwrap_or(f64::NAN);
    let fails = (0..=trials)
        .find(|failures| f64::from(*failures) >= threshold * f64::from(trials) - 1e-9)
        .unwrap_or(trials + 1);
    let closes = 1.0 - tail(&binomial(u64::from(trials), p), fails as usize);
    let rounds = 1.0 / closes;
    let (m, closed_time) = (f64::from(trials), until / lambda);
    let (open_time, half_time) = (rounds * (open + 1.0 / lambda), rounds * (m - 1.0) / lambda);
    let cycle = closed_time + open_time + half_time;
    let permitted = (until + rounds * m) / (lambda * cycle);
    let analytic = |name: &str| match name {
        "mean_calls_closed_until_trip" => Some(until),
        "prob_half_open_closes" => Some(closes),
        "permitted_fraction" => Some(permitted),
        "success_fraction_of_all_requests" => Some(permitted * (1.0 - p)),
        "time_fraction_closed" => Some(closed_time / cycle),
        "time_fraction_open" => Some(open_time / cycle),
        "time_fraction_half_open" => Some(half_time / cycle),
        "full_cycles_per_s" => Some(1.0 / cycle),
        _ => None,
    };
    let analytic = |name: &str| analytic(name).filter(|value| value.is_finite());
    let rate = libm::round(threshold * f64::from(WHOLE)) as u32;
    let config = breaker::Config {
        trip: Trip::Count { size, minimum: minimum.min(size), rate },
        open: nanos(open),
        open_max: nanos(open),
        half_open: trials,
        half_open_max_wait: None,
        ..breaker::Config::default()
    };
    let mut network = Network::default();
    let node = network.node(Node { failure: p, ..Node::nothing() });
    let edge = network.edge(Edge { breaker: Some(config), ..Edge::to("call", node) });
    network.source("calls", edge, Arrivals::poisson(lambda));
    let records = simulate(&network, effort, lambda, 0.02)?;
    Solution::of_records(case, analytic, &records, |record, name| {
        let times = &record.edges[0].breaker;
        let observed = record.seconds * 1e9;
        match name {
            "mean_calls_closed_until_trip" => Some(times.closed_calls as f64 / times.trips as f64),
            "prob_half_open_closes" => Some(times.closes as f64 / (times.closes + times.reopens) as f64),
            "permitted_fraction" => Some(times.permitted as f64 / times.asked as f64),
            "success_fraction_of_all_requests" => Some(record.sources[0].success()),
            "time_fraction_closed" => Some(times.time[0] / observed),
            "time_fraction_open" => Some(times.time[1] / observed),
            "time_fraction_half_open" => Some(times.time[2] / observed),
            "full_cycles_per_s" => Some(times.trips as f64 / record.seconds),
            _ => None,
        }
    })
}

fn consecutive(case: &Case, effort: &Effort) -> Result<Solution, String> {
    let model = Parameters::of(case);
    let (p, row) = (model.number("call_failure_p")?, model.count("consecutive_failures")?);
    let exact = (libm::pow(p, -f64::from(row)) - 1.0) / (1.0 - p);
    let config = breaker::Config {
        trip: Trip::Consecutive(row),
        open: 1,
        open_max: 1,
        half_open: 1,
        ..breaker::Config::default()
    };
    let runs = replicate(effort, |random, count| {
        let (mut calls, mut trips, mut now) = (0u64, 0u64, 0u64);
        let Ok(mut policy) = breaker::Breaker::new(config) else { return Vec::new() };
        // A trip is rare where failures are; calls are cheap.
        while calls < 4 * count {
            now += SECOND;
            if policy.state() != breaker::State::Closed {
                let Ok(fresh) = breaker::Breaker::new(config) else { break };
                policy = fresh;
                trips += 1;
            }
            let Ok(permit) = policy.acquire(now, random) else { continue };
            let outcome = if random.unit() < p { breaker::Outcome::Failure } else { breaker::Outcome::Success };
            policy.record(now, permit, outcome, 0, random);
            calls += 1;
        }
        vec![named("mean_calls_until_trip", calls as f64 / trips as f64)]
    });
    Solution::of_runs(case, |name| (name == "mean_calls_until_trip").then_some(exact), &runs)
}

/// The latency that a case describes.
fn latency(model: Parameters<'_>) -> Result<Distribution, String> {
    let model = model.within("latency")?;
    match model.text("type") {
        "exponential" => Ok(Distribution::Exponential(model.number("mean_s")?)),
        "lognormal" => {
            Ok(Distribution::LogNormal { mu: libm::log(model.number("median_s")?), sigma: model.number("sigma")? })
        }
        "bimodal" => {
            let slow = model.number("p_slow")?;
            Ok(Distribution::Mixture(vec![
                (1.0 - slow, model.number("fast_mean_s")?),
                (slow, model.number("slow_mean_s")?),
            ]))
        }
        "deterministic" | "constant" => {
            Ok(Distribution::Constant(model.number("value_s").or_else(|_| model.number("mean_s"))?))
        }
        "weibull" => Ok(Distribution::Weibull { scale: model.number("scale_s")?, shape: model.number("shape")? }),
        "pareto" => Ok(Distribution::Pareto {
            scale: model.number("scale_s").or_else(|_| model.number("minimum_s"))?,
            shape: model.number("shape").or_else(|_| model.number("alpha"))?,
        }),
        "uniform" => Ok(Distribution::Uniform(model.number("low_s")?, model.number("high_s")?)),
        "erlang" => Ok(Distribution::Erlang { k: model.count("k")?, mean: model.number("mean_s")? }),
        "gamma" => Ok(Distribution::Gamma { shape: model.number("shape")?, mean: model.number("mean_s")? }),
        other => Err(format!("{}: unknown latency `{other}`", model.id)),
    }
}

fn hedging(case: &Case, effort: &Effort) -> Result<Solution, String> {
    let model = Parameters::of(case);
    let (law, q) = (latency(model)?, model.number("hedge_after_quantile")?);
    let delay = law.quantile(q);
    let hedged = |t: f64| if t < delay { law.above(t) } else { law.above(t) * law.above(t - delay) };
    let analytic = |name: &str| match (name, percentile(name)) {
        (_, Some(("base", share))) => Some(law.quantile(share)),
        (_, Some(("hedged", share))) => Some(root(|t| 1.0 - share - hedged(t), law.mean())),
        ("hedge_delay", _) => Some(delay),
        ("extra_requests_fraction", _) => Some(1.0 - q),
        ("base_mean", _) => Some(law.mean()),
        ("hedged_mean", _) => Some(integrate(&hedged, 0.0, delay) + integrate_to_infinity(&hedged, delay, law.mean())),
        _ => None,
    };
    let network = |hedge: Option<Hedge>| {
        let mut network = Network::default();
        let node = network.node(Node { service: law.clone(), ..Node::nothing() });
        let edge = network.edge(Edge { hedge, cancel: Cancel::Abort, ..Edge::to("call", node) });
        network.source("calls", edge, Arrivals::poisson(100.0));
        network
    };
    let hedge = Hedge { delay: Delay::Fixed(nanos(delay)), max: 1, budget: WHOLE };
    let base = simulate(&network(None), effort, 100.0, 0.01)?;
    let with = simulate(&network(Some(hedge)), effort, 100.0, 0.01)?;
    Solution::new(case, analytic, |name| {
        let of = |records: &[Record], metric: &dyn Fn(&Record) -> f64| records.iter().map(metric).collect::<Vec<f64>>();
        match (name, percentile(name)) {
            (_, Some(("base", share))) => of(&base, &|record| record.sources[0].ok.quantile(share) * 1e-9),
            (_, Some(("hedged", share))) => of(&with, &|record| record.sources[0].ok.quantile(share) * 1e-9),
            ("base_mean", _) => of(&base, &|record| record.sources[0].ok.mean() * 1e-9),
            ("hedged_mean", _) => of(&with, &|record| record.sources[0].ok.mean() * 1e-9),
            ("extra_requests_fraction", _) => {
                of(&with, &|record| record.edges[0].hedges as f64 / record.edges[0].calls as f64)
            }
            _ => Vec::new(),
        }
    })
}

fn fan_out(case: &Case, effort: &Effort) -> Result<Solution, String> {
    let model = Parameters::of(case);
    let (law, calls, need) = (latency(model)?, model.count("parallel_calls")?, model.count("wait_for_fastest")?);
    // At least `need` of them are done.
    let not_done = |t: f64| {
        let chances = binomial(u64::from(calls), 1.0 - law.above(t));
        chances[..need as usize].iter().sum::<f64>()
    };
    let slow = (need == calls).then_some({
        |share: f64| {
            // The slowest of all: 1 − q = 1 − F(t)^n, solved for F without losing digits.
            let beyond = -libm::expm1(libm::log(share) / f64::from(calls));
            root(|t| beyond - law.above(t), law.mean())
        }
    });
    let analytic = |name: &str| match (name, percentile(name)) {
        ("prob_at_least_one_call_slower_than_its_p99", _) => Some(-libm::expm1(f64::from(calls) * libm::log(0.99))),
        (_, Some(("latency", share))) => {
            Some(slow.as_ref().map_or_else(|| root(|t| 1.0 - share - not_done(t), law.mean()), |slow| slow(share)))
        }
        ("mean", _) => Some(integrate_to_infinity(&not_done, 0.0, law.mean())),
        _ => None,
    };
    let mut network = Network::default();
    let leaf = network.node(Node { service: law.clone(), ..Node::nothing() });
    let call = network.edge(Edge::to("leaf", leaf));
    let steps = vec![Step { edges: vec![call; calls as usize], need: Some(need), chances: None }];
    let root_node = network.node(Node { steps, ..Node::nothing() });
    let edge = network.edge(Edge::to("whole", root_node));
    network.source("requests", edge, Arrivals::poisson(100.0));
    // Every request is many calls.
    let effort = Effort { requests: effort.requests / u64::from(calls).clamp(1, 10), ..*effort };
    let records = simulate(&network, &effort, 100.0, 0.01)?;
    let p99 = law.quantile(0.99);
    let plain = replicate(&effort, |random, count| {
        let slow = (0..count / 4).filter(|_| (0..calls).any(|_| law.sample(random) > p99)).count();
        vec![named("prob_at_least_one_call_slower_than_its_p99", slow as f64 / (count / 4) as f64)]
    });
    Solution::new(case, analytic, |name| match (name, percentile(name)) {
        (_, Some(("latency", share))) => {
            records.iter().map(|record| record.sources[0].ok.quantile(share) * 1e-9).collect()
        }
        ("mean", _) => records.iter().map(|record| record.sources[0].ok.mean() * 1e-9).collect(),
        _ => plain
            .iter()
            .filter_map(|run| run.iter().find(|(found, _)| found == name).map(|(_, value)| *value))
            .collect(),
    })
}

fn per_try_timeout(case: &Case, effort: &Effort) -> Result<Solution, String> {
    let model = Parameters::of(case);
    let (mu, tau, wait, attempts) = (
        model.number("mu_per_s")?,
        model.number("per_try_timeout_s")?,
        model.number("backoff_s")?,
        model.count("max_attempts")?,
    );
    let late = libm::exp(-mu * tau);
    let n = f64::from(attempts);
    let success = 1.0 - libm::pow(late, n);
    let own = 1.0 / mu - tau * late / (1.0 - late);
    let chance = |k: u32| libm::pow(late, f64::from(k)) * (1.0 - late);
    let sum: f64 = (0..attempts).map(|k| chance(k) * (f64::from(k) * (tau + wait) + own)).sum();
    let worst = n * tau + (n - 1.0) * wait;
    let above = |t: f64| {
        let done: f64 = (0..attempts)
            .map(|k| {
                let inside = (t - f64::from(k) * (tau + wait)).clamp(0.0, tau);
                libm::pow(late, f64::from(k)) * -libm::expm1(-mu * inside)
            })
            .sum();
        1.0 - done / success
    };
    let analytic = |name: &str| match (name, percentile(name)) {
        (_, Some(("success_latency", share))) => Some(root(|t| 1.0 - share - above(t), worst)),
        ("success_probability", _) => Some(success),
        ("mean_attempts", _) => Some(unlimited_tries(late, attempts)),
        ("mean_latency_all", _) => Some(sum + libm::pow(late, n) * worst),
        ("mean_latency_success", _) => Some(sum / success),
        ("worst_latency", _) => Some(worst),
        _ => None,
    };
    let mut network = Network::default();
    let node = network.node(Node { service: Distribution::Exponential(1.0 / mu), ..Node::nothing() });
    let retry = Retry { attempts, backoff: Backoff::constant(nanos(wait)) };
    let edge = network.edge(Edge {
        timeout: Some(nanos(tau)),
        retry: Some(retry),
        cancel: Cancel::Abort,
        ..Edge::to("call", node)
    });
    network.source("calls", edge, Arrivals::poisson(100.0));
    let records = simulate(&network, effort, 100.0, 0.01)?;
    Solution::of_records(case, analytic, &records, |record, name| {
        let source = &record.sources[0];
        match (name, percentile(name)) {
            (_, Some(("success_latency", share))) => Some(source.ok.quantile(share) * 1e-9),
            ("success_probability", _) => Some(source.success()),
            ("mean_attempts", _) => Some(record.edges[0].amplification()),
            ("mean_latency_success", _) => Some(source.ok.mean() * 1e-9),
            ("mean_latency_all", _) => {
                let mut all = Sketch::clone(&source.ok);
                all.merge(&source.failed);
                Some(all.mean() * 1e-9)
            }
            _ => None,
        }
    })
}

fn partial_outage(case: &Case, effort: &Effort) -> Result<Solution, String> {
    let model = Parameters::of(case);
    let (shards, failed, p) =
        (model.number("shards")?, model.number("failed_shards")?, model.number("failure_p_on_failed_shard")?);
    let share = failed / shards;
    let analytic = |name: &str| match name {
        "success_no_breaker" => Some(1.0 - share * p),
        "success_service_breaker_stuck_open" => Some(0.0),
        "success_shard_breaker" => Some(1.0 - share),
        "load_saved_on_failed_shard_by_shard_breaker" => Some(1.0),
        _ => None,
    };
    let runs = replicate(effort, |random, count| {
        // A breaker a shard, opened for good by hand as the case says.
        let always = breaker::Config {
            open: u64::MAX / 2,
            open_max: u64::MAX / 2,
            trip: Trip::Consecutive(1),
            ..breaker::Config::default()
        };
        let Ok(mut breakers) = (0..shards as u32).map(|_| breaker::Breaker::new(always)).collect::<Result<Vec<_>, _>>()
        else {
            return Vec::new();
        };
        for broken in &mut breakers[..failed as usize] {
            if let Ok(permit) = broken.acquire(0, random) {
                broken.record(0, permit, breaker::Outcome::Failure, 0, random);
            }
        }
        let (mut plain, mut guarded) = (0u64, 0u64);
        for now in 1..=count {
            let shard = random.below(shards as u64) as usize;
            let fails = shard < failed as usize && random.unit() < p;
            plain += u64::from(!fails);
            if let Ok(permit) = breakers[shard].acquire(now, random) {
                breakers[shard].record(now, permit, breaker::Outcome::Success, 0, random);
                guarded += u64::from(!fails);
            }
        }
        vec![
            named("success_no_breaker", plain as f64 / count as f64),
            named("success_shard_breaker", guarded as f64 / count as f64),
        ]
    });
    Solution::of_runs(case, analytic, &runs)
}
