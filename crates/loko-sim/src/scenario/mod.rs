//! Scenarios: what happens to a model, for how long, and what is expected.
//!
//! A scenario is a TOML file below `scenarios/`. What the model states is not repeated there; a scenario says who asks
//! for what and how often, what goes wrong when, which variants are compared and which promises must hold. [`read`]
//! gives the scenario or all that is wrong with it, each with its place; names of elements are looked up when it is
//! [compiled](crate::compile).

mod claim;
pub mod folder;
mod read;

pub(crate) use claim::unit;
pub use claim::{NAMED, Unit, claim};
pub(crate) use loko_model::schema::split_key;
pub use read::read;

use crate::network::Arrivals;
use loko_model::value::Value;
use loko_source::{FilePath, Span};

/// The folder of scenarios.
pub const FOLDER: &str = loko_model::load::scope::SCENARIOS_FOLDER;
/// The longest a scenario may last, in seconds of virtual time: thirty days.
pub const DURATION_MAX_S: f64 = 30.0 * 86_400.0;
/// The most replications.
pub const REPLICATIONS_MAX: u32 = 1_000;
/// How many there are when a scenario does not say.
pub const REPLICATIONS: u32 = 20;
/// How long a scenario lasts when it does not say, in seconds.
pub const DURATION_S: f64 = 600.0;

/// A name that somebody wrote, with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Named {
    /// The text.
    pub text: String,
    /// Where it stands in the scenario.
    pub span: Span,
}

/// A deployment that somebody chose.
#[derive(Clone, Debug, PartialEq)]
pub struct Chosen {
    /// Its id or name.
    pub name: String,
    /// Where it stands in the scenario; nowhere when it was chosen from outside.
    pub span: Option<Span>,
}

/// A scenario.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Its file.
    pub path: FilePath,
    /// Its name.
    pub name: String,
    /// What it is asked for.
    pub question: String,
    /// How long it lasts, in seconds of virtual time.
    pub duration: f64,
    /// What is left out at the start, in seconds.
    pub warmup: f64,
    /// Where randomness starts.
    pub seed: u64,
    /// How often it is repeated with other random numbers.
    pub replications: u32,
    /// The confidence of intervals.
    pub confidence: f64,
    /// Whether a load that the servers can't keep up with is meant.
    pub overload: bool,
    /// The deployment whose copies run; the only one, or production, when it does not say.
    pub environment: Option<Chosen>,
    /// Who asks for what.
    pub loads: Vec<Load>,
    /// What goes wrong.
    pub faults: Vec<Fault>,
    /// What is compared; at least one.
    pub variants: Vec<Variant>,
    /// What must hold.
    pub expectations: Vec<Expectation>,
    /// The time from one point of a course to the next, in seconds; 0 leaves it open.
    pub window: f64,
    /// What a window after the last fault must show to count as healed; as before the fault when it is not given.
    pub recovered: Option<Expectation>,
    /// Settings that are tried one after the other.
    pub sweeps: Vec<Sweep>,
    /// Settings that are searched for the smallest or the largest one with which every expectation holds.
    pub searches: Vec<Search>,
    /// Whether every input is changed to see which one matters.
    pub sensitivity: Option<Sensitivity>,
}

/// Every input a bit less and a bit more, one at a time.
#[derive(Clone, Debug, PartialEq)]
pub struct Sensitivity {
    /// How much less and more, as a share.
    pub by: f64,
    /// The number that it is held against, one of [`crate::run::METRICS`].
    pub number: &'static str,
    /// Of which load; of the first when it does not say.
    pub load: Option<Named>,
}

/// What is changed from point to point.
#[derive(Clone, Debug, PartialEq)]
pub enum Knob {
    /// A key of an element or relation.
    Key(Named, String),
    /// How much a load is, against what the scenario says.
    Load(Named),
    /// How much all loads are.
    Loads,
}

