//! The words that synthetic workspaces are made of.

/// What systems are about.
pub(super) const DOMAINS: [&str; 32] = [
    "Claims",
    "Booking",
    "Billing",
    "Customers",
    "Contracts",
    "Dispatch",
    "Energy",
    "Fleet",
    "Freight",
    "Grants",
    "Harvest",
    "Invoicing",
    "Journeys",
    "Licences",
    "Lending",
    "Maintenance",
    "Markets",
    "Metering",
    "Orders",
    "Parcels",
    "Parking",
    "Payroll",
    "Permits",
    "Planning",
    "Quality",
    "Rentals",
    "Rooms",
    "Safety",
    "Tariffs",
    "Tickets",
    "Training",
    "Waste",
];

/// Containers of a system, with their technologies.
pub(super) const CONTAINERS: [(&str, &str); 15] = [
    ("API", "Rust, Axum"),
    ("Web app", "TypeScript, React"),
    ("Database", "PostgreSQL 17"),
    ("Worker", "Go"),
    ("Event log", "Kafka topic"),
    ("Cache", "Redis 7"),
    ("Gateway", "Envoy"),
    ("Mobile app", "Kotlin"),
    ("Scheduler", "Python"),
    ("Files", "Amazon S3"),
    ("Search", "OpenSearch"),
    ("Reports", "Java, Spring Boot"),
    ("Console", "TypeScript, Vue"),
    ("Mailer", "Elixir"),
    ("Importer", "C#, .NET"),
];

/// Components of a container, with their technologies.
pub(super) const COMPONENTS: [(&str, &str); 12] = [
    ("handler", "HTTP"),
    ("service", "Module"),
    ("repository", "Rust, sqlx"),
    ("rules", "Module"),
    ("publisher", "Rust, rdkafka"),
    ("listener", "Rust, rdkafka"),
    ("mapper", "Module"),
    ("client", "gRPC"),
    ("checker", "Module"),
    ("scheduler", "Module"),
    ("cache", "In memory"),
    ("exporter", "CSV writer"),
];

/// What components are about.
pub(super) const NOUNS: [&str; 30] = [
    "Account",
    "Parcel",
    "Agreement",
    "Approval",
    "Bundle",
    "Calendar",
    "Case",
    "Charge",
    "Contact",
    "Course",
    "Deadline",
    "Shipment",
    "Discount",
    "Document",
    "Fee",
    "Inspection",
    "Item",
    "Letter",
    "Limit",
    "Location",
    "Note",
    "Offer",
    "Period",
    "Price",
    "Receipt",
    "Request",
    "Route",
    "Schedule",
    "Seat",
    "Unit",
];

/// What the source of a relation does with its target.
pub(super) const VERBS: [&str; 10] =
    ["Reads", "Stores", "Checks", "Asks for", "Updates", "Looks up", "Sends", "Confirms", "Counts", "Collects"];

/// Means of relations that wait.
pub(super) const SYNC: [&str; 4] = ["HTTPS/JSON", "gRPC", "SQL", "In process"];

/// Means of relations that don't.
pub(super) const ASYNC: [&str; 3] = ["Kafka", "AMQP", "Webhook"];

/// What people are.
pub(super) const ROLES: [&str; 10] =
    ["Citizen", "Clerk", "Driver", "Inspector", "Manager", "Auditor", "Partner", "Planner", "Resident", "Technician"];

/// Who answers for systems.
pub(super) const TEAMS: [&str; 8] = ["amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "harbour"];

/// Sentences of prose; `{}` stands for the element's name.
pub(super) const SENTENCES: [&str; 14] = [
    "{} keeps its data to itself and answers by its interface alone.",
    "What enters is checked first, and a request that makes no sense is refused with the reason.",
    "It can be restarted at any time; work that was under way goes on afterwards.",
    "When a neighbour does not answer, {} says so at once rather than waiting.",
    "The figures on the dashboard are the rate, the errors and the duration of requests.",
    "A change is made in small steps, each of which could be the last.",
    "Nothing here is specific to one customer.",
    "Most of the load comes in the first hour of a working day.",
    "Old versions of the interface are answered for ninety days.",
    "{} was split off when its tables outgrew those of its parent.",
    "Every decision it takes is written down with what it was based on.",
    "Repeating a request changes nothing, because each has a key.",
    "If the queue grows, look at the consumer before adding instances.",
    "There is one known weakness: a very long list is read at once.",
];
