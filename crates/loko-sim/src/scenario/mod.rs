//! Scenarios: what happens to a model, for how long, and what is expected.
//!
//! A scenario is a TOML file below `scenarios/`. What the model states is not repeated there; a scenario says who asks
//! for what and how often, what goes wrong when, which variants are compared and which promises must hold. [`read`]
//! gives the scenario or all that is wrong with it, each with its place; names of elements are looked up when it is
//! [compiled](crate::compile).

mod read;

pub use read::read;

use crate::network::Arrivals;
use loko_model::value::Value;
use loko_source::{FilePath, Span};

/// The folder of scenarios.
pub const FOLDER: &str = "scenarios";
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
    /// Who asks for what.
    pub loads: Vec<Load>,
    /// What goes wrong.
    pub faults: Vec<Fault>,
    /// What is compared; at least one.
    pub variants: Vec<Variant>,
    /// What must hold.
    pub expectations: Vec<Expectation>,
}

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
    /// A load is so many times as high.
    Spike(f64),
    /// A cache is emptied.
    Flush,
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
            Self::Spike(by) => format!("{by} times as much {target}"),
            Self::Flush => format!("{target} is emptied"),
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
    /// The value; `false` takes it away.
    pub value: Value,
}

/// One of the things that are compared.
#[derive(Clone, Debug)]
pub struct Variant {
    /// Its name.
    pub name: String,
    /// What is different from the model.
    pub settings: Vec<Setting>,
}

/// A number of a load.
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
}

/// What must hold.
#[derive(Clone, Debug)]
pub struct Expectation {
    /// In which variant; in all when it does not say.
    pub variant: Option<Named>,
    /// For which load; for all when it does not say.
    pub load: Option<Named>,
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
