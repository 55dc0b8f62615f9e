//! The breaker: its table, event by event, and every interleaving of calls, results and time at small sizes.

#![allow(clippy::unwrap_used, reason = "tests")]

use loko_policy::breaker::{Breaker, Config, Ejection, Outcome, Permit, Slow, State, Trip};
use loko_policy::{Nanos, SECOND};
use std::collections::HashSet;

fn none() -> u64 {
    0
}

fn run(breaker: &mut Breaker, now: Nanos, outcome: Outcome) -> bool {
    match breaker.acquire(now, &mut none) {
        Ok(permit) => {
            breaker.record(now, permit, outcome, 0, &mut none);
            true
        }
        Err(_) => false,
    }
}

#[test]
fn five_failures_open_for_a_minute_then_three_trials_close() {
    let mut breaker = Breaker::new(Config::default()).unwrap();
    for _ in 0..4 {
        assert!(run(&mut breaker, 0, Outcome::Failure));
    }
    assert_eq!(breaker.state(), State::Closed);
    run(&mut breaker, 0, Outcome::Failure);
    assert_eq!(breaker.state(), State::Open { until: 60 * SECOND });
    assert!(!run(&mut breaker, 60 * SECOND, Outcome::Success), "until belongs to being open");
    for _ in 0..3 {
        assert!(run(&mut breaker, 60 * SECOND + 1, Outcome::Success));
    }
    assert_eq!(breaker.state(), State::Closed);
}

#[test]
fn a_success_in_between_starts_the_row_anew() {
    let mut breaker = Breaker::new(Config::default()).unwrap();
    for _ in 0..100 {
        for _ in 0..4 {
            run(&mut breaker, 0, Outcome::Failure);
        }
        run(&mut breaker, 0, Outcome::Success);
    }
    assert_eq!(breaker.state(), State::Closed);
}

#[test]
fn a_rate_is_reached_when_it_is_met_exactly() {
    let config = Config { trip: Trip::Count { size: 10, minimum: 10, rate: 500_000 }, ..Config::default() };
    let mut breaker = Breaker::new(config).unwrap();
    for call in 0..9 {
        run(&mut breaker, 0, if call < 5 { Outcome::Failure } else { Outcome::Success });
        assert_eq!(breaker.state(), State::Closed, "fewer than the minimum decide nothing");
    }
    run(&mut breaker, 0, Outcome::Success);
    assert!(matches!(breaker.state(), State::Open { .. }));
}

#[test]
fn an_idle_window_forgets() {
    let config = Config { trip: Trip::Time { window: 10 * SECOND, minimum: 4, rate: 500_000 }, ..Config::default() };
    let mut breaker = Breaker::new(config).unwrap();
    for _ in 0..3 {
        run(&mut breaker, 0, Outcome::Failure);
    }
    run(&mut breaker, 11 * SECOND, Outcome::Failure);
    assert_eq!(breaker.state(), State::Closed, "the three are too old");
    for _ in 0..3 {
        run(&mut breaker, 12 * SECOND, Outcome::Failure);
    }
    assert!(matches!(breaker.state(), State::Open { .. }));
}

#[test]
fn slow_calls_open_it_and_a_slow_failure_counts_once() {
    let config = Config {
        trip: Trip::Count { size: 4, minimum: 4, rate: 1_000_000 },
        slow: Some(Slow { over: SECOND, rate: 750_000 }),
        ..Config::default()
    };
    let mut breaker = Breaker::new(config).unwrap();
    for (outcome, took) in [(Outcome::Failure, 2), (Outcome::Success, 2), (Outcome::Success, 0), (Outcome::Success, 1)]
    {
        let permit = breaker.acquire(0, &mut none).unwrap();
        breaker.record(0, permit, outcome, took * SECOND, &mut none);
    }
    assert_eq!(breaker.state(), State::Closed, "two of four are slow; exactly one second is not");
    let permit = breaker.acquire(0, &mut none).unwrap();
    breaker.record(0, permit, Outcome::Success, 2 * SECOND, &mut none);
    assert_eq!(breaker.state(), State::Closed);
    for _ in 0..2 {
        let permit = breaker.acquire(0, &mut none).unwrap();
        breaker.record(0, permit, Outcome::Success, 2 * SECOND, &mut none);
    }
    assert!(matches!(breaker.state(), State::Open { .. }));
}

#[test]
fn trials_that_hang_do_not_wedge_it() {
    let mut breaker = Breaker::new(Config { trip: Trip::Consecutive(1), half_open: 1, ..Config::default() }).unwrap();
    run(&mut breaker, 0, Outcome::Failure);
    let lost = breaker.acquire(61 * SECOND, &mut none).unwrap();
    assert!(breaker.acquire(62 * SECOND, &mut none).is_err());
    assert!(breaker.acquire(122 * SECOND, &mut none).is_err(), "the trial counts as failed, so it is open again");
    assert!(matches!(breaker.state(), State::Open { .. }));
    breaker.record(123 * SECOND, lost, Outcome::Success, 0, &mut none);
    assert!(matches!(breaker.state(), State::Open { .. }), "a late answer decides nothing");
}

