//! The places where keys can stand.

/// States each place once: its name in code, and in words.
macro_rules! places {
    ($($variant:ident $words:literal,)*) => {
        /// Where a key can stand.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        #[allow(missing_docs, reason = "each variant is the place of its name")]
        pub enum At {
            $($variant,)*
        }

        impl At {
            /// All places.
            pub const ALL: &'static [At] = &[$(At::$variant,)*];

            /// The place in words: "a container", "a relation".
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $words,)*
                }
            }
        }
    };
}

places! {
    Person "a person",
    System "a system",
    Container "a container",
    Component "a component",
    Relation "a relation",
    Link "a link",
    Deployed "a deployment of an element",
    RelationsFile "a file of relations",
    DeploymentsFile "a file of deployments",
    Environment "an environment",
    Node "a deployment node",
    Instance "an instance",
    View "a view",
    Step "a step",
    Decision "a decision",
    ProjectFile "loko.toml",
    Project "`[project]`",
    Paths "`[paths]`",
    D2 "`[d2]`",
    Outputs "`[outputs]`",
    OutputDetail "a table of `[outputs]`",
    Output "`[output]`",
    Build "`[build]`",
    Server "`[server]`",
    Moved "`[[moved]]`",
    Timeout "`timeout`",
    Retry "`retry`",
    RetryBudget "`retry.budget`",
    Breaker "`breaker`",
    Outlier "`breaker.outlier`",
    Bulkhead "`bulkhead`",
    RateLimit "`rate_limit`",
    Cache "`cache`",
    Queue "`queue`",
    DeadLetter "`dead_letter`",
    Hedge "`hedge`",
    Fallback "`fallback`",
    ServiceTime "`service_time`",
    ColdStart "`cold_start`",
    Pool "`pool`",
    Shedding "`load_shedding`",
    Balancing "`load_balancing`",
    Resources "`resources`",
    Amounts "an amount of resources",
    Autoscaling "`autoscaling`",
    Strategy "`deployment_strategy`",
    Slo "`slo`",
    Cost "`cost`",
    CostItem "an item of `cost`",
    Data "`data`",
    Auth "`auth`",
    Secret "a secret",
    Event "an event",
    Consumed "a consumed event",
    Aggregate "an aggregate",
    Sharding "`sharding`",
    Saga "`saga`",
    SagaStep "a step of a saga",
    SagaPart "`saga_step`",
    Health "`health`",
    Trigger "a trigger",
    Played "a pattern",
    Logging "`logging`",
    Metrics "`metrics`",
    Tracing "`tracing`",
    Testing "`tests`",
    Migrations "`migrations`",
    Api "`api`",
    Upload "`upload`",
    Jobs "`jobs`",
    Batching "`batching`",
    LanguageModel "`language_model`",
    Budget "`budget`",
    Election "`leader_election`",
    Spot "`spot`",
    Context "a bounded context",
    ContextsFile "a file of contexts",
    ContextRelation "a relation of contexts",
    Applied "the record of a pattern",
    Made "something that a pattern made",
    Changed "something that a pattern changed",
    Stated "something that a pattern said of a relation",
}

impl At {
    /// The places where elements are described.
    pub const ELEMENTS: &'static [At] = &[At::Person, At::System, At::Container, At::Component];

    /// Whether a key that nobody knows is kept there.
    pub fn keeps_unknown(self) -> bool {
        Self::ELEMENTS.contains(&self) || self == Self::Relation || self >= Self::Timeout
    }
}
