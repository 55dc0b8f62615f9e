//! All codes that findings can have: those of loading, of rules, of prose, and of the checking itself.

use crate::rule::Rule;
use crate::rules;
use loko_model::load::CODES;
use loko_source::Severity;

/// What is known of a code.
#[derive(Clone, Copy, Debug)]
pub struct Code {
    /// Its name.
    pub name: &'static str,
    /// How bad it is at worst when nobody says otherwise.
    pub severity: Severity,
    /// What it means.
    pub doc: &'static str,
    /// The rule that finds it, when it is a rule.
    pub rule: Option<&'static Rule>,
}

const fn code(name: &'static str, severity: Severity, doc: &'static str) -> Code {
    Code { name, severity, doc, rule: None }
}

/// The codes of prose, and of the checking itself.
const OWN: &[Code] = &[
    code(
        "broken-link",
        Severity::Warning,
        "A link in prose or in `links` leads to no file, element or page, or to no heading of it.",
    ),
    code(
        "circular-layers",
        Severity::Error,
        "A layer stands above and below itself. The order of such layers means nothing.",
    ),
    code("d2-in-prose", Severity::Error, "A D2 diagram in prose cannot be drawn."),
    code(
        "empty-selector",
        Severity::Error,
        "A selector picks nothing, so the rule, view or table that it belongs to is about nothing. Often a name was misspelt or is gone.",
    ),
    code("expired-waiver", Severity::Warning, "The last day of a waiver is over. What it waived is told again."),
    code(
        "scenario",
        Severity::Error,
        "A scenario cannot be simulated: it has a key that is not known or a value that cannot be read, or names what is not in the model.",
    ),
    code(
        "stale-baseline",
        Severity::Error,
        "A finding of the baseline is not found any more. The baseline has to shrink with it, so that the finding cannot come back unseen.",
    ),
    code("unknown-rule", Severity::Error, "A setting or a waiver names a rule that does not exist."),
    code("unreadable-file", Severity::Error, "A file of the workspace cannot be read from the disk."),
    code(
        "unfetched-file",
        Severity::Warning,
        "A picture or the like is only a pointer of Git LFS to the file, which was not fetched.",
    ),
    code(
        "unstable-queue",
        Severity::Error,
        "The load of a scenario is more than an element can ever do, so its queue grows without end.",
    ),
    code("unused-waiver", Severity::Warning, "A waiver waives nothing. It can go."),
    code("waiver-without-reason", Severity::Error, "A waiver does not say why, or cannot be read. It waives nothing."),
];

/// Other words for codes that loading uses.
const ALIASES: [(&str, &str); 3] = [
    ("dangling-reference", "unresolved-reference"),
    ("orphaned-relationship", "unresolved-reference"),
    ("invalid-graph", "unresolved-reference"),
];

/// All codes, sorted by name.
pub fn all() -> Vec<Code> {
    let loading = CODES.iter().map(|known| code(known.name, known.severity, known.doc));
    let ruled = rules::ALL.iter().map(|(name, rule)| Code {
        name,
        severity: rule.severity,
        doc: rule.summary,
        rule: Some(rule),
    });
    let mut all: Vec<Code> = loading.chain(ruled).chain(OWN.iter().copied()).collect();
    all.sort_by_key(|code| code.name);
    all
}

/// The code of a name; underscores are hyphens, and older words are understood.
pub fn find(name: &str) -> Option<Code> {
    let name = name.trim().to_ascii_lowercase().replace('_', "-");
    let of_rule = rules::ALL.iter().find(|(_, rule)| rule.aliases.contains(&name.as_str())).map(|(code, _)| *code);
    let name =
        of_rule.or_else(|| ALIASES.iter().find(|(alias, _)| *alias == name).map(|(_, code)| *code)).unwrap_or(&name);
    all().into_iter().find(|code| code.name == name)
}

/// The codes of drift: what `--check-drift` looks at.
pub fn drift() -> Vec<&'static str> {
    let of_rules = rules::ALL.iter().filter(|(_, rule)| rule.group == crate::rule::Group::Drift).map(|(code, _)| *code);
    ["unresolved-reference", "ambiguous-reference"].into_iter().chain(of_rules).collect()
}
