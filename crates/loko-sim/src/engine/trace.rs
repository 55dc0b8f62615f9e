//! One request looked at in full: every call and every try that it comes to, with what each was doing when.
//!
//! A run is the same whether it is looked at or not, so a request is chosen when a first run is over (the slowest one)
//! and watched in a second run of the same seed. Nobody who is not watched pays for more than the question whether.

use super::{Cause, Engine};
use loko_policy::Nanos;
use std::collections::BTreeMap;

/// A call on an edge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TracedCall {
    /// The edge.
    pub edge: u32,
    /// The try, by its index in [`Trace::tries`], that made it; the request itself has none.
    pub parent: Option<usize>,
    /// When it began.
    pub start: Nanos,
    /// When its caller went on, and what came of it.
    pub end: Option<(Nanos, Result<(), Cause>)>,
}

/// A try of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TracedTry {
    /// The call, by its index in [`Trace::calls`].
    pub call: usize,
    /// When it was sent.
    pub start: Nanos,
    /// When it reached the target.
    pub arrived: Option<Nanos>,
    /// When work on it began.
    pub begun: Option<Nanos>,
    /// When that was done and calls to others began.
    pub served: Option<Nanos>,
    /// When the caller stopped waiting for it.
    pub given_up: Option<Nanos>,
    /// When it was over.
    pub end: Option<Nanos>,
    /// Why it failed.
    pub failed: Option<Cause>,
}

/// Everything that one request came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    /// The calls, in the order in which they began; the first is the request.
    pub calls: Vec<TracedCall>,
    /// The tries, in the order in which they were sent.
    pub tries: Vec<TracedTry>,
}

/// The most calls that are noted; a request that comes to more is cut there.
const CALLS_MAX: usize = 2_000;

/// Who is watched, and what was seen.
pub(super) struct Tracer {
    source: u32,
    key: u64,
    trace: Trace,
    calls: BTreeMap<(u32, u32), usize>,
    frames: BTreeMap<(u32, u32), usize>,
}

/// A slot of a slab with its generation.
type Slot = (u32, u32);

impl Tracer {
    /// A call begins. Only the request and what it comes to is noted.
    pub(super) fn call(&mut self, call: Slot, edge: u32, parent: Option<Slot>, (source, key): (u32, u64), now: Nanos) {
        let parent = match parent {
            Some(frame) => match self.frames.get(&frame) {
                Some(parent) => Some(*parent),
                None => return,
            },
            None if self.trace.calls.is_empty() && (source, key) == (self.source, self.key) => None,
            None => return,
        };
        if self.trace.calls.len() < CALLS_MAX {
            self.calls.insert(call, self.trace.calls.len());
            self.trace.calls.push(TracedCall { edge, parent, start: now, end: None });
        }
    }

    /// A try is sent; without a frame a policy has refused it.
    pub(super) fn sent(&mut self, call: Slot, frame: Result<Slot, Cause>, now: Nanos) {
        let Some(call) = self.calls.get(&call).copied() else { return };
        let mut one = TracedTry {
            call,
            start: now,
            arrived: None,
            begun: None,
            served: None,
            given_up: None,
            end: None,
            failed: None,
        };
        match frame {
            Ok(frame) => {
                self.frames.insert(frame, self.trace.tries.len());
            }
            Err(cause) => (one.end, one.failed) = (Some(now), Some(cause)),
        }
        self.trace.tries.push(one);
    }

    /// Something happens to a try.
    pub(super) fn frame(&mut self, frame: Slot, note: impl FnOnce(&mut TracedTry)) {
        if let Some(at) = self.frames.get(&frame) {
            note(&mut self.trace.tries[*at]);
        }
    }

    /// A call is over.
    pub(super) fn ended(&mut self, call: Slot, now: Nanos, result: Result<(), Cause>) {
        if let Some(at) = self.calls.remove(&call) {
            self.trace.calls[at].end = Some((now, result));
        }
    }

    fn is_over(&self) -> bool {
        self.trace.calls.first().is_some_and(|call| call.end.is_some())
    }
}

impl Engine<'_> {
    /// Watches one request, by the key that [`super::SourceRecord::slowest`] tells.
    pub fn watch(&mut self, source: u32, key: u64) {
        let trace = Trace::default();
        self.tracer = Some(Box::new(Tracer { source, key, trace, calls: BTreeMap::new(), frames: BTreeMap::new() }));
    }

    /// Whether who is watched has its answer.
    pub(super) fn is_watched_over(&self) -> bool {
        self.tracer.as_ref().is_some_and(|tracer| tracer.is_over())
    }

    /// What was seen.
    pub(super) fn take_trace(&mut self) -> Option<Trace> {
        self.tracer.take().map(|tracer| tracer.trace)
    }
}
