//! Sagas: a row of steps in different places that all happen, or are undone in reverse.
//!
//! Orchestrated ([`Saga`]): one place commands the steps and hears the answers.
//!
//! | state | event | guard | next | command |
//! |---|---|---|---|---|
//! | – | start | – | running 0 | `Do(0)` |
//! | running k | `done(k)` | k is the last | completed | `Finish(Completed)` |
//! | running k | `done(k)` | otherwise | running k+1 | `Do(k+1)` |
//! | running k | `failed(k)` | tries left | running k | `Do(k)` |
//! | running k | `failed(k)` | none left | compensating | `Undo` of the last step that may have happened |
//! | running k | timed out | – | compensating | `Undo(k)` first: it may have happened |
//! | compensating k | `undone(k)` | an earlier step happened | compensating | `Undo` of it |
//! | compensating k | `undone(k)` | none did | compensated | `Finish(Compensated)` |
//! | compensating k | `undo_failed(k)` | – | compensating k | `Undo(k)` again, up to `undo_tries`, then parked |
//! | parked | `resume` | – | compensating k | `Undo(k)` |
//! | any | an answer about another step, or a second one | – | the same | none |
//!
//! Choreographed ([`Choreography`]): every place hears events and acts by itself; here is what one place remembers so
//! that lost, doubled and reordered events do no harm: each event acts once, an undo that comes before its step
//! prevents the step, and an end that does not come in time is noticed.
//!
//! Defaults: no step is tried again by the saga itself (its calls retry), a step has no time limit, undoing is tried
//! without limit.

use crate::{ConfigError, Nanos, ensure};
use serde::{Deserialize, Serialize};

/// The most steps.
pub const STEPS_MAX: usize = 64;

/// How a saga behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Config {
    /// How many steps it has.
    pub steps: u8,
    /// How often a step is tried again.
    pub retries: u32,
    /// How often an undo is tried before a person is asked; `None` is without limit.
    pub undo_tries: Option<u32>,
    /// How long the whole may run forwards.
    pub timeout: Option<Nanos>,
}

impl Config {
    /// A saga of so many steps with the defaults.
    pub fn new(steps: u8) -> Self {
        Self { steps, retries: 0, undo_tries: None, timeout: None }
    }
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum End {
    /// Every step happened.
    Completed,
    /// Whatever had happened was undone.
    Compensated,
}

/// What is to be done now. Doing it twice must be the same as once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Command {
    /// Do a step.
    Do(u8),
    /// Undo a step.
    Undo(u8),
    /// It is over.
    Finish(End),
    /// An undo keeps failing: ask a person.
    Park(u8),
}

/// Where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the table of the module says what each means")]
pub enum State {
    Running { step: u8, tries: u32 },
    Compensating { step: u8, tries: u32 },
    Parked { step: u8 },
    Completed,
    Compensated,
}

/// An answer to a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Event {
    /// A step happened.
    Done(u8),
    /// A step did not happen.
    Failed(u8),
    /// A step was undone.
    Undone(u8),
    /// A step could not be undone.
    UndoFailed(u8),
    /// A person has mended what kept an undo from working.
    Resume,
}

/// An orchestrated saga.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saga {
    config: Config,
    state: State,
    deadline: Option<Nanos>,
    /// Which steps may have happened and are not undone, as bits.
    happened: u64,
}

impl Saga {
    /// Starts a saga; the first command comes with it.
    pub fn start(config: Config, now: Nanos) -> Result<(Self, Command), ConfigError> {
        ensure((1..=STEPS_MAX).contains(&(config.steps as usize)), "steps", "must be from 1 to 64")?;
        let deadline = config.timeout.map(|timeout| now.saturating_add(timeout));
        let saga = Self { config, state: State::Running { step: 0, tries: 0 }, deadline, happened: 0 };
        Ok((saga, Command::Do(0)))
    }

    /// Where it stands.
    pub fn state(&self) -> State {
        self.state
    }

    /// Whether a step may have happened and is not undone.
    pub fn holds(&self, step: u8) -> bool {
        self.happened >> step & 1 == 1
    }

    /// When [`Saga::tick`] is to be called.
    pub fn next_wakeup(&self) -> Option<Nanos> {
        self.deadline.filter(|_| matches!(self.state, State::Running { .. }))
    }

    /// Time has passed: a saga that takes too long is undone, its current step included.
    pub fn tick(&mut self, now: Nanos) -> Option<Command> {
        let State::Running { step, .. } = self.state else { return None };
        if self.deadline.is_none_or(|deadline| now < deadline) {
            return None;
        }
        self.happened |= 1 << step;
        Some(self.undo_next())
    }

    /// An answer came.
    pub fn handle(&mut self, event: Event) -> Option<Command> {
        match (self.state, event) {
            (State::Running { step, .. }, Event::Done(done)) if done == step => {
                self.happened |= 1 << step;
                let next = step + 1;
                if next == self.config.steps {
                    self.state = State::Completed;
                    return Some(Command::Finish(End::Completed));
                }
                self.state = State::Running { step: next, tries: 0 };
                Some(Command::Do(next))
            }
            (State::Running { step, tries }, Event::Failed(failed)) if failed == step => {
                if tries < self.config.retries {
                    self.state = State::Running { step, tries: tries + 1 };
                    return Some(Command::Do(step));
                }
                Some(self.undo_next())
            }
            (State::Compensating { step, .. }, Event::Undone(undone)) if undone == step => {
                self.happened &= !(1 << step);
                Some(self.undo_next())
            }
            (State::Compensating { step, tries }, Event::UndoFailed(failed)) if failed == step => {
                if self.config.undo_tries.is_some_and(|limit| tries + 1 >= limit) {
                    self.state = State::Parked { step };
                    return Some(Command::Park(step));
                }
                self.state = State::Compensating { step, tries: tries + 1 };
                Some(Command::Undo(step))
            }
            (State::Parked { step }, Event::Resume) => {
                self.state = State::Compensating { step, tries: 0 };
                Some(Command::Undo(step))
            }
            _ => None,
        }
    }

    fn undo_next(&mut self) -> Command {
        match self.happened.checked_ilog2() {
            Some(step) => {
                let step = step as u8;
                self.state = State::Compensating { step, tries: 0 };
                Command::Undo(step)
            }
            None => {
                self.state = State::Compensated;
                Command::Finish(End::Compensated)
            }
        }
    }
}

/// What a place in a choreography remembers of one saga.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choreography {
    did: bool,
    undone: bool,
    ended: bool,
    since: Option<Nanos>,
}

/// What a place does about an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reaction {
    /// Do its step and announce it.
    Act,
    /// Undo its step and announce it.
    Undo,
    /// Nothing.
    Ignore,
}

impl Choreography {
    /// The step before was announced.
    pub fn go(&mut self, now: Nanos) -> Reaction {
        if self.did || self.undone || self.ended {
            return Reaction::Ignore;
        }
        self.did = true;
        self.since = Some(now);
        Reaction::Act
    }

    /// A later step failed, or was undone. Coming before the step itself, it keeps the step from happening.
    pub fn cancel(&mut self) -> Reaction {
        if self.undone || self.ended {
            return Reaction::Ignore;
        }
        self.undone = true;
        if self.did { Reaction::Undo } else { Reaction::Ignore }
    }

    /// The whole has ended well.
    pub fn ended(&mut self) {
        self.ended = !self.undone;
    }

    /// Whether the end should have come by now, and did not.
    pub fn is_overdue(&self, now: Nanos, limit: Nanos) -> bool {
        !self.ended && !self.undone && self.since.is_some_and(|since| now.saturating_sub(since) > limit)
    }
}