impl Knob {
    /// How it is told.
    pub fn words(&self) -> String {
        match self {
            Self::Key(target, key) => format!("{}.{key}", target.text),
            Self::Load(load) => format!("load {}", load.text),
            Self::Loads => "load".to_owned(),
        }
    }
}

/// A series of values.
#[derive(Clone, Debug)]
pub struct Sweep {
    /// What is changed.
    pub knob: Knob,
    /// To what.
    pub values: Vec<Value>,
}

/// A search between two numbers.
#[derive(Clone, Debug)]
pub struct Search {
    /// What is changed.
    pub knob: Knob,
    /// Whether the smallest is wanted; the largest otherwise.
    pub smallest: bool,
    /// The least that is tried.
    pub from: f64,
    /// The most that is tried.
    pub to: f64,
    /// Whether every variant is searched by itself; all must keep their promises together otherwise.
    pub each: bool,
    /// Where it stands.
    pub span: Span,
}

/// The most requests of all replications and variants; more than this is a slip, or nobody would wait for it.
pub const REQUESTS_MAX: f64 = 2e9;
/// The most users of a load that asks again after each answer.
pub const CLIENTS_MAX: f64 = 1e6;
/// The most calls that one request may come to.
pub const CALLS_MAX: f64 = 1e6;

/// The most points of all sweeps of a scenario.
pub const POINTS_MAX: usize = 200;

/// Requests of one kind.
#[derive(Clone, Debug)]
pub struct Load {
    /// Its name.
    pub name: String,
    /// Where its table stands.
    pub span: Span,
    /// What each request does.
    pub way: Way,
    /// How they arrive.
    pub arrivals: Arrivals,
    /// Their class; 0 is the most important.
    pub class: u8,
    /// How many callers there are, each with policies of its own.
    pub clients: u32,
}

/// What a request does.
#[derive(Clone, Debug)]
pub enum Way {
    /// From an element to another, and on along the relations.
    Relation {
        /// Who asks.
        from: Named,
        /// Who is asked first.
        to: Named,
    },
    /// Along the steps of a dynamic view.
    View(Named),
}

/// Something that goes wrong for a while.
#[derive(Clone, Debug)]
pub struct Fault {
    /// When it begins, in seconds.
    pub at: f64,
    /// How long it lasts.
    pub length: f64,
    /// What.
    pub what: Trouble,
    /// To whom.
    pub target: Named,
    /// Only in this variant; in all when it does not say.
    pub variant: Option<Named>,
}

