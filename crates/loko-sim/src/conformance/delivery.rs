//! Families of releases, sagas, messages, capacity and cost.

use super::{Case, Effort, Parameters, Solution, Solve, named, replicate, within};
use crate::analytic::chains::birth_death;
use crate::analytic::special::{binomial, normal_upper, tail};
use crate::distribution::nanos;
use crate::random::exponential;
use loko_policy::autoscale::{self, Autoscaler, Seen};
use loko_policy::canary::{self, Canary, Counter, Judge, State};
use loko_policy::queue::{self, Queue};
use loko_policy::saga::{Command, Event, Saga};
use loko_policy::{Random, WHOLE};

pub(super) const FAMILIES: &[(&str, Solve)] = &[
    ("canary", canary_steps),
    ("canary_two_proportion", two_proportions),
    ("saga_orchestrated", saga),
    ("dlq", dead_letters),
    ("visibility_timeout_duplicates", duplicates),
    ("hpa_trace", autoscaler),
    ("cold_start_instant", cold_start),
    ("k_of_n_availability", quorum),
    ("k_of_n_repairable", repairable),
    ("spot_job", spot_job),
    ("spot_job_checkpointed", spot_job),
    ("spot_fleet", spot_fleet),
    ("cost", cost),
];

fn canary_steps(case: &Case, effort: &Effort) -> Result<Solution, String> {
    let model = Parameters::of(case);
    let (p, limit) = (model.number("canary_error_rate")?, model.number("fail_check_iff_error_fraction_gt")?);
    let requests: Vec<u64> = model.numbers("requests_per_check")?.into_iter().map(|count| count as u64).collect();
    let (interval, failures_max) = (model.number("interval_s")?, model.count("rollback_after_failed_checks")?);
    let consecutive = !model.text("failed_check_counter").starts_with("cumulative");
    let limit = libm::round(limit * f64::from(WHOLE)) as u32;
    let fails: Vec<f64> = requests
        .iter()
        .map(|count| tail(&binomial(*count, p), Canary::errors_allowed(limit, *count) as usize + 1))
        .collect();
    // How often each (weight, failures) is visited: a chain that only stays by failing, so it is walked in order.
    let (steps, most) = (requests.len(), failures_max as usize);
    let mut visits = vec![vec![0.0; most]; steps];
    visits[0][0] = 1.0;
    let mut rollback = 0.0;
    for step in 0..steps {
        for failed in 0..most {
            let here = visits[step][failed];
            if failed + 1 == most {
                rollback += here * fails[step];
            } else {
                visits[step][failed + 1] += here * fails[step];
            }
            if step + 1 < steps {
                let next = if consecutive { 0 } else { failed };
                visits[step + 1][next] += here * (1.0 - fails[step]);
            }
        }
    }
    let checks: Vec<f64> = visits.iter().map(|row| row.iter().sum()).collect();
    let total: f64 = checks.iter().sum();
    let index = |name: &str| within(name, "prob_check_fails_at_weight_index_", "").map(|index| index as usize);
    let analytic = |name: &str| match name {
        "prob_rollback" => Some(rollback),
        "mean_checks_until_decision" => Some(total),
        "mean_time_until_decision_s" => Some(total * interval),
        "mean_canary_errors_served" => {
            Some(checks.iter().zip(&requests).map(|(checks, count)| checks * *count as f64 * p).sum())
        }
        _ => index(name).and_then(|index| fails.get(index).copied()),
    };
    let config = canary::Config {
        weights: model.numbers("weights_percent")?.into_iter().map(|weight| weight as u8).collect(),
        interval: nanos(interval),
        judge: Judge::Threshold(limit),
        failures_max,
        counter: if consecutive { Counter::Consecutive } else { Counter::Cumulative },
        requests_min: 1,
    };
    // Draws of errors by inversion of the exact chances.
    let tables: Vec<Vec<f64>> = requests
        .iter()
        .map(|count| {
            let mut sum = 0.0;
            binomial(*count, p)
                .into_iter()
                .map(|chance| {
                    sum += chance;
                    sum
                })
                .collect()
        })
        .collect();
    let runs = replicate(effort, |random, count| {
        let rollouts = (count / 20).max(100);
        let (mut rolled, mut checks, mut errors) = (0u64, 0u64, 0u64);
        let (mut failed, mut made) = (vec![0u64; steps], vec![0u64; steps]);
        for _ in 0..rollouts {
            let Ok(mut rollout) = Canary::new(config.clone()) else { return Vec::new() };
            while let State::Weight(step) = rollout.state() {
                let unit = random.unit();
                let seen = tables[step].partition_point(|sum| *sum <= unit) as u64;
                let seen = canary::Seen {
                    requests: requests[step],
                    errors: seen.min(requests[step]),
                    ..canary::Seen::default()
                };
                errors += seen.errors;
                checks += 1;
                made[step] += 1;
                failed[step] += u64::from(canary::fails(config.judge, seen));
                rollout.check(seen);
            }
            rolled += u64::from(rollout.state() == State::RolledBack);
        }
        let all = rollouts as f64;
        let mut found = vec![
            named("prob_rollback", rolled as f64 / all),
            named("mean_checks_until_decision", checks as f64 / all),
            named("mean_time_until_decision_s", checks as f64 * interval / all),
            named("mean_canary_errors_served", errors as f64 / all),
        ];
        for step in (0..steps).filter(|step| made[*step] >= 200) {
            found.push((format!("prob_check_fails_at_weight_index_{step}"), failed[step] as f64 / made[step] as f64));
        }
        found
    });
    Solution::of_runs(case, analytic, &runs)
}

