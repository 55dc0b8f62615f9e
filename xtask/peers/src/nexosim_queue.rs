//! M/M/1 at a load of 0.8 as an actor of nexosim, on one thread: an event for each arrival and each end of service.

use crate::timed;
use nexosim::model::{Context, Model, schedulable};
use nexosim::simulation::{Mailbox, SimInit};
use nexosim::time::MonotonicTime;
use serde::{Deserialize, Serialize};
use std::time::Duration;

#[derive(Serialize, Deserialize)]
struct Queue {
    inside: u64,
    left: u64,
    random: u64,
}

impl Queue {
    fn exponential(&mut self, mean_s: f64) -> Duration {
        self.random = self.random.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let unit = ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64;
        Duration::from_nanos((-(1.0 - unit).ln() * mean_s * 1e9) as u64 + 1)
    }
}

#[Model]
impl Queue {
    #[nexosim(init)]
    async fn init(&mut self, cx: &Context<Self>, _: &mut ()) {
        let gap = self.exponential(1.25);
        cx.schedule_event(gap, schedulable!(Self::arrival), ()).expect("a gap is longer than nothing");
    }

    #[nexosim(schedulable)]
    async fn arrival(&mut self, _: (), cx: &Context<Self>) {
        self.inside += 1;
        if self.inside == 1 {
            let work = self.exponential(1.0);
            cx.schedule_event(work, schedulable!(Self::done), ()).expect("work is longer than nothing");
        }
        self.left -= 1;
        if self.left > 0 {
            let gap = self.exponential(1.25);
            cx.schedule_event(gap, schedulable!(Self::arrival), ()).expect("a gap is longer than nothing");
        }
    }

    #[nexosim(schedulable)]
    async fn done(&mut self, _: (), cx: &Context<Self>) {
        self.inside -= 1;
        if self.inside > 0 {
            let work = self.exponential(1.0);
            cx.schedule_event(work, schedulable!(Self::done), ()).expect("work is longer than nothing");
        }
    }
}

pub(crate) fn run(requests: u64) {
    let queue = Queue { inside: 0, left: requests, random: 1 };
    let mailbox = Mailbox::new();
    let bench = SimInit::with_num_threads(1).add_model(queue, mailbox, "queue");
    let mut simulation = bench.init(MonotonicTime::EPOCH).expect("one model with one mailbox");
    timed("M/M/1, events", "nexosim", 2 * requests, || {
        // Every arrival comes long before.
        let end = Duration::from_secs(10 * requests);
        simulation.step_until(end).expect("nothing stops it");
        String::new()
    });
}