impl Fault {
    /// Whether it happens in a variant.
    pub fn is_in(&self, variant: &str) -> bool {
        self.variant.as_ref().is_none_or(|named| named.text == variant)
    }
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Trouble {
    /// Everything takes so many times as long.
    Slow(f64),
    /// So large a share fails.
    Fail(f64),
    /// It refuses everything.
    Crash,
    /// It stops working and says nothing.
    Stop,
    /// So large a share of its copies is gone.
    Kill(f64),
    /// Calls on a relation get lost.
    Partition,
    /// So large a share of the calls on a relation gets lost.
    Drop(f64),
    /// So large a share of the processor's time goes to others.
    Steal(f64),
    /// So large a share of what it is given can never be handled.
    Poison(f64),
    /// A load is so many times as high.
    Spike(f64),
    /// A cache is emptied.
    Flush,
    /// A new version goes out.
    Deploy {
        /// How often it fails.
        failure: f64,
        /// How many times as long it takes.
        slow: f64,
    },
    /// Spot machines are taken away.
    Interrupt,
    /// The leader of several copies is lost.
    LoseLeader,
    /// Its clock is so many seconds ahead of all others.
    Skew(f64),
}

impl Trouble {
    /// What happens, in words.
    pub fn words(self, target: &str) -> String {
        match self {
            Self::Slow(by) => format!("{target} takes {by} times as long"),
            Self::Fail(share) => format!("{:.0} % of the work of {target} fails", share * 100.0),
            Self::Crash => format!("{target} is down"),
            Self::Stop => format!("{target} hangs"),
            Self::Kill(share) => format!("{:.0} % of {target} is gone", share * 100.0),
            Self::Partition => format!("{target} is cut"),
            Self::Drop(share) => format!("{:.0} % of {target} is lost", share * 100.0),
            Self::Steal(share) => format!("{:.0} % of the processor of {target} is taken by others", share * 100.0),
            Self::Poison(share) => format!("{:.1} % of what {target} gets can't be handled", share * 100.0),
            Self::Spike(by) => format!("{by} times as much {target}"),
            Self::Flush => format!("{target} is emptied"),
            Self::Deploy { failure, slow } if slow != 1.0 => {
                format!(
                    "{target} gets a version of which {:.1} % fails and that takes {slow} times as long",
                    failure * 100.0
                )
            }
            Self::Deploy { failure, .. } if failure > 0.0 => {
                format!("{target} gets a version of which {:.1} % fails", failure * 100.0)
            }
            Self::Deploy { .. } => format!("{target} gets a new version"),
            Self::Interrupt => format!("machines of {target} are taken away"),
            Self::LoseLeader => format!("{target} loses its leader"),
            Self::Skew(ahead) => format!("the clock of {target} is {} ahead", crate::compile::show(ahead)),
        }
    }
}

/// A change of the model for one variant.
#[derive(Clone, Debug)]
pub struct Setting {
    /// An element, or `source -> target`.
    pub target: Named,
    /// The key of its behaviour.
    pub key: String,
    /// Where the key stands.
    pub key_span: Span,
    /// The value; `false` takes it away.
    pub value: Value,
    /// The text that it stands in, when that is not the scenario's.
    pub file: Option<FilePath>,
}

/// One of the things that are compared.
#[derive(Clone, Debug)]
pub struct Variant {
    /// Its name.
    pub name: String,
    /// What is different from the model.
    pub settings: Vec<Setting>,
    /// The deployment whose copies run; the scenario's when it does not say.
    pub environment: Option<Chosen>,
}

/// A number that something is expected of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Metric {
    /// A percentile of the time of requests that succeeded, in seconds.
    Quantile(f64),
    /// The mean of that time.
    Mean,
    /// The share of requests that succeed.
    Success,
    /// The share that fails.
    Errors,
    /// Successes a second.
    Throughput,
    /// How long after the last fault a load is healthy again.
    Recovery,
    /// When the last request succeeded.
    Finished,
    /// What all of it costs an hour.
    Cost,
    /// How many times as fast as it may the error budget is used, of what the load asks first.
    Burn,
    /// A number of an element or a call, by its name in [`NAMED`].
    Named(&'static str),
}

/// What must hold.
#[derive(Clone, Debug)]
pub struct Expectation {
    /// In which variant; in all when it does not say.
    pub variant: Option<Named>,
    /// For which load; for all when it does not say.
    pub load: Option<Named>,
    /// The element, or `source -> target`, whose number it is.
    pub of: Option<Named>,
    /// As written: `p99 < 300ms`.
    pub text: String,
    /// Where it stands.
    pub span: Span,
    /// The number.
    pub metric: Metric,
    /// Whether it must be below the limit.
    pub below: bool,
    /// The limit.
    pub limit: f64,
}

#[cfg(test)]
mod tests {
    use super::split_key;

    #[test]
    fn keys_begin_where_a_behaviour_is_named() {
        assert_eq!(split_key("orders/web.autoscaling.min"), Some(("orders/web", "autoscaling.min")));
        assert_eq!(split_key("orders/api.v2.replicas"), Some(("orders/api.v2", "replicas")));
        assert_eq!(split_key("a/b -> c/d.timeout.read"), Some(("a/b -> c/d", "timeout.read")));
        assert_eq!(split_key("a/b.nothing"), Some(("a/b", "nothing")));
        assert_eq!(split_key("a/b"), None);
    }
}
