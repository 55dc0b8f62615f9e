//! The circuit breaker: after too many failures, stop calling for a while, then try a few.
//!
//! | state | event | guard | next | action |
//! |---|---|---|---|---|
//! | closed | result | the trip rule holds | open | until = now + wait; generation + 1 |
//! | closed | result | otherwise | closed | recorded |
//! | open | acquire | now ≤ until | open | rejected, with the time left |
//! | open | acquire | now > until | half-open | generation + 1; this call takes the first of `half_open` permits |
//! | half-open | acquire | no permit left | half-open | rejected |
//! | half-open | result | all `half_open` results are in, failure or slow share reached | open | the wait grows |
//! | half-open | result | all are in, below | closed | the window is empty; the wait is the first again |
//! | half-open | failure | the rule counts consecutive failures | open | at once |
//! | half-open | ignored | – | half-open | the permit is given back |
//! | half-open | acquire | a permit is out longer than `half_open_max_wait` | half-open | it counts as failed, so probes that hang can't wedge it |
//! | any | result of an older generation | – | the same | ignored |
//!
//! Trip rules: so many failures in a row; a share of failures (or of slow calls) among the last `size` calls; the same
//! among the calls of a time window of ten buckets. Shares compare with `>=`. A slow call that also failed counts once
//! in either share. Defaults ([`Config::default`]): 5 failures in a row, open for 60 s, then 3 trial calls; with rates
//! ([`Trip::rate_default`]) 50 % of at least 100 in the last 100. Opening times may be jittered so that clients don't
//! come back at the same instant. Results of calls that were admitted before a transition never count after it.

use crate::{ConfigError, MINUTE, Nanos, Ppm, Random, SECOND, WHOLE, ensure, reaches};
use serde::{Deserialize, Serialize};

/// When the breaker opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Trip {
    /// So many failures in a row.
    Consecutive(u32),
    /// A share of failures among the last calls.
    Count {
        /// How many calls are looked at.
        size: u32,
        /// How many there must be before anything is decided.
        minimum: u32,
        /// The share that opens it.
        rate: Ppm,
    },
    /// A share of failures among the calls of the last while.
    Time {
        /// How long is looked back.
        window: Nanos,
        /// How many calls there must be before anything is decided.
        minimum: u32,
        /// The share that opens it.
        rate: Ppm,
    },
}

impl Trip {
    /// Half of at least 100 among the last 100 calls.
    pub fn rate_default() -> Self {
        Self::Count { size: 100, minimum: 100, rate: WHOLE / 2 }
    }
}

/// Calls that take too long count too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slow {
    /// A call that takes longer is slow.
    pub over: Nanos,
    /// The share of slow calls that opens the breaker.
    pub rate: Ppm,
}

/// How a breaker behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Config {
    /// When it opens.
    pub trip: Trip,
    /// Whether slow calls open it too; only with a rate.
    pub slow: Option<Slow>,
    /// How long it stays open.
    pub open: Nanos,
    /// The longest it stays open when trials keep failing; each failed trial doubles the time up to this.
    pub open_max: Nanos,
    /// How far the time is spread, as a share of it.
    pub open_jitter: Ppm,
    /// How many trial calls there are.
    pub half_open: u32,
    /// How long a trial may take before it counts as failed; `None` waits for ever.
    pub half_open_max_wait: Option<Nanos>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            trip: Trip::Consecutive(5),
            slow: None,
            open: MINUTE,
            open_max: MINUTE,
            open_jitter: 0,
            half_open: 3,
            half_open_max_wait: Some(MINUTE),
        }
    }
}

/// The most calls that a window of counts can look at.
pub const WINDOW_CALLS_MAX: u32 = 1 << 20;
/// The buckets of a window of time.
const BUCKETS: usize = 10;

impl Config {
    /// Checks that it can work.
    pub fn check(&self) -> Result<(), ConfigError> {
        match self.trip {
            Trip::Consecutive(failures) => ensure(failures > 0, "failures", "is 0; it would open without a failure")?,
            Trip::Count { size, minimum, rate } => {
                ensure((1..=WINDOW_CALLS_MAX).contains(&size), "window", "must hold 1 to 1048576 calls")?;
                ensure((1..=size).contains(&minimum), "minimum", "must be from 1 to the window's size")?;
                ensure((1..=WHOLE).contains(&rate), "rate", "must be more than 0 % and at most 100 %")?;
            }
            Trip::Time { window, minimum, rate } => {
                ensure(window >= BUCKETS as u64, "window", "is too short to be split in ten")?;
                ensure(minimum > 0, "minimum", "must be at least 1")?;
                ensure((1..=WHOLE).contains(&rate), "rate", "must be more than 0 % and at most 100 %")?;
            }
        }
        ensure(
            self.slow.is_none() || !matches!(self.trip, Trip::Consecutive(_)),
            "slow",
            "needs a rate, not a count in a row",
        )?;
        ensure(self.half_open > 0, "half_open", "is 0, so it would never close again")?;
        ensure(self.open_max >= self.open, "open_max", "is shorter than the first time")?;
        ensure(self.open_jitter <= WHOLE, "open_jitter", "is more than 100 %")
    }
}

