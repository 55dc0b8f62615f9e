//! The queue of future events: an implicit heap of four children a node, and lanes for timers of one constant delay.
//!
//! An event is 16 bytes compared as one number: time, then kind, then generation and slot. So events of the same
//! moment happen in the order of their kinds (completions before arrivals before timers), and runs repeat exactly.
//! Timers of one delay are made in the order in which they end, so a plain ring keeps them; only a lane's first is in
//! the heap. Nothing is ever searched for: what no longer counts carries an old generation and is skipped.

use loko_policy::Nanos;
use std::collections::VecDeque;

/// What happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
#[allow(missing_docs, reason = "the engine says what each does")]
pub enum Kind {
    Fault,
    Done,
    SharedDone,
    Reply,
    Deliver,
    Think,
    Arrival,
    Retry,
    Lane,
    Patience,
    Timeout,
    Hedge,
    Deadline,
    Tick,
    Servers,
    Warm,
    Expire,
    Batch,
    Check,
    Spot,
    Look,
}

const KINDS: [Kind; 32] = [
    Kind::Fault,
    Kind::Done,
    Kind::SharedDone,
    Kind::Reply,
    Kind::Deliver,
    Kind::Think,
    Kind::Arrival,
    Kind::Retry,
    Kind::Lane,
    Kind::Patience,
    Kind::Timeout,
    Kind::Hedge,
    Kind::Deadline,
    Kind::Tick,
    Kind::Servers,
    Kind::Warm,
    Kind::Expire,
    Kind::Batch,
    Kind::Check,
    Kind::Spot,
    Kind::Look,
    // As many as the bits of a kind can say, so that no event needs a check.
    Kind::Look,
    Kind::Look,
    Kind::Look,
    Kind::Look,
    Kind::Look,
    Kind::Look,
    Kind::Look,
    Kind::Look,
    Kind::Look,
    Kind::Look,
    Kind::Look,
];

/// The bits of a generation that an event carries.
pub const GENERATION_MASK: u32 = (1 << 24) - 1;

/// An event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Event(u128);

impl Event {
    /// An event about a slot.
    #[inline]
    pub fn new(time: Nanos, kind: Kind, generation: u32, slot: u32) -> Self {
        let low = u64::from(kind as u8) << 56 | u64::from(generation & GENERATION_MASK) << 32 | u64::from(slot);
        Self(u128::from(time) << 64 | u128::from(low))
    }

    /// When.
    #[inline]
    pub fn time(self) -> Nanos {
        (self.0 >> 64) as u64
    }

    /// What.
    #[inline]
    pub fn kind(self) -> Kind {
        KINDS[((self.0 as u64) >> 56 & 31) as usize]
    }

    /// Of which generation.
    #[inline]
    pub fn generation(self) -> u32 {
        ((self.0 as u64) >> 32) as u32 & GENERATION_MASK
    }

    /// About which slot.
    #[inline]
    pub fn slot(self) -> u32 {
        self.0 as u32
    }
}

/// Future events.
#[derive(Clone, Debug)]
pub struct Events {
    heap: Vec<Event>,
    /// One event beside the heap; [`NEVER`] when there is none.
    held: Event,
    lanes: Vec<Lane>,
}

/// After all others.
const NEVER: Event = Event(u128::MAX);

impl Default for Events {
    fn default() -> Self {
        Self { heap: Vec::new(), held: NEVER, lanes: Vec::new() }
    }
}

#[derive(Clone, Debug)]
struct Lane {
    delay: Nanos,
    waiting: VecDeque<Event>,
}

impl Events {
    /// The lane of a delay; made when there is none yet.
    pub fn lane(&mut self, delay: Nanos) -> u32 {
        if let Some(at) = self.lanes.iter().position(|lane| lane.delay == delay) {
            return at as u32;
        }
        self.lanes.push(Lane { delay, waiting: VecDeque::new() });
        self.lanes.len() as u32 - 1
    }

    /// Adds an event.
    #[inline]
    pub fn push(&mut self, event: Event) {
        let mut at = self.heap.len();
        self.heap.push(event);
        while at > 0 {
            let parent = (at - 1) / 4;
            if self.heap[parent] <= event {
                break;
            }
            self.heap[at] = self.heap[parent];
            at = parent;
        }
        self.heap[at] = event;
    }

