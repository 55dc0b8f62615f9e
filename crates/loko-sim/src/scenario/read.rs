//! Reading a scenario file: every table with its keys, amounts with units, findings with places.

mod studies;

use super::{
    CLIENTS_MAX, Chosen, DURATION_MAX_S, DURATION_S, Expectation, Fault, Knob, Load, Metric, Named, POINTS_MAX,
    REPLICATIONS, REPLICATIONS_MAX, Scenario, Setting, Sweep, Trouble, Variant, Way, claim,
};
use crate::distribution::Distribution;
use crate::network::Arrivals;
use indexmap::IndexMap;
use loko_model::behaviour::{Duration, Rate, Share};
use loko_model::value::{Data, Entry, Value};
use loko_source::suggest::did_you_mean;
use loko_source::{Diagnostic, FilePath, Span};

const TOP: &[&str] = &[
    "name",
    "question",
    "duration",
    "warmup",
    "seed",
    "replications",
    "confidence",
    "overload",
    "environment",
    "load",
    "fault",
    "variant",
    "expect",
    "window",
    "recovered",
    "sweep",
    "find",
    "sensitivity",
];
const LOAD: &[&str] = &["name", "from", "to", "view", "profile", "priority", "clients"];
const PROFILE: &[&str] =
    &["kind", "rate", "from", "to", "over", "after", "steps", "base", "peak", "at", "for", "users", "think", "clients"];
const KINDS: &[&str] = &["constant", "ramp", "steps", "spike", "daily", "closed", "burst"];
const TROUBLES: &[&str] = &[
    "slow",
    "steal",
    "fail",
    "poison",
    "crash",
    "stop",
    "kill",
    "partition",
    "drop",
    "spike",
    "flush",
    "deploy",
    "interrupt",
    "lose_leader",
    "skew",
];
const FAULT: &[&str] = &[
    "at",
    "for",
    "by",
    "share",
    "slow",
    "fail",
    "crash",
    "stop",
    "kill",
    "partition",
    "drop",
    "steal",
    "poison",
    "spike",
    "flush",
    "deploy",
    "interrupt",
    "lose_leader",
    "skew",
    "variant",
];
const VARIANT: &[&str] = &["name", "set", "environment"];
const EXPECT: &[&str] = &["variant", "load", "of", "that"];
/// The code of all findings about scenarios.
const CODE: &str = "scenario";

/// How far a clock is ahead when a fault does not say, in seconds.
const SKEW_S: f64 = 60.0;

type Table = IndexMap<String, Entry>;

struct Reader<'a> {
    path: &'a FilePath,
    findings: Vec<Diagnostic>,
}

/// Reads a scenario; what is wrong with it otherwise.
pub fn read(path: &FilePath, text: &str) -> Result<Scenario, Vec<Diagnostic>> {
    let (top, findings) = loko_model::load::read_toml(path, text);
    if !findings.is_empty() {
        // What is read of a text that does not parse is a guess.
        return Err(findings);
    }
    let mut reader = Reader { path, findings };
    let scenario = reader.scenario(&top);
    if reader.findings.is_empty() { Ok(scenario) } else { Err(reader.findings) }
}

