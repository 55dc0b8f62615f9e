//! Sagas: every interleaving of answers, doubled answers, late answers and timeouts at small sizes.

#![allow(clippy::unwrap_used, reason = "tests")]

use loko_policy::saga::{Choreography, Command, Config, End, Event, Reaction, Saga, State};
use std::collections::HashSet;

/// What the world knows: which steps have really happened, and what was said so far.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct World {
    happened: Vec<bool>,
    undo_order: Vec<u8>,
    /// Commands that were given and not answered yet.
    open: Vec<(bool, u8)>,
    /// Answers that were given and may come a second time.
    said: Vec<(u8, u8)>,
    finished: Option<bool>,
}

fn event(kind: u8, step: u8) -> Event {
    match kind {
        0 => Event::Done(step),
        1 => Event::Failed(step),
        2 => Event::Undone(step),
        _ => Event::UndoFailed(step),
    }
}

fn obey(saga: &Saga, world: &mut World, command: Option<Command>) {
    let Some(command) = command else { return };
    assert!(world.finished.is_none(), "{command:?} after the end");
    match command {
        Command::Do(step) => {
            assert!(world.undo_order.is_empty(), "a step after the first undo");
            assert!((0..step).all(|before| world.happened[before as usize]), "steps out of order");
            world.open.push((true, step));
        }
        Command::Undo(step) => world.open.push((false, step)),
        Command::Park(_) => assert!(matches!(saga.state(), State::Parked { .. })),
        Command::Finish(End::Completed) => {
            assert!(world.happened.iter().all(|happened| *happened));
            world.finished = Some(true);
        }
        Command::Finish(End::Compensated) => {
            assert!(
                world.undo_order.windows(2).all(|pair| pair[0] > pair[1]),
                "not in reverse: {:?}",
                world.undo_order
            );
            world.finished = Some(false);
        }
    }
}

fn explore(saga: Saga, world: World, clock: u64, depth: u32, seen: &mut HashSet<String>) {
    if !seen.insert(format!("{saga:?}{world:?}{clock}")) {
        return;
    }
    if let Some(completed) = world.finished {
        // A step whose answer came too late may still be open; the undo of it was asked for and done.
        let left = world.happened.iter().enumerate().filter(|(_, happened)| **happened).count();
        let late = world.open.iter().filter(|(forwards, _)| *forwards).count();
        assert!(completed || left <= late, "compensated, but {left} steps stay");
    }
    if depth == 0 {
        return;
    }
    for at in 0..world.open.len() {
        for works in [true, false] {
            let (mut saga, mut world) = (saga, world.clone());
            let (forwards, step) = world.open.remove(at);
            if forwards && works {
                // A place that has undone a step refuses to do it afterwards, as the choreography below shows.
                if world.undo_order.contains(&step) {
                    continue;
                }
                world.happened[step as usize] = true;
            }
            if !forwards && works {
                world.happened[step as usize] = false;
                world.undo_order.push(step);
            }
            let kind = match (forwards, works) {
                (true, true) => 0,
                (true, false) => 1,
                (false, true) => 2,
                (false, false) => 3,
            };
            world.said.push((kind, step));
            let command = saga.handle(event(kind, step));
            obey(&saga, &mut world, command);
            explore(saga, world, clock, depth - 1, seen);
        }
    }
    // An answer comes twice. Answers to the try under way can't be told from a second one to the try before; steps are
    // idempotent, so only answers that can't be about an open command are repeated here.
    for &(kind, step) in &world.said {
        if world.open.iter().any(|(_, open)| *open == step) {
            continue;
        }
        let (mut saga, mut next) = (saga, world.clone());
        let before = saga;
        let command = saga.handle(event(kind, step));
        assert_eq!((command, saga), (None, before), "a doubled answer did something");
        obey(&saga, &mut next, command);
    }
    if clock == 0 && world.finished.is_none() {
        let (mut saga, mut next) = (saga, world.clone());
        let command = saga.tick(10);
        obey(&saga, &mut next, command);
        explore(saga, next, 10, depth - 1, seen);
    }
    if matches!(saga.state(), State::Parked { .. }) {
        let (mut saga, mut next) = (saga, world);
        let command = saga.handle(Event::Resume);
        obey(&saga, &mut next, command);
        explore(saga, next, clock, depth - 1, seen);
    }
}

#[test]
fn every_interleaving_ends_with_all_steps_or_none() {
    let mut seen = HashSet::new();
    for (steps, retries, undo_tries) in [(1, 0, None), (3, 0, None), (3, 1, Some(2)), (4, 0, Some(1)), (2, 2, None)] {
        let config = Config { steps, retries, undo_tries, timeout: Some(10) };
        let (saga, command) = Saga::start(config, 0).unwrap();
        let happened = vec![false; steps as usize];
        let mut world = World { happened, undo_order: Vec::new(), open: Vec::new(), said: Vec::new(), finished: None };
        obey(&saga, &mut world, Some(command));
        explore(saga, world, 0, 12, &mut seen);
    }
    assert!(seen.len() > 1_000, "only {} states were reached", seen.len());
}

#[test]
fn a_choreographed_place_bears_lost_doubled_and_reordered_events() {
    // Every order of up to five events, each possibly doubled or missing.
    let mut orders = vec![Vec::new()];
    for _ in 0..5 {
        orders = orders
            .into_iter()
            .flat_map(|order| (0..3).map(move |event| [order.clone(), vec![event]].concat()))
            .collect();
    }
    for order in orders {
        let (mut place, mut acted, mut undone) = (Choreography::default(), 0, 0);
        for event in &order {
            let reaction = match event {
                0 => place.go(0),
                1 => place.cancel(),
                _ => {
                    place.ended();
                    Reaction::Ignore
                }
            };
            match reaction {
                Reaction::Act => {
                    assert_eq!(undone, 0, "acted after it was undone");
                    acted += 1;
                }
                Reaction::Undo => undone += 1,
                Reaction::Ignore => {}
            }
        }
        assert!(acted <= 1 && undone <= acted, "{order:?}");
    }
    let mut place = Choreography::default();
    place.go(5);
    assert!(!place.is_overdue(15, 10) && place.is_overdue(16, 10));
}

#[test]
fn undoing_runs_in_reverse_and_parks_when_it_cannot() {
    let config = Config { undo_tries: Some(2), ..Config::new(3) };
    let (mut saga, _) = Saga::start(config, 0).unwrap();
    assert_eq!(saga.handle(Event::Done(0)), Some(Command::Do(1)));
    assert_eq!(saga.handle(Event::Done(1)), Some(Command::Do(2)));
    assert_eq!(saga.handle(Event::Failed(2)), Some(Command::Undo(1)));
    assert_eq!(saga.handle(Event::UndoFailed(1)), Some(Command::Undo(1)));
    assert_eq!(saga.handle(Event::UndoFailed(1)), Some(Command::Park(1)));
    assert_eq!(saga.handle(Event::Resume), Some(Command::Undo(1)));
    assert_eq!(saga.handle(Event::Undone(1)), Some(Command::Undo(0)));
    assert_eq!(saga.handle(Event::Undone(0)), Some(Command::Finish(End::Compensated)));
}