    /// Adds an event of which there is always one to come, such as the next arrival: the earliest of them waits beside the
    /// heap, where it costs a comparison.
    #[inline]
    pub fn push_steady(&mut self, event: Event) {
        let later = event.max(self.held);
        self.held = event.min(self.held);
        if later != NEVER {
            self.push(later);
        }
    }

    /// Adds a timer that ends after its lane's delay.
    #[inline]
    pub fn push_lane(&mut self, lane: u32, now: Nanos, kind: Kind, generation: u32, slot: u32) {
        let row = &mut self.lanes[lane as usize];
        let event = Event::new(now.saturating_add(row.delay), kind, generation, slot);
        let first = row.waiting.is_empty();
        row.waiting.push_back(event);
        if first {
            self.push(Event::new(event.time(), Kind::Lane, 0, lane));
        }
    }

    /// Takes the next event out. Timers behind the first of a lane that are over already (most of them, since most calls are
    /// answered in time) never come to the heap.
    #[inline]
    pub fn pop(&mut self, is_over: impl Fn(Event) -> bool) -> Option<Event> {
        let top = self.pop_heap()?;
        if top.kind() != Kind::Lane {
            return Some(top);
        }
        let lane = &mut self.lanes[top.slot() as usize];
        let event = lane.waiting.pop_front();
        while lane.waiting.front().is_some_and(|next| is_over(*next)) {
            lane.waiting.pop_front();
        }
        if let Some(next) = lane.waiting.front() {
            let head = Event::new(next.time(), Kind::Lane, 0, top.slot());
            self.push(head);
        }
        event
    }

    #[inline]
    fn pop_heap(&mut self) -> Option<Event> {
        if self.held < self.heap.first().copied().unwrap_or(NEVER) {
            return Some(std::mem::replace(&mut self.held, NEVER));
        }
        let last = self.heap.pop()?;
        let Some(top) = self.heap.first().copied() else { return Some(last) };
        let length = self.heap.len();
        let mut at = 0;
        loop {
            let first = 4 * at + 1;
            if first >= length {
                break;
            }
            let mut least = first;
            for child in first + 1..(first + 4).min(length) {
                if self.heap[child] < self.heap[least] {
                    least = child;
                }
            }
            if self.heap[least] >= last {
                break;
            }
            self.heap[at] = self.heap[least];
            at = least;
        }
        self.heap[at] = last;
        Some(top)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn events_come_in_order_wherever_they_wait(delays in prop::collection::vec((0u64..50, 0usize..4), 1..300)) {
            let mut events = Events::default();
            let lanes = [events.lane(10), events.lane(25)];
            prop_assert_eq!(events.lane(10), lanes[0]);
            let (mut now, mut pending) = (0, 0);
            for (at, (delay, way)) in delays.into_iter().enumerate() {
                match way {
                    0 => events.push(Event::new(now + delay, Kind::Done, 0, at as u32)),
                    3 => events.push_steady(Event::new(now + delay, Kind::Arrival, 0, at as u32)),
                    way => events.push_lane(lanes[way - 1], now, Kind::Timeout, 0, at as u32),
                }
                pending += 1;
                if at % 2 == 1 {
                    let event = events.pop(|_| false).unwrap();
                    prop_assert!(event.time() >= now);
                    now = event.time();
                    pending -= 1;
                }
            }
            while let Some(event) = events.pop(|_| false) {
                prop_assert!(event.time() >= now);
                now = event.time();
                pending -= 1;
            }
            prop_assert_eq!(pending, 0);
        }
    }

    #[test]
    fn an_event_keeps_its_parts() {
        let event = Event::new(u64::MAX, Kind::Deadline, 0xAB_CDEF, u32::MAX);
        assert_eq!(
            (event.time(), event.kind(), event.generation(), event.slot()),
            (u64::MAX, Kind::Deadline, 0xAB_CDEF, u32::MAX)
        );
        for (at, kind) in KINDS.into_iter().enumerate().take(Kind::Look as usize + 1) {
            assert_eq!(kind as usize, at);
        }
    }
}
