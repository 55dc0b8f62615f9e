//! Copies that come with requests and go when they have been idle for a while, as functions do.
//!
//! A request takes the idle copy that was made last, so that old ones can go; when there is none, a new copy is made and
//! the request pays for its start. Counting follows Mahmoudi and Khazaei, "SimFaaS", 2021.

use super::{Engine, StationRecord};
use crate::events::Kind;
use crate::network::Elastic;
use loko_policy::Nanos;
use std::collections::BTreeMap;

/// The copies of a station.
pub(super) struct Copies {
    /// Idle ones by number, which is the order in which they were made, with the time since when.
    idle: BTreeMap<u32, Nanos>,
    /// When each copy that is there was made.
    born: BTreeMap<u32, Nanos>,
    next: u32,
    keep: u32,
    delay: Nanos,
    lane: u32,
    changed: Nanos,
    integral: f64,
    cold: u64,
    lives: (u64, f64),
}

impl Copies {
    pub(super) fn new(elastic: &Elastic, lane: u32) -> Self {
        let warm: BTreeMap<u32, Nanos> = (0..elastic.keep).map(|number| (number, 0)).collect();
        Self {
            idle: warm.clone(),
            born: warm,
            next: elastic.keep,
            keep: elastic.keep,
            delay: elastic.idle,
            lane,
            changed: 0,
            integral: 0.0,
            cold: 0,
            lives: (0, 0.0),
        }
    }

    fn settle(&mut self, now: Nanos) {
        self.integral += now.saturating_sub(self.changed) as f64 * self.born.len() as f64;
        self.changed = now;
    }

    /// A copy for a request, and whether it is new.
    pub(super) fn take(&mut self, now: Nanos) -> (u32, bool) {
        if let Some((number, _)) = self.idle.pop_last() {
            return (number, false);
        }
        self.settle(now);
        let number = self.next;
        self.next = self.next.wrapping_add(1);
        self.born.insert(number, now);
        self.cold += 1;
        (number, true)
    }

    pub(super) fn clear(&mut self, now: Nanos) {
        self.settle(now);
        (self.integral, self.cold, self.lives) = (0.0, 0, (0, 0.0));
    }

    pub(super) fn tell(&mut self, end: Nanos, record: &mut StationRecord) {
        self.settle(end);
        (record.cold, record.instances, record.lives) = (self.cold, self.integral, self.lives);
    }
}

impl Engine<'_> {
    /// A copy has nothing to do any more.
    pub(super) fn rest(&mut self, station: u32, number: u32) {
        let Some(copies) = &mut self.groups[station as usize].elastic else { return };
        copies.idle.insert(number, self.now);
        let lane = copies.lane;
        self.events.push_lane(lane, self.now, Kind::Expire, station, number);
    }

    /// A copy may have been idle for so long that it goes.
    pub(super) fn expire(&mut self, station: u32, number: u32) {
        let Some(copies) = self.groups.get_mut(station as usize).and_then(|group| group.elastic.as_mut()) else {
            return;
        };
        let unused = copies.idle.get(&number).is_some_and(|since| since + copies.delay <= self.now);
        if unused && copies.born.len() > copies.keep as usize {
            copies.settle(self.now);
            copies.idle.remove(&number);
            if let Some(born) = copies.born.remove(&number) {
                copies.lives = (copies.lives.0 + 1, copies.lives.1 + (self.now - born) as f64);
            }
        }
    }
}