fn two_proportions(case: &Case, effort: &Effort) -> Result<Solution, String> {
    let model = Parameters::of(case);
    let (base, new) = (model.number("baseline_error")?, model.number("canary_error")?);
    let (count, critical) = (model.count("requests_each")?, normal_upper(model.number("alpha_one_sided")?));
    let requests = u64::from(count);
    let seen = |errors: u64, baseline: u64| canary::Seen {
        requests,
        errors,
        baseline_requests: requests,
        baseline_errors: baseline,
    };
    let judge = Judge::TwoProportions(critical);
    let power = |p: f64| {
        let (old, new) = (binomial(requests, base), binomial(requests, p));
        let mut beyond = vec![0.0; new.len() + 1];
        for k in (0..new.len()).rev() {
            beyond[k] = beyond[k + 1] + new[k];
        }
        // The more errors the old version has, the more the new one may have.
        let mut least = 0u64;
        old.iter()
            .enumerate()
            .filter(|(_, chance)| **chance > 1e-18)
            .map(|(baseline, chance)| {
                least = least.max(baseline as u64).min(requests + 1);
                while least <= requests && !canary::fails(judge, seen(least, baseline as u64)) {
                    least += 1;
                }
                chance * beyond[least as usize]
            })
            .sum::<f64>()
    };
    let analytic = |name: &str| match name {
        "power" => Some(power(new)),
        "false_positive_rate_when_equal" => Some(power(base)),
        _ => None,
    };
    let table = |p: f64| {
        let mut sum = 0.0;
        binomial(requests, p)
            .into_iter()
            .map(|chance| {
                sum += chance;
                sum
            })
            .collect::<Vec<f64>>()
    };
    let (old, new) = (table(base), table(new));
    let runs = replicate(effort, |random, count| {
        let tests = (count / 10).max(100);
        let draw = |table: &[f64], random: &mut loko_policy::random::SplitMix64| {
            let unit = random.unit();
            table.partition_point(|sum| *sum <= unit) as u64
        };
        let (mut found, mut wrong) = (0u64, 0u64);
        for _ in 0..tests {
            let baseline = draw(&old, random);
            found += u64::from(canary::fails(judge, seen(draw(&new, random), baseline)));
            wrong += u64::from(canary::fails(judge, seen(draw(&old, random), baseline)));
        }
        vec![
            named("power", found as f64 / tests as f64),
            named("false_positive_rate_when_equal", wrong as f64 / tests as f64),
        ]
    });
    Solution::of_runs(case, analytic, &runs)
}