impl Reader<'_> {
    fn tell(&mut self, span: Span, message: impl Into<String>, label: &'static str, help: Option<String>) {
        let mut finding = Diagnostic::error(CODE, message).at(self.path, span, label);
        finding.help = help.map(Into::into);
        self.findings.push(finding);
    }

    fn keys(&mut self, table: &Table, known: &'static [&'static str], of: &str) {
        for (key, entry) in table.iter().filter(|(key, _)| !known.contains(&key.as_str())) {
            let help =
                did_you_mean(key, known.iter().copied()).or_else(|| Some(format!("it may have {}", known.join(", "))));
            self.tell(entry.key_span, format!("{of} has no `{key}`"), "unknown", help);
        }
    }

    fn text(&mut self, table: &Table, key: &str) -> Option<Named> {
        let entry = table.get(key)?;
        let text = entry.value.as_text().map(str::to_owned);
        if text.is_none() {
            self.tell(entry.value.span, format!("`{key}` must be a text"), entry.value.kind_name(), None);
        }
        Some(Named { text: text?, span: entry.value.span })
    }

    fn amount<T, P: std::fmt::Display>(
        &mut self,
        table: &Table,
        key: &str,
        parse: impl Fn(&str) -> Result<T, P>,
        example: &str,
    ) -> Option<T> {
        let value = &table.get(key)?.value;
        let Some(text) = value.scalar_text() else {
            self.tell(value.span, format!("`{key}` must be an amount such as `{example}`"), value.kind_name(), None);
            return None;
        };
        match parse(&text) {
            Ok(amount) => Some(amount),
            Err(problem) => {
                let help = Some(format!("write an amount such as `{example}`"));
                self.tell(value.span, format!("`{key}` is `{text}`: {problem}"), "not understood", help);
                None
            }
        }
    }

    fn duration(&mut self, table: &Table, key: &str) -> Option<f64> {
        self.amount(table, key, |text| Duration::parse(text).map_err(|problem| problem.why), "5m").map(Duration::secs)
    }

    fn rate(&mut self, table: &Table, key: &str) -> Option<f64> {
        self.amount(table, key, |text| Rate::parse(text).map_err(|problem| problem.why), "10rps").map(Rate::per_second)
    }

    fn share(&mut self, table: &Table, key: &str) -> Option<f64> {
        self.amount(table, key, |text| Share::parse(text).map_err(|problem| problem.why), "10 %").map(Share::value)
    }

    fn number(&mut self, table: &Table, key: &str) -> Option<f64> {
        let value = &table.get(key)?.value;
        let number = match value.data {
            Data::Integer(number) => Some(number as f64),
            Data::Float(number) => Some(number),
            _ => None,
        };
        match number.filter(|number| number.is_finite() && *number >= 0.0) {
            Some(number) => Some(number),
            None => {
                self.tell(value.span, format!("`{key}` must be a number of at least 0"), value.kind_name(), None);
                None
            }
        }
    }

    fn tables<'v>(&mut self, table: &'v Table, key: &str) -> Vec<(&'v Table, Span)> {
        let Some(entry) = table.get(key) else { return Vec::new() };
        let tables: Vec<_> = entry
            .value
            .as_list()
            .unwrap_or_default()
            .iter()
            .filter_map(|item| Some((item.as_map()?, item.span)))
            .collect();
        if tables.is_empty() {
            let help = Some(format!("start each with a line `[[{key}]]`"));
            self.tell(entry.key_span, format!("`{key}` must be tables"), entry.value.kind_name(), help);
        }
        tables
    }

    fn scenario(&mut self, top: &Table) -> Scenario {
        self.keys(top, TOP, "a scenario");
        let duration = self.duration(top, "duration").unwrap_or(DURATION_S);
        if duration <= 0.0 || duration > DURATION_MAX_S {
            let span = top.get("duration").map_or(Span::at(0), |entry| entry.value.span);
            self.tell(span, "a scenario lasts more than nothing and at most 30 days", "here", None);
        }
        let warmup = self.duration(top, "warmup");
        if let (Some(warmup), Some(entry)) = (warmup, top.get("warmup"))
            && warmup >= duration
        {
            self.tell(entry.value.span, "the warm-up leaves nothing to observe", "as long as the whole", None);
        }
        let replications = self.number(top, "replications").map_or(REPLICATIONS, |count| count as u32);
        if replications == 0 || replications > REPLICATIONS_MAX {
            let span = top.get("replications").map_or(Span::at(0), |entry| entry.value.span);
            self.tell(span, format!("there must be 1 to {REPLICATIONS_MAX} replications"), "here", None);
        }
        let loads: Vec<Load> =
            self.tables(top, "load").into_iter().filter_map(|(table, span)| self.load(table, span)).collect();
        if !top.contains_key("load") {
            let help = Some("add a `[[load]]` with `from`, `to` and `profile`, or with `view`".to_owned());
            self.tell(Span::at(0), "nobody asks for anything: the scenario has no load", "no `[[load]]`", help);
        }
        let faults = self
            .tables(top, "fault")
            .into_iter()
            .filter_map(|(table, span)| self.fault(table, span, duration))
            .collect();
        let mut variants: Vec<Variant> =
            self.tables(top, "variant").into_iter().map(|(table, span)| self.variant(table, span)).collect();
        if variants.is_empty() {
            variants.push(Variant { name: "as is".to_owned(), settings: Vec::new(), environment: None });
        }
        let expectations =
            self.tables(top, "expect").into_iter().filter_map(|(table, span)| self.expectation(table, span)).collect();
        let window = self.duration(top, "window").unwrap_or(0.0);
        let recovered = self.recovered(top);
        let sweeps: Vec<Sweep> =
            self.tables(top, "sweep").into_iter().filter_map(|(table, span)| self.sweep(table, span)).collect();
        if sweeps.iter().map(|sweep| sweep.values.len()).product::<usize>() > POINTS_MAX {
            let span = top.get("sweep").map_or(Span::at(0), |entry| entry.key_span);
            self.tell(span, format!("the sweeps have more than {POINTS_MAX} points together"), "here", None);
        }
        let searches =
            self.tables(top, "find").into_iter().filter_map(|(table, span)| self.search(table, span)).collect();
        let text = |reader: &mut Self, key: &str| reader.text(top, key).map(|named| named.text);
        let file = self.path.file_name().trim_end_matches(".toml").to_owned();
        let overload = matches!(top.get("overload").map(|entry| &entry.value.data), Some(Data::Bool(true)));
        let scenario = Scenario {
            path: self.path.clone(),
            name: text(self, "name").unwrap_or(file),
            question: text(self, "question").unwrap_or_default(),
            duration,
            warmup: warmup.unwrap_or(duration * 0.1),
            seed: self.number(top, "seed").map_or(1, |seed| seed as u64),
            replications,
            confidence: self.confidence(top),
            overload,
            environment: self.environment(top),
            loads,
            faults,
            variants,
            expectations,
            window,
            recovered,
            sweeps,
            searches,
            sensitivity: self.sensitivity(top),
        };
        self.names(&scenario);
        scenario
    }

    fn environment(&mut self, table: &Table) -> Option<Chosen> {
        self.text(table, "environment").map(|named| Chosen { name: named.text, span: Some(named.span) })
    }

    fn confidence(&mut self, top: &Table) -> f64 {
        const USUAL: f64 = 0.95;
        let Some(share) = self.share(top, "confidence") else { return USUAL };
        if share > 0.0 && share < 1.0 {
            return share;
        }
        let span = top.get("confidence").map_or(Span::at(0), |entry| entry.value.span);
        self.tell(span, "a confidence lies between 0 % and 100 %", "here", Some("such as `\"95 %\"`".to_owned()));
        USUAL
    }

    /// Variants and loads that expectations and spikes name must be there.
    fn names(&mut self, scenario: &Scenario) {
        let variants: Vec<&str> = scenario.variants.iter().map(|variant| variant.name.as_str()).collect();
        let loads: Vec<&str> = scenario.loads.iter().map(|load| load.name.as_str()).collect();
        let spikes =
            scenario.faults.iter().filter(|fault| matches!(fault.what, Trouble::Spike(_))).map(|fault| &fault.target);
        let turned =
            scenario.sweeps.iter().map(|sweep| &sweep.knob).chain(scenario.searches.iter().map(|find| &find.knob));
        let turned = turned.filter_map(|knob| if let Knob::Load(load) = knob { Some(load) } else { None });
        let swung = scenario.sensitivity.as_ref().and_then(|sensitivity| sensitivity.load.as_ref());
        let wanted = scenario.expectations.iter().filter_map(|expect| expect.load.as_ref()).chain(spikes);
        let wanted = wanted.chain(turned).chain(swung);
        for load in wanted.filter(|load| !loads.contains(&load.text.as_str())).cloned().collect::<Vec<_>>() {
            self.tell(
                load.span,
                format!("there is no load `{}`", load.text),
                "unknown",
                did_you_mean(&load.text, loads.iter().copied()),
            );
        }
        let of_faults = scenario.faults.iter().filter_map(|fault| fault.variant.as_ref());
        for variant in scenario.expectations.iter().filter_map(|expect| expect.variant.as_ref()).chain(of_faults) {
            if !variants.contains(&variant.text.as_str()) {
                let help = did_you_mean(&variant.text, variants.iter().copied());
                self.tell(variant.span, format!("there is no variant `{}`", variant.text), "unknown", help);
            }
        }
    }

    fn load(&mut self, table: &Table, span: Span) -> Option<Load> {
        self.keys(table, LOAD, "a load");
        let way = match (self.text(table, "view"), self.text(table, "from"), self.text(table, "to")) {
            (Some(view), None, None) => Way::View(view),
            (None, Some(from), Some(to)) => Way::Relation { from, to },
            _ => {
                self.tell(span, "a load needs `from` and `to`, or `view`", "here", None);
                return None;
            }
        };
        let name = self.text(table, "name").map_or_else(
            || match &way {
                Way::View(view) => view.text.clone(),
                Way::Relation { to, .. } => to.text.clone(),
            },
            |named| named.text,
        );
        let Some(profile) = table.get("profile") else {
            let help = Some("such as `profile = { kind = \"constant\", rate = \"10rps\" }`".to_owned());
            self.tell(span, format!("load `{name}` does not say how often"), "no `profile`", help);
            return None;
        };
        let arrivals = match profile.value.as_map() {
            Some(profile) => self.arrivals(profile, span)?,
            None => {
                self.tell(profile.value.span, "`profile` must be a table", profile.value.kind_name(), None);
                return None;
            }
        };
        if matches!(&arrivals, Arrivals::Open(_)) && arrivals.peak() <= 0.0 {
            let help = Some("give it a rate above 0, or leave the load out".to_owned());
            self.tell(profile.value.span, format!("load `{name}` never asks for anything"), "a rate of 0", help);
        }
        let class = self.number(table, "priority").map_or(0, |class| class.min(255.0) as u8);
        let clients = self.number(table, "clients").map_or(1, |count| count.clamp(1.0, CLIENTS_MAX) as u32);
        Some(Load { name, span, way, arrivals, class, clients })
    }

    /// What counts as healed.
    fn recovered(&mut self, top: &Table) -> Option<Expectation> {
        let named = self.text(top, "recovered")?;
        match claim(&named.text) {
            Ok((metric @ (Metric::Success | Metric::Errors | Metric::Quantile(_)), below, limit)) => {
                Some(Expectation {
                    variant: None,
                    load: None,
                    of: None,
                    text: named.text,
                    span: named.span,
                    metric,
                    below,
                    limit,
                })
            }
            Ok(_) => {
                let help = Some("such as `recovered = \"success > 99 %\"` or `\"p99 < 1s\"`".to_owned());
                self.tell(named.span, "a window has a success, errors and percentiles only", "here", help);
                None
            }
            Err(message) => {
                self.tell(named.span, message, "not understood", None);
                None
            }
        }
    }

    fn arrivals(&mut self, table: &Table, span: Span) -> Option<Arrivals> {
        self.keys(table, PROFILE, "a profile");
        let kind = self.text(table, "kind").unwrap_or(Named { text: "constant".to_owned(), span });
        match kind.text.as_str() {
            "constant" => Some(Arrivals::poisson(self.needed(table, "rate", span, Self::rate)?)),
            "ramp" => {
                let (from, to) =
                    (self.needed(table, "from", span, Self::rate)?, self.needed(table, "to", span, Self::rate)?);
                let after = self.duration(table, "after").unwrap_or(0.0);
                let over = self.needed(table, "over", span, Self::duration)?;
                Some(Arrivals::Open(vec![(after, from), (after + over.max(1e-9), to)]))
            }
            "spike" => {
                let (base, peak) =
                    (self.needed(table, "base", span, Self::rate)?, self.needed(table, "peak", span, Self::rate)?);
                let (at, length) =
                    (self.needed(table, "at", span, Self::duration)?, self.needed(table, "for", span, Self::duration)?);
                Some(Arrivals::Open(vec![
                    (at, base),
                    (at + 1e-6, peak),
                    (at + length, peak),
                    (at + length + 1e-6, base),
                ]))
            }
            "daily" => {
                let (base, peak) =
                    (self.needed(table, "base", span, Self::rate)?, self.needed(table, "peak", span, Self::rate)?);
                let at = self.needed(table, "at", span, Self::duration)?;
                Some(Arrivals::Open(day(base, peak, at)))
            }
            "burst" => {
                let clients = self.clients(table, "clients", span)?;
                let at = self.duration(table, "at").unwrap_or(0.0);
                Some(Arrivals::Burst { clients, at })
            }
            "steps" => self.steps(table, span),
            "closed" => {
                let clients = self.clients(table, "users", span)?;
                let think = self.needed(table, "think", span, Self::duration)?;
                Some(Arrivals::Closed { clients, think: Distribution::Exponential(think) })
            }
            other => {
                let help =
                    did_you_mean(other, KINDS.iter().copied()).or_else(|| Some(format!("one of {}", KINDS.join(", "))));
                self.tell(kind.span, format!("there is no profile `{other}`"), "unknown", help);
                None
            }
        }
    }

    /// How many clients a profile has.
    fn clients(&mut self, table: &Table, key: &str, span: Span) -> Option<u32> {
        let count = self.needed(table, key, span, Self::number)?;
        if (1.0..=CLIENTS_MAX).contains(&count) {
            return Some(count as u32);
        }
        let span = table.get(key).map_or(span, |entry| entry.value.span);
        self.tell(span, format!("there can be 1 to {CLIENTS_MAX} of them"), "here", None);
        None
    }

    fn needed(
        &mut self,
        table: &Table,
        key: &str,
        span: Span,
        read: impl Fn(&mut Self, &Table, &str) -> Option<f64>,
    ) -> Option<f64> {
        if !table.contains_key(key) {
            self.tell(span, format!("the profile needs `{key}`"), "here", None);
        }
        read(self, table, key)
    }

    fn steps(&mut self, table: &Table, span: Span) -> Option<Arrivals> {
        let Some(entry) = table.get("steps") else {
            self.tell(
                span,
                "the profile needs `steps`",
                "here",
                Some("such as `steps = [[\"0s\", \"10rps\"], [\"5m\", \"50rps\"]]`".to_owned()),
            );
            return None;
        };
        let mut points: Vec<(f64, f64)> = Vec::new();
        for step in entry.value.as_list().unwrap_or_default() {
            let pair = step.as_list().unwrap_or_default();
            let texts: Vec<String> = pair.iter().filter_map(Value::scalar_text).collect();
            let parsed = match texts.as_slice() {
                [at, rate] => Duration::parse(at).ok().zip(Rate::parse(rate).ok()),
                _ => None,
            };
            let Some((at, rate)) = parsed else {
                self.tell(step.span, "a step is a time and a rate: `[\"5m\", \"50rps\"]`", "not understood", None);
                return None;
            };
            let (at, rate) = (at.secs(), rate.per_second());
            if let Some((before, last)) = points.last().copied() {
                if at <= before {
                    self.tell(step.span, "steps must come one after the other", "too early", None);
                    return None;
                }
                points.push((at - 1e-6, last));
            }
            points.push((at, rate));
        }
        (!points.is_empty()).then_some(Arrivals::Open(points))
    }

    fn fault(&mut self, table: &Table, span: Span, duration: f64) -> Option<Fault> {
        self.keys(table, FAULT, "a fault");
        let kind = TROUBLES.iter().copied().find(|kind| table.contains_key(*kind));
        let Some(kind) = kind else {
            self.tell(
                span,
                "the fault does not say what goes wrong",
                "here",
                Some(format!("one of {}", TROUBLES.join(", "))),
            );
            return None;
        };
        let target = self.text(table, kind)?;
        let at = self.duration(table, "at").unwrap_or(0.0);
        let flush = kind == "flush";
        let length = self.duration(table, "for").unwrap_or(if flush { 0.0 } else { duration });
        if at >= duration {
            self.tell(span, "the fault begins after the scenario has ended", "too late", None);
        }
        // How far a clock is off is a time, how much more there is of something a number.
        let (by, ahead) = match kind {
            "skew" => (None, self.duration(table, "by")),
            _ => (self.number(table, "by"), None),
        };
        let share = self.share(table, "share");
        let what = match kind {
            "slow" => Trouble::Slow(by.unwrap_or(10.0)),
            "fail" => Trouble::Fail(share.unwrap_or(1.0)),
            "crash" => Trouble::Crash,
            "stop" => Trouble::Stop,
            "kill" => Trouble::Kill(share.unwrap_or(0.5)),
            "partition" => Trouble::Partition,
            "drop" => Trouble::Drop(share.unwrap_or(0.5)),
            "steal" => {
                if share == Some(1.0) {
                    let help = Some("say `stop` for what does nothing any more".to_owned());
                    self.tell(span, "who has nothing of its processor is never done", "`share` is all of it", help);
                    return None;
                }
                Trouble::Steal(share.unwrap_or(0.5))
            }
            "poison" => Trouble::Poison(share.unwrap_or(0.01)),
            "spike" => Trouble::Spike(by.unwrap_or(2.0)),
            "deploy" => Trouble::Deploy { failure: share.unwrap_or(0.0), slow: by.unwrap_or(1.0) },
            "interrupt" => Trouble::Interrupt,
            "lose_leader" => Trouble::LoseLeader,
            "skew" => Trouble::Skew(ahead.unwrap_or(SKEW_S)),
            _ => Trouble::Flush,
        };
        let variant = self.text(table, "variant");
        Some(Fault { at, length, what, target, variant })
    }

    fn variant(&mut self, table: &Table, span: Span) -> Variant {
        self.keys(table, VARIANT, "a variant");
        let name = self.text(table, "name").map_or_else(|| "variant".to_owned(), |named| named.text);
        let environment = self.environment(table);
        let mut settings = Vec::new();
        if let Some(set) = table.get("set") {
            let Some(targets) = set.value.as_map() else {
                self.tell(
                    set.value.span,
                    "`set` must be a table of elements or relations",
                    set.value.kind_name(),
                    None,
                );
                return Variant { name, settings, environment };
            };
            for (target, entry) in targets {
                let named = Named { text: target.clone(), span: entry.key_span };
                let Some(keys) = entry.value.as_map() else {
                    let help = Some("such as `{ breaker = false }` or `{ replicas = 8 }`".to_owned());
                    self.tell(
                        entry.value.span,
                        format!("`{target}` must have a table of what is different"),
                        "here",
                        help,
                    );
                    continue;
                };
                for (key, entry) in keys {
                    settings.push(Setting {
                        target: named.clone(),
                        key: key.clone(),
                        key_span: entry.key_span,
                        value: entry.value.clone(),
                        file: None,
                    });
                }
            }
        } else if table.is_empty() {
            self.tell(span, "the variant is empty", "here", None);
        }
        Variant { name, settings, environment }
    }

    fn expectation(&mut self, table: &Table, span: Span) -> Option<Expectation> {
        self.keys(table, EXPECT, "an expectation");
        let (variant, load, of) = (self.text(table, "variant"), self.text(table, "load"), self.text(table, "of"));
        let Some(that) = self.text(table, "that") else {
            self.tell(
                span,
                "the expectation does not say what",
                "no `that`",
                Some("such as `that = \"p99 < 300ms\"`".to_owned()),
            );
            return None;
        };
        match claim(&that.text) {
            Ok((metric, below, limit)) => {
                let named = matches!(metric, Metric::Named(_));
                if named != of.is_some() {
                    let help = if named { "say `of`: an element, or `source -> target`" } else { "leave `of` out" };
                    let message = format!(
                        "`{}` is a number of {}",
                        that.text,
                        if named { "an element or a call" } else { "a load" }
                    );
                    self.tell(that.span, message, "here", Some(help.to_owned()));
                    return None;
                }
                Some(Expectation { variant, load, of, text: that.text, span: that.span, metric, below, limit })
            }
            Err(message) => {
                let help = Some(
                    "write `p99 < 300ms`, `mean < 1s`, `success > 99.9 %`, `errors < 1 %` or `throughput > 10rps`"
                        .to_owned(),
                );
                self.tell(that.span, message, "not understood", help);
                None
            }
        }
    }
}

