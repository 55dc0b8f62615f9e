//! The prose that new elements start with: headings worth filling in, each with a question as a Markdown comment, which
//! no page shows.

use super::Refusal;
use crate::Kind;
use loko_source::Diagnostic;
use loko_source::suggest::did_you_mean;

/// Which headings a new element's page starts with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each variant is the subject of its name")]
pub enum Template {
    Compute,
    Datastore,
    Messaging,
    Api,
    Event,
    Storage,
    Generic,
}

/// A heading and the question below it.
type Section = (&'static str, &'static str);

/// Words of a technology that say what the element's page should speak of; the first template with a hit wins.
const WORDS: [(Template, &[&str]); 6] = [
    (
        Template::Compute,
        &[
            "lambda",
            "function",
            "functions",
            "serverless",
            "ec2",
            "docker",
            "ecs",
            "eks",
            "vm",
            "kubernetes",
            "fargate",
            "cron",
            "worker",
            "wasm",
        ],
    ),
    (
        Template::Datastore,
        &[
            "database",
            "db",
            "sql",
            "nosql",
            "table",
            "dynamodb",
            "postgres",
            "postgresql",
            "mysql",
            "mariadb",
            "sqlite",
            "oracle",
            "mongodb",
            "cassandra",
            "redis",
            "valkey",
            "memcached",
            "elasticache",
            "aurora",
            "rds",
            "elasticsearch",
            "opensearch",
            "neo4j",
            "clickhouse",
            "snowflake",
            "bigquery",
            "cockroachdb",
        ],
    ),
    (
        Template::Messaging,
        &[
            "sqs", "sns", "queue", "topic", "pubsub", "kafka", "rabbitmq", "amqp", "nats", "kinesis", "pulsar", "mqtt",
            "redpanda",
        ],
    ),
    (
        Template::Api,
        &[
            "api", "rest", "graphql", "grpc", "endpoint", "gateway", "http", "fastapi", "express", "gin", "axum",
            "actix", "spring", "rails", "django", "flask", "openapi", "soap",
        ],
    ),
    (Template::Event, &["eventbridge", "event", "events", "trigger", "schedule", "scheduler", "webhook"]),
    (
        Template::Storage,
        &["s3", "bucket", "storage", "file", "files", "efs", "ebs", "blob", "gcs", "minio", "cloudfront", "cdn"],
    ),
];