fn saga(case: &Case, effort: &Effort) -> Result<Solution, String> {
    let model = Parameters::of(case);
    let (p, durations) = (model.numbers("step_attempt_failure_p")?, model.numbers("step_attempt_duration_s")?);
    let (retries, undo_durations) = (model.count("retries_per_step")?, model.numbers("compensation_duration_s")?);
    let undo_p = model.number("compensation_failure_p")?;
    if p.len() != durations.len() || p.len() != undo_durations.len() || p.is_empty() {
        return Err(format!("{}: the lists of steps have different lengths", case.id));
    }
    let (mut reached, mut attempts, mut duration, mut undone) = (1.0, 0.0, 0.0, 0.0);
    for (step, p) in p.iter().enumerate() {
        let tries: f64 = (0..=retries).map(|k| libm::pow(*p, f64::from(k))).sum();
        let fails = libm::pow(*p, f64::from(retries) + 1.0);
        attempts += reached * tries;
        duration += reached * tries * durations[step];
        undone += reached * fails * step as f64;
        duration += reached * fails * undo_durations[..step].iter().sum::<f64>() / (1.0 - undo_p);
        reached *= 1.0 - fails;
    }
    let analytic = |name: &str| match name {
        "prob_completed" => Some(reached),
        "prob_compensated" => Some(1.0 - reached),
        "mean_forward_attempts" => Some(attempts),
        "mean_compensations" => Some(undone),
        "mean_compensation_attempts" => Some(undone / (1.0 - undo_p)),
        "mean_duration" => Some(duration),
        _ => None,
    };
    let config = loko_policy::saga::Config { retries, ..loko_policy::saga::Config::new(p.len() as u8) };
    let runs = replicate(effort, |random, count| {
        let (mut completed, mut forward, mut undone, mut undo_tries, mut time) = (0u64, 0u64, 0u64, 0u64, 0.0);
        for _ in 0..count {
            let Ok((mut saga, mut command)) = Saga::start(config, 0) else { return Vec::new() };
            loop {
                let event = match command {
                    Command::Do(step) => {
                        forward += 1;
                        time += durations[step as usize];
                        if random.unit() < p[step as usize] { Event::Failed(step) } else { Event::Done(step) }
                    }
                    Command::Undo(step) => {
                        undo_tries += 1;
                        time += undo_durations[step as usize];
                        if random.unit() < undo_p {
                            Event::UndoFailed(step)
                        } else {
                            undone += 1;
                            Event::Undone(step)
                        }
                    }
                    Command::Finish(end) => {
                        completed += u64::from(end == loko_policy::saga::End::Completed);
                        break;
                    }
                    Command::Park(_) => break,
                };
                match saga.handle(event) {
                    Some(next) => command = next,
                    None => break,
                }
            }
        }
        let all = count as f64;
        vec![
            named("prob_completed", completed as f64 / all),
            named("prob_compensated", 1.0 - completed as f64 / all),
            named("mean_forward_attempts", forward as f64 / all),
            named("mean_compensations", undone as f64 / all),
            named("mean_compensation_attempts", undo_tries as f64 / all),
            named("mean_duration", time / all),
        ]
    });
    Solution::of_runs(case, analytic, &runs)
}

fn dead_letters(case: &Case, effort: &Effort) -> Result<Solution, String> {
    let model = Parameters::of(case);
    let (p, most, delay) =
        (model.number("delivery_failure_p")?, model.count("max_receives")?, model.number("redelivery_delay_s")?);
    let processing = model.number_or("processing_time_s", 0.0);
    let n = f64::from(most);
    let succeeded = 1.0 - libm::pow(p, n);
    let waited: f64 =
        (0..most).map(|k| f64::from(k) * (delay + processing) * libm::pow(p, f64::from(k)) * (1.0 - p)).sum();
    let analytic = |name: &str| match name {
        "dlq_fraction" => Some(libm::pow(p, n)),
        "mean_deliveries" => Some((0..most).map(|k| libm::pow(p, f64::from(k))).sum()),
        "mean_redelivery_delay_of_succeeded_s" => Some(waited / succeeded),
        "time_to_dlq_s" => Some(n * (delay + processing)),
        _ => None,
    };
    let config =
        queue::Config { visibility: nanos(delay + processing), receives_max: most, schedule: vec![nanos(delay)] };
    let runs = replicate(effort, |random, count| {
        let (mut dead, mut deliveries, mut ok, mut delays) = (0u64, 0u64, 0u64, 0.0);
        for _ in 0..count / 4 {
            let Ok(mut queue) = Queue::new(config.clone()) else { return Vec::new() };
            queue.send(0, 0);
            while let Some(now) = queue.next_wakeup() {
                let Some(receipt) = queue.receive(now) else { break };
                deliveries += 1;
                if random.unit() >= p {
                    queue.ack(now, receipt);
                    ok += 1;
                    delays += now as f64 * 1e-9;
                }
                // Silence otherwise: the visibility timeout brings it back.
            }
            dead += queue.dead().count() as u64;
        }
        let all = (count / 4) as f64;
        vec![
            named("dlq_fraction", dead as f64 / all),
            named("mean_deliveries", deliveries as f64 / all),
            named("mean_redelivery_delay_of_succeeded_s", delays / ok as f64),
        ]
    });
    Solution::of_runs(case, analytic, &runs)
}

