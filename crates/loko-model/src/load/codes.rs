//! The codes of all findings that loading makes, each stated once with what it means.

use loko_source::Severity;

/// A kind of finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// The kebab-case name.
    pub name: &'static str,
    /// How bad it is at worst.
    pub severity: Severity,
    /// What it means, a sentence or two.
    pub doc: &'static str,
}

const fn code(name: &'static str, severity: Severity, doc: &'static str) -> Code {
    Code { name, severity, doc }
}

/// All codes, sorted by name.
pub const CODES: &[Code] = &[
    code(
        "ambiguous-reference",
        Severity::Error,
        "A name could mean any of several elements. Write the full id of the one that is meant.",
    ),
    code(
        "bad-d2",
        Severity::Error,
        "A D2 file cannot be drawn. The arrows that can be read are in the model all the same.",
    ),
    code(
        "bad-date",
        Severity::Warning,
        "A decision's date has the form of a day and is none. It is shown as it is written.",
    ),
    code(
        "bad-front-matter",
        Severity::Error,
        "Front matter is not YAML, or no mapping. Entries that can be read are read; the broken one is left out.",
    ),
    code(
        "bad-selector",
        Severity::Error,
        "A selector cannot be read. The rule that it belongs to does not run; a view is drawn without it; in prose it is shown as it stands.",
    ),
    code("bad-toml", Severity::Error, "A file is not TOML. What can be read is read."),
    code("bad-value", Severity::Error, "A value is none of those that its key can have. It is ignored."),
    code(
        "containment-cycle",
        Severity::Error,
        "Elements are part of each other by their `parent`. Their folders count instead.",
    ),
    code(
        "duplicate-decision",
        Severity::Warning,
        "Two decisions of one folder have one number. A reference by that number could mean either.",
    ),
    code(
        "duplicate-id",
        Severity::Error,
        "Two elements beside each other, or two environments, have one id. The second element gets a number; the second environment is not read.",
    ),
    code("duplicate-key", Severity::Error, "A key stands twice in one mapping. The first one counts."),
    code(
        "duplicate-relation",
        Severity::Info,
        "The same relation is stated twice in one kind of place. The statements are one relation.",
    ),
    code("empty-name", Severity::Error, "A name, an id or a reference is empty or has no letter or digit."),
    code(
        "empty-source",
        Severity::Warning,
        "The source folder that `loko.toml` names is not there, or holds nothing. The workspace has no elements.",
    ),
    code("empty-view", Severity::Warning, "A view of `views/` has no steps, so there is nothing to draw."),
    code("id-differs", Severity::Warning, "An id differs from its folder. The id counts, and both find the element."),
    code(
        "kind-mismatch",
        Severity::Error,
        "Front matter says another kind than the file's name. The file's name counts.",
    ),
    code(
        "missing-key",
        Severity::Error,
        "A key is missing without which the thing means nothing. The thing is left out.",
    ),
    code(
        "no-marker",
        Severity::Info,
        "A folder below the elements holds Markdown but no file that makes it an element.",
    ),
    code("not-utf8", Severity::Error, "A file is not UTF-8. It is read as well as can be and never edited."),
    code(
        "older-key",
        Severity::Warning,
        "A key and an older word for it stand beside each other. The older one is ignored.",
    ),
    code(
        "relation-to-own-whole",
        Severity::Warning,
        "A relation joins an element with something that it is part of. It is kept, but no view can show it.",
    ),
    code(
        "second-diagram",
        Severity::Warning,
        "An element has two D2 files of its own. One is its diagram; the other is not drawn, and its arrows are relations all the same.",
    ),
    code("self-relation", Severity::Error, "A relation leads from an element to itself. It is left out."),
    code(
        "stale-record",
        Severity::Warning,
        "A record in `loko.toml` of an element that has another id now leads nowhere, or an element has the id of old. It counts for nothing.",
    ),
    code("two-markers", Severity::Error, "A folder has two files that make it an element. The outermost kind counts."),
    code("unknown-key", Severity::Warning, "A key is not known. It is kept as metadata where there is such."),
    code(
        "unknown-status",
        Severity::Warning,
        "A decision's status is nearly one of those that are known. It is shown as it is written; words of your own are fine.",
    ),
    code(
        "unresolved-decision",
        Severity::Warning,
        "A reference to a decision, in another one or in an element, means none. It is left out.",
    ),
    code("unresolved-reference", Severity::Error, "A name is no element. What it was to join is left out."),
    code(
        "wrong-kind",
        Severity::Error,
        "An element of that kind cannot stand here: only systems and containers run on nodes.",
    ),
    code(
        "wrong-parent",
        Severity::Error,
        "An element stands where its kind cannot: a component is part of a container, a container of a system, people and systems stand by themselves.",
    ),
    code(
        "wrong-type",
        Severity::Error,
        "A value is of another type than its key takes. It is ignored; numbers among texts are read as they stand.",
    ),
];
