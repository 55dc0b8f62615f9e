//! Families of data: shards, replicas, event stores.

use super::{Case, Effort, Parameters, Solution, Solve, named, replicate, within};
use crate::analytic::special::{beta_incomplete, ln_choose, poisson, root};
use crate::random::exponential;
use loko_policy::Random;
use loko_policy::event_store::Snapshots;
use loko_policy::shard::{Ring, modulo, shuffle};

pub(super) const FAMILIES: &[(&str, Solve)] = &[
    ("shard_max_load", max_load),
    ("consistent_hash", consistent_hash),
    ("hot_shard", hot_shard),
    ("shuffle_sharding", shuffle_sharding),
    ("replica_staleness", staleness),
    ("event_sourcing_replay", replay),
];

/// The chance that no shard has more than `k` keys: Poisson counts that are cut at `k`, given their sum; by inverting
/// the characteristic function of the cut counts.
fn at_most(keys: u32, shards: u32, k: usize) -> f64 {
    let mean = f64::from(keys) / f64::from(shards);
    let counts = poisson(mean);
    let cut = &counts[..counts.len().min(k + 1)];
    let size = (shards as usize * k + 1).max(keys as usize + 1);
    // The chance of the sum, by a discrete Fourier transform at one place.
    let mut sum = 0.0;
    for j in 0..size {
        let angle = 2.0 * std::f64::consts::PI * j as f64 / size as f64;
        let (mut re, mut im) = (0.0, 0.0);
        for (n, chance) in cut.iter().enumerate() {
            let (s, c) = libm::sincos(angle * n as f64);
            re += chance * c;
            im += chance * s;
        }
        let (radius, phase) = (libm::hypot(re, im), libm::atan2(im, re));
        let total = f64::from(shards) * phase - angle * f64::from(keys);
        sum += libm::exp(f64::from(shards) * libm::log(radius)) * libm::cos(total);
    }
    let all = f64::from(keys);
    let whole = libm::exp(-all + all * libm::log(all) - libm::lgamma(all + 1.0));
    sum / size as f64 / whole
}

fn max_load(case: &Case, effort: &Effort) -> Result<Solution, String> {
    let model = Parameters::of(case);
    let (keys, shards) = (model.count("keys")?, model.count("shards")?);
    let mean = f64::from(keys) / f64::from(shards);
    // P(max > k), from the mean on until nothing is left.
    let mut beyond = Vec::new();
    let mut k = mean as usize;
    loop {
        let more = (1.0 - at_most(keys, shards, k)).clamp(0.0, 1.0);
        beyond.push((k, more));
        if more < 1e-12 || k >= keys as usize {
            break;
        }
        k += 1;
    }
    let expected = mean as usize as f64 + beyond.iter().map(|(_, more)| more).sum::<f64>();
    let analytic = |name: &str| match name {
        "mean_max_keys_per_shard" => Some(expected),
        "p99_max_keys_per_shard" => beyond.iter().find(|(_, more)| *more <= 0.01).map(|(k, _)| *k as f64),
        "imbalance_max_over_mean" => Some(expected / mean),
        _ => None,
    };
    let runs = replicate(effort, |random, count| {
        let rounds = (count / u64::from(keys)).max(50);
        let mut sum = 0u64;
        let mut counts = vec![0u32; shards as usize];
        for _ in 0..rounds {
            counts.fill(0);
            for _ in 0..keys {
                counts[modulo(random.bits(), shards) as usize] += 1;
            }
            sum += u64::from(counts.iter().copied().max().unwrap_or(0));
        }
        let most = sum as f64 / rounds as f64;
        vec![named("mean_max_keys_per_shard", most), named("imbalance_max_over_mean", most / mean)]
    });
    Solution::of_runs(case, analytic, &runs)
}

