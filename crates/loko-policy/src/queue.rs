//! A queue with visibility timeouts, a redelivery schedule and dead letters: at least once, crash-safe by design.
//!
//! | message is | event | guard | next |
//! |---|---|---|---|
//! | ready | receive, now ≥ its time | received fewer than `receives_max` times | in flight until now + visibility; count + 1 |
//! | ready | receive, now ≥ its time | received `receives_max` times | dead letter |
//! | in flight | ack, right receipt | – | gone |
//! | in flight | nack, right receipt | – | ready after the schedule's next delay |
//! | in flight | extend, right receipt | – | in flight for longer |
//! | in flight | its visibility ends | – | ready (a consumer died, or was too slow) |
//! | in flight | ack, nack or extend with an old receipt | – | the same: somebody else has it now |
//! | dead letter | replay | – | ready, count 0 |
//!
//! Nothing is lost: a message is ready, in flight, a dead letter, or was acknowledged. Defaults: attempts at once,
//! after 1 min, 5 min, 30 min, then dead letter; 60 s of visibility. The move to the dead letters happens when the
//! message would be received once more.

use crate::{ConfigError, MINUTE, Nanos, ensure};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// How a queue behaves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Config {
    /// How long a received message is hidden from others.
    pub visibility: Nanos,
    /// How often a message is received before it is a dead letter.
    pub receives_max: u32,
    /// The delays before the second, third … attempt; the last one repeats.
    pub schedule: Vec<Nanos>,
}

impl Default for Config {
    fn default() -> Self {
        Self { visibility: MINUTE, receives_max: 4, schedule: vec![MINUTE, 5 * MINUTE, 30 * MINUTE] }
    }
}

/// The number of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MessageId(pub u64);

/// Proof of having received a message, this time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Receipt {
    /// The message.
    pub message: MessageId,
    /// How often it was received, this time included.
    pub count: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Message {
    count: u32,
    /// When it can be received (again).
    at: Nanos,
    in_flight: bool,
    sent: Nanos,
}

/// A queue; the payloads stay with the caller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queue {
    config: Config,
    next: u64,
    messages: BTreeMap<MessageId, Message>,
    /// Messages by the time from which they can be received.
    due: BTreeSet<(Nanos, MessageId)>,
    dead: BTreeSet<MessageId>,
}

