//! What the model says about an element as something that does work: places, copies, queues, scaling.

use super::deployment::REPLICAS_MAX;
use super::{Builder, ElementIx, Says};
use crate::defaults::{self, Assumed};
use crate::distribution::nanos;
use crate::network::{
    Batch, Discipline, Elastic, Placement, Scaling, Sharding, Shedding, Station, StationId, UNLIMITED,
};
use loko_model::behaviour::{Behaviour, Duration, Share};
use loko_policy::autoscale;
use loko_policy::balance::Rule;

/// The most copies with queues of their own.
const COPIES_MAX: u32 = 100_000;

impl Builder<'_> {
    pub(super) fn new_station(&mut self, unit: ElementIx, assumed: Assumed) -> StationId {
        let model = self.model;
        let behaviour = Behaviour::of_element(model.element(unit));
        let count = |path: &str| behaviour.count(path).map(|count| count.min(u64::from(REPLICAS_MAX)) as u32);
        let stated = self.replicas(unit);
        // An autoscaler never leaves fewer than its least, so these are there from the start.
        let replicas = stated.count.max(count("autoscaling.min").unwrap_or(0));
        let elastic = self.elastic(behaviour);
        let (mut servers, each) = self.servers(unit, assumed, replicas, elastic.is_some());
        let mut copies = 1;
        if let Some((count, of_each)) = self.copies(behaviour, replicas, each).filter(|_| servers != UNLIMITED) {
            (copies, servers) = (count, of_each);
        }
        if stated.says == Says::Nobody && servers != UNLIMITED && copies == 1 && replicas == 1 {
            self.assume(unit, "runs once");
        }
        let room =
            count("queue.capacity").filter(|_| servers != UNLIMITED).map(|waiting| servers.saturating_add(waiting));
        let scaling = if copies == 1 { self.scaling(unit, behaviour, servers, replicas) } else { None };
        let discipline = match behaviour.text("queue.discipline").as_deref() {
            Some("lifo") => Discipline::Lifo,
            Some("priority") => Discipline::Priority,
            Some("sharing") => Discipline::Sharing,
            _ => Discipline::Fifo,
        };
        let patience = behaviour.duration("queue.patience").map(Duration::secs);
        let batch = behaviour.table("batching").map(|table| Batch {
            size: table.count("size").unwrap_or(100).clamp(1, 1 << 20) as u32,
            wait: table.duration("wait").map_or(0, Duration::nanos),
        });
        let station = Station {
            copies,
            balance: rule(behaviour),
            discipline,
            room,
            scaling,
            elastic,
            batch,
            patience: patience.map(crate::distribution::Distribution::Constant),
            sharding: sharding(behaviour).filter(|_| copies > 1),
            shedding: shedding(behaviour, servers, room),
            ..Station::new(self.id(unit), servers)
        };
        let id = self.network.station(station);
        self.prices.station(id as usize, model.element(unit), f64::from(each.max(1)));
        id
    }

    /// How many places there are in all, and at one copy.
    fn servers(&mut self, unit: ElementIx, assumed: Assumed, replicas: u32, elastic: bool) -> (u32, u32) {
        let behaviour = Behaviour::of_element(self.model.element(unit));
        let count = |path: &str| behaviour.count(path).map(|count| count.clamp(1, 1 << 24) as u32);
        let concurrency = count("concurrency").or_else(|| count("pool.size"));
        if elastic {
            return (UNLIMITED, 1);
        }
        if let Some(rate) = behaviour.rate("capacity") {
            let mean = self.service(unit).mean();
            let text = format!("a capacity of {:.0}/s is so many times its mean work at a time", rate.per_second());
            self.assume(unit, &text);
            let all = libm::ceil(rate.per_second() * mean).max(1.0) as u32;
            return (all, all.div_ceil(replicas));
        }
        if concurrency.is_none() {
            let told = match assumed.concurrency {
                Some(each) => format!("handles {each} requests at a time and copy, as {} does here", assumed.a_role()),
                None => format!("handles any number of requests at a time, as {} does here", assumed.a_role()),
            };
            self.assume(unit, &told);
        }
        match concurrency.or(assumed.concurrency) {
            Some(each) => (replicas.saturating_mul(each), each),
            None => (UNLIMITED, 1),
        }
    }

    /// Copies with queues of their own, when somebody picks between them: how many, and the places of each.
    fn copies(&mut self, behaviour: Behaviour<'_>, replicas: u32, each: u32) -> Option<(u32, u32)> {
        if let Some(table) = behaviour.table("sharding") {
            let shards = table.count("shards").unwrap_or(1).clamp(1, u64::from(COPIES_MAX)) as u32;
            let apart = table.says("kind", "horizontal") || !table.has("kind");
            return (shards > 1 && apart).then(|| (shards, (replicas * each).div_ceil(shards).max(1)));
        }
        let balanced = behaviour.has("load_balancing") && !behaviour.has("autoscaling") && replicas > 1;
        balanced.then(|| (replicas.min(COPIES_MAX), each))
    }

    /// Copies that come with requests: functions, and whatever states after how long an idle copy goes.
    fn elastic(&mut self, behaviour: Behaviour<'_>) -> Option<Elastic> {
        let table = behaviour.table("cold_start")?;
        let idle = table.duration("idle")?.nanos();
        Some(Elastic {
            idle,
            cold: super::service::law(behaviour, "cold_start.service", 1.0),
            startup: table.duration("time").map_or(0, Duration::nanos),
            keep: table.count("keep_warm").unwrap_or(0).min(u64::from(COPIES_MAX)) as u32,
        })
    }

    fn scaling(&mut self, unit: ElementIx, behaviour: Behaviour<'_>, servers: u32, replicas: u32) -> Option<Scaling> {
        let table = behaviour.table("autoscaling").filter(|_| servers != UNLIMITED)?;
        let defaults = autoscale::Config::default();
        let target = table.share("target").map_or(defaults.target, Share::value);
        let config = autoscale::Config {
            min: table.count("min").map_or(defaults.min, |count| count as u32).max(1),
            max: table.count("max").map_or(defaults.max, |count| count as u32),
            target,
            ..defaults
        };
        if config.check().is_err() {
            self.assume(unit, "its autoscaling can't work as stated and is left out");
            return None;
        }
        let startup = self.startup(behaviour);
        self.assume(
            unit,
            &format!("is scaled by the share of its places that are taken; a new copy works after {startup:.0} s"),
        );
        Some(Scaling { config, servers_each: (servers / replicas).max(1), startup: nanos(startup) })
    }

    /// How long a new copy takes until it works, in seconds.
    pub(super) fn startup(&self, behaviour: Behaviour<'_>) -> f64 {
        behaviour.duration("cold_start.time").map_or(defaults::STARTUP_S, Duration::secs)
    }
}