impl Template {
    /// The templates that an element may start with, by name.
    pub const ELEMENT: [(&'static str, Template); 7] = [
        ("compute", Template::Compute),
        ("datastore", Template::Datastore),
        ("messaging", Template::Messaging),
        ("api", Template::Api),
        ("event", Template::Event),
        ("storage", Template::Storage),
        ("generic", Template::Generic),
    ];

    /// The templates that a workspace may prefer, by name; the first is the default.
    pub const PROJECT: [&'static str; 2] = ["standard-3layer", "serverless"];

    /// The name of a workspace's template, checked.
    pub(super) fn for_project(name: Option<&str>) -> Result<&'static str, Refusal> {
        let Some(name) = name else { return Ok(Self::PROJECT[0]) };
        Self::PROJECT.into_iter().find(|known| *known == name).ok_or_else(|| unknown(name, &Self::PROJECT))
    }

    /// The template of a name, checked. A workspace's template may be named for an element too: the element's
    /// technology then decides, and `None` is returned.
    pub(super) fn for_element(name: &str) -> Result<Option<Self>, Refusal> {
        if Self::PROJECT.contains(&name) {
            return Ok(None);
        }
        let found = Self::ELEMENT.iter().find(|(known, _)| *known == name);
        let mut names: Vec<&str> = Self::ELEMENT.iter().map(|(name, _)| *name).collect();
        names.extend(Self::PROJECT);
        found.map(|(_, template)| Some(*template)).ok_or_else(|| unknown(name, &names))
    }

    /// The template that a technology speaks for, whole words compared.
    pub fn of_technology(technology: &str) -> Self {
        let lower = technology.to_lowercase();
        let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
        WORDS
            .iter()
            .find(|(_, known)| words.iter().any(|word| known.contains(word)))
            .map_or(Self::Generic, |(template, _)| *template)
    }

    fn sections(self) -> &'static [Section] {
        match self {
            Self::Compute => &[
                ("What starts it", "Requests, a schedule, messages, events? How often, and in what bursts?"),
                ("Work", "What does one run do, step by step, and what does it change?"),
                ("Limits", "Time-out, memory, how many run at once, and what happens above that."),
                ("When it fails", "Is a run safe to repeat? Where do failed runs end up, and who looks?"),
            ],
            Self::Datastore => &[
                ("What it holds", "The main records, whose they are, and which of them are personal."),
                ("Access", "Who writes, who reads, and by which keys or queries."),
                ("Consistency", "What must never be seen half done? Which copies may lag, and by how much?"),
                ("Keeping", "Growth, retention, backup, and how long a restore takes."),
            ],
            Self::Messaging => &[
                ("Messages", "What travels here, who sends it, and who acts on it."),
                ("Guarantees", "At least once, at most once? In which order? What makes handling twice harmless?"),
                ("When it fills up", "How long may a message wait, and what happens to those that cannot be handled?"),
            ],
            Self::Api => &[
                ("Operations", "What callers can ask of it, and where the contract is written down."),
                ("Callers", "Who may call, and how they prove who they are."),
                ("Promises", "Latency and availability that callers may count on; limits they must keep."),
                ("Change", "How the contract changes without breaking those who use it."),
            ],
            Self::Event => &[
                ("Events", "What happened, in the past tense; who announces it, and what it carries."),
                ("Routing", "Which rules decide who hears of it."),
                ("Replay", "Can old events be sent again, and what would that do?"),
            ],
            Self::Storage => &[
                ("What it keeps", "Which files, how large, how many, under which names."),
                ("Access", "Who may read and write, and through what."),
                ("Keeping", "When files move to cheaper storage or go; how they are brought back."),
            ],
            Self::Generic => &[
                ("Responsibilities", "What it answers for, and what it leaves to others."),
                ("How it works", "The few things one must know before changing it."),
            ],
        }
    }
}

const PERSON: &[Section] = &[
    ("Goals", "What do they want to get done, and how do they know that it worked?"),
    ("How they work with it", "How often, from where, and with which device or skill."),
];

const SYSTEM: &[Section] = &[
    ("Purpose", "Whose problem does it solve, and what would they do without it?"),
    ("Responsibilities", "What it answers for, and what it leaves to others."),
    ("Qualities that matter", "The two or three that decided the design: speed, cost, safety, ease of change."),
];

const SYSTEM_SERVERLESS: &[Section] = &[
    ("Purpose", "Whose problem does it solve, and what would they do without it?"),
    ("Events and triggers", "What sets it in motion, and what it announces to others."),
    ("Cost and limits", "What one unit of work costs, and which quotas of the provider it lives within."),
];

const EXTERNAL: &[Section] = &[
    ("What we use it for", "Which of its abilities, and what we do when it is away."),
    ("Agreement", "Who runs it, where its contract and its support are found."),
];

/// The prose below the front matter of a new element.
pub(super) fn body(kind: Kind, external: bool, template: Template, project_template: &str) -> String {
    let sections = match kind {
        Kind::Person => PERSON,
        Kind::System if external => EXTERNAL,
        Kind::System if project_template == "serverless" => SYSTEM_SERVERLESS,
        Kind::System => SYSTEM,
        Kind::Container | Kind::Component => template.sections(),
    };
    let sections: Vec<String> =
        sections.iter().map(|(heading, question)| format!("## {heading}\n\n<!-- {question} -->\n")).collect();
    sections.join("\n")
}

fn unknown(name: &str, known: &[&str]) -> Refusal {
    let list: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
    let mut diagnostic = Diagnostic::error("unknown-template", format!("there is no template `{name}`"))
        .note(format!("the templates are {}", list.join(", ")));
    diagnostic.help = did_you_mean(name, known.iter().copied()).map(Into::into);
    Refusal::not_found(diagnostic)
}
