//! Faults that begin and end, and replicas that come and go.

use super::{Engine, autoscale_sync};
use crate::events::{Event, Kind};
use crate::network::Effect;
use crate::random::{Purpose, below, draw};
use loko_policy::autoscale::Seen;

impl Engine<'_> {
    pub(super) fn fault(&mut self, at: u32, begins: bool) {
        match &self.network.faults[at as usize].effect {
            Effect::Slow(station, factor) => {
                let factor = if begins { *factor } else { 1.0 };
                self.each_place(*station, |place| place.slow = factor);
            }
            Effect::Fail(station, chance) => {
                let chance = if begins { *chance } else { 0.0 };
                self.each_place(*station, |place| place.failure = chance);
            }
            Effect::Crash(station) => self.each_place(*station, |place| place.crashed = begins),
            Effect::Stop(station) => self.each_place(*station, |place| place.stopped = begins),
            Effect::Kill(station, share) => {
                let share = if begins { *share } else { 0.0 };
                self.each_place(*station, |place| place.killed = (f64::from(place.servers) * share) as u32);
            }
            Effect::Lose(edge, share) => self.edges[*edge as usize].loss = if begins { *share } else { 0.0 },
            Effect::Poison(station, share) => {
                let share = if begins { *share } else { 0.0 };
                self.each_place(*station, |place| place.poison = share);
            }
            Effect::Spike(source, factor) => {
                self.sources[*source as usize].factor = if begins { *factor } else { 1.0 };
            }
            Effect::Release(station, release) if begins => self.release_version(*station, release),
            Effect::Release(..) => {}
            Effect::Spot(_, spot) => {
                if begins {
                    let mut random = draw(below(self.record.seed_of(u32::MAX), u64::from(at)), Purpose::Release);
                    self.next_interruption(at, spot, &mut random);
                }
            }
            Effect::Flush(edge) => {
                let keeper = self.edges[*edge as usize].keeper;
                if let Some(cache) = self.edges[keeper].cache.as_mut().filter(|_| begins) {
                    cache.flush();
                }
            }
        }
    }

    fn each_place(&mut self, station: u32, change: impl Fn(&mut super::Place)) {
        let first = self.groups[station as usize].first;
        for place in first..first + self.network.stations[station as usize].copies {
            self.places[place as usize].settle(self.now);
            change(&mut self.places[place as usize]);
            self.wake(place);
        }
    }

    /// The autoscaler looks.
    pub(super) fn scale(&mut self, station: u32) {
        let Some(scaling) = &self.network.stations[station as usize].scaling else { return };
        let group = &mut self.groups[station as usize];
        let place = group.first as usize;
        self.places[place].settle(self.now);
        let sync = autoscale_sync();
        let ready = group.pods.iter().filter(|from| **from <= self.now).count() as u32;
        let busy = self.places[place].busy_time - self.places[place].looked;
        self.places[place].looked = self.places[place].busy_time;
        let capacity = f64::from(self.places[place].servers.max(1)) * sync as f64;
        let seen = Seen { pods: group.pods.len() as u32, ready, utilization: (busy / capacity).max(0.0) };
        let Some(scaler) = &mut group.scaler else { return };
        let wanted = scaler.sync(self.now, seen) as usize;
        while group.pods.len() < wanted {
            group.pods.push(self.now + scaling.startup);
            self.events.push(Event::new(self.now + scaling.startup, Kind::Servers, 0, station));
        }
        // The newest go first.
        group.pods.truncate(wanted.max(1));
        self.servers_ready(station);
        self.events.push(Event::new(self.now + sync, Kind::Tick, 0, station));
    }

    /// The servers of replicas that are ready now.
    pub(super) fn servers_ready(&mut self, station: u32) {
        let Some(scaling) = &self.network.stations[station as usize].scaling else { return };
        let group = &self.groups[station as usize];
        let ready = group.pods.iter().filter(|from| **from <= self.now).count() as u32;
        let place = group.first;
        self.places[place as usize].settle(self.now);
        self.places[place as usize].servers = ready.max(1) * scaling.servers_each;
        self.wake(place);
    }
}