fn consistent_hash(case: &Case, effort: &Effort) -> Result<Solution, String> {
    let model = Parameters::of(case);
    let (nodes, points) = (model.count("nodes")?, model.count("virtual_nodes_each")?);
    let (n, v) = (f64::from(nodes), f64::from(points));
    let analytic = |name: &str| match name {
        "share_stddev_over_mean" => Some(libm::sqrt((n - 1.0) / (v * n + 1.0))),
        "share_p99_of_one_node" => Some(root(|x| beta_incomplete(v, v * (n - 1.0), x.min(1.0)) - 0.99, 1.0 / n)),
        "fraction_moved_when_one_node_added" => Some(1.0 / (n + 1.0)),
        "fraction_moved_modulo_hash_when_one_added" => Some(n / (n + 1.0)),
        "mean_max_share" if points == 1 => Some((1..=nodes).map(|k| 1.0 / f64::from(k)).sum::<f64>() / n),
        _ => None,
    };
    let runs = replicate(effort, |random, count| {
        let rings = (count / u64::from(nodes * points) / 20).clamp(50, 20_000);
        let (mut squares, mut most, mut moved, mut by_modulo) = (0.0, 0.0, 0.0, 0u64);
        let mut all = Vec::with_capacity(rings as usize * nodes as usize);
        for _ in 0..rings {
            let seed = random.bits();
            let Ok(mut ring) = Ring::new(nodes, points, seed) else { return Vec::new() };
            let shares = ring.shares(nodes);
            squares += shares.iter().map(|share| (share - 1.0 / n) * (share - 1.0 / n)).sum::<f64>() / n;
            most += shares.iter().copied().fold(0.0, f64::max);
            all.extend(shares);
            ring.add(nodes, seed);
            moved += ring.shares(nodes + 1)[nodes as usize];
            let key = random.bits();
            by_modulo += (0..200).filter(|at| modulo(key ^ at, nodes) != modulo(key ^ at, nodes + 1)).count() as u64;
        }
        all.sort_by(f64::total_cmp);
        let rings = rings as f64;
        vec![
            named("share_stddev_over_mean", (squares / rings).sqrt() * n),
            named("share_p99_of_one_node", all[((all.len() as f64 * 0.99) as usize).min(all.len() - 1)]),
            named("fraction_moved_when_one_node_added", moved / rings),
            named("fraction_moved_modulo_hash_when_one_added", by_modulo as f64 / (200.0 * rings)),
            named("mean_max_share", most / rings),
        ]
    });
    Solution::of_runs(case, analytic, &runs)
}

fn hot_shard(case: &Case, effort: &Effort) -> Result<Solution, String> {
    let model = Parameters::of(case);
    let (keys, shards, alpha) = (model.count("keys")?, model.count("shards")?, model.number("alpha")?);
    let raw: Vec<f64> = (1..=keys).map(|rank| libm::pow(f64::from(rank), -alpha)).collect();
    let total: f64 = raw.iter().rev().sum();
    let weights: Vec<f64> = raw.iter().map(|weight| weight / total).collect();
    let m = f64::from(shards);
    let squares: f64 = weights.iter().rev().map(|weight| weight * weight).sum();
    let analytic = |name: &str| match name {
        "hottest_key_share" => Some(weights[0]),
        "mean_share_of_shard_with_hottest_key" => Some(weights[0] + (1.0 - weights[0]) / m),
        "stddev_of_a_shard_share" => Some(libm::sqrt(squares * (1.0 - 1.0 / m) / m)),
        _ => None,
    };
    let runs = replicate(effort, |random, count| {
        let rounds = (count / u64::from(keys)).max(200);
        let (mut hottest, mut square) = (0.0, 0.0);
        let mut shares = vec![0.0; shards as usize];
        for _ in 0..rounds {
            let salt = random.bits();
            shares.fill(0.0);
            for (key, weight) in weights.iter().enumerate() {
                shares[modulo(salt ^ key as u64, shards) as usize] += weight;
            }
            hottest += shares[modulo(salt, shards) as usize];
            square += shares.iter().map(|share| (share - 1.0 / m) * (share - 1.0 / m)).sum::<f64>() / m;
        }
        let rounds = rounds as f64;
        vec![
            named("hottest_key_share", weights[0]),
            named("mean_share_of_shard_with_hottest_key", hottest / rounds),
            named("stddev_of_a_shard_share", (square / rounds).sqrt()),
        ]
    });
    Solution::of_runs(case, analytic, &runs)
}

