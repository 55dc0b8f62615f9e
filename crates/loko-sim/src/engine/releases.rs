//! A new version that takes over a station, judged by the canary of `loko-policy` or not at all; and machines that are
//! taken away and come back.

use super::{Engine, StationRecord};
use crate::events::{Event, Kind};
use crate::network::{Effect, Release};
use crate::random::{Purpose, below, draw, exponential};
use loko_policy::canary::{Canary, Seen, State};
use loko_policy::{Nanos, Random, SECOND};

/// A release under way.
pub(super) struct Rollout {
    failure: f64,
    slow: f64,
    canary: Option<Canary>,
    began: Nanos,
    decided: Option<Nanos>,
    interval: Nanos,
    seen: Seen,
    released: (u64, u64),
}

impl Rollout {
    /// The share of requests that the new version answers.
    fn share(&self) -> f64 {
        self.canary.as_ref().map_or(1.0, |canary| f64::from(canary.weight()) / 100.0)
    }

    pub(super) fn tell(&self, record: &mut StationRecord) {
        record.released = self.released;
        if let (Some(canary), Some(decided)) = (&self.canary, self.decided) {
            record.rollouts = match canary.state() {
                State::Promoted => (1, 0),
                State::RolledBack => (0, 1),
                State::Weight(_) => (0, 0),
            };
            record.rollout_time = (decided - self.began) as f64 * 1e-9;
        }
    }
}

impl Engine<'_> {
    /// A release begins.
    pub(super) fn release_version(&mut self, station: u32, release: &Release) {
        let canary = release.canary.clone().and_then(|config| Canary::new(config).ok());
        let interval = release.canary.as_ref().map_or(0, |config| config.interval);
        if canary.is_some() {
            self.events.push(Event::new(self.now.saturating_add(interval), Kind::Check, 0, station));
        }
        self.groups[station as usize].release = Some(Rollout {
            failure: release.failure,
            slow: release.slow,
            canary,
            began: self.now,
            decided: None,
            interval,
            seen: Seen::default(),
            released: (0, 0),
        });
    }

    /// Whether the new version works on a frame that starts now, and how many times as long it takes.
    pub(super) fn version_of(&mut self, station: u32, key: u64) -> (bool, f64) {
        let Some(rollout) = &self.groups[station as usize].release else { return (false, 1.0) };
        let chosen = draw(key, Purpose::Release).unit() < rollout.share();
        (chosen, if chosen { rollout.slow } else { 1.0 })
    }

    /// Whether the work of a frame failed because of its version; counted for the judge.
    pub(super) fn version_fails(&mut self, station: u32, key: u64, released: bool) -> bool {
        let Some(rollout) = &mut self.groups[station as usize].release else { return false };
        if !released {
            rollout.seen.baseline_requests += 1;
            return false;
        }
        let fails = draw(below(key, 0xC0DE), Purpose::Release).unit() < rollout.failure;
        rollout.seen.requests += 1;
        rollout.seen.errors += u64::from(fails);
        rollout.released = (rollout.released.0 + 1, rollout.released.1 + u64::from(fails));
        fails
    }

    /// The judge looks at a release.
    pub(super) fn check_release(&mut self, station: u32) {
        let Some(rollout) = &mut self.groups[station as usize].release else { return };
        let Some(canary) = &mut rollout.canary else { return };
        let state = canary.check(std::mem::take(&mut rollout.seen));
        if matches!(state, State::Weight(_)) {
            self.events.push(Event::new(self.now.saturating_add(rollout.interval), Kind::Check, 0, station));
        } else {
            rollout.decided = Some(self.now);
        }
    }

    /// The machines of a fault: one is taken away (`generation` 1), or one is back (0).
    pub(super) fn spot(&mut self, fault: u32, generation: u32) {
        let Some(fault_at) = self.network.faults.get(fault as usize) else { return };
        let Effect::Spot(station, spot) = &fault_at.effect else { return };
        let (station, spot, until) = (*station, *spot, fault_at.to);
        let place = self.groups[station as usize].first;
        let here = &mut self.places[place as usize];
        here.settle(self.now);
        if generation == 0 {
            here.killed = here.killed.saturating_sub(spot.servers_each);
            self.wake(place);
            return;
        }
        if self.now > until {
            return;
        }
        let gone = here.killed / spot.servers_each.max(1);
        let mut random =
            draw(below(below(self.record.seed_of(u32::MAX), u64::from(fault)), self.now), Purpose::Release);
        // As many are asked as there were at first; those that are gone can't go again.
        if random.below(u64::from(spot.groups.max(1))) >= u64::from(gone) && gone < spot.groups {
            here.killed += spot.servers_each;
            let back = (exponential(&mut random) * spot.back_s * SECOND as f64) as Nanos;
            self.events.push(Event::new(self.now.saturating_add(back), Kind::Spot, 0, fault));
            if self.now >= self.span.warmup {
                self.record.stations[station as usize].interruptions += 1;
            }
        }
        self.next_interruption(fault, &spot, &mut random);
    }

    /// Draws when the next machine is asked for.
    pub(super) fn next_interruption(&mut self, fault: u32, spot: &crate::network::Spot, random: &mut impl Random) {
        let rate = spot.rate_per_h * f64::from(spot.groups) / 3_600.0;
        if rate > 0.0 {
            let gap = (exponential(random) / rate * SECOND as f64) as Nanos;
            self.events.push(Event::new(self.now.saturating_add(gap), Kind::Spot, 1, fault));
        }
    }
}
