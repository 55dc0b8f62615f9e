//! What shape an element has by the technology that it is made with.
//!
//! Words are compared whole, so that "Forest" is no REST interface; only the first thing named counts ("Rust, Axum,
//! PostgreSQL" is a program that uses a database, not a database).

use crate::ElementShape::{self, Browser, Bucket, Cache, Database, Function, Mobile, Queue, Topic};
use rustc_hash::FxHashMap;
use std::sync::LazyLock;

/// Names in lower case, words separated by one space; where two match at one word, the longer one counts.
const NAMES: &[(&str, ElementShape)] = &[
    ("aerospike", Database),
    ("alloydb", Database),
    ("arangodb", Database),
    ("aurora", Database),
    ("bigquery", Database),
    ("bigtable", Database),
    ("cassandra", Database),
    ("clickhouse", Database),
    ("cloud spanner", Database),
    ("cloud sql", Database),
    ("cockroachdb", Database),
    ("cosmos db", Database),
    ("cosmosdb", Database),
    ("couchbase", Database),
    ("couchdb", Database),
    ("database", Database),
    ("db", Database),
    ("db2", Database),
    ("documentdb", Database),
    ("duckdb", Database),
    ("dynamodb", Database),
    ("elasticsearch", Database),
    ("firestore", Database),
    ("h2", Database),
    ("influxdb", Database),
    ("mariadb", Database),
    ("mongo", Database),
    ("mongodb", Database),
    ("mssql", Database),
    ("mysql", Database),
    ("neo4j", Database),
    ("neptune", Database),
    ("nosql", Database),
    ("opensearch", Database),
    ("oracle", Database),
    ("planetscale", Database),
    ("postgis", Database),
    ("postgres", Database),
    ("postgresql", Database),
    ("rds", Database),
    ("redshift", Database),
    ("rocksdb", Database),
    ("scylladb", Database),
    ("snowflake", Database),
    ("spanner", Database),
    ("sql", Database),
    ("sql server", Database),
    ("sqlite", Database),
    ("surrealdb", Database),
    ("tidb", Database),
    ("timescaledb", Database),
    ("timestream", Database),
    ("yugabytedb", Database),
    ("activemq", Queue),
    ("amazon mq", Queue),
    ("beanstalkd", Queue),
    ("cloud tasks", Queue),
    ("ibm mq", Queue),
    ("message queue", Queue),
    ("queue", Queue),
    ("rabbitmq", Queue),
    ("service bus", Queue),
    ("sqs", Queue),
    ("storage queue", Queue),
    ("event bus", Topic),
    ("event grid", Topic),
    ("event hub", Topic),
    ("event hubs", Topic),
    ("eventbridge", Topic),
    ("jetstream", Topic),
    ("kafka", Topic),
    ("kinesis", Topic),
    ("msk", Topic),
    ("mqtt", Topic),
    ("nats", Topic),
    ("pub sub", Topic),
    ("pubsub", Topic),
    ("pulsar", Topic),
    ("redis pub sub", Topic),
    ("redis streams", Topic),
    ("redpanda", Topic),
    ("sns", Topic),
    ("topic", Topic),
    ("azure blob", Bucket),
    ("blob", Bucket),
    ("blob storage", Bucket),
    ("bucket", Bucket),
    ("ceph", Bucket),
    ("cloud storage", Bucket),
    ("gcs", Bucket),
    ("minio", Bucket),
    ("object storage", Bucket),
    ("r2", Bucket),
    ("s3", Bucket),
    ("azure functions", Function),
    ("cloud function", Function),
    ("cloud functions", Function),
    ("cloudflare workers", Function),
    ("edge function", Function),
    ("function", Function),
    ("lambda", Function),
    ("serverless function", Function),
    ("step functions", Function),
    ("cache", Cache),
    ("elasticache", Cache),
    ("hazelcast", Cache),
    ("memcached", Cache),
    ("memorystore", Cache),
    ("redis", Cache),
    ("valkey", Cache),
    ("varnish", Cache),
    ("angular", Browser),
    ("browser", Browser),
    ("progressive web app", Browser),
    ("pwa", Browser),
    ("react", Browser),
    ("single page application", Browser),
    ("single page app", Browser),
    ("spa", Browser),
    ("svelte", Browser),
    ("vue", Browser),
    ("android", Mobile),
    ("flutter", Mobile),
    ("ios", Mobile),
    ("jetpack compose", Mobile),
    ("mobile app", Mobile),
    ("react native", Mobile),
    ("swiftui", Mobile),
];

static SHAPES: LazyLock<FxHashMap<&'static str, ElementShape>> = LazyLock::new(|| NAMES.iter().copied().collect());

