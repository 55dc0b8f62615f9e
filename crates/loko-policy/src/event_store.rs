//! An event store's decisions: appends at an expected version, snapshots, old forms read as new ones.
//!
//! | append expects | the stream is at | answer |
//! |---|---|---|
//! | `Any` | anything | appended |
//! | `NoStream` | 0 | appended |
//! | `Exactly(v)` | v | appended |
//! | otherwise | – | `Conflict(actual)`; nothing is written |
//! | with an id that was appended before, at the same place | – | `Appended` again: a repeated command does no harm |
//!
//! Versions start at 0 (no events) and grow by one an event. A snapshot is taken when the version is a multiple of
//! `every`; a load then replays version mod every events. [`Upcasts`] turns an event of an old form into the newest,
//! one step at a time. Default: a snapshot every 100 events.

use crate::{ConfigError, ensure};
use serde::{Deserialize, Serialize};

/// What the writer believes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Expected {
    /// Nothing.
    Any,
    /// That the stream is new.
    NoStream,
    /// That the stream is at a version.
    Exactly(u64),
}

/// What an append comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Append {
    /// The events are written; the stream is at this version.
    Appended(u64),
    /// Somebody else was first; the stream is at this version.
    Conflict(u64),
}

/// One stream: its version and the ids of its events.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stream {
    ids: Vec<u64>,
}

impl Stream {
    /// The version: how many events there are.
    pub fn version(&self) -> u64 {
        self.ids.len() as u64
    }

    /// Appends events, all or none.
    pub fn append(&mut self, expected: Expected, events: &[u64]) -> Append {
        let (version, fits) = match expected {
            Expected::Any => (self.version(), true),
            Expected::NoStream => (0, self.ids.is_empty()),
            Expected::Exactly(version) => (version, version == self.version()),
        };
        let start = usize::try_from(version).unwrap_or(usize::MAX);
        let repeated = start.checked_add(events.len()).and_then(|end| self.ids.get(start..end));
        if !events.is_empty() && repeated == Some(events) {
            return Append::Appended(version + events.len() as u64);
        }
        if !fits {
            return Append::Conflict(self.version());
        }
        self.ids.extend_from_slice(events);
        Append::Appended(self.version())
    }

    /// The events after a version up to another, both as versions: what is to be replayed for any moment.
    pub fn between(&self, after: u64, upto: u64) -> &[u64] {
        let end = (upto.min(self.version())) as usize;
        &self.ids[(after as usize).min(end)..end]
    }
}

/// When snapshots are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshots {
    every: u64,
}

impl Default for Snapshots {
    fn default() -> Self {
        Self { every: 100 }
    }
}

impl Snapshots {
    /// One every so many events.
    pub fn new(every: u64) -> Result<Self, ConfigError> {
        ensure(every > 0, "snapshot", "every 0 events is no snapshot; leave it out instead")?;
        Ok(Self { every })
    }

    /// Whether one is to be taken at a version.
    pub fn due(&self, version: u64) -> bool {
        version > 0 && version.is_multiple_of(self.every)
    }

    /// The version of the last snapshot that serves a version; 0 is the start.
    pub fn base(&self, version: u64) -> u64 {
        version / self.every * self.every
    }

    /// How many events a load at a version replays.
    pub fn replayed(&self, version: u64) -> u64 {
        version - self.base(version)
    }
}

/// A step from one form of an event to the next.
pub type Upcast<E> = fn(E) -> E;

/// The steps from the oldest form to the newest of one type of event; `steps[0]` leads from form 1 to form 2.
#[derive(Clone, Debug)]
pub struct Upcasts<E> {
    steps: Vec<Upcast<E>>,
}

impl<E> Upcasts<E> {
    /// The steps in order.
    pub fn new(steps: Vec<Upcast<E>>) -> Self {
        Self { steps }
    }

    /// The newest form.
    pub fn newest(&self) -> usize {
        self.steps.len() + 1
    }

    /// An event of a form as the newest one; an event of a form that is not known yet comes back as an error.
    pub fn read(&self, form: usize, event: E) -> Result<E, E> {
        if form == 0 || form > self.newest() {
            return Err(event);
        }
        Ok(self.steps[form - 1..].iter().fold(event, |event, step| step(event)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn of_two_writers_one_wins_and_a_repeated_command_does_no_harm() {
        let mut stream = Stream::default();
        assert_eq!(stream.append(Expected::NoStream, &[1, 2]), Append::Appended(2));
        assert_eq!(stream.append(Expected::Exactly(2), &[3]), Append::Appended(3));
        assert_eq!(stream.append(Expected::Exactly(2), &[4]), Append::Conflict(3));
        assert_eq!(
            stream.append(Expected::Exactly(2), &[3]),
            Append::Appended(3),
            "the answer was lost, the event not"
        );
        assert_eq!(stream.between(0, 3), [1, 2, 3]);
        assert_eq!(stream.between(2, 9), [3]);
    }

    #[test]
    fn old_forms_are_read_as_the_newest() {
        let upcasts: Upcasts<String> = Upcasts::new(vec![|event| event + " v2", |event| event + " v3"]);
        assert_eq!(upcasts.read(1, "e".to_owned()).unwrap(), "e v2 v3");
        assert_eq!(upcasts.read(3, "e".to_owned()).unwrap(), "e");
        assert!(upcasts.read(4, "e".to_owned()).is_err());
    }

    proptest! {
        #[test]
        fn a_snapshot_and_the_rest_are_the_whole(every in 1u64..50, version in 0u64..1_000) {
            let snapshots = Snapshots::new(every).unwrap();
            let base = snapshots.base(version);
            prop_assert!(base == 0 || snapshots.due(base));
            prop_assert_eq!(base + snapshots.replayed(version), version);
            prop_assert!(snapshots.replayed(version) < every);
        }
    }
}
