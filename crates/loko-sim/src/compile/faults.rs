//! What goes wrong in a scenario becomes effects on stations, edges and sources.

use super::{Builder, CODE, ElementIx, relations_of};
use crate::distribution::nanos;
use crate::network::{Effect, Fault, Release, Spot, StationId};
use crate::scenario::{self, Scenario, Trouble};
use loko_model::behaviour::{Behaviour, Duration, Rate, Share};
use loko_policy::{MINUTE, Ppm, SECOND, WHOLE, canary};
use loko_source::Diagnostic;

/// The share of copies that a rolling release replaces at a time when the model does not say.
const UNAVAILABLE: f64 = 0.25;
/// How often a spot machine is taken away, an hour, when the model does not say.
const INTERRUPTIONS_PER_H: f64 = 0.05;
/// How long until another one works, in seconds, when the model does not say.
const BACK_S: f64 = 180.0;

impl Builder<'_> {
    /// What a fault does to the network.
    pub(super) fn fault(&mut self, scenario: &Scenario, fault: &scenario::Fault) {
        let (from, to) = (nanos(fault.at), nanos(fault.at + fault.length));
        let whole = |effect| Fault { from, to, effect };
        let mut faults: Vec<Fault> = Vec::new();
        match fault.what {
            Trouble::Spike(by) => {
                let at = scenario.loads.iter().position(|load| load.name == fault.target.text);
                faults.extend(at.map(|at| whole(Effect::Spike(at as u32, by))));
            }
            Trouble::Partition | Trouble::Drop(_) => {
                match relations_of(self.model, self.path, &fault.target.text, fault.target.span) {
                    Ok(relations) => {
                        let edges = relations.iter().filter_map(|relation| self.relations.get(relation)).flatten();
                        let share = if let Trouble::Drop(share) = fault.what { share } else { 1.0 };
                        faults.extend(edges.map(|edge| whole(Effect::Lose(*edge, share))));
                    }
                    Err(finding) => self.findings.push(*finding),
                }
            }
            Trouble::Flush => {
                let Some(element) = self.resolve(&fault.target) else { return };
                faults.extend(self.caches.get(&element).into_iter().flatten().map(|edge| whole(Effect::Flush(*edge))));
            }
            what => {
                let Some(element) = self.resolve(&fault.target) else { return };
                let mut reached = false;
                for ix in self.model.subtree(element) {
                    if let Some(station) = self.stations.get(&ix).copied().flatten() {
                        reached = true;
                        faults.extend(self.at_station(ix, station, what, fault));
                    }
                }
                if reached && faults.is_empty() && matches!(what, Trouble::Skew(_)) {
                    let message = format!("`{}` trusts no clock, so the fault changes nothing", fault.target.text);
                    let help = "state what does: `leader_election` with its `lease`, or `auth` with its `access_token`";
                    let finding = Diagnostic::error(CODE, message).at(self.path, fault.target.span, "here");
                    self.findings.push(finding.help(help));
                }
            }
        }
        if faults.is_empty() && self.findings.is_empty() {
            let message = format!("no load reaches `{}`, so the fault changes nothing", fault.target.text);
            self.findings.push(Diagnostic::error(CODE, message).at(self.path, fault.target.span, "here"));
        }
        self.network.faults.extend(faults);
    }

    fn at_station(
        &mut self,
        unit: ElementIx,
        station: StationId,
        what: Trouble,
        fault: &scenario::Fault,
    ) -> Vec<Fault> {
        let (from, to) = (nanos(fault.at), nanos(fault.at + fault.length));
        let effect = match what {
            Trouble::Slow(by) => Effect::Slow(station, by),
            // Whoever gets only a part of the processor is slower by the inverse of the part.
            Trouble::Steal(share) => Effect::Slow(station, 1.0 / (1.0 - share)),
            Trouble::Fail(share) => Effect::Fail(station, share),
            Trouble::Poison(share) => Effect::Poison(station, share),
            Trouble::Crash => Effect::Crash(station),
            Trouble::Kill(share) => Effect::Kill(station, share),
            Trouble::Interrupt => self.interrupt(unit, station),
            Trouble::Deploy { failure, slow } => return self.deploy(unit, station, fault, failure, slow),
            Trouble::Skew(ahead) => return self.skew(unit, station, fault, ahead),
            Trouble::LoseLeader => {
                // A follower takes over when the lease has run out; without one somebody has to notice.
                let behaviour = Behaviour::of_element(self.model.element(unit));
                let lease = behaviour
                    .table("leader_election")
                    .map(|table| table.duration("lease").map_or(15 * SECOND, Duration::nanos));
                if lease.is_none() {
                    self.assume(unit, "has no leader election: without its leader it hangs until the fault is over");
                }
                let end = lease.map_or(to, |lease| to.min(from.saturating_add(lease)));
                return vec![Fault { from, to: end, effect: Effect::Stop(station) }];
            }
            _ => Effect::Stop(station),
        };
        vec![Fault { from, to, effect }]
    }

    /// Machines that are taken away.
    fn interrupt(&mut self, unit: ElementIx, station: StationId) -> Effect {
        let behaviour = Behaviour::of_element(self.model.element(unit));
        let servers = self.network.stations[station as usize].servers;
        let replicas = self.replicas(unit).count;
        let share = behaviour.share("spot.share").map_or(0.0, Share::value);
        if !behaviour.has("spot") {
            self.assume(unit, "has no spot machines, so none is taken away");
        }
        Effect::Spot(
            station,
            Spot {
                servers_each: (servers / replicas).max(1),
                groups: libm::round(share * f64::from(replicas)) as u32,
                rate_per_h: behaviour
                    .rate("spot.interruptions")
                    .map_or(INTERRUPTIONS_PER_H, |rate: Rate| rate.per_second() * 3_600.0),
                back_s: behaviour.duration("spot.back").map_or(BACK_S, Duration::secs),
            },
        )
    }

    /// A new version takes over as the model's strategy says.
    fn deploy(
        &mut self,
        unit: ElementIx,
        station: StationId,
        fault: &scenario::Fault,
        failure: f64,
        slow: f64,
    ) -> Vec<Fault> {
        let behaviour = Behaviour::of_element(self.model.element(unit));
        let kind = behaviour.text("deployment_strategy.kind").unwrap_or_else(|| "rolling".to_owned());
        let startup = self.startup(behaviour);
        let (at, end) = (fault.at, nanos(fault.at + fault.length));
        let version = |at: f64, canary| Fault {
            from: nanos(at),
            to: end,
            effect: Effect::Release(station, Release { failure, slow, canary }),
        };
        let gone = |share: f64, from: f64| {
            // Copies that are not ready answer nothing; with a readiness check nobody asks them.
            let ready = behaviour.has("deployment_strategy.readiness") || behaviour.has("health.readiness");
            let effect = if ready { Effect::Kill(station, share) } else { Effect::Fail(station, share) };
            Fault { from: nanos(from), to: nanos(from + startup), effect }
        };
        match kind.as_str() {
            "recreate" => vec![
                Fault { from: nanos(at), to: nanos(at + startup), effect: Effect::Crash(station) },
                version(at + startup, None),
            ],
            "blue-green" => vec![version(at + startup, None)],
            "canary" => vec![version(at, Some(canary_config(behaviour)))],
            _ => {
                let share = behaviour.share("deployment_strategy.max_unavailable").map_or(UNAVAILABLE, Share::value);
                let batches = libm::ceil(1.0 / share.clamp(0.01, 1.0)) as u32;
                let steps = (0..batches).map(|batch| gone(share, at + f64::from(batch) * startup));
                steps.chain([version(at + f64::from(batches) * startup / 2.0, None)]).collect()
            }
        }
    }
}

fn canary_config(behaviour: Behaviour<'_>) -> canary::Config {
    let table = behaviour.table("deployment_strategy");
    let weights: Vec<u8> = table
        .map(|table| {
            table.shares("weights").iter().map(|share| libm::round(share.percent()).clamp(1.0, 100.0) as u8).collect()
        })
        .unwrap_or_default();
    let defaults = canary::Config::default();
    let limit = table.and_then(|table| table.share("max_error_rate")).map_or(0.01, Share::value);
    canary::Config {
        weights: if weights.is_empty() { defaults.weights } else { weights },
        interval: table.and_then(|table| table.duration("every")).map_or(5 * MINUTE, Duration::nanos),
        judge: canary::Judge::Threshold((libm::round(limit * f64::from(WHOLE)) as Ppm).min(WHOLE - 1)),
        ..defaults
    }
}
