//! Families of caches: the cache of `loko-policy`, asked for keys by Zipf's law or for one key by a Poisson process.

use super::{Case, Effort, Parameters, Solution, Solve, named, replicate};
use crate::analytic::special::root;
use crate::distribution::nanos;
use crate::random::exponential;
use loko_policy::Random;
use loko_policy::cache::{Cache, Config, Eviction, Lookup, Touch};
use loko_policy::flight::{Flights, Role};

pub(super) const FAMILIES: &[(&str, Solve)] = &[
    ("cache_irm_exact", popularity),
    ("cache_lru_che", popularity),
    ("ttl_cache", ttl),
    ("ttl_stampede", stampede),
    ("ttl_invalidation", invalidation),
];

/// The exact answer for LRU looks at every subset of the items; more of them are too many.
const EXACT_ITEMS_MAX: usize = 24;

fn weights(items: u32, alpha: f64) -> Vec<f64> {
    let raw: Vec<f64> = (1..=items).map(|rank| libm::pow(f64::from(rank), -alpha)).collect();
    let total: f64 = raw.iter().rev().sum();
    raw.iter().map(|weight| weight / total).collect()
}

/// King's formula: the chance that the `capacity` most recent different items hold the next one.
fn lru_exact(p: &[f64], capacity: usize) -> f64 {
    let size = 1usize << p.len();
    let mut chance = vec![0.0; size];
    let mut mass = vec![0.0; size];
    chance[0] = 1.0;
    let mut hits = 0.0;
    for set in 1..size {
        let low = set.trailing_zeros() as usize;
        mass[set] = mass[set & (set - 1)] + p[low];
        let count = set.count_ones() as usize;
        if count > capacity {
            continue;
        }
        let mut left = set;
        while left != 0 {
            let item = left.trailing_zeros() as usize;
            let rest = set & !(1 << item);
            chance[set] += chance[rest] * p[item] / (1.0 - mass[rest]);
            left &= left - 1;
        }
        if count == capacity {
            hits += chance[set] * mass[set];
        }
    }
    hits
}

/// Gelenbe's formula for FIFO and random eviction, by elementary symmetric sums.
fn fifo_exact(p: &[f64], capacity: usize) -> f64 {
    let mut sums = vec![0.0; capacity + 2];
    sums[0] = 1.0;
    for weight in p {
        for k in (1..sums.len()).rev() {
            sums[k] += sums[k - 1] * weight;
        }
    }
    1.0 - (capacity as f64 + 1.0) * sums[capacity + 1] / sums[capacity]
}

/// Che's approximation: the characteristic time in requests, and the share of hits.
fn che(p: &[f64], capacity: usize) -> (f64, f64) {
    let inside = |t: f64| -> f64 { p.iter().map(|weight| -libm::expm1(-weight * t)).sum() };
    let t = root(|t| inside(t) - capacity as f64, capacity as f64);
    (t, p.iter().map(|weight| weight * -libm::expm1(-weight * t)).sum())
}

fn popularity(case: &Case, effort: &Effort) -> Result<Solution, String> {
    let model = Parameters::of(case);
    let (items, capacity) = (model.count("items")?, model.count("capacity")?);
    let p = weights(items, model.number("zipf_alpha")?);
    if capacity >= items {
        return Err(format!("{}: the cache holds everything", case.id));
    }
    let exact = case.family == "cache_irm_exact" && p.len() <= EXACT_ITEMS_MAX;
    let (time, approximate) = che(&p, capacity as usize);
    let analytic = |name: &str| match name {
        "lru_hit_ratio" if exact => Some(lru_exact(&p, capacity as usize)),
        "lru_hit_ratio" if case.family == "cache_irm_exact" => None,
        "lru_hit_ratio" | "lru_hit_ratio_che_approximation" => Some(approximate),
        "fifo_hit_ratio" | "random_eviction_hit_ratio" => Some(fifo_exact(&p, capacity as usize)),
        "perfect_lfu_hit_ratio" => Some(p[..capacity as usize].iter().sum()),
        "characteristic_requests" => Some(time),
        _ => None,
    };
    let mut sum = 0.0;
    let table: Vec<f64> = p
        .iter()
        .map(|weight| {
            sum += weight;
            sum
        })
        .collect();
    let policies = [
        ("lru_hit_ratio", Eviction::Lru),
        ("fifo_hit_ratio", Eviction::Fifo),
        ("random_eviction_hit_ratio", Eviction::Random),
    ];
    let wanted =
        |name: &str| case.quantities.iter().any(|quantity| quantity.name == name && quantity.tol_sim_rel.is_some());
    let runs = replicate(effort, |random, count| {
        let mut found = Vec::new();
        let draw = |random: &mut loko_policy::random::SplitMix64| {
            let unit = random.unit();
            table.partition_point(|sum| *sum <= unit).min(table.len() - 1) as u64
        };
        for (name, eviction) in policies.into_iter().filter(|(name, _)| wanted(name)) {
            let config = Config { capacity, eviction, ttl: None, ttl_jitter: 0, touch: Touch::OnFill };
            let Ok(mut cache) = Cache::new(config) else { continue };
            let (mut hits, mut asked) = (0u64, 0u64);
            let warm = count / 10;
            for at in 0..count + warm {
                let key = draw(random);
                match cache.get(0, key, 0) {
                    Lookup::Hit { .. } => hits += u64::from(at >= warm),
                    Lookup::Miss => {
                        cache.fill(0, key, 0, random);
                    }
                }
                asked += u64::from(at >= warm);
            }
            found.push(named(name, hits as f64 / asked as f64));
        }
        if wanted("perfect_lfu_hit_ratio") {
            // Perfect knowledge of popularity: the cache holds the most popular items.
            let hits = (0..count).filter(|_| draw(random) < u64::from(capacity)).count();
            found.push(named("perfect_lfu_hit_ratio", hits as f64 / count as f64));
        }
        found
    });
    Solution::of_runs(case, analytic, &runs)
}

