//! What is assumed where the model does not say: one table, told in every report.

use loko_model::{Element, ElementShape, Kind};

/// What is assumed of an element.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Assumed {
    /// The role in words.
    pub role: &'static str,
    /// The median of its work in seconds.
    pub p50: f64,
    /// The 99th percentile of its work.
    pub p99: f64,
    /// How many requests one copy handles at a time; `None` is no limit.
    pub concurrency: Option<u32>,
}

impl Assumed {
    /// The role with its article.
    pub fn a_role(&self) -> String {
        let article = if self.role.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
        format!("{article} {}", self.role)
    }
}

const DATABASE: Assumed = Assumed { role: "database", p50: 0.002, p99: 0.020, concurrency: Some(50) };
const CACHE: Assumed = Assumed { role: "cache", p50: 0.0005, p99: 0.002, concurrency: Some(100) };
const MESSAGES: Assumed = Assumed { role: "queue or topic", p50: 0.001, p99: 0.005, concurrency: None };
const BUCKET: Assumed = Assumed { role: "bucket", p50: 0.020, p99: 0.100, concurrency: None };
const CLIENT: Assumed = Assumed { role: "client", p50: 0.0, p99: 0.0, concurrency: None };
const EXTERNAL: Assumed = Assumed { role: "external system", p50: 0.080, p99: 0.400, concurrency: None };
const FUNCTION: Assumed = Assumed { role: "function", p50: 0.050, p99: 0.300, concurrency: None };
const SERVICE: Assumed = Assumed { role: "service", p50: 0.005, p99: 0.040, concurrency: Some(100) };

/// How many copies run.
pub const REPLICAS: u32 = 1;
/// How many calls a request makes along a relation.
pub const CALLS: f64 = 1.0;
/// How many keys a cache is asked for.
pub const CACHE_KEYS: u32 = 10_000;
/// How unequal their popularity is.
pub const CACHE_ZIPF: f64 = 0.9;
/// How long a new replica takes until it works, in seconds.
pub const STARTUP_S: f64 = 30.0;

/// What is assumed of an element by its role.
pub fn of(element: &Element) -> Assumed {
    let technology = element.technology.to_lowercase();
    let is = |words: &[&str]| words.iter().any(|word| technology.contains(word));
    match element.shape {
        Some(ElementShape::Database) => DATABASE,
        Some(ElementShape::Cache) => CACHE,
        Some(ElementShape::Queue | ElementShape::Topic) => MESSAGES,
        Some(ElementShape::Bucket) => BUCKET,
        Some(ElementShape::Browser | ElementShape::Mobile) => CLIENT,
        Some(ElementShape::Function) => FUNCTION,
        None if element.kind == Kind::Person => CLIENT,
        None if element.external => EXTERNAL,
        None if is(&["redis", "memcached", "valkey"]) => CACHE,
        None if is(&["postgres", "mysql", "mongo", "sql", "cassandra", "opensearch", "clickhouse", "dynamo"]) => {
            DATABASE
        }
        None if is(&["kafka", "sqs", "rabbitmq", "nats"]) => MESSAGES,
        None => SERVICE,
    }
}