fn duplicates(case: &Case, effort: &Effort) -> Result<Solution, String> {
    let model = Parameters::of(case);
    let (mu, visibility) = (model.number("mu_per_s")?, model.number("visibility_timeout_s")?);
    // Nobody of k + 1 copies has finished when the next goes out.
    let alive = |k: f64| libm::exp(-mu * visibility * k * (k + 1.0) / 2.0);
    let sum = |term: &dyn Fn(f64) -> f64| {
        (0..100_000).map(|k| term(f64::from(k))).take_while(|term| *term > 1e-18).sum::<f64>()
    };
    let analytic = |name: &str| match name {
        "mean_deliveries" => Some(sum(&alive)),
        "prob_delivered_more_than_once" => Some(alive(1.0)),
        "mean_time_to_first_finish_s" => {
            Some(sum(&|k| alive(k) * -libm::expm1(-(k + 1.0) * mu * visibility) / ((k + 1.0) * mu)))
        }
        _ => None,
    };
    let config = queue::Config { visibility: nanos(visibility), receives_max: u32::MAX, schedule: Vec::new() };
    let runs = replicate(effort, |random, count| {
        let (mut deliveries, mut more, mut times) = (0u64, 0u64, 0.0);
        for _ in 0..count / 4 {
            let Ok(mut queue) = Queue::new(config.clone()) else { return Vec::new() };
            queue.send(0, 0);
            let (mut finished, mut copies) = (u64::MAX, 0u64);
            while let Some(now) = queue.next_wakeup().filter(|now| *now < finished) {
                if queue.receive(now).is_none() {
                    break;
                }
                copies += 1;
                finished = finished.min(now + nanos(exponential(random) / mu));
            }
            deliveries += copies;
            more += u64::from(copies > 1);
            times += finished as f64 * 1e-9;
        }
        let all = (count / 4) as f64;
        vec![
            named("mean_deliveries", deliveries as f64 / all),
            named("prob_delivered_more_than_once", more as f64 / all),
            named("mean_time_to_first_finish_s", times / all),
        ]
    });
    Solution::of_runs(case, analytic, &runs)
}

fn autoscaler(case: &Case, _: &Effort) -> Result<Solution, String> {
    let model = Parameters::of(case);
    let loads = model.numbers("load_rps_at_sync")?;
    let sync = model.number("sync_s")?;
    let config = autoscale::Config {
        min: model.count("min")?,
        max: model.count("max")?,
        target: model.number("target_utilization")?,
        tolerance: model.number_or("tolerance", 0.1),
        ..autoscale::Config::default()
    };
    let capacity = model.number("capacity_rps_at_100_percent_of_request")?;
    let delay = nanos(model.number_or("pod_start_delay_s", 0.0));
    let cap = model.value["usage_cap_over_request"].as_f64();
    let start = model.count("initial_replicas")?;
    let mut scaler = Autoscaler::new(config, 0, start).map_err(|error| format!("{}: {error}", case.id))?;
    // When each pod is ready; the first ones are.
    let mut pods: Vec<u64> = vec![0; start as usize];
    let mut trace = Vec::new();
    for (at, load) in loads.iter().enumerate() {
        let now = at as u64 * nanos(sync);
        let ready = pods.iter().filter(|ready| **ready <= now).count() as u32;
        let utilization = load / (f64::from(ready.max(1)) * capacity);
        let utilization = cap.map_or(utilization, |cap| utilization.min(cap));
        let wanted = scaler.sync(now, Seen { pods: pods.len() as u32, ready, utilization }) as usize;
        pods.truncate(wanted);
        pods.resize(wanted, now + delay);
        trace.push((at as f64 * sync, wanted as f64));
    }
    let analytic = |name: &str| {
        let t = within(name, "replicas_after_t", "")?;
        trace.iter().find(|(at, _)| (at - t).abs() < 1e-6).map(|(_, count)| *count)
    };
    Solution::new(case, analytic, |_| Vec::new())
}

