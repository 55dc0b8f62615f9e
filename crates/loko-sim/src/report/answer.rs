//! The answer in few words: does it keep what is expected, what breaks first, and where is the bottleneck?

use crate::compile::show;
use crate::network::{Network, UNLIMITED};
use crate::run::{Outcome, VariantResult};
use serde_json::{Value, json};

/// A call breaks when this share more of it fails in a window than before the first fault.
const BREAKS: f64 = 0.05;
/// Nothing is told from the failures of fewer calls than this, of all replications together.
const CALLS_MIN: f64 = 20.0;
/// What lies within so many standard deviations is taken for chance, as many windows are looked at.
const DEVIATIONS: f64 = 4.0;
/// What is less busy than this at its worst holds nothing up.
const BUSY_MIN: f64 = 0.01;

/// The call that is the first to fail more than it did.
pub(super) struct Break<'a> {
    call: &'a str,
    /// When the window begins, in seconds.
    at: f64,
    /// The share that fails in it.
    failing: f64,
}

/// The element that is nearest to its limit.
pub(super) struct Bottleneck<'a> {
    element: &'a str,
    /// How busy it is in its busiest window.
    worst: f64,
    /// When that begins, in seconds.
    at: f64,
    /// How busy it is over the whole run.
    mean: f64,
    /// How many times the load fills it by closed form, without faults; none where its copies come and go.
    full_at: Option<f64>,
}

/// How much more than usual may fail of so many calls by chance.
fn beyond_chance(usual: f64, calls: f64) -> f64 {
    let share = usual.max(1.0 / calls);
    DEVIATIONS * libm::sqrt(share * (1.0 - share) / calls)
}

/// How many calls away from the load each edge is.
fn depths(network: &Network) -> Vec<usize> {
    let mut depths = vec![0; network.edges.len()];
    let mut open: Vec<(u32, usize)> = network.sources.iter().map(|source| (source.edge, 1)).collect();
    while let Some((edge, depth)) = open.pop() {
        let known = &mut depths[edge as usize];
        // Each edge is looked at once for every depth that is more than the last, and no way is longer than all edges.
        if *known >= depth || depth > network.edges.len() {
            continue;
        }
        *known = depth;
        let node = &network.nodes[network.edges[edge as usize].target as usize];
        open.extend(node.steps.iter().flat_map(|step| step.edges.iter()).map(|edge| (*edge, depth + 1)));
    }
    depths
}

/// The first call that breaks in a variant; of several at once the one farthest from the load, where it comes from.
pub(super) fn first_break<'a>(outcome: &Outcome, variant: &'a VariantResult) -> Option<Break<'a>> {
    let network = &variant.compiled.network;
    let faults = outcome.scenario.faults.iter().filter(|fault| fault.is_in(&variant.name));
    let first_fault = faults.map(|fault| fault.at).min_by(f64::total_cmp);
    let depths = depths(network);
    let mut found: Option<(usize, std::cmp::Reverse<usize>, Break<'a>)> = None;
    for ((edge, courses), depth) in network.edges.iter().zip(&variant.record.edge_courses).zip(depths) {
        let [_, ended, failed, _] = courses;
        let step = ended.step() as f64 * 1e-9;
        let points = || ended.sums().iter().zip(failed.sums()).enumerate();
        let usual = first_fault.map_or(0.0, |fault| {
            let before = points().take_while(|(at, _)| (*at as f64 + 1.0) * step <= fault);
            let (all, bad) = before.fold((0.0, 0.0), |sum, (_, (all, bad))| (sum.0 + all, sum.1 + bad));
            if all > 0.0 { bad / all } else { 0.0 }
        });
        // Windows are put together until there are enough calls to tell, but not over the beginning of a fault.
        let (mut window, mut sums, mut broken) = (0, (0.0, 0.0), None);
        for (at, (all, bad)) in points() {
            let begins = first_fault.is_some_and(|fault| (fault / step).round() as usize == at);
            if sums.0 >= CALLS_MIN || begins {
                (window, sums) = (at, (0.0, 0.0));
            }
            sums = (sums.0 + all, sums.1 + bad);
            if sums.0 >= CALLS_MIN && sums.1 / sums.0 >= usual + beyond_chance(usual, sums.0).max(BREAKS) {
                broken = Some((window, sums));
                break;
            }
        }
        let Some((window, (all, bad))) = broken else { continue };
        let rank = (window, std::cmp::Reverse(depth));
        if found.as_ref().is_none_or(|(window, depth, _)| rank < (*window, *depth)) {
            // A window begins with the fault, but for less than a nanosecond a window.
            let at = window as f64 * step;
            let at = first_fault.filter(|fault| (fault - at).abs() < step / 2.0).unwrap_or(at);
            let told = Break { call: &edge.name, at, failing: bad / all };
            found = Some((rank.0, rank.1, told));
        }
    }
    found.map(|(.., told)| told)
}