fn ttl(case: &Case, effort: &Effort) -> Result<Solution, String> {
    let model = Parameters::of(case);
    let (lambda, ttl) = (model.number("lambda_per_s")?, model.number("ttl_s")?);
    let load = lambda * ttl;
    let analytic = |name: &str| match name {
        "hit_ratio_ttl_from_fill" | "hit_ratio_exponential_ttl_same_mean" => Some(load / (1.0 + load)),
        "origin_rate_ttl_from_fill" => Some(lambda / (1.0 + load)),
        "hit_ratio_ttl_reset_on_access" => Some(-libm::expm1(-load)),
        _ => None,
    };
    let runs = replicate(effort, |random, count| {
        let ratio = |touch: Touch, random: &mut loko_policy::random::SplitMix64| {
            let config = Config { capacity: 1, eviction: Eviction::Lru, ttl: Some(nanos(ttl)), ttl_jitter: 0, touch };
            let mut cache = Cache::new(config).ok()?;
            let (mut now, mut hits) = (0u64, 0u64);
            // Whole cycles only: from the first fill to the last.
            let (mut first, mut last, mut fills) = (0u64, 0u64, 0u64);
            for _ in 0..count {
                now += nanos(exponential(random) / lambda);
                match cache.get(now, 1, 0) {
                    Lookup::Hit { .. } => hits += 1,
                    Lookup::Miss => {
                        cache.fill(now, 1, 0, random);
                        first = if fills == 0 { now } else { first };
                        last = now;
                        fills += 1;
                    }
                }
            }
            Some((hits as f64 / count as f64, (fills - 1) as f64 / ((last - first) as f64 * 1e-9)))
        };
        let mut found = Vec::new();
        if let Some((hits, origin)) = ratio(Touch::OnFill, random) {
            found.push(named("hit_ratio_ttl_from_fill", hits));
            found.push(named("origin_rate_ttl_from_fill", origin));
        }
        if let Some((hits, _)) = ratio(Touch::OnAccess, random) {
            found.push(named("hit_ratio_ttl_reset_on_access", hits));
        }
        // The policy's longest life is its TTL; a random one that is often longer needs one that never ends.
        let config = Config { capacity: 1, eviction: Eviction::Lru, ttl: None, ttl_jitter: 0, touch: Touch::OnFill };
        if let Ok(mut cache) = Cache::new(config) {
            let (mut now, mut hits, mut expires, mut version) = (0u64, 0u64, 0u64, 0u64);
            for _ in 0..count {
                now += nanos(exponential(random) / lambda);
                if now >= expires {
                    version += 1;
                    cache.invalidate(1, version);
                }
                match cache.get(now, 1, 0) {
                    Lookup::Hit { .. } => hits += 1,
                    Lookup::Miss => {
                        cache.fill(now, 1, version, random);
                        expires = now + nanos(exponential(random) * ttl);
                    }
                }
            }
            found.push(named("hit_ratio_exponential_ttl_same_mean", hits as f64 / count as f64));
        }
        found
    });
    Solution::of_runs(case, analytic, &runs)
}