fn cold_start(case: &Case, effort: &Effort) -> Result<Solution, String> {
    let model = Parameters::of(case);
    let (lambda, idle) = (model.number("lambda_per_s")?, model.number("idle_timeout_s")?);
    let analytic = |name: &str| match name {
        "cold_start_probability" => Some(libm::exp(-lambda * idle)),
        "warm_idle_seconds_per_request" => Some(-libm::expm1(-lambda * idle) / lambda),
        _ => None,
    };
    let runs = replicate(effort, |random, count| {
        let (mut cold, mut warm) = (0u64, 0.0);
        for _ in 0..count {
            let gap = exponential(random) / lambda;
            cold += u64::from(gap > idle);
            warm += gap.min(idle);
        }
        vec![
            named("cold_start_probability", cold as f64 / count as f64),
            named("warm_idle_seconds_per_request", warm / count as f64),
        ]
    });
    Solution::of_runs(case, analytic, &runs)
}

const MINUTES_A_YEAR: f64 = 365.0 * 24.0 * 60.0;

fn quorum(case: &Case, effort: &Effort) -> Result<Solution, String> {
    let model = Parameters::of(case);
    let (up, k, n) = (model.number("node_availability")?, model.count("k")?, model.count("n")?);
    // Too many nodes down, added up by itself so that small chances keep their digits.
    let down = tail(&binomial(u64::from(n), 1.0 - up), (n - k) as usize + 1);
    let analytic = |name: &str| match name {
        "availability" => Some(1.0 - down),
        "unavailability" => Some(down),
        "downtime_min_per_year" => Some(down * MINUTES_A_YEAR),
        _ => None,
    };
    let runs = replicate(effort, |random, count| {
        let failed = (0..count).filter(|_| ((0..n).filter(|_| random.unit() < up).count() as u32) < k).count();
        // From fewer than a hundred outages no share can be told.
        if failed < 100 {
            return Vec::new();
        }
        let share = failed as f64 / count as f64;
        vec![
            named("unavailability", share),
            named("availability", 1.0 - share),
            named("downtime_min_per_year", share * MINUTES_A_YEAR),
        ]
    });
    Solution::of_runs(case, analytic, &runs)
}

fn repairable(case: &Case, effort: &Effort) -> Result<Solution, String> {
    let model = Parameters::of(case);
    let (fail, repair) = (1.0 / model.number("node_mttf_h")?, 1.0 / model.number("node_mttr_h")?);
    let (k, n, crews) = (model.count("k")? as usize, model.count("n")? as usize, model.count("repair_crews")? as usize);
    // The number of nodes that are down.
    let birth = |down: usize| (n - down.min(n)) as f64 * fail;
    let death = |down: usize| down.min(crews) as f64 * repair;
    let shares = birth_death(birth, death, n);
    let share = |down: usize| shares.get(down).copied().unwrap_or(0.0);
    let bound = n - k;
    let unavailable: f64 = (bound + 1..=n).rev().map(share).sum();
    let flow = share(bound) * birth(bound);
    // First passage from 0 down to bound + 1, step by step.
    let mut step = 1.0 / birth(0);
    let mut total = step;
    for down in 1..=bound {
        step = (1.0 + death(down) * step) / birth(down);
        total += step;
    }
    let analytic = |name: &str| match name {
        "availability" => Some(1.0 - unavailable),
        "unavailability" => Some(unavailable),
        "mean_up_period_h" => Some((1.0 - unavailable) / flow),
        "mean_down_period_h" => Some(unavailable / flow),
        "mttf_from_all_up_h" => Some(total),
        _ => None,
    };
    let runs = replicate(effort, |random, count| {
        // Each round starts where an outage starts.
        let rounds = (count / 50).max(1_000);
        let mut time = 0.0;
        for _ in 0..rounds {
            let mut down = bound + 1;
            while down > bound {
                let (up, back) = (birth(down), death(down));
                time += exponential(random) / (up + back);
                if random.unit() * (up + back) < back { down -= 1 } else { down += 1 }
            }
        }
        vec![named("mean_down_period_h", time / rounds as f64)]
    });
    Solution::of_runs(case, analytic, &runs)
}