/// How many pieces a day has.
const DAY_PIECES: u32 = 48;

/// A day with its peak at one time and its low half a day later, as a cosine in straight pieces, for a month.
fn day(base: f64, peak: f64, at: f64) -> Vec<(f64, f64)> {
    const DAY: f64 = 86_400.0;
    let days = (DURATION_MAX_S / DAY) as u32;
    (0..=days * DAY_PIECES)
        .map(|piece| {
            let t = f64::from(piece) * DAY / f64::from(DAY_PIECES);
            let wave = (1.0 + libm::cos(2.0 * std::f64::consts::PI * (t - at) / DAY)) / 2.0;
            (t, base + (peak - base) * wave)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(text: &str) -> Vec<String> {
        let path = FilePath::new("scenarios/test.toml").expect("a path");
        read(&path, text).err().unwrap_or_default().into_iter().map(|finding| finding.message).collect()
    }

    const LOAD: &str = "[[load]]\nfrom = \"a\"\nto = \"b\"\nprofile = { rate = \"5rps\" }\n";

    #[test]
    fn a_small_scenario_is_read_and_defaults_are_filled_in() {
        let path = FilePath::new("scenarios/test.toml").unwrap();
        let scenario = read(&path, LOAD).unwrap();
        assert_eq!((scenario.name.as_str(), scenario.duration, scenario.replications), ("test", 600.0, 20));
        assert_eq!(scenario.variants.len(), 1);
    }

    #[test]
    fn whom_something_happens_to_follows_a_rename() {
        for kind in TROUBLES {
            let (target, expected) = match *kind {
                "partition" | "drop" => ("shop/web -> shop/db", "shop/web -> shop/store"),
                _ => ("shop/db", "shop/store"),
            };
            let load = "[[load]]\nfrom = \"shop/web\"\nto = \"shop/db\"\nprofile = { rate = \"5rps\" }\n";
            let text = format!("{load}[[fault]]\n{kind} = \"{target}\"\n");
            let snapshot = loko_source::Snapshot::from_texts([
                ("src/shop/system.md", "# Shop\n"),
                ("src/shop/web/container.md", "---\nrelationships: [shop/db]\n---\n"),
                ("src/shop/db/container.md", "---\nname: DB\n---\n"),
                ("scenarios/rush.toml", &text),
            ]);
            let wish = loko_model::edit::Rename {
                element: "shop/db".to_owned(),
                name: Some("Store".to_owned()),
                ..Default::default()
            };
            let plan =
                loko_model::edit::rename(&snapshot, &loko_model::load(&snapshot), &wish).expect("it can be renamed");
            let after = snapshot.overlay(&plan.changes).expect("the changes fit");
            let path = FilePath::new("scenarios/rush.toml").expect("a path");
            let scenario = read(&path, after.text(path.as_str()).unwrap_or_default()).expect("it can be read");
            assert_eq!(scenario.faults[0].target.text, expected, "{kind}");
            assert_eq!(scenario.loads[0].name, "shop/store");
            assert_eq!(
                crate::check(&loko_model::load(&after).model, &after)
                    .iter()
                    .filter(|it| it.message.contains("no element"))
                    .count(),
                0
            );
        }
    }

    #[test]
    fn what_is_wrong_is_told() {
        assert!(findings("")[0].contains("no load"));
        assert!(findings(&format!("duration = \"-5m\"\n{LOAD}"))[0].contains("`duration` is `-5m`"));
        assert!(findings(&format!("durration = \"5m\"\n{LOAD}"))[0].contains("no `durration`"));
        assert!(findings(&format!("{LOAD}[[expect]]\nthat = \"success > 100 %\"\n"))[0].contains("can't ever hold"));
        assert!(findings(&format!("{LOAD}[[expect]]\nthat = \"p99 < 3\"\n"))[0].contains("the limit is `3`"));
        assert!(findings(&format!("{LOAD}[[expect]]\nload = \"c\"\nthat = \"p99 < 3s\"\n"))[0].contains("no load `c`"));
        assert!(
            findings(&format!("{LOAD}[[fault]]\nat = \"20m\"\ncrash = \"b\"\n"))[0]
                .contains("after the scenario has ended")
        );
        assert!(!findings("[[load]").is_empty());
    }
}
