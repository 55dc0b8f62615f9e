//! What is seen over time: sums by window, and coarse histograms of times (3 %) by window.
//!
//! A course has a fixed number of points whatever the duration, so memory does not grow with it.

use super::Engine;
use crate::events::{Event, Kind};
use loko_policy::Nanos;

/// How many points a course has when nobody asks for a window.
pub const WINDOWS: u64 = 120;
/// The most points of a course; shorter windows are made longer.
const WINDOWS_MAX: u64 = 2_000;

/// Sums by window of time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Course {
    step: Nanos,
    sums: Vec<f64>,
}

impl Course {
    pub(super) fn new(end: Nanos, window: Nanos) -> Self {
        let wanted = if window == 0 { end / WINDOWS } else { window };
        let step = wanted.max(end / WINDOWS_MAX).max(1);
        Self { step, sums: vec![0.0; end.div_ceil(step) as usize] }
    }

    /// The time from one point to the next.
    pub fn step(&self) -> Nanos {
        self.step
    }

    /// The sums, by window.
    pub fn sums(&self) -> &[f64] {
        &self.sums
    }

    /// The window of a time; the end belongs to the last one.
    #[inline]
    fn point(&self, now: Nanos) -> usize {
        ((now / self.step) as usize).min(self.sums.len().saturating_sub(1))
    }

    #[inline]
    pub(super) fn add(&mut self, now: Nanos, value: f64) {
        let point = self.point(now);
        if let Some(sum) = self.sums.get_mut(point) {
            *sum += value;
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.sums.iter_mut().zip(&other.sums).for_each(|(sum, more)| *sum += more);
    }
}

/// The parts of a power of two, as a power of two.
const PARTS: usize = 4;
const COARSE: usize = 64 << PARTS;

/// The course of one source: counts and times.
#[derive(Clone, Debug, Default)]
pub struct Series {
    /// Requests that ended, by the point at which they began.
    total: Course,
    failed: Course,
    buckets: Vec<u32>,
}

impl Series {
    pub(super) fn new(course: Course) -> Self {
        let buckets = vec![0; course.sums.len() * COARSE];
        Self { total: course.clone(), failed: course, buckets }
    }

    /// The time from one point to the next.
    pub fn step(&self) -> Nanos {
        self.total.step
    }

    /// How many points there are.
    pub fn len(&self) -> usize {
        self.total.sums.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.total.sums.is_empty()
    }

    pub(super) fn add(&mut self, began: Nanos, took: Nanos, ok: bool) {
        self.total.add(began, 1.0);
        self.failed.add(began, f64::from(u8::from(!ok)));
        let took = took.max(1 << PARTS);
        let bits = 63 - took.leading_zeros() as usize;
        let part = (took >> (bits - PARTS)) as usize & ((1 << PARTS) - 1);
        self.buckets[self.total.point(began) * COARSE + (bits << PARTS) + part] += 1;
    }

    /// A quantile of the times at the points of a range, in seconds; `None` when nothing ended there.
    pub fn quantile(&self, points: std::ops::Range<usize>, q: f64) -> Option<f64> {
        let mut counts = vec![0u64; COARSE];
        for point in points {
            let row = self.buckets.get(point * COARSE..(point + 1) * COARSE)?;
            counts.iter_mut().zip(row).for_each(|(sum, count)| *sum += u64::from(*count));
        }
        let total: u64 = counts.iter().sum();
        let wanted = q * total as f64;
        let mut below = 0;
        for (at, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            let reached = below + count;
            if reached as f64 >= wanted {
                // Inside a part values are taken to be spread evenly.
                let scale = libm::exp2((at >> PARTS) as f64 - PARTS as f64);
                let low = ((1 << PARTS) + (at & ((1 << PARTS) - 1))) as f64;
                let inside = (wanted - below as f64) / *count as f64;
                return Some((low + inside) * scale * 1e-9);
            }
            below = reached;
        }
        None
    }

    /// The share of times above so many seconds at the points of a range; `None` when nothing ended there.
    pub fn above(&self, points: std::ops::Range<usize>, seconds: f64) -> Option<f64> {
        let (mut total, mut above) = (0.0, 0.0);
        let limit = seconds * 1e9;
        for point in points {
            let row = self.buckets.get(point * COARSE..(point + 1) * COARSE)?;
            for (at, count) in row.iter().enumerate().filter(|(_, count)| **count > 0) {
                let scale = libm::exp2((at >> PARTS) as f64 - PARTS as f64);
                let low = ((1 << PARTS) + (at & ((1 << PARTS) - 1))) as f64 * scale;
                let count = f64::from(*count);
                total += count;
                // Inside a part values are taken to be spread evenly.
                above += count * ((low + scale - limit) / scale).clamp(0.0, 1.0);
            }
        }
        (total > 0.0).then(|| above / total)
    }

    /// How many ended and how many of them failed at the points of a range.
    pub fn counts(&self, points: std::ops::Range<usize>) -> (u64, u64) {
        let sum = |course: &Course| course.sums.get(points.clone()).map_or(0.0, |row| row.iter().sum()) as u64;
        (sum(&self.total), sum(&self.failed))
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.total.merge(&other.total);
        self.failed.merge(&other.failed);
        self.buckets.iter_mut().zip(&other.buckets).for_each(|(sum, more)| *sum += more);
    }
}

impl super::EdgeState {
    /// How long its breakers have been open, together, since the warm-up.
    pub(super) fn open_time(&mut self, now: Nanos) -> f64 {
        self.guards.iter_mut().for_each(|guard| guard.times.settle(now, guard.breaker.as_ref()));
        self.guards.iter().map(|guard| guard.times.time[1]).sum()
    }
}

impl Engine<'_> {
    /// Notes what calls did since the last time, in the window of a moment.
    pub(super) fn note_calls(&mut self, when: Nanos) {
        for (edge, courses) in self.edges.iter_mut().zip(&mut self.record.edge_courses) {
            for (since, course) in std::mem::take(&mut edge.since).into_iter().zip(courses) {
                course.add(when, f64::from(since));
            }
        }
    }

    /// A window ends: what stations and breakers did in it is noted.
    pub(super) fn look(&mut self) {
        let Some(step) = self.record.step() else { return };
        let before = self.now - step;
        for (at, group) in self.groups.iter().enumerate() {
            let copies = self.network.stations[at].copies;
            for place in &mut self.places[group.first as usize..(group.first + copies) as usize] {
                place.settle(self.now);
                let busy = (place.busy_time - place.course[0]) / step as f64;
                let waiting = (place.waiting_time - place.course[1]) / step as f64;
                place.course = [place.busy_time, place.waiting_time];
                let [all_busy, all_waiting, servers] = &mut self.record.station_courses[at];
                all_busy.add(before, busy);
                all_waiting.add(before, waiting);
                servers.add(before, f64::from(place.available()));
            }
        }
        self.note_calls(before);
        for at in (0..self.edges.len()).filter(|at| self.network.edges[*at].breaker.is_some()) {
            let keeper = self.edges[at].keeper;
            let keeper = &mut self.edges[keeper];
            let (open, breakers) = (keeper.open_time(self.now), keeper.guards.len().max(1));
            let edge = &mut self.edges[at];
            let share = (open - edge.open_seen) / step as f64 / breakers as f64;
            edge.open_seen = open;
            let [.., course] = &mut self.record.edge_courses[at];
            course.add(before, share);
        }
        self.events.push(Event::new(self.now + step, Kind::Look, 0, 0));
    }
}