#[test]
fn a_configuration_that_cannot_work_says_why() {
    let error = Breaker::new(Config { half_open: 0, ..Config::default() }).unwrap_err();
    assert_eq!(error.to_string(), "half_open: is 0, so it would never close again");
}

#[test]
fn ejections_get_longer_up_to_the_cap() {
    let mut host = Ejection::default();
    let mut now = 0;
    for length in [30, 60, 90] {
        for failure in 0..5 {
            assert_eq!(host.record(now, false), failure == 4);
        }
        assert!(!host.available(now + length * SECOND - 1));
        now += length * SECOND;
        assert!(host.available(now));
    }
}

/// Every sequence of events up to a depth, on configurations small enough for all of them.
#[test]
fn every_interleaving_keeps_the_promises() {
    let base = Config { open: 2, open_max: 4, half_open: 2, half_open_max_wait: Some(3), ..Config::default() };
    let mut visited = 0;
    for trip in [
        Trip::Consecutive(2),
        Trip::Count { size: 3, minimum: 2, rate: 500_000 },
        Trip::Time { window: 10, minimum: 2, rate: 500_000 },
    ] {
        let breaker = Breaker::new(Config { trip, ..base }).unwrap();
        let mut seen = HashSet::new();
        explore(breaker, &mut Vec::new(), 0, 18, &mut seen);
        visited += seen.len();
    }
    assert!(visited > 10_000, "only {visited} states were reached");
}

fn explore(breaker: Breaker, out: &mut Vec<(Permit, u32)>, now: Nanos, depth: u32, seen: &mut HashSet<String>) {
    let key = format!("{breaker:?}{out:?}{now}{depth}");
    if depth == 0 || !seen.insert(key) {
        return;
    }
    // A call asks.
    if out.len() < 3 {
        let mut next = breaker.clone();
        let before = breaker.state();
        if let Ok(permit) = next.acquire(now, &mut none) {
            if let State::Open { until } = before {
                assert!(now > until, "an open breaker let a call through");
            }
            let epoch = epoch(&next);
            out.push((permit, epoch));
            if let State::HalfOpen { left, results, .. } = next.state() {
                let probes = out.iter().filter(|(permit, _)| *permit == out[out.len() - 1].0).count() as u32;
                assert!(probes + results <= 2, "more trial calls than allowed");
                assert_eq!(probes + results + left, 2, "a permit was lost or made up");
            }
            explore(next, out, now, depth - 1, seen);
            out.pop();
        } else {
            assert_ne!(before, State::Closed, "a closed breaker rejected a call");
        }
    }
    // A call ends.
    for at in 0..out.len() {
        for outcome in [Outcome::Success, Outcome::Failure, Outcome::Ignored] {
            let mut next = breaker.clone();
            let (permit, admitted) = out.remove(at);
            let before = next.state();
            next.record(now, permit, outcome, 0, &mut none);
            if admitted != epoch(&breaker) {
                assert_eq!(before, next.state(), "a result from before a transition changed the state");
            }
            let legal = matches!(
                (before, next.state()),
                (State::Closed, State::Closed | State::Open { .. })
                    | (State::Open { .. }, State::Open { .. })
                    | (State::HalfOpen { .. }, _)
            );
            assert!(legal, "{before:?} → {:?}", next.state());
            if matches!((before, next.state()), (State::HalfOpen { .. }, State::Closed)) {
                assert_ne!(outcome, Outcome::Ignored, "nothing closes by a result that says nothing");
            }
            explore(next, out, now, depth - 1, seen);
            out.insert(at, (permit, admitted));
        }
    }
    // Time passes.
    explore(breaker, out, now + 1, depth - 1, seen);
}

/// The generation, which is private, as serde shows it.
fn epoch(breaker: &Breaker) -> u32 {
    serde_json::to_value(breaker).unwrap()["generation"].as_u64().unwrap() as u32
}

#[test]
fn its_state_survives_being_written_down() {
    let mut breaker = Breaker::new(Config { trip: Trip::rate_default(), ..Config::default() }).unwrap();
    for call in 0..77 {
        run(&mut breaker, call, if call % 3 == 0 { Outcome::Failure } else { Outcome::Success });
    }
    let text = serde_json::to_string(&breaker).unwrap();
    assert_eq!(serde_json::from_str::<Breaker>(&text).unwrap(), breaker);
}
