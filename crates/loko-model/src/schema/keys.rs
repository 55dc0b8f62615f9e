//! The keys of what elements, relations, views, decisions and settings are. Order is the order in which documentation
//! lists them. How elements and relations behave stands in the table beside this one.

#[allow(clippy::enum_glob_use, reason = "the table reads as words")]
use super::At::*;
use super::{At, Key, Role, Takes};

const ELEMENT: &[At] = At::ELEMENTS;
const SYSTEM: &[At] = &[System];
const PARTS: &[At] = &[System, Container, Component];

const KINDS: &[&str] = &["person", "system", "external", "container", "component"];
const SHAPES: &[&str] = &["database", "queue", "topic", "bucket", "function", "cache", "browser", "mobile"];
const RELATION_KINDS: &[&str] = &["sync", "async", "event"];
const DIRECTIONS: &[&str] = &["forward", "bidirectional"];

const fn core(name: &'static str, at: &'static [At], takes: Takes, doc: &'static str) -> Key {
    Key { name, aliases: &[], at, takes, role: Role::Core, default: "", doc }
}

const fn kept(name: &'static str, at: &'static [At], takes: Takes, doc: &'static str) -> Key {
    Key { name, aliases: &[], at, takes, role: Role::Kept, default: "", doc }
}

const fn or(key: Key, aliases: &'static [&'static str]) -> Key {
    Key { aliases, ..key }
}