/// The element that comes nearest to its limit in a variant.
pub(super) fn bottleneck(variant: &VariantResult) -> Option<Bottleneck<'_>> {
    let network = &variant.compiled.network;
    let mut found: Option<Bottleneck<'_>> = None;
    for (at, station) in network.stations.iter().enumerate() {
        let record = &variant.record.stations[at];
        if record.arrived == 0 || station.servers == UNLIMITED || station.elastic.is_some() {
            continue;
        }
        let Some([busy, _, servers]) = variant.record.station_courses.get(at) else { continue };
        let shares = busy.sums().iter().zip(servers.sums()).map(|(busy, all)| busy / all.max(1e-9)).enumerate();
        let Some((window, worst)) = shares.max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0))) else { continue };
        let expected = variant.outlook.stations[at].utilization;
        let full_at = (station.scaling.is_none() && expected > 0.0).then(|| 1.0 / expected);
        let one = Bottleneck {
            element: &station.name,
            worst: worst.min(1.0),
            at: window as f64 * busy.step() as f64 * 1e-9,
            mean: record.utilization(),
            full_at,
        };
        if found.as_ref().is_none_or(|known| (one.worst, one.mean) > (known.worst, known.mean)) {
            found = Some(one);
        }
    }
    found.filter(|found| found.worst >= BUSY_MIN)
}

impl Break<'_> {
    fn words(&self, outcome: &Outcome, variant: &VariantResult) -> String {
        let faults = outcome.scenario.faults.iter().filter(|fault| fault.is_in(&variant.name));
        let begun = faults.map(|fault| fault.at).filter(|at| *at <= self.at + 1e-9).max_by(f64::total_cmp);
        let after = match begun {
            Some(fault) if self.at - fault < 1e-9 => ", as soon as the fault begins".to_owned(),
            Some(fault) => format!(", {} after the fault began", show(self.at - fault)),
            None => String::new(),
        };
        format!("{:.0} % of the calls {} fail at {}{after}", self.failing * 100.0, self.call, show(self.at))
    }
}

impl Bottleneck<'_> {
    fn words(&self) -> String {
        let full = match self.full_at {
            Some(factor) if factor >= 10.0 => {
                format!("; without faults {} times the load fills it", super::grouped(factor, 0))
            }
            Some(factor) => format!("; without faults {factor:.1} times the load fills it"),
            None => String::new(),
        };
        format!(
            "{}, {:.0} % busy at its worst (at {}), {:.0} % on average{full}",
            self.element,
            self.worst * 100.0,
            show(self.at),
            self.mean * 100.0
        )
    }
}

/// Whether what is expected holds, in one sentence.
fn kept(outcome: &Outcome) -> String {
    let all = outcome.checks.len();
    let unclear = outcome.checks.iter().filter(|check| !check.holds && check.unclear).count();
    let fails = outcome.checks.iter().filter(|check| !check.holds).count() - unclear;
    let some = |count: usize| if all == 1 { String::new() } else { format!(" {count} of {all} expectations") };
    let rest = if unclear > 0 && fails > 0 { format!(", {unclear} can't be told") } else { String::new() };
    match (all, fails, unclear) {
        (0, ..) => "Nothing is expected: the scenario has no `[[expect]]`.".to_owned(),
        (1, 0, 0) => "HOLDS: what is expected.".to_owned(),
        (2, 0, 0) => "HOLDS: both expectations.".to_owned(),
        (_, 0, 0) => format!("HOLDS: all {all} expectations."),
        (1, 0, _) => "UNCLEAR: what is expected can't be told apart from its limit.".to_owned(),
        (_, 0, _) => format!("UNCLEAR:{} can't be told apart from their limits.", some(unclear)),
        (1, ..) => "FAILS: what is expected.".to_owned(),
        _ => format!("FAILS:{}{rest}.", some(fails)),
    }
}

/// The answer, a sentence a line: what is expected, what breaks first, where the bottleneck is.
pub fn answer(outcome: &Outcome) -> Vec<String> {
    let mut lines = vec![kept(outcome)];
    let ran: Vec<&VariantResult> = outcome.variants.iter().filter(|variant| variant.replications > 0).collect();
    let mut each = |what: &str, nothing: &str, words: &dyn Fn(&VariantResult) -> Option<String>| {
        let told: Vec<Option<String>> = ran.iter().map(|variant| words(variant)).collect();
        if told.iter().all(Option::is_none) {
            lines.extend((!ran.is_empty()).then(|| format!("{what}: {nothing}.")));
            return;
        }
        for (variant, told) in ran.iter().zip(told) {
            let of = if ran.len() > 1 { format!(" ({})", variant.name) } else { String::new() };
            lines.push(format!("{what}{of}: {}.", told.unwrap_or_else(|| nothing.to_owned())));
        }
    };
    each("First to break", "nothing, no call fails noticeably more than before", &|variant| {
        first_break(outcome, variant).map(|found| found.words(outcome, variant))
    });
    each("Bottleneck", "none, nothing with a limit is busy", &|variant| bottleneck(variant).map(|found| found.words()));
    lines
}

/// The same of one variant for programs. Times are in seconds, shares from 0 to 1.
pub(super) fn json(outcome: &Outcome, variant: &VariantResult) -> Value {
    let broken = first_break(outcome, variant)
        .map(|found| json!({ "call": found.call, "at_s": found.at, "failing": found.failing }));
    let bottleneck = bottleneck(variant).map(|found| {
        json!({ "element": found.element, "utilization_worst": found.worst, "at_s": found.at,
            "utilization": found.mean, "full_at_load": found.full_at })
    });
    json!({ "first_break": broken, "bottleneck": bottleneck })
}
