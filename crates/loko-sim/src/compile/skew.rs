//! A clock that is ahead of all others: what trusts it does wrong things, and everything else does not notice.
//!
//! Two things are told from clocks: when a leader's lease is over, and whether a token is still good. Whoever waits to
//! lead with a clock ahead takes the lease for over too early, so that there are two leaders for a while. Whoever checks
//! tokens with a clock ahead refuses those that have less time left than the clock is ahead.

use super::{Builder, ElementIx, show};
use crate::distribution::nanos;
use crate::network::{Effect, Fault, StationId};
use crate::scenario;
use loko_model::behaviour::{Behaviour, Duration};

/// The part of the work that goes to the wrong one of two leaders.
const ASTRAY: f64 = 0.5;

impl Builder<'_> {
    /// What a clock that is so many seconds ahead does to an element; nothing when the element trusts none.
    pub(super) fn skew(
        &mut self,
        unit: ElementIx,
        station: StationId,
        fault: &scenario::Fault,
        ahead: f64,
    ) -> Vec<Fault> {
        let (from, to) = (nanos(fault.at), nanos(fault.at + fault.length));
        let effects = [self.two_leaders(unit, station, ahead), self.old_tokens(unit, ahead)];
        let mut refused: Option<f64> = None;
        let mut faults = Vec::new();
        for effect in effects.into_iter().flatten() {
            match effect {
                // Who is refused for either reason is refused once.
                Effect::Fail(_, share) => refused = Some(1.0 - (1.0 - refused.unwrap_or(0.0)) * (1.0 - share)),
                effect => faults.push(Fault { from, to, effect }),
            }
        }
        faults.extend(refused.map(|share| Fault { from, to, effect: Effect::Fail(station, share) }));
        faults
    }

    /// Another copy takes the lease for over while the leader still works.
    fn two_leaders(&mut self, unit: ElementIx, station: StationId, ahead: f64) -> Option<Effect> {
        let behaviour = Behaviour::of_element(self.model.element(unit));
        let time = |path| behaviour.duration_or_default(path).map(Duration::secs);
        let lease = time("leader_election.lease")?;
        let renew = time("leader_election.renew").unwrap_or(0.0).min(lease);
        let fenced = behaviour.flag("leader_election.fencing") == Some(true);
        if self.replicas(unit).count < 2 {
            self.assume(unit, "runs once, so nobody can take its lease too early");
            return Some(Effect::Fail(station, 0.0));
        }
        // Between two renewals the lease has `lease` to `lease - renew` left.
        let over = if renew > 0.0 {
            ((ahead - (lease - renew)) / renew).clamp(0.0, 1.0)
        } else {
            f64::from(u8::from(ahead >= lease))
        };
        let share = ASTRAY * over;
        let says = format!("a lease of {}, renewed every {}", show(lease), show(renew));
        let clock = format!("a clock that is {} ahead", show(ahead));
        if share <= 0.0 {
            self.assume(unit, &format!("{says}, bears {clock}"));
            return Some(Effect::Fail(station, 0.0));
        }
        let percent = share * 100.0;
        let fate = if fenced { "is refused" } else { "is lost, as nothing says `fencing`" };
        self.assume(
            unit,
            &format!("{says}, does not bear {clock}: two copies lead, and {percent:.0} % of the work {fate}"),
        );
        // A former leader that is refused does no harm: another try may reach the other one. What it writes unrefused
        // is overwritten, and no try brings it back.
        Some(if fenced { Effect::Fail(station, share) } else { Effect::Poison(station, share) })
    }

    /// Tokens seem older than they are.
    fn old_tokens(&mut self, unit: ElementIx, ahead: f64) -> Option<Effect> {
        let station = self.stations.get(&unit).copied().flatten()?;
        let model = self.model;
        let parts = model.subtree(unit);
        let behaviours = || parts.iter().map(|ix| Behaviour::of_element(model.element(*ix)));
        let stated = behaviours().find_map(|behaviour| behaviour.duration("auth.access_token"));
        let usual = || behaviours().find(|it| it.says("auth.kind", "jwt"))?.duration_or_default("auth.access_token");
        let good = stated.or_else(usual)?.secs();
        let share = if good > 0.0 { (ahead / good).min(1.0) } else { 1.0 };
        let told = format!(
            "tokens are good for {} and come at any age, so a clock that is {} ahead refuses {:.1} % of them",
            show(good),
            show(ahead),
            share * 100.0
        );
        self.assume(unit, &told);
        Some(Effect::Fail(station, share))
    }
}