fn stampede(case: &Case, effort: &Effort) -> Result<Solution, String> {
    let model = Parameters::of(case);
    let (lambda, ttl, fetch) = (model.number("lambda_per_s")?, model.number("ttl_s")?, model.number("origin_fetch_s")?);
    let (missed, all) = (1.0 + lambda * fetch, 1.0 + lambda * fetch + lambda * ttl);
    let cycle = 1.0 / lambda + fetch + ttl;
    let analytic = |name: &str| match name {
        "hit_ratio" => Some(lambda * ttl / all),
        "origin_calls_per_expiry_no_coalescing" => Some(missed),
        "origin_calls_per_expiry_with_coalescing" => Some(1.0),
        "origin_rate_no_coalescing" => Some(missed / cycle),
        "origin_rate_with_coalescing" => Some(1.0 / cycle),
        "mean_added_latency_with_coalescing" => Some((fetch + lambda * fetch * fetch / 2.0) / all),
        _ => None,
    };
    let runs = replicate(effort, |random, count| {
        let mut flights = Flights::new(u64::MAX);
        let (mut now, mut hits, mut valid_until, mut lands, mut leader) = (0u64, 0u64, 0u64, 0u64, 0u64);
        let (mut cycles, mut missed, mut added) = (0u64, 0u64, 0f64);
        // Whole cycles only: what was counted when the last one began, less what was when the first one did.
        let (mut first, mut last): (Option<[f64; 5]>, [f64; 5]) = (None, [0.0; 5]);
        for at in 0..count {
            now += nanos(exponential(random) / lambda);
            if lands > 0 && now >= lands {
                flights.landed(1, leader);
                valid_until = lands + nanos(ttl);
                lands = 0;
            }
            if now < valid_until {
                hits += 1;
                continue;
            }
            let before = [at as f64, hits as f64, missed as f64, added, now as f64 * 1e-9];
            missed += 1;
            match flights.miss(now, 1) {
                Role::Lead(number) => {
                    last = before;
                    first.get_or_insert(before);
                    (leader, lands) = (number, now + nanos(fetch));
                    cycles += 1;
                    added += fetch;
                }
                Role::Follow(_) => added += (lands - now) as f64 * 1e-9,
            }
        }
        let first = first.unwrap_or_default();
        let [count, hits, missed, added, time]: [f64; 5] = std::array::from_fn(|at| last[at] - first[at]);
        let expiries = cycles as f64 - 1.0;
        vec![
            named("hit_ratio", hits / count),
            named("origin_calls_per_expiry_no_coalescing", missed / expiries),
            named("origin_calls_per_expiry_with_coalescing", 1.0),
            named("origin_rate_no_coalescing", missed / time),
            named("origin_rate_with_coalescing", expiries / time),
            named("mean_added_latency_with_coalescing", added / count),
        ]
    });
    Solution::of_runs(case, analytic, &runs)
}

fn invalidation(case: &Case, effort: &Effort) -> Result<Solution, String> {
    let model = Parameters::of(case);
    let (reads, updates, ttl) = (model.number("reads_per_s")?, model.number("updates_per_s")?, model.number("ttl_s")?);
    let life = -libm::expm1(-updates * ttl) / updates;
    let stale = 1.0 + libm::expm1(-updates * ttl) / (updates * ttl);
    let hits = reads * ttl / (1.0 + reads * ttl);
    let analytic = |name: &str| match name {
        "hit_ratio_event_invalidation" => Some(reads * life / (1.0 + reads * life)),
        "stale_hit_fraction_without_invalidation" => Some(stale),
        "stale_read_fraction_without_invalidation" => Some(stale * hits),
        _ => None,
    };
    let runs = replicate(effort, |random, count| {
        let config =
            Config { capacity: 1, eviction: Eviction::Lru, ttl: Some(nanos(ttl)), ttl_jitter: 0, touch: Touch::OnFill };
        let (Ok(mut told), Ok(mut untold)) = (Cache::new(config), Cache::new(config)) else { return Vec::new() };
        let (mut now, mut next_update, mut version, mut filled_version) = (0u64, 0u64, 0u64, 0u64);
        let (mut hits_told, mut hits, mut stale) = (0u64, 0u64, 0u64);
        next_update += nanos(exponential(random) / updates);
        for _ in 0..count {
            now += nanos(exponential(random) / reads);
            while next_update <= now {
                version += 1;
                told.invalidate(1, version);
                next_update += nanos(exponential(random) / updates);
            }
            match told.get(now, 1, 0) {
                Lookup::Hit { .. } => hits_told += 1,
                Lookup::Miss => {
                    told.fill(now, 1, version, random);
                }
            }
            match untold.get(now, 1, 0) {
                Lookup::Hit { .. } => {
                    hits += 1;
                    stale += u64::from(filled_version < version);
                }
                Lookup::Miss => {
                    untold.fill(now, 1, version, random);
                    filled_version = version;
                }
            }
        }
        vec![
            named("hit_ratio_event_invalidation", hits_told as f64 / count as f64),
            named("stale_hit_fraction_without_invalidation", stale as f64 / hits as f64),
            named("stale_read_fraction_without_invalidation", stale as f64 / count as f64),
        ]
    });
    Solution::of_runs(case, analytic, &runs)
}
