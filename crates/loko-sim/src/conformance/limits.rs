//! Families of rate limits: in the engine, as a limit on an edge.

use super::{Case, Effort, Parameters, Solution, Solve, simulate};
use crate::analytic::queues::{erlang_b, md1_levels};
use crate::analytic::special::poisson;
use crate::distribution::nanos;
use crate::network::{Arrivals, Edge, Limit, Network, Node};
use loko_policy::bucket::TokenBucket;
use loko_policy::window::{FixedWindow, SlidingLog};

pub(super) const FAMILIES: &[(&str, Solve)] =
    &[("token_bucket", token_bucket), ("fixed_window", fixed_window), ("sliding_window_log", sliding_log)];

/// The answers of a limiter of which the share of rejections is known.
fn limited(
    case: &Case,
    effort: &Effort,
    lambda: f64,
    rejected: f64,
    worst: Option<f64>,
    limit: Limit,
) -> Result<Solution, String> {
    let analytic = |name: &str| match name {
        "prob_reject" => Some(rejected),
        "accepted_per_s" => Some(lambda * (1.0 - rejected)),
        "max_accepted_in_any_window_length" => worst,
        _ => None,
    };
    let mut network = Network::default();
    let node = network.node(Node::nothing());
    let edge = network.edge(Edge { limit: Some(limit), ..Edge::to("call", node) });
    network.source("requests", edge, Arrivals::poisson(lambda));
    let records = simulate(&network, effort, lambda, 0.01)?;
    Solution::of_records(case, analytic, &records, |record, name| match name {
        "prob_reject" => Some(1.0 - record.sources[0].success()),
        "accepted_per_s" => Some(record.sources[0].ok.total() as f64 / record.seconds),
        _ => None,
    })
}

fn token_bucket(case: &Case, effort: &Effort) -> Result<Solution, String> {
    let model = Parameters::of(case);
    let cost = model.number_or("cost_per_request", 1.0);
    // Requests of several tokens are requests of one token to a smaller bucket, when they fit it evenly.
    let burst = model.number("burst_b")? / cost;
    if burst.fract() != 0.0 || burst < 1.0 {
        return Err(format!("{}: a bucket that does not hold a whole number of requests has no exact answer", case.id));
    }
    let (lambda, rate, burst) =
        (model.number("lambda_per_s")?, model.number("refill_rate_per_s")? / cost, burst as u32);
    // What is missing from the bucket is the work of M/D/1 with at most `burst` there.
    let rho = lambda / rate;
    let levels = md1_levels(rho, burst as usize - 1);
    let empty = 1.0 / levels.iter().sum::<f64>();
    let rejected = 1.0 - 1.0 / (empty + rho);
    // A rate with a fraction is so many in a longer while.
    let (count, per) = whole(rate).ok_or_else(|| format!("{}: the refill rate {rate} has too many digits", case.id))?;
    let bucket = TokenBucket::new(burst, count, per).map_err(|error| error.to_string())?;
    limited(case, effort, lambda, rejected, None, Limit::Bucket(bucket))
}

/// A rate a second as a whole number in so many nanoseconds.
fn whole(rate: f64) -> Option<(u32, u64)> {
    (0..7).map(|digits| 10u64.pow(digits)).find_map(|scale| {
        let count = rate * scale as f64;
        let near = (count - libm::round(count)).abs() < 1e-9 * count;
        (near && count >= 1.0 && count < f64::from(u32::MAX))
            .then(|| (libm::round(count) as u32, scale * 1_000_000_000))
    })
}

fn fixed_window(case: &Case, effort: &Effort) -> Result<Solution, String> {
    let model = Parameters::of(case);
    let (lambda, limit, window) = (model.number("lambda_per_s")?, model.count("limit")?, model.number("window_s")?);
    let chances = poisson(lambda * window);
    let excess: f64 = chances
        .iter()
        .enumerate()
        .skip(limit as usize + 1)
        .map(|(n, chance)| (n as f64 - f64::from(limit)) * chance)
        .sum();
    let rejected = excess / (lambda * window);
    let policy = FixedWindow::new(limit, nanos(window)).map_err(|error| error.to_string())?;
    limited(case, effort, lambda, rejected, Some(2.0 * f64::from(limit)), Limit::Fixed(policy))
}

fn sliding_log(case: &Case, effort: &Effort) -> Result<Solution, String> {
    let model = Parameters::of(case);
    let (lambda, limit, window) = (model.number("lambda_per_s")?, model.count("limit")?, model.number("window_s")?);
    let rejected = erlang_b(limit, lambda * window);
    let policy = SlidingLog::new(limit, nanos(window)).map_err(|error| error.to_string())?;
    limited(case, effort, lambda, rejected, Some(f64::from(limit)), Limit::Log(policy))
}
