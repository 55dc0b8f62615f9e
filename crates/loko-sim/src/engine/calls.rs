//! Calls: tries, the policies of the caller around them, and what their results lead to.
//!
//! From outside to inside: overall deadline, retry, hedge, cache, breaker, rate limit, bulkhead, timeout of one try.
//! What a policy refuses is not tried again: an open breaker would burn all attempts in microseconds.

use super::{ALL_LIVE, COPIES_MAX, Call, Cause, Engine, FRAMES_MAX, Frame, NO_TRY, NONE, Phase, zipf_key};
use crate::events::{Event, GENERATION_MASK, Kind};
use crate::network::{Budget, Cancel, EdgeId, Limit, OnWrite};
use crate::random::{Purpose, below, draw, exponential};
use loko_policy::breaker::{Outcome, State};
use loko_policy::cache::Lookup;
use loko_policy::flight::Role;
use loko_policy::retry::{Decision, Failure};
use loko_policy::{Nanos, Random, SECOND};

/// When the system tells a caller without timeouts that nobody answers: after the six repetitions with which Linux tries
/// to connect, a second later the first and twice as late each (RFC 6298; `tcp_syn_retries`).
const UNANSWERED: Nanos = 127 * SECOND;

impl Engine<'_> {
    /// The policies of one caller of an edge.
    fn guard(&mut self, edge: EdgeId, guard: u32) -> &mut super::Guard {
        let keeper = self.edges[edge as usize].keeper;
        &mut self.edges[keeper].guards[guard as usize]
    }

    /// Starts a call of a frame, or of a source when there is no frame.
    pub(super) fn start_call(&mut self, edge: EdgeId, parent: u32, parent_generation: u32, source: u32, key: u64) {
        let description = &self.network.edges[edge as usize];
        let deadline = description.overall.map(|overall| self.now.saturating_add(overall));
        let guard = match description.callers {
            0 | 1 => 0,
            callers => draw(key, Purpose::Caller).below(u64::from(callers)) as u32,
        };
        let call = Call {
            generation: 0,
            edge,
            parent,
            parent_generation,
            parent_step: if parent == NONE { 0 } else { self.frames[parent as usize].step },
            source,
            retry: loko_policy::retry::Call::new(deadline),
            live: 0,
            hedges: 0,
            attempts: 0,
            guard,
            writes: false,
            read_version: 0,
            flight: None,
            cache_key: 0,
            started: self.now,
            key,
            alive: true,
        };
        let slot = match self.free_calls.pop() {
            Some(slot) => {
                let generation = self.calls[slot as usize].generation;
                self.calls[slot as usize] = Call { generation, ..call };
                slot
            }
            None => {
                self.calls.push(call);
                self.tries.push([NO_TRY; COPIES_MAX]);
                self.calls.len() as u32 - 1
            }
        };
        let generation = self.calls[slot as usize].generation;
        if let Some(tracer) = &mut self.tracer {
            let parent = (parent != NONE).then_some((parent, parent_generation));
            tracer.call((slot, generation), edge, parent, (source, key), self.now);
        }
        if self.now >= self.span.warmup {
            self.record.edges[edge as usize].calls += 1;
            if parent == NONE {
                self.record.sources[source as usize].started += 1;
            }
        }
        match &mut self.guard(edge, guard).budget {
            Some(Budget::Tokens(budget)) => budget.started(),
            Some(Budget::Failures(budget)) => budget.started(),
            None => {}
        }
        let lane = self.edges[edge as usize].overall_lane;
        if lane != NONE {
            self.events.push_lane(lane, self.now, Kind::Deadline, generation, slot);
        }
        if description.cache.is_some() && self.answered_by_cache(slot, generation) {
            return;
        }
        let hedging = &mut self.guard(edge, guard).hedging;
        let hedge_after = hedging.as_mut().and_then(loko_policy::hedge::Hedging::started);
        self.send(slot);
        if let Some(delay) = hedge_after {
            self.events.push(Event::new(self.now.saturating_add(delay), Kind::Hedge, generation, slot));
        }
    }

    /// Looks the call's key up; true when nothing is to be sent.
    fn answered_by_cache(&mut self, slot: u32, generation: u32) -> bool {
        let call = &mut self.calls[slot as usize];
        let keeper = self.edges[call.edge as usize].keeper;
        let state = &mut self.edges[keeper];
        let Some(cache) = &mut state.cache else { return false };
        let key = zipf_key(&state.zipf, call.key);
        call.cache_key = key;
        let described = self.network.edges[call.edge as usize].cache.as_ref();
        let writes = described.map_or(0.0, |cache| cache.writes);
        if writes > 0.0 && draw(call.key, Purpose::Write).unit() < writes {
            call.writes = true;
            return false;
        }
        // A slot's number says nothing about its age, so what is remembered carries the version that was read.
        let found = cache.get(self.now, key, 0);
        let hit = matches!(found, Lookup::Hit { .. });
        if self.now >= self.span.warmup {
            let record = &mut self.record.edges[call.edge as usize];
            record.lookups += 1;
            record.hits += u64::from(hit);
            if let (Lookup::Hit { slot, .. }, Some(newest)) = (found, state.versions.get(key as usize)) {
                record.stale += u64::from(cache.version(slot) < *newest);
            }
        }
        if hit {
            self.replies.push_back((slot, generation, u8::MAX, Ok(())));
            return true;
        }
        call.read_version = state.versions.get(key as usize).copied().unwrap_or(0);
        let Some(flights) = &mut state.flights else { return false };
        match flights.miss(self.now, key) {
            Role::Lead(number) => {
                call.flight = Some((key, number));
                false
            }
            Role::Follow(number) => {
                state.followers.entry(number).or_default().push((slot, generation));
                true
            }
        }
    }

    /// Sends a try, unless a policy refuses it.
    fn send(&mut self, slot: u32) {
        let call = &mut self.calls[slot as usize];
        let (edge, generation) = (call.edge, call.generation);
        call.attempts += 1;
        let attempt = call.attempts;
        let copy = call.free_copy();
        let key = below(call.key, u64::from(attempt));
        let guard = call.guard;
        if self.now >= self.span.warmup {
            self.record.edges[edge as usize].attempts += 1;
        }
        let permit = match self.admit(edge, guard, key) {
            Ok(permit) => permit,
            Err(cause) => {
                if let Some(tracer) = &mut self.tracer {
                    tracer.sent((slot, generation), Err(cause), self.now);
                }
                self.calls[slot as usize].live &= !(1 << copy);
                self.replies.push_back((slot, generation, copy | REFUSED, Err(cause)));
                return;
            }
        };
        if self.now >= self.span.warmup {
            self.record.edges[edge as usize].sent += 1;
        }
        self.edges[edge as usize].since[0] += 1;
        let description = &self.network.edges[edge as usize];
        let (target, has_timeout) = (description.target, description.timeout.is_some());
        let latency = hop(description, key);
        let frame = self.new_frame(target, slot, generation, copy, key);
        let frame_generation = self.frames[frame as usize].generation;
        if let Some(tracer) = &mut self.tracer {
            tracer.sent((slot, generation), Ok((frame, frame_generation)), self.now);
        }
        self.tries[slot as usize][copy as usize] = super::Try { frame, frame_generation, started: self.now, permit };
        self.calls[slot as usize].live |= 1 << copy;
        if has_timeout {
            let lane = self.edges[edge as usize].timeout_lane;
            self.events.push_lane(lane, self.now, Kind::Timeout, frame_generation, frame);
        }
        let loss = self.edges[edge as usize].loss;
        if loss > 0.0 && draw(below(key, 0x1057), Purpose::Way).unit() < loss {
            // Timeouts will tell, or in the end the system.
            let lost = &mut self.frames[frame as usize];
            (lost.lost, lost.failed) = (true, Some(Cause::Down));
            let lane = self.events.lane(UNANSWERED);
            self.events.push_lane(lane, self.now, Kind::Reply, frame_generation, frame);
        } else if latency > 0 {
            self.events.push(Event::new(self.now + latency, Kind::Deliver, frame_generation, frame));
        } else {
            self.arrive(frame, frame_generation);
        }
    }

    /// Asks breaker, rate limit and bulkhead.
    fn admit(&mut self, edge: EdgeId, guard: u32, key: u64) -> Result<Option<loko_policy::breaker::Permit>, Cause> {
        let keeper = self.edges[edge as usize].keeper;
        let state = &mut self.edges[keeper].guards[guard as usize];
        let mut permit = None;
        if let Some(breaker) = &mut state.breaker {
            let closed = breaker.state() == State::Closed;
            let answer = breaker.acquire(self.now, &mut draw(key, Purpose::Jitter));
            state.times.settle(self.now, Some(breaker));
            state.times.asked(answer.is_ok(), closed);
            permit = Some(answer.map_err(|_| Cause::BreakerOpen)?);
        }
        let passes = match &mut state.limit {
            None => true,
            Some(Limit::Bucket(bucket)) => bucket.take(self.now, 1).is_ok(),
            Some(Limit::Fixed(window)) => window.take(self.now).passes,
            Some(Limit::Log(log)) => log.take(self.now).passes,
            Some(Limit::Counter(counter)) => counter.take(self.now).passes,
        };
        let refused = if !passes {
            Some(Cause::RateLimit)
        } else if self.network.edges[edge as usize].bulkhead.is_some_and(|limit| state.bulkhead_used >= limit) {
            Some(Cause::Bulkhead)
        } else {
            None
        };
        match refused {
            Some(cause) => {
                // A refusal on this side says nothing about the target.
                if let (Some(breaker), Some(permit)) = (&mut state.breaker, permit) {
                    breaker.record(self.now, permit, Outcome::Ignored, 0, &mut draw(key, Purpose::Jitter));
                }
                Err(cause)
            }
            None => {
                state.bulkhead_used += 1;
                Ok(permit)
            }
        }
    }

    fn new_frame(&mut self, node: u32, call: u32, call_generation: u32, copy: u8, key: u64) -> u32 {
        let caller = &self.calls[call as usize];
        let inherited = if caller.parent == NONE {
            self.network.sources[caller.source as usize].class
        } else {
            self.frames[caller.parent as usize].class
        };
        let class = self.network.nodes[node as usize].class.max(inherited);
        let frame = Frame {
            generation: 0,
            node,
            place: NONE,
            call,
            call_generation,
            copy,
            class,
            phase: Phase::Travelling,
            cancelled: false,
            lost: false,
            serving: false,
            failed: None,
            step: 0,
            pending: 0,
            needed: 0,
            undoing: false,
            released: false,
            instance: NONE,
            version: 0,
            arrived: self.now,
            key,
        };
        match self.free_frames.pop() {
            Some(slot) => {
                let generation = self.frames[slot as usize].generation;
                self.frames[slot as usize] = Frame { generation, ..frame };
                slot
            }
            None => {
                self.overloaded |= self.frames.len() >= FRAMES_MAX;
                self.frames.push(frame);
                self.frames.len() as u32 - 1
            }
        }
    }

    pub(super) fn free_frame(&mut self, slot: u32) {
        let frame = &mut self.frames[slot as usize];
        if let Some(tracer) = &mut self.tracer {
            let now = self.now;
            let failed = frame.failed;
            tracer.frame((slot, frame.generation), |seen| {
                (seen.end, seen.failed) = (Some(now), seen.failed.or(failed));
            });
        }
        frame.phase = Phase::Free;
        frame.generation = (frame.generation + 1) & GENERATION_MASK;
        self.free_frames.push(slot);
    }

    /// The answer of a frame has travelled back. The frame itself is kept until then.
    pub(super) fn returned(&mut self, slot: u32, generation: u32) {
        let frame = self.frames[slot as usize];
        if frame.generation != generation {
            return;
        }
        self.free_frame(slot);
        let result = frame.failed.map_or(Ok(()), Err);
        if frame.call != NONE {
            self.answered(frame.call, frame.call_generation, frame.copy, result);
        }
    }

    /// A try has a result.
    pub(super) fn answered(&mut self, slot: u32, generation: u32, copy: u8, result: Result<(), Cause>) {
        let call = &self.calls[slot as usize];
        if call.generation != generation || !call.alive {
            return;
        }
        if copy == u8::MAX {
            self.end_call(slot, result);
            return;
        }
        let refused = copy & REFUSED != 0;
        let copy = (copy & !REFUSED) as usize;
        if !refused {
            if !call.is_live(copy) {
                return;
            }
            let outcome = if result.is_ok() { Outcome::Success } else { Outcome::Failure };
            self.close_try(slot, copy, outcome);
        }
        match result {
            Ok(()) => {
                let call = &self.calls[slot as usize];
                let (edge, guard, took) = (call.edge, call.guard, self.now - call.started);
                let guard = self.guard(edge, guard);
                if let Some(Budget::Tokens(budget)) = &mut guard.budget {
                    budget.succeeded();
                }
                if copy == 0
                    && let Some(hedging) = &mut guard.hedging
                {
                    hedging.observed(took);
                }
                self.end_call(slot, Ok(()));
            }
            Err(cause) => self.try_failed(slot, cause, refused),
        }
    }

    /// Takes a try off the caller's books.
    fn close_try(&mut self, slot: u32, copy: usize, outcome: Outcome) {
        let call = &mut self.calls[slot as usize];
        call.live &= !(1 << copy);
        let one = &mut self.tries[slot as usize][copy];
        let (permit, took) = (one.permit.take(), self.now - one.started);
        let key = call.key;
        let keeper = self.edges[call.edge as usize].keeper;
        let state = &mut self.edges[keeper].guards[call.guard as usize];
        state.bulkhead_used = state.bulkhead_used.saturating_sub(1);
        if let (Some(breaker), Some(permit)) = (&mut state.breaker, permit) {
            breaker.record(self.now, permit, outcome, took, &mut draw(key, Purpose::Jitter));
            state.times.settle(self.now, Some(breaker));
        }
    }

    /// Decides what follows a failed try.
    fn try_failed(&mut self, slot: u32, cause: Cause, refused: bool) {
        let call = &mut self.calls[slot as usize];
        if call.live != 0 {
            return;
        }
        let (edge, generation, guard) = (call.edge as usize, call.generation, call.guard as usize);
        let description = &self.network.edges[edge];
        let keeper = self.edges[edge].keeper;
        let budget = &mut self.edges[keeper].guards[guard].budget;
        if let Some(Budget::Failures(budget)) = budget {
            budget.failed();
        }
        if let Some(persistence) = description.persistence {
            let mut random = draw(below(call.key, u64::from(call.attempts)), Purpose::Jitter);
            if random.unit() < persistence.probability {
                let wait = (exponential(&mut random) / persistence.rate * SECOND as f64) as Nanos;
                self.events.push(Event::new(self.now + wait, Kind::Retry, generation, slot));
                return;
            }
        }
        if let Some(retry) = &description.retry {
            let failure = if refused { Failure::Final } else { Failure::Retryable };
            let mut random = draw(below(call.key, u64::from(call.attempts)), Purpose::Jitter);
            let pay = || match budget {
                Some(Budget::Tokens(budget)) => budget.withdraw(),
                Some(Budget::Failures(budget)) => budget.allows(),
                None => true,
            };
            let made = call.retry.made() as usize;
            let mut decision = call.retry.failed(retry, self.now, failure, 0, pay, &mut random);
            if let (Decision::After(wait), Some(last)) = (&mut decision, description.schedule.last()) {
                *wait = *description.schedule.get(made - 1).unwrap_or(last);
            }
            match decision {
                Decision::After(0) => {
                    self.send(slot);
                    return;
                }
                Decision::After(wait) => {
                    self.events.push(Event::new(self.now.saturating_add(wait), Kind::Retry, generation, slot));
                    return;
                }
                Decision::GiveUp(_) => {}
            }
        }
        self.end_call(slot, Err(cause));
    }

    pub(super) fn retry_now(&mut self, slot: u32, generation: u32) {
        let call = &self.calls[slot as usize];
        if call.alive && call.generation == generation {
            self.send(slot);
        }
    }

    pub(super) fn hedge_now(&mut self, slot: u32, generation: u32) {
        let call = &self.calls[slot as usize];
        if !call.alive || call.generation != generation || call.live == 0 {
            return;
        }
        let edge = call.edge as usize;
        let sent = u32::from(call.hedges);
        let keeper = self.edges[edge].keeper;
        let Some(hedging) = &mut self.edges[keeper].guards[call.guard as usize].hedging else { return };
        if call.live == ALL_LIVE || !hedging.hedges(sent) {
            return;
        }
        self.calls[slot as usize].hedges += 1;
        if self.now >= self.span.warmup {
            self.record.edges[edge].hedges += 1;
        }
        self.send(slot);
    }

    /// The timer of one try, which is known by its frame.
    pub(super) fn timed_out(&mut self, slot: u32, generation: u32) {
        let frame = self.frames[slot as usize];
        if frame.generation != generation || frame.call == NONE {
            return;
        }
        let call = &self.calls[frame.call as usize];
        let copy = frame.copy as usize;
        let one = &self.tries[frame.call as usize][copy];
        let waits = call.alive
            && call.generation == frame.call_generation
            && call.is_live(copy)
            && (one.frame, one.frame_generation) == (slot, generation);
        if !waits {
            return;
        }
        self.close_try(frame.call, copy, Outcome::Failure);
        self.abandon(slot);
        self.try_failed(frame.call, Cause::Timeout, false);
    }

    /// All tries together have taken too long.
    pub(super) fn deadline(&mut self, slot: u32, generation: u32) {
        let call = &self.calls[slot as usize];
        if !call.alive || call.generation != generation {
            return;
        }
        for copy in 0..COPIES_MAX {
            if self.calls[slot as usize].is_live(copy) {
                let one = self.tries[slot as usize][copy];
                let (frame, frame_generation) = (one.frame, one.frame_generation);
                self.close_try(slot, copy, Outcome::Failure);
                if self.frames[frame as usize].generation == frame_generation {
                    self.abandon(frame);
                }
            }
        }
        self.end_call(slot, Err(Cause::Timeout));
    }

    /// Nobody waits for a frame any more.
    fn abandon(&mut self, slot: u32) {
        let frame = &mut self.frames[slot as usize];
        if let Some(tracer) = &mut self.tracer {
            let now = self.now;
            tracer.frame((slot, frame.generation), |seen| seen.given_up = Some(now));
        }
        let edge = self.calls[frame.call as usize].edge as usize;
        frame.call = NONE;
        match self.network.edges[edge].cancel {
            _ if frame.lost => self.free_frame(slot),
            Cancel::Never => {}
            Cancel::AtDequeue => frame.cancelled = true,
            Cancel::Abort => self.abort(slot),
        }
    }

    /// A call is over.
    fn end_call(&mut self, slot: u32, result: Result<(), Cause>) {
        for copy in 0..COPIES_MAX {
            if self.calls[slot as usize].is_live(copy) {
                let one = self.tries[slot as usize][copy];
                // The loser of a hedge says nothing about the target.
                self.close_try(slot, copy, Outcome::Ignored);
                let frame = &mut self.frames[one.frame as usize];
                if frame.generation == one.frame_generation {
                    if let Some(tracer) = &mut self.tracer {
                        let now = self.now;
                        tracer.frame((one.frame, one.frame_generation), |seen| seen.given_up = Some(now));
                    }
                    frame.call = NONE;
                    match self.network.edges[self.calls[slot as usize].edge as usize].cancel {
                        Cancel::Abort => self.abort(one.frame),
                        Cancel::AtDequeue => frame.cancelled = true,
                        Cancel::Never => {}
                    }
                }
            }
        }
        let call = self.calls[slot as usize];
        if let Some(tracer) = &mut self.tracer {
            tracer.ended((slot, call.generation), self.now, result);
        }
        self.calls[slot as usize].alive = false;
        self.calls[slot as usize].generation = (call.generation + 1) & GENERATION_MASK;
        self.free_calls.push(slot);
        self.land(&call, result);
        let description = &self.network.edges[call.edge as usize];
        let (result, degraded) = match result {
            Err(_) if description.fallback => (Ok(()), true),
            result => (result, false),
        };
        let took = self.now - call.started;
        if self.now >= self.span.warmup {
            let record = &mut self.record.edges[call.edge as usize];
            record.failures += u64::from(result.is_err() || degraded);
            if self.detail.hops {
                record.times.record(took);
            }
        }
        let since = &mut self.edges[call.edge as usize].since;
        since[1] += 1;
        since[2] += u32::from(result.is_err() || degraded);
        if call.parent != NONE {
            let current = self.frames[call.parent as usize].step == call.parent_step;
            if current && !description.asynchronous {
                self.call_ended(call.parent, call.parent_generation, result);
            }
            return;
        }
        self.request_ended(&call, result, degraded);
    }

    /// What a call brings home for its cache and for those that wait for the same.
    fn land(&mut self, call: &Call, result: Result<(), Cause>) {
        let keeper = self.edges[call.edge as usize].keeper;
        let state = &mut self.edges[keeper];
        let Some(cache) = &mut state.cache else { return };
        if result.is_ok() && call.attempts > 0 {
            // Not what picked the key: entries of one key would all live equally long.
            let random = &mut draw(below(call.key, 0xF111), Purpose::Cache);
            let version = state.versions.get_mut(call.cache_key as usize);
            match version {
                Some(version) if call.writes => {
                    *version += 1;
                    let on_write = self.network.edges[call.edge as usize].cache.as_ref().map(|cache| cache.on_write);
                    match on_write.unwrap_or_default() {
                        OnWrite::Nothing => {}
                        OnWrite::Invalidate => drop(cache.invalidate(call.cache_key, *version)),
                        OnWrite::Update => drop(cache.fill(self.now, call.cache_key, *version, random)),
                    }
                }
                // What was read may have been written since: the cache refuses it if it knows.
                _ => drop(cache.fill(self.now, call.cache_key, call.read_version, random)),
            }
        }
        let (Some(flights), Some((key, number))) = (&mut state.flights, call.flight) else { return };
        flights.landed(key, number);
        for (slot, generation) in state.followers.remove(&number).unwrap_or_default() {
            self.replies.push_back((slot, generation, u8::MAX, result));
        }
    }

    fn request_ended(&mut self, call: &Call, result: Result<(), Cause>, degraded: bool) {
        let (source, started) = (call.source, call.started);
        let took = self.now - started;
        if self.now >= self.span.warmup {
            let record = &mut self.record.sources[source as usize];
            if record.slowest.is_none_or(|(most, _)| took > most) {
                record.slowest = Some((took, call.key));
            }
            match result {
                Ok(()) => {
                    record.ok.record(took);
                    record.degraded += u64::from(degraded);
                }
                Err(cause) => {
                    record.failed.record(took);
                    record.causes[cause as usize] += 1;
                }
            }
        }
        if let Some(series) = self.record.series.get_mut(source as usize) {
            // What a moment did to requests shows at the moment when they began.
            series.add(started, took, result.is_ok());
        }
        if result.is_ok() {
            let record = &mut self.record.sources[source as usize];
            record.last = record.last.max(self.now);
        }
        self.think(source);
    }
}

/// How long the way to the target takes this time.
fn hop(edge: &crate::network::Edge, key: u64) -> Nanos {
    match &edge.hop {
        None => edge.latency,
        Some(law) => law.sample_nanos(&mut draw(key, Purpose::Way)),
    }
}

/// Marks the result of a try that never went out.
const REFUSED: u8 = 0x40;
