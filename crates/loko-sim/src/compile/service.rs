//! What the model says about times becomes distributions.

use super::{Builder, ElementIx, show};
use crate::defaults;
use crate::distribution::Distribution;
use loko_model::behaviour::{Behaviour, Duration, Share};
use loko_model::value::Value;

/// How many events are replayed at most where no snapshot is stated.
const EVENTS_UNSNAPPED: u64 = 1_000;

/// The distribution that a table states, all times multiplied by a factor.
pub(super) fn law(behaviour: Behaviour<'_>, path: &str, factor: f64) -> Option<Distribution> {
    let at = |key: &str| format!("{path}.{key}");
    let time = |key: &str| behaviour.duration(&at(key)).map(|time| time.secs() * factor);
    let pairs = |key: &str| behaviour.find(&at(key)).map(|found| found.value.as_list().unwrap_or_default());
    if let Some(points) = pairs("tail").and_then(|items| items.iter().map(|item| tail_point(item, factor)).collect()) {
        return falling(points);
    }
    if let Some(parts) = pairs("parts").and_then(|items| items.iter().map(|item| part(item, factor)).collect()) {
        return mixture(parts);
    }
    if let (Some(p50), Some(p99)) = (time("p50"), time("p99")) {
        return Some(Distribution::lognormal_of(p50, p99));
    }
    let mean = time("mean").or_else(|| time("p50")).or_else(|| behaviour.duration(path).map(|t| t.secs() * factor))?;
    let cv = behaviour.number(&at("cv"));
    let shape = behaviour.number(&at("shape")).filter(|shape| *shape > 0.0);
    Some(match behaviour.text(&at("distribution")).as_deref() {
        _ if mean <= 0.0 => Distribution::Constant(0.0),
        Some("constant") => Distribution::Constant(mean),
        Some("uniform") => Distribution::Uniform(0.0, 2.0 * mean),
        Some("lognormal") => {
            let cv = cv.unwrap_or(1.0);
            Distribution::lognormal_mean(mean, libm::sqrt(libm::log1p(cv * cv)))
        }
        Some("gamma") => Distribution::Gamma { shape: shape.or(cv.map(|cv| 1.0 / (cv * cv))).unwrap_or(2.0), mean },
        Some("weibull") => {
            let shape = shape.unwrap_or(0.7);
            Distribution::Weibull { scale: mean / libm::tgamma(1.0 + 1.0 / shape), shape }
        }
        Some("pareto") => {
            let shape = shape.filter(|shape| *shape > 1.0).unwrap_or(2.5);
            Distribution::Pareto { scale: mean * (shape - 1.0) / shape, shape }
        }
        Some("normal") => Distribution::Normal { mean, sd: (cv.unwrap_or(0.2) * mean).max(f64::MIN_POSITIVE) },
        Some("erlang") => Distribution::Erlang { k: shape.unwrap_or(2.0).max(1.0) as u32, mean },
        _ => match cv {
            Some(cv) if cv > 1.0 => Distribution::balanced(mean, cv * cv),
            Some(cv) if cv > 0.0 && cv < 1.0 => Distribution::Gamma { shape: 1.0 / (cv * cv), mean },
            Some(0.0) => Distribution::Constant(mean),
            _ => Distribution::Exponential(mean),
        },
    })
}

fn tail_point(item: &Value, factor: f64) -> Option<(f64, f64)> {
    let [time, share] = item.as_list()? else { return None };
    let time = Duration::parse(&time.scalar_text()?).ok()?.secs() * factor;
    Some((time, Share::parse(&share.scalar_text()?).ok()?.value()))
}

fn part(item: &Value, factor: f64) -> Option<(f64, f64)> {
    let [share, mean] = item.as_list()? else { return None };
    let mean = Duration::parse(&mean.scalar_text()?).ok()?.secs() * factor;
    Some((Share::parse(&share.scalar_text()?).ok()?.value(), mean))
}

/// A tail whose times rise and whose shares fall.
fn falling(points: Vec<(f64, f64)>) -> Option<Distribution> {
    let inside = points.iter().all(|(time, share)| *time > 0.0 && *share > 0.0 && *share < 1.0);
    let falls = points.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 > pair[1].1);
    (!points.is_empty() && inside && falls).then_some(Distribution::Tail(points))
}

/// A mixture whose shares are made to sum to 1.
fn mixture(parts: Vec<(f64, f64)>) -> Option<Distribution> {
    let sum: f64 = parts.iter().map(|part| part.0).sum();
    (sum > 0.0).then(|| Distribution::Mixture(parts.into_iter().map(|(share, mean)| (share / sum, mean)).collect()))
}

impl Builder<'_> {
    /// How long an element's own work takes.
    pub(super) fn service(&mut self, unit: ElementIx) -> Distribution {
        let model = self.model;
        let behaviour = Behaviour::of_element(model.element(unit));
        let factor = self.factors.get(&unit).copied().unwrap_or(1.0);
        if let Some(law) = law(behaviour, "service_time", factor) {
            return self.with_replay(unit, behaviour, law, factor);
        }
        let assumed = defaults::of(model.element(unit));
        let promised = behaviour.duration("slo.p99").map(|time| time.secs() * factor);
        if let Some(p99) = promised.filter(|_| model.element(unit).external) {
            self.assume(unit, "answers as its promise says: the p99, and a quarter of it as the median");
            return Distribution::lognormal_of(p99 / 4.0, p99);
        }
        let text = format!(
            "work takes {} (p99 {}), as that of {} does here",
            show(assumed.p50),
            show(assumed.p99),
            assumed.a_role()
        );
        self.assume(unit, &text);
        Distribution::lognormal_of(assumed.p50 * factor, assumed.p99 * factor)
    }

    /// What is added by events that are replayed since the last snapshot.
    fn with_replay(
        &mut self,
        unit: ElementIx,
        behaviour: Behaviour<'_>,
        law: Distribution,
        factor: f64,
    ) -> Distribution {
        let Some(each) = behaviour.duration("service_time.per_event") else { return law };
        let every = behaviour.count("data.snapshot_every").unwrap_or_else(|| {
            self.assume(unit, &format!("replays up to {EVENTS_UNSNAPPED} events, as no snapshot is stated"));
            EVENTS_UNSNAPPED
        });
        let longest = every.saturating_sub(1) as f64 * each.secs() * factor;
        Distribution::Sum(Box::new(law), Box::new(Distribution::Uniform(0.0, longest)))
    }
}