/// Words after which something else is named than what the element is made with.
const ENDS: [&str; 12] = ["and", "behind", "for", "in", "on", "over", "to", "using", "via", "with", "by", "from"];

/// Words that make a program of what would be a store: a "Kafka consumer" is no topic.
const PROGRAMS: [&str; 22] = [
    "adapter",
    "api",
    "app",
    "application",
    "backend",
    "broker",
    "client",
    "connect",
    "connector",
    "consumer",
    "driver",
    "exporter",
    "gateway",
    "importer",
    "listener",
    "operator",
    "producer",
    "proxy",
    "sdk",
    "server",
    "service",
    "worker",
];

const NAME_WORDS_MAX: usize = 3;

/// The shape that a technology suggests.
///
/// ```
/// use loko_model::{ElementShape, load::technology::shape};
/// assert_eq!(shape("PostgreSQL 16"), Some(ElementShape::Database));
/// assert_eq!(shape("Rust, Axum, PostgreSQL"), None);
/// assert_eq!(shape("Kafka topic"), Some(ElementShape::Topic));
/// assert_eq!(shape("Forest"), None);
/// ```
pub fn shape(technology: &str) -> Option<ElementShape> {
    let first = technology.split([',', ';', '+', '|', '(', '&']).map(str::trim).find(|part| !part.is_empty())?;
    let lower = first.to_lowercase();
    let words: Vec<&str> = lower
        .split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .take_while(|word| !ENDS.contains(word))
        .collect();
    let (at, len, shape) =
        (0..words.len()).find_map(|at| longest(&words[at..]).map(|(len, shape)| (at, len, shape)))?;
    let outside = words[..at].iter().chain(&words[at + len..]);
    let is_program = matches!(shape, Database | Queue | Topic | Bucket | Cache)
        && outside.clone().any(|word| PROGRAMS.contains(word) && !is_server_name(&words));
    (!is_program).then_some(shape)
}

/// "SQL Server" is a product, "Redis server" runs one.
fn is_server_name(words: &[&str]) -> bool {
    words.last() == Some(&"server")
}

fn longest(words: &[&str]) -> Option<(usize, ElementShape)> {
    (1..=NAME_WORDS_MAX.min(words.len())).rev().find_map(|len| {
        let name = words[..len].join(" ");
        let known = |name: &str| SHAPES.get(name).map(|shape| (len, *shape));
        known(&name).or_else(|| known(name.trim_end_matches(|last: char| last.is_ascii_digit())))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(technology: &str, expected: &str) {
        assert_eq!(shape(technology).map_or("-", ElementShape::name), expected, "{technology}");
    }

    #[test]
    fn stores_are_seen() {
        for name in [
            "PostgreSQL",
            "Postgres 16",
            "postgres16",
            "MySQL 8",
            "Amazon DynamoDB",
            "MongoDB Atlas",
            "Oracle",
            "SQLite",
            "Amazon Aurora",
            "AWS RDS",
            "SQL Server",
            "MS SQL Server 2022",
            "Azure Cosmos DB",
            "Cloud SQL",
            "Elasticsearch",
            "DB2",
        ] {
            check(name, "database");
        }
        for name in ["Redis", "Memcached", "Amazon ElastiCache", "Redis 7 (cluster)", "Valkey"] {
            check(name, "cache");
        }
        for name in ["S3", "Amazon S3 bucket", "GCS", "Azure Blob Storage", "MinIO", "Cloudflare R2"] {
            check(name, "bucket");
        }
    }

    #[test]
    fn channels_are_seen() {
        for name in
            ["Kafka", "Kafka topic", "Amazon SNS", "NATS JetStream", "Google Pub/Sub", "Redis Streams", "EventBridge"]
        {
            check(name, "topic");
        }
        for name in ["Amazon SQS", "RabbitMQ", "Azure Service Bus", "ActiveMQ", "Message queue"] {
            check(name, "queue");
        }
    }

    #[test]
    fn programs_are_seen() {
        for name in ["AWS Lambda", "Lambda (Node.js)", "Google Cloud Functions", "Azure Functions"] {
            check(name, "function");
        }
        check("React SPA", "browser");
        check("TypeScript and React", "-");
        check("React Native", "mobile");
        check("iOS app, Swift", "mobile");
        check("Flutter", "mobile");
    }

    #[test]
    fn what_only_uses_a_store_is_none() {
        for name in [
            "",
            "Rust",
            "Rust, Axum, PostgreSQL",
            "Java and MySQL",
            "Go with Redis",
            "Forest",
            "JVM",
            "Profile",
            "Stable",
            "Reactor",
            "Kafka consumer",
            "Redis client",
            "REST over HTTP",
            "Node.js 22",
            "Spring Boot / PostgreSQL driver",
            "Tables",
            ",",
            "日本",
        ] {
            check(name, "-");
        }
    }
}