fn spot_job(case: &Case, effort: &Effort) -> Result<Solution, String> {
    let model = Parameters::of(case);
    let (work, rate, overhead) =
        (model.number("work_h")?, model.number("interruption_rate_per_h")?, model.number("restart_overhead_h")?);
    let every = model.number("checkpoint_every_h").unwrap_or(work);
    let segment = every + model.number_or("checkpoint_cost_h", 0.0);
    let segments = work / every;
    let lost = libm::expm1(rate * segment);
    let analytic = |name: &str| match name {
        "mean_completion_h" => Some(segments * lost * (1.0 / rate + overhead)),
        "mean_interruptions" => Some(segments * lost),
        "prob_no_interruption" => Some(libm::exp(-rate * segment * segments)),
        _ => None,
    };
    let runs = replicate(effort, |random, count| {
        let jobs = (count as f64 / segments / (1.0 + lost)).max(500.0) as u64;
        let (mut time, mut interruptions, mut clean) = (0.0, 0u64, 0u64);
        for _ in 0..jobs {
            let before = interruptions;
            for _ in 0..libm::round(segments) as u64 {
                loop {
                    let until = exponential(random) / rate;
                    if until >= segment {
                        time += segment;
                        break;
                    }
                    time += until + overhead;
                    interruptions += 1;
                }
            }
            clean += u64::from(before == interruptions);
        }
        let jobs = jobs as f64;
        vec![
            named("mean_completion_h", time / jobs),
            named("mean_interruptions", interruptions as f64 / jobs),
            named("prob_no_interruption", clean as f64 / jobs),
        ]
    });
    Solution::of_runs(case, analytic, &runs)
}

fn spot_fleet(case: &Case, effort: &Effort) -> Result<Solution, String> {
    let model = Parameters::of(case);
    let (instances, rate, replacement) =
        (model.count("instances")?, model.number("interruption_rate_per_h")?, model.number("replacement_mean_h")?);
    let up = 1.0 / (1.0 + rate * replacement);
    let n = f64::from(instances);
    let down = binomial(u64::from(instances), 1.0 - up);
    let below = |name: &str| within(name, "prob_below_", "_percent");
    let analytic = |name: &str| match name {
        "instance_availability" => Some(up),
        "mean_running" => Some(n * up),
        "interruptions_per_h" => Some(n * up * rate),
        _ => below(name).map(|percent| {
            // Running below the share: more down than n − ⌈share · n⌉.
            let least = libm::ceil(percent / 100.0 * n - 1e-9) as usize;
            tail(&down, instances as usize - least + 1)
        }),
    };
    let runs = replicate(effort, |random, count| {
        let mut running = instances;
        let (mut time, mut sum, mut interruptions) = (0.0, 0.0, 0u64);
        let mut counted = 0;
        while counted < count / 2 {
            let (lost, back) = (f64::from(running) * rate, f64::from(instances - running) / replacement);
            let gap = exponential(random) / (lost + back);
            time += gap;
            sum += gap * f64::from(running);
            if random.unit() * (lost + back) < lost {
                running -= 1;
                interruptions += 1;
            } else {
                running += 1;
            }
            counted += 1;
        }
        vec![named("mean_running", sum / time), named("interruptions_per_h", interruptions as f64 / time)]
    });
    Solution::of_runs(case, analytic, &runs)
}

fn cost(case: &Case, _: &Effort) -> Result<Solution, String> {
    let model = Parameters::of(case);
    let any = |names: &[&str]| names.iter().find_map(|name| model.number(name).ok());
    let hours = model.number_or("hours", HOURS_A_MONTH);
    let missing = || format!("{}: the model does not say how many there are and what one costs", case.id);
    let monthly = match model.text("kind") {
        "serverless" => {
            let requests = model.number("requests")?;
            requests / 1e6 * model.number("price_per_million")?
                + requests
                    * model.number("mean_duration_s")?
                    * model.number("memory_gb")?
                    * model.number("price_per_gb_s")?
        }
        "mixed_spot" => {
            let price = model.number("price_on_demand_h")?;
            (model.number("on_demand")? + model.number("spot")? * (1.0 - model.number("spot_discount")?))
                * price
                * hours
        }
        "" => return Err(format!("{}: the model has no `kind`", case.id)),
        _ => {
            let count = any(&["replicas", "instances", "count", "nodes", "on_demand"]).ok_or_else(missing)?;
            let price = any(&["price_per_h", "price_h", "price_per_hour", "price_on_demand_h", "hourly_price"])
                .ok_or_else(missing)?;
            count * price * hours
        }
    };
    Solution::new(case, |name| (name == "monthly_cost").then_some(monthly), |_| Vec::new())
}

/// Hours that a month is billed for.
const HOURS_A_MONTH: f64 = 730.0;