/// What a call came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// It worked.
    Success,
    /// It did not, in a way that speaks against the target.
    Failure,
    /// It says nothing of the target: cancelled, or refused on this side.
    Ignored,
}

/// Where the breaker stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the table of the module says what each means")]
pub enum State {
    Closed,
    Open { until: Nanos },
    HalfOpen { left: u32, results: u32, failures: u32, slow: u32, since: Nanos },
}

/// Leave to make a call, to be handed back with its result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[must_use = "a permit that is not handed back blocks a trial call"]
pub struct Permit {
    generation: u32,
}

/// The breaker is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejected {
    /// After how long it may be worth asking again.
    pub retry_after: Nanos,
}

/// A breaker for one failure domain: one shard or one endpoint rather than one service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Breaker {
    config: Config,
    state: State,
    generation: u32,
    reopened: u32,
    record: Record,
}

/// What closed state remembers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Record {
    Row(u32),
    Ring { failed: Vec<u64>, slow: Vec<u64>, at: u32, filled: u32, failures: u32, slows: u32 },
    Buckets { counts: [[u32; 3]; BUCKETS], newest: u64 },
}

impl Record {
    fn new(trip: Trip) -> Self {
        match trip {
            Trip::Consecutive(_) => Self::Row(0),
            Trip::Count { size, .. } => {
                let words = vec![0; size.div_ceil(64) as usize];
                Self::Ring { failed: words.clone(), slow: words, at: 0, filled: 0, failures: 0, slows: 0 }
            }
            Trip::Time { .. } => Self::Buckets { counts: [[0; 3]; BUCKETS], newest: 0 },
        }
    }

    fn clear(&mut self) {
        match self {
            Self::Row(row) => *row = 0,
            Self::Ring { failed, slow, at, filled, failures, slows } => {
                failed.fill(0);
                slow.fill(0);
                (*at, *filled, *failures, *slows) = (0, 0, 0, 0);
            }
            Self::Buckets { counts, .. } => *counts = [[0; 3]; BUCKETS],
        }
    }

    /// Records a result and gives calls, failures and slow calls in view.
    fn add(&mut self, trip: Trip, now: Nanos, failure: bool, is_slow: bool) -> (u32, u32, u32) {
        match (self, trip) {
            (Self::Row(row), _) => {
                *row = if failure { *row + 1 } else { 0 };
                (*row, *row, 0)
            }
            (Self::Ring { failed, slow, at, filled, failures, slows }, Trip::Count { size, .. }) => {
                if *filled == size {
                    *failures -= u32::from(bit(failed, *at));
                    *slows -= u32::from(bit(slow, *at));
                } else {
                    *filled += 1;
                }
                set(failed, *at, failure);
                set(slow, *at, is_slow);
                *failures += u32::from(failure);
                *slows += u32::from(is_slow);
                *at = if *at + 1 == size { 0 } else { *at + 1 };
                (*filled, *failures, *slows)
            }
            (Self::Buckets { counts, newest }, Trip::Time { window, .. }) => {
                let bucket = (now / (window / BUCKETS as u64)).max(*newest);
                for passed in 1..=(bucket - *newest).min(BUCKETS as u64) {
                    counts[((*newest + passed) % BUCKETS as u64) as usize] = [0; 3];
                }
                *newest = bucket;
                let here = &mut counts[(bucket % BUCKETS as u64) as usize];
                here[0] += 1;
                here[1] += u32::from(failure);
                here[2] += u32::from(is_slow);
                let sum = |column: usize| counts.iter().map(|row| row[column]).sum();
                (sum(0), sum(1), sum(2))
            }
            // The record is made from the rule and neither changes.
            _ => (0, 0, 0),
        }
    }
}

fn bit(words: &[u64], at: u32) -> bool {
    words[at as usize / 64] >> (at % 64) & 1 == 1
}

fn set(words: &mut [u64], at: u32, value: bool) {
    let (word, mask) = (&mut words[at as usize / 64], 1 << (at % 64));
    *word = if value { *word | mask } else { *word & !mask };
}