/// Who picks between copies.
fn rule(behaviour: Behaviour<'_>) -> Rule {
    let choices = behaviour.count("load_balancing.choices").unwrap_or(2).clamp(1, 16) as u8;
    match behaviour.text("load_balancing.method").unwrap_or_default().to_lowercase().replace(['-', '_'], " ").as_str() {
        "least outstanding" => Rule::LeastOutstanding,
        "two choices" => Rule::Choices(choices),
        "weighted" => Rule::Weighted,
        "random" | "hash" => Rule::Random,
        _ => Rule::RoundRobin,
    }
}

/// How keys are spread over copies.
fn sharding(behaviour: Behaviour<'_>) -> Option<Sharding> {
    let hashed = behaviour.says("load_balancing.method", "hash");
    let table = behaviour.table("sharding");
    if table.is_none() && !hashed {
        return None;
    }
    Some(Sharding {
        keys: table
            .and_then(|table| table.count("keys"))
            .map_or(defaults::CACHE_KEYS, |keys| keys.clamp(1, 1 << 24) as u32),
        zipf: table.and_then(|table| table.number("zipf")).unwrap_or(0.0).max(0.0),
        placement: table.map_or(Placement::Modulo, placement),
    })
}

fn placement(sharding: Behaviour<'_>) -> Placement {
    if sharding.says("method", "range") {
        Placement::Ranges
    } else if sharding.says("method", "consistent hashing") {
        Placement::Ring
    } else {
        Placement::Modulo
    }
}

/// What is refused to save the rest.
fn shedding(behaviour: Behaviour<'_>, servers: u32, room: Option<u32>) -> Option<Shedding> {
    if let Some(target) = behaviour.duration("load_shedding.above") {
        let target = target.nanos().max(1);
        return Some(Shedding::Wait { target, interval: target.saturating_mul(20) });
    }
    let share = behaviour.share("load_shedding.above")?.value();
    (servers != UNLIMITED).then(|| Shedding::Classes { room: room.unwrap_or(servers), share })
}