fn shuffle_sharding(case: &Case, effort: &Effort) -> Result<Solution, String> {
    let model = Parameters::of(case);
    let (workers, size) = (model.count("workers")?, model.count("shard_size")?);
    let (n, k) = (f64::from(workers), f64::from(size));
    // n choose k as a product of whole numbers, exact as long as it fits.
    let combinations = (0..size).fold(1.0, |ways, at| ways * (n - f64::from(at)) / (f64::from(at) + 1.0));
    let analytic = |name: &str| match name {
        "combinations" => Some(libm::round(combinations)),
        "prob_other_customer_fully_affected" => Some(1.0 / libm::round(combinations)),
        "prob_other_customer_no_overlap" => {
            (2 * size <= workers).then(|| (0..size).map(|at| (n - k - f64::from(at)) / (n - f64::from(at))).product())
        }
        "mean_overlap" => Some(k * k / n),
        _ => within(name, "prob_overlap_at_least_", "").map(|least| {
            let chance = |both: f64| libm::exp(ln_choose(k, both) + ln_choose(n - k, k - both) - ln_choose(n, k));
            (least as u32..=size).map(|both| chance(f64::from(both))).sum()
        }),
    };
    let runs = replicate(effort, |random, count| {
        let pairs = (count / u64::from(workers)).max(1_000);
        let (mut full, mut none, mut overlap) = (0u64, 0u64, 0u64);
        for _ in 0..pairs {
            let (one, other) = (shuffle(random.bits(), workers, size), shuffle(random.bits(), workers, size));
            let both = one.iter().filter(|worker| other.contains(worker)).count() as u64;
            full += u64::from(both == u64::from(size));
            none += u64::from(both == 0);
            overlap += both;
        }
        let pairs = pairs as f64;
        let mut found = vec![
            named("prob_other_customer_no_overlap", none as f64 / pairs),
            named("mean_overlap", overlap as f64 / pairs),
        ];
        if full >= 100 {
            found.push(named("prob_other_customer_fully_affected", full as f64 / pairs));
        }
        found
    });
    Solution::of_runs(case, analytic, &runs)
}

fn staleness(case: &Case, effort: &Effort) -> Result<Solution, String> {
    let model = Parameters::of(case);
    let (writes, lag) = (model.number("write_rate_per_key_per_s")?, model.number("mean_lag_s")?);
    let delay = |name: &str| within(name, "prob_read_after_write_stale_delay_", "s");
    let analytic = |name: &str| match name {
        "prob_read_misses_latest_write" => Some(writes / (writes + 1.0 / lag)),
        _ => delay(name).map(|delay| libm::exp(-delay / lag)),
    };
    let delays: Vec<(String, f64)> =
        case.quantities.iter().filter_map(|quantity| Some((quantity.name.clone(), delay(&quantity.name)?))).collect();
    let runs = replicate(effort, |random, count| {
        let mut missed = 0u64;
        let mut stale = vec![0u64; delays.len()];
        for _ in 0..count {
            let (age, took) = (exponential(random) / writes, exponential(random) * lag);
            missed += u64::from(took > age);
            stale.iter_mut().zip(&delays).for_each(|(stale, (_, delay))| *stale += u64::from(took > *delay));
        }
        let mut found = vec![named("prob_read_misses_latest_write", missed as f64 / count as f64)];
        found.extend(stale.iter().zip(&delays).map(|(stale, (name, _))| (name.clone(), *stale as f64 / count as f64)));
        found
    });
    Solution::of_runs(case, analytic, &runs)
}

fn replay(case: &Case, effort: &Effort) -> Result<Solution, String> {
    let model = Parameters::of(case);
    let (events, every) = (u64::from(model.count("events_per_aggregate")?), u64::from(model.count("snapshot_every")?));
    let snapshots = Snapshots::new(every).map_err(|error| error.to_string())?;
    let analytic = |name: &str| match name {
        "mean_replayed_events" => {
            Some((0..events).map(|version| snapshots.replayed(version)).sum::<u64>() as f64 / events as f64)
        }
        "max_replayed_events" => (0..events).map(|version| snapshots.replayed(version)).max().map(|most| most as f64),
        "snapshots_taken" => Some((1..=events).filter(|version| snapshots.due(*version)).count() as f64),
        _ => None,
    };
    let runs = replicate(effort, |random, count| {
        let sum: u64 = (0..count).map(|_| snapshots.replayed(random.below(events))).sum();
        vec![named("mean_replayed_events", sum as f64 / count as f64)]
    });
    Solution::of_runs(case, analytic, &runs)
}