impl Breaker {
    /// A closed breaker.
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        config.check()?;
        Ok(Self { config, state: State::Closed, generation: 0, reopened: 0, record: Record::new(config.trip) })
    }

    /// Where it stands; an open one that may be tried again is still open until somebody asks.
    pub fn state(&self) -> State {
        self.state
    }

    /// When something may change without a call: the end of being open.
    pub fn next_wakeup(&self) -> Option<Nanos> {
        match self.state {
            State::Open { until } => Some(until.saturating_add(1)),
            State::Closed | State::HalfOpen { .. } => None,
        }
    }

    /// Asks for leave to make a call.
    pub fn acquire(&mut self, now: Nanos, random: &mut impl Random) -> Result<Permit, Rejected> {
        self.expire_probes(now, random);
        match &mut self.state {
            State::Closed => {}
            State::Open { until } if now <= *until => return Err(Rejected { retry_after: *until - now + 1 }),
            State::Open { .. } => {
                self.generation = self.generation.wrapping_add(1);
                self.state =
                    State::HalfOpen { left: self.config.half_open - 1, results: 0, failures: 0, slow: 0, since: now };
            }
            State::HalfOpen { left: 0, .. } => return Err(Rejected { retry_after: self.config.open }),
            State::HalfOpen { left, since, .. } => {
                *left -= 1;
                *since = now;
            }
        }
        Ok(Permit { generation: self.generation })
    }

    /// Hands a permit back with what came of the call, and how long it took.
    pub fn record(&mut self, now: Nanos, permit: Permit, outcome: Outcome, took: Nanos, random: &mut impl Random) {
        if permit.generation != self.generation {
            return;
        }
        let failure = outcome == Outcome::Failure;
        let is_slow = self.config.slow.is_some_and(|slow| took > slow.over);
        match &mut self.state {
            State::Open { .. } => {}
            State::HalfOpen { left, .. } if outcome == Outcome::Ignored => *left += 1,
            State::Closed if outcome == Outcome::Ignored => {}
            State::Closed => {
                let (calls, failures, slows) = self.record.add(self.config.trip, now, failure, is_slow);
                if self.trips(calls, failures, slows) {
                    self.open(now, random);
                }
            }
            State::HalfOpen { results, failures, slow, .. } => {
                *results += 1;
                *failures += u32::from(failure);
                *slow += u32::from(is_slow);
                self.judge(now, random);
            }
        }
    }

    /// Whether what closed state sees opens the breaker.
    fn trips(&self, calls: u32, failures: u32, slows: u32) -> bool {
        let (minimum, rate) = match self.config.trip {
            Trip::Consecutive(limit) => return failures >= limit,
            Trip::Count { minimum, rate, .. } | Trip::Time { minimum, rate, .. } => (minimum, rate),
        };
        calls >= minimum && self.reached(calls, failures, slows, rate)
    }

    fn reached(&self, calls: u32, failures: u32, slows: u32, rate: Ppm) -> bool {
        reaches(failures.into(), calls.into(), rate)
            || self.config.slow.is_some_and(|slow| reaches(slows.into(), calls.into(), slow.rate))
    }

    /// Decides half-open state as soon as that is possible.
    fn judge(&mut self, now: Nanos, random: &mut impl Random) {
        let State::HalfOpen { results, failures, slow, .. } = self.state else { return };
        let done = results >= self.config.half_open;
        let bad = match self.config.trip {
            Trip::Consecutive(_) => failures > 0,
            Trip::Count { rate, .. } | Trip::Time { rate, .. } => done && self.reached(results, failures, slow, rate),
        };
        if bad {
            self.reopened = self.reopened.saturating_add(1);
            self.open(now, random);
        } else if done {
            self.generation = self.generation.wrapping_add(1);
            self.reopened = 0;
            self.record.clear();
            self.state = State::Closed;
        }
    }

    /// Counts trials that hang as failed.
    fn expire_probes(&mut self, now: Nanos, random: &mut impl Random) {
        let Some(limit) = self.config.half_open_max_wait else { return };
        if let State::HalfOpen { left: 0, results, failures, since, .. } = &mut self.state
            && now > since.saturating_add(limit)
        {
            *failures += self.config.half_open - *results;
            *results = self.config.half_open;
            self.judge(now, random);
        }
    }

    fn open(&mut self, now: Nanos, random: &mut impl Random) {
        let grown = self.config.open.checked_shl(self.reopened.min(32)).unwrap_or(Nanos::MAX);
        let wait = grown.clamp(self.config.open, self.config.open_max);
        let spread = (u128::from(wait) * u128::from(self.config.open_jitter) / u128::from(WHOLE)) as Nanos;
        let wait = if spread == 0 { wait } else { random.between(wait - spread, wait.saturating_add(spread)) };
        self.generation = self.generation.wrapping_add(1);
        self.record.clear();
        self.state = State::Open { until: now.saturating_add(wait) };
    }
}

/// Envoy's sweep of one host: consecutive failures eject it, longer each time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ejection {
    /// So many failures in a row eject.
    pub failures: u32,
    /// The first time out; the `n`-th is `n` times as long.
    pub base: Nanos,
    /// The longest time out.
    pub max: Nanos,
    row: u32,
    times: u32,
    until: Option<Nanos>,
}

impl Default for Ejection {
    fn default() -> Self {
        Self { failures: 5, base: 30 * SECOND, max: 300 * SECOND, row: 0, times: 0, until: None }
    }
}

impl Ejection {
    /// Whether the host may be called.
    pub fn available(&mut self, now: Nanos) -> bool {
        if self.until.is_some_and(|until| now >= until) {
            self.until = None;
        }
        self.until.is_none()
    }

    /// Records a result; whether it ejected the host.
    pub fn record(&mut self, now: Nanos, success: bool) -> bool {
        self.row = if success { 0 } else { self.row + 1 };
        if self.until.is_some() || self.row < self.failures {
            return false;
        }
        self.row = 0;
        self.times += 1;
        self.until = Some(now.saturating_add(self.base.saturating_mul(self.times.into()).min(self.max)));
        true
    }
}