impl Queue {
    /// An empty queue.
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        ensure(config.visibility > 0, "visibility", "is 0, so every message would be received twice")?;
        ensure(config.receives_max > 0, "max_attempts", "is 0, so every message would be a dead letter at once")?;
        Ok(Self { config, next: 0, messages: BTreeMap::new(), due: BTreeSet::new(), dead: BTreeSet::new() })
    }

    /// Puts a message in, to be received from `at` on.
    pub fn send(&mut self, now: Nanos, at: Nanos) -> MessageId {
        let id = MessageId(self.next);
        self.next += 1;
        self.messages.insert(id, Message { count: 0, at, in_flight: false, sent: now });
        self.due.insert((at, id));
        id
    }

    /// The next message that can be received; those that were received too often are moved to the dead letters.
    pub fn receive(&mut self, now: Nanos) -> Option<Receipt> {
        while let Some(&(at, id)) = self.due.first().filter(|(at, _)| *at <= now) {
            self.due.remove(&(at, id));
            let message = self.messages.get_mut(&id)?;
            if message.count >= self.config.receives_max {
                message.in_flight = false;
                self.dead.insert(id);
                continue;
            }
            message.count += 1;
            message.in_flight = true;
            message.at = now.saturating_add(self.config.visibility);
            self.due.insert((message.at, id));
            return Some(Receipt { message: id, count: message.count });
        }
        None
    }

    /// It is done; false when the receipt is old.
    pub fn ack(&mut self, now: Nanos, receipt: Receipt) -> bool {
        let Some(at) = self.held(now, receipt) else { return false };
        self.due.remove(&(at, receipt.message));
        self.messages.remove(&receipt.message);
        true
    }

    /// It failed: try again as the schedule says; false when the receipt is old.
    pub fn nack(&mut self, now: Nanos, receipt: Receipt) -> bool {
        let schedule = &self.config.schedule;
        let delay = schedule.get(receipt.count as usize - 1).or(schedule.last()).copied().unwrap_or(0);
        self.move_to(now, receipt, now.saturating_add(delay), false)
    }

    /// It takes longer; false when the receipt is old.
    pub fn extend(&mut self, now: Nanos, receipt: Receipt) -> bool {
        self.move_to(now, receipt, now.saturating_add(self.config.visibility), true)
    }

    /// Gives a dead letter another round; false when it is none.
    pub fn replay(&mut self, now: Nanos, id: MessageId) -> bool {
        let dead = self.dead.remove(&id);
        if let Some(message) = self.messages.get_mut(&id).filter(|_| dead) {
            (message.count, message.at) = (0, now);
            self.due.insert((now, id));
        }
        dead
    }

    /// When the next message can be received.
    pub fn next_wakeup(&self) -> Option<Nanos> {
        self.due.first().map(|(at, _)| *at)
    }

    /// The dead letters.
    pub fn dead(&self) -> impl Iterator<Item = MessageId> {
        self.dead.iter().copied()
    }

    /// How many messages are ready or in flight.
    pub fn backlog(&self) -> usize {
        self.due.len()
    }

    /// How old the oldest message is that is no dead letter: the number to watch.
    pub fn age(&self, now: Nanos) -> Nanos {
        let alive = self.messages.iter().find(|(id, _)| !self.dead.contains(id));
        alive.map_or(0, |(_, message)| now.saturating_sub(message.sent))
    }

    /// Until when the holder of a receipt has its message.
    fn held(&self, now: Nanos, receipt: Receipt) -> Option<Nanos> {
        let message = self.messages.get(&receipt.message)?;
        (message.in_flight && message.count == receipt.count && now < message.at).then_some(message.at)
    }

    fn move_to(&mut self, now: Nanos, receipt: Receipt, at: Nanos, in_flight: bool) -> bool {
        let Some(before) = self.held(now, receipt) else { return false };
        self.due.remove(&(before, receipt.message));
        self.due.insert((at, receipt.message));
        if let Some(message) = self.messages.get_mut(&receipt.message) {
            (message.at, message.in_flight) = (at, in_flight);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_documents_schedule_then_dead_letter_then_replay() {
        let mut queue = Queue::new(Config::default()).unwrap();
        let id = queue.send(0, 0);
        let mut now = 0;
        for delay in [1, 5, 30, 30] {
            let receipt = queue.receive(now).unwrap();
            assert!(queue.nack(now, receipt));
            assert_eq!(queue.receive(now + delay * MINUTE - 1), None);
            now += delay * MINUTE;
        }
        assert_eq!(queue.receive(now), None);
        assert_eq!(queue.dead().collect::<Vec<_>>(), [id]);
        assert!(queue.replay(now, id) && !queue.replay(now, id));
        assert_eq!(queue.receive(now).unwrap().count, 1);
    }

    #[test]
    fn a_consumer_that_was_too_slow_is_told() {
        let mut queue = Queue::new(Config::default()).unwrap();
        queue.send(0, 0);
        let slow = queue.receive(0).unwrap();
        let quick = queue.receive(MINUTE).unwrap();
        assert!(!queue.ack(MINUTE, slow), "somebody else has it now");
        assert!(queue.ack(MINUTE, quick) && !queue.ack(MINUTE, quick));
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_nobody_shares_a_message(events in prop::collection::vec((0u8..5, 0u64..40), 0..300)) {
            let config = Config { visibility: 20, receives_max: 3, schedule: vec![5, 10] };
            let mut queue = Queue::new(config).unwrap();
            let (mut now, mut sent, mut acked) = (0, 0usize, 0usize);
            let mut held: Vec<(Receipt, Nanos)> = Vec::new();
            for (event, gap) in events {
                now += gap;
                match event {
                    0 => { queue.send(now, now); sent += 1; }
                    1 => if let Some(receipt) = queue.receive(now) {
                        prop_assert!(receipt.count <= 3);
                        prop_assert!(!held.iter().any(|(other, until)| other.message == receipt.message && now < *until));
                        held.push((receipt, now + 20));
                    },
                    _ if held.is_empty() => {}
                    2 => {
                        let (receipt, until) = held.remove(0);
                        let done = queue.ack(now, receipt);
                        prop_assert_eq!(done, now < until);
                        acked += usize::from(done);
                    }
                    3 => {
                        let (receipt, until) = held.remove(0);
                        prop_assert_eq!(queue.nack(now, receipt), now < until);
                    }
                    _ => {
                        let (receipt, until) = held.remove(0);
                        if queue.extend(now, receipt) {
                            prop_assert!(now < until);
                            held.push((receipt, now + 20));
                        }
                    }
                }
                prop_assert_eq!(queue.backlog() + queue.dead().count() + acked, sent);
            }
        }
    }
}
