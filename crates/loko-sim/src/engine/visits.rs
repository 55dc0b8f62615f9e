//! Visits: arriving at a station, waiting, being served, calling others, answering.

use super::{Cause, Engine, NONE, Phase};
use crate::events::{Event, Kind};
use crate::network::{Discipline, Row, Shedding};
use crate::random::{Purpose, below, draw};
use loko_policy::{Nanos, Random, SECOND};
use std::cmp::Reverse;

impl Engine<'_> {
    /// A frame reaches its node.
    pub(super) fn arrive(&mut self, slot: u32, generation: u32) {
        let frame = &mut self.frames[slot as usize];
        if frame.generation != generation || frame.phase != Phase::Travelling {
            return;
        }
        frame.arrived = self.now;
        if let Some(tracer) = &mut self.tracer {
            let now = self.now;
            // A visit may go on to other nodes; it is at the last one.
            tracer.frame((slot, generation), |seen| (seen.arrived, seen.begun, seen.served) = (Some(now), None, None));
        }
        let node = &self.network.nodes[frame.node as usize];
        let Some(station) = node.station else {
            frame.phase = Phase::Serving;
            let work = node.service.sample_nanos(&mut draw(frame.key, Purpose::Service));
            self.note_begun(slot);
            if work == 0 {
                self.served(slot);
            } else {
                self.events.push(Event::new(self.now + work, Kind::Done, generation, slot));
            }
            return;
        };
        let place = self.pick(station, self.frames[slot as usize].key);
        self.frames[slot as usize].place = place;
        let counted = self.now >= self.span.warmup;
        self.record.stations[station as usize].arrived += u64::from(counted);
        let description = &self.network.stations[station as usize];
        let here = &mut self.places[place as usize];
        if here.crashed || here.available() == 0 {
            self.refuse(slot, Cause::Down);
            return;
        }
        if description.room.is_some_and(|room| here.inside >= room) {
            self.record.stations[station as usize].rejected += u64::from(counted);
            self.refuse(slot, Cause::Full);
            return;
        }
        if let Some(Shedding::Classes { room, share }) = description.shedding
            && self.frames[slot as usize].class > 0
            && f64::from(here.inside) >= share * f64::from(room)
        {
            self.record.stations[station as usize].shed += u64::from(counted);
            self.refuse(slot, Cause::Shed);
            return;
        }
        self.enter(place);
        if description.discipline == Discipline::Sharing {
            self.share(slot, place);
        } else if description.batch.is_some() {
            self.places[place as usize].waiting += 1;
            self.gather(slot, station);
        } else {
            self.take_or_wait(slot, place);
        }
    }

    /// A frame that is counted in has a server or waits.
    #[inline]
    fn take_or_wait(&mut self, slot: u32, place: u32) {
        let here = &mut self.places[place as usize];
        if !here.stopped && here.busy < here.available() {
            here.busy += 1;
            self.begin(slot, place);
        } else {
            self.wait(slot, place);
        }
    }

    /// A frame that was counted as waiting has a server or goes on waiting.
    pub(super) fn admit_to_server(&mut self, slot: u32, place: u32) {
        self.places[place as usize].settle(self.now);
        self.places[place as usize].waiting -= 1;
        self.take_or_wait(slot, place);
    }

    fn pick(&mut self, station: u32, key: u64) -> u32 {
        let group = &mut self.groups[station as usize];
        let description = &self.network.stations[station as usize];
        if description.copies == 1 {
            return group.first;
        }
        if !group.owners.is_empty() {
            let item = super::zipf_key(&group.keys, key);
            return group.first + group.owners[item as usize];
        }
        let (first, places) = (group.first, &self.places);
        let load = |copy: u32| places[(first + copy) as usize].inside;
        first + group.balancer.pick_any(load, &mut draw(key, Purpose::Balance)).unwrap_or(0)
    }

    /// Counts a request in.
    #[inline]
    fn enter(&mut self, place: u32) {
        let here = &mut self.places[place as usize];
        here.settle(self.now);
        here.inside += 1;
        let (station, inside) = (here.station as usize, here.inside);
        if self.network.stations[station].copies > 1 {
            self.groups[station].moved(self.now, inside - 1, inside);
        }
    }

    /// Counts a request out.
    #[inline]
    fn exit(&mut self, place: u32) {
        let here = &mut self.places[place as usize];
        here.settle(self.now);
        here.inside -= 1;
        let (station, inside) = (here.station as usize, here.inside);
        if self.network.stations[station].copies > 1 {
            self.groups[station].moved(self.now, inside + 1, inside);
        }
    }

    /// Work on a frame begins, for who looks at it.
    #[inline]
    fn note_begun(&mut self, slot: u32) {
        if let Some(tracer) = &mut self.tracer {
            let now = self.now;
            tracer.frame((slot, self.frames[slot as usize].generation), |seen| seen.begun = Some(now));
        }
    }

    fn refuse(&mut self, slot: u32, cause: Cause) {
        let frame = self.frames[slot as usize];
        if let Some(tracer) = &mut self.tracer {
            tracer.frame((slot, frame.generation), |seen| seen.failed = Some(cause));
        }
        self.free_frame(slot);
        if frame.call != NONE {
            self.replies.push_back((frame.call, frame.call_generation, frame.copy, Err(cause)));
        }
    }

    fn wait(&mut self, slot: u32, place: u32) {
        let frame = &mut self.frames[slot as usize];
        frame.phase = Phase::Waiting;
        let here = &mut self.places[place as usize];
        here.waiting += 1;
        let station = &self.network.stations[here.station as usize];
        let class = if station.discipline == Discipline::Priority { frame.class as usize } else { 0 };
        while here.queues.len() <= class {
            here.queues.push(std::collections::VecDeque::new());
        }
        here.queues[class].push_back((slot, frame.generation));
        if let Some(patience) = &station.patience {
            let time = patience.sample_nanos(&mut draw(frame.key, Purpose::Patience));
            self.events.push(Event::new(self.now.saturating_add(time), Kind::Patience, frame.generation, slot));
        }
    }

    pub(super) fn impatient(&mut self, slot: u32, generation: u32) {
        let frame = &self.frames[slot as usize];
        if frame.generation != generation || frame.phase != Phase::Waiting {
            return;
        }
        let place = frame.place;
        let station = self.places[place as usize].station as usize;
        if self.now >= self.span.warmup {
            self.record.stations[station].abandoned += 1;
        }
        self.leave_queue(place);
        self.refuse(slot, Cause::Abandoned);
    }

    /// Counts a waiting request out; its entry in the queue is skipped later.
    fn leave_queue(&mut self, place: u32) {
        self.exit(place);
        self.places[place as usize].waiting -= 1;
    }

    /// A server begins with a frame.
    #[inline]
    fn begin(&mut self, slot: u32, place: u32) {
        let frame = &mut self.frames[slot as usize];
        frame.phase = Phase::Serving;
        frame.serving = true;
        let here = &self.places[place as usize];
        let node = &self.network.nodes[frame.node as usize];
        let mut work = node.service.sample_nanos(&mut draw(frame.key, Purpose::Service));
        if here.slow != 1.0 {
            work = (work as f64 * here.slow) as Nanos;
        }
        let (generation, station, key) = (frame.generation, here.station, frame.key);
        if let Some(tracer) = &mut self.tracer {
            let now = self.now;
            tracer.frame((slot, generation), |seen| seen.begun = Some(now));
        }
        let group = &mut self.groups[station as usize];
        if let Some(copies) = &mut group.elastic {
            let (number, cold) = copies.take(self.now);
            frame.instance = number;
            if cold && let Some(elastic) = &self.network.stations[station as usize].elastic {
                let random = &mut draw(key, Purpose::Service);
                work = elastic.cold.as_ref().map_or(work, |cold| cold.sample_nanos(random)) + elastic.startup;
            }
        }
        if group.release.is_some() {
            let (released, slow) = self.version_of(station, key);
            self.frames[slot as usize].released = released;
            work = (work as f64 * slow) as Nanos;
        }
        let frame = &self.frames[slot as usize];
        if self.now >= self.span.warmup {
            let record = &mut self.record.stations[station as usize];
            let waited = self.now - frame.arrived;
            record.wait.record(waited);
            record.waited += u64::from(waited > 0);
        }
        self.events.push(Event::new(self.now + work, Kind::Done, generation, slot));
    }

    /// Gives a free server the next who waits.
    fn next(&mut self, place: u32) {
        while {
            let here = &self.places[place as usize];
            here.waiting > 0 && !here.stopped && here.busy < here.available()
        } {
            let Some(slot) = self.dequeue(place) else { return };
            self.places[place as usize].settle(self.now);
            self.places[place as usize].waiting -= 1;
            if self.frames[slot as usize].cancelled {
                let station = self.places[place as usize].station as usize;
                self.record.stations[station].dropped += u64::from(self.now >= self.span.warmup);
                self.exit(place);
                self.free_frame(slot);
                continue;
            }
            if self.waited_too_long(slot, place) {
                continue;
            }
            self.places[place as usize].busy += 1;
            self.begin(slot, place);
        }
    }

    /// Whether who is next waited so long that it is dropped to save the rest.
    fn waited_too_long(&mut self, slot: u32, place: u32) -> bool {
        let here = &mut self.places[place as usize];
        let (empty, station) = (here.waiting == 0, here.station as usize);
        let Some(codel) = &mut here.codel else { return false };
        let drops = codel.drops(self.now, self.now - self.frames[slot as usize].arrived, empty);
        if drops {
            self.record.stations[station].shed += u64::from(self.now >= self.span.warmup);
            self.exit(place);
            self.refuse(slot, Cause::Shed);
        }
        drops
    }

    /// The next who still waits.
    fn dequeue(&mut self, place: u32) -> Option<u32> {
        let here = &mut self.places[place as usize];
        let lifo = self.network.stations[here.station as usize].discipline == Discipline::Lifo;
        for queue in &mut here.queues {
            while let Some((slot, generation)) = if lifo { queue.pop_back() } else { queue.pop_front() } {
                let frame = &self.frames[slot as usize];
                if frame.generation == generation && frame.phase == Phase::Waiting {
                    return Some(slot);
                }
            }
        }
        None
    }

    /// A server has done a frame's own work.
    #[inline]
    pub(super) fn done(&mut self, slot: u32, generation: u32) {
        let frame = &self.frames[slot as usize];
        if frame.generation == generation && frame.phase == Phase::Serving {
            let place = frame.place;
            if place != NONE {
                let station = self.places[place as usize].station;
                if self.network.stations[station as usize].batch.is_some() {
                    self.batch_done(slot, place, station);
                }
            }
            self.served(slot);
        }
    }

    /// What was worked on together with a frame is done too.
    fn batch_done(&mut self, slot: u32, place: u32, station: u32) {
        for (other, generation) in self.those_with(slot, station) {
            let frame = &mut self.frames[other as usize];
            if frame.generation != generation || frame.phase != Phase::Waiting {
                continue;
            }
            let waited = self.now - frame.arrived;
            frame.phase = Phase::Serving;
            self.leave_queue(place);
            if self.now >= self.span.warmup {
                self.record.stations[station as usize].wait.record(waited);
            }
            self.served(other);
        }
    }

    fn served(&mut self, slot: u32) {
        let frame = &mut self.frames[slot as usize];
        if let Some(tracer) = &mut self.tracer {
            let now = self.now;
            tracer.frame((slot, frame.generation), |seen| seen.served = Some(now));
        }
        let node = &self.network.nodes[frame.node as usize];
        let injected = if frame.place == NONE { 0.0 } else { self.places[frame.place as usize].failure };
        if node.failure > 0.0 || injected > 0.0 {
            let chance = 1.0 - (1.0 - node.failure) * (1.0 - injected);
            frame.failed = (draw(frame.key, Purpose::Failure).unit() < chance).then_some(Cause::Error);
        }
        let poison = if frame.place == NONE { 0.0 } else { self.places[frame.place as usize].poison };
        if poison > 0.0 {
            // Drawn for the call, so that every try of it meets the same.
            let call = self.calls.get(frame.call as usize).filter(|call| call.generation == frame.call_generation);
            let key = call.map_or(frame.key, |call| call.key);
            if draw(below(key, 0xBAD), Purpose::Failure).unit() < poison {
                frame.failed = Some(Cause::Error);
            }
        }
        if frame.place != NONE {
            let station = self.places[frame.place as usize].station;
            if self.groups[station as usize].release.is_some() {
                let (key, released) = (frame.key, frame.released);
                if self.version_fails(station, key, released) {
                    self.frames[slot as usize].failed = Some(Cause::Error);
                }
            }
        }
        if let Some(row) = node.row {
            self.touch(slot, row);
        }
        let frame = &mut self.frames[slot as usize];
        if frame.failed.is_some() || node.steps.is_empty() {
            self.complete(slot);
            return;
        }
        if !node.holds {
            self.release(slot);
        }
        self.frames[slot as usize].phase = Phase::Calling;
        self.frames[slot as usize].step = 0;
        self.run_step(slot);
    }

    /// Reads or writes a versioned row.
    fn touch(&mut self, slot: u32, row: Row) {
        let frame = &self.frames[slot as usize];
        let Some(call) = self.calls.get(frame.call as usize).filter(|call| call.generation == frame.call_generation)
        else {
            return;
        };
        let (parent, generation) = (call.parent, call.parent_generation);
        let Some(caller) = self.frames.get_mut(parent as usize).filter(|caller| caller.generation == generation) else {
            return;
        };
        match row {
            Row::Read(row) => caller.version = self.rows[row as usize],
            Row::Write(row) if caller.version == self.rows[row as usize] => self.rows[row as usize] += 1,
            Row::Write(_) => self.frames[slot as usize].failed = Some(Cause::Conflict),
        }
    }

    /// Starts the calls of the current step, or answers after the last one.
    fn run_step(&mut self, slot: u32) {
        loop {
            let frame = self.frames[slot as usize];
            let node = &self.network.nodes[frame.node as usize];
            if frame.undoing {
                if self.undo_step(slot) {
                    return;
                }
                continue;
            }
            let Some(step) = node.steps.get(frame.step as usize) else {
                if self.now >= self.span.warmup {
                    self.record.nodes[frame.node as usize].completed += 1;
                }
                self.complete(slot);
                return;
            };
            let step_key = below(frame.key, 0x5000 + u64::from(frame.step));
            let mut starts = 0u16;
            let mut waits = 0u16;
            let chosen = step.chances.as_ref().map(|chances| choose(chances, step_key));
            let mine = |at: usize| chosen.is_none_or(|chosen| chosen == Some(at));
            for (at, edge) in step.edges.iter().enumerate().filter(|(at, _)| mine(*at)) {
                let count = self.how_many(*edge, below(step_key, at as u64));
                starts += count;
                if !self.network.edges[*edge as usize].asynchronous {
                    waits += count;
                }
            }
            let current = &mut self.frames[slot as usize];
            current.pending = waits;
            current.needed = step.need.map_or(waits, |need| (need as u16).min(waits));
            let generation = current.generation;
            if starts > 0 {
                for (at, edge) in step.edges.iter().enumerate().filter(|(at, _)| mine(*at)) {
                    let call_key = below(step_key, at as u64);
                    for number in 0..self.how_many(*edge, call_key) {
                        self.start_call(*edge, slot, generation, 0, below(call_key, u64::from(number)));
                    }
                }
            }
            if waits > 0 {
                return;
            }
            let current = &mut self.frames[slot as usize];
            if current.generation != generation {
                return;
            }
            current.step += 1;
        }
    }

    /// How many calls an edge makes this time.
    fn how_many(&self, edge: u32, key: u64) -> u16 {
        let calls = self.network.edges[edge as usize].calls;
        let whole = calls as u16;
        let rest = calls - f64::from(whole);
        whole + u16::from(rest > 0.0 && draw(key, Purpose::Call).unit() < rest)
    }

    /// A call of a frame has ended.
    pub(super) fn call_ended(&mut self, slot: u32, generation: u32, result: Result<(), Cause>) {
        let frame = &mut self.frames[slot as usize];
        if frame.generation != generation || frame.phase != Phase::Calling || frame.pending == 0 {
            return;
        }
        frame.pending -= 1;
        if result.is_ok() {
            frame.needed = frame.needed.saturating_sub(1);
        }
        if frame.needed == 0 {
            // Calls that are not needed any more run on, but nobody waits for them.
            frame.pending = 0;
            if !frame.undoing {
                frame.step += 1;
            }
            self.run_step(slot);
        } else if frame.undoing {
            // Its own policies have tried; what is left is for a human, and the rest is undone all the same.
            frame.pending = 0;
            let record = &mut self.record.nodes[frame.node as usize];
            record.half_done += u64::from(self.now >= self.span.warmup);
            self.run_step(slot);
        } else if frame.needed > frame.pending {
            frame.failed = result.err();
            // What else was called runs on, but nobody waits for it.
            frame.pending = 0;
            self.step_failed(slot);
        }
    }

    /// A step failed: what was done before is undone in reverse, where that is stated.
    fn step_failed(&mut self, slot: u32) {
        let counted = self.now >= self.span.warmup;
        let frame = &mut self.frames[slot as usize];
        let node = &self.network.nodes[frame.node as usize];
        let record = &mut self.record.nodes[frame.node as usize];
        if frame.step > 0 && !node.undo.is_empty() {
            frame.undoing = true;
            record.undone += u64::from(counted);
            self.run_step(slot);
            return;
        }
        record.half_done += u64::from(counted && frame.step > 0);
        frame.step = u16::MAX;
        self.complete(slot);
    }

    /// Undoes the step before the current one; true when a call is under way or all is over.
    fn undo_step(&mut self, slot: u32) -> bool {
        let frame = &mut self.frames[slot as usize];
        let node = &self.network.nodes[frame.node as usize];
        if frame.step == 0 {
            frame.step = u16::MAX;
            self.complete(slot);
            return true;
        }
        let before = frame.step - 1;
        match node.undo.get(before as usize).copied().flatten() {
            None => {
                frame.step = before;
                false
            }
            Some(edge) => {
                (frame.pending, frame.needed) = (1, 1);
                let (generation, key) = (frame.generation, below(frame.key, 0xBAC0 + u64::from(before)));
                frame.step = before;
                self.start_call(edge, slot, generation, 0, below(key, self.now));
                true
            }
        }
    }

    /// A frame is done with everything: it goes on to another node or answers.
    fn complete(&mut self, slot: u32) {
        self.release(slot);
        let frame = self.frames[slot as usize];
        let node = &self.network.nodes[frame.node as usize];
        if let Some(station) = node.station
            && self.now >= self.span.warmup
        {
            let record = &mut self.record.stations[station as usize];
            if self.detail.hops {
                record.sojourn.record(self.now - frame.arrived);
            }
            record.wasted += u64::from(frame.call == NONE);
        }
        if !node.next.is_empty() && frame.failed.is_none() {
            let mut left = draw(frame.key, Purpose::Route).unit();
            let chosen = node.next.iter().find(|(chance, _)| {
                left -= chance;
                left < 0.0
            });
            if let Some((_, next)) = chosen {
                let current = &mut self.frames[slot as usize];
                current.node = *next;
                current.place = NONE;
                current.phase = Phase::Travelling;
                current.step = 0;
                current.key = below(frame.key, 0x7E57);
                current.class = self.network.nodes[*next as usize].class.max(frame.class);
                self.arrive(slot, frame.generation);
                return;
            }
        }
        if frame.call == NONE {
            self.free_frame(slot);
            return;
        }
        let edge = &self.network.edges[self.calls[frame.call as usize].edge as usize];
        let latency = match &edge.hop {
            None => edge.latency,
            Some(law) => law.sample_nanos(&mut draw(below(frame.key, 0xBAC), Purpose::Way)),
        };
        let current = self.calls[frame.call as usize].generation == frame.call_generation;
        if latency > 0 && current {
            self.frames[slot as usize].phase = Phase::Travelling;
            self.events.push(Event::new(self.now + latency, Kind::Reply, frame.generation, slot));
            return;
        }
        self.free_frame(slot);
        let result = frame.failed.map_or(Ok(()), Err);
        self.replies.push_back((frame.call, frame.call_generation, frame.copy, result));
    }

    /// Gives the server back, if the frame has one.
    fn release(&mut self, slot: u32) {
        let frame = &mut self.frames[slot as usize];
        if !std::mem::take(&mut frame.serving) {
            return;
        }
        let (place, instance) = (frame.place, std::mem::replace(&mut frame.instance, NONE));
        if instance != NONE {
            self.rest(self.places[place as usize].station, instance);
        }
        self.exit(place);
        if self.network.stations[self.places[place as usize].station as usize].discipline != Discipline::Sharing {
            self.places[place as usize].busy -= 1;
            self.next(place);
        }
    }

    /// Stops a frame at once.
    pub(super) fn abort(&mut self, slot: u32) {
        let frame = self.frames[slot as usize];
        match frame.phase {
            Phase::Free => return,
            Phase::Waiting => self.leave_queue(frame.place),
            Phase::Serving if frame.place != NONE && self.is_shared(frame.place) => {
                // It stays in the heap with an old generation and is skipped there.
                self.advance(frame.place);
                self.frames[slot as usize].serving = false;
                self.exit(frame.place);
                self.places[frame.place as usize].busy -= 1;
                self.free_frame(slot);
                self.schedule_shared(frame.place);
                return;
            }
            Phase::Serving | Phase::Calling | Phase::Travelling => self.release(slot),
        }
        self.free_frame(slot);
    }

    fn is_shared(&self, place: u32) -> bool {
        self.network.stations[self.places[place as usize].station as usize].discipline == Discipline::Sharing
    }

    /// A frame joins those that share the servers.
    fn share(&mut self, slot: u32, place: u32) {
        self.advance(place);
        let frame = &mut self.frames[slot as usize];
        frame.phase = Phase::Serving;
        frame.serving = true;
        let here = &mut self.places[place as usize];
        let node = &self.network.nodes[frame.node as usize];
        let work = node.service.sample(&mut draw(frame.key, Purpose::Service)) * here.slow;
        let end = here.virtual_time + work;
        // Work is not negative, so the bits of the sum have its order.
        here.shared.push(Reverse((end.to_bits(), slot, frame.generation)));
        here.busy += 1;
        self.note_begun(slot);
        self.schedule_shared(place);
    }

    /// Brings the work that everybody has had up to now.
    fn advance(&mut self, place: u32) {
        let here = &mut self.places[place as usize];
        here.settle(self.now);
        let time = (self.now - here.virtual_at) as f64 / SECOND as f64;
        if here.busy > 0 && !here.stopped {
            here.virtual_time += time * share_of(here.available(), here.busy);
        }
        here.virtual_at = self.now;
    }

    fn schedule_shared(&mut self, place: u32) {
        let frames = &self.frames;
        let here = &mut self.places[place as usize];
        while here
            .shared
            .peek()
            .is_some_and(|Reverse((_, slot, generation))| frames[*slot as usize].generation != *generation)
        {
            here.shared.pop();
        }
        here.shared_generation = here.shared_generation.wrapping_add(1) & crate::events::GENERATION_MASK;
        if let Some(Reverse((end, ..))) = here.shared.peek()
            && !here.stopped
        {
            let left = (f64::from_bits(*end) - here.virtual_time).max(0.0) / share_of(here.available(), here.busy);
            let at = self.now + (left * SECOND as f64 + 0.5) as Nanos;
            self.events.push(Event::new(at, Kind::SharedDone, here.shared_generation, place));
        }
    }

    /// The first of those that share the servers is done.
    pub(super) fn shared_done(&mut self, place: u32, generation: u32) {
        if self.places[place as usize].shared_generation != generation {
            return;
        }
        self.advance(place);
        let Some(Reverse((end, slot, _))) = self.places[place as usize].shared.pop() else { return };
        // Rounding to whole nanoseconds must not make the virtual clock drift.
        self.places[place as usize].virtual_time = f64::from_bits(end).max(self.places[place as usize].virtual_time);
        self.places[place as usize].busy -= 1;
        self.probe_size(slot, place);
        self.served(slot);
        self.schedule_shared(place);
    }

    /// Records the time of a request by the size of its work, where somebody asked for it.
    fn probe_size(&mut self, slot: u32, place: u32) {
        let frame = &self.frames[slot as usize];
        let record = &mut self.record.stations[self.places[place as usize].station as usize];
        if record.by_size.is_empty() || self.now < self.span.warmup {
            return;
        }
        let node = &self.network.nodes[frame.node as usize];
        let work = node.service.sample(&mut draw(frame.key, Purpose::Service));
        let time = (self.now - frame.arrived) as f64 / SECOND as f64;
        for probe in record.by_size.iter_mut().filter(|probe| probe.from <= work && work < probe.to) {
            probe.ratio += time / work;
            probe.count += 1;
        }
    }

    /// Asks for the times of requests by the size of their work.
    pub fn probe(&mut self, station: u32, from: f64, to: f64) {
        self.record.stations[station as usize].by_size.push(super::record::SizeProbe {
            from,
            to,
            ..Default::default()
        });
    }

    /// Servers may have become free without a request leaving.
    pub(super) fn wake(&mut self, place: u32) {
        if self.is_shared(place) {
            self.schedule_shared(place);
        } else {
            self.next(place);
        }
    }
}

/// Which of several calls is made.
fn choose(chances: &[f64], key: u64) -> Option<usize> {
    let mut left = draw(key, Purpose::Route).unit();
    chances.iter().position(|chance| {
        left -= chance;
        left < 0.0
    })
}

/// The share of a server that each of so many requests has.
fn share_of(servers: u32, busy: u32) -> f64 {
    (f64::from(servers) / f64::from(busy.max(1))).min(1.0)
}
