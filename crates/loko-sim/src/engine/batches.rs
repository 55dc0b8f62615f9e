//! Work on several requests at once: the first waits for the others, for so long or until there are enough.
//!
//! One server works on a batch, once; all requests of it are done together. The first is the one that is served, the
//! others hang on to it.

use super::{Engine, Phase};
use crate::events::{Event, GENERATION_MASK, Kind};
use std::collections::BTreeMap;

/// What waits to be worked on together.
#[derive(Default)]
pub(super) struct Waiting {
    gathered: Vec<(u32, u32)>,
    /// Which gathering this is, so that an old timer is recognised.
    number: u32,
    /// Those that go with a frame that is at work or waits for a server.
    together: BTreeMap<u32, Vec<(u32, u32)>>,
}

impl Engine<'_> {
    /// A frame joins those that gather; true when they are to start now.
    pub(super) fn gather(&mut self, slot: u32, station: u32) {
        let Some(batch) = self.network.stations[station as usize].batch else { return };
        let frame = &mut self.frames[slot as usize];
        frame.phase = Phase::Waiting;
        let waiting = &mut self.groups[station as usize].batch;
        waiting.gathered.push((slot, frame.generation));
        if waiting.gathered.len() >= batch.size as usize {
            self.start_batch(station);
        } else if waiting.gathered.len() == 1 {
            let number = waiting.number;
            self.events.push(Event::new(self.now.saturating_add(batch.wait), Kind::Batch, number, station));
        }
    }

    /// The first has waited long enough.
    pub(super) fn batch_due(&mut self, station: u32, number: u32) {
        if self.groups[station as usize].batch.number == number {
            self.start_batch(station);
        }
    }

    fn start_batch(&mut self, station: u32) {
        let waiting = &mut self.groups[station as usize].batch;
        waiting.number = (waiting.number + 1) & GENERATION_MASK;
        let gathered = std::mem::take(&mut waiting.gathered);
        let frames = &self.frames;
        let mut alive = gathered.into_iter().filter(|(slot, generation)| {
            frames[*slot as usize].generation == *generation && frames[*slot as usize].phase == Phase::Waiting
        });
        let Some((first, _)) = alive.next() else { return };
        let others: Vec<(u32, u32)> = alive.collect();
        if self.now >= self.span.warmup {
            let record = &mut self.record.stations[station as usize];
            record.batches = (record.batches.0 + 1, record.batches.1 + 1 + others.len() as u64);
        }
        self.groups[station as usize].batch.together.insert(first, others);
        let place = self.frames[first as usize].place;
        self.admit_to_server(first, place);
    }

    /// Those that are done together with a frame, its own first.
    pub(super) fn those_with(&mut self, slot: u32, station: u32) -> Vec<(u32, u32)> {
        self.groups[station as usize].batch.together.remove(&slot).unwrap_or_default()
    }
}