/// The keys.
pub(super) const KEYS: &[Key] = &[
    // Elements.
    core("id", ELEMENT, Takes::Text, "The last part of the element's id; the folder's name when it is not given."),
    core("name", ELEMENT, Takes::Text, "The name for people."),
    core("kind", ELEMENT, Takes::OneOf(KINDS), "What the element is; the marker file says it already."),
    core("description", ELEMENT, Takes::Text, "What it does, one sentence."),
    core("technology", ELEMENT, Takes::Text, "What it is made with."),
    core("tags", ELEMENT, Takes::Texts, "Labels for filters and rules."),
    core("owner", ELEMENT, Takes::Text, "The team or person that answers for it."),
    core("external", ELEMENT, Takes::Bool, "Whether it belongs to somebody else."),
    core("shape", ELEMENT, Takes::OneOf(SHAPES), "The role that shows in its drawn shape."),
    core("parent", ELEMENT, Takes::Text, "The element it is part of, when its folder does not say so."),
    core("links", ELEMENT, Takes::Links, "Links that people follow."),
    core("code", ELEMENT, Takes::Texts, "Globs of the code that it is made of."),
    core("code_annotations", ELEMENT, Takes::TextMap, "Remarks on places of the code, by path."),
    core("dependencies", ELEMENT, Takes::Texts, "Names of things it needs that are no elements."),
    core("relationships", ELEMENT, Takes::Relations, "What it uses, and how."),
    core("deployment", ELEMENT, Takes::Tables(Deployed), "Where it runs."),
    core("metadata", ELEMENT, Takes::Any, "Anything else worth keeping, as a mapping."),
    // Known from older projects.
    kept("responsibilities", ELEMENT, Takes::Any, "What it answers for."),
    kept("key_users", ELEMENT, Takes::Any, "Who uses it most."),
    kept("external_systems", ELEMENT, Takes::Any, "What it integrates with."),
    kept("primary_language", SYSTEM, Takes::Any, "The language most of it is written in."),
    kept("framework", PARTS, Takes::Any, "The framework it is built with."),
    kept("database", PARTS, Takes::Any, "Where its data lives."),
    kept("type", ELEMENT, Takes::Any, "A free word for what it is."),
    // Relations.
    core("id", &[Relation], Takes::Text, "A stable id; worked out when it is not given."),
    or(core("to", &[Relation], Takes::Text, "The element it leads to."), &["target"]),
    or(core("from", &[Relation], Takes::Text, "The element it starts at; only in files of relations."), &["source"]),
    or(core("description", &[Relation], Takes::Text, "What the source wants of the target."), &["label"]),
    core("technology", &[Relation], Takes::Text, "The protocol or means."),
    or(core("type", &[Relation], Takes::OneOf(RELATION_KINDS), "Whether the source waits."), &["kind"]),
    core("async", &[Relation], Takes::Bool, "The same as `type: async`."),
    core("event", &[Relation], Takes::Text, "The name of the event that travels."),
    core("direction", &[Relation], Takes::OneOf(DIRECTIONS), "Whether it goes both ways."),
    core("bidirectional", &[Relation], Takes::Bool, "The same as `direction: bidirectional`."),
    core("tags", &[Relation], Takes::Texts, "Labels for filters and rules."),
    // Links.
    or(core("title", &[Link], Takes::Text, "What to call it."), &["name"]),
    or(core("url", &[Link], Takes::Text, "Where it leads."), &["href"]),
    // Where an element runs, in its front matter.
    core("environment", &[Deployed], Takes::Text, "The environment's id or name."),
    core("node", &[Deployed], Takes::Text, "The path of node names, outermost first, joined by `/`."),
    core("replicas", &[Deployed, Instance], Takes::Count, "How many copies run."),
    // relationships.toml.
    core("relationships", &[RelationsFile], Takes::Tables(Relation), "The relations."),
    // patterns/applied.
    core("pattern", &[Applied], Takes::Text, "The pattern that was applied."),
    core("version", &[Applied], Takes::Text, "Its version then."),
    core("params", &[Applied], Takes::Any, "The parameters that it was applied with."),
    core(
        "given",
        &[Applied],
        Takes::Texts,
        "The parameters that were given; the others follow the pattern's defaults.",
    ),
    core("players", &[Applied], Takes::Any, "Who played each role then, in order."),
    core("made", &[Applied], Takes::Tables(Made), "The files that it made."),
    core("changed", &[Applied], Takes::Tables(Changed), "The elements that it changed."),
    core(
        "stated",
        &[Applied],
        Takes::Tables(Stated),
        "What it said of those relations, to tell what was edited since.",
    ),
    core("relationships", &[Applied], Takes::Tables(Relation), "The relations that it adds, or says more of."),
    core("element", &[Made, Changed], Takes::Text, "The element."),
    core("file", &[Made], Takes::Text, "The file, when it is no element's."),
    core("digest", &[Made], Takes::Text, "What the text was, as the first digits of its SHA-256."),
    core("text", &[Made], Takes::Text, "The text itself, of an element."),
    core("source", &[Stated], Takes::Text, "Where the relation starts."),
    core("target", &[Stated], Takes::Text, "Where it leads."),
    core("description", &[Stated], Takes::Text, "What for; nothing where only more was said of what was there."),
    core("set", &[Stated], Takes::TextMap, "All else that was said of it, as YAML."),
    core("set", &[Changed], Takes::TextMap, "The keys that were added, as YAML."),
    core("roles", &[Changed], Takes::Texts, "The entries of `patterns` that were added, as YAML."),
    core("section", &[Changed], Takes::Text, "The text that was added to its page."),
    // Deployments.
    core(
        "environment",
        &[DeploymentsFile],
        Takes::Tables(Environment),
        "The environments, when one file holds several.",
    ),
    core("id", &[Environment], Takes::Text, "The id; the file's name or the name's slug when it is not given."),
    core("name", &[Environment, Node], Takes::Text, "The name for people."),
    core("description", &[Environment, Node], Takes::Text, "What it is for."),
    core("node", &[Environment, Node], Takes::Tables(Node), "The nodes inside."),
    core("technology", &[Node], Takes::Text, "What it is made with."),
    core("tags", &[Node], Takes::Texts, "Labels for filters and rules."),
    core("count", &[Node], Takes::Count, "How many alike there are."),
    core("instance", &[Node], Takes::Tables(Instance), "What runs here."),
    core("of", &[Instance], Takes::Text, "The system or container that runs here."),
    // Views.
    core("kind", &[View], Takes::OneOf(&["dynamic", "selected"]), "What kind of view it is."),
    core("name", &[View], Takes::Text, "The title."),
    core("description", &[View], Takes::Text, "What it shows."),
    core("scope", &[View], Takes::Text, "The element on whose page it stands."),
    core("sequence", &[View], Takes::Bool, "Whether it is drawn as a sequence diagram as well."),
    core("step", &[View], Takes::Tables(Step), "The steps in order."),
    core("include", &[View], Takes::Texts, "The selectors of what a selected view shows."),
    core("exclude", &[View], Takes::Texts, "The selectors of what it leaves out."),
    core("relations", &[View], Takes::Texts, "The selectors of the relations that it draws, when not all."),
    or(core("from", &[Step], Takes::Text, "Who acts."), &["source"]),
    or(core("to", &[Step], Takes::Text, "On whom."), &["target"]),
    or(core("description", &[Step], Takes::Text, "What is said or done."), &["label"]),
    core("technology", &[Step], Takes::Text, "The protocol or means."),
    or(core("type", &[Step], Takes::OneOf(RELATION_KINDS), "Whether the source waits."), &["kind"]),
    core("response", &[Step], Takes::Bool, "Whether it answers an earlier step."),
    core("parallel", &[Step], Takes::Bool, "Whether it happens at the same time as the step before."),
    core("number", &[Step], Takes::Text, "The number to show instead of the next one."),
    // Decisions.
    core("title", &[Decision], Takes::Text, "The title; the first heading when it is not given."),
    core("status", &[Decision], Takes::Text, "Proposed, accepted, superseded …"),
    core("date", &[Decision], Takes::Text, "When it was decided."),
    core("elements", &[Decision], Takes::Texts, "The elements it is about."),
    or(kept("deciders", &[Decision], Takes::Any, "Who decided."), &["decision-makers", "decision_makers"]),
    kept("consulted", &[Decision], Takes::Any, "Who was asked."),
    kept("informed", &[Decision], Takes::Any, "Who was told."),
    kept("tags", &[Decision], Takes::Any, "Labels."),
    core("supersedes", &[Decision], Takes::Texts, "The decisions it replaces, by number or file name."),
    or(
        core("superseded_by", &[Decision], Takes::Texts, "The decision that replaces it, by number or file name."),
        &["superseded-by"],
    ),
    core("rules", &[Decision], Takes::Any, "Rules that are checked while the decision is accepted."),
    kept("id", &[Decision], Takes::Any, "The number."),
    // loko.toml.
    core("project", &[ProjectFile], Takes::Table(Project), "What the workspace is."),
    core("paths", &[ProjectFile], Takes::Table(Paths), "Where things are."),
    core("d2", &[ProjectFile], Takes::Table(D2), "How diagrams look."),
    core("outputs", &[ProjectFile], Takes::Table(Outputs), "What `build` makes."),
    core("output", &[ProjectFile], Takes::Table(Output), "The same in an older form."),
    core("build", &[ProjectFile], Takes::Table(Build), "How `build` works."),
    core("server", &[ProjectFile], Takes::Table(Server), "The ports of the servers."),
    core("aliases", &[ProjectFile], Takes::Any, "Further names of commands."),
    core(
        "moved",
        &[ProjectFile],
        Takes::Tables(Moved),
        "Elements that have another id now, for differences of revisions.",
    ),
    core("from", &[Moved], Takes::Text, "The full id that the element had."),
    core("to", &[Moved], Takes::Text, "The full id that it has."),
    kept("templates", &[ProjectFile], Takes::Any, "Templates of new elements."),
    kept("api", &[ProjectFile], Takes::Any, "The HTTP interface."),
    kept("rules", &[ProjectFile], Takes::Any, "Which checks run, and how strict."),
    kept("budgets", &[ProjectFile], Takes::Any, "Limits that the architecture keeps."),
    kept("validate", &[ProjectFile], Takes::Any, "How `validate` works."),
    kept("site", &[ProjectFile], Takes::Any, "How the documentation looks."),
    core("name", &[Project], Takes::Text, "The name for people."),
    core("description", &[Project], Takes::Text, "What it is about."),
    core("version", &[Project], Takes::Text, "The version."),
    kept("template", &[Project], Takes::Text, "The template of new elements."),
    or(core("source", &[Paths], Takes::Text, "The folder of the elements."), &["source_dir"]),
    or(core("output", &[Paths], Takes::Text, "The folder that `build` writes to."), &["output_dir"]),
    core(
        "decisions",
        &[Paths],
        Takes::Text,
        "The folder of decisions; `decisions`, `docs/decisions`, `docs/adr` and `doc/adr` are looked through anyway.",
    ),
    core("theme", &[D2], Takes::Text, "The theme's name or number."),
    core("layout", &[D2], Takes::Text, "The layout engine's name."),
    core(
        "cache",
        &[D2],
        Takes::Bool,
        "Whether `build` keeps what did not change since the last time; otherwise it makes everything anew.",
    ),
    core("html", &[Outputs], Takes::BoolOr(OutputDetail), "A web site."),
    core("markdown", &[Outputs], Takes::BoolOr(OutputDetail), "Markdown pages."),
    core("pdf", &[Outputs], Takes::BoolOr(OutputDetail), "A PDF document."),
    core("json", &[Outputs], Takes::BoolOr(OutputDetail), "The model as JSON."),
    core("toon", &[Outputs], Takes::BoolOr(OutputDetail), "The model as TOON."),
    core("enabled", &[OutputDetail], Takes::Bool, "Whether it is made."),
    kept("navigation", &[OutputDetail], Takes::Any, "Whether pages have a navigation."),
    kept("search", &[OutputDetail], Takes::Any, "Whether pages have a search."),
    core("dir", &[Output], Takes::Text, "The folder that `build` writes to."),
    core("html_enabled", &[Output], Takes::Bool, "Whether a web site is made."),
    core("markdown_enabled", &[Output], Takes::Bool, "Whether Markdown pages are made."),
    core("pdf_enabled", &[Output], Takes::Bool, "Whether a PDF document is made."),
    kept("parallel", &[Build], Takes::Bool, "Whether work is done in parallel."),
    kept("max_workers", &[Build], Takes::Count, "How many threads work."),
    core("serve_port", &[Server], Takes::Count, "The port of `serve`."),
    core("api_port", &[Server], Takes::Count, "The port of `api`."),
    core("hot_reload", &[Server], Takes::Bool, "Whether pages reload when a file changes."),
    core("hosts", &[Server], Takes::Texts, "Names that the server answers to besides this machine's own."),
];
